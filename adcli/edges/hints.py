"""Stable spellings: what to write instead where a formula overflows, cancels or has no slope as it is written."""

from __future__ import annotations

from functools import cache

from ..errors import Note
from ..language import Node, dereference, excerpt, parse, postorder, to_text
from ..trace import Evaluation

KINDS = ("overflow", "cancellation", "nan", "pole", "end", "kink")
SPELLINGS = (
    ("(exp(a) - exp(-a))/(exp(a) + exp(-a))", "tanh(a)"),
    ("(exp(a) - exp(-a))/2", "sinh(a)"),
    ("ln(1 + exp(a))", "softplus(a)"),
    ("ln(exp(a) + exp(b))", "logaddexp(a, b)"),
    ("1/(1 + exp(-a))", "sigmoid(a)"),
    ("exp(a)/(1 + exp(a))", "sigmoid(a)"),
    ("exp(a) - 1", "expm1(a)"),
    ("ln(1 + a)", "log1p(a)"),
    ("1 - cos(a)", "2*sin(a/2)^2"),
    ("1 - erf(a)", "erfc(a)"),
    ("sqrt(a^2 + b^2)", "hypot(a, b)"),
    ("sqrt(a^2)", "abs(a)"),
    ("a*ln(a)", "xlogy(a, a)"),
    ("a*ln(b)", "xlogy(a, b)"),
    ("a^2 - b^2", "(a - b)*(a + b)"),
)


@cache
def _patterns() -> list[tuple[Node, Node]]:
    def node(text: str) -> Node:
        return next(iter(parse(text).outputs.values()))

    return [(node(written), node(better)) for written, better in SPELLINGS]


def hinted(evaluation: Evaluation, notes: list[Note]) -> list[Note]:
    """Return the notes, with a stable spelling for the part of the formula around a note's row where one is known."""
    wanted = {note.row for note in notes if note.kind in KINDS and note.row >= 0}
    if not wanted:
        return notes
    found: dict[int, str] = {}
    for pattern, better in _patterns():
        for row in evaluation.trace.rows:
            if evaluation.trace.ops[row] is pattern.op:
                bound: dict[str, int] = {}
                inside: set[int] = set()
                if _matches(evaluation, pattern, row, bound, inside):
                    for slot in wanted & inside - found.keys():
                        found[slot] = _said(evaluation, row, better, bound)
    result: list[Note] = []
    for note in notes:
        once = found.pop(note.row, "") if note.kind in KINDS else ""
        result.append(note._replace(hint=once) if once and once not in {n.hint for n in result} else note)
    return result


def _matches(evaluation: Evaluation, pattern: Node, slot: int, bound: dict[str, int], inside: set[int]) -> bool:
    """Tell whether a slot has the form of a pattern, whose variables are `bound` to slots; `inside` are its rows."""
    trace = evaluation.trace
    if pattern.op is None:
        if pattern.value is not None:
            return trace.ops[slot] is None and trace.initial[slot] == pattern.value
        return bound.setdefault(pattern.name, slot) == slot
    if trace.ops[slot] is not pattern.op:
        return False
    orders = [trace.args[slot]]
    if pattern.op.commutative:
        orders.append(trace.args[slot][::-1])
    for args in orders:
        trial, rows = dict(bound), {slot}
        if all(_matches(evaluation, p, arg, trial, rows) for p, arg in zip(pattern.args, args, strict=True)):
            bound.update(trial)
            inside |= rows
            return True
    return False


def _said(evaluation: Evaluation, row: int, better: Node, bound: dict[str, int]) -> str:
    """Return `try softplus(x) for ln(1 + exp(x))`."""
    nodes = evaluation.trace.nodes
    copies: dict[Node, Node] = {}
    for node in postorder([better]):
        leaf = nodes[bound[node.name]] if node.name in bound else node
        copies[node] = leaf if node.op is None else Node(node.op, tuple(copies[arg] for arg in node.args))
    return f"try {to_text(copies[better])} for {excerpt(dereference(nodes[row]))}"
