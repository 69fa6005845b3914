"""A trace and its derivatives written down as a program on columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import ops
from ..columns import ufuncs
from ..language import Node, constant, postorder, simplify_all, variable
from ..trace import Partials, Trace, adjoints, tangents
from .program import Program, Symbol
from .symbolic import differentiate


class Lowered:
    """A program with a symbol, or a number, for each slot of a trace; `fixed` inputs are numbers."""

    def __init__(self, trace: Trace, fixed: Mapping[str, float], *, exact: bool = False) -> None:
        self.trace = trace
        self.program = Program([name for name in trace.inputs if name not in fixed], exact=exact)
        self.slots: list[Any] = []
        self.derived: dict[int, Symbol] = {}  # sums and products of the derivatives: what may cancel or underflow
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
            variable(f"#{slot}") if isinstance(x, Symbol) else constant(x) for slot, x in enumerate(self.slots)
        ]

    def value(self, k: int) -> Any:
        """Return the k-th output."""
        return self.slots[self.trace.outputs[k]]

    def gradient(self, k: int, wrt: Sequence[str]) -> list[Any]:
        """Return the partial derivatives of the k-th output, by an adjoint sweep on symbols."""
        slots = [self.trace.slot[name] for name in wrt]
        swept = adjoints(len(self.slots), self._activate(slots), {self.trace.outputs[k]: constant(1.0)})
        return self.written([constant(0.0) if swept[slot] is None else swept[slot] for slot in slots])

    def along(self, k: int, tangent: Mapping[str, float]) -> Any:
        """Return the derivative of the k-th output along a tangent, by a tangent sweep on symbols."""
        seed = {self.trace.slot[name]: constant(x) for name, x in tangent.items()}
        swept = tangents(len(self.slots), self._activate(list(seed)), seed)[self.trace.outputs[k]]
        return self.written([constant(0.0) if swept is None else swept])[0]

    def second(self, k: int, wrt: Sequence[str]) -> list[Any]:
        """Return the second derivatives of the k-th output by each variable twice."""
        self._activate([self.trace.slot[name] for name in wrt])
        root = self.trace.nodes[self.trace.outputs[k]]
        return self.written([differentiate(differentiate(root, name), name) for name in wrt])

    def partials(self, slots: Sequence[int]) -> Partials:
        """Return the local partial derivatives, formulas of the slots, by what depends on these inputs."""
        wanted = set(slots)
        active = [slot in wanted for slot in range(len(self.slots))]
        partials: Partials = []
        for row in self.trace.rows:
            op, args = self.trace.ops[row], self.trace.args[row]
            assert op is not None
            given = [self._leaves[arg] for arg in args]
            for k, arg in enumerate(args):
                if active[arg] and not op.condition:
                    active[row] = True
                    rule = ufuncs.slope(op, k)
                    partial = rule(self._leaves[row], *given) if callable(rule) else rule
                    partials.append((row, arg, partial if isinstance(partial, Node) else constant(partial)))
        return partials

    def _activate(self, slots: Sequence[int]) -> Partials:
        """Return these, and remember what depends on the inputs: there it matters how smooth rows are."""
        partials = self.partials(slots)
        for slot in (*slots, *(row for row, _, _ in partials)):
            self.active[slot] = True
        return partials

    def written(self, formulas: Sequence[Node]) -> list[Any]:
        """Write formulas on the slots down in the program."""
        done: dict[Node, Any] = {}
        roots = simplify_all(formulas)
        for node in postorder(roots):
            if node.op is not None:
                done[node] = found = self.program.apply(node.op, tuple([done[arg] for arg in node.args]))
                if node.op in (ops.add, ops.sub, ops.mul, ops.div) and isinstance(found, Symbol):
                    self.derived[found.number] = found
            elif node.args:
                done[node] = done[node.args[0]]
            elif (slot := self._named.get(node.name)) is not None:
                done[node] = self.slots[slot]
            else:
                done[node] = float(node.value or 0.0)
        return [done[root] for root in roots]
