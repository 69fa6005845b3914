"""The edges that lie between an input and the outputs, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from operator import or_

from ..language import dereference, excerpt
from ..trace import Evaluation, Linearization, RowEdge

CERTAIN = ("jump", "undefined", "kink", "branch")  # edges where the local partial may be wrong, even as a number


def edges_met(linear: Linearization, outputs: Iterable[int]) -> list[int]:
    """Return for each slot the edges between it and the outputs, as the bits of an integer: those of `edges_of`.

    An edge in a condition counts too, though no derivative goes through it.
    """
    trace, values = linear.evaluation.trace, linear.evaluation.values
    needed = [False] * len(values)
    met = [0] * len(values)
    own: dict[int, list[tuple[int, int]]] = {}
    for k, at in enumerate(linear.edges):
        own.setdefault(at.row, []).extend((slot, 1 << k) for slot in at.slots)
    for out in outputs:
        needed[out] = True
    for row in reversed(trace.rows):
        if needed[row]:
            for slot in trace.args[row]:
                if values[slot] is not None:
                    needed[slot] = True
                    met[slot] |= met[row]
            for slot, bit in own.get(row, ()):
                met[slot] |= bit
    return met


def edges_of(linear: Linearization, *met: int) -> list[RowEdge]:
    """Return the edges that are among the bits of any of these integers."""
    return [linear.edges[k] for k in bits(reduce(or_, met, 0))]


def bits(number: int) -> Iterator[int]:
    """Yield the positions of the bits of a number that are 1, the lowest first."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def only_ends(edges: Collection[RowEdge]) -> bool:
    """Tell whether the local partials hold on the side where there are values."""
    return not any(at.edge.kind in CERTAIN for at in edges)


def edge_text(evaluation: Evaluation, at: RowEdge) -> str:
    """Return which operation is at which edge: `abs has a kink at x = 0`."""
    trace, op = evaluation.trace, evaluation.trace.op(at.row)
    where = ", ".join(evaluation.describe(slot) for slot in trace.args[at.row] if trace.varies[slot])
    name = op.symbol
    if at.edge.kind == "branch":
        return f"{where} is on the boundary of the condition {excerpt(dereference(trace.nodes[at.row]))}"
    if at.edge.kind == "end":
        return f"{where} is the end of the domain of {name}"
    if at.edge.kind == "undefined":
        return f"{name} is not smooth at {where}"
    return f"{name} {'jumps' if at.edge.kind == 'jump' else 'has a kink'} at {where}"
