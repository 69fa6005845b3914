"""A table of points: the value, and where asked for the partial derivatives, at each point of a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..api import Formula
from ..errors import DomainError, Note
from ..language import Point, Range
from ..result import Shown
from .gradient import Gradient, Values


class Row(NamedTuple):
    """One point: what was found there, or why there is no value."""

    at: dict[str, float]
    found: Gradient | Values | None
    error: DomainError | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its notes, each once."""
        notes = self.found.notes if self.found else ()
        return tuple(dict.fromkeys(note.kind for note in notes)) if self.error is None else (self.error.kind,)


@dataclass(frozen=True, repr=False)
class PointTable(Shown):
    """Values or gradients at the points of a grid, the last variable fastest; `at` holds what all points share."""

    source: object
    at: dict[str, float]
    ranges: dict[str, Range]
    rows: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        """Tell whether everything asked for exists at every point."""
        return all(row.found is not None and row.found.complete for row in self.rows)

    @property
    def notes(self) -> tuple[Note, ...]:
        """One note for each kind: the first, and at how many more points there are such."""
        told: dict[str, list[Note]] = {}
        for row in self.rows:
            said = row.found.notes if row.found else ()
            if row.error is not None:
                said = (Note(row.error.kind, row.error.what, row.error.place),)
            for kind in row.kinds:
                told.setdefault(kind, []).append(next(note for note in said if note.kind == kind))
        return tuple(_together(*found) for found in told.values())


def _together(note: Note, *more: Note) -> Note:
    """Return the first of several notes, which says how many more there are."""
    such = f" ({len(more)} more such point{'s' * (len(more) > 1)})" if more else ""
    return note._replace(text=note.text + such)


def tabulate(formula: Formula, where: Point, find: Callable[[Point], Gradient | Values]) -> PointTable:
    """Return what `find` gives at each point of the grid; a point outside the domain is a row that says so."""
    rows = []
    for point in where.each():
        try:
            found = find(point)
            rows.append(Row(found.at, found))
        except DomainError as error:
            rows.append(Row(point.values, None, error))
    order = next((row.at for row in rows if row.found), where.values)  # a file may hold more than is used
    rows = [row._replace(at={name: row.at[name] for name in order}) for row in rows]
    fixed = {name: where.values[name] for name in order if name not in where.ranges}
    return PointTable(formula, fixed, where.ranges, tuple(rows))
