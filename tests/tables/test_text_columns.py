"""Numbers are written as repr writes them, and a text that is no number has a reason."""

from __future__ import annotations

import numpy as np
import pytest

from adcli.language import Dialect, NotANumber
from adcli.tables.text_columns import format_numbers


@pytest.mark.parametrize("scale", [1.0, 1e-5, 1e-8, 1e5, 1e9, 1e14, 1e17, 1e300])
def test_numbers_are_written_as_repr_has_them(scale: float) -> None:
    rng = np.random.default_rng(0)
    numbers = np.concatenate(
        [rng.normal(size=500) * scale, np.round(rng.normal(size=500) * scale), rng.normal(size=500).round(2) * scale]
    )
    numbers = np.concatenate(
        [numbers, [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1e16, 1e15, 1e10, 9999999999.0, 1e-4, 9.999e-5]]
    )
    assert list(map(str, format_numbers(numbers))) == list(map(repr, numbers.tolist()))


def test_a_text_that_is_no_number_has_a_reason() -> None:
    assert Dialect().number(" -1.5e3\t") == -1500
    for text in ("²", "ınf", "1_0"):
        assert Dialect().number(text) == NotANumber("this is not a number")
