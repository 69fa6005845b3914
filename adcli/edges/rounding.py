"""What rounding loses where terms cancel, in the value and in the sum over paths that is a derivative."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from math import inf
from operator import mul
from typing import Any

from .. import ops
from ..errors import Note
from ..language import dereference, excerpt, number_text
from ..ops import ROUNDOFF, Op, Twofold
from ..trace import Linearization, RowEdge, adjoints, moving_adjoints, path_sizes

AMPLIFIED = 2.0**10  # relative errors that grow by more than this in one operation are to be named
NOISE = 2.0**-96  # part of terms that cancel, below which a sum with twice the digits is 0
DRAWS = 3  # of random rounding errors
CANCELLED = 2.0**30  # terms that cancel to less than a part of this are added again with twice the digits
LOST = 1e-3  # relative error of what has no digits to speak of


def lost(op: Op, y: Any, args: Sequence[Any]) -> tuple[Any, Any]:
    """Return what rounding took from a result, of floats or of columns: a part with its sign, and a bound of the rest.

    An operation of straight pieces (floor, max) loses nothing, nor does one at familiar numbers: exp(0), ln(1), 3^2.
    """
    if op.lost is not None:
        return op.lost(y, *args), 0.0
    if op.pieces:
        return 0.0, 0.0
    familiar: Any = (ops.floor(y) == y) & (abs(y) < 2.0**53)
    for x in args:
        familiar = familiar & ((ops.floor(x) == x) if op.whole else (x == 0.0) | (x == 1.0))
    if op.whole:
        familiar = familiar | (args[-1] == 1.0)  # x^1
    return 0.0, ops.where(familiar, 0.0, ROUNDOFF * abs(y))


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
    grown, worst = _amplified(linear)
    suspects = {
        name: d
        for name, slot in slots.items()
        if (d := derivatives[name]) is not None and inf > terms[slot] and grown * terms[slot] > CANCELLED * abs(d)
    }
    if not suspects:
        return {}, notes
    swept = adjoints(len(values), linear.partials, {out: Twofold(w) for out, w in weights.items()})
    exact = _exact_partials(linear, terms)
    if notes and not exact:  # that note speaks of the derivatives, too
        return {}, notes
    shifts, spreads = ({}, {}) if exact else _errors(linear, weights)
    better: dict[str, float] = {}
    for name, d in suspects.items():
        slot = slots[name]
        found = float(swept[slot])
        truth = found + shifts.get(slot, 0.0)
        noise = abs(truth) <= NOISE * terms[slot]
        error = abs(d - truth) + (0.0 if d == found == 0 and noise else spreads.get(slot, 0.0))
        if error <= LOST * abs(truth) or (noise and d == 0 and error == abs(truth)):
            continue
        if exact:
            better[name] = found
            text = (
                f"the derivative by {name} is a sum of terms of size {terms[slot]:.2g} that cancel: a sweep "
                f"gives {number_text(d)}, with twice the digits it is {number_text(found)}"
            )
        else:
            text = (
                f"the derivative by {name}, {number_text(d)}, is what is left by rounding: it may be off by "
                f"{error:.1g}; --precise gives its digits"
            )
        notes.append(
            Note("cancellation", text) if worst is None else linear.evaluation.note("cancellation", text, worst)
        )
    return better, notes


def rounded_place(linear: Linearization, at: RowEdge) -> str:
    """Return the end of a note on an edge that rounding may have moved the point onto; empty for another."""
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    errors = [0.0] * len(values)
    for row in range(len(trace.inputs), at.row):
        if (y := values[row]) is not None and (op := trace.ops[row]) and not op.condition and not op.selects:
            known, rest = lost(op, y, evaluation.arguments(row))
            errors[row] = abs(known) + rest
    for i, j, p in linear.partials:
        if errors[j] and i < at.row:
            errors[i] += abs(p) * errors[j]
    rounded = any(errors[slot] > 0 for slot in trace.args[at.row])
    return "; this may be so by rounding alone" if rounded else ""


def _amplified(linear: Linearization) -> tuple[float, int | None]:
    """Return how much a relative error of a result grows on the way at most, and in which row; at least 1, and None.

    Growth in steps of less than 8 does not count.
    """
    values, inputs = linear.evaluation.values, len(linear.evaluation.trace.inputs)
    grown: dict[int, float] = {}
    for i, j, p in linear.partials:
        if j >= inputs:
            value, term = values[i] or 0.0, p * (values[j] or 0.0)
            if j in grown or not -8 * abs(value) <= term <= 8 * abs(value):
                factor = grown.get(j, 1.0) * (abs(term / value) if value else inf if term else 0.0)
                if factor > grown.get(i, 1.0):
                    grown[i] = factor
    row = max(grown, key=grown.__getitem__, default=None)
    return (1.0, None) if row is None else (grown[row], row)


def _errors(linear: Linearization, weights: Mapping[int, float]) -> tuple[dict[int, float], dict[int, float]]:
    """Estimate for each slot what rounding took from its adjoint: the part that is known, and the size of the rest.

    To first order, by sweeps along the rounding errors of values and of local partials: those that are known, and
    random parts of the bounds of others. The same calculation has the same error each time, so that equal terms cancel.
    (Bounds without signs: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, chapter 3.)
    """
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    weight = adjoints(len(values), linear.partials, weights)
    rows = [
        row for row in trace.rows if values[row] is not None and not (trace.op(row).condition or trace.op(row).selects)
    ]
    args = {row: evaluation.arguments(row) for row in rows}
    losses = {row: lost(trace.op(row), values[row], args[row]) for row in rows}
    shifts = _moved(linear, weights, {row: float(known) for row, (known, _) in losses.items()})
    spreads = dict.fromkeys(shifts, 0.0)
    for draw in range(DRAWS):
        part = {row: _random(draw, trace.op(row), args[row]) for row in rows}
        swept = _moved(linear, weights, {row: part[row] * float(rest) for row, (_, rest) in losses.items()})
        added = [0.0] * len(values)
        for i, j, p in reversed(linear.partials):
            own = 0.0 if i not in part or _is_exact(trace.op(i), p, values[i] or 0.0, args[i]) else ROUNDOFF * p
            added[j] += p * added[i] + (own * part[i] * w if own and (w := weight[i]) else 0.0)
        spreads = {slot: max(size, abs(swept[slot] + added[slot])) for slot, size in spreads.items()}
    return shifts, spreads


def _moved(linear: Linearization, weights: Mapping[int, float], own: Mapping[int, float]) -> dict[int, float]:
    """Return how much the adjoints of the inputs change when each row changes by a small part of its own."""
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    rates: list[float | None] = [own.get(slot) or None for slot in range(len(values))]
    for row in trace.rows:
        if row not in own or trace.varies[row]:
            continue
        for k, arg in enumerate(trace.args[row]):  # of numbers alone
            if rate := rates[arg]:
                slope = trace.op(row).slope(k, values[row] or 0.0, *evaluation.arguments(row))
                rates[row] = (rates[row] or 0.0) + slope * rate
    for i, j, p in linear.partials:
        if (rate := rates[j]) is not None:
            rates[i] = (rates[i] or 0.0) + p * rate
    found = moving_adjoints(evaluation, rates, weights, own)
    return {slot: 0.0 if (x := found[slot]) is None else x.rate or 0.0 for slot in range(len(trace.inputs))}


def _random(draw: int, op: Op, args: Sequence[float]) -> float:
    """Return a number between -1 and 1 that depends on the calculation."""
    return zlib.crc32(f"{draw}{op.name}{args}".encode()) / 2**31 - 1


def _is_exact(op: Op, p: float, y: float, args: Sequence[float]) -> bool:
    """Tell whether a partial has no rounding of its own: of sums, the result, an argument, or whole of whole ones."""
    if all(rule in (-1.0, 0.0, 1.0) for rule in op.rules) or abs(p) == abs(y) or abs(p) in map(abs, args):
        return True
    return p % 1 == 0 and abs(p) < 2.0**53 and all(x % 1 == 0 for x in args)


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
