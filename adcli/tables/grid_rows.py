"""The points of a grid of ranges, such as `x=0:1:1001`, as rows; the last variable changes fastest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from math import lcm, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import PointError
from .arrow_columns import ROWS
from .rows import Piece, Rows, Selection

if TYPE_CHECKING:
    from ..language import Range
    from .rows import Numbers

EXACT = 2**53  # integers up to here are floats


def numbers(range_: Range, first: int, last: int) -> Numbers:
    """Return the numbers first..last-1 of a range, each the nearest float, as Range.numbers does."""
    steps = range_.points - 1
    low, high = (Fraction(float.__repr__(x)) for x in (range_.first, range_.last))
    unit = lcm(low.denominator, high.denominator)
    start, step = int(low * unit) * steps, int((high - low) * unit)
    if max(abs(start), abs(start + step * steps), unit * steps) < EXACT:  # then a single division rounds
        return (start + step * np.arange(first, last)) / float(unit * steps)
    return np.array([float(low + (high - low) * Fraction(k, steps)) for k in range(first, last)])


class GridSource:
    """The points of a grid; raises PointError for a range without a number of points."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        for name, one in ranges.items():
            if not one.points:
                hint = f"write {name}={one!r}:11"
                raise PointError("this range does not say how many points it has", one.place, hint)
        self._ranges = ranges
        self.columns = tuple(ranges)
        self.types: Mapping[str, Any] = dict.fromkeys(self.columns, np.dtype(np.float64))
        self.size = prod(one.points for one in ranges.values())
        if self.size >= EXACT:
            place = next(iter(ranges.values())).place
            raise PointError(f"this grid has more than {EXACT:,} points", place, "take fewer")

    def pieces(self, selection: Selection, start: Any = None) -> Iterator[Piece]:
        """Yield the points from a position, a number, on."""
        short = {name: numbers(one, 0, one.points) for name, one in self._ranges.items() if one.points <= ROWS}
        for first in range(start or 0, self.size, ROWS):
            last = min(first + ROWS, self.size)
            yield Piece(last, last, partial(self._rows, first, last, short, selection))

    def _rows(self, first: int, last: int, short: Mapping[str, Numbers], selection: Selection) -> Rows:
        columns = {}
        at = np.arange(first, last)
        for name, one in reversed([*self._ranges.items()]):
            at, k = np.divmod(at, one.points)
            if name in short:
                columns[name] = short[name][k]
            else:
                low, high = int(k.min()), int(k.max()) + 1
                columns[name] = numbers(one, low, high)[k - low] if high - low <= 2 * ROWS else _apart(one, k)
        kept = {column: columns[self.columns[j]] for column, j in selection.kept.items()}
        return Rows(last - first, {name: columns[self.columns[j]] for name, j in selection.variables.items()}, kept)

    def close(self) -> None:
        """Do nothing."""


def _apart(range_: Range, k: Any) -> Numbers:
    """Return the numbers of a range at these places, which are in two runs far from each other."""
    places, inverse = np.unique(k, return_inverse=True)
    cut = int(np.argmax(np.diff(places))) + 1
    parts = [numbers(range_, int(part[0]), int(part[-1]) + 1) for part in (places[:cut], places[cut:])]
    return np.concatenate(parts)[inverse]
