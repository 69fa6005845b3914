"""The tangent sweep: v'i = sum over j of v'j * dvi/dvj, from the inputs to the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .partials import Partials


def tangents(size: int, partials: Partials, seed: Mapping[int, Any]) -> list[Any]:
    """Return the tangent of each slot for the seed {slot: tangent}; None where the seed does not reach.

    Works on numbers of any kind. Griewank & Walther (2008), section 3.1.
    """
    tangent: list[Any] = [None] * size
    for slot, value in seed.items():
        tangent[slot] = value
    for i, j, partial in partials:
        if (t := tangent[j]) is not None:
            before = tangent[i]
            tangent[i] = t * partial if before is None else before + t * partial
    return tangent
