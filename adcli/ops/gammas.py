"""The gamma function and its relatives on floats: exact recurrences, series at roots, Euler-Maclaurin sums.

DLMF is the NIST Digital Library of Mathematical Functions.
"""

from __future__ import annotations

import math
from functools import cache

from .floats import pole_limit
from .twofold import two_product

_LN2 = (0.6931471805592082, 7.371002565167799e-13)  # in two parts; a whole number up to 2^11 times the first is exact
EULER = 0.5772156649015329
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # B2, B4, ... B16


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
    return (*at_1, -EULER), (*at_2, 1 - EULER)


def _lgamma_near(x: float) -> float:
    """Return ln gamma(x) for 0.75 <= x <= 2.75, with every digit at its zeros 1 and 2."""
    at_1, at_2 = _lgamma_coefficients()
    coefficients, z = (at_1, x - 1) if x < 1.25 else (at_2, x - 2)
    y = 0.0
    for c in coefficients[:-1]:
        y = y * z + c
    return math.fsum((*two_product(coefficients[-1], z), y * z * z))


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
    return math.fsum((*two_product(x, log), -0.5 * log, (x - 0.5) * lost, 0.4189385332046727, stirling_rest(x)))


def stirling_rest(x: float) -> float:
    """Return ln gamma(x) less (x - 1/2) ln(x) - x + ln(2 pi)/2, for x >= 10 (DLMF 5.11.1)."""
    return sum(b / (2 * j * (2 * j - 1)) * (1 / x) ** (2 * j - 1) for j, b in enumerate(_BERNOULLI, 1))


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


def gamma_limit(x: float) -> float:
    """Return the limit where gamma overflows, or at the pole at a signed zero."""
    return math.copysign(math.inf, x) if x > -1 else math.nan


def polygamma_limit(n: float, x: float) -> float:
    """Return the limit at a pole: inf at one of even order; one of odd order has a limit at a signed zero."""
    if n < 0:
        return math.nan
    if n % 2 == 1:
        return math.inf if x % 1 == 0 else math.nan
    return -pole_limit(x) if n % 2 == 0 else math.nan


def polygamma_less(n: float, a: float, b: float) -> float:
    """Return polygamma(n, a) - polygamma(n, a + b) for a, b > 0, all differences taken term by term.

    The recurrence up to a > 20, then Stirling's series (DLMF 5.5.2, 5.11.2, 5.15.8).
    """
    if not (a > 0 and b > 0 and n >= 0 and n % 1 == 0):
        if math.isnan(a) or math.isnan(b):
            return math.nan
        raise ValueError

    def difference(x: float, power: int) -> float:
        """Return x^-power - (x + b)^-power."""
        return float(-(x**-power) * math.expm1(-power * math.log1p(b / x)))

    order = int(n)
    found: list[float] = []
    x = a
    while x < 20:
        found.append(math.factorial(order) * difference(x, order + 1))
        x += 1
    found.append(math.log1p(b / x) if order == 0 else math.factorial(order - 1) * difference(x, order))
    found.append(math.factorial(order) * difference(x, order + 1) / 2)
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        factor = math.factorial(2 * k + order - 1) / math.factorial(2 * k)
        found.append(bernoulli * factor * difference(x, 2 * k + order))
    total: float = math.fsum(found)
    return total if order % 2 else -total
