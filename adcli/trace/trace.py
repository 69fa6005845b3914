"""Nodes to the evaluation trace v-1, v0, v1 ..., and its evaluation at a point."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ..errors import DomainError, LimitError, Note, Place
from ..language import MAX_ROWS, Node, equation, excerpt, number_text, postorder, undefined
from ..ops import Op

Value = float | None  # None: not evaluated, since a condition chose the other branch


class Trace:
    """The Wengert list of a formula, in evaluation order; equal subexpressions are one row.

    A slot is an input, a constant or a row. `ops[i]` is None for the first two; `args[i]` are slots, `nodes[i]` is a
    node that the slot came from. Inputs are slots 0 to n-1.
    """

    def __init__(
        self,
        roots: Sequence[Node],
        inputs: Sequence[str],
        *,
        share: bool = True,
        limit: int = MAX_ROWS,
        order: Sequence[Node] = (),
    ) -> None:
        self.inputs = tuple(inputs)
        self.slot = {name: k for k, name in enumerate(self.inputs)}  # of each input
        self.nodes: list[Node] = [Node(None, (), None, name) for name in self.inputs]
        self.args: list[tuple[int, ...]] = [()] * len(self.nodes)
        self.outputs = self._lower(roots, order or postorder(roots), share)
        self.ops: list[Op | None] = [node.op for node in self.nodes]
        self.initial: list[Value] = [x if (x := node.value) is None else float(x) for node in self.nodes]
        self.rows = [slot for slot, op in enumerate(self.ops) if op is not None]
        self.branches = any([op is not None and op.selects is not None for op in set(self.ops)])
        self.plans: dict[Any, Any] = {}  # of linearize, by the variables asked for
        if len(self.rows) > limit:
            hint = "allow more with --max-rows" if limit < MAX_ROWS else ""
            raise LimitError(f"the formula has {len(self.rows):,} rows; the limit is {limit:,}", hint=hint)

    def _lower(self, roots: Sequence[Node], order: Iterable[Node], share: bool) -> tuple[int, ...]:
        """Give each node of the order a slot, in `nodes` and `args`; return the slots of the roots."""
        slot_of: dict[Node, int] = {}
        leaves: dict[object, int] = dict(self.slot.items())
        known: defaultdict[Op, dict[tuple[int, ...], int]] = defaultdict(dict)
        nodes, arguments, inputs = self.nodes, self.args, len(self.inputs)
        for node in order:
            new = len(nodes)
            if node.op is not None:
                args = tuple([slot_of[arg] for arg in node.args])
                slot = known[node.op].setdefault(args, new) if share else new
            elif node.args:
                slot = slot_of[node.args[0]]
            else:
                args = ()
                slot = leaves.setdefault(node.name if node.name in self.slot else (node.name, repr(node.value)), new)
                if slot < inputs and nodes[slot].start < 0:
                    nodes[slot] = node
            if slot == new:
                nodes.append(node)
                arguments.append(args)
            slot_of[node] = slot
        return tuple([slot_of[root] for root in roots])

    @cached_property
    def varies(self) -> list[bool]:
        """Tell of each slot whether it depends on an input."""
        found = [slot < len(self.inputs) for slot in range(len(self.nodes))]
        for row in self.rows:
            found[row] = True in [found[arg] for arg in self.args[row]]
        return found

    def evaluate(
        self, point: Mapping[str, float], place: Callable[[Node], Place | None], *, limit: bool = False
    ) -> Evaluation:
        """Return the value of every slot at the point, and notes on what overflowed.

        `place` finds a node in its text. Raises DomainError where the formula has no value; with `limit` it is kept,
        and the value is NaN.
        """
        values = self.initial.copy()
        for k, name in enumerate(self.inputs):
            values[k] = float(point[name])
        evaluation = Evaluation(self, values, [], place, point, [] if limit else None)
        if self.branches:
            evaluation.demand()
        else:
            evaluation.run()
        return evaluation


class Evaluation(NamedTuple):
    """The values of a trace's slots at one point; None where a condition chose another branch.

    `given` is the point as it was given, with numbers that are Exact. `refused` holds what has no value, where
    a limit is to be found instead.
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

    def run(self) -> None:
        """Evaluate every row in order."""
        values, operations, arguments = self.values, self.trace.ops, self.trace.args
        for slot in self.trace.rows:
            args = arguments[slot]
            try:
                if len(args) == 2:
                    values[slot] = operations[slot].number(values[args[0]], values[args[1]])  # type: ignore[union-attr]
                else:
                    values[slot] = operations[slot].number(*[values[arg] for arg in args])  # type: ignore[union-attr]
            except (ValueError, ZeroDivisionError, OverflowError):
                values[slot] = self.exceptional(slot)
        self._look_for_overflow(self.trace.rows)

    def demand(self) -> None:
        """Evaluate the rows that the outputs need, deciding each condition before what depends on it."""
        values, trace = self.values, self.trace
        for slot in in_demand(trace, values, trace.outputs):
            try:
                values[slot] = trace.ops[slot].number(*[values[arg] for arg in trace.args[slot]])  # type: ignore[union-attr]
            except (ValueError, ZeroDivisionError, OverflowError):
                values[slot] = self.exceptional(slot)
        self._look_for_overflow([slot for slot in trace.rows if values[slot] is not None])

    def exceptional(self, slot: int) -> float:
        """Return the value of a row where the operation raised: an overflow, or no value at all."""
        op = self.trace.ops[slot]
        args = self.arguments(slot)
        assert op is not None
        value = op.extended(*args)
        finite = all(map(math.isfinite, args))
        if finite and op.domain is not None and not op.domain.contains(*args):
            error = self.outside(slot, args)
            if self.refused is None:
                raise error
            self.refused.append(error)
            return math.nan
        return value

    def arguments(self, slot: int) -> list[float]:
        """Return the values of a row's arguments."""
        return [x for arg in self.trace.args[slot] if (x := self.values[arg]) is not None]

    def describe(self, slot: int) -> str:
        """Return `x1 = 3`, or `x1 - 5 = -2` for a subexpression, or just a constant's number."""
        return equation(self.trace.nodes[slot], self.values[slot])

    def outside(self, slot: int, args: list[float]) -> DomainError:
        """Return the error for a row outside the domain of its operation."""
        node, varies = self.trace.nodes[slot], [self.trace.varies[arg] for arg in self.trace.args[slot]]
        return undefined(node, args, varies, self.place(node))

    def _look_for_overflow(self, rows: Iterable[int]) -> None:
        """Note each row where finite arguments gave an infinite value, or numbers gave NaN."""
        values = self.values
        if math.isfinite(sum([values[slot] for slot in rows])):  # type: ignore[misc]  # evaluated rows have values
            return
        for slot in rows:
            value, args = values[slot], self.arguments(slot)
            op, node = self.trace.ops[slot], self.trace.nodes[slot]
            if value is None or math.isfinite(value) or op is None or op.selects or any(x != x for x in args):
                continue
            if math.isinf(value) and all(map(math.isfinite, args)):
                text = f"{excerpt(node)} overflows: it is beyond 1.797e308 in size"
                self.notes.append(Note("overflow", text, self.place(node), slot))
            elif value != value and not self.refused:
                given = ", ".join(map(number_text, args))
                text = f"{excerpt(node)} has no value: {op.infix[0] if op.infix else op.name} of {given}"
                self.notes.append(Note("nan", text, self.place(node), slot))


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
