"""A trace evaluated at a point: the value of every slot, and notes on what overflowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import DomainError, Note, Place
from ..language import Node, equation, excerpt, number_text, undefined
from .trace import Trace, Value


class Evaluation(NamedTuple):
    """The values of a trace's slots at one point; None where a condition chose another branch.

    `place` finds a node in its text. `given` is the point as it was given, with numbers that are Exact. `refused` holds
    the errors of rows without a value, where a limit is to be found instead.
    """

    trace: Trace
    values: list[Value]
    notes: list[Note]
    place: Callable[[Node], Place | None]
    given: Mapping[str, float]
    refused: list[DomainError] | None = None

    @property
    def point(self) -> dict[str, float]:
        """The values of the inputs."""
        return {name: x for name, x in zip(self.trace.inputs, self.values, strict=False) if x is not None}

    @property
    def result(self) -> float:
        """The value of the (only) output."""
        value = self.values[self.trace.outputs[0]]
        assert value is not None
        return float(value)

    @property
    def results(self) -> list[float]:
        """The values of the outputs."""
        return [float(x) for slot in self.trace.outputs if (x := self.values[slot]) is not None]

    def arguments(self, row: int) -> list[float]:
        """Return the values of a row's arguments."""
        return [x for arg in self.trace.args[row] if (x := self.values[arg]) is not None]

    def describe(self, slot: int) -> str:
        """Return `x1 = 3`, or `x1 - 5 = -2` for a subexpression, or just a constant's number."""
        return equation(self.trace.nodes[slot], self.values[slot])

    def weighted_sum(self, weights: Mapping[int, float]) -> float:
        """Return the sum of slots times weights; a slot without a value counts as 0."""
        return sum([w * (self.values[slot] or 0.0) for slot, w in weights.items()])

    def note(self, kind: str, text: str, row: int) -> Note:
        """Return a note on a row, with its place in the formula."""
        return Note(kind, text, self.place(self.trace.nodes[row]), row)

    def outside(self, row: int, args: list[float]) -> DomainError:
        """Return the error for a row outside the domain of its operation."""
        node, varies = self.trace.nodes[row], [self.trace.varies[arg] for arg in self.trace.args[row]]
        return undefined(node, args, varies, self.place(node))


def evaluate(
    trace: Trace, point: Mapping[str, float], place: Callable[[Node], Place | None], *, limit: bool = False
) -> Evaluation:
    """Return the value of every slot at the point, and notes on what overflowed.

    Raises DomainError where the formula has no value; with `limit` the error is kept, and the value is NaN.
    """
    values = trace.initial.copy()
    for k, name in enumerate(trace.inputs):
        values[k] = float(point[name])
    evaluation = Evaluation(trace, values, [], place, point, [] if limit else None)
    operations, arguments = trace.ops, trace.args
    for row in in_demand(trace, values, trace.outputs) if trace.branches else trace.rows:
        args = arguments[row]
        try:
            if len(args) == 2:
                values[row] = operations[row].number(values[args[0]], values[args[1]])  # type: ignore[union-attr]
            else:
                values[row] = operations[row].number(*[values[arg] for arg in args])  # type: ignore[union-attr]
        except (ValueError, ZeroDivisionError, OverflowError):
            values[row] = _exceptional(evaluation, row)
    _note_overflow(evaluation)
    return evaluation


def _exceptional(evaluation: Evaluation, row: int) -> float:
    """Return the value of a row where the operation raised: an overflow, or no value at all."""
    op, args = evaluation.trace.op(row), evaluation.arguments(row)
    if op.domain is None or not all(map(math.isfinite, args)) or op.domain.contains(*args):
        return op.extended(*args)
    error = evaluation.outside(row, args)
    if evaluation.refused is None:
        raise error
    evaluation.refused.append(error)
    return math.nan


def _note_overflow(evaluation: Evaluation) -> None:
    """Note each row where finite arguments gave an infinite value, or numbers gave NaN."""
    trace, values = evaluation.trace, evaluation.values
    if math.isfinite(sum(filter(None, values))):
        return
    for row in trace.rows:
        value, args, op = values[row], evaluation.arguments(row), trace.op(row)
        if value is None or math.isfinite(value) or op.selects or any(x != x for x in args):
            continue
        if math.isinf(value) and all(map(math.isfinite, args)):
            text = f"{excerpt(trace.nodes[row])} overflows: it is beyond 1.797e308 in size"
            evaluation.notes.append(evaluation.note("overflow", text, row))
        elif value != value and not evaluation.refused:
            given = ", ".join(map(number_text, args))
            text = f"{excerpt(trace.nodes[row])} has no value: {op.symbol} of {given}"
            evaluation.notes.append(evaluation.note("nan", text, row))


def in_demand(trace: Trace, values: list[Any], outputs: Sequence[int]) -> Iterator[int]:
    """Yield each row that the outputs need and that has no value yet, when its arguments have theirs.

    The caller puts the row's value into `values`, in numbers of any kind. A row that selects takes the value of the
    argument that its condition selects; the other argument is not evaluated.
    """
    stack = [*reversed(outputs)]
    while stack:
        slot = stack[-1]
        op, needed = trace.ops[slot], trace.args[slot]
        if op is None or values[slot] is not None:
            stack.pop()
            continue
        if op.selects is not None:
            condition = values[needed[0]]
            needed = needed[:1] if condition is None else (needed[op.selects(bool(condition))],)
        if missing := [arg for arg in needed if values[arg] is None]:
            stack.extend(reversed(missing))
        elif op.selects is not None:
            values[slot] = values[needed[0]]
        else:
            yield slot
