"""A number of a point may be an expression: it has a float, and as many digits as one asks for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from adcli.errors import AdcliError, DomainError, PointError
from adcli.language.number_reader import read_number
from adcli.ops import Big, Exact, mp_context


def number(text: str) -> float:
    return read_number(text, 0, len(text), "--at")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("-.5e1", -5.0),
        ("pi/3 + 0.1", math.pi / 3 + 0.1),
        ("if 1 < 2 then 3 else ln(-1)", 3.0),
        ("if 1 > 2 and ln(-1) > 0 then 1 else 2", 2.0),
        ("a = 2; f(u) = u^a; f(3)", 9.0),
        ("1/exp(1000)", 0.0),
    ],
)
def test_value(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("pi/3 + 0.1", lambda: mpmath.pi / 3 + mpmath.mpf("0.1")),
        ("e^0.3", lambda: mpmath.exp(mpmath.mpf("0.3"))),
        ("sqrt(2)*1e-30", lambda: mpmath.sqrt(2) * mpmath.mpf("1e-30")),
        ("2 - 0.12345678901234567890123", lambda: 2 - mpmath.mpf("0.12345678901234567890123")),
    ],
)
def test_an_expression_has_any_number_of_digits(text: str, exact: Callable[[], Any]) -> None:
    found = number(text)
    assert isinstance(found, Exact)
    with mpmath.workdps(60):
        digits = mpmath.mpf(found.of(Big(mp_context(50).one)).number._mpf_)
        assert abs(digits / exact() - 1) < mpmath.mpf(10) ** -47


@pytest.mark.parametrize(
    ("text", "error", "what", "under"),
    [
        ("2*ln(1 - 2)", DomainError, "ln is undefined at 1 - 2 = -1", "ln(1 - 2)"),
        ("1/(2 - 2)", DomainError, "division by zero", "1/(2 - 2)"),
        ("exp(1000)", PointError, "not a finite number", "exp(1000)"),
        ("x + 1", PointError, "x has no value here", "x + 1"),
        ("[1, 2]", PointError, "this is a list", "[1, 2]"),
    ],
)
def test_what_has_no_value_is_underlined(text: str, error: type[AdcliError], what: str, under: str) -> None:
    with pytest.raises((error, PointError), match=what) as caught:
        number(text)
    place = caught.value.place
    assert place is not None
    assert place.text[place.start : place.end] == under
