"""Values and gradients from books, articles and other programs; each case in cases.json names its source."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import adcli
from adcli.derive.gradient import Gradient

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("reference").joinpath("cases.json").read_text("utf-8")
)
SMOOTH = [case for case in CASES if case.get("kind") != "edge"]
EDGES = {case["id"]: case for case in CASES if case.get("kind") == "edge"}
MODES = ("forward", "reverse")
RELATIVE = 1e-12
PRINTED = 1e-10  # the value of a case with a kind has as many digits as its source prints
INF = math.inf


def of(case: dict[str, Any], mode: str) -> Gradient:
    return adcli.formula(case["formula"]).gradient(case["at"], mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", SMOOTH, ids=lambda case: case["id"])
def test_case(case: dict[str, Any], mode: str) -> None:
    gradient = of(case, mode)
    if case.get("value") is not None:
        assert gradient.value == pytest.approx(case["value"], rel=PRINTED if case.get("kind") else RELATIVE, abs=0)
    absolute = case.get("grad_abs_tol", {})
    for name, expected in (case.get("grad") or {}).items():
        assert gradient[name] == pytest.approx(expected, rel=RELATIVE, abs=absolute.get(name, 0)), name


# What adcli says where a formula is not smooth: value, gradient, and the kinds of the notes.
# A kink has the mean of its two slopes; where the sides agree there is nothing to say.
SAID: dict[str, tuple[float, dict[str, float | None], list[str]]] = {
    "x^0@0": (1.0, {"x": 0.0}, []),
    "pow-xy-(0,2)": (0.0, {"x": 0.0, "y": 0.0}, []),
    "pow-xy-(-2,3)": (-8.0, {"x": 12.0, "y": None}, ["undefined"]),
    "forwarddiff-pow-(0,1.5)": (0.0, {"x": 0.0, "y": 0.0}, ["end"]),
    "where-347": (0.0, {"x": 1.0}, []),
    "abs0": (0.0, {"x": 0.0}, ["kink"]),
    "max-tie": (0.0, {"x": 0.5}, ["kink"]),
    "relu-identity": (0.0, {"x": 1.0}, []),
    "branch-constant": (4.0, {"x": 4.0}, []),
    "sqrt0": (0.0, {"x": INF}, ["end"]),
    "unc-0^1.5": (0.0, {"x": 0.0}, ["end"]),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SAID)
def test_edge(name: str, mode: str) -> None:
    gradient = of(EDGES[name], mode)
    value, partials, kinds = SAID[name]
    assert gradient.value == value
    assert gradient.as_dict() == partials
    assert [note.kind for note in gradient.notes] == kinds


@pytest.mark.parametrize("mode", MODES)
def test_a_derivative_that_cancels_in_one_order_only_is_the_other(mode: str) -> None:
    gradient = of(EDGES["codipack-46"], mode)
    assert (gradient.value, gradient["x"]) == (0.0, 1.0)
    assert {note.kind for note in gradient.notes} == {"cancellation"}


@pytest.mark.parametrize("mode", MODES)
def test_an_overflow_on_the_way_is_said(mode: str) -> None:
    gradient = of(EDGES["softplus1000"], mode)
    assert gradient.value == INF
    assert not gradient.complete
    assert "overflow" in {note.kind for note in gradient.notes}


@pytest.mark.parametrize("mode", MODES)
def test_zero_times_infinity_is_said(mode: str) -> None:
    gradient = of(EDGES["norm2-0"], mode)
    assert gradient.value == 0
    assert all(d is not None and math.isnan(d) for d in gradient.as_dict().values())
    assert any("hypot(x, y)" in str(note) for note in gradient.notes)


def test_outside_the_domain_there_is_no_answer() -> None:
    with pytest.raises(adcli.AdcliError, match=r"ln is undefined at x = -1 \(needs x > 0\)"):
        of(EDGES["ln-neg"], "forward")


def test_every_edge_case_is_judged() -> None:
    assert EDGES.keys() == {*SAID, "codipack-46", "softplus1000", "norm2-0", "ln-neg"}
