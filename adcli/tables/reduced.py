"""One row instead of many: the sum or the mean of each column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from .rows import Block, Encoded, Sink

if TYPE_CHECKING:
    from .rows import Mask


class Reduced(Sink):
    """A sink that sums the rows of each block, and writes one row at the end.

    The sums of blocks are added exactly and rounded once, so the order of blocks makes no difference.
    """

    def __init__(self, sink: Sink, names: Sequence[str], how: str) -> None:
        self._sink, self._names, self._how = sink, names, how
        self.assembled = sink.assembled

    def head(self) -> bytes:
        """Return the beginning of the file."""
        return self._sink.head()

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return no bytes, and the sums as `extra`."""
        return Encoded(b"", rows, [float(np.sum(columns[name])) for name in self._names])

    def _row(self, blocks: Sequence[Block]) -> Encoded:
        sums = [_exact_sum(parts) for parts in zip(*(block.extra for block in blocks), strict=True)]
        sums = sums or [0.0] * len(self._names)
        rows = sum(block.rows for block in blocks)
        if self._how == "mean":
            sums = [x / rows if rows else math.nan for x in sums]
        columns = {name: np.array([x]) for name, x in zip(self._names, sums, strict=True)}
        return self._sink.encode(columns, 1, None)

    def ending(self, blocks: Sequence[Block]) -> tuple[bytes, bytes]:
        """Return the beginning of the file, and the row with what follows it."""
        row = self._row(blocks)
        head, tail = self._sink.ending([Block(len(self._sink.head()), len(row.data), 1, row.extra)])
        return head, row.data + tail

    def assemble(self, out: IO[bytes], _read: Callable[[int, int], bytes], blocks: Sequence[Block]) -> None:
        """Write the whole file."""
        row = self._row(blocks)
        block = Block(0, len(row.data), 1, row.extra)
        self._sink.assemble(out, lambda start, count: row.data[start : start + count], [block])


def _exact_sum(parts: Sequence[float]) -> float:
    try:
        return math.fsum(parts)
    except (OverflowError, ValueError):  # a sum that overflows on the way, or inf - inf
        return float(np.sum(parts))
