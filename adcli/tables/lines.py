"""Text files in pieces of whole rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ..language import HUGE
from .arrow_columns import concatenated
from .rows import DataError, Piece, Rows
from .streams import Stream

PIECE = 4 << 20  # bytes
SMALL = 1 << 16  # bytes that are read exactly if they cannot be read quickly
BOM = b"\xef\xbb\xbf"
Position = tuple[int, int]  # a byte of the file, counted from 0, and a line, counted from 1
Cut = Callable[[bytes, bool], int]


def cut_line(data: bytes, whole: bool) -> int:
    """Return where the last complete line ends; `whole`: nothing follows the data."""
    return len(data) if whole else data.rfind(b"\n") + 1


def read_in_parts(
    data: bytes, line: int, quickly: Callable[[bytes], Rows | None], exactly: Callable[[bytes, int], Rows], cut: Cut
) -> Rows:
    """Return the rows of a block, read quickly but for the small parts where that fails: those are read exactly."""
    if (rows := quickly(data)) is not None:
        return rows
    half = cut(data[: len(data) // 2], False) if len(data) > SMALL else 0
    if not half:
        return exactly(data, line)
    first = read_in_parts(data[:half], line, quickly, exactly, cut)
    second = read_in_parts(data[half:], line + data.count(b"\n", 0, half), quickly, exactly, cut)
    return concatenated(first, second)


class Text:
    """A text file whose beginning is read ahead, without a byte order mark: `start` is where `ahead` begins."""

    def __init__(self, stream: Stream) -> None:
        self.stream, self.start = stream, (0, 1)
        self.ahead = stream.read(1 << 16)
        if self.ahead.startswith(BOM):
            self.skip(len(BOM))

    def read_more(self, count: int) -> bool:
        """Read more ahead; return whether there was anything."""
        more = self.stream.read(count)
        self.ahead += more
        return bool(more)

    def skip(self, count: int) -> None:
        """Drop so many bytes that are read ahead: the byte order mark, or whole lines."""
        offset, line = self.start
        self.start = offset + count, line + self.ahead.count(b"\n", 0, count)
        self.ahead = self.ahead[count:]

    def pieces(self, start: Position | None, cut: Cut, read: Callable[[bytes, int], Rows]) -> Iterator[Piece]:
        """Yield pieces of whole rows from a position on; `read` gets the bytes and the line where they begin.

        Where a piece ends depends only on the bytes from its beginning on. Raises DataError for a row of more than
        HUGE bytes.
        """
        stream, ahead = self.stream, self.ahead
        offset, line = start or self.start
        beyond = offset - self.start[0]
        stream.skip(max(beyond - len(ahead), 0))
        ahead = ahead[beyond:]
        window, whole = PIECE, False
        while not whole:
            if len(ahead) < window:
                ahead += stream.read(window - len(ahead))
            whole = len(ahead) < window
            end = cut(ahead[:window], whole)
            if not end and not whole:
                if window > HUGE:
                    raise DataError(f"{stream.name}, line {line:,} has more than {HUGE >> 20} MiB")
                window += PIECE
                continue
            block, ahead, window = ahead[:end], ahead[end:], PIECE
            if block:
                first = line
                offset += len(block)
                line += int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))
                yield Piece((offset, line), stream.done, partial(read, block, first))
