"""Nodes to the evaluation trace, the Wengert list v-1, v0, v1 ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from ..errors import LimitError
from ..language import MAX_ROWS, Node, postorder
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
        self.lookups: dict[Any, Any] = {}  # of linearize, by the variables asked for
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

    def op(self, row: int) -> Op:
        """Return the operation of a row."""
        op = self.ops[row]
        assert op is not None
        return op

    @cached_property
    def varies(self) -> list[bool]:
        """Tell of each slot whether its value depends on an input."""
        return self.dependents(range(len(self.inputs)))

    def dependents(self, slots: Iterable[int]) -> list[bool]:
        """Tell of each slot whether its value depends on any of these, through conditions too."""
        found = [False] * len(self.nodes)
        for slot in slots:
            found[slot] = True
        for row in self.rows:
            found[row] = found[row] or True in [found[arg] for arg in self.args[row]]
        return found
