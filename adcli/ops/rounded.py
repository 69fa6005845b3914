"""Rounded: a number with estimates of its rounding error, which every operation of the table carries along."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any

from .op import Arithmetic, Op
from .table import abs_, floor, where
from .twofold import ROUNDOFF

DRAWS = 3  # of random rounding errors
LOST = 1e-3  # relative error of what has no digits to speak of
NOISE = 2.0**-40  # part of errors that cancel, below which their sum is 0


def lost(op: Op, y: Any, args: Sequence[Any]) -> tuple[Any, Any]:
    """Return what rounding took from a result, of floats or of columns: a part with its sign, and a bound of the rest.

    An operation of straight pieces (floor, max) loses nothing, nor does one at familiar numbers: exp(0), ln(1), 3^2.
    """
    if op.lost is not None:
        return op.lost(y, *args), 0.0
    if op.pieces:
        return 0.0, 0.0
    familiar: Any = (floor(y) == y) & (abs(y) < 2.0**53)
    for x in args:
        familiar = familiar & ((floor(x) == x) if op.whole else (x == 0.0) | (x == 1.0))
    if op.whole:
        familiar = familiar | (args[-1] == 1.0)  # x^1
    return 0.0, where(familiar, 0.0, ROUNDOFF * abs(y))


def few_digits(number: Any, errors: Sequence[Any]) -> Any:
    """Tell whether fewer than three digits of a number are left, given estimates of its error, floats or columns."""
    found: Any = False
    for error in errors:
        if not _is_zero(error):
            found = found | (abs_(error) > LOST * abs_(number))
    return found


class Rounded(Arithmetic):
    """A float, or a column, and a few estimates of what rounding took from it: value + error is the truth, perhaps.

    They go through each operation to first order. An operation adds the part that is known (of a sum, a product), and a
    random part of the bound of the rest. The same calculation has the same error each time, so that equal terms cancel.
    (Vignes, "A stochastic arithmetic for reliable scientific computation", 1993; Higham, "Accuracy and Stability of
    Numerical Algorithms", 2002, chapter 3.)
    """

    __slots__ = ("errors", "value")
    rank = 2

    def __init__(self, value: Any, errors: tuple[Any, ...] = (0.0,) * DRAWS) -> None:
        self.value, self.errors = value, errors

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        values = [x.value if isinstance(x, Rounded) else x for x in args]
        plain = all(isinstance(x, int | float) for x in values)
        y = op.extended(*map(float, values)) if plain and not op.selects else op(*values)
        if op.condition:
            return y
        errors = [x.errors if isinstance(x, Rounded) else (0.0,) * DRAWS for x in args]
        if op.selects:
            return Rounded(y, tuple(op(values[0], *chosen) for chosen in zip(*errors[1:], strict=True)))
        if plain and not math.isfinite(y):
            return Rounded(y)
        known, rest = lost(op, y, values)
        made = [known if _is_zero(rest) else known + _random(draw, op, values) * rest for draw in range(DRAWS)]
        for k, of_argument in enumerate(errors):
            if not all(map(_is_zero, of_argument)):
                slope = op.slope(k, y, *values) if plain else _slope_of_columns(op, k, y, values)
                made = [_sum(own, _times(slope, error)) for own, error in zip(made, of_argument, strict=True)]
        return Rounded(y, tuple(made))

    @property
    def truths(self) -> tuple[Any, ...]:
        """The estimates of what the number is without rounding."""
        return tuple(_sum(self.value, error) for error in self.errors)

    @property
    def few_digits(self) -> Any:
        """Tell whether fewer than three digits are left: a bool, or a condition on columns."""
        return few_digits(self.value, self.errors)


def _slope_of_columns(op: Op, k: int, y: Any, args: Sequence[Any]) -> Any:
    """Return a local partial; NaN where a constant among the arguments gives it no value: (-2)^x."""
    try:
        return op.partial(k, y, *args)
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def _is_zero(x: Any) -> bool:
    return isinstance(x, int | float) and x == 0


def _times(slope: Any, error: Any) -> Any:
    """Return a product without 0*inf."""
    return 0.0 if _is_zero(slope) or _is_zero(error) else slope * error


def _sum(a: Any, b: Any) -> Any:
    """Return a sum, 0 where nothing but rounding is left of it."""
    if _is_zero(a) or _is_zero(b):
        return b if _is_zero(a) else a
    return where(abs_(a + b) <= NOISE * abs_(a), 0.0, a + b)


def _random(draw: int, op: Op, args: Sequence[Any]) -> float:
    """Return a number between -1 and 1 that depends on the calculation."""
    return zlib.crc32(f"{draw}{op.name}{args}".encode()) / 2**31 - 1
