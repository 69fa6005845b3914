"""The help of every command fits 80 columns, in plain sentences, its own options first."""

from __future__ import annotations

import re

import click
import pytest

from adcli.cli import COMMANDS, GROUPS, cli
from adcli.cli.options import COMMON


def page(*words: str) -> list[str]:
    """Return the lines of the help as a terminal of 80 columns shows them."""
    context = click.Context(cli, info_name="adcli", terminal_width=78, **cli.context_settings)
    command: click.Command = cli
    for word in words:
        found = cli.get_command(context, word)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=word)
    return command.get_help(context).splitlines()


def test_commands_are_listed_in_groups() -> None:
    lines = page()
    assert list(GROUPS) == ["Derivatives", "See", "Check", "Data", "Other"]
    titles = [line.removesuffix(":") for line in lines if re.fullmatch(r"\w+:", line) and line != "Options:"]
    assert titles == list(GROUPS)
    listed = [m[1] for line in lines if (m := re.match(r"  (\w+) +[A-Z].*\.$", line))]
    assert listed == list(COMMANDS)


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)], ids=["adcli", *COMMANDS])
def test_no_line_is_cut_at_80_columns(words: tuple[str, ...]) -> None:
    for line in page(*words):
        assert len(line) <= 80, line
        assert not re.search(r"\w\.\.\.$", line), line


@pytest.mark.parametrize("name", COMMANDS)
def test_own_options_come_before_the_common_ones(name: str) -> None:
    own, _, common = "\n".join(page(name)).partition("\nCommon options:\n")
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for option in command.params:
        if isinstance(option, click.Option):
            text = common if option.name in COMMON else own
            assert re.search(rf"^  (-\w, )?{option.opts[-1]}\b", text, re.M), option.name
    assert "  -h, --help" in common


@pytest.mark.parametrize("name", COMMANDS)
def test_option_texts_are_sentences(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for option in command.params:
        if isinstance(option, click.Option):
            text = option.help or ""
            assert re.match("[A-Z]", text), f"{option.name}: {text}"
            assert re.search(r"[.']$", text), f"{option.name}: {text}"
            assert not re.match("(Of|If|Where|How|What|Only|Instead|Between) ", text), f"{option.name}: {text}"
