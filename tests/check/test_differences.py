"""Adaptive differences are right within the error that they state; the complex step has every digit."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.check.complex_step import COMPLEX, complex_step
from adcli.check.conditioning import slope_error, value_error
from adcli.check.differences import JUMP, NO_LIMIT, OUTSIDE, function_of, slopes
from adcli.errors import AdcliError, DomainError
from adcli.language.nodes import Node, postorder, variable_node
from adcli.language.point import as_point
from adcli.language.writer import to_text
from adcli.ops.op import Op
from tests.ops.test_table import REFERENCE
from tests.reference.exact import exact_slope
from tests.reference.formulas import smooth_formula

ANALYTIC = [op for op in ops.TABLE if COMPLEX.function(op) or (op.by and not op.edges)]
LACKING = {
    "erf",
    "erfc",
    "gamma",
    "lgamma",
    "digamma",
    "clamp",
    "relu",
    "normcdf",
    "norminv",
    "factorial",
    "beta",
    "lbeta",
    "sinc",
}  # of no use on complex numbers here


def seen(text: str, x: float) -> Callable[[float], float]:
    return function_of(adcli.formula(text), as_point({"x": x}), "x")


def noise(text: str, x: float) -> float:
    found = value_error(adcli.formula(text).evaluation(as_point({"x": x})))
    return found if math.isfinite(found) else 0.0


def test_the_stated_error_of_differences_is_honest() -> None:
    """Against mpmath, on random formulas: the error stated, and what rounding of the inputs may do, cover the true."""
    checked, unsure = 0, 0
    with mp.workdps(50):
        for seed in range(150):
            node, at = smooth_formula(seed)
            f = adcli.formula(to_text(node))
            point = as_point({name: at[name] for name in f.variables})
            try:
                evaluation = f.evaluation(point)
            except DomainError:
                continue
            if f.gradient(point).notes:  # an overflow: mpmath would be at it for hours
                continue
            for name in f.variables:
                try:
                    true = exact_slope(postorder([node]), at, name)
                except (ValueError, ZeroDivisionError, TypeError, OverflowError):
                    continue
                rounding = value_error(evaluation)
                found = slopes(function_of(f, point, name), at[name], rounding if math.isfinite(rounding) else 0.0).best
                if found.reason or not math.isfinite(found.value):
                    unsure += 1
                    continue
                allowed = found.error + 4 * slope_error(evaluation, name) + 1e-300
                assert abs(found.value - float(true)) <= allowed, (seed, to_text(node), at, name, found, true)
                checked += 1
    assert checked > 100
    assert unsure < 5


def test_differences_of_an_easy_function_have_twelve_digits() -> None:
    found = slopes(math.cos, 2.0, 2.0**-53).both
    assert abs(found.value + math.sin(2)) < 1e-12
    assert found.error < 1e-11


@pytest.mark.parametrize(
    ("text", "x", "left", "right", "both"),
    [
        ("abs(x)", 0, -1, 1, 0),
        ("abs(x - 3)", 3, -1, 1, 0),
        ("max(x, 3x)", 0, 1, 3, 2),
        ("abs(x)", 1e-12, 1, 1, 1),  # the kink is close by, not here
        ("x*abs(x)", 0, 0, 0, 0),
        ("if x < 1 then x else 2x - 1", 1, 1, 2, 1.5),
        ("cbrt(x)", 0, math.inf, math.inf, math.inf),
        ("-cbrt(x)", 0, -math.inf, -math.inf, -math.inf),
        ("sqrt(abs(x))", 0, -math.inf, math.inf, 0),
        ("x^3", 1e9, 3e18, 3e18, 3e18),
        ("sqrt(x + 1e-30)", 0, math.nan, 5e14, math.nan),  # steep, and not infinite
        ("sin(1e6*x)", 1, *[1e6 * math.cos(1e6)] * 3),
    ],
)
def test_one_sided_slopes(text: str, x: float, left: float, right: float, both: float) -> None:
    found = slopes(seen(text, x), float(x), noise(text, x))
    for estimate, expected in zip(found, (left, right, both), strict=True):
        if expected == expected:
            assert estimate.value == pytest.approx(expected, rel=1e-5, abs=1e-7), (estimate, expected)
    if left == left:
        assert found.differ == (left != right)


@pytest.mark.parametrize(
    ("text", "x", "side", "reason"),
    [
        ("sqrt(x)", 0, "left", OUTSIDE),
        ("asin(x)", 1, "right", OUTSIDE),
        ("floor(x)", 1, "left", JUMP),
        ("sign(x)", 0, "both", JUMP),
        ("if x == 0 then 0 else x*sin(1/x)", 0, "both", ""),  # even: the symmetric derivative is 0
    ],
)
def test_where_there_is_no_slope_the_reason_is_given(text: str, x: float, side: str, reason: str) -> None:
    assert getattr(slopes(seen(text, x), float(x), 0.0), side).reason == reason


def test_quotients_without_a_limit_are_told_or_have_a_large_error() -> None:
    found = slopes(seen("if x == 0 then 0 else x*sin(1/x)", 0), 0.0, 0.0).right
    assert found.reason == NO_LIMIT or found.error > 0.1


def test_at_the_end_of_a_domain_the_slope_is_one_sided() -> None:
    assert slopes(seen("sqrt(x)", 0), 0.0, 0.0).best.value == math.inf
    assert slopes(seen("x^1.5", 0), 0.0, 0.0).best.value == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("op", ANALYTIC, ids=lambda op: op.name)
def test_the_complex_step_has_every_digit(op: Op) -> None:
    names = [f"a{k}" for k in range(op.arity)]
    f = adcli.formula(to_text(Node(op, tuple(map(variable_node, names)))))
    at = dict(zip(names, op.sample, strict=True))
    evaluation = f.evaluation(as_point(at))
    with mp.workdps(40):
        for k, name in enumerate(names):
            found = complex_step(evaluation, name)
            if op.name in LACKING:
                assert "not available with complex numbers" in found.reason
                continue
            given = [mpf(x) for x in op.sample]
            true = mp.diff(lambda t, k=k, given=given: REFERENCE[op.name][0](*given[:k], t, *given[k + 1 :]), given[k])
            assert abs(found.value - float(true)) <= 1e-14 * abs(float(true)), (name, found, true)


@pytest.mark.parametrize("text", ["abs(x)", "max(x, 1)", "floor(x)", "gamma(x)"])
def test_what_is_not_analytic_has_no_complex_step(text: str) -> None:
    found = complex_step(adcli.formula(text).evaluation(as_point({"x": 2.5})), "x")
    assert "not available with complex numbers" in found.reason


@pytest.mark.parametrize("text", ["sqrt(x)", "asin(1 - x)", "cbrt(x)"])
def test_the_complex_step_is_not_believed_at_an_edge(text: str) -> None:
    assert complex_step(adcli.formula(text).evaluation(as_point({"x": 0})), "x").reason


@pytest.mark.parametrize("op", [op for op in ops.TABLE if op.by], ids=lambda op: op.name)
def test_what_is_written_with_other_operations_is_the_same(op: Op) -> None:
    assert op.by(*op.sample) == pytest.approx(op(*op.sample), rel=1e-12)


def test_branches_are_those_of_the_point() -> None:
    f = adcli.formula("if x > 0 then x^2 else sqrt(x)")
    assert complex_step(f.evaluation(as_point({"x": 3})), "x").value == 6


def test_conditioning_is_what_nudged_rows_do() -> None:
    """The estimate equals the sum over the rows of what a relative change of one does to the derivative, by mpmath."""
    checked = 0
    with mp.workdps(50):
        for text, at in (  # ill-conditioned, so that what a row's tangent loses is nothing beside it
            ("(1 - cos(x))/x^2", {"x": 1e-3}),
            ("(exp(x) - 1)/x", {"x": 1e-4}),
            ("sin(1e5*x)", {"x": 1.3}),
        ):
            f = adcli.formula(text)
            (root,) = f.script.outputs.values()
            order = [n for n in postorder([root]) if n.op is not None or n.args or n.value is None]
            whole = postorder([root])
            evaluation = f.evaluation(as_point(at))
            for name in at:
                true = exact_slope(whole, at, name)
                by = mpf(10) ** -12
                rows: dict[str, list[Node]] = {}
                for n in order:
                    rows.setdefault(to_text(n), []).append(n)
                lost = sum(
                    abs(sum(exact_slope(whole, at, name, n, by) - true for n in same)) / by for same in rows.values()
                )
                estimate = slope_error(evaluation, name) * 2**53
                assert lost * 0.8 <= estimate <= lost * 1.25, (text, name, lost, estimate)
                checked += 1
    assert checked == 3


def test_values_that_cannot_be_are_told_kindly() -> None:
    with pytest.raises(AdcliError):
        adcli.formula("ln(x)").check(x=-1)
