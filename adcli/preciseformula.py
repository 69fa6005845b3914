"""Precise: a Formula whose results have as many correct digits as asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from . import expansion, point
from .big import Big, number
from .derivatives import Gradient, Sweeps, Values
from .dual import Dual
from .formula import At, Formula, Names, Number
from .forward import tangents
from .hessian import Hessian
from .jacobian import Jacobian, Product
from .precise import agreed, evaluate, image, linearized, moved
from .reverse import adjoints
from .shown import Digits
from .taylor import Series, variable
from .trace import Evaluation

OF_FLOATS = ("overflow", "nan", "cancellation", "pole")  # notes that do not concern finite numbers of any size


class Precise(Formula):
    """A Formula computed with mpmath: each number is a float, and prints with so many correct digits.

    A float of the point means its shortest decimal text: 0.1 is one tenth. What is undefined, and the notes, are found
    at the same values rounded to floats.
    """

    def __init__(self, formula: Formula, digits: int) -> None:
        self.__dict__.update(formula.__dict__)
        self._formula, self.digits = formula, digits

    def __str__(self) -> str:
        return str(self._formula)

    def _rounded(self, at: point.Point) -> tuple[Formula, Evaluation]:
        """Return the evaluation with precise values rounded to floats, and a Formula that has just this one."""
        inner = copy(self._formula)
        trace = inner.trace_at(at)
        start = Evaluation(trace, [], [], inner.script.place, point.bind(at, trace.inputs, inner.script))
        values: list[Any] = []

        def compute(c: Any) -> list[Any]:
            values[:] = evaluate(start, c)
            return [values[out] for out in trace.outputs]

        agreed(compute, self.digits)
        rounded = image(start, values)
        inner._evaluate = lambda *_, **__: rounded
        return inner, rounded

    def _filled(
        self, result: Any, evaluation: Evaluation, fields: Sequence[str], compute: Callable[[list[Any], Any], Any]
    ) -> Any:
        """Return a result of floats with precise numbers in its fields, in the order that `compute` gives them.

        `compute` takes the values of the slots and 1.
        """

        def numbers(c: Any) -> list[Any]:
            given = [number(c, evaluation.given[name], exact_floats=False) for name in result.at]
            return [*given, *compute(evaluate(evaluation, c), Big(c.one))]

        found = agreed(numbers, self.digits)
        usual = all(x.context.isfinite(x) for x in found)
        rest = iter(found)
        new = {name: self._like(getattr(result, name), rest) for name in ("at", *fields)}
        new["notes"] = tuple(note for note in result.notes if not usual or note.kind not in OF_FLOATS)
        return result._replace(**new) if isinstance(result, Values) else replace(result, **new)

    def _like(self, old: Any, numbers: Iterator[Any]) -> Any:
        if isinstance(old, dict):
            return {name: self._like(x, numbers) for name, x in old.items()}
        if isinstance(old, list | tuple):
            return type(old)([self._like(x, numbers) for x in old])
        new = Digits(next(numbers), self.digits)
        return None if old is None else new

    def values(self, at: point.Point) -> tuple[Values, Evaluation]:
        """Return the values of the outputs by name, and their evaluation in floats."""
        inner, evaluation = self._rounded(at)
        outputs = evaluation.trace.outputs
        result, _ = inner.values(at)
        return self._filled(result, evaluation, ["value"], lambda v, _: [v[out] for out in outputs]), evaluation

    def __call__(self, at: At = None, /, **values: Number) -> Any:
        """Return the value at a point, or a tuple for several outputs; raises DomainError where there is none."""
        results = tuple(self.values(point.from_mapping(at, values))[0].value.values())
        return results if self.script.is_vector else results[0]

    def sweeps(
        self, at: point.Point, wrt: tuple[str, ...] = (), mode: str = "auto", *, whole: bool = False
    ) -> tuple[Gradient, Sweeps]:
        """Return the gradient, and the sweeps in floats."""
        inner, evaluation = self._rounded(at)
        result, done = inner.sweeps(at, wrt, mode, whole=whole)
        trace = evaluation.trace
        output, slots = trace.outputs[0], [trace.slot[name] for name in result.gradient]

        def compute(values: list[Any], one: Any) -> list[Any]:
            swept = adjoints(len(values), linearized(trace, values), {output: one})
            return [values[output], *(swept[slot] for slot in slots)]

        return self._filled(result, evaluation, ["value", "gradient"], compute), done

    def jacobian(self, at: At = None, /, *, mode: str = "auto", wrt: Names = (), **values: Number) -> Jacobian:
        """Return the partial derivatives of every output: m outputs by n variables."""
        where = point.from_mapping(at, values)
        inner, evaluation = self._rounded(where)
        result = inner.jacobian(where, mode=mode, wrt=wrt)
        trace = evaluation.trace
        slots = [trace.slot[name] for name in result.variables]

        def compute(values: list[Any], one: Any) -> list[Any]:
            partials = linearized(trace, values)
            rows = [adjoints(len(values), partials, {out: one}) for out in trace.outputs]
            return [*(values[out] for out in trace.outputs), *(row[slot] for row in rows for slot in slots)]

        found: Jacobian = self._filled(result, evaluation, ["value", "jacobian"], compute)
        return found

    def jvp(self, at: At, tangent: Mapping[str, Number]) -> Product:
        """Return the Jacobian times a tangent by variable: one forward sweep."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, trace = inner.jvp(where, tangent), evaluation.trace

        def compute(values: list[Any], one: Any) -> list[Any]:
            seed = {trace.slot[name]: _times(x, one) for name, x in result.vector.items()}
            swept = tangents(len(values), linearized(trace, values), seed)
            return [*(values[out] for out in trace.outputs), *(swept[out] for out in trace.outputs)]

        return self._product(result, evaluation, compute)

    def vjp(self, at: At, cotangent: Mapping[str, float]) -> Product:
        """Return a cotangent by output times the Jacobian: one reverse sweep."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, trace = inner.vjp(where, cotangent), evaluation.trace

        def compute(values: list[Any], one: Any) -> list[Any]:
            seed: dict[int, Any] = {}
            for name, x in result.vector.items():
                slot = trace.outputs[inner.outputs.index(name)]
                seed[slot] = seed.get(slot, 0.0) + _times(x, one)
            swept = adjoints(len(values), linearized(trace, values), seed)
            return [*(values[out] for out in trace.outputs), *swept[: len(trace.inputs)]]

        return self._product(result, evaluation, compute)

    def hvp(self, at: At, vector: Mapping[str, Number]) -> Product:
        """Return the Hessian times a vector by variable: the adjoint sweep on numbers that carry a tangent."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, trace = inner.hvp(where, vector), evaluation.trace

        def compute(values: list[Any], one: Any) -> list[Any]:
            moving = {trace.slot[name]: _times(x, one) for name, x in result.vector.items()}
            return [values[trace.outputs[0]], *_rates(evaluation, values, moving, one)]

        return self._product(result, evaluation, compute)

    def _product(self, result: Product, evaluation: Evaluation, compute: Callable[[list[Any], Any], Any]) -> Product:
        found: Product = self._filled(result, evaluation, ["value", "product"], compute)
        return found

    def hessian(self, at: At = None, /, *, wrt: Names = (), **values: Number) -> Hessian:
        """Return the second derivatives, row by row as products with unit vectors."""
        where = point.from_mapping(at, values)
        inner, evaluation = self._rounded(where)
        result, trace = inner.hessian(where, wrt=wrt), evaluation.trace
        output, slots = trace.outputs[0], [trace.slot[name] for name in result.variables]

        def compute(values: list[Any], one: Any) -> list[Any]:
            swept = adjoints(len(values), linearized(trace, values), {output: one})
            rows = [_rates(evaluation, values, {slot: one}, one) for slot in slots]
            entries = [rows[i][slots[j]] for i, j in result.entries]
            return [values[output], *(swept[slot] for slot in slots), *entries]

        found: Hessian = self._filled(result, evaluation, ["value", "gradient", "entries"], compute)
        return found

    def taylor(self, at: At, direction: Mapping[str, Number] | None = None, order: int = 5) -> expansion.Taylor:
        """Return the Taylor coefficients along a direction; without one, of the only variable."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, slot = inner.taylor(where, direction, order), evaluation.trace.slot

        def compute(values: list[Any], one: Any) -> Any:
            inputs = {name: variable(values[slot[name]], _times(x, one)) for name, x in result.direction.items()}
            made = expansion.run(evaluation._replace(values=values), inputs, {1: order})
            return made.upto(order) if isinstance(made, Series) else [made] + [0.0] * order

        found: expansion.Taylor = self._filled(result, evaluation, ["coefficients"], compute)
        return found

    def partial(self, at: At, wrt: Names) -> expansion.Partial:
        """Return one partial derivative of any order, by the variables of `wrt` in turn."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, trace = inner.partial(where, wrt), evaluation.trace
        orders = {name: result.wrt.count(name) for name in dict.fromkeys(result.wrt)}

        def compute(values: list[Any], one: Any) -> list[Any]:
            levels = enumerate(orders, 1)
            inputs = {name: variable(values[trace.slot[name]], one, level) for level, name in levels}
            exact = evaluation._replace(values=values)
            made = expansion.run(exact, inputs, dict(enumerate(orders.values(), 1)))
            for name in reversed(orders):
                is_series = isinstance(made, Series) and made.level == inputs[name].level
                made = made[orders[name]] if is_series else 0.0
            return [values[trace.outputs[0]], made * math.prod(map(math.factorial, orders.values()))]

        found: expansion.Partial = self._filled(result, evaluation, ["value", "partial"], compute)
        return found


def _times(x: float, one: Any) -> Big:
    """Return a number of a vector, as it was typed."""
    return number(one.number.context, x, exact_floats=False)


def _rates(evaluation: Evaluation, values: list[Any], vector: Mapping[int, Any], one: Any) -> list[Any]:
    """Return the rate, along a vector by slot, of the adjoint of each input."""
    trace = evaluation.trace
    along = moved(trace, values, {slot: Dual(values[slot], rate) for slot, rate in vector.items()})
    swept = adjoints(len(values), linearized(trace, along), {trace.outputs[0]: one})
    return [x.tangent if isinstance(x, Dual) else 0.0 for x in swept[: len(trace.inputs)]]
