"""Derivatives at kinks, jumps, ends and branches, decided from both sides of the point, with notes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..errors import Note
from ..language import number_text
from ..ops import NoGerm
from ..trace import Linearization, RowEdge, path_sizes
from .reach import edge_text, edges_met, edges_of, only_ends
from .rounding import rounded_slots
from .sides import UNDECIDED, Surroundings, Verdict, same, same_step

SHOWN = 4  # variables named in one note


class Settled(NamedTuple):
    """The verdicts by name on derivatives that were decided from both sides, and notes."""

    verdicts: dict[str, Verdict]
    notes: list[Note]

    @property
    def derivatives(self) -> dict[str, float | None]:
        """The decided derivatives; None: there is none."""
        return {name: found.derivative for name, found in self.verdicts.items()}


def settle(
    linear: Linearization,
    weights: Mapping[int, float],
    slots: Mapping[str, int],
    swept: Mapping[str, float | None],
    limits: Collection[str] = (),
) -> Settled:
    """Return the partial derivatives, by the variables that meet an edge, of the sum of outputs times `weights`.

    `swept` are those by a sweep; a NaN stays where there are only ends of domains. `limits` are variables to be decided
    in any case.
    """
    reached = edges_met(linear, weights)
    met = {name: edges_of(linear, reached[slot]) for name, slot in slots.items()}
    scale = path_sizes(linear.partials, len(linear.evaluation.values), weights)
    around = Surroundings(linear, weights)
    verdicts: dict[str, Verdict] = {}
    for name, slot in slots.items():
        if name in limits or _is_doubtful(met[name], swept[name]):
            found = _judged(around, {slot: 1.0}, scale[slot], met[name])
            verdicts |= {} if found is None else {name: found}
    explained_elsewhere = {n for n in slots if n not in verdicts and swept[n] != swept[n] and only_ends(met[n])}
    notes = _notes(linear, {n: edges for n, edges in met.items() if n not in explained_elsewhere}, verdicts)
    for name, found in verdicts.items():
        if found.derivative is None and not met[name]:
            text = f"there is no derivative by {name}: there are different slopes, or none, on the sides of the point"
            notes.append(Note("undefined", text))
    decided = [name for name in verdicts if met[name]]
    if decided and all(verdicts[name].kind == "" for name in decided):
        known = {**swept, **{name: found.derivative for name, found in verdicts.items()}}
        names = slots if linear.evaluation.trace.branches else decided  # a branch not taken may depend on any
        partials = {slots[name]: d for name in names if (d := known[name]) is not None and math.isfinite(d)}
        first = next(edges for edges in met.values() if edges)[0]
        notes += _not_differentiable(linear, around, partials, first) if len(partials) > 1 else []
    return Settled(verdicts, notes)


def along(
    linear: Linearization, out: int, direction: Mapping[int, float], swept: float | None
) -> tuple[float | None, list[Note]]:
    """Return the derivative of an output along a direction (by slot), and notes; `swept` if nothing else is known."""
    met = edges_met(linear, [out])
    edges = edges_of(linear, *[met[slot] for slot in direction])
    found = None
    if _is_doubtful(edges, swept) or linear.evaluation.refused:
        scale = path_sizes(linear.partials, len(linear.evaluation.values), {out: 1.0})
        size = sum(scale[slot] * abs(d) for slot, d in direction.items())
        found = _judged(Surroundings(linear, {out: 1.0}), direction, size, edges)
    if found is None:
        return swept, _notes(linear, {"": edges}, {})
    return found.derivative, _notes(linear, {"": edges}, {"": found})


def _is_doubtful(edges: Collection[RowEdge], swept: float | None) -> bool:
    """Tell whether edges have to be looked at from both sides, for a derivative by a sweep."""
    return not only_ends(edges) or (bool(edges) and swept == swept)


def _judged(
    around: Surroundings, direction: Mapping[int, float], scale: float, edges: Collection[RowEdge]
) -> Verdict | None:
    """Return the verdict along a direction; None where there is no power series, but the sweep may be right."""
    jumps = any(at.edge.kind == "jump" for at in edges)
    try:
        return around.verdict(direction, scale, same_step if jumps else same)
    except NoGerm:
        return None if only_ends(edges) else UNDECIDED


def _not_differentiable(
    linear: Linearization, around: Surroundings, partials: Mapping[int, float], at: RowEdge
) -> list[Note]:
    """Note that a generic direction has another slope than the partial derivatives (by slot) say."""
    for turn in (1.0, -1.0):
        direction = {slot: turn**k * (1 + k * 0.618034 % 1) for k, slot in enumerate(partials)}
        parts = [d * partials[slot] for slot, d in direction.items()]
        expected, size = math.fsum(parts), sum(map(abs, parts))
        try:
            found = around.verdict(direction, size, same)
        except NoGerm:
            return []
        if found.kind or not same(found.after, expected, size):
            names = [linear.evaluation.trace.inputs[slot] for slot in direction]
            pairs = [*zip(names, direction.values(), strict=True)][:SHOWN]
            line = ", ".join(f"{name} = {number_text(d)}" for name, d in pairs)
            slope = "is none" if found.derivative is None else f"is {number_text(found.derivative)}"
            if found.kind == "kink":
                slope = f"goes from {number_text(found.before)} to {number_text(found.after)}"
            text = (
                f"the partial derivatives exist, but the function is not differentiable here: "
                f"along {line} its slope {slope}, not {number_text(expected)}"
            )
            return [linear.evaluation.note("kink", text, at.row)]
    return []


def _notes(linear: Linearization, met: Mapping[str, list[RowEdge]], verdicts: Mapping[str, Verdict]) -> list[Note]:
    """Return a note for each edge at which a variable's two sides do not agree."""
    notes = []
    concerned: dict[RowEdge, dict[str, list[str]]] = {}
    for name, edges in met.items():
        found = verdicts.get(name)
        for at in edges if found is None or found.kind else ():
            kind = found.kind if found else at.edge.kind
            if kind == "undecided":
                kind = at.edge.kind if at.edge.kind == "jump" else "undefined"
            concerned.setdefault(at, {}).setdefault(kind, []).append(name)
    rounded = rounded_slots(linear, max(at.row for at in concerned)) if concerned else set()
    for at in linear.edges:
        for kind, names in concerned.get(at, {}).items():
            phrases = {name: f"by {name}" if name else "along the line" for name in names[:SHOWN]}
            parts = [_consequence(by, verdicts.get(name), at) for name, by in phrases.items()]
            text = f"{edge_text(linear.evaluation, at)}: {'; '.join(parts)}"
            if len(names) > SHOWN:
                text += f"; and so for {len(names) - SHOWN} more variables"
            if not rounded.isdisjoint(linear.evaluation.trace.args[at.row]):
                text += "; this may be so by rounding alone"
            notes.append(linear.evaluation.note(kind, text, at.row))
    return notes


def _consequence(by: str, found: Verdict | None, at: RowEdge) -> str:
    """Return the part of a note on an edge that is about the derivative `by` a variable, or along a line."""
    if found is None or found.kind == "end":
        return f"the derivative {by} is one-sided"
    if found.kind == "undecided":
        none = at.edge.kind in ("jump", "undefined")
        return f"there is no derivative {by}" if none else f"no power series tells the derivative {by}"
    before, after = number_text(found.before), number_text(found.after)
    if found.kind == "jump" and same(found.before, found.after, abs(found.after)):
        return f"there is no derivative {by}, beside it the value is {after}"
    if found.kind == "jump":
        return f"there is no derivative {by}, the value goes from {before} to {after}"
    if found.kind == "undefined":
        return f"there is no derivative {by}, since there is no value beside it"
    given = "so there is none" if found.derivative is None else "their mean is given"
    return f"the slopes {by} are {before} and {after}, {given}"
