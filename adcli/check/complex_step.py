"""Derivatives by the complex step: the imaginary part of f(x + ih)."""

from __future__ import annotations

import cmath
import math
from types import SimpleNamespace
from typing import Any

from ..errors import UsageError
from ..ops import Foreign, System
from ..trace import Evaluation, replay
from .differences import Estimate


def _power(a: complex, b: complex) -> complex:
    """Return a^b; a negative base has a whole exponent, and must not go by its angle."""
    if isinstance(b, complex):
        return cmath.exp(b * cmath.log(a)) if b.imag else _power(a, b.real)
    if a.real < 0 and b == math.floor(b):
        return (-1.0) ** (b % 2) * (-a) ** b
    return complex(a) ** b


def _angle(y: complex, x: complex) -> complex:
    """Return atan2(y, x): its real part is that of the real parts, its imaginary part by the quotient below 1."""
    y, x = complex(y), complex(x)
    below_1 = cmath.atan(y / x) if abs(x.real) >= abs(y.real) else -cmath.atan(x / y)
    return complex(math.atan2(y.real, x.real), below_1.imag)


def _cube_root(z: complex) -> complex:
    return z ** (1 / 3) if z.real > 0 else -((-z) ** (1 / 3))


COMPLEX = System("complex numbers", "cmath", [SimpleNamespace(power=_power, angle=_angle, cube_root=_cube_root), cmath])
TINY = 2.0**-180  # its square is nothing beside 1, so no subtraction loses digits


def complex_quotient(evaluation: Evaluation, name: str, step: float, system: System = COMPLEX) -> float:
    """Return Im f(x + i h)/h for a step h (Squire & Trapp 1998, SIAM Review 40:110).

    Raises UsageError for an operation that is not analytic.
    """
    values = replay(evaluation, {name: Foreign(system, complex(evaluation.point[name], step))})
    result = values[evaluation.trace.outputs[0]]
    value: Any = result.value if isinstance(result, Foreign) else result
    return complex(value).imag / step


def complex_step(evaluation: Evaluation, name: str) -> Estimate:
    """Return the derivative by a complex step so small that its error is rounding alone.

    NaN with the reason where there is none. The error is the difference from a step that is smaller still.
    """
    try:
        value, other = (complex_quotient(evaluation, name, h) for h in (TINY, TINY * 2.0**-40))
    except UsageError as problem:
        return Estimate(math.nan, math.inf, problem.what)
    except (ValueError, ZeroDivisionError, OverflowError):
        return Estimate(math.nan, math.inf, "it overflows or has a pole on the way")
    error = abs(value - other)
    if not error <= 1e-6 * abs(value) + 2.0**-60:
        return Estimate(math.nan, math.inf, "the function is not analytic at the point")
    return Estimate(value, error)
