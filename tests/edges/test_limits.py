"""Limits of values: when they are searched for."""

from __future__ import annotations

import math
import pickle

import pytest

import adcli
from adcli.errors import DomainError


def test_a_limit_is_searched_for_only_when_the_hint_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[str] = []

    def search(hint: str, _: object) -> str:
        searches.append(hint)
        return f"a limit; {hint}"

    monkeypatch.setattr("adcli.edges.limit_hint", search)
    with pytest.raises(DomainError) as caught:
        adcli.formula("sin(x)/x")(x=0)
    assert searches == []
    assert str(caught.value).endswith("a limit; try another --at")
    assert caught.value.as_dict()["hint"] == "a limit; try another --at"
    assert pickle.loads(pickle.dumps(caught.value)).hint == "a limit; try another --at"
    assert len(searches) == 1


def test_a_derivative_as_a_limit_follows_every_row() -> None:
    """Of rows past no edge, too: (3 y + cbrt(y))^3 = y (1 + 3 y^(2/3))^3 has the derivative 1 at 0."""
    f = adcli.formula("(3*y + cbrt(y))^3")
    assert f.gradient(y=0, limit=True)["y"] == 1
    assert "with --limit it is 1" in str(f.gradient(y=0).notes)
    assert math.isnan(adcli.formula("sqrt(expm1(x))").gradient(x=1e160, limit=True)["x"] or 0.0)


@pytest.mark.parametrize(
    ("text", "slope"),
    [("fmod(2 - y, 1/abs(y))", -1), ("mod(y, 1/y)", 1), ("remainder(2 - y, 1/abs(y))", -1), ("mod(2, 1/abs(y))", 0)],
)
def test_a_remainder_by_an_infinite_divisor_moves_with_its_dividend(text: str, slope: float) -> None:
    assert adcli.formula(text).gradient(y=0, limit=True)["y"] == slope


def test_a_logarithm_goes_to_its_limit_slower_than_a_power() -> None:
    with pytest.raises(
        DomainError, match="no power series gives a limit"
    ):  # 1/log2(1/|y|): 0, with slopes -inf and inf
        adcli.formula("log(2, 1/abs(y))").gradient({"y": 0.0}, limit=True)


def test_an_infinite_argument_beside_a_finite_one_decides_no_limit() -> None:
    """ln(e^y + e^(-1/|y|)) is y but for terms that vanish: its slope is 1, not 0."""
    with pytest.raises(DomainError, match="no power series gives a limit"):
        adcli.formula("logaddexp(y, -1/abs(y))").gradient(y=0, limit=True)
