"""Derivatives of order 2, 3 and 4 of every operation, by all its arguments, against mpmath, in every engine.

The truth is a central difference of the exact partial derivative with steps 40 digits below the arguments, in as many
digits as that takes. The unit is 2^-53 times the size of the derivative, or of its change by the arguments' own
relative changes where that is larger: an error of 1 is what rounding the arguments does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.ops.op import Op
from tests.ops.test_table import REFERENCE, inner

BOUND = 4.0
LARGEST = 200  # points are between 1e-200 and 1e200
LARGEST_OF_POWERS = 30  # x^y is differentiated through 1/x^3: with 1e-100 that overflows; and y - 1 is rounded
STEP, NUDGE, NOISE = mpf(10) ** -40, mpf(10) ** -30, mpf(10) ** -60
POINTS, MANY_POINTS = 12, 400
TEXTS = {"pow": "a^b", "mul": "a*b", "div": "a/b"}
PERIODIC = ("sin", "cos", "tan", "sec", "csc", "cot")
OF_GAMMA = ("gamma", "lgamma", "digamma", "polygamma")
# Functions of a scale of their own, however large the argument is.
SCALED = (*PERIODIC, "exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sech", "csch", "coth", "sigmoid", "softplus",
          "logaddexp")  # fmt: skip
# The bound of an operation that has another, in units, and why: the worst of 400 points is below it.
MORE_ROUNDINGS = "each order adds roundings that do not cancel"
EXCEPTIONS: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("log1p", "log", "pow"), (5, MORE_ROUNDINGS)),
    "cbrt": (7, "a power of the rounded root"),
    **dict.fromkeys(("tan", "csc", "cot", "sec", "asin", "acos", "atan", "acot", "tanh", "sech"), (8, MORE_ROUNDINGS)),
    **dict.fromkeys(("sigmoid", "softplus", "logaddexp", "logit", "gamma"), (8, MORE_ROUNDINGS)),
    "beta": (5000, "products of differences of polygammas that cancel; below 0.5 more: 5e4 at 0.05, 0.01"),
    "asinh": (12, MORE_ROUNDINGS),
}

Way = Callable[[adcli.Formula, dict[str, float], tuple[str, ...]], float | None]


def spread(args: tuple[float, ...]) -> float:
    return max((abs(math.log10(abs(x))) for x in args if x), default=0.0)


def truth(op: Op, args: tuple[float, ...], orders: tuple[int, ...]) -> tuple[Any, Any]:
    """Return a derivative and the sum of its changes by relative changes of the arguments, above the noise."""
    first = next(k for k, n in enumerate(orders) if n)
    partial = REFERENCE[op.name][1][first]
    assert partial is not None
    rest = [n - (k == first) for k, n in enumerate(orders)]
    start = [mpf(x) for x in args]
    least = min((abs(x) for x in start if x), default=mpf(1))
    scales = [abs(x) or min(least, 1) for x in start]
    if op.name in SCALED:
        scales = [min(scale, 1) for scale in scales]

    def difference(point: list[Any], k: int = 0) -> Any:
        if k == len(point):
            return partial(*point)
        if not rest[k]:
            return difference(point, k + 1)
        step = STEP * scales[k]
        total = mpf(0)
        for j in range(rest[k] + 1):
            moved = point[k] + step * (mpf(rest[k]) / 2 - j)
            total += (-1) ** j * mp.binomial(rest[k], j) * difference([*point[:k], moved, *point[k + 1 :]], k + 1)
        return total / step ** rest[k]

    change = mpf(0)
    for k, x in enumerate(start):
        if x and (op.name, k) != ("polygamma", 0):
            high, low = (difference([*start[:k], x * (1 + nudge), *start[k + 1 :]]) for nudge in (NUDGE, -NUDGE))
            change += abs(high - low) / (2 * NUDGE)
    noise = NOISE * abs(partial(*start)) / math.prod(scale**n for scale, n in zip(scales, rest, strict=True))
    return difference(start), max(change, noise)


def chosen(op: Op, count: int) -> Iterator[tuple[float, ...]]:
    """Generate points where the operation is smooth and mpmath can follow."""
    for args in inner(op, count):
        near = spread(args)
        if near > LARGEST or any(edge.when(*args) for edge in op.edges if edge.argument is None):
            continue
        if op.name == "beta" and min(args) < 0.5:
            continue
        if op.name == "pow" and near > LARGEST_OF_POWERS:
            continue
        if (op.name in OF_GAMMA and (near > 10 or args[0] > 6)) or (op.name in PERIODIC and abs(args[0]) > 1e15):
            continue
        yield args


def errors(op: Op, count: int, way: Way, highest: int) -> Iterator[tuple[float, str]]:
    names = tuple("abc"[: op.arity])
    text = TEXTS.get(op.name) or f"{op.name}({','.join(names)})"
    for args in chosen(op, count):
        f = adcli.formula(text.replace("(a", f"({args[0]}") if op.name == "polygamma" else text)
        for orders in itertools.product(range(highest + 1), repeat=op.arity):
            if not 2 <= sum(orders) <= highest or (op.name == "polygamma" and orders[0]):
                continue
            if any(edge.when(*args) for edge in op.edges if edge.argument is not None and orders[edge.argument]):
                continue
            with mp.workdps(80 + int(sum(orders) * (40 + 1.1 * spread(args)) + 2 * spread(args))):
                try:
                    exact, change = truth(op, args, orders)
                except (ZeroDivisionError, OverflowError, ValueError):  # beside an edge
                    continue
                if isinstance(exact, mp.mpc) or max(abs(exact), change) > mpf(2) ** 1000 or abs(exact) < 1e-290:
                    continue
                wrt = tuple(name for name, n in zip(names, orders, strict=True) for _ in range(n))
                got = way(f, {name: x for name, x in zip(names, args, strict=True) if name in f.variables}, wrt)
                if got is None:
                    continue
                unit = max(abs(exact), change) * mpf(2) ** -53
                error = float(abs(mpf(got) - exact) / unit) if math.isfinite(got) else math.inf
                yield error, f"{op.name}{args} by {wrt}: {got}, is {mp.nstr(exact, 18)}"


def by_partial(f: adcli.Formula, at: dict[str, float], wrt: tuple[str, ...]) -> float | None:
    return f.partial(at, wrt=wrt).partial


def by_hessian(f: adcli.Formula, at: dict[str, float], wrt: tuple[str, ...]) -> float | None:
    return f.hessian(at, wrt=set(wrt))[wrt[0], wrt[1]]


def by_product(f: adcli.Formula, at: dict[str, float], wrt: tuple[str, ...]) -> float | None:
    return f.hvp(at, {wrt[1]: 1.0})[wrt[0]]


def by_digits(f: adcli.Formula, at: dict[str, float], wrt: tuple[str, ...]) -> float | None:
    return float(f.precise(20).hessian(at, wrt=set(wrt))[wrt[0], wrt[1]])


def by_columns(f: adcli.Formula, at: dict[str, float], wrt: tuple[str, ...]) -> float | None:
    if wrt[0] != wrt[1]:
        return None
    found = f.batch(what="hessian-diagonal", **{name: [x] for name, x in at.items()})
    return float(found[f"d2{f.outputs[0]}/d{wrt[0]}2"][0])


def check(op: Op, count: int, way: Way, highest: int) -> None:
    bound, _ = EXCEPTIONS.get(op.name, (BOUND, ""))
    for error, text in errors(op, count, way, highest):
        assert error <= bound, f"{text}: {error:.3g} units"


PIECES = ("abs", "min", "max", "relu", "clamp", "copysign", "fmod", "mod", "remainder")  # of straight lines
CURVED = [op for op in ops.TABLE if not (op.linear or op.selects or op.condition or op.name in PIECES)]


every_curved = pytest.mark.parametrize("op", CURVED, ids=lambda op: op.name)
WAYS = {"hessian": by_hessian, "hvp": by_product, "columns": by_columns, "20 digits": by_digits}


@every_curved
def test_orders_to_4(op: Op) -> None:
    check(op, POINTS, by_partial, 4)


@every_curved
@pytest.mark.parametrize("way", ["hessian", "hvp", "columns"])
def test_order_2(op: Op, way: str) -> None:
    check(op, POINTS, WAYS[way], 2)


@pytest.mark.slow
@every_curved
def test_orders_to_4_at_many_points(op: Op) -> None:
    check(op, MANY_POINTS, by_partial, 4)


@pytest.mark.slow
@every_curved
@pytest.mark.parametrize("way", WAYS)
def test_order_2_at_many_points(op: Op, way: str) -> None:
    check(op, MANY_POINTS if way != "20 digits" else 2 * POINTS, WAYS[way], 2)


@pytest.mark.parametrize(
    ("formula", "at", "wrt", "exact"),
    [
        ("asin(x)", 1e-20, 2, 1e-20), ("acos(x)", 1e-300, 2, -1e-300), ("atanh(x)", 1e-200, 2, 2e-200),
        ("sigmoid(x)", 1e-20, 2, -1.25e-21), ("softplus(x)", 1e-20, 3, -1.25e-21),
        ("logaddexp(x, 0)", 1e-20, 3, -1.25e-21), ("hypot(x, 1)", 1e8, 2, 1e-24), ("hypot(x, 1e-100)", 1e100, 2, 0.0),
        ("atan(x)", 1e90, 2, -2e-270), ("acot(x)", 1e90, 2, 2e-270),
        ("hypot(x, 1)", 1e6, 3, -2.9999999999925e-24), ("csc(x)", math.pi / 2, 4, 5.0), ("atan2(1, x)", 1e160, 1, 0.0),
    ],
)  # fmt: skip
def test_where_a_rule_differentiated_twice_loses_all(formula: str, at: float, wrt: int, exact: float) -> None:
    f = adcli.formula(formula)
    got = f.partial({"x": at}, wrt=("x",) * wrt).partial
    assert got == pytest.approx(exact, rel=1e-14, abs=1e-299)
    assert f.taylor({"x": at}, {"x": 1.0}, wrt).coefficients[wrt] == pytest.approx(
        exact / math.factorial(wrt), rel=1e-14, abs=1e-299
    )
    if wrt == 2:
        assert f.hessian({"x": at})["x", "x"] == pytest.approx(exact, rel=1e-14, abs=1e-299)
        assert float(f.precise(20).hessian({"x": at})["x", "x"]) == pytest.approx(exact, rel=1e-15, abs=1e-299)


def test_a_norm_squared_is_curved_alike_in_all_directions() -> None:
    found = adcli.formula("hypot(x, y)^2/2").hessian(x=0, y=0)
    assert [found[a, b] for a, b in (("x", "x"), ("x", "y"), ("y", "y"))] == [1.0, 0.0, 1.0]
