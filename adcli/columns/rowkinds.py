"""Of what kind the rows of a block are, by programs that are made when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..derive import Lowered
from ..language import Node
from .allocate import Compiled
from .cancelling import only_rounding
from .ufuncs import Array
from .unusual import masks

MOST_ROOM = 500_000  # numbers in the arrays to work in


class RowKinds:
    """Asks the programs of `unusual` and `cancelling`; several threads may."""

    def __init__(self, lowered: Lowered, outputs: Sequence[Any], seeds: Sequence[Mapping[int, Node]]) -> None:
        self._lowered, self._outputs, self._seeds = lowered, outputs, seeds
        self._masks: Compiled | None = None
        self._rounding: Compiled | None = None
        self._lock = threading.Lock()

    def of(self, given: Sequence[Array], rows: int) -> Any:
        """Return for the rows of a block: no value; look at this point alone; a plain kink; only rounding is left."""
        with self._lock:
            if self._masks is None:
                self._masks = self._lowered.program.compile(masks(self._lowered, self._outputs, self._seeds))
        found = _ask(self._masks, given, rows)
        *_, vanishing = found
        if len(some := np.flatnonzero(vanishing)):
            with self._lock:
                if self._rounding is None:
                    self._rounding = self._lowered.program.compile([only_rounding(self._lowered)])
            vanishing[some] = _ask(self._rounding, [x[some] for x in given], len(some))
        return found != 0


def _ask(program: Compiled, given: Sequence[Array], rows: int) -> Array:
    found = np.empty((program.outputs, rows))
    step = max(256, MOST_ROOM // program.size)  # every result is kept until it is looked at
    room = program.room(min(step, rows))
    with np.errstate(all="ignore"):
        for first in range(0, rows, step):
            part = slice(first, first + step)
            program.run([x[part] for x in given], list(found[:, part]), room)
    return found
