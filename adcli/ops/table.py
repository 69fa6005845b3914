"""The one table of operations: every function adcli knows, with its partial derivatives.

An entry reads `Op(name, what it is, one rule per argument, ...)`. A rule is a function of numbers of any
kind: the result first, then the arguments. Inside a rule `cos` is the Op itself, so the same rule gives a
float on floats and a formula on formulas. To add a function, add one entry.
"""

from __future__ import annotations

import math
import operator
from typing import Any

from . import floats, gammas
from .op import Domain, Edge, Exact, Op, register
from .twofold import sum_error, two_product, within_range


def _sign(x: float) -> float:
    return 0.0 if x == 0 else math.copysign(1.0, x) if x == x else x


def _integer(x: float) -> bool:
    return x % 1 == 0


def _pole_limit(x: float) -> float:
    return math.copysign(math.inf, x) if x == 0 else math.nan


def _log_limit(x: float, base: float = math.e) -> float:
    return -math.inf / math.log(base) if x == 0 and 0 < base != 1 else math.nan


def _polygamma_limit(n: float, x: float) -> float:
    """A pole of even order has the limit inf; one of odd order has a limit at a signed zero."""
    if n < 0:
        return math.nan
    if n % 2 == 1:
        return math.inf if _integer(x) else math.nan
    return -_pole_limit(x) if n % 2 == 0 else math.nan


def _gamma_limit(x: float) -> float:
    """Overflow, or the pole at a signed zero."""
    return math.copysign(math.inf, x) if x > -1 else math.nan


def _power_limit(a: float, b: float) -> float:
    """Overflow, or a pole at 0; an odd integer exponent keeps the sign of the base."""
    if a < 0 and not _integer(b):
        return math.nan
    return math.copysign(math.inf, a) if b % 2 == 1 else math.inf


def _beside_axis(y: Any, x: Any) -> Any:
    """The angle of the point (x, y) by an arc tangent of a quotient that stays bounded."""
    if lt(abs_(x), abs_(y)):
        return sign(y) * (math.pi / 2) - atan(x / y)
    return atan(y / x) + (0.0 if gt(x, 0.0) else -math.pi if lt(y, 0.0) else math.pi)


def _product_error(y: Any, a: Any, b: Any) -> Any:
    return where(within_range(a, b, y), two_product(a, b)[1], 0.0)


def _quotient_error(y: Any, a: Any, b: Any) -> Any:
    product = y * b
    return ((a - product) - _product_error(product, y, b)) / b


POSITIVE = Domain("{0} > 0", lambda x: x > 0)
NONNEGATIVE = Domain("{0} >= 0", lambda x: x >= 0)
NONZERO = Domain("{0} != 0", lambda x: x != 0)
UNIT = Domain("-1 <= {0} <= 1", lambda x: abs(x) <= 1)
OPEN_UNIT = Domain("-1 < {0} < 1", lambda x: abs(x) < 1)
NOT_POLE = Domain("{0} not 0, -1, -2, ...", lambda x: (x > 0) | (x % 1 != 0))
DIVISOR = Domain("{1} != 0", lambda a, b: b != 0)

_LN2 = Exact(math.log(2), lambda one: ln(one + one))
_PER_LN2 = Exact(1.4426950408889634, lambda one: 1 / ln(one + one))
_PER_LN10 = Exact(0.4342944819032518, lambda one: 1 / ln(10 * one))
_TWO_OVER_ROOT_PI = Exact(floats.TWO_OVER_ROOT_PI, lambda one: 2 / gamma(one / 2))
_DEGREE = Exact(math.pi / 180, lambda one: radians(one))
_RADIAN = Exact(180 / math.pi, lambda one: degrees(one))
_AT_0 = Edge("kink", lambda x: x == 0)
_TIE = Edge("kink", lambda a, b: a == b)
_STEP_0 = Edge("jump", lambda x: x == 0)

# fmt: off
# -- comparisons and choice (no derivative by a condition) ------------------------------------------------------------
_BRANCH = (Edge("branch", lambda a, b: a == b),)
lt = Op("lt", "less than",        0.0, 0.0, number=operator.lt, condition=True, edges=_BRANCH, infix=("<", 4), latex="%s < %s")
le = Op("le", "at most",          0.0, 0.0, number=operator.le, condition=True, edges=_BRANCH, infix=("<=", 4), latex=r"%s \le %s")
gt = Op("gt", "greater than",     0.0, 0.0, number=operator.gt, condition=True, edges=_BRANCH, infix=(">", 4), latex="%s > %s")
ge = Op("ge", "at least",         0.0, 0.0, number=operator.ge, condition=True, edges=_BRANCH, infix=(">=", 4), latex=r"%s \ge %s")
eq = Op("eq", "equal to",         0.0, 0.0, number=operator.eq, condition=True, edges=_BRANCH, infix=("==", 4), latex="%s = %s")
ne = Op("ne", "different from",   0.0, 0.0, number=operator.ne, condition=True, edges=_BRANCH, infix=("!=", 4), latex=r"%s \ne %s")
and_ = Op("and", "both conditions",   0.0, 0.0, number=lambda a, b: a and b, condition=True, selects=lambda c: 1 if c else 0, infix=("and", 2), latex=r"%s \land %s")
or_ = Op("or", "either condition",    0.0, 0.0, number=lambda a, b: a or b,  condition=True, selects=lambda c: 0 if c else 1, infix=("or", 1), latex=r"%s \lor %s")
not_ = Op("not", "the opposite of a condition", 0.0, number=operator.not_, condition=True, infix=("not", 3), latex=r"\lnot %s")
where: Op = Op("where", "the second argument if the first, a condition, is true, else the third",
           0.0, lambda y, c, a, b: where(c, 1.0, 0.0), lambda y, c, a, b: where(c, 0.0, 1.0),
           number=lambda c, a, b: a if c else b, selects=lambda c: 1 if c else 2, sample=(True, 0.75, 0.25))

# -- arithmetic -------------------------------------------------------------------------------------------------------
neg = Op("neg", "the opposite", -1.0,                                   number=operator.neg, infix=("-", 7), latex="-%s")
add = Op("add", "sum", 1.0, 1.0,                                        lost=lambda y, a, b: sum_error(a, b, y), number=operator.add, infix=("+", 5), latex="%s + %s")
sub = Op("sub", "difference", 1.0, -1.0,                                lost=lambda y, a, b: sum_error(a, -b, y), number=operator.sub, infix=("-", 5), latex="%s - %s")
mul = Op("mul", "product", lambda y, a, b: b, lambda y, a, b: a,        lost=_product_error, number=operator.mul, infix=("*", 6), latex=r"%s \cdot %s")
div = Op("div", "quotient", lambda y, a, b: 1 / b, lambda y, a, b: -y / b, lost=_quotient_error, number=operator.truediv, accurate=(lambda y, a, b: 1 / b, floats.div_slope), infix=("/", 6),
         domain=DIVISOR, limit=lambda a, b: a * math.copysign(math.inf, b), latex=r"\frac{%s}{%s}", taught=lambda a, b, da, db: (da * b - a * db) / b**2)
pow_ = Op("pow", "power: any base for an integer exponent, else a base that is not negative",
          lambda y, a, b: b * a ** (b - 1), lambda y, a, b: y * ln(a),
          number=math.pow, accurate=(floats.power_slope_base, floats.power_slope_exponent),
          domain=Domain("{0} > 0, or {0} = 0 with {1} >= 0, or {1} an integer", lambda a, b: (a > 0) | (a == 0) & (b >= 0) | (a != 0) & _integer(b)),
          edges=(Edge("end", lambda a, b: (a == 0) & (b % 1 != 0), 0),
                 Edge("undefined", lambda a, b: (a < 0) | (a == 0) & (b == 0), 1)),
          limit=_power_limit, aliases=("power",), infix=("^", 8), latex="%s^{%s}")

# -- pieces -----------------------------------------------------------------------------------------------------------
abs_ = Op("abs", "absolute value", lambda y, x: sign(x), number=abs, edges=(_AT_0,), aliases=("fabs", "absolute"), latex=r"\left|%s\right|", beside=lambda x: -x if lt(x, 0.0) else x)
sign: Op = Op("sign", "-1, 0 or 1", 0.0,                      number=_sign, edges=(_STEP_0,), aliases=("sgn",))
step = Op("step", "0 below 0, 1/2 at 0, 1 above", 0.0,    number=floats.step, edges=(_STEP_0,), aliases=("heaviside",))
floor = Op("floor", "largest integer not above", 0.0,     number=floats.integral(math.floor), edges=(Edge("jump", _integer),), latex=r"\lfloor %s \rfloor")
ceil = Op("ceil", "smallest integer not below", 0.0,      number=floats.integral(math.ceil), edges=(Edge("jump", _integer),), latex=r"\lceil %s \rceil")
trunc = Op("trunc", "integer part", 0.0,                  number=floats.integral(math.trunc), edges=(Edge("jump", lambda x: (x != 0) & _integer(x)),), aliases=("fix",))
round_ = Op("round", "nearest integer, halves to the even one", 0.0, number=floats.integral(round), edges=(Edge("jump", lambda x: abs(x) % 1 == 0.5),), aliases=("rint",), sample=(0.3,))
min_ = Op("min", "smallest", lambda y, a, b: step(b - a), lambda y, a, b: step(a - b), number=floats.smallest, edges=(_TIE,), aliases=("minimum", "fmin"), latex=r"\min", variadic=True, beside=lambda a, b: b if lt(b, a) else a)
max_ = Op("max", "largest", lambda y, a, b: step(a - b), lambda y, a, b: step(b - a), number=floats.largest, edges=(_TIE,), aliases=("maximum", "fmax"), latex=r"\max", variadic=True, beside=lambda a, b: b if gt(b, a) else a)
relu = Op("relu", "max(x, 0)", lambda y, x: step(x),      number=floats.relu, edges=(_AT_0,), beside=lambda x: x if gt(x, 0.0) else 0.0)
clamp = Op("clamp", "x limited to the range lo..hi", lambda y, x, lo, hi: step(x - lo) - step(x - hi), lambda y, x, lo, hi: step(lo - x), lambda y, x, lo, hi: step(x - hi),
           number=floats.clamp, domain=Domain("{1} <= {2}", lambda x, lo, hi: lo <= hi), edges=(Edge("kink", lambda x, lo, hi: (x == lo) | (x == hi)), Edge("end", lambda x, lo, hi: lo == hi, 1), Edge("end", lambda x, lo, hi: lo == hi, 2)), aliases=("clip",), sample=(0.5, 0.25, 0.75), beside=lambda x, lo, hi: where(le(lo, hi), min_(max_(x, lo), hi), math.nan))
copysign: Op = Op("copysign", "the size of a with the sign of b", lambda y, a, b: sign(a) * copysign(1.0, b), 0.0, number=math.copysign,
              edges=(Edge("kink", lambda a, b: a == 0, 0), Edge("jump", lambda a, b: (b == 0) & (a != 0), 1)), beside=lambda a, b: abs_(a) * copysign(1.0, b))
fmod = Op("fmod", "remainder of a/b with the sign of a", 1.0, lambda y, a, b: -trunc(a / b), number=math.fmod, accurate=(1.0, floats.quotient_slope), domain=DIVISOR,
          edges=(Edge("jump", lambda a, b: (a != 0) & (a % b == 0)),), sample=(1.5, 0.4), beside=lambda a, b: a - b * trunc(a / b))
mod = Op("mod", "remainder of a/b with the sign of b", 1.0, lambda y, a, b: -floor(a / b), number=operator.mod, accurate=(1.0, floats.quotient_slope), domain=DIVISOR,
         edges=(Edge("jump", lambda a, b: a % b == 0),), sample=(1.5, 0.4), beside=lambda a, b: a - b * floor(a / b))
remainder = Op("remainder", "a minus the nearest multiple of b", 1.0, lambda y, a, b: -round_(a / b), number=math.remainder, accurate=(1.0, floats.quotient_slope), domain=DIVISOR,
               edges=(Edge("jump", lambda a, b: math.isfinite(a) and 2 * abs(math.remainder(a, b)) == abs(b)),), sample=(1.5, 0.4), beside=lambda a, b: a - b * round_(a / b))

# -- powers and logarithms --------------------------------------------------------------------------------------------
sqrt = Op("sqrt", "square root", lambda y, x: 0.5 / y,     lost=lambda y, x: _quotient_error(y, x, y + (y == 0.0)) / 2, number=floats.sqrt, domain=NONNEGATIVE, edges=(Edge("end", lambda x: x == 0),), latex=r"\sqrt{%s}", beside=lambda x: x ** 0.5)
cbrt = Op("cbrt", "cube root", lambda y, x: 1 / (3 * y**2), number=floats.cbrt, latex=r"\sqrt[3]{%s}", beside=lambda x: sign(x) * abs_(x) ** (1 / 3))
hypot = Op("hypot", "sqrt(a^2 + b^2) without overflow", lambda y, a, b: a / y, lambda y, a, b: b / y, number=math.hypot, accurate=floats.HYPOT_SLOPES,
           edges=(Edge("kink", lambda a, b: (a == 0) & (b == 0)),), variadic=True, beside=lambda a, b: sqrt(a**2 + b**2))
exp = Op("exp", "e to the power x", lambda y, x: y,        number=math.exp, latex=r"\exp")
exp2 = Op("exp2", "2 to the power x", lambda y, x: _LN2 * y, number=math.exp2, accurate=(floats.exp2_slope,), aliases=("pow2",))
expm1 = Op("expm1", "exp(x) - 1, accurate near 0", lambda y, x: exp(x), number=math.expm1)
ln: Op = Op("ln", "natural logarithm", lambda y, x: 1 / x,     number=math.log, domain=POSITIVE, limit=_log_limit, aliases=("log",), latex=r"\ln")
log2 = Op("log2", "logarithm to base 2", lambda y, x: _PER_LN2 / x, number=math.log2, domain=POSITIVE, limit=_log_limit, latex=r"\log_{2}")
log10 = Op("log10", "logarithm to base 10", lambda y, x: _PER_LN10 / x, number=math.log10, domain=POSITIVE, limit=_log_limit, latex=r"\log_{10}")
log1p = Op("log1p", "ln(1 + x), accurate near 0", lambda y, x: 1 / (1 + x), number=math.log1p, domain=Domain("{0} > -1", lambda x: x > -1), limit=lambda x: -math.inf if x == -1 else math.nan)
log = Op("log", "logarithm of x to base b", lambda y, x, b: 1 / (x * ln(b)), lambda y, x, b: -y / (b * ln(b)), number=floats.log_base, accurate=floats.LOG_BASE_SLOPES,
         domain=Domain("{0} > 0 and {1} > 0 and {1} != 1", lambda x, b: (x > 0) & (b > 0) & (b != 1)), limit=_log_limit)
logaddexp = Op("logaddexp", "ln(exp(a) + exp(b)) without overflow", lambda y, a, b: sigmoid(a - b), lambda y, a, b: sigmoid(b - a), number=floats.logaddexp, accurate=floats.LOGADDEXP_SLOPES, variadic=True)
xlogy = Op("xlogy", "x*ln(y), and 0 where x is 0", lambda z, x, y: ln(y), lambda z, x, y: x / y, number=floats.xlogy, accurate=(lambda z, x, y: ln(y), lambda z, x, y: x / y if x else 0.0),
           domain=Domain("{1} > 0, or {1} = 0 with {0} = 0", lambda x, y: (y > 0) | (y == 0) & (x == 0)), edges=(Edge("end", lambda x, y: y == 0),), limit=lambda x, y: -math.copysign(math.inf, x) if y == 0 and x == x else math.nan,
           beside=lambda x, y: math.nan if lt(y, 0.0) else 0.0 if eq(x, 0.0) else x * ln(y))

# -- circular ---------------------------------------------------------------------------------------------------------
sin = Op("sin", "sine", lambda y, x: cos(x),               number=math.sin, latex=r"\sin")
cos: Op = Op("cos", "cosine", lambda y, x: -sin(x),            number=math.cos, latex=r"\cos")
tan = Op("tan", "tangent", lambda y, x: 1 / cos(x)**2,     number=math.tan, latex=r"\tan")
sec = Op("sec", "1/cos(x)", lambda y, x: y * tan(x),       number=lambda x: 1 / math.cos(x), latex=r"\sec")
csc = Op("csc", "1/sin(x)", lambda y, x: -y / tan(x),      number=lambda x: 1 / math.sin(x), domain=NONZERO, limit=_pole_limit, latex=r"\csc", beside=lambda x: 1 / sin(x))
cot = Op("cot", "1/tan(x)", lambda y, x: -csc(x)**2,       number=lambda x: 1 / math.tan(x), domain=NONZERO, limit=_pole_limit, latex=r"\cot", beside=lambda x: cos(x) / sin(x))
asin: Op = Op("asin", "inverse sine", lambda y, x: 1 / sqrt((1 - x) * (1 + x)), number=math.asin, domain=UNIT, edges=(Edge("end", lambda x: abs(x) == 1),), aliases=("arcsin",), latex=r"\arcsin", beside=lambda x: sign(x) * (math.pi / 2 - 2 * asin(sqrt((1 - abs_(x)) / 2))))
acos = Op("acos", "inverse cosine", lambda y, x: -1 / sqrt((1 - x) * (1 + x)), number=math.acos, domain=UNIT, edges=(Edge("end", lambda x: abs(x) == 1),), aliases=("arccos",), latex=r"\arccos", beside=lambda x: math.pi / 2 - asin(x))
atan: Op = Op("atan", "inverse tangent", lambda y, x: 1 / (1 + x**2), number=math.atan, accurate=(floats.atan_slope,), aliases=("arctan",), latex=r"\arctan", beside=lambda x: sign(x) * (math.pi / 2) - atan(1 / x))
atan2 = Op("atan2", "angle of the point (x, y), y first", lambda t, y, x: x / (x**2 + y**2), lambda t, y, x: -y / (x**2 + y**2), number=floats.atan2, accurate=floats.ATAN2_SLOPES,
           domain=Domain("{0} != 0 or {1} != 0", lambda y, x: (y != 0) | (x != 0)), edges=(Edge("jump", lambda y, x: (y == 0) & (x < 0), 0),), aliases=("arctan2",), beside=_beside_axis)
degrees: Op = Op("degrees", "radians to degrees", _RADIAN, number=math.degrees, aliases=("rad2deg",))
radians: Op = Op("radians", "degrees to radians", _DEGREE, number=math.radians, aliases=("deg2rad",))

# -- hyperbolic -------------------------------------------------------------------------------------------------------
sinh = Op("sinh", "hyperbolic sine", lambda y, x: cosh(x), number=math.sinh, limit=lambda x: math.copysign(math.inf, x), latex=r"\sinh")
cosh: Op = Op("cosh", "hyperbolic cosine", lambda y, x: sinh(x), number=math.cosh, latex=r"\cosh")
tanh = Op("tanh", "hyperbolic tangent", lambda y, x: sech(x)**2, number=math.tanh, latex=r"\tanh")
sech: Op = Op("sech", "1/cosh(x)", lambda y, x: -y * tanh(x),  number=floats.sech)
csch: Op = Op("csch", "1/sinh(x)", lambda y, x: -y / tanh(x),  number=floats.csch, domain=NONZERO, limit=_pole_limit, beside=lambda x: 1 / sinh(x))
coth = Op("coth", "1/tanh(x)", lambda y, x: -csch(x)**2, number=floats.coth, accurate=(floats.coth_slope,), domain=NONZERO, limit=_pole_limit, latex=r"\coth", beside=lambda x: cosh(x) / sinh(x))
asinh = Op("asinh", "inverse hyperbolic sine", lambda y, x: 1 / hypot(1.0, x), number=math.asinh, aliases=("arcsinh",))
acosh = Op("acosh", "inverse hyperbolic cosine", lambda y, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), number=math.acosh, domain=Domain("{0} >= 1", lambda x: x >= 1),
           edges=(Edge("end", lambda x: x == 1),), aliases=("arccosh",), sample=(2.5,), beside=lambda x: 2 * asinh(sqrt((x - 1) / 2)))
atanh = Op("atanh", "inverse hyperbolic tangent", lambda y, x: 1 / ((1 - x) * (1 + x)), number=math.atanh, domain=OPEN_UNIT, limit=lambda x: math.copysign(math.inf, x) if abs(x) == 1 else math.nan, aliases=("arctanh",))

# -- probability and learning -----------------------------------------------------------------------------------------
erf = Op("erf", "error function", lambda y, x: _TWO_OVER_ROOT_PI * exp(-x**2), number=math.erf, accurate=(floats.erf_slope,))
erfc = Op("erfc", "1 - erf(x), accurate for large x", lambda y, x: -_TWO_OVER_ROOT_PI * exp(-x**2), number=math.erfc, accurate=(lambda y, x: -floats.erf_slope(y, x),))
sigmoid: Op = Op("sigmoid", "1/(1 + exp(-x))", lambda y, x: y * sigmoid(-x), number=floats.sigmoid, aliases=("expit", "logistic"))
softplus = Op("softplus", "ln(1 + exp(x)) without overflow", lambda y, x: sigmoid(x), number=floats.softplus)
logit = Op("logit", "ln(p/(1 - p))", lambda y, p: 1 / (p * (1 - p)), number=floats.logit, domain=Domain("0 < {0} < 1", lambda p: (p > 0) & (p < 1)), limit=lambda p: math.copysign(math.inf, p - 0.5) if p in (0, 1) else math.nan)
gamma: Op = Op("gamma", "gamma function, (x - 1)!", lambda y, x: y * digamma(x), number=gammas.gamma, accurate=(gammas.gamma_slope,), domain=NOT_POLE, limit=_gamma_limit, beside=lambda x: gamma(x + 1) / x)
lgamma = Op("lgamma", "ln |gamma(x)|", lambda y, x: digamma(x), number=gammas.lgamma, domain=NOT_POLE, limit=lambda x: math.inf, aliases=("gammaln",))
digamma: Op = Op("digamma", "derivative of lgamma", lambda y, x: polygamma(1.0, x), number=gammas.digamma, domain=NOT_POLE, limit=lambda x: -_pole_limit(x), aliases=("psi",), beside=lambda x: digamma(x + 1) - 1 / x)
polygamma: Op = Op("polygamma", "derivative of order n of digamma, n a whole number", 0.0, lambda y, n, x: polygamma(n + 1, x), number=gammas.polygamma,
               domain=Domain("{0} = 0, 1, 2, ... and {1} not 0, -1, -2, ...", lambda n, x: (n >= 0) & _integer(n) & NOT_POLE.contains(x)), edges=(Edge("undefined", lambda n, x: True, 0),), limit=_polygamma_limit, sample=(1.0, 0.75), beside=lambda n, x: polygamma(n, x + 1) - (-1) ** n * math.gamma(n + 1) / x ** (n + 1))
fma = Op("fma", "a*b + c, rounded once", lambda y, a, b, c: b, lambda y, a, b, c: a, 1.0, number=floats.fma, limit=lambda a, b, c: a * b + c, beside=lambda a, b, c: a * b + c)
# fmt: on

for _op in [value for value in globals().values() if isinstance(value, Op)]:
    register(_op)
