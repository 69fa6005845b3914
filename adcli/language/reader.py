"""Text in adcli's language to Nodes, each with its place in the text."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any, NamedTuple, NoReturn

import lark

from .. import ops
from ..errors import FormulaError, LimitError, Note, Place, near_miss
from ..ops import Op
from . import sums
from .grammar import parser
from .mistakes import FOREIGN, explain
from .nodes import MAX_ROWS, Node, collector_paused, constant_node, dereference, postorder, variable_node
from .normalize import NAME_PATTERN, normalized
from .script import Script, output_name

MAX_CHARACTERS = 2**20
_TOO_LARGE = f"the functions of the formula expand to more than {MAX_ROWS:,} operations"
_PI = ops.Exact(math.pi, lambda one: 4 * ops.atan(one))
_TAU = ops.Exact(math.tau, lambda one: 8 * ops.atan(one))
CONSTANTS = {"pi": _PI, "π": _PI, "e": ops.Exact(math.e, ops.exp), "tau": _TAU, "τ": _TAU}

_COMPARE: dict[str, Op] = {
    **{op.infix[0]: op for op in (ops.lt, ops.le, ops.gt, ops.ge, ops.eq, ops.ne) if op.infix},
    **{"≤": ops.le, "≥": ops.ge, "≠": ops.ne},
}
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def parse(text: str, source: str = "", variables: Collection[str] = ()) -> Script:
    """Read a script: definitions, and last the result.

    `variables` are names of constants, such as e, that are variables here. Raises FormulaError with the place of what
    cannot be read, LimitError if the text is too large.
    """
    return read(_parser, normalized, explain, text, source, variables)


def read(
    tools: Callable[[], tuple[lark.Lark, Reader]],
    normalized: Callable[[str, str], str],
    explain: Callable[[lark.UnexpectedInput, str, str], NoReturn],
    text: str,
    source: str,
    variables: Collection[str],
) -> Script:
    """Return the script of a text, in any syntax.

    `tools` gives its parser and the actions of its grammar; `normalized` prepares the text, of the same length;
    `explain` raises the FormulaError for what the parser refuses.
    """
    if len(text) > MAX_CHARACTERS:
        raise LimitError(f"the formula has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    with _lock:
        lark_parser, reader = tools()
        reader.begin(text, source, variables)
        try:
            with collector_paused():
                lark_parser.parse(normalized(text, source))
                return reader.script()
        except lark.UnexpectedInput as error:
            explain(error, text, source)
        finally:
            reader.begin("", "")  # keep nothing of the user's alive


_lock = threading.Lock()


@cache
def _parser() -> tuple[lark.Lark, Reader]:
    reader = Reader()
    return parser("formula", reader), reader


class _Function(NamedTuple):
    """A function that the script defines: its body in evaluation order, and the number of each parameter in it."""

    arity: int
    order: list[Node]
    parameters: dict[Node, int]


class Reader:
    """The parser's actions: each takes the children of a grammar rule and returns a Node."""

    choice_hint = "write: if ... then 1 else 0"

    def __init__(self) -> None:
        self.begin("", "")

    def begin(self, text: str, source: str, variables: Collection[str] = ()) -> None:
        """Forget the last text."""
        self.text, self.source = text, source
        self.shadowing = variables  # names of constants that are variables here
        self.definitions: dict[str, Node] = {}
        self.functions: dict[str, _Function] = {}
        self.variables: dict[str, Node] = {}
        self.constants: set[str] = set()
        self.defining = ""  # the name that is being defined
        self.parameters: dict[str, int] = {}  # of the function that is being defined, with their numbers
        self.parameter_nodes: dict[Node, int] = {}  # in its body, with their numbers
        self.loops: list[tuple[str, float]] = []  # variables of the sums around, with the numbers of the sums
        self.arrays: dict[str, Node] = {}
        self.roots: list[Node] = []
        self.is_vector = False
        self.has_repeats = False
        self.copied = 0

    def script(self) -> Script:
        """Return the script; raises FormulaError if it has no result, LimitError if it is too large."""
        if not self.roots:
            last, node = next(reversed(self.definitions.items()), ("f(x)", None))
            start, end = (node.start, node.end) if node else (0, len(self.text.partition("=")[0]))
            hint = f"end with an expression on a line of its own, such as: {last}"
            self.fail("there is no result after this definition", start, end, hint)
        for node in self.roots:
            if is_a_condition(node):
                self.fail("the result is a condition, not a number", node.start, node.end, self.choice_hint)
        if self.functions:
            self.check_size()
        variables, arrays = tuple(self.variables), tuple(self.arrays)
        if self.definitions or self.functions:  # one that the result does not need may have variables of its own
            used = {n.name for n in postorder(self.roots) if n.value is None and (n.op is None or n.op is sums.index)}
            variables = tuple(name for name in variables if name in used)
            arrays = tuple(name for name in arrays if name in used)
        integers = sums.integers_needed(self.roots) if self.has_repeats else frozenset()
        for name in arrays:
            if name in variables:
                node = self.arrays[name]
                self.fail(f"{name} stands with and without an index", node.start, node.end, "use two names")
        outputs = dict(zip(self.output_names(), self.roots, strict=True))
        constants = frozenset(self.constants)
        return Script(
            self.text, outputs, self.definitions, variables, constants, self.source, arrays, integers,
            self.has_repeats, self.is_vector, tuple(self.notes()),
        )  # fmt: skip

    def notes(self) -> Iterator[Note]:
        """Yield a note for each name of a constant that is a variable or a definition here."""
        for name in CONSTANTS:
            if name in self.shadowing and (name in self.variables or name in self.arrays):
                yield Note("shadow", f"{name} is the variable given, not the constant")
            elif node := self.definitions.get(name):
                place = Place(self.text, node.start, node.end, self.source)
                yield Note("shadow", f"{name} is what is defined here, not the constant", place)

    def check_size(self) -> None:
        """Refuse functions of functions that would fill the memory when written out."""
        sizes: dict[Node, int] = {}
        roots = (*self.definitions.values(), *self.roots)
        for node in postorder(roots):
            by_name = node.op is None and node.name
            sizes[node] = 1 if by_name else min(1 + sum([sizes[arg] for arg in node.args]), MAX_ROWS + 1)
        for root in roots:
            if sizes[root] > MAX_ROWS:
                place = Place(self.text, root.start, root.end, self.source)
                raise LimitError(_TOO_LARGE, place, "give the steps names: a = f(x), b = f(a), ...")

    def output_names(self) -> list[str]:
        """Return y for a single result; for several the names in the brackets, and y1, y2 ... for what has none."""
        taken = {*self.variables, *self.definitions, *self.constants, *self.arrays}
        if not self.is_vector:
            return [output_name(taken)]
        stem = output_name({n.rstrip("0123456789") for n in taken})
        names: list[str] = []
        for k, node in enumerate(self.roots, 1):
            own = node.name if node.op is None and node.value is None and node.name not in names else ""
            names.append(own or f"{stem}{k}")
        return names

    def fail(self, what: str, start: int, end: int, hint: str = "") -> NoReturn:
        raise FormulaError(what, Place(self.text, start, end, self.source), hint)

    def build(self, op: Op, args: tuple[Node, ...], start: int, end: int) -> Node:
        """Return an operation at a place in the text; raises FormulaError as `check_conditions`."""
        self.check_conditions(op, args)
        return Node(op, args, None, "", start, end)

    def check_conditions(self, op: Op, args: tuple[Node, ...]) -> None:
        """Refuse a condition in place of a number, or the other way round."""
        logical = op.selects is not None or op is ops.not_
        for k, arg in enumerate(args):
            is_condition = arg.op.condition if arg.op is not None else bool(arg.args) and is_a_condition(arg)
            wanted = logical and (k == 0 or op is not ops.where)
            if is_condition and not wanted:
                self.fail("a condition is not a number", arg.start, arg.end, self.choice_hint)
            if wanted and not is_condition:
                what = "this is a number where a condition is needed"
                self.fail(what, arg.start, arg.end, "compare it, as in x != 0")

    # -- statements --------------------------------------------------------------------------------------------------

    def HEAD(self, token: lark.Token) -> lark.Token:
        """Begin a definition: its parameters are names in what follows."""
        before = (token.start_pos or 0) - 1
        while before >= 0 and self.text[before].isspace() and self.text[before] != "\n":
            before -= 1
        if before >= 0 and self.text[before] not in ";\n":
            return token  # no definition begins here: the parser will say so
        self.begin_definition(token)
        return token

    def begin_definition(self, token: lark.Token) -> None:
        """Make the name and the parameters of `name(u, v) =` or `name =` known to the text after it."""
        name, *rest = re.findall(NAME_PATTERN, token)
        at = token.start_pos or 0
        end = at + len(name)
        _, opening, listed = token.rpartition(")")[0].partition("(")
        if name in self.functions or name in self.definitions:
            self.fail(f"{name} is defined twice", at, end, "use another name")
        if name in self.variables or name in self.constants:
            self.fail(f"{name} is used before it is defined", at, end, "put its definition first, or use another name")
        if opening:
            if name in ops.BY_NAME:
                self.fail(f"{name} is a function of adcli already", at, end, "use another name")
            if not rest or [p.strip() for p in listed.split(",")] != rest or len(set(rest)) < len(rest):
                what = "the parameters of a function are different names"
                self.fail(what, at, at + len(token) - 1, f"write: {name}(u, v) = ...")
        self.parameters, self.parameter_nodes, self.defining = {p: k for k, p in enumerate(rest)}, {}, name

    def definition(self, c: list[Any]) -> None:
        self.end_of_line(c[1])
        self.refuse_recursion()
        if "(" in c[0]:
            function = _Function(len(self.parameters), postorder([c[1]]), self.parameter_nodes)
            self.functions[self.defining] = function
        else:
            self.definitions[self.defining] = c[1]
        self.parameters, self.defining = {}, ""

    def refuse_recursion(self) -> None:
        """Refuse the name that is being defined in its own definition."""
        if itself := self.variables.get(self.defining):
            hint = "give one of the two another name"
            self.fail(f"{self.defining} is defined by itself", itself.start, itself.end, hint)

    def result(self, c: list[Any]) -> None:
        self.end_of_line(c[0])
        self.roots = [c[0]]

    def results(self, c: list[Any]) -> None:
        self.end_of_line(c[1])
        self.roots, self.is_vector = c[1:-1:2], True

    def end_of_line(self, node: Node) -> None:
        """Refuse a line after the result."""
        if self.roots:
            self.refuse_nameless(self.roots[0])

    def refuse_nameless(self, node: Node) -> NoReturn:
        what = "only the last line is the result; this one has no name"
        self.fail(what, node.start, node.end, "name it, as in: a = ...")

    # -- numbers and names -------------------------------------------------------------------------------------------

    def NUMBER(self, token: lark.Token) -> Node:
        value, start, end = ops.literal(token), token.start_pos or 0, token.end_pos or 0
        if math.isinf(value):
            self.fail("this number is too large for double precision", start, end, "the largest is 1.797e308")
        if value == 0 and re.search(r"[1-9]", re.split("[eE]", token)[0]):
            self.fail("this number is too small for double precision", start, end, "the smallest is 5e-324")
        return Node(None, (), value, "", start, end)

    def NAME(self, token: lark.Token) -> Node:
        name, start, end = str(token), token.start_pos or 0, token.end_pos or 0
        if "." in name:
            name = name.rpartition(".")[2]
            if name not in CONSTANTS:
                self.fail(f"{token} is neither a constant nor a call", start, end, f"for a variable, write {name}")
        for loop_name, number in reversed(self.loops):
            if name == loop_name:
                return Node(sums.loop, (), number, name, start, end)
        if name in self.parameters:
            node = variable_node(name, start, end)
            self.parameter_nodes[node] = self.parameters[name]
            return node
        if name in self.definitions:
            return Node(None, (self.definitions[name],), None, name, start, end)
        if name in self.functions:
            self.fail(f"{name} is a function", start, end, f"call it: {name}(...)")
        if name in CONSTANTS and name not in self.shadowing:
            self.constants.add(name)
            return constant_node(CONSTANTS[name], name, start, end)
        node = variable_node(name, start, end)
        self.variables.setdefault(name, node)
        return node

    # -- arithmetic --------------------------------------------------------------------------------------------------

    def added(self, c: list[Any]) -> Node:
        return self.build(ops.add, (c[0], c[2]), c[0].start, c[2].end)

    def subtracted(self, c: list[Any]) -> Node:
        return self.build(ops.sub, (c[0], c[2]), c[0].start, c[2].end)

    def multiplied(self, c: list[Any]) -> Node:
        return self.build(ops.mul, (c[0], c[2]), c[0].start, c[2].end)

    def divided(self, c: list[Any]) -> Node:
        a, b = c[0], c[2]
        divisor = b
        while divisor.op is ops.neg and is_bare(divisor):
            divisor = divisor.args[0]
        if divisor.op is ops.mul and is_bare(divisor):  # a product with * would have taken a/b as its first factor
            first = outer_factor(divisor, 0)
            rest = self.text[first.end : divisor.end]
            over, under = self.text_of(a), self.text_of(first)
            hint = f"write {over}/({under}*{rest}) or ({over}/{under})*{rest}"
            self.fail("a quotient followed by a product without * is ambiguous", a.start, b.end, hint)
        return self.build(ops.div, (a, b), a.start, b.end)

    def raised(self, c: list[Any]) -> Node:
        return self.build(ops.pow_, (c[0], c[2]), c[0].start, c[2].end)

    def superscript(self, c: list[Any]) -> Node:
        start, end = c[1].start_pos, c[1].start_pos + len(c[1])
        exponent = constant_node(float(str(c[1]).translate(_SUPERSCRIPT)), "", start, end)
        return self.build(ops.pow_, (c[0], exponent), c[0].start, end)

    def implicit(self, c: list[Any]) -> Node:
        """Multiply what stands side by side, where it cannot mean anything else."""
        a, b = c
        last = outer_factor(a, 1)
        is_number = last.op is None and last.value is not None and last.name in ("", "π")
        by_superscript = last.op is ops.pow_ and self.text[last.args[1].start] in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
        if last.op is ops.pow_ and is_bare(last) and (name := last.args[0].name) in ops.BY_NAME:
            inside = self.text_of(b).removeprefix("(").removesuffix(")")
            hint = f"write {name}({inside})^{last.args[1].value or 2:g}"
            if last.args[1].value == -1:
                hint = f"write a{name}({inside}) for the inverse function, 1/{name}({inside}) for the reciprocal"
            self.fail(f"a power of {name} stands after its argument", last.start, b.end, hint)
        if last.op is ops.pow_ and is_bare(last) and not by_superscript:
            base, exponent, after = (self.text_of(n) for n in (*last.args, b))
            hint = f"write {base}^({exponent}*{after}) or ({base}^{exponent})*{after}"
            self.fail("a power followed by a product without * is ambiguous", last.start, b.end, hint)
        if not is_number and not by_superscript and self.text[a.end - 1] != ")":
            hint = f"write {self.text_of(last)}*{self.text_of(b)}"
            if last.name in ops.BY_NAME:
                hint = f"write {last.name}({self.text_of(b)})"
            self.fail("two names side by side are not a product", last.start, b.end, hint)
        return self.build(ops.mul, (a, b), a.start, b.end)

    def minus(self, c: list[Any]) -> Node:
        start, x = c[0].start_pos, c[1]
        if x.op is None and x.value is not None and not x.name and self.text[x.start] in ".0123456789":
            return Node(None, (), -x.value, "", start, x.end)
        return self.build(ops.neg, (x,), start, x.end)

    def plus(self, c: list[Any]) -> Node:
        x: Node = c[1]
        self.check_conditions(ops.neg, (x,))
        return x

    def parenthesized(self, c: list[Any]) -> Node:
        node: Node = c[1]
        node.start, node.end = c[0].start_pos, c[2].end_pos
        return node

    def root(self, c: list[Any]) -> Node:
        return self.build(ops.sqrt, (c[1],), c[0].start_pos, c[1].end)

    # -- conditions --------------------------------------------------------------------------------------------------

    def compared(self, c: list[Any]) -> Node:
        """Compare neighbours; a chain such as 0 < x < 1 is both comparisons."""
        node: Node | None = None
        for a, symbol, b in zip(c[0::2], c[1::2], c[2::2], strict=False):
            pair = self.build(_COMPARE[symbol], (a, b), a.start, b.end)
            node = pair if node is None else self.build(ops.and_, (node, pair), node.start, b.end)
        assert node is not None
        return node

    def logical(self, c: list[Any]) -> Node:
        return self.build(ops.and_ if c[1].type == "AND" else ops.or_, (c[0], c[2]), c[0].start, c[2].end)

    def negated(self, c: list[Any]) -> Node:
        return self.build(ops.not_, (c[1],), c[0].start_pos, c[1].end)

    def if_then_else(self, c: list[Any]) -> Node:
        return self.build(ops.where, (c[1], c[3], c[5]), c[0].start_pos, c[5].end)

    def a_if_c_else_b(self, c: list[Any]) -> Node:
        return self.build(ops.where, (c[2], c[0], c[4]), c[0].start, c[4].end)

    # -- calls -------------------------------------------------------------------------------------------------------

    def call(self, c: list[Any]) -> Node:
        token = c[0]
        typed = str(token).rstrip("( \t")
        places = token.start_pos, token.start_pos + len(typed), c[-1].end_pos
        return self.apply(typed.rpartition(".")[2], tuple(c[1:-1:2]), *places)

    def apply(self, name: str, args: tuple[Node, ...], start: int, name_end: int, end: int) -> Node:
        """Return a call of an operation or of a defined function."""
        if function := self.functions.get(name):
            if len(args) != function.arity:
                self.fail(_takes(name, [function.arity], len(args)), start, end)
            return self.instantiate(function, args, start, end)
        known = ops.BY_NAME.get(name)
        if known is None:
            self.unknown(name, start, name_end, args)
        if len(args) in known:
            return self.build(known[len(args)], args, start, end)
        op = next(iter(known.values()))
        if not op.variadic or len(args) < 2:
            self.fail(_takes(name, list(known), len(args)), start, end, f"see: adcli functions {name}")
        node: Node = args[0]
        for arg in args[1:]:
            node = self.build(op, (node, arg), start, end)
        return node

    # -- repetition --------------------------------------------------------------------------------------------------

    def REPEAT(self, token: lark.Token) -> lark.Token:
        """Begin a sum or product: make its variable known to the text after it."""
        _, name = re.findall(NAME_PATTERN, token)
        self.loops.append((name, float(next(sums.loop_numbers))))
        self.has_repeats = True
        return token

    def repeated(self, c: list[Any]) -> Node:
        return self.repeat(c[0], (c[1], c[3], c[5]), c[6].end_pos)

    def repeat(self, token: lark.Token, args: tuple[Node, ...], end: int) -> Node:
        """Return the innermost sum or product that was begun, with its bounds and its body as `args`."""
        name, number = self.loops.pop()
        node = self.build(sums.REPEATS[token[: token.index("(")].strip()], args, token.start_pos or 0, end)
        node.name, node.value = name, number
        return node

    def indexed(self, c: list[Any]) -> Node:
        name, start = str(c[0]).rstrip("[ \t"), c[0].start_pos
        if name in self.parameters or name in self.definitions or name in self.functions:
            what = "a parameter" if name in self.parameters else "defined as a number or function"
            self.fail(f"{name} is {what}, not an array", start, start + len(name), "only a variable has an index")
        whole = c[1].op is sums.loop or (c[1].op is None and c[1].value is not None)
        if name[:1].isupper() and name.lower() in ops.BY_NAME and not whole:
            hint = f"a function has parentheses: {name.lower()}({self.text_of(c[1])})"
            self.fail(f"{name}[ ] is an element of an array", start, start + len(name), hint)
        node = self.build(sums.index, (c[1],), start, c[2].end_pos)
        node.name = name
        self.arrays.setdefault(name, node)
        self.has_repeats = True
        return node

    def unknown(self, name: str, start: int, end: int, args: tuple[Node, ...]) -> NoReturn:
        """Refuse the call of a name that is no function, with a guess of what is meant."""
        inside = ", ".join(self.text_of(a) for a in args)
        if name == self.defining:
            self.fail(f"{name} is defined by itself", start, end, "a function cannot call itself; write its steps out")
        numbers = {*self.definitions, *self.variables, *self.parameters, *CONSTANTS}
        if name[:1] == "d" and re.search(r"\bd(\^?\d+)?\s*/\s*$", self.text[:start]):
            self.fail("this looks like a derivative", start, end, FOREIGN["derivative"])
        if name in numbers or len(name) == 1:
            hint = f"a name before ( is a call; to multiply, write {name}*({inside})"
        elif name in sums.REPEATS:
            hint = f"write {name}(i=1..n, x[i])"
        elif name.lower() in FOREIGN:
            hint = FOREIGN[name.lower()]
        elif close := near_miss(name, [*ops.BY_NAME, *self.functions]):
            hint = f"did you mean {close}?"
        else:
            hint = f"to multiply, write {name}*({inside}); adcli functions lists what there is"
        self.fail(f"{name} is not a function", start, end, hint)

    def instantiate(self, function: _Function, args: tuple[Node, ...], start: int, end: int) -> Node:
        """Return the body of a function with the arguments in place of the parameters."""
        self.copied += len(function.order)
        if self.copied > MAX_ROWS:
            raise LimitError(_TOO_LARGE, Place(self.text, start, end, self.source))
        made: dict[Node, Node] = {}
        numbers: dict[float | None, float] = {}  # new ones for the sums in the body
        for node in function.order:
            if node in function.parameters:
                made[node] = args[function.parameters[node]]
            elif node.op is sums.loop or any(arg in made for arg in node.args):
                new, value = tuple(made.get(arg, arg) for arg in node.args), node.value
                if node.op is not None:
                    self.check_conditions(node.op, new)
                if node.op in (sums.loop, sums.sum_, sums.prod):
                    value = numbers.setdefault(value, float(next(sums.loop_numbers)))
                made[node] = Node(node.op, new, value, node.name, node.start, node.end)
        body = function.order[-1]
        return Node(None, (made.get(body, body),), None, "", start, end)

    def text_of(self, node: Node) -> str:
        """Return the text of a node, of a long one the beginning."""
        text = self.text[node.start : node.end]
        return text if len(text) <= 24 else text[:20] + "..."


def is_a_condition(node: Node) -> bool:
    """Tell whether the node's value is true or false."""
    op = dereference(node).op
    return op is not None and op.condition


def outer_factor(product: Node, side: int) -> Node:
    """Return the first (side 0) or last (side 1) factor of a product without parentheses; another node as it is."""
    while product.op is ops.mul and is_bare(product):
        product = product.args[side]
    return product


def is_bare(node: Node) -> bool:
    """Tell whether an operation was typed without parentheses around it."""
    first = node.args[0]
    return node.start == first.start or (node.op is ops.neg and node.end == first.end)


def _takes(name: str, wanted: list[int], given: int) -> str:
    numbers = " or ".join(map(str, sorted(wanted)))
    return f"{name} takes {numbers} argument{'' if numbers == '1' else 's'}, not {given}"
