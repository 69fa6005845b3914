"""The verdict on a gradient: its partial derivatives by independent methods, side by side, and whether they agree."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..derive import differentiate, gradient
from ..errors import AdcliError
from ..language import Point
from ..result import Cell, Document, Result, Table
from ..trace import Evaluation, Trace, evaluate, is_at
from . import differences
from .conditioning import UNIT, slope_error, value_error

DIGITS = 50  # of the re-evaluation
EXACT = f"{DIGITS} digits"
LOCAL = ("symbolic", "complex step")  # methods that know only one side of an edge
MOST = -math.log10(UNIT)  # digits that a double can have
ILL = 1e8  # a condition that costs half of the digits
UNDERFLOW = 1e-200  # what is smaller may be what underflow left on the way
SLACK = 4.0  # how often the estimated error two methods may differ by


class Finding(NamedTuple):
    """What a method says of one partial derivative, and how far it may be off; `digits` counts the correct ones.

    A value of None has a `reason` where the method says nothing; without one, the derivative does not exist.
    """

    method: str
    value: float | None
    error: float = math.nan
    reason: str = ""
    digits: float | None = None

    def data(self) -> dict[str, Any]:
        """Return the finding as plain data for JSON."""
        error = self.error if self.error == self.error else None
        data = {"method": self.method, "value": self.value, "error": error, "digits": self.digits}
        return data | ({"reason": self.reason} if self.reason else {})


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
        headers = ["method"]
        rows: list[list[Cell]] = [[f.method] for c in self.components[:1] for f in c.findings]
        for c in self.components:
            headers += [f"∂{self.output}/∂{c.variable}", "±", "digits"]
            for row, f in zip(rows, c.findings, strict=True):
                known = f.value is not None and f.error == f.error
                missing = "-" if f.reason else None
                digits = "" if f.digits is None else f.digits
                row += [missing if f.value is None else f.value, f.error if known else "", digits]
        brief = frozenset(k for k in range(len(headers)) if k % 3 != 1)
        table = Table("", tuple(headers), [tuple(row) for row in rows], split=(1, 3), brief=brief)
        conditions = [f"{c.condition:.2g} for {c.variable}" for c in self.components if c.condition is not None]
        condition = [f"condition: {', '.join(conditions)}"] if conditions else []
        components = [c.data() for c in self.components]
        return self._document(
            {"value": self.value, "agrees": self.agrees, "verdict": self.verdict, "components": components},
            quantities={self.output: self.value},
            tables=(table,) if self.components else (),
            closing=(*condition, *self.remarks, f"verdict: {self.verdict}"),
        )


def check(source: Any, at: Point, wrt: tuple[str, ...], peers: tuple[str, ...] = ()) -> Check:
    """Return the verdict on the gradient of a Formula at a point."""
    evaluation: Evaluation
    model, evaluation = source.evaluated(at)
    forward, reverse = (gradient(evaluation, wrt, mode) for mode in ("forward", "reverse"))
    exact, why = _precise(evaluation, wrt)
    others = {peer: _peer(peer, evaluation, wrt) for peer in peers}
    noise, edged = value_error(evaluation), _is_at_an_edge(evaluation)
    components = []
    for name in wrt:
        unit = slope_error(evaluation, name)
        g = forward.gradient[name]
        if not math.isfinite(unit):
            unit = 64 * UNIT * abs(g) if g is not None and math.isfinite(g) else 0.0
        slopes = differences.slopes(
            _along(source, at, name), evaluation.point[name], noise if math.isfinite(noise) else 0.0
        )
        best = slopes.best
        stepped = differences.complex_step(evaluation, name)
        findings = [
            Finding("forward", g, unit),
            Finding("reverse", reverse.gradient[name], unit),
            _symbolic(evaluation, name, unit),
            _from_estimate("complex step", stepped._replace(error=stepped.error + unit)),
            _from_estimate("differences", best),
            Finding(EXACT, _number(exact.get(name)), reason=why),
            *(
                Finding(peer, found[name], unit, "it gives no number" if found[name] is None else "")
                for peer, found in others.items()
            ),
        ]
        if edged:  # these follow one branch, or the rule at the very point
            findings = [
                Finding(f.method, None, reason=f"{_text(f.value)} by the branch that it takes at the edge")
                if f.method in LOCAL and f.value is not None and not _close(f, findings[0], unit)
                else f
                for f in findings
            ]
        if exact:
            findings = [f._replace(digits=_correct(f.value, exact[name])) if f.method != EXACT else f for f in findings]
        components.append(_judged(name, findings, slopes, exact.get(name), unit, model.outputs[0]))
    remarks = dict.fromkeys(f"{f.method}: {f.reason}" for c in components for f in c.findings if f.reason)
    return Check(
        source=model, at=evaluation.point, output=model.outputs[0], value=evaluation.result,
        components=tuple(components), verdict=_summary(components), remarks=tuple(remarks), notes=tuple(forward.notes),
    )  # fmt: skip


def _is_at_an_edge(evaluation: Evaluation) -> bool:
    """Tell whether a row is at a kink, a branch boundary or the like, also where nothing is to be said about it."""
    trace = evaluation.trace
    for row in trace.rows:
        op, args = trace.ops[row], evaluation.arguments(row)
        assert op is not None
        if len(args) == len(trace.args[row]) and any(is_at(edge, args) for edge in op.edges):
            return True
    return False


def _along(source: Any, at: Point, name: str) -> differences.Function:
    """Return the formula as a function of one variable, NaN where it has no value."""

    def f(x: float) -> float:
        try:
            result: float = source.evaluation(at.moved({name: x})).result
        except AdcliError:
            return math.nan
        return result

    return f


def _symbolic(evaluation: Evaluation, name: str, unit: float) -> Finding:
    """Evaluate the derivative as a formula; its rounding errors come on top of those of the rules."""
    trace = evaluation.trace
    try:
        root = differentiate(trace.nodes[trace.outputs[0]], name)
        found = evaluate(Trace([root], trace.inputs), evaluation.point, lambda _: None)
        error = value_error(found)
    except AdcliError as problem:
        return Finding("symbolic", None, reason=f"its formula has no value here ({problem.what})")
    if found.result != found.result:
        return Finding("symbolic", None, reason="its formula has no value here (0*inf or inf - inf)")
    return Finding("symbolic", found.result, unit + (error if math.isfinite(error) else 64 * UNIT * abs(found.result)))


def _from_estimate(method: str, found: differences.Estimate) -> Finding:
    if found.value != found.value:
        return Finding(method, None, reason=found.reason)
    return Finding(method, found.value, found.error)


def _precise(evaluation: Evaluation, wrt: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Return the partial derivatives with 50 digits, or why there are none."""
    from ..derive import precise

    try:
        return precise.gradient(evaluation, wrt, DIGITS)[1], ""
    except AdcliError as problem:
        return {}, f"needs: {problem.hint}" if "install" in problem.hint else problem.what


def _peer(peer: str, evaluation: Evaluation, wrt: tuple[str, ...]) -> dict[str, float | None]:
    from .peers import gradient as peer_gradient

    found: dict[str, float | None] = peer_gradient(peer, evaluation, wrt)
    return found


def _number(x: Any) -> float | None:
    return None if x is None else float(x)


def _correct(value: float | None, exact: Any) -> float | None:
    """Return how many digits of a value are correct."""
    if value is None or exact is None or not math.isfinite(value) or not math.isfinite(float(exact)):
        return None
    off = abs(exact - value)
    if exact == 0 or off == 0:
        return MOST if off == 0 else 0.0
    return min(max(0.0, -math.log10(float(off / abs(exact)) or UNIT)), MOST)


def _judged(
    name: str, findings: list[Finding], slopes: differences.Slopes, exact: Any, unit: float, output: str
) -> Component:
    """Compare every finding with the most trustworthy one, and say what comes out."""
    by = {f.method: f for f in findings}
    answer, numeric = by["forward"], by["differences"]
    value, what = answer.value, f"∂{output}/∂{name}"
    condition = unit / UNIT / abs(value) if value and math.isfinite(value) and unit else None
    sides = (slopes.left.value, slopes.right.value) if slopes.differ else None
    problems: list[str] = []
    remark = ""
    if value is None:
        if not numeric.reason and not sides and math.isfinite(numeric.value or 0.0):
            problems.append(f"{what} is said not to exist, but differences find {numeric.value:.10g}")
        remark = f"{what} does not exist" + (f": {numeric.reason}" if numeric.reason else "")
    elif value != value:
        seen = [f"differences find {_told(numeric, sides)}"] if not numeric.reason or sides else []
        if (precise := by[EXACT].value) is not None and precise == precise:
            seen.append(f"{EXACT} give {_text(precise)}")
        problems.append("; ".join([f"{what} is no number by the rules", *seen]))
    else:
        reference = next(f for f in (by[EXACT], answer) if f.value is not None and f.value == f.value)
        for f in findings:
            if f.method == reference.method or f.reason or (f.method == "complex step" and sides):
                continue
            if not _close(f, reference, unit):
                text = f"{what} is {_text(reference.value)} by {reference.method}, {_text(f.value)} by {f.method}"
                if f.value is not None and reference.value is not None and math.isfinite(f.value - reference.value):
                    apart = abs(f.value - reference.value)
                    text += f" ({apart:.2g} apart; rounding explains {_allowed(f, reference, unit):.1g})"
                problems.append(text)
        if numeric.reason == differences.JUMP:
            problems.append(f"{what} is {_text(value)} by {answer.method}, but the function jumps")
        if sides and numeric.value is not None:
            remark = f"{what} is the mean of the one-sided slopes {sides[0]:.10g} and {sides[1]:.10g}"
        elif sides:
            remark = f"{what} has the one-sided slopes {sides[0]:.10g} and {sides[1]:.10g}"
        elif math.isinf(value):
            remark = f"{what} is infinite"
        elif differences.OUTSIDE in (slopes.left.reason, slopes.right.reason) and not numeric.reason:
            remark = f"{what} is one-sided"
        elif numeric.reason == differences.NO_LIMIT:
            remark = f"{what} is not confirmed by differences"
    return Component(
        name, value, answer.digits, condition, tuple(findings), sides, _digits_text(exact),
        "; ".join(problems) or remark, not problems,
    )  # fmt: skip


def _close(a: Finding, b: Finding, unit: float) -> bool:
    if a.value is None or b.value is None or not (math.isfinite(a.value) and math.isfinite(b.value)):
        return a.value == b.value
    return abs(a.value - b.value) <= _allowed(a, b, unit) + UNDERFLOW


def _allowed(a: Finding, b: Finding, unit: float) -> float:
    """Return how far apart two values may be; one without an error is exact but for rounded inputs."""
    return SLACK * (unit + sum(f.error for f in (a, b) if f.error == f.error)) + 2 * UNIT * abs(b.value or 0.0)


def _text(x: float | None) -> str:
    return "undefined" if x is None else f"{x:.10g}"


def _told(numeric: Finding, sides: tuple[float, float] | None) -> str:
    return f"the one-sided slopes {sides[0]:.10g} and {sides[1]:.10g}" if sides else _text(numeric.value)


def _digits_text(exact: Any) -> str:
    return "" if exact is None else str(exact.context.nstr(exact, DIGITS))


def _summary(components: list[Component]) -> str:
    """Return the verdict in one line."""
    wrong = [c for c in components if not c.agrees]
    if wrong:
        kind = "no answer" if all(c.value != c.value for c in wrong) else "the methods disagree"
        return f"{kind}: " + "; ".join(c.verdict for c in wrong)
    told = [c.verdict for c in components if c.verdict]
    methods = {f.method for c in components for f in c.findings if f.value is not None}
    conditions = [c.condition for c in components if c.condition is not None]
    digits = [c.digits for c in components if c.digits is not None]
    text = f"{len(methods)} methods agree"
    if max(conditions, default=0.0) > ILL:
        text += f" as far as rounding lets them (condition {max(conditions):.2g})"
    if digits:
        text += f", {math.floor(min(digits) + 0.1)} digits are correct"
    return "; ".join([text, *told])
