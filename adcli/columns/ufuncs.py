"""The operations of the table on numpy arrays: a ufunc, simpler operations, or number by number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import ops
from ..ops import Op, two_difference, two_product
from .executable import Array, Kernel

MOST_FACTORS = 6  # of a power that is a product: up to here as exact as numpy's

_UFUNCS: dict[Op, np.ufunc] = {
    ops.lt: np.less, ops.le: np.less_equal, ops.gt: np.greater, ops.ge: np.greater_equal, ops.eq: np.equal,
    ops.ne: np.not_equal, ops.and_: np.logical_and, ops.or_: np.logical_or, ops.not_: np.logical_not,
    ops.neg: np.negative, ops.add: np.add, ops.sub: np.subtract, ops.mul: np.multiply, ops.div: np.divide,
    ops.ln: np.log, ops.mod: np.mod,
}  # fmt: skip


def function(op: Op) -> tuple[Kernel, bool]:
    """Return what computes an operation into an array, and whether that may be the array of an argument."""
    if op in _UFUNCS:
        return _UFUNCS[op], True
    if op in _FUNCTIONS:
        return _FUNCTIONS[op], op in (ops.min_, ops.max_)
    for name in (op.name, *op.aliases):
        found = getattr(np, name, None)
        if isinstance(found, np.ufunc) and found.nin == op.arity and op is not ops.remainder:
            return found, True
    return one_by_one(op.extended), False


def tells(op: Op) -> bool:
    """Tell whether numpy raises a floating-point flag where the operation leaves its domain or overflows."""
    return op in _UFUNCS or function(op)[1] or op in (ops.where, ops.log, ops.logit)


def one_by_one(function: Callable[..., Any]) -> Kernel:
    """Return a function of numbers as one of arrays, which takes 100 ns and more for each."""

    def run(*arguments: Any) -> None:
        *given, out = arguments
        out[...] = np.frompyfunc(function, len(given), 1)(*given)

    return run


def _where(condition: Any, a: Any, b: Any, out: Array, mask: Array) -> None:
    """Take a or b bit by bit: numpy's own `where` waits at each row for which it has not foretold the condition."""
    (p, q), chosen, bits = [_bits(x) for x in (a, b)], out.view(np.int64), mask.view(np.int64)
    np.copyto(bits, condition)
    np.negative(bits, bits)
    np.bitwise_xor(p, q, chosen)
    np.bitwise_and(chosen, bits, chosen)
    np.bitwise_xor(chosen, q, chosen)


def _bits(x: Any) -> Any:
    return np.asarray(x, float).view(np.int64)


def _smaller(a: Any, b: Any, out: Array) -> None:
    np.minimum(a, b, out=out)


def _larger(a: Any, b: Any, out: Array) -> None:
    np.maximum(a, b, out=out)


def _clamp(x: Any, low: Any, high: Any, out: Array) -> None:
    np.minimum(np.maximum(x, low), high, out=out)
    np.copyto(out, np.nan, where=np.greater(low, high))


def _atan2(y: Any, x: Any, out: Array) -> None:
    np.arctan2(y, x, out)
    np.copyto(out, np.nan, where=np.equal(y, 0) & np.equal(x, 0))


def _log(x: Any, base: Any, out: Array) -> None:
    np.divide(np.log(x), np.log(base), out)


def _logit(p: Array, out: Array) -> None:
    np.log(p / (1 - p), out)
    middle = np.abs(p - 0.5) < 0.25
    out[middle] = 2 * np.arctanh(2 * p[middle] - 1)


def _xlogy(x: Any, y: Any, out: Array) -> None:
    out[...] = np.where(np.equal(x, 0), np.where(np.greater_equal(y, 0), 0.0, np.nan), x * np.log(y))


def _fma(a: Any, b: Any, c: Any, out: Array) -> None:
    p, p_lost = two_product(a, b)
    s = p + c
    t = s - p
    np.add(s, ((p - (s - t)) + (c - t)) + p_lost, out)


_FUNCTIONS: dict[Op, Kernel] = {
    ops.min_: _smaller, ops.max_: _larger, ops.where: _where, ops.clamp: _clamp,
    ops.atan2: _atan2, ops.log: _log, ops.logit: _logit,
    ops.xlogy: _xlogy, ops.fma: _fma,
}  # fmt: skip
WORK = {ops.where: 1}  # arrays to work in beside the result


# -- by simpler operations ---------------------------------------------------------------------------------------------
def expanded(op: Op, *args: Any, exact: bool = False) -> Any:
    """Return the operation on symbols by others that numpy does sooner; None if it is done as it is.

    `exact` leaves out one that is within 1.5 ulp where numpy's own is within 1.
    """
    rule = None if exact and op is ops.log1p else _EXPANDED.get(op)
    return rule(*args) if rule else None


def _power(x: Any, n: Any) -> Any:
    if not isinstance(n, float):
        return None
    if n == 0.5:
        return ops.sqrt(x)
    if n % 1 or not 0 < abs(n) <= MOST_FACTORS:
        return None
    powers = [x]
    while 2 ** len(powers) <= abs(n):
        powers.append(powers[-1] * powers[-1])
    factors = [power for k, power in enumerate(powers) if int(abs(n)) >> k & 1]
    product = math.prod(factors[1:], start=factors[0])
    return product if n > 0 else 1 / product


def _log_by_base(x: Any, base: Any) -> Any:
    if not isinstance(base, float):
        return None
    return ops.log2(x) if base == 2 else ops.log10(x) if base == 10 else None


def _log1p(x: Any) -> Any:
    """Return ln(1 + x), with what the sum rounds away put back."""
    u = 1 + x
    return ops.ln(u) + (x - (u - 1)) / u


def _sech(x: Any) -> Any:
    e = ops.exp(-ops.abs_(x))
    return 2 * e / (1 + e * e)


_EXPANDED: dict[Op, Callable[..., Any]] = {
    ops.pow_: _power,
    ops.log: _log_by_base,
    ops.log1p: lambda x: ops.copysign(_log1p(x), x),  # -0 of -0
    ops.step: lambda x: 0.5 + 0.5 * ops.sign(x),
    ops.relu: lambda x: ops.max_(x, 0.0),
    ops.sigmoid: lambda x: 1 / (1 + ops.exp(-x)),
    ops.softplus: lambda x: ops.max_(x, 0.0) + _log1p(ops.exp(-ops.abs_(x))),
    ops.sech: _sech,
    ops.csch: lambda x: 1 / ops.sinh(x),
    ops.coth: lambda x: 1 / ops.tanh(x),
    ops.sec: lambda x: 1 / ops.cos(x),
    ops.csc: lambda x: 1 / ops.sin(x),
    ops.cot: lambda x: 1 / ops.tan(x),
}


def _sigmoid_by(e: Any, x: Any) -> Any:
    return ops.where(ops.ge(x, 0.0), 1.0, e) / (1 + e)


def _quotient(y: Any, a: Any, b: Any) -> Any:
    return -ops.round_((a - y) / b)


def _power_slope(y: Any, a: Any, b: Any) -> Any:
    """Return b*a^(b-1) with what b - 1 rounds away."""
    c, lost = two_difference(b if b.value is None else b.value, 1.0)
    plain = b * a**c
    return plain if lost == 0 else plain * (1 + lost * ops.ln(a))


_SLOPES: dict[tuple[Op, int], Callable[..., Any]] = {
    (ops.sigmoid, 0): lambda y, x: ops.exp(-x) * y * y,
    (ops.softplus, 0): lambda y, x: _sigmoid_by(ops.exp(-ops.abs_(x)), x),
    (ops.pow_, 0): _power_slope,
    (ops.atan2, 0): lambda t, y, x: x / ops.hypot(y, x) / ops.hypot(y, x),
    (ops.atan2, 1): lambda t, y, x: -y / ops.hypot(y, x) / ops.hypot(y, x),
    (ops.mod, 1): _quotient,
    (ops.fmod, 1): _quotient,
    (ops.remainder, 1): _quotient,
}


def slope(op: Op, k: int) -> Any:
    """Return the partial derivative by argument k, a rule of formulas: the table's, or one that suits columns better.

    It shares more with the value, or keeps the digits that the table's `accurate` keeps for numbers.
    """
    return _SLOPES.get((op, k), op.rules[k])
