"""The forward and the reverse sweep, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ..derive import Gradient, Model
from ..errors import LimitError
from ..language import Node, Point, dereference, point_line, postorder
from ..show import Style, cell_text, notation_for, to_charset
from ..trace import Trace, TraceRow, TraceTable, trace_table
from .javascript import missing
from .picture import MOST, OUTPUT

Span = tuple[int, int]


class Explanation(NamedTuple):
    """A gradient in both modes: its rows, and the places of each in the text."""

    model: Model
    result: Gradient
    table: TraceTable
    trace: Trace
    constants: list[float | None]  # by slot: a value that does not depend on an input
    spans: dict[int, list[Span]]  # by slot
    multiplications: int  # of one sweep

    @property
    def lines(self) -> list[str]:
        """The formula as it was understood, and the point."""
        return [line for line in (*self.model.lines, point_line(self.result.at)) if line]

    @property
    def counts(self) -> dict[str, int]:
        """Multiply-adds for the whole gradient: forward mode has a sweep for each variable, reverse mode one."""
        return {"forward": len(self.table.variables) * self.multiplications, "reverse": self.multiplications}

    @property
    def fixed(self) -> str:
        """The reason that the inputs cannot be moved in a page; empty if they can."""
        if self.trace.branches:
            return "it has conditions, and another point may take another branch"
        names = missing(op for row in self.table.rows if row.slot >= 0 and (op := self.trace.ops[row.slot]))
        return f"a browser does not know {', '.join(names)}" if names else ""


def explain(model: Model, at: Point, wrt: tuple[str, ...] = (), style: Style | None = None) -> Explanation:
    """Return both sweeps at a point; raises UsageError for several outputs, LimitError for too many rows."""
    result, done = model.sweeps(at, wrt, "both", whole=True)
    trace = done.evaluation.trace
    if len(trace.rows) > MOST:
        raise LimitError(f"the trace has {len(trace.rows):,} rows; an explanation has at most {MOST:,}")
    table = trace_table(done, model.outputs, notation=notation_for(style or Style()))
    known = [None if varies else value for varies, value in zip(trace.varies, done.evaluation.values, strict=True)]
    spans = _spans(model, at, trace)
    return Explanation(model, result, table, trace, known, spans, len(done.linearization.partials))


def _spans(model: Model, at: Point, trace: Trace) -> dict[int, list[Span]]:
    """Return the places of each slot in the text; equal subexpressions are one slot."""
    rows = {(trace.ops[slot], trace.args[slot]): slot for slot in trace.rows}
    leaves = {(n.name, repr(n.value)): k for k, n in enumerate(trace.nodes) if trace.ops[k] is None}
    leaves |= {(name, "None"): k for name, k in trace.slot.items()}
    slots: dict[Node, int] = {}
    found: dict[int, list[Span]] = {}
    for node in postorder([*model.expanded(at)[0]]) if model.script.text else ():
        end = dereference(node)
        if end.op is None:
            name = (end.name, "None") if end.name in trace.slot else (end.name, repr(end.value))
            slot = leaves.get(name, -1)
        elif end in slots:
            slot = slots[end]
        else:
            slot = rows.get((end.op, tuple(slots.get(dereference(arg), -1) for arg in end.args)), -1)
        slots[node] = slots[end] = slot
        if node.start >= 0 and (node.start, node.end) not in found.setdefault(slot, []):
            found[slot].append((node.start, node.end))
    return found


def steps(done: Explanation, style: Style) -> Iterator[str]:
    """Yield the steps as text: the rows from first to last, and back again."""
    rows = done.table.rows
    for k, row in enumerate(rows, 1):
        yield to_charset("\n".join([f"forward {k}/{len(rows)}", *_forward(done, row, style)]), style.unicode)
    for k, row in enumerate(reversed(rows), 1):
        yield to_charset("\n".join([f"reverse {k}/{len(rows)}", *_reverse(done, row, style)]), style.unicode)


def _chain(*parts: str) -> str:
    """Return `a = b = c`, without empty parts and repetitions."""
    said = [part for part in parts if part]
    return "  " + " = ".join([said[0], *(b for a, b in pairwise(said) if a != b)])


def _places(done: Explanation, row: TraceRow) -> Iterator[str]:
    for start, end in done.spans.get(row.slot, [])[:1]:
        place = done.model.script.place(Node(None, start=start, end=end))
        yield from place.underline().splitlines() if place else ()


def _forward(done: Explanation, row: TraceRow, style: Style) -> Iterator[str]:
    yield from _places(done, row)
    yield _chain(row.name, row.formula, row.numbers, cell_text(row.value, style.digits))
    for name, tangent in (row.tangents or {}).items():
        numbers = (row.tangent_numbers or {}).get(name, "")
        yield _chain(f"∂{row.name}/∂{name}", row.tangent_formula, numbers, cell_text(tangent, style.digits))


def _reverse(done: Explanation, row: TraceRow, style: Style) -> Iterator[str]:
    yield from _places(done, row)
    if isinstance(row.value, bool):
        yield "  a condition has no derivative"
        return
    name = row.formula if row.op == "input" else row.name
    adjoint = cell_text(row.adjoint, style.digits)
    if row.op == OUTPUT:
        yield _chain(f"∂{row.name}/∂{row.name}", adjoint)
        return
    yield _chain(f"∂{done.result.output}/∂{name}", row.adjoint_formula, row.adjoint_numbers, adjoint)
    for c in row.contributions if len(row.contributions) > 1 else ():
        yield f"    from {c.source}: {cell_text(c.amount, style.digits)}"
