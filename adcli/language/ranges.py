"""Ranges of evenly spaced numbers, such as 0:1:11."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from ..errors import Place
from ..ops import Exact
from .fold import as_typed, times


class Range(NamedTuple):
    """Evenly spaced numbers from `first` to `last`, both included; `points` is their number, 0 if it is open."""

    first: float
    last: float
    points: int
    place: Place

    def numbers(self, count: int = 0) -> list[float]:
        """Return the numbers, each the nearest float: 0:1:11 has 0.1, 0.2, 0.3; `count` of them if that is open."""
        steps = (self.points or count) - 1
        ends = [Fraction(float.__repr__(x)) for x in (self.first, self.last)]
        return [
            self._exactly(Fraction(k, steps), ends[0] + (ends[1] - ends[0]) * Fraction(k, steps))
            for k in range(steps + 1)
        ]

    def _exactly(self, part: Fraction, number: Fraction) -> Exact:
        def of(one: Any) -> Any:
            first, last = as_typed(self.first, one), as_typed(self.last, one)
            return first + times(part, last - first)

        return Exact(float(number), of)

    def __repr__(self) -> str:
        ends = [float.__repr__(x).removesuffix(".0") for x in self[:2]]
        return ":".join([*ends, *([str(self.points)] if self.points else [])])
