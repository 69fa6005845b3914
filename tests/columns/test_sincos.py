"""Sine and cosine of columns against mpmath, in ulp."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import adcli
from adcli.columns import sincos
from tests.ops.test_table import DIGITS, off


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


SINES = np.concatenate([
    np.random.default_rng(0).uniform(-7, 7, 3000), np.random.default_rng(1).uniform(-1e5, 1e5, 3000),
    np.random.default_rng(2).integers(-60_000, 60_000, 3000) * (np.pi / 2),
    np.arange(-2000, 2000) * (2 * np.pi / 1024), 10.0 ** np.random.default_rng(3).uniform(-320, 0, 500),
    [0.0, 1e5, -1e5],
])  # fmt: skip


@pytest.mark.parametrize(
    "column", [SINES, SINES[np.abs(SINES) < 6000], np.append(SINES, 1e22)], ids=["to 1e5", "to 6e3", "beyond"]
)
def test_sine_and_cosine_are_within_two_ulp_everywhere(column: Any) -> None:
    sin, cos, *work = np.empty((6, len(column)))
    sincos.sin_cos(column, sin, cos, *work)
    alone = np.empty_like(sin)
    for function, of, out in ((sincos.sin_only, mp.sin, sin), (sincos.cos_only, mp.cos, cos)):
        function(column, alone, np.empty_like(sin), *work)
        np.testing.assert_array_equal(alone, out)
        assert max(off(got, of(mpf(x))) for x, got in zip(column.tolist(), out.tolist(), strict=True)) <= 2


def test_sine_and_cosine_of_numpy_are_within_one_ulp() -> None:
    made = adcli.formula("sin(x)").plan(accurate=True).run({"x": SINES})
    for name, of in (("y", mp.sin), ("dy/dx", mp.cos)):
        assert max(off(got, of(mpf(x))) for x, got in zip(SINES.tolist(), made[name].tolist(), strict=True)) <= 1.2


def test_the_sine_of_minus_zero_is_minus_zero() -> None:
    made = adcli.formula("[sin(x), cos(x)*sin(x), copysign(1, sin(x))]").batch(x=[-0.0, 0.0, 1.0], what="value")
    sine, product, sign = (made[name] for name in made)
    assert np.signbit(sine).tolist() == np.signbit(product).tolist() == [True, False, False]
    assert sign.tolist() == [-1.0, 1.0, 1.0]


def test_sine_of_what_is_not_finite() -> None:
    with np.errstate(invalid="ignore"):
        made = adcli.formula("sin(x)").batch(x=[math.inf, math.nan, 0.5])
    assert np.isnan(made["y"]).tolist() == [True, True, False]
