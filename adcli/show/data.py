"""Documents for programs, with every digit."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..result import Cell, Document
from .cells import cell_text, json_data, side_by_side
from .style import Style


def write_json(document: Document, style: Style) -> str:
    """Return the data as JSON by RFC 8259."""
    return json.dumps(json_data(document.data), indent=2, allow_nan=False, ensure_ascii=not style.unicode)


def write_jsonl(document: Document, style: Style) -> str:
    """Return the data as JSON on one line, or each record on one."""
    records = map(json_data, document.records or (document.data,))
    return "\n".join(json.dumps(data, allow_nan=False, ensure_ascii=not style.unicode) for data in records)


def write_csv(document: Document, style: Style) -> str:
    """Return the tables, or else the quantities, as one CSV table with every digit (RFC 4180)."""
    import csv
    from io import StringIO

    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if document.tables:
        joined = side_by_side(document.tables)
        rows: Sequence[Sequence[Cell]] = joined.rows
        headers = joined.headers
    else:
        headers, rows = ("quantity", "value"), list({**document.cells, **document.quantities}.items())
    writer.writerow([h.replace("∂", "d") for h in headers])
    for row in rows:
        writer.writerow([_csv_cell(x) if k else str(x).replace("∂", "d") for k, x in enumerate(row)])
    return out.getvalue()


def _csv_cell(x: Cell) -> str:
    """Return a cell with every digit."""
    x = json_data(x)
    return "" if x is None else repr(x) if isinstance(x, float) else cell_text(x)
