"""Series: truncated power series on which every operation works, coefficient by coefficient, from the same rules.

An operation with derivative rule r has y' = r(y, x) x', so k y_k = sum over j of j x_j r_(k-j): the rule itself is a
series, found as far as it is needed (Griewank & Walther 2008, section 13.2; van der Hoeven 2002 for the order of work).
Only sums, products, quotients and powers with a constant exponent have recurrences of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from operator import mul as times
from typing import Any

from . import table
from .op import Arithmetic, Op

BEYOND = 2000  # above every order asked for: x^b with a larger b is 0 where x begins with 0


class Series(Arithmetic):
    """The power series c_0 + c_1 t + c_2 t^2 + ..., each coefficient calculated when it is needed.

    Coefficients are floats, or Series in another variable of a lower `level`: then mixed partial derivatives
    come out. `more(k)` gives coefficient k once those before are known.
    """

    __slots__ = ("coefficients", "derived", "level", "more", "opposite")
    rank = 3

    def __init__(self, start: list[Any], more: Callable[[int], Any] | None = None, level: int = 1) -> None:
        self.coefficients, self.more, self.level = start, more, level
        self.derived: dict[tuple[Any, ...], Series] = {}  # so that sin, whose rule is cos, whose rule is sin, ends
        self.opposite: Series | None = None

    def __getitem__(self, k: int) -> Any:
        known = self.coefficients
        while len(known) <= k:
            known.append(0.0 if self.more is None else self.more(len(known)))
        return known[k]

    def upto(self, k: int) -> list[Any]:
        """Return coefficients 0 to k."""
        _ = self[k]
        return self.coefficients[: k + 1]

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        level = max(x.level for x in args if isinstance(x, Series))
        series = [x if isinstance(x, Series) and x.level == level else None for x in args]
        key = (op, *(x if isinstance(x, Series) else repr(x) for x in args))  # 0.0 and -0.0 apart
        home = next(x for x in series if x is not None)
        if key not in home.derived:
            home.derived[key] = _apply(op, args, series, level)
        return home.derived[key]


def series_variable(value: Any, direction: Any = 1.0, level: int = 1) -> Series:
    """Return value + direction * t."""
    return Series([value, direction], None, level)


def _apply(op: Op, args: tuple[Any, ...], series: list[Series | None], level: int) -> Any:
    """Return the operation on series; an argument that is no series of this level is a constant."""
    first = [s[0] if s is not None else x for s, x in zip(series, args, strict=True)]
    if op is table.neg:
        return _negated(args[0])
    if op is table.mul:
        return _product(args, series, level)
    if op is table.pow_:
        return _power(args, series, first, level)
    if op in (table.add, table.sub, table.div):
        a, b = (x if x is not None else Series([c], None, level) for x, c in zip(series, args, strict=True))
        if op is not table.div:
            return Series([op(*first)], lambda k: op(a[k], b[k]), level)
        if series[1] is None:
            return Series([op(*first)], lambda k: a[k] / args[1], level)
        return _quotient(a, b)
    y = Series([op(*first)], None, level)
    rules: dict[int, Any] = {}

    def more(k: int) -> Any:
        total: Any = 0.0
        tangents = {m: x[1] for m, x in enumerate(series) if x is not None} if k == 1 else {}
        if tangents and all(isinstance(x, float) for x in (*first, *tangents.values())):  # as accurate as a sweep
            numbers = [float(x) for x in first]
            slope = sum(float(d) * op.slope(m, y[0], *numbers) for m, d in tangents.items())
            if math.isfinite(slope):
                return type(y[0])(slope)
        for m, x in enumerate(series):
            if x is None:
                continue
            if m not in rules:
                rules[m] = op.partial(m, y, *args)
            r = rules[m]
            if isinstance(r, Series) and r.level == level:
                total = total + _dot([j * c for j, c in enumerate(x.upto(k))][1:], r.upto(k - 1)[::-1])
            else:
                total = total + k * x[k] * r
        return total / k

    y.more = more
    return y


def _dot(a: list[Any], b: list[Any]) -> Any:
    """Return the sum of a_j b_j; products of floats are added without further rounding."""
    if all(type(x) is float for x in a) and all(type(x) is float for x in b):
        with suppress(ValueError, OverflowError):  # infinite terms
            return math.fsum(map(times, a, b))
    total: Any = 0.0
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def _negated(x: Series) -> Series:
    if x.opposite is None:
        x.opposite = Series([-x[0]], lambda k: -x[k], x.level)
        x.opposite.opposite = x
    return x.opposite


def _product(args: tuple[Any, ...], series: list[Series | None], level: int) -> Series:
    a, b = series
    if a is None or b is None:
        x, c = (a, args[1]) if a is not None else (b, args[0])
        assert x is not None
        return Series([x[0] * c], lambda k: x[k] * c, level)
    return Series([a[0] * b[0]], lambda k: _dot(a.upto(k), b.upto(k)[::-1]), level)


def _quotient(a: Series, b: Series) -> Series:
    y = Series([a[0] / b[0]], None, a.level)
    y.more = lambda k: (a[k] - _dot(b.upto(k)[1:], y.upto(k - 1)[::-1])) / b[0]
    return y


def _power(args: tuple[Any, ...], series: list[Series | None], first: list[Any], level: int) -> Any:
    """Return x^b: by the recurrence for a constant b (Griewank & Walther, Table 13.2), else like exp(b ln x)."""
    x, b = series[0], args[1]
    y = Series([table.pow_(*first)], None, level)
    if x is None or series[1] is not None or isinstance(b, Series):
        if x is None and args[0] == 0 and y[0] == 0:  # 0^b for b > 0
            return y
        exponent = b * table.ln(args[0])

        def more(k: int) -> Any:
            weighted = [j * c for j, c in enumerate(exponent.upto(k))][1:]
            return _dot(weighted, y.upto(k - 1)[::-1]) / k

        y.more = more
        return y
    if b % 1 == 0 and b >= 0 and (b <= 64 or _primal(x) == 0):
        return _whole_power(x, int(b), level) if b <= BEYOND else Series([0.0], None, level)

    def recurrence(k: int) -> Any:
        weighted = [(b * j - (k - j)) * c for j, c in enumerate(x.upto(k))][1:]
        return _dot(weighted, y.upto(k - 1)[::-1]) / (k * x[0])

    y.more = recurrence
    return y


def _primal(x: Any) -> float:
    """Return the number that a series, or one in another variable, begins with."""
    while isinstance(x, Series):
        x = x[0]
    return float(x)


def _whole_power(x: Series, n: int, level: int) -> Any:
    """Return x^n by squaring: right also where x begins with 0."""
    result: Any = None
    while n:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        if n:
            x = x * x
    return Series([1.0], None, level) if result is None else result
