"""A computational graph to draw: vertices with values, arrows with local partials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import LimitError, UsageError, nearest, shortened
from ..ops import OPERATIONS
from ..show import Style, cell_text, to_charset
from ..trace import SYMBOLIC, LocalPartial, TraceRow, TraceTable

MOST = 1000  # vertices in a drawing
TANGENTS = 4  # lines of tangents in a vertex
LONGEST = 24  # characters of a partial in symbols beside its value
NEARBY = 2  # steps around a row by default
INPUT, ROW, OUTPUT, CUT = "input", "row", "output", "cut"


class Vertex(NamedTuple):
    """One row: its name, its formula, its value ("" without a point), the derivatives known there.

    A `CUT` vertex stands where the rest of a large graph is left out.
    """

    name: str
    kind: str
    formula: str
    sign: str  # of the operation
    value: str = ""
    derivatives: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.name} = {self.formula}" if self.formula else self.name

    @property
    def lines(self) -> tuple[str, ...]:
        """All the lines of text."""
        return (self.title, *([self.value] if self.value else []), *self.derivatives)


class Arrow(NamedTuple):
    """An arrow from an argument to a row, with the local partial; without one where no derivative goes through."""

    source: int
    target: int
    formula: str = ""
    value: str = ""

    @property
    def label(self) -> str:
        """The partial in symbols and as a number, in numbers only where the symbols are long."""
        if not self.value or not self.formula:
            return self.value or shortened(self.formula, 2 * LONGEST)
        long = len(self.formula) > LONGEST or self.formula == self.value
        return self.value if long else f"{self.formula} = {self.value}"


class Picture(NamedTuple):
    """A graph, the lines above it, and the legend."""

    lines: tuple[str, ...]
    legend: str
    vertices: list[Vertex]
    arrows: list[Arrow]

    @property
    def name(self) -> str:
        """The title: the formula, of several lines that of the output."""
        outputs = [vertex.name for vertex in self.vertices if vertex.kind == OUTPUT]
        shown = [line for line in self.lines if line.partition(" = ")[0] in outputs] or self.lines
        return f"Computational graph of {shown[0]}" if shown else "Computational graph"

    @property
    def ranks(self) -> list[int]:
        """Return the rank of each vertex, from left to right: inputs, then by depth, last the outputs."""
        ranks = [0] * len(self.vertices)
        for arrow in self.arrows:  # they come in the order of their targets
            ranks[arrow.target] = max(ranks[arrow.target], ranks[arrow.source] + 1)
        users: dict[int, int] = {}
        for arrow in self.arrows:
            users[arrow.source] = min(users.get(arrow.source, len(ranks)), ranks[arrow.target])
        last = max((r + (v.kind != OUTPUT) for r, v in zip(ranks, self.vertices, strict=True)), default=0)
        for k, vertex in enumerate(self.vertices):
            if vertex.kind == CUT:
                ranks[k] = max(users[k] - 1, 0)
            elif vertex.kind == OUTPUT:
                ranks[k] = last
        return ranks

    def check_size(self) -> Picture:
        """Return the picture; raises LimitError if it has too many vertices."""
        if len(self.vertices) > MOST:
            raise LimitError(
                f"the graph has {len(self.vertices):,} rows; a drawing has at most {MOST:,}",
                hint=f"{NARROWER}, or write it with -o FILE.dot",
            )
        return self


NARROWER = "draw a part of it with --depth 3 or --around v7"


def picture(
    table: TraceTable, lines: Sequence[str], style: Style, depth: int | None = None, around: str = ""
) -> Picture:
    """Return the graph of a trace: all rows, or those at most `depth` steps from the outputs, or from the row `around`.

    `lines` stand above the picture. Raises UsageError for a row that the trace does not have.
    """
    rows = table.rows
    chosen = _near(rows, depth, around) if depth is not None or around else range(len(rows))
    index = _index(rows)
    kept = set(chosen)
    shown = sorted({*kept, *(index[name] for k in kept for name in rows[k].arguments)})
    place = {k: new for new, k in enumerate(shown)}
    write = _Texts(table, style)
    vertices = [write.vertex(rows[k], k not in kept and rows[k].op != "input") for k in shown]
    arrows = []
    for k in shown:
        partials = {local.argument: local for local in rows[k].partials}
        names = dict.fromkeys(rows[k].arguments) if k in kept else ()
        arrows += [Arrow(place[index[name]], place[k], *write.partial(partials.get(name))) for name in names]
    caption = [write.text(line) for line in (*lines, table.remark) if line]
    return Picture(tuple(caption), write.legend(), vertices, arrows)


def _index(rows: Sequence[TraceRow]) -> dict[str, int]:
    """Return the number of each row by name; of an output and a row with one name, that of the row."""
    outputs = {row.name: k for k, row in enumerate(rows) if row.op == "output"}
    return outputs | {row.name: k for k, row in enumerate(rows) if row.op != "output"}


def _near(rows: Sequence[TraceRow], depth: int | None, around: str) -> Iterable[int]:
    """Return the rows at most `depth` steps from the outputs, or from the row `around` in either direction."""
    index = _index(rows)
    names = {row.formula: k for k, row in enumerate(rows) if row.op == "input"} | index
    if around and around not in names:
        close = nearest(around, list(names))
        hint = f"did you mean {close}?" if close else f"the rows are {rows[0].name} to {rows[-1].name}"
        raise UsageError(f"{around} is not a row of the trace", hint=hint)
    steps: list[list[int]] = [[index[name] for name in dict.fromkeys(row.arguments)] for row in rows]
    users: list[list[int]] = [[] for _ in rows]
    for k, arguments in enumerate(steps):
        for j in arguments:
            users[j].append(k)
    begin = [names[around]] if around else [k for k, row in enumerate(rows) if row.op == "output"]
    found = set(begin)
    for way in (steps, users) if around else (steps,):
        edge = begin
        for _ in range(NEARBY if depth is None else depth):
            edge = list(dict.fromkeys(j for k in edge for j in way[k]))
            found.update(edge)
    return found


class _Texts:
    """The texts of rows in a style; numbers only at a point."""

    def __init__(self, table: TraceTable, style: Style) -> None:
        self.table, self.style = table, style
        self.output = table.rows[-1].name

    def text(self, text: str) -> str:
        return to_charset(text, self.style.unicode)

    def number(self, x: float | bool | None) -> str:
        return "" if self.table.mode == SYMBOLIC else cell_text(x, self.style.digits)

    def partial(self, local: LocalPartial | None) -> tuple[str, str]:
        return (self.text(local.formula), self.number(local.value)) if local else ("", "")

    def vertex(self, row: TraceRow, cut: bool) -> Vertex:
        if cut:
            return Vertex(row.name, CUT, "...", "", self.number(row.value))
        lines = []
        tangents = row.tangents or {}
        for name, t in list(tangents.items())[:TANGENTS]:
            lines.append(f"∂{row.name}/∂{name} = {self.number(t)}")
        if len(tangents) > TANGENTS:
            lines.append(f"... {len(tangents) - TANGENTS} more: choose with --wrt")
        if row.adjoint is not None and row.op != "output":
            name = row.formula if row.op == "input" else row.name
            lines.append(f"∂{self.output}/∂{name} = {self.number(row.adjoint)}")
        kind = row.op if row.op in (INPUT, OUTPUT) else ROW
        derivatives = tuple(map(self.text, lines))
        formula = self.text(row.formula)
        sign = OPERATIONS[row.op].symbol if kind == ROW else formula
        return Vertex(self.text(row.name), kind, formula, sign, self.number(row.value), derivatives)

    def legend(self) -> str:
        """Return a line that says what the numbers are."""
        rows, of_rows = self.table.rows, []
        if any(row.tangents for row in rows):
            of_rows.append("tangents " + ", ".join(f"∂v/∂{name}" for name in self.table.variables[:TANGENTS]))
        if any(row.adjoint is not None for row in rows):
            of_rows.append(f"adjoints ∂{self.output}/∂v")
        return self.text("arrows: local partial derivatives" + ("; rows: " + ", ".join(of_rows) if of_rows else ""))
