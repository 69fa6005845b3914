"""Two formulas compared: their values and gradients at random points of their common domain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from ..derive import Model, gradient
from ..errors import DomainError, check_names
from ..language import Point, point_line
from ..result import Document, Result, partial_name
from ..trace import Evaluation
from .conditioning import SLACK, apart, slope_error, value_error
from .random_points import TELLING, TRIES, UNDERFLOW, Ranges, random_points


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
    first: Model, second: Model, fixed: Point, ranges: Ranges | None = None, count: int = 100, seed: int = 0
) -> Comparison:
    """Return whether two models agree at `count` random points of their common domain, and where they do not.

    Numbers in `fixed` stay as they are; an array there gives the number of its elements. Raises UsageError for a range
    of an unknown name, and what the models raise but DomainError.
    """
    names = dict.fromkeys(n for model in (first, second) for n in _free(model, fixed))
    check_names(ranges or {}, names, "a variable of the formulas that is not fixed")
    count = count if names else 1
    agreed = undecided = 0
    only: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    difference: Difference | None = None
    for values in islice(random_points(tuple(names), seed, ranges), TRIES * count):
        if agreed == count:
            break
        at = fixed.moved(values)
        a, b = _evaluated(first, at), _evaluated(second, at)
        if a is None and b is None:
            continue
        if a is None or b is None:
            only[a is None].append(values)
            continue
        error = value_error(a) + value_error(b)
        difference = next(_differences(a, b, error, values, first.outputs[0]), None)
        if difference:
            break
        decided = SLACK * error <= TELLING * max(abs(a.result), abs(b.result), UNDERFLOW)  # enough digits are left
        agreed += decided
        undecided += not decided
    return Comparison(
        source=first, other=second, at=difference.at if difference else {}, points=agreed, undecided=undecided,
        only_first=tuple(only[0]), only_second=tuple(only[1]), counterexample=difference,
        notes=tuple(dict.fromkeys((*first.script.notes, *second.script.notes))),
    )  # fmt: skip


def _free(model: Model, fixed: Point) -> list[str]:
    """Return the variables that are not fixed, and the elements of arrays."""
    script = model.script
    given = fixed.values.keys() | script.integers
    single = [n for n in model.variables if n not in script.arrays and n not in given]
    return [*single, *(f"{n}[{k}]" for n in script.arrays for k in range(1, fixed.sizes.get(n, 0) + 1))]


def _evaluated(model: Model, at: Point) -> Evaluation | None:
    try:
        evaluation = model.evaluation(at)
    except DomainError:
        return None
    return evaluation if math.isfinite(evaluation.result) else None


def _differences(a: Evaluation, b: Evaluation, error: float, at: dict[str, float], output: str) -> Iterator[Difference]:
    """Yield the value and the partial derivatives that differ by more than rounding explains."""
    x, y = a.result, b.result
    if abs(x - y) > apart(x, error) + UNDERFLOW:
        yield Difference(at, output, x, y)
    slopes = [gradient(e, tuple(n for n in e.trace.inputs if n in at)) for e in (a, b)]
    if any(s.notes_at_point for s in slopes):
        return
    for name in at:
        p, q = (s.gradient.get(name, 0.0) for s in slopes)
        if p is None or q is None or not math.isfinite(p - q):
            continue
        error = sum(slope_error(e, name) for e in (a, b) if name in e.trace.slot)
        if abs(p - q) > apart(p, error) + UNDERFLOW:
            yield Difference(at, partial_name(output, [name]), p, q)
