"""The syntax tree of a script as text or plain data."""

from __future__ import annotations

from typing import Any

from ..errors import LimitError
from .nodes import Node, postorder
from .script import Script
from .writer import plain_leaf

MAX_DEPTH = 200  # of a drawn tree
MAX_DRAWN = 10_000  # nodes of a drawn tree


def tree_text(script: Script, unicode: bool = True) -> str:
    """Return the trees of the definitions and the outputs, one node a line.

    Raises LimitError for a tree that is too deep or too large to read.
    """
    bar, tee, corner = ("│  ", "├─ ", "└─ ") if unicode else ("|  ", "|- ", "`- ")
    lines: list[str] = []
    for name, root in {**script.definitions, **script.outputs}.items():
        stack = [(root, f"{name} = ", "", 0)]
        while stack:
            node, branch, indent, depth = stack.pop()
            if depth > MAX_DEPTH or len(lines) > MAX_DRAWN:
                limit = f"{MAX_DEPTH} deep" if depth > MAX_DEPTH else f"of {MAX_DRAWN:,} nodes"
                raise LimitError(
                    f"the tree is more than {limit}: too large to draw", hint="write it with --format json"
                )
            while node.op is None and node.args and not node.name:
                node = node.args[0]
            lines.append(indent + branch + label(node))
            inner = indent if not depth else indent + (bar if branch == tee else "   ")
            children = node.args if node.op is not None else ()
            for k, child in reversed(list(enumerate(children))):
                stack.append((child, corner if k == len(children) - 1 else tee, inner, depth + 1))
    return "\n".join(lines)


def label(node: Node) -> str:
    """Return the text of a node without its arguments."""
    if node.op is None:
        return plain_leaf(node)
    return "- (sign)" if node.op.name == "neg" else node.op.symbol


def tree_data(script: Script) -> dict[str, Any]:
    """Return the tree for JSON: nodes by number, arguments first, with their places in the text."""
    roots = {**script.definitions, **script.outputs}
    order = postorder(roots.values())
    number = {node: k for k, node in enumerate(order)}
    nodes = []
    for k, node in enumerate(order):
        data: dict[str, Any] = {"id": k}
        if node.op is not None:
            data |= {"kind": "operation", "op": node.op.name}
        elif node.args:
            data |= {"kind": "definition", "name": node.name} if node.name else {"kind": "call"}
        elif node.value is None:
            data |= {"kind": "variable", "name": node.name}
        else:
            data |= {"kind": "constant", "value": node.value} | ({"name": node.name} if node.name else {})
        if node.args:
            data["args"] = [number[arg] for arg in node.args]
        nodes.append({**data, "span": [node.start, node.end]})
    return {
        "variables": list(script.variables),
        "definitions": {name: number[node] for name, node in script.definitions.items()},
        "outputs": {name: number[node] for name, node in script.outputs.items()},
        "nodes": nodes,
    }
