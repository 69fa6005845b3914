"""Documents to text, one function per format; the only file that knows Rich."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ..language import latex_leaf, latex_number, to_latex, to_text
from ..result import Cell, Document, Gap, Table
from .display import (
    MACHINE,
    Display,
    cells_of,
    exact,
    filled,
    heading,
    human,
    json_number,
    narrowed,
    numeric,
    parted,
    spell,
    text_width,
)
from .latex_page import latex_row, write_latex

if TYPE_CHECKING:
    from ..trace import Spelling


def spelling(display: Display) -> Spelling:
    """Return how the formulas of a trace are spelled in this format."""
    from ..trace import Spelling

    if display.format in MACHINE:
        return Spelling()
    number = partial(human, digits=display.digits)
    if display.format == "latex":
        return Spelling(to_latex, latex_leaf, latex_row, lambda x: latex_number(number(x)))
    return Spelling(to_text, number=number)


def render(document: Document, display: Display) -> str:
    """Return the document in the format asked for, ending in a line break."""
    text = _WRITERS[display.format](document, display)
    return text if text.endswith("\n") else text + "\n"


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if right else text + space


def _aligned(table: Table, display: Display, header: bool = True) -> str:
    """Return columns aligned by spaces."""
    headers, rows = cells_of(table, display)
    lines = [list(headers), *rows] if header else rows
    widths = [max(text_width(line[k]) for line in lines) for k in range(len(headers))]
    right = [numeric(table, k) for k in range(len(headers))]
    return "\n".join(
        "  ".join(_pad(cell, w, r) for cell, w, r in zip(line, widths, right, strict=True)).rstrip() for line in lines
    )


def _quantities(document: Document, display: Display) -> str:
    """Return `name  value` lines, the numbers aligned at the decimal point."""
    names = [spell(name, display.unicode) for name in document.quantities]
    values = [human(x, display.digits) for x in document.quantities.values()]
    left = max((len(re.split("[.e]", v)[0]) for v in values), default=0)
    width = max(map(text_width, names), default=0)
    return "\n".join(
        f"  {_pad(name, width, False)}  {' ' * (left - len(re.split('[.e]', value)[0]))}{value}"
        for name, value in zip(names, values, strict=True)
    )


def _joined(tables: Sequence[Table]) -> Table:
    """Return tables over the same rows as one, with the row names once."""
    first, *rest = tables
    headers, math, brief = list(first.headers), set(first.math), set(first.brief)
    rows = [list(row) for row in first.rows]
    for table in rest:
        math |= {k + len(headers) - 1 for k in table.math if k}
        brief |= {k + len(headers) - 1 for k in table.brief if k}
        headers += table.headers[1:]
        for row, more in zip(rows, table.rows, strict=True):
            row += more[1:]
    return first._replace(
        title="",
        headers=tuple(headers),
        rows=[tuple(row) for row in rows],
        math=frozenset(math),
        brief=frozenset(brief),
    )


def _arranged(document: Document, display: Display) -> list[Table]:
    """Return the tables side by side if that fits the width, else below each other, adjoints from the output down."""
    if not document.tables:
        return []
    joined = _joined(document.tables)
    headers, rows = cells_of(joined, display)
    need = sum(max(text_width(line[k]) for line in [headers, *rows]) + 3 for k in range(len(headers))) + 1
    if not display.width or need <= display.width:
        return [joined]
    tables = [t._replace(rows=t.rows[::-1]) if t.title == "adjoint" else t for t in document.tables]
    return [part for t in tables for part in (parted(t, display) if t.split[1] else [t])]


def _head(document: Document, display: Display) -> list[str]:
    return [spell(line, display.unicode) for line in (*document.lines, *heading(document))]


def _closing(document: Document, display: Display) -> list[str]:
    parts = [("", *lines) for lines in (document.drawing, document.closing) if lines]
    return [spell(line, display.unicode) for lines in parts for line in lines]


def write_table(document: Document, display: Display) -> str:
    """Return headings, quantities and boxed tables for a terminal."""
    parts = _head(document, display)
    if document.quantities:
        parts += ["", _quantities(document, display)]
    for table in _arranged(document, display):
        parts += ["", *([table.title] if table.title else []), _boxed(table, display)]
    return "\n".join([*parts, *_closing(document, display)])


def _boxed(table: Table, display: Display) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table as Box
    from rich.text import Text

    headers, rows = _wrapped(table, display)
    boxed = Box(box=box.SIMPLE_HEAD if display.unicode else box.ASCII_DOUBLE_HEAD, pad_edge=False)
    for k, header in enumerate(headers):
        right = numeric(table, k)
        style = "cyan" if k == 0 else "bold" if right else ""
        boxed.add_column(Text(header), justify="right" if right else "left", no_wrap=True, style=style)
    for row in rows:
        boxed.add_row(*(Text(cell) for cell in row))
    console = Console(
        file=StringIO(), width=10**6, force_terminal=display.color, color_system="standard" if display.color else None,
        no_color=not display.color, markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    with console.capture() as captured:
        console.print(boxed)
    return "\n".join(text for line in captured.get().split("\n") if (text := line.rstrip()))


def _wrapped(table: Table, display: Display) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return headers and cells, formulas broken into lines if the table is too wide; a number is never cut."""
    headers, rows = cells_of(table, display)
    lines = [list(headers), *rows]
    widths = [max(text_width(line[k]) for line in lines) for k in range(len(headers))]
    formulas = table.math | table.code
    excess = sum(widths) + 3 * len(widths) - 1 - (display.width or 10**6)
    if excess > 0:
        pieces = [[_pieces(cell) if k in formulas and k else [cell] for k, cell in enumerate(line)] for line in lines]
        least = [max(text_width(p.rstrip()) for line in pieces for p in line[k]) for k in range(len(headers))]
        widths = narrowed(widths, least, excess)
        lines = [["\n".join(filled(cell, widths[k])) for k, cell in enumerate(line)] for line in pieces]
    return tuple(lines[0]), lines[1:]


def _pieces(text: str) -> list[str]:
    """Return the parts of a formula between which a line may break: after a space, * or /, but not in d/dx."""
    return re.findall(r"(?:d/d\w|[^\s*/])*(?:[*/]+|\s+|$)", text)


def write_plain(document: Document, display: Display) -> str:
    """Return headings, quantities and tables aligned by spaces, nothing drawn."""
    parts = _head(document, display)
    if document.quantities:
        parts += ["", _quantities(document, display)]
    for table in _arranged(document, display):
        parts += ["", *([table.title] if table.title else []), _aligned(table, display)]
    return "\n".join([*parts, *_closing(document, display)])


def write_json(document: Document, display: Display) -> str:
    """Return the data as JSON by RFC 8259."""
    return json.dumps(json_number(document.data), indent=2, allow_nan=False, ensure_ascii=not display.unicode)


def write_jsonl(document: Document, display: Display) -> str:
    """Return the data as JSON on one line, or its records each on one."""
    records = map(json_number, document.records or (document.data,))
    return "\n".join(json.dumps(data, allow_nan=False, ensure_ascii=not display.unicode) for data in records)


def write_csv(document: Document, display: Display) -> str:
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
        writer.writerow([exact(x) if k else str(x).replace("∂", "d") for k, x in enumerate(row)])
    return out.getvalue()


def write_markdown(document: Document, display: Display) -> str:
    """Return headings as code, and tables, as GitHub reads them."""

    def cell(x: Cell, digits: int, code: bool) -> str:
        if isinstance(x, Gap):
            return f"**{cell(x.cell, digits, code)}**" if x.filled else _plain_markdown(human(x))
        text = spell(human(x, digits), display.unicode)
        return f"`{text}`".replace("|", r"\|") if code and text else _plain_markdown(text)

    def table(given: Table) -> str:
        headers = [_plain_markdown(spell(h, display.unicode)) for h in given.headers]
        rule = ["---:" if numeric(given, k) else "---" for k in range(len(headers))]
        digits = [2 if k in given.brief else display.digits for k in range(len(headers))]
        body = [[cell(x, digits[k], k in given.math | given.code) for k, x in enumerate(row)] for row in given.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in [headers, rule, *body])

    head, closing = _head(document, display), _closing(document, display)
    parts = ["```", *head, "```"] if head else []
    if document.quantities:
        parts += ["", table(Table("", ("quantity", "value"), list(document.quantities.items())))]
    for given in [_joined(document.tables)] if document.tables else []:
        parts += ["", table(given)]
    return "\n".join([*parts, *(["", "```", *closing[1:], "```"] if closing else [])]).lstrip("\n")


def _plain_markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_\[\]<>~$|&])", r"\\\1", text)


_WRITERS: dict[str, Callable[[Document, Display], str]] = {
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
    return "\n".join([write_plain(document, Display()).strip("\n"), *(f"note: {note}" for note in document.notes)])


def as_html(document: Document) -> str:
    """Return a document as HTML for a notebook, tables as tables."""
    from html import escape

    display = Display()
    parts = [f"<pre>{escape(line)}</pre>" for line in _head(document, display)]
    tables = [_joined(document.tables)] if document.tables else []
    if document.quantities:
        tables.insert(0, Table("", ("", "value"), list(document.quantities.items())))
    for table in tables:
        headers, rows = cells_of(table, display)
        head = "".join(f"<th>{escape(h)}</th>" for h in headers)
        body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    return "".join(parts)


@contextmanager
def progress_bar(unit: str = "") -> Iterator[Callable[[int, int, int], None]]:
    """Show on the terminal's standard error how many rows are done, how fast, and how long it will yet take.

    With a unit it also tells how many of these are done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[rows]}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False, highlight=False), transient=True) as bar:
        task = bar.add_task("", total=None, rows="", rate="")
        before = -1

        def tell(rows: int, done: int, size: int) -> None:
            nonlocal before
            before = rows if before < 0 else before
            seconds = bar.tasks[0].elapsed or 0
            rate = f"{(rows - before) / seconds:,.0f} rows/s" if seconds > 0 else ""
            done_rows = f"{rows:,} rows" + (f", {done:,} of {size:,} {unit}" if unit else "")
            bar.update(task, completed=done, total=size or None, rows=done_rows, rate=rate)

        yield tell
