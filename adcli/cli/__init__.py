"""The command line, one thin file per command; the only room that knows Click."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

import click

from ..version import __version__

if TYPE_CHECKING:
    from ..errors import AdcliError

CONTROLS = {k: 0x2400 + k for k in range(32) if chr(k) not in "\t\n"} | dict.fromkeys(range(0x7F, 0xA0), 0xFFFD)
GROUPS = {
    "Derivatives": ("grad", "eval", "jacobian", "jvp", "vjp", "hessian", "hvp", "partial", "taylor", "diff"),
    "See": ("graph", "explain", "plot", "ast"),
    "Check": ("check", "same"),
    "Data": ("batch",),
    "Other": ("functions", "repl", "help"),
}
PRODUCTS = ("jacobian", "jvp", "vjp", "hessian", "hvp", "partial", "taylor")  # rows of the table in products.py
COMMANDS = tuple(name for names in GROUPS.values() for name in names)


class Lazy(click.Group):
    """A group that imports a command's file only when that command is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in groups, each with the first sentence of its help."""
        wide = max(map(len, COMMANDS))
        for title, names in GROUPS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(f"{name:<{wide}}", c.get_short_help_str(formatter.width)) for name, c in commands if c]
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        file = import_module(".products" if name in PRODUCTS else f".{name}", __name__)
        found: click.Command = file.command(name) if name in PRODUCTS else file.command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from ..errors import nearest
            from ..language import FOREIGN

            begun = [name for name in COMMANDS if name.startswith(args[0])]
            close = begun[0] if len(begun) == 1 else nearest(args[0], [*COMMANDS])
            formula = f"A formula comes after a command: adcli grad {args[0]!r} --at ..."
            other = FOREIGN.get(args[0].lower(), "") if args[0].isalpha() else formula
            hint = f"Did you mean adcli {close}?" if close else other
            raise click.UsageError(f"{args[0]!r} is not a command. {hint}", ctx) from None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="adcli", message="%(prog)s %(version)s")
def cli() -> None:
    """Calculate exact derivatives of formulas, and show how.

    \b
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --mode reverse --trace
    adcli eval "2x^2 + pi" --at x=3

    The manual: adcli help. The options of a command: adcli help COMMAND.

    A formula is text, a .ad or .tex file, a Python function FILE.py:NAME, or - for standard input.

    Exit status: 0 there is an answer; 1 there is none (outside the domain, or --strict and a note); 2 the formula, the
    point or an option is not understood.
    """


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status; no mistake of a user gives a traceback."""
    gc.set_threshold(100_000)  # a formula of many nodes is no garbage: looking for it in them takes a fifth of the time
    try:
        _obey_locale()
        given = sys.argv if argv is None else argv
        status = attempt(lambda: cli.main(argv, prog_name="adcli", standalone_mode=False), given)
    except (KeyboardInterrupt, click.Abort):
        report("\nadcli: interrupted")
        status = 130
    except BrokenPipeError:
        status = 141
    except SystemExit as done:  # Click exits by itself for a broken pipe, and with 0 when it has completed a word
        status = 141 if done.code else 0
    except OSError as error:  # a full disk, a closed standard output
        report(f"adcli: cannot write {error.filename or 'standard output'}: {error.strerror or error}")
        status = 1
    except MemoryError:
        report("adcli: not enough memory for this formula")
        status = 1
    _leave(int(status))


def attempt(run: Callable[[], int | None], argv: list[str]) -> int:
    """Run a command and return its status; report an error in words."""
    from ..errors import AdcliError

    try:
        status = run() or 0
        if sys.stdout is not None:
            sys.stdout.flush()
    except AdcliError as error:
        status = _refuse(error, argv)
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        status = 2
    except click.ClickException as error:
        status = _refuse(_understood(error), argv)
    return status


def _understood(error: click.ClickException) -> AdcliError:
    """Return an error of Click as one of adcli, with a hint."""
    from ..errors import UsageError

    what, _, hint = error.format_message().partition(". ")
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "adcli"
    hints = [hint[:1].lower() + hint[1:]] * bool(hint) + [f"see: {command} --help"]
    return UsageError(what[:1].lower() + what[1:].rstrip("."), hint="\n".join(hints))


def _refuse(error: AdcliError, argv: list[str]) -> int:
    """Report an error on stderr, with a JSON format also on stdout; return its status."""
    import json

    report(f"adcli: {error}")
    if _wants_json(argv) and sys.stdout is not None:
        print(json.dumps({"error": error.as_dict()}), flush=True)
    return error.exit_code


def _wants_json(argv: list[str]) -> bool:
    argv = argv[: argv.index("--")] if "--" in argv else argv
    given = [b for a, b in pairwise([*argv, ""]) if a in ("--format", "-f")]
    given += [a.partition("=")[2] for a in argv if a.startswith("--format=")]
    return bool(given) and given[-1] in ("json", "jsonl")


def report(text: str) -> None:
    """Write a message to stderr, its control characters visible."""
    with suppress(OSError, ValueError):  # a closed or full standard error changes no answer and no status
        if sys.stderr is not None:  # print would take standard output
            print(text.translate(CONTROLS), file=sys.stderr, flush=True)


def _obey_locale() -> None:
    """Write ASCII under LC_ALL=C, where Python itself would write UTF-8."""
    if os.environ.get("LC_ALL") in ("C", "POSIX") and os.environ.get("PYTHONUTF8") != "1":
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure") and not os.environ.get("PYTHONIOENCODING"):
                stream.reconfigure(encoding="ascii", errors="backslashreplace")


def _leave(status: int) -> NoReturn:
    """Exit without a second error from buffers that a closed pipe or a full disk left behind."""
    for number, stream in ((2, sys.stderr), (1, sys.__stdout__)):
        try:
            if stream is not None:
                stream.flush()
            elif number == 1:
                status = status or 1
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            status = status or number % 2
    gc.freeze()  # the interpreter's last collection would find nothing in what the process ends with
    sys.exit(status)
