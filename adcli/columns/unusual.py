"""Classify the rows of a block: no value, one point at a time, kink, cancellation, ordinary."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import ops
from ..derive import Lowering, Register
from ..language import Node
from ..ops import Op
from .cancellation import cancelling, few_digits
from .compile import compiled
from .executable import Array, Executable
from .kinks import Bends, edge_conditions, tested
from .ufuncs import raises_flags

SMALL = 1e-290  # products below it may have lost digits
MOST_SCRATCH = 500_000  # floats in the scratch arrays

_is_finite = Op("isfinite", "whether a number is finite", 0.0, number=math.isfinite, condition=True, names="numpy")


class Classes(NamedTuple):
    """The classes of rows, arrays of bool: no value; calculate on its own; at a kink; only rounding is left.

    A row at a kink, and not of the class before, has the symmetric derivative. An ordinary row is in no class.
    """

    outside: Any
    suspect: Any
    kink: Any
    rounding: Any


class Classifier:
    """Programs that classify rows, compiled on first use; several threads may use it.

    `outputs` are the results of the lowering, `seeds` the directions of its derivatives, tangents by slot; without
    seeds each row at a kink is calculated on its own. `accurate` is as in `compiled`.
    """

    def __init__(
        self, lowering: Lowering, outputs: Sequence[Any], seeds: Sequence[Mapping[int, Node]], accurate: bool
    ) -> None:
        self._lowering, self._outputs, self._seeds, self._accurate = lowering, outputs, seeds, accurate
        self._programs: dict[str, Executable] = {}
        self._lock = threading.Lock()

    def classify(self, inputs: Sequence[Array], rows: int) -> Classes:
        """Return the classes of so many rows of finite inputs; of other rows they mean nothing."""
        program = self._program("classes", lambda: _classes(self._lowering, self._outputs, self._seeds))
        found = _run(program, inputs, rows)
        *_, cancelled = found
        if len(some := np.flatnonzero(cancelled)):
            program = self._program("rounding", lambda: [few_digits(self._lowering, self._outputs)])
            cancelled[some] = _run(program, [x[some] for x in inputs], len(some))
        return Classes(*(found != 0))

    def _program(self, name: str, conditions: Callable[[], Sequence[Any]]) -> Executable:
        with self._lock:
            if name not in self._programs:
                self._programs[name] = compiled(self._lowering.program, conditions(), accurate=self._accurate)
            return self._programs[name]


def _run(program: Executable, inputs: Sequence[Array], rows: int) -> Array:
    """Return the outputs of a program, outputs by rows."""
    found = np.empty((program.outputs, rows))
    step = max(256, MOST_SCRATCH // program.size)
    scratch = program.scratch(min(step, rows))
    with np.errstate(all="ignore"):
        for first in range(0, rows, step):
            part = slice(first, first + step)
            program.run([x[part] for x in inputs], list(found[:, part]), scratch)
    return found


def guards(lowering: Lowering, outputs: Sequence[Any]) -> list[Any]:
    """Return conditions that are true in no ordinary row, as registers or bools.

    They find what numpy's floating-point flags do not.
    """
    sums = {number for number in lowering.derived if lowering.program.instructions[number].op.sum}
    cancelled = [x == 0.0 for x in outputs if isinstance(x, Register) and x.number in sums]
    edges = [at.condition for at in edge_conditions(lowering)]
    return [*edges, *_silent(lowering), *_steep(lowering), cancelling(lowering), *cancelled]


def _classes(lowering: Lowering, outputs: Sequence[Any], seeds: Sequence[Mapping[int, Node]]) -> Classes:
    """Return the conditions of the classes; the last is `cancelling`, which `few_digits` narrows down."""
    needed = _demand(lowering, outputs)
    values = [lowering.slots[output] for output in lowering.trace.outputs]
    outside = _outside(lowering, _demand(lowering, values))  # products of derivatives need both branches
    suspect = _cancelled(lowering, needed)
    for condition in _steep(lowering):
        suspect = suspect | condition
    for number, here in needed.items():
        suspect = suspect | (_not(_finite(lowering.program.registers[number])) & here)
    bends = Bends(lowering, seeds)
    at_one: Any = False
    kink: Any = False
    for at in edge_conditions(lowering):
        x = lowering.slots[at.row]
        if not isinstance(x, Register) or (here := needed.get(x.number, False)) is False:
            continue
        met = at.condition & here
        if at.edge.kind == "kink" and at.edge.argument is None and (bent := bends.at(at)) is not None:
            suspect = suspect | (at_one & met)  # at two edges
            at_one = at_one | met
            kink = kink | (met & bent)
        else:
            suspect = suspect | met
    return Classes(outside, suspect, kink, cancelling(lowering))


def _demand(lowering: Lowering, outputs: Sequence[Any]) -> dict[int, Any]:
    """Return where each register is needed: True, or a condition, since a branch not taken is not needed."""
    needed: dict[int, Any] = {x.number: True for x in outputs if isinstance(x, Register)}
    for number in range(len(lowering.program.registers) - 1, -1, -1):
        if number not in needed or number not in lowering.program.instructions:
            continue
        here = needed[number]
        op, args = lowering.program.instructions[number]
        demands = [(x, here) for x in (args[:1] if op.selects else args)]
        if op.selects:
            demands += [(args[op.selects(True)], args[0] & here), (args[op.selects(False)], ~args[0] & here)]
        for x, where in demands:
            if isinstance(x, Register):
                needed[x.number] = where | needed.get(x.number, False)
    return needed


def _outside(lowering: Lowering, needed: Mapping[int, Any]) -> Any:
    """Return where an operation that is needed is outside its domain."""
    outside: Any = False
    for row in lowering.trace.rows:
        domain, x = lowering.trace.op(row).domain, lowering.slots[row]
        if isinstance(x, Register) and (here := needed.get(x.number, False)) is not False and domain:
            args = [lowering.slots[arg] for arg in lowering.trace.args[row]]
            for arg in args:
                here = _finite(arg) & here
            outside = outside | (_not(tested(domain.contains, args)) & here)
    return outside


def _cancelled(lowering: Lowering, needed: Mapping[int, Any]) -> Any:
    """Return where a sum of the derivatives cancels to 0, or a product or quotient may underflow."""
    found: Any = False
    for number, x in lowering.derived.items():
        if number in needed:
            op, args = lowering.program.instructions[number]
            lost = x == 0.0 if op.sum else ops.abs_(x) < SMALL
            for arg in args[: 1 if op.sum else 2]:
                lost = lost & (arg != 0.0)
            found = found | (lost & needed[number])
    return found


def _silent(lowering: Lowering) -> list[Any]:
    """Return where rows are not finite, of operations for which numpy raises no flag."""
    rows = [row for row in lowering.trace.rows if not raises_flags(lowering.trace.op(row))]
    return [_not(_finite(lowering.slots[row])) for row in rows]


def _steep(lowering: Lowering) -> list[Any]:
    """Return where a slope is infinite, if another is 0: the program leaves out their product."""
    trace = lowering.trace
    slopes = [p for _, _, p in lowering.partials([k for k in range(len(trace.inputs)) if lowering.active[k]])]
    hidden = slopes if any([p.value == 0 for p in slopes]) else []
    return [_not(_finite(x)) for x in lowering.write(hidden)]


def _finite(x: Any) -> Any:
    return _is_finite(x) if isinstance(x, Register) and not x.condition else True


def _not(x: Any) -> Any:
    return ~x if isinstance(x, Register) else not x
