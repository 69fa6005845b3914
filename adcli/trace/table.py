"""From a swept trace to the rows to read."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

from ..errors import Place, UsageError
from ..language import Node, constant_node, dereference, number_text, plain_leaf, simplify, to_text, variable_node
from ..ops import Op, add, div, mul, neg, sub
from .evaluation import Evaluation
from .partials import Linearization, arcs, as_formula
from .rows import Contribution, LocalPartial, TraceRow, TraceTable
from .sweep import Sweeps
from .trace import Trace

ORDERS = ("level", "evaluation")
SYMBOLIC = "symbolic"  # the mode of a trace at no point


class Notation(NamedTuple):
    """How a table writes formulas, rows, tangents, adjoints and numbers: by default in plain text."""

    formula: Callable[[Node, Callable[[Node], str]], str] = to_text
    leaf: Callable[[Node], str] = plain_leaf
    row: Callable[[str], str] = str
    number: Callable[[float], str] = number_text


def trace_table(
    done: Sweeps, outputs: tuple[str, ...], order: str = "level", notation: Notation | None = None
) -> TraceTable:
    """Return the rows of a trace that was evaluated and swept.

    `order` is "level" (by depth, then left to right, as Baydin et al. 2018 number them) or "evaluation"
    (as the formula is computed, as Griewank & Walther do).
    """
    if order not in ORDERS:
        raise UsageError(f"{order} is not an order", hint=f"choose one of: {', '.join(ORDERS)}")
    return _Builder(done, outputs, order, notation or Notation()).table()


def unevaluated(trace: Trace, place: Callable[[Node], Place | None]) -> Sweeps:
    """Return a trace at no point: every number is NaN, and no branch is chosen."""
    evaluation = Evaluation(trace, [math.nan] * len(trace.nodes), [], place, {})
    partials = [(row, slot, math.nan) for row, _, slot in arcs(trace, range(len(trace.inputs)))]
    return Sweeps(Linearization(evaluation, partials, trace.varies), [], SYMBOLIC)


class _Builder:
    def __init__(self, done: Sweeps, outputs: tuple[str, ...], order: str, notation: Notation) -> None:
        self.done, self.outputs, self.order, self.notation = done, outputs, order, notation
        self.evaluation = done.evaluation
        self.trace, self.values = self.evaluation.trace, self.evaluation.values
        self.adjoints: Sequence[float | None] = done.adjoints or []
        inputs = range(len(self.trace.inputs))
        shown = [row for row in self.trace.rows if self.trace.varies[row] and self.values[row] is not None]
        for root in self.trace.outputs:
            if root not in shown and root not in inputs and self.trace.ops[root] is not None:
                shown.append(root)  # a formula without variables is one row
        if order == "level":
            shown = self._by_level(shown)
        self.slots = [*inputs, *shown]
        self.names = {slot: f"v{k + 1 - len(inputs)}" for k, slot in enumerate(self.slots)}
        self.slot_of = {name: slot for slot, name in self.names.items()}
        self.partials: dict[tuple[int, int], list[float]] = {}
        self.used_by: dict[int, list[tuple[int, int, float]]] = {}
        for i, j, p in done.linearization.partials:
            self.partials.setdefault((i, j), []).append(p)
        for i, j, p in reversed(done.linearization.partials):
            uses = self.used_by.setdefault(j, [])
            k = uses[-1][1] + 1 if uses and uses[-1][0] == i else 0  # a row's uses of one argument follow each other
            uses.append((i, k, p))

    def _by_level(self, rows: list[int]) -> list[int]:
        depth: dict[int, int] = {}
        for row in rows:
            depth[row] = 1 + max((depth.get(arg, 0) for arg in self._evaluated(row)), default=0)
        return sorted(rows, key=depth.__getitem__)

    def _evaluated(self, row: int) -> list[int]:
        return [arg for arg in self.trace.args[row] if self.values[arg] is not None]

    def table(self) -> TraceTable:
        rows = [self._row(slot) for slot in self.slots]
        rows += [self._output(name, root) for name, root in zip(self.outputs, self.trace.outputs, strict=True)]
        return TraceTable(
            mode=self.done.mode, order=self.order, variables=tuple(self.done.gradient), rows=tuple(rows),
            beside=self.done.beside,
        )  # fmt: skip

    def _output(self, name: str, root: int) -> TraceRow:
        last = self.names.get(root)
        seeds = self.done.tangents
        return TraceRow(
            name,
            "output",
            (last,) if last else (),
            self._show(self._symbol(root)),
            "",
            self.values[root] or 0.0,
            self._show(variable_node(f"v'{last[1:]}")) if last and seeds else "",
            dict.fromkeys(seeds, ""),
            {seed: self._tangent(seed, root) for seed in seeds},
            adjoint=1.0 if self.adjoints else None,
        )

    def _row(self, slot: int) -> TraceRow:
        op = self.trace.ops[slot]
        value = self.values[slot]
        assert value is not None
        notes = tuple(note.kind for note in self.done.notes if note.row == slot)
        tangents = {} if op and op.condition else {name: self._tangent(name, slot) for name in self.done.tangents}
        symbolic, tangent_numbers = "", dict.fromkeys(tangents, "")
        slots = self.trace.args[slot]
        if op is None:
            formula, numbers = self._show(self.trace.nodes[slot]), ""
        else:
            node = Node(op, tuple(map(self._symbol, slots)))
            formula, numbers = self._show(node), self._with_numbers(node)
            if tangents:
                tangent = self._tangent_formula(op, slot)
                symbolic = self._show(tangent)
                tangent_numbers = {name: self._with_numbers(tangent, name) for name in tangents}
        adjoint, how, how_numbers, contributions = self._adjoint(slot)
        return TraceRow(
            self.names[slot], op.name if op else "input", tuple(self.names[arg] for arg in slots if arg in self.names),
            formula, numbers, value, symbolic, tangent_numbers, tangents, how, how_numbers, adjoint, contributions,
            notes, self._locals(slot), slot,
        )  # fmt: skip

    def _symbol(self, slot: int) -> Node:
        """Return the slot as it stands in a formula: its row's name, or the constant."""
        if slot in self.names:
            return variable_node(self.names[slot])
        return variable_node("...") if self.values[slot] is None else dereference(self.trace.nodes[slot])

    def _partial(self, op: Op, row: int, k: int) -> Node:
        """Return the k-th partial derivative of a row in symbols."""
        if op.selects and self.done.mode != SYMBOLIC:
            return constant_node(1.0)
        return simplify(as_formula(op, k, variable_node(self.names[row]), *map(self._symbol, self.trace.args[row])))

    def _active(self, row: int) -> list[tuple[int, int]]:
        """Return (k, slot) for the arguments of a row that derivatives go through."""
        return [(k, arg) for k, arg in enumerate(self.trace.args[row]) if (row, arg) in self.partials]

    def _locals(self, row: int) -> tuple[LocalPartial, ...]:
        """Return the partial derivatives by each argument, those by several places of one added up."""
        op, found = self.trace.ops[row], dict[int, list[Node]]()
        for k, arg in self._active(row) if op else ():
            found.setdefault(arg, []).append(self._partial(op, row, k))  # type: ignore[arg-type]  # there are none
        return tuple(
            LocalPartial(
                self.names[arg],
                self._show(reduce(_plus, nodes)),
                None if (row, arg) in self.done.linearization.undefined else sum(self.partials[row, arg]),
            )
            for arg, nodes in found.items()
        )

    def _tangent_formula(self, op: Op, row: int) -> Node:
        terms = [
            _times(variable_node("v'" + self.names[arg][1:]), self._partial(op, row, k)) for k, arg in self._active(row)
        ]
        return reduce(_plus, terms) if terms else constant_node(0.0)

    def _adjoint(self, slot: int) -> tuple[float | None, str, str, tuple[Contribution, ...]]:
        if not self.adjoints:
            return None, "", "", ()
        adjoint = self.adjoints[slot]
        if slot == self.trace.outputs[0]:
            return adjoint, "1", "", ()
        terms: list[Node] = []
        contributions = []
        for row, repeat, p in self.used_by.get(slot, []):
            w, op = self.adjoints[row], self.trace.ops[row]
            if w is None or op is None:
                continue
            positions = [k for k, arg in self._active(row) if arg == slot]
            partial = self._partial(op, row, positions[-1 - repeat])
            terms.append(variable_node("v~" + self.names[row][1:]) * partial)
            exists = (row, slot) not in self.done.linearization.undefined
            contributions.append(
                Contribution(self.names[row], self._show(partial), p if exists else None, w * p if exists else None)
            )
        if not terms:
            return adjoint, "", "", ()
        total = reduce(operator.add, terms)
        return adjoint, self._show(total), self._with_numbers(total), tuple(contributions)

    def _tangent(self, name: str, slot: int) -> float | None:
        t = self.done.tangents[name][slot]
        if t is not None and t != t and self.done.linearization.undefined:
            return None
        return 0.0 if t is None else t

    def _show(self, node: Node) -> str:
        def leaf(x: Node) -> str:
            return self.notation.row(x.name) if x.start < 0 and x.value is None else self.notation.leaf(x)

        return self.notation.formula(node, leaf)

    def _with_numbers(self, node: Node, seed: str = "") -> str:
        def leaf(x: Node) -> str:
            name = x.name
            if x.value is not None:
                return self._number(x.value)
            if name == "...":
                return name
            if name.startswith("v'"):
                return self._number(self._tangent(seed, self.slot_of["v" + name[2:]]))
            if name.startswith("v~"):
                return self._number(self.adjoints[self.slot_of["v" + name[2:]]])
            return self._number(self.values[self.slot_of[name]])

        return self.notation.formula(node, leaf)

    def _number(self, value: float | bool | None) -> str:
        if value is None:
            return "undefined"
        if isinstance(value, bool):
            return "true" if value else "false"
        return self.notation.number(value) if math.isfinite(value) else str(value)


def _times(tangent: Node, partial: Node) -> Node:
    """Return v'*p as it is written by hand: v' for v'*1, v'/b for v'*(1/b), -(v'*p) for v'*(-p)."""
    if partial.op is neg:
        return Node(neg, (_times(tangent, partial.args[0]),))
    if partial.op is div and partial.args[0].value == 1:
        return Node(div, (tangent, partial.args[1]))
    if partial.op is None and partial.value in (1, -1):
        return tangent if partial.value == 1 else Node(neg, (tangent,))
    return Node(mul, (tangent, partial))


def _plus(a: Node, b: Node) -> Node:
    return Node(sub, (a, b.args[0])) if b.op is neg else Node(add, (a, b))
