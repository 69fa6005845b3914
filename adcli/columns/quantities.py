"""The quantities that a batch calculates, each as columns of a program and at one point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..derive import Lowering, Model, gradient, jacobian, jvp, partial
from ..edges import value_notes
from ..errors import DomainError, Note
from ..trace import Evaluation

Row = tuple[Sequence[float | None], Sequence[Note]]  # numbers in the order of the columns, notes


class Quantity:
    """The value of each output; a subclass adds derivatives by the variables `wrt`."""

    def __init__(self, wrt: tuple[str, ...] = ()) -> None:
        self.wrt = wrt

    def names(self, output: str) -> tuple[str, ...]:
        """Return the names of the columns of an output."""
        return (output,)

    def lower(self, lowering: Lowering, k: int) -> list[Any]:
        """Write the columns of the k-th output as a program; return registers or numbers."""
        return [lowering.value(k)]

    def seeds(self) -> list[dict[str, float]]:
        """Return the tangents along which the program has the symmetric derivative at a kink."""
        return []

    def at(self, model: Model, evaluation: Evaluation) -> Row:
        """Return the numbers at one point and the notes; None for a derivative that does not exist."""
        return evaluation.results, value_notes(evaluation)


class Gradients(Quantity):
    """The value of each output and its partial derivatives."""

    def names(self, output: str) -> tuple[str, ...]:
        return (output, *(f"d{output}/d{name}" for name in self.wrt))

    def lower(self, lowering: Lowering, k: int) -> list[Any]:
        return [lowering.value(k), *lowering.gradient(k, self.wrt)]

    def seeds(self) -> list[dict[str, float]]:
        return [{name: 1.0} for name in self.wrt]

    def at(self, model: Model, evaluation: Evaluation) -> Row:
        if len(model.outputs) == 1:
            swept = gradient(evaluation, self.wrt)
            return [evaluation.result, *(swept.gradient[name] for name in self.wrt)], swept.notes
        found = jacobian(model, evaluation, self.wrt)
        return [x for y, row in zip(found.value, found.jacobian, strict=True) for x in (y, *row)], found.notes


class TangentProducts(Quantity):
    """The value of each output and its derivative along a tangent, numbers by variable."""

    def __init__(self, tangent: Mapping[str, float]) -> None:
        super().__init__(tuple(tangent))
        self.tangent = dict(tangent)

    def names(self, output: str) -> tuple[str, ...]:
        return output, f"J*t {output}"

    def lower(self, lowering: Lowering, k: int) -> list[Any]:
        return [lowering.value(k), lowering.along(k, self.tangent)]

    def seeds(self) -> list[dict[str, float]]:
        return [self.tangent]

    def at(self, model: Model, evaluation: Evaluation) -> Row:
        found = jvp(model, evaluation, self.tangent)
        return [x for name in model.outputs for x in (found.value[name], found.product[name])], found.notes


class HessianDiagonal(Quantity):
    """The value of the only output and its second derivatives by each variable twice."""

    def names(self, output: str) -> tuple[str, ...]:
        return (output, *(f"d2{output}/d{name}2" for name in self.wrt))

    def lower(self, lowering: Lowering, k: int) -> list[Any]:
        return [lowering.value(k), *lowering.second(k, self.wrt)]

    def at(self, model: Model, evaluation: Evaluation) -> Row:
        seconds: list[float | None] = []
        for name in self.wrt:
            try:
                seconds.append(partial(model, evaluation, (name, name)).partial)
            except DomainError:
                seconds.append(None)
        return [*evaluation.results, *seconds], value_notes(evaluation)


QUANTITIES: dict[str, Callable[..., Quantity]] = {
    "gradient": Gradients,
    "value": Quantity,
    "jvp": TangentProducts,
    "hessian-diagonal": HessianDiagonal,
}
