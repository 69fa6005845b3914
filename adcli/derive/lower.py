"""Write a trace and its derivatives as a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ops
from ..language import Node, constant_node, postorder, simplify_all, variable_node
from ..ops import Op
from ..trace import Partials, Trace, adjoints, partials, tangents
from .program import Program, Register, Rewrite
from .symbolic import differentiate


class Lowering:
    """A program with a register, or a number, for each slot of a trace, to which derivatives are added.

    `fixed` inputs are numbers. `rewrite` is that of the program. `rule(op, k)` gives the partial derivative by argument
    k, as in the table of operations.
    """

    def __init__(
        self,
        trace: Trace,
        fixed: Mapping[str, float],
        rewrite: Rewrite = lambda op, *args: None,
        rule: Callable[[Op, int], Any] = lambda op, k: op.rules[k],
    ) -> None:
        self.trace, self._rule = trace, rule
        self.program = Program([name for name in trace.inputs if name not in fixed], rewrite)
        self.slots: list[Any] = []
        self.derived: dict[int, Register] = {}  # sums and products of derivatives, which may cancel or underflow
        self.active = [False] * len(trace.ops)
        for slot, op in enumerate(trace.ops):
            if op is not None:
                found = self.program.apply(op, tuple([self.slots[arg] for arg in trace.args[slot]]))
            elif slot < len(trace.inputs):
                name = trace.inputs[slot]
                found = fixed[name] if name in fixed else self.program.inputs[name]
            else:
                found = trace.initial[slot]
            self.slots.append(found)
        self._named = {**trace.slot, **{f"#{slot}": slot for slot in range(len(self.slots))}}
        self._leaves = [
            variable_node(f"#{slot}") if isinstance(x, Register) else constant_node(x)
            for slot, x in enumerate(self.slots)
        ]

    def value(self, k: int) -> Any:
        """Return the k-th output."""
        return self.slots[self.trace.outputs[k]]

    def gradient(self, k: int, wrt: Sequence[str]) -> list[Any]:
        """Return the partial derivatives of the k-th output, by an adjoint sweep on formulas."""
        slots = [self.trace.slot[name] for name in wrt]
        swept = adjoints(len(self.slots), self._activate(slots), {self.trace.outputs[k]: constant_node(1.0)})
        return self.write([constant_node(0.0) if swept[slot] is None else swept[slot] for slot in slots])

    def along(self, k: int, tangent: Mapping[str, float]) -> Any:
        """Return the derivative of the k-th output along a tangent, by a tangent sweep on formulas."""
        seed = {self.trace.slot[name]: constant_node(x) for name, x in tangent.items()}
        swept = tangents(len(self.slots), self._activate(list(seed)), seed)[self.trace.outputs[k]]
        return self.write([constant_node(0.0) if swept is None else swept])[0]

    def second(self, k: int, wrt: Sequence[str]) -> list[Any]:
        """Return the second derivatives of the k-th output by each variable twice."""
        self._activate([self.trace.slot[name] for name in wrt])
        root = self.trace.nodes[self.trace.outputs[k]]

        def again(node: Node, name: str) -> Node:
            return differentiate(node, name, partial=Op.partial)

        return self.write([again(again(root, name), name) for name in wrt])

    def partials(self, slots: Sequence[int]) -> Partials:
        """Return the local partial derivatives, formulas of the slots, on the paths from these slots."""
        return partials(self.trace, self._leaves, slots, self._partial)

    def _partial(self, op: Op, k: int, y: Node, *args: Node) -> Node:
        rule = self._rule(op, k)
        found = rule(y, *args) if callable(rule) else rule
        return found if isinstance(found, Node) else constant_node(found)

    def _activate(self, slots: Sequence[int]) -> Partials:
        """Return these, and mark the slots that depend on the inputs as active: only there do edges matter."""
        local = self.partials(slots)
        for slot in (*slots, *(row for row, _, _ in local)):
            self.active[slot] = True
        return local

    def write(self, formulas: Sequence[Node]) -> list[Any]:
        """Write formulas of the slots into the program; return their registers or numbers."""
        done: dict[Node, Any] = {}
        roots = simplify_all(formulas)
        for node in postorder(roots):
            if node.op is not None:
                done[node] = found = self.program.apply(node.op, tuple([done[arg] for arg in node.args]))
                if node.op in (ops.add, ops.sub, ops.mul, ops.div) and isinstance(found, Register):
                    self.derived[found.number] = found
            elif node.args:
                done[node] = done[node.args[0]]
            elif (slot := self._named.get(node.name)) is not None:
                done[node] = self.slots[slot]
            else:
                done[node] = float(node.value or 0.0)
        return [done[root] for root in roots]
