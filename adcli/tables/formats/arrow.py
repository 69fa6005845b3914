"""Arrow's own format for files: batches of rows one after another, and a footer that tells where they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..arrow_columns import ROWS, batch_of, plain, rows_of, schema_of
from ..rows import Encoded, Piece, Placed, Wanted
from ..streams import arrow, reading, seekable

if TYPE_CHECKING:
    from ..rows import Mask

MAGIC = b"ARROW1\0\0"
END = b"\xff\xff\xff\xff\0\0\0\0"  # of the batches
BLOCK = struct.Struct("<qi4xq")  # what the footer has of a batch: where, how long its metadata, its body


class IpcSource:
    """A file of batches; a piece is a stretch of a batch."""

    def __init__(self, path: str) -> None:
        ipc = arrow("pyarrow.ipc", "Arrow's format")
        seekable(path)
        with reading(path):
            self._file = ipc.open_file(arrow().OSFile(path))
            schema = self._file.schema
            self.columns = tuple(schema.names)
        self._name = path
        self.types: Mapping[str, Any] = {field.name: plain(field.type) for field in schema}
        self.size = self._file.num_record_batches

    def pieces(self, wanted: Wanted, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position, a batch and the rows passed in it and before it, on."""
        first, passed, before = start or (0, 0, 0)
        for k in range(first, self.size):
            with reading(self._name):
                batch = self._file.get_batch(k)
                batch.validate(full=True)
            for at in range(passed, len(batch), ROWS):
                part = batch.slice(at, ROWS)
                yield Piece(
                    (k, at + len(part), before), k + (at + len(part) >= len(batch)),
                    partial(rows_of, part, wanted, self.columns, self._name, before + at + 1),
                )  # fmt: skip
            passed, before = 0, before + len(batch)

    def close(self) -> None:
        """Close the file."""


class IpcSink:
    """A file of batches; each stretch of rows is one."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        arrow("pyarrow.ipc", "Arrow's format")
        self._schema = schema_of(columns)

    def head(self) -> bytes:
        """Return what a file begins with: its sign, and the schema."""
        return MAGIC + bytes(self._schema.serialize())

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return a batch, and how long its metadata are."""
        data = bytes(batch_of(columns, self._schema, nulls).serialize())
        return Encoded(data, rows, 8 + int.from_bytes(data[4:8], "little"))

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return what a file begins with, and the footer, in which Arrow has left room for the places of batches."""
        pa, ipc = arrow(), arrow("pyarrow.ipc")
        blocks = [block for block in blocks if block.rows]
        sink = pa.BufferOutputStream()
        none = pa.record_batch([pa.array([], field.type) for field in self._schema], schema=self._schema)
        with ipc.new_file(sink, self._schema) as file:
            for _ in blocks:
                file.write_batch(none)
        data = bytes(sink.getvalue())
        message = bytes(none.serialize())
        head = self.head()
        metadata = 8 + int.from_bytes(message[4:8], "little")
        room = b"".join(
            BLOCK.pack(len(head) + k * len(message), metadata, len(message) - metadata) for k in range(len(blocks))
        )
        places = b"".join(BLOCK.pack(b.start, b.extra, b.length - b.extra) for b in blocks)
        footer = data[len(head) + len(blocks) * len(message) + len(END) :]
        assert not room or footer.count(room) == 1
        return head, END + footer.replace(room, places)
