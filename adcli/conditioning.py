"""What rounding may do to a value and to a derivative: first-order error bounds from sweeps."""

from __future__ import annotations

import math

from .dual import Dual
from .forward import tangents
from .linearize import Linearization, Partials
from .reverse import adjoints

UNIT = 2.0**-53  # the relative error of one rounding


def value_error(linear: Linearization) -> float:
    """Return the sum over the rows of |v_i dy/dv_i|, times the error of one rounding; infinite where a slope is."""
    evaluation = linear.evaluation
    output = evaluation.trace.outputs[0]
    adjoint = adjoints(len(evaluation.values), linear.partials, {output: 1.0})
    terms = [abs(v * a) for v, a in zip(evaluation.values, adjoint, strict=True) if a and v is not None and v == v]
    total = sum(terms, abs(evaluation.result))
    return UNIT * total if total == total else math.inf


def slope_error(linear: Linearization, name: str) -> float:
    """Return the same for the partial derivative g by a variable: the rows' |v_i dg/dv_i|, and its paths' products.

    It is the unit in which DESIGN.md (section 5) measures accuracy: every row's rounding, pushed to the result. NaN
    where second derivatives do not exist.
    """
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    size, output, slot = len(values), trace.outputs[0], trace.slot[name]
    paths = adjoints(size, [(i, j, abs(p)) for i, j, p in linear.partials], {output: 1.0})[slot] or 0.0
    rates = tangents(size, linear.partials, {slot: 1.0})
    try:
        moving = adjoints(size, _moving(linear, rates), {output: Dual(1.0, 0.0)})
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    found = zip(values, moving, strict=True)
    return float(UNIT * (paths + sum(abs(v * a.tangent) for v, a in found if a is not None and v is not None)))


def _moving(linear: Linearization, rates: list[float | None]) -> Partials:
    """Return the partials as numbers that carry their rate along the direction that `rates` are tangents of."""
    evaluation = linear.evaluation
    trace, values = evaluation.trace, evaluation.values
    found: Partials = []
    for row in trace.rows:
        op, slots = trace.ops[row], trace.args[row]
        assert op is not None
        if op.condition or not linear.active[row] or values[row] is None:
            continue
        if op.selects is not None:
            chosen = slots[op.selects(bool(values[slots[0]]))]
            found += [(row, chosen, Dual(1.0, 0.0))] * linear.active[chosen]
            continue
        y, *given = (Dual(values[k], rates[k] or 0.0) for k in (row, *slots))
        for k, slot in enumerate(slots):
            if linear.active[slot]:
                rule = op.rules[k]
                partial = rule(y, *given) if callable(rule) else rule
                found.append((row, slot, partial if isinstance(partial, Dual) else Dual(partial, 0.0)))
    return found
