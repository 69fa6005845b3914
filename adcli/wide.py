"""Numbers with the exponent kept apart, whose products neither overflow nor underflow."""

from __future__ import annotations

import math


class Wide:
    """The number mantissa * 2^exponent, for a sweep whose products leave the range of floats on the way."""

    __slots__ = ("exponent", "mantissa")

    def __init__(self, mantissa: float, exponent: int = 0) -> None:
        self.mantissa, shift = math.frexp(mantissa)
        self.exponent = exponent + shift

    def __mul__(self, other: float) -> Wide:
        mantissa, exponent = math.frexp(other)
        return Wide(self.mantissa * mantissa, self.exponent + exponent)

    def __add__(self, other: Wide) -> Wide:
        big, small = (self, other) if self.exponent >= other.exponent else (other, self)
        if big.mantissa == 0:
            return small
        shift = small.exponent - big.exponent
        return Wide(big.mantissa + math.ldexp(small.mantissa, max(shift, -2000)), big.exponent)

    def __float__(self) -> float:
        try:
            return math.ldexp(self.mantissa, self.exponent)
        except OverflowError:
            return math.copysign(math.inf, self.mantissa)
