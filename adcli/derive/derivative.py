"""The derivative as a formula to read, with its number at a point."""

from __future__ import annotations

from ..language import Point, latex_quantity
from ..result import Document, Result, partial_name
from .gradient import Values
from .model import Model
from .symbolic import written_out


class Derivative(Result):
    """A derivative of `source` as a formula, `found`; `value` and `number` are those at the point, if there is one.

    `named`: subexpressions that occur more than once have names; otherwise it is written out.
    """

    numbers = ("number",)
    found: Model
    wrt: tuple[str, ...]
    named: bool
    value: Values | None = None
    number: float = 0.0

    @property
    def name(self) -> str:
        """The derivative as a quantity: ∂y/∂x, ∂2y/∂x∂x."""
        return partial_name(self.source.outputs[0], self.wrt)

    def document(self) -> Document:
        """Return the formula to print, and the numbers at the point."""
        text = str(self.found) if self.named else written_out(self.found.script)
        *definitions, last = self.found.latex_lines
        document = Document(
            lines=(*self.found.lines[:-1], self.found.lines[-1].partition(" = ")[2]) if self.named else (text,),
            data={"schema": 1, "formula": self.formula, "wrt": self.wrt, "derivative": text},
            cells={"derivative": text},
            source=self.found,
            latex=(*definitions, f"{latex_quantity(self.name)} &= {last.partition('&= ')[2]}"),
            notes=self.notes,
            complete=self.complete,
        )
        if self.value is None:
            return document
        notes = [note.as_dict() for note in self.notes]
        return document._replace(
            at=self.at,
            quantities={**self.value.value, self.name: self.number},
            data={**document.data, "at": self.at, "value": self.number, "notes": notes},
        )


def derivative_at(model: Model, found: Model, wrt: tuple[str, ...], at: Point, *, named: bool) -> Derivative:
    """Return the derivative `found` of a formula, evaluated if `at` has more than what the bounds of sums need.

    Raises DomainError where the formula itself has no value.
    """
    if at.values.keys() <= model.script.integers:
        return Derivative(source=model, notes=model.script.notes, found=found, wrt=wrt, named=named)
    checked, _ = model.values(at)
    own, _ = found.values(at.only(found.variables))
    (number,) = own.value.values()
    notes = (*checked.notes, *own.notes)
    return Derivative(
        source=model, at=checked.at, notes=notes, found=found, wrt=wrt, named=named, value=checked, number=number
    )
