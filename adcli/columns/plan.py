"""A model made ready for columns: one program, run over blocks of rows by several threads."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..derive import Lowering, Model, Register
from ..errors import DomainError
from ..language import Point, constant_node
from .batch import Batch, float_columns
from .compile import compiled
from .executable import Array
from .quantities import Quantity
from .ufuncs import rewrite, rule
from .unusual import Classifier, guards

BLOCK = 65_536  # rows at a time; with fewer, threads wait for each other at the interpreter's lock
FEWEST = 1024  # rows at a time, for any number of threads or scratch arrays
MOST_SCRATCH = 2_000_000  # floats in the scratch arrays of a thread
FEWEST_OF_THREADS = 60_000  # rows; with fewer, one thread is faster


class Columns(NamedTuple):
    """Arrays of some rows: inputs and outputs, and the texts of the notes, if they are wanted."""

    inputs: list[Array]
    outputs: list[Array]
    notes: Any

    def part(self, rows: slice) -> Columns:
        """Return views of some of the rows."""
        notes = None if self.notes is None else self.notes[rows]
        return Columns([x[rows] for x in self.inputs], [x[rows] for x in self.outputs], notes)


class Plan:
    """The program of a quantity, for many points: `inputs` are the columns that it takes, `names` those that it gives.

    `at` holds numbers for all rows. With `notes` there is a column "notes" of texts, the kinds of note of each row.
    `accurate` takes numpy's sine, cosine and log1p, within 1 ulp. A plan may run in several threads; it is pickled as
    its arguments.
    """

    def __init__(
        self, model: Model, quantity: Quantity, at: Point, notes: bool = False, accurate: bool = False
    ) -> None:
        self._arguments = model, quantity, at, notes, accurate
        self._model, self.quantity, self._at, self._notes = model, quantity, at, notes
        trace = model.trace_at(at)
        fixed = {name: x for name, x in at.values.items() if name in trace.inputs}
        lowering = Lowering(trace, fixed, partial(rewrite, accurate=accurate), rule)
        self.inputs = tuple(lowering.program.inputs)
        self.names = tuple(name for output in model.outputs for name in quantity.names(output))
        outputs = [x for k in range(len(model.outputs)) for x in quantity.lower(lowering, k)]
        seeds = [{trace.slot[name]: constant_node(x) for name, x in seed.items()} for seed in quantity.seeds()]
        conditions = guards(lowering, outputs)
        registers = [x for x in conditions if isinstance(x, Register)]
        self._always_unusual = any([not isinstance(x, Register) and x for x in conditions])
        self._program = compiled(lowering.program, outputs, registers, accurate=accurate)
        self._classifier = Classifier(lowering, outputs, seeds, accurate)

    def __reduce__(self) -> Any:
        return Plan, self._arguments

    def run(self, columns: Any, *, threads: int | None = None) -> Batch:
        """Return the result columns for columns of equal length, or numbers; rows do not depend on each other.

        The columns are a mapping of arrays, or a table of pandas, polars or pyarrow. `threads` is by default the number
        of processors, for many rows. Raises UsageError for columns that are not as needed.
        """
        inputs, rows = float_columns(columns, self.inputs)
        outputs = [np.empty(rows) for _ in self.names]
        whole = Columns(inputs, outputs, np.full(rows, "", object) if self._notes else None)
        threads = threads or (1 if rows < FEWEST_OF_THREADS else os.cpu_count() or 1)
        threads = int(min(threads, rows // FEWEST + 1))
        size = max(FEWEST, min(BLOCK, 1 + rows // 4, MOST_SCRATCH // self._program.size))  # for any number of threads
        parts = iter([slice(first, first + size) for first in range(0, rows, size)])  # a free thread takes the next
        if threads == 1:
            counts = self._fill(whole, parts, size)
        else:
            with ThreadPoolExecutor(threads) as pool:
                counts = sum(pool.map(lambda _: self._fill(whole, parts, size), range(threads)), Counter[str]())
        found: dict[str, Any] = dict(zip(self.names, outputs, strict=True))
        return Batch(found if whole.notes is None else {**found, "notes": whole.notes}, counts)

    def _fill(self, whole: Columns, parts: Iterator[slice], size: int) -> Counter[str]:
        """Fill parts of up to so many rows; return the number of rows with each kind of note."""
        scratch = self._program.scratch(size)
        counts: Counter[str] = Counter()
        flags: list[str] = []
        with np.errstate(all="call", call=lambda kind, _: flags.append(kind)):
            for rows in parts:
                flags.clear()
                block = whole.part(rows)
                unusual = self._program.run(block.inputs, block.outputs, scratch) or flags or self._always_unusual
                if unusual or not all([math.isfinite(x.sum()) for x in block.inputs]):
                    counts += self._correct(block)
        return counts

    def _correct(self, block: Columns) -> Counter[str]:
        """Correct the rows that are not ordinary; return the number of rows with each kind of note."""
        rows = len(block.outputs[0])
        finite = np.ones(rows, bool)
        for x in block.inputs:
            finite &= np.isfinite(x)
        classes = self._classifier.classify(block.inputs, rows)
        valid = finite & ~classes.outside
        in_columns = valid & ~classes.suspect
        for column in block.outputs:
            column[~valid] = np.nan
        kinds = {
            "input": ~finite,
            "domain": finite & ~valid,
            "kink": in_columns & classes.kink,
            "cancellation": in_columns & classes.rounding,
        }
        if block.notes is not None:
            for kind, noted in kinds.items():
                block.notes[noted] = [f"{old} {kind}".lstrip() for old in block.notes[noted]]
        counts = Counter({kind: int(np.count_nonzero(noted)) for kind, noted in kinds.items()})
        return +counts + self._one_by_one(block, np.flatnonzero(valid & classes.suspect))

    def _one_by_one(self, block: Columns, rows: Iterable[int]) -> Counter[str]:
        """Calculate rows as points of their own, equal ones once; return the counts of their kinds of note."""
        counts: Counter[str] = Counter()
        known: dict[bytes, tuple[list[float], list[str]]] = {}
        for row in rows:
            point = np.array([x[row] for x in block.inputs])
            if (key := point.tobytes()) not in known:
                known[key] = self.at_point(dict(zip(self.inputs, point.tolist(), strict=True)))
            numbers, kinds = known[key]
            for column, number in zip(block.outputs, numbers, strict=True):
                column[row] = number
            counts.update(kinds)
            if block.notes is not None:
                block.notes[row] = " ".join(kinds)
        return counts

    def at_point(self, values: Mapping[str, float]) -> tuple[list[float], list[str]]:
        """Return the numbers of one row, calculated without columns, and the kinds of its notes."""
        try:
            evaluation = self._model.evaluation(self._at.moved(values))
            numbers, notes = self.quantity.at(self._model, evaluation)
        except DomainError as error:
            return [math.nan] * len(self.names), [error.kind]
        told = dict.fromkeys(note.kind for note in notes if not note.is_on_text)
        kinds = list(told) or ["undefined"] * (None in numbers)
        return [math.nan if x is None else float(x) for x in numbers], kinds
