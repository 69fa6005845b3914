"""Node: a number that remembers how it was computed; the syntax tree, and any formula derived from it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ..ops import Arithmetic, Exact, Op

MAX_ROWS = 1_000_000  # of a trace, and copies made when functions are expanded


class Node(Arithmetic):
    """An operation on nodes (`op`, `args`), a variable (`name`), or a constant (`value`, perhaps with a `name`).

    A node without `op` but with an argument refers to it: by `name` to a definition, or without to what a
    function call became. `start` and `end` are where it stands in the text it was read from; -1 if derived. Nodes are
    compared by identity and never changed after they are read.
    """

    __slots__ = ("args", "end", "name", "op", "start", "value")
    rank = 1

    def __init__(
        self,
        op: Op | None,
        args: tuple[Node, ...] = (),
        value: float | None = None,
        name: str = "",
        start: int = -1,
        end: int = -1,
    ) -> None:
        self.op, self.args, self.value, self.name = op, args, value, name
        self.start, self.end = start, end

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Node:
        return Node(op, tuple(x if isinstance(x, Node) else constant_node(x) for x in args))

    def __repr__(self) -> str:
        return f"<Node {self.op.name if self.op else self.name or self.value}>"


def variable_node(name: str, start: int = -1, end: int = -1) -> Node:
    """Return a node for a variable."""
    return Node(None, (), None, name, start, end)


def constant_node(value: float, name: str = "", start: int = -1, end: int = -1) -> Node:
    """Return a node for a constant, written by its name if it has one."""
    return Node(None, (), value if type(value) is Exact else float(value), name, start, end)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Build a large graph without Python's garbage collector looking through it again and again: it holds no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def dereference(node: Node) -> Node:
    """Return the node that a reference, or a reference to one, refers to."""
    while node.op is None and node.args:
        node = node.args[0]
    return node


def postorder(roots: Iterable[Node]) -> list[Node]:
    """Return every node below the roots once, arguments before what uses them, left to right (evaluation order)."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | tuple[Node]] = [*roots]
    stack.reverse()
    while stack:
        node = stack.pop()
        if type(node) is tuple:  # its arguments are done
            order.append(node[0])
        elif node not in seen:
            seen.add(node)  # type: ignore[arg-type]
            if node.args:  # type: ignore[union-attr]
                stack.append((node,))  # type: ignore[arg-type]
                stack.extend(reversed(node.args))  # type: ignore[union-attr]
            else:
                order.append(node)  # type: ignore[arg-type]
    return order


def operation_counts(root: Node) -> tuple[int, int]:
    """Return the number of operations written out, and with shared parts counted once."""
    sizes: dict[Node, int] = {}
    once = 0
    for node in postorder([root]):
        sizes[node] = sum(sizes[arg] for arg in node.args) + (node.op is not None)
        once += node.op is not None
    return sizes[root], once
