"""Help in plain sentences that fits 80 columns: of commands, their own options first, and the pages of the manual."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest

from adcli.cli import COMMANDS, GROUPS, PRODUCTS, cli, products
from adcli.cli.options import COMMON
from adcli.show import TOPICS
from tests.cli.test_cli import CLEAN, adcli

GUIDE = Path(__file__).parents[2] / "adcli" / "guide"


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


# -- adcli help -------------------------------------------------------------------------------------------------------
def on_a_terminal(*words: str, lines: int, **environ: str) -> str:
    """Return the output of adcli on a terminal of 80 columns and so many lines."""
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 80, 0, 0))
    environment = {**CLEAN, "TERM": "xterm", "PYTHONUTF8": "1", **environ}
    with subprocess.Popen(
        [sys.executable, "-m", "adcli", *words], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        shown, ended = b"", False
        while not ended:
            ended = process.poll() is not None
            while select.select([mine], [], [], 2 if ended else 0.05)[0]:  # our side stays open, to lose nothing
                shown += os.read(mine, 1 << 16)
        os.close(theirs)
        os.close(mine)
        assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def test_help_lists_each_topic_with_its_sentence() -> None:
    lines = adcli("help").stdout.splitlines()
    assert {path.stem for path in GUIDE.glob("*.md")} == set(TOPICS)
    for topic in TOPICS:
        (line,) = [line for line in lines if line.startswith(f"  {topic} ")]
        sentence = (GUIDE / f"{topic}.md").read_text("utf-8").splitlines()[2]
        assert line.split(maxsplit=1)[1] == sentence
        assert len(line) <= 80


def test_no_page_is_hidden_by_a_command() -> None:
    assert set(TOPICS).isdisjoint(COMMANDS)


def test_a_page_in_a_pipe_is_markdown() -> None:
    assert adcli("help", "traces").stdout == (GUIDE / "traces.md").read_text("utf-8")


def test_help_on_a_command_is_its_help() -> None:
    for name in ("grad", "help"):
        assert adcli("help", name).stdout == adcli(name, "--help").stdout


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("trcaes", "adcli help traces"), ("gard", "adcli help grad"), ("worksheet", "adcli help traces"), ("x^2", "")],
)
def test_an_unknown_word_is_an_error_with_suggestions(word: str, suggestion: str) -> None:
    done = adcli("help", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"adcli: there is no help on {word!r}\n")
    assert suggestion in done.stderr
    assert done.stderr.endswith("see: adcli help\n")


def test_a_page_on_a_terminal_is_laid_out() -> None:
    shown = on_a_terminal("help", "formats", lines=1000, PAGER="false")
    assert "\x1b[" in shown
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "json, jsonl, csv  programs; every digit of the numbers" in text
    assert "```" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b[" not in on_a_terminal("help", "formats", lines=1000, NO_COLOR="1")


def test_a_long_page_goes_through_a_pager() -> None:
    assert on_a_terminal("help", "formats", lines=24, PAGER="head -n 1").strip() == "Formats and exit statuses"


def test_the_group_knows_each_row_of_the_table_of_products() -> None:
    assert tuple(products.PRODUCTS) == PRODUCTS


def test_the_list_of_functions_fits_the_terminal() -> None:
    from adcli.cli.functions import WHOLE_TABLE

    narrow = adcli("functions", COLUMNS="80").stdout.splitlines()
    assert max(map(len, narrow)) <= 80
    for name in ("atan2(x, y)", "softplus(x)", "clamp(x, lo, hi)"):
        assert sum(line.strip().startswith(name[:5]) for line in narrow) >= 1
    assert max(map(len, adcli("functions").stdout.splitlines())) <= WHOLE_TABLE


@pytest.mark.parametrize(
    "command",
    [
        ["graph", "x^2", "--depth", "999999999999999999999999"], ["diff", "x^2", "--wrt", "x", "--cost", "1000000"],
        ["same", "x", "x", "--points", "1000000"], ["plot", "x^2", "--derivatives", "1000000"],
        ["eval", "x", "--at", "x=1", "--max-rows", "1" + "0" * 30],
    ],
)  # fmt: skip
def test_a_number_that_no_run_could_finish_is_refused(command: list[str]) -> None:
    done = adcli(*command)
    assert done.returncode == 2
    assert "is not in the range" in done.stderr
