"""adcli help: a page of the manual, or the help of a command."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from . import COMMANDS
from . import options as shared

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_name(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the topics and commands that begin with what is typed."""
    from click.shell_completion import CompletionItem

    from ..show import TOPICS

    return [CompletionItem(name) for name in dict.fromkeys((*TOPICS, *COMMANDS)) if name.startswith(typed)]


@click.command("help", cls=shared.FormulaCommand)
@click.argument("name", required=False, metavar="[TOPIC|COMMAND]", shell_complete=complete_name)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> int:
    """Show a page of the manual, or the help of a command.

    \b
    adcli help
    adcli help traces
    adcli help grad

    Without a name it lists the pages. In a pipe a page is plain Markdown.
    """
    from ..show import TOPICS, topic_text

    if name is None:
        click.echo(_contents(ctx), nl=False)
    elif name in COMMANDS:
        from . import cli

        cli.main([name, "--help"], prog_name="adcli", standalone_mode=False)
    elif name in TOPICS:
        _show(topic_text(name))
    else:
        raise _unknown(name)
    return 0


def _contents(ctx: click.Context) -> str:
    """Return the list of topics, each with its sentence."""
    from ..show import topic_sentences

    formatter = ctx.make_formatter()
    formatter.write_text("The manual. Show a page with adcli help TOPIC.")
    with formatter.section("Topics"):
        formatter.write_dl([*topic_sentences().items()])
    formatter.write_paragraph()
    formatter.write_text("The commands: adcli --help. One command: adcli help COMMAND.")
    return formatter.getvalue()


def _show(text: str) -> None:
    """Write a page: laid out on a terminal, through a pager where it is longer than the screen."""
    from ..show import on_terminal
    from .output import style_for, write_text

    if sys.stdout is None or not sys.stdout.isatty():
        write_text(text, None)
        return
    style = style_for("table", None, 10, "auto")
    text = on_terminal(text, style)
    if sys.stdin is not None and sys.stdin.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text)
    else:
        write_text(text, None)


def _unknown(name: str) -> Exception:
    """Return the error for a name that is no topic and no command."""
    from difflib import get_close_matches

    from ..errors import UsageError
    from ..ops import BY_NAME
    from ..show import TOPICS, topics_about

    if name in BY_NAME:
        return UsageError(f"there is no page on {name}", hint=f"it is a function: adcli functions {name}")
    close = dict.fromkeys([*get_close_matches(name, (*TOPICS, *COMMANDS)), *topics_about(name)])
    hints = [f"did you mean: {', '.join(f'adcli help {word}' for word in close)}"] * bool(close)
    return UsageError(f"there is no help on {name!r}", hint="\n".join([*hints, "see: adcli help"]))
