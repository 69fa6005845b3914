"""Every mistake in samples/errors/ gets the message that its file shows, to the letter, and the exit status.

A file holds the command as typed (`$ `, continued by `> `), what stderr then says, and `exit N`. Run as a program, this
file writes the messages anew: read them before you accept them.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import pytest

from adcli.cli import main

FOLDER = Path(__file__).parent.parent / "samples" / "errors"
FILES = sorted(FOLDER.glob("*.txt"))


def typed(text: str) -> tuple[str, list[str], str]:
    """Return the command as it stands in a file, as words, and what is piped into it."""
    first, *rest = text.split("\n")
    lines = [first]
    for line in rest:
        if not line.startswith("> "):
            break
        lines.append(line)
    before, bar, command = "\n".join(line[2:] for line in lines).rpartition(" | adcli ")
    piped = " ".join(shlex.split(before)[1:]) + "\n" if bar else ""
    words = shlex.split(command if bar else command.removeprefix("adcli "))
    return "\n".join(lines), words, piped


def run(words: list[str], piped: str = "") -> tuple[int, str, str]:
    """Run a command line in this process, in the folder of the mistakes; return its status, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(piped.encode()))
    environ = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    with (
        chdir(FOLDER),
        mock.patch.object(sys, "stdin", stdin),
        mock.patch.object(sys, "argv", ["adcli", *words]),
        mock.patch.dict(os.environ, environ, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as exited,
    ):
        main(words)
    return int(exited.value.code or 0), out.getvalue(), err.getvalue()


def golden(path: Path) -> str:
    """Return what the file should hold: its command with what is really answered."""
    command, words, piped = typed(path.read_text("utf-8"))
    status, _, err = run(words, piped)
    return f"{command}\n{err.rstrip()}\nexit {status}\n"


def test_there_are_at_least_forty() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message_is_as_published(path: Path) -> None:
    assert golden(path) == path.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_but_the_message(path: Path) -> None:
    """Nothing on stdout, no traceback, status 1 or 2, and as JSON the same with a span inside its text."""
    _, words, piped = typed(path.read_text("utf-8"))
    status, out, err = run(words, piped)
    assert status in (1, 2)
    assert err.startswith("adcli: ") or "--strict" in words
    assert "Traceback" not in err
    assert "\x1b" not in err
    if "--strict" not in words:
        assert out == ""


OTHERWISE = {"--strict", "--trace", "--format"}  # an answer, or another one, in JSON
ERRORS_IN_JSON = [path for path in FILES if OTHERWISE.isdisjoint(typed(path.read_text("utf-8"))[1])]


@pytest.mark.parametrize("path", ERRORS_IN_JSON, ids=lambda path: path.stem)
def test_json_says_the_same(path: Path) -> None:
    _, words, piped = typed(path.read_text("utf-8"))
    status, out, err = run([*words, "--format", "json"], piped)
    error = json.loads(out)["error"]
    assert status in (1, 2)
    assert err.startswith(f"adcli: {error['text']}")
    if "span" in error:
        start, end = error["span"]
        assert 0 <= start <= end


if __name__ == "__main__":
    for each in FILES:
        each.write_text(golden(each), "utf-8")
