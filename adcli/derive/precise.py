"""Values and derivatives with N correct digits: the rules on numbers of mpmath, at rising precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from ..edges import CERTAIN
from ..errors import DomainError, LimitError
from ..ops import Big, Dual, Op, mp_context, passes, to_big
from ..trace import Evaluation, Partials, Trace, adjoints, in_demand, linearize, partials, replay, tangents

SPARE = 20  # working digits more than asked for, at first
TOP = 640  # working digits at which complete cancellation gives 0; the range of floats has 632
NEAR = 6  # a point beside an edge is 10^(-digits/NEAR) away


def precise_gradient(
    evaluation: Evaluation, wrt: Sequence[str], digits: int, *, exact_floats: bool = False
) -> tuple[Any, dict[str, Any]]:
    """Return the value of the only output and its partial derivatives by the variables `wrt`, as numbers of mpmath.

    A float of the point means its shortest decimal text (0.1 is one tenth), with `exact_floats` the float itself. In
    the formula, numbers and constants always mean what was typed. Errors are those of `agreed`.
    """
    slots = [evaluation.trace.slot[name] for name in wrt]

    def compute(c: Any) -> list[Any]:
        big = BigEvaluation(evaluation, c, exact_floats=exact_floats)
        return [big.outputs[0], *big.jacobian(slots)[0]]

    value, *partials = agreed(compute, digits)
    return value, dict(zip(wrt, partials, strict=True))


def agreed(compute: Callable[[Any], Sequence[Any]], digits: int) -> list[Any]:
    """Return numbers with so many correct digits: two precisions, one twice the other, agree on them.

    `compute` returns the numbers for a context of mpmath; None stands for 0. Where terms cancel completely, only the
    highest precision counts. Raises LimitError if there is no agreement, DomainError as `compute` does.
    """
    working, before = digits + SPARE, None
    while True:
        c, last = mp_context(working), working >= max(TOP, 8 * digits)
        try:
            found = [c.zero if x is None else to_big(c, x).number for x in compute(c)]
        except DomainError:
            if last or not c.lost:
                raise
            found = []
        if before and found and (last or not c.lost):
            agree = [_agreement(c, a, b, digits, last) for a, b in zip(before, found, strict=True)]
            if None not in agree:
                return agree
            if working >= max(2 * TOP, 16 * digits):
                hint = "ask for fewer digits, or move the point away from where the formula is not smooth"
                raise LimitError(f"{working} working digits do not give {digits} correct ones", hint=hint)
        working, before = 2 * working, found


def _agreement(c: Any, a: Any, b: Any, digits: int, last: bool) -> Any:
    """Return the number that a and the more precise b agree on, None if there is none.

    At the last precision, a number that shrinks with the precision is 0.
    """
    if not (c.isfinite(a) and c.isfinite(b)):
        return b if a == b or (c.isnan(a) and c.isnan(b)) else None
    if abs(a - b) <= abs(b) * c.mpf(10) ** (-digits - 3):
        return b
    tiny = c.mpf(10) ** -(c.dps // (NEAR + 2))
    return c.zero if last and abs(b) <= tiny and abs(b) <= abs(a) * c.mpf(10) ** -digits else None


class BigEvaluation:
    """An evaluation repeated in the numbers of a context of mpmath: values of slots, derivatives of outputs.

    Conditions are decided by these values. At a kink or a boundary of conditions, a derivative is the mean of those at
    two points beside it, so near that the difference is beyond the digits asked for.
    """

    def __init__(self, evaluation: Evaluation, c: Any, *, exact_floats: bool = False) -> None:
        self.evaluation, self.trace, self.context, self.one = evaluation, evaluation.trace, c, Big(c.one)
        given = [evaluation.given[name] for name in self.trace.inputs]
        self.inputs = [to_big(c, x, exact_floats=exact_floats) for x in given]
        self.values = evaluate_big(evaluation, c, self.inputs)
        self.outputs = [self.values[out] for out in self.trace.outputs]

    def slots(self, names: Iterable[str]) -> list[int]:
        """Return the slots of variables."""
        return [self.trace.slot[name] for name in names]

    @cached_property
    def is_edge(self) -> bool:
        """Tell whether the function may not be smooth here. Then the local partials may be wrong."""
        return any(at.edge.kind in CERTAIN for at in linearize(image(self.evaluation, self.values)).edges)

    def beside(self, direction: Mapping[int, Any]) -> list[list[Any]]:
        """Return the values of the slots at the point; at an edge, those beside it on each side in the domain."""
        if not self.is_edge:
            return [self.values]
        sizes = [abs(self.inputs[slot].number) for slot in direction]
        h = Big(min([self.context.one, *(x for x in sizes if x)]) * self.context.mpf(10) ** -(self.context.dps // NEAR))
        found = []
        for step in (h, -h):
            with suppress(DomainError):
                inputs = self.inputs.copy()
                for slot, d in direction.items():
                    inputs[slot] = inputs[slot] + step * d
                found.append(evaluate_big(self.evaluation, self.context, inputs))
        return found or [self.values]

    def along(self, direction: Mapping[int, Any]) -> list[Any]:
        """Return the derivatives of the outputs along a direction by slot: a tangent sweep."""
        sides = self.beside(direction)
        swept = [tangents(len(values), linearized(self.trace, values), direction) for values in sides]
        return [sum(side[out] or 0.0 for side in swept) / len(sides) for out in self.trace.outputs]

    def jacobian(self, slots: Sequence[int]) -> list[list[Any]]:
        """Return the derivatives of the outputs by inputs, a row for each output.

        There is an adjoint sweep for each output; at an edge, a tangent sweep for each input.
        """
        if self.is_edge:
            return [list(row) for row in zip(*(self.along({slot: self.one}) for slot in slots), strict=True)]
        local = linearized(self.trace, self.values)
        rows = [adjoints(len(self.values), local, {out: self.one}) for out in self.trace.outputs]
        return [[row[slot] for slot in slots] for row in rows]

    def rates(self, direction: Mapping[int, Any], around: Mapping[int, Any]) -> list[Any]:
        """Return the Hessian of the only output times a direction by slot; `around` is the direction off an edge."""
        values = self.beside(around)[0]
        rates = {self.trace.inputs[slot]: Dual(values[slot], rate) for slot, rate in direction.items()}
        moving = replay(self.evaluation._replace(values=values), rates)
        swept = adjoints(len(values), linearized(self.trace, moving), {self.trace.outputs[0]: self.one})
        return [x.tangent if isinstance(x, Dual) else 0.0 for x in swept[: len(self.inputs)]]


def evaluate_big(evaluation: Evaluation, c: Any, inputs: Sequence[Big]) -> list[Any]:
    """Return the value of each slot for these inputs, None where a condition chose another branch.

    Raises DomainError.
    """
    trace = evaluation.trace
    values: list[Any] = [None if n.value is None else to_big(c, n.value, exact_floats=False) for n in trace.nodes]
    values[: len(inputs)] = inputs
    for slot in in_demand(trace, values, trace.outputs):
        op, args = trace.op(slot), [values[arg] for arg in trace.args[slot]]
        if op.domain is not None and all(c.isfinite(x.number) for x in args) and not op.domain.contains(*args):
            raise image(evaluation, values).outside(slot, list(map(float, args)))
        values[slot] = op(*args)
    return values


def image(evaluation: Evaluation, values: Sequence[Any]) -> Evaluation:
    """Return the evaluation with these values rounded to floats; a value near an edge is not rounded onto it."""
    trace = evaluation.trace
    rounded: list[Any] = [x if x is None or isinstance(x, bool) else float(x) for x in values]
    for row in trace.rows:
        op, slots = trace.op(row), trace.args[row]
        if not op.edges or values[row] is None or any(values[arg] is None for arg in slots):
            continue
        near, exact = [rounded[arg] for arg in slots], [values[arg] for arg in slots]
        if any(passes(edge.when, near) and not passes(edge.when, exact) for edge in op.edges):
            for arg in slots:
                x, side = rounded[arg], values[arg] - rounded[arg]
                rounded[arg] = math.nextafter(x, side * math.inf) if math.isfinite(x) and side != 0 else x
    return evaluation._replace(values=rounded, notes=[])


def linearized(trace: Trace, values: list[Any]) -> Partials:
    """Return the local partials on numbers of a context, or on dual numbers of these."""
    found = partials(trace, values, range(len(trace.inputs)), _slope)
    return [(i, j, p) for i, j, p in found if not trace.op(i).pieces or p != 0.0]  # it is constant there


def _slope(op: Op, k: int, y: Any, *args: Any) -> Any:
    """Return a local partial; where its rule has no value, the limit that the table gives for floats."""
    slope = op.partial(k, y, *args)
    if callable(op.rules[k]) and _is_nan(slope):
        c = _plain(y).number.context
        c.limiting = True
        slope = op.partial(k, y, *args)
        c.limiting = False
        if isinstance(slope, Big) and _is_nan(slope):
            return op.slope(k, float(y), *map(float, args))
    return slope


def _is_nan(x: Any) -> bool:
    return x != x if isinstance(x, Big) else isinstance(x, Dual) and (x.value != x.value or x.tangent != x.tangent)


def _plain(x: Any) -> Any:
    return x.value if isinstance(x, Dual) else x
