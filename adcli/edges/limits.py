"""Limits beside a point: power series that both sides agree on, second derivatives, values that a formula lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..errors import DomainError
from ..language import dereference, excerpt, number_text
from ..ops import Germ, NoGerm, Outside
from ..trace import Evaluation, Linearization
from .approach import approach
from .reach import edge_text, edges_met, edges_of
from .sides import beside, limit_beside, same

PARABOLAS = 4  # variables along which parabolas are followed to a limit


def powers(
    linear: Linearization, direction: Mapping[int, float], out: int, order: int, *, whole: bool = False
) -> list[float]:
    """Return the coefficients of an output along a direction up to t^order, on which both sides agree.

    Where one side has no values, they are those of the other; beyond a fractional power they are infinite. Raises
    DomainError where the sides differ, where there is no power series, and for infinite ones if they must be `whole`.
    """
    evaluation = linear.evaluation
    met = edges_met(linear, [out])
    edges = edges_of(linear, *[met[slot] for slot in direction])
    where = f": {edge_text(evaluation, edges[0])}" if edges else ""
    place = evaluation.place(evaluation.trace.nodes[edges[0].row if edges else out])
    sides: list[list[float]] = []
    for sign in (-1.0, 1.0):
        try:
            terms = _side(evaluation, {slot: sign * d for slot, d in direction.items()}, out, order)
        except Outside:
            continue
        except NoGerm:
            raise DomainError(f"there is no power series{where}", place, "try a point beside it") from None
        sides.append([sign**k * c for k, c in enumerate(terms)])
    if not sides:
        raise DomainError(
            f"there is no value on either side, so no power series{where}", place, "try a point beside it"
        )
    if whole and not all(math.isfinite(c) for side in sides for c in side):
        raise DomainError(f"there is no power series in whole powers{where}", place, "try a point beside it")
    here = float(evaluation.values[out] or 0.0)
    for k, (a, b) in enumerate([(sides[0][0], here), *zip(sides[0], sides[-1], strict=True)]):
        if not same(a, b):
            of = "values" if k < 2 else f"coefficients of t^{k - 1}"
            text = f"there is no power series{where}; {of} on the two sides: {number_text(a)} and {number_text(b)}"
            raise DomainError(text, place, "try a point beside it")
    return sides[-1]


def _side(evaluation: Evaluation, direction: Mapping[int, float], out: int, order: int) -> list[float]:
    """Return the coefficients on one side; where the line has no values, those that curves beside it agree on.

    The curves leave it with t^(order + 1), which adds nothing to these coefficients: sin(x)/x + y^2 by y at x = 0.
    """
    try:
        (found,) = approach(evaluation, direction, [out], order)
        return _coefficients(found, order)
    except Outside:
        others = {k: 1.0 + k / 7 for k in range(len(evaluation.trace.inputs)) if k not in direction}
        if not evaluation.refused or not others:
            raise
    sides = []
    for sign in (1.0, -1.0):
        bend = {k: sign * w for k, w in others.items()}
        (found,) = approach(evaluation, direction, [out], order, bend, bent=order + 1)
        sides.append(_coefficients(found, order))
    if not all(same(a, b, abs(b)) for a, b in zip(*sides, strict=True)):
        raise Outside
    return sides[0]


def _coefficients(found: Germ | float, order: int) -> list[float]:
    """Return the derivatives at 0+ of order k, over k!; beyond a fractional power they are infinite.

    Raises NoGerm at a pole.
    """
    if not isinstance(found, Germ):
        return [found] + [0.0] * order
    root = found.frame.root
    terms = [found[k] for k in range(order * root + 1)]
    whole = terms[::root]
    if found.low < 0:
        raise NoGerm
    if odd := next((k for k, c in enumerate(terms) if c and k % root), 0):
        for k in range(odd // root + 1, order + 1):
            whole[k] = math.copysign(math.inf, terms[odd] * math.prod(odd / root - j for j in range(k)))
    return whole


def second(linear: Linearization, i: int, j: int) -> float:
    """Return the second derivative of the only output by inputs i and j (slots), where all sides agree on it.

    Raises DomainError where they do not.
    """
    (out,) = linear.evaluation.trace.outputs
    if i == j:
        return 2 * powers(linear, {i: 1.0}, out, 2)[2]
    own = [powers(linear, {k: 1.0}, out, 2) for k in (i, j)]
    mixed: list[float] = []
    seconds: list[float] = []
    smooth = True
    for d in (1.0, -1.0, 0.25, -0.25, 4.0, -4.0):  # the quadratic form of a matrix has the same one in every direction
        line = powers(linear, {i: 1.0, j: d}, out, 2)
        a, b = ([own[0][k], d**k * own[1][k]] for k in (1, 2))
        smooth &= same(line[1], sum(a), math.fsum(map(abs, a)))
        seconds.append(line[2])
        mixed.append((line[2] - sum(b)) / d)
        smooth &= same(mixed[0], mixed[-1], math.fsum(map(abs, (line[2] / d, *b))))
    if not smooth:
        at = linear.edges[0]
        place = linear.evaluation.place(linear.evaluation.trace.nodes[at.row])
        text = f"there is no second derivative: {edge_text(linear.evaluation, at)}"
        raise DomainError(text, place, "try a point beside it")
    return (seconds[0] - seconds[1]) / 2


def fill(evaluation: Evaluation) -> None:
    """Put the limit in the place of each output that has no value, with a note; raise DomainError if there is none."""
    for out in evaluation.trace.outputs:
        if evaluation.values[out] == evaluation.values[out]:
            continue
        found = _limits(evaluation, out)
        if found and math.isfinite(found[0]) and all(same(x, found[0]) for x in found):
            evaluation.values[out] = found[0]
            formula = excerpt(dereference(evaluation.trace.nodes[out]))
            text = f"{formula} has no value here: {number_text(found[0])} is the limit"
            evaluation.notes.append(evaluation.note("limit", text, out))
        elif evaluation.refused:
            error = evaluation.refused[0]
            sides = " and ".join(dict.fromkeys(map(number_text, found)))
            why = f"from different sides it goes to {sides}" if len(set(found)) > 1 else f"it goes to {sides}"
            why = why if found and not any(map(math.isnan, found)) else "no power series gives a limit"
            raise DomainError(error.what, error.place, "; ".join(filter(None, (why, error.hint))))


def limit_hint(hint: str, evaluation: Evaluation) -> str:
    """Return the hint of a DomainError with what --limit gives, if the evaluation as a limit gives the outputs."""
    try:
        fill(evaluation)
    except DomainError:
        return hint
    given = ", ".join(number_text(x) for x in evaluation.results)
    return f"with --limit it is {given}; {hint}"


def _limits(evaluation: Evaluation, out: int) -> list[float]:
    """Return the limits of an output along the axes, other lines and parabolas; NaN where that is not known."""
    inputs = range(len(evaluation.trace.inputs))
    lines: list[tuple[dict[int, float], dict[int, float]]] = [({k: 1.0}, {}) for k in inputs]
    if len(inputs) > 1:
        lines += [({k: math.cos(angle + k) for k in inputs}, {}) for angle in (0.3, 1.1)]
        lines += [({k: 1.0}, {j: 1 + j / 7 for j in inputs if j != k}) for k in inputs[:PARABOLAS]]
    found: list[float] = []
    for direction, bend in lines:
        for sign in (-1.0, 1.0):
            line = {k: sign * d for k, d in direction.items()}
            try:
                weights = {out: 1.0}
                side = beside(evaluation, line, weights, bend) if bend else limit_beside(evaluation, line, weights)
            except NoGerm:
                return [math.nan]
            found += [] if side is None else [side.value]
    return found
