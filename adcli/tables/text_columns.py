"""Columns as text, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ..language import AMBIGUOUS
from .streams import arrow

if TYPE_CHECKING:
    from ..language import Dialect
    from .rows import Mask, Numbers

FEW = 4000  # rows; for fewer, importing pyarrow takes longer than doing without

# In this file a text column is an Arrow array of strings, or a list: of few rows, or where pyarrow is not installed.


def parse_numbers(column: Any, dialect: Dialect) -> Numbers:
    """Return the numbers of an Arrow array of numbers or texts; raises ArrowInvalid for a text that is none."""
    pa = arrow()
    if pa.types.is_string(column.type):
        compute = arrow("pyarrow.compute")
        column = compute.ascii_trim(column, " \t")
        if not dialect.is_plain:
            if not compute.all(compute.match_substring_regex(column, dialect.pattern, ignore_case=True)).as_py() or (
                dialect.guessed and compute.any(compute.match_substring_regex(column, AMBIGUOUS)).as_py()
            ):
                raise pa.ArrowInvalid
            column = compute.replace_substring_regex(column, dialect.separator, "") if dialect.thousands else column
            column = compute.replace_substring(column, dialect.decimal or ".", ".")
        for letter in "dD":
            column = compute.replace_substring(column, letter, "e")
        column = column.cast("float64")
    numbers: Numbers = column.to_numpy()
    return numbers


def arrow_for(rows: int) -> Any:
    """Return pyarrow for a text column of so many rows; None if it is a list."""
    return arrow() if rows > FEW else None


def format_numbers(numbers: Numbers) -> Any:
    """Return the shortest text that reads back as each number, as repr does."""
    pa = arrow_for(len(numbers))
    if pa is None:
        return list(map(float.__repr__, numbers.tolist()))
    compute = arrow("pyarrow.compute")
    texts = pa.array(numbers).cast(pa.string())
    size = np.abs(numbers)
    with np.errstate(invalid="ignore"):  # a signalling NaN
        whole = (size < 1e10) & (numbers == np.trunc(numbers))
    if whole.any():
        texts = compute.if_else(pa.array(whole), compute.binary_join_element_wise(texts, ".0", ""), texts)
    other = ((size < 1e-4) & (size > 0)) | ((size >= 1e10) & (size < 1e16))  # where Arrow and repr write e differently
    if other.any():
        texts = compute.replace_with_mask(texts, pa.array(other), list(map(float.__repr__, numbers[other].tolist())))
    return texts


def text_column(column: Any) -> Any:
    """Return a column of any type as text; an element without a value is an empty text."""
    if isinstance(column, np.ndarray):
        if column.dtype == np.float64:
            return format_numbers(column)
        column = [*map(text_of, column)]
    if isinstance(column, list):
        return strings(column)
    pa = arrow()
    if pa.types.is_float64(column.type):
        texts = format_numbers(column.fill_null(0.0).to_numpy())
        return with_nulls(texts, column.is_null().to_numpy(zero_copy_only=False), "") if column.null_count else texts
    try:
        texts = column.cast(pa.string()).fill_null("")
        return texts if len(texts) > FEW else texts.to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UsageError(
            f"a column of type {column.type} cannot be written as text",
            hint="leave it out of --keep, or write .parquet",
        ) from None


def text_of(value: Any) -> str:
    r"""Return a value as text; bytes are read as UTF-8, others are written \xff."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def strings(texts: list[str]) -> Any:
    """Return texts as a text column."""
    pa = arrow_for(len(texts))
    return texts if pa is None else pa.array(texts, pa.string())


def repeated(text: str, rows: int) -> Any:
    """Return the same text for each row."""
    return [text] * rows if arrow_for(rows) is None else text


def with_others(texts: Any, where: Mask, others: list[str]) -> Any:
    """Return the texts, those where `where` is true replaced by the others in turn."""
    if not isinstance(texts, list):
        return arrow("pyarrow.compute").replace_with_mask(texts, arrow().array(where), arrow().array(others))
    for k, text in zip(np.flatnonzero(where).tolist(), others, strict=True):
        texts[k] = text
    return texts


def with_nulls(texts: Any, nulls: Mask | None, empty: str) -> Any:
    """Return the texts, with `empty` where `nulls` is true."""
    if nulls is None:
        return texts
    if isinstance(texts, list):
        return [empty if null else text for text, null in zip(texts, nulls.tolist(), strict=True)]
    return arrow("pyarrow.compute").if_else(arrow().array(nulls), empty, texts)


def quoted(texts: Any, delimiter: str) -> Any:
    """Return the texts as fields of CSV, in quotes where needed."""
    if isinstance(texts, list):
        special = (delimiter, '"', "\r", "\n")
        return ['"' + t.replace('"', '""') + '"' if any(c in t for c in special) else t for t in texts]
    compute = arrow("pyarrow.compute")
    odd = compute.match_substring_regex(texts, f'[\\x{ord(delimiter):02x}"\r\n]')
    if not compute.any(odd).as_py():
        return texts
    inner = compute.replace_substring(texts, '"', '""')
    return compute.if_else(odd, compute.binary_join_element_wise('"', inner, '"', ""), texts)


def join_rows(columns: Sequence[Any], between: str, last: str = "") -> bytes:
    """Return rows as lines in UTF-8: the columns with `between` between them, `last`, a line break."""
    if isinstance(columns[0], list):
        return "".join([between.join(row) + last + "\n" for row in zip(*columns, strict=True)]).encode()
    compute = arrow("pyarrow.compute")
    lines = compute.binary_join_element_wise(*columns, between) if len(columns) > 1 else columns[0]
    lines = compute.binary_join_element_wise(lines, "", last + "\n")
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]]) if len(lines) else b""
