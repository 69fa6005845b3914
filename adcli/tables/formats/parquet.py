"""Parquet: row groups that are encoded each by itself, and one footer for all of them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from ..arrow_columns import ROWS, batch_of, plain, rows_of, schema_of
from ..rows import DataError, Encoded, Piece, Placed, Wanted
from ..streams import arrow, reading, seekable
from . import thrift

if TYPE_CHECKING:
    from ..rows import Mask

MAGIC = b"PAR1"
# Fields of the footer, by the names that Parquet's definition has.
NUM_ROWS, ROW_GROUPS = 3, 4
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7
FILE_OFFSET, META_DATA = 2, 3
OFFSETS = (9, 10, 11)  # of data pages, of the index page, of the dictionary page


class ParquetSource:
    """A Parquet file; a piece is a stretch of a row group."""

    def __init__(self, path: str) -> None:
        parquet = arrow("pyarrow.parquet", "Parquet")
        seekable(path)
        with reading(path):
            self._file = parquet.ParquetFile(path)
            schema = self._file.schema_arrow
            self.columns = tuple(schema.names)
        self._name = path
        self.types: Mapping[str, Any] = {field.name: plain(field.type) for field in schema}
        metadata = self._file.metadata
        self.size = metadata.num_rows
        if self.size != sum(metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)):
            raise DataError(f"{path} is broken: its groups have not as many rows as it says")

    def pieces(self, wanted: Wanted, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position, a row group and a number of pieces in it, on."""
        names = [self.columns[k] for k in sorted({*wanted.variables.values(), *wanted.kept.values()})]
        group, passed = start or (0, 0)
        metadata = self._file.metadata
        done = sum(metadata.row_group(g).num_rows for g in range(group))
        for g in range(group, self._file.num_row_groups):
            batches = self._file.iter_batches(ROWS, row_groups=[g], columns=names, use_threads=False)
            for k in count(1):
                with reading(self._name):
                    batch = next(batches, None)
                if batch is None:
                    if done != sum(metadata.row_group(h).num_rows for h in range(g + 1)):
                        raise DataError(f"{self._name} is broken: a group has not as many rows as it says")
                    break
                first, done = done + 1, done + len(batch)
                if g == group and k <= passed:
                    continue
                yield Piece(
                    (g, k), done,
                    partial(rows_of, batch, wanted, self.columns, self._name, first),
                )  # fmt: skip

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetSink:
    """A Parquet file; each stretch of rows is a row group."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        arrow("pyarrow.parquet", "Parquet")
        self._schema = schema_of(columns)
        self._text = [name for name, kind in columns.items() if kind is None]

    def head(self) -> bytes:
        """Return the four bytes that a file begins with."""
        return MAGIC

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return a row group, and what a footer says of it."""
        data, footer = self._file([batch_of(columns, self._schema, nulls)])
        return Encoded(data, rows, b64encode(footer).decode())

    def _file(self, batches: list[Any]) -> tuple[bytes, bytes]:
        """Return the row group and the footer of a file with these rows."""
        pa, parquet = arrow(), arrow("pyarrow.parquet")
        table = pa.Table.from_batches(batches, self._schema)
        sink = pa.BufferOutputStream()
        parquet.write_table(table, sink, row_group_size=max(1, len(table)), use_dictionary=self._text or False)
        data = memoryview(sink.getvalue())
        end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
        return bytes(data[len(MAGIC) : end]), bytes(data[end:-8])

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return the four bytes, and the footer with all row groups where they are now."""
        footer = thrift.loads(self._file([])[1])
        groups: list[thrift.Struct] = []
        for block in blocks:
            if not block.rows:
                continue
            _, (_, (group,)) = thrift.loads(b64decode(block.extra))[ROW_GROUPS]
            _move(group, block.start - len(MAGIC), len(groups))
            groups.append(group)
        footer[NUM_ROWS] = thrift.I64, sum(block.rows for block in blocks)
        footer[ROW_GROUPS] = thrift.LIST, (thrift.STRUCT, groups)
        data = thrift.dumps(footer)
        return MAGIC, data + len(data).to_bytes(4, "little") + MAGIC


def _move(group: thrift.Struct, by: int, ordinal: int) -> None:
    """Move what a footer says of a row group by so many bytes."""

    def add(struct: thrift.Struct, field: int) -> None:
        if struct.get(field, (0, 0))[1]:
            struct[field] = struct[field][0], struct[field][1] + by

    add(group, GROUP_OFFSET)
    if ORDINAL in group:
        group[ORDINAL] = thrift.I16, min(ordinal, 0x7FFF)
    for column in group[COLUMNS][1][1]:
        add(column, FILE_OFFSET)
        for field in OFFSETS:
            add(column[META_DATA][1], field)
