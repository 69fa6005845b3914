"""Nodes to text: the language itself, which reads back as the same Nodes, or LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..ops import Op, neg, pow_, where
from .nodes import Node
from .sums import index, loop, prod, sum_

_ATOM, _POWER, _NEG, _SUM, _ANY = 9, 8, 7, 5, 0
_RIGHT = 0.5  # a right operand needs more than its operator's precedence, and no sign in front
_SPACED = {"*", "/", "^", "-"}
Leaf = Callable[[Node], str]


def number_text(x: float) -> str:
    """Return the shortest text that reads back as the same float, without a trailing .0."""
    text = repr(x)
    return text[:-2] if text.endswith(".0") else text


def plain_leaf(node: Node) -> str:
    """Return a variable's name, or a constant's name or number."""
    return node.name or number_text(node.value if node.value is not None else 0.0)


def to_text(node: Node, leaf: Leaf = plain_leaf) -> str:
    """Return the formula in adcli's language; `leaf` gives the text of variables, constants and definitions."""
    return _print(node, leaf, _text_parts)


def excerpt(node: Node, most: int = 60) -> str:
    """Return the formula, or its beginning if it is long; a shared part may stand in it very often."""
    text = _print(node, plain_leaf, _text_parts, most)
    return text if len(text) <= most else text[: most - 10] + "..."


def to_latex(node: Node, leaf: Leaf | None = None) -> str:
    """Return the formula in LaTeX's mathematics."""
    return _print(node, leaf or latex_leaf, _latex_parts)


def latex_leaf(node: Node) -> str:
    """Return a leaf in LaTeX: x_{1} for x1, Greek letters and constants by their commands."""
    if not node.name:
        return latex_number(plain_leaf(node))
    return latex_name(node.name)


def latex_number(text: str) -> str:
    """Return 6.6 \\cdot 10^{-34} for 6.6e-34."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if exponent else text


_WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau"
_WORDS += " upsilon phi chi psi omega"
GREEK_LETTERS = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _WORDS.split(), strict=True))
GREEK_LETTERS |= {letter.upper(): word.capitalize() for letter, word in GREEK_LETTERS.items() if letter != "ς"}
_SPELLED = str.maketrans(GREEK_LETTERS)
# The letters that LaTeX has a command for.
GREEK = frozenset(_WORDS.replace("omicron ", "").split())
GREEK |= {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"}
GREEK |= {"varepsilon", "vartheta", "varpi", "varrho", "varphi"}


def latex_name(name: str) -> str:
    """Return a variable's name in LaTeX."""
    name = name.translate(_SPELLED)
    if name.endswith("]"):
        stem, _, index_ = name[:-1].partition("[")
        return f"{latex_name(stem)}_{{{index_}}}"
    stem = name.rstrip("0123456789").rstrip("_")
    index = name[len(stem) :].lstrip("_")
    if not stem:
        stem, index = name, ""
    first, _, rest = stem.partition("_")
    if not index and rest.isalpha() and (len(first) == 1 or first in GREEK):
        return f"{latex_name(first)}_{{{latex_name(rest)}}}"
    if stem in GREEK:
        stem = "\\" + stem
    elif len(stem) > 1 or stem == "_":
        stem = "\\mathit{" + stem.replace("_", "\\_") + "}"
    return f"{stem}_{{{index}}}" if index else stem


def latex_quantity(name: str) -> str:
    """Return ∂y/∂x1 as \\partial y / \\partial x_{1}, and other names as names."""
    texts = re.split("(∂[0-9]*|/|[*]| )", name)
    spelled = {"/": " / ", "*": r" \cdot ", " ": r"\ "}
    return "".join(
        spelled.get(t) or (r"\partial^{" + t[1:] + "} " if t[:1] == "∂" else latex_name(t)) for t in texts if t
    ).replace("^{}", "")


def aligned(lines: Sequence[str]) -> str:
    """Return lines `name &= formula` as one LaTeX formula of several lines."""
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])


Parts = list["str | tuple[Node, float]"]


def _print(root: Node, leaf: Leaf, parts_of: Callable[[Node, Op], tuple[int, Parts]], most: int | None = None) -> str:
    """Walk the formula with a stack of what is still to be written: texts, and nodes with the precedence they need."""
    done: list[str] = []
    stack: Parts = [(root, _ANY)]
    while stack and (most is None or len(done) <= most):
        item = stack.pop()
        if isinstance(item, str):
            done.append(item)
            continue
        node, needed = item
        while node.op is None and node.args and not node.name:  # what a call became; a definition keeps its name
            node = node.args[0]
        if node.op is None:
            text = leaf(node)
            signed = text.startswith("-") and (needed > _NEG or needed % 1)
            product = "\\cdot" in text and needed > _NEG  # LaTeX's 5e-7
            done.append(f"({text})" if signed or product else text)
            continue
        precedence, parts = parts_of(node, node.op)
        if precedence < needed or (precedence == _NEG and needed % 1):
            parts = ["(", *parts, ")"]
        stack.extend(reversed(parts))
    return "".join(done)


def _operands(node: Node, op: Op) -> tuple[int, list[float]]:
    """Return the precedence of an infix operation and the precedence that each operand needs."""
    assert op.infix
    level = op.infix[1]
    if op.arity == 1:
        (x,) = node.args
        literal = op is neg and x.op is None and not x.name and not x.args
        return level, [_ATOM + 1 if literal else level + _RIGHT if op is neg else level]
    if op is pow_:
        return level, [_ATOM, _NEG]
    return level, [level + _RIGHT if op.condition and not op.selects else level, level + _RIGHT]


def leaf_is(node: Node, *texts: str) -> bool:
    """Tell whether a node is a constant with one of these texts."""
    return node.op is None and node.value is not None and plain_leaf(node) in texts


def _text_parts(node: Node, op: Op) -> tuple[int, Parts]:
    if op is where:
        c, a, b = node.args
        return _ANY, ["if ", (c, _ANY), " then ", (a, _ANY), " else ", (b, _ANY)]
    if op is index:
        return _ATOM, [node.name, "[", (node.args[0], _ANY), "]"]
    if op is loop:
        return _ATOM, [node.name]
    if op in (sum_, prod):
        lo, hi, body = node.args
        return _ATOM, [f"{op.name}({node.name}=", (lo, _ANY), "..", (hi, _ANY), ", ", (body, _ANY), ")"]
    if op.infix is None:
        parts: Parts = [op.name, "("]
        for k, arg in enumerate(node.args):
            parts += [", ", (arg, _ANY)] if k else [(arg, _ANY)]
        return _ATOM, [*parts, ")"]
    level, needed = _operands(node, op)
    symbol = op.infix[0]
    if op.arity == 1:
        x = node.args[0]
        opened: Parts = ["(", (x, _ANY), ")"] if needed[0] > _ATOM else [(x, needed[0])]
        return level, [symbol if symbol in _SPACED else symbol + " ", *opened]
    if symbol not in ("*", "/", "^"):
        symbol = f" {symbol} "
    return level, [(node.args[0], needed[0]), symbol, (node.args[1], needed[1])]


def _latex_parts(node: Node, op: Op) -> tuple[int, Parts]:
    if op is where:
        c, a, b = node.args
        return _ANY, [
            r"\begin{cases} ",
            (a, _ANY),
            r" & ",
            (c, _ANY),
            r" \\ ",
            (b, _ANY),
            r" & \text{otherwise} \end{cases}",
        ]
    if op is index:
        return _ATOM, [latex_name(node.name), "_{", (node.args[0], _ANY), "}"]
    if op is loop:
        return _ATOM, [latex_name(node.name)]
    if op in (sum_, prod):
        (lo, hi, body), name = node.args, latex_name(node.name)
        return _SUM, [rf"\{op.name}_{{{name}=", (lo, _ANY), "}^{", (hi, _ANY), "} ", (body, _SUM + 1)]
    if "%s" not in op.latex:
        parts: Parts = [op.latex or rf"\operatorname{{{op.name}}}", r"\left("]
        for k, arg in enumerate(node.args):
            parts += [", ", (arg, _ANY)] if k else [(arg, _ANY)]
        return _ATOM, [*parts, r"\right)"]
    level, needed = _operands(node, op) if op.infix else (_ATOM, [_ANY] * op.arity)
    texts = op.latex.split("%s")
    if op.infix and texts[0] and texts[-1]:
        level = _POWER  # a fraction holds itself together, but for a power
    if op is pow_ and leaf_is(node.args[0], "e", "10"):
        texts[:2] = ["{", "}^{"]  # looks the same, but is not read as exp(x) or as the end of a number
    parts = [texts[0]]
    for k, arg in enumerate(node.args):
        delimited = texts[k].endswith("{") and texts[k + 1].startswith("}")
        parts += [(arg, _ANY if delimited else min(needed[k], _ATOM)), texts[k + 1]]
    return level, parts
