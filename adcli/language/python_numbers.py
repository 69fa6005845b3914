"""Numbers of Python's and other libraries' types as floats, with what they are exactly where that is more."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import PointError, shortened
from ..ops import Digits, Exact, fraction_of
from .number_reader import read_number

if TYPE_CHECKING:
    from fractions import Fraction

GREATEST_EXPONENT = 20_000  # binary, of a number of mpmath that is written out; floats end at 1,100


def python_number(x: Any, name: str) -> float:
    """Return a number as a float, an Exact one where the float's shortest decimal text is another number.

    A float means its shortest decimal text, a text what it means in a point (`pi/3`). An int, a Fraction, a Decimal,
    a number of mpmath and one of numpy that is no double are taken exactly. Raises TypeError for another type,
    AdcliError for a text that is no number and a number beyond the range of floats; `name` is the name of the number.
    """
    if isinstance(x, str):
        return read_number(x, 0, len(x), name)
    if isinstance(x, Exact) or (isinstance(x, float) and not isinstance(x, Digits)):
        return x if isinstance(x, Exact) else float(x)
    from numbers import Complex, Real

    shape = getattr(x, "shape", ())
    if shape or (isinstance(x, Complex) and not isinstance(x, Real)):  # float() would drop what does not fit
        raise TypeError("this is not a real number")
    x = x[()] if hasattr(x, "shape") else x
    try:
        value = float(x)
    except OverflowError:
        value = math.inf
    if _is_constant(x):
        return Exact(value, partial(_at_precision_of, x.func))
    exact = _ratio(x)
    if exact is None:
        return value
    if math.isinf(value) or (value == 0 and exact):
        size = "large" if value else "small"
        raise PointError(f"{name} is too {size} for double precision", hint="the range is 5e-324 to 1.797e308")
    from fractions import Fraction

    return value if exact == Fraction(repr(value)) else Exact(value, partial(fraction_of, exact))


def shown(x: Any) -> str:
    """Return a value as Python writes it, cut short; of a very long whole number only what it is."""
    try:
        return shortened(repr(x))
    except ValueError:  # more digits than Python writes
        return "a very long whole number"


def _ratio(x: Any) -> Fraction | None:
    """Return the number as a fraction; None if its type does not tell, or if it is not finite."""
    from fractions import Fraction
    from numbers import Integral

    x = x.number if isinstance(x, Digits) else x
    if isinstance(x, Integral):
        return Fraction(int(x))
    if (parts := getattr(x, "_mpf_", None)) is not None:
        sign, mantissa, exponent, _ = parts
        if (not mantissa and exponent) or abs(exponent) > GREATEST_EXPONENT:  # not finite, or beyond floats
            return Fraction(1) if mantissa else None
        whole = -int(mantissa) if sign else int(mantissa)
        return Fraction(whole << max(exponent, 0), 1 << max(-exponent, 0))
    if not hasattr(x, "as_integer_ratio"):
        return None
    if hasattr(x, "adjusted") and abs(x.adjusted()) > GREATEST_EXPONENT:  # a Decimal
        return Fraction(1) if x else Fraction(0)
    try:
        return Fraction(*map(int, x.as_integer_ratio()))
    except (OverflowError, ValueError):
        return None


def _is_constant(x: Any) -> bool:
    """Tell whether this is a constant of mpmath, such as mp.pi, which has a value at every precision."""
    return hasattr(x, "_mpf_") and callable(getattr(x, "func", None))


def _at_precision_of(constant: Any, one: Any) -> Any:
    """Return a constant of mpmath in the kind of `one`."""
    context = one.number.context
    return type(one)(context.make_mpf(constant(context.prec, "n")))
