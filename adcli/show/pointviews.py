"""Results at one point to documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .document import Cell, Document, Table, document_of, json_number

if TYPE_CHECKING:
    from ..derive import Gradient
    from ..trace import TraceRow, TraceTable

MODES = {"forward": "forward mode", "reverse": "reverse mode", "both": "forward and reverse mode"}


def value_document(result: Any, trace: TraceTable | None = None) -> Document:
    """Return the document of values, with their trace if there is one."""
    (*several,) = result.value.values()
    data = {"value": several[0] if len(several) == 1 else several, **({"trace": trace_data(trace)} if trace else {})}
    return document_of(result, data, dict(result.value), trace_tables(trace) if trace else ())


def gradient_document(result: Gradient, trace: TraceTable | None = None) -> Document:
    """Return the document of a gradient, with its trace if there is one."""
    data = {"mode": result.mode, "value": result.value, "gradient": result.gradient}
    quantities = {result.output: result.value, **{f"∂{result.output}/∂{n}": d for n, d in result.gradient.items()}}
    document = document_of(result, data, quantities, trace_tables(trace) if trace else (), MODES[result.mode])
    if trace:
        document.data["trace"] = trace_data(trace)
        if trace.remark:
            document = document._replace(where=(*document.where, trace.remark))
    return document


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
    return document_of(result, data, {}, (table,), remark)


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
    return document_of(result, data, quantities, (), f"{result.kind} for {vector}")


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
    return document_of(result, data, {output: result.value}, (table,))


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
    return document_of(result, data, {}, (table,), f"in powers of t along {along}")


def partial_document(result: Any) -> Document:
    """Return the document of one partial derivative of any order."""
    output, order = result.source.outputs[0], len(result.wrt)
    name = f"∂{order if order > 1 else ''}{output}/" + "".join(f"∂{n}" for n in result.wrt)
    data = {"wrt": result.wrt, "value": result.value, "partial": result.partial}
    return document_of(result, data, {output: result.value, name: result.partial})


def trace_document(result: Any) -> Document:
    """Return the document of a trace alone."""
    return Document(tables=trace_tables(result))


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
