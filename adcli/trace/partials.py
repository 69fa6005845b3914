"""The local partial derivatives of a trace, which every sweep reads, and the edges where it is not smooth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..language import Node, collector_paused, constant_node
from ..ops import Edge, Op, passes
from .evaluation import Evaluation
from .trace import Trace

Partials = list[tuple[int, int, Any]]  # (row, argument, partial derivative) in evaluation order


class RowEdge(NamedTuple):
    """An edge that a row is at: its operation is not smooth at the point by the arguments `slots`."""

    row: int
    edge: Edge
    slots: tuple[int, ...]


class Linearization:
    """The trace at a point as a weighted graph: the local partials on floats, in evaluation order.

    `edges` are the rows where it is not smooth. `undefined` holds the (row, argument) whose partial derivative does not
    exist; it is NaN in `partials`. `active` tells of each slot whether derivatives go through it.
    Griewank & Walther (2008), section 2.2.
    """

    __slots__ = ("active", "edges", "evaluation", "partials", "undefined")

    def __init__(self, evaluation: Evaluation, partials: Partials, active: list[bool]) -> None:
        self.evaluation, self.partials, self.active = evaluation, partials, active
        self.edges: list[RowEdge] = []
        self.undefined: set[tuple[int, int]] = set()

    @property
    def has_sides(self) -> bool:
        """Whether sweeps do not decide alone: the function may not be smooth, or its value is a limit."""
        return bool(self.edges or self.evaluation.refused)


def arcs(trace: Trace, wrt: Iterable[int], numbers: Sequence[Any] | None = None) -> Iterator[tuple[int, int, int]]:
    """Yield (row, k, slot) where the k-th argument of a row is a slot that depends on the slots `wrt`.

    No derivative goes through a condition. With `numbers`, the values of the slots, rows without one and arguments
    that a condition did not select are left out. A condition that is a formula selects none.
    """
    active = [False] * len(trace.nodes)
    for slot in wrt:
        active[slot] = True
    for row, op in enumerate(trace.ops):
        if op is None or op.condition or (numbers is not None and numbers[row] is None):
            continue
        slots, selected = trace.args[row], None
        if op.selects is not None and numbers is not None and isinstance(numbers[slots[0]], bool):
            selected = op.selects(numbers[slots[0]])
        for k, slot in enumerate(slots):
            if active[slot] and (selected is None or selected == k):
                active[row] = True
                yield row, k, slot


def partials(
    trace: Trace, numbers: Sequence[Any], wrt: Iterable[int], partial: Callable[..., Any] = Op.partial
) -> Partials:
    """Return the local partials by the arguments that depend on the slots `wrt`, on numbers of any kind.

    `numbers` are the values of the slots. `partial(op, k, y, *args)` gives one local partial.
    """
    found: Partials = []
    for row, k, slot in arcs(trace, wrt, numbers):
        op, args = trace.op(row), [numbers[arg] for arg in trace.args[row]]
        selected = op.selects is not None and isinstance(args[0], bool)
        found.append((row, slot, 1.0 if selected else partial(op, k, numbers[row], *args)))
    return found


def as_formula(op: Op, k: int, y: Any, *args: Any) -> Node:
    """Return the partial derivative by argument k as a formula for people, of formulas."""
    rule = op.rules[k]
    found = rule(y, *args) if callable(rule) else rule
    return found if isinstance(found, Node) else constant_node(found)


# How to find one local partial: (ready, row, argument, k, rule, a, b). A partial that is a constant is `ready`.
# Else `rule` gives it from the result and the slots a, b. A row with three arguments or more, or one that selects, has
# no a.
Lookup = tuple[tuple[int, int, float] | None, int, int, int, Any, int | None, int | None]


@collector_paused()
def linearize(evaluation: Evaluation, wrt: frozenset[str] | None = None) -> Linearization:
    """Return the local partials on floats by the arguments that depend on `wrt` (default: all inputs), and the edges.

    They are those of `partials`, but with every digit; how to find them is looked up once for a trace.
    """
    trace, values = evaluation.trace, evaluation.values
    lookups, edgy, active = _lookups(trace, wrt)
    result = Linearization(evaluation, [], active)
    append = result.partials.append
    if trace.branches:
        lookups = [lookup for lookup in lookups if values[lookup[1]] is not None]
        edgy = [row for row in edgy if values[row] is not None]
    for ready, row, argument, k, rule, a, b in lookups:
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
            found = trace.op(row).slope(k, values[row], *evaluation.arguments(row))  # type: ignore[arg-type]
            append((row, argument, found))
    for row in edgy:
        _edges(result, row)
    if result.undefined:
        nan = float("nan")
        result.partials = [(i, j, nan if (i, j) in result.undefined else p) for i, j, p in result.partials]
    return result


def _other(result: Linearization, row: int, k: int) -> None:
    """Add the k-th partial of a row that selects an argument or has not one or two."""
    evaluation = result.evaluation
    op, args = evaluation.trace.op(row), evaluation.trace.args[row]
    if op.selects is None:
        y = evaluation.values[row]
        assert y is not None
        result.partials.append((row, args[k], op.slope(k, y, *evaluation.arguments(row))))
    elif op.selects(bool(evaluation.values[args[0]])) == k:
        result.partials.append((row, args[k], 1.0))


def _lookups(trace: Trace, wrt: frozenset[str] | None) -> tuple[list[Lookup], list[int], list[bool]]:
    """Return how to find the partials, the rows that may be at an edge, and which slots depend on `wrt`."""
    known: dict[frozenset[str] | None, tuple[list[Lookup], list[int], list[bool]]] = trace.lookups
    if wrt in known:
        return known[wrt]
    active = [False] * len(trace.nodes)
    active[: len(trace.inputs)] = [wrt is None or name in wrt for name in trace.inputs]
    lookups: list[Lookup] = []
    edgy: list[int] = []
    for row, op in enumerate(trace.ops):  # the arcs in a loop of their own, which takes half the time
        if op is None:
            continue
        if op.edges:
            edgy.append(row)
        if op.condition:
            continue
        slots = trace.args[row]
        a, b = (None, None) if op.linear or op.selects or len(slots) > 2 else (*slots, None)[:2]
        for k, slot in enumerate(slots):
            if active[slot]:
                active[row] = True
                rule = op.slopes[k]
                ready = None if callable(rule) or op.selects else (row, slot, rule)
                lookups.append((ready, row, slot, k, rule, a, b))
    known[wrt] = lookups, edgy, active
    return known[wrt]


def _edges(result: Linearization, row: int) -> None:
    """List the kinks, jumps, ends of domains and branch boundaries at this row; a jump has no derivative."""
    evaluation = result.evaluation
    args, slots, op = evaluation.arguments(row), evaluation.trace.args[row], evaluation.trace.op(row)
    for edge in op.edges:
        k = edge.argument
        if (k is not None and not result.active[slots[k]]) or len(args) < len(slots) or not passes(edge.when, args):
            continue
        concerned = [arg for k, arg in enumerate(slots) if result.active[arg] and edge.argument in (None, k)]
        if concerned:
            if edge.kind in ("jump", "undefined"):
                result.undefined.update((row, arg) for arg in concerned)
            result.edges.append(RowEdge(row, edge, tuple(concerned)))
