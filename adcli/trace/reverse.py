"""The adjoint sweep: v~j += v~i * dvi/dvj, from the outputs to the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .partials import Partials


def adjoints(size: int, partials: Partials, seed: Mapping[int, Any]) -> list[Any]:
    """Return the adjoint of each slot for the seed {slot: cotangent}; None where the outputs do not depend on it.

    Works on numbers of any kind. Griewank & Walther (2008), section 3.2.
    """
    adjoint: list[Any] = [None] * size
    for slot, value in seed.items():
        adjoint[slot] = value
    for i, j, partial in reversed(partials):
        if (w := adjoint[i]) is not None:
            before = adjoint[j]
            adjoint[j] = w * partial if before is None else before + w * partial
    return adjoint


def path_sizes(partials: Partials, size: int, weights: Mapping[int, float]) -> list[float]:
    """Return for each slot how large the terms are whose sum is its adjoint: the same sweep without signs.

    It is NaN where an infinite partial does not matter.
    """
    total = [0.0] * size
    for slot, weight in weights.items():
        total[slot] = abs(weight)
    for i, j, partial in reversed(partials):
        total[j] += total[i] * abs(partial)
    return total
