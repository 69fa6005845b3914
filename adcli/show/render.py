"""Documents to text, one function per format; the only file that knows Rich."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..errors import text_width
from ..language import latex_leaf, latex_number, to_latex, to_text
from ..result import Cell, Document, Gap, Table, columns
from .cells import cell_text, cells_of, filled, heading, json_data, narrowed, numeric, parted, to_charset
from .latex_page import latex_row, write_latex
from .style import BRIEF, MACHINE, Style

if TYPE_CHECKING:
    from ..trace import Notation


def notation_for(style: Style) -> Notation:
    """Return the notation of a trace in this format."""
    from ..trace import Notation

    if style.format in MACHINE:
        return Notation()
    number = partial(cell_text, digits=style.digits)
    if style.format == "latex":
        return Notation(to_latex, latex_leaf, latex_row, lambda x: latex_number(number(x)))
    return Notation(to_text, number=number)


def render(document: Document, style: Style) -> str:
    """Return a document in the style's format, ending in a line break."""
    text = _WRITERS[style.format](document, style)
    return text if text.endswith("\n") else text + "\n"


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if right else text + space


def _aligned(table: Table, style: Style, header: bool = True) -> str:
    """Return columns aligned by spaces."""
    headers, rows = cells_of(table, style)
    lines = [list(headers), *rows] if header else rows
    widths = [max(text_width(line[k]) for line in lines) for k in range(len(headers))]
    right = [numeric(table, k) for k in range(len(headers))]
    return "\n".join(
        "  ".join(_pad(cell, w, r) for cell, w, r in zip(line, widths, right, strict=True)).rstrip() for line in lines
    )


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


def _joined(tables: Sequence[Table]) -> Table:
    """Join tables over the same rows to one, with the names of the rows once."""
    first, *rest = tables
    joined = (*first.columns, *(column for table in rest for column in table.columns[1:]))
    rows = [sum((row[1:] for row in more), row) for row, *more in zip(*(t.rows for t in tables), strict=True)]
    return Table("", joined, rows, first.split)


def _arranged(document: Document, style: Style) -> list[Table]:
    """Return the tables side by side where that fits the width, else one below the other, adjoints in reverse order."""
    if not document.tables:
        return []
    joined = _joined(document.tables)
    headers, rows = cells_of(joined, style)
    need = sum(max(text_width(line[k]) for line in [headers, *rows]) + 3 for k in range(len(headers))) + 1
    if not style.width or need <= style.width:
        return [joined]
    tables = [t._replace(rows=t.rows[::-1]) if t.title == "adjoint" else t for t in document.tables]
    return [part for t in tables for part in (parted(t, style) if t.split[1] else [t])]


def _head(document: Document, style: Style) -> list[str]:
    return [to_charset(line, style.unicode) for line in (*document.lines, *heading(document))]


def _closing(document: Document, style: Style) -> list[str]:
    parts = [("", *lines) for lines in (document.drawing, document.closing) if lines]
    return [to_charset(line, style.unicode) for lines in parts for line in lines]


def write_table(document: Document, style: Style) -> str:
    """Return headings, quantities and boxed tables for a terminal."""
    parts = _head(document, style)
    if document.quantities:
        parts += ["", _quantities(document, style)]
    for table in _arranged(document, style):
        parts += ["", *([table.title] if table.title else []), _boxed(table, style)]
    return "\n".join([*parts, *_closing(document, style)])


def _boxed(table: Table, style: Style) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table as Box
    from rich.text import Text

    headers, rows = _wrapped(table, style)
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


def _wrapped(table: Table, style: Style) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return headers and cells; in a table that is too wide, formulas are broken into lines. A number is never cut."""
    headers, rows = cells_of(table, style)
    lines = [list(headers), *rows]
    widths = [max(text_width(line[k]) for line in lines) for k in range(len(headers))]
    excess = sum(widths) + 3 * len(widths) - 1 - (style.width or 10**6)
    if excess > 0:
        broken = [k > 0 and column.kind != "" for k, column in enumerate(table.columns)]
        pieces = [[_pieces(x) if breaks else [x] for x, breaks in zip(line, broken, strict=True)] for line in lines]
        least = [max(text_width(p.rstrip()) for line in pieces for p in line[k]) for k in range(len(headers))]
        widths = narrowed(widths, least, excess)
        lines = [["\n".join(filled(cell, widths[k])) for k, cell in enumerate(line)] for line in pieces]
    return tuple(lines[0]), lines[1:]


def _pieces(text: str) -> list[str]:
    """Return the parts between which a formula may break: after a space, * or /, but not inside d/dx."""
    return re.findall(r"(?:d/d\w|[^\s*/])*(?:[*/]+|\s+|$)", text)


def write_plain(document: Document, style: Style) -> str:
    """Return headings, quantities and tables aligned by spaces, without lines."""
    parts = _head(document, style)
    if document.quantities:
        parts += ["", _quantities(document, style)]
    for table in _arranged(document, style):
        parts += ["", *([table.title] if table.title else []), _aligned(table, style)]
    return "\n".join([*parts, *_closing(document, style)])


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
        joined = _joined(document.tables)
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


def write_markdown(document: Document, style: Style) -> str:
    """Return headings as code, and tables, in GitHub's Markdown."""

    def cell(x: Cell, digits: int, code: bool) -> str:
        if isinstance(x, Gap):
            return f"**{cell(x.cell, digits, code)}**" if x.filled else _plain_markdown(cell_text(x))
        text = to_charset(cell_text(x, digits), style.unicode)
        return f"`{text}`".replace("|", r"\|") if code and text else _plain_markdown(text)

    def table(given: Table) -> str:
        headers = [_plain_markdown(to_charset(h, style.unicode)) for h in given.headers]
        rule = ["---:" if numeric(given, k) else "---" for k in range(len(headers))]
        digits = [BRIEF if column.brief else style.digits for column in given.columns]
        code = [bool(column.kind) for column in given.columns]
        body = [[*map(cell, row, digits, code)] for row in given.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in [headers, rule, *body])

    head, closing = _head(document, style), _closing(document, style)
    parts = ["```", *head, "```"] if head else []
    if document.quantities:
        parts += ["", table(Table("", columns("quantity", "value"), list(document.quantities.items())))]
    for given in [_joined(document.tables)] if document.tables else []:
        parts += ["", table(given)]
    return "\n".join([*parts, *(["", "```", *closing[1:], "```"] if closing else [])]).lstrip("\n")


def _plain_markdown(text: str) -> str:
    """Return text with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_\[\]<>~$|&])", r"\\\1", text)


_WRITERS: dict[str, Callable[[Document, Style], str]] = {
    "table": write_table,
    "plain": write_plain,
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "markdown": write_markdown,
    "latex": write_latex,
}


def as_text(document: Document) -> str:
    """Return a document as the command line prints it in a pipe."""
    return "\n".join([write_plain(document, Style()).strip("\n"), *(f"note: {note}" for note in document.notes)])


def as_html(document: Document) -> str:
    """Return a document as HTML for a notebook, tables as tables."""
    from html import escape

    style = Style()
    parts = [f"<pre>{escape(line)}</pre>" for line in _head(document, style)]
    tables = [_joined(document.tables)] if document.tables else []
    if document.quantities:
        tables.insert(0, Table("", columns("", "value"), list(document.quantities.items())))
    for table in tables:
        headers, rows = cells_of(table, style)
        head = "".join(f"<th>{escape(h)}</th>" for h in headers)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)
