"""Adjoints with their rates of change, as the values of the slots move: forward over reverse."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..ops import Dual, Ieee, Limit, Op
from .evaluation import Evaluation
from .partials import arcs
from .sweep import adjoints


class Moving(NamedTuple):
    """An adjoint or a partial and its rate along a direction; None if it does not change, so never 0*inf."""

    value: float
    rate: float | None

    def __mul__(self, other: Any) -> Moving:
        a, b = self, other if isinstance(other, Moving) else Moving(other, None)
        left = None if a.rate is None else a.rate * b.value
        right = None if b.rate is None else a.value * b.rate
        return Moving(a.value * b.value, right if left is None else left if right is None else left + right)

    def __add__(self, other: Moving) -> Moving:  # type: ignore[override]
        rates = [x for x in (self.rate, other.rate) if x is not None]
        return Moving(self.value + other.value, sum(rates) if rates else None)


def moving_adjoints(
    evaluation: Evaluation, rates: Sequence[float | None], weights: Mapping[int, float]
) -> list[Moving | None]:
    """Return the adjoints of the outputs times `weights`, with their rates, given those of the values of all slots."""
    trace, size = evaluation.trace, len(evaluation.values)
    partials = [
        (row, slot, _moving_partial(evaluation, rates, row, k))
        for row, k, slot in arcs(trace, range(len(trace.inputs)), evaluation.values)
    ]
    return adjoints(size, partials, {out: Moving(w, None) for out, w in weights.items()})


def slope_rate(op: Op, k: int, n: int, y: float, args: Sequence[float]) -> float:
    """Return the derivative of the k-th partial by argument n by dual numbers, as a limit where an operation raises."""
    slope = op.slope(n, y, *args)
    for kind in (float, Limit if math.isfinite(y) and math.isfinite(slope) else Ieee):
        try:
            numbers: list[Any] = [kind(x) for x in args]
            numbers[n] = Dual(numbers[n], 1.0)
            found = op.partial(k, Dual(kind(y), kind(slope)), *numbers)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        rate = float(found.tangent) if isinstance(found, Dual) else 0.0
        if rate == rate:
            return rate
    return math.nan


def _moving_partial(evaluation: Evaluation, rates: Sequence[float | None], row: int, k: int) -> Any:
    """Return the local partial of a row by its k-th argument, with its rate."""
    op, y = evaluation.trace.op(row), evaluation.values[row]
    assert y is not None
    if op.selects is not None:
        return 1.0
    if not callable(op.rules[k]):
        return op.rules[k]
    args = evaluation.arguments(row)
    moving = [(n, t) for n, slot in enumerate(evaluation.trace.args[row]) if (t := rates[slot])]
    changes = [t * slope_rate(op, k, n, y, args) for n, t in moving]
    return Moving(op.slope(k, y, *args), sum(changes) if changes else None)
