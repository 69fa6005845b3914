"""Float versions of functions, and of derivatives, that the math module lacks or that need care to keep every digit.

A function whose last name is `slope` is a partial derivative: the result first, then the arguments, as in a rule.
Sources: DLMF is the NIST Digital Library of Mathematical Functions; Dekker is T. J. Dekker, Numer. Math. 18 (1971).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

TWO_OVER_ROOT_PI = 1.1283791670955126
_EULER = 0.5772156649015329
_LN2_ROUNDED = 0.6931471805599453
_LN2 = (0.6931471805592082, 7.371002565167799e-13)  # in two parts; a whole number up to 2^11 times the first is exact
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # B2, B4, ... B16


def _product(a: float, b: float) -> tuple[float, float]:
    """Return a*b rounded, and what the rounding lost (Dekker 1971)."""
    c, d = 134217729.0 * a, 134217729.0 * b
    ah, bh = c - (c - a), d - (d - b)
    al, bl = a - ah, b - bh
    p = a * b
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def _difference(a: float, b: float) -> tuple[float, float]:
    """Return a - b rounded, and what the rounding lost (Knuth, TAOCP 2, 4.2.2); nothing where it overflowed."""
    d = a - b
    t = d - a
    e = (a - (d - t)) - (b + t)
    return d, e if e == e else 0.0


# -- pieces -----------------------------------------------------------------------------------------------------------
def integral(f: Callable[[float], float]) -> Callable[[float], float]:
    """Return a rounding function as one from floats to floats, infinities included."""
    return lambda x: math.copysign(float(f(x)), x) if math.isfinite(x) else x


def step(x: float) -> float:
    """Return 0 below 0, 1/2 at 0, 1 above."""
    return 1.0 if x > 0 else 0.0 if x < 0 else 0.5 if x == 0 else x


def smallest(a: float, b: float) -> float:
    """Return the smaller one, NaN if either is NaN."""
    return a + b if a != a or b != b else b if b < a else a


def largest(a: float, b: float) -> float:
    """Return the larger one, NaN if either is NaN."""
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
    """Return -a/b^2, which may need digits that a quotient y near 5e-324 does not have."""
    if abs(y) > 1e-290 or abs(b) >= 1:
        return -y / b
    (ma, ea), (mb, eb) = math.frexp(a), math.frexp(b)
    return -math.ldexp(ma / mb / mb, ea - 2 * eb)


def power_slope_base(y: float, a: float, b: float) -> float:
    """Return b*a^(b-1), 2a exactly for a^2."""
    if b == 0 or b == 2:
        return a * b
    c, lost = _difference(b, 1.0)
    size = abs(a)
    try:
        factor = math.pow(size, c)
    except OverflowError:
        factor = math.inf
    if a == 0 or 1e-290 < factor < math.inf:
        slope = b * factor
    else:
        half = math.pow(size, c / 2)  # in range where a^(b-1) is not
        slope = b * half * half
    if lost and a:
        slope *= 1 + lost * math.log(size)
    return slope if a > 0 or b % 2 else math.copysign(slope, a * b)


def power_slope_exponent(y: float, a: float, b: float) -> float:
    """Return y*ln(a), with the limit 0 at a = 0; NaN for a < 0, and at (0, 0)."""
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
    """Return ln(2)*2^x, which still is a number where 2^x has just overflowed."""
    return _LN2_ROUNDED * y if y < math.inf else 2 * (_LN2_ROUNDED * math.exp2(x - 1))


def cbrt(x: float) -> float:
    """Return the cube root: a guess and one step of Newton with the exact cube."""
    if x == 0 or not math.isfinite(x):
        return x
    m, e = math.frexp(abs(x))
    m = math.ldexp(m, e % 3)
    c = m ** (1 / 3)
    p, p_lost = _product(c, c)
    q, q_lost = _product(c, p)
    c -= ((q - m) + (q_lost + c * p_lost)) / (3 * p)
    return math.copysign(math.ldexp(c, e // 3), x)


def cbrt_slope(y: float, x: float) -> float:
    """Return 1/(3*y^2), from fewer roundings."""
    return y / x / 3 if math.isfinite(x) else 1 / (3 * y * y)


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
    """Return ln(exp(a) + exp(b)) without overflow."""
    if a == b:
        return a + math.log(2)
    high, low = (a, b) if a > b else (b, a)
    d, lost = _difference(low, high)
    return high + math.log1p(math.exp(d) * (1 + lost))


def _logaddexp_slope(y: float, a: float, b: float) -> float:
    d, lost = _difference(a, b)
    s = sigmoid(d)
    return s * (1 + lost * (1 - s)) if d > -800 else s


LOGADDEXP_SLOPES = (_logaddexp_slope, lambda y, a, b: _logaddexp_slope(y, b, a))


def xlogy(x: float, y: float) -> float:
    """Return x*ln(y), and 0 where x is 0."""
    return 0.0 if x == 0 and y >= 0 else x * math.log(y)


def fma(a: float, b: float, c: float) -> float:
    """Return a*b + c, rounded once."""
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return c if math.isfinite(a) and math.isfinite(b) else a * b + c
    from fractions import Fraction

    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(exact) if exact else a * b + c


# -- circular and hyperbolic ------------------------------------------------------------------------------------------
def atan_slope(y: float, x: float) -> float:
    """Return 1/(1 + x^2)."""
    return 1 / (1 + x * x) if abs(x) < 1e8 else 1 / x / x


def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y)."""
    if x == 0 and y == 0:
        raise ValueError
    return math.atan2(y, x)


def _over_square(a: float, b: float) -> float:
    """Return a/(a^2 + b^2)."""
    (m, e), (_, f) = math.frexp(a), math.frexp(max(abs(a), abs(b)))
    h = math.ldexp(a, -f) ** 2 + math.ldexp(b, -f) ** 2
    return math.ldexp(m / h, e - 2 * f)


ATAN2_SLOPES = (lambda t, y, x: _over_square(x, y), lambda t, y, x: -_over_square(y, x))


def tanh_slope(y: float, x: float) -> float:
    """Return sech(x)^2."""
    if abs(x) > 20:
        return (2 * math.exp(-abs(x))) ** 2
    e = math.exp(-2 * abs(x))
    return 4 * e / (1 + e) ** 2


def _two_exp(x: float) -> tuple[float, float]:
    """Return exp(x) and 2*exp(x), with all digits of the second also where the first has lost some."""
    half = math.exp(x / 2)
    return (e := math.exp(x)), 2 * e if e > 1e-300 else 2 * half * half


def sech(x: float) -> float:
    """Return 1/cosh(x)."""
    if abs(x) < 1:
        return 1 / math.cosh(x)
    e, s = _two_exp(-abs(x))
    return s - s * (e * e / (1 + e * e))


def csch(x: float) -> float:
    """Return 1/sinh(x)."""
    if abs(x) < 1:
        return 1 / math.sinh(x)
    e, s = _two_exp(-abs(x))
    return math.copysign(s + s * (e * e / (1 - e * e)), x)


def coth(x: float) -> float:
    """Return 1/tanh(x)."""
    m = math.expm1(-2 * abs(x))
    return math.copysign((2 + m) / m, x)


def coth_slope(y: float, x: float) -> float:
    """Return -1/sinh(x)^2."""
    if abs(x) > 20:
        return -((2 * math.exp(-abs(x))) ** 2)
    e, m = math.exp(-2 * abs(x)), math.expm1(-2 * abs(x))
    return -4 * e / m / m


# -- probability and learning -----------------------------------------------------------------------------------------
def erf_slope(y: float, x: float) -> float:
    """Return 2/sqrt(pi)*exp(-x^2) with the exact square."""
    if abs(x) > 28:
        return 0.0
    p, lost = _product(x, x)
    half = math.exp(-p / 2) if p > 700 else 1.0  # exp(-p) would have lost digits
    y = TWO_OVER_ROOT_PI * (half if p > 700 else math.exp(-p))
    return (y - y * lost) * half


def sigmoid(x: float) -> float:
    """Return 1/(1 + exp(-x)) without overflow."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    e = math.exp(x)
    return e / (1 + e) if x > -1 else e - e * e / (1 + e)


def sigmoid_slope(y: float, x: float) -> float:
    """Return sigmoid(x)*sigmoid(-x)."""
    e = math.exp(-abs(x))
    return e / (1 + e) ** 2


def softplus(x: float) -> float:
    """Return ln(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def logit(p: float) -> float:
    """Return ln(p/(1 - p))."""
    return 2 * math.atanh(2 * p - 1) if 0.25 < p < 0.75 else math.log(p / (1 - p))


# -- the gamma function and its relatives ------------------------------------------------------------------------------
def _pole(x: float) -> bool:
    return x <= 0 and (math.isinf(x) or x == math.floor(x))


def _zeta_sum(s: float, x: float) -> float:
    """Return x^s zeta(s, x), the sum of (x/(x + k))^s over k >= 0, by Euler and Maclaurin (DLMF 25.11.28)."""
    terms, k, term = [], 0, 1.0
    while x + k < 2 * s + 10 and term > 1e-18:
        terms.append(term)
        k += 1
        term = math.exp(-s * math.log1p(k / x))
    if term > 1e-18:
        r = 1 / (x + k)
        part = s * r
        tail = 0.5
        for j, b in enumerate(_BERNOULLI, 1):
            tail += b / math.factorial(2 * j) * part
            part *= (s + 2 * j - 1) * (s + 2 * j) * r * r
        terms += (term * (x + k) / (s - 1), term * tail)
    return math.fsum(terms)


@cache
def _lgamma_coefficients() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the coefficients of the power series of ln gamma at 1 and at 2 (DLMF 5.7.3), from the highest one."""
    orders = range(40, 1, -1)
    at_1 = [(-1) ** k / k * _zeta_sum(k, 1.0) for k in orders]
    at_2 = [(-1) ** k / k * _zeta_sum(k, 2.0) / 2**k for k in orders]
    return (*at_1, -_EULER), (*at_2, 1 - _EULER)


def _lgamma_near(x: float) -> float:
    """Return ln gamma(x) for 0.75 <= x <= 2.75, with every digit at its zeros 1 and 2."""
    at_1, at_2 = _lgamma_coefficients()
    coefficients, z = (at_1, x - 1) if x < 1.25 else (at_2, x - 2)
    y = 0.0
    for c in coefficients[:-1]:
        y = y * z + c
    return math.fsum((*_product(coefficients[-1], z), y * z * z))


def _reduced(x: float) -> tuple[float, int, int]:
    """Return b in 1..2 and the exact fraction p/q with gamma(x) = gamma(b)*p/q."""
    n = math.floor(x) - 1
    p, q = x.as_integer_ratio()
    if n >= 0:
        return x - n, math.prod(p - j * q for j in range(1, n + 1)), q**n
    return x - n, q**-n, math.prod(p + j * q for j in range(-n))


def gamma(x: float) -> float:
    """Return the gamma function: in 1..2 from its logarithm, elsewhere by the recurrence in exact fractions."""
    return _gamma_times(x, 1.0)


def _gamma_times(x: float, factor: float) -> float:
    """Return gamma(x)*factor, rounded once more than exp."""
    if _pole(x):
        raise ValueError
    if not -190 < x < 172:  # the result is 0, infinite or NaN
        if x > 0:
            raise OverflowError
        return math.copysign(0.0, 0.5 - math.floor(x) % 2) * factor if x == x else x
    b, p, q = _reduced(x)
    for v in (math.exp(_lgamma_near(b)), factor):
        n, d = v.as_integer_ratio()
        p, q = p * n, q * d
    return p / q


def gamma_slope(y: float, x: float) -> float:
    """Return gamma(x)*digamma(x), rounded once."""
    return _gamma_times(x, digamma(x))


def lgamma(x: float) -> float:
    """Return ln |gamma(x)|."""
    if _pole(x):
        raise ValueError
    if not math.isfinite(x) or x > 1e300:
        return x * (math.log(x) - 1)
    if 0.75 <= x <= 2.75:
        return _lgamma_near(x)
    if abs(x) < 0.5:
        return _lgamma_near(1 + x) - math.log(abs(x)) if x > -0.25 else _lgamma_near(2 + x) - math.log(-x * (1 + x))
    if -20 < x < 10:
        b, p, q = _reduced(x)
        p, q = abs(p), abs(q)
        return _lgamma_near(b) + (math.log1p((p - q) / q) if q < 2 * p < 4 * q else math.log(p / q))
    if x < 0:  # DLMF 5.5.3
        return math.log(math.pi / abs(math.sin(math.pi * math.remainder(x, 1)))) - lgamma(1 - x)
    m, k = math.frexp(x)  # Stirling, DLMF 5.11.1, with ln(x) - 1 in two parts
    m, k = (2 * m, k - 1) if m < 0.7 else (m, k)
    whole, rest = k * _LN2[0] - 1, math.log1p(m - 1)
    log = whole + rest
    lost = (whole - log) + rest + k * _LN2[1]
    series = sum(b / (2 * j * (2 * j - 1)) * (1 / x) ** (2 * j - 1) for j, b in enumerate(_BERNOULLI, 1))
    return math.fsum((*_product(x, log), -0.5 * log, (x - 0.5) * lost, 0.4189385332046727, series))


_ROOT, _AT_ROOT = 1.4616321449683622, -9.241265521729427e-17  # next to the positive root of digamma; digamma there


def digamma(x: float) -> float:
    """Return the derivative of ln gamma(x)."""
    if _pole(x):
        raise ValueError
    if x < 0:  # DLMF 5.5.4, with the pole of the cotangent apart
        r = math.remainder(x, 1)
        return math.fsum((digamma(1 - x), digamma(1 + r), -digamma(1 - r), -1 / r))
    if x < 0.25:
        return digamma(1 + x) - 1 / x
    if x >= 10:  # DLMF 5.11.2
        return math.log(x) - (0.5 / x + _digamma_series(1 / x / x)[0]) if x < math.inf else x
    if x >= 3:
        m = int(x - 1.5)
        return math.fsum((digamma(x - m), *(1 / (x - j) for j in range(1, m + 1))))
    # the sum over k of 1/(root + k) - 1/(x + k): the first ten in exact fractions, the rest by Euler and Maclaurin;
    # each term is a multiple of x - root, so that nothing cancels
    (p, q), (P, Q), one = x.as_integer_ratio(), _ROOT.as_integer_ratio(), 1 << 250
    head = (p * Q - P * q) * sum(one // ((p + k * q) * (P + k * Q)) for k in range(10)) / one
    z, X, R = x - _ROOT, x + 10, _ROOT + 10
    _, divided = _digamma_series(1 / X**2, 1 / R**2)
    tail = z * (0.5 / (X * R) + (X + R) / (X * R) ** 2 * divided)
    return math.fsum((head, math.log1p(z / R), tail, _AT_ROOT))


def _digamma_series(u: float, v: float = 0.0) -> tuple[float, float]:
    """Return p(u) and (p(u) - p(v))/(u - v) for p(1/x^2) = ln(x) - 1/(2x) - digamma(x)."""
    at_u = at_v = divided = 0.0
    for j in range(len(_BERNOULLI), 0, -1):
        c = _BERNOULLI[j - 1] / (2 * j)
        divided = divided * u + at_v
        at_u, at_v = at_u * u + c, at_v * v + c
    return at_u * u, divided * u + at_v


def polygamma(n: float, x: float) -> float:
    """Return the derivative of order n of digamma: (-1)^(n+1) n! zeta(n+1, x) (DLMF 5.15.1 and 25.11.12)."""
    if n != n or x != x:
        return math.nan
    if n < 0 or n != n // 1 or _pole(x):
        raise ValueError
    if n == 0:
        return digamma(x)
    sign = -1.0 if n % 2 == 0 else 1.0
    if x == math.inf:
        return sign * 0.0
    if x > 0:
        return sign * _factorial_over_power(n, x, _zeta_sum(n + 1, x))
    # the sum over all of x + k, k = ... -1, 0, 1 ..., a away from the nearest pole, less what is left of x
    r = math.remainder(x, 1)
    a = abs(r)
    if sign < 0 and a == 0.5:  # DLMF 5.15.6
        return polygamma(n, 1 - x)
    log = math.log1p((2 * a - 1) / (1 - a)) if a > 0.25 else math.log(a / (1 - a))
    right = math.pow(a / (1 + a), n + 1) * _zeta_sum(n + 1, 1 + a)
    left = math.exp((n + 1) * log) * _zeta_sum(n + 1, 1 - a)
    beyond = math.pow(a / (1 - x), n + 1) * _zeta_sum(n + 1, 1 - x)
    total = (1 + right + sign * left) * (sign if r < 0 else 1.0) - sign * beyond
    return sign * _factorial_over_power(n, a, total)


def _factorial_over_power(n: float, x: float, factor: float) -> float:
    """Return factor*n!/x^(n+1) for x > 0, rounded once; by logarithms from n = 1000; inf where it overflows."""
    try:
        if n > 1000:
            return math.exp(lgamma(n + 1) - (n + 1) * math.log(x)) * factor
        s, (p, q), (t, u) = int(n) + 1, x.as_integer_ratio(), factor.as_integer_ratio()
        result: float = math.factorial(s - 1) * q**s * t / (p**s * u)
        return result
    except OverflowError:
        return math.copysign(math.inf, factor)
