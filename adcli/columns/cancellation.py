"""Conditions of where rounding leaves few digits of a value or a derivative, as `edges` finds it at one point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..derive import Lowering, Register
from ..ops import ROUNDOFF, Rounded

PART = 2.0**-20  # what is left of a term; after two operations that leave more than that there are three digits


def cancelling(lowering: Lowering) -> Any:
    """Return where an operation on rounded numbers may leave few digits: a cheap sign, to be decided below."""
    trace, slots = lowering.trace, lowering.slots
    nonnegative = {slot for slot, x in enumerate(slots) if not isinstance(x, Register) and x >= 0}
    found: Any = False
    for row in trace.rows:
        op, args = trace.op(row), trace.args[row]
        even = op.nonnegative == "even" and isinstance(n := slots[args[1]], float) and n % 2 == 0
        if even or op.nonnegative == "always" or (op.nonnegative and nonnegative.issuperset(args)):
            nonnegative.add(row)
        rounded = any(isinstance(slots[arg], Register) and arg >= len(trace.inputs) for arg in args)
        if rounded and op.sum and row not in nonnegative:
            found = found | _small(slots[row], slots[args[0]])
        elif rounded and not (op.sum or op.edges or op.condition or op.selects or op.zero_of_zero):
            near_zero = _small(slots[row], slots[args[0]]) & _small(slots[row], 1.0)
            found = found | near_zero | (op.periodic and ops.abs_(slots[args[0]]) > PART**-2)
    inputs = len(lowering.program.inputs)
    for number, x in lowering.derived.items():
        op, args = lowering.program.instructions[number]
        if op.sum and any(isinstance(arg, Register) and arg.number >= inputs for arg in args):
            found = found | _small(x, next(arg for arg in args if isinstance(arg, Register)))
    return found


def _small(result: Any, term: Any) -> Any:
    """Return where less than about PART of a term is left: so little that a sum with the term does not change."""
    return (term + result * (ROUNDOFF / PART) == term) & (term != 0.0)


def few_digits(lowering: Lowering, outputs: Sequence[Any]) -> Any:
    """Return where fewer than three digits are left of one of the outputs, registers or numbers."""
    program = lowering.program
    numbers: dict[int, Any] = {x.number: Rounded(x) for x in program.inputs.values()}
    for number, (op, args) in program.needed(outputs).items():
        given = tuple([numbers[x.number] if isinstance(x, Register) else x for x in args])
        rounded = next((x for x in given if isinstance(x, Rounded)), None)
        numbers[number] = program.registers[number] if rounded is None else rounded.__apply_op__(op, given)
    found: Any = False
    for x in outputs:
        if isinstance(x, Register) and isinstance(number := numbers[x.number], Rounded):
            found = found | number.few_digits
    return found
