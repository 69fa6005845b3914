"""A user's own derivatives graded: right, or at which point and by how much they differ."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..derive import gradient
from ..errors import AdcliError, DomainError
from ..language import Point, point_line
from ..result import Cell, Document, Result, Table
from ..trace import Evaluation
from .conditioning import UNIT, slope_error, value_error
from .random_points import points

SLACK = 64.0  # times the estimated rounding errors: what is really different differs by far more somewhere
TELLING = 1e-3  # a point tells nothing where rounding may take more than this part of the numbers
UNDERFLOW = 1e-150  # what is smaller may be what underflow left
TRIES = 30  # points tried for each one that is asked for


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
        headers = ("by", "claim", "at", "claimed", "derivative", "difference")
        return self._document(
            {"claims": [g._asdict() for g in self.graded]},
            tables=(Table("", headers, rows, frozenset((0,)), code=frozenset((1, 2))),),
            closing=(f"verdict: {'; '.join(f'{g.variable}: {g.verdict}' for g in self.graded)}",),
        )


class Trial(NamedTuple):
    """What was found at a point: the claimed number, the derivative, and how far apart rounding may take them."""

    at: dict[str, float]
    claimed: float | None
    derivative: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Tell whether they are equal as far as rounding lets them."""
        return self.claimed is not None and abs(self.claimed - self.derivative) <= self.allowed


def grade(source: Any, at: Point, claims: Mapping[str, Any], count: int = 20, seed: int = 0) -> Claims:
    """Return the grades of claims, Formulas by variable, on a Formula.

    Each is tried at the point and at `count` random points where it and the formula have values; a number is only tried
    at the point, to as many decimals as it was typed with.
    """
    evaluation: Evaluation
    model, evaluation = source.evaluated(at)
    found = gradient(evaluation, tuple(claims), "auto")
    graded = []
    for name, claim in claims.items():
        first = _at(source, claim, at.moved({}), name)
        if first is None:
            raise DomainError(f"there is no derivative by {name} at this point to compare the claim with")
        if not claim.variables:
            half = _half_a_place(str(claim.script.text))
            graded.append(_told(name, claim, [first._replace(allowed=max(first.allowed, half))], 0))
            continue
        tried, skipped = [first], 0
        others = points(evaluation.trace.inputs, seed, around=evaluation.point)
        while len(tried) <= count and skipped <= TRIES * count:
            one = _at(source, claim, at.moved(next(others)), name, random=True)
            if one is None or one.claimed is None:
                skipped += 1
            else:
                tried.append(one)
        graded.append(_told(name, claim, tried, skipped))
    return Claims(source=model, at=evaluation.point, graded=tuple(graded), notes=tuple(found.notes))


def _at(source: Any, claim: Any, at: Point, name: str, *, random: bool = False) -> Trial | None:
    """Return what is found at a point; None where there is nothing to compare."""
    try:
        evaluation: Evaluation = source.evaluation(at)
    except AdcliError:
        return None
    if name not in evaluation.trace.inputs:  # a Python function or a sum that does not use it here
        return None
    swept = gradient(evaluation, (name,))
    d = swept.gradient[name]
    if d is None or not math.isfinite(d) or (random and swept.notes):
        return None
    try:
        theirs: Evaluation = claim.evaluation(at)
    except DomainError:
        return Trial(evaluation.point, None, d, 0.0)
    errors = [slope_error(evaluation, name), value_error(theirs)]
    allowed = SLACK * (sum(errors) + UNIT * abs(d)) if all(map(math.isfinite, errors)) else SLACK * UNIT * abs(d)
    c = theirs.result
    if random and (not math.isfinite(c) or allowed > TELLING * max(abs(c), abs(d), UNDERFLOW)):
        return None
    return Trial(evaluation.point, c, d, allowed + UNDERFLOW)


def _half_a_place(text: str) -> float:
    """Return half a unit in the last decimal of a number such as 1.7163; 0 for a whole number or an expression."""
    m = re.fullmatch(r"\s*[-+]?\d*\.(\d+)(?:[eE]([-+]?\d+))?\s*", text)
    return 0.5 * 10.0 ** (int(m[2] or 0) - len(m[1])) * (1 + 1e-9) if m else 0.0


def _told(name: str, claim: Any, tried: list[Trial], skipped: int) -> Graded:
    """Return the grade, with what the wrong ones have in common."""
    wrong = [p for p in tried if not p.agrees]
    right = len(tried) - len(wrong)
    if not wrong:
        some = f"at {right} points" if right > 1 else "at the point"
        only = "" if right > 1 or not claim.variables else "; no other point of the domain was found"
        first, text = tried[0], f"right {some}{only}"
    else:
        first = wrong[0]
        text = "wrong" if len(tried) == 1 else f"wrong at {len(wrong)} of {len(tried)} points"
        if first.claimed is None:
            text += ": it has no value there"
        elif pattern := _pattern(tried):
            text += f": {pattern}"
    return Graded(
        name, str(claim), not wrong, right, skipped, first.at, first.claimed, first.derivative, text
    )  # fmt: skip


def _pattern(tried: list[Trial]) -> str:
    """Return by what constant factor or amount the claim is off, if it is the same at all of several points."""
    if len(tried) < 3:
        return ""
    ratios = [p.claimed / p.derivative for p in tried if p.claimed and p.derivative]
    if len(ratios) == len(tried) and all(abs(r - ratios[0]) <= 1e-9 * abs(r) for r in ratios):
        return (
            "it has the opposite sign" if abs(ratios[0] + 1) < 1e-9 else f"it is {ratios[0]:.6g} times the derivative"
        )
    gaps = [p.claimed - p.derivative for p in tried if p.claimed is not None]
    if len(gaps) == len(tried) and all(
        abs(g - gaps[0]) <= 1e-9 * abs(g) + p.allowed for g, p in zip(gaps, tried, strict=True)
    ):
        return f"it is the derivative {'+' if gaps[0] > 0 else '-'} {abs(gaps[0]):.6g}"
    return ""
