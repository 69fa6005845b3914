"""Where digits cancel there is a note, and only there; a sum of exact terms is added with twice the digits."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

import adcli
from adcli import ops
from adcli.ops.rounded import lost
from adcli.ops.twofold import Twofold, product_error, sum_error

MIDDLE = st.floats(min_value=-1e30, max_value=1e30).filter(lambda x: x == 0 or abs(x) > 1e-30)
FLOATS = st.floats(min_value=-1e100, max_value=1e100, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-100)


@given(FLOATS, FLOATS)
def test_what_a_sum_and_a_product_lose_is_exact(a: float, b: float) -> None:
    assert Fraction(a + b) + Fraction(sum_error(a, b, a + b)) == Fraction(a) + Fraction(b)
    if a * b == 0 or abs(a * b) > 1e-200:
        assert Fraction(a * b) + Fraction(product_error(a, b, a * b)) == Fraction(a) * Fraction(b)


def test_what_a_product_loses_is_not_asked_near_the_ends_of_the_range() -> None:
    for a, b in ((1e300, 1e-100), (-1e-100, 1e300), (1e-150, 1e-150), (1e150, 1e145)):
        assert product_error(a, b, a * b) == 0.0


@given(MIDDLE, MIDDLE, MIDDLE, MIDDLE)
def test_a_twofold_number_has_twice_the_digits(a: float, b: float, c: float, d: float) -> None:
    third = Twofold(1.0) * (1 / 3) + Twofold(1.0) * -(1 / 3) + Twofold(1e-20)
    assert float(third) == 1e-20
    got = (Twofold(a) * b + Twofold(c) * d) * b
    one, two = Fraction(a) * Fraction(b) * Fraction(b), Fraction(c) * Fraction(d) * Fraction(b)
    assert abs(Fraction(got.value) + Fraction(got.rest) - one - two) <= (abs(one) + abs(two)) / 2**100
    assert float(got) == got.value + got.rest


@given(MIDDLE, MIDDLE)
def test_what_an_operation_loses(a: float, b: float) -> None:
    exact = {
        ops.add: Fraction(a) + Fraction(b), ops.sub: Fraction(a) - Fraction(b), ops.mul: Fraction(a) * Fraction(b),
        ops.div: Fraction(a) / Fraction(b or 1),
    }  # fmt: skip
    for op, true in exact.items():
        if op is not ops.div or b:
            known, bound = lost(op, y := op(a, b), [a, b])
            assert bound == 0
            assert abs(Fraction(y) + Fraction(known) - true) <= abs(true) / 2**100
    if a > 0:
        known, bound = lost(ops.sqrt, y := math.sqrt(a), [a])
        assert bound == 0
        assert abs((Fraction(y) + Fraction(known)) ** 2 - Fraction(a)) <= Fraction(a) / 2**100


@pytest.mark.parametrize(
    ("op", "args", "rounded"),
    [
        (ops.neg, [1.5], False), (ops.floor, [1.5], False), (ops.abs_, [-1.5], False), (ops.max_, [2.5, 1.5], False),
        (ops.exp, [0.0], False), (ops.exp, [1.0], True), (ops.cos, [0.0], False), (ops.cos, [1e-9], True),
        (ops.sin, [-0.3], True), (ops.pow_, [3.0, 2.0], False), (ops.pow_, [3.0, 40.0], True),
        (ops.pow_, [1.5, 2.0], True), (ops.pow_, [4.0, 0.5], True), (ops.gamma, [4.0], True), (ops.sqrt, [0.0], False),
    ],
)  # fmt: skip
def test_the_bound_of_what_an_operation_loses(op: ops.Op, args: list[float], rounded: bool) -> None:
    """Half an ulp at most of most, nothing where the result is exact."""
    assert lost(op, op(*args), args) == (0, abs(op(*args)) * 2**-53 if rounded else 0)


@pytest.mark.parametrize(
    ("text", "x", "hint"),
    [
        ("(1 - cos(x))/x^2", 1e-9, "try 2*sin(x/2)^2 for 1 - cos(x)"),
        ("exp(x) - 1", 1e-20, "try expm1(x) for exp(x) - 1"),
        ("ln(1 + x)", 1e-20, "try log1p(x) for ln(1 + x)"),
        ("ln(x + 1)", 3e-17, "try log1p(x) for ln(x + 1)"),
        ("1 - erf(x)", 7.0, "try erfc(x) for 1 - erf(x)"),
        ("(x + 1)^2 - x^2", 1e20, "try (x + 1 - x)*(x + 1 + x) for (x + 1)^2 - x^2"),
        ("(x + 1e20*x) - 1e20*x", 0.5, ""),
        ("sqrt(x + 1) - sqrt(x)", 1e20, ""),
        ("1e16 + x - 1e16", 0.3, ""),
    ],
)
def test_a_value_that_is_only_rounding_is_noted_with_a_stable_spelling(text: str, x: float, hint: str) -> None:
    f = adcli.formula(text)
    (note, *_) = f.gradient(x=x).notes
    assert (note.kind, note.hint) == ("cancellation", hint)
    assert note.place is not None
    with mp.workdps(60):  # it is true: the float has no digit to speak of
        wide = {name: getattr(mp, name) for name in ("cos", "exp", "ln", "erf", "sqrt")}
        exact = eval(text.replace("^", "**").replace("1e20", "mpf(10)**20"), wide | {"x": mp.mpf(x), "mpf": mp.mpf})
    assert abs(f(x=x) - exact) > 1e-3 * abs(exact)


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x - x", 3.0),
        ("exp(x) - 1", 0.0),
        ("1 - cos(x)", 0.0),
        ("ln(x)", 1.0),
        ("x^2 - 4", 2.0),
        ("sqrt(x) - 2", 4.0),
        ("sin(x)^2 + cos(x)^2", 1.3),
        ("-1/3*x^3 + 6*x^2 - 11*x - 50", 11.0),
        ("x^3 - 3*x + 2", 1.0),
        ("exp(x) - exp(x)", 1.5),
        ("1e10 + (1 - cos(x))", 1e-9),
        ("(1 + x) - 1", 0.5),
        ("max(x, 2) - 2", 1.0),
        ("exp(x) - 1", 1e-8),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_what_is_exact_or_right_has_no_note(text: str, x: float, mode: str) -> None:
    assert adcli.formula(text).gradient(x=x, mode=mode).notes == ()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("large", "exact"), [(1e16, 3.0), (1e20, 3.0), (1e28, 3.0)])
def test_exact_terms_that_cancel_are_added_with_twice_the_digits(large: float, exact: float, mode: str) -> None:
    found = adcli.formula("(3*x + c*x) - c*x").gradient(x=0.7, c=large, mode=mode, wrt=["x"])
    assert found["x"] == exact
    assert "cancellation" in {note.kind for note in found.notes}


def test_an_infinite_or_missing_value_is_left_to_other_notes() -> None:
    assert "cancellation" not in {n.kind for n in adcli.formula("exp(x) - exp(x)/2").gradient(x=1000).notes}
    assert math.isinf(adcli.formula("1e308*x*10").gradient(x=1)["x"] or 0)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("text", "at", "exact"),
    [
        ("x/(1 - exp(-x))", {"x": 1e-9}, 0.5),
        ("(1 - cos(x))/x^2", {"x": 1e-5}, -1e-5 / 12),
        ("(exp(x) - 1)^2/x^2", {"x": 1e-9}, 1.0),
        # the truth by mpmath at 40 digits: sinh(x) + x + 2.272 + 2.912 times z*erf'(2.979 + x + z*y)
        ("(sinh(x)+x+2.272+y*(2.912/y))*erf(2.979+x+z*y)", {"x": 2.369, "y": 2.099, "z": 1.135}, 1.8345e-25),
    ],
)
def test_a_derivative_without_correct_digits_is_noted(text: str, at: dict[str, float], exact: float, mode: str) -> None:
    found = adcli.formula(text).gradient(at, mode=mode)
    name = "y" if "y" in at else "x"
    notes = [note.text for note in found.notes if note.kind == "cancellation"]
    wrong = abs((found[name] or 0.0) - exact) > 1e-3 * abs(exact)
    assert wrong == any("by rounding" in text for text in notes), notes


@pytest.mark.parametrize(
    ("text", "at", "rounded"),
    [
        ("acos(1 - 2*p)", 1e-18, True), ("acos(1 - 2*p)", 0.0, False), ("abs(p - 0.1)", 0.1, False),
        ("acos(tanh(p))", 50.0, True), ("abs(p^2 - 9)", 3.0, False), ("sqrt(exp(p) - 1)", 1e-17, True),
    ],
)  # fmt: skip
def test_an_edge_that_rounding_may_have_made_is_noted(text: str, at: float, rounded: bool) -> None:
    (note, *_) = [note for note in adcli.formula(text).gradient(p=at).notes if note.kind in ("end", "kink")]
    assert ("by rounding alone" in note.text) == rounded


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("text", "x", "exact"),  # by mpmath at 60 digits
    [
        ("csc(cbrt(sech(ln(x))))", 1e160, 5.699919822255666e-108),
        ("cbrt(exp(x)^2)", -360.0, 2 / 3 * math.exp(-240)),
        ("ln(softplus(asinh(x)))", -1e160, 1e-160),
    ],
)
def test_a_product_that_passes_numbers_without_all_digits_has_all(text: str, x: float, exact: float, mode: str) -> None:
    found = adcli.formula(text).gradient(x=x, mode=mode)
    assert found["x"] == pytest.approx(exact, rel=1e-12)
    assert found.notes == ()


def test_an_edge_that_an_overflow_leads_to_has_an_answer() -> None:
    found = adcli.formula("clamp(exp2(y)/softplus(exp2(y)/x), exp2(y), x)").gradient(y=1e5, x=-1e160)
    assert {"overflow"} <= {note.kind for note in found.notes}
