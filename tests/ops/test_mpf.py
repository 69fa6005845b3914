"""Every operation on numbers of mpmath: 50 digits against textbook formulas, and what is only rounding is 0."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf

from adcli import ops
from adcli.errors import LimitError
from adcli.language.reader import CONSTANTS
from adcli.ops.mpf import Big, mp_context, to_big
from adcli.ops.op import Exact, Op
from tests.ops.test_table import REFERENCE

DIGITS = 50
NUMBERS = [op for op in ops.TABLE if not op.condition]
POINTS = ((0.3, 0.8, 0.9), (0.1, 0.7, 1.3), (-0.6, 1.7, 2.1), (-2.3, -1.4, 0.2), (7.9, 0.4, 3.3), (1.2, 33.3, 77.7))


def points(op: Op) -> list[tuple[float, ...]]:
    """Return sample points inside the domain of an operation, away from where it is not smooth."""
    if op in (ops.polygamma, ops.besselj, ops.bessely):
        return [(1.0, 0.7), (3.0, 12.3), (2.0, 0.6 if op is ops.bessely else -0.6)]
    if op is ops.where:
        return [(True, 0.7, 0.3), (False, 0.7, 0.3)]
    found = [p[: op.arity] for p in POINTS if op.domain is None or op.domain.contains(*p[: op.arity])]
    return [op.sample, *found]


def big(x: float, c: Any) -> Any:
    return x if isinstance(x, bool) else to_big(c, x, exact_floats=False)


def close(found: Any, exact: Any) -> bool:
    return abs(mpf(found) - exact) <= abs(exact) * mpf(10) ** -DIGITS


def test_every_operation_is_known() -> None:
    for op in ops.TABLE:
        assert op.names_in("mpmath") or op.by or op.condition or op.selects, op


@pytest.mark.parametrize("op", NUMBERS, ids=lambda op: op.name)
def test_values_and_slopes_have_50_digits(op: Op) -> None:
    value, slopes = REFERENCE[op.name]
    c = mp_context(DIGITS + 20)
    with mp.workdps(DIGITS + 20):
        for at in points(op):
            args = [big(x, c) for x in at]
            exact = [x if isinstance(x, bool) else mpf(repr(x)) for x in at]
            y = op(*args)
            assert close(y.number, value(*exact)), (op, at)
            for k, slope in enumerate(slopes):
                if slope is not None and not isinstance(at[k], bool):
                    rule = op.rules[k]
                    found = rule(y, *args) if callable(rule) else rule
                    if op.name == "pow" and k == 1 and at[0] < 0:
                        assert found.number != found.number
                    else:
                        assert close(to_big(c, found).number, slope(*exact)), (op, at, k)


SMOOTH = [op for op in NUMBERS if op.selects is None and op not in (ops.polygamma, ops.besselj, ops.bessely)]


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)
def test_slopes_are_those_of_the_values(op: Op) -> None:
    """Against differences of our own values with 200 digits: the rule and the function belong together."""
    c, fine = mp_context(60), mp_context(200)
    h = fine.mpf(10) ** -70
    for at in points(op):
        for k in range(op.arity):
            if (op is ops.pow_ and k == 1 and at[0] < 0) or (op is ops.copysign and k == 1):
                continue
            sides = [[big(x, fine) + (s if j == k else 0) for j, x in enumerate(at)] for s in (Big(h), Big(-h))]
            up, down = (op(*args).number for args in sides)
            rule, args = op.rules[k], [big(x, c) for x in at]
            found = to_big(c, rule(op(*args), *args) if callable(rule) else rule).number
            assert abs(fine.mpf(found) - (up - down) / (2 * h)) <= fine.mpf(10) ** -50 * (1 + abs(found)), (op, at, k)


@pytest.mark.parametrize("name", ["pi", "e", "tau", "π", "τ"])
def test_constants(name: str) -> None:
    x = CONSTANTS[name]
    with mp.workdps(60):
        exact = {"e": +mp.e}.get(name, +mp.pi if name in ("pi", "π") else 2 * mp.pi)
        assert abs(mpf(to_big(mp_context(60), x).number) - exact) < mpf(10) ** -58
        assert float(x) == float(exact)


def test_an_exact_float_is_an_ordinary_one() -> None:
    third = Exact(1 / 3, lambda one: one / 3)
    assert repr(third) == repr(1 / 3)
    assert type(third * 2) is float
    assert to_big(mp_context(40), -third) * 3 == -1
    assert ops.literal("0.1") == 0.1
    assert type(ops.literal("0.1000000000000000")) is float
    assert ops.literal("9007199254740993").of(Fraction(1)) == 2**53 + 1
    assert ops.literal("0.10000000000000000001").of(Fraction(1)) == Fraction("0.10000000000000000001")
    assert repr(ops.literal("9007199254740993")) == "9007199254740993"
    assert repr(ops.literal("0.10000000000000000001")) == "0.10000000000000000001"
    assert ops.literal("123456789012345678901234567890") == 123456789012345678901234567890.0
    assert ops.literal("0." + "0" * 20 + "e-99999999999") == 0.0


def test_what_is_only_rounding_is_nothing() -> None:
    c = mp_context(30)
    x, y, z = (to_big(c, x, exact_floats=False) for x in (0.1, 0.2, 0.3))
    assert x + y - z == 0
    assert x + y == z
    assert not x + y < z
    assert c.lost
    assert ops.sin(to_big(c, CONSTANTS["pi"])) == 0
    assert ops.floor((x + y) * 10) == 3
    assert ops.mod(x + y, z) == 0
    assert ops.round_((x + y) / (2 * z)) == 0
    assert ops.round_((x + y) / (2 * z) + 1) == 2
    assert ops.asin(x * 10) * 2 == to_big(c, CONSTANTS["pi"])


def test_a_small_difference_is_one() -> None:
    c = mp_context(30)
    a, b = to_big(c, 1.0), Big(c.mpf("1e-25"))
    assert a + b > a
    assert float(a + b - a) == pytest.approx(1e-25, rel=1e-4)
    assert not c.lost


@pytest.mark.parametrize(
    ("op", "args", "limit"),
    [
        (ops.ln, (0.0,), -math.inf),
        (ops.div, (1.0, 0.0), math.inf),
        (ops.pow_, (0.0, -1.0), math.inf),
        (ops.max_, (math.inf, -math.inf), math.inf),
        (ops.exp, (-math.inf,), 0.0),
        (ops.floor, (math.inf,), math.inf),
    ],
)
def test_poles_and_infinities(op: Op, args: tuple[float, ...], limit: float) -> None:
    c = mp_context(30)
    assert float(op(*(to_big(c, x) for x in args))) == limit


def test_outside_the_domain_there_is_no_number() -> None:
    c = mp_context(30)
    for op, x in ((ops.ln, -1.0), (ops.asin, 1.5), (ops.acosh, 0.5)):
        y = op(to_big(c, x)).number
        assert y != y


def test_huge_numbers_are_refused_not_computed() -> None:
    huge = ops.exp(ops.exp(to_big(mp_context(30), 20.0)))
    assert float(huge) == math.inf
    with pytest.raises(LimitError, match="beyond"):
        ops.sin(huge)
