"""A function of one variable over a range: smooth pieces, with marks at poles, jumps, kinks and holes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..errors import DomainError, PointError, UsageError
from ..language import Point
from ..result import Cell, Document, Result, Table, columns, partial_name
from .model import Model
from .taylor import MAX_ORDER, taylor

SAMPLES = 401  # evenly spaced, unless the range says how many
LARGEST_MISFIT = 1e300  # stands for infinity and NaN, after an overflow
BRANCHING = 2  # halvings in which both halves may be searched further
CLOSE = 2.0**-40  # of the range: two points at a smaller distance count as one
MOST_MARKS = 20  # marks listed in words
VISIBLE = 1e-3  # of the height: smaller differences do not show


class Sample(NamedTuple):
    """The value and the derivatives at x, one order more than is shown."""

    x: float
    derivatives: tuple[float, ...]


class Mark(NamedTuple):
    """A point where the curve is not smooth: pole, jump, kink, hole or end of the domain; `y` is its height, if any."""

    kind: str
    x: float
    y: float | None
    text: str


class Curve(Result):
    """f, f', f'' ... up to `order` on the interval `ends`, in smooth pieces; `even` are the evenly spaced samples."""

    output: str
    variable: str
    ends: tuple[float, float]
    order: int
    even: tuple[Sample, ...]
    pieces: tuple[tuple[Sample, ...], ...]
    marks: tuple[Mark, ...]

    @property
    def height(self) -> tuple[float, float]:
        """The range of the numbers to show: all of them, or without the largest 4% beside poles."""
        numbers = sorted(s.derivatives[k] for s in self.even for k in range(self.order + 1))
        low, high = numbers[0], numbers[-1]
        cut = len(numbers) // 25
        spread = numbers[-1 - cut] - numbers[cut]
        if high - low > 3 * spread and any(mark.kind != "hole" for mark in self.marks):
            low, high = max(low, numbers[cut] - spread / 2), min(high, numbers[-1 - cut] + spread / 2)
        margin = (high - low) / 20 or 1.0
        return low - margin, high + margin

    @property
    def names(self) -> tuple[str, ...]:
        """The curves: f, ∂f/∂x, ∂2f/∂x∂x ..."""
        higher = (partial_name(self.output, (self.variable,) * k) for k in range(1, self.order + 1))
        return (self.output, *higher)

    def document(self) -> Document:
        """Return the samples to print, and the marks in words."""
        pieces = [[(s.x, *s.derivatives[: self.order + 1]) for s in piece] for piece in self.pieces]
        rows: list[tuple[Cell, ...]] = [row for piece in pieces for row in piece]
        table = Table("", columns(self.variable, *self.names, named=True), rows)
        data = {
            "variable": self.variable,
            "range": self.ends,
            "curves": ("x", *self.names),
            "pieces": pieces,
            "marks": [{"kind": m.kind, "x": m.x, "text": m.text} for m in self.marks],
        }
        texts = [m.text for m in self.marks]
        if len(texts) > MOST_MARKS:
            texts[MOST_MARKS:] = [f"and {len(texts) - MOST_MARKS} more"]
        return self._document(data, tables=(table,), closing=tuple(texts))


def curve(model: Model, where: Point, order: int) -> Curve:
    """Return the function over the only range of a point, with its derivatives up to an order.

    Raises UsageError for several outputs or a very high order, PointError if there is no value in the range.
    """
    if order > MAX_ORDER - 2:
        raise UsageError(f"a derivative of order {order} is not drawn")
    ((name, found),) = where.ranges.items()
    model = model.with_variables(where.values)
    low, high = sorted((float(found.first), float(found.last)))
    depth = max(order, 1) + 1
    fixed: dict[str, float] = {}

    def sample(at: Point, limit: bool = False) -> Sample | None:
        try:
            here, evaluation = model.model_and_evaluation(at, limit=limit, one_output=True)
            series = taylor(here, evaluation, {name: 1.0}, depth)
        except DomainError:
            return None
        fixed.update(series.at)
        numbers = tuple(c * math.factorial(k) for k, c in enumerate(series.coefficients))
        return Sample(at.values[name], numbers) if all(map(math.isfinite, numbers)) else None

    def probe(x: float, limit: bool = False) -> Sample | None:
        return sample(where.moved({name: x}), limit)

    known = {float(at.values[name]): sample(at) for at in where.each(SAMPLES)}
    even = tuple(one for _, one in sorted(known.items()) if one)
    if not even:
        raise PointError("there is nowhere a value with derivatives", found.place, "try another range")
    scale = [_spread([s.derivatives[k] for s in even]) for k in range(depth + 1)]
    breaks = _explore(known, probe, CLOSE * (high - low), scale)
    pieces: list[list[Sample]] = [[]]
    for x, one in sorted(known.items()):
        if one is None or (pieces[-1] and (pieces[-1][-1].x, x) in breaks):
            pieces.append([])
        if one is not None:
            pieces[-1].append(one)
    smooth = tuple(tuple(piece) for piece in pieces if piece)
    marks = _Marker(probe, high - low, scale, order).marks(smooth, (low, high))
    del fixed[name]
    return Curve(
        source=model, at=fixed, output=model.outputs[0], variable=name, ends=(low, high), order=order, even=even,
        pieces=smooth, marks=tuple(marks), notes=model.script.notes,
    )  # fmt: skip


def _spread(numbers: Sequence[float]) -> float:
    """Return the height of a curve without its highest and lowest hundredth; never 0."""
    numbers = sorted(numbers)
    cut = len(numbers) // 100
    return (numbers[-1 - cut] - numbers[cut]) or abs(numbers[0]) or 1.0


def _explore(
    known: dict[float, Sample | None], probe: Callable[[float], Sample | None], close: float, scale: Sequence[float]
) -> set[tuple[float, float]]:
    """Halve each interval whose ends do not fit each other; return those that stay misfits however short they are."""
    xs = sorted(known)
    stack = [(a, b, 0) for a, b in pairwise(xs)]
    breaks = set()
    while stack:
        a, b, level = stack.pop()
        if _misfit(known[a], known[b], scale) <= VISIBLE:
            continue
        middle = a + (b - a) / 2
        if b - a <= close or not a < middle < b:
            breaks.add((a, b))
            continue
        known[middle] = probe(middle)
        halves = [(_misfit(known[p], known[q], scale), p, q) for p, q in ((a, middle), (middle, b))]
        worst = [half for half in halves if half[0] > VISIBLE]
        if level >= BRANCHING and len(worst) == 2:  # follow one half: beside a pole neither ever fits
            endless = [half for half in worst if half[0] == math.inf]
            worst = endless or [halves[_grows_to_the_right(known[middle])]]
        stack += [(p, q, level + 1) for _, p, q in worst]
    return breaks


def _grows_to_the_right(sample: Sample | None) -> bool:
    return sample is not None and sample.derivatives[-2] * sample.derivatives[-1] > 0


def _misfit(a: Sample | None, b: Sample | None, scale: Sequence[float]) -> float:
    """Return the largest error, of all derivatives, in predicting b from a by the trapezoidal rule on the next one.

    The errors are relative to the heights in `scale`; inf if only one sample has a value.
    """
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    h = (b.x - a.x) / 2
    p, q = a.derivatives, b.derivatives
    found = [
        abs(q[k] - p[k] - h * (p[k + 1] + q[k + 1])) / (scale[k] + abs(p[k]) + abs(q[k])) for k in range(len(p) - 1)
    ]
    return max(x if x < LARGEST_MISFIT else LARGEST_MISFIT for x in found)


class _Marker:
    """Finds the kind of each break between two pieces."""

    def __init__(self, probe: Callable[..., Sample | None], width: float, scale: Sequence[float], order: int) -> None:
        self.probe, self.width, self.scale, self.order = probe, width, scale, order

    def marks(self, pieces: Sequence[Sequence[Sample]], ends: tuple[float, float]) -> list[Mark]:
        """Return the marks from left to right."""
        found = []
        same = 8 * CLOSE * self.width
        if pieces[0][0].x > ends[0] + same:
            found.append(self._end(pieces[0][0], 1))
        for before, after in pairwise(pieces):
            if after[0].x - before[-1].x > same:
                found += [self._end(before[-1], -1), self._end(after[0], 1)]
            else:
                found += [mark for mark in [self._between(before[-1], after[0])] if mark]
        if pieces[-1][-1].x < ends[1] - same:
            found.append(self._end(pieces[-1][-1], -1))
        return found

    def _end(self, side: Sample, step: int) -> Mark:
        x = _simplest(side.x - 2 * CLOSE * self.width, side.x + 2 * CLOSE * self.width)
        if self._diverges(side, step, 0):
            return Mark("pole", x, None, f"pole at {_position(x)}")
        return Mark("end", x, side.derivatives[0], f"the curve ends at {_position(x)}")

    def _between(self, left: Sample, right: Sample) -> Mark | None:
        x = _simplest(left.x, right.x)
        at, y = _position(x), left.derivatives[0]
        if self.probe(x) is None and self.probe(x, limit=True):
            return Mark("hole", x, y, f"no value at {at}: the limit is {_brief(y)}")
        if self._diverges(left, -1, 0) or self._diverges(right, 1, 0):
            return Mark("pole", x, None, f"pole at {at}")
        if self._differ(left, right, 0):
            from_, to = (_brief(z if abs(z) > 1e-9 * self.scale[0] else 0.0) for z in (y, right.derivatives[0]))
            return Mark("jump", x, None, f"jump at {at}: from {from_} to {to}")
        if self._diverges(left, -1, 1) or self._diverges(right, 1, 1):
            return Mark("kink", x, y, f"infinite slope at {at}")
        if self._differ(left, right, 1):
            slopes = f"{_brief(left.derivatives[1])} and {_brief(right.derivatives[1])}"
            return Mark("kink", x, y, f"kink at {at}: slopes {slopes}")
        for k in range(2, self.order + 1):
            if self._differ(left, right, k):
                return Mark("kink", x, y, f"kink of derivative {k - 1} at {at}")
        return None

    def _differ(self, left: Sample, right: Sample, k: int) -> bool:
        a, b = left.derivatives[k], right.derivatives[k]
        return abs(a - b) > VISIBLE * (self.scale[k] + abs(a) + abs(b))

    def _diverges(self, side: Sample, step: int, k: int) -> bool:
        """Tell whether a derivative changes as much when x comes a thousand times closer as it did before."""
        near = [self.probe(side.x + step * self.width * CLOSE * 2.0**j) for j in (0, 10, 20)]
        y = [s.derivatives[k] for s in near if s]
        grows = len(y) == 3 and abs(y[0]) > abs(y[1]) > abs(y[2])
        return grows and abs(y[0] - y[1]) > max(0.9 * abs(y[1] - y[2]), 1e-6 * self.scale[k])


def _position(x: float) -> str:
    return f"{x:.10g}"


def _brief(x: float) -> str:
    return f"{x + 0:.4g}"


def _simplest(low: float, high: float) -> float:
    """Return the number with the fewest digits in an interval."""
    if low <= 0 <= high:
        return 0.0
    middle = low + (high - low) / 2
    return next((x for k in range(17) if low <= (x := float(f"{middle:.{k}e}")) <= high), middle)
