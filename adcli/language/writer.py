"""Nodes to text in adcli's language, which reads back as the same Nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..ops import Op, neg, pow_, where
from .nodes import Node, dereference
from .sums import index, loop, prod, sum_

ATOM, POWER, NEG, SUM, ANY = 9, 8, 7, 5, 0  # precedences of the grammar; ANY needs no parentheses
_RIGHT = 0.5  # a right operand needs more than its operator's precedence, and no sign in front
_TIGHT = {"*", "/", "^"}  # no blanks around these
Leaf = Callable[[Node], str]
END = -1  # instead of a precedence: here ends the text of the node
Parts = list["str | tuple[Node, float]"]  # texts, and operands with the precedence that they need
Places = dict[Node, tuple[int, int]]


def number_text(x: float) -> str:
    """Return the shortest text that reads back as the same float, without a trailing .0."""
    return repr(x).removesuffix(".0")


def plain_leaf(node: Node) -> str:
    """Return a variable's name, or a constant's name or number."""
    return node.name or number_text(node.value if node.value is not None else 0.0)


def to_text(node: Node, leaf: Leaf = plain_leaf, places: Places | None = None) -> str:
    """Return the formula in adcli's language; `leaf` gives the text of variables, constants and definitions.

    `places` is filled with the start and the end of the first text of each node.
    """
    return written(node, leaf, _text_parts, places=places)


def excerpt(node: Node, most: int = 60) -> str:
    """Return the formula, or its beginning if it is long; a shared part may stand in it very often."""
    text = written(node, plain_leaf, _text_parts, most)
    return text if len(text) <= most else text[: most - 10] + "..."


def equation(node: Node, value: Any) -> str:
    """Return `x1 = 3`, or `x1 - 5 = -2` for an operation, or a constant's number alone."""
    text, number = excerpt(dereference(node)), number_text(value)
    return number if text == number else f"{text} = {number}"


def written(
    root: Node,
    leaf: Leaf,
    parts_of: Callable[[Node, Op], tuple[int, Parts]],
    most: int | None = None,
    places: Places | None = None,
) -> str:
    """Return a formula as text; `parts_of` gives the precedence and the parts of an operation.

    A stack holds the parts still to be written, so depth has no limit. With `most`, stop after so many texts.
    """
    done: list[str] = []
    length = 0  # of the text so far
    stack: Parts = [(root, ANY)]
    while stack and (most is None or len(done) <= most):
        item = stack.pop()
        if isinstance(item, str):
            done.append(item)
            length += len(item)
            continue
        node, needed = item
        if needed == END and places is not None:
            start, end = places[node]
            places[node] = start, end or length
            continue
        while node.op is None and node.args and not node.name:  # what a call became; a definition keeps its name
            node = node.args[0]
        if node.op is None:
            text = leaf(node)
            signed = text.startswith("-") and (needed > NEG or needed % 1)
            product = "\\cdot" in text and needed > NEG  # LaTeX's 5e-7
            parts: Parts = [text]
            enclosed = bool(signed or product)
        else:
            precedence, parts = parts_of(node, node.op)
            enclosed = precedence < needed or (precedence == NEG and needed % 1 > 0)
        if enclosed:
            parts = ["(", *parts, ")"]
        if places is not None:
            places.setdefault(node, (length, 0))
            parts = [*parts, (node, END)]
        stack.extend(reversed(parts))
    return "".join(done)


def operands(node: Node, op: Op) -> tuple[int, list[float]]:
    """Return the precedence of an infix operation and the precedence that each operand needs."""
    assert op.infix
    level = op.infix[1]
    if op.arity == 1:
        (x,) = node.args
        literal = op is neg and x.op is None and not x.name and not x.args
        return level, [ATOM + 1 if literal else level + _RIGHT if op is neg else level]
    if op is pow_:
        return level, [ATOM, NEG]
    return level, [level + _RIGHT if op.condition and not op.selects else level, level + _RIGHT]


def listed(args: Sequence[Node]) -> Parts:
    """Return the parts of arguments with commas between."""
    parts: Parts = []
    for arg in args:
        parts += [", ", (arg, ANY)]
    return parts[1:]


def _text_parts(node: Node, op: Op) -> tuple[int, Parts]:
    if op is where:
        c, a, b = node.args
        return ANY, ["if ", (c, ANY), " then ", (a, ANY), " else ", (b, ANY)]
    if op is index:
        return ATOM, [node.name, "[", (node.args[0], ANY), "]"]
    if op is loop:
        return ATOM, [node.name]
    if op in (sum_, prod):
        lo, hi, body = node.args
        return ATOM, [f"{op.name}({node.name}=", (lo, ANY), "..", (hi, ANY), ", ", (body, ANY), ")"]
    if op.infix is None:
        return ATOM, [op.name, "(", *listed(node.args), ")"]
    level, needed = operands(node, op)
    symbol = op.infix[0]
    if op.arity == 1:
        x = node.args[0]
        opened: Parts = ["(", (x, ANY), ")"] if needed[0] > ATOM else [(x, needed[0])]
        return level, [symbol if symbol == "-" else symbol + " ", *opened]
    if symbol not in _TIGHT:
        symbol = f" {symbol} "
    return level, [(node.args[0], needed[0]), symbol, (node.args[1], needed[1])]
