"""JSON Lines: an object on each line, read strictly (RFC 8259)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from json.decoder import JSONDecodeError
from typing import TYPE_CHECKING, Any

import numpy as np

from ...language import HUGE
from ...result import NON_FINITE
from ..lines import SMALL, Position, Text, cut_line, read_in_parts
from ..rows import BadRow, BadRowError, DataError, Encoded, Piece, ReadOptions, Rows, Selection, Sink
from ..streams import Stream, arrow
from ..text_columns import join_rows, repeated, strings, text_column, text_of, with_nulls, with_others

if TYPE_CHECKING:
    from ..rows import Mask

NAMES = {repr(value): f'"{name}"' for name, value in NON_FINITE.items()}


class Raw(str):
    """A value that is not text, as it is written in JSON."""

    __slots__ = ()


class JsonlSource:
    """A file of objects; its columns are the names in the first 64 KiB."""

    def __init__(self, stream: Stream, _options: ReadOptions) -> None:
        self._stream, self.size = stream, stream.size
        text = self._text = Text(stream)
        while b"\n" not in text.ahead and len(text.ahead) < HUGE and text.read_more(1 << 16):
            pass
        if not text.ahead:
            raise DataError(f"{stream.name} is empty")
        found: dict[str, None] = {}
        why = ""
        for line in text.ahead.rstrip(b"\n").split(b"\n"):
            try:
                found |= dict.fromkeys(name for name, _ in _members(line))
            except BadRowError as error:  # a bad row, or one that is not complete here
                why = why or error.reason
        if not found:
            what = f"{stream.name} does not begin with rows: {why or 'the first object is empty'}"
            raise DataError(what, hint="write one object on each line")
        self.columns = tuple(found)
        self.types: Mapping[str, Any] = found  # a value may be of any type

    def pieces(self, selection: Selection, start: Position | None = None) -> Iterator[Piece]:
        """Yield the rows from a position on."""
        return self._text.pieces(start, cut_line, _JsonlReader(self._stream.name, self.columns, selection).read)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class Pairs(list[tuple[str, Any]]):
    """The members of an object, in order and perhaps repeated."""


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON; write it in quotes")


_decode = json.JSONDecoder(object_pairs_hook=Pairs, parse_float=Raw, parse_int=Raw, parse_constant=_refuse).decode


def _members(line: bytes) -> Pairs:
    try:
        found = _decode(line.decode())
    except UnicodeDecodeError:
        raise BadRowError("", "this is not text in UTF-8") from None
    except JSONDecodeError as error:
        reason = "this row is empty" if not line.strip() else f"this is no JSON: {error.msg} at column {error.colno}"
        raise BadRowError("", reason) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        raise BadRowError("", "this is nested too deeply" if deep else str(error)) from None
    if not isinstance(found, Pairs):
        raise BadRowError("", "this is no JSON object")
    return found


class _JsonlReader:
    """Reads blocks of whole lines: quickly with pyarrow, or exactly where that fails."""

    def __init__(self, name: str, columns: Sequence[str], selection: Selection) -> None:
        self.name, self.selection, self.kept = name, selection, [*selection.kept]
        self.variables = {name: columns[k] for name, k in selection.variables.items()}

    def read(self, data: bytes, line: int) -> Rows:
        """Return the rows of a block that begins on this line."""
        if len(data) <= SMALL or self.kept or arrow() is None:
            return self.exactly(data, line)
        return read_in_parts(data, line, self._quickly, self.exactly, cut_line)

    def _quickly(self, data: bytes) -> Rows | None:
        """Return the rows if pyarrow can read them and finds what `exactly` would find."""
        pa = arrow()
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        ends = data.count(b"}\n") + data.count(b"}\r\n") + data.endswith(b"}")
        begins = data.count(b"\n{") + data.startswith(b"{")
        if pa is None or not self.variables or not lines == ends == begins or b"[[[[" in data:
            return None
        schema = pa.schema([(column, pa.float64()) for column in {*self.variables.values()}])
        try:
            data.decode()
            table = (
                arrow("pyarrow.json")
                .read_json(
                    pa.py_buffer(data),
                    arrow("pyarrow.json").ReadOptions(use_threads=False, block_size=len(data) + 1),
                    arrow("pyarrow.json").ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
                )
                .combine_chunks()
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        columns = {variable: table[column] for variable, column in self.variables.items()}
        if len(table) != lines or any(column.null_count for column in columns.values()):
            return None
        numbers = {variable: column.to_numpy() for variable, column in columns.items()}
        if not all(np.isfinite(column).all() for column in numbers.values()):
            return None
        return Rows(lines, numbers, {})

    def exactly(self, data: bytes, line: int) -> Rows:
        """Return the rows of a block that begins on this line, each checked by itself."""
        numbers: dict[str, list[float]] = {name: [] for name in self.variables}
        carried: dict[str, list[str]] = {name: [] for name in self.kept}
        bad: list[BadRow] = []
        lines = data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for at, text in enumerate(lines):
            try:
                members = _members(text)
                found = dict(members)
                values = [_number(found, members, column) for column in self.variables.values()]
                texts = [_text(found, members, column) for column in self.kept]
            except BadRowError as error:
                shown = text.rstrip(b"\r").decode("utf-8", "backslashreplace")
                bad_row = BadRow(at, self.name, line + at, error.column, shown, error.reason)
                bad.append(self.selection.pass_over(bad_row))
            else:
                for name, x in zip(self.variables, values, strict=True):
                    numbers[name].append(x)
                for name, value in zip(self.kept, texts, strict=True):
                    carried[name].append(value)
        columns = {name: np.array(found, np.float64) for name, found in numbers.items()}
        return Rows(len(lines), columns, carried, bad)


def _value(found: dict[str, Any], members: Pairs, column: str) -> Any:
    if len(found) < len(members) and sum(name == column for name, _ in members) > 1:
        raise BadRowError(column, f"{column} is there twice")
    return found.get(column)


def _number(found: dict[str, Any], members: Pairs, column: str) -> float:
    value = _value(found, members, column)
    if type(value) is Raw:
        number = float(value)
        if number in (np.inf, -np.inf):
            raise BadRowError(column, "this number is beyond 1.8e308 in size")
        return number
    if value is None:
        raise BadRowError(column, "a number is missing")
    if isinstance(value, str) and value in NON_FINITE:
        return NON_FINITE[value]
    raise BadRowError(column, "this is not a number")


def _text(found: dict[str, Any], members: Pairs, column: str) -> str:
    value = _value(found, members, column)
    text = value if isinstance(value, str) else Raw(_spelled(value) if value is not None else "")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRowError(column, "this is not text in UTF-8") from None
    return text


def _spelled(value: Any) -> str:
    """Return a value in JSON, its numbers as they were written."""
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_spelled(v)}" for name, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_spelled, value)) + "]"
    return value if isinstance(value, Raw) else json.dumps(value, ensure_ascii=False)


class JsonlSink(Sink):
    """An object on each line."""

    def __init__(self, columns: Mapping[str, Any], _delimiter: str) -> None:
        names = [json.dumps(name, ensure_ascii=False) for name in columns]
        self._before = [("{" if not k else ", ") + name + ": " for k, name in enumerate(names)]

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return lines; a number that is not finite is a text, and null stands where there is no value."""
        parts = []
        for before, column in zip(self._before, columns.values(), strict=True):
            parts += [repeated(before, rows), with_nulls(_json(column), nulls, "null")]
        return Encoded(join_rows(parts, "", "}"), rows)


def _json(column: Any) -> Any:
    """Return each element in JSON."""
    if isinstance(column, np.ndarray) and column.dtype == np.float64:
        texts = text_column(column)
        odd = ~np.isfinite(column)
        return with_others(texts, odd, [NAMES[repr(x)] for x in column[odd].tolist()]) if odd.any() else texts
    if not isinstance(column, list):
        column = column.tolist() if isinstance(column, np.ndarray) else column.to_pylist()
    return strings([_json_value(value) for value in column])


def _json_value(value: Any) -> str:
    if isinstance(value, Raw):
        return value or "null"
    text = json.dumps(value, ensure_ascii=False, default=text_of)
    if "NaN" in text or "Infinity" in text:  # perhaps as numbers, perhaps in a list
        text = json.dumps(json.loads(text, parse_constant=str), ensure_ascii=False)
    return text


source, sink = JsonlSource, JsonlSink
