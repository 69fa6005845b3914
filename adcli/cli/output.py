"""From a document, a picture or notes to stdout, stderr or a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import report

if TYPE_CHECKING:
    from ..errors import Note
    from ..result import Document
    from ..show import Style


class Output(NamedTuple):
    """How and where to write an answer; with `strict` a note makes the exit status 1."""

    style: Style
    path: str | None  # None: to standard output
    strict: bool


def style_for(format_: str, output: str | None, digits: int, color: str) -> Style:
    """Return the style for standard output, or for a file."""
    from ..show import Style

    terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    colored = color == "always" or (
        color == "auto" and terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    width = 0
    if terminal:
        width = os.get_terminal_size(sys.stdout.fileno()).columns
    if output is None and re.fullmatch("[1-9][0-9]{0,5}", os.environ.get("COLUMNS", "")):
        width = int(os.environ["COLUMNS"])
    return Style(format_, digits, width, colored and format_ == "table", output is not None or _can_encode("∂v̇v̄─━"))


def _can_encode(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_document(document: Document, output: Output) -> int:
    """Write a document to stdout or a file, its notes to stderr; return the exit status."""
    from ..show import render

    write_text(render(document, output.style), output.path)
    return conclude(document.notes, document.complete, output.strict)


def conclude(notes: Sequence[Note], complete: bool, strict: bool) -> int:
    """Write notes to stderr; return the exit status."""
    write_notes(notes)
    return 1 if not complete or (strict and notes) else 0


def write_notes(notes: Sequence[Note]) -> None:
    """Write notes to stderr."""
    for note in notes:
        report(f"note: {note}")


def write_text(text: str | bytes, output: str | None) -> None:
    """Write text to stdout, or to a file: completely or not at all."""
    if output is None or output == "-":
        if sys.stdout is None:
            raise OSError("it is closed")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.write(str(text))
        sys.stdout.flush()
        return
    from ..errors import UsageError
    from ..tables import check_replaceable, put, target

    output = target(output)  # /dev/stdout is a link
    beside = f"{output}.{os.getpid()}.part"
    special = os.path.exists(output) and not os.path.isfile(output)  # /dev/null is one
    try:
        check_replaceable(output)
        with open(output if special else beside, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        if not special:
            put(beside, output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
    finally:
        if not special and os.path.exists(beside):
            os.remove(beside)
