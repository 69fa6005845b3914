"""What commands share: a formula argument that may begin with a minus sign, and options declared once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "plain", "json", "jsonl", "csv", "markdown", "latex")
MAX_SHOWN_ROWS = 200


class FormulaCommand(click.Command):
    """A command whose formula may begin with a minus sign: only exact option names are options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:  # a shell completes a word
            return super().parse_args(ctx, args)
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
                if not (option.is_flag or option.count):
                    if (value := next(words, None)) is None:
                        raise click.BadOptionUsage(word, f"Option {word!r} requires an argument.", ctx)
                    options[-1:] = [f"{word}={value}"] if word.startswith("--") else [word, value]
            elif (name in known and equals and name.startswith("--")) or re.fullmatch(
                r"--[a-z][a-z-]+(=.*)?", word, re.S
            ):
                options.append(word)  # an unknown one is Click's to refuse
            else:
                rest.append(word)
        takes = [p for p in self.get_params(ctx) if isinstance(p, click.Argument)]
        unknown = any(word.startswith("--") and word.partition("=")[0] not in known for word in options)
        if len(rest) > len(takes) == 1 and takes[0].name == "formula" and not unknown:
            more = rest[1:]
            if all(re.match(r"\w[\w\[\]]*=[^=]", word) for word in more):
                raise click.UsageError(f"{more[0]} stands alone. Put commas between: --at ...,{','.join(more)}", ctx)
            if mistyped := next((word for word in more if f"-{word}" in known), None):
                raise click.UsageError(f"{mistyped} is not an option. Did you mean -{mistyped}?", ctx)
            raise click.UsageError(f"the formula is in {len(rest)} pieces. Put it in quotes: {' '.join(rest)!r}", ctx)
        return super().parse_args(ctx, [*options, "--", *rest])


def complete_function(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return a formula with the function's name at its end completed, or ask the shell for files."""
    from click.shell_completion import CompletionItem

    from ..ops import BY_NAME

    start = re.search(r"[A-Za-z]?\w*$", typed)
    begun = start[0] if start and "/" not in typed else ""
    names = sorted(name for name in BY_NAME if begun and name.startswith(begun))
    call = "(" if parameter.name == "formula" else ""
    found = [CompletionItem(typed.removesuffix(begun) + name + call) for name in names]
    return found or [CompletionItem(typed, type="file")]


def formula_argument(function: F) -> F:
    """Add the FORMULA argument."""
    return click.argument("formula", shell_complete=complete_function)(function)


def syntax_option(function: F) -> F:
    """Add --syntax."""
    text = "How FORMULA is written; a .tex file is in LaTeX."
    return click.option("--syntax", type=click.Choice(["adcli", "latex"]), default="adcli", help=text)(function)


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


def limit_option(function: F) -> F:
    """Add --limit."""
    return click.option("--limit", is_flag=True, help="Go to the limit at 0/0, 0*inf and inf - inf.")(function)


def size_option(function: F) -> F:
    """Add --max-rows."""
    rows = click.IntRange(1)
    return click.option("--max-rows", default=1_000_000, show_default=True, type=rows, help="Largest trace.")(function)


def trace_options(function: F) -> F:
    """Add --trace and what goes with it."""
    orders = click.Choice(["level", "evaluation"])
    for option in (
        click.option("--cse/--no-cse", default=True, help="Show equal subexpressions as one row, or apart."),
        click.option("--all", "show_all", is_flag=True, help=f"Show a trace of more than {MAX_SHOWN_ROWS} rows."),
        click.option("--order", type=orders, default="level", show_default=True, help="Order of the trace's rows."),
        click.option("--trace", is_flag=True, help="Show the evaluation trace."),
    ):
        function = option(function)
    return function


def worksheet_options(function: F) -> F:
    """Add --worksheet and what goes with it."""
    share = click.FloatRange(0, 1)
    for option in (
        click.option("--seed", default=0, show_default=True, help="Of the choice of blank cells."),
        click.option(
            "--blank", default=0.5, show_default=True, type=share, help="Share left blank, with what tells it."
        ),
        click.option("--answers", is_flag=True, help="Fill the worksheet in, the answers marked."),
        click.option("--worksheet", is_flag=True, help="Leave cells of the trace blank, to be filled in."),
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


def wrt_option(function: F) -> F:
    """Add --wrt."""
    return click.option("--wrt", multiple=True, metavar="NAME,...", help="Only by these variables. Repeatable.")(
        function
    )


def precise_option(function: F) -> F:
    """Add --precise."""
    text = "N correct digits, by mpmath; 0.1 is one tenth. Strings in JSON."
    return click.option("--precise", type=click.IntRange(1, 1000), metavar="N", help=text)(function)


def sample_options(points: int) -> Callable[[F], F]:
    """Add --points and --seed, for what is tried at random points."""

    def decorate(function: F) -> F:
        for option in (
            click.option("--seed", default=0, show_default=True, help="Of the random points."),
            click.option(
                "--points", default=points, show_default=True, type=click.IntRange(1), help="How many to try."
            ),
        ):
            function = option(function)
        return function

    return decorate


def table_options(function: F) -> F:
    """Add how files of rows are read and written."""
    formats = click.Choice(["csv", "tsv", "jsonl", "npy", "npz", "parquet", "arrow"])
    dask = (
        "This machine, or a Dask cluster: a file is a task of one thread and has its own output; all machines have the "
        "same adcli and see the same folders, with locks."
    )
    mapping = "The column of a variable. A name with a comma is in quotes, also in --keep and --columns: 'x1=\"a, b\"'."
    for option in (
        click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that runs; else one is started here."),
        click.option("--engine", type=click.Choice(["threads", "dask"]), default="threads", show_default=True,
                     help=dask),
        click.option("--progress", type=click.Choice(["auto", "plain", "none"]), default="auto", show_default=True,
                     help="A bar on a terminal, a line every ten seconds, or nothing."),
        click.option("--resume", is_flag=True, help="Go on with an interrupted run."),
        click.option("--errors", metavar="FILE", help="List the bad rows in FILE."),
        click.option("--on-error", type=click.Choice(["fail", "skip", "null"]), default="fail", show_default=True,
                     help="What to do at a bad row: stop, leave it out, or write a row of empty cells."),
        file_option,
        click.option("-f", "--format", "format_", type=formats, help="Of the output, if its name does not tell."),
        click.option("--keep", multiple=True, metavar="NAME,...", help="Carry these columns along, or all."),
        click.option("--map", "map_", multiple=True, metavar="NAME=COLUMN,...", help=mapping),
        click.option("--columns", multiple=True, metavar="NAME,...", help="The columns of a file without a header."),
        click.option("--delimiter", metavar="CHARACTER", help="Between fields: , in CSV, a tab in TSV."),
        click.option("--from", "from_", type=formats, help="Format of FILES, if their names do not tell."),
    ):  # fmt: skip
        function = option(function)
    return function


def formula_command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command on a FORMULA at a point, with the options that all of these have."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        for add in (output_options, size_option, syntax_option, point_option, formula_argument):
            function = add(function)
        return click.command(name, cls=FormulaCommand)(function)

    return decorate
