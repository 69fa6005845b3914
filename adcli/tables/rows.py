"""Blocks of rows on their way from a file, through a plan, into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..errors import AdcliError, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Mask = NDArray[np.bool_]


class DataError(AdcliError):
    """A row of a file cannot be read."""

    kind = "data"
    exit_code = 3


class StoppedError(AdcliError):
    """A run ended before its end: a signal came, or nothing more could be written."""

    kind = "stopped"

    def __init__(self, what: str, hint: str = "", status: int = 1) -> None:
        super().__init__(what, hint=hint)
        self.exit_code = status


class BadRow(NamedTuple):
    """A row that cannot be read: where it is, what is there, and why not; `at` counts the rows of its piece."""

    at: int
    file: str
    line: int
    column: str
    text: str
    reason: str
    unit: str = "line"

    def error(self, start: int = 0, end: int = 0) -> DataError:
        """Return it as an error that shows the row, some part of it underlined."""
        shown = self.text.replace("\n", "⏎")
        column = f", column {self.column}" if self.column else ""
        hint = "to pass over such rows: --on-error skip, or null; to list them: --errors FILE"
        place = Place(shown, start, end or len(shown), f"{self.file}, {self.unit} {self.line:,}{column}")
        return DataError(self.reason, place, hint)


class BadRowError(Exception):
    """A row cannot be read: which column it is, and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason


class Rows(NamedTuple):
    """The rows of a piece: by variable the numbers of the good ones, what is carried along of them, and the bad ones.

    `size` is how many there are, good and bad. What is carried along is a list of texts, a numpy array or an array of
    Arrow's.
    """

    size: int
    columns: dict[str, Numbers]
    kept: dict[str, Any]
    bad: Sequence[BadRow] = ()


class Wanted(NamedTuple):
    """Which columns of a file are needed: by variable the number of its column, and those carried along by name.

    `numbers` are columns carried along as the numbers of a variable, and `order` has all that are carried along. With
    `fail` the first bad row ends the reading.
    """

    variables: Mapping[str, int]
    kept: Mapping[str, int]
    numbers: Mapping[str, str] = {}  # never changed
    order: tuple[str, ...] = ()
    fail: bool = False

    def passed_over(self, row: BadRow, field: Callable[[], tuple[int, int]] = lambda: (0, 0)) -> BadRow:
        """Return a bad row; raises its error if it ends the reading. `field` finds where in its text it is bad."""
        if self.fail:
            raise row.error(*field())
        return row


class Piece(NamedTuple):
    """Some rows of a file, not yet read: `after` is the position behind them, `done` how far the file is read.

    A position is plain data that `pieces` can begin at; `done` is in the units of the source's size.
    """

    after: Any
    done: int
    read: Callable[[], Rows]
    wanted: Wanted = Wanted({}, {})


class Source(Protocol):
    """A file of rows: its columns by name, its size in some unit or 0, and its rows in pieces.

    `types` has numpy's or Arrow's type of each column that is not text, None for any. The pieces are always the same
    ones, wherever the reading begins.
    """

    columns: tuple[str, ...]
    types: Mapping[str, Any]
    size: int

    def pieces(self, wanted: Wanted, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position on."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Encoded(NamedTuple):
    """So many rows as bytes; `extra` is what the end of the file must know of them, as plain data."""

    data: bytes
    rows: int
    extra: Any = None


class Placed(NamedTuple):
    """Encoded rows that are written: where they begin, how many bytes and rows they have, and their `extra`."""

    start: int
    length: int
    rows: int
    extra: Any


class Sink(Protocol):
    """A format to write: what comes first, rows as bytes in any order, what comes last.

    `ending` also returns what comes first, now that everything is known; it has the length that it had.
    """

    def head(self) -> bytes:
        """Return what the file begins with."""
        ...

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return so many rows as bytes; those where `nulls` is true have no values."""
        ...

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return what the file begins with and what it ends with."""
        ...
