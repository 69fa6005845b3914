"""Every operation of the table against mpmath: values, partial derivatives, rules, domains, edges, special values."""

from __future__ import annotations

import itertools
import math
import operator
import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from mpmath import libmp, mp, mpf

from adcli import ops
from adcli.check.complex_step import COMPLEX
from adcli.columns import kernels, sincos
from adcli.language.nodes import variable_node
from adcli.language.writer import to_text
from adcli.ops import mp_functions
from adcli.ops.op import Arithmetic, Ieee, Op

VALUE_BOUND, SLOPE_BOUND = 2.0, 4.0  # ulp
DIGITS = 60
POINTS, MANY_POINTS = 1000, 100_000

# Where the exact result is ill-conditioned, or where more roundings are the price of a simple formula, the error is
# measured in ulp times the condition number, which is the sum of |x_i df/dx_i / f|, but at least 1.
# (name, "value" or the argument of a partial derivative): (bound, why)
EXCEPTIONS: dict[tuple[str, str | int], tuple[float, str]] = {
    ("log", "value"): (2.5, "two logarithms and a quotient, each rounded"),
    ("log", 1): (4, "three logarithms and three quotients, each rounded"),
    ("tanh", "value"): (2.5, "as the platform has it: 2.02 ulp with glibc"),
    ("csch", "value"): (2.5, "one over the platform's sinh: 2.3 ulp with glibc"),
    ("csch", 0): (3, "the platform's sinh and tanh: 4.2 ulp with glibc"),
    ("erfc", "value"): (2, "as the platform has it: 2.8 ulp with glibc"),
    ("logaddexp", "value"): (2, "cancels near 0"),
    ("digamma", "value"): (2, "negative zeros"),
    ("polygamma", "value"): (2.5, "negative zeros"),
    ("polygamma", 1): (3, "negative zeros"),
    ("lgamma", "value"): (3, "negative zeros; at 1.2 to 1.6 two terms that cancel by half: 2.1 ulp"),
    ("lgamma", 0): (2, "negative zeros"),
    ("gamma", 0): (2, "negative zeros"),
    ("normcdf", "value"): (2, "as the platform has erfc"),
    ("erfinv", 0): (4, "near the ends"),
    ("norminv", 0): (4, "near the ends"),
    ("lambertw", "value"): (2, "near -1/e"),
    ("lambertw", 0): (4, "near -1/e"),
    ("sinc", "value"): (2, "zeros"),
    ("sinc", 0): (4, "zeros"),
    ("beta", "value"): (3, "three gammas, each rounded"),
    ("beta", 0): (5, "three gammas, each rounded"),
    ("beta", 1): (5, "three gammas, each rounded"),
    ("lbeta", "value"): (4, "zeros"),
    ("besselj", "value"): (20, "zeros; forward recurrence from order 0"),
    ("besselj", 1): (20, "zeros; forward recurrence from order 0"),
    ("bessely", "value"): (20, "zeros; forward recurrence from order 0"),
    ("bessely", 1): (20, "zeros; forward recurrence from order 0"),
}


# -- the reference: textbook formulas, not those of adcli.ops ---------------------------------------------------------
def rational(x: Any) -> Fraction:
    return Fraction(*libmp.to_rational(x._mpf_))


def quotient(rounding: Callable[[Fraction], int]) -> tuple[Any, tuple[Any, Any]]:
    """Return the remainder a - n*b with n = rounding(a/b), exactly, and its two partial derivatives."""

    def whole(a: Any, b: Any) -> int:
        return rounding(rational(a) / rational(b))

    def value(a: Any, b: Any) -> Any:
        r = rational(a) - whole(a, b) * rational(b)
        return mpf(r.numerator) / r.denominator

    return value, (lambda a, b: mpf(1), lambda a, b: -mpf(whole(a, b)))


def inside(condition: bool) -> None:
    if not condition:
        raise ValueError


def r_pow(a: Any, b: Any) -> Any:
    inside(a > 0 or (a == 0 and b >= 0) or (a < 0 and mp.isint(b)))
    if a == 0 or a == 1:
        return mpf(1) if b == 0 or a == 1 else mpf(0)
    sign = -1 if a < 0 and int(b) % 2 else 1
    return sign * mp.exp(b * mp.log(abs(a)))


def r_pow_base(a: Any, b: Any) -> Any:
    if b == 0:
        return mpf(0)
    if a == 0:
        return mpf(1) if b == 1 else mpf(0) if b > 1 else mp.inf
    return b * r_pow(a, b) / a


def r_pow_exponent(a: Any, b: Any) -> Any:
    return mpf(0) if a == 0 and b > 0 else r_pow(a, b) * mp.log(a)


def r_log(x: Any, b: Any) -> Any:
    inside(b > 0 and b != 1)
    return mp.log(x) / mp.log(b)


def r_logaddexp(a: Any, b: Any) -> Any:
    return max(a, b) + mp.log1p(mp.exp(-abs(a - b)))


def r_sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def r_step(x: Any) -> Any:
    return mpf(1) if x > 0 else mpf(0) if x < 0 else mpf(0.5)


def r_atan2(y: Any, x: Any) -> Any:
    inside(x != 0 or y != 0)
    return mp.atan2(y, x)


def r_clamp(x: Any, lo: Any, hi: Any) -> Any:
    inside(lo <= hi)
    return sorted([x, lo, hi])[1]


def r_xlogy(x: Any, y: Any) -> Any:
    return mpf(0) if x == 0 and y >= 0 else x * mp.log(y)


def r_digamma(x: Any) -> Any:
    if x >= 0 or mp.isint(x):
        return mp.digamma(x)
    return mp.digamma(1 - x) - mp.pi * mp.cospi(x) / mp.sinpi(x)


def r_lgamma(x: Any) -> Any:
    inside(x > 0 or not mp.isint(x))
    return mp.loggamma(x) if x > 0 else mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def r_polygamma(n: Any, x: Any) -> Any:
    inside(n >= 0 and mp.isint(n))
    inside(x > 0 or not mp.isint(x))
    if n == 0:
        return r_digamma(x)
    s = n + 1
    size = mp.gamma(s) * x**-s
    if x > 0:
        return (-1) ** int(s) * size * scaled_zeta(s, x)
    # the sum over all of x, x + 1, ...: from the pole at hand, r away, to the right, and to the left as far as x
    r = x - mp.nint(x)
    total = r**-s * scaled_zeta(s, r + 1, r) + (-1) ** int(s) * (hurwitz(s, 1 - r) - hurwitz(s, 1 - x))
    return (-1) ** int(s) * mp.gamma(s) * (total + r**-s)


def r_erfinv(x: Any) -> Any:
    inside(abs(x) <= 1)
    return mp.erfinv(x)


def r_norminv(p: Any) -> Any:
    inside(0 <= p <= 1)
    with mp.workdps(mp.dps + 330):  # 2p - 1 of a small p
        found = mp.sqrt(2) * mp.erfinv(2 * p - 1)
    return +found


def r_normcdf(x: Any) -> Any:
    return mp.npdf(x) if x < -150 else mpf(1) if x > 150 else mp.erfc(-x / mp.sqrt(2)) / 2


def r_sinc_slope(x: Any) -> Any:
    return -x / 3 + x**3 / 30 - x**5 / 840 if abs(x) < 1e-12 else (x * mp.cos(x) - mp.sin(x)) / x**2


def r_lambertw(x: Any) -> Any:
    inside(x >= -mp.exp(-1))
    return mp.re(mp.lambertw(x))


def r_digamma_less(a: Any, b: Any) -> Any:
    """Return digamma(a) - digamma(a + b)."""
    with mp.workdps(mp.dps + 60):
        found = mp.digamma(a) - mp.digamma(a + b)
    return +found


def r_beta(a: Any, b: Any) -> Any:
    inside(a > 0 and b > 0)
    return mp.beta(a, b)


def r_beta_slope(a: Any, b: Any) -> Any:
    return r_beta(a, b) * r_digamma_less(a, b)


def r_lbeta(a: Any, b: Any) -> Any:
    inside(a > 0 and b > 0)
    with mp.workdps(mp.dps + 60):
        found = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    return +found


def r_besselj(n: Any, x: Any) -> Any:
    inside(n == int(n))
    return mp.besselj(int(n), x)


def r_bessely(n: Any, x: Any) -> Any:
    inside(n == int(n) and x > 0)
    return mp.bessely(int(n), x)


def hurwitz(s: Any, x: Any) -> Any:
    return x**-s * scaled_zeta(s, x)


def scaled_zeta(s: Any, x: Any, unit: Any = None) -> Any:
    """Return the sum over k of (unit/(x + k))^s, unit x if none is given, by Euler and Maclaurin with many terms."""
    unit = x if unit is None else unit
    many = int(max(0, min(mp.prec // 4 + s - x, 1e6)))
    total = mpf(0)
    for k in range(many):
        term = (unit / (x + k)) ** s
        total += term
        if abs(term) < abs(total) * mpf(2) ** (-mp.prec):
            return total
    X = x + many
    power = (unit / X) ** s
    total += power * X / (s - 1) + power / 2
    factor = power * s / X
    for j in range(1, 80 + mp.prec // 8):
        term = mp.bernoulli(2 * j) / mp.factorial(2 * j) * factor
        total += term
        if abs(term) < abs(total) * mpf(2) ** (-mp.prec):
            return total
        factor *= (s + 2 * j - 1) * (s + 2 * j) / X**2
    raise AssertionError("no convergence")


ZERO, ONE = (lambda *args: mpf(0)), (lambda *args: mpf(1))
UNDEFINED = None  # this partial derivative exists nowhere

# fmt: off
REFERENCE: dict[str, tuple[Callable[..., Any], tuple[Callable[..., Any] | None, ...]]] = {
    "lt": (lambda a, b: a < b, (ZERO, ZERO)),
    "le": (lambda a, b: a <= b, (ZERO, ZERO)),
    "gt": (lambda a, b: a > b, (ZERO, ZERO)),
    "ge": (lambda a, b: a >= b, (ZERO, ZERO)),
    "eq": (lambda a, b: a == b, (ZERO, ZERO)),
    "ne": (lambda a, b: a != b, (ZERO, ZERO)),
    "and": (lambda a, b: bool(a) and bool(b), (ZERO, ZERO)),
    "or": (lambda a, b: bool(a) or bool(b), (ZERO, ZERO)),
    "not": (lambda a: not a, (ZERO,)),
    "where": (lambda c, a, b: a if c else b, (ZERO, lambda c, a, b: mpf(bool(c)), lambda c, a, b: mpf(not c))),
    "neg": (lambda x: -x, (lambda x: mpf(-1),)),
    "add": (lambda a, b: a + b, (ONE, ONE)),
    "sub": (lambda a, b: a - b, (ONE, lambda a, b: mpf(-1))),
    "mul": (lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    "div": (lambda a, b: a / b, (lambda a, b: b**-1, lambda a, b: -a / b**2)),
    "pow": (r_pow, (r_pow_base, r_pow_exponent)),
    "abs": (abs, (lambda x: mp.sign(x),)),
    "sign": (mp.sign, (ZERO,)),
    "step": (r_step, (ZERO,)),
    "floor": (mp.floor, (ZERO,)),
    "ceil": (mp.ceil, (ZERO,)),
    "trunc": (lambda x: mp.sign(x) * mp.floor(abs(x)), (ZERO,)),
    "round": (mp.nint, (ZERO,)),
    "min": (min, (lambda a, b: r_step(b - a), lambda a, b: r_step(a - b))),
    "max": (max, (lambda a, b: r_step(a - b), lambda a, b: r_step(b - a))),
    "relu": (lambda x: max(x, mpf(0)), (r_step,)),
    "clamp": (r_clamp, (lambda x, a, b: mpf(a < x < b), lambda x, a, b: mpf(x < a), lambda x, a, b: mpf(x > b))),
    "copysign": (lambda a, b: abs(a) if b >= 0 else -abs(a), (lambda a, b: mp.sign(a) * (1 if b >= 0 else -1), ZERO)),
    "fmod": quotient(math.trunc),
    "mod": quotient(math.floor),
    "remainder": quotient(round),
    "sqrt": (mp.sqrt, (lambda x: 1 / (2 * mp.sqrt(x)),)),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), (lambda x: abs(x) ** (-mpf(2) / 3) / 3,)),
    "hypot": (mp.hypot, (lambda a, b: a / mp.hypot(a, b), lambda a, b: b / mp.hypot(a, b))),
    "exp": (mp.exp, (mp.exp,)),
    "exp2": (lambda x: mpf(2) ** x, (lambda x: mpf(2) ** x * mp.ln2,)),
    "expm1": (mp.expm1, (mp.exp,)),
    "ln": (mp.log, (lambda x: 1 / x,)),
    "log2": (lambda x: mp.log(x) / mp.ln2, (lambda x: 1 / (x * mp.ln2),)),
    "log10": (lambda x: mp.log(x) / mp.ln10, (lambda x: 1 / (x * mp.ln10),)),
    "log1p": (mp.log1p, (lambda x: 1 / (1 + x),)),
    "log": (r_log, (lambda x, b: 1 / (x * mp.log(b)), lambda x, b: -mp.log(x) / (b * mp.log(b) ** 2))),
    "logaddexp": (r_logaddexp, (lambda a, b: 1 / (1 + mp.exp(b - a)), lambda a, b: 1 / (1 + mp.exp(a - b)))),
    "xlogy": (r_xlogy, (lambda x, y: mp.log(y), lambda x, y: x / y if x else mpf(0))),
    "sin": (mp.sin, (mp.cos,)),
    "cos": (mp.cos, (lambda x: -mp.sin(x),)),
    "tan": (mp.tan, (lambda x: mp.sec(x) ** 2,)),
    "sec": (mp.sec, (lambda x: mp.sin(x) / mp.cos(x) ** 2,)),
    "csc": (lambda x: 1 / mp.sin(x), (lambda x: -mp.cos(x) / mp.sin(x) ** 2,)),
    "cot": (lambda x: mp.cos(x) / mp.sin(x), (lambda x: -1 / mp.sin(x) ** 2,)),
    "asin": (mp.asin, (lambda x: 1 / mp.sqrt(1 - x**2),)),
    "acos": (mp.acos, (lambda x: -1 / mp.sqrt(1 - x**2),)),
    "atan": (mp.atan, (lambda x: 1 / (1 + x**2),)),
    "atan2": (r_atan2, (lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2))),
    "degrees": (lambda x: x * 180 / mp.pi, (lambda x: 180 / mp.pi,)),
    "radians": (lambda x: x * mp.pi / 180, (lambda x: mp.pi / 180,)),
    "sinh": (mp.sinh, (mp.cosh,)),
    "cosh": (mp.cosh, (mp.sinh,)),
    "tanh": (mp.tanh, (lambda x: mp.sech(x) ** 2,)),
    "sech": (lambda x: 1 / mp.cosh(x), (lambda x: -mp.sinh(x) / mp.cosh(x) ** 2,)),
    "csch": (lambda x: 1 / mp.sinh(x), (lambda x: -mp.cosh(x) / mp.sinh(x) ** 2,)),
    "coth": (lambda x: mp.cosh(x) / mp.sinh(x), (lambda x: -1 / mp.sinh(x) ** 2,)),
    "asinh": (mp.asinh, (lambda x: 1 / mp.sqrt(1 + x**2),)),
    "acosh": (mp.acosh, (lambda x: 1 / mp.sqrt(x**2 - 1),)),
    "atanh": (mp.atanh, (lambda x: 1 / (1 - x**2),)),
    "erf": (mp.erf, (lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-(x**2)),)),
    "erfc": (lambda x: mp.erfc(x) if x < 100 else mp.exp(-x**2), (lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-(x**2)),)),
    "sigmoid": (r_sigmoid, (lambda x: r_sigmoid(x) * r_sigmoid(-x),)),
    "softplus": (lambda x: r_logaddexp(x, mpf(0)), (r_sigmoid,)),
    "logit": (lambda p: mp.log(p / (1 - p)), (lambda p: 1 / (p - p**2),)),
    "gamma": (mp.gamma, (lambda x: mp.gamma(x) * r_digamma(x),)),
    "lgamma": (r_lgamma, (r_digamma,)),
    "digamma": (r_digamma, (lambda x: r_polygamma(mpf(1), x),)),
    "polygamma": (r_polygamma, (UNDEFINED, lambda n, x: r_polygamma(n + 1, x))),
    "acot": (lambda x: mp.atan(1 / x) if x else mp.pi / 2, (lambda x: -1 / (1 + x**2),)),
    "asec": (lambda x: mp.acos(1 / x), (lambda x: 1 / (abs(x) * mp.sqrt(x**2 - 1)),)),
    "acsc": (lambda x: mp.asin(1 / x), (lambda x: -1 / (abs(x) * mp.sqrt(x**2 - 1)),)),
    "acoth": (lambda x: mp.atanh(1 / x), (lambda x: 1 / (1 - x**2),)),
    "asech": (lambda x: mp.acosh(1 / x), (lambda x: -1 / (x * mp.sqrt(1 - x**2)),)),
    "acsch": (lambda x: mp.asinh(1 / x), (lambda x: -1 / (abs(x) * mp.sqrt(1 + x**2)),)),
    "normpdf": (mp.npdf, (lambda x: -x * mp.npdf(x),)),
    "normcdf": (r_normcdf, (mp.npdf,)),
    "norminv": (r_norminv, (lambda p: 1 / mp.npdf(r_norminv(p)),)),
    "erfinv": (r_erfinv, (lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(r_erfinv(x) ** 2),)),
    "factorial": (lambda x: mp.gamma(x + 1), (lambda x: mp.gamma(x + 1) * r_digamma(x + 1),)),
    "beta": (r_beta, (r_beta_slope, lambda a, b: r_beta_slope(b, a))),
    "lbeta": (r_lbeta, (lambda a, b: r_digamma_less(a, b), lambda a, b: r_digamma_less(b, a))),
    "lambertw": (r_lambertw, (lambda x: 1 / (mp.exp(r_lambertw(x)) * (1 + r_lambertw(x))),)),
    "sinc": (mp.sinc, (r_sinc_slope,)),
    "besselj": (r_besselj, (UNDEFINED, lambda n, x: (r_besselj(n - 1, x) - r_besselj(n + 1, x)) / 2)),
    "bessely": (r_bessely, (UNDEFINED, lambda n, x: (r_bessely(n - 1, x) - r_bessely(n + 1, x)) / 2)),
    "fma": (lambda a, b, c: a * b + c, (lambda a, b, c: b, lambda a, b, c: a, ONE)),
}
# fmt: on


NAMED = {op.name: op for op in ops.TABLE}


def cases(table: str) -> list[tuple[Any, ...]]:
    """Read `name argument ... -> result ...; ...`."""
    rows = [row.split("->") for row in table.replace("\n", ";").split(";") if row.strip()]
    return [
        (left.split()[0], *(tuple(map(float, x)) for x in (left.split()[1:], *map(str.split, right))))
        for left, *right in rows
    ]


# -- points -----------------------------------------------------------------------------------------------------------
SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, -2.5, 3.0, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308,
           1.7976931348623157e308, -1.7976931348623157e308, 1e-8, 1e8,
           2.0**52, 2.0**53 + 2, -(2.0**52) - 1, 1e-154, 1e-160, 1e160)  # fmt: skip
# Where each function of one argument is delicate, besides 0.
NEAR = dict(
    cases("""
        floor 1 -3; ceil 1 -3; trunc 1 -3; round 0.5 1.5 -2.5; exp 709.78 -708.4 -745.13; exp2 1024 -1022 -1075
        expm1 709.78 -37; ln 1; log2 1; log10 1; log1p -1; sin 3.141592653589793 6.283185307179586 355
        cos 1.5707963267948966 11; tan 1.5707963267948966 3.141592653589793 11
        sec 1.5707963267948966 3.141592653589793; csc 1.5707963267948966 3.141592653589793
        cot 1.5707963267948966 3.141592653589793; asin 1 -1; acos 1 -1; atan 100000000; sinh 710.47 -710.47
        cosh 710.47 -710.47; tanh 20 -372 373; sech 700 -745.5 745.8; csch 700 -745.5 745.8; coth 20 373 -373; asinh 1
        acosh 1; atanh 1 -1; erf 1 27.2 26.6 -27.28; erfc 26.54 27.22 1; sigmoid -745.13 37 -708.4
        softplus -745.13 37 -37; logit 0.5 1 0.25 0.75
        gamma 1 1.4616321449683622 171.6 -1 -5 -0.504083008264455 -170 -177 -184 -190
        lgamma 1 2 0.75 2.75 10 -2.4570247382208006 -2.7476826467274127 -3.14358088834998 -20
        asec 1 -1; acsc 1 -1; acoth 1 -1; asech 1; acot 100000000; erfinv 1 -1 0.5; norminv 0.5 0.8 1
        normpdf 37 -38.5; normcdf -37.5 8; lambertw -0.36787944117144228 2.718281828459045 -0.2
        digamma 1.4616321449683622 0.25 10 -0.504083008264455 -1.57349847316239 -1 -10
    """)
)


def size(rng: random.Random, low: float = -324, high: float = 308.25) -> float:
    return rng.choice((-1, 1)) * 10 ** rng.uniform(low, high)


def beside(rng: random.Random, x: float) -> float:
    """Return a number some ulp, or a small part, away from x."""
    if rng.random() < 0.4:
        return x + rng.randint(-8, 8) * math.ulp(x)
    return x + size(rng, -17, -0.5) * max(abs(x), 1e-3)


def real(rng: random.Random, near: tuple[float, ...] = ()) -> float:
    kind = rng.random()
    if near and kind < 0.3:
        return beside(rng, rng.choice(near))
    if kind < 0.5:
        return size(rng)
    if kind < 0.7:
        return size(rng, -3, 3.2)
    if kind < 0.95:
        return rng.uniform(-10, 10)
    x = rng.choice(SPECIAL)
    return x if rng.random() < 0.5 else x * rng.uniform(0.5, 1)


def related(rng: random.Random) -> tuple[float, float]:
    """Return two numbers: independent, close together, opposite, of similar size, or with a whole quotient."""
    a, kind = real(rng), rng.random()
    if kind < 0.3:
        return a, real(rng)
    if kind < 0.5:
        return a, beside(rng, a) * rng.choice((1, 1, -1))
    if kind < 0.8:
        return a, a * size(rng, -3, 3)
    return a * rng.randint(-9, 9), a * rng.randint(1, 4)


def power(rng: random.Random) -> tuple[float, float]:
    a, kind = real(rng), rng.random()
    if kind < 0.3:
        return a, float(rng.randint(-12, 12))
    if kind < 0.35:
        return rng.choice((0.0, -0.0)), real(rng)
    log = math.log(abs(a)) if a and abs(a) != 1 else 1.0
    b = rng.uniform(-760, 720) / log if kind < 0.8 else beside(rng, float(rng.randint(-4, 4)))
    return (a, float(round(b))) if rng.random() < 0.3 else (abs(a), b)


def base(rng: random.Random) -> tuple[float, float]:
    x = abs(real(rng, (1.0,)))
    return x, rng.choice((abs(real(rng, (1.0,))), 2.0, 10.0, beside(rng, x)))


def added_logs(rng: random.Random) -> tuple[float, float]:
    a, b = related(rng)
    return rng.choice(((a, b), (a, a + rng.uniform(-760, 760)), (b / 1e3, rng.uniform(-800, 0))))


def order(rng: random.Random) -> tuple[float, float]:
    n = float(rng.choice((0, 1, 1, 2, 2, 3, 4, 5, 7, 12, 20)))
    return n, rng.choice((real(rng, (1.0, 10.0, -0.5, -3.5, -8.0)), rng.uniform(-12, 40), size(rng, -3, 3.2)))


def range_(rng: random.Random) -> tuple[float, float, float]:
    a, b = related(rng)
    lo, hi = min(a, b), max(a, b)
    return rng.choice((real(rng), lo, hi, beside(rng, lo), (lo + hi) / 2)), lo, hi


def sum_(rng: random.Random) -> tuple[float, float, float]:
    a, b = related(rng)
    return a, b, rng.choice((real(rng), beside(rng, -a * b)))


def unit(rng: random.Random, near: tuple[float, ...]) -> float:
    return rng.choice((real(rng, near), rng.uniform(-1, 1)))


DRAW: dict[str, Callable[[random.Random], tuple[Any, ...]]] = {
    "and": lambda rng: (rng.random() < 0.5, rng.random() < 0.5),
    "or": lambda rng: (rng.random() < 0.5, rng.random() < 0.5),
    "not": lambda rng: (rng.random() < 0.5,),
    "where": lambda rng: (rng.random() < 0.5, *related(rng)),
    "pow": power,
    "log": base,
    "logaddexp": added_logs,
    "clamp": range_,
    "fma": sum_,
    "polygamma": order,
    "beta": lambda rng: (10 ** rng.uniform(-3, 1.5), 10 ** rng.uniform(-3, 1.5)),
    "lbeta": lambda rng: (10 ** rng.uniform(-3, 6), 10 ** rng.uniform(-3, 6)),
    "factorial": lambda rng: (rng.choice((rng.uniform(-20, 170), float(rng.randint(0, 170)))),),
    "sinc": lambda rng: (rng.choice((rng.uniform(-30, 30), size(rng, -300, 15))),),
    "besselj": lambda rng: (float(rng.randint(-12, 40)), rng.choice((rng.uniform(-60, 60), size(rng, -3, 4)))),
    "bessely": lambda rng: (float(rng.randint(-12, 20)), rng.choice((rng.uniform(0, 60), abs(size(rng, -3, 4))))),
    **{
        name: (lambda rng, name=name: (unit(rng, NEAR[name]),))
        for name in ("asin", "acos", "atanh", "logit", "asech", "erfinv", "norminv")
    },
}


def points(op: Op, seed: int = 0) -> Iterator[tuple[Any, ...]]:
    """Generate points of finite numbers without end, the same ones each time, inside the domain and outside."""
    rng = random.Random(zlib.crc32(op.name.encode()) + seed)
    draw = DRAW.get(op.name) or (related if op.arity == 2 else lambda rng: (real(rng, NEAR.get(op.name, ())),))
    while True:
        args = draw(rng)
        if all(math.isfinite(x) for x in args):
            yield args if op.name not in ("copysign", "atan2") else tuple(x + 0.0 for x in args)  # no -0 in mpmath


def inner(op: Op, count: int, seed: int = 0) -> Iterator[tuple[Any, ...]]:
    """Generate points of the domain."""
    for args in points(op, seed):
        if op.domain is None or op.domain.contains(*args):
            yield args
            count -= 1
            if not count:
                return


# -- accuracy ---------------------------------------------------------------------------------------------------------
def off(got: float, exact: Any) -> float:
    """Return how many ulp of the exact value `got` is off; overflow counts as 2^1024."""
    if got != got or isinstance(exact, bool) or isinstance(got, bool):
        return 0.0 if got == exact else math.inf
    if got == 0 and exact != 0 and math.copysign(1, got) != mp.sign(exact):
        return math.inf
    limit = mpf(2) ** 1024
    exact = max(-limit, min(limit, exact))
    value = mpf(got) if math.isfinite(got) else math.copysign(1, got) * limit
    _, exponent = mp.frexp(exact)
    return float(abs(value - exact) / mpf(2) ** max(-1074, min(1024, exponent) - 53))


def condition(f: Callable[..., Any], args: list[Any]) -> float:
    """Return the condition number of f, at least 1: the sum over i of |x_i df/dx_i / f|."""
    total = mpf(0)
    for i, x in enumerate(args):
        h = x * mpf(10) ** (-DIGITS // 3)
        try:
            high, low = (f(*args[:i], x + step, *args[i + 1 :]) for step in (h, -h))
        except ValueError:  # a whole number that cannot vary
            continue
        total += abs(x * (high - low) / (2 * h)) if h else 0
    return max(1.0, float(total / abs(f(*args))))


def exact(args: tuple[Any, ...]) -> list[Any]:
    return [x if isinstance(x, bool) else mpf(x) for x in args]


def errors(op: Op, args: tuple[Any, ...]) -> Iterator[tuple[str | int, float]]:
    """Generate how far off the value and the partial derivatives are, where there are any."""
    value, partials = REFERENCE[op.name]
    arguments = exact(args)

    def measured(what: str | int, got: float, f: Callable[..., Any]) -> tuple[str | int, float]:
        error, (bound, _) = off(got, f(*arguments)), EXCEPTIONS.get((op.name, what), (math.inf, ""))
        return what, error if error <= min(bound, 2) else error / (condition(f, arguments) if bound < math.inf else 1)

    y = op.extended(*args)
    yield measured("value", y, value)
    for k, partial in enumerate(partials):
        if partial and not any(edge.when(*args) for edge in op.edges if edge.argument in (None, k)):
            yield measured(k, op.slope(k, y, *args), partial)


def check(op: Op, points: Iterable[tuple[Any, ...]]) -> None:
    for args in points:
        for what, error in errors(op, args):
            usual = VALUE_BOUND if what == "value" else SLOPE_BOUND
            bound, _ = EXCEPTIONS.get((op.name, what), (usual, ""))
            assert error <= bound, f"{op.name}{args}: {what} is off by {error} ulp"


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


every_op = pytest.mark.parametrize("op", ops.TABLE, ids=lambda op: op.name)


@pytest.mark.long
@every_op
def test_values_and_partials_are_accurate(op: Op) -> None:
    check(op, inner(op, POINTS))


@pytest.mark.slow
@every_op
def test_values_and_partials_are_accurate_at_many_points(op: Op) -> None:
    check(op, inner(op, MANY_POINTS if op.arity < 3 and "gamma" not in op.name else MANY_POINTS // 10, seed=1))


@pytest.mark.parametrize(("name", "args"), cases("coth 0.9236817392227014; erfc 26.539999999999818"))
def test_where_the_rule_for_all_numbers_is_not_accurate_enough(name: str, args: tuple[float, ...]) -> None:
    check(NAMED[name], [args])


# -- rules: on numbers of any kind ------------------------------------------------------------------------------------
class Mp(Arithmetic):
    """An mpmath number on which the operations of the table act through REFERENCE; `used` remembers their names."""

    __slots__ = ("value",)
    used: set[str] = set()  # noqa: RUF012

    def __init__(self, value: Any) -> None:
        self.value = value

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Mp:
        self.used.add(op.name)
        return Mp(REFERENCE[op.name][0](*(number(x) for x in args)))


def number(x: Any) -> Any:
    return x.value if isinstance(x, Mp) else x if isinstance(x, bool) else mpf(x)


# A rule with a constant that is a float cannot be better than one.
FLOAT_CONSTANT = {"exp2", "log2", "log10", "degrees", "radians", "erf", "erfc", "erfinv"}


@pytest.mark.long
@every_op
def test_rules_are_the_textbook_derivatives(op: Op) -> None:
    value, partials = REFERENCE[op.name]
    tolerance = mpf(1e-15 if op.name in FLOAT_CONSTANT else mpf(10) ** (20 - DIGITS))
    moderate = (args for args in inner(op, 400, seed=2) if all(1e-9 < abs(x) < 1e3 for x in args))
    for args, _ in zip(moderate, range(40), strict=False):
        arguments = exact(args)
        y = value(*arguments)
        for k, partial in enumerate(partials):
            if partial and not any(edge.when(*args) for edge in op.edges):
                rule, right = op.rules[k], partial(*arguments)
                got = number(
                    rule(*(x if isinstance(x, bool) else Mp(x) for x in (y, *arguments))) if callable(rule) else rule
                )
                assert abs(got - right) <= tolerance * abs(right), (args, k)


@every_op
def test_rules_are_smooth_where_the_operation_is(op: Op) -> None:
    """A rule is differentiated again: abs or sign in it would lose what the second derivative has at 0."""
    Mp.used.clear()
    for rule in op.rules:
        if callable(rule):
            rule(*(x if isinstance(x, bool) else Mp(mpf(x)) for x in (op.number(*op.sample), *op.sample)))
    pieces = {other.name for other in ops.TABLE if any(edge.kind in ("kink", "jump") for edge in other.edges)} - {
        "hypot",
        "atan2",
    }
    if op.name not in pieces:
        assert not Mp.used & (pieces | {"where"} - {op.name})


# -- domains and edges ------------------------------------------------------------------------------------------------
def has_value(op: Op, args: tuple[Any, ...]) -> bool:
    try:
        value = REFERENCE[op.name][0](*exact(args))
    except (ValueError, ZeroDivisionError):
        return False
    return isinstance(value, bool) or (isinstance(value, mpf) and mp.isfinite(value))


@pytest.mark.long
@every_op
def test_number_raises_outside_the_domain_and_only_there(op: Op) -> None:
    for args, _ in zip(points(op, seed=3), range(500), strict=False):
        contains = op.domain is None or op.domain.contains(*args)
        try:
            y = op.number(*args)
        except (ValueError, ZeroDivisionError):
            assert not contains, args
        except OverflowError:
            assert contains, args
        else:
            assert contains, args
            assert y == y, args
        with mp.workdps(20):
            assert contains == has_value(op, args), args


OUTSIDE = """
    ln 0; ln -1; log1p -1; log 2 1; log 2 0; log 0 2; log -1 -2; div 1 0; div 0 0; pow -2 0.5; pow 0 -1
    pow -0 -2.5; sqrt -5e-324; asin 1.0000000000000002; acos -2; atanh 1; atanh -1; acosh 0.9999999999999999
    atan2 0 0; atan2 -0 -0; xlogy 1 0; xlogy 0 -1; logit 0; logit 1; logit -0.5; logit 1.5; csc 0; cot -0; csch 0
    coth 0; gamma 0; gamma -3; lgamma -0; lgamma -7; digamma 0; digamma -4; digamma -1e300; polygamma 0.5 1
    polygamma -1 1; polygamma 1 -2; fmod 1 0; mod 1 -0; remainder 1 0; clamp 1 3 2
"""  # an operation and its arguments


@pytest.mark.parametrize(("name", "args"), cases(OUTSIDE))
def test_outside_the_domain(name: str, args: tuple[float, ...]) -> None:
    op = NAMED[name]
    assert op.domain is not None
    assert not op.domain.contains(*args)
    with pytest.raises((ValueError, ZeroDivisionError)):
        op.number(*args)


INSIDE = """
    ln 5e-324; log1p -0.9999999999999999; log 5e-324 0.5; log 1 1.0000000000000002; div 0 5e-324; pow 0 0; pow -0 0
    pow 0 0.5; pow -2 3; pow -2 -3; pow 5e-324 -0.5; sqrt 0; sqrt -0; asin 1; asin -1; acos 1; acos -1; acosh 1
    atanh 0.9999999999999999; atanh -0.9999999999999999; atan2 0 -1; atan2 1 0; xlogy 0 0; xlogy -1 5e-324
    logit 5e-324; logit 0.9999999999999999; csc 5e-324; cot -5e-324; csch 5e-324; coth -5e-324; gamma 5e-324; gamma -0.5
    lgamma -0.5; digamma -5e-324; polygamma 0 1; polygamma 3 -0.5; fmod 1 5e-324; mod 0 -1; remainder 0 1; clamp 3 1 1
"""


@pytest.mark.parametrize(("name", "args"), cases(INSIDE))
def test_inside_the_domain(name: str, args: tuple[float, ...]) -> None:
    op = NAMED[name]
    assert op.domain is not None
    assert op.domain.contains(*args)
    assert has_value(op, args)


NO_EDGE = """
    trunc 0; trunc -0.5; fmod 0 2; copysign 1 -1; atan2 0 1; atan2 1 -1; atan2 1 0; pow 0 2; hypot 0 1; hypot 1 0
    round 4503599627370497; round -4503599627370497; round 1e300; round 1; round -0.49999999999999994; round inf
    remainder 1 3; clamp 2 1 3; asin 0; acosh 2
"""


@pytest.mark.parametrize(("name", "args"), cases(NO_EDGE))
def test_where_it_is_smooth(name: str, args: tuple[float, ...]) -> None:
    """Beyond 2^52 all floats are whole numbers: none is at a half."""
    assert not [edge for edge in NAMED[name].edges if edge.when(*args)]


# fmt: off
# Zeros, ones, halves, and their neighbours.
PALETTE = (-3.0, -2.5, -1.0000000000000002, -1.0, -0.9999999999999999, -0.5, -0.49999999999999994, -1e-10, 0.0,
           1e-10, 0.49999999999999994, 0.5, 0.9999999999999999, 1.0, 1.0000000000000002, 1.5, 2.0, 3.0, 4.5)
# fmt: on
SMALL_PALETTE = (-1.0, 0.0, 0.5, 1.0, 1.0000000000000002)
VERTICAL = {("cbrt", 0.0)}  # the slope is inf, the same on both sides: a pole of the derivative, no edge


def behaviour(f: Callable[..., Any], args: list[Any], k: int) -> str:
    """Say what f does in its argument k, from difference quotients to the left and to the right."""
    x, y, changes = args[k], f(*args), []
    h = (abs(x) or 1) * mpf(10) ** -40
    for step in (-h, h):
        try:
            changes.append(f(*args[:k], x + step, *args[k + 1 :]) - y)
        except (ValueError, ZeroDivisionError):
            return "end"
    if not all(isinstance(change, (int, mpf)) and mp.isfinite(change) for change in changes):
        return "end"
    left, right = changes
    if max(abs(left), abs(right)) > mpf(10) ** -20 * max(1, abs(y)):
        return "jump"
    return "kink" if abs(left + right) > 1e-8 * max(abs(left), abs(right)) + mpf(10) ** -70 else "smooth"


@pytest.mark.long
@every_op
def test_edges_are_where_the_operation_is_not_smooth(op: Op) -> None:
    arity = [x for x in range(op.arity) if not isinstance(op.sample[x], bool)]
    palette = [PALETTE, PALETTE, SMALL_PALETTE][op.arity - 1]
    grid: list[tuple[Any, ...]] = [()]
    for k in range(op.arity):
        grid = [(*args, x) for args in grid for x in (palette if k in arity else (False, True))]
    same = {"branch": "jump", "undefined": "end"}
    with mp.workdps(120):
        for args in grid:
            if (
                (op.domain and not op.domain.contains(*args))
                or op.name in ("and", "or", "not")
                or (op.name, args[0]) in VERTICAL
            ):
                continue
            found = {k: behaviour(REFERENCE[op.name][0], exact(args), k) for k in arity}
            fired = [edge for edge in op.edges if edge.when(*args)]
            for edge in fired:
                kind = same.get(edge.kind, edge.kind)
                if edge.argument is None:
                    assert {kind, "end"} & set(found.values()), (args, edge, found)
                else:
                    assert found[edge.argument] == kind or (
                        edge.kind == "undefined" and found[edge.argument] != "smooth"
                    ), (args, edge, found)
            for k, what in found.items():
                if what != "smooth":
                    assert any(edge.argument in (None, k) for edge in fired), (args, k, what)


INF, NAN = math.inf, math.nan


AT_EDGES = """
    abs 0 -> 0; sign 0 -> 0; step 0 -> 0; relu 0 -> 0.5; relu -0 -> 0.5; min 2 2 -> 0.5 0.5; max 2 2 -> 0.5 0.5
    max 0 -0 -> 0.5 0.5; min 1e308 -1e308 -> 0 1; clamp 1 1 2 -> 0.5 0.5 0; clamp 2 1 2 -> 0.5 0 0.5
    clamp 1 1 1 -> 0 0.5 0.5; clamp 0 1 1 -> 0 1 0; clamp 3 1 1 -> 0 0 1; clamp 1.5 1 2 -> 1 0 0
    clamp 1e308 -1e308 0 -> 0 0 1; sqrt 0 -> inf; sqrt -0 -> inf; cbrt 0 -> inf; cbrt -0 -> inf; asin 1 -> inf
    asin -1 -> inf; acos 1 -> -inf; acos -1 -> -inf; acosh 1 -> inf; hypot 0 0 -> 0 0; hypot -0 0 -> 0 0
    pow 0 1.5 -> 0 0; pow 0 0.5 -> inf 0; pow 0 1 -> 1 0; pow 0 2 -> 0 0; pow -0 3 -> 0 0; pow 0 0 -> 0 nan
    pow -2 3 -> 12 nan; pow -2 0 -> 0 nan; pow 5 0 -> 0 1.6094379124341003; pow -3 2 -> -6 nan
    pow -2 -1 -> -0.25 nan; pow -1 9007199254740994.0 -> -9007199254740994.0 nan; xlogy 0 0 -> -inf 0
    pow -0 5e-324 -> inf 0; pow 0.5 1e308 -> 0 0
    xlogy 0 2 -> 0.6931471805599453 0; copysign -3 -0 -> 1 0; copysign -3 0 -> -1 0; copysign 0 1 -> 0 0
    atan2 0 -1 -> -1 0; fmod 7 -2 -> 1 3; mod 7 -2 -> 1 4; remainder 7 4 -> 1 -2; mod 1.7e308 -1e308 -> 1 2
    fmod 1e308 1e-308 -> 1 -inf; mod -1e-20 1 -> 1 1; mod 2 inf -> 1 0; where 1 1 2 -> 0 1 0; where 0 1 2 -> 0 0 1
    ln 5e-324 -> inf; cot 1e-200 -> -inf; gamma 1e-200 -> -inf
    gamma -183.99999999999997 -> -5.555322928638e-312
    hypot 5e-324 5e-324 -> 0.7071067811865476 0.7071067811865476
"""  # -> its partial derivatives


@pytest.mark.parametrize(("name", "args", "slopes"), cases(AT_EDGES))
def test_partials_at_edges(name: str, args: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    op = NAMED[name]
    y = op.number(*args)
    got = [op.slope(k, y, *args) for k in range(op.arity)]
    assert got == pytest.approx(slopes, rel=1e-15, abs=0, nan_ok=True)


# -- infinities and NaN -----------------------------------------------------------------------------------------------
LIMITS = """
    neg -> inf -inf; abs -> inf inf; sign -> -1 1; step -> 0 1; floor -> -inf inf; ceil -> -inf inf
    trunc -> -inf inf; round -> -inf inf; relu -> 0 inf; sqrt -> nan inf; cbrt -> -inf inf; exp -> 0 inf
    exp2 -> 0 inf; expm1 -> -1 inf; ln -> nan inf; log2 -> nan inf; log10 -> nan inf; log1p -> nan inf
    sin -> nan nan; cos -> nan nan; tan -> nan nan; sec -> nan nan; csc -> nan nan; cot -> nan nan
    asin -> nan nan; acos -> nan nan; atan -> -1.5707963267948966 1.5707963267948966; degrees -> -inf inf
    radians -> -inf inf; sinh -> -inf inf; cosh -> inf inf; tanh -> -1 1; sech -> 0 0; csch -> 0 0; coth -> -1 1
    asinh -> -inf inf; acosh -> nan inf; atanh -> nan nan; erf -> -1 1; erfc -> 2 0; sigmoid -> 0 1
    softplus -> 0 inf; logit -> nan nan; gamma -> nan inf; lgamma -> inf inf; digamma -> nan inf
    acot -> 0 0; asec -> 1.5707963267948966 1.5707963267948966; acsc -> 0 0; acoth -> 0 0; asech -> nan nan
    acsch -> 0 0; normpdf -> 0 0; normcdf -> 0 1; norminv -> nan nan; erfinv -> nan nan; factorial -> nan inf
    lambertw -> nan inf; sinc -> 0 0
"""  # -> the values at -inf and at inf


def test_infinities() -> None:
    limits = {name: limit for name, _, limit in cases(LIMITS)}
    for op in ops.TABLE:
        if op.arity == 1 and not op.condition:
            got = op.extended(-INF), op.extended(INF)
            assert got == pytest.approx(limits[op.name], nan_ok=True), op.name


EXTENDED = """
    div 1 0 -> inf; div 1 -0 -> -inf; div -1 0 -> -inf; div 0 0 -> nan; div inf inf -> nan; div 1 inf -> 0
    div 1 -inf -> -0; pow 0 -2 -> inf; pow -0 -3 -> -inf; pow 0 -0.5 -> inf; pow -2 0.5 -> nan; pow 10 400 -> inf
    pow -10 401 -> -inf; pow 2 -inf -> 0; pow inf 0.5 -> inf; pow -inf 3 -> -inf; ln 0 -> -inf; ln -0 -> -inf
    log2 0 -> -inf; log10 0 -> -inf; log1p -1 -> -inf; log 0 2 -> -inf; log 0 0.5 -> inf; log 2 1 -> nan
    log inf 2 -> inf; log 2 inf -> 0; log 0 inf -> nan; log -1 2 -> nan; log 0 0 -> nan; log 0 1 -> nan
    pow 0.5 -2000.5 -> inf; gamma -1 -> nan; polygamma 0 0 -> -inf; polygamma 0 -0 -> inf; polygamma 0.5 0 -> nan
    polygamma 3 0 -> inf; polygamma 4 0 -> -inf; polygamma -2 0 -> nan; polygamma -1 0 -> nan
    exp 710 -> inf; sinh -711 -> -inf; cosh -711 -> inf
    csc 0 -> inf; csc -0 -> -inf; cot -0 -> -inf; csch 0 -> inf; coth -0 -> -inf; atanh 1 -> inf; atanh -1 -> -inf
    atanh 2 -> nan; logit 0 -> -inf; logit 1 -> inf; logit 2 -> nan; atan2 0 0 -> nan
    atan2 -0 -1 -> -3.141592653589793; atan2 0 -1 -> 3.141592653589793; atan2 1 inf -> 0; xlogy 2 0 -> -inf
    xlogy -2 0 -> inf; xlogy 0 0 -> 0; gamma 0 -> inf; gamma -0 -> -inf; gamma -1e-310 -> -inf; gamma 172 -> inf
    gamma -2 -> nan; gamma -200.5 -> -0; gamma -201.5 -> 0; lgamma -2 -> inf; lgamma 1e308 -> inf
    digamma 0 -> -inf; digamma -0 -> inf; digamma -2 -> nan; polygamma 1 0 -> inf; polygamma 1 -3 -> inf
    polygamma 2 0 -> -inf; polygamma 2 -3 -> nan; polygamma 1 inf -> 0; polygamma 2 inf -> -0
    polygamma 2 1e-200 -> -inf; polygamma 0.5 1 -> nan; polygamma inf 1 -> nan; polygamma 1 -inf -> nan
    hypot inf nan -> inf; hypot 1e308 1e308 -> 1.4142135623730951e308; hypot 1.5e308 1.5e308 -> inf
    fma 1e200 1e200 -1e308 -> inf; fma -1e200 1e200 1 -> -inf; fma 1e200 1e200 -inf -> -inf; fma inf 0 1 -> nan
    fma 1e308 1 1e308 -> inf; fma -1e308 1 -1e308 -> -inf
    fma inf 1 -inf -> nan; fma -0 1 -0 -> -0; fma 0.1 10 -1 -> 5.551115123125783e-17; fmod inf 1 -> nan
    mod inf 1 -> nan; remainder inf 1 -> nan; fmod 5 inf -> 5; mod -5 inf -> inf; remainder 5 -inf -> 5
    fmod -4 2 -> -0; sqrt -1 -> nan; add inf -inf -> nan; mul 0 inf -> nan; logaddexp inf -inf -> inf
    logaddexp -inf -inf -> -inf; logaddexp -inf 3 -> 3; clamp inf 0 1 -> 1; min -inf inf -> -inf
    asec 0.5 -> nan; acsc 0 -> nan; acoth 1 -> inf; acoth -1 -> -inf; acoth 0.5 -> nan; asech 0 -> inf
    asech 2 -> nan; acsch 0 -> inf; acsch -0 -> -inf; acot 0 -> 1.5707963267948966; norminv 0 -> nan
    norminv 1 -> nan; erfinv 1 -> nan; erfinv -1 -> nan; erfinv 2 -> nan; factorial -1 -> nan; factorial -2 -> nan
    factorial 171 -> inf; lambertw -1 -> nan; sinc 0 -> 1; beta 0 1 -> inf; beta -1 1 -> nan; lbeta 0 1 -> inf
    besselj 0 0 -> 1; besselj 1 0 -> 0; besselj 0.5 1 -> nan; besselj 2 inf -> 0; bessely 0 0 -> -inf
    bessely -1 0 -> inf; bessely 0 -1 -> nan
    copysign -0 1 -> 0; copysign 3 -0 -> -3; floor -0 -> -0; ceil -0.5 -> -0; round -0.5 -> -0; round 2.5 -> 2
"""  # -> its value by IEEE 754


@pytest.mark.parametrize(("name", "args", "value"), cases(EXTENDED))
def test_extended_values(name: str, args: tuple[float, ...], value: tuple[float]) -> None:
    got, (value,) = NAMED[name].extended(*args), value
    assert got == pytest.approx(value, rel=1e-15, abs=0, nan_ok=True)
    assert got != got or math.copysign(1, got) == math.copysign(1, value)


# As the C standard has it: x^0 and 1^x are 1, the size of (inf, x) is inf, a sign is a sign, whatever x is.
NOT_NAN = {("pow", 0): (NAN, 0.0), ("pow", 1): (1.0, NAN), ("hypot", 0): (NAN, INF), ("copysign", 1): (2.0, NAN)}


@every_op
def test_nan_in_nan_out(op: Op) -> None:
    if op.condition:
        return
    for k in range(op.arity):
        for other in (op.sample, (0.5, 1.5, 2.5)[: op.arity]):
            if not isinstance(op.sample[k], bool) and (op.domain is None or op.domain.contains(*other)):
                args = (*other[:k], NAN, *other[k + 1 :])
                y = op.extended(*args)
                chosen = op.name == "where" and k != (1 if args[0] else 2)
                assert (y == y) == (chosen or (op.name, k) == ("copysign", 1)), (args, y)
                for j in range(op.arity):  # a partial derivative is NaN, or it does not depend on this argument
                    slope = op.slope(j, y, *args)
                    assert math.isnan(slope) or slope == op.slope(j, op.number(*other), *other) or y == y, (args, j)
    for (name, _), args in NOT_NAN.items():
        assert NAMED[name].extended(*args) == NAMED[name].extended(*args)


def test_ieee_numbers() -> None:
    one, zero = Ieee(1.0), Ieee(0.0)
    assert one / zero == INF
    assert 1 / -zero == -INF
    assert -one / 0 == -INF
    assert math.isnan(zero / zero)
    assert math.isnan((-one) ** 0.5)
    assert 10 ** (one * 400) == INF
    assert 0 ** (-one) == INF
    assert (2 - one, one - 3, 2 + one, one + 2, 3 * one, one * 4, one / 2) == (1, -2, 3, 3, 3, 4, 0.5)
    assert ops.ln(zero) == -INF
    assert math.isnan(ops.sin(Ieee(INF)))
    assert all(
        type(x) is Ieee for x in (-one, one + 1, 1 - one, one / zero, one**2, 2**one, ops.exp(one), ops.max_(1.0, one))
    )


def test_operators_are_those_of_floats() -> None:
    signs = (operator.neg, operator.pos, abs, math.floor, math.ceil, math.trunc)
    pairs = (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod)
    for x in (-2.5, 1.75, 3.0):
        assert [f(Ieee(x)) for f in signs] == [f(x) for f in signs]
        for f, y in itertools.product(pairs, (3.0, -2.0)):
            assert f(Ieee(x), y) == f(Ieee(x), Ieee(y)) == f(x, y)
            assert f(3.0, Ieee(x)) == f(3.0, x)


def test_of_two_kinds_of_numbers_the_higher_decides() -> None:
    node = variable_node("x")
    for product in (Ieee(2.0) * node, node * Ieee(2.0), 2 * node, node * 2):
        assert to_text(product) in ("2*x", "x*2")


# -- the table --------------------------------------------------------------------------------------------------------
@every_op
def test_every_operation_has_a_reference_and_a_sample(op: Op) -> None:
    assert len(REFERENCE[op.name][1]) == op.arity == len(op.slopes) == len(op.sample)
    assert op.domain is None or op.domain.contains(*op.sample)
    assert not any(edge.when(*op.sample) for edge in op.edges if edge.kind != "undefined")


def test_every_spelling_names_one_operation() -> None:
    spellings = [(name, op.arity) for op in ops.TABLE for name in (op.name, *op.aliases)]
    assert len(set(spellings)) == len(spellings)
    assert {op.name for op in ops.TABLE} == set(REFERENCE)
    assert repr(ops.sin) == "<Op sin>"


def test_exceptions_are_of_the_table() -> None:
    assert {name for name, _ in EXCEPTIONS} <= set(REFERENCE)


# Where the functions are that the table names; those of programs that tests do not need are tested with the programs.
PROGRAMS: dict[str, tuple[object, ...]] = {
    "mpmath": (mp_functions, mp), "cmath": COMPLEX.modules, "numpy": (kernels, np), "sympy": (sympy,),
    "operator": (operator,), "sincos": (sincos,), "Math": (), "jax": (), "torch": (), "casadi": (),
}  # fmt: skip


@every_op
def test_names_in_other_programs_are_those_of_functions(op: Op) -> None:
    assert {word.partition(":")[0] for word in op.names.split()} <= PROGRAMS.keys()
    for program, places in PROGRAMS.items():
        for name in op.names_in(program) if places else ():
            assert any(callable(getattr(place, name, None)) for place in places), (program, name)


@every_op
def test_fields_fit_together(op: Op) -> None:
    assert len(op.rules) == len(op.slopes) == op.arity
    assert not op.column_rules or len(op.column_rules) == op.arity
    assert op.columns is None or op.fast is None
