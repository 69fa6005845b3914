"""The operations in JavaScript: values and partial derivatives, by the table of operations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from ..language import Node, postorder, simplify, variable_node
from ..ops import Op, Rule

NAMES = "abc"  # of arguments


def missing(ops: Iterable[Op]) -> list[str]:
    """Return the names of those of the operations that cannot be computed in JavaScript."""
    return sorted({op.name for op in ops if _pattern(op) is None or None in _partials(op)})


def functions(ops: Iterable[Op]) -> str:
    """Return an object with, by name, the value of each operation and its partial derivatives, each a function."""
    lines = []
    for op in sorted(set(ops), key=lambda op: op.name):
        names = ", ".join(NAMES[: op.arity])
        partials = ", ".join(f"(y, {names}) => {text}" for text in _partials(op))
        value = (_pattern(op) or "NaN").format(*NAMES)
        lines.append(f"  {op.name}: {{ value: ({names}) => {value}, partials: [{partials}] }},")
    return "\n".join(["{", *lines, "}"])


@cache
def _pattern(op: Op) -> str | None:
    """Return an expression with {0} for the first argument; None for what JavaScript cannot compute."""
    holes = [f"{{{k}}}" for k in range(op.arity)]
    if op.js:
        return op.js
    if names := op.names_in("Math"):
        return f"Math.{names[0]}({', '.join(holes)})"
    return None if op.by is None else _expression(op.by, holes)


def _partials(op: Op) -> list[str | None]:
    """Return the rules of an operation in JavaScript; None for one that takes what JavaScript has not."""
    return [_expression(rule, ("y", *NAMES[: op.arity])) for rule in op.rules]


def _expression(rule: Rule, names: Sequence[str]) -> str | None:
    found = rule(*map(variable_node, names)) if callable(rule) else rule
    if not isinstance(found, Node):
        return _number(found)
    texts: dict[Node, str] = {}
    root = simplify(found)
    for node in postorder([root]):
        if node.op is None:
            texts[node] = node.name if node.value is None else _number(node.value)
        elif (pattern := _pattern(node.op)) is not None:
            texts[node] = pattern.format(*(texts[arg] for arg in node.args))
        else:
            return None
    return texts[root]


def _number(x: float) -> str:
    return f"({float(x)!r})" if math.isfinite(x) else "NaN"
