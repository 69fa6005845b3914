"""Taylor coefficients and mixed partial derivatives of any order against mpmath; refusals; cost."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.errors import AdcliError, DomainError, LimitError
from adcli.language.nodes import Node, variable_node
from adcli.language.writer import to_text
from adcli.ops import series
from adcli.ops.op import Op
from tests.ops.test_table import REFERENCE, inner

SHOWN: list[tuple[str, float, Callable[[Any], Any]]] = [
    ("sin(exp(x))", 0.3, lambda x: mp.sin(mp.exp(x))),
    ("tan(x)", 0.4, mp.tan),
    ("x^2.5", 1.7, lambda x: x ** mpf(2.5)),
    ("(1+x+x^2)^2.5", 0.4, lambda x: (1 + x + x**2) ** mpf(2.5)),
    ("atan(x)", 0.6, mp.atan),
    ("erf(x)", 0.5, mp.erf),
    ("x^x", 1.2, lambda x: x**x),
    ("ln(1+x^2)/sqrt(x)", 0.8, lambda x: mp.log(1 + x**2) / mp.sqrt(x)),
]
SMOOTH = [
    op for op in ops.TABLE
    if not op.condition and op is not ops.where and op.name not in (
        "sign", "step", "floor", "ceil", "trunc", "round", "min", "max", "clamp", "relu", "abs", "copysign",
        "fmod", "mod", "remainder", "polygamma", "besselj", "bessely",
    )
]  # fmt: skip


def coefficients(text: str, at: Any, direction: dict[str, float] | None = None, order: int = 5) -> tuple[float, ...]:
    return adcli.formula(text).taylor(at, direction, order).coefficients


@pytest.mark.parametrize(("text", "x", "function"), SHOWN, ids=[s[0] for s in SHOWN])
def test_to_order_20_within_1e_12(text: str, x: float, function: Callable[[Any], Any]) -> None:
    found = coefficients(text, {"x": x}, order=20)
    with mp.workdps(80):
        exact = mp.taylor(function, mpf(x), 20)
        for k, (got, true) in enumerate(zip(found, exact, strict=True)):
            assert abs(got - true) <= 1e-12 * abs(true), (text, k, got, true)
    assert len(found) == 21


@pytest.mark.long
@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)
def test_every_smooth_operation_to_order_8(op: Op) -> None:
    """Along a line on which every argument moves: f(a + 0.3 t, b - 0.7 t, c + t)."""
    slopes = (0.3, -0.7, 1.0)[: op.arity]
    names = ("x", "y", "z")[: op.arity]
    text = to_text(Node(op, tuple(variable_node(n) for n in names)))
    at = dict(zip(names, op.sample, strict=True))
    found = coefficients(text, at, dict(zip(names, slopes, strict=True)), 8)
    with mp.workdps(80):
        exact = mp.taylor(
            lambda t: REFERENCE[op.name][0](*(mpf(a) + mpf(s) * t for a, s in zip(op.sample, slopes, strict=True))),
            0,
            8,
        )
        scale = max(abs(c) for c in exact)
        for k, (got, true) in enumerate(zip(found, exact, strict=True)):
            assert abs(got - true) <= 1e-12 * max(abs(true), scale * mpf("1e-3")), (op.name, k, got, true)


def test_polygamma_to_order_5() -> None:
    found = coefficients("polygamma(1, x)", {"x": 1.5}, order=5)
    with mp.workdps(60):
        exact = [mp.psi(1 + k, mpf(1.5)) / mp.factorial(k) for k in range(6)]
    assert found == pytest.approx([float(c) for c in exact], rel=1e-13)


@pytest.mark.parametrize(
    ("text", "x"),
    [
     ("abs(x)^3", -2.0), ("max(x, x^2)", 3.0), ("floor(x)*x^2", 2.5), ("relu(x)*x", 1.0), ("clamp(x^2, 0, 9)", 2.0),
     ("copysign(x^3, -1)", 2.0), ("mod(x^2, 3)", 1.2), ("if x > 1 then x^3 else ln(x - 1)", 2.0),
     ("sign(x)*x^3", -2.0)],
)  # fmt: skip
def test_pieces_are_those_of_the_side_that_the_point_is_on(text: str, x: float) -> None:
    """Equal to the repeated symbolic derivative and to values near the point."""
    found = coefficients(text, {"x": x}, order=4)
    f = adcli.formula(text)
    for t in (-0.01, 0.005, 0.01):
        assert f(x=x + t) == pytest.approx(sum(c * t**k for k, c in enumerate(found)), abs=1e-8)


# -- by hand ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "at", "direction", "expected"),
    [
        ("exp(x)", {"x": 0}, None, [1, 1, 1 / 2, 1 / 6, 1 / 24]),
        ("1/(1-x)", {"x": 0}, None, [1, 1, 1, 1, 1]),
        ("x^3", {"x": 2}, None, [8, 12, 6, 1, 0]),
        ("x^3", {"x": 0}, None, [0, 0, 0, 1, 0]),
        ("x^100", {"x": 0}, None, [0, 0, 0, 0, 0]),
        ("x^0", {"x": 0}, None, [1, 0, 0, 0, 0]),
        ("x^-1", {"x": -1}, None, [-1, -1, -1, -1, -1]),
        ("x^y", {"x": 0, "y": 2}, {"x": 1.0}, [0, 0, 1, 0, 0]),
        ("x^y", {"x": 0, "y": 2}, {"y": 1.0}, [0, 0, 0, 0, 0]),
        ("x^y", {"x": -2, "y": 3}, {"x": 1.0}, [-8, 12, -6, 1, 0]),
        ("2^x", {"x": 0}, None, [1, *(math.log(2) ** k / math.factorial(k) for k in range(1, 5))]),
        ("x*exp(y)", {"x": 1, "y": 0}, {"x": 1.0, "y": 2.0}, [1, 3, 4, 10 / 3, 2]),
        ("x*y", {"x": 2, "y": 3}, {"x": 1.0, "y": 1.0}, [6, 5, 1, 0, 0]),
        ("x*y", {"x": 2, "y": 3}, {"y": 0.0}, [6, 0, 0, 0, 0]),
        ("x[1]*x[2]", {"x": [2, 3]}, {"x": [1.0, 1.0]}, [6, 5, 1, 0, 0]),
        ("7 + 0*x", {"x": 1}, None, [7, 0, 0, 0, 0]),
        ("tanh(x) + sigmoid(-x)", {"x": 800}, None, [1, 0, 0, 0, 0]),
        ("1e200*atan2(x, y)", {"x": 1e200, "y": 1e200}, {"x": 1.0}, [1e200 * math.pi / 4, 0.5, 0, 0, 0]),
        ("(1e17+x-1e17*x^2)*(1+x+x^2)", {"x": 0}, None, [1e17, 1e17 + 1, 1, -1e17 + 1, -1e17]),
        ("sqrt(x)", {"x": 1}, None, [1, 1 / 2, -1 / 8, 1 / 16, -5 / 128]),
        ("atan2(0, x) + x", {"x": 1}, None, [1, 1, 0, 0, 0]),
    ],
)
def test_by_hand(text: str, at: Any, direction: dict[str, float] | None, expected: list[float]) -> None:
    assert coefficients(text, at, direction, 4) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_sums_and_products_are_those_of_coefficients() -> None:
    """Exactly: no rounding but one."""
    a, b, total, opposite, product = (
        coefficients(text, {"x": 0.3}, order=20)
        for text in ("exp(x)", "sin(x)", "exp(x)-sin(x)", "-sin(x)", "exp(x)*sin(x)")
    )
    assert total == tuple(x - y for x, y in zip(a, b, strict=True))
    assert opposite == tuple(-y for y in b)
    assert product == tuple(math.fsum(a[j] * b[k - j] for j in range(k + 1)) for k in range(21))


@pytest.mark.parametrize("op", [op for op in SMOOTH if op not in (ops.mul, ops.div, ops.pow_)], ids=lambda op: op.name)
def test_order_one_is_as_accurate_as_a_sweep(op: Op) -> None:
    for args in inner(op, 30):
        y = op.extended(*args)
        for k, x in enumerate(args):
            slope = op.slope(k, y, *args)
            if math.isfinite(y) and math.isfinite(slope):
                assert op(*args[:k], series.series_variable(x), *args[k + 1 :])[1] == slope, (args, k)


def test_a_power_of_zero_has_no_series_where_it_jumps() -> None:
    with pytest.raises(ValueError, match="domain"):
        _ = ops.pow_(0.0, series.series_variable(0.0))[1]


def test_signed_zeros_are_kept_apart() -> None:
    x = series.series_variable(2.0)
    assert [ops.copysign(x, zero)[0] for zero in (0.0, -0.0, 0.0)] == [2.0, -2.0, 2.0]


def test_order_zero_is_the_value_and_order_one_the_gradient() -> None:
    f = adcli.formula("sin(x*y)/y")
    at = {"x": 0.4, "y": 1.1}
    assert f.taylor(at, {"x": 1.0}, 0).coefficients == (f(at),)
    for name in ("x", "y"):
        assert f.taylor(at, {name: 1.0}, 1).coefficients[1] == pytest.approx(f.gradient(at)[name], rel=1e-15)
    assert f.taylor(at, {"x": 1.0}).coefficients[2] == pytest.approx(f.hessian(at)["x", "x"] / 2, rel=1e-14)


def test_a_kink_does_not_hinder_order_zero() -> None:
    assert coefficients("abs(x)", {"x": 0}, order=0) == (0.0,)


ONE_SIDED = ("sqrt(x) + 1", "asin(x)", "x^1.5", "acosh(x)")


@pytest.mark.parametrize(
    ("text", "x", "under"),
    [
        ("1 + abs(x)", 0.0, "abs(x)"), ("2*floor(x)", 2.0, "floor(x)"), ("sqrt(x) + 1", 0.0, "sqrt(x)"),
        ("asin(x)", 1.0, "asin(x)"),
        ("x^1.5", 0.0, "x^1.5"), ("max(x, 1)", 1, "max(x, 1)"), ("cbrt(x)", 0.0, "cbrt(x)"),
        ("sign(x)*3", 0.0, "sign(x)"), ("acosh(x)", 1.0, "acosh(x)"), ("hypot(x, 0)", 0.0, "hypot(x, 0)"),
        ("1/x", 0.0, "1/x"),
    ],
)  # fmt: skip
def test_no_series_where_the_function_is_not_smooth(text: str, x: float, under: str) -> None:
    with pytest.raises(DomainError) as caught:
        coefficients(text, {"x": x})
    place = caught.value.place
    assert place
    assert place.text[place.start : place.end] == under
    assert caught.value.exit_code == 1
    if text in ONE_SIDED:
        assert not math.isfinite(adcli.formula(text).partial({"x": x}, ("x", "x")).partial)
    elif text != "1/x":
        with pytest.raises(DomainError):
            adcli.formula(text).partial({"x": x}, ("x", "x"))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda f: f.taylor({"x": 1, "y": 1}, {"x": 1.0}, 1001), LimitError, "the order is 1001; the limit is 1000"),
        (lambda f: f.partial({"x": 1, "y": 1}, ("x",) * 101), LimitError, "the order is 101; the limit is 100"),
        (lambda f: f.taylor({"x": 1, "y": 1}), AdcliError, "a direction is needed"),
        (lambda f: f.taylor({"x": 1, "y": 1}, {"z": 1.0}), AdcliError, "z is not a variable"),
        (lambda f: f.partial({"x": 1, "y": 1}, ("z",)), AdcliError, "z is not a variable"),
    ],
)
def test_refusals(call: Any, error: type[AdcliError], says: str) -> None:
    with pytest.raises(error) as caught:
        call(adcli.formula("x*y"))
    assert caught.value.what == says


def test_an_empty_direction_is_no_direction() -> None:
    assert coefficients("x*y", {"x": 2, "y": 3}, {}, 2) == (6.0, 0.0, 0.0)


def test_overflow_gives_infinities_as_the_gradient_does() -> None:
    f = adcli.formula("exp(1000*x)")
    found = f.taylor({"x": 1}, order=2)
    assert found.coefficients[:2] == (math.inf, math.inf) == (f(x=1), f.gradient(x=1)["x"])
    assert "overflow" in {n.kind for n in found.notes}


# -- mixed partial derivatives ----------------------------------------------------------------------------------------
MIXED = "exp(w*sin(x*ln(y)/z)+sqrt(w*z/(x*y)))+w^2/tan(z)"
AT = {"w": 11.0, "x": 12.0, "y": 13.0, "z": 14.0}
STEP = mpf(2) ** -100
ORDERS = list(itertools.product(range(4), range(3), range(5), range(4)))
assert len(ORDERS) == 240


@functools.cache
def on_grid(*halves: int) -> Any:
    """Return MIXED at the point moved by so many half steps along each axis, with 450 digits."""
    w, x, y, z = (mpf(at) + mpf(k) / 2 * STEP for at, k in zip(AT.values(), halves, strict=True))
    return mp.exp(w * mp.sin(x * mp.log(y) / z) + mp.sqrt(w * z / (x * y))) + w**2 / mp.tan(z)


def exact_mixed(orders: tuple[int, ...]) -> Any:
    """Return a partial derivative of MIXED by central differences: the step is 2^-100, their error its square."""
    with mp.workdps(450):
        total = mpf(0)
        for js in itertools.product(*(range(k + 1) for k in orders)):
            sign = (-1) ** (sum(orders) - sum(js))
            weight = math.prod(math.comb(k, j) for k, j in zip(orders, js, strict=True))
            total += sign * weight * on_grid(*(2 * j - k for k, j in zip(orders, js, strict=True)))
        return total / STEP ** sum(orders)


def mixed_error(orders: tuple[int, ...]) -> float:
    wrt = [name for name, k in zip("wxyz", orders, strict=True) for _ in range(k)]
    got = adcli.formula(MIXED).partial(AT, wrt).partial
    true = exact_mixed(orders)
    return float(abs(got - true) / abs(true))


@pytest.mark.parametrize(
    "orders",
    [*(o for o in ORDERS if sum(o) <= 1), (3, 2, 4, 3), (1, 1, 1, 1), (2, 0, 1, 3), (0, 2, 4, 0), (3, 2, 0, 0)],
)
def test_mixed_partial_within_1e_10(orders: tuple[int, ...]) -> None:
    assert mixed_error(orders) <= 1e-10


@pytest.mark.slow
def test_all_240_mixed_partials_within_1e_10() -> None:
    errors = {orders: mixed_error(orders) for orders in ORDERS}
    worst = max(errors, key=lambda o: errors[o])
    print(f"worst mixed partial: {worst} {errors[worst]:.2e}")
    assert errors[worst] <= 1e-10, (worst, errors[worst])


def test_the_order_of_differentiation_does_not_matter() -> None:
    f = adcli.formula("x^3*sin(x*y) + y^x")
    at = {"x": 1.0, "y": 2.0}
    values = {f.partial(at, p).partial for p in set(itertools.permutations(("x", "x", "y", "y")))}
    assert max(values) - min(values) <= 1e-13 * max(map(abs, values))
    assert f.partial(at, ()).partial == f(at)
    assert f.partial(at, ("x", "y")).partial == pytest.approx(f.hessian(at)["x", "y"], rel=1e-14)


@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("x + y", "xy", 0.0),
        ("x*y", "xy", 1.0),
        ("x^2*y^3", "xxyyy", 12.0),
        ("exp(x)", "y", None),
        ("x^2*y", "xxx", 0.0),
    ],
)
def test_partials_by_hand(text: str, wrt: str, expected: float | None) -> None:
    f = adcli.formula(text)
    at = {"x": 2.0, "y": 3.0} if "y" in f.variables else {"x": 2.0}
    if expected is None:
        with pytest.raises(AdcliError):
            f.partial(at, tuple(wrt))
    else:
        assert f.partial(at, tuple(wrt)).partial == expected


# -- cost -------------------------------------------------------------------------------------------------------------
def multiplications(text: str, order: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many products of coefficients the expansion makes."""
    made = 0
    real = series._dot

    def counting(a: list[Any], b: list[Any]) -> Any:
        nonlocal made
        made += len(a)
        return real(a, b)

    with monkeypatch.context() as patch:
        patch.setattr(series, "_dot", counting)
        coefficients(text, {"x": 0.7}, order=order)
    return made


@pytest.mark.parametrize("text", ["sin(exp(x))", "x^x/(1 + x^2)", "tan(erf(x))", "atan(x)*ln(x)", "sigmoid(x)"])
def test_the_cost_is_quadratic_in_the_order(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [multiplications(text, n, monkeypatch) for n in (20, 40, 80)]
    assert counts[0] > 0
    assert 3.4 < counts[1] / counts[0] < 4.3
    assert 3.4 < counts[2] / counts[1] < 4.3


@pytest.mark.long
def test_order_1000_and_a_long_formula_do_not_recurse() -> None:
    assert coefficients("exp(x)", {"x": 0}, order=1000)[100] == pytest.approx(1 / math.factorial(100), rel=1e-12)
    deep = "y0 = x*z; " + "; ".join(f"y{k + 1} = sin(y{k})" for k in range(3000)) + "; y3000"
    assert math.isfinite(coefficients(deep, {"x": 1, "z": 1}, {"x": 1.0}, 2)[2])
    assert math.isfinite(adcli.formula(deep).partial({"x": 1, "z": 1}, ("x", "z")).partial)


def test_random_polynomials_are_exact() -> None:
    for seed in range(50):
        rng = random.Random(seed)
        c = [rng.randint(-9, 9) for _ in range(6)]
        text = " + ".join(f"{k}*x^{j}" for j, k in enumerate(c)).replace("+ -", "- ")
        shift = rng.randint(-3, 3)
        expected = [sum(c[j] * math.comb(j, k) * shift ** (j - k) for j in range(k, 6)) for k in range(8)]
        assert coefficients(text, {"x": shift}, order=7) == tuple(expected)


def test_a_huge_power_of_what_begins_with_zero_is_zero() -> None:
    f = adcli.formula("x^1e300 + (x*y)^4e9 + exp(x)")
    assert f.taylor({"x": 0, "y": 3}, {"x": 1.0}, order=3).coefficients == pytest.approx(
        (1, 1, 1 / 2, 1 / 6), rel=1e-15
    )
    assert f.partial({"x": 0, "y": 3}, ["x", "y"]).partial == 0


@pytest.mark.parametrize(("x", "noted"), [(1e-6, True), (1e-2, False)])
def test_higher_derivatives_of_which_rounding_left_no_digits_are_noted(x: float, noted: bool) -> None:
    f = adcli.formula("x/(1 - exp(-x))")  # at 0: 1 + x/2 + x^2/12 + 0 - x^4/720
    second = f.partial({"x": x}, wrt=("x", "x"))
    assert (abs(second.partial - 1 / 6) > 1e-3) == noted
    for found in (second, f.taylor({"x": x}, {"x": 1.0}, 2)):
        assert [note.kind for note in found.notes] == ["cancellation"] * noted


def test_higher_derivatives_with_their_digits_have_no_note() -> None:
    for text in ("tanh(x)^2.5*ln(x)", "sqrt(x^2 + 1) - x", "(x + 1)^3 - x^3", "1/(1 - x)"):
        assert adcli.formula(text).taylor({"x": 3.0}, {"x": 1.0}, 3).notes == ()
