"""Footers of Parquet files: row groups of several files under one footer.

pyarrow can only decode row groups and encode them again, with which a run takes up to 1.6 times as long. Sources: the
Parquet format, parquet.thrift (FileMetaData, RowGroup, ColumnChunk, ColumnMetaData); the Thrift compact protocol,
thrift-compact-protocol.md of Apache Thrift.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

MAGIC = b"PAR1"
# Fields of the structures, by their names in parquet.thrift.
NUM_ROWS, ROW_GROUPS = 3, 4  # FileMetaData
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7  # RowGroup
FILE_OFFSET, META_DATA = 2, 3  # ColumnChunk
PAGE_OFFSETS = (9, 10, 11)  # ColumnMetaData: of data pages, of the index page, of the dictionary page

# A structure is {field: (type, value)}, a list (type, [values]). Types are those of the protocol. Strings are bytes.
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
Struct = dict[int, tuple[int, Any]]


def split(file: memoryview) -> tuple[bytes, bytes]:
    """Return the row groups and the footer of a file."""
    end = len(file) - 8 - int.from_bytes(file[-8:-4], "little")
    return bytes(file[len(MAGIC) : end]), bytes(file[end:-8])


def joined(empty: bytes, footers: Iterable[bytes], starts: Sequence[int], rows: int) -> bytes:
    """Return the end of a file of so many rows: the footer of an `empty` file with the row groups of others.

    Each of the `footers` has one row group, which now begins at the place in `starts`.
    """
    footer = loads(empty)
    groups: list[Struct] = []
    for ordinal, (other, start) in enumerate(zip(footers, starts, strict=True)):
        _, (_, (group,)) = loads(other)[ROW_GROUPS]
        _move(group, start - len(MAGIC), ordinal)
        groups.append(group)
    footer[NUM_ROWS] = I64, rows
    footer[ROW_GROUPS] = LIST, (STRUCT, groups)
    data = dumps(footer)
    return data + len(data).to_bytes(4, "little") + MAGIC


def _move(group: Struct, by: int, ordinal: int) -> None:
    """Move a row group by so many bytes."""

    def add(struct: Struct, field: int) -> None:
        if struct.get(field, (0, 0))[1]:
            struct[field] = struct[field][0], struct[field][1] + by

    add(group, GROUP_OFFSET)
    if ORDINAL in group:
        group[ORDINAL] = I16, min(ordinal, 0x7FFF)
    for column in group[COLUMNS][1][1]:
        add(column, FILE_OFFSET)
        for field in PAGE_OFFSETS:
            add(column[META_DATA][1], field)


class _ThriftReader:
    """Reads values of the compact protocol from a position on."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self) -> int:
        value = shift = 0
        while True:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def integer(self) -> int:
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):  # in a list; in a structure the type is the value
            return self.take(1)[0] == TRUE
        if kind == BYTE:
            return self.take(1)
        if kind in (I16, I32, I64):
            return self.integer()
        if kind == DOUBLE:
            return self.take(8)
        if kind == BINARY:
            return self.take(self.varint())
        if kind in (LIST, SET):
            (head,) = self.take(1)
            size = head >> 4 if head >> 4 < 15 else self.varint()
            return head & 15, [self.value(head & 15) for _ in range(size)]
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"type {kind} is not in a footer")

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while head := self.take(1)[0]:
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self.integer()
            found[field] = kind, kind == TRUE if kind in (TRUE, FALSE) else self.value(kind)
        return found


def loads(data: bytes) -> Struct:
    """Read a structure."""
    return _ThriftReader(data).struct()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _integer(value: int) -> bytes:
    return _varint((value << 1) ^ (value >> 63))


def _dump(kind: int, value: Any) -> bytes:
    if kind in (TRUE, FALSE):
        return bytes([TRUE if value else FALSE])
    if kind in (I16, I32, I64):
        return _integer(value)
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind in (LIST, SET):
        inner, values = value
        size = len(values)
        head = bytes([size << 4 | inner]) if size < 15 else bytes([0xF0 | inner]) + _varint(size)
        return head + b"".join([_dump(inner, one) for one in values])
    return dumps(value) if kind == STRUCT else bytes(value)


def dumps(struct: Struct) -> bytes:
    """Write a structure."""
    parts = []
    last = 0
    for field, (kind, value) in struct.items():
        step = field - last
        parts.append(bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _integer(field))
        if kind not in (TRUE, FALSE):
            parts.append(_dump(kind, value))
        last = field
    return b"".join([*parts, b"\0"])
