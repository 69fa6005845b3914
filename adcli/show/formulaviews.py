"""Results about a formula as such to documents: its derivative, checks of it, curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..language import latex_quantity, point_line
from .document import Cell, Document, Table, document_of, json_number

MOST_MARKS = 20


def derivative_document(source: Any, found: Any, wrt: tuple[str, ...], named: bool, at: Any) -> Document:
    """Return the document of a derivative as a formula, evaluated if there is a point where the formula has a value."""
    from ..derive import written_out

    text = str(found) if named else written_out(found.script)
    output, order = source.outputs[0], len(wrt) if len(wrt) > 1 else ""
    name = f"∂{order}{output}/" + "".join(f"∂{n}" for n in wrt)
    data: dict[str, Any] = {"schema": 1, "formula": str(source), "wrt": wrt, "derivative": text}
    *steps, _ = found.latex_lines
    latex = [*steps, f"{latex_quantity(name)} &= {found.latex_lines[-1].partition('&= ')[2]}"]
    document = Document(
        (*found.lines[:-1], found.lines[-1].partition(" = ")[2]) if named else (text,),
        data=data,
        source=found,
        latex=tuple(latex),
        notes=source.script.notes,
        cells={"derivative": text},
    )
    if at.values.keys() <= source.script.integers:  # no point, or only what the bounds of sums need
        return document
    checked, _ = source.values(at)  # no derivative where there is no value
    own, _ = found.values(at.only(found.variables))
    (value,), notes = own.value.values(), (*checked.notes, *own.notes)
    return document._replace(
        where=(point_line(checked.at),),
        quantities={**checked.value, name: value},
        data=json_number({**data, "at": checked.at, "value": value, "notes": [note.as_dict() for note in notes]}),
        notes=notes,
        complete=value == value,
    )


def steps_document(result: Any) -> Document:
    """Return the document of the derivation of a derivative."""
    rows: list[tuple[Cell, ...]] = [(s.rule and "=", s.formula, s.rule, s.law) for s in result.steps]
    table = Table("", ("", "derivative", "rule", "in letters"), rows, frozenset((1, 3)))
    data = {"schema": 1, "formula": result.formula, "wrt": result.wrt, "steps": [s._asdict() for s in result.steps]}
    return Document(result.source.lines, {}, (table,), data, source=result.source)


def cost_document(result: Any) -> Document:
    """Return the document of what derivatives cost."""
    headers = ("order", "naive", "simplified", "shared", "forward sweep", "reverse sweep")
    columns = (result.naive, result.simplified, result.shared, result.forward, result.reverse)
    rows = [tuple(map(str, (k, *cells))) for k, cells in enumerate(zip(*columns, strict=True))]
    names = ("naive", "simplified", "shared", "forward", "reverse")
    data = {"schema": 1, "formula": str(result.source), "wrt": result.wrt, **dict(zip(names, columns, strict=True))}
    where = (f"operations of the derivatives by {result.wrt}",)
    lines, notes = tuple(result.source.lines), result.source.script.notes
    return Document(lines, {}, (Table("", headers, list(rows)),), data, notes, source=result.source, where=where)


def check_document(result: Any) -> Document:
    """Return the document of a check: a row for each method, columns for each variable."""
    methods = [f.method for f in result.components[0].findings] if result.components else []
    headers = ["method"]
    rows: list[list[Cell]] = [[method] for method in methods]
    for c in result.components:
        headers += [f"∂{result.output}/∂{c.variable}", "±", "digits"]
        for row, f in zip(rows, c.findings, strict=True):
            unknown = "-" if f.reason else None
            shown = f.value is not None and f.error == f.error
            row += [f.value if f.value is not None else unknown, f.error if shown else "", _blank(f.digits)]
    table = Table(
        "", tuple(headers), [tuple(row) for row in rows], split=(1, 3),
        brief=frozenset(k for k in range(len(headers)) if k % 3 != 1),
    )  # fmt: skip
    conditions = [f"{c.condition:.2g} for {c.variable}" for c in result.components if c.condition is not None]
    condition = [f"condition: {', '.join(conditions)}"] if conditions else []
    closing = (*condition, *result.remarks, f"verdict: {result.verdict}")
    components = [
        {
            "variable": c.variable,
            "value": c.value,
            "digits": c.digits,
            "condition": c.condition,
            "slopes": c.slopes,
            "exact": c.exact or None,
            "verdict": c.verdict,
            "agrees": c.agrees,
            "methods": [
                {"method": f.method, "value": f.value, "error": _known(f.error), "digits": f.digits}
                | ({"reason": f.reason} if f.reason else {})
                for f in c.findings
            ],
        }
        for c in result.components
    ]
    data = {"value": result.value, "agrees": result.agrees, "verdict": result.verdict, "components": components}
    document = document_of(result, data, {result.output: result.value}, (table,) if result.components else ())
    return document._replace(closing=closing)


def claims_document(result: Any) -> Document:
    """Return the document of graded claims."""
    headers = ("by", "claim", "at", "claimed", "derivative", "difference")
    rows: list[tuple[Cell, ...]] = []
    for g in result.graded:
        off = None if g.claimed is None else g.claimed - g.derivative
        rows.append((g.variable, g.claim, point_line(g.at).removeprefix("at "), g.claimed, g.derivative, off))
    closing = f"verdict: {'; '.join(f'{g.variable}: {g.verdict}' for g in result.graded)}"
    graded = [g._asdict() for g in result.graded]
    document = document_of(
        result, {"claims": graded}, {}, (Table("", headers, rows, frozenset((0,)), code=frozenset((1, 2))),)
    )
    return document._replace(closing=(closing,))


def comparison_document(result: Any) -> Document:
    """Return the document of two formulas compared."""
    only = {"only_first": result.only_first, "only_second": result.only_second}
    data = {
        "schema": 1,
        "formula": str(result.source),
        "other": str(result.other),
        "same": result.complete,
        "points": result.points,
        "undecided": result.undecided,
        **{name: {"points": len(found), "example": next(iter(found), None)} for name, found in only.items()},
        "counterexample": result.counterexample._asdict() if result.counterexample else None,
        "verdict": result.verdict,
    }
    both = (("A", result.source), ("B", result.other))
    lines = [f"{name}: {line}" for name, f in both for line in f.lines]
    cells: dict[str, Cell] = {"verdict": result.verdict}
    latex = [rf"\text{{{name}: }} {line}" for name, f in both for line in f.latex_lines]
    notes = (*result.source.script.notes, *result.other.script.notes)
    return Document(
        tuple(lines), {}, (), json_number(data), notes, result.complete, result.source, tuple(latex), cells,
        (f"verdict: {result.verdict}",),
    )  # fmt: skip


def sweep_document(result: Any, plot: Sequence[str] = ()) -> Document:
    """Return the document of a step sweep: a row for each power of ten, all steps in the data; a plot's lines below."""
    headers = ["h", *(f"{c.method} ({c.precision})" for c in result.curves)]
    rows: list[tuple[Cell, ...]] = []
    for k, h in enumerate(result.steps):
        if f"{h:.3e}".startswith("1.000"):
            rows.append((f"{h:.0e}", *(_blank(c.errors[k]) for c in result.curves)))
    best = []
    for c in result.curves:
        if c.best is not None:
            upto = "up to " if c.method == "complex" else ""  # all smaller steps are as good
            found = f"{upto}{c.best:.2g}, error {_brief(c.least)} (theory {_brief(c.theory)})"
            best.append(f"best h, {c.method} ({c.precision}): {found}")
    name = f"∂{result.output}/∂{result.variable}"
    data = {
        "variable": result.variable,
        "derivative": result.derivative,
        "steps": result.steps,
        "curves": [c._asdict() for c in result.curves],
    }
    table = Table("", tuple(headers), rows, split=(1, 3), brief=frozenset(range(1, len(headers))))
    error = "relative error" if result.derivative else "error"
    document = document_of(result, data, {name: result.derivative}, (table,), f"{error} of {name} over the step h")
    return document._replace(drawing=tuple(plot[1:]), closing=(*result.remarks, *best))


def curve_document(result: Any, plot: Sequence[str] = ()) -> Document:
    """Return the document of a curve: its plot's lines and its marks in words, or else its samples."""
    rows: list[tuple[Cell, ...]] = []
    if not plot:
        rows = [(s.x, *s.derivatives[: result.order + 1]) for piece in result.pieces for s in piece]
    table = Table("", (result.variable, *result.names), rows, named=frozenset(range(result.order + 2)))
    data = {
        "variable": result.variable,
        "range": result.ends,
        "curves": ("x", *result.names),
        "pieces": [[(s.x, *s.derivatives[: result.order + 1]) for s in piece] for piece in result.pieces],
        "marks": [{"kind": m.kind, "x": m.x, "text": m.text} for m in result.marks],
    }
    document = document_of(result, data, {}, () if plot else (table,))
    told = [m.text for m in result.marks]
    if len(told) > MOST_MARKS:
        told[MOST_MARKS:] = [f"and {len(told) - MOST_MARKS} more"]
    return document._replace(drawing=tuple(plot[1:]), closing=tuple(told))


def field_document(result: Any, plot: Sequence[str] = ()) -> Document:
    """Return the document of a function of two variables: its plot's lines, or else values and gradients."""
    rows: list[tuple[Cell, ...]] = []
    for y, line in zip(result.ys, result.cells, strict=True):
        rows += [(x, y, cell.value, *cell.gradient.values()) for x, cell in zip(result.xs, line, strict=True) if cell]
    headers = (*result.variables, result.output, *(f"∂{result.output}/∂{n}" for n in result.variables))
    table = Table("", headers, rows, named=frozenset(range(5)))
    data = {"variables": result.variables, "columns": headers, "points": rows, "levels": result.levels}
    return document_of(result, data, {}, () if plot else (table,))._replace(drawing=tuple(plot[1:]))


def _brief(x: float | None) -> str:
    return "none" if x is None else f"{x:.2g}"


def _known(x: float) -> float | None:
    return x if x == x else None


def _blank(x: float | None) -> Cell:
    return "" if x is None else x
