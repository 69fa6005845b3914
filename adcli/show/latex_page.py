"""A document in LaTeX that compiles as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..language import GREEK_COMMANDS, GREEK_LETTERS, latex_aligned, latex_name, latex_number, latex_quantity
from ..result import Cell, Column, Document, Gap, Table
from .cells import cell_text, filled, heading, narrowed, numeric, parted, to_charset
from .style import BRIEF, Style

WIDTH = 120  # characters of a line that fit a page
LINES = 31  # lines of a table that fit a page
SPACE = 2  # characters between columns
BLANK = r"\underline{\rule{0pt}{5mm}\hspace{20mm}}"
LARGE = r"\frac"
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
    if all(_visible(line) < WIDTH for line in lines) and sum(map(_height, lines)) < LINES:
        return "\n".join([r"\[", latex_aligned(lines), r"\]"])
    broken = []
    for line in (line.replace("&=", "=", 1) for line in lines):
        if max(map(_visible, _pieces(line))) < WIDTH:
            broken.append(f"${line}$")  # TeX breaks it, and adcli reads it back
        else:
            broken += [rf"\fit{{{part}}}" for part in _broken(line, WIDTH)]
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
            return _broken(text, widths[k])
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
        cells = [x.cell if isinstance(x, Gap) else x for x in (row[k] for row in table.rows)]
        texts = [cell_text(x, style.digits) for x in cells]
        pieces = [piece for text in texts for piece in (_pieces(text) if kind == "math" else [text])]
        wide.append(max([len(header), *map(_visible, texts)]))
        least.append(max([len(header), *map(_least, pieces)]))
    return narrowed(wide, least, sum(wide) + SPACE * len(wide) - WIDTH)


def _broken(text: str, width: int) -> list[str]:
    """Break a formula into lines of at most `width` characters, where that can be done."""
    lines = (_folded(line, width) for line in filled([*_pieces(text)], width, _visible))
    large = {True: r"\rule{0pt}{4ex}\displaystyle ", False: ""}
    return [f"${large[LARGE in line]}{r'{} ' * (k > 0)}{line}$" for k, line in enumerate(lines)]


def _folded(text: str, width: int) -> str:
    """Return a formula; if it is too wide, both parts of its first fraction are broken into lines."""
    parts = _fraction(text)
    if _visible(text) <= width or not parts:
        return text
    before, *halves, after = parts
    room = width - _visible(before + after)
    lines = [filled([*_pieces(half)], room, _visible) for half in halves]
    rows = [r" \\ {} ".join(line) for line in lines]
    top, bottom = (rf"\begin{{array}}{{@{{}}l@{{}}}}{row}\end{{array}}" if r"\\" in row else row for row in rows)
    return rf"{before}\frac{{{top}}}{{{bottom}}}{after}"


def _least(text: str) -> int:
    """Estimate the least width of a formula, with its first fraction broken into lines."""
    parts = _fraction(text)
    if not parts:
        return _visible(text)
    before, *halves, after = parts
    return _visible(before + after) + max(_visible(piece) for half in halves for piece in _pieces(half))


def _fraction(text: str) -> tuple[str, str, str, str] | None:
    """Return the texts before, above, below and after the first fraction outside braces and brackets."""
    depth, start, marks = 0, -1, list[int]()
    for m in _TOKEN.finditer(text):
        depth -= m[0] in _CLOSING
        if depth == 0:
            if m[0] == r"\frac" and start < 0:
                start = m.start()
            elif start >= 0 and m[0] in "{}":
                marks.append(m.start())
            if len(marks) == 4:
                a, b, c, d = marks
                return text[:start], text[a + 1 : b], text[c + 1 : d], text[d + 1 :]
        depth += m[0] in _OPENING
    return None


_TOKEN = re.compile(r"\\left|\\right|\\begin|\\end|\\[a-zA-Z]+|\\.|\s+|.", re.S)
_OPENING, _CLOSING = {"{", r"\left", r"\begin"}, {"}", r"\right", r"\end"}


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts between which a formula may break: before a spaced sign outside braces and brackets."""
    tokens = _TOKEN.findall(text)
    depth, piece = 0, ""
    for k, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        sign = "".join(tokens[k + 1 : k + 3])
        if depth == 0 and token == " " and sign in ("+ ", "- ", r"\cdot ") and piece:
            yield piece
            piece = ""
        piece += token
    yield piece


_WIDTHS = {r"\cdot": 2, r"\quad": 2, "+": 2, "=": 2, "-": 2, "{": 0, "}": 0, "_": 0, "^": 0, " ": 0, "$": 0}
_WIDTHS |= dict.fromkeys((r"\left", r"\right", r"\mathit", r"\operatorname", r"\text", r"\displaystyle", r"\begin"), 0)
_WIDTHS |= dict.fromkeys((r"\partial", r"\dot", r"\bar", r"\sqrt", *(f"\\{name}" for name in GREEK_COMMANDS)), 1)


def _visible(text: str) -> int:
    """Estimate the width of a formula in characters; of a fraction the wider part counts."""
    groups = [[0, 0, 0]]  # the width so far; the number of parts of a fraction to come; the width of the first
    for token in _TOKEN.findall(text):
        group = groups[-1]
        if token == r"\frac":
            group[1] = 2
        elif token == "{":
            groups.append([0, 0, 0])
        elif token == "}" and len(groups) > 1:
            width = groups.pop()[0]
            group = groups[-1]
            if group[1] == 2:
                group[2] = width
            else:
                group[0] += max(width, group[2])
                group[2] = 0
            group[1] = max(group[1] - 1, 0)
        else:
            group[0] += _WIDTHS.get(token, len(token.lstrip("\\")))
    return sum(group[0] for group in groups)


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
