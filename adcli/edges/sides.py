"""The two sides of a point along a line: their values and slopes, and the derivative that they agree on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from ..ops import Germ, Outside, mul, passes
from ..trace import Evaluation, Linearization, adjoints
from .approach import approach

ROUNDING = 1e-12  # slopes and values that differ by less, relative to their terms, are the same


class Side(NamedTuple):
    """The limit of a function from one side, and its slope along that direction."""

    value: float
    slope: float


class Verdict(NamedTuple):
    """A derivative along a line: `kind` is empty where both sides agree, else kink, jump, end, undefined or undecided.

    `before` and `after` are the slopes on the two sides along the line, for a jump the values.
    """

    derivative: float | None
    kind: str
    before: float
    after: float


UNDECIDED = Verdict(None, "undecided", math.nan, math.nan)


class Surroundings:
    """A sum of outputs times weights as a function beside the point.

    Where a limit takes the place of a value, the value at the point is that of the sides, and a side that has no values
    on the line is looked for on parabolas.
    """

    def __init__(self, linear: Linearization, weights: Mapping[int, float]) -> None:
        self._evaluation, self._weights = linear.evaluation, weights
        self._here = None if linear.evaluation.refused else linear.evaluation.weighted_sum(weights)
        self._tail = None if linear.evaluation.refused else Tail(linear, weights)

    def side(self, direction: Mapping[int, float]) -> Side | None:
        """Return the value and slope in a direction (by slot); None where there is no value. Raises NoGerm."""
        if self._here is None or self._tail is None:
            return limit_beside(self._evaluation, direction, self._weights)
        return self._tail.side(direction, self._here) or beside(self._evaluation, direction, self._weights)

    def verdict(self, direction: Mapping[int, float], scale: float, joined: Callable[[float, float], bool]) -> Verdict:
        """Return the derivative along a direction. Raises NoGerm.

        `joined` tells whether two values are one. Slopes that differ by rounding are the same; `scale` is the size of
        their terms.
        """
        before, after = self.side({slot: -d for slot, d in direction.items()}), self.side(direction)
        side = before or after
        if side is None:
            return Verdict(None, "undefined", math.nan, math.nan)
        here = side.value if self._here is None else self._here
        if before is None or after is None:
            if not joined(side.value, here):
                return Verdict(None, "jump", here, side.value)
            slope = 0.0 + (side.slope if before is None else -side.slope)
            return Verdict(slope, "end", slope, slope)
        if not joined(before.value, after.value) or not joined(before.value, here):
            return Verdict(None, "jump", before.value, after.value)
        left, right = 0.0 - before.slope, 0.0 + after.slope
        if same(left, right, scale):
            return Verdict(right, "", left, right)
        mean = left / 2 + right / 2
        return Verdict(None if mean != mean else mean, "kink", left, right)


def same(a: float, b: float, scale: float = 0.0) -> bool:
    """Tell whether two numbers are the same but for rounding; `scale` is the size of the terms that they come from."""
    size = max(abs(a), abs(b), scale if math.isfinite(scale) else 0.0)
    return a == b or (math.isfinite(size) and abs(a - b) <= ROUNDING * size)


def same_step(a: float, b: float) -> bool:
    """Tell whether values are the same where an operation jumps: whole numbers that differ are not rounding."""
    return a == b if a % 1 == b % 1 == 0 else same(a, b)


def beside(
    evaluation: Evaluation,
    direction: Mapping[int, float],
    weights: Mapping[int, float],
    bend: Mapping[int, float] = MappingProxyType({}),
) -> Side | None:
    """Return value and slope along direction*t + bend*t^2; None where there is no value. Raises NoGerm."""
    try:
        return _read(approach(evaluation, direction, list(weights), 1, bend), list(weights.values()))
    except Outside:
        return None


def limit_beside(evaluation: Evaluation, direction: Mapping[int, float], weights: Mapping[int, float]) -> Side | None:
    """Return `beside`; where the line has no values, the side that parabolas agree on: sin(x)/x + y by y at x = 0."""
    if (found := beside(evaluation, direction, weights)) is not None:
        return found
    others = {k: 1.0 + k / 7 for k in range(len(evaluation.trace.inputs)) if k not in direction}
    bends = [{k: sign * w for k, w in others.items()} for sign in (1.0, -1.0)] if others else []
    sides = [side for bend in bends if (side := beside(evaluation, direction, weights, bend)) is not None]
    if not sides or any(not same(x, y, abs(y)) for side in sides for x, y in zip(side, sides[0], strict=True)):
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


class Tail:
    """The rows past all edges, smooth at the point: by their adjoints a side is known from the rows before them.

    So a line needs germs only of the rows between its inputs and the last edge.
    """

    def __init__(self, linear: Linearization, weights: Mapping[int, float]) -> None:
        trace = linear.evaluation.trace
        self.evaluation = linear.evaluation
        values = linear.evaluation.values
        edges = {at.row for at in linear.edges}
        past = [False] * len(trace.nodes)  # an edge
        core = [slot < len(trace.inputs) for slot in range(len(trace.nodes))]  # or to an edge, or decided by one
        for row in trace.rows:
            op, args = trace.op(row), trace.args[row]
            past[row] = row in edges or True in [past[arg] for arg in args]
            core[row] = row in edges or (past[row] and op.condition) or (op.selects is not None and past[args[0]])
            core[row] |= past[row] and values[row] is not None and self._is_on_the_brink(row)
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

    def _is_on_the_brink(self, row: int) -> bool:
        """Tell whether a row's arguments just beside these are outside the domain: of 0^b, where b is 2 and varies."""
        trace, op = self.evaluation.trace, self.evaluation.trace.op(row)
        if op.domain is None:
            return False
        near = [
            (math.nextafter(x, -math.inf), math.nextafter(x, math.inf)) if trace.varies[slot] else (x,)
            for slot, x in zip(trace.args[row], self.evaluation.arguments(row), strict=True)
        ]
        return not all(passes(op.domain.contains, args) for args in product(*near))

    def side(self, direction: Mapping[int, float], here: float) -> Side | None:
        """Return the value and slope in a direction; None where all rows are needed for it. Raises NoGerm."""
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
            if not same_step(there.value, value):
                return None
            slope += self.weights[slot] * there.slope
        return Side(here, slope) if math.isfinite(slope) else None
