"""The derivative as a formula: the tangent sweep on Nodes, simplified, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
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
from ..result import Cell, Document, Result, Table
from ..trace import Trace, as_formula, partials, tangents


class Cost(Result):
    """Operations of the derivatives of orders 0 to n by one variable, as formulas and as sweeps.

    `naive`: the rules applied, nothing simplified or shared; `simplified`: as a formula written out; `shared`: with
    repeated parts counted once; `forward`: of a sweep with Taylor series of that order; `reverse`: of an adjoint sweep
    over series of one order less, for all variables at once (0 for order 0).
    """

    wrt: str
    naive: tuple[int, ...]
    simplified: tuple[int, ...]
    shared: tuple[int, ...]
    forward: tuple[int, ...]
    reverse: tuple[int, ...]

    def document(self) -> Document:
        """Return the numbers of operations to print, a row for each order."""
        columns = {
            "naive": self.naive, "simplified": self.simplified, "shared": self.shared, "forward": self.forward,
            "reverse": self.reverse,
        }  # fmt: skip
        headers = ("order", "naive", "simplified", "shared", "forward sweep", "reverse sweep")
        rows: list[tuple[Cell, ...]] = [
            tuple(map(str, (k, *cells))) for k, cells in enumerate(zip(*columns.values(), strict=True))
        ]
        return Document(
            lines=tuple(self.source.lines),
            remarks=(f"operations of the derivatives by {self.wrt}",),
            tables=(Table("", headers, rows),),
            data={"schema": 1, "formula": self.formula, "wrt": self.wrt, **columns},
            source=self.source,
            notes=self.notes,
        )


def differentiate(root: Node, name: str, *, tidy: bool = True) -> Node:
    """Return the derivative of a formula by a variable.

    Works on the trace, where equal parts are one; parts without the variable are not looked at.
    """
    trace = Trace([root], [name, *_others(root, name)])
    symbols: list[Node] = []
    for slot, op in enumerate(trace.ops):
        node = trace.nodes[slot]
        if op is not None:
            symbols.append(Node(op, tuple(symbols[arg] for arg in trace.args[slot])))
        else:
            symbols.append(variable_node(node.name) if node.value is None else constant_node(node.value, node.name))
    local = partials(trace, symbols, [0], as_formula)
    tangent = tangents(len(symbols), local, {0: constant_node(1.0)})[trace.outputs[0]]
    if tangent is None:
        return constant_node(0.0)
    found: Node = tangent
    return shared(simplify(found)) if tidy else found


def _others(root: Node, name: str) -> list[str]:
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

    Parts that occur more than once are definitions in it. Raises LimitError for a result too large.
    """
    node = shared(simplify(root))
    for name in wrt:
        node = differentiate(node, name)
        if operation_counts(node)[1] > MAX_ROWS:
            raise LimitError(f"the derivative has more than {MAX_ROWS:,} operations")
    return script_of(*with_definitions(node))


def with_definitions(root: Node) -> tuple[Node, dict[str, Node]]:
    """Return the formula with references to definitions of what occurs more than once, and these definitions."""
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


def cost(source: Any, root: Node, wrt: str, order: int) -> Cost:
    """Return the sizes of the derivatives of a formula by one variable up to an order."""
    naive = tidy = shared(root)
    sizes: list[tuple[int, int, int]] = []
    for k in range(order + 1):
        if k:
            naive, tidy = differentiate(naive, wrt, tidy=False), differentiate(tidy, wrt)
        if operation_counts(naive)[1] > MAX_ROWS:
            raise LimitError(f"the unsimplified derivative of order {k} has more than {MAX_ROWS:,} shared operations")
        sizes.append((operation_counts(naive)[0], *operation_counts(tidy)))
    trace = Trace([root], [wrt, *_others(root, wrt)])
    rows, edges = len(trace.rows), sum(len(trace.args[row]) for row in trace.rows)
    sweep = tuple(rows * (k + 1) * (k + 2) // 2 for k in range(order + 1))
    back = tuple(edges * k * (k + 1) // 2 for k in range(order + 1))
    first, second, third = zip(*sizes, strict=True)
    return Cost(
        source=source, notes=source.script.notes, wrt=wrt, naive=first, simplified=second, shared=third, forward=sweep,
        reverse=back,
    )  # fmt: skip
