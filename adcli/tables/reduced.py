"""One row instead of many: the sum or the mean of each column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .rows import Encoded, Placed, Sink

if TYPE_CHECKING:
    from .rows import Mask

REDUCTIONS = ("sum", "mean")


class Reduced:
    """A sink that sums up stretches of rows, which become one row at the end.

    The sums are added exactly and rounded once, so it does not matter which comes first.
    """

    def __init__(self, sink: Sink, names: Sequence[str], how: str) -> None:
        self._sink, self._names, self._how = sink, names, how

    def head(self) -> bytes:
        """Return what the file begins with."""
        return self._sink.head()

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return no bytes, and the sums."""
        return Encoded(b"", rows, [float(np.sum(columns[name])) for name in self._names])

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return what the file begins with and the row with what follows it."""
        sums = [_exact_sum(parts) for parts in zip(*(block.extra for block in blocks), strict=True)]
        sums = sums or [0.0] * len(self._names)
        rows = sum(block.rows for block in blocks)
        if self._how == "mean":
            sums = [x / rows if rows else math.nan for x in sums]
        columns = {name: np.array([x]) for name, x in zip(self._names, sums, strict=True)}
        encoded = self._sink.encode(columns, 1, None)
        start = len(self._sink.head())
        head, tail = self._sink.ending([Placed(start, len(encoded.data), 1, encoded.extra)])
        return head, encoded.data + tail


def _exact_sum(parts: Sequence[float]) -> float:
    try:
        return math.fsum(parts)
    except (OverflowError, ValueError):  # too large in between, or inf - inf
        return float(np.sum(parts))
