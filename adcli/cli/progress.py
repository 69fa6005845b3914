"""How far a long run is: on a terminal a bar, elsewhere lines now and then, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

PERIOD = 10.0  # seconds between lines
Tell = Callable[[int, int, int], None]  # how many rows are done, and how much of the whole


def line(rows: int, done: int, size: int, seconds: float, before: int = 0, unit: str = "") -> str:
    """Return `1,234,000 rows, 12%, 523,000 rows/s, 17 s left`; an earlier run had done the rows `before`."""
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


@contextmanager
def progress(
    mode: str, unit: str = "", rows_shown: bool = False, clock: Callable[[], float] = monotonic
) -> Iterator[Tell]:
    """Give what is to be told how far it is, in what `unit`; `mode` is auto, plain or none.

    Where the rows themselves are shown on the terminal, there is no bar among them.
    """
    stderr = sys.stderr
    if mode == "auto" and stderr is not None and stderr.isatty() and not (rows_shown and sys.stdout.isatty()):
        from ..show import progress_bar

        with progress_bar(unit) as tell:
            yield tell
        return
    start = last = clock()
    before = -1

    def tell_plainly(rows: int, done: int, size: int) -> None:
        nonlocal before, last
        before = rows if before < 0 else before
        if clock() - last >= PERIOD:
            last = clock()
            print(line(rows, done, size, last - start, before, unit), file=stderr, flush=True)

    yield tell_plainly if mode == "plain" and stderr is not None else lambda rows, done, size: None
