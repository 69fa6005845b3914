"""Which rows of columns are not ordinary: outside the domain, at an edge, or where derivatives cancel or underflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import ops
from ..derive import Lowered, Symbol
from ..language import Node, constant
from ..ops import Edge, passes
from ..trace import adjoints, tangents
from . import ufuncs
from .cancelling import SUMS, vanishing

SMALL = 1e-290  # products below it may have lost digits
MOST_SEEDS = 20  # directions in which it is told whether a kink bends the function; with more each row is looked at


class Masks(NamedTuple):
    """Conditions, or True or False for all rows: there is no value; look at this point alone; it is a plain kink.

    At a plain kink the symmetric derivative is what the program gives; `kink` tells where a note is due. At a
    `vanishing` one terms of the value cancel, perhaps to what is only rounding.
    """

    outside: Any
    suspect: Any
    kink: Any
    vanishing: Any


class Met(NamedTuple):
    """Where a row of the trace is at an edge."""

    row: int
    edge: Edge
    concerned: list[int]
    mask: Any


def watched(lowered: Lowered, outputs: Sequence[Any]) -> list[Any]:
    """Return conditions of which none is true in a block of ordinary rows, beside the flags that numpy raises."""
    sums = {number for number in lowered.derived if lowered.program.made_by[number][0] in SUMS}
    zero = [x == 0.0 for x in outputs if isinstance(x, Symbol) and x.number in sums]
    return [*(met.mask for met in _edges(lowered)), *_silent(lowered), *_steep(lowered), vanishing(lowered), *zero]


def masks(lowered: Lowered, outputs: Sequence[Any], seeds: Sequence[Mapping[int, Node]]) -> Masks:
    """Return which rows are not ordinary; `seeds` are the directions of derivatives; without them no kink is plain."""
    needed = _demand(lowered, outputs)
    outside = _outside(lowered, needed)
    suspect = _lost(lowered, needed)
    for mask in _steep(lowered):
        suspect = suspect | mask
    for number, here in needed.items():
        suspect = suspect | (_not(_finite(lowered, lowered.program.symbols[number])) & here)
    bends = _Bends(lowered, seeds)
    one: Any = False
    kink: Any = False
    for met in _edges(lowered):
        x = lowered.slots[met.row]
        if not isinstance(x, Symbol) or (here := needed.get(x.number, False)) is False:
            continue
        mask = met.mask & here
        if met.edge.kind == "kink" and met.edge.argument is None and (bent := bends.at(met)) is not None:
            suspect = suspect | (one & mask)  # two edges
            one = one | mask
            kink = kink | (mask & bent)
        else:
            suspect = suspect | mask
    return Masks(outside, suspect, kink, vanishing(lowered))


class _Bends:
    """Whether a kink bends the outputs in one of the directions."""

    def __init__(self, lowered: Lowered, seeds: Sequence[Mapping[int, Node]]) -> None:
        self._lowered, self._seeds = lowered, seeds if len(seeds) <= MOST_SEEDS else ()
        self._tangents: list[list[Any]] = []
        self._adjoints: list[list[Any]] = []

    def at(self, met: Met) -> Any:
        """Return the condition; None where the kink is not of a kind for which the symmetric derivative is known.

        The kink is where its one argument is 0, or its two are equal, or the one that varies has a certain value.
        """
        slots = self._lowered.slots
        varying = [arg for arg in met.concerned if isinstance(slots[arg], Symbol)]
        fixed = {slots[arg] for arg in met.concerned if arg not in varying}
        plain = len(met.concerned) <= 2 or len(varying) + len(fixed) == len(met.concerned) == 2 + len(varying)
        if not (self._seeds and varying and plain):
            return None
        self._sweep()
        by_outputs: Any = False
        by_inputs: Any = False
        for swept in self._adjoints:
            if swept[met.row] is not None:
                by_outputs = by_outputs | (self._lowered.written([swept[met.row]])[0] != 0.0)
        for swept in self._tangents:
            terms = [constant(0.0) if swept[arg] is None else swept[arg] for arg in varying]
            turn = terms[0] if len(terms) == 1 else terms[0] - terms[1]
            by_inputs = by_inputs | (self._lowered.written([turn])[0] != 0.0)
        return by_outputs & by_inputs

    def _sweep(self) -> None:
        if self._tangents:
            return
        trace, size = self._lowered.trace, len(self._lowered.slots)
        partials = self._lowered.partials([slot for seed in self._seeds for slot in seed])
        self._tangents = [tangents(size, partials, seed) for seed in self._seeds]
        self._adjoints = [adjoints(size, partials, {output: constant(1.0)}) for output in trace.outputs]


def _edges(lowered: Lowered) -> list[Met]:
    """Return where rows are not smooth, if derivatives go through them."""
    found = []
    for row in lowered.trace.rows:
        op, args = lowered.trace.ops[row], lowered.trace.args[row]
        assert op is not None
        for edge in op.edges:
            concerned = [arg for k, arg in enumerate(args) if edge.argument in (None, k)]
            if any([lowered.active[arg] for arg in concerned]):
                mask = _tested(lowered, edge.when, [lowered.slots[arg] for arg in args])
                if mask is not False:
                    found.append(Met(row, edge, concerned, mask))
    return found


def _tested(lowered: Lowered, test: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Return a test of the table on symbols."""
    if not any(isinstance(x, Symbol) for x in args):
        return passes(test, args)
    try:
        return test(*args)
    except TypeError:  # it is one of floats only
        return lowered.program.call(ufuncs.one_by_one(lambda *numbers: passes(test, numbers)), tuple(args), True)


def _silent(lowered: Lowered) -> list[Any]:
    """Return where rows have no value, of operations of which numpy does not tell it by a flag."""
    rows = [row for row in lowered.trace.rows if (op := lowered.trace.ops[row]) is not None and not ufuncs.tells(op)]
    return [_not(_finite(lowered, lowered.slots[row])) for row in rows]


def _steep(lowered: Lowered) -> list[Any]:
    """Return where a slope is infinite, if there is a slope of 0: the program leaves out their product."""
    trace = lowered.trace
    slopes = [p for _, _, p in lowered.partials([k for k in range(len(trace.inputs)) if lowered.active[k]])]
    hidden = slopes if any([p.value == 0 for p in slopes]) else []
    return [_not(_finite(lowered, x)) for x in lowered.written(hidden)]


def _finite(lowered: Lowered, x: Any) -> Any:
    return lowered.program.call_once(np.isfinite, x) if isinstance(x, Symbol) and not x.condition else True


def _demand(lowered: Lowered, outputs: Sequence[Any]) -> dict[int, Any]:
    """Return for each symbol where it is needed: True, or a condition; a branch not taken is not."""
    needed: dict[int, Any] = {x.number: True for x in outputs if isinstance(x, Symbol)}
    made = lowered.program.made_by
    for number in range(len(lowered.program.symbols) - 1, -1, -1):
        if number not in needed or number not in made:
            continue
        here = needed[number]
        op, args = made[number]
        demands = [(x, here) for x in (args[:1] if op.selects else args)]
        if op.selects:
            demands += [(args[op.selects(True)], args[0] & here), (args[op.selects(False)], ~args[0] & here)]
        for x, where in demands:
            if isinstance(x, Symbol):
                needed[x.number] = where | needed.get(x.number, False)
    return needed


def _outside(lowered: Lowered, needed: Mapping[int, Any]) -> Any:
    """Return where an operation that is needed is outside its domain."""
    outside: Any = False
    for row in lowered.trace.rows:
        op, x = lowered.trace.ops[row], lowered.slots[row]
        if isinstance(x, Symbol) and (here := needed.get(x.number, False)) is not False and op and op.domain:
            args = [lowered.slots[arg] for arg in lowered.trace.args[row]]
            for arg in args:
                here = _finite(lowered, arg) & here
            outside = outside | (_not(_tested(lowered, op.domain.contains, args)) & here)
    return outside


def _lost(lowered: Lowered, needed: Mapping[int, Any]) -> Any:
    """Return where a sum of the derivatives cancels, or a product or quotient underflows."""
    found: Any = False
    for number, x in lowered.derived.items():
        if number in needed:
            op, args = lowered.program.made_by[number]
            lost = x == 0.0 if op in SUMS else ops.abs_(x) < SMALL
            for arg in args[: 1 if op in SUMS else 2]:
                lost = lost & (arg != 0.0)
            found = found | (lost & needed[number])
    return found


def _not(x: Any) -> Any:
    return ~x if isinstance(x, Symbol) else not x
