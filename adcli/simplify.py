"""A pass over derived formulas: 0*x, 1*x, x - 0, x^1, arithmetic on numbers; never over what the user typed."""

from __future__ import annotations

import math

from .graph import Node, constant, postorder
from .ops import Op, add, div, mul, neg, pow_, sub


def simplify(root: Node) -> Node:
    """Return an equal formula with trivial operations removed."""
    done: dict[Node, Node] = {}
    for node in postorder([root]):
        if node.op is None:
            done[node] = done[node.args[0]] if node.args and not node.name else node
        else:
            args = tuple(done[arg] for arg in node.args)
            done[node] = _rewrite(node.op, args) or (node if args == node.args else Node(node.op, args))
    return done[root]


def _rewrite(op: Op, args: tuple[Node, ...]) -> Node | None:
    """Return a simpler node for the operation, or None."""
    numbers = [_number(arg) for arg in args]
    if op in (add, sub, mul, div, neg, pow_) and all(x is not None for x in numbers):
        value = op.extended(*(x for x in numbers if x is not None))
        if math.isfinite(value) and value == math.floor(value) and abs(value) < 1e15:
            return constant(value)  # only where nothing is rounded away: 1/3 stays as it is
    if len(args) == 1:
        return args[0].args[0] if op is neg and args[0].op is neg else None
    if len(args) > 2:
        return None
    (a, b), (m, n) = args, numbers
    if op is add:
        return b if m == 0 else a if n == 0 else Node(sub, (a, b.args[0])) if b.op is neg else None
    if op is sub:
        return a if n == 0 else Node(neg, (b,)) if m == 0 else None
    if op is mul:
        if m == 0 or n == 0:
            return constant(0.0)
        if m == 1 or n == 1:
            return b if m == 1 else a
        if m == -1 or n == -1:
            return Node(neg, (b if m == -1 else a,))
        if b.op is div and _number(b.args[0]) == 1:  # a*(1/c)
            return Node(div, (a, b.args[1]))
        return None
    if op is div:
        return constant(0.0) if m == 0 else a if n == 1 else None
    if op is pow_:
        return constant(1.0) if n == 0 else a if n == 1 else None
    return None


def _number(node: Node) -> float | None:
    return node.value if node.op is None and not node.args and not node.name else None
