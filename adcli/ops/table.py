"""The one table of operations: every function adcli knows, with its partial derivatives.

An entry reads `Op(name, meaning, one rule for each argument, number=...)`; `op.py` explains the fields. A rule is a
function of numbers of any kind: the result first, then the arguments. Inside a rule `cos` is the Op itself, so the same
rule gives a float on floats and a formula on formulas. To add a function, add one entry.
"""

from __future__ import annotations

import math
import operator
from typing import Any

from . import floats, gammas, special
from .op import Domain, Edge, Exact, Op, Rule, register
from .twofold import sum_error, two_difference, two_product, within_range

_MOST_FACTORS = 6  # a power with an exponent up to here is as exact on columns as a product


def _integer(x: Any) -> Any:
    return x % 1 == 0


# -- helpers of entries, in operations of the table --------------------------------------------------------------------
def _product_error(y: Any, a: Any, b: Any) -> Any:
    return where(within_range(a, b, y), two_product(a, b)[1], 0.0)


def _quotient_error(y: Any, a: Any, b: Any) -> Any:
    product = y * b
    return ((a - product) - _product_error(product, y, b)) / b


def _angle_beside_an_axis(y: Any, x: Any) -> Any:
    """Return the angle of the point (x, y) by an arc tangent of a quotient that stays bounded."""
    if lt(abs_(x), abs_(y)):
        return sign(y) * (math.pi / 2) - atan(x / y)
    return atan(y / x) + (0.0 if gt(x, 0.0) else -math.pi if lt(y, 0.0) else math.pi)


def _power_of_columns(x: Any, n: Any) -> Any:
    """Return a power with a small constant exponent as a product, a square root as one; None for another power."""
    if not isinstance(n, float):
        return None
    if n == 0.5:
        return sqrt(x)
    if n % 1 or not 0 < abs(n) <= _MOST_FACTORS:
        return None
    powers = [x]
    while 2 ** len(powers) <= abs(n):
        powers.append(powers[-1] * powers[-1])
    factors = [power for k, power in enumerate(powers) if int(abs(n)) >> k & 1]
    product = math.prod(factors[1:], start=factors[0])
    return product if n > 0 else 1 / product


def _power_slope_of_columns(y: Any, a: Any, b: Any) -> Any:
    """Return b*a^(b-1) with what b - 1 rounds away."""
    c, lost = two_difference(b if b.value is None else b.value, 1.0)
    plain = b * a**c
    return plain if lost == 0 else plain * (1 + lost * ln(a))


def _log_of_columns(x: Any, base: Any) -> Any:
    """Return the logarithm to base 2 or 10; None for another base."""
    if not isinstance(base, float):
        return None
    return log2(x) if base == 2 else log10(x) if base == 10 else None


def _log1p_of_columns(x: Any) -> Any:
    """Return ln(1 + x) with what the sum rounds away."""
    u = 1 + x
    return ln(u) + (x - (u - 1)) / u


def _logaddexp_slope_of_columns(a: Any, b: Any) -> Any:
    """Return sigmoid(a - b) with what the difference rounds away."""
    d = a - b
    s = sigmoid(d)
    return s * (1 + sum_error(a, -b, d) * (1 - s))


def _sech_of_columns(x: Any) -> Any:
    e = exp(-abs_(x))
    return 2 * e / (1 + e * e)


def _for_numbers(*rules: Rule) -> dict[str, Any]:
    """Return the fields of an entry whose derivatives are by other rules than people read, on numbers of all kinds."""
    return {"accurate": rules, "again": rules, "column_rules": rules}


def _asec_slope(y: Any, x: Any) -> Any:
    return 1 / abs(x) / sqrt(abs(x) - 1) / sqrt(abs(x) + 1)


def _acsch_slope(y: Any, x: Any) -> Any:
    return -1 / abs(x) / hypot(1.0, x)


def _acoth_slope(y: Any, x: Any) -> Any:
    return -1 / (x - 1) / (x + 1)


def _norminv_slope(y: Any, p: Any) -> Any:
    return where(lt(y, 0.0), normcdf(y) / p, normcdf(-y) / (1 - p)) / normpdf(y)


def _lambertw_slope(y: Any, x: Any) -> Any:
    return where(gt(x, 1.0), y / x, exp(-y)) / (1 + y)


def _bessel_slope(function: Any) -> Any:
    return lambda y, n, x: (function(n - 1, x) - function(n + 1, x)) / 2


def _sigmoid_by_exp(e: Any, x: Any) -> Any:
    return where(ge(x, 0.0), 1.0, e) / (1 + e)


# fmt: off
# -- numbers, domains and edges of several entries ---------------------------------------------------------------------
_LN2              = Exact(math.log(2),             lambda one: ln(one + one))
_LN10             = Exact(math.log(10),            lambda one: ln(10 * one))
_PER_LN2          = Exact(1.4426950408889634,      lambda one: 1 / ln(one + one))
_PER_LN10         = Exact(0.4342944819032518,      lambda one: 1 / ln(10 * one))
_TWO_OVER_ROOT_PI = Exact(floats.TWO_OVER_ROOT_PI, lambda one: 2 / gamma(one / 2))
_HALF_PI          = Exact(math.pi / 2,             lambda one: acos(one - one))
_ROOT_TWO_PI      = Exact(2.5066282746310002,      lambda one: gamma(one / 2) * sqrt(2 * one))
_ROOT_TWO         = Exact(math.sqrt(2),            lambda one: sqrt(2 * one))
_DEGREE           = Exact(math.pi / 180,           lambda one: radians(one))
_RADIAN           = Exact(180 / math.pi,           lambda one: degrees(one))

_POSITIVE           = Domain("{0} > 0",                lambda x: x > 0)
_NONNEGATIVE        = Domain("{0} >= 0",               lambda x: x >= 0)
_NONZERO            = Domain("{0} != 0",               lambda x: x != 0)
_UNIT_INTERVAL      = Domain("-1 <= {0} <= 1",         lambda x: abs(x) <= 1)
_OPEN_UNIT_INTERVAL = Domain("-1 < {0} < 1",           lambda x: abs(x) < 1)
_NOT_POLE           = Domain("{0} not 0, -1, -2, ...", lambda x: (x > 0) | (x % 1 != 0))
_DIVISOR            = Domain("{1} != 0",               lambda a, b: b != 0)
_POSITIVE_PAIR      = Domain("{0} > 0 and {1} > 0",    lambda a, b: (a > 0) & (b > 0))
_BETWEEN_0_AND_1    = Domain("0 < {0} < 1",            lambda x: (x > 0) & (x < 1))
_BEYOND_UNIT        = Domain("{0} <= -1 or {0} >= 1",  lambda x: abs(x) >= 1)
_WHOLE_ORDER        = Domain("{0} a whole number",     lambda n, x: _integer(n) & (abs(n) <= 10_000))

_KINK_AT_0   = Edge("kink", lambda x: x == 0)
_JUMP_AT_0   = Edge("jump", lambda x: x == 0)
_END_AT_0    = Edge("end",  lambda x: x == 0)
_END_OF_UNIT = Edge("end",  lambda x: abs(x) == 1)
_END_AT_1    = Edge("end",  lambda x: x == 1)
_BY_ORDER    = Edge("undefined", lambda *args: True, 0)  # there is no derivative by a whole order, the first argument
_STEPS       = Edge("jump", _integer)
_TIE         = Edge("kink", lambda a, b: a == b)
_BRANCH      = Edge("branch", lambda a, b: a == b)

_ALL = "mpmath cmath numpy Math sympy jax torch casadi"

# -- comparisons and choice: no derivative by a condition --------------------------------------------------------------
lt = Op("lt", "less than",      0.0, 0.0, number=operator.lt, condition=True, edges=(_BRANCH,), infix=("<", 4),
        latex="%s < %s", names="numpy:less", js="({0} < {1})", opposite="ge")
le = Op("le", "at most",        0.0, 0.0, number=operator.le, condition=True, edges=(_BRANCH,), infix=("<=", 4),
        latex=r"%s \le %s", names="numpy:less_equal", js="({0} <= {1})", opposite="gt")
gt = Op("gt", "greater than",   0.0, 0.0, number=operator.gt, condition=True, edges=(_BRANCH,), infix=(">", 4),
        latex="%s > %s", names="numpy:greater", js="({0} > {1})", opposite="le")
ge = Op("ge", "at least",       0.0, 0.0, number=operator.ge, condition=True, edges=(_BRANCH,), infix=(">=", 4),
        latex=r"%s \ge %s", names="numpy:greater_equal", js="({0} >= {1})", opposite="lt")
eq = Op("eq", "equal to",       0.0, 0.0, number=operator.eq, condition=True, edges=(_BRANCH,), infix=("==", 4),
        latex="%s = %s", names="numpy:equal", js="({0} === {1})", opposite="ne")
ne = Op("ne", "different from", 0.0, 0.0, number=operator.ne, condition=True, edges=(_BRANCH,), infix=("!=", 4),
        latex=r"%s \ne %s", names="numpy:not_equal", js="({0} !== {1})", opposite="eq")
and_ = Op("and", "both conditions",  0.0, 0.0, number=lambda a, b: a and b, condition=True, infix=("and", 2),
          latex=r"%s \land %s", selects=lambda c: 1 if c else 0, names="numpy:logical_and", js="({0} && {1})")
or_ = Op("or", "either condition",   0.0, 0.0, number=lambda a, b: a or b, condition=True, infix=("or", 1),
         latex=r"%s \lor %s", selects=lambda c: 0 if c else 1, names="numpy:logical_or", js="({0} || {1})")
not_ = Op("not", "the opposite of a condition", 0.0, number=operator.not_, condition=True, infix=("not", 3),
          latex=r"\lnot %s", names="numpy:logical_not", js="(!{0})")
where: Op = Op("where", "the second argument if the first, a condition, is true, else the third",
               0.0, lambda y, c, a, b: where(c, 1.0, 0.0), lambda y, c, a, b: where(c, 0.0, 1.0),
               number=lambda c, a, b: a if c else b, selects=lambda c: 1 if c else 2, sample=(True, 0.75, 0.25),
               names="numpy:choose", js="({0} ? {1} : {2})")

# -- arithmetic --------------------------------------------------------------------------------------------------------
neg = Op("neg", "the opposite", -1.0,     number=operator.neg, infix=("-", 7), latex="-%s",
         pieces=True, names="operator mpmath numpy:negative", js="(-{0})", zero_of_zero=True)
add = Op("add", "sum",        1.0,  1.0,  number=operator.add, infix=("+", 5), latex="%s + %s",
         names="operator mpmath numpy", js="({0} + {1})", lost=lambda y, a, b: sum_error(a, b, y),
         nonnegative="kept", commutative=True)
sub = Op("sub", "difference", 1.0, -1.0,  number=operator.sub, infix=("-", 5), latex="%s - %s",
         names="operator mpmath numpy:subtract", js="({0} - {1})", lost=lambda y, a, b: sum_error(a, -b, y))
mul = Op("mul", "product", lambda y, a, b: b, lambda y, a, b: a,
         number=operator.mul, infix=("*", 6), latex=r"%s \cdot %s",
         names="operator mpmath numpy:multiply", js="({0} * {1})", lost=_product_error,
         nonnegative="kept", zero_of_zero=True, commutative=True)
div = Op("div", "quotient", lambda y, a, b: 1 / b, lambda y, a, b: -y / b,
         number=operator.truediv, infix=("/", 6), latex=r"\frac{%s}{%s}",
         names="operator:truediv mpmath numpy:divide numpy:true_divide", js="({0} / {1})", lost=_quotient_error,
         nonnegative="kept", zero_of_zero=True,
         domain=_DIVISOR, limit=lambda a, b: a * math.copysign(math.inf, b),
         accurate=(lambda y, a, b: 1 / b, floats.div_slope), taught=lambda a, b, da, db: (da * b - a * db) / b**2)
pow_ = Op("pow", "power: any base for an integer exponent, else a base that is not negative",
          lambda y, a, b: b * a ** (b - 1), lambda y, a, b: y * ln(a),
          number=math.pow, aliases=("power",), infix=("^", 8), latex="%s^{%s}",
          whole=True, nonnegative="even", zero_of_zero=True,
          names="operator:pow mpmath:power cmath:power Math numpy:power numpy:float_power",
          domain=Domain("{0} > 0, or {0} = 0 with {1} >= 0, or {1} an integer",
                        lambda a, b: (a > 0) | (a == 0) & (b >= 0) | (a != 0) & _integer(b)),
          edges=(Edge("end", lambda a, b: (a == 0) & (b % 1 != 0), 0),
                 Edge("undefined", lambda a, b: (a < 0) | (a == 0) & (b == 0), 1)),
          limit=floats.power_limit, accurate=(floats.power_slope_base, floats.power_slope_exponent),
          columns=_power_of_columns, column_rules=(_power_slope_of_columns, None))

# -- pieces ------------------------------------------------------------------------------------------------------------
abs_ = Op("abs", "absolute value",                  lambda y, x: sign(x), number=abs, edges=(_KINK_AT_0,),
          aliases=("fabs", "absolute"), latex=r"\left|%s\right|", beside=lambda x: -x if lt(x, 0.0) else x,
          pieces=True, names="mpmath:size numpy:absolute Math sympy:Abs jax torch casadi:fabs", nonnegative="always")
sign: Op = Op("sign", "-1, 0 or 1",                 0.0, number=floats.sign,  edges=(_JUMP_AT_0,),
              aliases=("sgn",), names="mpmath numpy Math sympy jax torch casadi")
step = Op("step", "0 below 0, 1/2 at 0, 1 above",   0.0, number=floats.step,  edges=(_JUMP_AT_0,),
          aliases=("heaviside",), by=lambda x: (1.0 + sign(x)) / 2.0, names="sympy:Heaviside")
floor = Op("floor", "largest integer not above",    0.0, number=floats.integral(math.floor), edges=(_STEPS,),
           latex=r"\lfloor %s \rfloor", names="mpmath numpy Math sympy jax torch casadi")
ceil = Op("ceil", "smallest integer not below",     0.0, number=floats.integral(math.ceil),  edges=(_STEPS,),
          latex=r"\lceil %s \rceil", names="mpmath numpy Math sympy:ceiling jax torch casadi")
trunc = Op("trunc", "integer part",                 0.0, number=floats.integral(math.trunc), aliases=("fix",),
           edges=(Edge("jump", lambda x: (x != 0) & _integer(x)),),
           by=lambda x: sign(x) * floor(abs(x)), names="numpy Math jax torch")
round_ = Op("round", "nearest integer, halves to the even one", 0.0, number=floats.integral(round), aliases=("rint",),
            edges=(Edge("jump", lambda x: abs(x) % 1 == 0.5),), sample=(0.3,),
            names="mpmath:nearest numpy:rint jax torch")
min_ = Op("min", "smallest", lambda y, a, b: step(b - a), lambda y, a, b: step(a - b), number=floats.smallest,
          edges=(_TIE,), aliases=("minimum", "fmin"), latex=r"\min", variadic=True,
          beside=lambda a, b: b if lt(b, a) else a,
          pieces=True, names="mpmath:smaller numpy:minimum Math sympy:Min jax:minimum torch:minimum casadi:fmin")
max_ = Op("max", "largest",  lambda y, a, b: step(a - b), lambda y, a, b: step(b - a), number=floats.largest,
          edges=(_TIE,), aliases=("maximum", "fmax"), latex=r"\max", variadic=True,
          beside=lambda a, b: b if gt(b, a) else a,
          pieces=True, names="mpmath:larger numpy:maximum Math sympy:Max jax:maximum torch:maximum casadi:fmax")
relu = Op("relu", "max(x, 0)", lambda y, x: step(x), number=floats.relu, edges=(_KINK_AT_0,),
          by=lambda x: max_(x, 0.0), pieces=True, names="jax torch")
clamp = Op("clamp", "x limited to the range lo..hi",
           lambda y, x, lo, hi: step(x - lo) - step(x - hi), lambda y, x, lo, hi: step(lo - x),
           lambda y, x, lo, hi: step(x - hi),
           number=floats.clamp, aliases=("clip",), sample=(0.5, 0.25, 0.75),
           domain=Domain("{1} <= {2}", lambda x, lo, hi: lo <= hi),
           edges=(Edge("kink", lambda x, lo, hi: (x == lo) | (x == hi)),
                  Edge("end", lambda x, lo, hi: lo == hi, 1), Edge("end", lambda x, lo, hi: lo == hi, 2)),
           by=lambda x, lo, hi: min_(max_(x, lo), hi),
           beside=lambda x, lo, hi: where(le(lo, hi), min_(max_(x, lo), hi), math.nan),
           pieces=True, names="numpy", js="({1} <= {2} ? Math.min(Math.max({0}, {1}), {2}) : NaN)")
copysign: Op = Op("copysign", "the size of a with the sign of b", lambda y, a, b: sign(a) * copysign(1.0, b), 0.0,
                  number=math.copysign, edges=(Edge("kink", lambda a, b: a == 0, 0),
                                               Edge("jump", lambda a, b: (b == 0) & (a != 0), 1)),
                  by=lambda a, b: abs(a) * sign(b), beside=lambda a, b: abs_(a) * copysign(1.0, b),
                  pieces=True, names="mpmath numpy jax torch casadi",
                  js="({1} < 0 || Object.is({1}, -0) ? -Math.abs({0}) : Math.abs({0}))")
fmod = Op("fmod", "remainder of a/b with the sign of a", 1.0, lambda y, a, b: -trunc(a / b),
          number=math.fmod, accurate=(1.0, floats.quotient_slope), domain=_DIVISOR, sample=(1.5, 0.4),
          edges=(Edge("jump", lambda a, b: (a != 0) & (a % b == 0)),),
          by=lambda a, b: a - b * trunc(a / b), pieces=True, names="numpy jax torch casadi", js="({0} % {1})",
          column_rules=(None, lambda y, a, b: -round_((a - y) / b)))
mod = Op("mod", "remainder of a/b with the sign of b", 1.0, lambda y, a, b: -floor(a / b),
         number=operator.mod, accurate=(1.0, floats.quotient_slope), domain=_DIVISOR, sample=(1.5, 0.4),
         edges=(Edge("jump", lambda a, b: a % b == 0),),
         by=lambda a, b: a - b * floor(a / b), pieces=True, names="numpy:remainder jax torch:remainder",
         column_rules=(None, lambda y, a, b: -round_((a - y) / b)))
remainder = Op("remainder", "a minus the nearest multiple of b", 1.0, lambda y, a, b: -round_(a / b),
               number=math.remainder, accurate=(1.0, floats.quotient_slope), domain=_DIVISOR, sample=(1.5, 0.4),
               edges=(Edge("jump", lambda a, b: math.isfinite(a) and 2 * abs(math.remainder(a, b)) == abs(b)),),
               by=lambda a, b: a - b * round_(a / b), one_by_one=True, pieces=True,
               column_rules=(None, lambda y, a, b: -round_((a - y) / b)))

# -- powers and logarithms ---------------------------------------------------------------------------------------------
sqrt: Op = Op("sqrt", "square root",                 lambda y, x: 0.5 / y,         number=floats.sqrt,
          latex=r"\sqrt{%s}", names=_ALL, domain=_NONNEGATIVE, edges=(_END_AT_0,), beside=lambda x: x ** 0.5,
          zero_of_zero=True, lost=lambda y, x: _quotient_error(y, x, y + (y == 0.0)) / 2, nonnegative="always")
cbrt = Op("cbrt", "cube root",                   lambda y, x: 1 / (3 * y**2),  number=floats.cbrt,
          latex=r"\sqrt[3]{%s}", by=lambda x: sign(x) * abs(x) ** (1 / 3),
          names="mpmath cmath:cube_root numpy Math sympy jax", zero_of_zero=True)
hypot = Op("hypot", "sqrt(a^2 + b^2) without overflow", lambda y, a, b: a / y, lambda y, a, b: b / y,
           number=math.hypot, accurate=floats.HYPOT_SLOPES, variadic=True,
           again=(lambda y, a, b: _cosine(a, b), lambda y, a, b: _cosine(b, a)),
           edges=(Edge("kink", lambda a, b: (a == 0) & (b == 0)),),
           by=lambda a, b: sqrt(a**2 + b**2), names="mpmath numpy Math jax torch casadi", zero_of_zero=True)
# The cosine of the angle between a and the diagonal: a/hypot(a, b) with derivatives that are products.
_cosine: Op = Op("cosine", "a/hypot(a, b)", lambda y, a, b: _cosine(b, a) ** 2 / hypot(a, b),
                 lambda y, a, b: -y * _cosine(b, a) / hypot(a, b), by=lambda a, b: a / hypot(a, b))
exp = Op("exp", "e to the power x",              lambda y, x: y,               number=math.exp,
         latex=r"\exp", names=_ALL, nonnegative="always", zero_of_zero=True)
exp2 = Op("exp2", "2 to the power x",            lambda y, x: _LN2 * y,        number=math.exp2,
          aliases=("pow2",), accurate=(floats.exp2_slope,),
          by=lambda x: exp(x * _LN2), names="mpmath numpy jax torch", zero_of_zero=True, js="Math.pow(2, {0})")
expm1 = Op("expm1", "exp(x) - 1, accurate near 0", lambda y, x: exp(x),        number=math.expm1,
           by=lambda x: exp(x) - 1.0, names="mpmath numpy Math jax torch casadi", zero_of_zero=True)
ln: Op = Op("ln", "natural logarithm",           lambda y, x: 1 / x,           number=math.log,
            aliases=("log",), latex=r"\ln", domain=_POSITIVE, limit=floats.log_limit,
            names="mpmath cmath:log numpy:log Math:log sympy:log jax:log torch:log casadi:log")
log2 = Op("log2", "logarithm to base 2",         lambda y, x: _PER_LN2 / x,    number=math.log2,
          latex=r"\log_{2}", domain=_POSITIVE, limit=floats.log_limit,
          by=lambda x: ln(x) / _LN2, names="numpy Math jax torch")
log10 = Op("log10", "logarithm to base 10",      lambda y, x: _PER_LN10 / x,   number=math.log10,
           latex=r"\log_{10}", domain=_POSITIVE, limit=floats.log_limit,
           by=lambda x: ln(x) / _LN10, names="numpy Math jax torch casadi")
log1p = Op("log1p", "ln(1 + x), accurate near 0", lambda y, x: 1 / (1 + x),    number=math.log1p,
           domain=Domain("{0} > -1", lambda x: x > -1), limit=lambda x: -math.inf if x == -1 else math.nan,
           by=lambda x: ln(1.0 + x), names="mpmath numpy Math jax torch casadi", zero_of_zero=True,
           fast=lambda x: copysign(_log1p_of_columns(x), x))  # -0 of -0
log = Op("log", "logarithm of x to base b", lambda y, x, b: 1 / (x * ln(b)), lambda y, x, b: -y / (b * ln(b)),
         number=floats.log_base, again=(lambda y, x, b: 1 / x / ln(b), None),
         accurate=floats.LOG_BASE_SLOPES, limit=floats.log_limit,
         domain=Domain("{0} > 0 and {1} > 0 and {1} != 1", lambda x, b: (x > 0) & (b > 0) & (b != 1)),
         by=lambda x, b: ln(x) / ln(b), names="numpy:log_base",
         columns=_log_of_columns)
logaddexp = Op("logaddexp", "ln(exp(a) + exp(b)) without overflow",
               lambda y, a, b: sigmoid(a - b), lambda y, a, b: sigmoid(b - a),
               number=floats.logaddexp, accurate=floats.LOGADDEXP_SLOPES, variadic=True,
               by=lambda a, b: b + softplus(a - b), names="mpmath numpy jax torch",
               column_rules=(lambda y, a, b: _logaddexp_slope_of_columns(a, b),
                             lambda y, a, b: _logaddexp_slope_of_columns(b, a)),
               js="(Math.max({0}, {1}) + Math.log1p(Math.exp(-Math.abs({0} - {1}))))")
xlogy = Op("xlogy", "x*ln(y), and 0 where x is 0", lambda z, x, y: ln(y), lambda z, x, y: x / y,
           number=floats.xlogy, accurate=(lambda z, x, y: ln(y), lambda z, x, y: x / y if x else 0.0),
           domain=Domain("{1} > 0, or {1} = 0 with {0} = 0", lambda x, y: (y > 0) | (y == 0) & (x == 0)),
           edges=(Edge("end", lambda x, y: y == 0),), limit=floats.xlogy_limit,
           by=lambda x, y: x * ln(y),
           beside=lambda x, y: math.nan if lt(y, 0.0) else 0.0 if eq(x, 0.0) else x * ln(y),
           names="mpmath numpy jax torch", js="({0} === 0 && {1} >= 0 ? 0 : {0} * Math.log({1}))")

# -- circular ----------------------------------------------------------------------------------------------------------
sin = Op("sin", "sine",        lambda y, x: cos(x),         number=math.sin, latex=r"\sin", names=_ALL, periodic=True)
cos: Op = Op("cos", "cosine",  lambda y, x: -sin(x),        number=math.cos, latex=r"\cos", names=_ALL, periodic=True)
tan = Op("tan", "tangent",     lambda y, x: 1 / cos(x)**2,  number=math.tan, latex=r"\tan", names=_ALL, periodic=True)
sec = Op("sec", "1/cos(x)",    lambda y, x: y * tan(x),     number=lambda x: 1 / math.cos(x), latex=r"\sec",
         by=lambda x: 1.0 / cos(x), names="mpmath sympy", periodic=True)
csc = Op("csc", "1/sin(x)",    lambda y, x: -y * cot(x),    number=lambda x: 1 / math.sin(x), latex=r"\csc",
         by=lambda x: 1.0 / sin(x), names="mpmath sympy", periodic=True, domain=_NONZERO, limit=floats.pole_limit)
cot: Op = Op("cot", "1/tan(x)",    lambda y, x: -csc(x)**2,     number=lambda x: 1 / math.tan(x), latex=r"\cot",
         by=lambda x: 1.0 / tan(x), names="mpmath sympy", periodic=True, domain=_NONZERO, limit=floats.pole_limit)
asin: Op = Op("asin", "inverse sine",  lambda y, x: 1 / sqrt((1 - x) * (1 + x)),   number=math.asin,
              again=(lambda y, x: 1 / sqrt(fma(-x, x, 1.0)),),
              aliases=("arcsin",), latex=r"\arcsin", domain=_UNIT_INTERVAL, edges=(_END_OF_UNIT,),
              beside=lambda x: sign(x) * (math.pi / 2 - 2 * asin(sqrt((1 - abs_(x)) / 2))),
              names="mpmath cmath numpy:arcsin Math sympy jax:arcsin torch casadi")
acos: Op = Op("acos", "inverse cosine",    lambda y, x: -1 / sqrt((1 - x) * (1 + x)),  number=math.acos,
          again=(lambda y, x: -1 / sqrt(fma(-x, x, 1.0)),),
          aliases=("arccos",), latex=r"\arccos", domain=_UNIT_INTERVAL, edges=(_END_OF_UNIT,),
          beside=lambda x: math.pi / 2 - asin(x),
          names="mpmath cmath numpy:arccos Math sympy jax:arccos torch casadi")
atan: Op = Op("atan", "inverse tangent", lambda y, x: 1 / (1 + x**2),              number=math.atan,
              aliases=("arctan",), latex=r"\arctan", accurate=(floats.atan_slope,),
              again=(lambda y, x: (1 / hypot(1.0, x)) ** 2,),
              beside=lambda x: sign(x) * (math.pi / 2) - atan(1 / x),
              names="mpmath cmath numpy:arctan Math sympy jax:arctan torch casadi", zero_of_zero=True)
acot = Op("acot", "inverse tangent of 1/x, pi/2 at 0", lambda y, x: -1 / (1 + x**2), number=special.acot,
          aliases=("arccot",), accurate=(lambda y, x: -floats.atan_slope(y, x),),
          again=(lambda y, x: -((1 / hypot(1.0, x)) ** 2),), edges=(_JUMP_AT_0,),
          by=lambda x: where(eq(x, 0.0), _HALF_PI, atan(1 / where(eq(x, 0.0), 1.0, x))),
          beside=lambda x: sign(x) * (math.pi / 2) - atan(x), names="mpmath sympy")
asec = Op("asec", "inverse cosine of 1/x",  lambda y, x: 1 / (x**2 * sqrt(1 - 1 / x**2)),  number=special.asec,
          aliases=("arcsec",), **_for_numbers(_asec_slope),
          domain=_BEYOND_UNIT, edges=(_END_OF_UNIT,), sample=(2.5,), names="mpmath sympy", by=lambda x: acos(1 / x),
          columns=lambda x: where(gt(x, 0.0), 0.0, math.pi) + sign(x) * atan(sqrt((abs(x) - 1) * (abs(x) + 1))),
          beside=lambda x: where(gt(x, 0.0), 0.0, math.pi) + sign(x) * 2 * asin(sqrt((1 - 1 / abs(x)) / 2)))
acsc = Op("acsc", "inverse sine of 1/x",    lambda y, x: -1 / (x**2 * sqrt(1 - 1 / x**2)), number=special.acsc,
          aliases=("arccsc",), **_for_numbers(lambda y, x: -_asec_slope(y, x)),
          domain=_BEYOND_UNIT, edges=(_END_OF_UNIT,), sample=(2.5,), names="mpmath sympy", by=lambda x: asin(1 / x),
          beside=lambda x: sign(x) * (math.pi / 2 - 2 * asin(sqrt((1 - 1 / abs(x)) / 2))))
atan2 = Op("atan2", "angle of the point (x, y), y first",
           lambda t, y, x: x / (x**2 + y**2), lambda t, y, x: -y / (x**2 + y**2),
           number=floats.atan2, accurate=floats.ATAN2_SLOPES, aliases=("arctan2",),
           again=(lambda t, y, x: _cosine(x, y) / hypot(y, x), lambda t, y, x: -_cosine(y, x) / hypot(y, x)),
           domain=Domain("{0} != 0 or {1} != 0", lambda y, x: (y != 0) | (x != 0)),
           edges=(Edge("jump", lambda y, x: (y == 0) & (x < 0), 0),), beside=_angle_beside_an_axis,
           names="mpmath cmath:angle numpy sympy jax:arctan2 torch casadi",
           js="({0} === 0 && {1} === 0 ? NaN : Math.atan2({0}, {1}))",
           column_rules=(lambda t, y, x: x / hypot(y, x) / hypot(y, x), lambda t, y, x: -y / hypot(y, x) / hypot(y, x)))
degrees: Op = Op("degrees", "radians to degrees", _RADIAN,  number=math.degrees,
                 aliases=("rad2deg",), by=lambda x: x * (180 / math.pi), names="mpmath numpy jax torch:rad2deg",
                 zero_of_zero=True)
radians: Op = Op("radians", "degrees to radians", _DEGREE,  number=math.radians,
                 aliases=("deg2rad",), by=lambda x: x * (math.pi / 180), names="mpmath numpy jax torch:deg2rad",
                 zero_of_zero=True)

# -- hyperbolic --------------------------------------------------------------------------------------------------------
sinh = Op("sinh", "hyperbolic sine",         lambda y, x: cosh(x),      number=math.sinh, latex=r"\sinh", names=_ALL,
          zero_of_zero=True, limit=lambda x: math.copysign(math.inf, x))
cosh: Op = Op("cosh", "hyperbolic cosine",   lambda y, x: sinh(x),      number=math.cosh, latex=r"\cosh", names=_ALL)
tanh = Op("tanh", "hyperbolic tangent",      lambda y, x: sech(x)**2,   number=math.tanh, latex=r"\tanh", names=_ALL,
          zero_of_zero=True)
sech: Op = Op("sech", "1/cosh(x)",           lambda y, x: -y * tanh(x), number=floats.sech,
              by=lambda x: 1.0 / cosh(x), names="mpmath sympy", zero_of_zero=True, columns=_sech_of_columns)
csch: Op = Op("csch", "1/sinh(x)",           lambda y, x: -y / tanh(x), number=floats.csch,
              by=lambda x: 1.0 / sinh(x), names="mpmath sympy", domain=_NONZERO, limit=floats.pole_limit)
coth = Op("coth", "1/tanh(x)",               lambda y, x: -csch(x)**2,  number=floats.coth, latex=r"\coth",
          by=lambda x: 1.0 / tanh(x), names="mpmath sympy", domain=_NONZERO, limit=floats.pole_limit,
          accurate=(floats.coth_slope,))
asinh = Op("asinh", "inverse hyperbolic sine",      lambda y, x: 1 / hypot(1.0, x),                number=math.asinh,
           aliases=("arcsinh",), names="mpmath cmath numpy:arcsinh Math sympy jax:arcsinh torch casadi",
           zero_of_zero=True)
acosh = Op("acosh", "inverse hyperbolic cosine",    lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)),  number=math.acosh,
           aliases=("arccosh",), names="mpmath cmath numpy:arccosh Math sympy jax:arccosh torch casadi",
           domain=Domain("{0} >= 1", lambda x: x >= 1), edges=(_END_AT_1,), sample=(2.5,),
           beside=lambda x: 2 * asinh(sqrt((x - 1) / 2)))
atanh = Op("atanh", "inverse hyperbolic tangent",   lambda y, x: 1 / ((1 - x) * (1 + x)),          number=math.atanh,
           again=(lambda y, x: 1 / fma(-x, x, 1.0),),
           aliases=("arctanh",), names="mpmath cmath numpy:arctanh Math sympy jax:arctanh torch casadi",
           domain=_OPEN_UNIT_INTERVAL, limit=floats.pole_limit_of_unit)

acoth = Op("acoth", "inverse hyperbolic tangent of 1/x", lambda y, x: 1 / (1 - x**2), number=special.acoth,
           aliases=("arccoth",), **_for_numbers(_acoth_slope),
           domain=Domain("{0} < -1 or {0} > 1", lambda x: abs(x) > 1), sample=(2.5,), names="mpmath sympy",
           limit=floats.pole_limit_of_unit,
           by=lambda x: atanh(1 / x), columns=lambda x: copysign(log1p(2 / (abs(x) - 1)) / 2, x))
asech = Op("asech", "inverse hyperbolic cosine of 1/x", lambda y, x: -1 / (x * sqrt(1 - x**2)), number=special.asech,
           aliases=("arcsech",), accurate=(lambda y, x: -1 / (x * math.sqrt((1 - x) * (1 + x))),),
           again=(lambda y, x: -1 / (x * sqrt(fma(-x, x, 1.0))),),
           column_rules=(lambda y, x: -1 / (x * sqrt((1 - x) * (1 + x))),),
           domain=Domain("0 < {0} <= 1", lambda x: (x > 0) & (x <= 1)), edges=(_END_AT_1,),
           limit=lambda x: math.inf if x == 0 else math.nan, names="mpmath sympy", by=lambda x: acosh(1 / x),
           columns=lambda x: log1p(sqrt((1 - x) * (1 + x))) - ln(x),
           beside=lambda x: 2 * asinh(sqrt((1 / x - 1) / 2)))
acsch = Op("acsch", "inverse hyperbolic sine of 1/x", lambda y, x: -1 / x / (x * hypot(1.0, 1 / x)),
           number=special.acsch, aliases=("arccsch",), **_for_numbers(_acsch_slope),
           domain=_NONZERO, limit=floats.pole_limit, names="mpmath sympy", by=lambda x: asinh(1 / x))

# -- probability and learning ------------------------------------------------------------------------------------------
erf = Op("erf", "error function",                   lambda y, x: _TWO_OVER_ROOT_PI * exp(-x**2),   number=math.erf,
         accurate=(floats.erf_slope,), names="mpmath sympy jax torch casadi", zero_of_zero=True)
erfc = Op("erfc", "1 - erf(x), accurate for large x", lambda y, x: -_TWO_OVER_ROOT_PI * exp(-x**2), number=math.erfc,
          accurate=(lambda y, x: -floats.erf_slope(y, x),), by=lambda x: 1.0 - erf(x), one_by_one=True,
          names="mpmath sympy jax torch", zero_of_zero=True)
erfinv: Op = Op("erfinv", "inverse error function", lambda y, x: exp(y**2) / _TWO_OVER_ROOT_PI, number=special.erfinv,
                accurate=(lambda y, x: 1 / floats.erf_slope(0.0, y),), domain=_OPEN_UNIT_INTERVAL, one_by_one=True,
                names="mpmath sympy jax torch")
normpdf = Op("normpdf", "density of the standard normal distribution", lambda y, x: -x * y, number=special.normpdf,
             accurate=(lambda y, x: special.normpdf(x, -x),),
             by=lambda x: exp(-(x**2) / 2) / _ROOT_TWO_PI, nonnegative="always", one_by_one=True)
normcdf = Op("normcdf", "probability below x, of the standard normal distribution", lambda y, x: normpdf(x),
             number=special.normcdf, by=lambda x: erfc(-x / _ROOT_TWO) / 2, one_by_one=True, nonnegative="always")
norminv = Op("norminv", "inverse of normcdf", lambda y, p: 1 / normpdf(y), number=special.norminv,
             accurate=(special.norminv_slope,), again=(_norminv_slope,), column_rules=(_norminv_slope,),
             by=lambda p: _ROOT_TWO * erfinv(2 * p - 1), one_by_one=True,
             domain=_BETWEEN_0_AND_1)
sigmoid: Op = Op("sigmoid", "1/(1 + exp(-x))",      lambda y, x: y * sigmoid(-x),  number=floats.sigmoid,
                 aliases=("expit", "logistic"), by=lambda x: 1.0 / (1.0 + exp(-x)), names="jax torch",
                 zero_of_zero=True, again=(lambda y, x: sech(x / 2) ** 2 / 4,),
                 column_rules=(lambda y, x: exp(-x) * y * y,))
softplus: Op = Op("softplus", "ln(1 + exp(x)) without overflow", lambda y, x: sigmoid(x), number=floats.softplus,
                  by=lambda x: ln(1.0 + exp(x)), names="mpmath jax torch", zero_of_zero=True,
                  js="(Math.max({0}, 0) + Math.log1p(Math.exp(-Math.abs({0}))))",
                  columns=lambda x: max_(x, 0.0) + _log1p_of_columns(exp(-abs_(x))),
                  column_rules=(lambda y, x: _sigmoid_by_exp(exp(-abs_(x)), x),))
logit = Op("logit", "ln(p/(1 - p))",                lambda y, p: 1 / (p * (1 - p)), number=floats.logit,
           domain=_BETWEEN_0_AND_1, limit=floats.logit_limit,
           by=lambda p: ln(p / (1.0 - p)), names="mpmath numpy jax torch",
           js="(Math.abs({0} - 0.5) < 0.25 ? 2 * Math.atanh(2 * {0} - 1) : Math.log({0} / (1 - {0})))")
gamma: Op = Op("gamma", "gamma function, (x - 1)!", lambda y, x: y * digamma(x),    number=gammas.gamma,
               domain=_NOT_POLE, limit=gammas.gamma_limit, accurate=(gammas.gamma_slope,),
               by=lambda x: exp(lgamma(x)), one_by_one=True, beside=lambda x: gamma(x + 1) / x,
               names="mpmath sympy jax")
lgamma: Op = Op("lgamma", "ln |gamma(x)|",              lambda y, x: digamma(x),        number=gammas.lgamma,
                aliases=("gammaln",), domain=_NOT_POLE, limit=lambda x: math.inf,
                names="mpmath sympy:loggamma jax:gammaln torch")
digamma: Op = Op("digamma", "derivative of lgamma", lambda y, x: polygamma(1.0, x), number=gammas.digamma,
                 aliases=("psi",), domain=_NOT_POLE, limit=lambda x: -floats.pole_limit(x),
                 by=lambda x: polygamma(0.0, x), one_by_one=True, beside=lambda x: digamma(x + 1) - 1 / x,
                 names="sympy jax torch")
polygamma: Op = Op("polygamma", "derivative of order n of digamma, n a whole number",
                   0.0, lambda y, n, x: polygamma(n + 1, x), number=gammas.polygamma, sample=(1.0, 0.75),
                   domain=Domain("{0} = 0, 1, 2, ... and {1} not 0, -1, -2, ...",
                                 lambda n, x: (n >= 0) & _integer(n) & _NOT_POLE.contains(x)),
                   edges=(_BY_ORDER,), limit=gammas.polygamma_limit,
                   beside=lambda n, x: polygamma(n, x + 1) - (-1) ** n * math.gamma(n + 1) / x ** (n + 1),
                   names="mpmath sympy jax torch")
factorial = Op("factorial", "x!, gamma(x + 1)", lambda y, x: y * digamma(x + 1), number=lambda x: gammas.gamma(x + 1),
               domain=Domain("{0} not -1, -2, ...", lambda x: (x > -1) | (x % 1 != 0)),
               limit=lambda x: math.inf if x > 0 else math.nan, by=lambda x: gamma(x + 1), one_by_one=True,
               names="mpmath sympy")
# What digamma, or a derivative of it of order n, loses from a to a + b.
_polygamma_less: Op = Op("polygamma_less", "polygamma(n, a) - polygamma(n, a + b)", 0.0,
                         lambda y, n, a, b: _polygamma_less(n + 1, a, b), lambda y, n, a, b: -polygamma(n + 1, a + b),
                         number=gammas.polygamma_less, by=lambda n, a, b: polygamma(n, a) - polygamma(n, a + b),
                         edges=(_BY_ORDER,), one_by_one=True)
beta = Op("beta", "gamma(a)*gamma(b)/gamma(a + b)",
          lambda y, a, b: y * (digamma(a) - digamma(a + b)), lambda y, a, b: y * (digamma(b) - digamma(a + b)),
          **_for_numbers(lambda y, a, b: y * _polygamma_less(0.0, a, b),
                         lambda y, a, b: y * _polygamma_less(0.0, b, a)),
          number=special.beta, by=lambda a, b: exp(lbeta(a, b)), one_by_one=True, commutative=True,
          domain=_POSITIVE_PAIR, names="mpmath sympy", limit=special.beta_limit,
          sample=(1.5, 0.75))
lbeta: Op = Op("lbeta", "ln(beta(a, b))",
               lambda y, a, b: digamma(a) - digamma(a + b), lambda y, a, b: digamma(b) - digamma(a + b),
               **_for_numbers(lambda y, a, b: _polygamma_less(0.0, a, b), lambda y, a, b: _polygamma_less(0.0, b, a)),
               number=special.lbeta, by=lambda a, b: lgamma(a) + lgamma(b) - lgamma(a + b), one_by_one=True,
               domain=_POSITIVE_PAIR, limit=special.beta_limit, commutative=True, sample=(1.5, 0.75))
lambertw = Op("lambertw", "the w >= -1 with w*exp(w) = x", lambda y, x: exp(-y) / (1 + y), number=special.lambertw,
              **_for_numbers(_lambertw_slope),
              domain=Domain("{0} >= -1/e", lambda x: x >= special.BRANCH_POINT), one_by_one=True,
              names="mpmath sympy:LambertW")
# The derivative of order n of sinc.
_sinc: Op = Op("sinc", "derivative of order n of sin(x)/x", 0.0, lambda y, n, x: _sinc(n + 1, x), number=special.sinc,
               names="mpmath:sinc_derivative", one_by_one=True, edges=(_BY_ORDER,))
sinc = Op("sinc", "sin(x)/x, and 1 at 0; not sin(pi*x)/(pi*x), as in numpy and torch", lambda y, x: (cos(x) - y) / x,
          number=lambda x: special.sinc(0.0, x), **_for_numbers(lambda y, x: _sinc(1.0, x)),
          by=lambda x: where(eq(x, 0.0), 1.0, sin(x) / where(eq(x, 0.0), 1.0, x)), names="mpmath sympy")
besselj: Op = Op("besselj", "Bessel function of the first kind, of whole order n", 0.0,
                 _bessel_slope(lambda *x: besselj(*x)), number=special.besselj, domain=_WHOLE_ORDER,
                 edges=(_BY_ORDER,), sample=(1.0, 0.75),
                 one_by_one=True, names="mpmath sympy")
bessely: Op = Op("bessely", "Bessel function of the second kind, of whole order n", 0.0,
                 _bessel_slope(lambda *x: bessely(*x)), number=special.bessely,
                 domain=Domain("{0} a whole number and {1} > 0", lambda n, x: _WHOLE_ORDER.contains(n, x) & (x > 0)),
                 edges=(_BY_ORDER,), limit=special.bessely_limit,
                 sample=(1.0, 0.75), one_by_one=True, names="mpmath sympy")
fma: Op = Op("fma", "a*b + c, rounded once", lambda y, a, b, c: b, lambda y, a, b, c: a, 1.0,
         number=floats.fma, limit=lambda a, b, c: a * b + c, by=lambda a, b, c: a * b + c, names="numpy")
# fmt: on

for _op in [value for name, value in globals().items() if isinstance(value, Op) and name[0] != "_"]:
    register(_op)
