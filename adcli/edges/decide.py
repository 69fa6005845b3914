"""The derivatives that a sweep leaves in doubt, decided by other methods, with notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..errors import Note
from ..language import number_text
from ..ops import Scaled
from ..trace import Evaluation, Linearization, Partials, adjoints, linearize, path_sizes
from .rounding import cancellation

NOISE = 2.0**-48  # part of the terms of a sum, below which another order of adding them may give 0

SMALLEST = 2.0**-1022  # of the floats with all digits

Derivatives = dict[str, float | None]  # by variable; None: there is none


class Decided(NamedTuple):
    """Derivatives by name, the names of those that were found `beside` the point, not by the sweep, and notes."""

    derivatives: Derivatives
    beside: tuple[str, ...]
    notes: list[Note]


def decide(
    linear: Linearization,
    weights: Mapping[int, float],
    swept: Mapping[str, float | None],
    of: str = "the derivative",
    *,
    scaled: Mapping[str, float] | None = None,
    look_for_cancelling: bool = True,
) -> Decided:
    """Return the derivatives of the sum of outputs times `weights`, given those by a sweep.

    `swept` has None for a variable that the outputs do not depend on. `of` names the derivative in notes. `scaled` are
    those that are 0 or not finite, swept in numbers that do not leave their range, if this was done. To look for
    cancelling costs a sweep.
    """
    evaluation = linear.evaluation
    slots = {name: evaluation.trace.slot[name] for name in swept}
    derivatives: Derivatives = {name: 0.0 if d is None else d for name, d in swept.items()}  # structural zeros
    undecided = [name for name, d in swept.items() if d is not None]
    if unknown := [name for name in undecided if derivatives[name] != derivatives[name]]:
        derivatives |= _past_constants(linear, weights, unknown)
        undecided = [name for name in undecided if name not in unknown or derivatives[name] != derivatives[name]]
    terms = path_sizes(linear.partials, len(evaluation.values), weights) if look_for_cancelling else []
    limit = _faint(terms)
    if faint := [name for name in undecided if is_ordinary(d := derivatives[name]) and abs(d or 0.0) < limit]:
        derivatives |= _without_overflow(linear, weights, faint)
    suspicious = [name for name in undecided if not is_ordinary(derivatives[name])]
    in_range: dict[str, float] = {}
    if suspicious:
        known = _without_overflow(linear, weights, suspicious) if scaled is None else scaled
        in_range = {name: known[name] for name in suspicious}
    notes: list[Note] = []
    beside: tuple[str, ...] = ()
    limits = _lacking(evaluation, derivatives)
    if linear.edges or limits:
        from .settle import settle

        settled = settle(linear, weights, slots, derivatives | in_range, limits)
        beside = tuple(name for name, d in settled.derivatives.items() if d != derivatives[name])
        derivatives |= settled.derivatives
        undecided = [name for name in undecided if name not in settled.verdicts]
        notes += settled.notes
    left = [name for name in undecided if name in in_range and not is_ordinary(derivatives[name])]
    outgrown = {name: d for name in left if (d := in_range[name]) != derivatives[name]}
    derivatives |= outgrown
    if look_for_cancelling:
        better, said = cancellation(linear, weights, {name: slots[name] for name in undecided}, derivatives, terms)
        derivatives |= better
        notes += said
    sizes = terms or (path_sizes(linear.partials, len(evaluation.values), weights) if outgrown else [])
    finite = {name: d for name, d in outgrown.items() if math.isfinite(d)}
    for name in [name for name, d in finite.items() if not abs(d) <= NOISE * sizes[slots[name]] < math.inf]:
        text = f"{of} by {name} depends on the order of the sweep: its products leave the range of floats"
        notes.append(Note("overflow", text))
    if left:
        notes += _explanations(linear, weights, {name: derivatives[name] for name in left}, of)
    return Decided(derivatives, beside, notes)


def is_ordinary(x: float | None) -> bool:
    """Tell whether a derivative is finite and not 0, so that a sweep that met no edge has it right."""
    return x is not None and x != 0 and math.isfinite(x)


def _past_constants(linear: Linearization, weights: Mapping[int, float], names: Sequence[str]) -> dict[str, float]:
    """Return derivatives by an adjoint sweep that leaves out arguments around which an operation is constant.

    A slope that is infinite says nothing of what does not move: acos(clip(x, -1, 1)) at 10.
    """
    trace = linear.evaluation.trace
    swept = adjoints(len(trace.nodes), moving_partials(linear), dict(weights))
    return {name: 0.0 if (d := swept[trace.slot[name]]) is None else d for name in names}


def moving_partials(linear: Linearization) -> Partials:
    """Return the local partials without those of arguments around which an operation is constant."""
    trace, edges = linear.evaluation.trace, {at.row for at in linear.edges}
    return [(i, j, p) for i, j, p in linear.partials if p != 0 or not trace.op(i).pieces or i in edges]


def _faint(terms: Sequence[float]) -> float:
    """Return the size below which a derivative passed a number too small to have all digits, in either sweep.

    `terms` are the sizes of the adjoints; a tangent is about the derivative over an adjoint.
    """
    return math.inf if min(filter(None, terms), default=1.0) < SMALLEST else SMALLEST * max(terms, default=0.0)


def _without_overflow(linear: Linearization, weights: Mapping[int, float], names: Sequence[str]) -> dict[str, float]:
    """Return derivatives by an adjoint sweep on numbers that do not leave their range, rounded to floats at the end."""
    trace = linear.evaluation.trace
    swept = adjoints(len(trace.nodes), moving_partials(linear), {out: Scaled(w) for out, w in weights.items()})
    return {name: float(swept[trace.slot[name]] or 0.0) for name in names}


def _lacking(evaluation: Evaluation, derivatives: Derivatives) -> list[str]:
    """Return the variables whose derivatives are to be found as limits: those with NaN, or all if there is no value."""
    if evaluation.refused is None:
        return []
    return [name for name, d in derivatives.items() if evaluation.refused or (d is not None and d != d)]


def _explanations(linear: Linearization, weights: Mapping[int, float], left: Derivatives, of: str) -> list[Note]:
    """Return notes on derivatives that are infinite or NaN: an overflow, or an infinite slope on the way."""
    evaluation = linear.evaluation
    if all(math.isfinite(p) for _, _, p in linear.partials):
        huge = [name for name, d in left.items() if d is not None and math.isinf(d)]
        return [Note("overflow", f"{of} by {name} overflows: it is beyond 1.797e308 in size") for name in huge]
    notes = []
    steep = {row: slot for row, slot, p in linear.partials if math.isinf(p)}
    noted = {at.row for at in linear.edges} | {note.row for note in evaluation.notes}
    for row, slot in steep.items():
        if row not in noted:
            kind, text = _infinite_slope(evaluation, row, slot)
            notes.append(evaluation.note(kind, text, row))
    if nans := [name for name, d in left.items() if d is not None and d != d]:
        text = f"{of} by {', '.join(nans)} comes out as 0*inf or inf - inf, which has no value"
        text += _limits_given(linear, weights, nans)
        notes.append(evaluation.note("nan", text, max(steep)) if steep else Note("nan", text))
    return notes


def _infinite_slope(evaluation: Evaluation, row: int, slot: int) -> tuple[str, str]:
    """Return kind and text for an infinite partial of a row by an argument: a pole at 0, elsewhere an overflow.

    Where an operation has a value, only 0 is a point with an infinite slope that is no edge.
    """
    slope = f"the slope of {evaluation.trace.op(row).symbol}"
    if not any(evaluation.arguments(row)):
        return "pole", f"{slope} is infinite at {evaluation.describe(slot)}"
    varying = [arg for arg in dict.fromkeys(evaluation.trace.args[row]) if evaluation.trace.varies[arg]]
    where = ", ".join(map(evaluation.describe, varying))
    return "overflow", f"{slope} overflows at {where}: it is beyond 1.797e308 in size"


def _limits_given(linear: Linearization, weights: Mapping[int, float], names: Sequence[str]) -> str:
    """Return the end of a note with the derivatives that --limit gives; empty if it does not give all."""
    from .settle import settle

    if linear.evaluation.refused is not None:
        return ""
    slots = {name: linear.evaluation.trace.slot[name] for name in names}
    found = settle(linear, weights, slots, dict.fromkeys(names, math.nan), names).derivatives
    given = [number_text(d) for d in found.values() if d is not None]
    return f"; with --limit it is {', '.join(given)}" if len(given) == len(names) else ""


def value_notes(evaluation: Evaluation) -> list[Note]:
    """Return the notes on the values of outputs: overflows, and values that are nothing but rounding."""
    linear = linearize(evaluation)
    notes = list(evaluation.notes)
    for out in dict.fromkeys(evaluation.trace.outputs):
        notes += cancellation(linear, {out: 1.0}, {}, {})[1]
    return with_hints(evaluation, notes)


def with_hints(evaluation: Evaluation, notes: Sequence[Note]) -> list[Note]:
    """Return the notes, each once, with stable spellings where they are known."""
    if not notes:
        return []
    from .hints import hinted

    return hinted(evaluation, list(dict.fromkeys(notes)))
