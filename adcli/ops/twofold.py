"""Sums and products of two floats with the part that rounding loses.

Sources: T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18 (1971);
D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2.
"""

from __future__ import annotations


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
