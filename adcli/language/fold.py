"""A formula evaluated on its nodes, for numbers of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .nodes import Node


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
