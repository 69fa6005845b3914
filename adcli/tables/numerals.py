"""Numbers as texts: which texts are numbers, and the shortest text that reads back as the same number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from .streams import arrow

if TYPE_CHECKING:
    from .rows import Numbers

NUMBER = re.compile(
    rb"[ \t]*+[+-]?(?:([0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?|nan|inf|infinity)[ \t]*+", re.IGNORECASE
)


def number(text: bytes) -> float | str:
    """Return the number that a text is, or why it is none."""
    m = NUMBER.fullmatch(text)
    if not m:
        return "this is not a number" if text.strip() else "a number is missing"
    value = float(text)
    return "this number is beyond 1.8e308 in size" if m[1] and value in (np.inf, -np.inf) else value


def spelled(numbers: Numbers) -> Any:
    """Return the text of each number as repr has it: an array of Arrow's, or a list where there is no Arrow."""
    pa, compute = arrow(), arrow("pyarrow.compute")
    if pa is None:
        return list(map(float.__repr__, numbers.tolist()))
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


def numbers_of(column: Any) -> Numbers:
    """Return the numbers of a column of Arrow's with numbers or texts; raises ArrowInvalid for a text that is none."""
    if arrow().types.is_string(column.type):
        compute = arrow("pyarrow.compute")
        column = compute.ascii_trim(column, " \t").cast("float64")
    numbers: Numbers = column.to_numpy()
    return numbers
