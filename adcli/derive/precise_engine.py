"""Precise: a Formula whose results have as many correct digits as asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from ..api import At, Formula, Names, Number
from ..errors import UsageError
from ..language import point
from ..ops import Big, Series, number, variable
from ..result import Digits
from ..trace import Evaluation, Sweeps
from .gradient import Gradient, Values
from .hessian import Hessian
from .jacobian import Jacobian, Product
from .precise import Place, agreed, image
from .taylor import Partial, Taylor, run

OF_FLOATS = ("overflow", "nan", "cancellation", "pole")  # notes that do not concern finite numbers of any size
Compute = Callable[[Place], Sequence[Any]]


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

    def _rounded(self, at: point.Point, limit: bool = False) -> tuple[Formula, Evaluation]:
        """Return the evaluation with precise values rounded to floats, and a Formula that has just this one."""
        if limit:
            raise UsageError("a limit is taken in double precision", hint="leave out --limit or --precise")
        inner = copy(self._formula)
        trace = inner.trace_at(at)
        start = Evaluation(trace, [], [], inner.script.place, point.bind(at, trace.inputs, inner.script))
        values: list[Any] = []

        def compute(c: Any) -> list[Any]:
            there = Place(start, c)
            values[:] = there.values
            return there.outputs

        agreed(compute, self.digits)
        rounded = image(start, values)
        inner._evaluate = lambda *_, **__: rounded
        return inner, rounded

    def _filled(self, result: Any, evaluation: Evaluation, fields: Sequence[str], compute: Compute) -> Any:
        """Return a result of floats with precise numbers in its fields, in the order that `compute` gives them."""
        known = list(_leaves([getattr(result, name) for name in fields]))

        def numbers(c: Any) -> list[Any]:
            at = Place(evaluation, c)
            given = [at.inputs[evaluation.trace.slot[name]] for name in result.at]
            found = zip(known, compute(at), strict=True)
            return [*given, *(old if _is_limit(old, x, at) else x for old, x in found)]

        found = agreed(numbers, self.digits)
        usual = all(x.context.isfinite(x) for x in found)
        rest = iter(found)
        new = {name: self._like(getattr(result, name), rest) for name in ("at", *fields)}
        new["notes"] = tuple(note for note in result.notes if not usual or note.kind not in OF_FLOATS)
        return result._replace(**new)

    def _like(self, old: Any, numbers: Iterator[Any]) -> Any:
        """Return the numbers arranged as in a result of floats; what is undefined there stays so."""
        if isinstance(old, dict):
            return {name: self._like(x, numbers) for name, x in old.items()}
        if isinstance(old, list | tuple):
            return type(old)([self._like(x, numbers) for x in old])
        new = Digits(next(numbers), self.digits)
        return None if old is None else new

    def values(self, at: point.Point, *, limit: bool = False) -> tuple[Values, Evaluation]:
        """Return the values of the outputs by name, and their evaluation in floats."""
        inner, evaluation = self._rounded(at, limit)
        result, _ = inner.values(at)
        return self._filled(result, evaluation, ["value"], lambda at: at.outputs), evaluation

    def __call__(self, at: At = None, /, **values: Number) -> Any:
        """Return the value at a point, or a tuple for several outputs; raises DomainError where there is none."""
        results = tuple(self.values(point.from_mapping(at, values))[0].value.values())
        return results if self.script.is_vector else results[0]

    def sweeps(
        self,
        at: point.Point,
        wrt: tuple[str, ...] = (),
        mode: str = "auto",
        *,
        whole: bool = False,
        limit: bool = False,
    ) -> tuple[Gradient, Sweeps]:
        """Return the gradient, and the sweeps in floats."""
        inner, evaluation = self._rounded(at, limit)
        result, done = inner.sweeps(at, wrt, mode, whole=whole)
        slots = [evaluation.trace.slot[name] for name in result.gradient]

        def compute(at: Place) -> list[Any]:
            return [*at.outputs, *at.jacobian(slots)[0]]

        return self._filled(result, evaluation, ["value", "gradient"], compute), done

    def jacobian(
        self, at: At = None, /, *, mode: str = "auto", wrt: Names = (), limit: bool = False, **values: Number
    ) -> Jacobian:
        """Return the partial derivatives of every output: m outputs by n variables."""
        where = point.from_mapping(at, values)
        inner, evaluation = self._rounded(where, limit)
        result = inner.jacobian(where, mode=mode, wrt=wrt)
        slots = [evaluation.trace.slot[name] for name in result.variables]

        def compute(at: Place) -> list[Any]:
            return [*at.outputs, *(d for row in at.jacobian(slots) for d in row)]

        found: Jacobian = self._filled(result, evaluation, ["value", "jacobian"], compute)
        return found

    def jvp(self, at: At, tangent: Mapping[str, Number]) -> Product:
        """Return the Jacobian times a tangent by variable."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, slot = inner.jvp(where, tangent), evaluation.trace.slot

        def compute(at: Place) -> list[Any]:
            return at.along({slot[name]: _typed(x, at) for name, x in result.vector.items()})

        return self._product(result, evaluation, compute)

    def vjp(self, at: At, cotangent: Mapping[str, float]) -> Product:
        """Return a cotangent by output times the Jacobian."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result = inner.vjp(where, cotangent)

        def compute(at: Place) -> list[Any]:
            rows = at.jacobian(range(len(at.inputs)))
            chosen = [(_typed(x, at), rows[inner.outputs.index(name)]) for name, x in result.vector.items()]
            return [sum(w * row[k] for w, row in chosen if row[k] is not None) for k in range(len(at.inputs))]

        return self._product(result, evaluation, compute)

    def hvp(self, at: At, vector: Mapping[str, Number]) -> Product:
        """Return the Hessian times a vector by variable: the adjoint sweep on numbers that carry a tangent."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, slot = inner.hvp(where, vector), evaluation.trace.slot

        def compute(at: Place) -> list[Any]:
            direction = {slot[name]: _typed(x, at) for name, x in result.vector.items()}
            return at.rates(direction, direction)

        return self._product(result, evaluation, compute)

    def _product(self, result: Product, evaluation: Evaluation, compute: Compute) -> Product:
        def numbers(at: Place) -> list[Any]:
            return [*at.outputs, *(_typed(x, at) for x in result.vector.values()), *compute(at)]

        found: Product = self._filled(result, evaluation, ["value", "vector", "product"], numbers)
        return found

    def hessian(self, at: At = None, /, *, wrt: Names = (), **values: Number) -> Hessian:
        """Return the second derivatives, row by row as products with unit vectors."""
        where = point.from_mapping(at, values)
        inner, evaluation = self._rounded(where)
        result = inner.hessian(where, wrt=wrt)
        slots = [evaluation.trace.slot[name] for name in result.variables]

        def compute(at: Place) -> list[Any]:
            around = {slot: 1 + at.one * k / 7 for k, slot in enumerate(slots)}
            rows = [at.rates({slot: at.one}, around) for slot in slots]
            return [*at.outputs, *at.jacobian(slots)[0], *(rows[i][slots[j]] for i, j in result.entries)]

        found: Hessian = self._filled(result, evaluation, ["value", "gradient", "entries"], compute)
        return found

    def taylor(
        self, at: At, direction: Mapping[str, Number] | None = None, order: int = 5, *, limit: bool = False
    ) -> Taylor:
        """Return the Taylor coefficients along a direction; without one, of the only variable."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where, limit)
        result, slot = inner.taylor(where, direction, order), evaluation.trace.slot

        def compute(at: Place) -> Any:
            along = {slot[name]: _typed(x, at) for name, x in result.direction.items()}
            values = at.beside(along)[0]
            inputs = {name: variable(values[slot[name]], along[slot[name]]) for name in result.direction}
            made = run(evaluation._replace(values=values), inputs, {1: order})
            found = made.upto(order) if isinstance(made, Series) else [made] + [0.0] * order
            return [*along.values(), *found]

        found: Taylor = self._filled(result, evaluation, ["direction", "coefficients"], compute)
        return found

    def partial(self, at: At, wrt: Names) -> Partial:
        """Return one partial derivative of any order, by the variables of `wrt` in turn."""
        where = point.from_mapping(at)
        inner, evaluation = self._rounded(where)
        result, slot = inner.partial(where, wrt), evaluation.trace.slot
        orders = {name: result.wrt.count(name) for name in dict.fromkeys(result.wrt)}

        def compute(at: Place) -> list[Any]:
            values = at.beside({slot[name]: 1 + at.one * k / 7 for k, name in enumerate(orders)})[0]
            inputs = {name: variable(values[slot[name]], at.one, level) for level, name in enumerate(orders, 1)}
            levels = dict(enumerate(orders.values(), 1))
            made = run(evaluation._replace(values=values), inputs, levels)
            for name in reversed(orders):
                is_series = isinstance(made, Series) and made.level == inputs[name].level
                made = made[orders[name]] if is_series else 0.0
            return [*at.outputs, made * math.prod(map(math.factorial, orders.values()))]

        found: Partial = self._filled(result, evaluation, ["value", "partial"], compute)
        return found


def _is_limit(old: float | None, new: Any, at: Place) -> bool:
    """Tell whether what the floats have is exact: nothing, an infinite slope, 0 for a rule's 0*inf."""
    if old is None or (math.isinf(old) and at.is_edge):
        return True
    return isinstance(new, Big) and new != new and (old == 0 or math.isinf(old))


def _leaves(result: Any) -> Iterator[Any]:
    """Yield the numbers in lists and dictionaries of numbers."""
    if isinstance(result, dict | list | tuple):
        for x in result.values() if isinstance(result, dict) else result:
            yield from _leaves(x)
    else:
        yield result


def _typed(x: float, at: Place) -> Big:
    """Return a number of a vector as it was typed."""
    return number(at.context, x, exact_floats=False)
