"""Big: a number of mpmath as one more kind of number, on which every operation and every rule of the table works."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import LimitError, UsageError
from . import table
from .op import Arithmetic, Exact, Op

GUARD = 10  # bits at the end that may be noise: what cancels down to them is taken as 0
WIDEST = 2**20  # bits before the point that a function is given

# mpmath has no types: `Any` stands for its contexts (`c`) and numbers.
Function = Callable[..., Any]


def context(digits: int) -> Any:
    """Return a context of mpmath of our own, with so many digits.

    `lost` tells whether something cancelled wholly; `limiting` says that 0*inf is 0, as in the rule of x^0 at 0.
    """
    try:
        from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError("--precise needs mpmath", hint="pip install 'adcli[precise]'") from None
    made = MPContext()
    made.dps, made.lost, made.limiting = digits, False, False
    return made


class Big(Arithmetic):
    """A number of mpmath, with as many digits as its context has.

    Differences that are no more than the rounding of what they come from are 0, in comparisons too.
    """

    __slots__ = ("number",)

    def __init__(self, number: Any) -> None:
        self.number = number

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        c = self.number.context
        numbers = [x.number if isinstance(x, Big) else number(c, x).number for x in args]
        if op not in _ANY_SIZE and any(_bits(x) > WIDEST for x in numbers):
            raise LimitError(f"{op.name} is asked for of a number beyond 10^{WIDEST * math.log10(2):.0f}")
        try:
            y = FUNCTIONS[op](c, *numbers)
        except (ValueError, ZeroDivisionError, OverflowError):  # a pole
            return Big(c.convert(op.extended(*map(float, numbers))))
        if isinstance(y, bool):
            return y
        if not hasattr(y, "_mpf_"):  # complex: by the last digit outside the domain, or by far
            y = y.real if op.domain is not None and op.domain.contains(*map(Big, numbers)) else c.nan
        return Big(y)

    def _minus(self, other: Any) -> Any:
        a, b = self.number, number(self.number.context, other).number
        return a.context.zero if a == b else kept(a.context, a - b, a, b)

    def __float__(self) -> float:
        return float(self.number)

    def __int__(self) -> int:
        return int(self.number)

    def __repr__(self) -> str:
        return f"Big({self.number._mpf_})"

    # fmt: off
    def __lt__(self, other: Any) -> bool: return bool(self._minus(other) < 0)
    def __le__(self, other: Any) -> bool: return bool(self._minus(other) <= 0)
    def __gt__(self, other: Any) -> bool: return bool(self._minus(other) > 0)
    def __ge__(self, other: Any) -> bool: return bool(self._minus(other) >= 0)
    def __eq__(self, other: object) -> bool: return bool(self._minus(other) == 0)
    def __hash__(self) -> int: return hash(self.number)
    # fmt: on


def number(c: Any, x: Any, *, exact_floats: bool = True) -> Big:
    """Return a float as a Big: one that is Exact by what it is, another as it is, or else as its shortest text says."""
    if isinstance(x, Big):
        return x
    if exact_floats and not isinstance(x, Exact):
        return Big(c.convert(x))
    return x.of(Big(c.one)) if isinstance(x, Exact) else Big(c.mpf(float.__repr__(x)))


def _bits(x: Any) -> int:
    """Return the position of a number's first bit; 0 for 0, infinities and NaN."""
    _, mantissa, exponent, size = x._mpf_
    return int(exponent + size) if mantissa else 0


def kept(c: Any, y: Any, *terms: Any) -> Any:
    """Return y, or 0 where it is no more than the noise of the terms that it comes from."""
    sizes = [_bits(x) for x in terms if x]
    if not sizes or not hasattr(y, "_mpf_") or not c.isfinite(y):  # a complex number is not for here
        return y
    if y and _bits(y) > max(sizes) - c.prec + GUARD:
        return y
    c.lost = True
    return c.zero


def _sum(c: Any, a: Any, b: Any) -> Any:
    return kept(c, a + b, a, b)


def _product(c: Any, a: Any, b: Any) -> Any:
    return c.zero if c.limiting and not (a and b) else a * b


def _rounded(rounding: str, c: Any, x: Any) -> Any:
    """Return x rounded; what is a whole number or a half but for noise is one."""
    if not c.isfinite(x):
        return x
    half = c.nint(2 * x) / 2
    return getattr(c, rounding)(x if kept(c, x - half, x) else half)


def _truncated(c: Any, x: Any) -> Any:
    return _rounded("floor" if x > 0 else "ceil", c, x)


def _remainder(rounding: Function, c: Any, a: Any, b: Any) -> Any:
    n = rounding(c, a / b)
    return kept(c, a - n * b, a)


def _step(c: Any, x: Any) -> Any:
    return c.one if x > 0 else c.zero if x < 0 else x + 0.5


def _compared(test: Function) -> Function:
    return lambda c, a, b: test(Big(a), Big(b))


def _larger(c: Any, a: Any, b: Any) -> Any:
    return c.nan if c.isnan(a) or c.isnan(b) else max(a, b)


def _rooted(name: str) -> Function:
    """Return a function of mpmath that is 0 at numbers other than 0: but for noise, it is 0 beside them."""
    return lambda c, x: kept(c, getattr(c, name)(x), x)


def _log(c: Any, x: Any, base: Any = None) -> Any:
    y = kept(c, c.ln(x), c.one)
    return y if base is None else y / kept(c, c.ln(base), c.one)


def _logaddexp(c: Any, a: Any, b: Any) -> Any:
    high, low = max(a, b), min(a, b)
    return kept(c, high + c.log1p(c.exp(low - high)), high)


def _polygamma(c: Any, n: Any, x: Any) -> Any:
    if n != c.floor(n) or n < 0 or (x <= 0 and x == c.floor(x)):
        raise ValueError
    return kept(c, c.psi(int(n), x), c.one)


def _lgamma(c: Any, x: Any) -> Any:
    return c.inf if x <= 0 and x == c.floor(x) else kept(c, c.loggamma(x).real, c.one)


def _named(op: Op) -> Function:
    return lambda c, *x: getattr(c, op.name)(*x)


_floor, _ceil, _nearest = (partial(_rounded, name) for name in ("floor", "ceil", "nint"))

# fmt: off
FUNCTIONS: dict[Op, Function] = {
    table.lt: _compared(lambda a, b: a < b), table.le: _compared(lambda a, b: a <= b),
    table.gt: _compared(lambda a, b: a > b), table.ge: _compared(lambda a, b: a >= b),
    table.eq: _compared(lambda a, b: a == b), table.ne: _compared(lambda a, b: a != b),
    table.and_: lambda c, a, b: b if a else a, table.or_: lambda c, a, b: a if a else b, table.not_: lambda c, a: not a,
    table.where: lambda c, a, x, y: x if a else y,
    table.neg: lambda c, x: -x, table.add: _sum, table.sub: lambda c, a, b: _sum(c, a, -b),
    table.mul: _product, table.div: lambda c, a, b: a / b, table.pow_: lambda c, a, b: a**b,
    table.fma: lambda c, a, x, b: _sum(c, a * x, b),
    table.abs_: lambda c, x: abs(x), table.sign: lambda c, x: c.sign(x), table.step: _step,
    table.floor: _floor, table.ceil: _ceil, table.trunc: _truncated, table.round_: _nearest,
    table.min_: lambda c, a, b: -_larger(c, -a, -b), table.max_: _larger,
    table.relu: lambda c, x: _larger(c, x, c.zero),
    table.clamp: lambda c, x, lo, hi: _larger(c, lo, -_larger(c, -x, -hi)),
    table.copysign: lambda c, a, b: abs(a) if b >= 0 else -abs(a),
    table.fmod: partial(_remainder, _truncated), table.mod: partial(_remainder, _floor),
    table.remainder: partial(_remainder, _nearest),
    table.cbrt: lambda c, x: c.sign(x) * c.cbrt(abs(x)), table.exp2: lambda c, x: c.mpf(2) ** x,
    table.ln: _log, table.log: _log, table.log2: lambda c, x: _log(c, x) / c.ln2,
    table.log10: lambda c, x: _log(c, x) / c.ln10,
    table.logaddexp: _logaddexp, table.xlogy: lambda c, x, y: x * _log(c, y) if x else x,
    **{op: _rooted(op.name) for op in (table.sin, table.cos, table.tan, table.cot)},
    table.sigmoid: lambda c, x: 1 / (1 + c.exp(-x)) if x > 0 else c.exp(x) / (1 + c.exp(x)),
    table.softplus: lambda c, x: max(x, c.zero) + c.log1p(c.exp(-abs(x))),
    table.logit: lambda c, p: 2 * c.atanh(kept(c, 2 * p - 1, c.one)) if 0.25 < p < 0.75 else c.ln(p / (1 - p)),
    table.lgamma: _lgamma, table.digamma: lambda c, x: _polygamma(c, c.zero, x), table.polygamma: _polygamma,
    **{op: _named(op) for op in (
        table.sqrt, table.hypot, table.exp, table.expm1, table.log1p, table.sec, table.csc, table.asin, table.acos, table.atan, table.atan2,
        table.degrees, table.radians, table.sinh, table.cosh, table.tanh, table.sech, table.csch, table.coth, table.asinh, table.acosh,
        table.atanh, table.erf, table.erfc, table.gamma,
    )},
}  # how mpmath computes each operation
# fmt: on
_ANY_SIZE = {
    table.neg,
    table.add,
    table.sub,
    table.mul,
    table.div,
    table.lt,
    table.le,
    table.gt,
    table.ge,
    table.eq,
    table.ne,
    table.abs_,
    table.sign,
    table.step,
    table.min_,
    table.max_,
    table.relu,
    table.clamp,
    table.sqrt,
    table.ln,
}  # fmt: skip
