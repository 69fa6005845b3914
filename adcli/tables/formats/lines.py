"""Lines of text and rows of quoted fields: where rows end in a stretch of bytes, and pieces cut there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrow_columns import joined
from ..rows import DataError, Piece, Rows
from ..streams import Stream

PIECE = 4 << 20  # bytes
LONGEST = 1 << 20  # bytes of a row that has line breaks within quotes; if it is longer, a quote was not closed
SMALL = 1 << 16  # bytes that are read exactly if they cannot be read quickly
HUGE = 64 << 20  # bytes of a line
BOM = b"\xef\xbb\xbf"
Quotes = NDArray[np.intp]
Cut = Callable[[bytes, bool], int]


def cut_line(data: bytes, whole: bool) -> int:
    """Return where the last line that is complete ends; `whole` tells that nothing follows."""
    return len(data) if whole else data.rfind(b"\n") + 1


class Grammar(NamedTuple):
    """How rows of fields are written with a delimiter."""

    delimiter: bytes
    row: re.Pattern[bytes]
    field: re.Pattern[bytes]

    def cut(self, data: bytes, whole: bool) -> int:
        """Return where the last row that is complete ends; `whole` tells that nothing follows."""
        if whole:
            return len(data)
        if b'"' not in data:
            return data.rfind(b"\n") + 1
        quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == ord('"'))
        end = len(data)
        for _ in range(100):
            end = data.rfind(b"\n", 0, end)
            inside = int(np.searchsorted(quotes, end))
            if end < 0 or inside % 2 == 0:
                break
        if end >= 0 and inside % 2 == 0 and self._regular(data, quotes[:inside]):
            return end + 1
        *_, last = (0, *(stop for _, stop, _ in self.rows(data, whole=False)))
        return last

    def regular(self, data: bytes) -> bool:
        """Tell whether every quote opens a field, closes one, or is one of two within; then anyone finds the rows."""
        if b'"' not in data:
            return True
        quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == ord('"'))
        return len(quotes) % 2 == 0 and self._regular(data, quotes)

    def _regular(self, data: bytes, quotes: Quotes) -> bool:
        """Tell whether quotes, in turn, open and close fields."""
        text = np.frombuffer(b"\n" + data + b"\n", np.uint8)
        before, after = text[quotes[::2]], text[quotes[1::2] + 2]
        edge, quote, line = ord(self.delimiter), ord('"'), ord("\n")
        opens = (before == edge) | (before == line) | (before == quote)
        closes = (after == edge) | (after == line) | (after == quote) | (after == ord("\r"))
        return bool(opens.all() and closes.all()) and self._has_short_rows(data, quotes)

    def _has_short_rows(self, data: bytes, quotes: Quotes) -> bool:
        """Tell whether in every half of LONGEST a row ends: then none is longer."""
        for start in range(0, len(data) - LONGEST // 2, LONGEST // 2):
            end = start
            while (end := data.find(b"\n", end, start + LONGEST // 2) + 1) and np.searchsorted(quotes, end) % 2:
                pass
            if not end:
                return False
        return True

    def rows(self, data: bytes, *, whole: bool) -> Iterator[tuple[int, int, re.Match[bytes] | None]]:
        """Yield where each row begins and ends, and its match; None for a malformed one, which is one line.

        If not `whole`, more may follow, and the last row that is complete is the last one here.
        """
        start = 0
        while start < len(data):
            m = self.row.match(data, start)
            stop = m.end() if m else 0
            if m and m["end"] == b"" and not whole:
                return
            if m and stop - start > LONGEST and b"\n" in m[0][:-2]:
                m = None
            if not m:
                if not whole and len(data) - start <= LONGEST:
                    return
                stop = data.find(b"\n", start) + 1
                if not stop and not whole:
                    return
                stop = stop or len(data)
            yield start, stop, m
            start = stop

    def fields(self, row: re.Match[bytes]) -> list[bytes]:
        """Return the fields of a row, without the quotes around them."""
        text = row["fields"]
        if b'"' not in text:
            return text.split(self.delimiter)
        found = self.field.findall(text + self.delimiter)
        return [field[1:-1].replace(b'""', b'"') if field[:1] == b'"' else field for field in found]


def grammar(delimiter: str) -> Grammar:
    """Return how rows are written with this delimiter."""
    d = re.escape(delimiter.encode())
    field = rb'"[^"]*+(?:""[^"]*+)*+"|[^"%b\r\n][^%b\r\n]*+|' % (d, d)
    row = rb"(?P<fields>(?:%b)(?:%b(?:%b))*+)(?P<end>\r?\n|\Z)" % (field, d, field)
    return Grammar(delimiter.encode(), re.compile(row), re.compile(rb"(%b)%b" % (field, d)))


def in_parts(
    data: bytes, line: int, quickly: Callable[[bytes], Rows | None], exactly: Callable[[bytes, int], Rows], cut: Cut
) -> Rows:
    """Return the rows of a stretch read quickly, but for small parts in which that balks: these are read exactly."""
    if (rows := quickly(data)) is not None:
        return rows
    half = cut(data[: len(data) // 2], False) if len(data) > SMALL else 0
    if not half:
        return exactly(data, line)
    first = in_parts(data[:half], line, quickly, exactly, cut)
    return joined(first, in_parts(data[half:], line + data.count(b"\n", 0, half), quickly, exactly, cut))


def text_pieces(
    stream: Stream, start: tuple[int, int], cut: Cut, read: Callable[[bytes, int], Rows], ahead: bytes
) -> Iterator[Piece]:
    """Yield pieces of whole rows from a position, a byte and a line; the stream stands there, `ahead` being read.

    Where a piece ends depends only on the bytes from its beginning on.
    """
    offset, line = start
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
