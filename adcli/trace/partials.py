"""The local partial derivatives of a trace at a point, read by every sweep, and the edges where it is not smooth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..language import collector_paused
from ..ops import Edge, passes
from .trace import Evaluation, Trace

Partials = list[tuple[int, int, Any]]


class At(NamedTuple):
    """A row whose operation is not smooth at the point, and the arguments concerned."""

    row: int
    edge: Edge
    slots: tuple[int, ...]


class Linearization:
    """The trace at a point as a weighted graph: (row, argument, partial derivative), in evaluation order.

    `edges` are where it is not smooth. `undefined` holds the (row, argument) whose partial derivative does not exist;
    their weight is NaN. `active` tells of each slot whether derivatives go through it.
    """

    __slots__ = ("active", "edges", "evaluation", "partials", "undefined")

    def __init__(self, evaluation: Evaluation, partials: Partials, active: list[bool]) -> None:
        self.evaluation, self.partials, self.active = evaluation, partials, active
        self.edges: list[At] = []
        self.undefined: set[tuple[int, int]] = set()


# How to get one local partial: (ready, row, argument, k, rule, a, b). It is `ready` if it is the same everywhere, else
# the `rule` of the result and of arguments a, b. Rows with other than one or two arguments, and those that select one,
# have no a.
Step = tuple[tuple[int, int, float] | None, int, int, int, Any, int | None, int | None]


@collector_paused()
def linearize(evaluation: Evaluation, wrt: frozenset[str] | None = None) -> Linearization:
    """Return the local partials of every evaluated row, by the arguments that depend on `wrt` (default: all)."""
    trace, values = evaluation.trace, evaluation.values
    steps, edgy, active = _plan(trace, wrt)
    result = Linearization(evaluation, [], active)
    append = result.partials.append
    if trace.branches:
        steps = [step for step in steps if values[step[1]] is not None]
        edgy = [row for row in edgy if values[row] is not None]
    for ready, row, argument, k, rule, a, b in steps:
        try:
            if ready is not None:
                append(ready)
            elif a is None:
                _other(result, row, k)
            elif b is None:
                append((row, argument, rule(values[row], values[a])))
            else:
                append((row, argument, rule(values[row], values[a], values[b])))
        except (ValueError, ZeroDivisionError, OverflowError):
            op = trace.ops[row]
            append((row, argument, op.slope(k, values[row], *evaluation.arguments(row))))  # type: ignore[union-attr, arg-type]
    for row in edgy:
        _edges(result, row)
    if result.undefined:
        nan = float("nan")
        result.partials = [(i, j, nan if (i, j) in result.undefined else p) for i, j, p in result.partials]
    return result


def _other(result: Linearization, row: int, k: int) -> None:
    """Add the k-th partial of a row that selects an argument or has not one or two."""
    evaluation = result.evaluation
    op, args = evaluation.trace.ops[row], evaluation.trace.args[row]
    assert op is not None
    if op.selects is None:
        y = evaluation.values[row]
        assert y is not None
        result.partials.append((row, args[k], op.slope(k, y, *evaluation.arguments(row))))
    elif op.selects(bool(evaluation.values[args[0]])) == k:
        result.partials.append((row, args[k], 1.0))


def _plan(trace: Trace, wrt: frozenset[str] | None) -> tuple[list[Step], list[int], list[bool]]:
    """Return, made once, the steps to the partials, the rows with an edge, and which slots depend on `wrt`."""
    known: dict[frozenset[str] | None, tuple[list[Step], list[int], list[bool]]] = trace.plans
    if wrt in known:
        return known[wrt]
    active = [False] * len(trace.nodes)
    active[: len(trace.inputs)] = [wrt is None or name in wrt for name in trace.inputs]
    steps: list[Step] = []
    edgy = []
    for row in trace.rows:
        op, args = trace.ops[row], trace.args[row]
        assert op is not None
        if op.edges:
            edgy.append(row)
        if op.condition:  # no derivative goes through one
            continue
        a, b = (None, None) if op.linear or op.selects or len(args) > 2 else (*args, None)[:2]
        for k, arg in enumerate(args):
            if active[arg]:
                active[row] = True
                rule = op.slopes[k]
                ready = None if callable(rule) or op.selects else (row, arg, rule)
                steps.append((ready, row, arg, k, rule, a, b))
    known[wrt] = steps, edgy, active
    return known[wrt]


def _edges(result: Linearization, row: int) -> None:
    """List the kinks, jumps, ends of domains and branch boundaries at this row; a jump has no derivative."""
    evaluation = result.evaluation
    args, slots, op = evaluation.arguments(row), evaluation.trace.args[row], evaluation.trace.ops[row]
    assert op is not None
    for edge in op.edges:
        k = edge.argument
        if (k is not None and not result.active[slots[k]]) or len(args) < len(slots) or not is_at(edge, args):
            continue
        concerned = [arg for k, arg in enumerate(slots) if result.active[arg] and edge.argument in (None, k)]
        if concerned:
            if edge.kind in ("jump", "undefined"):
                result.undefined.update((row, arg) for arg in concerned)
            result.edges.append(At(row, edge, tuple(concerned)))


def is_at(edge: Edge, args: Sequence[Any]) -> bool:
    """Tell whether an operation is not smooth at its arguments, numbers of any kind."""
    return passes(edge.when, args)
