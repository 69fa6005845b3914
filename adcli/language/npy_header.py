"""The header of a .npy file, checked: numpy's own reader believes any shape."""

from __future__ import annotations

import math
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LONGEST = 1 << 24  # characters of a header; the limit of numpy is 10,000, about 500 columns
MOST = 2**63 - 1  # bytes of an array


def npy_header(file: IO[bytes]) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """Return the type and the shape of an array, and whether it lies by column; then the file stands at its data.

    Raises ValueError with the reason if there is no such header.
    """
    from tokenize import TokenError

    from numpy.lib import format as npy

    try:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_column, dtype = read(file, max_header_size=LONGEST)
        if version == (3, 0) and dtype.names:  # as version 2, but in UTF-8
            dtype.names = tuple(name.encode("latin-1").decode() for name in dtype.names)
    except (
        ArithmeticError,
        SyntaxError,
        TokenError,
        LookupError,
        TypeError,
        RecursionError,
        MemoryError,
        Warning,
    ) as e:
        raise ValueError(f"its header cannot be read: {e}".partition("\n")[0]) from None
    if not all(type(n) is int and n >= 0 for n in shape) or math.prod(shape) * dtype.itemsize > MOST:
        raise ValueError(f"there is no array of shape {shape}"[:200])
    return dtype, shape, by_column and len(shape) == 2
