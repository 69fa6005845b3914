"""The rows of CSV in a block of bytes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HUGE = 64 << 20  # bytes of a row
LONGEST = 1 << 20  # bytes of a row with line breaks in quotes; a longer one has a quote that is not closed
csv.field_size_limit(max(csv.field_size_limit(), HUGE))  # for the process; by default a field has at most 128 KiB


class CsvRow(NamedTuple):
    """A row: where it begins and ends in its block, and its fields, or None if it is malformed."""

    start: int
    stop: int
    fields: list[str] | None


class _Lines:
    """The lines of a block for csv.reader; remembers the bytes of the current row, data[start:stop]."""

    def __init__(self, data: bytes) -> None:
        self.data, self.start, self.stop = data, 0, 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        end = line_end(self.data, self.stop)
        too_long = self.stop > self.start and end - self.start > LONGEST
        if self.stop == len(self.data) or too_long:
            raise StopIteration
        line, self.stop = self.data[self.stop : end], end
        return line.decode("utf-8", "surrogateescape")


def line_end(data: bytes, start: int) -> int:
    """Return where a line ends, behind its line break."""
    return data.find(b"\n", start) + 1 or len(data)


def csv_rows(data: bytes, delimiter: str, *, whole: bool, comment: str = "") -> Iterator[CsvRow]:
    r"""Yield the rows of a block as csv.reader in strict mode reads them; rows end with \n or \r\n.

    A malformed row is one line. Bytes that are not UTF-8 become surrogates. If not `whole`, more bytes may follow, and
    the last row is left out unless it is complete. Where a row may begin, a line that begins with `comment` is none.
    """
    mark = comment.encode()
    lines = _Lines(data)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while lines.stop < len(data):
        if mark and data.startswith(mark, lines.stop):
            lines.stop = line_end(data, lines.stop)
            continue
        start = lines.start = lines.stop
        fields: list[str] | None
        try:
            fields = next(reader) or [""]
        except csv.Error:
            fields = None
        row = data[start : lines.stop]
        if fields is not None and not whole and not row.endswith(b"\n"):
            return
        if row.removesuffix(b"\r\n" if row.endswith(b"\r\n") else b"\n").endswith(b"\r"):  # csv.reader allows that
            fields = None
        if fields is None:
            if not whole and (len(data) - start <= LONGEST or b"\n" not in row):
                return
            lines.stop = line_end(data, start)
        yield CsvRow(start, lines.stop, fields)


def without_comments(data: bytes, comment: str) -> bytes:
    """Return the data without the lines that begin so, also those in quotes."""
    return re.sub(rb"^%b.*\n?" % re.escape(comment.encode()), b"", data, flags=re.MULTILINE) if comment else data


def cut_rows(data: bytes, delimiter: str, whole: bool, comment: str = "") -> int:
    """Return where the last complete row ends; `whole`: nothing follows the data."""
    if whole:
        return len(data)
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    if comment and without_comments(data, comment).count(b'"') < data.count(b'"'):
        *_, last = (0, *(row.stop for row in csv_rows(data, delimiter, whole=False, comment=comment)))
        return last
    quotes = _quotes(data)
    end = len(data)
    for _ in range(100):
        end = data.rfind(b"\n", 0, end)
        inside = int(np.searchsorted(quotes, end))
        if end < 0 or inside % 2 == 0:
            break
    if end >= 0 and inside % 2 == 0 and _are_regular(data, quotes[:inside], delimiter):
        return end + 1
    *_, last = (0, *(row.stop for row in csv_rows(data, delimiter, whole=False)))
    return last


def quotes_are_regular(data: bytes, delimiter: str) -> bool:
    """Return whether every quote opens a field, closes one, or is one of two inside; then all readers agree."""
    if b'"' not in data:
        return True
    quotes = _quotes(data)
    return len(quotes) % 2 == 0 and _are_regular(data, quotes, delimiter)


def _quotes(data: bytes) -> NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == ord('"'))


def _are_regular(data: bytes, quotes: NDArray[np.intp], delimiter: str) -> bool:
    """Return whether the quotes, in turn, open and close fields, and no row is longer than LONGEST."""
    text = np.frombuffer(b"\n" + data + b"\n", np.uint8)
    before, after = text[quotes[::2]], text[quotes[1::2] + 2]
    edge, quote, line = ord(delimiter), ord('"'), ord("\n")
    opens = (before == edge) | (before == line) | (before == quote)
    closes = (after == edge) | (after == line) | (after == quote) | (after == ord("\r"))
    return bool(opens.all() and closes.all()) and _rows_are_short(data, quotes)


def _rows_are_short(data: bytes, quotes: NDArray[np.intp]) -> bool:
    """Return whether a row ends in every half of LONGEST: then none is longer."""
    for start in range(0, len(data) - LONGEST // 2, LONGEST // 2):
        end = start
        while (end := data.find(b"\n", end, start + LONGEST // 2) + 1) and np.searchsorted(quotes, end) % 2:
            pass
        if not end:
            return False
    return True
