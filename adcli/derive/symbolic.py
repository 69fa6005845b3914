"""The derivative as a formula: the tangent sweep on Nodes, simplified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import LimitError
from ..language import (
    MAX_CHARACTERS,
    MAX_ROWS,
    Node,
    Script,
    constant_node,
    dereference,
    operation_counts,
    postorder,
    script_of,
    simplify,
    to_text,
    variable_node,
)
from ..trace import Trace, as_formula, partials, tangents


def differentiate(root: Node, name: str, *, tidy: bool = True, partial: Callable[..., Any] = as_formula) -> Node:
    """Return the derivative of a formula by a variable.

    The sweep is over the trace, in which equal parts are one row; it leaves out parts without the variable. With `tidy`
    the result is simplified, with equal parts shared. `partial` is that of `adcli.trace.partials`: the one given is for
    people to read.
    """
    trace = Trace([root], [name, *other_variables(root, name)])
    symbols: list[Node] = []
    for slot, op in enumerate(trace.ops):
        node = trace.nodes[slot]
        if op is not None:
            symbols.append(Node(op, tuple(symbols[arg] for arg in trace.args[slot])))
        else:
            symbols.append(variable_node(node.name) if node.value is None else constant_node(node.value, node.name))
    local = partials(trace, symbols, [0], partial)
    tangent = tangents(len(symbols), local, {0: constant_node(1.0)})[trace.outputs[0]]
    if tangent is None:
        return constant_node(0.0)
    found: Node = tangent
    return shared(simplify(found)) if tidy else found


def other_variables(root: Node, name: str) -> list[str]:
    """Return the variables of a formula without the one named, in the order of their first use."""
    leaves = [n.name for n in postorder([root]) if n.op is None and not n.args and n.value is None]
    return [n for n in dict.fromkeys(leaves) if n != name]


def shared(root: Node) -> Node:
    """Return the formula with equal parts as one node."""
    known: dict[object, Node] = {}
    done: dict[Node, Node] = {}
    for node in postorder([root]):
        if node.op is None:
            key: object = (node.name, repr(node.value))
            done[node] = done[node.args[0]] if node.args else known.setdefault(key, node)
        else:
            args = tuple(done[arg] for arg in node.args)
            done[node] = known.setdefault((node.op, args), Node(node.op, args))
    return done[root]


def derivative_script(root: Node, wrt: Sequence[str]) -> Script:
    """Return the derivative of a formula by the variables in turn, as a script.

    The script defines each part that occurs more than once. Raises LimitError for more than MAX_ROWS operations.
    """
    node = shared(simplify(root))
    for name in wrt:
        node = differentiate(node, name)
        if operation_counts(node)[1] > MAX_ROWS:
            raise LimitError(f"the derivative has more than {MAX_ROWS:,} operations")
    return script_of(*with_definitions(node))


def with_definitions(root: Node) -> tuple[Node, dict[str, Node]]:
    """Return the formula with a reference for each part that occurs more than once, and the parts by name."""
    order = postorder([root])
    uses: dict[Node, int] = {}
    for node in order:
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    taken = {node.name for node in order}
    stem = next(s for s in ("t", "s", "u", "w", "t_") if not any(n.rstrip("0123456789") == s for n in taken))
    definitions: dict[str, Node] = {}
    new: dict[Node, Node] = {}
    for node in order:
        new[node] = Node(node.op, tuple(new[arg] for arg in node.args), node.value, node.name)
        if node.args and uses.get(node, 0) > 1:
            name = f"{stem}{len(definitions) + 1}"
            definitions[name] = new[node]
            new[node] = Node(None, (new[node],), None, name)
    return new[root], definitions


def written_out(script: Script) -> str:
    """Return a formula without definitions, on one line; raises LimitError if that is too long."""
    (root,) = script.outputs.values()
    size = operation_counts(root)[0]
    if size > MAX_CHARACTERS // 16:
        raise LimitError(f"the derivative has {size:,} operations when written out", hint="name what repeats: --cse")
    done: dict[Node, Node] = {}
    for node in postorder([root]):
        if node.op is None:
            done[node] = done[dereference(node)] if node.args else node
        else:
            done[node] = Node(node.op, tuple(done[arg] for arg in node.args), node.value, node.name)
    return to_text(done[root])
