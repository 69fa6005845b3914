"""Sums, products and indices written out, when the integers that they need are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NoReturn

from ..errors import FormulaError, LimitError, Place, PointError
from ..ops import add, mul, sub
from .fold import fold
from .nodes import Node, constant_node, postorder, variable_node
from .sums import index, loop, prod, sum_


def _on_floats(node: Node, args: Sequence[float]) -> float:
    assert node.op is not None
    return node.op.extended(*args)


class Expansion:
    """Writes out the sums, products and indices of formulas: their elements are variables such as x[3].

    `integers` are the values of names in bounds and indices; `sizes` the lengths of arrays, for errors at an index.
    `place_of` gives the place of a node in its text; `limit` is the largest number of operations.
    """

    def __init__(
        self,
        integers: Mapping[str, float],
        sizes: Mapping[str, int],
        place_of: Callable[[Node], Place | None],
        limit: int,
    ) -> None:
        self.integers, self.sizes, self.place_of, self.limit = integers, sizes, place_of, limit
        self.operations = 0
        self.elements: dict[tuple[str, int], Node] = {}
        self.expanded: dict[Node, Node] = {}  # by the node as it was read
        self.kept: dict[Node, None] = {}  # the nodes of the result, in evaluation order if `in_order`
        self.in_order = True

    def expand(self, roots: Sequence[Node]) -> list[Node]:
        """Return the roots without sums and indices; raises LimitError, FormulaError, PointError."""
        done = self.expanded
        stack: list[Node] = [*reversed(roots)]
        unrolled: dict[Node, list[Node]] = {}  # the terms of a sum or product that have sums in them
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
            elif node.op is index:
                done[node] = self._keep(self.element(node))
            elif node in unrolled:
                done[node] = self._joined(node, [done[term] for term in unrolled[node]])
            elif node.op in (sum_, prod):
                template = _Template(node)
                terms = template.terms(self._range(node, len(template.steps) + 1), self)
                self.in_order = self.in_order and template.keeps_parts
                if template.is_flat:
                    done[node] = self._joined(node, terms)
                else:
                    unrolled[node] = [*terms]
                    stack.extend(reversed(unrolled[node]))
            elif (taken := self._taken(node, done)) is not None:
                if taken in done:
                    done[node] = done[taken]
                else:
                    stack.append(taken)
            elif missing := [arg for arg in node.args if arg not in done]:
                stack.extend(reversed(missing[:1] if node.op is not None and node.op.selects else missing))
            else:
                args, new = tuple([done[arg] for arg in node.args]), node
                if node.op is None and not args and node.name in self.integers and node.value is None:
                    new = constant_node(self.integers[node.name], "", node.start, node.end)
                elif args != node.args:
                    new = Node(node.op, args, node.value, node.name, node.start, node.end)
                done[node] = self._keep(new)
        return [done[root] for root in roots]

    @property
    def order(self) -> list[Node]:
        """All nodes of the formulas in evaluation order; empty if it is not known."""
        return [*self.kept] if self.in_order else []

    def _keep(self, node: Node) -> Node:
        self.kept[node] = None
        return node

    def _range(self, node: Node, operations: int) -> range:
        """Return the numbers of a loop variable, each with so many operations; raises LimitError for too many."""
        lo, hi = (self._integer(bound, "a bound of the range") for bound in node.args[:2])
        self.operations += max(0, hi - lo + 1) * operations
        if self.operations > self.limit:
            raise LimitError(f"the sums of the formula have more than {self.limit:,} operations", self.place_of(node))
        return range(lo, hi + 1)

    def _joined(self, node: Node, terms: Iterable[Node]) -> Node:
        """Return the terms added or multiplied, from left to right."""
        op, nothing = (add, 0.0) if node.op is sum_ else (mul, 1.0)
        start, end = node.start, node.end
        total = None
        for term in terms:
            total = term if total is None else self._keep(Node(op, (total, term), None, "", start, end))
        if total is None:
            return self._keep(constant_node(nothing, "", start, end))
        return self._keep(Node(None, (total,), None, "", start, end))

    def _taken(self, node: Node, done: Mapping[Node, Node]) -> Node | None:
        """Return the argument that a condition on loop variables selects; the other one may have no x[i - 1]."""
        if node.op is None or node.op.selects is None or (condition := done.get(node.args[0])) is None:
            return None
        leaves = [n for n in postorder([condition]) if not n.args]
        if any(n.value is None for n in leaves) or all(n.start >= 0 for n in leaves):
            return None
        return node.args[node.op.selects(bool(fold(condition, lambda n: n.value, _on_floats)))]

    def element(self, node: Node) -> Node:
        """Return the variable for an element of an array."""
        return self.numbered(node, self._integer(node.args[0], "an index"))

    def numbered(self, node: Node, k: int) -> Node:
        """Return the variable x[k]."""
        if (known := self.elements.get((node.name, k))) is not None:
            return known
        size = self.sizes.get(node.name)
        if k < 1 or (size is not None and k > size):
            what = f"{node.name}[{k}] does not exist: " + (
                f"{node.name} has {size} element{'s' * (size != 1)}"
                if size is not None and k > 0
                else "the first element is 1"
            )
            raise PointError(what, self.place_of(node.args[0]), "indices run from 1 to the number of elements")
        made = self.elements[node.name, k] = variable_node(f"{node.name}[{k}]", node.start, node.end)
        return made

    def _integer(self, node: Node, what: str) -> int:
        def leaf(n: Node) -> float:
            if n.value is None and n.name not in self.integers:
                self._fail(f"{what} needs the value of {n.name}", n, f"add: --at {n.name}=...")
            return self.integers[n.name] if n.value is None else n.value

        def apply(n: Node, args: Sequence[float]) -> float:
            if n.op in (loop, index, sum_, prod):
                hint = "use numbers, defined names and the variables of sums around it"
                self._fail(f"{what} cannot depend on this", n, hint)
            return _on_floats(n, args)

        value: float = fold(node, leaf, apply)
        if not math.isfinite(value) or value != math.floor(value):
            self._fail(f"{what} is {value:g}, not a whole number", node, "use whole numbers")
        return int(value)

    def _fail(self, what: str, node: Node, hint: str) -> NoReturn:
        raise FormulaError(what, self.place_of(node), hint)


class _Template:
    """The body of a sum as steps that make its terms.

    `steps` are the nodes that the loop variable changes, with c for an index i + c; `first` are these and the `fixed`
    nodes, for the first term. A body `is_flat` without a sum or choice. It `keeps_parts` if the terms have all its
    nodes: those of an index such as 2*i are left out.
    """

    def __init__(self, node: Node) -> None:
        self.body, self.number = node.args[2], node.value
        order = postorder([self.body])
        self.is_flat = not any(n.op is not None and (n.op in (sum_, prod) or n.op.selects) for n in order)
        changes: set[Node] = set()
        for n in order:
            if (n.op is loop and n.value == self.number) or any(arg in changes for arg in n.args):
                changes.add(n)
        needed = {self.body}
        self.first: list[tuple[Node, int | None]] = []
        for n in reversed(order):
            if n not in needed:
                continue
            offset = self._offset(n.args[0]) if n in changes and n.op is index and self.is_flat else None
            self.first.append((n, offset))
            if n in changes and offset is None:
                needed.update(n.args)
        self.first.reverse()
        self.steps = [step for step in self.first if step[0] in changes]
        self.fixed = needed - changes
        self.keeps_parts = self.is_flat and not any(n.op is index and offset is None for n, offset in self.steps)

    def _offset(self, n: Node) -> int | None:
        """Return c for the index i + c or i - c, else None."""
        if n.op is loop and n.value == self.number:
            return 0
        if n.op not in (add, sub) or n.args[0].op is not loop or n.args[0].value != self.number:
            return None
        c = n.args[1].value if n.args[1].op is None and not n.args[1].name else None
        return None if c is None or c != math.floor(c) else int(c) if n.op is add else -int(c)

    def terms(self, numbers: Iterable[int], expansion: Expansion) -> Iterator[Node]:
        """Yield the body for each number of the loop variable; if flat, with its fixed nodes expanded."""
        others: dict[Node, Node] = {} if self.is_flat else {n: n for n in self.fixed}
        steps = self.first if self.is_flat else self.steps
        kept = expansion.kept
        for k in numbers:
            new = others.copy()
            for n, offset in steps:
                if offset is not None:
                    node = expansion.numbered(n, k + offset)
                elif n in self.fixed:
                    (node,) = expansion.expand([n])
                    others[n] = node
                elif n.op is loop:
                    node = constant_node(k)
                else:
                    node = Node(n.op, tuple([new[arg] for arg in n.args]), n.value, n.name, n.start, n.end)
                    if n.op is index and self.is_flat:
                        node = expansion.element(node)
                new[n] = node
                kept[node] = None
            steps = self.steps
            yield new[self.body]
