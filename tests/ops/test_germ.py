"""Germs: what every operation does beside a point, and the arithmetic of series that begin anywhere, against mpmath."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.ops.germ import Frame, Germ, Irregular, NoGerm, Outside, Unsettled
from adcli.ops.op import Op
from tests.ops.test_table import REFERENCE

FRAME = Frame(6, 60, True)  # powers of t^(1/6), to t^10
T = mpf(1) / 2**30


def along(value: float, *slopes: float) -> Germ:
    """Return value + slopes[0]*t + slopes[1]*t^2 + ..."""
    terms = [0.0] * 66
    terms[::6] = [value, *slopes, *[0.0] * (10 - len(slopes))]
    return Germ(FRAME, 0, terms)


def at(x: Any, t: Any = T) -> Any:
    """Return what a germ, or a number, is at t."""
    if not isinstance(x, Germ):
        return mpf(x)
    return sum((mpf(c) * mp.root(t, 6) ** (x.low + k) for k, c in enumerate(x.terms)), mpf(0))


def exact(name: str, *args: Any) -> Any:
    return args[0] ** args[1] if name == "pow" else REFERENCE[name][0](*args)


def kept(x: Any) -> None:
    """Take a value as a trace does: NaN is none."""
    if x != x:
        raise Outside


def near(got: Any, true: Any) -> bool:
    return bool(abs(at(got) - true) <= 1e-13 * abs(true))


# -- every operation at its edges and poles ---------------------------------------------------------------------------
# Where the arguments begin, and how they go on; each also to the other side.
ARGUMENTS: dict[str, list[tuple[tuple[float, ...], ...]]] = {
    "abs": [((0, 1),), ((0, 0, 1),), ((0, 2, -1),), ((-0.0, 1),)],
    "min": [((1, 1), (1, 2)), ((0, 1), (0, 1, 1)), ((2, 1), (2,))],
    "max": [((1, 1), (1, 2)), ((0, 1), (0, 1, 1)), ((2, 1), (2,))],
    "relu": [((0, 1),), ((0, 0, 1),)],
    "clamp": [((1, 1), (1,), (2,)), ((2, 1), (1,), (2, 0.5)), ((1, 1), (1, 0.5), (1, 3))],
    "copysign": [((2, 1), (0, 1)), ((0, 1), (2, 1)), ((0, 1), (0, 1))],
    "mod": [((4, 1), (2,)), ((4,), (2, 1)), ((-4, 1), (2,)), ((0, 1), (3,)), ((0, 1), (0, 0.3))],
    "fmod": [((4, 1), (2,)), ((4,), (2, 1)), ((-4, 1), (2,)), ((0, 1), (3,)), ((0, 1), (0, 0.3))],
    "remainder": [((3, 1), (2,)), ((3,), (2, 1)), ((-3, 1), (2,)), ((0, 1), (3,))],
    "sqrt": [((0, 1),), ((0, 0, 4, 1),), ((0, 0, 0, 1, 1),)],
    "cbrt": [((0, 1),), ((0, 0, 1, 1),), ((0, 0, 0, -8),)],
    "hypot": [((0, 3), (0, 4)), ((0, 1), (0, 0, 1)), ((0, 1), (0,))],
    "xlogy": [((0,), (0, 1))],
    "csc": [((0, 1),), ((0, 2, 1),)],
    "cot": [((0, 1),), ((0, 2, 1),)],
    "csch": [((0, 1),), ((0, 2, 1),)],
    "coth": [((0, 1),), ((0, 2, 1),)],
    "asin": [((1, 1),), ((-1, 1),), ((1, 0, -2),), ((-1, 0, 1, 1),)],
    "acos": [((1, 1),), ((-1, 1),), ((1, 0, -2),)],
    "acosh": [((1, 1),), ((1, 0, 2),)],
    "atan2": [((0, 1), (-1,)), ((0, 1), (0, 1)), ((0, 1), (0, -2)), ((0, 1), (0, 0, 1)), ((0, 1), (2, 1)),
              ((0, 1), (0,)), ((0,), (0, 1)), ((0, 0), (-1, 1))],
    "gamma": [((0, 1),), ((-1, 1),), ((-3, 2, 1),)],
    "digamma": [((0, 1),), ((-1, 1),), ((-2, 2, 1),)],
    "polygamma": [((1,), (0, 1)), ((2,), (0, 1)), ((1,), (-2, 1)), ((0,), (-1, 1))],
    "atan": [],  # at a pole of its argument: below
    "acot": [((0, 1),), ((0, 2, 1),)],
    "asec": [((1, 1),), ((-1, 1),), ((1, 0, 2),)],
    "acsc": [((1, 1),), ((-1, 1),), ((1, 0, 2),)],
    "asech": [((1, 1),), ((1, 0, -2),)],
    "fma": [((0, 1), (2, 1), (1, 1))],
}  # fmt: skip


def test_every_operation_with_a_definition_beside_an_edge_is_tried() -> None:
    assert {op.name for op in ops.TABLE if op.beside is not None} <= ARGUMENTS.keys()
    assert {op.name for op in ops.TABLE if op.beside or op.by} >= ARGUMENTS.keys()


@pytest.mark.long
@pytest.mark.parametrize(
    ("op", "starts"), [(op, starts) for op in ops.TABLE for starts in ARGUMENTS.get(op.name, [])], ids=str
)
@pytest.mark.parametrize("side", [1, -1])
def test_operation_beside_an_edge(op: Op, starts: tuple[tuple[float, ...], ...], side: int) -> None:
    """The series at t is the operation at x0 + t, by mpmath; outside there is none."""
    args: list[Any] = []
    for first, *slopes in starts:
        signed = [c * side ** (k + 1) for k, c in enumerate(slopes)]
        args.append(along(first, *signed) if slopes else float(first))
    with mp.workdps(50):
        try:
            true = exact(op.name, *map(at, args))
            inside = not isinstance(true, mp.mpc) and mp.isfinite(true)
        except (ValueError, ZeroDivisionError):
            inside = False
        if op.name == "clamp" and at(args[1]) > at(args[2]):
            inside = False
        if op.name == "xlogy" and at(args[1]) < 0:
            inside = False
        if not inside:
            with pytest.raises(Outside):
                kept(op(*args))
            return
        assert near(op(*args), true), (op, at(op(*args)), true)


@pytest.mark.parametrize(("op", "points"), [
    (ops.floor, (2, -1, 0)), (ops.ceil, (2, -1, 0)), (ops.trunc, (2, -1, 0)), (ops.round_, (0.5, 1.5, -2.5)),
    (ops.sign, (0,)), (ops.step, (0,)),
])  # fmt: skip
def test_steps_beside_a_jump(op: Op, points: tuple[float, ...]) -> None:
    for x in points:
        for side in (1, -1):
            for start in ((x, side), (x, 0, side), (x, 0, 0, side)):
                with mp.workdps(50):
                    assert op(along(*start)) == exact(op.name, at(along(*start)))
        assert op(along(x)) == op.number(x)  # a constant
    assert ops.floor(along(2, 1)) == ops.floor(along(2.5, 1)) == 2


def test_poles_of_arguments() -> None:
    pole = 1 / along(0, 1)
    with mp.workdps(50):
        assert near(ops.atan(pole), mp.atan(1 / T))
        assert near(ops.atan(-pole), mp.atan(-1 / T))
        assert near(ops.atan2(1.0, along(0, 1)), mp.atan2(1, T))
        assert near(ops.hypot(pole, 1.0), mp.hypot(1 / T, 1))
        assert near(ops.abs_(-pole), 1 / T)
        assert near(ops.xlogy(pole, along(2, 1)), mp.log(2 + T) / T)
        assert near(ops.fma(pole, along(2, 1), 3.0), 2 / T + 4)
    assert [op(pole) for op in (ops.tanh, ops.erf, ops.sigmoid)] == [1, 1, 1]
    assert [op(-pole) for op in (ops.exp, ops.erfc, ops.sigmoid, ops.softplus)] == [0, 2, 0, 0]
    t = along(0, 1)
    nothing = 2 * t - t - t
    assert [2.0**-pole, 0.5**pole, (2 + t) ** -pole, pole**-pole, 0.0 ** (1 + t), nothing ** (1 + t)] == [0] * 6
    assert [x**0.0 for x in (t, pole, nothing)] == [1, 1, 1]
    assert [nothing**0.5, nothing**2.0] == [0, 0]
    for base, exponent in ((2.0, pole), (1 + t, pole), (t, t), (pole, t - 2)):
        with pytest.raises(NoGerm):
            base**exponent
    for op in (ops.exp, ops.sin, ops.ln):  # a value, but no power series
        with pytest.raises(NoGerm):
            op(pole)
    with pytest.raises(NoGerm):
        ops.ln(along(0, 1))
    for there in (-pole, along(0, -1)):
        with pytest.raises(Outside):
            ops.ln(there)


def test_conditions_are_decided_by_the_first_term_that_is_not_zero() -> None:
    x = along(0, 1)
    for a, b, sign in ((x, 0.0, 1), (x**2, x, -1), (x * x, x**2, 0), (x, x, 0), (-x, 0.0, -1), (1 + x, 1.0, 1)):
        assert [ops.lt(a, b), ops.le(a, b), ops.gt(a, b), ops.ge(a, b), ops.eq(a, b), ops.ne(a, b)] == [
            sign < 0, sign <= 0, sign > 0, sign >= 0, sign == 0, sign != 0,
        ]  # fmt: skip
    assert ops.where(ops.lt(x, 0.0), 1.0, x) is x


# -- arithmetic -------------------------------------------------------------------------------------------------------
FORMULAS: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
    (lambda t: ops.sin(t) / t, lambda t: mp.sin(t) / t),
    (lambda t: (1 - ops.cos(t)) / t**2, lambda t: (1 - mp.cos(t)) / t**2),
    (lambda t: (ops.tan(t) - t) / t**3, lambda t: (mp.tan(t) - t) / t**3),
    (lambda t: t**0.5 / t, lambda t: t**-mpf(0.5)),
    (lambda t: (t + t**2) ** (1 / 3), lambda t: mp.cbrt(t + t**2)),
    (lambda t: (t**3 + t**4) ** -0.5, lambda t: (t**3 + t**4) ** -mpf(0.5)),
    (lambda t: ops.sqrt(1 + ops.sqrt(t)), lambda t: mp.sqrt(1 + mp.sqrt(t))),
    (lambda t: ops.exp(ops.sqrt(t)) - 1, lambda t: mp.expm1(mp.sqrt(t))),
    (lambda t: ops.ln(1 + ops.cbrt(t)), lambda t: mp.log1p(mp.cbrt(t))),
    (lambda t: 1 / (1 / t - 1 / ops.sin(t)), lambda t: 1 / (1 / t - 1 / mp.sin(t))),
    (lambda t: ops.gamma(t) * ops.sin(t), lambda t: mp.gamma(t) * mp.sin(t)),
    (lambda t: ops.gamma(t) * ops.gamma(-t) * t**2, lambda t: mp.gamma(t) * mp.gamma(-t) * t**2),
    (lambda t: ops.csc(t) - ops.coth(t), lambda t: mp.csc(t) - mp.coth(t)),
    (lambda t: (1 + t) ** (1 / ops.Ieee(3)), lambda t: (1 + t) ** (mpf(1) / 3)),
    (lambda t: (2 + t) ** t, lambda t: (2 + t) ** t),
    (lambda t: (-t) ** along(3.0, 0.0) + ops.pow_(-2.0, along(3.0, 0.0)), lambda t: -(t**3) - 8),
    (lambda t: ops.acosh(1 + t) / ops.sqrt(t), lambda t: mp.acosh(1 + t) / mp.sqrt(t)),
    (lambda t: ops.acos(1 - t**2) / t, lambda t: mp.acos(1 - t**2) / t),
    (lambda t: ops.hypot(t, t**2) ** 3, lambda t: mp.hypot(t, t**2) ** 3),
    (lambda t: ops.abs_(-t) ** 1.5, lambda t: t ** mpf(1.5)),
    (lambda t: ops.max_(t, ops.sqrt(t)) - ops.min_(t, t**2), lambda t: mp.sqrt(t) - t**2),
    (lambda t: ops.mod(1 - t, 1.0) + ops.fmod(t, 1.0), lambda t: mpf(1)),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(FORMULAS)))
def test_formula_of_germs(k: int) -> None:
    ours, true = FORMULAS[k]
    with mp.workdps(50):
        assert near(ours(along(0, 1)), true(T))


@pytest.mark.long
def test_random_sums_products_quotients_and_powers() -> None:
    rng = random.Random(4)
    with mp.workdps(50):
        for _ in range(40):
            a, b = (
                Germ(FRAME, rng.randint(-9, 9), [rng.choice((0.0, 1.0, -2.0, 0.5, 3.0)) for _ in range(60)])
                for _ in range(2)
            )
            for got, true in ((a + b, at(a) + at(b)), (a - b, at(a) - at(b)), (a * b, at(a) * at(b)), (-a, -at(a))):
                assert abs(at(got) - true) <= 1e-12 * (abs(at(a)) + abs(at(b)) + abs(true))
            assert near(a / b * b, at(a))
            if a.sign() > 0:
                root = Germ(FRAME, a.low - a.low % 6, a.terms)
                assert near((root**0.5) ** 2, at(root))
                assert near((root ** (1 / 3)) * (root ** (2 / 3)), at(root))
                assert near(root**-1.5 * root**1.5, mpf(1))


def test_what_cancels_is_zero() -> None:
    t = along(0, 1)
    for zero in (
        ops.sin(t) ** 2 + ops.cos(t) ** 2 - 1, ops.exp(2 * t) - ops.exp(t) ** 2,
        (1 + t) ** 3 - (1 + 3 * t + 3 * t**2 + t**3),
        0.1 * t + 0.2 * t - 0.3 * t, ops.hypot(t, 1.0) - ops.sqrt(t**2 + 1), t - t,
    ):  # fmt: skip
        assert isinstance(zero, float) or zero.sign() == 0
    assert (1 + along(2.0**-52, 0.0) - 1).sign() == 1  # a value is what it is
    assert (1 / t + along(1 + 2.0**-52, 0.0) - 1)[0] == 2.0**-52


def test_what_is_not_known_is_not_guessed() -> None:
    short = Frame(1, 4, False)
    t = Germ(short, 0, [0.0, 1.0, 0.0, 0.0])
    with pytest.raises(Unsettled):
        (t - ops.sin(t) - t**3 / 6).sign()
    with pytest.raises(Unsettled):
        _ = t[4]
    with pytest.raises(Irregular):
        _ = t**0.5
    vague = along(0, 1) ** math.pi
    assert (vague[0], vague[6], vague[18]) == (0, 0, 0)
    for unknown in (lambda: vague.sign(), lambda: vague[19], lambda: (vague + along(0, 0, 0, 0, 1))[24],
                    lambda: 1e300 * along(1e300, 1), lambda: ops.exp(Germ(FRAME, -1, [0.0]))):  # fmt: skip
        with pytest.raises(NoGerm):
            unknown()
    assert (along(0, 1) + vague)[6] == 1
    assert (Germ(FRAME, 1, [1.0] * 9) ** (math.pi / 10))[0] == 0
    for short in (Germ(FRAME, 0, [1.0, 2.0]), Germ(FRAME, -3, [1.0, 2.0]), Germ(FRAME, 3, [1.0, 2.0])):
        assert (short + 1.0).end == (1.0 - short).end == (2.0 * short).end == (short / 2.0).end == short.end
        assert len((1.0 / short).terms) == 2
    assert ops.div(0.0, along(0, 1)) == 0.0
    with pytest.raises(NoGerm):
        _ = along(0, 1) ** -math.pi
    for known in (1, 2, 3):
        assert ops.exp(Germ(FRAME, 0, [0.0, 2.0, 0.0][:known])).terms == [1.0, 2.0, 2.0][:known]
    huge = ops.tanh(along(0, 1e300))
    assert huge[6] == 1e300
    with pytest.raises(NoGerm):
        _ = huge[54]


@pytest.mark.parametrize("outside", [
    lambda t: ops.sqrt(-t), lambda t: ops.ln(-1 - t), lambda t: t / (t - t), lambda t: ops.asin(1 + t),
    lambda t: ops.acosh(1 - t), lambda t: (-t) ** 0.5, lambda t: ops.pow_(-2.0, 3 + t), lambda t: (t - t) ** -1.0,
    lambda t: ops.pow_(0.0, -t), lambda t: ops.polygamma(1 + t, 2.0),
    lambda t: (-t) ** (2 + t), lambda t: (2 * t - t - t) ** (t - 1), lambda t: (2 * t - t - t) ** -1.0,
    lambda t: ops.pow_(-2.0, 1 / t),
    lambda t: t / (2 * t - t - t), lambda t: (2 * t - t - t) / 0.0,
])  # fmt: skip
def test_outside(outside: Callable[[Any], Any]) -> None:
    with pytest.raises((Outside, ValueError, ZeroDivisionError)):
        outside(along(0, 1))


def test_what_begins_beyond_all_known_powers_is_an_error_of_the_domain() -> None:
    with pytest.raises(adcli.AdcliError, match="atan2 is undefined"):
        adcli.formula("csc(cbrt(cosh(atan2(min(x^y, y), x^y))))").gradient(x=0.0, y=710.0)
