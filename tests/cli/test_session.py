"""Definitions stay, ans is the last answer, an error keeps the session; at a terminal and on a pipe alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adcli.cli.session import Session
from adcli.errors import AdcliError, FormulaError, PointError
from tests.cli.test_cli import CLEAN, strict
from tests.cli.test_cli import adcli as run


def answers(*lines: str) -> list[object]:
    """Return what a session answers, with the kinds of errors."""
    session, found = Session(), []
    for line in lines:
        try:
            values = session.take(line)
            found.append(None if values is None else next(iter(values.value.values())))
        except AdcliError as error:
            found.append(error.kind)
    return found


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a = 2", "f(u) = u^2", "f(a) + 1"], [None, None, 5]),
        (["2*3", "ans + 1", "ans*ans"], [6, 7, 49]),
        (["4", "a = ans", "5", "a + ans"], [4, None, 5, 9]),
        (["a = 2", "b = a^2", "a = 3", "b"], [None, None, None, 9]),
        (["f(u) = u", "g(u) = f(u) + 1", "f(u) = 2u", "g(3)"], [None, None, None, 7]),
        (["a = 2", "ln(-a)", "a +", "a"], [None, "domain", "syntax", 2]),
        (["a = 2", "a = ln(-1)", "a"], [None, "domain", 2]),
        (["b = x^2", "b", "x = 3", "b"], [None, "point", None, 9]),
        (["b = x", "x = b + 1", "x = 1", "b"], [None, "syntax", None, 1]),
        (["x₁ = 3", "x1 + x₁"], [None, 6]),
        (["ans"], ["point"]),
        (["ans = 2", "a == 2"], ["usage", "syntax"]),
        (["e = 2", "e"], [None, 2]),
        (["a = 2", "a(u) = u", "a(3)"], [None, None, 3]),
        (["n = 3", "sum(i=1..n, i)"], [None, 6]),
        (["a = 2", "x = [a, ans, 1]"], [None, "point"]),
        (["2", "x = [ans, 3*ans, 1]", "n = 2", "sum(i=1..n, x[i])", "x[2]"], [2, None, None, 8, 6]),
        (["x = [1]", "x[2]", "x", "x = 5", "x"], [None, "point", "point", None, 5]),
    ],
)
def test_definitions_stay(lines: list[str], expected: list[object]) -> None:
    assert answers(*lines) == expected


def test_errors_point_into_what_was_typed() -> None:
    with pytest.raises(FormulaError) as caught:
        Session().take("a = 2 +")
    assert caught.value.place is not None
    assert caught.value.place.text == "a = 2 +"
    with pytest.raises(PointError) as missing:
        Session().take("q + 1")
    assert missing.value.hint == "define: q = ..."


def test_names_are_completed() -> None:
    session = Session()
    for line in ("area(r) = pi*r^2", "arm = 3"):
        session.take(line)
    assert {"area(", "arm"} <= set(session.completions("ar"))
    assert session.completions("sqr") == ["sqrt("]


PIPE = "f(u) = u^2\nx = 3\nf(x) + 1\n:grad f(x)*x --format jsonl\n\n# nothing\nans/2; ans\n"


def test_a_pipe_has_no_prompt() -> None:
    done = run("repl", stdin=PIPE)
    first, gradient, *rest = done.stdout.splitlines()
    assert (first, rest) == ("x^2 + 1 = 10", ["ans/2 = 5", "ans = 5"])
    assert (strict(gradient)["value"], strict(gradient)["gradient"]) == (27, {"x": 27})
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_on_a_pipe_keeps_the_session_and_sets_the_status() -> None:
    done = run("repl", stdin="x = 2\nln(-x)\n:nothing\n:grad x --nothing\nx\n:quit\nx + 1\n")
    assert done.stdout == "x = 2\n"
    assert "needs x > 0" not in done.stdout
    assert ":nothing is not a command" in done.stderr
    assert "'--nothing'" in done.stderr
    assert done.returncode == 2
    assert run("repl", stdin="ln(-1)\n1\n").returncode == 1


def test_quit_and_exit_leave_unless_they_are_names() -> None:
    assert run("repl", stdin="1\nexit\n2\n").stdout == "1\n"
    assert run("repl", stdin="quit = 3\nquit\n").stdout == "quit = 3\n"


def test_colon_commands() -> None:
    out = run("repl", stdin="x = 3\n-x^2\n:grad\n:trace\n:grad x*y --at y=5,x=1 -f csv\n:help\n").stdout
    assert out.count("∂y/∂x  -6") == 2
    assert "tangent v̇" in out
    assert "df/dx,5.0\ndf/dy,1.0\n" in out
    assert ":trace" in out.rpartition("definition")[2]
    arrays = run("repl", stdin="x = [1, 2, 3]\n:grad x[1]*x[2] --format csv\n:trace --help\n").stdout
    assert "df/dx[2],1.0" in arrays.replace("dy/", "df/")
    assert "Usage: adcli grad" in arrays


def test_a_nul_is_refused_and_the_session_goes_on() -> None:
    done = run("repl", stdin=":grad x^2 --at @a\0b\na\0b = 2\n1+1\n")
    assert "NUL" in done.stderr
    assert (done.returncode, done.stdout) == (2, "1 + 1 = 2\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_at_a_terminal_there_is_a_prompt_completion_and_a_history(tmp_path: Path) -> None:
    pytest.importorskip("readline")
    import pty

    mine, theirs = pty.openpty()
    environment = {**CLEAN, "HOME": str(tmp_path), "TERM": "dumb", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "adcli", "repl"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        close_fds=True,
    )
    os.close(theirs)
    seen = ""

    def until(text: str) -> None:
        nonlocal seen
        end = time.monotonic() + 30
        while text not in seen and time.monotonic() < end:
            seen += os.read(mine, 4096).decode()
        assert text in seen
        seen = seen.partition(text)[2]

    until("adcli> ")
    for line, answer in (
        ("wide = 16\n", "16"),
        ("sqr\twi\t)\n", "sqrt(wide) = 4"),
        ("1 +\n", "too early"),
        ("ans\n", "ans = 4"),
    ):
        os.write(mine, line.encode())
        until(answer)
        until("adcli> ")
    os.write(mine, b":quit\n")
    assert process.wait(30) == 0
    os.close(mine)
    assert "wide = 16" in (tmp_path / ".adcli_history").read_text()
