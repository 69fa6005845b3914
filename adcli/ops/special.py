"""Functions on floats that the platform lacks: inverses of reciprocals, normal distribution, sinc, Lambert's W, Bessel.

Each raises ValueError outside its domain.
"""

from __future__ import annotations

import math
from typing import Any

from . import gammas
from .floats import erf_slope
from .twofold import sum_error, two_product

_ROOT_HALF = (0.7071067811865476, -4.833646656726457e-17)  # 1/sqrt(2), as a sum of two floats
_PER_ROOT_TWO_PI = 0.3989422804014327
_E = (2.718281828459045, 1.4456468917292502e-16)
BRANCH_POINT = -0.36787944117144228  # the first float above -1/e
_MOST = 10_000  # the largest order of a Bessel function


# -- inverses of 1/cos, 1/sin, 1/tan and of the hyperbolic ones --------------------------------------------------------
def acot(x: float) -> float:
    """Return the arc tangent of 1/x."""
    return math.atan(1 / x) if x else math.pi / 2


def asec(x: float) -> float:
    """Return the arc cosine of 1/x, by sqrt(x^2 - 1), which keeps its digits near 1."""
    a = abs(x)
    if a < 1:
        raise ValueError
    angle = math.atan(math.sqrt((a - 1) * (a + 1)))
    return angle if x > 0 else math.pi - angle


def acsc(x: float) -> float:
    """Return the arc sine of 1/x."""
    a = abs(x)
    if a < 1:
        raise ValueError
    angle = math.asin(1 / a) if a > 1.5 else math.pi / 2 - math.atan(math.sqrt((a - 1) * (a + 1)))
    return math.copysign(angle, x)


def acoth(x: float) -> float:
    """Return the inverse hyperbolic tangent of 1/x."""
    a = abs(x)
    if a <= 1:
        raise ValueError
    return math.copysign(math.log1p(2 / (a - 1)) / 2, x)


def asech(x: float) -> float:
    """Return the inverse hyperbolic cosine of 1/x."""
    if not 0 < x <= 1:
        raise ValueError
    root = math.sqrt((1 - x) * (1 + x))
    return math.atanh(root) if x > 0.5 else math.log1p(root) - math.log(x)


def acsch(x: float) -> float:
    """Return the inverse hyperbolic sine of 1/x."""
    if x == 0:
        raise ValueError
    return math.asinh(1 / x) if abs(x) > 1e-300 else math.copysign(math.log(2) - math.log(abs(x)), x)


# -- the normal distribution -------------------------------------------------------------------------------------------
def normpdf(x: float, factor: float = 1.0) -> float:
    """Return exp(-x^2/2)/sqrt(2 pi) times a factor, with what x^2 rounds away."""
    if abs(x) > 39:
        return 0.0 * factor
    square, lost = two_product(x, x)
    scaled = _PER_ROOT_TWO_PI * (1 - lost / 2) * factor
    if abs(x) < 37:
        return math.exp(-square / 2) * scaled
    half = math.exp(-square / 4)  # exp(-square/2) would have lost digits
    return half * scaled * half


def normcdf(x: float) -> float:
    """Return erfc(-x/sqrt(2))/2, with what the quotient rounds away by the slope."""
    if abs(x) > 40:
        return 0.0 if x < 0 else 1.0
    product, lost = two_product(-x, _ROOT_HALF[0])
    return 0.5 * (math.erfc(product) - erf_slope(0.0, product) * (lost - x * _ROOT_HALF[1]))


def norminv(p: float) -> float:
    """Return the x with normcdf(x) = p: a start by Abramowitz & Stegun 26.2.23, then Halley's method."""
    if not 0 < p < 1:
        raise ValueError
    if abs(p - 0.5) < 0.3:
        return erfinv(2 * (p - 0.5)) / _ROOT_HALF[0]
    if p < 1e-290:
        return -_far_quantile(math.log(p))
    tail = min(p, 1 - p)  # exact
    x = _tail_start(tail)
    for _ in range(3):
        error = (normcdf(-x) - tail) / normpdf(x)
        x += error / (1 + x * error / 2)
    return -x if p < 0.5 else x


def _far_quantile(log_tail: float) -> float:
    """Return the x of a far tail by its logarithm, for which normcdf(-x) has no digits left (DLMF 7.12.1)."""
    x = math.sqrt(-2 * log_tail)
    for _ in range(6):
        t = 1 / (x * x)
        rest = math.log1p(-t * (1 - 3 * t * (1 - 5 * t * (1 - 7 * t * (1 - 9 * t)))))
        excess = math.fsum((-x * x / 2, -math.log(x), math.log(_PER_ROOT_TWO_PI), rest, -log_tail))
        x += excess / (x + 1 / x)
    return x


def _tail_start(tail: float) -> float:
    t = math.sqrt(-2 * math.log(tail))
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))


def norminv_slope(y: float, p: float) -> float:
    """Return 1/normpdf(y), by the quotient of tail and density, which a rounded y hardly changes."""
    return normcdf(-abs(y)) / normpdf(y) / (p if y < 0 else 1 - p)


def erfinv(x: float) -> float:
    """Return the y with erf(y) = x, by Halley's method on erf, or on erfc where that has more digits."""
    a = abs(x)
    if a >= 1:
        raise ValueError
    y = a / (2 * _ROOT_HALF[0] ** 2) * math.sqrt(math.pi) / 2 if a < 0.1 else _tail_start((1 - a) / 2) * _ROOT_HALF[0]
    for _ in range(3):
        error = (math.erf(y) - a) if a < 0.5 else ((1 - a) - math.erfc(y))
        error /= erf_slope(0.0, y)
        y -= error / (1 + y * error)
    return math.copysign(y, x)


# -- the beta function -------------------------------------------------------------------------------------------------
def lbeta(a: float, b: float) -> float:
    """Return ln(gamma(a)*gamma(b)/gamma(a + b)): for large arguments by the remainders of Stirling's formula.

    As in Didonato & Morris, "Algorithm 708" (1992).
    """
    if not (a > 0 and b > 0):
        return _nan_or_outside(a, b)
    small, large = min(a, b), max(a, b)
    if large < 10:
        return (
            math.log(beta(a, b))
            if large < 1 or small > 1e-3
            else gammas.lgamma(a) + gammas.lgamma(b) - gammas.lgamma(a + b)
        )
    ratio = small / large
    common = gammas.stirling_rest(large) - gammas.stirling_rest(a + b)
    if small < 10:
        head = gammas.lgamma(small) + common + small - small * math.log(a + b)
        return head - (large - 0.5) * math.log1p(ratio)
    head = gammas.stirling_rest(small) + common + 0.5 * math.log(2 * math.pi / small)
    return head + small * math.log(ratio / (1 + ratio)) - (large - 0.5) * math.log1p(ratio)


def beta(a: float, b: float) -> float:
    """Return gamma(a)*gamma(b)/gamma(a + b)."""
    if not (a > 0 and b > 0):
        return _nan_or_outside(a, b)
    if a + b < 100:
        whole = gammas.gamma(a) * (gammas.gamma(b) / gammas.gamma(a + b))
        return whole - whole * sum_error(a, b, a + b) * gammas.digamma(a + b)
    return math.exp(lbeta(a, b))


def _nan_or_outside(*args: float) -> float:
    if any(map(math.isnan, args)):
        return math.nan
    raise ValueError


def beta_limit(a: float, b: float) -> float:
    """Return the value at an argument 0, infinity; NaN for others."""
    return math.inf if min(a, b) == 0 else math.nan


# -- sin(x)/x ----------------------------------------------------------------------------------------------------------
def sinc(n: float, x: float) -> float:
    """Return the derivative of order n of sin(x)/x: its power series near 0, else the recurrence of (x sinc)' = cos.

    The recurrence loses digits below x = n; there the series is added in fractions.
    """
    if n < 0 or n % 1:
        raise ValueError
    a, order = abs(x), int(n)
    sign = -1.0 if order % 2 and x < 0 else 1.0
    if a <= 2:
        return sign * math.fsum(_sinc_terms(order, a))
    if a < order + 1:
        from fractions import Fraction

        return sign * float(sum(_sinc_terms(order, Fraction(a))))
    if math.isinf(a):
        return 0.0
    y, turns = math.sin(a) / a, (math.sin(a), math.cos(a), -math.sin(a), -math.cos(a))
    for k in range(1, order + 1):
        y = (turns[k % 4] - k * y) / a
    return sign * y


def _sinc_terms(n: int, x: Any) -> list[Any]:
    """Return the terms (-1)^j x^(2j - n)/((2j - n)! (2j + 1))."""
    first = (n + 1) // 2
    term = (-1) ** first * x ** (2 * first - n)
    terms = [term / (2 * first + 1)]
    for j in range(first + 1, first + 40 + int(2 * x)):
        k = 2 * j - n
        term = -term * x * x / (k * (k - 1))
        terms.append(term / (2 * j + 1))
    return terms


# -- Lambert's W -------------------------------------------------------------------------------------------------------
_AT_BRANCH = (-1.0, 1.0, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 680863 / 43545600)


def lambertw(x: float) -> float:
    """Return the w >= -1 with w*exp(w) = x, by the iteration of Fritsch, Shafer & Crowley (1973).

    Near -1/e by the series in sqrt(2(e x + 1)) (Corless et al. 1996), where e x + 1 has twice the digits.
    """
    if x < BRANCH_POINT:
        raise ValueError
    if x == 0 or math.isinf(x):
        return x
    product, lost = two_product(_E[0], x)
    p = math.sqrt(2 * max((product + 1) + (lost + _E[1] * x), 0.0)) if x < 0 else 1.0
    if p < 0.02:
        return sum(c * p**k for k, c in enumerate(_AT_BRANCH))
    if x < -0.2:
        w = -1 + p * (1 - p / 3)
    elif x < 2:
        w = x / (1 + x) if abs(x) < 1 else 0.6
    else:
        w = math.log(x) - math.log(math.log(x) + 0.3)
    for _ in range(4):
        z = math.log(x / w) - w
        q = 2 * (1 + w) * (1 + w + 2 * z / 3)
        if w == -1 or q == 2 * z:
            break
        w *= 1 + z / (1 + w) * (q - z) / (q - 2 * z)
    return w


# -- Bessel functions --------------------------------------------------------------------------------------------------
def besselj(n: float, x: float) -> float:
    """Return the Bessel function of the first kind of whole order n.

    By its power series, Miller's recurrence, or forward recurrence from Hankel's expansion for x > 25 (DLMF 10.2,
    10.74, 10.17). Near zeros the error is absolute.
    """
    if n % 1 or abs(n) > _MOST:
        raise ValueError
    order, a = int(abs(n)), abs(x)
    sign = -1.0 if order % 2 and (n < 0) != (x < 0) else 1.0
    if a == 0:
        return 1.0 if order == 0 else 0.0
    if math.isinf(a):
        return 0.0
    if a * a / 4 <= order + 1:
        return sign * _bessel_series(order, a)
    if a <= 25:
        return sign * _miller(a, order)[order]
    before, here = (pair[0] for pair in _hankel(a))
    if order <= a:
        for k in range(1, order):
            before, here = here, 2 * k / a * here - before
        return sign * (here if order else before)
    start = int(a)
    for k in range(1, start):
        before, here = here, 2 * k / a * here - before
    ratios = _miller(a, order, start - 1)
    scale = here / ratios[start] if abs(here) > abs(before) else before / ratios[start - 1]
    return sign * ratios[order] * scale


def bessely(n: float, x: float) -> float:
    """Return the Bessel function of the second kind of whole order n, for x > 0.

    By Neumann's series of the functions of the first kind (DLMF 10.8), or Hankel's expansion for x > 25, and forward
    recurrence. Near zeros the error is absolute.
    """
    if n % 1 or abs(n) > _MOST or x <= 0:
        raise ValueError
    order = int(abs(n))
    sign = -1.0 if order % 2 and n < 0 else 1.0
    if math.isinf(x) or math.isnan(x):
        return 0.0 if x > 0 else x
    before, here = [pair[1] for pair in _hankel(x)] if x > 25 else _neumann(x)
    for k in range(1, order):
        before, here = here, 2 * k / x * here - before
        if not math.isfinite(here):
            return -sign * math.inf
    return sign * (here if order else before)


def bessely_limit(n: float, x: float) -> float:
    """Return the value at 0; NaN elsewhere."""
    return math.nan if x or n % 1 else math.inf if n < 0 and n % 2 else -math.inf


def _bessel_series(n: int, x: float) -> float:
    half = x / 2
    leading = half**n / math.factorial(n) if n <= 170 else math.exp(n * math.log(half) - math.lgamma(n + 1))
    term, total, k = 1.0, [1.0], 0
    while abs(term) > 1e-18 * abs(total[0]) and k < 200:
        k += 1
        term *= -half * half / (k * (n + k))
        total.append(term)
    return leading * math.fsum(total)


def _miller(x: float, n: int, down_to: int = 0) -> list[float]:
    """Return multiples of the functions of the orders up to n; those themselves where it runs down to 0."""
    top = int(max(n, x) + 12 * max(n, x) ** (1 / 3) + 30) // 2 * 2
    found = [0.0] * (top + 2)
    found[top] = 1e-300
    for k in range(top, down_to, -1):
        found[k - 1] = 2 * k / x * found[k] - found[k + 1]
        if abs(found[k - 1]) > 1e250:
            found = [y * 1e-300 for y in found]
    if down_to == 0:
        total = found[0] + 2 * math.fsum(found[2::2])
        found = [y / total for y in found]
    return found


def _hankel(x: float) -> list[tuple[float, float]]:
    """Return J and Y of the orders 0 and 1 for large x."""
    scale, s, c = math.sqrt(2 / (math.pi * x)), math.sin(x), math.cos(x)
    root = _ROOT_HALF[0]
    found = []
    for order, cosine, sine in ((0, (c + s) * root, (s - c) * root), (1, (s - c) * root, -(s + c) * root)):
        term, parts = 1.0, [[1.0], [0.0]]
        for k in range(1, 60):
            following = term * (4 * order * order - (2 * k - 1) ** 2) / (8 * k * x)
            if abs(following) > abs(term) or abs(following) < 1e-20:
                break
            term = following
            parts[k % 2].append(term if k % 4 < 2 else -term)
        p, q = map(math.fsum, parts)
        found.append((scale * (p * cosine - q * sine), scale * (p * sine + q * cosine)))
    return found


def _neumann(x: float) -> tuple[float, float]:
    """Return Y of the orders 0 and 1 for x that is not large."""
    j = _miller(x, 2)
    log = math.log(x / 2) + gammas.EULER
    terms = range(1, len(j) // 2 - 1)
    zero = [2 * log * j[0], *(-4 * (-1) ** k * j[2 * k] / k for k in terms)]
    one = [2 * log * j[1], -2 * j[0] / x, *(2 * (-1) ** k * (j[2 * k - 1] - j[2 * k + 1]) / k for k in terms)]
    return math.fsum(zero) / math.pi, math.fsum(one) / math.pi
