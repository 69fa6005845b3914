"""Sums, products and indices: written once in a formula, expanded when the integers they need are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import NoReturn

from .errors import FormulaError, LimitError, Place, PointError
from .graph import Node, constant, postorder, variable
from .ops import Op, add, mul


def _not_a_number(*_: float) -> float:
    raise ValueError  # these are expanded before anything is evaluated


# Nodes of these have the name of the loop variable or the array, and a loop's number as `value`: loops of one name
# inside each other, or copied with a function's body, stay apart.
sum_ = Op("sum", "sum(i=1..n, ...): the terms for i = 1, 2, ..., n added up", 0.0, 0.0, 0.0, number=_not_a_number)
prod = Op("prod", "prod(i=1..n, ...): the terms for i = 1, 2, ..., n multiplied", 0.0, 0.0, 0.0, number=_not_a_number)
index = Op("index", "x[i]: an element of an array, the first is x[1]", 0.0, number=_not_a_number)
loop = Op("loop", "the variable of a sum or product", number=_not_a_number)
REPEATS = {"sum": sum_, "prod": prod}
serial = count(1)


class Expansion:
    """Rewrites formulas with sums and indices into formulas of plain variables such as x[3].

    `integers` are the values of names used in bounds and indices; `sizes` the lengths of arrays, for errors that point
    at an index.
    """

    def __init__(
        self, integers: Mapping[str, float], sizes: Mapping[str, int], place: Callable[[Node], Place | None], limit: int
    ) -> None:
        self.integers, self.sizes, self.place, self.limit = integers, sizes, place, limit
        self.made = 0
        self.variables: dict[str, Node] = {}

    def expand(self, roots: Sequence[Node]) -> list[Node]:
        """Return the roots without sums and indices; raises LimitError, FormulaError, PointError."""
        done: dict[Node, Node] = {}
        stack: list[Node] = [*reversed(roots)]
        replaced: dict[Node, Node] = {}
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
            elif node in replaced:
                done[node] = done[replaced[node]]
            elif node.op is index:
                done[node] = self._element(node)
            elif node.op in (sum_, prod):
                replaced[node] = self._unroll(node)
                stack.append(replaced[node])
            elif missing := [arg for arg in node.args if arg not in done]:
                stack.extend(reversed(missing))
            else:
                args = tuple([done[arg] for arg in node.args])
                if node.op is None and not args and node.name in self.integers and node.value is None:
                    done[node] = constant(self.integers[node.name], "", node.start, node.end)
                else:
                    done[node] = node if args == node.args else copy(node, args)
        return [done[root] for root in roots]

    def _unroll(self, node: Node) -> Node:
        """Return the terms of a sum or product, each with the loop variable's number put in."""
        lo, hi = (self._integer(bound, "a bound of the range") for bound in node.args[:2])
        op, unit = (add, 0.0) if node.op is sum_ else (mul, 1.0)
        body = node.args[2]
        order = postorder([body])
        depends = {n for n in order if n.op is loop and n.value == node.value}
        changing = []
        for n in order:
            if n in depends or any(arg in depends for arg in n.args):
                depends.add(n)
                changing.append(n)
        self.made += max(0, hi - lo + 1) * (len(changing) + 1)
        if self.made > self.limit:
            raise LimitError(f"the sums of the formula have more than {self.limit:,} operations", self.place(node))
        total: Node | None = None
        for k in range(lo, hi + 1):
            number = constant(k)
            new: dict[Node, Node] = {}
            for n in changing:
                if n.op is loop:
                    new[n] = number
                elif n.op is index and n.args[0].op is loop:
                    new[n] = self._named(n, k)
                else:
                    new[n] = copy(n, tuple([new.get(arg, arg) for arg in n.args]))
            term = new.get(body, body)
            total = term if total is None else Node(op, (total, term), None, "", node.start, node.end)
        return (
            constant(unit, "", node.start, node.end)
            if total is None
            else Node(None, (total,), None, "", node.start, node.end)
        )

    def _element(self, node: Node) -> Node:
        return self._named(node, self._integer(node.args[0], "an index"))

    def _named(self, node: Node, k: int) -> Node:
        """Return the variable x[k]."""
        size = self.sizes.get(node.name)
        if k < 1 or (size is not None and k > size):
            what = f"{node.name}[{k}] does not exist: " + (
                f"{node.name} has {size} element{'s' * (size != 1)}"
                if size is not None and k > 0
                else "the first element is 1"
            )
            raise PointError(what, self.place(node.args[0]), "indices run from 1 to the number of elements")
        return variable(f"{node.name}[{k}]", node.start, node.end)

    def _integer(self, node: Node, what: str) -> int:
        values: dict[Node, float] = {}
        for n in postorder([node]):
            if n.op is None and n.args:
                values[n] = values[n.args[0]]
            elif n.op is None and n.value is not None:
                values[n] = n.value
            elif n.op is None and n.name in self.integers:
                values[n] = self.integers[n.name]
            elif n.op is None:
                self._fail(f"{what} needs the value of {n.name}", n, f"add: --at {n.name}=...")
            elif n.op in (loop, index, sum_, prod):
                self._fail(
                    f"{what} cannot depend on this", n, "use numbers, defined names and the variables of sums around it"
                )
            else:
                values[n] = n.op.extended(*[values[arg] for arg in n.args])
        value = values[node]
        if not math.isfinite(value) or value != math.floor(value):
            self._fail(f"{what} is {value:g}, not a whole number", node, "use whole numbers")
        return int(value)

    def _fail(self, what: str, node: Node, hint: str) -> NoReturn:
        raise FormulaError(what, self.place(node), hint)


def copy(node: Node, args: tuple[Node, ...]) -> Node:
    """Return the node with other arguments."""
    return Node(node.op, args, node.value, node.name, node.start, node.end)


def integers_needed(roots: Sequence[Node]) -> frozenset[str]:
    """Return the names of variables that stand in bounds and indices."""
    bounds: list[Node] = []
    for node in postorder(roots):
        if node.op in (sum_, prod):
            bounds += node.args[:2]
        elif node.op is index:
            bounds += node.args
    return frozenset(n.name for n in postorder(bounds) if n.op is None and n.value is None and not n.args)
