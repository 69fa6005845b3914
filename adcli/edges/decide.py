"""A closer look at derivatives from a sweep: what is put right, and what is said, where one is no ordinary number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..errors import Note
from ..language import number_text
from ..ops import Scaled
from ..trace import Evaluation, Linearization, adjoints, linearize
from .rounding import look

Partials = dict[str, float | None]


class Looked(NamedTuple):
    """Derivatives by name (None: it does not exist), those that were `decided` beside the point, and notes."""

    partials: Partials
    decided: tuple[str, ...]
    notes: list[Note]


def look_closer(
    linear: Linearization,
    weights: Mapping[int, float],
    swept: Partials,
    of: str = "the derivative",
    *,
    wide: Mapping[str, float] | None = None,
    cancels: bool = True,
) -> Looked:
    """Return the derivatives of the sum of outputs times `weights`, by the variables that a sweep was made for.

    `swept` has None for a variable that the outputs do not depend on. `of` names the derivative in notes. `wide` holds
    those that are 0 or not finite by a sweep that cannot overflow, if it was made; `cancels` looks for terms that
    cancel, at the cost of a sweep.
    """
    evaluation = linear.evaluation
    slots = {name: evaluation.trace.slot[name] for name in swept}
    open_ = {name: slots[name] for name, d in swept.items() if d is not None}  # not decided yet
    found: Partials = {name: 0.0 if d is None else d for name, d in swept.items()}  # a structural zero
    special = [name for name in open_ if kind_of(found[name] or 0.0) != 1]
    if special and wide is None:
        unbounded = adjoints(len(evaluation.values), linear.partials, {out: Scaled(w) for out, w in weights.items()})
        wide = {name: float(unbounded[slots[name]]) for name in special}
    exact = {name: wide[name] for name in special} if wide else {}
    notes: list[Note] = []
    decided: tuple[str, ...] = ()
    limits = _wanted(evaluation, found)
    if linear.edges or limits:
        from .sides import settle

        settled = settle(linear, weights, slots, {**found, **exact}, limits)
        notes += settled.notes
        decided = tuple(name for name, d in settled.derivatives.items() if d != found[name])
        found.update(settled.derivatives)
        open_ = {name: slot for name, slot in open_.items() if name not in settled.verdicts}
    if cancels:
        notes += look(linear, weights, open_, found)
    if exact := {name: exact[name] for name in open_ if name in exact and kind_of(found[name] or 0.0) != 1}:
        notes += _explain(linear, weights, slots, exact, found, of)
    return Looked(found, decided, notes)


def value_notes(evaluation: Evaluation) -> list[Note]:
    """Return the notes on the values of outputs: overflows, and what is nothing but rounding."""
    linear = linearize(evaluation)
    lost = [note for out in dict.fromkeys(evaluation.trace.outputs) for note in look(linear, {out: 1.0}, {}, {})]
    return with_hints(evaluation, [*evaluation.notes, *lost])


def with_hints(evaluation: Evaluation, notes: Sequence[Note]) -> list[Note]:
    """Return the notes, each once, with stable spellings where they are known."""
    if not notes:
        return []
    from .hints import hinted

    return hinted(evaluation, list(dict.fromkeys(notes)))


def _wanted(evaluation: Evaluation, partials: Partials) -> list[str]:
    """Return the variables whose derivatives are to be found as limits: those with NaN, or all if there is no value."""
    if evaluation.refused is None:
        return []
    return [name for name, d in partials.items() if evaluation.refused or (d is not None and d != d)]


def _explain(
    linear: Linearization,
    weights: Mapping[int, float],
    slots: Mapping[str, int],
    exact: Mapping[str, float],
    found: Partials,
    of: str,
) -> list[Note]:
    """Put right in `found` what only left the range of floats; explain infinities, NaN and what is undefined.

    `exact` are the derivatives concerned, by a sweep that does not leave it.
    """
    evaluation = linear.evaluation
    notes: list[Note] = []
    for out in weights if linear.undefined else ():
        bad = reached_by_undefined(linear, out)
        found.update({name: None for name in exact if slots[name] in bad})
    for name, value in exact.items():
        d = found[name]
        if d is not None and kind_of(d) != kind_of(value):
            found[name] = value
            if math.isfinite(value):
                text = f"{of} by {name} depends on the order of the sweep: its products leave the range of floats"
                notes.append(Note("overflow", text))
    if all(math.isfinite(p) for _, _, p in linear.partials):
        huge = [name for name in exact if (d := found[name]) is not None and math.isinf(d)]
        return notes + [Note("overflow", f"{of} by {n} overflows: it is beyond 1.797e308 in size") for n in huge]
    steep = {i: j for i, j, p in linear.partials if math.isinf(p)}
    noted = {at.row for at in linear.edges} | {note.row for note in evaluation.notes}
    for i, j in steep.items():
        if i not in noted and (op := evaluation.trace.ops[i]) is not None:
            text = f"the slope of {op.name} is infinite at {evaluation.describe(j)}"
            notes.append(Note("pole", text, evaluation.place(evaluation.trace.nodes[i]), i))
    if nans := {name: slots[name] for name in exact if (d := found[name]) is not None and d != d}:
        text = f"{of} by {', '.join(nans)} comes out as 0*inf or inf - inf, which has no value"
        row = max(steep, default=-1)
        place = evaluation.place(evaluation.trace.nodes[row]) if steep else None
        notes.append(Note("nan", text + _limit_hint(linear, weights, nans), place, row))
    return notes


def _limit_hint(linear: Linearization, weights: Mapping[int, float], slots: dict[str, int]) -> str:
    """Return what --limit would say of derivatives."""
    from .sides import settle

    if linear.evaluation.refused is not None:
        return ""
    found = settle(linear, weights, slots, dict.fromkeys(slots, math.nan), slots).derivatives
    given = [number_text(d) for d in found.values() if d is not None]
    return f"; with --limit it is {', '.join(given)}" if len(given) == len(slots) else ""


def kind_of(x: float) -> float:
    """Return 0, 1, inf, -inf or 2: zero, finite, infinite, NaN."""
    return 2 if x != x else x if x == 0 or math.isinf(x) else 1


def reached_by_undefined(linear: Linearization, output: int) -> set[int]:
    """Return the slots that the output depends on through a partial derivative that does not exist."""
    needed, bad = {output}, set()
    for i, j, _ in reversed(linear.partials):
        if i in needed:
            needed.add(j)
            if i in bad or (i, j) in linear.undefined:
                bad.add(j)
    return bad
