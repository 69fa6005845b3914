"""Many points at once: columns in, values and derivatives out, by one program run over blocks of rows."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from ..derive import Lowering, Model, Register, jacobian, jvp
from ..derive import partial as partial_derivative
from ..errors import DomainError, UsageError, check_names, listed
from ..language import Node, Point, as_names, as_point, constant_node
from . import ufuncs
from .compile import compiled
from .executable import Array
from .unusual import Classifier, guards

BLOCK = 65_536  # rows at a time; with fewer, threads wait for each other at the interpreter's lock
FEWEST = 1024  # rows at a time, however many threads or registers
MOST_SCRATCH = 2_000_000  # numbers in the arrays that a thread works in
FEWEST_OF_THREADS = 60_000  # rows; below it one thread is sooner done
WHAT = ("gradient", "value", "jvp", "hessian-diagonal")


class Batch(dict[str, Any]):
    """Result columns by name; `counts` tells how many rows had which kind of note ("domain": no value, all are NaN)."""

    def __init__(self, columns: Mapping[str, Any], counts: Mapping[str, int]) -> None:
        super().__init__(columns)
        self.counts = dict(counts)


class Plan:
    """A formula made ready for columns: `inputs` are the columns it needs, `names` those that it gives.

    `at` are numbers for all rows, `wrt` the variables to differentiate by (by default those that come in columns).
    `what` is one of WHAT; "jvp" is the derivative along `tangent`, numbers by variable. With `notes` there is a column
    of texts, the kinds of note of each row. `accurate` takes numpy's sine, cosine and log1p, within 1 ulp.
    """

    def __init__(
        self,
        formula: Model,
        *,
        at: Point | Mapping[str, Any] | None = None,
        wrt: Sequence[str] | None = (),
        what: str = "gradient",
        tangent: Mapping[str, float] | None = None,
        notes: bool = False,
        accurate: bool = False,
    ) -> None:
        check_names([what], WHAT, "what a batch calculates")
        if not formula.has_graph:
            hint = "take gradient row by row, or write it as a formula"
            raise UsageError(
                "a recorded Python function may run differently at each point, so not in columns", hint=hint
            )
        if what == "jvp" and not tangent:
            raise UsageError("a jvp needs a tangent", hint="give numbers by variable, such as tangent={'x': 1}")
        if tangent and what != "jvp":
            raise UsageError("a tangent goes with what='jvp'")
        wrt = as_names(wrt)
        if wrt and what in ("value", "jvp"):
            raise UsageError(f"a {what} has no use for wrt", hint="wrt goes with a gradient or a hessian-diagonal")
        self._options: dict[str, Any] = {
            "wrt": wrt,
            "what": what,
            "tangent": tangent,
            "notes": notes,
            "accurate": accurate,
        }
        self.formula, self._at, self._notes = formula, as_point(at), notes
        trace = formula.trace_at(self._at)
        fixed = {name: x for name, x in self._at.values.items() if name in trace.inputs}
        self.inputs = tuple(name for name in trace.inputs if name not in fixed)
        self._tangent = as_point(tangent).values
        check_names(self._tangent, trace.inputs)
        wrt = tuple(self._tangent) if what == "jvp" else wrt
        self.wrt = () if what == "value" else formula.choose(wrt, trace.inputs) if wrt else self.inputs
        self.what = what if self.wrt else "value"
        if self.what == "hessian-diagonal" and len(formula.outputs) > 1:
            raise UsageError("the formula has several outputs", hint="second derivatives are of one")
        self._lowering = Lowering(trace, fixed, partial(ufuncs.expanded, exact=accurate), ufuncs.slope)
        self._outputs: list[Any] = []
        self.names: tuple[str, ...] = ()
        for k, name in enumerate(formula.outputs):
            self._outputs.append(self._lowering.value(k))
            self.names += (name,)
            if self.what == "gradient":
                self._outputs += self._lowering.gradient(k, self.wrt)
                self.names += tuple(f"d{name}/d{by}" for by in self.wrt)
            elif self.what == "jvp":
                self._outputs.append(self._lowering.along(k, self._tangent))
                self.names += (f"J*t {name}",)
            elif self.what == "hessian-diagonal":
                self._outputs += self._lowering.second(k, self.wrt)
                self.names += tuple(f"d2{name}/d{by}2" for by in self.wrt)
        if notes and "notes" in self.names:
            raise UsageError("a result is called notes, as the column of notes", hint="give it another name")
        checks = guards(self._lowering, self._outputs)
        self._always = any([not isinstance(x, Register) and x for x in checks])
        checks = [x for x in checks if isinstance(x, Register)]
        self._program = compiled(self._lowering.program, self._outputs, checks, accurate=accurate)
        self._classifier = Classifier(self._lowering, self._outputs, self._seeds(), accurate)

    def __reduce__(self) -> Any:
        """A plan is pickled as its arguments."""
        return partial(Plan, at=self._at, **self._options), (self.formula,)

    def _seeds(self) -> list[dict[int, Node]]:
        """Return the directions of the derivatives, where the symmetric one is right at a kink."""
        slot = self._lowering.trace.slot
        if self.what == "gradient":
            return [{slot[name]: constant_node(1.0)} for name in self.wrt]
        return [{slot[name]: constant_node(x) for name, x in self._tangent.items()}] if self.what == "jvp" else []

    def run(self, columns: Mapping[str, Any], *, threads: int | None = None) -> Batch:
        """Return the result columns for columns of equal length, or numbers; rows are independent of each other.

        They are a mapping of numpy arrays, or a table of pandas, polars or pyarrow.
        """
        inputs = [_column(columns, name) for name in self.inputs]
        if not (threads is None or (isinstance(threads, Integral) and threads >= 0)):
            raise UsageError(f"there cannot be {threads!r} threads", hint="None is as many as the machine has")
        sizes = {name: x.size for name, x in zip(self.inputs, inputs, strict=True) if x.ndim}
        if len(set(sizes.values())) > 1:
            raise UsageError("the columns differ in length: " + listed(f"{n} has {k}" for n, k in sizes.items()))
        rows = next(iter(sizes.values()), 1)
        inputs = [x if x.ndim else np.full(rows, float(x)) for x in inputs]
        outputs = [np.empty(rows) for _ in self.names]
        kinds = np.full(rows, "", object) if self._notes else None
        counts: list[Counter[str]] = []
        threads = threads or (1 if rows < FEWEST_OF_THREADS else os.cpu_count() or 1)
        threads = int(min(threads, rows // FEWEST + 1))
        block = max(FEWEST, min(BLOCK, 1 + rows // 4, MOST_SCRATCH // self._program.size))  # whatever the threads
        starts = iter(range(0, rows, block))  # a thread that is ready takes the next block

        def work(_: int = 0) -> None:
            self._fill(inputs, outputs, kinds, counts, starts, block)

        if threads == 1:
            work()
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, range(threads)))
        found: dict[str, Any] = dict(zip(self.names, outputs, strict=True))
        if kinds is not None:
            found["notes"] = kinds
        return Batch(found, dict(sum(counts, Counter())))

    def _fill(
        self,
        inputs: list[Array],
        outputs: list[Array],
        kinds: Any,
        counts: list[Counter[str]],
        starts: Iterator[int],
        block: int,
    ) -> None:
        """Fill the block of rows from each of these numbers on."""
        scratch = self._program.scratch(block)
        flags: list[str] = []
        with np.errstate(all="call", call=lambda kind, _: flags.append(kind)):
            for first in starts:
                rows = slice(first, first + block)
                given = [x[rows] for x in inputs]
                made = [x[rows] for x in outputs]
                flags.clear()
                unusual = self._program.run(given, made, scratch) or flags or self._always
                if unusual or not all([math.isfinite(x.sum()) for x in given]):
                    counts.append(self._look_closer(given, made, None if kinds is None else kinds[rows]))

    def _look_closer(self, given: list[Array], made: list[Array], kinds: Any) -> Counter[str]:
        """Set the rows of a block right that are not ordinary; return how many of which kind there are."""
        outside, suspect, kink, lost = self._classifier.classify(given, len(made[0]))
        counts: Counter[str] = Counter()
        known = np.ones_like(outside)
        for x in given:
            known &= np.isfinite(x)
        inside = known & ~outside
        ordinary = inside & ~suspect
        for column in made:
            column[~inside] = np.nan
        for kind, rows in (
            ("input", ~known),
            ("domain", known & ~inside),
            ("kink", ordinary & kink),
            ("cancellation", ordinary & lost),
        ):
            if count := int(np.count_nonzero(rows)):
                counts[kind] = count
                if kinds is not None:
                    kinds[rows] = [f"{old} {kind}".lstrip() for old in kinds[rows]]
        points: dict[bytes, tuple[list[float], list[str]]] = {}
        for row in np.flatnonzero(inside & ~ordinary):
            point = np.array([x[row] for x in given])
            if (key := point.tobytes()) not in points:
                points[key] = self.one(dict(zip(self.inputs, point.tolist(), strict=True)))
            numbers, said = points[key]
            for column, number in zip(made, numbers, strict=True):
                column[row] = number
            counts.update(said)
            if kinds is not None:
                kinds[row] = " ".join(said)
        return counts

    def one(self, values: dict[str, float]) -> tuple[list[float], list[str]]:
        """Return the results at one point as for that point alone, and the kinds of its notes."""
        formula, at = self.formula, self._at.moved(values)
        numbers: list[float | None]
        try:
            found: Any
            if self.what == "gradient" and len(formula.outputs) == 1:
                found, _ = formula.sweeps(at, self.wrt)
                numbers = [found.value, *found.gradient.values()]
            elif self.what == "gradient":
                found = jacobian(formula, formula.evaluation(at), formula.outputs, self.wrt)
                numbers = [x for y, row in zip(found.value, found.jacobian, strict=True) for x in (y, *row)]
            elif self.what == "jvp":
                found = jvp(formula, formula.evaluation(at), formula.outputs, self._tangent)
                numbers = [x for name in formula.outputs for x in (found.value[name], found.product[name])]
            else:
                found, _ = formula.values(at)
                twice = self.wrt if self.what == "hessian-diagonal" else ()
                numbers = [*found.value.values(), *(self._second_derivative(at, name) for name in twice)]
        except DomainError as error:
            return [math.nan] * len(self.names), [error.kind]
        kinds = list(dict.fromkeys(note.kind for note in found.notes)) or ["undefined"] * (None in numbers)
        return [math.nan if x is None else float(x) for x in numbers], kinds

    def _second_derivative(self, at: Point, name: str) -> float | None:
        try:
            return partial_derivative(self.formula, self.formula.evaluation(at), (name, name)).partial
        except DomainError:
            return None


def _column(columns: Any, name: str) -> Array:
    """Return a column as an array of floats; one without a number, or masked, is NaN."""
    try:
        found = columns[name]
    except (TypeError, IndexError):
        hint = "give a mapping of arrays, or a table of pandas, polars or pyarrow"
        raise UsageError(f"a {type(columns).__name__} has no columns by name", hint=hint) from None
    except Exception:  # each library has an error of its own
        several = [*getattr(columns, "column_names", ())].count(name) > 1  # in a table of Arrow's
        what = f"there are several columns {name}" if several else f"there is no column {name}"
        raise UsageError(what, hint="give one, or one number for all rows by at") from None
    made = _numbers(found, f"the column {name} is not of numbers")
    if made.ndim > 1:
        raise UsageError(f"the column {name} has {made.ndim} dimensions, not one")
    return made


def _numbers(given: Any, otherwise: str, hint: str = "") -> Array:
    """Return an array of floats, NaN for what is missing or masked; raises UsageError for what is no number."""
    plain = {"zero_copy_only": False} if hasattr(given, "buffers") else {}  # an array of Arrow's, perhaps with nulls
    numbers = given.to_numpy(**plain) if hasattr(given, "to_numpy") else given
    try:
        if getattr(getattr(numbers, "dtype", None), "kind", "f") in "mMcV":  # numpy makes numbers of some of these
            raise TypeError
        with np.errstate(over="ignore", invalid="ignore"):  # long double, a signalling NaN
            if isinstance(numbers, np.ma.MaskedArray):
                numbers = np.ma.filled(numbers.astype(float), np.nan)
            return np.ascontiguousarray(numbers, float) if np.ndim(numbers) else np.asarray(numbers, float)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(otherwise, hint=hint) from None


def value_and_gradient(
    formula: Model, at: Point | Mapping[str, Any] | None = None, *, accurate: bool = False
) -> Callable[[Any], tuple[Any, Any]]:
    """Return a function of numpy arrays: x of n numbers gives the value and n partial derivatives.

    So scipy.optimize.minimize(f, x0, jac=True) wants it. An x of n by m numbers, m points, gives m values and n by m
    derivatives. The order is that of `inputs`, an attribute of the function.
    """
    plan = Plan(formula, at=at, accurate=accurate)
    if len(formula.outputs) > 1:
        raise UsageError("the formula has several outputs", hint="compile one of them")
    order = "in the order " + listed(plan.inputs)

    def function(x: Any) -> tuple[Any, Any]:
        x = _numbers(x, "x is not of numbers", order)
        if x.ndim not in (1, 2) or len(x) != len(plan.inputs):
            raise UsageError(f"x has the shape {x.shape}, not ({len(plan.inputs)},)", hint=order)
        if x.ndim == 1:
            (value, *partials), _ = plan.one(dict(zip(plan.inputs, x.tolist(), strict=True)))
            return value, np.array(partials)
        values, *slopes = plan.run(dict(zip(plan.inputs, x, strict=True))).values()
        return values, np.array(slopes)

    function.inputs = plan.inputs  # type: ignore[attr-defined]
    return function
