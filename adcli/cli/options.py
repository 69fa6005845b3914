"""Arguments and options that commands share."""

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
COMMON = ("at", "syntax", "max_rows", "format_", "output", "digits", "color", "strict")  # by parameter name


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
                    check_filled(word, value, option, ctx)
                    options[-1:] = [f"{word}={value}"] if word.startswith("--") else [word, value]
            elif (name in known and equals and name.startswith("--")) or re.fullmatch(
                r"--[a-z][a-z-]+(=.*)?", word, re.S
            ):
                if name in known and equals:
                    check_filled(name, word[len(name) + 1 :], known[name], ctx)
                options.append(word)  # an unknown one is Click's to refuse
            else:
                rest.append(word)
        takes = [p for p in self.get_params(ctx) if isinstance(p, click.Argument)]
        unknown = any(word.startswith("--") and word.partition("=")[0] not in known for word in options)
        if len(rest) > len(takes) == 1 and takes[0].name == "formula" and not unknown:
            more = rest[1:]
            if all(re.match(r"\w[\w\[\]]*=[^=]", word) for word in more):
                raise click.UsageError(f"{more[0]} stands alone. Put commas between: --at ...,{','.join(more)}", ctx)
            named = next((w.partition("=")[2] for w in options if w.startswith("--at=") and "=" not in w[5:]), "")
            if named and not named.startswith("@"):
                raise click.UsageError(f"--at {named} has no value. Write: --at {named}={more[0]}", ctx)
            if mistyped := next((word for word in more if f"-{word}" in known), None):
                raise click.UsageError(f"{mistyped} is not an option. Did you mean -{mistyped}?", ctx)
            raise click.UsageError(f"the formula is in {len(rest)} pieces. Put it in quotes: {' '.join(rest)!r}", ctx)
        return super().parse_args(ctx, [*options, "--", *rest])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command, then those that most commands have."""
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        common = [p for p in options if p.name in COMMON or p.is_eager]
        for title, listed in (("Options", [p for p in options if p not in common]), ("Common options", common)):
            if rows := [record for p in listed if (record := p.get_help_record(ctx))]:
                with formatter.section(title):
                    formatter.write_dl(rows)


def check_filled(word: str, value: str, option: click.Option, ctx: click.Context) -> None:
    """Raise UsageError for an option with an empty value."""
    if not (value.strip(" ,") if option.multiple else value):
        raise click.UsageError(f"{word} is empty. Write: {word} {option.make_metavar(ctx)}", ctx)


def complete_function(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the function name at the end of a formula; ask the shell for files where there is none."""
    from click.shell_completion import CompletionItem

    from ..ops import BY_NAME

    start = re.search(r"[A-Za-z]?\w*$", typed)
    begun = start[0] if start and "/" not in typed else ""
    names = sorted(name for name in BY_NAME if begun and name.startswith(begun))
    call = "(" if parameter.name == "formula" else ""
    found = [CompletionItem(typed.removesuffix(begun) + name + call) for name in names]
    return found or [CompletionItem(typed, type="file")]


def together(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that adds several options, in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def format_option(formats: tuple[str, ...]) -> Callable[[F], F]:
    """Add --format with a choice of formats."""
    return click.option("-f", "--format", "format_", type=click.Choice(formats), default="table", show_default=True,
                        help="The format of the answer.")  # fmt: skip


def digits_option(digits: int) -> Callable[[F], F]:
    """Add --digits, with this default."""
    return click.option("--digits", type=click.IntRange(1, 17), default=digits, show_default=True, metavar="N",
                        help="Show N significant digits.")  # fmt: skip


def sample_options(points: int) -> Callable[[F], F]:
    """Add --points and --seed, for a test at random points; `points` is the default number."""
    return together(
        click.option("--points", default=points, show_default=True, type=click.IntRange(1, 100_000), metavar="N",
                     help="Try N random points."),
        click.option("--seed", default=0, show_default=True, help="The seed for the random points."),
    )  # fmt: skip


# fmt: off
formula_argument = click.argument("formula", shell_complete=complete_function)
syntax_option = click.option("--syntax", type=click.Choice(["adcli", "latex"]), default="adcli", show_default=True,
                             help="The language of FORMULA. A .tex file is always LaTeX.")
point_option = click.option("--at", multiple=True, metavar="NAME=VALUE,...",
                            help="The point, for example x1=2,x2=pi/3 or @point.json. Repeatable.")
size_option = click.option("--max-rows", type=click.IntRange(1, 100_000_000), default=1_000_000, show_default=True,
                           metavar="N",
                           help="Refuse a trace of more than N rows.")
file_option = click.option("-o", "--output", metavar="FILE",
                           help="Write to FILE. It appears only when it is complete.")
strict_option = click.option("--strict", is_flag=True, help="Exit with status 1 if there is a note.")
output_options = together(
    format_option(FORMATS),
    file_option,
    digits_option(10),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
                 help="Use colour. auto: on a terminal, unless NO_COLOR is set."),
    strict_option,
)

wrt_option = click.option("--wrt", multiple=True, metavar="NAME,...",
                          help="Differentiate by these variables only. Repeatable.")
mode_option = click.option("--mode", type=click.Choice(["auto", "forward", "reverse", "both"]), default="auto",
                           show_default=True, help="The direction of the sweep.")
limit_option = click.option("--limit", is_flag=True, help="Take the limit at 0/0, 0*inf and inf - inf.")
precise_option = click.option("--precise", type=click.IntRange(1, 1000), metavar="N",
                              help="Give N correct digits, calculated by mpmath. In JSON they are strings.")
trace_options = together(
    click.option("--trace", is_flag=True, help="Show the evaluation trace."),
    click.option("--order", type=click.Choice(["level", "evaluation"]), default="level", show_default=True,
                 help="The order of the rows of the trace."),
    click.option("--all", "show_all", is_flag=True, help=f"Also show a trace of more than {MAX_SHOWN_ROWS} rows."),
    click.option("--cse/--no-cse", default=True, help="Show equal subexpressions as one row, or each as its own."),
)
worksheet_options = together(
    click.option("--worksheet", is_flag=True, help="Leave cells of the trace blank for a student to fill in."),
    click.option("--answers", is_flag=True, help="Fill in the worksheet and mark the answers."),
    click.option("--blank", type=click.FloatRange(0, 1), default=0.5, show_default=True, metavar="SHARE",
                 help="The share of cells to leave blank. Cells that give them away are blank too."),
    click.option("--seed", default=0, show_default=True, help="The seed for choosing the blank cells."),
)
# fmt: on


def picture_options(file_help: str) -> Callable[[F], F]:
    """Add the options of a command that draws in the terminal or in a file; `file_help` is the help of -o."""
    return together(
        digits_option(6),
        click.option("-o", "--output", metavar="FILE", help=file_help,
                     callback=lambda ctx, parameter, path: None if path == "-" else path),
        strict_option,
    )  # fmt: skip


def formula_command(
    name: str, options: Callable[[Any], Any] = output_options
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command with a formula, a point and the options of its output."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        decorated = together(formula_argument, point_option, syntax_option, size_option, options)(function)
        return click.command(name, cls=FormulaCommand)(decorated)

    return decorate
