"""A user's own derivatives graded at a point and at random points."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from ..derive import Model, gradient
from ..errors import AdcliError, DomainError
from ..language import Point, point_line
from ..result import Cell, Column, Document, Result, Table, columns
from .conditioning import apart, slope_error, value_error
from .random_points import TELLING, TRIES, UNDERFLOW, random_points


class Graded(NamedTuple):
    """A claim about one partial derivative: at how many points it is right, and the first point where it is not.

    `skipped` points had no value, or rounding left too few digits to tell.
    """

    variable: str
    claim: str
    right: bool
    points: int
    skipped: int
    at: dict[str, float]
    claimed: float | None
    derivative: float
    verdict: str


class Claims(Result):
    """Claims about partial derivatives, graded at a point and at random points of the domain."""

    graded: tuple[Graded, ...]

    def __getitem__(self, variable: str) -> Graded:
        return next(g for g in self.graded if g.variable == variable)

    @property
    def complete(self) -> bool:
        """Tell whether every claim is right."""
        return all(g.right for g in self.graded)

    def document(self) -> Document:
        """Return the grades to print, a row for each claim."""
        rows: list[tuple[Cell, ...]] = []
        for g in self.graded:
            off = None if g.claimed is None else g.claimed - g.derivative
            rows.append((g.variable, g.claim, point_line(g.at).removeprefix("at "), g.claimed, g.derivative, off))
        given, numbers = columns("claim", "at", kind="code"), columns("claimed", "derivative", "difference")
        return self._document(
            {"claims": [g._asdict() for g in self.graded]},
            tables=(Table("", (Column("by", "math"), *given, *numbers), rows),),
            closing=(f"verdict: {'; '.join(f'{g.variable}: {g.verdict}' for g in self.graded)}",),
        )


class Trial(NamedTuple):
    """The claimed number and the derivative at a point, and how far apart rounding may take them."""

    at: dict[str, float]
    claimed: float | None
    derivative: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Tell whether they are equal as far as rounding lets them."""
        return self.claimed is not None and abs(self.claimed - self.derivative) <= self.allowed


def grade(model: Model, at: Point, claims: Mapping[str, Model], count: int = 20, seed: int = 0) -> Claims:
    """Return the grades of claimed derivatives of a model, formulas by variable.

    Each is tried at the point and at `count` random points where it and the model have values. A number is only tried
    at the point, to as many decimals as it was typed with. Raises DomainError where there is no derivative.
    """
    here, evaluation = model.model_and_evaluation(at)
    swept = gradient(evaluation, tuple(claims))
    graded = []
    for name, claim in claims.items():
        first = _trial(model, claim, at.moved({}), name)
        if first is None:
            raise DomainError(f"there is no derivative by {name} at this point to compare the claim with")
        if not claim.variables:
            half = _half_a_place(str(claim.script.text))
            graded.append(_graded(name, claim, [first._replace(allowed=max(first.allowed, half))], 0))
            continue
        tried, skipped = [first], 0
        others = random_points(evaluation.trace.inputs, seed, around=evaluation.point)
        while len(tried) <= count and skipped <= TRIES * count:
            trial = _trial(model, claim, at.moved(next(others)), name, random=True)
            if trial is None or trial.claimed is None:
                skipped += 1
            else:
                tried.append(trial)
        graded.append(_graded(name, claim, tried, skipped))
    return Claims(source=here, at=evaluation.point, graded=tuple(graded), notes=tuple(swept.notes))


def _trial(model: Model, claim: Model, at: Point, name: str, *, random: bool = False) -> Trial | None:
    """Return the claim and the derivative at a point; None where there is nothing to compare.

    A random point is also left out where there are notes, or where rounding leaves too few digits.
    """
    try:
        evaluation = model.evaluation(at)
    except AdcliError:
        return None
    if name not in evaluation.trace.inputs:  # a Python function or a sum that does not use it here
        return None
    swept = gradient(evaluation, (name,))
    derivative = swept.gradient[name]
    if derivative is None or not math.isfinite(derivative) or (random and swept.notes_at_point):
        return None
    try:
        claimed = claim.evaluation(at)
    except DomainError:
        return Trial(evaluation.point, None, derivative, 0.0)
    error = slope_error(evaluation, name) + value_error(claimed)
    allowed, value = apart(derivative, error if math.isfinite(error) else 0.0), claimed.result
    tells = math.isfinite(value) and allowed <= TELLING * max(abs(value), abs(derivative), UNDERFLOW)
    return Trial(evaluation.point, value, derivative, allowed + UNDERFLOW) if tells or not random else None


def _half_a_place(text: str) -> float:
    """Return half a unit in the last decimal of a number such as 1.7163; 0 for a whole number or an expression."""
    m = re.fullmatch(r"\s*[-+]?\d*\.(\d+)(?:[eE]([-+]?\d+))?\s*", text)
    return 0.5 * 10.0 ** (int(m[2] or 0) - len(m[1])) * (1 + 1e-9) if m else 0.0


def _graded(name: str, claim: Model, tried: list[Trial], skipped: int) -> Graded:
    """Return the grade, with what the wrong trials have in common."""
    wrong = [p for p in tried if not p.agrees]
    right = len(tried) - len(wrong)
    if not wrong:
        some = f"at {right} points" if right > 1 else "at the point"
        only = "" if right > 1 or not claim.variables else "; no other point of the domain was found"
        verdict = f"right {some}{only}"
    else:
        verdict = "wrong" if len(tried) == 1 else f"wrong at {len(wrong)} of {len(tried)} points"
        pattern = "it has no value there" if wrong[0].claimed is None else _pattern(tried)
        verdict += f": {pattern}" if pattern else ""
    shown = (wrong or tried)[0]
    return Graded(
        name, str(claim), not wrong, right, skipped, shown.at, shown.claimed, shown.derivative, verdict
    )  # fmt: skip


def _pattern(tried: list[Trial]) -> str:
    """Return the constant factor or amount that the claim is off by, if it is the same at all of several points."""
    claimed = [(p.claimed, p.derivative, p.allowed) for p in tried if p.claimed is not None]
    if len(tried) < 3 or len(claimed) < len(tried):
        return ""
    ratios = [c / d for c, d, _ in claimed if c and d]
    if len(ratios) == len(tried) and all(abs(r - ratios[0]) <= 1e-9 * abs(r) for r in ratios):
        opposite = abs(ratios[0] + 1) < 1e-9
        return "it has the opposite sign" if opposite else f"it is {ratios[0]:.6g} times the derivative"
    amount = claimed[0][0] - claimed[0][1]
    if all(abs(c - d - amount) <= 1e-9 * abs(c - d) + allowed for c, d, allowed in claimed):
        return f"it is the derivative {'+' if amount > 0 else '-'} {abs(amount):.6g}"
    return ""
