"""A function of two variables over a grid: gradients, contour levels and tears."""

from __future__ import annotations

import math
from contextlib import suppress

from ..errors import DomainError, PointError
from ..language import Point
from ..result import Cell, Document, Result, Table, columns, partial_name
from .gradient import Gradient
from .model import Model

PER_AXIS = 61  # points of the grid along a variable, unless the range says how many
LEVELS = 9  # at most


class ContourMap(Result):
    """Gradients at the points of a grid, by row of the second variable; None where the function has no value.

    `levels` are the values of the contour lines. `torn` holds the (i, j) of points beside a pole or a jump, which no
    line crosses.
    """

    output: str
    variables: tuple[str, str]
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[Gradient | None, ...], ...]
    levels: tuple[float, ...]
    torn: frozenset[tuple[int, int]]

    def value(self, i: int, j: int) -> float:
        """Return the value at xs[i], ys[j]; NaN at a torn point and outside the domain."""
        cell = self.cells[j][i]
        return math.nan if cell is None or (i, j) in self.torn else cell.value

    def arrow(self, i: int, j: int) -> tuple[float, float] | None:
        """Return the gradient at xs[i], ys[j]; None if it does not exist or is 0."""
        cell = self.cells[j][i]
        x, y = (None, None) if cell is None else (cell[name] for name in self.variables)
        if x is None or y is None or not math.isfinite(x) or not math.isfinite(y):
            return None
        return (x, y) if x or y else None

    def document(self) -> Document:
        """Return the values and gradients to print, a row for each point."""
        rows: list[tuple[Cell, ...]] = []
        for y, line in zip(self.ys, self.cells, strict=True):
            rows += [(x, y, cell.value, *cell.gradient.values()) for x, cell in zip(self.xs, line, strict=True) if cell]
        headers = (*self.variables, self.output, *(partial_name(self.output, (name,)) for name in self.variables))
        data = {"variables": self.variables, "columns": headers, "points": rows, "levels": self.levels}
        return self._document(data, tables=(Table("", columns(*headers, named=True), rows),))


def contour_map(model: Model, where: Point) -> ContourMap:
    """Return the function over the two ranges of a point; raises PointError if it has no value there."""
    first, second = where.ranges
    model = model.with_variables(where.values)
    found: dict[tuple[float, float], Gradient | None] = {}
    for at in where.each(PER_AXIS):
        place = float(at.values[first]), float(at.values[second])
        found[place] = None
        with suppress(DomainError):
            gradient, _ = model.sweeps(at, (first, second))
            found[place] = gradient if math.isfinite(gradient.value) else None
    good = [gradient for gradient in found.values() if gradient]
    if not good:
        raise PointError("there is nowhere a value", where.ranges[first].place, "try other ranges")
    xs, ys = (sorted({place[k] for place in found}) for k in (0, 1))
    cells = tuple(tuple(found[x, y] for x in xs) for y in ys)
    numbers = sorted(gradient.value for gradient in good)
    cut = len(numbers) // 50
    low, high = numbers[cut], numbers[-1 - cut]
    fixed = {n: x for n, x in good[0].at.items() if n not in where.ranges}
    torn = _torn(cells, (first, second), (xs, ys), high - low)
    return ContourMap(
        source=model, at=fixed, output=model.outputs[0], variables=(first, second), xs=tuple(xs), ys=tuple(ys),
        cells=cells, levels=_levels(low, high), torn=torn, notes=model.script.notes,
    )  # fmt: skip


def _levels(low: float, high: float) -> tuple[float, ...]:
    """Return the round numbers between two numbers, LEVELS at most."""
    if not low < high:
        return ()
    unit = 10.0 ** math.floor(math.log10((high - low) / LEVELS))
    step = next(k * unit for k in (1, 2, 5, 10, 20) if (high - low) / (k * unit) <= LEVELS - 1)
    return tuple(k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1))


def _torn(
    cells: tuple[tuple[Gradient | None, ...], ...],
    names: tuple[str, str],
    axes: tuple[list[float], list[float]],
    height: float,
) -> frozenset[tuple[int, int]]:
    """Return the points that differ from a neighbour by more than the slopes explain, as at a pole or a jump."""
    torn = set()
    for j, row in enumerate(cells):
        for i, here in enumerate(row):
            for k, (p, q) in enumerate(((i + 1, j), (i, j + 1))):
                there = cells[q][p] if q < len(cells) and p < len(row) else None
                if here is None or there is None:
                    continue
                slopes = [x for cell in (here, there) if (x := cell[names[k]]) is not None and math.isfinite(x)]
                step = axes[k][(p, q)[k]] - axes[k][(i, j)[k]]
                if not abs(there.value - here.value - step * sum(slopes) / max(len(slopes), 1)) <= height / 2:
                    torn |= {(i, j), (p, q)}
    return frozenset(torn)
