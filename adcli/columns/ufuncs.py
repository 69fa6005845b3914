"""The operations of the table on numpy arrays: a kernel, simpler operations, or number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import Op
from . import kernels
from .executable import Kernel


def function(op: Op) -> tuple[Kernel, bool]:
    """Return what computes an operation into an array, and whether that may be the array of an argument."""
    if (kernel := _named(op)) is None:
        return one_by_one(op.extended), False
    return kernel, isinstance(kernel, np.ufunc) or kernel in kernels.IN_PLACE


def _named(op: Op) -> Kernel | None:
    """Return the kernel that the table names, ours or numpy's; None if there is none."""
    for name in op.names_in("numpy"):
        if (own := getattr(kernels, name, None)) is not None:
            return own  # type: ignore[no-any-return]
        if isinstance(found := getattr(np, name, None), np.ufunc):
            return found
    return None


def work(op: Op) -> int:
    """Return how many arrays the kernel of an operation works in beside that of the result."""
    return kernels.WORK.get(_named(op), 0)


def tells(op: Op) -> bool:
    """Tell whether numpy raises a floating-point flag where the operation leaves its domain or overflows."""
    kernel = _named(op)
    return isinstance(kernel, np.ufunc) or kernel in kernels.FLAGGED


def one_by_one(function: Callable[..., Any]) -> Kernel:
    """Return a function of numbers as one of arrays, which takes 100 ns and more for each."""

    def run(*arguments: Any) -> None:
        *given, out = arguments
        out[...] = np.frompyfunc(function, len(given), 1)(*given)

    return run


def expanded(op: Op, *args: Any, exact: bool = False) -> Any:
    """Return the operation by others that numpy computes sooner, or has; None if the operation stays as it is.

    `exact` leaves out those of `Op.fast`, within 1.5 ulp where numpy's own function is within 1.
    """
    if op.columns is not None:
        return op.columns(*args)
    if op.fast is not None:
        return None if exact else op.fast(*args)
    return op.by(*args) if op.by is not None and not op.one_by_one and _named(op) is None else None


def slope(op: Op, k: int) -> Any:
    """Return the partial derivative by argument k, a rule of formulas: that for columns, if there is one."""
    for_columns = op.column_rules[k] if op.column_rules else None
    return op.rules[k] if for_columns is None else for_columns
