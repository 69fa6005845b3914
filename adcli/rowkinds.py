"""Of what kind the rows of a block are, by programs that are made when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import Array
from .cancelling import only_rounding
from .graph import Node
from .lowering import Lowered
from .registers import Compiled
from .unusual import masks

MOST_ROOM = 500_000  # numbers in the arrays to work in


class RowKinds:
    """Asks the programs of `unusual` and `cancelling`; several threads may."""

    def __init__(self, lowered: Lowered, outputs: Sequence[Any], seeds: Sequence[Mapping[int, Node]]) -> None:
        self._lowered, self._outputs, self._seeds = lowered, outputs, seeds
        self._masks: Compiled | None = None
        self._rounding: Compiled | None = None
        self._lock = threading.Lock()

    def of(self, given: Sequence[Array]) -> Any:
        """Return for the rows of a block: no value; look at this point alone; a plain kink; only rounding is left."""
        with self._lock:
            if self._masks is None:
                self._masks = self._lowered.program.compile(masks(self._lowered, self._outputs, self._seeds))
        found = _ask(self._masks, given)
        *_, vanishing = found
        if vanishing.any():
            with self._lock:
                if self._rounding is None:
                    self._rounding = self._lowered.program.compile([only_rounding(self._lowered)])
            vanishing[:] = _ask(self._rounding, given)
        return found != 0


def _ask(program: Compiled, given: Sequence[Array]) -> Array:
    found = np.empty((program.outputs, len(given[0])))
    step = max(256, MOST_ROOM // max(1, program.floats))  # every result is kept until it is looked at
    room = program.room(min(step, found.shape[1]))
    with np.errstate(all="ignore"):
        for first in range(0, found.shape[1], step):
            part = slice(first, first + step)
            program.run([x[part] for x in given], list(found[:, part]), room)
    return found
