"""Node: a formula as a graph of operations, variables and constants."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from ..ops import Arithmetic, Exact, Op

MAX_ROWS = 1_000_000  # of a trace, and copies made when functions are expanded


class Node(Arithmetic):
    """An operation on nodes (`op`, `args`), a variable (`name`), or a constant (`value`, with or without a `name`).

    A node with one argument and no `op` is a reference: with a `name` to a definition, without one to the body of a
    function that was called. `start` and `end` are its place in the text; -1 if it is derived. Nodes are compared by
    identity, and do not change after they are read. An operation of the table on nodes gives a node.
    """

    __slots__ = ("args", "end", "name", "op", "start", "value")
    rank = 1
    derivative: ClassVar[Callable[[Node, str], Node]]  # of a formula by a variable; set by the room that calculates it

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
    """Return a node for a constant; its name, if it has one, is its text."""
    return Node(None, (), value if type(value) is Exact else float(value), name, start, end)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause Python's garbage collector: it would search a growing graph again and again, and graphs have no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def dereference(node: Node) -> Node:
    """Return the node that a reference refers to, through any number of references; another node as it is."""
    while node.op is None and node.args:
        node = node.args[0]
    return node


def postorder(roots: Iterable[Node]) -> list[Node]:
    """Return every node of a graph once, arguments before operations, left to right: in evaluation order."""
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
    """Return the number of operations when the formula is written out, and when shared parts are counted once."""
    sizes: dict[Node, int] = {}
    once = 0
    for node in postorder([root]):
        sizes[node] = sum(sizes[arg] for arg in node.args) + (node.op is not None)
        once += node.op is not None
    return sizes[root], once
