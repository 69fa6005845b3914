"""Documents in the format of a style; a format is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..language import latex_leaf, latex_number, to_latex, to_text
from ..result import Document
from .cells import cell_text
from .style import MACHINE, Style
from .text import write_plain, write_table

if TYPE_CHECKING:
    from ..trace import Notation


def render(document: Document, style: Style) -> str:
    """Return a document in the style's format, ending in a line break."""
    text = _writer(style.format)(document, style)
    return text if text.endswith("\n") else text + "\n"


def _writer(format: str) -> Callable[[Document, Style], str]:
    if format == "latex":
        from .latex_page import write_latex

        return write_latex
    if format == "markdown":
        from .markdown import write_markdown

        return write_markdown
    if format in MACHINE:
        from .data import write_csv, write_json, write_jsonl

        return {"json": write_json, "jsonl": write_jsonl, "csv": write_csv}[format]
    return {"table": write_table, "plain": write_plain}[format]


def as_text(document: Document) -> str:
    """Return a document as the command line prints it in a pipe."""
    return "\n".join([write_plain(document, Style()).strip("\n"), *(f"note: {note}" for note in document.notes)])


def notation_for(style: Style) -> Notation:
    """Return the notation of a trace in this format."""
    from ..trace import Notation

    if style.format in MACHINE:
        return Notation()
    number = partial(cell_text, digits=style.digits)
    if style.format == "latex":
        from .latex_page import latex_row

        return Notation(to_latex, latex_leaf, latex_row, lambda x: latex_number(number(x)))
    return Notation(to_text, number=number)
