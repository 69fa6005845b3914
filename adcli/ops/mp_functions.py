"""Functions on mpmath's numbers that return 0 for a difference within rounding.

mpmath has no types: `Any` stands for its contexts (`c`) and numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GUARD = 10  # bits at the end that may be noise: what cancels down to them is taken as 0

Function = Callable[..., Any]


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


# fmt: off
# -- arithmetic --------------------------------------------------------------------------------------------------------
def neg(c: Any, x: Any) -> Any: return -x
def add(c: Any, a: Any, b: Any) -> Any: return kept(c, a + b, a, b)
def sub(c: Any, a: Any, b: Any) -> Any: return kept(c, a - b, a, b)
def mul(c: Any, a: Any, b: Any) -> Any: return c.zero if c.limiting and not (a and b) else a * b
def div(c: Any, a: Any, b: Any) -> Any: return a / b
def power(c: Any, a: Any, b: Any) -> Any: return a**b
def sqrt(c: Any, x: Any) -> Any: return c.sqrt(x)
def cbrt(c: Any, x: Any) -> Any: return c.sign(x) * c.cbrt(abs(x))
def exp2(c: Any, x: Any) -> Any: return c.mpf(2) ** x


# -- pieces ------------------------------------------------------------------------------------------------------------
def size(c: Any, x: Any) -> Any: return abs(x)
def sign(c: Any, x: Any) -> Any: return c.sign(x)
def larger(c: Any, a: Any, b: Any) -> Any: return c.nan if c.isnan(a) or c.isnan(b) else max(a, b)
def smaller(c: Any, a: Any, b: Any) -> Any: return c.nan if c.isnan(a) or c.isnan(b) else min(a, b)
def copysign(c: Any, a: Any, b: Any) -> Any: return abs(a) if b >= 0 else -abs(a)
def floor(c: Any, x: Any) -> Any: return c.floor(_cleaned(c, x))
def ceil(c: Any, x: Any) -> Any: return c.ceil(_cleaned(c, x))
def nearest(c: Any, x: Any) -> Any: return c.nint(_cleaned(c, x))
# fmt: on


def _cleaned(c: Any, x: Any) -> Any:
    """Return x, or the whole number or half from which it differs by noise only."""
    if not c.isfinite(x):
        return x
    half = c.nint(2 * x) / 2
    return x if kept(c, x - half, x) else half


# fmt: off
# -- logarithms --------------------------------------------------------------------------------------------------------
def ln(c: Any, x: Any) -> Any: return kept(c, c.ln(x), c.one)
def xlogy(c: Any, x: Any, y: Any) -> Any: return x * ln(c, y) if x else x


# -- circular: 0 at a multiple of pi -----------------------------------------------------------------------------------
def sin(c: Any, x: Any) -> Any: return kept(c, c.sin(x), x)
def cos(c: Any, x: Any) -> Any: return kept(c, c.cos(x), x)
def tan(c: Any, x: Any) -> Any: return kept(c, c.tan(x), x)
def cot(c: Any, x: Any) -> Any: return kept(c, c.cot(x), x)


# -- probability and learning ------------------------------------------------------------------------------------------
def softplus(c: Any, x: Any) -> Any: return max(x, c.zero) + c.log1p(c.exp(-abs(x)))
# fmt: on


def logaddexp(c: Any, a: Any, b: Any) -> Any:
    """Return ln(exp(a) + exp(b))."""
    high, low = max(a, b), min(a, b)
    return kept(c, high + c.log1p(c.exp(low - high)), high)


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


# Functions that take no longer for a number with millions of bits before the point.
ANY_SIZE: set[Function] = {neg, add, sub, mul, div, sqrt, size, sign, larger, smaller, ln}


def sinc_derivative(c: Any, n: Any, x: Any) -> Any:
    """Return the derivative of order n of sin(x)/x, by its power series in as many digits as that loses."""
    order = int(n)
    with c.workdps(c.dps + int(abs(x)) + 20):
        j = (order + 1) // 2
        term = (-1) ** j * x ** (2 * j - order)
        total, last = c.zero, c.mpf(10) ** -c.dps
        while abs(term) > last or 2 * j < abs(x) + order:
            total += term / (2 * j + 1)
            j += 1
            term = -term * x * x / ((2 * j - order) * (2 * j - order - 1))
            if not term:
                break
    return +total
