"""Conditions of where rows of a trace are not smooth: at edges, and whether a kink there bends the outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ..derive import Lowering, Register
from ..language import Node, constant_node
from ..ops import Edge, Op, passes
from ..trace import adjoints, tangents

MOST_SEEDS = 20  # with more, each row at a kink is calculated on its own


class EdgeCondition(NamedTuple):
    """The condition under which a row of the trace is at an edge; `slots` are the arguments concerned."""

    row: int
    edge: Edge
    slots: list[int]
    condition: Any


def edge_conditions(lowering: Lowering) -> Iterator[EdgeCondition]:
    """Yield the edges that rows may be at, of rows through which derivatives go."""
    trace, registers = lowering.trace, lowering.slots
    for row in trace.rows:
        args = trace.args[row]
        for edge in trace.op(row).edges:
            slots = [arg for k, arg in enumerate(args) if edge.argument in (None, k)]
            if any([lowering.active[arg] for arg in slots]):
                condition = tested(edge.when, [registers[arg] for arg in args])
                if condition is not False:
                    yield EdgeCondition(row, edge, slots, condition)


def tested(test: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Return a test of the table of operations on registers and floats, as a condition or a bool."""
    if not any(isinstance(x, Register) for x in args):
        return passes(test, args)
    try:
        return test(*args)
    except TypeError:  # a test of floats only
        zeros = [0.0] * len(args)
        return Op("test", "", *zeros, number=lambda *numbers: passes(test, numbers), condition=True)(*args)


class Bends:
    """Where a kink of a row is a kink of the outputs along one of the seeds, tangents by slot."""

    def __init__(self, lowering: Lowering, seeds: Sequence[Mapping[int, Node]]) -> None:
        self._lowering, self._seeds = lowering, seeds if len(seeds) <= MOST_SEEDS else ()

    @cached_property
    def _swept(self) -> tuple[list[list[Any]], list[list[Any]]]:
        """The tangents of each seed and the adjoints of each output, in formulas of the slots."""
        trace, size = self._lowering.trace, len(self._lowering.slots)
        partials = self._lowering.partials([slot for seed in self._seeds for slot in seed])
        by_seed = [tangents(size, partials, seed) for seed in self._seeds]
        return by_seed, [adjoints(size, partials, {output: constant_node(1.0)}) for output in trace.outputs]

    def at(self, kink: EdgeCondition) -> Any:
        """Return the condition; None where the program may not give the symmetric derivative.

        It does where the one argument is 0, where the two arguments are equal, and where the one that varies is equal
        to a fixed one.
        """
        slots = self._lowering.slots
        varying = [arg for arg in kink.slots if isinstance(slots[arg], Register)]
        fixed = {slots[arg] for arg in kink.slots if arg not in varying}
        plain = len(kink.slots) <= 2 or len(varying) + len(fixed) == len(kink.slots) == 2 + len(varying)
        if not (self._seeds and varying and plain):
            return None
        by_seed, by_output = self._swept
        outputs_depend: Any = False
        inputs_cross: Any = False
        for swept in by_output:
            if swept[kink.row] is not None:
                outputs_depend = outputs_depend | (self._lowering.write([swept[kink.row]])[0] != 0.0)
        for swept in by_seed:
            terms = [constant_node(0.0) if swept[arg] is None else swept[arg] for arg in varying]
            speed = terms[0] if len(terms) == 1 else terms[0] - terms[1]
            inputs_cross = inputs_cross | (self._lowering.write([speed])[0] != 0.0)
        return outputs_depend & inputs_cross
