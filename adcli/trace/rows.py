"""The rows of a trace to read: names, formulas, numbers, tangents, adjoints with contributions."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..result import Cell, Column, Document, Result, Table, columns


class Contribution(NamedTuple):
    """What one row adds to an adjoint: amount = (adjoint of the row `source`) * partial."""

    source: str
    partial: str
    partial_value: float | None
    amount: float | None

    def data(self) -> dict[str, Any]:
        """Return the contribution as plain data for JSON."""
        return {
            "from": self.source, "partial": self.partial, "partial_value": self.partial_value, "amount": self.amount,
        }  # fmt: skip


class LocalPartial(NamedTuple):
    """The local partial derivative of a row by one of its arguments, a sum where that stands in it several times."""

    argument: str
    formula: str
    value: float | None


class TraceRow(NamedTuple):
    """One row: `formula` in symbols, `numbers` with values put in; tangents by variable, or an adjoint.

    `tangent_formula` is the same for every variable; `tangent_numbers` has the values of each. `partials` are those by
    the arguments that derivatives go through. `slot` is its place in the trace; an output has none of its own.
    """

    name: str
    op: str
    arguments: tuple[str, ...]
    formula: str
    numbers: str
    value: float | bool
    tangent_formula: str = ""
    tangent_numbers: dict[str, str] | None = None
    tangents: dict[str, float | None] | None = None
    adjoint_formula: str = ""
    adjoint_numbers: str = ""
    adjoint: float | None = None
    contributions: tuple[Contribution, ...] = ()
    notes: tuple[str, ...] = ()
    partials: tuple[LocalPartial, ...] = ()
    slot: int = -1

    def data(self) -> dict[str, Any]:
        """Return the row as plain data for JSON."""
        data: dict[str, Any] = {
            "name": self.name, "op": self.op, "arguments": self.arguments, "formula": self.formula, "value": self.value,
        }  # fmt: skip
        if self.tangents:
            data["tangents"] = self.tangents
        if self.adjoint is not None:
            data["adjoint"] = self.adjoint
            data["contributions"] = [c.data() for c in self.contributions]
        return data | ({"notes": self.notes} if self.notes else {})


class TraceTable(Result):
    """The rows of a trace in the order asked for: inputs v(1-n) ... v0, then v1, v2 ..., last the output.

    At a kink rows hold the mean slopes of their own operation; the derivatives by `beside` are not the sum of these.
    """

    mode: str
    order: str
    variables: tuple[str, ...]
    rows: tuple[TraceRow, ...]
    beside: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """A sentence where derivatives are not the sums of what the rows show, else empty."""
        names = ", ".join(self.beside)
        text = f"the derivative by {names} is that of both sides of the point; a row has its own at the point"
        return text if names else ""

    def document(self) -> Document:
        """Return the primal table to print, and where there are tangents or adjoints their tables."""
        tables = [self._primal()]
        if any(row.tangents for row in self.rows):
            tables.append(self._tangents())
        if any(row.adjoint is not None for row in self.rows):
            tables.append(self._adjoints())
        remarks = (self.remark,) if self.remark else ()
        return Document(remarks=remarks, tables=tuple(tables), data={"trace": [row.data() for row in self.rows]})

    def _primal(self) -> Table:
        marked = any(row.notes for row in self.rows)
        rows: list[tuple[Cell, ...]] = [
            (r.name, r.formula, r.numbers, r.value, *((", ".join(r.notes),) if marked else ())) for r in self.rows
        ]
        formulas, others = ("row", "formula", "numbers"), ("value", "note") if marked else ("value",)
        return Table("primal", (*columns(*formulas, kind="math"), *columns(*others)), rows)

    def _tangents(self) -> Table:
        shown = [*columns("row", "tangent v'", kind="math")]
        for name in self.variables:
            shown += [Column("numbers", "math"), Column(f"∂v/∂{name}")]
        rows: list[tuple[Cell, ...]] = []
        for row in self.rows:
            cells: list[Cell] = [row.name, row.tangent_formula]
            for name in self.variables:
                cells += [(row.tangent_numbers or {}).get(name, ""), row.tangents[name] if row.tangents else ""]
            rows.append(tuple(cells))
        return Table("tangent", tuple(shown), rows, (2, 2))

    def _adjoints(self) -> Table:
        rows: list[tuple[Cell, ...]] = [
            (r.name, r.adjoint_formula, r.adjoint_numbers, "" if r.adjoint is None else r.adjoint) for r in self.rows
        ]
        formulas, number = ("row", "adjoint v~", "numbers"), Column(f"∂{self.rows[-1].name}/∂v")
        return Table("adjoint", (*columns(*formulas, kind="math"), number), rows)
