"""A trace as an exercise: chosen cells blank, and with them whatever would give them away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ..result import Cell, Document, Gap, Table
from ..trace import TraceRow, TraceTable

Fact = tuple[str, ...]  # what there is to know: the value of v3, its tangent by x1, its adjoint, the formula of one


def worksheet(
    document: Document, trace: TraceTable, *, share: float = 0.5, seed: int = 0, answers: bool = False
) -> Document:
    """Return the document of a gradient and its trace with a share of the facts blank, or filled in and marked.

    `trace` is the one shown, in plain spelling. A cell is blank if it shows a fact chosen; formulas of rows, the
    point and the seeds are given. The same seed chooses the same cells in every format, and those of a smaller share
    among them.
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
    """Which facts each cell of a trace shows; its own comes first. What is given is no fact."""

    def __init__(self, trace: TraceTable) -> None:
        *_, output = trace.rows
        self.variables = trace.variables
        self.inputs = {row.name: row.formula for row in trace.rows if row.op == "input"}
        self.last = output.arguments[0] if output.arguments else ""
        self.ends = (output.name, self.last)

    def value(self, name: str) -> list[Fact]:
        """Return the fact that is the value of a row."""
        name = self.last if name in self.ends else name
        return [] if name in self.inputs else [("value", name)]

    def derivative(self, variable: str) -> list[Fact]:
        """Return the fact that forward mode has in the last row, and reverse mode in that of the variable."""
        return [("derivative", variable)]

    def tangent(self, name: str, variable: str) -> list[Fact]:
        if name in self.inputs:
            return []
        return self.derivative(variable) if name in self.ends else [("tangent", name, variable)]

    def adjoint(self, name: str) -> list[Fact]:
        if name in self.ends:
            return []
        return self.derivative(self.inputs[name]) if name in self.inputs else [("adjoint", name)]

    def named(self, formula: str, variable: str = "") -> list[Fact]:
        """Return the facts that a formula of rows shows once numbers are put in."""
        found: list[Fact] = []
        for mark, number in re.findall(r"\bv(['~]?)(-?\d+)", formula):
            name = f"v{number}"
            found += {"": self.value(name), "'": self.tangent(name, variable), "~": self.adjoint(name)}[mark]
        return found

    def cells(self, row: TraceRow) -> Iterator[tuple[str, int, list[Fact]]]:
        """Yield the table, the column and the facts of the cells of a row that hold something to find."""
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
