"""Products beyond the range of floats, and what infinite factors give in any order."""

from __future__ import annotations

import math

import pytest

from adcli.ops.scaled import Scaled

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("factors", "product"),
    [
        ((1e200, 1e200, 1e-300), 1e100),
        ((5e-324, 5e-324, 2.0**1000, 2.0**1000, 2.0**149), 2.0),
        ((-1e300, 1e300), -INF),
        ((1e-300, 1e-300), 0.0),
        ((0.0, 1e300, 1e300), 0.0),
        ((INF, -2.0), -INF),
        ((INF, 0.0), NAN),
        ((0.0, INF), NAN),
        ((NAN, 2.0), NAN),
    ],
)
def test_products(factors: tuple[float, ...], product: float) -> None:
    wide = Scaled(1.0)
    for factor in factors:
        wide = wide * factor
    assert float(wide) == pytest.approx(product, rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        ((1.5, 2.25), 3.75),
        ((1e308, 1e308), INF),
        ((1e308, -1e308), 0.0),
        ((0.0, 5e-324), 5e-324),
        ((1e300, 1e-300), 1e300),
        ((INF, -1e300), INF),
        ((-1e300, INF), INF),
        ((INF, INF), INF),
        ((INF, -INF), NAN),
        ((0.0, 0.0), 0.0),
        ((NAN, 1.0), NAN),
    ],
)
def test_sums(terms: tuple[float, float], total: float) -> None:
    a, b = map(Scaled, terms)
    assert float(a + b) == pytest.approx(total, rel=0, abs=0, nan_ok=True)
    assert float(b + a) == pytest.approx(total, rel=0, abs=0, nan_ok=True)


def test_zero_has_no_size() -> None:
    tiny = Scaled(1e-200) * 1e-200
    for total in (tiny + Scaled(0.0), Scaled(0.0) + tiny):
        assert float(total * 1e200 * 1e200) == pytest.approx(1, rel=1e-15)


def test_infinite_factors_are_of_their_own_size() -> None:
    """inf*inf - inf is inf."""
    assert float(Scaled(INF) * INF + Scaled(-INF)) == INF
    assert float(Scaled(-INF) + Scaled(INF) * INF) == INF
