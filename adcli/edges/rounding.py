"""What rounding loses where terms cancel, in the value and in the sum over paths that is a derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from math import inf
from operator import mul
from typing import Any

from .. import ops
from ..errors import Note
from ..language import dereference, excerpt, number_text
from ..ops import ROUNDOFF, Op, Twofold
from ..trace import Linearization, adjoints, path_sizes

AMPLIFIED = 2.0**10  # relative errors that grow by more than this in one operation are to be named
CANCELLED = 2.0**30  # terms that cancel to less than a part of this are added again with twice the digits
LOST = 1e-3  # relative error of what has no digits to speak of


def lost(op: Op, y: Any, args: Sequence[Any]) -> tuple[Any, Any]:
    """Return what rounding took from a result, of floats or of columns: a part with its sign, and a bound of the rest.

    An operation that only chooses or cuts (neg, abs, max, floor) loses nothing, nor does one at familiar numbers:
    exp(0), cos(0), ln(1), 3^2.
    """
    if op.lost is not None:
        return op.lost(y, *args), 0.0
    chosen: Any = not any(op.rules)
    familiar: Any = (ops.floor(y) == y) & (abs(y) < 2.0**53)
    for x in args:
        chosen = chosen | (abs(x) == abs(y))
        familiar = familiar & ((ops.floor(x) == x) if op.whole else (x == 0.0) | (x == 1.0))
    return 0.0, ops.where(chosen | familiar, 0.0, ROUNDOFF * abs(y))


def cancellation(
    linear: Linearization,
    weights: Mapping[int, float],
    slots: Mapping[str, int],
    derivatives: Mapping[str, float | None],
) -> tuple[dict[str, float], list[Note]]:
    """Return the derivatives whose terms cancel in a sweep, with twice the digits; note what is nothing but rounding.

    The derivatives are those of the sum of outputs times `weights` by the variables of `slots`. Notes are on the value
    of that sum, too.
    """
    values = linear.evaluation.values
    y = linear.evaluation.weighted_sum(weights)
    if not math.isfinite(y):
        return {}, []
    terms = path_sizes(linear.partials, len(values), weights)
    known = [x or 0.0 for x in values] if linear.evaluation.trace.branches else values
    bound = ROUNDOFF * sum(map(mul, terms, map(abs, known)))  # type: ignore[arg-type]  # all are evaluated
    notes = _value(linear, weights, y) if bound > LOST * abs(y) else []
    suspects = {
        name: d
        for name, slot in slots.items()
        if (d := derivatives[name]) is not None and inf > terms[slot] > CANCELLED * abs(d)
    }
    better: dict[str, float] = {}
    if suspects and _exact_partials(linear, terms):
        exact = adjoints(len(values), linear.partials, {out: Twofold(w) for out, w in weights.items()})
        better = {
            name: found
            for name, swept in suspects.items()
            if abs(swept - (found := float(exact[slots[name]]))) > LOST * abs(found)
        }
    for name, found in better.items():
        text = (
            f"the derivative by {name} is a sum of terms of size {terms[slots[name]]:.2g} that cancel: a sweep "
            f"gives {number_text(suspects[name])}, with twice the digits it is {number_text(found)}"
        )
        notes.append(Note("cancellation", text))
    return better, notes


def _exact_partials(linear: Linearization, terms: list[float]) -> bool:
    """Tell whether the partials on the way are exact: of sums, and of products with inputs or numbers."""
    trace = linear.evaluation.trace
    for i, j, _ in linear.partials:
        op = trace.op(i)
        if terms[i] and not all(rule in (-1.0, 0.0, 1.0) for rule in op.rules):
            others = [k for k in trace.args[i] if k != j] or [j]
            if op is not ops.mul or any(trace.ops[k] is not None for k in others):
                return False
    return True


def _value(linear: Linearization, weights: Mapping[int, float], y: float) -> list[Note]:
    """Return a note if the value y is nothing but rounding, at the operation where most is lost."""
    trace, values = linear.evaluation.trace, linear.evaluation.values
    weight = adjoints(len(values), linear.partials, weights)
    known, bound = 0.0, 0.0
    for row in trace.rows:
        value, w, op = values[row], weight[row], trace.op(row)
        if value is None or op.condition or op.selects or not w or not math.isfinite(w * value):
            continue
        signed, rest = lost(op, value, linear.evaluation.arguments(row))
        known, bound = known + w * signed, bound + abs(w) * rest
    amplified = [
        (abs(w * term), i, term)
        for i, j, p in linear.partials
        if (w := weight[i]) and AMPLIFIED * abs(values[i] or 0.0) < abs(term := p * (values[j] or 0.0)) < inf
    ]
    if not abs(known) + bound > LOST * abs(y) or not amplified:
        return []
    _, row, term = max(amplified)
    text = f"{excerpt(dereference(trace.nodes[row]))} = {number_text(values[row] or 0.0)} is what is left by rounding"
    if trace.ops[row] in (ops.add, ops.sub):
        text += f" where terms of size {abs(term):.2g} cancel"
    text += ": the value and the derivatives may have no correct digit"
    return [linear.evaluation.note("cancellation", text, row)]
