"""Cells, headings and tables as texts of some width."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import text_width
from ..language import point_line
from ..ops import Digits
from ..result import NON_FINITE, Cell, Document, Gap, Table
from .style import BRIEF, DIGITS, Style

NAMES = {repr(x): name for name, x in NON_FINITE.items()}


def cell_text(x: Cell, digits: int = DIGITS) -> str:
    """Return a cell to read, a number with `digits` significant digits."""
    if isinstance(x, Gap):
        return f"[{cell_text(x.cell, digits)}]" if x.filled else "_" * 8
    if x is None:
        return "undefined"
    if isinstance(x, bool):
        return "true" if x else "false"
    return f"{x:.{digits}g}" if isinstance(x, float) else x


def json_data(x: Any) -> Any:
    """Return plain data for strict JSON (RFC 8259): numbers not finite, or longer than a float, become strings."""
    if isinstance(x, Mapping):
        return {name: json_data(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [json_data(value) for value in x]
    if isinstance(x, Digits) and x.finite:
        return repr(x)
    return NAMES.get(float.__repr__(x), x) if isinstance(x, float) else x


def to_charset(text: str, unicode: bool) -> str:
    """Return a text with v̇ for v' and v̄ for v~, or in ASCII."""
    if not unicode:
        return text.replace("∂", "d").encode("ascii", "backslashreplace").decode()
    return re.sub(r"\bv(['~])", lambda m: "v̇" if m[1] == "'" else "v̄", text)


def heading(document: Document) -> tuple[str, ...]:
    """Return the lines above the quantities: the point with the method in brackets, then the remarks."""
    at = point_line(document.at) + (f"   ({document.method})" if document.method else "")
    return (*([at] if document.at else []), *document.remarks)


def head_lines(document: Document, style: Style) -> list[str]:
    """Return the formula and the lines below it."""
    return [to_charset(line, style.unicode) for line in (*document.lines, *heading(document))]


def closing_lines(document: Document, style: Style) -> list[str]:
    """Return the plot and the lines at the end, each after an empty line."""
    parts = [("", *lines) for lines in (document.drawing, document.closing) if lines]
    return [to_charset(line, style.unicode) for lines in parts for line in lines]


def side_by_side(tables: Sequence[Table]) -> Table:
    """Join tables over the same rows to one, with the names of the rows once."""
    first, *rest = tables
    joined = (*first.columns, *(column for table in rest for column in table.columns[1:]))
    rows = [sum((row[1:] for row in more), row) for row, *more in zip(*(t.rows for t in tables), strict=True)]
    return Table("", joined, rows, first.split)


def cells_of(table: Table, style: Style) -> list[list[str]]:
    """Return the headers, then the rows, of a table as texts."""
    digits = [BRIEF if column.brief else style.digits for column in table.columns]
    rows = ([cell_text(x, n) for x, n in zip(row, digits, strict=True)] for row in table.rows)
    return [[to_charset(text, style.unicode) for text in line] for line in (table.headers, *rows)]


def widths_of(lines: Sequence[Sequence[str]]) -> list[int]:
    """Return the widths of columns, given as lines of cells."""
    return [max(map(text_width, column)) for column in zip(*lines, strict=True)]


def column_cells(table: Table, column: int) -> list[str | float | bool | None]:
    """Return the cells of a column, the gaps of a worksheet filled in."""
    return [x.cell if isinstance(x, Gap) else x for x in (row[column] for row in table.rows)]


def numeric(table: Table, column: int) -> bool:
    """Tell whether a column has numbers."""
    return table.columns[column].kind != "math" and any(isinstance(x, float) for x in column_cells(table, column))


def parted(table: Table, style: Style) -> list[Table]:
    """Divide a table that is too wide: each part has as many groups of columns as fit the width."""
    first, step = table.split
    widths = [width + 3 for width in widths_of(cells_of(table, style))]
    groups = [[*range(first)]]
    for k in range(first, len(widths), step):
        more = range(k, k + step)
        if len(groups[-1]) > first and sum(widths[j] for j in (*groups[-1], *more)) - 1 > style.width:
            groups.append([*range(first)])
        groups[-1] += more
    return [
        Table(table.title, tuple(table.columns[k] for k in group), [tuple(row[k] for k in group) for row in table.rows])
        for group in groups
    ]


def narrowed(widths: Sequence[int], least: Sequence[int], excess: int) -> list[int]:
    """Return widths whose sum is smaller by `excess`, none below its `least`; the widest shrink first."""
    found = list(widths)
    for _ in range(excess):
        k = max(range(len(found)), key=lambda j: (found[j] > least[j], found[j]))
        found[k] = max(found[k] - 1, least[k])
    return found


def filled(pieces: Sequence[str], width: int, measure: Callable[[str], int] = text_width) -> list[str]:
    """Join pieces to lines of at most `width`; a wider piece is a line of its own."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
