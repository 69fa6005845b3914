"""Sums, products and elements of arrays as operations of a formula that is not written out yet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from ..ops import Op
from .nodes import Node, postorder


def _not_a_number(*_: float) -> float:
    raise ValueError  # these are written out before a formula is evaluated


# Nodes of these have the name of the loop variable or of the array. The `value` of a sum, and of its variable, is the
# number of the sum: it tells sums apart that are inside each other, or copied with the body of a function.
sum_ = Op("sum", "sum(i=1..n, ...): the terms for i = 1, 2, ..., n added up", 0.0, 0.0, 0.0, number=_not_a_number)
prod = Op("prod", "prod(i=1..n, ...): the terms for i = 1, 2, ..., n multiplied", 0.0, 0.0, 0.0, number=_not_a_number)
index = Op("index", "x[i]: an element of an array, the first is x[1]", 0.0, number=_not_a_number)
loop = Op("loop", "the variable of a sum or product", number=_not_a_number)
REPEATS = {"sum": sum_, "prod": prod}
loop_numbers = count(1)  # one for each sum and product that is read


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
