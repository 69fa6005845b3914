"""Whether two formulas are the same function: values and gradients at random points of their common domain."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..derive import gradient
from ..errors import AdcliError, check_names
from ..language import Point, point_line
from ..result import Document, Result
from ..trace import Evaluation
from .claims import SLACK, TELLING, TRIES, UNDERFLOW
from .conditioning import UNIT, slope_error, value_error
from .random_points import Ranges, points


class Difference(NamedTuple):
    """A quantity that differs at a point: `f`, or a derivative such as `∂f/∂x`."""

    at: dict[str, float]
    quantity: str
    first: float
    second: float


class Comparison(Result):
    """Two formulas compared: at how many points they agree, and a counterexample if there is one.

    `only_first` and `only_second` are points where only one of them has a value; `undecided` counts points where
    rounding leaves too few digits to tell.
    """

    other: Any
    points: int
    undecided: int
    only_first: tuple[dict[str, float], ...]
    only_second: tuple[dict[str, float], ...]
    counterexample: Difference | None

    @property
    def verdict(self) -> str:
        """What was found, in words; A is the first formula, B the second."""
        if c := self.counterexample:
            where = f" {point_line(c.at)}," if c.at else ""
            first, second = (repr(x).removesuffix(".0") for x in (c.first, c.second))
            return f"different:{where} {c.quantity} is {first} by A and {second} by B"
        found = [
            f"{one} has values where {two} has none, e.g. {point_line(only[0])}"
            for one, two, only in (("A", "B", self.only_first), ("B", "A", self.only_second))
            if only
        ]
        if self.undecided:
            found.append(f"at {self.undecided} more, rounding leaves too few digits to tell")
        if not self.points:
            return "; ".join(["nothing to compare: no point was found where both have a value", *found])
        same = "the same where both are defined" if self.only_first or self.only_second else "the same"
        points = f"value and gradient agree at {self.points} points" if self.points > 1 else "the values agree"
        return "; ".join([f"{same}: {points}", *found])

    @property
    def complete(self) -> bool:
        """Tell whether no counterexample was found, at one point at least."""
        return self.counterexample is None and self.points > 0

    def document(self) -> Document:
        """Return the comparison to print."""
        only = {"only_first": self.only_first, "only_second": self.only_second}
        both = {"A": self.source, "B": self.other}
        return Document(
            lines=tuple(f"{name}: {line}" for name, f in both.items() for line in f.lines),
            closing=(f"verdict: {self.verdict}",),
            data={
                "schema": 1,
                "formula": self.formula,
                "other": str(self.other),
                "same": self.complete,
                "points": self.points,
                "undecided": self.undecided,
                **{name: {"points": len(found), "example": next(iter(found), None)} for name, found in only.items()},
                "counterexample": self.counterexample._asdict() if self.counterexample else None,
                "verdict": self.verdict,
            },
            cells={"verdict": self.verdict},
            source=self.source,
            latex=tuple(rf"\text{{{name}: }} {line}" for name, f in both.items() for line in f.latex_lines),
            notes=self.notes,
            complete=self.complete,
        )


def compare(
    first: Any, second: Any, fixed: Point, ranges: Ranges | None = None, count: int = 100, seed: int = 0
) -> Comparison:
    """Return whether two Formulas agree at `count` random points of their common domain, and where they do not.

    Numbers in `fixed` stay as they are; an array there gives the number of its elements.
    """
    names = dict.fromkeys(n for f in (first, second) for n in _free(f, fixed))
    check_names(ranges or {}, names, "a variable of the formulas that is not fixed")
    count = count if names else 1
    agreed = undecided = 0
    only: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    difference: Difference | None = None
    for tried, values in enumerate(points(tuple(names), seed, ranges)):
        if agreed == count or tried == TRIES * count:
            break
        at = fixed.moved(values)
        a, b = _evaluated(first, at), _evaluated(second, at)
        if a is None and b is None:
            continue
        if a is None or b is None:
            only[a is None].append(values)
            continue
        verdict = _compared(a, b, values, first.outputs[0])
        if isinstance(verdict, Difference):
            difference = verdict
            break
        agreed += verdict
        undecided += not verdict
    return Comparison(
        source=first, other=second, at=difference.at if difference else {}, points=agreed, undecided=undecided,
        only_first=tuple(only[0]), only_second=tuple(only[1]), counterexample=difference,
        notes=(*first.script.notes, *second.script.notes),
    )  # fmt: skip


def _free(f: Any, fixed: Point) -> list[str]:
    """Return the variables that are not fixed, and the elements of arrays."""
    given = fixed.values.keys() | f.script.integers
    single = [n for n in f.variables if n not in f.script.arrays and n not in given]
    return [*single, *(f"{n}[{k}]" for n in f.script.arrays for k in range(1, fixed.sizes.get(n, 0) + 1))]


def _evaluated(f: Any, at: Point) -> Evaluation | None:
    try:
        evaluation: Evaluation = f.evaluation(at)
    except AdcliError as problem:
        if problem.kind == "domain":
            return None
        raise
    return evaluation if math.isfinite(evaluation.result) else None


def _compared(a: Evaluation, b: Evaluation, at: dict[str, float], output: str) -> Difference | bool:
    """Return what differs; or whether the point tells that they agree."""
    x, y = a.result, b.result
    errors = value_error(a) + value_error(b)
    telling = errors < math.inf and SLACK * errors <= TELLING * max(abs(x), abs(y), UNDERFLOW)
    if abs(x - y) > SLACK * (errors + UNIT * abs(x)) + UNDERFLOW and errors < math.inf:
        return Difference(at, output, x, y)
    slopes = [gradient(e, tuple(n for n in e.trace.inputs if n in at)) for e in (a, b)]
    if any(s.notes for s in slopes):
        return telling
    for name in at:
        p, q = (s.gradient.get(name, 0.0) for s in slopes)
        if p is None or q is None or not math.isfinite(p - q):
            continue
        errors = sum(slope_error(e, name) for e in (a, b) if name in e.trace.slot)
        if abs(p - q) > SLACK * (errors + UNIT * abs(p)) + UNDERFLOW:
            return Difference(at, f"∂{output}/∂{name}", p, q)
    return telling
