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
from ..ops import LOST, ROUNDOFF, Rounded, Twofold, few_digits, lost
from ..trace import Linearization, adjoints, partials, path_sizes

AMPLIFIED = 2.0**10  # relative errors that grow by more than this in one operation are to be named
CANCELLED = 2.0**30  # terms that cancel to less than a part of this are added again with twice the digits


def cancellation(
    linear: Linearization,
    weights: Mapping[int, float],
    slots: Mapping[str, int],
    derivatives: Mapping[str, float | None],
    terms: Sequence[float] = (),
) -> tuple[dict[str, float], list[Note]]:
    """Return the derivatives whose terms cancel in a sweep, with twice the digits; note what is nothing but rounding.

    The derivatives are those of the sum of outputs times `weights` by the variables of `slots`. Notes are on the value
    of that sum, too. `terms` are the sizes of the adjoints of all slots, if they are known.
    """
    values = linear.evaluation.values
    y = linear.evaluation.weighted_sum(weights)
    if not math.isfinite(y):
        return {}, []
    terms = terms or path_sizes(linear.partials, len(values), weights)
    known = [x or 0.0 for x in values] if linear.evaluation.trace.branches else values
    bound = ROUNDOFF * sum(map(mul, terms, map(abs, known)))  # type: ignore[arg-type]  # all are evaluated
    notes = _value(linear, weights, y) if bound > LOST * abs(y) else []
    grown, worst = amplified(linear)
    suspects = {
        name: d
        for name, slot in slots.items()
        if (d := derivatives[name]) is not None and inf > terms[slot] and grown * terms[slot] > CANCELLED * abs(d)
    }
    if not suspects:
        return {}, notes
    if _exact_partials(linear, terms):
        better = _with_twice_the_digits(linear, weights, slots, suspects)
        for name, found in better.items():
            text = (
                f"the derivative by {name} is a sum of terms of size {terms[slots[name]]:.2g} that cancel: a sweep "
                f"gives {number_text(suspects[name])}, with twice the digits it is {number_text(found)}"
            )
            notes.append(_cancelled(linear, text, worst))
        return better, notes
    if notes:  # that note speaks of the derivatives, too
        return {}, notes
    rounded = _rounded(linear, weights)
    for name, d in suspects.items():
        if (number := rounded[slots[name]]) is None:
            continue
        errors = [truth - d for truth in number.truths]
        if few_digits(d, errors):
            text = (
                f"the derivative by {name}, {number_text(d)}, is what is left by rounding: it may be off by "
                f"{max(map(abs, errors)):.1g}; --precise gives its digits"
            )
            notes.append(_cancelled(linear, text, worst))
    return {}, notes


def _cancelled(linear: Linearization, text: str, row: int | None) -> Note:
    return Note("cancellation", text) if row is None else linear.evaluation.note("cancellation", text, row)


def _with_twice_the_digits(
    linear: Linearization, weights: Mapping[int, float], slots: Mapping[str, int], derivatives: Mapping[str, float]
) -> dict[str, float]:
    """Return those derivatives of which a sweep has fewer than three digits, by one on sums of two floats."""
    swept = adjoints(len(linear.evaluation.values), linear.partials, {out: Twofold(w) for out, w in weights.items()})
    found = {name: float(swept[slots[name]]) for name in derivatives}
    return {name: x for name, x in found.items() if few_digits(x, [x - derivatives[name]])}


def rounded_slots(linear: Linearization, before: int) -> set[int]:
    """Return the slots before a row whose values may be rounded: an edge of these may be so by rounding alone."""
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    errors = [0.0] * len(values)
    for row in range(len(trace.inputs), before):
        y, op = values[row], trace.ops[row]
        if y is not None and math.isfinite(y) and op is not None and not op.condition and not op.selects:
            known, rest = lost(op, y, evaluation.arguments(row))
            errors[row] = abs(known) + rest
    for i, j, p in linear.partials:
        if errors[j] and i < before:
            errors[i] += abs(p) * errors[j]
    return {slot for slot, error in enumerate(errors) if error > 0}


def amplified(linear: Linearization) -> tuple[float, int | None]:
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


def _rounded(linear: Linearization, weights: Mapping[int, float]) -> list[Rounded | None]:
    """Return the adjoints of the outputs times `weights`, with estimates of what rounding took from them."""
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    numbers: list[Any] = [x if x is None or isinstance(x, bool) else Rounded(float(x)) for x in values]
    for row in trace.rows:
        op, slots = trace.op(row), trace.args[row]
        if op.selects is not None and values[row] is not None:
            numbers[row] = numbers[slots[op.selects(bool(values[slots[0]]))]]
        elif values[row] is not None and not op.condition:
            numbers[row] = op(*[numbers[slot] for slot in slots])
    local = partials(trace, numbers, range(len(trace.inputs)))
    return adjoints(len(values), local, {out: Rounded(w) for out, w in weights.items()})


def _exact_partials(linear: Linearization, terms: Sequence[float]) -> bool:
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
