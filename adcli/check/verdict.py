"""The verdict on a gradient: whether independent methods agree on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..derive import Model
from ..language import Point
from ..ops import ROUNDOFF
from ..result import Cell, Column, Document, Result, Table, columns, partial_name
from .differences import JUMP, NO_LIMIT, OUTSIDE
from .findings import DIGITS, EXACT, Evidence, Finding, Methods

ILL = 1e8  # a condition that costs half of the digits


class Component(NamedTuple):
    """One partial derivative: the answer, how many of its digits are correct, its condition, and all findings.

    The relative error of the answer is about 1.1e-16 times the `condition`. `slopes` are the derivatives from the left
    and from the right where they differ. `exact` is the result with 50 digits, as text.
    """

    variable: str
    value: float | None
    digits: float | None
    condition: float | None
    findings: tuple[Finding, ...]
    slopes: tuple[float, float] | None
    exact: str
    verdict: str
    agrees: bool

    def data(self) -> dict[str, Any]:
        """Return the component as plain data for JSON."""
        return {
            "variable": self.variable,
            "value": self.value,
            "digits": self.digits,
            "condition": self.condition,
            "slopes": self.slopes,
            "exact": self.exact or None,
            "verdict": self.verdict,
            "agrees": self.agrees,
            "methods": [f.data() for f in self.findings],
        }


class Check(Result):
    """A gradient judged: its components, and the verdict in one line."""

    output: str
    value: float
    components: tuple[Component, ...]
    verdict: str
    remarks: tuple[str, ...]

    def __getitem__(self, variable: str) -> Component:
        return next(c for c in self.components if c.variable == variable)

    @property
    def agrees(self) -> bool:
        """Tell whether all methods agree as far as rounding and their own errors let them."""
        return all(c.agrees for c in self.components)

    @property
    def complete(self) -> bool:
        """Tell whether they agree on numbers."""
        return self.agrees and all(c.value is not None and c.value == c.value for c in self.components)

    def document(self) -> Document:
        """Return the findings to print: a row for each method, columns for each variable."""
        shown = [Column("method")]
        rows: list[list[Cell]] = [[f.method] for c in self.components[:1] for f in c.findings]
        for c in self.components:
            shown += [Column(partial_name(self.output, [c.variable])), *columns("±", "digits", brief=True)]
            for row, f in zip(rows, c.findings, strict=True):
                known = f.value is not None and f.error == f.error
                missing = "-" if f.reason else None
                digits = "" if f.digits is None else f.digits
                row += [missing if f.value is None else f.value, f.error if known else "", digits]
        table = Table("", tuple(shown), [tuple(row) for row in rows], (1, 3))
        conditions = [f"{c.condition:.2g} for {c.variable}" for c in self.components if c.condition is not None]
        condition = [f"condition: {', '.join(conditions)}"] if conditions else []
        components = [c.data() for c in self.components]
        return self._document(
            {"value": self.value, "agrees": self.agrees, "verdict": self.verdict, "components": components},
            quantities={self.output: self.value},
            tables=(table,) if self.components else (),
            closing=(*condition, *self.remarks, f"verdict: {self.verdict}"),
        )


def check(model: Model, at: Point, wrt: tuple[str, ...], peers: tuple[str, ...] = ()) -> Check:
    """Return the verdict on the gradient of a model with one output at a point.

    `peers` names other programs that give their gradient too. Raises UsageError if one is not installed, DomainError
    or PointError where the model has no value.
    """
    here, evaluation = model.model_and_evaluation(at)
    output = here.outputs[0]
    methods = Methods(model, at, evaluation, wrt, peers)
    components = [judged(methods.evidence(name), output) for name in wrt]
    remarks = dict.fromkeys(f"{f.method}: {f.reason}" for c in components for f in c.findings if f.reason)
    return Check(
        source=here, at=evaluation.point, output=output, value=evaluation.result, components=tuple(components),
        verdict=_summary(components), remarks=tuple(remarks), notes=tuple(methods.swept["forward"].notes),
    )  # fmt: skip


def judged(found: Evidence, output: str) -> Component:
    """Return the verdict on one partial derivative: its problems, or else a remark."""
    answer, what = found.by("forward"), partial_name(output, [found.variable])
    value, remark = answer.value, ""
    if value is None:
        reason = found.by("differences").reason
        problems, remark = _exists_after_all(found), f"does not exist{f': {reason}' if reason else ''}"
    elif value != value:
        problems = [_no_number(found)]
    else:
        problems, remark = [*_disagreements(found)], _remark(found)
    sayings = problems or [remark] * bool(remark)
    return Component(
        found.variable,
        value,
        answer.digits,
        found.unit / ROUNDOFF / abs(value) if value and math.isfinite(value) and found.unit else None,
        found.findings,
        found.sides,
        "" if found.exact is None else str(found.exact.context.nstr(found.exact, DIGITS)),
        "; ".join(f"{what} {saying}" for saying in sayings),
        not problems,
    )


def _exists_after_all(found: Evidence) -> list[str]:
    """Return the problem of a derivative that does not exist by the rules, but does by differences."""
    numeric = found.by("differences")
    if numeric.reason or found.sides or not math.isfinite(numeric.value or 0.0):
        return []
    return [f"is said not to exist, but differences find {numeric.text}"]


def _no_number(found: Evidence) -> str:
    """Return the problem of a derivative that is NaN by the rules, with what the other methods find."""
    numeric, exact = found.by("differences"), found.by(EXACT)
    seen = ["is no number by the rules"]
    if found.sides:
        seen.append("differences find the one-sided slopes {:.10g} and {:.10g}".format(*found.sides))
    elif not numeric.reason:
        seen.append(f"differences find {numeric.text}")
    if _is_number(exact):
        seen.append(f"{EXACT} give {exact.text}")
    return "; ".join(seen)


def _disagreements(found: Evidence) -> Iterator[str]:
    """Yield each method that does not agree with the most trustworthy one, and a jump that only differences see."""
    answer = found.by("forward")
    reference = next(f for f in (found.by(EXACT), answer) if _is_number(f))
    for f in found.findings:
        if f.method == reference.method or f.reason or (f.method == "complex step" and found.sides):
            continue
        if f.is_close(reference, found.unit):
            continue
        text = f"is {reference.text} by {reference.method}, {f.text} by {f.method}"
        if f.value is not None and reference.value is not None and math.isfinite(f.value - reference.value):
            apart, allowed = abs(f.value - reference.value), f.allowed(reference, found.unit)
            text += f" ({apart:.2g} apart; rounding explains {allowed:.1g})"
        yield text
    if found.by("differences").reason == JUMP:
        yield f"is {answer.text} by {answer.method}, but the function jumps"


def _remark(found: Evidence) -> str:
    """Return a remark on a derivative that all methods agree on, the first of several; "" for none."""
    numeric, sides = found.by("differences"), found.sides
    if sides:
        kind = "has" if numeric.value is None else "is the mean of"
        return f"{kind} the one-sided slopes {sides[0]:.10g} and {sides[1]:.10g}"
    if math.isinf(found.by("forward").value or 0.0):
        if found.exact is not None and found.exact.context.isfinite(found.exact):
            return f"is {found.exact.context.nstr(found.exact, 5)}, beyond the range of floats"
        return "is infinite"
    if OUTSIDE in (found.slopes.left.reason, found.slopes.right.reason) and not numeric.reason:
        return "is one-sided"
    return "is not confirmed by differences" if numeric.reason == NO_LIMIT else ""


def _is_number(finding: Finding) -> bool:
    return finding.value is not None and finding.value == finding.value


def _summary(components: list[Component]) -> str:
    """Return the verdict in one line."""
    wrong = [c for c in components if not c.agrees]
    if wrong:
        kind = "no answer" if all(c.value != c.value for c in wrong) else "the methods disagree"
        return f"{kind}: " + "; ".join(c.verdict for c in wrong)
    methods = {f.method for c in components for f in c.findings if f.value is not None}
    conditions = [c.condition for c in components if c.condition is not None]
    digits = [c.digits for c in components if c.digits is not None]
    text = f"{len(methods)} methods agree"
    if max(conditions, default=0.0) > ILL:
        text += f" as far as rounding lets them (condition {max(conditions):.2g})"
    if digits:
        text += f", {math.floor(min(digits) + 0.1)} digits are correct"
    return "; ".join([text, *(c.verdict for c in components if c.verdict)])
