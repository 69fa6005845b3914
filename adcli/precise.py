"""The same rules on numbers of mpmath: as many correct digits as asked for, the precision raised until they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .big import Big, context, number
from .errors import DomainError, LimitError
from .linearize import Partials
from .ops import Op
from .reverse import adjoints
from .trace import Evaluation, Trace

SPARE, TOP = 20, 1000  # digits more than asked for, at first; digits at which what cancels wholly is taken as 0


def gradient(
    evaluation: Evaluation, wrt: Sequence[str], digits: int, *, exact_floats: bool = False
) -> tuple[Any, dict[str, Any]]:
    """Return the value of the only output and its partial derivatives by the variables `wrt`, as numbers of mpmath.

    A float of the point means its shortest decimal text (0.1 is one tenth), or just that float if `exact_floats`; in
    the formula, numbers and constants always mean what was typed.
    """
    trace = evaluation.trace

    def compute(c: Any) -> list[Any]:
        values = evaluate(evaluation, c, exact_floats=exact_floats)
        swept = adjoints(len(values), linearized(trace, values), {trace.outputs[0]: Big(c.one)})
        return [values[trace.outputs[0]], *(swept[trace.slot[name]] for name in wrt)]

    value, *partials = agreed(compute, digits)
    return value, dict(zip(wrt, partials, strict=True))


def agreed(compute: Callable[[Any], Sequence[Any]], digits: int) -> list[Any]:
    """Return numbers with so many correct digits: those that two precisions, one twice the other, agree on.

    `compute` returns them, given a context of mpmath; None stands for 0. Where terms cancel wholly, only the highest
    precision is believed. Raises LimitError if there is no agreement.
    """
    working, before = digits + SPARE, None
    while True:
        c, last = context(working), working >= max(TOP, 2 * digits)
        try:
            found = [c.zero if x is None else number(c, x).number for x in compute(c)]
        except DomainError:
            if last or not c.lost:
                raise
            found = []
        if before and found and (last or not c.lost):
            if all(_agree(c, a, b, digits) for a, b in zip(before, found, strict=True)):
                return found
            if last:
                raise LimitError(f"{digits} digits are out of reach: {working} working digits were not enough")
        working, before = 2 * working, found


def _agree(c: Any, a: Any, b: Any, digits: int) -> bool:
    if not (c.isfinite(a) and c.isfinite(b)):
        return bool(a == b) or (c.isnan(a) and c.isnan(b))
    return bool(abs(a - b) <= abs(b) * c.mpf(10) ** (-digits - 3))


def evaluate(evaluation: Evaluation, c: Any, *, exact_floats: bool = False) -> list[Any]:
    """Return the value of each slot at an evaluation's point; None for what no condition chose.

    Conditions are decided by these values. Raises DomainError.
    """
    trace, inputs = evaluation.trace, evaluation.trace.inputs
    values: list[Any] = [None if n.value is None else number(c, n.value, exact_floats=False) for n in trace.nodes]
    values[: len(inputs)] = [number(c, evaluation.given[name], exact_floats=exact_floats) for name in inputs]
    for slot in in_demand(trace, values):
        op, args = trace.ops[slot], [values[arg] for arg in trace.args[slot]]
        assert op is not None
        if op.domain is not None and all(c.isfinite(x.number) for x in args) and not op.domain.contains(*args):
            raise image(evaluation, values).outside(op, slot, list(map(float, args)))
        values[slot] = op(*args)
    return values


def in_demand(trace: Trace, values: list[Any]) -> Iterator[int]:
    """Yield each row that the outputs need, its arguments known, for its value to be put; choices are made here."""
    stack = [*reversed(trace.outputs)]
    while stack:
        slot = stack[-1]
        op, needed = trace.ops[slot], trace.args[slot]
        if op is None or values[slot] is not None:
            stack.pop()
            continue
        if op.selects is not None:
            condition = values[needed[0]]
            needed = needed[:1] if condition is None else (needed[op.selects(bool(condition))],)
        if missing := [arg for arg in needed if values[arg] is None]:
            stack.extend(reversed(missing))
        elif op.selects is not None:
            values[slot] = values[needed[0]]
        else:
            yield slot


def image(evaluation: Evaluation, values: Sequence[Any]) -> Evaluation:
    """Return the evaluation with these values rounded to floats."""
    rounded = [x if x is None or isinstance(x, bool) else float(x) for x in values]
    return evaluation._replace(values=rounded, notes=[])


def linearized(trace: Trace, values: list[Any]) -> Partials:
    """Return the local partials by the rules of the table, on numbers of any kind."""
    partials: Partials = []
    for row in trace.rows:
        op, slots, y = trace.ops[row], trace.args[row], values[row]
        assert op is not None
        if y is None or op.condition:
            continue
        if op.selects is not None:
            partials.append((row, slots[op.selects(bool(values[slots[0]]))], 1.0))
            continue
        args = [values[arg] for arg in slots]
        for k, arg in enumerate(slots):
            if trace.varies[arg]:
                partials.append((row, arg, _slope(op, k, y, args)))
    return partials


def _slope(op: Op, k: int, y: Any, args: list[Any]) -> Any:
    """Return a local partial; where its rule is 0*inf or 0/0, the limit that the table has for floats."""
    rule = op.rules[k]
    slope = rule(y, *args) if callable(rule) else rule
    if isinstance(slope, Big) and slope.number != slope.number:
        return op.slope(k, float(y), *map(float, args))
    return slope
