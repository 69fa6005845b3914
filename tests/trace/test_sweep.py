"""Forward and reverse mode agree at the edges, and what they say there."""

from __future__ import annotations

import math
import random

import pytest
from mpmath import mp

import adcli
from adcli import ops
from adcli.derive.gradient import Gradient
from adcli.errors import DomainError, UsageError
from adcli.language.nodes import constant_node
from adcli.language.point import as_point
from adcli.language.reader import CONSTANTS
from adcli.language.writer import to_text
from tests.reference.formulas import Choices, random_formula
from tests.test_accuracy import EPS, kind, path_sums

NAMES = ("x", "y", "z")
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, 1e308, -1e308, 1e-308, 5e-324, 1e154, 710.0, -745.0)
WITH_CONDITIONS = [op for op in ops.TABLE if not op.condition]


@pytest.mark.long
def test_modes_agree_in_class_at_edges() -> None:
    """Finite, 0, +-inf, NaN, undefined: the same in both modes, with a note if one order overflowed."""
    checked, seen = 0, set()
    for seed in range(5000):
        rng = random.Random(seed)
        node = random_formula(
            Choices(rng.randbytes(200)), 1 + rng.randrange(7), NAMES, WITH_CONDITIONS,
            lambda choices: constant_node(choices.one(EDGES)),
        )  # fmt: skip
        at = {name: rng.choice(EDGES) for name in NAMES}
        f = adcli.formula(to_text(node))
        point = {name: at[name] for name in f.variables}
        found: list[Gradient] = []
        try:
            found = [f.gradient(point, mode=mode) for mode in ("forward", "reverse", "both")]
        except DomainError:
            continue
        forward, reverse, both = found
        for name in f.variables:
            a, b = forward[name], reverse[name]
            seen |= {kind(a), kind(b)}
            checked += 1
            assert both[name] == b or kind(both[name]) == kind(b) == "nan"
            if kind(a) != kind(b):
                paths = path_sums(f, at)[name]
                cancelled = {kind(a), kind(b)} == {"zero", "finite"} and abs((a or 0) - (b or 0)) <= max(
                    8 * EPS * paths, 1e-320
                )
                assert cancelled, (seed, to_text(node), point, name, a, b)
            if kind(a) in ("nan", "undefined", "inf", "-inf"):
                assert forward.notes, (seed, to_text(node), point, name, a)
                assert reverse.notes, (seed, to_text(node), point, name, b)
        different = {n.kind for n in forward.notes} ^ {n.kind for n in reverse.notes}
        assert different <= {"overflow", "cancellation"}, (seed, to_text(node), point)  # in one order only
    assert checked > 2000
    assert seen == {"undefined", "nan", "inf", "-inf", "zero", "finite"}


def gradients(text: str, wrt: tuple[str, ...] = (), /, **at: float) -> Gradient:
    """Return the gradient, after checking that every mode gives it."""
    f = adcli.formula(text)
    found = [f.gradient(at, mode=mode, wrt=wrt) for mode in ("forward", "reverse", "both")]
    assert len({repr(g.as_dict()) for g in found}) == 1
    assert len({tuple((n.kind, n.text) for n in g.notes) for g in found}) == 1
    return found[0]


def test_power_of_a_negative_base_has_no_slope_by_its_exponent() -> None:
    found = gradients("x^y", x=-2, y=3)
    assert found.value == -8
    assert found.as_dict() == {"x": 12.0, "y": None}
    assert [n.kind for n in found.notes] == ["undefined"]
    assert not found.complete
    asked = gradients("x^y", ("x",), x=-2, y=3)
    assert asked.as_dict() == {"x": 12.0}
    assert not asked.notes
    assert asked.complete


def test_what_does_not_exist_is_not_zero_in_a_trace() -> None:
    """The rule of polygamma by its order, which is a whole number, is 0."""
    trace = adcli.formula("polygamma(2*n, x)").trace({"n": 1, "x": 2}, mode="reverse")
    adjoints = {row.formula: row.adjoint for row in trace.rows}
    assert all(math.isnan(adjoints[name] or 0) for name in ("n", "2*v-1"))
    assert adjoints["x"] == pytest.approx(float(mp.polygamma(3, 2)))


@pytest.mark.parametrize("x", [0.0, -0.0, 2.0, -3.0, 1e308, 5e-324])
def test_power_zero_has_slope_zero_everywhere(x: float) -> None:
    found = gradients("x^0", x=x)
    assert (found.value, found.as_dict(), found.notes) == (1.0, {"x": 0.0}, ())


def test_what_a_variable_does_not_reach_has_slope_zero() -> None:
    """Structural zeros: never 0*inf."""
    assert gradients("sqrt(x) + 0*y", x=1, y=5).as_dict() == {"x": 0.5, "y": 0.0}
    assert gradients("a = y^2; sqrt(x) + (if x > -1 then 1 else a*exp(z))", x=0, y=2, z=1).as_dict() == {
        "x": math.inf, "y": 0.0, "z": 0.0,
    }  # fmt: skip
    assert gradients("if x < 1 then x else ln(y)", x=0, y=-1).as_dict() == {"x": 1.0, "y": 0.0}
    assert gradients("x*y", ("y",), x=3, y=4).as_dict() == {"y": 3.0}


def test_zero_times_infinity_stays_nan_with_a_hint() -> None:
    found = gradients("sqrt(x^2)", x=0)
    assert math.isnan(found["x"] or 0)
    assert "nan" in {n.kind for n in found.notes}
    assert any("abs(x)" in n.hint for n in found.notes)
    assert not found.complete


def test_an_overflow_on_the_way_is_noted() -> None:
    found = gradients("1/exp(x)", x=1000)
    assert found.value == 0
    assert "overflow" in {n.kind for n in found.notes}
    assert any(n.place and n.place.text[n.place.start : n.place.end] == "exp(x)" for n in found.notes)
    assert any("softplus(x)" in n.hint for n in gradients("ln(1 + exp(x))", x=1000).notes)


@pytest.mark.parametrize(
    ("text", "x", "slope", "note"),
    [
        ("floor(x)", 2.0, None, "jump"),
        ("ceil(x)", 2.0, None, "jump"),
        ("sign(x)", 0.0, None, "jump"),
        ("round(x)", 0.5, None, "jump"),
        ("floor(x)", 2.5, 0.0, ""),
        ("sqrt(x)", 0.0, math.inf, "end"),
        ("x^0.5", 0.0, math.inf, "end"),
        ("asin(x)", 1.0, math.inf, "end"),
        ("acos(x)", 1.0, -math.inf, "end"),
        ("acosh(x)", 1.0, math.inf, "end"),
        ("abs(x)", 0.0, 0.0, "kink"),
        ("relu(x)", 0.0, 0.5, "kink"),
        ("max(x, 2*x)", 0.0, 1.5, "kink"),
        ("cbrt(x)", 0.0, math.inf, "pole"),
        ("1/x", 1e-200, -math.inf, "overflow"),  # -1e400
        ("x^-3", 1e-100, -math.inf, "overflow"),  # -3e400
        ("gamma(x)", 171.6, math.inf, "overflow"),  # 8.1551e308, by mpmath
        ("ln(x)", 1e-320, math.inf, "overflow"),  # 1e320
        ("if x < 1 then x else x^2", 1.0, 1.5, "kink"),
    ],
)
def test_slope_and_note_at_an_edge(text: str, x: float, slope: float | None, note: str) -> None:
    found = gradients(text, x=x)
    assert found["x"] == slope
    assert [n.kind for n in found.notes] == [note] * bool(note)
    assert found.complete == (slope is not None)


def test_hypot_at_the_origin() -> None:
    found = gradients("hypot(x, y)", x=0, y=0)
    assert found.as_dict() == {"x": 0.0, "y": 0.0}
    assert [n.kind for n in found.notes] == ["kink"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("ln(x)", {"x": -1}),
        ("x/y", {"x": 0, "y": 0}),
        ("x^0.5", {"x": -2}),
        ("0*ln(x)", {"x": -1}),
        ("x^-1", {"x": 0}),
    ],
)
def test_outside_the_domain_is_an_error_with_a_place(text: str, at: dict[str, float]) -> None:
    for mode in ("forward", "reverse"):
        with pytest.raises(DomainError) as caught:
            adcli.formula(text).gradient(at, mode=mode)
        assert caught.value.place
        assert caught.value.exit_code == 1


def test_only_the_taken_branch_counts() -> None:
    assert gradients("if x > 0 then ln(x) else -x", x=-2).as_dict() == {"x": -1.0}
    assert gradients("if x > 0 and ln(x) > 0 then 2*x else 3*x", x=-2).as_dict() == {"x": 3.0}
    assert gradients("if x < 0 or 1/x > 0 then 2*x else 3*x", x=-2).as_dict() == {"x": 2.0}


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("(((1e200*x)*1e200)*1e-200)*1e-200", 1.0),
        ("(((1e-200*x)*1e-200)*1e200)*1e200", 1.0),
        ("(1e300*x/1e300)*1e10*1e-10", 1.0),
    ],
)
def test_a_chain_that_leaves_the_range_in_one_order_is_noted(text: str, slope: float) -> None:
    """The same class in both modes, with a note where a product on the way overflowed or vanished."""
    f = adcli.formula(text)
    forward, reverse = (f.gradient(x=1e-5, mode=mode) for mode in ("forward", "reverse"))
    for found in (forward, reverse):
        assert found["x"] == pytest.approx(slope, rel=1e-15)
    if "1e300" not in text:
        assert any(n.kind == "overflow" for n in (*forward.notes, *reverse.notes))
    else:
        assert not forward.notes


def test_constants_have_no_slopes() -> None:
    found = adcli.formula("2*pi + e").gradient()
    assert found.value == 2 * math.pi + CONSTANTS["e"]
    assert found.as_dict() == {}


def test_auto_is_forward_for_up_to_three_variables() -> None:
    f = adcli.formula("x*y*z + a")
    at = {"x": 1.0, "y": 2.0, "z": 3.0, "a": 4.0}
    assert f.gradient(at).mode == "reverse"
    assert f.gradient(at, wrt=("x", "y", "z")).mode == "forward"
    assert f.gradient(at, mode="forward").mode == "forward"
    with pytest.raises(UsageError, match="sideways is not a mode"):
        f.gradient(at, mode="sideways")


def test_no_number_is_not_a_complete_answer() -> None:
    f = adcli.formula("exp(x) - exp(x)")
    assert not f.values(as_point({"x": 1000.0}))[0].complete
    assert f.values(as_point({"x": 1000.0}))[0].formula == "exp(x) - exp(x)"
    assert f.values(as_point({"x": 1.0}))[0].complete
