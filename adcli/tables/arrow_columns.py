"""Columns as Arrow batches, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from .rows import BadRow, Rows, Selection
from .streams import arrow, arrow_errors

if TYPE_CHECKING:
    from .rows import Mask

ROWS = 1 << 17  # in a piece


def schema_of(columns: Mapping[str, Any]) -> Any:
    """Return the Arrow schema of columns by name and type, None for text; raises UsageError for a type it lacks."""
    pa = arrow()

    def type_of(name: str, kind: Any) -> Any:
        if kind is None or isinstance(kind, pa.DataType):
            return kind or pa.string()
        try:
            return pa.from_numpy_dtype(np.dtype(kind).newbyteorder("="))
        except pa.ArrowNotImplementedError:
            what = f"the column {name} holds {kind}, which Parquet and Arrow have no room for"
            raise UsageError(what, hint="leave it out of --keep, or write .csv") from None

    return pa.schema([(name, type_of(name, kind)) for name, kind in columns.items()])


def batch_of(columns: Mapping[str, Any], schema: Any, nulls: Mask | None) -> Any:
    """Return columns as an Arrow batch; rows where `nulls` is true have no values."""
    pa = arrow()
    arrays = []
    for name, column in columns.items():
        kind = schema.field(name).type
        if isinstance(column, list):
            column = pa.array(column, kind)
        elif isinstance(column, np.ndarray):
            column = pa.array(column.astype(column.dtype.newbyteorder("="), copy=False), kind, mask=nulls)
        if nulls is not None and not column.null_count:
            column = arrow("pyarrow.compute").if_else(pa.array(nulls), pa.scalar(None, kind), column)
        arrays.append(column)
    return pa.record_batch(arrays, schema=schema)


def concatenated(first: Rows, second: Rows) -> Rows:
    """Return the rows of both."""
    columns = {name: np.concatenate([x, second.columns[name]]) for name, x in first.columns.items()}
    kept = {name: _chained(x, second.kept[name]) for name, x in first.kept.items()}
    later = [bad._replace(at=bad.at + first.size) for bad in second.bad]
    return Rows(first.size + second.size, columns, kept, [*first.bad, *later])


def _chained(a: Any, b: Any) -> Any:
    if isinstance(a, list) and isinstance(b, list):
        return a + b
    pa = arrow()
    return pa.concat_arrays([x if isinstance(x, pa.Array) else pa.array(x, pa.string()) for x in (a, b)])


def plain_type(kind: Any) -> Any:
    """Return an Arrow type without dictionary or views, which few Arrow functions take."""
    pa = arrow()
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return {"string_view": pa.string(), "binary_view": pa.binary()}.get(str(kind), kind)


def holds_numbers(kind: Any) -> bool:
    """Return whether a numpy or Arrow type is one of real numbers."""
    if isinstance(kind, np.dtype):
        return kind.kind in "fiu" and not kind.shape
    types = arrow().types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))


def rows_of_batch(batch: Any, selection: Selection, names: Sequence[str], file: str, first: int) -> Rows:
    """Return the rows of a batch of a file whose columns are `names`; a row without a number is a bad one.

    `first` is the number of the batch's first row in the file.
    """
    pa, compute = arrow(), arrow("pyarrow.compute")
    columns = {variable: batch.column(names[k]) for variable, k in selection.variables.items()}
    kept = {column: batch.column(names[k]) for column, k in selection.kept.items()}
    kept = {column: array.cast(plain_type(array.type)) for column, array in kept.items()}
    bad = []
    if any(column.null_count for column in columns.values()):
        empty = {variable: column.is_null().to_numpy(zero_copy_only=False) for variable, column in columns.items()}
        missing = np.logical_or.reduce([*empty.values()])
        for at in np.flatnonzero(missing).tolist():
            shown = ", ".join(f"{v}: {c[at].as_py()}" for v, c in columns.items())
            title = next(names[k] for variable, k in selection.variables.items() if empty[variable][at])
            row = BadRow(at, file, first + at, title, shown, "a number is missing", "row")
            bad.append(selection.pass_over(row))
        good = pa.array(~missing)
        columns = {variable: column.filter(good) for variable, column in columns.items()}
        kept = {column: array.filter(good) for column, array in kept.items()}
    with arrow_errors(file):
        numbers = {variable: compute.cast(c, "float64", safe=False).to_numpy() for variable, c in columns.items()}
    return Rows(len(batch), numbers, kept, bad)
