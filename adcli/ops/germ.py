"""Germ: a number just beside a point, as a series in t^(1/root) for small t > 0 that may begin with any power.

Every operation works on it: where it is smooth by the rules of the table, as `Series`; at a kink, a jump, the end of
a domain or a pole by what the operation is just beside it (`Op.beside`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, NamedTuple

from . import table
from .op import Arithmetic, Op, passes
from .series import Series

MAX_ROOT = 24  # no exponent has a larger denominator
FAR = 1e9  # where a function that goes to its limit faster than any power has reached it
ROUNDING = 2.0**-40  # coefficients that differ by less, relative to their size, cancel


class Frame(NamedTuple):
    """The series of one approach: the denominator of exponents, the number of terms, whether no more are tried."""

    root: int
    terms: int
    last: bool


class Unsettled(Exception):  # noqa: N818  # these four are caught in edges/, not errors
    """More terms are needed."""


class Irregular(Exception):  # noqa: N818
    """Exponents need a denominator."""

    def __init__(self, denominator: int) -> None:
        self.denominator = denominator


class Outside(Exception):  # noqa: N818
    """There is no value on this side."""


class NoGerm(Exception):  # noqa: N818
    """There is a value, or a limit, but no power series: a logarithm, an essential singularity."""


class Germ(Arithmetic):
    """The series sum of terms[k] * s^(low + k) with s = t^(1/root), known up to s^end; `terms` begins with no zero.

    `vague`: the terms from s^end on are not a power series, or beyond the range of floats. With whole powers it is a
    Laurent series, with fractions a Puiseux series.
    """

    __slots__ = ("frame", "low", "terms", "vague")
    rank = 5

    def __init__(self, frame: Frame, low: int, terms: Sequence[float]) -> None:
        zeros = next((k for k, c in enumerate(terms) if c != 0), len(terms))
        self.frame, self.low = frame, low + zeros
        self.terms = [*terms[zeros : zeros + frame.terms]]
        self.vague = not all(map(math.isfinite, self.terms))
        if self.vague:
            self.terms = self.terms[: next(k for k, c in enumerate(self.terms) if not math.isfinite(c))]
            if not self.terms:
                raise NoGerm

    @property
    def end(self) -> int:
        """The first power that is not known."""
        return self.low + len(self.terms)

    def __getitem__(self, k: int) -> float:
        """Return the coefficient of s^k."""
        if k >= self.end:
            self._need_more()
        return self.terms[k - self.low] if self.low <= k < self.end else 0.0

    def _need_more(self) -> None:
        if not self.frame.last:
            raise Unsettled
        if self.vague:
            raise NoGerm

    def sign(self) -> float:
        """Return the sign just beside the point."""
        if not self.terms:
            self._need_more()
        return math.copysign(1.0, self.terms[0]) if self.terms else 0.0

    def limit(self) -> float:
        """Return the value that it goes to."""
        return self.sign() * math.inf if self.low < 0 and self.sign() else self[0]

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        made = self._apply(op, args)
        if isinstance(made, Germ) and any([isinstance(x, Germ) and x.vague for x in args]):
            made.vague = True
        return made

    def _apply(self, op: Op, args: tuple[Any, ...]) -> Any:
        if op in _ARITHMETIC:
            return _ARITHMETIC[op](*args)
        if op.selects is not None:
            return args[op.selects(bool(args[0]))]
        if op.condition:
            return op.number(_sign(args[0] - args[1]), 0.0)
        germs = [k for k, x in enumerate(args) if isinstance(x, Germ)]
        at = [x.limit() if isinstance(x, Germ) else float(x) for x in args]
        edges = any([edge.argument in (None, *germs) and passes(edge.when, at) for edge in op.edges])
        if all(op.rules[k] == 0 for k in germs):  # constant but for jumps
            return op.number(*map(_nudged, args)) if edges else op.number(*at)
        regular = not edges and all(map(math.isfinite, at)) and (op.domain is None or op.domain.contains(*at))
        if regular:
            with suppress(NoGerm) if op.beside or op.by else nullcontext():
                return _smooth(op, args, self.frame)
        if op.beside is not None:
            return op.beside(*args)
        limit = op.extended(*at)
        far = [math.copysign(FAR, x) if math.isinf(x) else x for x in at]
        if math.isfinite(limit) and not any(math.isfinite(at[k]) for k in germs) and op.extended(*far) == limit:
            return limit  # reached faster than by any power: exp, tanh, erf; not log(2, x)
        if not _has_value_beside(op, at, [_nudged(x) for x in args]):
            raise Outside
        if op.by is not None:
            return op.by(*args)
        raise NoGerm


def _sign(x: Any) -> float:
    return float(x.sign() if isinstance(x, Germ) else table.sign(x))


def _has_value_beside(op: Op, at: Sequence[float], nudged: Sequence[float]) -> bool:
    """Tell whether an operation has a value just beside a point: in its domain, not at an end, or where nudged."""
    if op.domain is None or passes(op.domain.contains, nudged):
        return True
    return passes(op.domain.contains, at) and not any(e.kind == "end" and passes(e.when, at) for e in op.edges)


def _nudged(x: Any) -> float:
    """Return the number next to where a germ begins, on its side."""
    if not isinstance(x, Germ):
        return float(x)
    at = x.limit()
    return at if math.isinf(at) else math.nextafter(at, _sign(x - at) * math.inf) if _sign(x - at) else at


def _smooth(op: Op, args: tuple[Any, ...], frame: Frame) -> Germ:
    """Return an operation where it is analytic, by its rules on power series."""
    known = min(x.end for x in args if isinstance(x, Germ))
    if known <= 0:  # no coefficient of the first is known
        raise NoGerm
    series = [Series([0.0] * x.low + x.terms) if isinstance(x, Germ) else float(x) for x in args]
    try:
        return Germ(frame, 0, op(*series).upto(min(known, frame.terms) - 1))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise NoGerm from None


def _neg(a: Germ) -> Germ:
    return Germ(a.frame, a.low, [-c for c in a.terms])


def _add(a: Any, b: Any) -> Any:
    if not isinstance(a, Germ):
        a, b = b, a
    if not isinstance(b, Germ):
        b = Germ(a.frame, 0, [b, *[0.0] * a.end])
    low, end = min(a.low, b.low), min(a.end, b.end)
    terms = [0.0] * (end - low)
    for x in (a, b):
        for k, c in enumerate(x.terms[: max(end - x.low, 0)], x.low - low):
            before = terms[k]
            terms[k] += c
            if k != -low and abs(terms[k]) <= ROUNDING * abs(before):  # a value is what it is, a slope may cancel
                terms[k] = 0.0
    return Germ(a.frame, min(low, end), terms)


def _sub(a: Any, b: Any) -> Any:
    return 0.0 if a is b else _add(a, -b)


def _mul(a: Any, b: Any) -> Any:
    if not isinstance(a, Germ):
        a, b = b, a
    if not isinstance(b, Germ):
        return 0.0 if b == 0 else Germ(a.frame, a.low, [b * c for c in a.terms])
    x, y = a.terms, b.terms
    known = min(len(x), len(y))
    return Germ(a.frame, a.low + b.low, [sum(x[j] * y[k - j] for j in range(k + 1)) for k in range(known)])


def _div(a: Any, b: Any) -> Any:
    if not isinstance(b, Germ):
        if b == 0:
            raise Outside
        return Germ(a.frame, a.low, [c / b for c in a.terms])
    if b.sign() == 0:
        raise Outside
    if not isinstance(a, Germ):
        if a == 0:
            return 0.0
        a = Germ(b.frame, 0, [a, *[0.0] * len(b.terms)])
    terms: list[float] = []
    for k in range(min(len(a.terms), len(b.terms))):
        terms.append((a.terms[k] - sum(terms[j] * b.terms[k - j] for j in range(k))) / b.terms[0])
    return Germ(b.frame, a.low - b.low, terms)


def _pow(a: Any, b: Any) -> Any:
    """Return a^b: for a constant b after the leading term of a, else where a > 0 and it is smooth."""
    if isinstance(b, Germ):
        constant = b.limit()
        if not math.isfinite(constant) or _sign(b - constant) != 0:
            return _general_power(a, b)
        b = constant
    return _constant_power(a, b) if isinstance(a, Germ) else table.pow_.number(a, b)


def _general_power(a: Any, b: Germ) -> Any:
    base, exponent = a.limit() if isinstance(a, Germ) else float(a), b.limit()
    if base > 0 and math.isfinite(base) and math.isfinite(exponent):
        return _smooth(table.pow_, (a, b), b.frame)
    if base > 0 and base != 1 and math.isinf(exponent) and math.isfinite(limit := table.pow_.extended(base, exponent)):
        return limit  # 2^(-1/t): reached faster than by any power
    sign = _sign(a)
    if sign == 0 and b.sign() > 0:
        return 0.0
    raise NoGerm if sign > 0 else Outside


def _constant_power(a: Germ, b: float) -> Any:
    """Return (c s^low (1 + u))^b = c^b s^(low b) (1 + u)^b, the last by its recurrence (Griewank & Walther 13.2)."""
    if b == 0:
        return 1.0
    sign = a.sign()
    if sign == 0 and b > 0:
        return 0.0
    if sign == 0 or (sign < 0 and b != math.floor(b)):
        raise Outside
    if b in (1, 2, 3, 4):  # the recurrence loses what is to cancel
        half = a if b < 3 else _mul(a, a)
        return a if b == 1 else _mul(half, a if b < 4 else half)
    low = _leading_power(a.low, b)
    if low is None:
        return _vanishing(a, b)
    x, terms = a.terms, [table.pow_.extended(a.terms[0], b)]
    for k in range(1, len(x)):
        terms.append(sum(((b + 1) * j - k) * x[j] * terms[k - j] for j in range(1, k + 1)) / (k * x[0]))
    return Germ(a.frame, low, terms)


def _leading_power(low: int, b: float) -> int | None:
    """Return low*b for a fraction b, None if b is none; raises Irregular where low*b is no whole number."""
    if low == 0:
        return 0
    for denominator in range(1, MAX_ROOT + 1):
        if (numerator := round(b * denominator)) / denominator == b:
            if low * numerator % denominator:
                raise Irregular(denominator)
            return low * numerator // denominator
    return None


def _vanishing(a: Germ, b: float) -> Germ:
    """Return a power such as t^pi as zeros up to the last whole power below it; later terms are not known."""
    if a.low * b < 0:
        raise NoGerm
    found = Germ(a.frame, math.floor(a.low * b) + 1, [])
    found.vague = True
    return found


_ARITHMETIC: dict[Op, Callable[..., Any]] = {
    table.neg: _neg, table.add: _add, table.sub: _sub, table.mul: _mul, table.div: _div, table.pow_: _pow,
}  # fmt: skip
