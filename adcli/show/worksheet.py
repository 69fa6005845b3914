"""A trace as an exercise with blank cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ..result import Cell, Document, Gap, Table
from ..trace import TraceRow, TraceTable

Fact = tuple[str, ...]  # ("value", "v3"), ("tangent", "v3", "x1"), ("adjoint", "v3"), a formula of one


def worksheet(
    document: Document, trace: TraceTable, *, share: float = 0.5, seed: int = 0, answers: bool = False
) -> Document:
    """Return a document of a gradient and its trace with a share of the facts blank, or filled in and marked.

    `trace` is that of the document, in plain notation. A cell is blank if it shows a chosen fact, so no cell gives
    another away. The formulas of rows, the point and the seeds stay. The same seed chooses the same cells in every
    format, and a smaller share chooses some of them.
    """
    known = _Facts(trace)
    cells = {(title, row.name, k): facts for row in trace.rows for title, k, facts in known.cells(row)}
    random = Random(seed)
    chosen = {fact for fact in dict.fromkeys(f for facts in cells.values() for f in facts) if random.random() < share}

    def shown(cell: Cell, facts: list[Fact]) -> Cell:
        return cell if chosen.isdisjoint(facts) or isinstance(cell, Gap) else Gap(cell, answers)

    def table(given: Table) -> Table:
        rows = [
            tuple(shown(cell, cells.get((given.title, name, k), [])) for k, cell in enumerate(row))
            for name, row in zip((row.name for row in trace.rows), given.rows, strict=True)
        ]
        return given._replace(rows=rows)

    facts = [known.value(trace.rows[-1].name), *(known.derivative(name) for name in trace.variables)]
    return document._replace(
        quantities={n: shown(x, f) for (n, x), f in zip(document.quantities.items(), facts, strict=True)},
        tables=tuple(map(table, document.tables)),
        closing=(*document.closing, f"{'answers' if answers else 'worksheet'}, seed {seed}"),
    )


class _Facts:
    """The facts that each cell of a trace shows, its own first. Inputs and seeds are no facts."""

    def __init__(self, trace: TraceTable) -> None:
        *_, output = trace.rows
        self.variables = trace.variables
        self.inputs = {row.name: row.formula for row in trace.rows if row.op == "input"}
        self.last = output.arguments[0] if output.arguments else ""
        self.ends = (output.name, self.last)

    def value(self, name: str) -> list[Fact]:
        """Return the value of a row as a fact."""
        name = self.last if name in self.ends else name
        return [] if name in self.inputs else [("value", name)]

    def derivative(self, variable: str) -> list[Fact]:
        """Return the derivative as a fact: forward mode has it in the last row, reverse mode in the variable's."""
        return [("derivative", variable)]

    def tangent(self, name: str, variable: str) -> list[Fact]:
        """Return the tangent of a row by a variable as a fact."""
        if name in self.inputs:
            return []
        return self.derivative(variable) if name in self.ends else [("tangent", name, variable)]

    def adjoint(self, name: str) -> list[Fact]:
        """Return the adjoint of a row as a fact."""
        if name in self.ends:
            return []
        return self.derivative(self.inputs[name]) if name in self.inputs else [("adjoint", name)]

    def named(self, formula: str, variable: str = "") -> list[Fact]:
        """Return the facts that a formula of rows shows when numbers are put in."""
        found: list[Fact] = []
        for mark, number in re.findall(r"\bv(['~]?)(-?\d+)", formula):
            name = f"v{number}"
            found += {"": self.value(name), "'": self.tangent(name, variable), "~": self.adjoint(name)}[mark]
        return found

    def cells(self, row: TraceRow) -> Iterator[tuple[str, int, list[Fact]]]:
        """Yield the table, the column and the facts of the cells of a row that can be blank."""
        operation = row.op not in ("input", "output")
        if row.op != "input":
            yield "primal", 3, self.value(row.name)
        if operation:
            yield "primal", 2, [("numbers", row.name), *self.named(row.formula)]
        if row.tangent_formula:
            own: list[Fact] = [("tangent formula", row.name)] if operation else []
            yield "tangent", 1, own
            for k, variable in enumerate(self.variables):
                if operation:
                    numbers = ("tangent numbers", row.name, variable)
                    yield "tangent", 2 + 2 * k, [numbers, *own, *self.named(row.tangent_formula, variable)]
                yield "tangent", 3 + 2 * k, self.tangent(row.name, variable)
        if row.contributions:
            how: list[Fact] = [("adjoint formula", row.name)]
            yield "adjoint", 1, how
            yield "adjoint", 2, [("adjoint numbers", row.name), *how, *self.named(row.adjoint_formula)]
            yield "adjoint", 3, self.adjoint(row.name)
