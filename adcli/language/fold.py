"""A formula evaluated on its nodes, for numbers of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..ops import Exact
from .nodes import Node

if TYPE_CHECKING:
    from fractions import Fraction


def fold(root: Node, leaf: Callable[[Node], Any], apply: Callable[[Node, Sequence[Any]], Any]) -> Any:
    """Return the value of a formula, by those of its leaves and by `apply` for an operation on its arguments' values.

    Of a choice only the argument that its condition selects is evaluated.
    """
    values: dict[Node, Any] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if node in values:
            stack.pop()
            continue
        op, needed = node.op, node.args
        selects = op is not None and op.selects
        if selects:
            needed = (needed[selects(bool(values[needed[0]]))],) if needed[0] in values else needed[:1]
        if missing := [arg for arg in needed if arg not in values]:
            stack.extend(reversed(missing))
        elif op is None and not needed:
            values[node] = leaf(node)
        elif op is None or selects:
            values[node] = values[needed[0]]
        else:
            values[node] = apply(node, [values[arg] for arg in needed])
    return values[root]


def as_typed(x: float, one: Any) -> Any:
    """Return the number that a float was typed as, in the kind of `one`: 0.1 is one tenth, pi is pi."""
    if isinstance(x, Exact):
        return x.of(one)
    from fractions import Fraction  # imports decimal

    return times(Fraction(float.__repr__(x)), one)


def times(factor: Fraction, number: Any) -> Any:
    """Return a number of any kind times a fraction."""
    return factor.numerator * number / factor.denominator
