"""Findings: one partial derivative by independent methods, each with its error."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..derive import Model, differentiate, gradient, precise_gradient
from ..errors import AdcliError
from ..language import Point
from ..ops import ROUNDOFF, passes
from ..trace import Evaluation, Trace, evaluate
from .complex_step import complex_step
from .conditioning import slope_error, value_error
from .differences import Estimate, Slopes, function_of, slopes
from .peers import peer_gradient

DIGITS = 50  # of the re-evaluation
EXACT = f"{DIGITS} digits"
LOCAL = ("symbolic", "complex step")  # methods that follow one branch at an edge, or the rule at the very point
MOST = -math.log10(ROUNDOFF)  # digits that a double can have
UNDERFLOW = 1e-200  # a smaller number may be the result of an underflow
SLACK = 4.0  # two methods may differ by so many estimated errors
FEW_ROUNDINGS = 64  # assumed where the error cannot be estimated


class Finding(NamedTuple):
    """A partial derivative by a method, its error, and how many of its digits are correct.

    A value of None has a `reason` where the method gives none; without one, the derivative does not exist.
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

    @property
    def text(self) -> str:
        """The value with ten digits."""
        return "undefined" if self.value is None else f"{self.value:.10g}"

    def is_close(self, reference: Finding, unit: float) -> bool:
        """Tell whether the value is that of a reference, as far as errors let one see."""
        a, b = self.value, reference.value
        if a is None or b is None or not (math.isfinite(a) and math.isfinite(b)):
            return a == b
        return abs(a - b) <= self.allowed(reference, unit) + UNDERFLOW

    def allowed(self, reference: Finding, unit: float) -> float:
        """Return how far apart two values may be; one without an error is exact but for rounded inputs."""
        errors = sum(f.error for f in (self, reference) if f.error == f.error)
        return SLACK * (unit + errors) + 2 * ROUNDOFF * abs(reference.value or 0.0)


class Evidence(NamedTuple):
    """The findings for one variable, forward mode first.

    `unit` is the rounding error of the rules; `exact` the derivative as a number of mpmath, None if there is none.
    """

    variable: str
    findings: tuple[Finding, ...]
    slopes: Slopes
    unit: float
    exact: Any

    def by(self, method: str) -> Finding:
        """Return the finding of a method."""
        return next(f for f in self.findings if f.method == method)

    @property
    def sides(self) -> tuple[float, float] | None:
        """The one-sided slopes, where they differ."""
        return (self.slopes.left.value, self.slopes.right.value) if self.slopes.differ else None


class Methods:
    """All methods on a model at a point; what they share by all variables is calculated once."""

    def __init__(self, model: Model, at: Point, evaluation: Evaluation, wrt: tuple[str, ...], peers: tuple[str, ...]):
        self.model, self.at, self.evaluation = model, at, evaluation
        self.swept = {mode: gradient(evaluation, wrt, mode) for mode in ("forward", "reverse")}
        self.exact, self.why_not_exact = _precise(evaluation, wrt)
        self.peers = {peer: peer_gradient(peer, evaluation, wrt) for peer in peers}
        noise = value_error(evaluation)
        self.noise = noise if math.isfinite(noise) else 0.0
        self.is_at_edge = _is_at_edge(evaluation)

    def evidence(self, name: str) -> Evidence:
        """Return the partial derivative by a variable, by every method."""
        evaluation, exact = self.evaluation, self.exact.get(name)
        rules = {mode: swept.gradient[name] for mode, swept in self.swept.items()}
        unit = _rules_error(evaluation, name, rules["forward"])
        differences = slopes(function_of(self.model, self.at, name), evaluation.point[name], self.noise)
        stepped = complex_step(evaluation, name)
        findings = [
            *(Finding(mode, value, unit) for mode, value in rules.items()),
            _symbolic(evaluation, name, unit),
            _from_estimate("complex step", stepped._replace(error=stepped.error + unit)),
            _from_estimate("differences", differences.best),
            Finding(EXACT, None if exact is None else float(exact), reason=self.why_not_exact),
            *(_from_peer(peer, found[name], unit) for peer, found in self.peers.items()),
        ]
        if self.is_at_edge:
            findings = [_unless_other_branch(f, findings[0], unit) for f in findings]
        if self.exact:
            digits = [None if f.method == EXACT else _correct_digits(f.value, exact) for f in findings]
            findings = [f._replace(digits=known) for f, known in zip(findings, digits, strict=True)]
        return Evidence(name, tuple(findings), differences, unit, exact)


def _rules_error(evaluation: Evaluation, name: str, value: float | None) -> float:
    """Return the rounding error of a derivative by the rules; a few roundings where it cannot be estimated."""
    unit = slope_error(evaluation, name)
    if math.isfinite(unit):
        return unit
    return FEW_ROUNDINGS * ROUNDOFF * abs(value) if value is not None and math.isfinite(value) else 0.0


def _is_at_edge(evaluation: Evaluation) -> bool:
    """Tell whether a row is at a kink, a branch boundary or the like, also where it needs no note."""
    trace = evaluation.trace
    for row in trace.rows:
        op, args = trace.op(row), evaluation.arguments(row)
        if len(args) == len(trace.args[row]) and any(passes(edge.when, args) for edge in op.edges):
            return True
    return False


def _symbolic(evaluation: Evaluation, name: str, unit: float) -> Finding:
    """Evaluate the derivative as a formula; its rounding errors come on top of those of the rules."""
    trace = evaluation.trace
    try:
        root = differentiate(trace.nodes[trace.outputs[0]], name)
        found = evaluate(Trace([root], trace.inputs), evaluation.point, lambda _: None)
        error = value_error(found)
    except AdcliError as problem:
        return Finding("symbolic", None, reason=f"its formula has no value here ({problem.what})")
    value = found.result
    if value != value:
        return Finding("symbolic", None, reason="its formula has no value here (0*inf or inf - inf)")
    return Finding("symbolic", value, unit + (error if math.isfinite(error) else FEW_ROUNDINGS * ROUNDOFF * abs(value)))


def _from_estimate(method: str, found: Estimate) -> Finding:
    if found.value != found.value:
        return Finding(method, None, reason=found.reason)
    return Finding(method, found.value, found.error)


def _from_peer(peer: str, value: float | None, unit: float) -> Finding:
    return Finding(peer, value, unit, "it gives no number" if value is None else "")


def _unless_other_branch(finding: Finding, answer: Finding, unit: float) -> Finding:
    """Return the finding, but without its value where a local method followed one branch to another value."""
    if finding.method not in LOCAL or finding.value is None or finding.is_close(answer, unit):
        return finding
    return Finding(finding.method, None, reason=f"{finding.text} by the branch that it takes at the edge")


def _precise(evaluation: Evaluation, wrt: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    """Return the partial derivatives with 50 digits, or why there are none."""
    try:
        return precise_gradient(evaluation, wrt, DIGITS)[1], ""
    except AdcliError as problem:
        return {}, f"needs: {problem.hint}" if "install" in problem.hint else problem.what


def _correct_digits(value: float | None, exact: Any) -> float | None:
    """Return how many digits of a value are correct."""
    if value is None or exact is None or not math.isfinite(value) or not math.isfinite(float(exact)):
        return None
    off = abs(exact - value)
    if exact == 0 or off == 0:
        return MOST if off == 0 else 0.0
    return min(max(0.0, -math.log10(float(off / abs(exact)) or ROUNDOFF)), MOST)
