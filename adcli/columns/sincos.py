"""Sine and cosine of columns within 2 ulp, by table and polynomial.

x = n*d + r, d = 2pi/1024. A table holds sine and cosine of n*d; those of r, at most pi/1024, are Taylor polynomials.
d is split into parts so short that their products with n are exact, so no digit is lost beside a multiple of pi/2
(Cody & Waite 1980). numpy has no fused or vector instructions for these two functions. Beyond MOST_RADIANS numpy's
own are used.

The kernels take the arguments, the arrays of the results, then WORK arrays to work in; all have the length of x.
"""

from __future__ import annotations

import numpy as np

from .executable import Array

MOST_RADIANS = 1e5  # so that n has 24 bits
_FEW_RADIANS = 6e3  # below it n has 20 bits
_POINTS = 1024
WORK = 4  # arrays to work in
_ONE = 1 << 200
_ANGLE = 314159265358979323846264338327950288419716939937510582097494 * _ONE // (10**59 * _POINTS // 2)
_MAGIC = 1.5 * 2.0**52  # adding it rounds to a whole number, which the low bits then hold


def _split(x: int, count: int, bits: int) -> tuple[float, ...]:
    parts = []
    for _ in range(count):
        rest = x.bit_length() - bits
        parts.append((x >> rest << rest) / _ONE)
        x -= x >> rest << rest
    return (*parts, x / _ONE)


def _circle() -> tuple[Array, Array]:
    """Return the sines and the cosines of the points, each the nearest float."""
    term, step = _ONE, [0, 0]
    for k in range(1, 40):
        step[k % 2] += term
        term = (-term if k % 2 == 0 else term) * _ANGLE // (k * _ONE)
    sin, cos = step[0], step[1]
    s, c, found = 0, _ONE, []
    for _ in range(_POINTS):
        found.append([x / _ONE if abs(x) >> 100 else 0.0 for x in (s, c)])
        s, c = (s * cos + c * sin) // _ONE, (c * cos - s * sin) // _ONE
    table = np.array(found)
    return table[:, 0].copy(), table[:, 1].copy()


_PARTS, _FEW_PARTS = _split(_ANGLE, 3, 29), _split(_ANGLE, 2, 33)
_SINES, _COSINES = _circle()


def sin_cos(x: Array, sin: Array, cos: Array, n: Array, k: Array, r: Array, q: Array) -> None:
    """Put sine and cosine of x into arrays, within 2 ulp; the last four are arrays to work in."""
    if not (most := max(x.max(), -x.min())) <= MOST_RADIANS:
        np.sin(x, sin)
        np.cos(x, cos)
        return
    cosm1, sine = _beside_points(most, x, sin, cos, n, k, r, q)
    _move(sin, cos, cosm1, sine, np.add, n, r)
    _move(cos, sin, cosm1, sine, np.subtract, q, r)
    np.add(sin, n, sin)
    np.add(cos, q, cos)
    _keep_zeros(x, sin)


def sin_only(x: Array, sin: Array, cos: Array, n: Array, k: Array, r: Array, q: Array) -> None:
    """Put the sine of x into an array, within 2 ulp; the others are arrays to work in."""
    if not (most := max(x.max(), -x.min())) <= MOST_RADIANS:
        np.sin(x, sin)
        return
    cosm1, sine = _beside_points(most, x, sin, cos, n, k, r, q)
    _move(sin, cos, cosm1, sine, np.add, n, r)
    np.add(sin, n, sin)
    _keep_zeros(x, sin)


def cos_only(x: Array, cos: Array, sin: Array, n: Array, k: Array, r: Array, q: Array) -> None:
    """Put the cosine of x into an array, within 2 ulp; the others are arrays to work in."""
    if not (most := max(x.max(), -x.min())) <= MOST_RADIANS:
        np.cos(x, cos)
        return
    cosm1, sine = _beside_points(most, x, sin, cos, n, k, r, q)
    _move(cos, sin, cosm1, sine, np.subtract, n, r)
    np.add(cos, n, cos)


def _move(a: Array, b: Array, cosm1: Array, sine: Array, combine: np.ufunc, out: Array, work: Array) -> None:
    """Put into `out` the change of a from the nearest point to x: a*(cos r - 1) combined with b*sin r."""
    np.multiply(a, cosm1, out)
    np.multiply(b, sine, work)
    combine(out, work, out)


def _keep_zeros(x: Array, sin: Array) -> None:
    """Put -0 where x is -0."""
    zero = x == 0
    if zero.any():
        np.copyto(sin, x, where=zero)


def _beside_points(
    most: float, x: Array, sin: Array, cos: Array, n: Array, k: Array, r: Array, q: Array
) -> tuple[Array, Array]:
    """Put sine and cosine of the nearest points into arrays; return cosine - 1 and sine of the rest."""
    np.multiply(x, _ONE / _ANGLE, n)
    np.add(n, _MAGIC, n)
    index = k.view(np.int64)
    np.bitwise_and(n.view(np.int64), _POINTS - 1, index)
    np.take(_SINES, index, out=sin, mode="clip")
    np.take(_COSINES, index, out=cos, mode="clip")
    np.subtract(n, _MAGIC, n)
    first, *parts = _FEW_PARTS if most <= _FEW_RADIANS else _PARTS
    np.multiply(n, first, r)
    np.subtract(x, r, r)
    for part in parts:
        np.multiply(n, part, q)
        np.subtract(r, q, r)
    np.multiply(r, r, n)
    np.multiply(n, 1 / 24, q)
    np.subtract(q, 0.5, q)
    np.multiply(q, n, q)
    np.multiply(n, 1 / 120, k)
    np.subtract(k, 1 / 6, k)
    np.multiply(k, n, k)
    np.multiply(k, r, k)
    np.add(r, k, k)
    return q, k
