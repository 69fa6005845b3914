"""Arrow files: record batches one after another, and a footer that says where they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..arrow_columns import ROWS, batch_of, plain_type, rows_of_batch, schema_of
from ..rows import Block, Encoded, Piece, ReadOptions, Selection, Sink
from ..streams import arrow, arrow_errors

if TYPE_CHECKING:
    from ..rows import Mask

# The Arrow columnar format, "IPC File Format"; the footer is File.fbs of its sources.
MAGIC = b"ARROW1\0\0"
END_OF_BATCHES = b"\xff\xff\xff\xff\0\0\0\0"
BLOCK = struct.Struct("<qi4xq")  # struct Block of the footer: where a batch is, bytes of its metadata, of its body


class ArrowSource:
    """A file of batches; a piece is a part of a batch."""

    def __init__(self, path: str, _options: ReadOptions) -> None:
        ipc = arrow("pyarrow.ipc", "Arrow's format")
        with arrow_errors(path):
            self._file = ipc.open_file(arrow().OSFile(path))
            schema = self._file.schema
            self.columns = tuple(schema.names)
        self._name = path
        self.types: Mapping[str, Any] = {field.name: plain_type(field.type) for field in schema}
        self.size = self._file.num_record_batches

    def pieces(self, selection: Selection, start: tuple[int, int, int] | None = None) -> Iterator[Piece]:
        """Yield the rows from a position on: a batch, the rows to pass over in it, the rows before it."""
        first, passed, before = start or (0, 0, 0)
        for k in range(first, self.size):
            with arrow_errors(self._name):
                batch = self._file.get_batch(k)
                batch.validate(full=True)
            for at in range(passed, len(batch), ROWS):
                part = batch.slice(at, ROWS)
                yield Piece(
                    (k, at + len(part), before), k + (at + len(part) >= len(batch)),
                    partial(rows_of_batch, part, selection, self.columns, self._name, before + at + 1),
                )  # fmt: skip
            passed, before = 0, before + len(batch)

    def close(self) -> None:
        """Close the file."""


class ArrowSink(Sink):
    """A file of batches; each block of rows is one."""

    def __init__(self, columns: Mapping[str, Any], _delimiter: str) -> None:
        arrow("pyarrow.ipc", "Arrow's format")
        self._schema = schema_of(columns)

    def head(self) -> bytes:
        """Return the magic number and the schema."""
        return MAGIC + bytes(self._schema.serialize())

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return a batch, and as `extra` the bytes of its metadata."""
        data = bytes(batch_of(columns, self._schema, nulls).serialize())
        return Encoded(data, rows, _metadata_size(data))

    def ending(self, blocks: Sequence[Block]) -> tuple[bytes, bytes]:
        """Return the head, and the footer of a file of as many empty batches, with the places of ours put in."""
        pa, ipc = arrow(), arrow("pyarrow.ipc")
        blocks = [block for block in blocks if block.rows]
        out = pa.BufferOutputStream()
        empty = pa.record_batch([pa.array([], field.type) for field in self._schema], schema=self._schema)
        with ipc.new_file(out, self._schema) as file:
            for _ in blocks:
                file.write_batch(empty)
        head, batch = self.head(), bytes(empty.serialize())
        footer = bytes(out.getvalue())[len(head) + len(blocks) * len(batch) + len(END_OF_BATCHES) :]
        metadata = _metadata_size(batch)
        theirs = b"".join(
            BLOCK.pack(len(head) + k * len(batch), metadata, len(batch) - metadata) for k in range(len(blocks))
        )
        ours = b"".join(BLOCK.pack(b.start, b.extra, b.length - b.extra) for b in blocks)
        assert not theirs or footer.count(theirs) == 1
        return head, END_OF_BATCHES + footer.replace(theirs, ours)


def _metadata_size(message: bytes) -> int:
    """Return how many bytes come before the body of a message: two words, of which the second is a size, and that."""
    return 8 + int.from_bytes(message[4:8], "little")


source, sink = ArrowSource, ArrowSink
