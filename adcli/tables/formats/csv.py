"""CSV and TSV: rows of fields with a delimiter between them (RFC 4180), read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ..numerals import number, numbers_of
from ..rows import BadRow, BadRowError, DataError, Encoded, Piece, Placed, Rows, Wanted
from ..streams import Stream, arrow
from ..text_columns import join_rows, quoted, texts, without
from .lines import BOM, HUGE, Grammar, grammar, in_parts, text_pieces

if TYPE_CHECKING:
    from ..rows import Mask


def check_delimiter(delimiter: str) -> str:
    """Return the delimiter, or raise UsageError if rows could not be told apart with it."""
    if len(delimiter) != 1 or delimiter in '"\r\n.+-' or delimiter.isalnum() or not delimiter.isascii():
        hint = "write one such as --delimiter ';', or for tabs --from tsv"
        raise UsageError(f"{delimiter!r} cannot be a delimiter", hint=hint)
    return delimiter


class DelimitedSource:
    """A file of rows with a header, or with the `columns` given and no header."""

    types: Mapping[str, Any] = {}  # all is text

    def __init__(self, stream: Stream, delimiter: str, columns: Sequence[str] = ()) -> None:
        self._stream, self._grammar, self.size = stream, grammar(check_delimiter(delimiter)), stream.size
        self._ahead = stream.read(1 << 16)
        self._start = (0, 1)
        if self._ahead.startswith(BOM):
            self._ahead, self._start = self._ahead[len(BOM) :], (len(BOM), 1)
        elif self._ahead[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(f"{stream.name} is text in UTF-16", hint="write it in UTF-8")
        self.columns = tuple(columns) or self._header()

    def _header(self) -> tuple[str, ...]:
        """Read the first row, and step behind it."""
        name = self._stream.name
        while not (first := next(self._grammar.rows(self._ahead, whole=False), None)):
            more = self._stream.read(len(self._ahead) + (1 << 16))  # twice as much, as each time all is looked at again
            self._ahead += more
            if not more or len(self._ahead) > HUGE:
                first = next(self._grammar.rows(self._ahead, whole=True), None)
                break
        if first is None:
            raise DataError(f"{name} is empty", hint="its first row has the names of the columns")
        _, stop, row = first
        offset, line = self._start
        self._start = offset + stop, line + self._ahead.count(b"\n", 0, stop)
        header, self._ahead = self._ahead[:stop], self._ahead[stop:]
        try:
            names = [field.decode().strip() for field in self._grammar.fields(row)] if row else []
        except UnicodeDecodeError:
            raise DataError(f"the header of {name} is not text in UTF-8") from None
        if not row or b"\0" in header:
            hint = "end rows with \\n or \\r\\n: tr '\\r' '\\n' < FILE" if b"\r" in header else ""
            raise DataError(f"the header of {name} cannot be read: {_why(header)}", hint=hint)
        if not row["fields"]:
            raise DataError(f"the first row of {name} is empty", hint="it is to have the names of the columns")
        return tuple(names)

    def pieces(self, wanted: Wanted, start: Any = None) -> Iterator[Piece]:
        """Yield the rows from a position, a byte and a line, on."""
        offset, line = start or self._start
        beyond = offset - self._start[0] - len(self._ahead)
        ahead = self._ahead[offset - self._start[0] :] if beyond < 0 else b""
        self._stream.skip(max(beyond, 0))
        reader = _Reader(self._stream.name, self._grammar, self.columns, wanted)
        return text_pieces(self._stream, (offset, line), self._grammar.cut, reader.read, ahead)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class _Reader:
    """Reads stretches of whole rows: quickly with Arrow, or exactly where that balks."""

    def __init__(self, name: str, rules: Grammar, columns: Sequence[str], wanted: Wanted) -> None:
        self.name, self.grammar, self.columns, self.wanted = name, rules, columns, wanted

    def read(self, data: bytes, line: int) -> Rows:
        """Return the rows; the first one begins on this line."""
        if arrow() is None:
            return self.exactly(data, line)
        return in_parts(data, line, self._quickly, self.exactly, self.grammar.cut)

    def _quickly(self, data: bytes) -> Rows | None:
        """Return the rows if Arrow can read them and finds what `exactly` would find."""
        pa, csv = arrow(), arrow("pyarrow.csv")
        variables, kept = self.wanted[:2]
        if pa is None or not variables or data.startswith(BOM) or not self.grammar.regular(data):
            return None
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None
        both = {*variables.values()} & {*kept.values()}
        types = {str(k): pa.string() for k in kept.values()}
        types |= {str(k): pa.float64() for k in variables.values() if k not in both}

        def parsed(types: dict[str, Any]) -> Any:
            return csv.read_csv(
                pa.py_buffer(data),
                csv.ReadOptions(use_threads=False, column_names=[*map(str, range(len(self.columns)))],
                                block_size=len(data) + 1),
                csv.ParseOptions(delimiter=self.grammar.delimiter.decode(), newlines_in_values=True,
                                 ignore_empty_lines=False),
                csv.ConvertOptions(column_types=types, include_columns=[*types], null_values=[],
                                   strings_can_be_null=False),
            ).combine_chunks()  # fmt: skip

        try:
            table = parsed(types)
            columns = {}
            for name, k in variables.items():
                column = table[str(k)]
                columns[name] = numbers = numbers_of(column)
                odd = ~np.isfinite(numbers)
                if odd.any():  # written as such, or too large, or nan(1)?
                    spelling = column if k in both else parsed({str(k): pa.string()})[str(k)]
                    unusual = spelling.filter(pa.array(odd)).unique().to_pylist()
                    if any(isinstance(number(text.encode()), str) for text in unusual):
                        return None
        except pa.ArrowInvalid:
            return None
        carried = {name: table[str(k)].combine_chunks() for name, k in kept.items()}
        return Rows(table.num_rows, columns, carried)

    def exactly(self, data: bytes, line: int) -> Rows:
        """Return the rows, each looked at by itself; the first one begins on this line."""
        variables, kept = self.wanted[:2]
        numbers: dict[str, list[float]] = {name: [] for name in variables}
        carried: dict[str, list[str]] = {name: [] for name in kept}
        bad = []
        count = 0
        for start, stop, row in self.grammar.rows(data, whole=True):
            try:
                fields = self._fields(data[start:stop], row)
                found = [self._number(fields[k], k) for k in variables.values()]
                text = [self._text(fields[k], k) for k in kept.values()]
            except BadRowError as error:
                shown = data[start:stop].rstrip(b"\r\n").decode("utf-8", "backslashreplace")
                found_bad = BadRow(count, self.name, line, error.column, shown, error.reason)
                bad.append(self.wanted.passed_over(found_bad, partial(self._place, row, error.column)))
            else:
                for name, x in zip(variables, found, strict=True):
                    numbers[name].append(x)
                for name, value in zip(kept, text, strict=True):
                    carried[name].append(value)
            count += 1
            line += data.count(b"\n", start, stop)
        columns = {name: np.array(found, np.float64) for name, found in numbers.items()}
        return Rows(count, columns, carried, bad)

    def _place(self, row: Any, column: str) -> tuple[int, int]:
        """Return where the field of a column begins and ends in the text of a row; nothing for no column."""
        if not column:
            return 0, 0
        fields = [*self.grammar.field.finditer(row["fields"] + self.grammar.delimiter)]
        ends = fields[self.columns.index(column)].span(1)
        start, end = (len(row["fields"][:at].decode("utf-8", "backslashreplace")) for at in ends)
        return start, max(end, start + 1)

    def _fields(self, text: bytes, row: Any) -> list[bytes]:
        if row is None:
            raise BadRowError("", _why(text))
        fields = self.grammar.fields(row)
        if len(fields) != len(self.columns):
            if not row["fields"]:
                raise BadRowError("", "this row is empty")
            kind = "short" if len(fields) < len(self.columns) else "long"
            raise BadRowError("", f"this row is {kind}: {len(fields)} of {len(self.columns)} fields")
        return fields

    def _number(self, field: bytes, k: int) -> float:
        value = number(field)
        if isinstance(value, str):
            raise BadRowError(self.columns[k], value)
        return value

    def _text(self, field: bytes, k: int) -> str:
        try:
            return field.decode()
        except UnicodeDecodeError:
            raise BadRowError(self.columns[k], "this is not text in UTF-8") from None


def _why(row: bytes) -> str:
    """Return why a row is malformed."""
    if b"\r" in row.rstrip(b"\r\n"):
        return "a carriage return is no end of a row"
    return "a quote is not closed, or something follows it"


class DelimitedSink:
    """Rows of fields below a header."""

    def __init__(self, columns: Sequence[str], delimiter: str) -> None:
        self._columns, self._delimiter = columns, check_delimiter(delimiter)
        self._empty = '""' if len(columns) == 1 else ""  # an empty line would be no row

    def head(self) -> bytes:
        """Return the header."""
        return join_rows([quoted([name], self._delimiter) for name in self._columns], self._delimiter)

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return rows as text; fields without a value are empty."""
        fields = []
        for column in columns.values():
            found = texts(column)
            number = isinstance(column, np.ndarray) and column.dtype.kind == "f"
            fields.append(without(found if number else quoted(found, self._delimiter), nulls, self._empty))
        return Encoded(join_rows(fields, self._delimiter), rows)

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return the header, and nothing."""
        return self.head(), b""
