"""From options to a formula and a point, and from a document to stdout or a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .options import MAX_SHOWN_ROWS

if TYPE_CHECKING:
    from ..api import Formula
    from ..errors import Note
    from ..language import Point
    from ..result import Document
    from ..show import Style
    from ..tables import Tally
    from ..trace import Sweeps, TraceTable


class Request(NamedTuple):
    """What was asked for: a formula, a point, and how to write the answer."""

    formula: Formula
    point: Point
    style: Style
    output: str | None
    strict: bool


def request(options: dict[str, Any], *, ranges: bool = False) -> Request:
    """Read the formula and the point that the options of a formula command name; with `ranges` it may be many."""
    from ..language import read_point

    style = style_for(options["format_"], options["output"], options["digits"], options["color"])
    cse, size = options.get("cse", True), options["max_rows"]
    formula = read_formula(options["formula"], options["syntax"], cse=cse, max_rows=size)
    if options.get("precise"):
        formula = formula.precise(options["precise"])
    return Request(formula, read_point(options["at"], ranges=ranges), style, options["output"], options["strict"])


PART = re.compile(r'\s*([^,="]*=)?\s*"((?:[^"]|"")*)"\s*(?:,|\Z)|([^,]*)(?:,|\Z)')  # x1="length, mm", or x1=length


def names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the names in `x1,x2`, given once or several times; what is in quotes may hold commas."""
    found = (m for text in texts for m in PART.finditer(text))
    each = ((m[1] or "") + m[2].replace('""', '"') if m[2] is not None else m[3].strip() for m in found)
    return tuple(name for name in each if name)


def vector(texts: Sequence[str], option: str) -> dict[str, float]:
    """Return the numbers by name in `x1=1,x2=0`, given once or several times."""
    from ..language import read_point

    return read_point(texts, option).values


def renamed(texts: Sequence[str], option: str) -> dict[str, str]:
    """Return the columns by variable in `x1=length,x2=width`, given once or several times."""
    from ..errors import UsageError

    found: dict[str, str] = {}
    for part in names(texts):
        name, equals, column = (word.strip() for word in part.partition("="))
        if not (name and equals and column) or name in found:
            hint = f"write: {option} x1=length,x2=width, with quotes around a name that has a comma"
            raise UsageError(f"{option} {part!r} is not understood", hint=hint)
        found[name] = column
    return found


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """Return the texts by name in `x1: 1/x1+x2`, each given once."""
    from ..errors import UsageError

    found: dict[str, str] = {}
    for text in texts:
        name, colon, rest = (part.strip() for part in text.partition(":"))
        if not (name and colon and rest):
            raise UsageError(f"{option} {text!r} is not understood", hint=f'write: {option} "x: 2*x"')
        if name in found:
            raise UsageError(f"{option} for {name} is given twice", hint="give it once")
        found[name] = rest
    return found


def answer(document: Document, asked: Request) -> int:
    """Write the document as it was asked for; return the exit status."""
    return write(document, asked.style, asked.output, asked.strict)


def answer_points(find: Callable[[Point], Any], asked: Request, trace: bool) -> int:
    """Write the table of what is found at many points; return the exit status."""
    from ..derive import tabulate
    from ..errors import UsageError

    if trace:
        raise UsageError("a trace is of one point", hint="leave out --trace, or give each variable one number")
    return answer(tabulate(asked.formula, asked.point, find).document(), asked)


def trace_of(sweeps: Sweeps, outputs: tuple[str, ...], asked: Request, order: str, show_all: bool) -> TraceTable:
    """Return the trace to show, unless it would flood the terminal and was not asked for in full."""
    from ..errors import UsageError
    from ..show import MACHINE, notation_for
    from ..trace import trace_table

    if asked.formula.digits:
        raise UsageError("a trace is shown in double precision", hint="leave out --trace or --precise")
    rows = len(sweeps.evaluation.trace.rows)
    if rows > MAX_SHOWN_ROWS and not show_all and asked.style.format not in MACHINE:
        raise UsageError(
            f"the trace has {rows:,} rows", hint="show it with --all, or write it with --format json or csv"
        )
    return trace_table(sweeps, outputs, order, notation_for(asked.style))


def exercise(
    document: Document, sweeps: Sweeps | None, asked: Request, order: str, options: dict[str, Any]
) -> Document:
    """Return the document of a trace with cells blank, or filled in, as the options of a worksheet say."""
    from ..errors import UsageError
    from ..show import MACHINE, worksheet
    from ..trace import trace_table

    if not options["worksheet"]:
        raise UsageError("--answers fills in a worksheet", hint="add: --worksheet")
    if sweeps is None:
        raise UsageError("a worksheet is a trace with cells left blank", hint="add: --trace")
    if asked.style.format in MACHINE:
        raise UsageError("a worksheet is for reading", hint="use --format table, plain, markdown or latex")
    plain = trace_table(sweeps, document.source.outputs, order)
    return worksheet(document, plain, share=options["blank"], seed=options["seed"], answers=options["answers"])


def read_formula(text: str, syntax: str = "adcli", *, cse: bool = True, max_rows: int = 1_000_000) -> Formula:
    """Return the formula that an argument says: text, a .ad or .tex file, or - for standard input."""
    from ..api import Formula, read_text, script
    from ..errors import UsageError

    source = ""
    if text == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        text, source = sys.stdin.buffer.read().decode("utf-8-sig", "replace"), "standard input"
    elif text.endswith((".ad", ".tex")):
        syntax = "latex" if text.endswith(".tex") else syntax
        text, source = read_text(text), text
    elif m := re.fullmatch(r"(.+\.py):([A-Za-z_]\w*)", text):
        from ..recording import load_function

        return load_function(m[1], m[2], share=cse, limit=max_rows)
    elif text.endswith((".py", ".txt", ".json", ".csv")) or os.path.isfile(text):
        hint = (
            "name the function: FILE.py:NAME"
            if text.endswith(".py")
            else "a formula is text, a file whose name ends in .ad or .tex, or -"
        )
        raise UsageError(f"{text} is not a formula", hint=hint)
    return Formula(script(text, source, syntax), share=cse, limit=max_rows)


def style_for(format_: str, output: str | None, digits: int, color: str) -> Style:
    """Return how to show on this stdout, or in this file."""
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


def write(document: Document, style: Style, output: str | None, strict: bool) -> int:
    """Write the answer to stdout or a file, the notes to stderr; return the exit status."""
    from ..show import render

    deliver(render(document, style), output)
    return conclude(document.notes, document.complete, strict)


def conclude(notes: Sequence[Note], complete: bool, strict: bool) -> int:
    """Write the notes to stderr; return the exit status."""
    tell(notes)
    return 1 if not complete or (strict and notes) else 0


def tell(notes: Sequence[Note]) -> None:
    """Write notes to stderr."""
    with suppress(OSError, ValueError):  # the result is out; a closed or full standard error does not change it
        for note in notes if sys.stderr is not None else ():
            print(f"note: {note}", file=sys.stderr, flush=True)


def check_used(formula: Formula, point: Point) -> None:
    """Raise PointError for a name of the point that the formula does not use."""
    from ..language import bind

    inputs = formula.trace_at(point).inputs
    every = copy(point)
    every.values = {**dict.fromkeys(inputs, 0.0), **point.values}
    bind(every, inputs, formula.script)


def engine(name: str, scheduler: str | None) -> tuple[Callable[..., Tally], str]:
    """Return what runs a plan over files, and in what it counts its progress, if that is not the share done."""
    from ..errors import UsageError

    if name == "dask":
        from ..tables import cluster

        return partial(cluster.run, scheduler=scheduler or ""), "files"
    if scheduler:
        raise UsageError("a scheduler is a Dask cluster's", hint="add: --engine dask")
    from ..tables import run

    return run.run, ""


def batch_summary(done: Tally, strict: bool) -> int:
    """Write to stderr how many rows are notable; return the exit status."""
    from ..errors import Note

    rows = f"{done.rows:,} row{'s' * (done.rows != 1)}"
    tell([Note(kind, f"{count:,} of {rows}: {kind}") for kind, count in done.notes.items()])
    if done.bad:
        tell([Note("bad", f"{done.bad:,} bad row{'s' * (done.bad != 1)} passed over")])
    return 3 if done.bad or (strict and done.notes) else 0


def deliver(text: str | bytes, output: str | None) -> None:
    """Write text to stdout, or to a file whole or not at all."""
    if output is None or output == "-":
        if sys.stdout is None:
            raise OSError("standard output is closed")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.write(str(text))
        sys.stdout.flush()
        return
    from ..errors import UsageError

    if os.path.islink(output):  # such as /dev/stdout; the rename would replace the link
        output = os.path.realpath(output)
    beside = f"{output}.{os.getpid()}.part"
    special = os.path.exists(output) and not os.path.isfile(output)  # such as /dev/null
    try:
        with open(output if special else beside, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        if not special:
            os.replace(beside, output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
    finally:
        if not special and os.path.exists(beside):
            os.remove(beside)
