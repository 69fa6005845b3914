"""Taylor coefficients along a line, and mixed partial derivatives of any order, at a point."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..edges import AMPLIFIED, amplified
from ..errors import DomainError, LimitError, Note, check_names, listed
from ..language import number_text
from ..ops import Ieee, Limit, Rounded, Series, series_variable
from ..result import Cell, Document, Result, Table, assignments, columns, partial_name
from ..trace import Evaluation, linearize, replay
from .gradient import gradient
from .model import Model

MAX_ORDER = 1000


class Taylor(Result):
    """Coefficients c_0 ... c_n of f(at + t*direction) = sum c_k t^k; the k-th derivative is k! c_k."""

    numbers = ("direction", "coefficients")
    direction: dict[str, float]
    coefficients: tuple[float, ...]

    def document(self) -> Document:
        """Return the coefficients to print, with the derivatives that they stand for."""
        rows: list[tuple[Cell, ...]] = []
        factorial = 1
        for k, c in enumerate(self.coefficients):
            factorial *= k or 1
            rows.append((str(k), c, c * factorial if k <= 170 else "beyond 170!"))
        return self._document(
            {"direction": self.direction, "coefficients": self.coefficients},
            tables=(Table("", columns("order", "coefficient", "derivative"), rows),),
            method=f"in powers of t along {assignments(self.direction)}",
        )


class Partial(Result):
    """One partial derivative of any order, by the variables of `wrt` in turn."""

    numbers = ("value", "partial")
    wrt: tuple[str, ...]
    value: float
    partial: float

    def document(self) -> Document:
        """Return the value and the partial derivative to print."""
        output = self.source.outputs[0]
        name = partial_name(output, self.wrt)
        data = {"wrt": self.wrt, "value": self.value, "partial": self.partial}
        return self._document(data, quantities={output: self.value, name: self.partial})


def output_series(evaluation: Evaluation, inputs: Mapping[str, Any], orders: Mapping[int, int]) -> Any:
    """Return the output as a series, for inputs that are series; `orders` holds the highest order of each level.

    Every row is taken to that order before the next, so that nothing recurses. Raises DomainError at a row that has no
    power series.
    """
    trace = evaluation.trace

    def compute(row: int, args: Sequence[Any]) -> Any:
        op = trace.op(row)
        try:
            try:
                return _settled(op(*args), orders)
            except OverflowError:  # in a rule; the function itself has a value
                return _settled(op(*(_limiting(x, orders) for x in args)), orders)
        except (ValueError, ZeroDivisionError, OverflowError):
            node = trace.nodes[row]
            what = f"{op.name} has no power series at {', '.join(map(evaluation.describe, trace.args[row]))}"
            raise DomainError(what, evaluation.place(node), "try a point inside the domain") from None

    return replay(evaluation, inputs, compute)[trace.outputs[0]]


def output_coefficients(evaluation: Evaluation, inputs: Mapping[str, Any], order: int) -> list[Any]:
    """Return the coefficients c_0 ... c_order of the output, for inputs that are series."""
    made = output_series(evaluation, inputs, {1: order})
    return made.upto(order) if isinstance(made, Series) else [made] + [0.0] * order


def output_partial(evaluation: Evaluation, inputs: Mapping[str, Any], counts: Mapping[str, int]) -> Any:
    """Return the partial derivative, so many times by each variable, from a series whose coefficients are series.

    The inputs are series of the levels 1, 2 ... in the order of `counts`.
    """
    made = output_series(evaluation, inputs, dict(enumerate(counts.values(), 1)))
    for level, count in reversed([*enumerate(counts.values(), 1)]):
        made = made[count] if isinstance(made, Series) and made.level == level else 0.0
    return made * math.prod(map(math.factorial, counts.values()))


def _settled(made: Any, orders: Mapping[int, int]) -> Any:
    """Return a series with its coefficients found, and those of the series that these may be."""
    if isinstance(made, Series):
        for coefficient in made.upto(orders[made.level]):
            _settled(coefficient, orders)
    return made


def _limiting(x: Any, orders: Mapping[int, int]) -> Any:
    """Return a series, or one of series, of numbers that go to the limit where an operation overflows."""
    if isinstance(x, Series):
        return Series([_limiting(c, orders) for c in x.upto(orders[x.level])], None, x.level)
    return Limit(x) if isinstance(x, float) else x


def _start(evaluation: Evaluation, name: str) -> float:
    """Return a variable's value; where something overflowed, as one that goes on to inf and NaN by IEEE 754."""
    x = evaluation.point[name]
    return Ieee(x) if any(note.kind == "overflow" for note in evaluation.notes) else x


def _check_order(order: int, limit: int = MAX_ORDER) -> None:
    if order > limit:
        raise LimitError(f"the order is {order}; the limit is {limit}")


def _beside(
    evaluation: Evaluation, direction: Mapping[str, float], order: int, *, whole: bool = False
) -> list[float] | None:
    """Return the coefficients where the function may not be smooth, from its sides; None where it is smooth."""
    linear = linearize(evaluation, frozenset(direction))
    if not evaluation.refused and (not linear.edges or order == 0):
        return None
    from ..edges import powers

    slots = {evaluation.trace.slot[name]: d for name, d in direction.items()}
    return powers(linear, slots, evaluation.trace.outputs[0], order, whole=whole)


def _notes_beside(evaluation: Evaluation, names: Iterable[str]) -> tuple[Note, ...]:
    """Return the notes of a result that was found beside the point: as in a gradient, for one-sided ones."""
    said = gradient(evaluation, tuple(dict.fromkeys(names))).notes
    return (*evaluation.notes, *(note for note in said if note.kind == "end"))


def taylor(model: Model, evaluation: Evaluation, direction: Mapping[str, float], order: int) -> Taylor:
    """Return the Taylor coefficients along a direction by variable (0 for one not given); cost quadratic in the order.

    Raises DomainError where the function is not smooth.
    """
    at = evaluation.point
    check_names(direction, at)
    _check_order(order)
    notes = tuple(evaluation.notes)
    if (beside := _beside(evaluation, direction, order, whole=True)) is not None:
        coefficients, notes = tuple(beside), _notes_beside(evaluation, direction)
    else:

        def calculated(kind: Callable[[float], Any]) -> list[Any]:
            inputs = {n: series_variable(kind(_start(evaluation, n)), float(d)) for n, d in direction.items()}
            return output_coefficients(evaluation, inputs, order)

        coefficients = tuple(map(float, calculated(_same)))
        lost = [str(k) for k in few_digits(evaluation, direction, calculated) if k]
        if lost:
            some = lost if len(lost) <= 4 else [*lost[:3], f"{len(lost) - 3} more"]
            notes += (_left_by_rounding(f"the coefficient of order {listed(some)}"),)
    return Taylor(source=model, at=at, direction=dict(direction), coefficients=coefficients, notes=notes)


def partial(model: Model, evaluation: Evaluation, wrt: tuple[str, ...]) -> Partial:
    """Return one mixed partial derivative of any order, by series in series: no tensor of the others is formed."""
    at = evaluation.point
    check_names(wrt, at)
    _check_order(len(wrt), 100)
    notes = tuple(evaluation.notes)
    if linearize(evaluation, frozenset(wrt)).has_sides:
        found, notes = _partial_beside(evaluation, wrt), _notes_beside(evaluation, wrt)
    else:
        found = float(_partial(evaluation, wrt, _same))
        if few_digits(evaluation, wrt, lambda kind: [_partial(evaluation, wrt, kind)]):
            notes += (_left_by_rounding(f"the derivative, {number_text(found)},"),)
    return Partial(source=model, at=at, wrt=wrt, value=evaluation.result, partial=found, notes=notes)


def _partial(evaluation: Evaluation, wrt: tuple[str, ...], kind: Callable[[float], Any]) -> Any:
    """Return a partial derivative on numbers of a kind."""
    counts = Counter(wrt)
    starts = {name: kind(_start(evaluation, name)) for name in counts}
    inputs = {name: series_variable(x, 1.0, level) for level, (name, x) in enumerate(starts.items(), 1)}
    return output_partial(evaluation, inputs, counts)


def _same(x: float) -> float:
    return x


def few_digits(
    evaluation: Evaluation, names: Iterable[str], calculate: Callable[[Callable[[float], Any]], Sequence[Any]]
) -> list[int]:
    """Return the places of the numbers of which rounding leaves fewer than three digits, where a value loses some."""
    if evaluation.notes or amplified(linearize(evaluation, frozenset(names)))[0] < AMPLIFIED:
        return []
    try:
        found = calculate(Rounded)
    except (DomainError, ValueError, ZeroDivisionError, OverflowError):
        return []
    return [k for k, x in enumerate(found) if isinstance(x, Rounded) and x.few_digits]


def _left_by_rounding(what: str) -> Note:
    return Note("cancellation", f"{what} may be nothing but what is left by rounding; --precise gives the digits")


def _partial_beside(evaluation: Evaluation, wrt: tuple[str, ...]) -> float:
    """Return a partial derivative at an edge: of one variable, or of the second order."""
    if len(set(wrt)) == 1:
        found = _beside(evaluation, {wrt[0]: 1.0}, len(wrt))
        assert found is not None
        return found[-1] * math.factorial(len(wrt))
    linear = linearize(evaluation, frozenset(wrt))
    if len(wrt) == 2:
        from ..edges import second

        i, j = (evaluation.trace.slot[name] for name in wrt)
        return second(linear, i, j)
    row = linear.edges[0].row if linear.edges else evaluation.trace.outputs[0]
    place = evaluation.place(evaluation.trace.nodes[row])
    raise DomainError("the function may not be smooth here", place, "try a point beside it")
