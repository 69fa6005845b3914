"""The value or the gradient at each point of a grid, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import DomainError, Note
from ..language import Point, Range
from ..result import Cell, Document, Result, Table, columns
from .gradient import Gradient, Values
from .model import Model


class PointRow(NamedTuple):
    """One point with its value or gradient, or with the error that there is no value."""

    at: Mapping[str, float]
    found: Gradient | Values | None
    error: DomainError | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its notes, each once."""
        notes = self.found.notes if self.found else ()
        return tuple(dict.fromkeys(note.kind for note in notes)) if self.error is None else (self.error.kind,)


class PointTable(Result):
    """Values or gradients at the points of a grid, the last variable fastest; `at` holds what all points share."""

    ranges: Mapping[str, Range]
    rows: tuple[PointRow, ...]

    @property
    def complete(self) -> bool:
        """Tell whether everything asked for exists at every point."""
        return all(row.found is not None and row.found.complete for row in self.rows)

    def document(self) -> Document:
        """Return a row to print for each point, and as a record for JSONL the data of each."""
        documents = [row.found.document() if row.found else None for row in self.rows]
        first = next((document for document in documents if document), None)
        names = tuple(first.quantities) if first else self.source.outputs
        marked = any(row.kinds for row in self.rows)
        rows: list[tuple[Cell, ...]] = []
        records: list[Mapping[str, Any]] = []
        for row, document in zip(self.rows, documents, strict=True):
            quantities = document.quantities if document else dict.fromkeys(names)
            kinds = (", ".join(row.kinds),) if marked else ()
            rows.append((*(row.at[name] for name in self.ranges), *quantities.values(), *kinds))
            error = row.error.as_dict() if row.error else None
            failed = {"schema": 1, "formula": self.formula, "at": row.at, "error": error}
            records.append(document.data if document else failed)
        shown = (*columns(*self.ranges, *names, named=True), *(columns("note") if marked else ()))
        points = [{name: x for name, x in record.items() if name not in ("schema", "formula")} for record in records]
        return Document(
            lines=tuple(self.source.lines),
            at={**self.at, **self.ranges},
            tables=(Table("", shown, rows, (len(self.ranges), 1)),),
            data={"schema": 1, "formula": self.formula, "points": points},
            records=tuple(records),
            source=self.source,
            notes=self.notes,
            complete=self.complete,
        )


def _notes(rows: Sequence[PointRow]) -> Iterator[Note]:
    """Yield one note for each kind: the first, with the number of more points that have one."""
    by_kind: dict[str, list[Note]] = {}
    for row in rows:
        notes = row.found.notes if row.found else ()
        if row.error is not None:
            notes = (Note(row.error.kind, row.error.what, row.error.place),)
        for kind in row.kinds:
            by_kind.setdefault(kind, []).append(next(note for note in notes if note.kind == kind))
    for first, *more in by_kind.values():
        count = f" ({len(more)} more such point{'s' * (len(more) > 1)})" if more else ""
        yield first._replace(text=first.text + count)


def tabulate(model: Model, where: Point, find: Callable[[Point], Gradient | Values]) -> PointTable:
    """Return the value or gradient at each point of the grid; a point outside the domain has its error instead."""
    rows = []
    for point in where.each():
        try:
            found = find(point)
            rows.append(PointRow(found.at, found))
        except DomainError as error:
            rows.append(PointRow(point.values, None, error))
    order = next((row.at for row in rows if row.found), where.values)  # a file may hold more than is used
    rows = [row._replace(at={name: row.at[name] for name in order}) for row in rows]
    fixed = {name: where.values[name] for name in order if name not in where.ranges}
    return PointTable(source=model, at=fixed, notes=tuple(_notes(rows)), ranges=where.ranges, rows=tuple(rows))
