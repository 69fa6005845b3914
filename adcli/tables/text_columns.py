"""Columns of any kind as texts, and texts put together to rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from .numerals import spelled
from .streams import arrow

if TYPE_CHECKING:
    from .rows import Mask


def texts(column: Any) -> Any:
    """Return the text of each element: an array of Arrow's, or a list where there is no Arrow.

    Texts stay what they are; an element without a value is an empty text.
    """
    pa = arrow()
    if isinstance(column, np.ndarray):
        if column.dtype == np.float64:
            return spelled(column)
        column = [*map(as_text, column)]
    if isinstance(column, list):
        return as_texts(column)
    if pa.types.is_float64(column.type):
        found = spelled(column.fill_null(0.0).to_numpy())
        return arrow("pyarrow.compute").if_else(column.is_null(), "", found) if column.null_count else found
    try:
        return column.cast(pa.string()).fill_null("")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UsageError(
            f"a column of type {column.type} cannot be written as text",
            hint="leave it out of --keep, or write .parquet",
        ) from None


def as_text(value: Any) -> str:
    """Return something as text; bytes are UTF-8, and others are told as \\xff."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def as_texts(found: list[str]) -> Any:
    """Return texts as an array of Arrow's, or as they are where there is no Arrow."""
    pa = arrow()
    return found if pa is None else pa.array(found, pa.string())


def fixed(text: str, rows: int) -> Any:
    """Return the same text for so many rows."""
    pa = arrow()
    return [text] * rows if pa is None else text


def replaced(found: Any, where: Mask, others: list[str]) -> Any:
    """Return the texts with others in some places."""
    if not isinstance(found, list):
        return arrow("pyarrow.compute").replace_with_mask(found, arrow().array(where), as_texts(others))
    for k, text in zip(np.flatnonzero(where).tolist(), others, strict=True):
        found[k] = text
    return found


def without(found: Any, nulls: Mask | None, empty: str) -> Any:
    """Return the texts, with `empty` where `nulls` is true."""
    if nulls is None:
        return found
    if isinstance(found, list):
        return [empty if null else text for text, null in zip(found, nulls.tolist(), strict=True)]
    return arrow("pyarrow.compute").if_else(arrow().array(nulls), empty, found)


def quoted(found: Any, delimiter: str) -> Any:
    """Return texts as fields, in quotes where these are needed."""
    if isinstance(found, list):
        special = (delimiter, '"', "\r", "\n")
        return ['"' + t.replace('"', '""') + '"' if any(c in t for c in special) else t for t in found]
    compute = arrow("pyarrow.compute")
    odd = compute.match_substring_regex(found, f'[\\x{ord(delimiter):02x}"\r\n]')
    if not compute.any(odd).as_py():
        return found
    inner = compute.replace_substring(found, '"', '""')
    return compute.if_else(odd, compute.binary_join_element_wise('"', inner, '"', ""), found)


def join_rows(columns: Sequence[Any], between: str, last: str = "") -> bytes:
    """Return rows of texts as lines: the columns with `between` between them, and `last`, in UTF-8."""
    if isinstance(columns[0], list):
        return "".join([between.join(row) + last + "\n" for row in zip(*columns, strict=True)]).encode()
    compute = arrow("pyarrow.compute")
    lines = compute.binary_join_element_wise(*columns, between) if len(columns) > 1 else columns[0]
    lines = compute.binary_join_element_wise(lines, "", last + "\n")
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]]) if len(lines) else b""
