"""Parquet: row groups, each encoded by itself, and one footer for all."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from ..arrow_columns import ROWS, batch_of, plain_type, rows_of_batch, schema_of
from ..parquet_footer import MAGIC, joined, split
from ..rows import Block, DataError, Encoded, Piece, ReadOptions, Selection, Sink
from ..streams import arrow, arrow_errors

if TYPE_CHECKING:
    from ..rows import Mask


class ParquetSource:
    """A Parquet file; a piece is a part of a row group."""

    def __init__(self, path: str, _options: ReadOptions) -> None:
        parquet = arrow("pyarrow.parquet", "Parquet")
        with arrow_errors(path):
            self._file = parquet.ParquetFile(path)
            schema = self._file.schema_arrow
            self.columns = tuple(schema.names)
        self._name = path
        self.types: Mapping[str, Any] = {field.name: plain_type(field.type) for field in schema}
        metadata = self._file.metadata
        self.size = metadata.num_rows
        if self.size != sum(metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)):
            raise DataError(f"{path} is broken: its groups have not as many rows as it says")

    def pieces(self, selection: Selection, start: tuple[int, int] | None = None) -> Iterator[Piece]:
        """Yield the rows from a position on: a row group, and how many pieces of it to pass over."""
        names = [self.columns[k] for k in sorted({*selection.variables.values(), *selection.kept.values()})]
        group, passed = start or (0, 0)
        metadata = self._file.metadata
        done = sum(metadata.row_group(g).num_rows for g in range(group))
        for g in range(group, self._file.num_row_groups):
            batches = self._file.iter_batches(ROWS, row_groups=[g], columns=names, use_threads=False)
            for k in count(1):
                with arrow_errors(self._name):
                    batch = next(batches, None)
                if batch is None:
                    if done != sum(metadata.row_group(h).num_rows for h in range(g + 1)):
                        raise DataError(f"{self._name} is broken: a group has not as many rows as it says")
                    break
                first, done = done + 1, done + len(batch)
                if g == group and k <= passed:
                    continue
                yield Piece((g, k), done, partial(rows_of_batch, batch, selection, self.columns, self._name, first))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetSink(Sink):
    """A Parquet file; each block of rows is a row group."""

    def __init__(self, columns: Mapping[str, Any], _delimiter: str) -> None:
        arrow("pyarrow.parquet", "Parquet")
        self._schema = schema_of(columns)
        self._text = [name for name, kind in columns.items() if kind is None]

    def head(self) -> bytes:
        """Return the magic number."""
        return MAGIC

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return a row group, and as `extra` the footer of a file that has no other."""
        group, footer = self._file([batch_of(columns, self._schema, nulls)])
        return Encoded(group, rows, b64encode(footer).decode())

    def _file(self, batches: list[Any]) -> tuple[bytes, bytes]:
        """Return the row group and the footer of a file with these rows."""
        pa, parquet = arrow(), arrow("pyarrow.parquet")
        table = pa.Table.from_batches(batches, self._schema)
        out = pa.BufferOutputStream()
        parquet.write_table(table, out, row_group_size=max(1, len(table)), use_dictionary=self._text or False)
        return split(memoryview(out.getvalue()))

    def ending(self, blocks: Sequence[Block]) -> tuple[bytes, bytes]:
        """Return the magic number, and the footer of all row groups."""
        blocks = [block for block in blocks if block.rows]
        footers = (b64decode(block.extra) for block in blocks)
        rows = sum(block.rows for block in blocks)
        return MAGIC, joined(self._file([])[1], footers, [block.start for block in blocks], rows)


source, sink = ParquetSource, ParquetSink
