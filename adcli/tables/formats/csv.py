"""CSV and TSV: rows of fields with a delimiter between them (RFC 4180), read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ...language import (
    HUGE,
    CsvRow,
    Dialect,
    NotANumber,
    check_marks,
    csv_rows,
    cut_rows,
    find_dialect,
    quotes_are_regular,
    without_comments,
)  # fmt: skip
from ..lines import BOM, SMALL, Position, Text, read_in_parts
from ..rows import BadRow, BadRowError, DataError, Encoded, Piece, ReadOptions, Rows, Selection, Sink
from ..streams import Stream, arrow
from ..text_columns import join_rows, parse_numbers, quoted, text_column, with_nulls

if TYPE_CHECKING:
    from ..rows import Mask


def check_delimiter(delimiter: str) -> str:
    """Return the delimiter; raises UsageError for one that does not tell fields apart."""
    if len(delimiter) != 1 or delimiter in '"\r\n.+-' or delimiter.isalnum() or not delimiter.isascii():
        hint = "write one such as --delimiter ';', or for tabs --from tsv"
        raise UsageError(f"{delimiter!r} cannot be a delimiter", hint=hint)
    return delimiter


class CsvSource:
    """A file of rows with a header, or with columns given by the options and no header."""

    types: Mapping[str, Any] = {}  # all is text

    def __init__(self, stream: Stream, options: ReadOptions) -> None:
        self._stream, self.size = stream, stream.size
        if options.delimiter:
            check_delimiter(options.delimiter)
        given = check_marks(Dialect(options.delimiter, options.decimal, options.thousands, options.comment))
        self._text = Text(stream)
        if self._text.ahead[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(f"{stream.name} is text in UTF-16", hint="write it in UTF-8")
        self._dialect, skipped, self.notes = find_dialect(self._text.ahead, given, len(options.columns))
        check_delimiter(self._dialect.delimiter)
        self._text.skip(skipped)
        self.columns = options.columns or self._header()

    def _header(self) -> tuple[str, ...]:
        """Read the first row."""
        name, text = self._stream.name, self._text
        delimiter, comment = self._dialect.delimiter, self._dialect.comment
        while not (row := next(csv_rows(text.ahead, delimiter, whole=False, comment=comment), None)):
            # twice as much, because each time all of it is read again
            if not text.read_more(len(text.ahead) + (1 << 16)) or len(text.ahead) > HUGE:
                row = next(csv_rows(text.ahead, delimiter, whole=True, comment=comment), None)
                break
        if row is None:
            raise DataError(f"{name} is empty", hint="its first row has the names of the columns")
        header = text.ahead[: row.stop]
        text.skip(row.stop)
        try:
            "".join(row.fields or ()).encode()
        except UnicodeEncodeError:
            raise DataError(f"the header of {name} is not text in UTF-8") from None
        if row.fields is None or b"\0" in header:
            hint = "end rows with \\n or \\r\\n: tr '\\r' '\\n' < FILE" if b"\r" in header else ""
            raise DataError(f"the header of {name} cannot be read: {_why(header)}", hint=hint)
        if not header.rstrip(b"\r\n"):
            raise DataError(f"the first row of {name} is empty", hint="it is to have the names of the columns")
        return tuple(field.strip() for field in row.fields)

    def pieces(self, selection: Selection, start: Position | None = None) -> Iterator[Piece]:
        """Yield the rows from a position on."""
        reader = _CsvReader(self._stream.name, self._dialect, self.columns, selection)
        return self._text.pieces(start, reader.cut, reader.read)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class _CsvReader:
    """Reads blocks of whole rows: quickly with pyarrow, or exactly where that fails."""

    def __init__(self, name: str, dialect: Dialect, columns: Sequence[str], selection: Selection) -> None:
        self.name, self.dialect, self.columns, self.selection = name, dialect, columns, selection
        self.delimiter = dialect.delimiter

    def cut(self, data: bytes, whole: bool) -> int:
        """Return where the last complete row ends."""
        return cut_rows(data, self.delimiter, whole, self.dialect.comment)

    def read(self, data: bytes, line: int) -> Rows:
        """Return the rows of a block that begins on this line."""
        if len(data) <= SMALL or arrow() is None:
            return self.exactly(data, line)
        return read_in_parts(data, line, self._quickly, self.exactly, self.cut)

    def _quickly(self, data: bytes) -> Rows | None:
        """Return the rows if pyarrow can read them and finds what `exactly` would find."""
        pa, csv = arrow(), arrow("pyarrow.csv")
        variables, kept = self.selection[:2]
        if (rows := without_comments(data, self.dialect.comment)) != data:
            if b'"' in data:  # such a line may be inside of a field
                return None
            data = rows
        if pa is None or not variables or data.startswith(BOM) or not quotes_are_regular(data, self.delimiter):
            return None
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None
        both = {*variables.values()} & {*kept.values()}
        types = {str(k): pa.string() for k in kept.values()}
        kind = pa.float64() if self.dialect.is_plain else pa.string()
        types |= {str(k): kind for k in variables.values() if k not in both}

        def parsed(types: dict[str, Any]) -> Any:
            return csv.read_csv(
                pa.py_buffer(data),
                csv.ReadOptions(use_threads=False, column_names=[*map(str, range(len(self.columns)))],
                                block_size=len(data) + 1),
                csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True, ignore_empty_lines=False),
                csv.ConvertOptions(column_types=types, include_columns=[*types], null_values=[],
                                   strings_can_be_null=False),
            ).combine_chunks()  # fmt: skip

        try:
            table = parsed(types)
            columns = {}
            for name, k in variables.items():
                column = table[str(k)]
                columns[name] = numbers = parse_numbers(column, self.dialect)
                odd = ~np.isfinite(numbers)
                if odd.any():  # inf and nan, but not 1e999 or nan(1)
                    spelling = column if types[str(k)] == pa.string() else parsed({str(k): pa.string()})[str(k)]
                    unusual = spelling.filter(pa.array(odd)).unique().to_pylist()
                    if any(isinstance(self.dialect.number(text), NotANumber) for text in unusual):
                        return None
        except pa.ArrowInvalid:
            return None
        carried = {name: table[str(k)].combine_chunks() for name, k in kept.items()}
        return Rows(table.num_rows, columns, carried)

    def exactly(self, data: bytes, line: int) -> Rows:
        """Return the rows of a block that begins on this line, each checked by itself."""
        variables, kept = self.selection[:2]
        numbers: dict[str, list[float]] = {name: [] for name in variables}
        texts: dict[str, list[str]] = {name: [] for name in kept}
        bad = []
        count = at = 0
        for row in csv_rows(data, self.delimiter, whole=True, comment=self.dialect.comment):
            line, at = line + data.count(b"\n", at, row.start), row.start
            text = data[row.start : row.stop]
            try:
                fields = self._fields(row, text)
                found = [self._number(fields[k], k) for k in variables.values()]
                copied = [self._text(fields[k], k) for k in kept.values()]
            except BadRowError as error:
                text = text.rstrip(b"\r\n")
                shown = text.decode("utf-8", "backslashreplace")
                bad_row = BadRow(count, self.name, line, error.column, shown, error.reason, hint=error.hint)
                bad.append(self.selection.pass_over(bad_row, partial(self._span, text, error.column)))
            else:
                for name, number in zip(variables, found, strict=True):
                    numbers[name].append(number)
                for name, value in zip(kept, copied, strict=True):
                    texts[name].append(value)
            count += 1
        columns = {name: np.array(values, np.float64) for name, values in numbers.items()}
        return Rows(count, columns, texts, bad)

    def _span(self, row: bytes, column: str) -> tuple[int, int]:
        """Return where the field of a column begins and ends in the text of a row; (0, 0) for no column."""
        if not column:
            return 0, 0
        edge = re.escape(self.delimiter.encode())
        fields = [*re.finditer(rb'("[^"]*(?:""[^"]*)*"|[^%b]*)%b' % (edge, edge), row + self.delimiter.encode())]
        ends = fields[self.columns.index(column)].span(1)
        start, end = (len(row[:at].decode("utf-8", "backslashreplace")) for at in ends)
        return start, max(end, start + 1)

    def _fields(self, row: CsvRow, text: bytes) -> list[str]:
        if row.fields is None:
            raise BadRowError("", _why(text))
        if len(row.fields) != len(self.columns):
            if not text.rstrip(b"\r\n"):
                raise BadRowError("", "this row is empty")
            kind = "short" if len(row.fields) < len(self.columns) else "long"
            raise BadRowError("", f"this row is {kind}: {len(row.fields)} of {len(self.columns)} fields")
        return row.fields

    def _number(self, field: str, k: int) -> float:
        value = self.dialect.number(field)
        if isinstance(value, NotANumber):
            raise BadRowError(self.columns[k], *value)
        return value

    def _text(self, field: str, k: int) -> str:
        try:
            field.encode()
        except UnicodeEncodeError:
            raise BadRowError(self.columns[k], "this is not text in UTF-8") from None
        return field


def _why(row: bytes) -> str:
    """Return why a row is malformed."""
    if b"\r" in row.rstrip(b"\r\n"):
        return "a carriage return is no end of a row"
    return "a quote is not closed, or something follows it"


class CsvSink(Sink):
    """Rows of fields below a header."""

    def __init__(self, columns: Mapping[str, Any], delimiter: str) -> None:
        self._columns, self._delimiter = columns, check_delimiter(delimiter)
        self._empty = '""' if len(columns) == 1 else ""  # an empty line would be no row

    def head(self) -> bytes:
        """Return the header."""
        return join_rows([quoted([name], self._delimiter) for name in self._columns], self._delimiter)

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return rows as text; fields without a value are empty."""
        fields = []
        for column in columns.values():
            texts = text_column(column)
            is_number = isinstance(column, np.ndarray) and column.dtype.kind == "f"
            fields.append(with_nulls(texts if is_number else quoted(texts, self._delimiter), nulls, self._empty))
        return Encoded(join_rows(fields, self._delimiter), rows)


source, sink = CsvSource, CsvSink
