"""What commands share: the formula argument, options declared once, and writing the answer."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..formula import Formula
    from ..show import Display
    from ..views import Document

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "plain", "json", "jsonl", "csv", "markdown", "latex")
MAX_SHOWN_ROWS = 200


class FormulaCommand(click.Command):
    """A command whose formula may begin with a minus sign: only exact option names are options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {
            name: p
            for p in self.get_params(ctx)
            if isinstance(p, click.Option)
            for name in (*p.opts, *p.secondary_opts)
        }
        options: list[str] = []
        rest: list[str] = []
        words = iter(args)
        for word in words:
            name, equals, _ = word.partition("=")
            if word == "--":
                rest += words
            elif word in known:
                options.append(word)
                option = known[word]
                if not (option.is_flag or option.count) and (value := next(words, None)) is not None:
                    options[-1:] = [f"{word}={value}"] if word.startswith("--") else [word, value]
            elif (name in known and equals and name.startswith("--")) or re.fullmatch(
                r"--[a-z][a-z-]+(=.*)?", word, re.S
            ):
                options.append(word)  # an unknown one is Click's to refuse
            else:
                rest.append(word)
        return super().parse_args(ctx, [*options, "--", *rest])


def formula_argument(function: F) -> F:
    """Add the FORMULA argument."""
    return click.argument("formula")(function)


def point_option(function: F) -> F:
    """Add --at."""
    text = "The point: x1=2,x2=pi/3 or @point.json. Repeatable."
    return click.option("--at", multiple=True, metavar="NAME=VALUE,...", help=text)(function)


def mode_option(function: F) -> F:
    """Add --mode."""
    modes = click.Choice(["auto", "forward", "reverse", "both"])
    return click.option("--mode", type=modes, default="auto", show_default=True, help="Direction of the sweep.")(
        function
    )


def reading_options(function: F) -> F:
    """Add the options on how a formula becomes a trace."""
    for option in (
        click.option("--max-rows", default=1_000_000, show_default=True, type=click.IntRange(1), help="Largest trace."),
        click.option("--cse/--no-cse", default=True, help="Show equal subexpressions as one row, or apart."),
    ):
        function = option(function)
    return function


def trace_options(function: F) -> F:
    """Add --trace and what goes with it."""
    orders = click.Choice(["level", "evaluation"])
    for option in (
        click.option("--all", "show_all", is_flag=True, help=f"Show a trace of more than {MAX_SHOWN_ROWS} rows."),
        click.option("--order", type=orders, default="level", show_default=True, help="Order of the trace's rows."),
        click.option("--trace", is_flag=True, help="Show the evaluation trace."),
    ):
        function = option(function)
    return function


def format_option(formats: tuple[str, ...]) -> Callable[[F], F]:
    """Add --format with a choice of formats."""
    return click.option(
        "-f", "--format", "format_", type=click.Choice(formats), default="table", show_default=True,
        help="How to write the answer.",
    )  # fmt: skip


def file_option(function: F) -> F:
    """Add --output."""
    return click.option("-o", "--output", metavar="FILE", help="Write to FILE, whole or not at all.")(function)


def output_options(function: F) -> F:
    """Add the options on how the answer is written."""
    colors = click.Choice(["auto", "always", "never"])
    for option in (
        click.option("--strict", is_flag=True, help="Exit with status 1 if there is any note."),
        click.option("--color", type=colors, default="auto", show_default=True, help="Colour; NO_COLOR is obeyed."),
        click.option("--digits", type=click.IntRange(1, 17), default=10, show_default=True, help="Digits for reading."),
        file_option,
        format_option(FORMATS),
    ):
        function = option(function)
    return function


def read_formula(text: str, *, cse: bool = True, max_rows: int = 1_000_000) -> Formula:
    """Return the formula that an argument says: text, a .ad file, or - for standard input."""
    from ..formula import Formula, read_text
    from ..parse import parse

    source = ""
    if text == "-":
        text, source = sys.stdin.buffer.read().decode("utf-8-sig", "replace"), "standard input"
    elif text.endswith(".ad"):
        text, source = read_text(text), text
    return Formula(parse(text, source), share=cse, limit=max_rows)


def display_for(format_: str, output: str | None, digits: int, color: str) -> Display:
    """Return how to show on this stdout, or in this file."""
    from ..show import Display

    terminal = output is None and sys.stdout is not None and sys.stdout.isatty()
    colored = color == "always" or (
        color == "auto" and terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    width = 0
    if terminal:
        width = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(sys.stdout.fileno()).columns
    elif output is None and os.environ.get("COLUMNS", "").isdigit():
        width = int(os.environ["COLUMNS"])
    return Display(format_, digits, width, colored and format_ == "table", output is not None or _can_encode("∂v̇v̄─━"))


def _can_encode(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write(document: Document, display: Display, output: str | None, strict: bool) -> int:
    """Write the answer to stdout or a file, the notes to stderr; return the exit status."""
    from ..show import render

    deliver(render(document, display), output)
    for note in document.notes:
        click.echo(f"note: {note}", err=True)
    return 1 if not document.complete or (strict and document.notes) else 0


def deliver(text: str, output: str | None) -> None:
    """Write text to stdout, or to a file whole or not at all."""
    if output is None or output == "-":
        if sys.stdout is None:
            raise OSError("standard output is closed")
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from ..errors import UsageError

    beside = f"{output}.{os.getpid()}.part"
    special = os.path.exists(output) and not os.path.isfile(output)  # such as /dev/null
    try:
        with open(output if special else beside, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if not special:
            os.replace(beside, output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
    finally:
        if not special and os.path.exists(beside):
            os.remove(beside)


def check_size(rows: int, show_all: bool, format_: str) -> None:
    """Refuse to flood a terminal with a long trace unless it was asked for."""
    from ..errors import UsageError

    if rows > MAX_SHOWN_ROWS and not show_all and format_ not in ("json", "jsonl", "csv"):
        raise UsageError(
            f"the trace has {rows:,} rows", hint="show it with --all, or write it with --format json or csv"
        )
