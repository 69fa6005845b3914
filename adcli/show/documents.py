"""The document of every kind of result, by the name of its class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..language import point_line
from . import formulaviews as whole
from . import pointviews as one
from .document import Cell, Document, Table, json_number


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
    return Document(
        tuple(result.source.lines), {}, (table,), data, result.notes, result.complete, result.source,
        records=tuple(records), where=(point_line({**result.at, **result.ranges}),),
    )  # fmt: skip


DOCUMENTS: dict[str, Callable[[Any], Document]] = {
    "Values": one.value_document,
    "Gradient": one.gradient_document,
    "PointTable": points_document,
    "Jacobian": one.jacobian_document,
    "Product": one.product_document,
    "Hessian": one.hessian_document,
    "Taylor": one.taylor_document,
    "Partial": one.partial_document,
    "Steps": whole.steps_document,
    "Cost": whole.cost_document,
    "Check": whole.check_document,
    "Claims": whole.claims_document,
    "StepSweep": whole.sweep_document,
    "Curve": whole.curve_document,
    "Field": whole.field_document,
    "Comparison": whole.comparison_document,
    "TraceTable": one.trace_document,
}
