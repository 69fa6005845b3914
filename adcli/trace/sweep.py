"""The two sweeps over the local partials of a trace: tangents from the inputs, adjoints from the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Note
from .evaluation import Evaluation
from .partials import Linearization, Partials


def tangents(size: int, partials: Partials, seed: Mapping[int, Any]) -> list[Any]:
    """Return the tangent of each slot for the seed {slot: tangent}; None where the seed does not reach.

    v'i = sum over j of v'j * dvi/dvj, on numbers of any kind. Griewank & Walther (2008), section 3.1.
    """
    tangent: list[Any] = [None] * size
    for slot, value in seed.items():
        tangent[slot] = value
    for i, j, partial in partials:
        if (t := tangent[j]) is not None:
            before = tangent[i]
            tangent[i] = t * partial if before is None else before + t * partial
    return tangent


def adjoints(size: int, partials: Partials, seed: Mapping[int, Any]) -> list[Any]:
    """Return the adjoint of each slot for the seed {slot: cotangent}; None where the outputs do not depend on it.

    v~j += v~i * dvi/dvj, on numbers of any kind. Griewank & Walther (2008), section 3.2.
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
    """Return for each slot the size of the terms whose sum is its adjoint: the adjoint sweep on absolute values.

    It is NaN where the sweep meets 0*inf.
    """
    total = [0.0] * size
    for slot, weight in weights.items():
        total[slot] = abs(weight)
    for i, j, partial in reversed(partials):
        total[j] += total[i] * abs(partial)
    return total


class Sweeps:
    """The sweeps of a gradient, by slot, as a trace table shows them.

    `beside` names the variables whose derivative is not the sum over rows, but was found beside the point.
    """

    def __init__(self, linearization: Linearization, notes: list[Note], mode: str = "") -> None:
        self.linearization, self.notes, self.mode = linearization, notes, mode
        self.tangents: dict[str, list[float | None]] = {}
        self.adjoints: list[float | None] | None = None
        self.gradient: dict[str, float | None] = {}
        self.beside: tuple[str, ...] = ()

    @property
    def notes_at_point(self) -> list[Note]:
        """The notes without those on how the formula was read."""
        return [note for note in self.notes if not note.is_on_text]

    @property
    def evaluation(self) -> Evaluation:
        """The values that were swept over."""
        return self.linearization.evaluation


def unswept(evaluation: Evaluation) -> Sweeps:
    """Return an evaluation without derivatives, for a table of its values."""
    return Sweeps(Linearization(evaluation, [], []), notes=evaluation.notes)
