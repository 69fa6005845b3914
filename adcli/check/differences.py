"""Derivatives without the rules: adaptive differences with an honest error, and the complex step."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..errors import UsageError
from ..ops import Foreign, System
from ..trace import Evaluation, replay

Function = Callable[[float], float]  # of one variable; NaN where it has no value
EPS = 2.0**-52
DEPTH = 8  # columns of the extrapolation
CONFIRMED = 6  # quotients of smaller steps that a result must agree with


class Estimate(NamedTuple):
    """A derivative and how far it may be off; infinite where the slope grows without end, NaN with the reason why."""

    value: float
    error: float
    reason: str = ""


class Rung(NamedTuple):
    """A difference quotient for one step, and what rounding may have done to it."""

    step: float
    quotient: float
    noise: float


class Slopes(NamedTuple):
    """The derivative from the left, from the right, and symmetric."""

    left: Estimate
    right: Estimate
    both: Estimate

    @property
    def differ(self) -> bool:
        """Tell whether the one-sided slopes differ by more than their errors."""
        if not (self.left.value == self.left.value and self.right.value == self.right.value):
            return False
        if math.isinf(self.left.value) or math.isinf(self.right.value):
            return self.left.value != self.right.value
        return abs(self.left.value - self.right.value) > 4 * (self.left.error + self.right.error)

    @property
    def best(self) -> Estimate:
        """The derivative: symmetric, or one-sided where there are values only on one side."""
        for one, other in ((self.left, self.right), (self.right, self.left)):
            if one.reason == OUTSIDE and other.reason != OUTSIDE:
                return other
        return self.both


OUTSIDE = "no values beside the point"
JUMP = "the function jumps"
NO_LIMIT = "the quotients have no limit"


def slopes(f: Function, x: float, noise: float) -> Slopes:
    """Return the derivatives of f at x from each side and from both, by extrapolated differences.

    `noise` is the rounding error of f near x. Steps are halved from the size of x down to its last digits; the
    quotients are extrapolated (Richardson 1911; Ridders 1982), and of all the results the one with the least error is
    taken, unless quotients of smaller steps contradict it.
    """
    at = f(x)

    def rungs(sides: tuple[int, ...], steps: Iterable[float]) -> list[Rung]:
        found = []
        for h in steps:
            ends = [(x + side * h, f(x + side * h) if side else at) for side in sides]
            (a, fa), (b, fb) = ends
            rounding = max(noise, EPS * max(abs(fa), abs(fb))) / (b - a) if math.isfinite(fa + fb) else 0.0
            found.append(Rung(h, (fb - fa) / (b - a), rounding))
        return found

    def estimate(sides: tuple[int, ...], order: int) -> Estimate:
        found = rungs(sides, _steps(x))
        if _diverging(found) and x == 0:  # or is it only steep? Look closer still
            found += rungs(sides, _halved(found[-1].step / 2, 180))
        if all(r.quotient != r.quotient for r in found):
            return Estimate(math.nan, math.inf, OUTSIDE)
        if sign := _diverging(found):
            last = found[-1]
            jumps = abs(last.quotient * last.step) > 0.25 * max(abs(r.quotient * r.step) for r in found[-12:])
            return Estimate(math.nan, math.inf, JUMP) if jumps else Estimate(sign * math.inf, 0.0)
        return _extrapolated(found, order)

    return Slopes(estimate((-1, 0), 1), estimate((0, 1), 1), estimate((-1, 1), 2))


def _halved(h: float, count: int) -> list[float]:
    return [math.ldexp(h, -k) for k in range(count)]


def _steps(x: float) -> list[float]:
    """Return powers of two from the size of x, or from 1, to its last digits; for a small x, from its own size too."""
    _, e = math.frexp(x)
    if x == 0:
        return _halved(0.125, 60)
    if e < -20:
        return [*_halved(0.125, 40), math.nan, *_halved(math.ldexp(0.25, max(e, -1000)), 40)]
    return _halved(math.ldexp(0.125, max(e, 1)), max(e, 1) - e + 47)


def _diverging(rungs: list[Rung]) -> int:
    """Return the sign of quotients that grow without end as the steps shrink; 0 if they do not."""
    known = [r for r in rungs if math.isfinite(r.quotient) and 10 * r.noise < abs(r.quotient)][-10:]
    moves = [b.quotient - a.quotient for a, b in pairwise(known) if b.step == a.step / 2]
    if len(moves) < 8 or not all(m * moves[0] > 0 for m in moves):
        return 0
    if any(abs(b) < 0.97 * abs(a) for a, b in pairwise(moves)):
        return 0
    return 1 if moves[0] > 0 else -1


def _extrapolated(rungs: list[Rung], order: int) -> Estimate:
    """Return the limit for step 0 of quotients whose error is a series in step^order."""
    results: list[tuple[float, int, float]] = []
    before: list[float] = []
    for k, rung in enumerate(rungs):
        if not math.isfinite(rung.quotient):
            before = []
            continue
        row = [rung.quotient]
        for j, old in enumerate(before[:DEPTH], 1):
            row.append(row[-1] + (row[-1] - old) / (2.0 ** (order * j) - 1))
            error = max(abs(row[j] - row[j - 1]), abs(row[j] - old)) + 4 * rung.noise
            results.append((error, k, row[j]))
        before = row
    last = sum(math.isfinite(rung.quotient) for rung in rungs) - CONFIRMED
    for error, k, value in sorted(results):
        if k > last > 0:  # too few smaller steps to contradict it
            continue
        if error < math.inf and not _contradicted(value, error, rungs[k - 1 :]):
            return Estimate(value, error + EPS * abs(value))
    return Estimate(math.nan, math.inf, NO_LIMIT)


def _contradicted(value: float, error: float, rungs: list[Rung]) -> bool:
    """Tell whether quotients of smaller steps are further from the value than from each other, or draw apart again.

    The first two rungs are those that the value came from.
    """
    widest = 2 * abs(rungs[1].quotient - rungs[0].quotient)
    for a, b in pairwise(rungs[1:]):
        move, spare = abs(b.quotient - a.quotient), error + 4 * (a.noise + b.noise)
        if move > widest + spare or abs(b.quotient - value) > 8 * move + spare:
            return True
    return False


# -- complex step ------------------------------------------------------------------------------------------------------
def _power(a: complex, b: complex) -> complex:
    """Return a^b; a negative base has a whole exponent, and must not go by its angle."""
    if isinstance(b, complex):
        return cmath.exp(b * cmath.log(a)) if b.imag else _power(a, b.real)
    if a.real < 0 and b == math.floor(b):
        return (-1.0) ** (b % 2) * (-a) ** b
    return complex(a) ** b


def _angle(y: complex, x: complex) -> complex:
    """Return atan2(y, x) by the quotient that is not large; the quadrant from the real parts."""
    y, x = complex(y), complex(x)
    at = math.atan2(y.real, x.real)
    found = cmath.atan(y / x) if abs(x.real) >= abs(y.real) else -cmath.atan(x / y)
    return complex(at, found.imag)


def _cube_root(z: complex) -> complex:
    return z ** (1 / 3) if z.real > 0 else -((-z) ** (1 / 3))


COMPLEX = System("complex numbers", "cmath", [SimpleNamespace(power=_power, angle=_angle, cube_root=_cube_root), cmath])
_TINY = 2.0**-180  # its square is nothing beside 1, so no subtraction loses digits


def complex_quotient(evaluation: Evaluation, name: str, step: float, system: System = COMPLEX) -> float:
    """Return Im f(x + i step)/step (Squire & Trapp 1998); raises UsageError for an operation that is not analytic."""
    values = replay(evaluation, {name: Foreign(system, complex(evaluation.point[name], step))})
    result = values[evaluation.trace.outputs[0]]
    value: Any = result.value if isinstance(result, Foreign) else result
    return complex(value).imag / step


def complex_step(evaluation: Evaluation, name: str) -> Estimate:
    """Return the derivative by the complex step; NaN with the reason where there is none."""
    try:
        value, other = (complex_quotient(evaluation, name, h) for h in (_TINY, _TINY * 2.0**-40))
    except UsageError as problem:
        return Estimate(math.nan, math.inf, problem.what)
    except (ValueError, ZeroDivisionError, OverflowError):
        return Estimate(math.nan, math.inf, "it overflows or has a pole on the way")
    error = abs(value - other)
    if not error <= 1e-6 * abs(value) + 2.0**-60:
        return Estimate(math.nan, math.inf, "the function is not analytic at the point")
    return Estimate(value, error)
