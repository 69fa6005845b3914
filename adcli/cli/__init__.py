"""The command line; the only folder that knows Click. One thin file per command, imported when it is called."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from .. import __version__

COMMANDS = ("grad", "eval", "ast", "functions")


class Lazy(click.Group):
    """A group that imports a command's file only when that command is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{name}", __name__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            close = _closest(args[0])
            hint = (
                f"did you mean: adcli {close}?"
                if close
                else f"a formula comes after a command: adcli grad {args[0]!r} --at ..."
            )
            raise click.UsageError(f"{args[0]!r} is not a command; {hint}", ctx) from None


def _closest(name: str) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, COMMANDS, 1)), "")


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="adcli", message="%(prog)s %(version)s")
def cli() -> None:
    """Calculate exact derivatives of formulas, and show how.

    \b
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --mode reverse --trace
    adcli eval "2x^2 + pi" --at x=3

    A formula is text, a file whose name ends in .ad, or - for standard input. Exit status: 0 there is an
    answer; 1 there is none (outside the domain, or --strict and a note); 2 the formula, the point or an option
    cannot be understood.
    """


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status; never show a traceback for what a user can do."""
    from ..errors import AdcliError

    try:
        status = cli.main(argv, prog_name="adcli", standalone_mode=False) or 0
        sys.stdout.flush()
    except AdcliError as error:
        status = _refuse(error)
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.UsageError as error:
        error.show()
        status = 2
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("\nadcli: interrupted", file=sys.stderr)
        status = 130
    except BrokenPipeError:
        status = 141
    except OSError as error:  # a full disk, a closed standard output
        _last_words(f"adcli: cannot write the result: {error.strerror or error}")
        status = 1
    except MemoryError:
        _last_words("adcli: not enough memory for this formula")
        status = 1
    _leave(int(status))


def _refuse(error: Any) -> int:
    """Say why there is no answer: on stderr, and as JSON on stdout if that was asked for."""
    import json

    if _wants_json(sys.argv):
        print(json.dumps({"error": error.as_dict()}))
    _last_words(f"adcli: {error}")
    return int(error.exit_code)


def _wants_json(argv: list[str]) -> bool:
    given = [b for a, b in zip(argv, [*argv[1:], ""], strict=True) if a in ("--format", "-f")]
    given += [a.partition("=")[2] for a in argv if a.startswith("--format=")]
    return bool(given) and given[-1] in ("json", "jsonl")


def _last_words(text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # standard error may be closed too: the status tells
        print(text, file=sys.stderr)


def _leave(status: int) -> NoReturn:
    """Exit; what a closed pipe or a full disk left in the buffer of stdout must not raise again on the way out."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = status or 1
    sys.exit(status)
