"""How the error of a numeric derivative depends on its step: truncation against round-off, in double and in single."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from ..derive import gradient, taylor
from ..errors import AdcliError, DomainError, UsageError
from ..language import Point
from ..ops import Ieee, Op, System
from ..result import Cell, Document, Result, Table
from ..trace import Evaluation, replay
from .conditioning import UNIT, value_error
from .differences import COMPLEX, complex_quotient

PER_DECADE, SMALLEST = 4, 16  # steps 1, 10^-(1/4) ... 10^-16
METHODS = ("forward", "central", "complex")


class Curve(NamedTuple):
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
    curves: tuple[Curve, ...]
    remarks: tuple[str, ...] = ()

    def document(self) -> Document:
        """Return the errors to print, a row for each power of ten; the data has all steps."""
        rows: list[tuple[Cell, ...]] = []
        for k, h in enumerate(self.steps):
            if f"{h:.3e}".startswith("1.000"):
                rows.append((f"{h:.0e}", *("" if (e := c.errors[k]) is None else e for c in self.curves)))
        headers = ("h", *(f"{c.method} ({c.precision})" for c in self.curves))
        table = Table("", headers, rows, split=(1, 3), brief=frozenset(range(1, len(headers))))
        name = f"∂{self.output}/∂{self.variable}"
        return self._document(
            {
                "variable": self.variable,
                "derivative": self.derivative,
                "steps": self.steps,
                "curves": [c._asdict() for c in self.curves],
            },
            quantities={name: self.derivative},
            tables=(table,),
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


SINGLE_COMPLEX = System(COMPLEX.name, COMPLEX.program, COMPLEX.modules, _in_single)
PRECISIONS: tuple[tuple[str, float, Callable[[float], float], System], ...] = (
    ("double", UNIT, float, COMPLEX),
    ("single", 2.0**-24, single, SINGLE_COMPLEX),
)


def step_sweep(source: Any, at: Point, name: str) -> StepSweep:
    """Return the errors of numeric derivatives by a variable over steps from 1 to 1e-16.

    They are measured against the derivative by the rules, whose own error is a few roundings.
    """
    evaluation: Evaluation
    model, evaluation = source.evaluated(at)
    swept = gradient(evaluation, (name,))
    d = swept.gradient[name]
    if d is None or not math.isfinite(d):
        raise DomainError(f"the derivative by {name} is not finite here: there is nothing to measure errors against")
    steps = tuple(10.0 ** (-k / PER_DECADE) for k in range(PER_DECADE * SMALLEST + 1))
    second, third = _higher(source, evaluation, name)
    curves, remarks = [], []
    for precision, unit, rounded, system in PRECISIONS:
        f = _function(source, at, name, single=rounded is single)
        x, here = rounded(evaluation.point[name]), f(rounded(evaluation.point[name]))

        def forward(h: float, f: Any = f, x: float = x, here: float = here, rounded: Any = rounded) -> float:
            h = rounded(h)
            return float(rounded(rounded(f(rounded(x + h)) - here) / h))

        def central(h: float, f: Any = f, x: float = x, rounded: Any = rounded) -> float:
            h = rounded(h)
            return float(rounded(rounded(f(rounded(x + h)) - f(rounded(x - h))) / rounded(2 * h)))

        def complex_(h: float, rounded: Any = rounded, system: System = system) -> float:
            return float(rounded(complex_quotient(evaluation, name, rounded(h), system)))

        noise = value_error(evaluation) / UNIT * unit
        expected = _theory(noise, unit, d, second, third)
        quotients: tuple[Callable[[float], float], ...] = (forward, central, complex_)
        for method, quotient in zip(METHODS, quotients, strict=True):
            errors = []
            for h in steps:
                try:
                    q = quotient(h)
                except UsageError as problem:
                    remarks.append(f"{method}: {problem.what}")
                    q = math.nan
                except (ValueError, ZeroDivisionError, OverflowError):
                    q = math.nan
                errors.append(None if not math.isfinite(q) else abs(q - d) / (abs(d) or 1.0))
            best, least = _best(steps, errors, unit if method == "complex" else 0.0)
            curves.append(Curve(method, precision, tuple(errors), expected[method], best, least))
    return StepSweep(
        source=model, at=evaluation.point, output=model.outputs[0], variable=name, derivative=d, steps=steps,
        curves=tuple(curves), remarks=tuple(dict.fromkeys(remarks)), notes=tuple(swept.notes),
    )  # fmt: skip


def _function(source: Any, at: Point, name: str, *, single: bool) -> Callable[[float], float]:
    """Return the formula as a function of one variable, in double or single precision; NaN where it has no value."""

    def f(x: float) -> float:
        try:
            evaluation: Evaluation = source.evaluation(at.moved({name: x}))
        except AdcliError:
            return math.nan
        if not single:
            return evaluation.result
        values = replay(evaluation, {n: Single(v) for n, v in evaluation.point.items()})
        return float(values[evaluation.trace.outputs[0]])

    return f


def _higher(source: Any, evaluation: Evaluation, name: str) -> tuple[float, float]:
    """Return the second and the third derivative by a variable; NaN where there are none."""
    try:
        found = taylor(source, evaluation, {name: 1.0}, 3).coefficients
    except AdcliError:
        return math.nan, math.nan
    return 2 * found[2], 6 * found[3]


def _theory(noise: float, unit: float, d: float, second: float, third: float) -> dict[str, float | None]:
    """Return the step of each method where truncation and round-off are least together.

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
