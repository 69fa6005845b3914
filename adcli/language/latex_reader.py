"""Formulas as they stand in papers, in LaTeX, to the same Nodes; a note where a reading was a choice."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

import lark

from .. import ops
from ..errors import LimitError, Place
from . import sums
from .grammar import parser
from .latex_mistakes import COMMANDS, explain
from .latex_words import Words, unwrapped
from .nodes import Node, constant_node, dereference, operation_counts, postorder, variable_node
from .reader import Reader, is_bare, outer_factor, read
from .script import Script
from .writer import excerpt

_ENCLOSED = {"LBAR": ops.abs_, "LFLOOR": ops.floor, "LCEIL": ops.ceil}

_DIFFERENTIAL = re.compile(  # dx, d\theta, dx_1, dx^2
    r"[{ ]*d *(?:[a-zA-Z]|\\[a-zA-Z]+)(?:_\w|_\{\w+\})?(?:\^(?:\d|\{ *\d+ *\}))?[} ]*"
)
_INDEX = re.compile(r"\{ *[(\[] *(?:\d{1,9}|[a-zA-Z]) *[)\]] *\}")  # as in W^{(2)}
_FUNCTIONS = ("f", "g", "h", "sigma", "delta", "phi", "varphi", "psi", "Phi", "Psi", "zeta", "Theta")  # in papers
_LARGEST_DERIVATIVE = 10_000  # operations
_DERIVATIVE_OR_QUOTIENT = COMMANDS["partial"] + r"; a quotient with a factor d is \frac{d \cdot y}{d \cdot x}"


def parse_latex(text: str, source: str = "", variables: Collection[str] = ()) -> Script:
    r"""Read a formula, or lines of `name = formula` divided by \\, of which those that no later one uses are results.

    `variables` are names of constants that are variables here. Raises FormulaError with the place of what cannot be
    read, LimitError if the text is too large.
    """
    return read(_parser, unwrapped, explain, text, source, variables)


def _leading(node: Node) -> str:
    """Return the name that a product begins with, with or without a power; "" for a sum or a quotient."""
    while node.op in (ops.mul, ops.pow_):
        node = node.args[0]
    return node.name if node.op is None else ""


def _is_of_letters(divisor: Node) -> bool:
    """Tell whether a divisor is a product of names side by side, such as T k_B: all of it is divided by, in papers."""
    factors, todo = [], [divisor]
    while todo:
        node = todo.pop()
        if node.op in (ops.mul, ops.pow_) and is_bare(node):
            todo += node.args if node.op is ops.mul else node.args[:1]
        else:
            factors.append(node)
    return len(factors) > 1 and all(n.op is None and n.name and not n.args for n in factors)


@cache
def _parser() -> tuple[lark.Lark, LatexReader]:
    reader = LatexReader()
    return parser("latex", reader, reader.words), reader


class _OpenCall(NamedTuple):
    """A function that waits for its arguments, with the base and the power between."""

    token: lark.Token
    base: Node | None
    power: Node | None


class LatexReader(Reader):
    """The actions of LaTeX's grammar where they are not those of the language."""

    choice_hint = r"write: \begin{cases} 1 & x < 0 \\ 0 & \text{otherwise} \end{cases}"

    def __init__(self) -> None:
        self.words = Words()
        super().__init__()

    def begin(self, text: str, source: str, variables: Collection[str] = ()) -> None:
        super().begin(text, source, variables)
        self.words.begin(text, source)
        self.titles: list[str] = []
        self.unbracketed: set[Node] = set()  # ends in a function that takes what follows it, without parentheses

    def script(self) -> Script:
        made = super().script()
        return made._replace(notes=(*self.words.notes, *made.notes), syntax="latex")

    def output_names(self) -> list[str]:
        return self.titles or super().output_names()

    def note(self, node: Node, end: int = 0, hint: str = r"for another reading, write \left( ... \right)") -> Node:
        """Note that the text of a node could be read otherwise."""
        end = end or node.end
        self.words.note(f"{self.text[node.start : end][:60].strip()} is read as {excerpt(node)}", node.start, end, hint)
        return node

    # -- statements --------------------------------------------------------------------------------------------------

    def HEAD(self, token: lark.Token) -> lark.Token:
        self.begin_definition(token)
        return token

    def TITLE(self, token: lark.Token) -> lark.Token:
        """Begin a result that has a name; what is in parentheses after it are variables in their order."""
        self.begin_definition(token)
        if self.defining in self.titles:
            self.fail(f"{self.defining} is defined twice", token.start_pos or 0, token.end_pos or 0, "use another name")
        for name in self.parameters:
            self.variables.setdefault(name, variable_node(name, token.start_pos or 0, token.end_pos or 0))
        self.parameters = {}
        self.titles.append(self.defining)
        return token

    def result(self, c: list[Any]) -> None:
        if self.titles:
            self.refuse_nameless(c[0])
        super().result(c)

    def titled(self, c: list[Any]) -> None:
        if len(self.roots) == len(self.titles):  # one without a title
            self.refuse_nameless(self.roots[0])
        self.refuse_recursion()
        self.roots.append(c[1])
        self.is_vector = len(self.roots) > 1

    def NAME(self, token: lark.Token) -> Node:
        if self.words.by:
            self.shadowing = {*self.shadowing, *self.words.by}
        node = super().NAME(token)
        if node.name == "tau" and node.value is not None:
            hint = "with --at tau=... it is a variable"
            self.words.note(f"{self.text_of(node)} is read as the constant 2*pi", node.start, node.end, hint)
        return node

    # -- arithmetic --------------------------------------------------------------------------------------------------

    def multiplied(self, c: list[Any]) -> Node:
        return self.after_function(c[0], super().multiplied(c))

    def divided(self, c: list[Any]) -> Node:
        a, b = c[0], c[2]
        if _is_of_letters(b) or re.fullmatch(r"2 *\\pi", self.text_of(b)):
            node = self.build(ops.div, (a, b), a.start, b.end)
            return self.note(node, hint=rf"for the other reading, write \frac{{{self.text_of(a)}}}{{...}} ...")
        if (b.op is ops.mul and is_bare(b)) or self.has_exponent(b):
            hint = rf"write \frac{{{self.text_of(a)}}}{{{self.text_of(b)}}}, or put parentheses"
            self.fail("a quotient followed by a product is ambiguous", a.start, b.end, hint)
        return self.after_function(a, super().divided(c))

    def remainder(self, c: list[Any]) -> Node:
        return self.after_function(c[0], self.build(ops.mod, (c[0], c[2]), c[0].start, c[2].end))

    def minus(self, c: list[Any]) -> Node:
        node = super().minus(c)
        if c[1] in self.unbracketed:
            self.unbracketed.add(node)
        return node

    def after_function(self, a: Node, node: Node) -> Node:
        r"""Note that \sin x / 2 is sin(x)/2."""
        return self.note(node) if a in self.unbracketed else node

    def raised(self, c: list[Any]) -> Node:
        base, exponent = c[0], c[2]
        if base.name == "e" and base.value is not None and self.text[base.start] != "{":
            return self.build(ops.exp, (exponent,), base.start, exponent.end)
        if self.has_exponent(base):
            self.fail("a power of a power is ambiguous", base.start, exponent.end, "put the number in parentheses")
        if base.name and _INDEX.fullmatch(self.text, exponent.start, exponent.end):
            index = self.text[exponent.start : exponent.end].strip("{}[]() ")
            hint = f"write ^{{{index}}} for the power; a name may have a subscript: _{{{index}}}"
            self.fail("a superscript in brackets is an index in papers", base.start, exponent.end, hint)
        return super().raised(c)

    def has_exponent(self, node: Node) -> bool:
        r"""Tell whether a node is a number such as 6.6 \cdot 10^{-34}, not in parentheses."""
        typed = self.text[node.start : min(node.end, node.start + 400)]
        return node.op is None and node.value is not None and typed[0] in ".0123456789" and "^" in typed

    def implicit(self, c: list[Any]) -> Node:
        """Multiply what stands side by side."""
        a, b = c
        if self.text[b.start] in ".0123456789" and self.text[a.end - 1] != "!":
            hint = rf"write \cdot {self.text_of(b)} to multiply, ^{{...}} for a power, _{{...}} for an index"
            self.fail("a number after a factor is ambiguous", a.start, b.end, hint)
        node = self.build(ops.mul, (a, b), a.start, b.end)
        last = outer_factor(a, 1)
        is_variable = last.op is None and last.value is None and not last.args
        if is_variable and self.text[b.start] == "(" and (b.op is None or last.name in _FUNCTIONS):
            product = Node(ops.mul, (last, b), None, "", last.start, b.end)
            self.note(product, hint=rf"a function is defined before: {last.name}(u) = ... \\")
        if b in self.unbracketed:
            self.unbracketed.add(node)
        return node

    def fraction(self, c: list[Any]) -> Node:
        token, a, b = c
        if b.end - b.start < 60 and _DIFFERENTIAL.fullmatch(self.text, b.start, b.end) and _leading(a) == "d":
            self.fail("this looks like a derivative", token.start_pos, b.end, _DERIVATIVE_OR_QUOTIENT)
        if token.endswith("binom"):
            return self.binomial(a, b, token.start_pos)
        return self.build(ops.div, (a, b), token.start_pos, b.end)

    def plus_one(self, n: Node) -> Node:
        """Return n + 1, at the place of n."""
        return self.build(ops.add, (n, constant_node(1.0, "", n.start, n.end)), n.start, n.end)

    def factorial(self, c: list[Any]) -> Node:
        """Return n! as gamma(n + 1)."""
        return self.build(ops.gamma, (self.plus_one(c[0]),), c[0].start, c[1].end_pos)

    def binomial(self, n: Node, k: Node, start: int) -> Node:
        r"""Return \binom{n}{k} by three gamma functions."""
        rest = self.build(ops.sub, (self.plus_one(n), k), start, k.end)
        over, *under = [self.build(ops.gamma, (x,), start, k.end) for x in (self.plus_one(n), self.plus_one(k), rest)]
        product = self.build(ops.mul, (under[0], under[1]), start, k.end)
        return self.build(ops.div, (over, product), start, k.end)

    def percent(self, c: list[Any]) -> Node:
        r"""Return 5\% as 5/100."""
        hundred = constant_node(100.0, "", c[1].start_pos, c[1].end_pos)
        return self.build(ops.div, (c[0], hundred), c[0].start, c[1].end_pos)

    def root(self, c: list[Any]) -> Node:
        token, x = c[0], c[-1]
        if len(c) == 2:
            return self.build(ops.sqrt, (x,), token.start_pos, x.end)
        degree = c[2]
        if dereference(degree).value == 3:
            return self.build(ops.cbrt, (x,), token.start_pos, x.end)
        one = constant_node(1.0, "", degree.start, degree.end)
        power = self.build(ops.div, (one, degree), degree.start, degree.end)
        return self.build(ops.pow_, (x, power), token.start_pos, x.end)

    def enclosed(self, c: list[Any]) -> Node:
        return self.build(_ENCLOSED[c[0].type], (c[1],), c[0].start_pos, c[2].end_pos)

    # -- functions ---------------------------------------------------------------------------------------------------

    def function(self, c: list[Any]) -> _OpenCall:
        """Return a function that waits for its arguments."""
        scripts = {c[k].type: c[k + 1] for k in range(1, len(c), 2)}
        return _OpenCall(c[0], scripts.get("UNDER"), scripts.get("POWER"))

    def call(self, c: list[Any]) -> Node:
        return self.applied(c[0], tuple(c[2:-1:2]), c[-1].end_pos)

    def nested(self, c: list[Any]) -> Node:
        return self.applied(c[0], (c[1],), c[1].end)

    def prefix(self, c: list[Any]) -> Node:
        r"""Apply a function to the factors after it: \ln x_1 x_2 is ln(x1*x2)."""
        function, x = c
        node = self.applied(function, (x,), x.end)
        self.unbracketed.add(node)
        factors, todo = 0, [x]
        while todo:
            factor = todo.pop()
            if factor.op is ops.mul and is_bare(factor):
                todo += factor.args
            else:
                factors += factor.value is None
        return self.note(node) if factors > 1 else node

    def applied(self, f: _OpenCall, args: tuple[Node, ...], end: int) -> Node:
        """Return the function of the arguments, to the power that stands between."""
        token, name, power = f.token, str(f.token), f.power
        start, name_end = token.start_pos or 0, token.end_pos or 0
        typed, inverse = self.text[start:name_end], power is not None and dereference(power).value == -1
        if inverse and f"a{name}" in ops.BY_NAME:
            node = self.apply(f"a{name}", args, start, name_end, end)
            return self.note(node, hint=rf"for the reciprocal, write \frac{{1}}{{{typed} ...}}")
        if inverse and power is not None:
            hint = rf"for the reciprocal, write \frac{{1}}{{{typed} ...}}"
            self.fail(f"{typed}^{{-1}} is ambiguous", start, power.end, hint)
        node = self.apply(name, (*args, f.base) if f.base is not None else args, start, name_end, end)
        if typed == r"\log" and len(node.args) == 1:
            self.note(node, name_end, hint=r"for another base, write \log_{10}")
        return node if power is None else self.build(ops.pow_, (node, power), start, end)

    def derivative(self, c: list[Any]) -> Node:
        r"""Return the derivative, as a formula, of all factors after \frac{d}{dx}."""
        token, body = c
        start, names, node = token.start_pos, token.split(), body
        self.check_conditions(ops.neg, (body,))
        if repeat := next(
            (n for n in reversed(postorder([body])) if n.op in (sums.sum_, sums.prod, sums.index, sums.loop)), None
        ):
            self.fail(
                "a derivative of a sum or an index cannot be calculated", repeat.start, repeat.end, "write its terms"
            )
        if defined := next((name for name in names if name in self.definitions), None):
            self.fail(f"{defined} is defined here, not a variable", start, token.end_pos, "use another name")
        after = []  # factors after the first
        while node.op in (ops.mul, ops.div) and is_bare(node):
            after.append(node.args[1])
            node = node.args[0]
        if self.text[node.start] in "([" and any(n.name in names for n in postorder(after)):
            hint = r"write \left( ... \right) around all of it, or the other factors first"
            self.fail("how far this derivative reaches is ambiguous", start, body.end, hint)
        what = f"{self.text[start : token.end_pos]} is read as the derivative of {excerpt(body)} by {', '.join(names)}"
        self.words.note(what, start, body.end, r"for another reach, write \left( ... \right) after it")
        found = body
        for name in names:
            found = Node.derivative(found, name)
            if operation_counts(found)[1] > _LARGEST_DERIVATIVE:
                what = f"this derivative has more than {_LARGEST_DERIVATIVE:,} operations"
                raise LimitError(what, Place(self.text, start, body.end, self.source), "give the formula to adcli diff")
        for leaf in postorder([found]):
            if leaf.op is None and leaf.value is None and leaf.name in self.parameters:
                self.parameter_nodes[leaf] = self.parameters[leaf.name]
        return Node(None, (found,), None, "", start, body.end)

    # -- repetition and choice ---------------------------------------------------------------------------------------

    def repeated(self, c: list[Any]) -> Node:
        token, lo, _, _, hi, body = c
        return self.repeat(token, (lo, hi, body), body.end)

    def row(self, c: list[Any]) -> tuple[Node | None, Node]:
        """Return the condition (None: otherwise) and the value."""
        last = next(x for x in reversed(c) if not isinstance(x, lark.Token) or x.type == "OTHERWISE")
        return (None if isinstance(last, lark.Token) else last), c[0]

    def cases(self, c: list[Any]) -> Node:
        """Return the first value whose condition holds."""
        rows: list[tuple[Node | None, Node]] = [x for x in c if isinstance(x, tuple)]
        start, end = c[0].start_pos, c[-1].end_pos
        condition, node = rows[-1]
        if condition is not None and not (len(rows) == 2 and self.opposite(rows[0][0], condition)):
            zero = constant_node(0.0, "", start, end)
            nothing = self.build(ops.div, (zero, zero), start, end)  # no value where no case holds
            node = self.build(ops.where, (condition, node, nothing), start, end)
        for condition, value in reversed(rows[:-1]):
            if condition is None:
                self.fail("this is not the last of the cases", value.start, value.end, r"put \text{otherwise} last")
            node = self.build(ops.where, (condition, value, node), start, end)
        return node

    def opposite(self, a: Node | None, b: Node) -> bool:
        """Tell whether one of two conditions always holds: x < 0 and x >= 0."""
        if a is None or b.op is None or a.op is None or a.op.opposite != b.op.name:
            return False
        return [self.text[n.start : n.end] for n in a.args] == [self.text[n.start : n.end] for n in b.args]
