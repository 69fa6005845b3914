"""Derivatives by difference quotients of many steps, extrapolated, with an estimate of their error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from ..derive import Model
from ..errors import AdcliError
from ..language import Point
from ..trace import Evaluation

Function = Callable[[float], float]  # of one variable; NaN where it has no value
EPS = 2.0**-52
DEPTH = 8  # columns of the extrapolation
CONFIRMED = 6  # quotients of smaller steps that a result must agree with


class Estimate(NamedTuple):
    """A derivative and its error: infinite where the slope grows without end, NaN with a reason where there is none."""

    value: float
    error: float
    reason: str = ""


class Rung(NamedTuple):
    """A difference quotient for one step, and its rounding error."""

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


def function_of(
    model: Model, at: Point, name: str, value: Callable[[Evaluation], float] = attrgetter("result")
) -> Function:
    """Return a model as a function of one variable, the others as at a point; NaN where it has no value.

    `value` takes the value from an evaluation.
    """

    def f(x: float) -> float:
        try:
            return value(model.evaluation(at.moved({name: x})))
        except AdcliError:
            return math.nan

    return f


def slopes(f: Function, x: float, noise: float) -> Slopes:
    """Return the derivatives of f at x: from the left, from the right, and by central differences.

    `noise` is the rounding error of f near x. Steps are halved from the size of x to its last digits. The quotients are
    extrapolated to step 0 (Richardson 1911; Ridders 1982). The result with the least error is returned, unless
    quotients of smaller steps contradict it.
    """
    center = f(x)

    def rungs(sides: tuple[int, int], steps: Iterable[float]) -> list[Rung]:
        found = []
        for h in steps:
            (a, fa), (b, fb) = [(x + side * h, f(x + side * h) if side else center) for side in sides]
            rounding = max(noise, EPS * max(abs(fa), abs(fb))) / (b - a) if math.isfinite(fa + fb) else 0.0
            found.append(Rung(h, (fb - fa) / (b - a), rounding))
        return found

    def estimate(sides: tuple[int, int], order: int) -> Estimate:
        found = rungs(sides, _steps(x))
        if _diverging(found) and x == 0:  # or only steep? then smaller steps show it
            found += rungs(sides, _halved(found[-1].step / 2, 180))
        if all(r.quotient != r.quotient for r in found):
            return Estimate(math.nan, math.inf, OUTSIDE)
        if sign := _overflowing(found):
            return Estimate(sign * math.inf, 0.0)
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


def _overflowing(rungs: list[Rung]) -> int:
    """Return the sign of the quotients of the smallest steps if all are infinite; 0 if they are not."""
    last = [r.quotient for r in rungs if r.quotient == r.quotient][-10:]
    return next((sign for sign in (-1, 1) if all(q == sign * math.inf for q in last)), 0)


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
