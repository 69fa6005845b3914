"""A trace and its derivatives written down as a program on columns, with what tells which rows are not ordinary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import arrays, ops
from .forward import tangents
from .graph import Node, constant, postorder, variable
from .linearize import Partials, passes
from .program import Program, Symbol
from .reverse import adjoints
from .simplify import simplify_all
from .symbolic import differentiate
from .trace import Trace

SMALL = 1e-290  # products that may have lost digits
SUMS = (ops.add, ops.sub)


class Lowered:
    """A program with a symbol, or a number, for each slot of a trace; `fixed` inputs are numbers."""

    def __init__(self, trace: Trace, fixed: Mapping[str, float], *, exact: bool = False) -> None:
        self.trace = trace
        self.program = Program([name for name in trace.inputs if name not in fixed], exact=exact)
        self.slots: list[Any] = []
        self.derived: list[Symbol] = []  # sums and products of the derivatives: what may cancel or underflow
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
        swept = adjoints(len(self.slots), self._partials(slots), {self.trace.outputs[k]: constant(1.0)})
        return self._written([constant(0.0) if swept[slot] is None else swept[slot] for slot in slots])

    def along(self, k: int, tangent: Mapping[str, float]) -> Any:
        """Return the derivative of the k-th output along a tangent, by a tangent sweep on symbols."""
        seed = {self.trace.slot[name]: constant(x) for name, x in tangent.items()}
        swept = tangents(len(self.slots), self._partials(list(seed)), seed)[self.trace.outputs[k]]
        return self._written([constant(0.0) if swept is None else swept])[0]

    def second(self, k: int, wrt: Sequence[str]) -> list[Any]:
        """Return the second derivatives of the k-th output by each variable twice."""
        self._partials([self.trace.slot[name] for name in wrt])  # these rows are active
        root = self.trace.nodes[self.trace.outputs[k]]
        return self._written([differentiate(differentiate(root, name), name) for name in wrt])

    def _partials(self, slots: Sequence[int]) -> Partials:
        active = [slot in slots for slot in range(len(self.slots))]
        partials: Partials = []
        for row in self.trace.rows:
            op, args = self.trace.ops[row], self.trace.args[row]
            assert op is not None
            given = [self._leaves[arg] for arg in args]
            for k, arg in enumerate(args):
                if active[arg] and not op.condition:
                    active[row] = True
                    rule = arrays.slope(op, k)
                    partial = rule(self._leaves[row], *given) if callable(rule) else rule
                    partials.append((row, arg, partial if isinstance(partial, Node) else constant(partial)))
        self.active = [old or new for old, new in zip(self.active, active, strict=True)]
        return partials

    def _written(self, formulas: Sequence[Node]) -> list[Any]:
        """Write formulas on the slots down in the program."""
        done: dict[Node, Any] = {}
        roots = simplify_all(formulas)
        for node in postorder(roots):
            if node.op is not None:
                done[node] = found = self.program.apply(node.op, tuple([done[arg] for arg in node.args]))
                if node.op in (ops.add, ops.sub, ops.mul, ops.div) and isinstance(found, Symbol):
                    self.derived.append(found)
            elif node.args:
                done[node] = done[node.args[0]]
            elif (slot := self._named.get(node.name)) is not None:
                done[node] = self.slots[slot]
            else:
                done[node] = float(node.value or 0.0)
        return [done[root] for root in roots]

    # -- rows that are not ordinary ------------------------------------------------------------------------------------
    def edges(self) -> dict[int, list[Symbol]]:
        """Return by row where it is not smooth, if derivatives go through it."""
        found: dict[int, list[Symbol]] = {}
        for row in self.trace.rows:
            op, args = self.trace.ops[row], self.trace.args[row]
            assert op is not None
            for edge in op.edges:
                concerned = args if edge.argument is None else [args[edge.argument]]
                if any([self.active[arg] for arg in concerned]):
                    mask = self._tested(edge.when, [self.slots[arg] for arg in args])
                    if mask is not False:
                        found.setdefault(row, []).append(mask)
        return found

    def _tested(self, test: Callable[..., Any], args: Sequence[Any]) -> Any:
        """Return a test of the table on symbols."""
        if not any(isinstance(x, Symbol) for x in args):
            return passes(test, args)
        try:
            return test(*args)
        except TypeError:  # it is one of floats only
            return self.program.call(arrays.one_by_one(lambda *numbers: passes(test, numbers)), tuple(args), True)

    def silent(self) -> list[Symbol]:
        """Return where rows have no value, of operations of which numpy does not tell it by a flag."""
        rows = [row for row in self.trace.rows if (op := self.trace.ops[row]) is not None and not arrays.tells(op)]
        return [_not(self._finite(self.slots[row])) for row in rows]

    def _finite(self, x: Any) -> Any:
        if not isinstance(x, Symbol) or x.condition:
            return True
        return self.program.call_once(np.isfinite, x)

    def demand(self, outputs: Sequence[Any]) -> dict[int, Any]:
        """Return for each symbol where it is needed: True, or a condition; a branch not taken is not."""
        needed: dict[int, Any] = {x.number: True for x in outputs if isinstance(x, Symbol)}
        made = self.program.made_by
        for number in range(len(self.program.symbols) - 1, -1, -1):
            if number not in needed or number not in made:
                continue
            here = needed[number]
            op, args = made[number]
            demands = [(x, here) for x in (args[:1] if op.selects else args)]
            if op.selects:
                demands += [(args[op.selects(True)], args[0] & here), (args[op.selects(False)], ~args[0] & here)]
            for x, where in demands:
                if isinstance(x, Symbol):
                    needed[x.number] = where | needed.get(x.number, False)
        return needed

    def unusual(self, outputs: Sequence[Any]) -> tuple[Any, Any]:
        """Return where the formula has no value, and where one point at a time is to be looked at."""
        edges = self.edges()
        needed = self.demand(outputs)
        outside: Any = False
        suspect: Any = False
        for row in self.trace.rows:
            op, x = self.trace.ops[row], self.slots[row]
            if isinstance(x, Symbol) and (here := needed.get(x.number, False)) is not False:
                args = [self.slots[arg] for arg in self.trace.args[row]]
                if op is not None and op.domain is not None:
                    finite: Any = True
                    for arg in args:
                        finite = self._finite(arg) & finite
                    outside = outside | (_not(self._tested(op.domain.contains, args)) & finite & here)
                for mask in edges.get(row, ()):
                    suspect = suspect | (mask & here)
        for number, here in needed.items():
            suspect = suspect | (_not(self._finite(self.program.symbols[number])) & here)
        for x in self.derived:
            if x.number in needed:
                by, terms = self.program.made_by[x.number]
                lost = x == 0.0 if by in SUMS else ops.abs_(x) < SMALL
                for arg in terms[: 1 if by in SUMS else 2]:
                    lost = lost & (arg != 0.0)
                suspect = suspect | (lost & needed[x.number])
        return outside, suspect


def _not(x: Any) -> Any:
    return ~x if isinstance(x, Symbol) else not x
