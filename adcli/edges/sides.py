"""Where a function is not smooth: its slopes on the two sides of a point, the derivative they agree on, or a note."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from ..errors import DomainError, Note
from ..language import dereference, excerpt, number_text
from ..ops import Germ, NoGerm, Outside, mul
from ..trace import At, Evaluation, Linearization, adjoints, path_sizes
from .approach import approach

ROUNDING = 1e-12  # slopes and values that differ by less, relative to their terms, are the same
SHOWN = 4  # variables named in one note
CERTAIN = ("jump", "undefined", "kink", "branch")  # edges where the local partial may be wrong, even as a number


class Side(NamedTuple):
    """The limit of a function from one side, and its slope along that direction."""

    value: float
    slope: float


class Verdict(NamedTuple):
    """A derivative along a line: `kind` is empty where both sides agree, else kink, jump, end, undefined or undecided.

    `before` and `after` are the slopes on the two sides along the line, for a jump the values; `value` is the limit.
    """

    derivative: float | None
    kind: str
    before: float
    after: float
    value: float


UNDECIDED = Verdict(None, "undecided", math.nan, math.nan, math.nan)


class Settled(NamedTuple):
    """The derivatives by name that were decided, the limits of the value, and what is to be said."""

    verdicts: dict[str, Verdict]
    notes: list[Note]

    @property
    def derivatives(self) -> dict[str, float | None]:
        """The decided derivatives."""
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
    verdicts: dict[str, Verdict] = {}
    edges = linear.edges
    reach = _reach(linear, weights)
    met = {name: [edges[k] for k in _bits(reach[slot])] for name, slot in slots.items() if reach[slot]}
    scale = path_sizes(linear.partials, len(linear.evaluation.values), weights)
    here = weighted(linear.evaluation, weights)
    tail = Tail(linear, weights)
    for name in slots:
        if name in limits or _doubtful(met.get(name, ()), swept[name]):
            try:
                line = {slots[name]: 1.0}
                limit = bool(linear.evaluation.refused)
                steps = _jumps(met.get(name, ()))
                verdicts[name] = verdict(linear.evaluation, line, weights, here, scale[slots[name]], limit, tail, steps)
            except NoGerm:
                if not _only_ends(met.get(name, ())):
                    verdicts[name] = UNDECIDED
    told = {n: e for n, e in met.items() if n in verdicts or not (swept[n] != swept[n] and _only_ends(e))}
    notes = _notes(linear, told, verdicts)
    for name, found in verdicts.items():
        if found.derivative is None and name not in met:
            text = f"there is no derivative by {name}: there are different slopes, or none, on the sides of the point"
            notes.append(Note("undefined", text))
    decided = [n for n in verdicts if n in met]
    if decided and all(verdicts[n].kind == "" for n in decided):
        beside = slots if linear.evaluation.trace.branches else decided  # a branch not taken may depend on any
        known = {slots[n]: verdicts[n].derivative if n in verdicts else swept[n] or 0.0 for n in beside}
        partials = {slot: d for slot, d in known.items() if d is not None and math.isfinite(d)}
        notes += _total(linear, weights, partials, here, met) if len(partials) > 1 else []
    return Settled(verdicts, notes)


def _only_ends(edges: Collection[At]) -> bool:
    return not any(at.edge.kind in CERTAIN for at in edges)


def _jumps(edges: Collection[At]) -> bool:
    return any(at.edge.kind == "jump" for at in edges)


def _doubtful(edges: Collection[At], swept: float | None) -> bool:
    """Tell whether edges have to be looked at from both sides, for a derivative by a sweep."""
    return not _only_ends(edges) or (bool(edges) and swept == swept)


def along(
    linear: Linearization, out: int, direction: Mapping[int, float], swept: float | None
) -> tuple[float | None, list[Note]]:
    """Return the derivative of an output along a direction (by slot), and notes; `swept` if nothing else is known."""
    reach = _reach(linear, [out])
    edges = [linear.edges[k] for k in _bits(_union(reach[slot] for slot in direction))]
    if not _doubtful(edges, swept):
        return swept, _notes(linear, {"": edges}, {})
    scale = path_sizes(linear.partials, len(linear.evaluation.values), {out: 1.0})
    size = sum(scale[slot] * abs(d) for slot, d in direction.items())
    here = weighted(linear.evaluation, {out: 1.0})
    try:
        found = verdict(linear.evaluation, direction, {out: 1.0}, here, size, steps=_jumps(edges))
    except NoGerm:
        if _only_ends(edges):
            return swept, _notes(linear, {"": edges}, {})
        found = UNDECIDED
    return found.derivative, _notes(linear, {"": edges}, {"": found})


def powers(
    linear: Linearization, direction: Mapping[int, float], out: int, order: int, *, at_end: bool = False
) -> list[float]:
    """Return the coefficients of an output along a direction up to t^order, on which both sides agree.

    Raises DomainError where they do not, or where there is no power series on one of the sides; `at_end` one side does
    where the other has no values.
    """
    evaluation = linear.evaluation
    edges = [linear.edges[k] for k in _bits(_union(_reach(linear, [out])[slot] for slot in direction))]
    where = f": {_where(evaluation, edges[0])}" if edges else ""
    place = evaluation.place(evaluation.trace.nodes[edges[0].row if edges else out])
    sides: list[list[float]] = []
    for sign in (-1.0, 1.0):
        try:
            (found,) = approach(evaluation, {slot: sign * d for slot, d in direction.items()}, [out], order)
            terms = _coefficients(found, order)
        except Outside:
            continue
        except NoGerm:
            raise DomainError(f"there is no power series{where}", place, "try a point beside it") from None
        sides.append([sign**k * c for k, c in enumerate(terms)])
    if len(sides) < (1 if at_end else 2):
        text = f"there is no value on one side, so no power series{where}"
        raise DomainError(text, place, "try a point beside it")
    if not at_end and not all(math.isfinite(c) for side in sides for c in side):
        raise DomainError(f"there is no power series in whole powers{where}", place, "try a point beside it")
    here = float(evaluation.values[out] or 0.0)
    for k, (a, b) in enumerate([(sides[0][0], here), *zip(sides[0], sides[-1], strict=True)]):
        if not _same(a, b, 0.0):
            of = "values" if k < 2 else f"coefficients of t^{k - 1}"
            text = f"there is no power series{where}; {of} on the two sides: {number_text(a)} and {number_text(b)}"
            raise DomainError(text, place, "try a point beside it")
    return sides[-1]


def _coefficients(found: Germ | float, order: int) -> list[float]:
    """Return what derivatives at 0+ of order k are, over k!: infinite from a power that is not whole on.

    Raises NoGerm at a pole.
    """
    if not isinstance(found, Germ):
        return [found] + [0.0] * order
    root = found.frame.root
    terms = [found[k] for k in range(order * root + 1)]
    whole = terms[::root]
    if found.low < 0:
        raise NoGerm
    if odd := next((k for k, c in enumerate(terms) if c and k % root), 0):
        for k in range(odd // root + 1, order + 1):
            whole[k] = math.copysign(math.inf, terms[odd] * math.prod(odd / root - j for j in range(k)))
    return whole


def second(linear: Linearization, i: int, j: int) -> float:
    """Return the second derivative of the only output by inputs i and j (slots), where all sides agree on it.

    Raises DomainError where they do not.
    """
    (out,) = linear.evaluation.trace.outputs
    if i == j:
        return 2 * powers(linear, {i: 1.0}, out, 2, at_end=True)[2]
    own = [powers(linear, {k: 1.0}, out, 2, at_end=True) for k in (i, j)]
    mixed: list[float] = []
    smooth = True
    for d in (1.0, 0.25, -4.0):  # the quadratic form of a matrix has the same one in every direction
        line = powers(linear, {i: 1.0, j: d}, out, 2, at_end=True)
        a, b = ([own[0][k], d**k * own[1][k]] for k in (1, 2))
        smooth &= _same(line[1], sum(a), math.fsum(map(abs, a)))
        mixed.append((line[2] - sum(b)) / d)
        smooth &= _same(mixed[0], mixed[-1], math.fsum(map(abs, (line[2] / d, *b))))
    if not smooth:
        at = linear.edges[0]
        place = linear.evaluation.place(linear.evaluation.trace.nodes[at.row])
        text = f"there is no second derivative: {_where(linear.evaluation, at)}"
        raise DomainError(text, place, "try a point beside it")
    return mixed[0]


def fill(evaluation: Evaluation) -> None:
    """Put the limit in the place of each output that has no value, with a note; raise DomainError if there is none."""
    for out in evaluation.trace.outputs:
        if evaluation.values[out] == evaluation.values[out]:
            continue
        found = _limits(evaluation, out)
        if found and math.isfinite(found[0]) and all(_same(x, found[0], 0.0) for x in found):
            evaluation.values[out] = found[0]
            node = evaluation.trace.nodes[out]
            text = f"{excerpt(dereference(node))} has no value here: {number_text(found[0])} is the limit"
            evaluation.notes.append(Note("limit", text, evaluation.place(node), out))
        elif evaluation.refused:
            error = evaluation.refused[0]
            sides = " and ".join(dict.fromkeys(map(number_text, found)))
            why = f"from different sides it goes to {sides}" if len(set(found)) > 1 else f"it goes to {sides}"
            why = why if found and not any(map(math.isnan, found)) else "no power series gives a limit"
            raise DomainError(error.what, error.place, "; ".join(filter(None, (why, error.hint))))


def limit_hint(hint: str, evaluation: Evaluation) -> str:
    """Return the hint of a DomainError with what --limit gives, if the evaluation as a limit gives the outputs."""
    try:
        fill(evaluation)
    except DomainError:
        return hint
    given = ", ".join(number_text(x) for x in evaluation.results)
    return f"with --limit it is {given}; {hint}"


def _limits(evaluation: Evaluation, out: int) -> list[float]:
    """Return the limits of an output along the axes, other lines and parabolas; NaN where that is not known."""
    inputs = range(len(evaluation.trace.inputs))
    lines: list[tuple[dict[int, float], dict[int, float]]] = [({k: 1.0}, {}) for k in inputs]
    if len(inputs) > 1:
        lines += [({k: math.cos(angle + k) for k in inputs}, {}) for angle in (0.3, 1.1)]
        lines += [({k: 1.0}, {j: 1 + j / 7 for j in inputs if j != k}) for k in inputs[:SHOWN]]
    found: list[float] = []
    for direction, bend in lines:
        for sign in (-1.0, 1.0):
            line = {k: sign * d for k, d in direction.items()}
            try:
                side = _side(evaluation, line, {out: 1.0}, not bend, bend)
            except NoGerm:
                return [math.nan]
            found += [] if side is None else [side.value]
    return found


def weighted(evaluation: Evaluation, weights: Mapping[int, float]) -> float:
    """Return the sum of outputs times weights at the point."""
    return sum(w * float(evaluation.values[out] or 0.0) for out, w in weights.items())


def verdict(
    evaluation: Evaluation,
    direction: Mapping[int, float],
    weights: Mapping[int, float],
    here: float,
    scale: float,
    limit: bool = False,
    tail: Tail | None = None,
    steps: bool = False,
) -> Verdict:
    """Return the derivative along a direction (by slot) at a point where the function has the value `here`.

    `steps` tells that an operation jumps: whole numbers that differ are then no rounding. A `tail` saves the rows that
    it can tell of. With `limit` the value is that of the function beside the point. Raises NoGerm where no power series
    tells.
    """
    sides = []
    for line in ({slot: -d for slot, d in direction.items()}, direction):
        found = tail.side(line, here) if tail and not limit else None
        sides.append(found or _side(evaluation, line, weights, limit))
    before, after = sides
    nan = math.nan
    if before is None and after is None:
        return Verdict(None, "undefined", nan, nan, nan)
    if before is None or after is None:
        one = before or after
        assert one is not None
        slope = 0.0 + (one.slope if before is None else -one.slope)
        if not limit and not _joined(one.value, here, steps):
            return Verdict(None, "jump", here, one.value, one.value)
        return Verdict(slope, "end", slope, slope, one.value)
    value = before.value
    if not _joined(value, after.value, steps) or not (limit or _joined(value, here, steps)):
        return Verdict(None, "jump", value, after.value, nan)
    left, right = 0.0 - before.slope, 0.0 + after.slope
    if _same(left, right, scale):
        return Verdict(right, "", left, right, value)
    mean = left / 2 + right / 2
    return Verdict(None if mean != mean else mean, "kink", left, right, value)


def _joined(a: float, b: float, steps: bool) -> bool:
    """Tell whether two values are the same but for rounding."""
    return a == b if steps and a % 1 == b % 1 == 0 else _same(a, b, 0.0)


class Tail:
    """The rows past all edges, that are smooth at the point: by their adjoints a side is known from the rows before."""

    def __init__(self, linear: Linearization, weights: Mapping[int, float]) -> None:
        trace = linear.evaluation.trace
        self.evaluation = linear.evaluation
        values = linear.evaluation.values
        edges = {at.row for at in linear.edges}
        past = [False] * len(trace.nodes)  # an edge
        core = [False] * len(trace.nodes)  # an edge, decided by what is past one, or on the way to one
        for row in trace.rows:
            op, args = trace.ops[row], trace.args[row]
            assert op is not None
            past[row] = row in edges or True in [past[arg] for arg in args]
            core[row] = row in edges or (past[row] and op.condition) or (op.selects is not None and past[args[0]])
        adjoint = adjoints(len(trace.nodes), linear.partials, weights)
        needed = {*weights}
        self.weights = dict(weights)  # of what leaves the core
        self.users: dict[int, list[int]] = {}  # of a slot: the rows with it as an argument that are in the core
        for row in reversed(trace.rows):
            for arg in trace.args[row]:
                if core[row]:
                    core[arg] = True
                    self.users.setdefault(arg, []).append(row)
                if row in needed and values[arg] is not None:
                    needed.add(arg)
                    if not core[row]:
                        self.weights.setdefault(arg, 0.0)
        self.weights = {slot: w for slot, w in self.weights.items() if core[slot]}
        for i, j, p in linear.partials:
            if core[j] and not core[i] and (w := adjoint[i]) is not None:
                self.weights[j] += w * p

    def side(self, direction: Mapping[int, float], here: float) -> Side | None:
        """Return the value and slope just beside the point in a direction; None where all rows are needed for it.

        Raises NoGerm.
        """
        moved: list[int] = []
        seen = {*direction}
        stack = [*direction]
        while stack:
            for row in self.users.get(stack.pop(), ()):
                if row not in seen:
                    seen.add(row)
                    moved.append(row)
                    stack.append(row)
        leaving = [slot for slot in seen if slot in self.weights]
        try:
            found = approach(self.evaluation, direction, leaving, 1, moved=moved)
        except Outside:
            return None
        slope = 0.0
        for slot, x in zip(leaving, found, strict=True):
            there, value = _read([x], [1.0]), float(self.evaluation.values[slot] or 0.0)
            if not _joined(there.value, value, steps=True):
                return None
            slope += self.weights[slot] * there.slope
        return Side(here, slope) if math.isfinite(slope) else None


def _same(a: float, b: float, scale: float) -> bool:
    size = max(abs(a), abs(b), scale if math.isfinite(scale) else 0.0)
    return a == b or (math.isfinite(size) and abs(a - b) <= ROUNDING * size)


def _side(
    evaluation: Evaluation,
    direction: Mapping[int, float],
    weights: Mapping[int, float],
    limit: bool,
    bend: Mapping[int, float] = MappingProxyType({}),
) -> Side | None:
    """Return value and slope just beside the point in a direction; None where there is no value."""
    try:
        found = approach(evaluation, direction, list(weights), 1, bend)
    except Outside:
        return _around(evaluation, direction, weights) if limit else None
    return _read(found, list(weights.values()))


def _around(evaluation: Evaluation, direction: Mapping[int, float], weights: Mapping[int, float]) -> Side | None:
    """Return the same along parabolas that leave the line: for sin(x)/x + y by y at x = 0."""
    others = {k: 1.0 + k / 7 for k in range(len(evaluation.trace.inputs)) if k not in direction}
    sides = []
    for sign in (1.0, -1.0) if others else ():
        with suppress(Outside):
            found = approach(evaluation, direction, list(weights), 1, {k: sign * w for k, w in others.items()})
            sides.append(_read(found, list(weights.values())))
    if not sides or any(not _same(x, y, abs(y)) for side in sides for x, y in zip(side, sides[0], strict=True)):
        return None
    return sides[0]


def _read(found: list[Germ | float], weights: list[float]) -> Side:
    total = sum(mul(w, x) for x, w in zip(found, weights, strict=True))
    if not isinstance(total, Germ):
        return Side(total, 0.0)
    value = total.limit()
    if math.isinf(value):
        return Side(value, math.nan)
    root = total.frame.root
    steep = next((c for k in range(1, root) if (c := total[k])), 0.0)
    return Side(value, math.copysign(math.inf, steep) if steep else total[root])


def _reach(linear: Linearization, outputs: Iterable[int]) -> list[int]:
    """Return for each slot the edges between it and the outputs, as the bits of an integer."""
    trace, values = linear.evaluation.trace, linear.evaluation.values
    needed = [False] * len(values)
    reach = [0] * len(values)
    own: dict[int, list[tuple[int, int]]] = {}
    for k, at in enumerate(linear.edges):
        own.setdefault(at.row, []).extend((slot, 1 << k) for slot in at.slots)
    for out in outputs:
        needed[out] = True
    for row in reversed(trace.rows):
        if needed[row]:
            for slot in trace.args[row]:
                if values[slot] is not None:
                    needed[slot] = True
                    reach[slot] |= reach[row]
            for slot, bit in own.get(row, ()):
                reach[slot] |= bit
    return reach


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def _total(
    linear: Linearization,
    weights: Mapping[int, float],
    partials: Mapping[int, float],
    here: float,
    met: Mapping[str, list[At]],
) -> list[Note]:
    """Note that a generic direction has another slope than the partial derivatives say."""
    for turn in (1.0, -1.0):
        direction = {slot: turn**k * (1 + k * 0.618034 % 1) for k, slot in enumerate(partials)}
        parts = [d * partials[slot] for slot, d in direction.items()]
        try:
            found = verdict(linear.evaluation, direction, weights, here, sum(map(abs, parts)))
        except NoGerm:
            return []
        if found.kind or not _same(found.after, math.fsum(parts), sum(map(abs, parts))):
            names = [linear.evaluation.trace.inputs[slot] for slot in direction]
            along = ", ".join(
                f"{n} = {number_text(d)}" for n, d in zip(names[:SHOWN], direction.values(), strict=False)
            )
            slope = "is none" if found.derivative is None else f"is {number_text(found.derivative)}"
            if found.kind == "kink":
                slope = f"goes from {number_text(found.before)} to {number_text(found.after)}"
            text = (
                f"the partial derivatives exist, but the function is not differentiable here: "
                f"along {along} its slope {slope}, not {number_text(math.fsum(parts))}"
            )
            at = next(iter(met.values()))[0]
            node = linear.evaluation.trace.nodes[at.row]
            return [Note("kink", text, linear.evaluation.place(node), at.row)]
    return []


def _notes(linear: Linearization, met: Mapping[str, list[At]], verdicts: Mapping[str, Verdict]) -> list[Note]:
    """Return a note for each edge at which a variable's two sides do not agree."""
    notes = []
    concerned: dict[At, dict[str, list[str]]] = {}
    for name, edges in met.items():
        found = verdicts.get(name)
        for at in edges if found is None or found.kind else ():
            kind = found.kind if found else at.edge.kind
            if kind == "undecided":
                kind = at.edge.kind if at.edge.kind == "jump" else "undefined"
            concerned.setdefault(at, {}).setdefault(kind, []).append(name)
    for at in linear.edges:
        for kind, names in concerned.get(at, {}).items():
            phrases = {name: f"by {name}" if name else "along the line" for name in names[:SHOWN]}
            said = [_consequence(by, verdicts.get(name), at) for name, by in phrases.items()]
            text = f"{_where(linear.evaluation, at)}: {'; '.join(said)}"
            if len(names) > SHOWN:
                text += f"; and so for {len(names) - SHOWN} more variables"
            notes.append(Note(kind, text, linear.evaluation.place(linear.evaluation.trace.nodes[at.row]), at.row))
    return notes


def _consequence(by: str, found: Verdict | None, at: At) -> str:
    """Say what an edge means for the derivative `by` a variable, or along a line."""
    if found is None or found.kind == "end":
        return f"the derivative {by} is one-sided"
    if found.kind == "undecided":
        none = at.edge.kind in ("jump", "undefined")
        return f"there is no derivative {by}" if none else f"no power series tells the derivative {by}"
    before, after = number_text(found.before), number_text(found.after)
    if found.kind == "jump" and _same(found.before, found.after, abs(found.after)):
        return f"there is no derivative {by}, beside it the value is {after}"
    if found.kind == "jump":
        return f"there is no derivative {by}, the value goes from {before} to {after}"
    if found.kind == "undefined":
        return f"there is no derivative {by}, since there is no value beside it"
    given = "so there is none" if found.derivative is None else "their mean is given"
    return f"the slopes {by} are {before} and {after}, {given}"


def _where(evaluation: Evaluation, at: At) -> str:
    """Say which operation is at which edge."""
    trace, op = evaluation.trace, evaluation.trace.ops[at.row]
    assert op is not None
    where = ", ".join(evaluation.describe(s) for s in trace.args[at.row] if trace.varies[s])
    name = op.symbol
    if at.edge.kind == "branch":
        return f"{where} is on the boundary of the condition {excerpt(dereference(trace.nodes[at.row]))}"
    if at.edge.kind == "end":
        return f"{where} is the end of the domain of {name}"
    if at.edge.kind == "undefined":
        return f"{name} is not smooth at {where}"
    return f"{name} {'jumps' if at.edge.kind == 'jump' else 'has a kink'} at {where}"
