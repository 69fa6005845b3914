"""Documents as HTML for a notebook."""

from __future__ import annotations

from html import escape

from ..result import Document, Table, columns
from .cells import cells_of, head_lines, side_by_side
from .style import Style


def as_html(document: Document) -> str:
    """Return a document as HTML for a notebook, tables as tables."""
    style = Style()
    parts = [f"<pre>{escape(line)}</pre>" for line in head_lines(document, style)]
    tables = [side_by_side(document.tables)] if document.tables else []
    if document.quantities:
        tables.insert(0, Table("", columns("", "value"), list(document.quantities.items())))
    for table in tables:
        headers, *rows = cells_of(table, style)
        head = "".join(f"<th>{escape(h)}</th>" for h in headers)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)
