"""The sizes of the derivatives of a formula, as formulas and as sweeps."""

from __future__ import annotations

from ..errors import LimitError
from ..language import MAX_ROWS, Node, operation_counts
from ..result import Cell, Document, Result, Table, columns
from ..trace import Trace
from .model import Model
from .symbolic import differentiate, other_variables, shared


class Cost(Result):
    """The numbers of operations of the derivatives of orders 0 to n by one variable.

    As formulas: `naive` by the rules alone, `simplified` and written out, `shared` with repeated parts counted once.
    As sweeps: `forward` with Taylor series of that order, `reverse` over series of one order less, for all variables at
    once (0 for order 0).
    """

    wrt: str
    naive: tuple[int, ...]
    simplified: tuple[int, ...]
    shared: tuple[int, ...]
    forward: tuple[int, ...]
    reverse: tuple[int, ...]

    def document(self) -> Document:
        """Return the numbers of operations to print, a row for each order."""
        counts = {
            "naive": self.naive, "simplified": self.simplified, "shared": self.shared, "forward": self.forward,
            "reverse": self.reverse,
        }  # fmt: skip
        headers = ("order", "naive", "simplified", "shared", "forward sweep", "reverse sweep")
        rows: list[tuple[Cell, ...]] = [
            tuple(map(str, (k, *cells))) for k, cells in enumerate(zip(*counts.values(), strict=True))
        ]
        return Document(
            lines=tuple(self.source.lines),
            remarks=(f"operations of the derivatives by {self.wrt}",),
            tables=(Table("", columns(*headers), rows),),
            data={"schema": 1, "formula": self.formula, "wrt": self.wrt, **counts},
            source=self.source,
            notes=self.notes,
        )


def cost(model: Model, root: Node, wrt: str, order: int) -> Cost:
    """Return the sizes of the derivatives of a formula by one variable up to an order."""
    naive = tidy = shared(root)
    sizes: list[tuple[int, int, int]] = []
    for k in range(order + 1):
        if k:
            naive, tidy = differentiate(naive, wrt, tidy=False), differentiate(tidy, wrt)
        if operation_counts(naive)[1] > MAX_ROWS:
            raise LimitError(f"the unsimplified derivative of order {k} has more than {MAX_ROWS:,} shared operations")
        sizes.append((operation_counts(naive)[0], *operation_counts(tidy)))
    trace = Trace([root], [wrt, *other_variables(root, wrt)])
    rows, edges = len(trace.rows), sum(len(trace.args[row]) for row in trace.rows)
    sweep = tuple(rows * (k + 1) * (k + 2) // 2 for k in range(order + 1))
    back = tuple(edges * k * (k + 1) // 2 for k in range(order + 1))
    first, second, third = zip(*sizes, strict=True)
    return Cost(
        source=model, notes=model.script.notes, wrt=wrt, naive=first, simplified=second, shared=third, forward=sweep,
        reverse=back,
    )  # fmt: skip
