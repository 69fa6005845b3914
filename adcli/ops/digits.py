"""Digits: a float that prints with more digits than floats have."""

from __future__ import annotations

from typing import Any

from .mpf import mp_context


class Digits(float):
    """A float that prints with `digits` digits of `number`, a number of mpmath."""

    __slots__ = ("digits", "number")
    number: Any
    digits: int

    def __new__(cls, number: Any, digits: int) -> Digits:
        self = super().__new__(cls, number)
        self.number, self.digits = number, digits
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.number._mpf_, self.number.context.dps, self.digits)

    @property
    def finite(self) -> bool:
        """Tell whether the number of mpmath is finite; beyond 1.8e308 the float is infinite."""
        return bool(self.number.context.isfinite(self.number))

    def __repr__(self) -> str:
        if not self.finite:
            return float.__repr__(self)
        text = self.number.context.nstr(self.number, self.digits, min_fixed=-5, max_fixed=self.digits)
        mantissa, e, exponent = text.partition("e")
        return str(mantissa.removesuffix(".0") + e + exponent)

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __mul__(self, other: Any) -> Any:
        return Digits(self.number * other, self.digits) if self.finite else float(self) * other


def _again(parts: tuple[int, int, int, int], working: int, digits: int) -> Digits:
    """Return a number that was pickled, in a context of its own."""
    return Digits(mp_context(working).make_mpf(parts), digits)
