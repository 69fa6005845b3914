"""Documents in GitHub's Markdown."""

from __future__ import annotations

import re

from ..result import Cell, Document, Gap, Table, columns
from .cells import cell_text, closing_lines, head_lines, numeric, side_by_side, to_charset
from .style import BRIEF, Style


def write_markdown(document: Document, style: Style) -> str:
    """Return headings as code, and tables, in GitHub's Markdown."""

    def cell(x: Cell, digits: int, code: bool) -> str:
        if isinstance(x, Gap):
            return f"**{cell(x.cell, digits, code)}**" if x.filled else _escaped(cell_text(x))
        text = to_charset(cell_text(x, digits), style.unicode)
        return f"`{text}`".replace("|", r"\|") if code and text else _escaped(text)

    def table(given: Table) -> str:
        headers = [_escaped(to_charset(h, style.unicode)) for h in given.headers]
        rule = ["---:" if numeric(given, k) else "---" for k in range(len(headers))]
        digits = [BRIEF if column.brief else style.digits for column in given.columns]
        code = [bool(column.kind) for column in given.columns]
        body = [[*map(cell, row, digits, code)] for row in given.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in [headers, rule, *body])

    head, closing = head_lines(document, style), closing_lines(document, style)
    parts = ["```", *head, "```"] if head else []
    if document.quantities:
        parts += ["", table(Table("", columns("quantity", "value"), list(document.quantities.items())))]
    if document.tables:
        parts += ["", table(side_by_side(document.tables))]
    return "\n".join([*parts, *(["", "```", *closing[1:], "```"] if closing else [])]).lstrip("\n")


def _escaped(text: str) -> str:
    """Return text with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_\[\]<>~$|&])", r"\\\1", text)
