"""Conditions of where a value is nothing but rounding, as `edges` finds it at one point."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..derive import Lowering, Register
from ..edges import AMPLIFIED, LOST, lost
from ..language import constant_node
from ..trace import adjoints


def vanishing(lowering: Lowering) -> Any:
    """Return where a smooth operation on a rounded argument, not 0, gives 0: terms may have cancelled."""
    trace, slots = lowering.trace, lowering.slots
    nonnegative = {slot for slot, x in enumerate(slots) if not isinstance(x, Register) and x >= 0}
    found: Any = False
    for row in trace.rows:
        op, args = trace.op(row), trace.args[row]
        even = op.nonnegative == "even" and isinstance(n := slots[args[1]], float) and n % 2 == 0
        if even or op.nonnegative == "always" or (op.nonnegative and nonnegative.issuperset(args)):
            nonnegative.add(row)
        rounded = any(isinstance(slots[arg], Register) and arg >= len(trace.inputs) for arg in args)
        smooth = not (op.edges or op.condition or op.selects or op.zero_of_zero)
        if rounded and smooth and not (op.sum and row in nonnegative):
            found = found | ((slots[row] == 0.0) & (slots[args[0]] != 0.0))
    return found


def only_rounding(lowering: Lowering) -> Any:
    """Return where rounding may take more than a part LOST of an output, and one operation made most of it."""
    trace, slots = lowering.trace, lowering.slots
    partials = lowering.partials(range(len(trace.inputs)))
    found: Any = False
    for out in trace.outputs:
        swept = adjoints(len(slots), partials, {out: constant_node(1.0)})
        reached = [row for row in trace.rows if swept[row] is not None and isinstance(slots[row], Register)]
        weight = dict(zip(reached, lowering.write([swept[row] for row in reached]), strict=True))
        known: Any = 0.0
        bound: Any = 0.0
        for row, w in weight.items():
            op, y = trace.op(row), slots[row]
            if not op.condition and not op.selects:
                signed, rest = lost(op, y, [slots[arg] for arg in trace.args[row]])
                known = known + ops.where(w == 0.0, 0.0, w * signed)
                bound = bound + ops.where(w == 0.0, 0.0, ops.abs_(w) * rest)
        amplified: Any = False
        edges = [(i, j, p) for i, j, p in partials if i in weight]
        for (i, j, _), p in zip(edges, lowering.write([p for _, _, p in edges]), strict=True):
            much = AMPLIFIED * ops.abs_(slots[i]) < ops.abs_(p * slots[j])
            amplified = amplified | (much & (weight[i] != 0.0))
        found = found | ((ops.abs_(known) + bound > LOST * ops.abs_(slots[out])) & amplified)
    return found
