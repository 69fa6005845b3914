"""A document in LaTeX, which compiles as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .display import Display, human, numeric, parted, spell
from .document import Cell, Document, Gap, Table
from .printing import aligned, latex_name, latex_number, latex_quantity

LATEX_WIDTH = 110  # characters that fit a page

LATEX_ROWS = 30  # so do rows


def write_latex(document: Document, display: Display) -> str:
    """Return a LaTeX document that compiles as it stands."""
    parts = [
        r"\documentclass{article}",
        r"\usepackage[landscape,margin=15mm]{geometry}",
        r"\usepackage{amsmath,booktabs,longtable}",
        r"\begin{document}",
    ]
    if document.source is not None:
        parts.append(_latex_formula(document.latex or document.source.latex_lines))
    if document.quantities:
        rows: list[tuple[Cell, ...]] = [(latex_quantity(n), v) for n, v in document.quantities.items()]
        parts.append(_tabular(Table("", ("quantity", "value"), rows, frozenset((0,))), display))
    for table in document.tables:
        rows = [(latex_row(str(row[0])), *row[1:]) if 0 in table.math else row for row in table.rows]
        parts += [rf"\paragraph{{{table.title}}}"] * bool(table.title)
        whole = table._replace(rows=rows)
        narrow = parted(whole, display._replace(width=LATEX_WIDTH)) if table.split[1] else [whole]
        parts += [_tabular(part, display) for part in narrow]
    if document.closing:
        parts += [r"\begin{verbatim}", *(spell(line, False) for line in document.closing), r"\end{verbatim}"]
    return "\n".join([*parts, r"\end{document}"])


def _latex_formula(lines: Sequence[str]) -> str:
    """Return lines `name &= formula`, aligned; if one is too long for that, where TeX may break them."""
    if all(len(line) < 2 * LATEX_WIDTH for line in lines):
        return "\n".join([r"\[", aligned(lines), r"\]"])
    broken = [f"${line.replace('&=', '=', 1)}$" for line in lines]
    return "\n".join([r"\begin{flushleft}", " \\\\\n".join(broken), r"\end{flushleft}"])


def _tabular(table: Table, display: Display) -> str:
    def cell(x: Cell, k: int) -> str:
        if isinstance(x, Gap):
            return rf"\fbox{{{cell(x.cell, k)}}}" if x.filled else r"\underline{\rule{0pt}{5mm}\hspace{20mm}}"
        if isinstance(x, float) and x == x and abs(x) != float("inf"):
            return f"${latex_number(human(x, 2 if k in table.brief else display.digits))}$"
        return f"${x}$" if k in table.math and x else human(x)

    columns = "".join("r" if numeric(table, k) else "l" for k in range(len(table.headers)))
    heads = [f"${latex_quantity(h)}$" if k in table.named else _latex_header(h) for k, h in enumerate(table.headers)]
    body = [" & ".join(cell(x, k) for k, x in enumerate(row)) + r" \\" for row in table.rows]
    head = [r"\toprule", " & ".join(heads) + r" \\", r"\midrule"]
    if len(body) <= LATEX_ROWS:  # longtable needs a second run of LaTeX for its widths
        begin, end = [r"\begin{center}", rf"\begin{{tabular}}{{{columns}}}"], [r"\end{tabular}", r"\end{center}"]
    else:
        begin, end, head = [rf"\begin{{longtable}}{{{columns}}}"], [r"\end{longtable}"], [*head, r"\endhead"]
    return "\n".join([*begin, *head, *body, r"\bottomrule", *end])


def latex_row(name: str) -> str:
    """Return v_{-1}, and the dotted and barred symbols for tangents and adjoints."""
    m = re.fullmatch(r"v(['~]?)(-?\d+)", name)
    if not m:
        return r"\ldots" if name == "..." else latex_name(name)
    stem = {"": "v", "'": r"\dot v", "~": r"\bar v"}[m[1]]
    return f"{stem}_{{{m[2]}}}"


def _latex_header(header: str) -> str:
    if "∂" in header:
        return f"${latex_quantity(header)}$"
    return header.replace("v'", r"$\dot v$").replace("v~", r"$\bar v$")
