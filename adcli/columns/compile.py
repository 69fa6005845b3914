"""Compile a program to calls of kernels on arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ..derive import Program, Register
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
    pairs: defaultdict[Any, dict[str, int]] = defaultdict(dict)  # sine and cosine of a register: kernel, register
    for number, (op, args) in needed.items():
        for kernel in () if accurate else op.names_in("sincos"):
            if isinstance(args[0], Register):
                pairs[args[0].number][kernel] = number
    calls = []
    for number, (op, args) in needed.items():
        arguments = tuple(map(_operand, args))
        pair = pairs.get(arguments[0], {})
        if number not in pair.values():
            function, in_place = ufuncs.function(op)
            calls.append(Call(function, arguments, (number,), ufuncs.work(op), in_place))
        elif number == min(pair.values()):
            calls.append(_sine_and_cosine(arguments, pair))
    return arrange(calls, signature)


def _operand(x: Any) -> int | float:
    return x.number if isinstance(x, Register) else float(x)


def _sine_and_cosine(arguments: tuple[Any, ...], pair: Mapping[str, int]) -> Call:
    """Return one call for both, or for the one that is needed."""
    if len(pair) == 2:
        return Call(sincos.sin_cos, arguments, (pair["sin_only"], pair["cos_only"]), sincos.WORK)
    ((kernel, number),) = pair.items()
    return Call(getattr(sincos, kernel), arguments, (number,), 1 + sincos.WORK)
