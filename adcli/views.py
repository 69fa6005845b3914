"""Results to documents: headings, a list of quantities, tables that may stand side by side, and data for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from .point import point_line
from .printing import latex_quantity
from .shown import Digits

if TYPE_CHECKING:
    from .derivatives import Gradient
    from .errors import Note
    from .tracetable import TraceRow, TraceTable


class Gap(NamedTuple):
    """A cell that a worksheet leaves blank, or fills in so that it is seen."""

    cell: str | float | bool | None
    filled: bool


Cell = str | float | bool | Gap | None


class Table(NamedTuple):
    """Columns with headers; the first column names the row; `math` are the columns that hold formulas.

    `split` tells how a table too wide may be shown as several: how many columns each begins with, and how many of the
    others belong together; (0, 0): not at all.
    """

    title: str
    headers: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    math: frozenset[int] = frozenset()
    split: tuple[int, int] = (0, 0)
    brief: frozenset[int] = frozenset()  # columns of which two digits are enough for reading
    named: frozenset[int] = frozenset()  # columns whose header is a variable, a result or a derivative


class Document(NamedTuple):
    """What there is to show: lines, quantities by name, and tables over the same rows (side by side where they fit)."""

    lines: tuple[str, ...] = ()
    quantities: Mapping[str, Cell] = MappingProxyType({})
    tables: tuple[Table, ...] = ()
    data: dict[str, Any] = {}  # noqa: RUF012  # never changed where it is the default
    notes: tuple[Note, ...] = ()
    complete: bool = True  # False: some of what was asked for does not exist
    source: Any = None  # the Formula, if it is about one
    latex: tuple[str, ...] = ()  # the lines that LaTeX shows instead of the Formula
    cells: Mapping[str, Cell] = MappingProxyType({})  # what CSV has beside the quantities
    closing: tuple[str, ...] = ()  # lines below the tables
    records: tuple[dict[str, Any], ...] = ()  # what JSONL has instead of the data, a line for each


def json_number(x: Any) -> Any:
    """Return what strict JSON can hold; lists and dictionaries by element.

    A non-finite number is a string, and so is one of more digits than floats have: readers would drop them.
    """
    if isinstance(x, dict):
        return {name: json_number(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [json_number(value) for value in x]
    if isinstance(x, Digits) and x.finite:
        return repr(x)
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def _document(
    result: Any,
    data: Mapping[str, Any],
    quantities: Mapping[str, Cell],
    tables: tuple[Table, ...] = (),
    remark: str = "",
) -> Document:
    """Return the document of a result: the formula and the point, then what there is."""
    where = point_line(result.at) + (f"   ({remark})" if remark else "")
    common = {"schema": 1, "formula": result.formula, "at": result.at}
    notes = [note.as_dict() for note in result.notes]
    return Document(
        (*result.source.lines, *([where] if result.at else [])),
        dict(quantities),
        tables,
        json_number({**common, **data, "notes": notes}),
        result.notes,
        result.complete,
        result.source,
    )


def value_document(result: Any, trace: TraceTable | None = None) -> Document:
    """Return the document of values, with their trace if there is one."""
    (*several,) = result.value.values()
    data = {"value": several[0] if len(several) == 1 else several, **({"trace": trace_data(trace)} if trace else {})}
    return _document(result, data, dict(result.value), trace_tables(trace) if trace else ())


def gradient_document(result: Gradient, trace: TraceTable | None = None) -> Document:
    """Return the document of a gradient, with its trace if there is one."""
    data = {"mode": result.mode, "value": result.value, "gradient": result.gradient}
    quantities = {result.output: result.value, **{f"∂{result.output}/∂{n}": d for n, d in result.gradient.items()}}
    document = _document(result, data, quantities, trace_tables(trace) if trace else (), MODES[result.mode])
    if trace:
        document.data["trace"] = trace_data(trace)
        if trace.remark:
            document = document._replace(lines=(*document.lines, trace.remark))
    return document


MODES = {"forward": "forward mode", "reverse": "reverse mode", "both": "forward and reverse mode"}


def points_document(result: Any) -> Document:
    """Return the document of a table of points: a row for each, with what a single point's document has."""
    found = [row.found and DOCUMENTS[type(row.found).__name__](row.found) for row in result.rows]
    first = next((document for document in found if document), None)
    names = tuple(first.quantities) if first else result.source.outputs
    marked = any(row.kinds for row in result.rows)
    rows: list[tuple[Cell, ...]] = []
    records = []
    for row, document in zip(result.rows, found, strict=True):
        quantities = document.quantities if document else dict.fromkeys(names)
        rows.append(
            (
                *(row.at[name] for name in result.ranges),
                *quantities.values(),
                *((", ".join(row.kinds),) if marked else ()),
            )
        )
        failed = {"schema": 1, "formula": result.formula, "at": row.at, "error": row.error and row.error.as_dict()}
        records.append(document.data if document else json_number(failed))
    known = len(result.ranges)
    headers = (*result.ranges, *names, *(("note",) if marked else ()))
    table = Table("", headers, rows, split=(known, 1), named=frozenset(range(known + len(names))))
    points = [{name: x for name, x in record.items() if name not in ("schema", "formula")} for record in records]
    data = {"schema": 1, "formula": result.formula, "points": points}
    lines = (*result.source.lines, point_line({**result.at, **result.ranges}))
    return Document(lines, {}, (table,), data, result.notes, result.complete, result.source, records=tuple(records))


def jacobian_document(result: Any, sparsity: bool = False) -> Document:
    """Return the document of a Jacobian, or of its sparsity pattern."""
    data = {
        "mode": result.mode,
        "outputs": result.outputs,
        "variables": result.variables,
        "value": result.value,
        "jacobian": result.jacobian,
        "sweeps": result.sweeps,
        "operations": result.operations,
    }
    if sparsity:
        data["pattern"] = result.pattern
        cells: list[list[Cell]] = [["x" if hit else "." for hit in row] for row in result.pattern]
    else:
        cells = [list(row) for row in result.jacobian]
    rows = [(o, v, *row) for o, v, row in zip(result.outputs, result.value, cells, strict=True)]
    table = Table("", ("output", "value", *(f"∂/∂{n}" for n in result.variables)), rows, frozenset((0,)), (2, 1))
    counts = ", ".join(f"{mode} {count:,}" for mode, count in result.operations.items())
    remark = f"{MODES[result.mode]}, {result.sweeps} sweep{'s' * (result.sweeps != 1)}; operations: {counts}"
    return _document(result, data, {}, (table,), remark)


def product_document(result: Any) -> Document:
    """Return the document of a product with a vector."""
    single = list(result.value.values())
    data = {
        "value": single[0] if len(single) == 1 else result.value,
        "vector": result.vector,
        "product": result.product,
    }
    vector = ", ".join(f"{n} = {repr(x).removesuffix('.0')}" for n, x in result.vector.items())
    quantities = {**result.value, **{f"{result.kind} {n}": d for n, d in result.product.items()}}
    return _document(result, data, quantities, (), f"{result.kind} for {vector}")


def hessian_document(result: Any, sparse: bool = False) -> Document:
    """Return the document of a Hessian: the matrix, or the entries that are not structurally zero."""
    names = result.variables
    data: dict[str, Any] = {"variables": names, "value": result.value, "gradient": list(result.gradient.values())}
    if sparse:
        entries = sorted(result.entries.items())
        data["entries"] = [{"row": names[i], "column": names[j], "value": x} for (i, j), x in entries]
        rows: list[tuple[Cell, ...]] = [(names[i], names[j], x) for (i, j), x in entries]
        table = Table("", ("row", "column", "second derivative"), rows, frozenset((0, 1)))
    else:
        matrix = result.hessian
        data["hessian"] = matrix
        rows = [(n, result.gradient[n], *row) for n, row in zip(names, matrix, strict=True)]
        table = Table("", ("", "gradient", *(f"∂/∂{n}" for n in names)), rows, frozenset((0,)), (2, 1))
    output = result.source.outputs[0]
    return _document(result, data, {output: result.value}, (table,))


def taylor_document(result: Any) -> Document:
    """Return the document of Taylor coefficients, with the derivatives that they stand for."""
    rows: list[tuple[Cell, ...]] = []
    factorial = 1
    for k, c in enumerate(result.coefficients):
        factorial *= k or 1
        rows.append((str(k), c, c * factorial if k <= 170 else "beyond 170!"))
    along = ", ".join(f"{n} = {repr(x).removesuffix('.0')}" for n, x in result.direction.items())
    table = Table("", ("order", "coefficient", "derivative"), rows)
    data = {"direction": result.direction, "coefficients": result.coefficients}
    return _document(result, data, {}, (table,), f"in powers of t along {along}")


def partial_document(result: Any) -> Document:
    """Return the document of one partial derivative of any order."""
    output, order = result.source.outputs[0], len(result.wrt)
    name = f"∂{order if order > 1 else ''}{output}/" + "".join(f"∂{n}" for n in result.wrt)
    data = {"wrt": result.wrt, "value": result.value, "partial": result.partial}
    return _document(result, data, {output: result.value, name: result.partial})


def derivative_document(source: Any, found: Any, wrt: tuple[str, ...], named: bool, at: Any) -> Document:
    """Return the document of a derivative as a formula, evaluated if there is a point where the formula has a value."""
    from .symbolic import written_out

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
        lines=(*document.lines, point_line(checked.at)),
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
    lines = (*result.source.lines, f"operations of the derivatives by {result.wrt}")
    notes = result.source.script.notes
    return Document(lines, {}, (Table("", headers, list(rows)),), data, notes, source=result.source)


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
        "", tuple(headers), [tuple(row) for row in rows], frozenset((0,)), (1, 3),
        frozenset(k for k in range(len(headers)) if k % 3 != 1),
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
    document = _document(result, data, {result.output: result.value}, (table,) if result.components else ())
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
    document = _document(result, {"claims": graded}, {}, (Table("", headers, rows, frozenset((0, 1, 2))),))
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
    lines = [f"{name}: {line}" for name, f in (("A", result.source), ("B", result.other)) for line in f.lines]
    cells: dict[str, Cell] = {"verdict": result.verdict}
    latex = (*result.source.latex_lines, *result.other.latex_lines)
    notes = (*result.source.script.notes, *result.other.script.notes)
    return Document(
        tuple(lines), {}, (), json_number(data), notes, result.complete, result.source, latex, cells,
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
    table = Table("", tuple(headers), rows, frozenset((0,)), (1, 3), frozenset(range(1, len(headers))))
    error = "relative error" if result.derivative else "error"
    document = _document(result, data, {name: result.derivative}, (table,), f"{error} of {name} over the step h")
    return document._replace(closing=(*plot, *([""] if plot else []), *result.remarks, *best))


MOST_MARKS = 20


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
    document = _document(result, data, {}, () if plot else (table,))
    told = [m.text for m in result.marks]
    if len(told) > MOST_MARKS:
        told[MOST_MARKS:] = [f"and {len(told) - MOST_MARKS} more"]
    return document._replace(closing=(*plot[1:], *([""] if plot and told else []), *told))


def field_document(result: Any, plot: Sequence[str] = ()) -> Document:
    """Return the document of a function of two variables: its plot's lines, or else values and gradients."""
    rows: list[tuple[Cell, ...]] = []
    for y, line in zip(result.ys, result.cells, strict=True):
        rows += [(x, y, cell.value, *cell.gradient.values()) for x, cell in zip(result.xs, line, strict=True) if cell]
    headers = (*result.variables, result.output, *(f"∂{result.output}/∂{n}" for n in result.variables))
    table = Table("", headers, rows, named=frozenset(range(5)))
    data = {"variables": result.variables, "columns": headers, "points": rows, "levels": result.levels}
    return _document(result, data, {}, () if plot else (table,))._replace(closing=tuple(plot[1:]))


def _brief(x: float | None) -> str:
    return "none" if x is None else f"{x:.2g}"


def _known(x: float) -> float | None:
    return x if x == x else None


def _blank(x: float | None) -> Cell:
    return "" if x is None else x


def trace_document(result: Any) -> Document:
    """Return the document of a trace alone."""
    return Document(tables=trace_tables(result))


DOCUMENTS: dict[str, Callable[[Any], Document]] = {
    "Values": value_document,
    "Gradient": gradient_document,
    "PointTable": points_document,
    "Jacobian": jacobian_document,
    "Product": product_document,
    "Hessian": hessian_document,
    "Taylor": taylor_document,
    "Partial": partial_document,
    "Steps": steps_document,
    "Cost": cost_document,
    "Check": check_document,
    "Claims": claims_document,
    "StepSweep": sweep_document,
    "Curve": curve_document,
    "Field": field_document,
    "Comparison": comparison_document,
    "TraceTable": trace_document,
}


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
        tables.append(Table("tangent", tuple(columns), body, frozenset((0, 1, *range(2, len(columns), 2))), (2, 2)))
    if any(row.adjoint is not None for row in rows):
        output = rows[-1].name
        body = [(r.name, r.adjoint_formula, r.adjoint_numbers, "" if r.adjoint is None else r.adjoint) for r in rows]
        tables.append(Table("adjoint", ("row", "adjoint v~", "numbers", f"∂{output}/∂v"), body, frozenset((0, 1, 2))))
    return tuple(tables)
