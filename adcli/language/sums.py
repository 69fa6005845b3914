"""Sums, products and indices: written once in a formula, expanded when the integers they need are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NoReturn

from ..errors import FormulaError, LimitError, Place, PointError
from ..ops import Op, add, mul, sub
from .fold import fold
from .nodes import Node, constant_node, postorder, variable_node


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


def _on_floats(node: Node, args: Sequence[float]) -> float:
    assert node.op is not None
    return node.op.extended(*args)


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
        self.elements: dict[tuple[str, int], Node] = {}
        self.done: dict[Node, Node] = {}
        self.placed: dict[Node, None] = {}  # in evaluation order
        self.in_order = True

    def expand(self, roots: Sequence[Node]) -> list[Node]:
        """Return the roots without sums and indices; raises LimitError, FormulaError, PointError."""
        done = self.done
        stack: list[Node] = [*reversed(roots)]
        unrolled: dict[Node, tuple[Node, list[Node]]] = {}
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
            elif node.op is index:
                done[node] = self._place(self.element(node))
            elif node.op in (sum_, prod):
                if node not in unrolled:  # its terms may hold sums again: they come next
                    unrolled[node] = self._unroll(node)
                    stack.extend(reversed(unrolled[node][1]))
                else:
                    total, terms = unrolled[node]
                    done[node] = self._joined(node, [done.get(term, term) for term in terms]) if terms else total
            elif (taken := self._taken(node, done)) is not None:
                if taken in done:
                    done[node] = done[taken]
                else:
                    stack.append(taken)
            elif missing := [arg for arg in node.args if arg not in done]:
                stack.extend(reversed(missing[:1] if node.op is not None and node.op.selects else missing))
            else:
                args = tuple([done[arg] for arg in node.args])
                if node.op is None and not args and node.name in self.integers and node.value is None:
                    done[node] = self._place(constant_node(self.integers[node.name], "", node.start, node.end))
                else:
                    done[node] = self._place(node if args == node.args else copy(node, args))
        return [done[root] for root in roots]

    @property
    def order(self) -> list[Node]:
        """All nodes below what was returned, in evaluation order; empty where that is only found by walking."""
        return [*self.placed] if self.in_order else []

    def _place(self, node: Node) -> Node:
        self.placed[node] = None
        return node

    def _unroll(self, node: Node) -> tuple[Node, list[Node]]:
        """Return the terms of a sum or product, each with the loop variable's number put in, still to be expanded.

        Terms without sums in them are added up at once instead: then there is a total and no terms.
        """
        lo, hi = (self._integer(bound, "a bound of the range") for bound in node.args[:2])
        template = _Template(node)
        self.made += max(0, hi - lo + 1) * (len(template.steps) + 1)
        if self.made > self.limit:
            raise LimitError(f"the sums of the formula have more than {self.limit:,} operations", self.place(node))
        self.in_order = self.in_order and template.plain
        terms = template.terms(range(lo, hi + 1), self)
        if template.flat:
            return self._joined(node, terms), []
        return node, [*terms] or [constant_node(0.0 if node.op is sum_ else 1.0, "", node.start, node.end)]

    def _joined(self, node: Node, terms: Iterable[Node]) -> Node:
        """Return the terms added or multiplied, from left to right."""
        op, start, end = (add if node.op is sum_ else mul), node.start, node.end
        total = None
        for term in terms:
            total = term if total is None else self._place(Node(op, (total, term), None, "", start, end))
        if total is None:
            return self._place(constant_node(0.0 if node.op is sum_ else 1.0, "", start, end))
        return self._place(Node(None, (total,), None, "", start, end))

    def _taken(self, node: Node, done: Mapping[Node, Node]) -> Node | None:
        """Return the argument that a condition on sums' variables selects: x[i - 1] may stand in the other one."""
        if node.op is None or node.op.selects is None or (condition := done.get(node.args[0])) is None:
            return None
        leaves = [n for n in postorder([condition]) if not n.args]
        if any(n.value is None for n in leaves) or all(n.start >= 0 for n in leaves):
            return None
        return node.args[node.op.selects(bool(fold(condition, lambda n: n.value, _on_floats)))]

    def element(self, node: Node) -> Node:
        return self.named(node, self._integer(node.args[0], "an index"))

    def named(self, node: Node, k: int) -> Node:
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
            raise PointError(what, self.place(node.args[0]), "indices run from 1 to the number of elements")
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
        raise FormulaError(what, self.place(node), hint)


class _Template:
    """The body of a sum as steps that make a term for a number: the parts that the loop variable changes.

    The `first` term needs the `fixed` ones too. `flat` tells that no sum or choice is inside, `plain` that all parts
    stay, unlike those of an index such as 2*i.
    """

    def __init__(self, node: Node) -> None:
        self.body, self.serial = node.args[2], node.value
        order = postorder([self.body])
        self.flat = not any(n.op is not None and (n.op in (sum_, prod) or n.op.selects) for n in order)
        changes: set[Node] = set()
        for n in order:
            if (n.op is loop and n.value == self.serial) or any(arg in changes for arg in n.args):
                changes.add(n)
        needed = {self.body}
        self.first: list[tuple[Node, int | None]] = []
        for n in reversed(order):
            if n not in needed:
                continue
            offset = self._offset(n.args[0]) if n in changes and n.op is index and self.flat else None
            self.first.append((n, offset))
            if n in changes and offset is None:
                needed.update(n.args)
        self.first.reverse()
        self.steps = [step for step in self.first if step[0] in changes]
        self.fixed = needed - changes
        self.plain = self.flat and not any(n.op is index and offset is None for n, offset in self.steps)

    def _offset(self, n: Node) -> int | None:
        """Return c for the index i + c or i - c, else None."""
        if n.op is loop and n.value == self.serial:
            return 0
        if n.op not in (add, sub) or n.args[0].op is not loop or n.args[0].value != self.serial:
            return None
        c = n.args[1].value if n.args[1].op is None and not n.args[1].name else None
        return None if c is None or c != math.floor(c) else int(c) if n.op is add else -int(c)

    def terms(self, numbers: Iterable[int], expansion: Expansion) -> Iterator[Node]:
        """Make the body for each number of the loop variable; if flat, with its fixed parts expanded."""
        others: dict[Node, Node] = {} if self.flat else {n: n for n in self.fixed}
        steps = self.first if self.flat else self.steps
        placed = expansion.placed
        for k in numbers:
            new = others.copy()
            for n, offset in steps:
                if offset is not None:
                    node = expansion.named(n, k + offset)
                elif n in self.fixed:
                    (node,) = expansion.expand([n])
                    others[n] = node
                elif n.op is loop:
                    node = constant_node(k)
                else:
                    node = Node(n.op, tuple([new[arg] for arg in n.args]), n.value, n.name, n.start, n.end)
                    if n.op is index and self.flat:
                        node = expansion.element(node)
                new[n] = node
                placed[node] = None
            steps = self.steps
            yield new[self.body]


def copy(node: Node, args: tuple[Node, ...]) -> Node:
    """Return the node with other arguments."""
    return Node(node.op, args, node.value, node.name, node.start, node.end)


def split_index(name: str) -> tuple[str, int]:
    """Return the array and the index of an element: ("x", 3) for x[3], ("x", 0) for x."""
    array, _, k = name.partition("[")
    return array, int(k[:-1] or 0)


def integers_needed(roots: Sequence[Node]) -> frozenset[str]:
    """Return the names of variables that stand in bounds and indices."""
    bounds: list[Node] = []
    for node in postorder(roots):
        if node.op in (sum_, prod):
            bounds += node.args[:2]
        elif node.op is index:
            bounds += node.args
    return frozenset(n.name for n in postorder(bounds) if n.op is None and n.value is None and not n.args)
