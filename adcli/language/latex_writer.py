"""Nodes to LaTeX, which reads back as the same function."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..ops import Op, pow_, where
from .nodes import Node
from .sums import index, loop, prod, sum_
from .writer import ANY, ATOM, POWER, SUM, Leaf, Parts, listed, operands, plain_leaf, written

_WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau"
_WORDS += " upsilon phi chi psi omega"
GREEK_LETTERS: dict[str, str] = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _WORDS.split(), strict=True))
GREEK_LETTERS |= {letter.upper(): word.capitalize() for letter, word in GREEK_LETTERS.items() if letter != "ς"}
_SPELLED = str.maketrans(GREEK_LETTERS)
_CAPITALS = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"  # the others look like Latin ones
_VARIANTS = "varepsilon vartheta varpi varrho varphi"
GREEK_COMMANDS: frozenset[str] = frozenset(f"{_WORDS} {_CAPITALS} {_VARIANTS}".split()) - {"omicron"}


def latex_leaf(node: Node) -> str:
    """Return a leaf in LaTeX: x_{1} for x1, Greek letters and constants by their commands."""
    return latex_name(node.name) if node.name else latex_number(plain_leaf(node))


def to_latex(node: Node, leaf: Leaf = latex_leaf) -> str:
    """Return the formula in LaTeX; `leaf` gives the text of variables, constants and definitions."""
    return written(node, leaf, _latex_parts)


def latex_number(text: str) -> str:
    r"""Return 6.6 \cdot 10^{-34} for 6.6e-34."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if exponent else text


def latex_name(name: str) -> str:
    r"""Return a variable's name in LaTeX: x_{1} for x1 and x[1], \alpha, v_{max} for v_max, \mathit{rate}."""
    name = name.translate(_SPELLED)
    if name.endswith("]"):
        array, _, element = name[:-1].partition("[")
        return f"{latex_name(array)}_{{{element}}}"
    stem = name.rstrip("0123456789").rstrip("_")
    subscript = name[len(stem) :].lstrip("_")
    if not stem:
        stem, subscript = name, ""
    first, _, rest = stem.partition("_")
    if not subscript and rest.isalpha() and (len(first) == 1 or first in GREEK_COMMANDS):
        return f"{latex_name(first)}_{{{latex_name(rest)}}}"
    if stem in GREEK_COMMANDS:
        stem = "\\" + stem
    elif len(stem) > 1 or stem == "_":
        stem = "\\mathit{" + stem.replace("_", "\\_") + "}"
    return f"{stem}_{{{subscript}}}" if subscript else stem


def latex_quantity(name: str) -> str:
    r"""Return \partial y / \partial x_{1} for ∂y/∂x1; other names by `latex_name`."""
    texts = re.split("(∂[0-9]*|/|[*]| )", name)
    spelled = {"/": " / ", "*": r" \cdot ", " ": r"\ "}
    return "".join(
        spelled.get(t) or (r"\partial^{" + t[1:] + "} " if t[:1] == "∂" else latex_name(t)) for t in texts if t
    ).replace("^{}", "")


def latex_aligned(lines: Sequence[str]) -> str:
    """Return lines `name &= formula` as one LaTeX formula."""
    return "\n".join([r"\begin{aligned}", " \\\\\n".join(lines), r"\end{aligned}"])


def _is_constant(node: Node, *texts: str) -> bool:
    """Tell whether a node is a constant with one of these texts."""
    return node.op is None and node.value is not None and plain_leaf(node) in texts


def _latex_parts(node: Node, op: Op) -> tuple[int, Parts]:
    if op is where:
        c, a, b = node.args
        rows: Parts = [(a, ANY), " & ", (c, ANY), r" \\ ", (b, ANY), r" & \text{otherwise}"]
        return ANY, [r"\begin{cases} ", *rows, r" \end{cases}"]
    if op is index:
        return ATOM, [latex_name(node.name), "_{", (node.args[0], ANY), "}"]
    if op is loop:
        return ATOM, [latex_name(node.name)]
    if op in (sum_, prod):
        (lo, hi, body), name = node.args, latex_name(node.name)
        return SUM, [rf"\{op.name}_{{{name}=", (lo, ANY), "}^{", (hi, ANY), "} ", (body, SUM + 1)]
    if "%s" not in op.latex:
        return ATOM, [op.latex or rf"\operatorname{{{op.name}}}", r"\left(", *listed(node.args), r"\right)"]
    level, needed = operands(node, op) if op.infix else (ATOM, [ANY] * op.arity)
    texts = op.latex.split("%s")
    if op.infix and texts[0] and texts[-1]:
        level = POWER  # a fraction holds itself together, but for a power
    if op is pow_ and _is_constant(node.args[0], "e", "10"):
        texts[:2] = ["{", "}^{"]  # looks the same, but is not read as exp(x) or as the end of a number
    parts: Parts = [texts[0]]
    for k, arg in enumerate(node.args):
        delimited = texts[k].endswith("{") and texts[k + 1].startswith("}")
        parts += [(arg, ANY if delimited else min(needed[k], ATOM)), texts[k + 1]]
    return level, parts
