"""Rows on their way from a file, through a plan, into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from ..errors import AdcliError, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Mask = NDArray[np.bool_]


class DataError(AdcliError):
    """A file, or a row of it, cannot be read."""

    kind = "data"
    exit_code = 3


class StoppedError(AdcliError):
    """A run ended early: by a signal, a full disk, or an input that is gone; the last two are like any other file."""

    kind = "stopped"

    def __init__(self, what: str, hint: str = "", status: int = 2) -> None:
        super().__init__(what, hint=hint)
        self.exit_code = status


class BadRow(NamedTuple):
    """A row that cannot be read: its place in the file, its text, and the reason.

    `at` counts the rows of its piece from 0. `line` counts from 1, in lines or in rows as `unit` says.
    """

    at: int
    file: str
    line: int
    column: str
    text: str
    reason: str
    unit: str = "line"
    hint: str = ""

    def error(self, start: int = 0, end: int = 0) -> DataError:
        """Return the error that shows the row, with text[start:end] underlined, or all of it."""
        shown = self.text.replace("\n", "⏎")
        column = f", column {self.column}" if self.column else ""
        hint = "to pass over such rows: --on-error skip, or null; to list them: --errors FILE"
        hint = f"{self.hint}\n{hint}" if self.hint else hint
        place = Place(shown, start, end or len(shown), f"{self.file}, {self.unit} {self.line:,}{column}")
        return DataError(self.reason, place, hint)


class BadRowError(Exception):
    """A row cannot be read because of this column, or "" for the whole row."""

    def __init__(self, column: str, reason: str, hint: str = "") -> None:
        super().__init__(column, reason)
        self.column, self.reason, self.hint = column, reason, hint


class Rows(NamedTuple):
    """The rows of a piece.

    `size` counts all, good and bad. `columns` has the numbers of the good ones, by variable. `kept` has their columns
    that are copied to the output, by name; each is a list of texts, a numpy array or an Arrow array.
    """

    size: int
    columns: dict[str, Numbers]
    kept: dict[str, Any]
    bad: Sequence[BadRow] = ()


class ReadOptions(NamedTuple):
    """How to read files.

    The format, unless names say it; the delimiter, the decimal mark, what separates thousands and what begins a comment
    of CSV, unless they are found; the columns of files that do not name them.
    """

    format: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str = ""
    comment: str = ""


class Selection(NamedTuple):
    """The columns of a source that a run needs.

    `variables` has the number of the column of each variable, `kept` that of each column to copy. `numbers` has the
    columns to copy as numbers, with their variable. `order` names all columns to copy. With `fail` the first bad row
    ends the run.
    """

    variables: Mapping[str, int]
    kept: Mapping[str, int]
    numbers: Mapping[str, str] = {}  # never changed
    order: tuple[str, ...] = ()
    fail: bool = False

    def pass_over(self, row: BadRow, field: Callable[[], tuple[int, int]] = lambda: (0, 0)) -> BadRow:
        """Return a bad row, or raise its error if bad rows end the run; `field` finds the part of its text to mark."""
        if self.fail:
            raise row.error(*field())
        return row


class Piece(NamedTuple):
    """Some rows of a source, not yet read.

    `after` is the position behind them: plain data where `Source.pieces` can start again. `done` says how far the
    source is read, in the unit of its size.
    """

    after: Any
    done: int
    read: Callable[[], Rows]
    selection: Selection = Selection({}, {})


class Source(Protocol):
    """A file to read: the names of its columns, its size in some unit or 0, its rows in pieces.

    `types` has the numpy or Arrow type of each column that is not text, None for values of any type. The pieces are
    the same wherever reading starts.
    """

    columns: tuple[str, ...]
    types: Mapping[str, Any]
    size: int

    def pieces(self, selection: Selection, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position on."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Encoded(NamedTuple):
    """Rows as bytes of the output; `extra` is plain data that the end of the file needs."""

    data: bytes
    rows: int
    extra: Any = None


class Block(NamedTuple):
    """Encoded rows as they stand in the output: where they begin, their bytes, their rows, their `extra`."""

    start: int
    length: int
    rows: int
    extra: Any


class Sink:
    """A format to write: the beginning of the file, blocks of rows, the end.

    Threads encode rows in any order. A sink with `assembled` writes the whole file anew, from the blocks.
    """

    assembled = False

    def head(self) -> bytes:
        """Return the beginning, as far as it is known before the rows."""
        return b""

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return rows as bytes; those where `nulls` is true have no values."""
        raise NotImplementedError

    def ending(self, blocks: Sequence[Block]) -> tuple[bytes, bytes]:
        """Return the final beginning, as long as `head()`, and the end."""
        return self.head(), b""

    def assemble(self, out: IO[bytes], read: Callable[[int, int], bytes], blocks: Sequence[Block]) -> None:
        """Write the whole file; `read(start, count)` returns bytes of the blocks."""
        raise NotImplementedError
