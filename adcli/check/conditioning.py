"""Estimates of the rounding error of a value or a derivative, by sweeps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..ops import ROUNDOFF, Dual
from ..trace import Evaluation, Partials, adjoints, linearize, partials, tangents

SLACK = 64.0  # two numbers may differ by so many estimated errors; different functions differ by far more somewhere


def value_error(evaluation: Evaluation) -> float:
    """Return the error of the output by rounding: 2^-53 times the sum over the rows of |v_i dy/dv_i|.

    To first order (Linnainmaa 1976), by one adjoint sweep. Infinite where a slope is.
    """
    values = evaluation.values
    output = evaluation.trace.outputs[0]
    try:
        local = _partials(evaluation, [None] * len(values))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.inf
    adjoint = adjoints(len(values), [(i, j, p.value) for i, j, p in local], {output: 1.0})
    total = sum(abs(v * a) for v, a in zip(values, adjoint, strict=True) if a and v is not None)
    return float(ROUNDOFF * total) if total == total else math.inf


def slope_error(evaluation: Evaluation, name: str) -> float:
    """Return the error of the partial derivative g by a variable: 2^-53 times (sum |v_i dg/dv_i| + sum over paths).

    The second sum is of the absolute products of the local partials along each path. It is the unit in which DESIGN.md
    (section 5) measures accuracy. NaN where second derivatives do not exist.
    """
    trace, values = evaluation.trace, evaluation.values
    size, output, slot = len(values), trace.outputs[0], trace.slot[name]
    rates = tangents(size, linearize(evaluation).partials, {slot: 1.0})
    try:
        local = _partials(evaluation, rates)
        swept = adjoints(size, local, {output: Dual(1.0, 0.0)})
        paths = adjoints(size, [(i, j, abs(p.value)) for i, j, p in local], {output: 1.0})[slot] or 0.0
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    rounded = sum(abs(v * a.tangent) for v, a in zip(values, swept, strict=True) if a is not None and v is not None)
    return float(ROUNDOFF * (paths + rounded))


def apart(value: float, error: float) -> float:
    """Return how far from a value rounding may take an equal one, given the error of both."""
    return SLACK * (error + ROUNDOFF * abs(value))


def _partials(evaluation: Evaluation, rates: Sequence[float | None]) -> Partials:
    """Return the local partials as dual numbers: their value, and their rate along the tangents `rates`.

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
