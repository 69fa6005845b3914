"""Functions on floats that keep every digit, where the math module has none or a formula loses some.

A function whose name ends in `slope` is a partial derivative: of the result, then the arguments, as in a rule. Sources
are given where a method is not the formula itself; the tests hold each function to mpmath.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .twofold import two_difference, two_product

TWO_OVER_ROOT_PI = 1.1283791670955126
_LN2_ROUNDED = 0.6931471805599453


# -- pieces -----------------------------------------------------------------------------------------------------------
def sign(x: float) -> float:
    """Return -1, 0 or 1, NaN for NaN."""
    return 0.0 if x == 0 else math.copysign(1.0, x) if x == x else x


def integral(f: Callable[[float], float]) -> Callable[[float], float]:
    """Return a rounding function that gives floats, and takes infinities."""
    return lambda x: math.copysign(float(f(x)), x) if math.isfinite(x) else x


def step(x: float) -> float:
    """Return 0 below 0, 1/2 at 0, 1 above."""
    return 1.0 if x > 0 else 0.0 if x < 0 else 0.5 if x == 0 else x


def smallest(a: float, b: float) -> float:
    """Return the smaller number, NaN if either is NaN."""
    return a + b if a != a or b != b else b if b < a else a


def largest(a: float, b: float) -> float:
    """Return the larger number, NaN if either is NaN."""
    return a + b if a != a or b != b else b if b > a else a


def relu(x: float) -> float:
    """Return x above 0, else 0."""
    return 0.0 if x <= 0 else x


def clamp(x: float, lo: float, hi: float) -> float:
    """Return x limited to lo..hi."""
    if lo > hi:
        raise ValueError
    if x != x or lo != lo or hi != hi:
        return math.nan
    return lo if x < lo else hi if x > hi else x


def quotient_slope(y: float, a: float, b: float) -> float:
    """Return the slope -(a - y)/b of a remainder y by b; the quotient is a whole number."""
    if abs(a) > 1e300:  # a - y may overflow
        a, y, b = a / 4, y / 4, b / 4
    n = (a - y) / b
    return -float(round(n)) if math.isfinite(n) else -n


# -- arithmetic, powers and logarithms ---------------------------------------------------------------------------------
def div_slope(y: float, a: float, b: float) -> float:
    """Return -a/b^2: -y/b, or from mantissas and exponents where y is too near 5e-324 to have its digits."""
    if abs(y) > 1e-290 or abs(b) >= 1:
        return -y / b
    (ma, ea), (mb, eb) = math.frexp(a), math.frexp(b)
    return -math.ldexp(ma / mb / mb, ea - 2 * eb)


def power_slope_base(y: float, a: float, b: float) -> float:
    """Return b*a^(b-1), exactly 2a for a^2.

    a^(b-1) is the square of a^((b-1)/2) where it leaves the range; what b - 1 rounds away (Knuth) is a factor of its
    own.
    """
    if b == 0 or b == 2:
        return a * b
    if a == 0 and b > 0:
        return 0.0 if b > 1 else 1.0 if b == 1 else math.inf
    c, lost = two_difference(b, 1.0)
    size = abs(a)
    try:
        factor = math.pow(size, c)
    except OverflowError:
        factor = math.inf
    if 1e-290 < factor < math.inf:
        slope = b * factor
    else:
        try:
            half = math.pow(size, c / 2)  # in range where a^(b-1) is not
        except OverflowError:
            half = math.inf
        slope = b * half * half
    if lost:
        slope *= math.exp(lost * math.log(size))
    return slope if a > 0 or b % 2 else math.copysign(slope, a * b)


def power_slope_exponent(y: float, a: float, b: float) -> float:
    """Return y*ln(a), with the limit 0 at a = 0; NaN for a < 0, and at (0, 0).

    y is the square of a^(b/2) where it leaves the range.
    """
    if a <= 0:
        return 0.0 if a == 0 and b > 0 else math.nan
    if 1e-290 < y < math.inf:
        return y * math.log(a)
    half = math.pow(a, b / 2)  # in range where y is not
    return half * math.log(a) * half


def sqrt(x: float) -> float:
    """Return the square root; 0 for -0, so that the slope there is inf."""
    return math.sqrt(x) + 0.0


def exp2_slope(y: float, x: float) -> float:
    """Return ln(2)*2^x, which is finite where 2^x has just overflowed."""
    return _LN2_ROUNDED * y if y < math.inf else 2 * (_LN2_ROUNDED * math.exp2(x - 1))


def cbrt(x: float) -> float:
    """Return the cube root: a guess and one step of Newton with the exact cube."""
    if x == 0 or not math.isfinite(x):
        return x
    m, e = math.frexp(abs(x))
    m = math.ldexp(m, e % 3)
    c = m ** (1 / 3)
    p, p_lost = two_product(c, c)
    q, q_lost = two_product(c, p)
    c -= ((q - m) + (q_lost + c * p_lost)) / (3 * p)
    return math.copysign(math.ldexp(c, e // 3), x)


def _hypot_slope(y: float, a: float, b: float) -> float:
    if 1e-290 < y < math.inf:
        return a / y
    if a == 0 and b == 0:
        return 0.0
    scale = 2.0**600 if y < 1 else 2.0**-600
    return a * scale / math.hypot(a * scale, b * scale)


HYPOT_SLOPES = (_hypot_slope, lambda y, a, b: _hypot_slope(y, b, a))


def log_base(x: float, b: float) -> float:
    """Return the logarithm of x to base b."""
    if b == 2:
        return math.log2(x)
    if b == 10:
        return math.log10(x)
    return math.log(x) / math.log(b)


LOG_BASE_SLOPES = (
    lambda y, x, b: 1 / math.log(b) / x,
    lambda y, x, b: -y / math.log(b) / b,
)


def logaddexp(a: float, b: float) -> float:
    """Return ln(exp(a) + exp(b)) without overflow: high + ln(1 + exp(low - high)), the difference in two parts."""
    if a == b:
        return a + math.log(2)
    high, low = (a, b) if a > b else (b, a)
    d, lost = two_difference(low, high)
    return high + math.log1p(math.exp(d) * (1 + lost))


def _logaddexp_slope(y: float, a: float, b: float) -> float:
    d, lost = two_difference(a, b)
    s = sigmoid(d)
    return s * (1 + lost * (1 - s)) if d > -800 else s


LOGADDEXP_SLOPES = (_logaddexp_slope, lambda y, a, b: _logaddexp_slope(y, b, a))


def xlogy(x: float, y: float) -> float:
    """Return x*ln(y), and 0 where x is 0."""
    return 0.0 if x == 0 and y >= 0 else x * math.log(y)


def fma(a: float, b: float, c: float) -> float:
    """Return a*b + c, rounded once: in exact fractions."""
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return c if math.isfinite(a) and math.isfinite(b) else a * b + c
    from fractions import Fraction

    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(exact) if exact else a * b + c


# -- circular and hyperbolic ------------------------------------------------------------------------------------------
def atan_slope(y: float, x: float) -> float:
    """Return 1/(1 + x^2), without overflow."""
    return 1 / (1 + x * x) if abs(x) < 1e8 else 1 / x / x


def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y)."""
    if x == 0 and y == 0:
        raise ValueError
    return math.atan2(y, x)


def _over_square(a: float, b: float) -> float:
    """Return a/(a^2 + b^2), with exponents apart so that no square leaves the range."""
    (m, e), (_, f) = math.frexp(a), math.frexp(max(abs(a), abs(b)))
    h = math.ldexp(a, -f) ** 2 + math.ldexp(b, -f) ** 2
    return math.ldexp(m / h, e - 2 * f)


ATAN2_SLOPES = (lambda t, y, x: _over_square(x, y), lambda t, y, x: -_over_square(y, x))


def _two_exp(x: float) -> tuple[float, float]:
    """Return exp(x) and 2*exp(x), with all digits of the second also where the first has lost some."""
    half = math.exp(x / 2)
    return (e := math.exp(x)), 2 * e if e > 1e-300 else 2 * half * half


def sech(x: float) -> float:
    """Return 1/cosh(x), as 2e/(1 + e^2) with e = exp(-|x|) beyond 1."""
    if abs(x) < 1:
        return 1 / math.cosh(x)
    e, s = _two_exp(-abs(x))
    return s - s * (e * e / (1 + e * e))


def csch(x: float) -> float:
    """Return 1/sinh(x), as 2e/(1 - e^2) with e = exp(-|x|) beyond 1."""
    if abs(x) < 1:
        return 1 / math.sinh(x)
    e, s = _two_exp(-abs(x))
    return math.copysign(s + s * (e * e / (1 - e * e)), x)


def coth(x: float) -> float:
    """Return 1/tanh(x) = (2 + m)/m with m = exp(-2|x|) - 1."""
    m = math.expm1(-2 * abs(x))
    return math.copysign((2 + m) / m, x)


def coth_slope(y: float, x: float) -> float:
    """Return -1/sinh(x)^2 = -4e/m^2 with e = exp(-2|x|) and m = e - 1, without cancellation near 0."""
    if abs(x) > 20:
        return -((2 * math.exp(-abs(x))) ** 2)
    e, m = math.exp(-2 * abs(x)), math.expm1(-2 * abs(x))
    return -4 * e / m / m


# -- probability and learning -----------------------------------------------------------------------------------------
def erf_slope(y: float, x: float) -> float:
    """Return 2/sqrt(pi)*exp(-x^2), with what x^2 rounds away (Dekker) as a factor."""
    if abs(x) > 28:
        return 0.0
    p, lost = two_product(x, x)
    half = math.exp(-p / 2) if p > 700 else 1.0  # exp(-p) would have lost digits
    y = TWO_OVER_ROOT_PI * (half if p > 700 else math.exp(-p))
    return (y - y * lost) * half


def sigmoid(x: float) -> float:
    """Return 1/(1 + exp(-x)) without overflow: e - e^2/(1 + e) with e = exp(x) below -1."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    e = math.exp(x)
    return e / (1 + e) if x > -1 else e - e * e / (1 + e)


def softplus(x: float) -> float:
    """Return ln(1 + exp(x)) without overflow: max(x, 0) + ln(1 + exp(-|x|))."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def logit(p: float) -> float:
    """Return ln(p/(1 - p)), as 2*atanh(2p - 1) near its zero at 1/2."""
    return 2 * math.atanh(2 * p - 1) if 0.25 < p < 0.75 else math.log(p / (1 - p))


# -- limits: values by IEEE 754 where a function raises ----------------------------------------------------------------
def pole_limit(x: float) -> float:
    """Return the limit at a pole at a signed zero."""
    return math.copysign(math.inf, x) if x == 0 else math.nan


def pole_limit_of_unit(x: float) -> float:
    """Return the infinity at the ends of -1..1; NaN elsewhere."""
    return math.copysign(math.inf, x) if abs(x) == 1 else math.nan


def log_limit(x: float, base: float = math.e) -> float:
    """Return the limit of a logarithm at 0."""
    return -math.inf / math.log(base) if x == 0 and 0 < base != 1 else math.nan


def logit_limit(p: float) -> float:
    """Return the limit at 0 and at 1."""
    return math.copysign(math.inf, p - 0.5) if p in (0, 1) else math.nan


def xlogy_limit(x: float, y: float) -> float:
    """Return the limit at y = 0."""
    return -math.copysign(math.inf, x) if y == 0 and x == x else math.nan


def power_limit(a: float, b: float) -> float:
    """Return what an overflow or a pole at 0 goes to; an odd integer exponent keeps the sign of the base."""
    if a < 0 and b % 1 != 0:
        return math.nan
    return math.copysign(math.inf, a) if b % 2 == 1 else math.inf
