"""The engine of N digits: results in doubles are filled with numbers of mpmath, each with N correct digits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ..errors import Place, UsageError
from ..language import Node
from ..ops import Big, Digits, series_variable, to_big
from ..result import leaves
from ..trace import Evaluation, Trace
from .gradient import Gradient, Values
from .hessian import Hessian
from .jacobian import Jacobian, Product
from .model import Engine
from .precise import BigEvaluation, agreed, image
from .taylor import Partial, Taylor, output_coefficients, output_partial

if TYPE_CHECKING:
    from .model import R

OF_FLOATS = ("overflow", "nan", "cancellation", "pole")  # notes that do not concern finite numbers of any size


class PreciseEngine(Engine):
    """Results with so many correct digits: each number is a float that also prints with them.

    A float of a point means its shortest decimal text: 0.1 is one tenth. The domain, and the notes, are those at the
    precise values rounded to floats.
    """

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def evaluate(
        self, trace: Trace, at: Mapping[str, float], place: Callable[[Node], Place | None], *, limit: bool = False
    ) -> Evaluation:
        """Return the evaluation with the precise values rounded to floats; raises UsageError for a limit."""
        if limit:
            raise UsageError("a limit is taken in double precision", hint="leave out --limit or --precise")
        start = Evaluation(trace, [], [], place, at)
        values: list[Any] = []

        def outputs(c: Any) -> list[Any]:
            found = BigEvaluation(start, c)
            values[:] = found.values
            return found.outputs

        agreed(outputs, self.digits)
        return image(start, values)

    def refine(self, result: R, evaluation: Evaluation) -> R:
        """Return a result in doubles with N digits in its fields; what does not exist there stays so."""
        refined: Any = result
        known = list(leaves([getattr(refined, name) for name in refined.numbers]))

        def numbers(c: Any) -> list[Any]:
            big = BigEvaluation(evaluation, c)
            given = [big.inputs[slot] for slot in big.slots(refined.at)]
            found = zip(known, CALCULATED[type(result)](refined, big), strict=True)
            return [*given, *(old if _is_limit(old, x, big) else x for old, x in found)]

        found = agreed(numbers, self.digits)
        all_finite = all(x.context.isfinite(x) for x in found)
        rest = iter(found)
        new = {name: self._arranged(getattr(refined, name), rest) for name in ("at", *refined.numbers)}
        new["notes"] = tuple(note for note in refined.notes if not all_finite or note.kind not in OF_FLOATS)
        return cast("R", refined._replace(**new))

    def _arranged(self, old: Any, numbers: Iterator[Any]) -> Any:
        """Return the numbers arranged as in a result in doubles."""
        if isinstance(old, dict):
            return {name: self._arranged(x, numbers) for name, x in old.items()}
        if isinstance(old, list | tuple):
            return type(old)([self._arranged(x, numbers) for x in old])
        new = Digits(next(numbers), self.digits)
        return None if old is None else new


def _values(_: Values, big: BigEvaluation) -> list[Any]:
    return big.outputs


def _gradient(result: Gradient, big: BigEvaluation) -> list[Any]:
    return [*big.outputs, *big.jacobian(big.slots(result.gradient))[0]]


def _jacobian(result: Jacobian, big: BigEvaluation) -> list[Any]:
    return [*big.outputs, *(d for row in big.jacobian(big.slots(result.variables)) for d in row)]


def _product(result: Product, big: BigEvaluation) -> list[Any]:
    vector = {name: _decimal(x, big) for name, x in result.vector.items()}
    if result.kind == "c*J":
        rows = dict(zip(result.value, big.jacobian(range(len(big.inputs))), strict=True))
        product = [
            sum(c * rows[name][k] for name, c in vector.items() if rows[name][k] is not None)
            for k in range(len(big.inputs))
        ]
    else:
        direction = dict(zip(big.slots(vector), vector.values(), strict=True))
        product = big.along(direction) if result.kind == "J*t" else big.rates(direction, direction)
    return [*big.outputs, *vector.values(), *product]


def _hessian(result: Hessian, big: BigEvaluation) -> list[Any]:
    """Return the second derivatives row by row, as products with unit vectors."""
    slots = big.slots(result.variables)
    around = {slot: 1 + big.one * k / 7 for k, slot in enumerate(slots)}
    rows = [big.rates({slot: big.one}, around) for slot in slots]
    return [*big.outputs, *big.jacobian(slots)[0], *(rows[i][slots[j]] for i, j in result.entries)]


def _taylor(result: Taylor, big: BigEvaluation) -> list[Any]:
    direction = {name: _decimal(x, big) for name, x in result.direction.items()}
    slots = big.slots(direction)
    values = big.beside(dict(zip(slots, direction.values(), strict=True)))[0]
    inputs = {name: series_variable(values[slot], direction[name]) for name, slot in zip(direction, slots, strict=True)}
    order = len(result.coefficients) - 1
    return [*direction.values(), *output_coefficients(big.evaluation._replace(values=values), inputs, order)]


def _partial(result: Partial, big: BigEvaluation) -> list[Any]:
    counts = Counter(result.wrt)
    slots = big.slots(counts)
    values = big.beside({slot: 1 + big.one * k / 7 for k, slot in enumerate(slots)})[0]
    inputs = {
        name: series_variable(values[slot], big.one, level)
        for level, (name, slot) in enumerate(zip(counts, slots, strict=True), 1)
    }
    return [*big.outputs, output_partial(big.evaluation._replace(values=values), inputs, counts)]


# By the class of a result: the function that calculates its numbers, in the order of its fields.
CALCULATED: dict[type, Callable[[Any, BigEvaluation], Sequence[Any]]] = {
    Values: _values, Gradient: _gradient, Jacobian: _jacobian, Product: _product, Hessian: _hessian, Taylor: _taylor,
    Partial: _partial,
}  # fmt: skip


def _is_limit(old: float | None, new: Any, big: BigEvaluation) -> bool:
    """Tell whether the number in doubles is exact: none, an infinite slope, 0 for a rule's 0*inf."""
    if old is None or (math.isinf(old) and big.is_edge):
        return True
    return isinstance(new, Big) and new != new and (old == 0 or math.isinf(old))


def _decimal(x: float, big: BigEvaluation) -> Big:
    """Return a number of a vector as its shortest decimal text says it."""
    return to_big(big.context, x, exact_floats=False)
