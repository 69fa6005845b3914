"""The points of a grid over ranges `x=0:1:1001` as rows, the last variable fastest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from math import lcm, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import PointError
from .arrow_columns import ROWS
from .rows import Piece, Rows, Wanted

if TYPE_CHECKING:
    from ..language import Range
    from .rows import Numbers

EXACT = 2**53  # whole numbers up to here are floats


def numbers(of: Range, first: int, last: int) -> Numbers:
    """Return some of the numbers of a range, each the nearest float, as Range.numbers does."""
    steps = of.points - 1
    low, high = (Fraction(float.__repr__(x)) for x in (of.first, of.last))
    unit = lcm(low.denominator, high.denominator)
    start, step = int(low * unit) * steps, int((high - low) * unit)
    if max(abs(start), abs(start + step * steps), unit * steps) < EXACT:  # then a single division rounds
        return (start + step * np.arange(first, last)) / float(unit * steps)
    return np.array([float(low + (high - low) * Fraction(k, steps)) for k in range(first, last)])


class PointSource:
    """The points of a grid."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        for name, one in ranges.items():
            if not one.points:
                hint = f"write {name}={one!r}:11"
                raise PointError("this range does not say how many points it has", one.place, hint)
        self._ranges = ranges
        self.columns = tuple(ranges)
        self.types: Mapping[str, Any] = dict.fromkeys(self.columns, np.dtype(np.float64))
        self.size = prod(one.points for one in ranges.values())

    def pieces(self, wanted: Wanted, start: Any = None) -> Iterator[Piece]:
        """Yield the points from a number on."""
        short = {name: numbers(one, 0, one.points) for name, one in self._ranges.items() if one.points <= ROWS}
        for first in range(start or 0, self.size, ROWS):
            last = min(first + ROWS, self.size)
            yield Piece(last, last, partial(self._rows, first, last, short, wanted))

    def _rows(self, first: int, last: int, short: Mapping[str, Numbers], wanted: Wanted) -> Rows:
        columns = {}
        at = np.arange(first, last)
        for name, one in reversed([*self._ranges.items()]):
            at, k = np.divmod(at, one.points)
            if name in short:
                columns[name] = short[name][k]
            else:
                low, high = int(k.min()), int(k.max()) + 1
                columns[name] = numbers(one, low, high)[k - low] if high - low <= 2 * ROWS else _apart(one, k)
        kept = {column: columns[self.columns[j]] for column, j in wanted.kept.items()}
        return Rows(last - first, {name: columns[self.columns[j]] for name, j in wanted.variables.items()}, kept)

    def close(self) -> None:
        """Do nothing."""


def _apart(of: Range, k: Any) -> Numbers:
    """Return the numbers of a range at these places, where they begin anew somewhere among them."""
    places, inverse = np.unique(k, return_inverse=True)
    cut = int(np.argmax(np.diff(places))) + 1
    parts = [numbers(of, int(part[0]), int(part[-1]) + 1) for part in (places[:cut], places[cut:])]
    return np.concatenate(parts)[inverse]
