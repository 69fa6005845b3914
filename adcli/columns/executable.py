"""Calls of kernels on arrays: what a program is compiled to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kernel = Callable[..., Any]  # of the arguments, the arrays of the results, and arrays to work in


class Executable(NamedTuple):
    """Calls on a list of operands: inputs, outputs, scratch arrays of floats and of truth values, constants.

    A call is a kernel and what takes its operands from the list. `guards` are the places of conditions that are true
    in no ordinary row.
    """

    calls: tuple[tuple[Kernel, Callable[[Sequence[Any]], tuple[Any, ...]]], ...]
    inputs: int
    outputs: int
    floats: int
    conditions: int
    constants: tuple[float, ...]
    guards: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of scratch arrays, at least 1; eight arrays of truth values count as one."""
        return 1 + self.floats + self.conditions // 8

    def scratch(self, rows: int) -> tuple[Array, Any]:
        """Return scratch arrays for up to so many rows at a time."""
        return np.empty((self.floats, rows)), np.empty((self.conditions, rows), bool)

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array], scratch: tuple[Array, Any]) -> bool:
        """Fill the outputs from the inputs, float64 of one length; tell whether a guard is true in any row."""
        rows = len(outputs[0])
        work = [array[:rows] for kind in scratch for array in kind]
        operands = [*inputs, *outputs, *work, *self.constants]
        for kernel, operands_of in self.calls:
            kernel(*operands_of(operands))
        return any([operands[k].any() for k in self.guards])
