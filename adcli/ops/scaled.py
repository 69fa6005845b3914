"""Numbers with the exponent kept apart, whose products neither overflow nor underflow."""

from __future__ import annotations

import math

INFINITE = 2**40  # the exponent of an infinite factor: inf*2 - inf is inf, inf - inf and 0*inf are NaN


class Scaled:
    """The number mantissa * 2^exponent, for a sweep whose products leave the range of floats on the way.

    Infinite factors count as powers of a number beyond all others, so that the order of a sum does not matter.
    """

    __slots__ = ("exponent", "mantissa")

    def __init__(self, mantissa: float, exponent: int = 0) -> None:
        if mantissa == 0 and exponent > INFINITE // 2:  # 0*inf, inf - inf
            mantissa = math.nan
        self.mantissa, shift = _split(mantissa)
        self.exponent = exponent + shift

    def __mul__(self, other: float) -> Scaled:
        mantissa, exponent = _split(other)
        return Scaled(self.mantissa * mantissa, self.exponent + exponent)

    def __add__(self, other: Scaled) -> Scaled:
        big, small = (self, other) if self.exponent >= other.exponent else (other, self)
        if big.mantissa == 0:
            return small
        return Scaled(big.mantissa + math.ldexp(small.mantissa, small.exponent - big.exponent), big.exponent)

    def __float__(self) -> float:
        try:
            return math.ldexp(self.mantissa, self.exponent)
        except OverflowError:
            return math.copysign(math.inf, self.mantissa)


def _split(x: float) -> tuple[float, int]:
    return (math.copysign(0.5, x), INFINITE) if math.isinf(x) else math.frexp(x)
