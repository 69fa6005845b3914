"""The float functions that adcli writes itself: exact parts, exact cases, identities, and numbers from books."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from adcli.ops import floats, gammas, twofold

moderate = st.floats(min_value=-1e100, max_value=1e100).filter(lambda x: x == 0 or abs(x) > 1e-100)


@given(moderate, moderate)
def test_product_and_difference_lose_nothing(a: float, b: float) -> None:
    assert sum(map(Fraction, twofold.two_product(a, b))) == Fraction(a) * Fraction(b)
    assert sum(map(Fraction, twofold.two_difference(a, b))) == Fraction(a) - Fraction(b)


def test_difference_that_overflows_loses_nothing() -> None:
    assert twofold.two_difference(1e308, -1e308) == (math.inf, 0.0)
    assert twofold.two_difference(math.inf, 1.0) == (math.inf, 0.0)


@given(st.integers(-200_000, 200_000), st.integers(-300, 300))
def test_cube_root_of_a_cube_is_exact(n: int, e: int) -> None:
    assert floats.cbrt(math.ldexp(n**3, 3 * e)) == math.ldexp(n, e)


@given(st.floats(allow_nan=False))
def test_cube_root_is_odd(x: float) -> None:
    assert floats.cbrt(-x) == -floats.cbrt(x)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_slope_of_a_square_is_exactly_twice(x: float) -> None:
    assert floats.power_slope_base(x * x, x, 2.0) == 2 * x


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.booleans())
def test_slope_of_a_remainder_is_a_whole_number(a: float, b: float, negative: bool) -> None:
    b = -b if negative else b
    exact = Fraction(a) / Fraction(b)
    assert floats.quotient_slope(math.fmod(a, b), a, b) == -math.trunc(exact)
    assert floats.quotient_slope(a % b, a, b) == -math.floor(exact)
    assert floats.quotient_slope(math.remainder(a, b), a, b) == -round(exact)


@given(moderate, moderate, moderate)
def test_fma_rounds_once(a: float, b: float, c: float) -> None:
    assert floats.fma(a, b, c) == float(Fraction(a) * Fraction(b) + Fraction(c))


def test_logarithms_to_bases_2_and_10_are_exact_where_they_can_be() -> None:
    assert [floats.log_base(10.0**k, 10.0) for k in range(20)] == list(range(20))
    assert [floats.log_base(2.0**k, 2.0) for k in range(-50, 50)] == list(range(-50, 50))


@pytest.mark.parametrize("n", range(1, 171))
def test_gamma_of_a_whole_number_is_a_factorial(n: int) -> None:
    assert gammas.gamma(n) == float(math.factorial(n - 1))


def test_numbers_from_books() -> None:
    """DLMF 5.4, 5.15 and Abramowitz & Stegun, Tables 6.1 and 6.2."""
    near = pytest.approx
    assert gammas.gamma(0.5) == near(math.sqrt(math.pi), rel=3e-16, abs=0)
    assert gammas.gamma(-0.5) == near(-2 * math.sqrt(math.pi), rel=3e-16, abs=0)
    assert gammas.gamma(1.5) == near(0.8862269255, abs=5e-11)
    assert gammas.digamma(1.0) == near(-0.5772156649015329, rel=3e-16, abs=0)
    assert gammas.digamma(0.5) == near(-0.5772156649015329 - 2 * math.log(2), rel=3e-16, abs=0)
    assert gammas.polygamma(1.0, 1.0) == near(math.pi**2 / 6, rel=3e-16, abs=0)
    assert gammas.polygamma(1.0, 0.5) == near(math.pi**2 / 2, rel=3e-16, abs=0)
    assert gammas.polygamma(2.0, 1.0) == near(-2 * 1.2020569031595942, rel=3e-16, abs=0)
    assert gammas.polygamma(3.0, 1.0) == near(math.pi**4 / 15, rel=3e-16, abs=0)
    assert (gammas.lgamma(1.0), gammas.lgamma(2.0)) == (0, 0)


def test_digamma_keeps_its_digits_at_its_positive_root() -> None:
    x = 1.4616321449683623
    with mp.workdps(50):
        for k in range(-5, 6):
            y = x + k * 2.0**-52
            assert gammas.digamma(y) == pytest.approx(float(mp.digamma(mpf(y))), rel=3e-16, abs=0)


@given(st.floats(-30, 30), st.integers(0, 6))
def test_polygamma_steps(x: float, n: int) -> None:
    """psi_n(x + 1) = psi_n(x) + (-1)^n n!/x^(n+1)  (DLMF 5.15.5)."""
    assume(abs(x - round(x)) > 1e-3)
    y = gammas.polygamma(n, x)
    step = (-1) ** n * math.factorial(n) / x ** (n + 1)
    scale = math.factorial(n + 1) * abs(x - round(x)) ** -(n + 2) + 10 * abs(y) + abs(step)
    assert gammas.polygamma(n, x + 1) == pytest.approx(y + step, rel=0, abs=1e-13 * scale)


@pytest.mark.long
@pytest.mark.parametrize("n", [50, 170, 171, 300, 1000, 1001])
def test_polygamma_of_high_order(n: int) -> None:
    """By the factorial and the power in exact integers, and from 1000 by logarithms, which lose up to n ln n."""
    with mp.workdps(40):
        for x in (0.3, 0.9, 1.5, 40.25, n / 3, n / math.e, n / 2.0, n * 1.5, 900.0):
            exact = mp.psi(n, mpf(x))
            got = gammas.polygamma(n, x)
            if abs(exact) > mpf(2) ** 1024:
                assert got == math.copysign(math.inf, exact)
            elif abs(exact) < mpf(2) ** -1022:
                assert abs(got) < 1e-300
            else:
                assert abs(got / exact - 1) < 2**-53 * (5 if n <= 1000 else 3 * n * math.log(n))


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_sigmoids_add_up(a: float, b: float) -> None:
    assert floats.sigmoid(a) + floats.sigmoid(-a) == pytest.approx(1, rel=3e-16, abs=0)
    assert sum(slope(0.0, a, b) for slope in floats.LOGADDEXP_SLOPES) == pytest.approx(1, rel=4e-16, abs=0)


def test_functions_that_cannot_overflow() -> None:
    assert floats.softplus(1e308) == floats.logaddexp(1e308, 0.0) == 1e308
    assert floats.sigmoid(-1e308) == floats.sech(1e308) == floats.erf_slope(0.0, 1e308) == 0
    assert floats.csch(1e308) == floats.coth_slope(1.0, 1e308) == 0
    assert floats.coth_slope(1.0, 372.9) == -5e-324
    assert floats.csch(-745.8) == -floats.sech(745.8) < 0
