"""Gradients: seeds for the sweeps, and what to say where the result is not an ordinary number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .errors import Note, UsageError
from .forward import tangents
from .linearize import Linearization, linearize
from .printing import number_text
from .reverse import adjoints
from .rounding import look
from .shown import Shown
from .trace import Evaluation
from .wide import Wide

MODES = ("auto", "forward", "reverse", "both")
FEW_INPUTS = 3  # up to here forward mode, a sweep for each input, is taken by default


class Values(NamedTuple):
    """The values of the outputs at a point, by name."""

    source: object
    at: dict[str, float]
    value: dict[str, float]
    notes: tuple[Note, ...] = ()

    @property
    def formula(self) -> str:
        """The formula as it was understood."""
        return str(self.source)

    @property
    def complete(self) -> bool:
        """Tell whether every value is a number."""
        return not any(v != v for v in self.value.values())


@dataclass(frozen=True, repr=False)
class Gradient(Shown):
    """A value and its partial derivatives; a partial that does not exist is None.

    `notes` say what is not ordinary: a kink, an end of a domain, an overflow. Index it by a variable's name.
    """

    source: object  # the Formula, whose text is only made when it is asked for
    at: dict[str, float]
    mode: str
    output: str
    value: float
    gradient: dict[str, float | None]
    notes: tuple[Note, ...] = ()

    def __getitem__(self, variable: str) -> float | None:
        return self.gradient[variable]

    def as_dict(self) -> dict[str, float | None]:
        """Return the partial derivatives by variable."""
        return dict(self.gradient)

    @property
    def complete(self) -> bool:
        """Tell whether the value and every partial derivative asked for exist."""
        return self.value == self.value and all(d is not None and d == d for d in self.gradient.values())


class Sweeps:
    """Everything computed on the way to a gradient, by slot: for tables."""

    def __init__(self, linearization: Linearization, notes: list[Note], mode: str = "") -> None:
        self.linearization, self.notes, self.mode = linearization, notes, mode
        self.tangents: dict[str, list[float | None]] = {}
        self.adjoints: list[float | None] | None = None
        self.gradient: dict[str, float | None] = {}
        self.beside: tuple[str, ...] = ()  # variables whose derivative is not the sum over rows: it was decided beside

    @property
    def evaluation(self) -> Evaluation:
        return self.linearization.evaluation


def unswept(evaluation: Evaluation) -> Sweeps:
    """Return an evaluation as what a table shows, without derivatives."""
    return Sweeps(Linearization(evaluation, [], []), notes=evaluation.notes)


def choose(mode: str, inputs: int) -> str:
    """Return the mode that `auto` stands for: reverse for one output with more than a few inputs."""
    if mode not in MODES:
        raise UsageError(f"{mode} is not a mode", hint=f"choose one of: {', '.join(MODES)}")
    return mode if mode != "auto" else "reverse" if inputs > FEW_INPUTS else "forward"


def gradient(evaluation: Evaluation, wrt: tuple[str, ...], mode: str = "auto", *, whole: bool = False) -> Sweeps:
    """Return the derivatives of the (only) output by the variables `wrt`, with the sweeps that gave them.

    `whole` sweeps the rows that only other variables reach as well, for a table of all rows.
    """
    trace = evaluation.trace
    mode = choose(mode, len(wrt))
    linear = linearize(evaluation, frozenset(wrt))
    result = Sweeps(linear, notes=[*evaluation.notes], mode=mode)
    if whole and len(set(wrt)) < len(trace.inputs):
        linear = result.linearization = linearize(evaluation)
    size, slots, output = len(trace.nodes), {name: trace.slot[name] for name in wrt}, trace.outputs[0]
    if mode != "reverse":
        for name, slot in slots.items():
            result.tangents[name] = tangents(size, linear.partials, {slot: 1.0})
            result.gradient[name] = result.tangents[name][output]
    if mode != "forward":
        result.adjoints = adjoints(size, linear.partials, {output: 1.0})
        result.gradient = {name: result.adjoints[slot] for name, slot in slots.items()}
    reached = {name for name, value in result.gradient.items() if value is not None}
    for name in slots.keys() - reached:
        result.gradient[name] = 0.0  # a structural zero: the output does not depend on the variable
    special = {n for n in reached if (d := result.gradient[n]) is not None and (d == 0 or not math.isfinite(d))}
    exact = adjoints(size, linear.partials, {output: Wide(1.0)}) if special else []
    closer = {name: float(exact[slots[name]]) for name in special}
    limits = limits_wanted(evaluation, result.gradient)
    if linear.edges or limits:
        from .sides import settle

        settled = settle(linear, {output: 1.0}, slots, {**result.gradient, **closer}, limits)
        result.notes += settled.notes
        result.beside = tuple(n for n, d in settled.derivatives.items() if d != result.gradient[n])
        result.gradient.update(settled.derivatives)
        reached -= settled.verdicts.keys()
    swept = {name: slots[name] for name in slots if name in reached}
    result.notes += look(linear, output, swept, result.gradient)
    closer = {n: closer[n] for n in swept if n in closer and kind_of(result.gradient[n] or 0.0) != 1}
    if closer:
        _look_closer(result, slots, closer, output)
    result.notes = with_hints(evaluation, result.notes)
    return result


def with_hints(evaluation: Evaluation, notes: Sequence[Note]) -> list[Note]:
    """Return the notes with stable spellings where they are known."""
    if not notes:
        return []
    from .hints import hinted

    return hinted(evaluation, list(notes))


def value_notes(evaluation: Evaluation) -> list[Note]:
    """Return the notes on the values of outputs: overflows, and what is nothing but rounding."""
    linear = linearize(evaluation)
    lost = [note for out in dict.fromkeys(evaluation.trace.outputs) for note in look(linear, out, {}, {})]
    return with_hints(evaluation, [*evaluation.notes, *dict.fromkeys(lost)])


def limits_wanted(evaluation: Evaluation, partials: Mapping[str, float | None]) -> list[str]:
    """Return the variables whose derivatives are to be found as limits: those with NaN, or all if there is no value."""
    if evaluation.refused is None:
        return []
    return [name for name, d in partials.items() if evaluation.refused or (d is not None and d != d)]


def _look_closer(result: Sweeps, slots: dict[str, int], exact: dict[str, float], output: int) -> None:
    """Replace what only left the range of floats on the way, and explain infinities, NaN and undefined partials.

    `exact` are the derivatives concerned, by a sweep that does not leave it.
    """
    linear = result.linearization
    if linear.undefined:
        bad = reached_by_undefined(linear, output)
        for name in exact:
            if slots[name] in bad:
                result.gradient[name] = None
    for name, value in exact.items():
        swept = result.gradient[name]
        if swept is not None and kind_of(swept) != kind_of(value):
            result.gradient[name] = value
            if math.isfinite(value):
                why = "products leave the range of floats on the way"
                text = f"the derivative by {name} depends on the order of the sweep, since {why}"
                result.notes.append(Note("overflow", text))
    if all(math.isfinite(p) for _, _, p in linear.partials):
        for name in exact:
            if (d := result.gradient[name]) is not None and math.isinf(d):
                text = f"the derivative by {name} overflows: it is beyond 1.797e308 in size"
                result.notes.append(Note("overflow", text))
        return
    noted = {note.row for note in result.notes}
    evaluation = linear.evaluation
    worst = -1
    for i, j, p in linear.partials:
        op, node = evaluation.trace.ops[i], evaluation.trace.nodes[i]
        if math.isinf(p) and op is not None:
            worst = i
            if i not in noted:
                text = f"the slope of {op.name} is infinite at {evaluation.describe(j)}"
                result.notes.append(Note("pole", text, evaluation.place(node), i))
                noted.add(i)
    if nans := {name: slots[name] for name in exact if (d := result.gradient[name]) is not None and d != d}:
        text = f"the derivative by {', '.join(nans)} comes out as 0*inf or inf - inf, which has no value"
        text += _limit_hint(linear, output, nans)
        place = evaluation.place(evaluation.trace.nodes[worst]) if worst >= 0 else None
        result.notes.append(Note("nan", text, place, worst))


def _limit_hint(linear: Linearization, output: int, slots: dict[str, int]) -> str:
    """Return what --limit would say of derivatives."""
    from .sides import settle

    if linear.evaluation.refused is not None:
        return ""
    found = settle(linear, {output: 1.0}, slots, dict.fromkeys(slots, math.nan), slots).derivatives
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
