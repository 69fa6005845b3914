"""NPY: one numpy array; a row of the table is a record with named fields, or a row of a matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from ...errors import UsageError
from ...language import npy_header
from ..arrow_columns import ROWS
from ..rows import Block, DataError, Encoded, Piece, ReadOptions, Rows, Selection, Sink
from ..streams import Stream, require_file

if TYPE_CHECKING:
    from ..rows import Mask

MAGIC = b"\x93NUMPY"
MOST = 10**18  # rows


def read_header(file: Any, name: str) -> tuple[Any, tuple[int, ...], bool]:
    """Return the type and the shape of an array, and whether it lies by column; then the file stands at its data.

    Raises DataError if there is no NPY header.
    """
    try:
        return npy_header(file)
    except ValueError as error:
        raise DataError(f"{name} is no NPY file: {error}") from None


def header(dtype: Any, rows: int) -> bytes:
    """Return the header of an array; its length does not depend on the number of rows."""
    most, text = (
        repr({"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (n,)}) for n in (MOST, rows)
    )  # fmt: skip
    version = 3 if not text.isascii() else 2 if len(most) > 65_000 else 1
    before = 10 if version == 1 else 12
    size = -(-(len(most.encode()) + before + 1) // 64) * 64 - before
    return MAGIC + bytes([version, 0]) + size.to_bytes(before - 8, "little") + text.encode().ljust(size - 1) + b"\n"


class NpySource:
    """The rows of an array; the options name the columns of a matrix."""

    def __init__(self, stream: Stream, options: ReadOptions) -> None:
        dtype, shape, self._by_columns = read_header(stream, stream.name)
        if dtype.hasobject:
            raise DataError(f"{stream.name} holds Python's objects, which are not read", hint="save numbers")
        if not 1 <= len(shape) <= 2 or (dtype.names and len(shape) == 2):
            raise DataError(f"{stream.name} is an array of shape {shape}", hint="save records, or a matrix of rows")
        if self._by_columns:
            require_file(stream.path)
        self._stream, self._dtype, self.size = stream, dtype, shape[0]
        self._width = shape[1] if len(shape) == 2 else 1
        if not dtype.names and len(options.columns) != self._width:
            what = f"{stream.name} has {self._width} columns without names"
            raise UsageError(what, hint=f"name them: --columns {'x1' if self._width == 1 else 'x1,x2,...'}")
        self.columns = dtype.names or options.columns
        self.types: Mapping[str, Any] = {name: dtype[name] if dtype.names else dtype for name in self.columns}

    def pieces(self, selection: Selection, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position, a row, on."""
        done = start or 0
        if self._by_columns:
            yield from self._pieces_by_column(selection, done)
            return
        size = self._dtype.itemsize * self._width
        self._stream.skip(done * size)
        while done < self.size:
            count = min(ROWS, self.size - done)
            data = self._stream.read(count * size)
            if len(data) < count * size:
                raise DataError(f"{self._stream.name} is broken: its end is missing")
            done += count
            yield Piece(done, done, partial(self._rows, data, count, selection))
        if self._stream.read(1):
            raise DataError(f"{self._stream.name} is broken: something follows the array")

    def _rows(self, data: bytes, count: int, selection: Selection) -> Rows:
        array = np.frombuffer(data, self._dtype)
        names = self._dtype.names
        return rows_of_arrays([array[n] for n in names] if names else [*array.reshape(count, -1).T], count, selection)

    def _pieces_by_column(self, selection: Selection, done: int) -> Iterator[Piece]:
        try:
            whole = np.load(self._stream.path, mmap_mode="r", allow_pickle=False)
        except ValueError:
            raise DataError(f"{self._stream.name} is broken: its end is missing") from None
        if whole.offset + whole.nbytes < self._stream.size:
            raise DataError(f"{self._stream.name} is broken: something follows the array")
        while done < self.size:
            part = np.array(whole[done : done + ROWS].T)
            done += part.shape[1]
            yield Piece(done, done, partial(rows_of_arrays, [*part], part.shape[1], selection))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def rows_of_arrays(columns: Sequence[Any], count: int, selection: Selection) -> Rows:
    """Return the rows of arrays, one for each column."""
    with np.errstate(over="ignore", invalid="ignore"):  # long double, a signalling NaN
        numbers = {name: np.ascontiguousarray(columns[k], np.float64) for name, k in selection.variables.items()}
    return Rows(count, numbers, {name: np.ascontiguousarray(columns[k]) for name, k in selection.kept.items()})


def numpy_types(columns: Mapping[str, Any], format_: str) -> dict[str, Any]:
    """Return the numpy types of columns by name and type; raises UsageError for one without a type of fixed size."""
    found = {}
    for name, kind in columns.items():
        try:
            found[name] = np.dtype(kind.to_pandas_dtype() if hasattr(kind, "to_pandas_dtype") else kind or object)
        except (TypeError, NotImplementedError):
            found[name] = np.dtype(object)
        if found[name].hasobject:
            what = f"the column {name} holds {kind or 'text'}, which {format_} has no room for"
            raise UsageError(what, hint="leave it out of --keep, or write .csv or .parquet")
    return found


def with_nan(column: Any, dtype: Any, nulls: Mask | None, name: str) -> Any:
    """Return a numpy or Arrow column as a numpy one, NaN where there is no value.

    Raises UsageError if its type has no NaN and there are rows without values.
    """
    if not isinstance(column, np.ndarray):
        nulls = nulls if nulls is not None or not column.null_count else column.is_null().to_numpy(zero_copy_only=False)
        column = column.to_numpy(zero_copy_only=False)
    if nulls is not None and nulls.any() and dtype.kind != "f":
        what = f"the column {name} holds {dtype}, which has no room for a row without a value"
        raise UsageError(what, hint="leave it out of --keep, or write .csv or .parquet")
    return column if nulls is None else np.where(nulls, np.nan, column)


class NpySink(Sink):
    """Records with a named field for each column."""

    def __init__(self, columns: Mapping[str, Any], _delimiter: str) -> None:
        self._dtype = np.dtype([*numpy_types(columns, "NPY").items()])

    def head(self) -> bytes:
        """Return a header with room for the number of rows."""
        return header(self._dtype, 0)

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return records; those without values have NaN."""
        array = np.empty(rows, self._dtype)
        for name, column in columns.items():
            array[name] = with_nan(column, self._dtype[name], nulls, name)
        return Encoded(array.tobytes(), rows)

    def ending(self, blocks: Sequence[Block]) -> tuple[bytes, bytes]:
        """Return the header with the number of rows; there is no end."""
        return header(self._dtype, sum(block.rows for block in blocks)), b""


source, sink = NpySource, NpySink
