"""Sums and products of two floats with the part that rounding loses.

Sources: T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18 (1971);
D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2.
"""

from __future__ import annotations

from typing import Any

ROUNDOFF = 2.0**-53  # the unit roundoff: the relative error of one rounding


def two_product(a: float, b: float) -> tuple[float, float]:
    """Return a*b rounded, and what the rounding lost (Dekker 1971)."""
    c, d = 134217729.0 * a, 134217729.0 * b
    ah, bh = c - (c - a), d - (d - b)
    al, bl = a - ah, b - bh
    p = a * b
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def two_difference(a: float, b: float) -> tuple[float, float]:
    """Return a - b rounded, and what the rounding lost (Knuth, TAOCP 2, 4.2.2); nothing where it overflowed."""
    d = a - b
    t = d - a
    e = (a - (d - t)) - (b + t)
    return d, e if e == e else 0.0


def sum_error(a: float, b: float, total: float) -> float:
    """Return exactly what a + b lost when it was rounded to `total` (Knuth's TwoSum)."""
    t = total - a
    return (a - (total - t)) + (b - t)


def product_error(a: float, b: float, product: float) -> float:
    """Return exactly what a * b lost when it was rounded to `product` (Dekker 1971); 0 near the ends of the range."""
    return two_product(a, b)[1] if within_range(a, b, product) else 0.0


def within_range(a: Any, b: Any, product: Any) -> Any:
    """Tell whether Dekker's product neither overflows nor underflows, for numbers or columns."""
    size = abs(product)
    return (size > 1e-280) & (size < 1e290) & (abs(a) < 1e290) & (abs(b) < 1e290)


class Twofold:
    """An unevaluated sum value + rest of two floats, for a sweep with twice the digits (Dekker 1971)."""

    __slots__ = ("rest", "value")

    def __init__(self, value: float, rest: float = 0.0) -> None:
        self.value, self.rest = value, rest

    def __mul__(self, other: float) -> Twofold:
        product = self.value * other
        return Twofold(product, self.rest * other + product_error(self.value, other, product))

    def __add__(self, other: Twofold) -> Twofold:
        total = self.value + other.value
        return Twofold(total, self.rest + other.rest + sum_error(self.value, other.value, total))

    def __float__(self) -> float:
        return self.value + self.rest
