"""The operations of the table on numpy arrays: a kernel, simpler operations, or number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import Op
from . import kernels
from .executable import Kernel


def kernel_of(op: Op) -> Kernel:
    """Return the kernel of an operation."""
    return _named(op) or one_by_one(op.extended)


def _named(op: Op) -> Kernel | None:
    """Return the kernel that the table names, ours or numpy's; None if there is none."""
    for name in op.names_in("numpy"):
        if (own := getattr(kernels, name, None)) is not None:
            return own  # type: ignore[no-any-return]
        if isinstance(found := getattr(np, name, None), np.ufunc):
            return found
    return None


def in_place(kernel: Kernel) -> bool:
    """Tell whether the array for the result may be that of an argument."""
    return isinstance(kernel, np.ufunc) or kernel in kernels.IN_PLACE


def raises_flags(op: Op) -> bool:
    """Tell whether numpy raises a floating-point flag where the operation leaves its domain or overflows."""
    kernel = _named(op)
    return isinstance(kernel, np.ufunc) or kernel in kernels.FLAGGED


def one_by_one(function: Callable[..., Any]) -> Kernel:
    """Return the kernel of a function of numbers; it takes 100 ns and more for each number."""

    def run(*arguments: Any) -> None:
        *given, out = arguments
        out[...] = np.frompyfunc(function, len(given), 1)(*given)

    return run


def rewrite(op: Op, *args: Any, accurate: bool = False) -> Any:
    """Return the operation by others that numpy computes sooner, or has; None to keep the operation.

    `accurate` leaves out those of `Op.fast`, within 1.5 ulp where numpy's own function is within 1.
    """
    if op.columns is not None:
        return op.columns(*args)
    if op.fast is not None:
        return None if accurate else op.fast(*args)
    return op.by(*args) if op.by is not None and not op.one_by_one and _named(op) is None else None


def rule(op: Op, k: int) -> Any:
    """Return the rule of the partial derivative by argument k: the one for columns, if there is one."""
    for_columns = op.column_rules[k] if op.column_rules else None
    return op.rules[k] if for_columns is None else for_columns
