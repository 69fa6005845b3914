"""Thrift's compact protocol, in which the footer of a Parquet file is written: bytes to plain structures and back."""

from __future__ import annotations

from typing import Any

# A structure is {field: (kind, value)}, a list (kind, [values]); strings are bytes. Kinds are the protocol's own.
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
Struct = dict[int, tuple[int, Any]]


class _Reader:
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
        if kind in (TRUE, FALSE):  # in a list; in a structure the kind is the value
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
        raise ValueError(f"kind {kind} is not in a footer")

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while head := self.take(1)[0]:
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self.integer()
            found[field] = kind, kind == TRUE if kind in (TRUE, FALSE) else self.value(kind)
        return found


def loads(data: bytes) -> Struct:
    """Return the structure that bytes say."""
    return _Reader(data).struct()


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
    """Return the bytes that say a structure."""
    parts = []
    last = 0
    for field, (kind, value) in struct.items():
        step = field - last
        parts.append(bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _integer(field))
        if kind not in (TRUE, FALSE):
            parts.append(_dump(kind, value))
        last = field
    return b"".join([*parts, b"\0"])
