"""Kernels that numpy lacks or has slower: functions of the arguments, and the array of the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import two_product
from .executable import Array, Kernel


def choose(condition: Any, a: Any, b: Any, out: Array, mask: Array) -> None:
    """Take a or b bit by bit: numpy's `where` waits at each row whose condition the processor has predicted wrongly."""
    p, q = [np.asarray(x, float).view(np.int64) for x in (a, b)]
    chosen, bits = out.view(np.int64), mask.view(np.int64)
    np.copyto(bits, condition)
    np.negative(bits, bits)
    np.bitwise_xor(p, q, chosen)
    np.bitwise_and(chosen, bits, chosen)
    np.bitwise_xor(chosen, q, chosen)


def minimum(a: Any, b: Any, out: Array) -> None:
    """Take the smaller number; numpy wants the array for the result by name."""
    np.minimum(a, b, out=out)


def maximum(a: Any, b: Any, out: Array) -> None:
    """Take the larger number."""
    np.maximum(a, b, out=out)


def clamp(x: Any, low: Any, high: Any, out: Array) -> None:
    """Limit x to low..high; NaN where low > high."""
    np.minimum(np.maximum(x, low), high, out=out)
    np.copyto(out, np.nan, where=np.greater(low, high))


def atan2(y: Any, x: Any, out: Array) -> None:
    """Find the angle of (x, y); NaN at (0, 0)."""
    np.arctan2(y, x, out)
    np.copyto(out, np.nan, where=np.equal(y, 0) & np.equal(x, 0))


def log_base(x: Any, base: Any, out: Array) -> None:
    """Find the logarithm of x to a base."""
    np.divide(np.log(x), np.log(base), out)


def logit(p: Array, out: Array) -> None:
    """Find ln(p/(1 - p)), with all digits beside its zero at 1/2."""
    np.log(p / (1 - p), out)
    middle = np.abs(p - 0.5) < 0.25
    out[middle] = 2 * np.arctanh(2 * p[middle] - 1)


def xlogy(x: Any, y: Any, out: Array) -> None:
    """Find x*ln(y), 0 where x is 0 and y is not negative."""
    out[...] = np.where(np.equal(x, 0), np.where(np.greater_equal(y, 0), 0.0, np.nan), x * np.log(y))


def fma(a: Any, b: Any, c: Any, out: Array) -> None:
    """Find a*b + c by exact products and sums (Dekker, Knuth), rounded almost once."""
    p, p_lost = two_product(a, b)
    s = p + c
    t = s - p
    np.add(s, ((p - (s - t)) + (c - t)) + p_lost, out)


# Where there is no value numpy raises a floating-point flag.
FLAGGED: set[Kernel | None] = {minimum, maximum, choose, log_base, logit}
# The array for the result may be that of an argument.
IN_PLACE: set[Kernel | None] = {minimum, maximum}
# The number of arrays to work in, which follow that for the result.
WORK: dict[Kernel | None, int] = {choose: 1}
