"""Forward, reverse, symbolic-then-evaluated and Taylor agree with each other and with mpmath; so do two Hessians."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from mpmath import mp

import adcli
from adcli.errors import AdcliError, DomainError
from adcli.language.nodes import Node
from adcli.language.writer import to_text
from tests.reference.formulas import smooth_formula
from tests.test_accuracy import BITS, EPS, TINY, exact, kind, path_sums
from tests.tools.sweep import sweep

ROUTES = ("forward", "reverse", "symbolic", "taylor")
NOT_SMOOTH = {"kink", "jump", "end", "undefined", "branch"}


class Found(NamedTuple):
    """A partial derivative by each route, and the diagonal entry of the Hessian by two."""

    seed: int
    node: Node
    formula: adcli.Formula
    at: dict[str, float]
    name: str
    slopes: dict[str, float]
    seconds: tuple[float, float]
    paths: float
    scale: float  # of the second derivative


def or_nan(call: Callable[[], float]) -> float:
    """Return what the call gives; NaN where it says that there is no value, such as 0/0 in a derivative's formula."""
    try:
        return call()
    except DomainError:
        return math.nan


def found(seeds: range) -> Iterator[Found]:
    """Yield every partial derivative of random formulas at random points where they are smooth."""
    for seed in seeds:
        node, at = smooth_formula(seed)
        f = adcli.formula(to_text(node))
        point = {name: at[name] for name in f.variables}
        try:
            forward, reverse = (f.gradient(point, mode=mode) for mode in ("forward", "reverse"))
        except DomainError:
            continue
        if NOT_SMOOTH & {n.kind for n in forward.notes} or not f.variables:
            continue
        full = f.hessian(point)
        paths = path_sums(f, at)
        for name in f.variables:
            symbolic = f.derivative(name)
            slopes = {
                "forward": forward[name],
                "reverse": reverse[name],
                "symbolic": or_nan(lambda f=symbolic, at=at: f({n: at[n] for n in f.variables})),
                "taylor": or_nan(lambda f=f, point=point, name=name: f.taylor(point, {name: 1.0}, 1).coefficients[1]),
            }
            seconds = full[name, name], f.hvp(point, {name: 1.0})[name]
            scale = max(map(abs, (full[name, name], forward.value, paths[name], *full.entries.values())))
            yield Found(seed, node, f, point, name, slopes, seconds, paths[name], scale)  # type: ignore[arg-type]


def conditioned_errors(one: Found) -> dict[str, float]:
    """Return the conditioned error of each route, see test_accuracy.py; nothing where the derivative is tiny."""
    with mp.workprec(BITS):
        true, unit = exact(one.node, one.at)[one.name]
        return {route: float(abs(g - true) / unit) for route, g in one.slopes.items() if abs(true) > TINY}


def check(seeds: range) -> dict[str, list[float]]:
    """Check every agreement on these formulas; return the conditioned errors by route."""
    errors: dict[str, list[float]] = {route: [] for route in ROUTES}
    for one in found(seeds):
        where = (one.seed, str(one.formula), one.at, one.name, one.slopes, one.seconds)
        kinds, sizes = {kind(g) for g in one.slopes.values()}, [abs(g) for g in one.slopes.values()]
        cancelled = (
            kinds == {"zero", "finite"} and max(sizes) <= 8 * EPS * one.paths
        )  # to 0 in one order of summing only
        assert len(kinds) == 1 or cancelled, where
        a, b = one.seconds
        if math.isfinite(one.scale):  # nothing overflowed on the way
            assert kind(a) == kind(b) or abs(a - b) <= 1e-13 * one.scale, where
            assert not math.isfinite(a) or abs(a - b) <= 1e-11 * one.scale, where
        if not kinds <= {"finite", "zero"}:
            continue
        try:
            conditioned = conditioned_errors(one)
        except (ValueError, ZeroDivisionError, TypeError, OverflowError):
            continue  # mpmath nudged it out of a domain
        for route, error in conditioned.items():
            assert error <= 4, (route, error, *where)
            errors[route].append(error)
    return errors


def percentile(errors: list[float], of_100: float) -> float:
    return sorted(errors)[min(len(errors) - 1, int(len(errors) * of_100 / 100))]


@pytest.mark.long
def test_all_routes_agree_on_200_random_formulas() -> None:
    errors = check(range(200))
    for route, found_errors in errors.items():
        assert len(found_errors) > 120, route
        assert percentile(found_errors, 99) <= 1, route
        assert max(found_errors) > 0  # the reference is not ourselves


@pytest.mark.slow
def test_all_routes_agree_on_2000_random_formulas() -> None:
    errors = check(range(1000, 3000))
    for route, found_errors in errors.items():
        print(f"{route}: {len(found_errors)}, worst {max(found_errors):.3f}, 99% {percentile(found_errors, 99):.3f}")
        assert len(found_errors) > 1200, route
        assert percentile(found_errors, 99) <= 1, route


@pytest.mark.long
def test_derivatives_to_order_3_and_classes_of_random_formulas() -> None:
    *wrong, one, two, three, last = sweep(range(11000, 11020))
    assert wrong == []
    assert [int(line.split()[2]) >= 10 for line in (one, two, three)] == [True, True, True]
    assert last.startswith("20 formulas: 0 with an error")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1/exp(x)", {"x": 1000.0}),
        ("exp(x)*y", {"x": 1000.0, "y": 1.0}),
        ("exp(-x)*y", {"x": 1000.0, "y": 1.0}),
        ("x^2 - 2*x + 1", {"x": 1.0}),
        ("sin(x)*0*y + x", {"x": 2.0, "y": 3.0}),
        ("(x - 2)*(y - 3)", {"x": 2.0, "y": 3.0}),
        ("x^0 + y^1", {"x": 0.0, "y": 0.0}),
        ("x^3*y", {"x": 0.0, "y": 2.0}),
        ("tanh(x) + erf(x) + sigmoid(-x)", {"x": 800.0}),
        ("if x > 0 then sqrt(y) else ln(y)", {"x": -1.0, "y": 2.0}),
        ("abs(x)*floor(y)", {"x": -2.0, "y": 2.5}),
    ],
)
def test_all_routes_agree_in_class_at_special_points(text: str, at: dict[str, float]) -> None:
    f = adcli.formula(text)
    forward = f.gradient(at, mode="forward")
    for name in f.variables:
        symbolic = f.derivative(name)
        routes = {
            "forward": forward[name],
            "reverse": f.gradient(at, mode="reverse")[name],
            "taylor": f.taylor(at, {name: 1.0}, 1).coefficients[1],
        }
        try:
            routes["symbolic"] = symbolic({n: at[n] for n in symbolic.variables})
        except AdcliError:
            assert forward.notes
        assert len({kind(g) for g in routes.values() if g is not None}) == 1, (name, routes)
        assert None not in routes.values()
