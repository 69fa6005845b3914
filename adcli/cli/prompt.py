"""The lines of a session, typed at a prompt or from a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

HISTORY = os.path.join("~", ".adcli_history")


def piped() -> Iterator[str]:
    """Yield the lines of standard input."""
    for line in sys.stdin.buffer if sys.stdin is not None else ():
        yield line.decode("utf-8-sig", "replace")


def typed(words: Sequence[str], completions: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield lines typed at the prompt, with history and completion where the platform has readline.

    `words` begin with a colon; `completions` gives the other words that begin with a text.
    """
    with suppress(ImportError):
        _prepare(words, completions)
    while True:
        try:
            yield input("adcli> ")
        except KeyboardInterrupt:
            print()
        except EOFError:
            print()
            return


def _prepare(words: Sequence[str], completions: Callable[[str], list[str]]) -> None:
    """Load the history and set the completion; raises ImportError without readline."""
    import atexit
    import readline

    path = os.path.expanduser(HISTORY)
    with suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(1000)

    def keep() -> None:
        with suppress(OSError):
            readline.write_history_file(path)

    def complete(start: str, k: int) -> str | None:
        found = [w for w in words if w.startswith(start)] if start[:1] == ":" else completions(start)
        return dict(enumerate(found)).get(k)

    atexit.register(keep)
    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n+-*/^()[],;=<>!")
    readline.parse_and_bind("tab: complete")
