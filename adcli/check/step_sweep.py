"""The error of numeric derivatives over their step: truncation against round-off, in double and single precision."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from ..derive import Model, gradient, taylor
from ..errors import AdcliError, DomainError, UsageError
from ..language import Point
from ..ops import ROUNDOFF, Ieee, Op, System
from ..result import Cell, Column, Document, Result, Table, columns, partial_name
from ..trace import Evaluation, replay
from .complex_step import COMPLEX, complex_quotient
from .conditioning import value_error
from .differences import function_of

PER_DECADE, SMALLEST = 4, 16  # steps 1, 10^-(1/4) ... 10^-16


class ErrorCurve(NamedTuple):
    """The error of a method for each step, None where it has no value.

    `theory` is the best step by the derivatives of the formula; for the complex step the largest good one, as all
    smaller ones are as good. `best` is the one observed, with the `least` error.
    """

    method: str
    precision: str
    errors: tuple[float | None, ...]
    theory: float | None
    best: float | None
    least: float | None

    @property
    def best_step(self) -> str:
        """The best step in words."""
        least, theory = ("none" if x is None else f"{x:.2g}" for x in (self.least, self.theory))
        upto = "up to " if self.method == "complex" else ""  # all smaller steps are as good
        return f"best h, {self.method} ({self.precision}): {upto}{self.best:.2g}, error {least} (theory {theory})"


class StepSweep(Result):
    """Errors of forward and central differences and of the complex step over the step h; relative unless it is 0."""

    output: str
    variable: str
    derivative: float
    steps: tuple[float, ...]
    curves: tuple[ErrorCurve, ...]
    remarks: tuple[str, ...] = ()

    def document(self) -> Document:
        """Return the errors to print, a row for each power of ten; the data has all steps."""
        rows: list[tuple[Cell, ...]] = []
        for k, h in enumerate(self.steps):
            if f"{h:.3e}".startswith("1.000"):
                rows.append((f"{h:.0e}", *("" if (e := c.errors[k]) is None else e for c in self.curves)))
        errors = columns(*(f"{c.method} ({c.precision})" for c in self.curves), brief=True)
        name = partial_name(self.output, (self.variable,))
        return self._document(
            {
                "variable": self.variable,
                "derivative": self.derivative,
                "steps": self.steps,
                "curves": [c._asdict() for c in self.curves],
            },
            quantities={name: self.derivative},
            tables=(Table("", (Column("h"), *errors), rows, (1, 3)),),
            method=f"{'relative error' if self.derivative else 'error'} of {name} over the step h",
            closing=(*self.remarks, *(c.best_step for c in self.curves if c.best is not None)),
        )


class Single(Ieee):
    """A float in single precision (IEEE 754 binary32): every operation is rounded to it."""

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        return Single(single(op.extended(*(single(float(x)) for x in args))))


def single(x: float) -> float:
    """Return the nearest number of single precision."""
    try:
        return float(struct.unpack("f", struct.pack("f", x))[0])
    except OverflowError:
        return math.copysign(math.inf, x)


def _in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    def rounded(*args: Any) -> Any:
        z = function(*args)
        return complex(single(z.real), single(z.imag)) if isinstance(z, complex) else single(z)

    return rounded


class Precision(NamedTuple):
    """A precision: the error of one rounding, the rounding, complex numbers, and the value of an evaluation in it."""

    name: str
    roundoff: float
    rounded: Callable[[float], float]
    system: System
    value: Callable[[Evaluation], float]


def _single_value(evaluation: Evaluation) -> float:
    values = replay(evaluation, {n: Single(v) for n, v in evaluation.point.items()})
    return float(values[evaluation.trace.outputs[0]])


PRECISIONS = (
    Precision("double", ROUNDOFF, float, COMPLEX, attrgetter("result")),
    Precision(
        "single", 2.0**-24, single, System(COMPLEX.name, COMPLEX.program, COMPLEX.modules, _in_single), _single_value
    ),
)


def step_sweep(model: Model, at: Point, name: str) -> StepSweep:
    """Return the errors of numeric derivatives by a variable over steps from 1 to 1e-16.

    They are measured against the derivative by the rules, whose own error is a few roundings. Raises DomainError if
    that is not finite.
    """
    here, evaluation = model.model_and_evaluation(at)
    swept = gradient(evaluation, (name,))
    derivative = swept.gradient[name]
    if derivative is None or not math.isfinite(derivative):
        raise DomainError(f"the derivative by {name} is not finite here: there is nothing to measure errors against")
    steps = tuple(10.0 ** (-k / PER_DECADE) for k in range(PER_DECADE * SMALLEST + 1))
    second, third = _higher(here, evaluation, name)
    curves, remarks = [], dict[str, None]()
    for precision in PRECISIONS:
        roundoff = precision.roundoff
        theory = _theory(value_error(evaluation) / ROUNDOFF * roundoff, roundoff, derivative, second, third)
        for method, quotient in _quotients(model, at, evaluation, name, precision).items():
            errors = []
            for h in steps:
                q, refused = _tried(quotient, precision.rounded(h))
                remarks |= {f"{method}: {refused}": None} if refused else {}
                errors.append(abs(q - derivative) / (abs(derivative) or 1.0) if math.isfinite(q) else None)
            best, least = _best(steps, errors, roundoff if method == "complex" else 0.0)
            curves.append(ErrorCurve(method, precision.name, tuple(errors), theory[method], best, least))
    return StepSweep(
        source=here, at=evaluation.point, output=here.outputs[0], variable=name, derivative=derivative, steps=steps,
        curves=tuple(curves), remarks=tuple(remarks), notes=tuple(swept.notes),
    )  # fmt: skip


def _quotients(
    model: Model, at: Point, evaluation: Evaluation, name: str, precision: Precision
) -> dict[str, Callable[[float], float]]:
    """Return the quotient of each method as a function of the step, every operation rounded to the precision."""
    rounded, f = precision.rounded, function_of(model, at, name, precision.value)
    x = rounded(evaluation.point[name])
    center = f(x)

    def forward(h: float) -> float:
        return rounded(rounded(f(rounded(x + h)) - center) / h)

    def central(h: float) -> float:
        return rounded(rounded(f(rounded(x + h)) - f(rounded(x - h))) / rounded(2 * h))

    def imaginary(h: float) -> float:
        return rounded(complex_quotient(evaluation, name, h, precision.system))

    return {"forward": forward, "central": central, "complex": imaginary}


def _tried(quotient: Callable[[float], float], h: float) -> tuple[float, str]:
    """Return the quotient for a step, NaN if it has no value; and the reason if it never has one."""
    try:
        return quotient(h), ""
    except UsageError as problem:
        return math.nan, problem.what
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan, ""


def _higher(model: Model, evaluation: Evaluation, name: str) -> tuple[float, float]:
    """Return the second and the third derivative by a variable; NaN where there are none."""
    try:
        found = taylor(model, evaluation, {name: 1.0}, 3).coefficients
    except AdcliError:
        return math.nan, math.nan
    return 2 * found[2], 6 * found[3]


def _theory(noise: float, unit: float, d: float, second: float, third: float) -> dict[str, float | None]:
    """Return the step of each method where the sum of truncation and round-off errors is least.

    Forward: h |f''|/2 + 2 noise/h; central: h^2 |f'''|/6 + noise/h; complex: h^2 |f'''|/6 beside a rounding of f'.
    """

    def ratio(a: float, b: float, power: float) -> float | None:
        return (a / abs(b)) ** power if b and math.isfinite(b) and math.isfinite(a) and a else None

    forward, central = ratio(4 * noise, second, 1 / 2), ratio(3 * noise, third, 1 / 3)
    return {"forward": forward, "central": central, "complex": ratio(6 * unit * abs(d), third, 1 / 2)}


def _best(steps: tuple[float, ...], errors: list[float | None], near: float) -> tuple[float | None, float | None]:
    """Return the step with the least error, the largest one if several come as `near` as that, and the error."""
    known = [(e, h) for e, h in zip(errors, steps, strict=True) if e is not None]
    if not known:
        return None, None
    least = min(known)[0]
    return next((h, least) for e, h in known if e <= least + near)
