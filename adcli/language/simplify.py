"""Derived formulas without trivial operations: 0*x, 1*x, x - 0, x^1, signs, exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import add as plus
from operator import mul as times
from operator import sub as minus
from typing import Any

from ..ops import Op, add, div, mul, neg, pow_, sub, where
from .nodes import Node, constant_node, postorder

DEEPEST = 50  # choices inside choices into which a factor is moved
_EXACT: dict[Op, Callable[[Any, Any], Any]] = {add: plus, sub: minus, mul: times}


def simplify(root: Node) -> Node:
    """Return an equal formula without trivial operations; shared parts stay shared.

    Only for derived formulas: what a user typed stays, so that 0*ln(x) has no value at -1.
    """
    return simplify_all([root])[0]


def simplify_all(roots: Sequence[Node]) -> list[Node]:
    """Return the same for several formulas that share parts."""
    done: dict[Node, Node] = {}
    for node in postorder(roots):
        if node.op is None:
            done[node] = done[node.args[0]] if node.args and not node.name else node
        else:
            args = tuple(done[arg] for arg in node.args)
            same = all(new is old for new, old in zip(args, node.args, strict=True))
            done[node] = _rewrite(node.op, args) or (node if same else Node(node.op, args, node.value, node.name))
    return [done[root] for root in roots]


def _make(op: Op, *args: Node) -> Node:
    return _rewrite(op, args) or Node(op, args)


def _rewrite(op: Op, args: tuple[Node, ...]) -> Node | None:
    """Return a simpler node for the operation, or None."""
    rule = _RULES.get(op)
    return rule(*args) if rule else None


def _number(node: Node) -> float | None:
    return node.value if node.op is None and not node.args and not node.name else None


def _exactly(op: Op, m: float | None, n: float | None) -> Node | None:
    """Return the result of an operation on two numbers as a constant, if it is exact."""
    if m is None or n is None:
        return None
    value = op.extended(m, n)
    if math.isfinite(value) and Fraction(value) == _EXACT[op](Fraction(m), Fraction(n)):
        return constant_node(value)
    return None


def _opposite(a: Node) -> Node | None:
    """Return x for -x and 3*x for -3*x."""
    if a.op is mul and (n := _number(a.args[0])) is not None and n < 0:
        return _make(mul, constant_node(-n), a.args[1])
    return a.args[0] if a.op is neg else None


def _add(a: Node, b: Node) -> Node | None:
    m, n = _number(a), _number(b)
    if m == 0 or n == 0:
        return b if m == 0 else a
    if positive := _opposite(b):
        return _make(sub, a, positive)
    if a.op is neg:
        return _make(sub, b, a.args[0])
    if a.op is where and b.op is where and a.args[0] is b.args[0]:
        pairs = list(zip(a.args[1:], b.args[1:], strict=True))
        if not any(x.op is where and y.op is where for x, y in pairs):  # choices in choices may be very deep
            return Node(where, (a.args[0], *(_make(add, x, y) for x, y in pairs)))
    return _exactly(add, m, n)


def _sub(a: Node, b: Node) -> Node | None:
    m, n = _number(a), _number(b)
    if n == 0:
        return a
    if m == 0:
        return _make(neg, b)
    return _make(add, a, positive) if (positive := _opposite(b)) else _exactly(sub, m, n)


def _neg(a: Node) -> Node | None:
    if (n := _number(a)) is not None:
        return constant_node(-n)
    if a.op is mul and (n := _number(a.args[0])) is not None:
        return _make(mul, constant_node(-n), a.args[1])
    return a.args[0] if a.op is neg else None


def _mul(a: Node, b: Node) -> Node | None:
    m, n = _number(a), _number(b)
    if m == 0 or n == 0:
        return constant_node(0.0)
    if m is not None and n is not None:
        return _exactly(mul, m, n)
    if n is not None:  # numbers stand first
        return _make(mul, b, a)
    if m in (1, -1):
        return b if m == 1 else _make(neg, b)
    if a.op is neg or b.op is neg:
        x, y = (a.args[0], b) if a.op is neg else (a, b.args[0])
        return _make(neg, _make(mul, x, y))
    for x, y in ((b, a), (a, b)):
        if _is_half(x):
            return _into_half(mul, x, y)
    for x, y in ((a, b), (b, a)):
        if x.op is div and _number(x.args[0]) == 1:
            return Node(div, (y, x.args[1]))
    if m is None and b.op is mul and _number(b.args[0]) is not None:
        rest = b.args[1]
        if rest.op is not mul or _number(rest.args[0]) is None:  # 0.1*(0.1*(...)) may be very deep
            return _make(mul, b.args[0], _make(mul, a, rest))
    if m is not None and b.op is mul and (inner := _exactly(mul, m, _number(b.args[0]))):
        return _make(mul, inner, b.args[1])
    return None


def _is_half(x: Node) -> bool:
    """Tell whether the node is a choice with 0 in one branch: there a factor of it must not be evaluated."""
    return x.op is where and 0 in map(_number, x.args[1:])


def _into_half(op: Op, x: Node, y: Node) -> Node:
    """Return x*y or x/y with the operation done in the branches of x that are not 0."""
    choices: list[tuple[Node, bool]] = []
    while _is_half(x) and len(choices) < DEEPEST:
        first = _number(x.args[1]) == 0
        choices.append((x.args[0], first))
        x = x.args[2 if first else 1]
    made = Node(op, (x, y)) if _is_half(x) else _make(op, x, y)
    for condition, first in reversed(choices):
        zero = constant_node(0.0)
        made = _make(where, condition, zero, made) if first else _make(where, condition, made, zero)
    return made


def _div(a: Node, b: Node) -> Node | None:
    m, n = _number(a), _number(b)
    if n == 1:
        return a
    if m == 0:
        return constant_node(0.0)
    if _is_half(a):
        return _into_half(div, a, b)
    if a.op is neg:
        return _make(neg, _make(div, a.args[0], b))
    if m is not None and n and math.isfinite(m / n) and Fraction(m / n) == Fraction(m) / Fraction(n):
        return constant_node(m / n)
    return None


def _pow(a: Node, b: Node) -> Node | None:
    n = _number(b)
    return constant_node(1.0) if n == 0 else a if n == 1 else None


def _where(c: Node, a: Node, b: Node) -> Node | None:
    m, n = _number(a), _number(b)
    return a if m is not None and m == n else None


_RULES: dict[Op, Callable[..., Node | None]] = {
    add: _add, sub: _sub, neg: _neg, mul: _mul, div: _div, pow_: _pow, where: _where,
}  # fmt: skip
