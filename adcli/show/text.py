"""Documents as text for a terminal or a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..errors import text_width
from ..result import Document, Table
from .cells import (
    cell_text,
    cells_of,
    closing_lines,
    filled,
    head_lines,
    narrowed,
    numeric,
    parted,
    side_by_side,
    to_charset,
    widths_of,
)
from .style import Style


def write_table(document: Document, style: Style) -> str:
    """Return headings, quantities and boxed tables for a terminal."""
    return _written(document, style, _boxed)


def write_plain(document: Document, style: Style) -> str:
    """Return headings, quantities and tables aligned by spaces, without lines."""
    return _written(document, style, _aligned)


def _written(document: Document, style: Style, table_text: Callable[[Table, Style], str]) -> str:
    parts = head_lines(document, style)
    if document.quantities:
        parts += ["", _quantities(document, style)]
    for table in _arranged(document, style):
        parts += ["", *([table.title] if table.title else []), table_text(table, style)]
    return "\n".join([*parts, *closing_lines(document, style)])


def _quantities(document: Document, style: Style) -> str:
    """Return `name  value` lines, the numbers aligned at the decimal point."""
    names = [to_charset(name, style.unicode) for name in document.quantities]
    values = [cell_text(x, style.digits) for x in document.quantities.values()]
    left = max((len(re.split("[.e]", v)[0]) for v in values), default=0)
    width = max(map(text_width, names), default=0)
    return "\n".join(
        f"  {_pad(name, width, False)}  {' ' * (left - len(re.split('[.e]', value)[0]))}{value}"
        for name, value in zip(names, values, strict=True)
    )


def _arranged(document: Document, style: Style) -> list[Table]:
    """Return the tables side by side where that fits the width, else one below the other, adjoints in reverse order."""
    if not document.tables:
        return []
    joined = side_by_side(document.tables)
    if not style.width or sum(width + 3 for width in widths_of(cells_of(joined, style))) < style.width:
        return [joined]
    tables = [t._replace(rows=t.rows[::-1]) if t.title == "adjoint" else t for t in document.tables]
    return [part for t in tables for part in (parted(t, style) if t.split[1] else [t])]


def _boxed(table: Table, style: Style) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table as Box
    from rich.text import Text

    headers, *rows = _wrapped(table, style)
    boxed = Box(box=box.SIMPLE_HEAD if style.unicode else box.ASCII_DOUBLE_HEAD, pad_edge=False)
    for k, header in enumerate(headers):
        right = numeric(table, k)
        look = "cyan" if k == 0 else "bold" if right else ""
        boxed.add_column(Text(header), justify="right" if right else "left", no_wrap=True, style=look)
    for row in rows:
        boxed.add_row(*(Text(cell) for cell in row))
    console = Console(
        file=StringIO(), width=10**6, force_terminal=style.color, color_system="standard" if style.color else None,
        no_color=not style.color, markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    with console.capture() as captured:
        console.print(boxed)
    return "\n".join(text for line in captured.get().split("\n") if (text := line.rstrip()))


def _wrapped(table: Table, style: Style) -> list[list[str]]:
    """Return headers and cells; in a table that is too wide, formulas are broken into lines. A number is never cut."""
    lines = cells_of(table, style)
    widths = widths_of(lines)
    excess = sum(widths) + 3 * len(widths) - 1 - (style.width or 10**6)
    if excess > 0:
        broken = [k > 0 and column.kind != "" for k, column in enumerate(table.columns)]
        pieces = [[_pieces(x) if breaks else [x] for x, breaks in zip(line, broken, strict=True)] for line in lines]
        least = [max(text_width(p.rstrip()) for line in pieces for p in line[k]) for k in range(len(widths))]
        widths = narrowed(widths, least, excess)
        lines = [["\n".join(filled(cell, widths[k])) for k, cell in enumerate(line)] for line in pieces]
    return lines


def _pieces(text: str) -> list[str]:
    """Return the parts between which a formula may break: after a space, * or /, but not inside d/dx."""
    return re.findall(r"(?:d/d\w|[^\s*/])*(?:[*/]+|\s+|$)", text)


def _aligned(table: Table, style: Style) -> str:
    lines = cells_of(table, style)
    widths = widths_of(lines)
    right = [numeric(table, k) for k in range(len(widths))]
    return "\n".join(
        "  ".join(_pad(cell, w, r) for cell, w, r in zip(line, widths, right, strict=True)).rstrip() for line in lines
    )


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if right else text + space
