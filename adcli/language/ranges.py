"""Ranges of evenly spaced numbers, such as 0:1:11."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from ..errors import Place
from ..ops import Exact, as_typed, fraction_of


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
        parts = [Fraction(k, steps) for k in range(steps + 1)]
        return [Exact(float(ends[0] + (ends[1] - ends[0]) * part), partial(self._at, part)) for part in parts]

    def _at(self, part: Fraction, one: Any) -> Any:
        """Return the number at a part of the way, in the kind of `one`."""
        first, last = as_typed(self.first, one), as_typed(self.last, one)
        return first + fraction_of(part, last - first)

    def __repr__(self) -> str:
        ends = [float.__repr__(x).removesuffix(".0") for x in self[:2]]
        return ":".join([*ends, *([str(self.points)] if self.points else [])])
