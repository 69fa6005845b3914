"""Compile a program to calls of kernels on arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .. import ops
from ..derive import Program, Register
from ..ops import Op
from . import sincos, ufuncs
from .allocate import Call, Signature, arrange
from .executable import Executable


def compiled(
    program: Program, outputs: Sequence[Any], guards: Sequence[Register] = (), *, accurate: bool = False
) -> Executable:
    """Return the calls for outputs, registers or floats, and guards; what neither needs is left out.

    `accurate` takes numpy's sine and cosine.
    """
    conditions = {x.number for x in program.registers if x.condition}
    signature = Signature(len(program.inputs), [*map(_operand, outputs)], [x.number for x in guards], conditions)
    needed = program.needed([*outputs, *guards])
    circular: defaultdict[Any, dict[Op, int]] = defaultdict(dict)  # by argument: the registers of its sine and cosine
    for number, (op, args) in needed.items():
        if op in (ops.sin, ops.cos) and isinstance(args[0], Register) and not accurate:
            circular[args[0].number][op] = number
    calls = []
    for number, (op, args) in needed.items():
        arguments = tuple(map(_operand, args))
        if op not in circular.get(arguments[0], ()):
            kernel, in_place = ufuncs.function(op)
            calls.append(Call(kernel, arguments, (number,), ufuncs.work(op), in_place))
        elif number == min(circular[arguments[0]].values()):
            calls.append(_sine_and_cosine(arguments, circular[arguments[0]]))
    return arrange(calls, signature)


def _operand(x: Any) -> int | float:
    return x.number if isinstance(x, Register) else float(x)


def _sine_and_cosine(arguments: tuple[Any, ...], results: Mapping[Op, int]) -> Call:
    """Return one call for both, or for the one that is needed."""
    if len(results) == 2:
        return Call(sincos.sin_cos, arguments, (results[ops.sin], results[ops.cos]), sincos.WORK)
    ((op, number),) = results.items()
    return Call(sincos.sin_only if op is ops.sin else sincos.cos_only, arguments, (number,), 1 + sincos.WORK)
