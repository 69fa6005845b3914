"""Compile a program to calls of kernels on arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..derive import Program, Register
from . import sincos
from .allocate import Call, Signature, arrange
from .executable import Executable, Kernel
from .kernels import WORK
from .ufuncs import in_place, kernel_of


def compiled(
    program: Program, outputs: Sequence[Any], guards: Sequence[Register] = (), *, accurate: bool = False
) -> Executable:
    """Return the calls for outputs, registers or floats, and guards; what neither needs is left out.

    `accurate` takes numpy's sine and cosine.
    """
    conditions = {x.number for x in program.registers if x.condition}
    signature = Signature(len(program.inputs), [*map(_operand, outputs)], [x.number for x in guards], conditions)
    needed = program.needed([*outputs, *guards])
    kernels = {op: kernel_of(op) for op in {op for op, _ in needed.values()}}
    pairs: defaultdict[Any, dict[Kernel, int]] = defaultdict(dict)  # by argument: the registers of its sine and cosine
    for number, (op, args) in needed.items():
        if kernels[op] in (np.sin, np.cos) and isinstance(args[0], Register) and not accurate:
            pairs[args[0].number][kernels[op]] = number
    calls = []
    for number, (op, args) in needed.items():
        kernel, arguments = kernels[op], tuple([_operand(x) for x in args])
        pair = pairs.get(arguments[0], {})
        if kernel not in pair:
            calls.append(Call(kernel, arguments, (number,), WORK.get(kernel, 0), in_place(kernel)))
        elif number == min(pair.values()):
            calls.append(_sine_and_cosine(arguments, pair))
    return arrange(calls, signature)


def _operand(x: Any) -> int | float:
    return x.number if isinstance(x, Register) else float(x)


def _sine_and_cosine(arguments: tuple[Any, ...], pair: Mapping[Kernel, int]) -> Call:
    """Return one call for both, or for the one that is needed."""
    if len(pair) == 2:
        return Call(sincos.sin_cos, arguments, (pair[np.sin], pair[np.cos]), sincos.WORK)
    ((kernel, number),) = pair.items()
    return Call(sincos.sin_only if kernel is np.sin else sincos.cos_only, arguments, (number,), 1 + sincos.WORK)
