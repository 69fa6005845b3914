"""Columns of points in and results out, arrays of float64 by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import UsageError, listed
from .executable import Array


class Batch(dict[str, Any]):
    """Result columns by name; `counts` has the number of rows with each kind of note.

    A row with a note of the kind "domain" has no value, and one of the kind "input" has an input that is no finite
    number; all its results are NaN.
    """

    def __init__(self, columns: Mapping[str, Any], counts: Mapping[str, int]) -> None:
        super().__init__(columns)
        self.counts = dict(counts)


def float_columns(columns: Any, names: Sequence[str]) -> tuple[list[Array], int]:
    """Return columns of a mapping or a table as contiguous float64 arrays of one length, and the length.

    A number is repeated; without columns the length is 1. Raises UsageError for a column that is not there, that is not
    of numbers, or that has another length.
    """
    found = [_column(columns, name) for name in names]
    sizes = {name: x.size for name, x in zip(names, found, strict=True) if x.ndim}
    if len(set(sizes.values())) > 1:
        raise UsageError("the columns differ in length: " + listed(f"{n} has {k}" for n, k in sizes.items()))
    rows = next(iter(sizes.values()), 1)
    return [x if x.ndim else np.full(rows, float(x)) for x in found], rows


def has_column(columns: Any, name: str) -> bool:
    """Tell whether a mapping or a table has a column of this name."""
    try:
        columns[name]
    except Exception:  # each library has an error of its own
        return False
    return True


def _column(columns: Any, name: str) -> Array:
    """Return a column or a number as an array of floats."""
    try:
        found = columns[name]
    except (TypeError, IndexError):
        hint = "give a mapping of arrays, or a table of pandas, polars or pyarrow"
        raise UsageError(f"a {type(columns).__name__} has no columns by name", hint=hint) from None
    except Exception:  # each library has an error of its own
        several = [*getattr(columns, "column_names", ())].count(name) > 1  # in a table of Arrow's
        what = f"there are several columns {name}" if several else f"there is no column {name}"
        raise UsageError(what, hint="give one, or one number for all rows by at") from None
    made = float_array(found, f"the column {name} is not of numbers")
    if made.ndim > 1:
        raise UsageError(f"the column {name} has {made.ndim} dimensions, not one")
    return made


def float_array(given: Any, message: str, hint: str = "") -> Array:
    """Return a contiguous float64 array of any number of dimensions; a missing or masked number is NaN.

    Raises UsageError with the message for anything but real numbers.
    """
    plain = {"zero_copy_only": False} if hasattr(given, "buffers") else {}  # an array of Arrow's, perhaps with nulls
    numbers = given.to_numpy(**plain) if hasattr(given, "to_numpy") else given
    try:
        if getattr(getattr(numbers, "dtype", None), "kind", "f") in "mMcV":  # numpy makes numbers of some of these
            raise TypeError
        with np.errstate(over="ignore", invalid="ignore"):  # long double, a signalling NaN
            if isinstance(numbers, np.ma.MaskedArray):
                numbers = np.ma.filled(numbers.astype(float), np.nan)
            return np.ascontiguousarray(numbers, float) if np.ndim(numbers) else np.asarray(numbers, float)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(message, hint=hint) from None
