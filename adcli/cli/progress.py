"""The progress of a long run on standard error: a bar on a terminal, elsewhere a line now and then, or nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

LINES, BAR = 10.0, 0.1  # seconds from one line to the next, from one drawing of the bar to the next
WIDTH = 30  # of the bar, in columns
ERASE = "\r\x1b[2K"  # the line of the terminal
Tell = Callable[[int, int, int], None]  # takes the rows done, and the part done of a whole


def line(rows: int, done: int, size: int, seconds: float, before: int = 0, unit: str = "") -> str:
    """Return `1,234,000 rows, 12%, 523,000 rows/s, 17 s left`; an earlier run did the first rows, `before`."""
    rate = (rows - before) / seconds if seconds > 0 else 0.0
    parts = [f"{rows:,} rows"]
    if size and done:
        parts.append(share(done, size, unit))
    if rate:
        parts.append(f"{rate:,.0f} rows/s")
        if size and done:
            parts.append(f"{rows / rate * max(size / done - 1, 0):,.0f} s left")
    return ", ".join(parts)


def share(done: int, size: int, unit: str = "") -> str:
    """Return `12%`, or with a unit `12 of 100 files`."""
    return f"{done:,} of {size:,} {unit}" if unit else f"{100 * min(done / size, 1):.0f}%"


def bar(done: int, size: int) -> str:
    """Return `[#####-----] `, or nothing if the size is not known."""
    filled = round(WIDTH * min(done / size, 1)) if size else 0
    return f"[{'#' * filled}{'-' * (WIDTH - filled)}] " if size else ""


@contextmanager
def progress(
    mode: str, unit: str = "", rows_shown: bool = False, clock: Callable[[], float] = monotonic
) -> Iterator[Tell]:
    """Give a function to report progress to, in `unit`; `mode` is auto, plain or none.

    There is no bar where the rows themselves are on the terminal (`rows_shown`).
    """
    stderr = sys.stderr
    drawn = (
        mode == "auto"
        and stderr is not None
        and stderr.isatty()
        and os.environ.get("TERM") != "dumb"
        and not (rows_shown and sys.stdout.isatty())
    )
    if stderr is None or not (drawn or mode == "plain"):
        yield lambda rows, done, size: None
        return
    start = last = clock()
    before = -1

    def tell(rows: int, done: int, size: int) -> None:
        nonlocal before, last
        before = rows if before < 0 else before
        now = clock()
        if now - last < (BAR if drawn else LINES) and not (drawn and done == size):
            return
        last = now
        text = line(rows, done, size, now - start, before, unit)
        if drawn:
            text = ERASE + (bar(done, size) + text)[: shutil.get_terminal_size().columns - 1]
        print(text, end="" if drawn else "\n", file=stderr, flush=True)

    try:
        yield tell
    finally:
        if drawn:
            print(end=ERASE, file=stderr, flush=True)
