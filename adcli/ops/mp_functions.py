"""Functions of mpmath's numbers by which a difference that is only rounding is 0.

mpmath has no types: `Any` stands for its contexts (`c`) and numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GUARD = 10  # bits at the end that may be noise: what cancels down to them is taken as 0

Function = Callable[..., Any]
ANY_SIZE: set[Function] = set()  # functions that take no longer for a number with millions of bits before the point


def _any_size(function: Function) -> Function:
    ANY_SIZE.add(function)
    return function


def bits(x: Any) -> int:
    """Return the position of a number's first bit; 0 for 0, infinities and NaN."""
    _, mantissa, exponent, size = x._mpf_
    return int(exponent + size) if mantissa else 0


def kept(c: Any, y: Any, *terms: Any) -> Any:
    """Return y, or 0 where it is no more than the noise of the terms that it comes from."""
    sizes = [bits(x) for x in terms if x]
    if not sizes or not hasattr(y, "_mpf_") or not c.isfinite(y):  # a complex number is not for here
        return y
    if y and bits(y) > max(sizes) - c.prec + GUARD:
        return y
    c.lost = True
    return c.zero


# -- arithmetic --------------------------------------------------------------------------------------------------------
# fmt: off
@_any_size
def neg(c: Any, x: Any) -> Any: return -x
@_any_size
def add(c: Any, a: Any, b: Any) -> Any: return kept(c, a + b, a, b)
@_any_size
def sub(c: Any, a: Any, b: Any) -> Any: return kept(c, a - b, a, b)
@_any_size
def mul(c: Any, a: Any, b: Any) -> Any: return c.zero if c.limiting and not (a and b) else a * b
@_any_size
def div(c: Any, a: Any, b: Any) -> Any: return a / b
@_any_size
def sqrt(c: Any, x: Any) -> Any: return c.sqrt(x)
# fmt: on


def power(c: Any, a: Any, b: Any) -> Any:
    """Return a^b."""
    return a**b


# -- pieces ------------------------------------------------------------------------------------------------------------
@_any_size
def size(c: Any, x: Any) -> Any:
    """Return |x|."""
    return abs(x)


@_any_size
def sign(c: Any, x: Any) -> Any:
    """Return -1, 0 or 1."""
    return c.sign(x)


@_any_size
def larger(c: Any, a: Any, b: Any) -> Any:
    """Return the larger number, NaN if either is NaN."""
    return c.nan if c.isnan(a) or c.isnan(b) else max(a, b)


@_any_size
def smaller(c: Any, a: Any, b: Any) -> Any:
    """Return the smaller number, NaN if either is NaN."""
    return c.nan if c.isnan(a) or c.isnan(b) else min(a, b)


def copysign(c: Any, a: Any, b: Any) -> Any:
    """Return the size of a with the sign of b."""
    return abs(a) if b >= 0 else -abs(a)


def _rounded(rounding: str, c: Any, x: Any) -> Any:
    """Return x rounded; a number that differs from a whole number or a half by noise only is taken for that."""
    if not c.isfinite(x):
        return x
    half = c.nint(2 * x) / 2
    return getattr(c, rounding)(x if kept(c, x - half, x) else half)


def floor(c: Any, x: Any) -> Any:
    """Return the largest integer not above x."""
    return _rounded("floor", c, x)


def ceil(c: Any, x: Any) -> Any:
    """Return the smallest integer not below x."""
    return _rounded("ceil", c, x)


def nearest(c: Any, x: Any) -> Any:
    """Return the nearest integer, halves to the even one."""
    return _rounded("nint", c, x)


# -- powers and logarithms ---------------------------------------------------------------------------------------------
def cbrt(c: Any, x: Any) -> Any:
    """Return the real cube root."""
    return c.sign(x) * c.cbrt(abs(x))


def exp2(c: Any, x: Any) -> Any:
    """Return 2^x."""
    return c.mpf(2) ** x


@_any_size
def ln(c: Any, x: Any) -> Any:
    """Return the natural logarithm."""
    return kept(c, c.ln(x), c.one)


def logaddexp(c: Any, a: Any, b: Any) -> Any:
    """Return ln(exp(a) + exp(b))."""
    high, low = max(a, b), min(a, b)
    return kept(c, high + c.log1p(c.exp(low - high)), high)


def xlogy(c: Any, x: Any, y: Any) -> Any:
    """Return x*ln(y), 0 where x is 0."""
    return x * ln(c, y) if x else x


# -- circular: 0 at a multiple of pi -----------------------------------------------------------------------------------
# fmt: off
def sin(c: Any, x: Any) -> Any: return kept(c, c.sin(x), x)
def cos(c: Any, x: Any) -> Any: return kept(c, c.cos(x), x)
def tan(c: Any, x: Any) -> Any: return kept(c, c.tan(x), x)
def cot(c: Any, x: Any) -> Any: return kept(c, c.cot(x), x)
# fmt: on


# -- probability and learning ------------------------------------------------------------------------------------------
def softplus(c: Any, x: Any) -> Any:
    """Return ln(1 + exp(x))."""
    return max(x, c.zero) + c.log1p(c.exp(-abs(x)))


def logit(c: Any, p: Any) -> Any:
    """Return ln(p/(1 - p)), with all digits beside its zero at 1/2."""
    return 2 * c.atanh(kept(c, 2 * p - 1, c.one)) if 0.25 < p < 0.75 else c.ln(p / (1 - p))


def lgamma(c: Any, x: Any) -> Any:
    """Return ln |gamma(x)|."""
    return c.inf if x <= 0 and x == c.floor(x) else kept(c, c.loggamma(x).real, c.one)


def polygamma(c: Any, n: Any, x: Any) -> Any:
    """Return the derivative of order n of digamma; raises ValueError outside the domain."""
    if n != c.floor(n) or n < 0 or (x <= 0 and x == c.floor(x)):
        raise ValueError
    return kept(c, c.psi(int(n), x), c.one)
