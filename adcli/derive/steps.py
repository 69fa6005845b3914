"""The derivation of a derivative, rule by rule: an equation with one d/dx(...) fewer, or simpler ones, in each line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ..errors import LimitError
from ..language import (
    Node,
    constant_node,
    latex_leaf,
    latex_name,
    operation_counts,
    plain_leaf,
    postorder,
    simplify,
    to_latex,
    to_text,
    variable_node,
)
from ..ops import Op, add, pow_
from ..result import Cell, Column, Document, Result, Table
from ..trace import as_formula, tangents
from .model import Model
from .symbolic import differentiate, shared

MAX_LENGTH = 2**18  # characters, of all lines together
SUM, FACTOR = "sum", "constant factor"


class EquationLine(NamedTuple):
    """A line of the equation: its formula, the rule applied, this rule in letters, and the variable.

    The first line of an equation, d/dx of the whole formula, has no rule.
    """

    formula: str
    rule: str
    law: str
    wrt: str


class Steps(Result):
    """The lines from d/dx(formula) to the derivative, for each of the variables `wrt` in turn."""

    wrt: tuple[str, ...]
    steps: tuple[EquationLine, ...]

    def document(self) -> Document:
        """Return the equation to print, a row for each step."""
        rows: list[tuple[Cell, ...]] = [(s.rule and "=", s.formula, s.rule, s.law) for s in self.steps]
        steps = [s._asdict() for s in self.steps]
        shown = (Column(""), Column("derivative", "math"), Column("rule"), Column("in letters", "math"))
        return Document(
            lines=tuple(self.source.lines),
            tables=(Table("", shown, rows),),
            data={"schema": 1, "formula": self.formula, "wrt": self.wrt, "steps": steps},
            source=self.source,
        )


def derivation_steps(model: Model, root: Node, wrt: Sequence[str], *, latex: bool = False) -> Steps:
    """Return the derivation of a derivative by the variables in turn, in adcli's language or in LaTeX.

    Each step rewrites the leftmost d/dx(...) by the rule of its operation in the table; the last step simplifies.
    Raises LimitError for more than MAX_LENGTH characters.
    """
    steps: list[EquationLine] = []
    node = shared(root)
    for name in wrt:
        derivation = _Derivation(name, latex)
        node = derivation.run(node)
        steps += derivation.steps
    return Steps(source=model, wrt=tuple(wrt), steps=tuple(steps))


def _too_long() -> LimitError:
    what = f"the steps are longer than {MAX_LENGTH:,} characters"
    return LimitError(what, hint="leave out --steps; a long derivative is shorter with --cse")


class _Derivation:
    """The equation for one variable. In its right side, a leaf in `pending` stands for the derivative of a node."""

    def __init__(self, name: str, latex: bool) -> None:
        self.name, self.latex = name, latex
        self.pending: dict[Node, Node] = {}  # leaf to node
        self.leaves: dict[Node, Node] = {}  # node to leaf
        self.active: set[Node] = set()  # nodes with the variable in them
        self.steps: list[EquationLine] = []
        self.length = 0
        self.taught = ""  # an equation in letters: the rule as it is taught, and as it stands in the table

    def run(self, root: Node) -> Node:
        """Write the lines; return the derivative."""
        self.add(self.leaf(root))
        tidy = shared(simplify(root))
        state = self.leaf(tidy)
        self.add(state, "simplified")
        for node in postorder([tidy]):
            moves = [arg in self.active for arg in node.args]
            if (True in moves and node.op and not node.op.condition) or self.is_variable(node):
                self.active.add(node)
        while leaf := next((node for node in postorder([state]) if node in self.pending), None):
            node = self.pending[leaf]
            state = _replaced(state, leaf, self.tangent(node))
            self.add(state, *self.rule(node))
        found = differentiate(tidy, self.name)
        if self.taught:
            self.add(simplify(state), "simplified")
        self.add(found, *(("rearranged", self.taught) if self.taught else ("simplified",)))
        return found

    def add(self, state: Node, rule: str = "", law: str = "") -> None:
        """Write a line; leave out a simplification that changes nothing."""
        text = self.text(state)
        self.length += len(text)
        if self.length > MAX_LENGTH:
            raise _too_long()
        if rule not in ("simplified", "rearranged") or text != self.steps[-1].formula:
            self.steps.append(EquationLine(text, rule, law, self.name))

    def text(self, node: Node) -> str:
        if operation_counts(node)[0] > MAX_LENGTH:
            raise _too_long()
        if not self.latex:
            return to_text(node, plain_leaf)
        return to_latex(node, lambda x: x.name if x in self.pending or x.name[-1:] == "'" else latex_leaf(x))

    def is_variable(self, node: Node) -> bool:
        return node.op is None and node.name == self.name and node.value is None

    def leaf(self, node: Node) -> Node:
        """Return a leaf that stands for the derivative of a node."""
        if node not in self.leaves:
            by = rf"\frac{{\partial}}{{\partial {latex_name(self.name)}}}\left(%s\right)"
            text = (by if self.latex else f"d/d{self.name}(%s)").replace("%s", self.text(node))
            self.leaves[node] = variable_node(text)
            self.pending[self.leaves[node]] = node
        return self.leaves[node]

    def tangent(self, node: Node) -> Node:
        """Return the derivative of a node by its rule, with the derivatives of its arguments pending.

        One step differentiates a sum of several terms, or a product of several constant factors.
        """
        found: dict[Node, Node] = {}
        stack = [node]
        while stack:
            part = stack.pop()
            if not self.moving(part):
                found[part] = constant_node(float(self.is_variable(part)))
            elif part is not node and not (self.kind(part) == self.kind(node) != ""):
                found[part] = self.leaf(part)
            elif missing := [part.args[k] for k in self.moving(part) if part.args[k] not in found]:
                stack += [part, *missing]
            else:
                assert part.op is not None
                found[part] = _chained(part.op, part.args, {k: found[part.args[k]] for k in self.moving(part)})
        return simplify(found[node])

    def moving(self, node: Node) -> list[int]:
        """Return the positions of the arguments that depend on the variable."""
        return [k for k, arg in enumerate(node.args) if arg in self.active] if node in self.active else []

    def rule(self, node: Node) -> tuple[str, str]:
        """Return the name of the rule for a node, and the rule in letters."""
        op, moving = node.op, self.moving(node)
        if op is None or not moving:
            return ("variable", f"{self.text(node)}' = 1") if self.is_variable(node) else ("constant", "c' = 0")
        if any(self.kind(node.args[k]) == self.kind(node) == SUM for k in moving):  # several terms: the rule of two
            op, moving = add, [0, 1]
        direct = not _is_arithmetic(op) and all(self.is_variable(node.args[k]) for k in moving)
        free, fixed = (iter([c for c in letters if c != self.name]) for letters in ("abuvw", "ckmnp"))
        args = [variable_node(next(free) if k in moving else next(fixed)) for k in range(op.arity)]
        if direct:
            args = [variable_node(self.name) if k in moving else arg for k, arg in enumerate(args)]
        by = {k: constant_node(1.0) if direct else variable_node(f"{args[k].name}'") for k in moving}
        right = self.text(simplify(_chained(op, args, by)))
        if op.taught and (ruled := self.text(simplify(_ruled(op, args, by)))) != right:
            self.taught = self.taught or f"{right} = {ruled}"
        opened = (r"\left(%s\right)" if self.latex else "(%s)") if op.infix or op.selects else "%s"
        left = opened.replace("%s", self.text(Node(op, tuple(args))))
        title = op.doc.partition(":")[0] if op.infix else op.name
        if not (direct or _is_arithmetic(op) or op.selects):
            title = f"chain, {title}"
        return self.kind(node) if self.kind(node) == FACTOR else title, f"{left}' = {right}"

    def kind(self, node: Node) -> str:
        """Return SUM or FACTOR for a linear operation of its moving arguments; "" for any other node."""
        op = node.op
        if op is None or not _is_arithmetic(op):
            return ""
        if op.linear:
            return SUM
        moving = self.moving(node)
        return FACTOR if len(moving) == 1 and _is_multiple(op, moving[0]) else ""


def _chained(op: Op, args: Sequence[Node], by: dict[int, Node]) -> Node:
    """Return the derivative of an operation by the rule as it is taught, or else as it stands in the table.

    `by` holds the derivatives of the arguments that depend on the variable.
    """
    if op.taught and not all(_is_multiple(op, k) for k in by):
        found: Node = op.taught(*args, *(by.get(k, constant_node(0.0)) for k in range(op.arity)))
        return found
    return _ruled(op, args, by)


def _ruled(op: Op, args: Sequence[Node], by: dict[int, Node]) -> Node:
    """Return the sum over k in `by` of by[k] * (partial derivative of the operation by argument k)."""
    partials = [(op.arity, k, as_formula(op, k, Node(op, tuple(args)), *args)) for k in by]
    tangent: Node = tangents(op.arity + 1, partials, by)[-1]
    return tangent


def _is_arithmetic(op: Op) -> bool:
    return op.infix is not None and op is not pow_


@cache
def _is_multiple(op: Op, k: int) -> bool:
    """Tell whether the partial derivative by argument k does not depend on that argument."""
    args = [variable_node("a"), variable_node("b")]
    return args[k] not in postorder([as_formula(op, k, Node(op, tuple(args)), *args)])


def _replaced(root: Node, old: Node, new: Node) -> Node:
    """Return the formula with one node in the place of another."""
    done: dict[Node, Node] = {old: new}
    for node in postorder([root]):
        if node not in done:
            args = tuple(done[arg] for arg in node.args)
            done[node] = node if args == node.args else Node(node.op, args, node.value, node.name)
    return done[root]
