"""NPZ: a ZIP file with an array for each column."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ..arrow_columns import ROWS
from ..rows import Block, DataError, Encoded, Piece, ReadOptions, Rows, Selection, Sink
from ..streams import BROKEN
from .npy import header, numpy_types, read_header, rows_of_arrays, with_nan

if TYPE_CHECKING:
    from ..rows import Mask

STEP = 1 << 20  # bytes copied at a time


class NpzSource:
    """The arrays of one dimension in a ZIP file, by name; arrays of other shapes are no columns."""

    def __init__(self, path: str, _options: ReadOptions) -> None:
        try:
            with ExitStack() as stack:
                self._zip = stack.enter_context(zipfile.ZipFile(path))
                headers = {}
                for member in self._zip.namelist():
                    with self._zip.open(member) as file:
                        headers[member.removesuffix(".npy")] = read_header(file, f"{path}: {member}")
                stack.pop_all()
        except (*BROKEN, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise DataError(f"{path} is no whole NPZ file: {error}") from None
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
        columns = {
            n: (dtype, shape[0]) for n, (dtype, shape, _) in headers.items() if len(shape) == 1 and not dtype.names
        }
        if not columns:
            self._zip.close()
            raise DataError(f"{path} has no array of one dimension", hint="save each column by its name")
        types = {name: dtype for name, (dtype, _) in columns.items()}
        self._name, self._sizes = path, {name: size for name, (_, size) in columns.items()}
        self.types: Mapping[str, Any] = types
        self.columns = tuple(types)
        self.size = 0

    def pieces(self, selection: Selection, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position, a row, on."""
        needed = [self.columns[k] for k in sorted({*selection.variables.values(), *selection.kept.values()})]
        if objects := [name for name in needed if self.types[name].hasobject]:
            what = f"the column {objects[0]} of {self._name} holds Python's objects, which are not read"
            raise UsageError(what, hint="leave it out of --keep")
        sizes = {self._sizes[name] for name in needed}
        if len(sizes) > 1:
            what = ", ".join(f"{name} has {self._sizes[name]:,}" for name in needed)
            raise DataError(f"the arrays of {self._name} do not go together: {what} elements")
        (size,) = sizes
        done = start or 0
        with ExitStack() as stack:
            files = {}
            for name in needed:
                member = name + ".npy" if name + ".npy" in self._zip.namelist() else name
                files[name] = stack.enter_context(self._zip.open(member))
                read_header(files[name], self._name)
                files[name].seek(done * self.types[name].itemsize, 1)
            while done < size:
                count = min(ROWS, size - done)
                data = {name: self._read(file, count * self.types[name].itemsize) for name, file in files.items()}
                done += count
                yield Piece(done, done, partial(self._rows, data, count, selection))

    def _read(self, file: IO[bytes], count: int) -> bytes:
        try:
            data = file.read(count)
        except (*BROKEN, zipfile.BadZipFile) as error:
            raise DataError(f"{self._name} is broken: {error}") from None
        if len(data) < count:
            raise DataError(f"{self._name} is broken: its end is missing")
        return data

    def _rows(self, data: Mapping[str, bytes], count: int, selection: Selection) -> Rows:
        columns = [np.frombuffer(data[n], self.types[n]) if n in data else None for n in self.columns]
        return rows_of_arrays(columns, count, selection)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


class NpzSink(Sink):
    """Arrays by name; each block has its part of every array, and they are put together at the end."""

    assembled = True

    def __init__(self, columns: Mapping[str, Any], _delimiter: str) -> None:
        self._types = numpy_types(columns, "NPZ")

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return the columns one after another, NaN where there is no value."""
        parts = []
        for name, column in columns.items():
            array = with_nan(column, self._types[name], nulls, name)
            parts.append(np.asarray(array, self._types[name]).tobytes())
        return Encoded(b"".join(parts), rows)

    def assemble(self, out: IO[bytes], read: Callable[[int, int], bytes], blocks: Sequence[Block]) -> None:
        """Write the whole file."""
        rows = sum(block.rows for block in blocks)
        before = 0
        with zipfile.ZipFile(out, "w") as file:
            for name, dtype in self._types.items():
                info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
                with file.open(info, "w", force_zip64=True) as member:
                    member.write(header(dtype, rows))
                    for block in blocks:
                        start = block.start + before * block.rows
                        end = start + dtype.itemsize * block.rows
                        for at in range(start, end, STEP):
                            member.write(read(at, min(STEP, end - at)))
                before += dtype.itemsize


source, sink = NpzSource, NpzSink
