"""A document in LaTeX that compiles as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..language import GREEK_LETTERS, latex_aligned, latex_name, latex_number, latex_quantity
from ..result import Cell, Column, Document, Gap, Table
from .cells import cell_text, column_cells, heading, narrowed, numeric, parted, to_charset
from .latex_breaks import LARGE, breakable_parts, broken_lines, least_width, visible_width
from .style import BRIEF, Style

WIDTH = 120  # characters of a line that fit a page
LINES = 31  # lines of a table that fit a page
SPACE = 2  # characters between columns
BLANK = r"\underline{\rule{0pt}{5mm}\hspace{20mm}}"
PREAMBLE = r"""\documentclass{article}
\usepackage[landscape,margin=15mm]{geometry}
\usepackage{amsmath,booktabs,graphicx}
\newsavebox{\whole}
\newcommand{\fit}[1]{\sbox{\whole}{#1}% as it is, or as narrow and as low as the page
  \ifdim\wd\whole>\linewidth\sbox{\whole}{\resizebox{\linewidth}{!}{\usebox{\whole}}}\fi
  \ifdim\dimexpr\ht\whole+\dp\whole>.9\textheight\sbox{\whole}{\resizebox*{!}{.9\textheight}{\usebox{\whole}}}\fi
  \usebox{\whole}}
\begin{document}"""


def write_latex(document: Document, style: Style) -> str:
    """Return a LaTeX document that compiles as it is."""
    parts = [PREAMBLE]
    if document.source is not None:
        parts.append(_formula(document.latex or document.source.latex_lines))
    parts += _paragraph(heading(document))
    if document.quantities:
        rows: list[tuple[Cell, ...]] = [(latex_quantity(n), v) for n, v in document.quantities.items()]
        parts += _tabulars(Table("", (Column("quantity", "math"), Column("value")), rows), style)
    for table in document.tables:
        rows = [(latex_row(str(row[0])), *row[1:]) if table.columns[0].kind == "math" else row for row in table.rows]
        whole = table._replace(rows=rows)
        for part in parted(whole, style._replace(width=WIDTH)) if table.split[1] else [whole]:
            parts += _tabulars(part, style)
    if document.drawing:
        parts += [r"\begin{verbatim}", *(to_charset(line, False) for line in document.drawing), r"\end{verbatim}"]
    parts += _paragraph(document.closing)
    return "\n".join([*parts, r"\end{document}"])


def _paragraph(lines: Sequence[str]) -> list[str]:
    return [r"\begin{flushleft}", " \\\\\n".join(map(_prose, lines)), r"\end{flushleft}"] if any(lines) else []


_NUMBER = r"-?(?:[\d.:]|e[+-]?\d)+|\[[^]]*\]|-?inf|nan"
_QUANTITY = re.compile(rf"(∂[^\s,;:]+)|([^\W\d]\w*(?:\[\d+\])?) = ({_NUMBER})(?![^\W\d])")


def _prose(text: str) -> str:
    """Return a line of text in LaTeX, the quantities in it as mathematics."""
    done, end = "", 0
    for m in _QUANTITY.finditer(text):
        done += _plain(text[end : m.start()])
        value = re.sub(r"[\d.]+e[+-]?\d+", lambda x: latex_number(x[0]), m[3] or "")
        done += f"${latex_quantity(m[1])}$" if m[1] else f"${latex_name(m[2])} = {value}$"
        end = m.end()
    return done + _plain(text[end:])


_ESCAPES = {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\^{}"}
_ESCAPES |= {letter: f"${latex_name(letter)}$" for letter in GREEK_LETTERS}
_ESCAPES |= {"<": "$<$", ">": "$>$", "|": "$|$", '"': "''", "±": r"$\pm$"}


def _plain(text: str) -> str:
    """Return text with LaTeX's special characters escaped."""
    return to_charset("".join(_ESCAPES.get(c, c) for c in text), False)


def _formula(lines: Sequence[str]) -> str:
    """Return lines `name &= formula`, aligned; those that are too wide, or too many, are broken instead."""
    if all(visible_width(line) < WIDTH for line in lines) and sum(map(_height, lines)) < LINES:
        return "\n".join([r"\[", latex_aligned(lines), r"\]"])
    broken = []
    for line in (line.replace("&=", "=", 1) for line in lines):
        if max(map(visible_width, breakable_parts(line))) < WIDTH:
            broken.append(f"${line}$")  # TeX breaks it, and adcli reads it back
        else:
            broken += [rf"\fit{{{part}}}" for part in broken_lines(line, WIDTH)]
    return "\n".join([r"\begin{flushleft}", " \\\\\n".join(broken), r"\end{flushleft}"])


# -- tables -----------------------------------------------------------------------------------------------------------
def _tabulars(table: Table, style: Style) -> list[str]:
    """Return the parts of a table, each no longer than a page; a part that is too wide is scaled down."""

    def cell(x: Cell, k: int) -> list[str]:
        if isinstance(x, Gap):
            return [rf"\fbox{{{part}}}" for part in cell(x.cell, k)] if x.filled else [BLANK]
        if isinstance(x, float) and x == x and abs(x) != float("inf"):
            return [f"${latex_number(cell_text(x, BRIEF if table.columns[k].brief else style.digits))}$"]
        text, kind = cell_text(x), table.columns[k].kind
        if kind == "math" and x:
            return broken_lines(text, widths[k])
        return [rf"\texttt{{{_plain(text)}}}" if kind == "code" and x else _prose(text)]

    widths = _widths(table, style)
    letters = "".join("r" if numeric(table, k) else "l" for k in range(len(widths)))
    heads = [f"${latex_quantity(c.header)}$" if c.named else _header(c.header) for c in table.columns]
    title = rf"\textbf{{{table.title}}}\\*[1ex]" if table.title else ""
    begin = rf"\fit{{\begin{{tabular}}{{{letters}}}"
    head = [begin, r"\toprule", " & ".join(heads) + r" \\", r"\midrule"]
    tail = [r"\bottomrule", r"\end{tabular}}\end{center}"]
    pages: list[list[str]] = [[]]
    room = float(LINES)
    for row in table.rows:
        cells = [cell(x, k) for k, x in enumerate(row)]
        height = max(sum(map(_height, lines)) for lines in cells)
        if height > room and pages[-1]:
            pages.append([])
            room = LINES
        room -= height
        gap = "[1ex]" if height > 1.5 else ""
        pages[-1].append(" & ".join(map(_stacked, cells)) + rf" \\{gap}")
    return ["\n".join([r"\begin{center}" + title * (page is pages[0]), *head, *page, *tail]) for page in pages]


def _stacked(lines: Sequence[str]) -> str:
    """Return the lines of a cell, one below the other."""
    if len(lines) == 1:
        return lines[0]
    return r"\begin{tabular}[t]{@{}l@{}}" + r" \\ ".join(lines) + r"\end{tabular}"


def _height(line: str) -> float:
    """Estimate the height of a line of a cell, in lines of text."""
    return 1 + 1.6 * (LARGE in line) + 1.4 * line.count(r"\\") + 0.3 * (line == BLANK)


def _widths(table: Table, style: Style) -> list[int]:
    """Return the widths of the columns, smaller than their formulas where these must be broken to fit a page."""
    wide, least = [], []
    for k, (header, kind, *_) in enumerate(table.columns):
        texts = [cell_text(x, style.digits) for x in column_cells(table, k)]
        pieces = [piece for text in texts for piece in (breakable_parts(text) if kind == "math" else [text])]
        wide.append(max([len(header), *map(visible_width, texts)]))
        least.append(max([len(header), *map(least_width, pieces)]))
    return narrowed(wide, least, sum(wide) + SPACE * len(wide) - WIDTH)


def latex_row(name: str) -> str:
    """Return v_{-1}, and the dotted and barred symbols for tangents and adjoints."""
    m = re.fullmatch(r"v(['~]?)(-?\d+)", name)
    if not m:
        return r"\ldots" if name == "..." else latex_name(name)
    stem = {"": "v", "'": r"\dot v", "~": r"\bar v"}[m[1]]
    return f"{stem}_{{{m[2]}}}"


def _header(header: str) -> str:
    if "∂" in header:
        return f"${latex_quantity(header)}$"
    return _plain(header).replace("v'", r"$\dot v$").replace(r"v\textasciitilde{}", r"$\bar v$")
