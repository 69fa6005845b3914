"""What rounding may do to a value and to a derivative: first-order error bounds from sweeps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..ops import Dual
from ..trace import Evaluation, Partials, adjoints, linearize, partials, tangents

UNIT = 2.0**-53  # the relative error of one rounding
Rates = Sequence[float | None]


def value_error(evaluation: Evaluation) -> float:
    """Return the sum over the rows of |v_i dy/dv_i|, times the error of one rounding; infinite where a slope is."""
    values = evaluation.values
    output = evaluation.trace.outputs[0]
    try:
        edges = _edges(evaluation, [None] * len(values))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.inf
    adjoint = adjoints(len(values), [(i, j, p.value) for i, j, p in edges], {output: 1.0})
    total = sum(abs(v * a) for v, a in zip(values, adjoint, strict=True) if a and v is not None)
    return float(UNIT * total) if total == total else math.inf


def slope_error(evaluation: Evaluation, name: str) -> float:
    """Return the same for the partial derivative g by a variable: the rows' |v_i dg/dv_i|, and its paths' products.

    It is the unit in which DESIGN.md (section 5) measures accuracy: every row's rounding, pushed to the result. NaN
    where second derivatives do not exist.
    """
    trace, values = evaluation.trace, evaluation.values
    size, output, slot = len(values), trace.outputs[0], trace.slot[name]
    rates = tangents(size, linearize(evaluation).partials, {slot: 1.0})
    try:
        edges = _edges(evaluation, rates)
        swept = adjoints(size, edges, {output: Dual(1.0, 0.0)})
        paths = adjoints(size, [(i, j, abs(p.value)) for i, j, p in edges], {output: 1.0})[slot] or 0.0
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    rounded = sum(abs(v * a.tangent) for v, a in zip(values, swept, strict=True) if a is not None and v is not None)
    return float(UNIT * (paths + rounded))


def _edges(evaluation: Evaluation, rates: Rates) -> Partials:
    """Return the local partials as numbers that carry their rate along the direction that `rates` are tangents of.

    Constants that a float only approximates, such as pi and 0.1, count as rounded too.
    """
    trace, values = evaluation.trace, evaluation.values
    rounded = [k for k, op in enumerate(trace.ops) if op is None and (trace.varies[k] or not _is_exact(values[k]))]
    moving = [
        x if x is None or isinstance(x, bool) else Dual(x, rate or 0.0) for x, rate in zip(values, rates, strict=True)
    ]
    return [
        (row, slot, p if isinstance(p, Dual) else Dual(p, 0.0)) for row, slot, p in partials(trace, moving, rounded)
    ]


def _is_exact(x: float | None) -> bool:
    """Tell whether a number is one that a person can have meant exactly: a multiple of 2^-20."""
    return x is None or x * 2**20 % 1 == 0
