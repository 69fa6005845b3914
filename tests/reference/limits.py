"""What an operation gives at a point, edges included, by one-sided limits in mpmath: nothing of this is asked of adcli.

The conventions, each of them stated where it is applied: at finite arguments no derivative outside the domain,
one-sided limits at its end, means at kinks, none at jumps; at others IEEE 754, Annex F of the C standard, and limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any, NamedTuple

from mpmath import mp, mpf

from tests.ops.test_table import REFERENCE, rational

INF, NAN = math.inf, math.nan
BESIDE = (40, 60)  # steps to a side, as powers of 1/10 of the scale of the arguments
FAR = (350, 700, 1400)  # on the way to 0 or infinity, as powers of 1/10 or 10
PERIODIC = ("sin", "cos", "tan", "sec", "csc", "cot")
REMAINDERS = ("fmod", "mod", "remainder")
LINEAR = ("clamp", "copysign")  # in pieces, with kinks that infinite arguments may meet
CHOICES = ("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "where")
ROUNDING = ("floor", "ceil", "trunc", "round")

Function = Callable[..., Any]


class Edge(NamedTuple):
    """A value, the partial derivatives (None: this one does not exist; no tuple: none does), the kinds of notes."""

    value: float
    partials: tuple[float | None, ...] | None
    kinds: tuple[str, ...]


def edge(name: str, args: tuple[Any, ...]) -> Edge:
    """Return what the operation of that name gives at the arguments."""
    f, partials = REFERENCE[name]
    if name in CHOICES:
        return _choice(f, args, len(partials))
    with mp.workdps(_digits(name, args)):
        if not all(map(math.isfinite, args)):
            return _at_infinity(name, args)
        y = _real(f, args)
        if y is None:  # outside the domain there is no derivative; the value is what IEEE 754 has at a pole
            return Edge(_standard(name, args, _pole(name, args)), None, ("domain",))
        kinds: list[str] = []
        slopes = [_slope(name, args, k, kinds) for k in range(len(partials))]
        value = rounded(y)
        if math.isinf(value) or any(s is not None and mp.isfinite(s) and math.isinf(rounded(s)) for s in slopes):
            kinds.append("overflow")
        if y == 0 or name in ("copysign", "atan2"):
            value = _signed(name, args)
        value = _standard(name, args, value)
        return Edge(value, tuple(s if s is None else rounded(s) for s in slopes), tuple(dict.fromkeys(kinds)))


def _choice(f: Function, args: tuple[Any, ...], arity: int) -> Edge:
    """A condition has no slope; it is the boundary of a branch where both sides are equal. NaN equals nothing."""
    if arity == 3:
        return Edge(float(f(*args)), (0.0, float(args[0]), float(not args[0])), ())
    tie = arity == 2 and not isinstance(args[0], bool) and args[0] == args[1]
    return Edge(float(f(*args)), (0.0,) * arity, ("branch",) if tie else ())


def _digits(name: str, args: Sequence[float]) -> int:
    """Return the digits that tell each argument from one that is a step beside it, in the scale of all of them."""
    if not all(map(math.isfinite, args)):
        return 3 * FAR[-1] if name in LINEAR else 170  # mpmath's exp hangs on 10^700 with 180 digits
    alone = len(args) == 1 or name in ("polygamma", "besselj", "bessely")
    sizes = [abs(math.log10(abs(x))) for x in args if abs(x) > 1 or (x and not alone)]
    return int(160 + sum(sizes) * (3 if name in REMAINDERS else 2))


def rounded(x: Any) -> float:
    """Return the nearest double, also where doubles are fewer; infinity beyond them."""
    if not mp.isfinite(x) or x == 0:
        return float(x)
    _, exponent = mp.frexp(x)
    if exponent > 1024:
        return math.copysign(INF, x)
    if exponent < -1080:
        return math.copysign(0.0, x)
    try:
        return float(rational(x))  # a fraction is rounded once
    except OverflowError:
        return math.copysign(INF, x)


def _real(f: Function | None, args: Sequence[Any]) -> Any:
    """Return a finite real value, or None."""
    try:
        y = f(*map(mpf, args)) if f else None
    except (ValueError, ZeroDivisionError):
        return None
    return y if isinstance(y, mpf) and mp.isfinite(y) else None


def _trend(values: Sequence[Any]) -> Any:
    """Return the limit of values on their way to it: a number that they reach, 0, +-inf; None where they have none."""
    if any(v is None for v in values):
        return None
    *_, a, b = values
    if abs(b - a) <= abs(b) * mpf(10) ** -12:
        return b
    sizes = list(map(abs, values))
    if all(v < mpf(0.7) * u for u, v in pairwise(sizes)):
        return mpf(0)
    if all(v > mpf(1.4) * u for u, v in pairwise(sizes)) and a * b > 0:
        return mp.sign(b) * mp.inf
    return None


def _moved(args: Sequence[Any], k: int, by: Any) -> tuple[Any, ...]:
    return (*args[:k], mpf(args[k]) + by, *args[k + 1 :])


def _steps(name: str, args: Sequence[Any], sign: int) -> list[Any]:
    """Return steps that are small beside every argument and its reciprocal; beside b^2/a too, where a/b is rounded."""
    sizes = [abs(mpf(x)) for x in args if x]
    scale = min([mpf(1), *sizes]) ** (2 if name in REMAINDERS else 1)
    if name not in LINEAR:
        scale /= max([mpf(1), *sizes])
    return [sign * scale * mpf(10) ** -level for level in BESIDE]


def _beside(name: str, args: Sequence[Any], k: int, sign: int) -> tuple[bool, Any] | None:
    """Return whether the value is the limit from one side, and the limit of the slope; None outside the domain."""
    f, partials = REFERENCE[name]
    points = [_moved(_exact(name, args, k), k, step) for step in _steps(name, args, sign)]
    values = [_real(f, p) for p in points]
    if None in values or partials[k] is None:
        return None
    y = _real(f, _exact(name, args, k))
    changes = [v - y if abs(v - y) > abs(y) * mpf(10) ** (10 - mp.dps) else mpf(0) for v in values]
    return _trend(changes) == 0, _trend([_real(partials[k], p) for p in points])


def _exact(name: str, args: Sequence[Any], k: int | None = None) -> tuple[Any, ...]:
    """Return the arguments with a sign of zero that says something (the size with the sign of -0) as a tiny number."""
    other = {"copysign": 1, "atan2": 0}.get(name)
    if other is None or other == k or args[other] != 0:
        return tuple(args)
    return _moved(args, other, math.copysign(1, args[other]) * mpf(10) ** -FAR[-1])


def _same(a: Any, b: Any) -> bool:
    return a == b or bool(mp.isfinite(a) and mp.isfinite(b) and abs(a - b) <= max(abs(a), abs(b)) * mpf(10) ** -9)


def _slope(name: str, args: Sequence[Any], k: int, kinds: list[str]) -> Any:
    """Return the partial derivative by argument k at finite arguments, None if there is none; add what to note."""
    partials = REFERENCE[name][1]
    if name == "pow" and k == 0 and args[0] == 0 and 0 < args[1] < 1e-300:
        kinds.append("end")  # x^5e-324 leaves 1 only where x is below 10^-(10^323), which no step here reaches
        return mp.inf
    sides = [s for s in (_beside(name, args, k, -1), _beside(name, args, k, 1)) if s]
    if not sides:  # x*ln(y) by x at (0, 0): the limit from inside; x^y by y at (-2, 3): there is no inside
        limit = _inside(name, args, k)
        kinds.append("undefined" if limit is None else "end")
        return limit
    if not all(continuous for continuous, _ in sides):  # a jump has no derivative
        kinds.append("jump" if len(sides) == 2 else "undefined")
        return None
    slopes = [s for _, s in sides]
    if len(slopes) == 1:  # the end of the domain: the one-sided limit
        kinds.append("end")
        return slopes[0]
    left, right = slopes
    if not _same(left, right):  # a kink: the mean
        kinds.append("kink")
        return (left + right) / 2
    if mp.isinf(left):
        kinds.append("pole")
    at = _real(partials[k], _exact(name, args, k))
    return at if at is not None and _same(at, left) else left


def _inside(name: str, args: Sequence[Any], k: int) -> Any:
    """Return the limit of a partial derivative from where the argument k can vary, or None if that is nowhere near."""
    f, partials = REFERENCE[name]
    for j, sign in product(range(len(args)), (-1, 1)):
        points = [_moved(args, j, step) for step in _steps(name, args, sign)]
        both = [_moved(p, k, step / 1000) for p in points for step in _steps(name, p, 1)]
        if j != k and all(_real(f, p) is not None for p in both):
            return _trend([_real(partials[k], p) for p in points])
    return None


def _pole(name: str, args: Sequence[float]) -> float:
    """Return the limit at a pole: from the side that a signed zero is on, or else from both sides; NaN without one."""
    f, _ = REFERENCE[name]
    special = [
        k
        for k, x in enumerate(args)
        if (x == 0 and not (k == 0 and name in ("polygamma", "besselj", "bessely"))) or math.isinf(x)
    ]
    limits = set(_along(f, args, special)) if special else set()
    if not special:
        for k, sign in product(range(len(args)), (-1, 1)):
            if (v := _trend([_real(f, _moved(args, k, s)) for s in _steps("", args, sign)])) is not None:
                limits.add(float(v))
    (limit,) = limits if len(limits) == 1 else (NAN,)
    return limit if math.isinf(limit) else NAN


def _along(f: Function | None, args: Sequence[float], special: Sequence[int]) -> list[float]:
    """Return the limits as the special arguments go to 0 or infinity, each faster than the others in turn.

    There is none where the way is outside the domain; NaN where the values have no limit.
    """
    found = []
    for rates in product((1, 2), repeat=len(special)) if len(special) > 1 else [(1,)]:
        values = []
        for n in FAR:
            at = [mpf(x) for x in args]
            for k, rate in zip(special, rates, strict=True):
                power = mpf(10) ** (n * rate if args[k] else -n * rate)
                at[k] = math.copysign(1, args[k]) * power
            values.append(_real(f, at))
        if (limit := _trend(values)) is not None:
            found.append(rounded(limit) or math.copysign(0.0, values[-1]))
        elif None not in values:
            found.append(NAN)
    if not found and any(x == 0 and math.copysign(1, x) < 0 for x in args):  # from the other side of -0
        return _along(f, [x or 0.0 for x in args], special)
    return found


def _signed(name: str, args: Sequence[float]) -> float:
    """Return a value that is zero, or depends on the sign of a zero, with its sign: IEEE 754 6.3 and C, Annex F."""
    a, b, *_ = (*args, NAN)
    if name == "copysign" and a == 0:
        return math.copysign(a, b)
    if name in ("copysign", "atan2"):
        return rounded(REFERENCE[name][0](*map(mpf, _exact(name, args))))
    if name in (*ROUNDING, "fmod", "remainder"):  # F.10.6, F.10.7: the sign of the (first) argument
        return math.copysign(0.0, a)
    if name == "mod":  # the sign of the divisor, as in Python
        return math.copysign(0.0, b)
    if name in ("min", "max"):  # IEEE 754-2019 9.6: -0 is less than 0
        zeros = [math.copysign(1, x) for x in args if x == 0]
        return math.copysign(0.0, min(zeros) if name == "min" else max(zeros))
    if name == "clamp":  # one of the arguments
        return next(x for x in args if x == 0)
    if name == "fma":  # -0 if the product and the last one are
        signs = [math.copysign(1, x) for x in args]
        return -0.0 if signs[0] * signs[1] < 0 and signs[2] < 0 and 0 in args[:2] and args[2] == 0 else 0.0
    if name == "log":  # the quotient of two logarithms
        return math.copysign(0.0, b - 1)
    if name == "xlogy":  # the product, but for x = 0
        return math.copysign(0.0, a) if a else 0.0
    if name in ("sign", "step", "relu") or 0 not in args:
        return 0.0
    near = _real(REFERENCE[name][0], [x or math.copysign(1, x) * mpf(10) ** -FAR[-1] for x in args])
    return math.copysign(0.0, near) if near else 0.0


def _standard(name: str, args: Sequence[float], value: float) -> float:
    """Return the value that a standard fixes where limits would say another thing, or nothing."""
    a, b = (*args, NAN)[:2]
    if name == "sqrt" and a == 0:  # C, F.10.4.5
        return a
    if name == "pow" and (b == 0 or a == 1):  # C, F.10.4.4: also of NaN
        return 1.0
    if name == "pow" and abs(a) == INF and b == b and not b.is_integer():
        return INF if b > 0 else 0.0
    if name == "hypot" and INF in map(abs, args):  # C, F.10.4.3: also with NaN
        return INF
    if name == "copysign" and b != b:  # C, F.10.8.1: NaN has a sign; here the positive one
        return abs(a)
    if name == "atan2" and math.isinf(a) and math.isinf(b):  # C, F.10.1.4
        return math.copysign(math.pi / 4 if b > 0 else 3 * math.pi / 4, a)
    if (name in REMAINDERS and math.isinf(a)) or name in PERIODIC:  # C, F.10.7.1: invalid
        return NAN if not math.isfinite(a) else value
    if (name == "xlogy" and math.isinf(a) and b == 1) or (name == "fma" and {0, INF} == {abs(a), abs(b)}):  # inf*0
        return NAN
    if name == "lgamma" and (a == -INF or (a <= 0 and a.is_integer())):  # C, F.10.5.3
        return INF
    return value


def _at_infinity(name: str, args: Sequence[float]) -> Edge:
    """Values and slopes where an argument is infinite or NaN.

    Infinite: the limit, however fast each argument gets there (a zero too, in products: 0*inf is NaN). NaN: a value is
    NaN, a partial derivative is NaN unless it is the same whatever stands in the place of NaN.
    """
    f, partials = REFERENCE[name]
    if name == "copysign" and args[1] != args[1]:
        return edge(name, (args[0], 1.0)) if args[0] == args[0] else Edge(NAN, (NAN, 0.0), ())
    if name == "polygamma" and not math.isfinite(args[0]):  # no whole number
        return Edge(NAN, (None, NAN), () if any(x != x for x in args) else ("nan",))
    if any(x != x for x in args):
        return Edge(_standard(name, args, NAN), tuple(_whatever(name, args, k) for k in range(len(args))), ())
    given, args = args, _exact(name, args)
    products = name in ("mul", "div", "fma", "pow", "xlogy", "log", "atan2")
    special = [k for k, x in enumerate(args) if math.isinf(x) or (products and x == 0)]

    def limit(g: Function | None) -> float:
        found = set(_along(g, args, special))
        return found.pop() if len(found) == 1 else NAN

    def slope(k: int) -> float | None:
        rule = partials[k]
        if rule is None or name in PERIODIC or not inside:
            return NAN if rule else None
        if name in LINEAR and k not in special:

            def rule(*x: Any) -> Any:
                return _slope(name, (*x[:k], given[k], *x[k + 1 :]), k, [])

            return limit(rule) if _along(rule, args, special) else None
        return limit(rule)

    inside = _along(f, args, special)
    value = limit(f)
    if value == 0 and 0 in given and (name in ("fmod", "mod", "remainder", "min", "max", "clamp", "xlogy", *LINEAR)):
        value = _signed(name, given)
    value = _standard(name, given, value)
    return Edge(value, tuple(map(slope, range(len(args)))), ("nan",) if value != value else ())


def _whatever(name: str, args: Sequence[float], k: int) -> float | None:
    """Return the partial derivative if it is the same for numbers of all kinds in the place of NaN, else NaN."""
    found = set()
    for number in (-INF, -7.7, -1.0, 0.3, 1e5, INF):
        e = edge(name, tuple(number if x != x else x for x in args))
        if e.partials is not None:
            found.add(e.partials[k])
    found.discard(None)
    return found.pop() if len(found) == 1 else NAN
