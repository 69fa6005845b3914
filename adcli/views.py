"""Results to documents: headings, a list of quantities, tables that may stand side by side, and data for JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .derivatives import Gradient
from .errors import Note
from .tracetable import TraceRow, TraceTable

Cell = str | float | bool | None


class Table(NamedTuple):
    """Columns with headers; the first column names the row; `math` are the columns that hold formulas."""

    title: str
    headers: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    math: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Document:
    """What there is to show: lines, quantities by name, and tables over the same rows (side by side where they fit)."""

    lines: tuple[str, ...] = ()
    quantities: dict[str, Cell] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    complete: bool = True  # False: some of what was asked for does not exist
    latex: str = ""  # the formula in LaTeX


def point_line(at: dict[str, float]) -> str:
    """Return `at x1 = 2, x2 = 5`."""
    return "at " + ", ".join(f"{name} = {repr(x).removesuffix('.0')}" for name, x in at.items()) if at else ""


def json_number(x: Cell) -> Any:
    """Return what strict JSON can hold: a non-finite number is a string."""
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def gradient_document(lines: tuple[str, ...], result: Gradient, trace: TraceTable | None, latex: str = "") -> Document:
    """Return the document of a gradient, with its trace if there is one."""
    data: dict[str, Any] = {
        "schema": 1,
        "formula": result.formula,
        "at": result.at,
        "mode": result.mode,
        "value": json_number(result.value),
        "gradient": {name: json_number(d) for name, d in result.gradient.items()},
        "notes": [note.as_dict() for note in result.notes],
    }
    if trace:
        data["trace"] = trace_data(trace)
    mode = "forward and reverse" if result.mode == "both" else result.mode
    where = point_line(result.at) + f"   ({mode} mode)" if result.at else ""
    return Document(
        (*lines, *([where] if where else [])),
        {result.output: result.value, **{f"∂{result.output}/∂{name}": d for name, d in result.gradient.items()}},
        trace_tables(trace) if trace else (),
        data,
        result.notes,
        result.complete,
        latex,
    )


def value_document(
    lines: tuple[str, ...], output: str, formula: str, at: dict[str, float], value: float, notes: tuple[Note, ...],
    trace: TraceTable | None, latex: str = "",
) -> Document:  # fmt: skip
    """Return the document of a value, with its trace if there is one."""
    data: dict[str, Any] = {"schema": 1, "formula": formula, "at": at, "value": json_number(value)}
    data["notes"] = [note.as_dict() for note in notes]
    if trace:
        data["trace"] = trace_data(trace)
    where = point_line(at)
    heading = (*lines, *([where] if where else []))
    tables = trace_tables(trace) if trace else ()
    return Document(heading, {output: value}, tables, data, notes, value == value, latex)


def trace_data(trace: TraceTable) -> list[dict[str, Any]]:
    """Return the rows of a trace as plain data."""
    return [_row_data(row) for row in trace.rows]


def _row_data(row: TraceRow) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": row.name,
        "op": row.op,
        "arguments": list(row.arguments),
        "formula": row.formula,
        "value": json_number(row.value),
    }
    if row.tangents:
        data["tangents"] = {name: json_number(t) for name, t in row.tangents.items()}
    if row.adjoint is not None:
        data["adjoint"] = json_number(row.adjoint)
        data["contributions"] = [
            {
                "from": c.source,
                "partial": c.partial,
                "partial_value": json_number(c.partial_value),
                "amount": json_number(c.amount),
            }
            for c in row.contributions
        ]
    return data | ({"notes": list(row.notes)} if row.notes else {})


def trace_tables(trace: TraceTable) -> tuple[Table, ...]:
    """Return the primal table, and where they were computed the tangent and the adjoint table."""
    rows = trace.rows
    marked = any(row.notes for row in rows)
    headers = ("row", "formula", "numbers", "value", *(("note",) if marked else ()))
    primal = [(r.name, r.formula, r.numbers, r.value, *((", ".join(r.notes),) if marked else ())) for r in rows]
    tables = [Table("primal", headers, primal, frozenset((0, 1, 2)))]
    if any(row.tangents for row in rows):
        columns: list[str] = ["row", "tangent v'"]
        for name in trace.variables:
            columns += ["numbers", f"∂v/∂{name}"]
        body: list[tuple[Cell, ...]] = []
        for row in rows:
            cells: list[Cell] = [row.name, row.tangent_formula]
            for name in trace.variables:
                cells += [(row.tangent_numbers or {}).get(name, ""), row.tangents[name] if row.tangents else ""]
            body.append(tuple(cells))
        tables.append(Table("tangent", tuple(columns), body, frozenset((0, 1, *range(2, len(columns), 2)))))
    if any(row.adjoint is not None for row in rows):
        output = rows[-1].name
        body = [(r.name, r.adjoint_formula, r.adjoint_numbers, "" if r.adjoint is None else r.adjoint) for r in rows]
        tables.append(Table("adjoint", ("row", "adjoint v~", "numbers", f"∂{output}/∂v"), body, frozenset((0, 1, 2))))
    return tuple(tables)
