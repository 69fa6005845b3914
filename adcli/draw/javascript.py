"""The operations in JavaScript: values by one table, partial derivatives by the rules of the table of operations."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..language import Node, postorder, simplify, variable
from ..ops import Op, Rule

NAMES = "abc"  # of arguments

# fmt: off
VALUES = {
    "neg": "(-{0})", "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "div": "({0} / {1})",
    "pow": "Math.pow({0}, {1})",
    "abs": "Math.abs({0})", "sign": "Math.sign({0})", "step": "(0.5 + 0.5 * Math.sign({0}))",
    "floor": "Math.floor({0})", "ceil": "Math.ceil({0})", "trunc": "Math.trunc({0})",
    "min": "Math.min({0}, {1})", "max": "Math.max({0}, {1})", "relu": "Math.max({0}, 0)",
    "clamp": "({1} <= {2} ? Math.min(Math.max({0}, {1}), {2}) : NaN)",
    "sqrt": "Math.sqrt({0})", "cbrt": "Math.cbrt({0})", "hypot": "Math.hypot({0}, {1})",
    "exp": "Math.exp({0})", "exp2": "Math.pow(2, {0})", "expm1": "Math.expm1({0})",
    "ln": "Math.log({0})", "log2": "Math.log2({0})", "log10": "Math.log10({0})", "log1p": "Math.log1p({0})",
    "log": "(Math.log({0}) / Math.log({1}))",
    "logaddexp": "(Math.max({0}, {1}) + Math.log1p(Math.exp(-Math.abs({0} - {1}))))",
    "xlogy": "({0} === 0 && {1} >= 0 ? 0 : {0} * Math.log({1}))",
    "sin": "Math.sin({0})", "cos": "Math.cos({0})", "tan": "Math.tan({0})",
    "sec": "(1 / Math.cos({0}))", "csc": "(1 / Math.sin({0}))", "cot": "(1 / Math.tan({0}))",
    "asin": "Math.asin({0})", "acos": "Math.acos({0})", "atan": "Math.atan({0})",
    "atan2": "({0} === 0 && {1} === 0 ? NaN : Math.atan2({0}, {1}))",
    "degrees": "({0} * (180 / Math.PI))", "radians": "({0} * (Math.PI / 180))",
    "sinh": "Math.sinh({0})", "cosh": "Math.cosh({0})", "tanh": "Math.tanh({0})",
    "sech": "(1 / Math.cosh({0}))", "csch": "(1 / Math.sinh({0}))", "coth": "(1 / Math.tanh({0}))",
    "asinh": "Math.asinh({0})", "acosh": "Math.acosh({0})", "atanh": "Math.atanh({0})",
    "sigmoid": "(1 / (1 + Math.exp(-{0})))", "softplus": "(Math.max({0}, 0) + Math.log1p(Math.exp(-Math.abs({0}))))",
    "logit": "(Math.abs({0} - 0.5) < 0.25 ? 2 * Math.atanh(2 * {0} - 1) : Math.log({0} / (1 - {0})))",
}
# fmt: on


def missing(ops: Iterable[Op]) -> list[str]:
    """Return the names of those of the operations that cannot be computed in JavaScript."""
    return sorted({op.name for op in ops if op.name not in VALUES or None in _partials(op)})


def functions(ops: Iterable[Op]) -> str:
    """Return an object with, by name, the value of each operation and its partial derivatives, each a function."""
    lines = []
    for op in sorted(set(ops), key=lambda op: op.name):
        names = NAMES[: op.arity]
        partials = ", ".join(f"(y, {', '.join(names)}) => {text}" for text in _partials(op))
        value = VALUES[op.name].format(*names)
        lines.append(f"  {op.name}: {{ value: ({', '.join(names)}) => {value}, partials: [{partials}] }},")
    return "\n".join(["{", *lines, "}"])


def _partials(op: Op) -> list[str | None]:
    """Return the rules of an operation in JavaScript; None for one that takes what JavaScript has not."""
    return [_expression(rule, NAMES[: op.arity]) for rule in op.rules]


def _expression(rule: Rule, names: str) -> str | None:
    if not callable(rule):
        return _number(rule)
    found = rule(*map(variable, ("y", *names)))
    if not isinstance(found, Node):
        return _number(found)
    texts: dict[Node, str] = {}
    root = simplify(found)
    for node in postorder([root]):
        if node.op is None:
            texts[node] = node.name if node.value is None else _number(node.value)
        elif node.op.name in VALUES:
            texts[node] = VALUES[node.op.name].format(*(texts[arg] for arg in node.args))
        else:
            return None
    return texts[root]


def _number(x: float) -> str:
    return f"({float(x)!r})" if math.isfinite(x) else "NaN"
