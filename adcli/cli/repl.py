"""adcli repl: a session, line by line."""

from __future__ import annotations

import re
import shlex
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from . import attempt, report
from . import options as shared
from .output import write_notes

if TYPE_CHECKING:
    from .session import Session

# The words that begin a line with a command: the command, and a description.
COMMANDS = {
    ":grad": (("grad",), "the derivatives by the names that are numbers"),
    ":trace": (("grad", "--trace"), "the same with the evaluation trace"),
    ":graph": (("graph",), "the computational graph"),
}
WORDS = (*COMMANDS, ":help", ":quit")
OPTION = re.compile(r"(?:\s|^)(?:--[a-z]|-[fo]\s)")  # where the options begin
HELP = """\
an expression     its value, which is then ans: 2*pi, ans/2
a definition      stays: a = 2, f(u) = u^2
:grad [FORMULA] [OPTIONS], without a formula on the last expression:"""


@click.command("repl", cls=shared.FormulaCommand)
def command() -> int:
    """Calculate line by line in a session.

    \b
    adcli repl
    printf 'f(u) = u^2\\nx = 3\\nf(x) + 1\\n:grad f(x)*x\\n' | adcli repl

    Definitions stay, and ans is the last answer. On a terminal the Tab key completes names, and the arrow keys go
    through the history (~/.adcli_history). The session goes on after an error. In a pipe there is no prompt, and the
    exit status is that of the last line that failed.
    """
    from .prompt import piped, typed
    from .session import Session

    session, status = Session(), 0
    terminal = sys.stdin is not None and sys.stdin.isatty()
    for line in typed(WORDS, session.completions) if terminal else piped():
        text = line.partition("#")[0].strip()
        if text in (":quit", "quit", "exit") and text not in session.completions(text):
            break
        try:
            if text:
                status = attempt(partial(_answer, session, text), text.split()) or status
        except KeyboardInterrupt:
            report("interrupted")
    return 0 if terminal else status


def _answer(session: Session, text: str) -> int:
    """Answer one line; return a status."""
    from ..errors import UsageError
    from ..show import cell_text

    if "\0" in text:
        raise UsageError("this line has a NUL character", hint="type it again")
    if text.startswith(":"):
        word, _, rest = text.partition(" ")
        if word == ":help":
            commands = (f"{word:<17} {meaning}" for word, (_, meaning) in COMMANDS.items())
            print(HELP, *commands, ":quit             the end of the session", sep="\n", flush=True)
            return 0
        if word not in COMMANDS:
            raise UsageError(f"{word} is not a command", hint=f"there are: {', '.join(WORDS)}")
        return _command(session, COMMANDS[word][0], rest)
    for statement in filter(None, map(str.strip, text.split(";"))):
        found = session.take(statement)
        if found is not None:
            numbers = [cell_text(x) for x in found.value.values()]
            result = found.formula.rpartition("; ")[2]
            shown = numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"
            print(shown if result == shown else f"{result} = {shown}", flush=True)
            write_notes(found.notes)
    return 0


def _command(session: Session, words: tuple[str, ...], rest: str) -> int:
    """Run a command on a formula, with the definitions and numbers of the session."""
    from ..errors import UsageError
    from . import cli

    rest = rest.strip()
    begin = OPTION.search(rest)
    formula, options = (rest[: begin.start()], rest[begin.start() :]) if begin else (rest, "")
    formula = formula if formula.strip() else session.last
    try:
        more = shlex.split(options)
    except ValueError as error:
        raise UsageError(f"the options cannot be read: {error}") from None
    if "--help" in more:
        return int(cli.main([*words, "--help"], prog_name="adcli", standalone_mode=False) or 0)
    if not formula:
        raise UsageError("there is no formula yet", hint="write: :grad x^2*y")
    typed = set(re.findall(r"(\w+)(?:\[\d+\])?\s*=(?!=)", options))
    whole = session.whole(formula)
    at = ",".join(f"{name}={x!r}" for name, x in session.at(whole).items() if name not in typed)
    arguments = [*words, *more, *(["--at", at] if at else []), "--", whole]
    status = cli.main(arguments, prog_name="adcli", standalone_mode=False)
    return int(status or 0)
