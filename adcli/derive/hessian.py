"""Second derivatives: the sparse Hessian by reverse edge pushing, and its product with a vector."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any

from ..edges import with_hints
from ..errors import LimitError, Note, check_names
from ..language import Node, constant_node, simplify, variable_node
from ..ops import Dual, Op
from ..result import Cell, Column, Document, Result, Table, columns
from ..trace import Evaluation, Linearization, Trace, adjoints, linearize, moving_adjoints, slope_rate, tangents
from .gradient import gradient
from .jacobian import Product
from .model import Model

MAX_BESIDE = 30  # variables of a Hessian where the function may not be smooth


class Hessian(Result):
    """Value, gradient, and the entries of the Hessian that are not structurally zero, as {(row, column): number}.

    Each pair is stored once, row >= column: the matrix is exactly symmetric.
    """

    numbers = ("value", "gradient", "entries")
    variables: tuple[str, ...]
    value: float
    gradient: dict[str, float]
    entries: dict[tuple[int, int], float]

    def __getitem__(self, key: tuple[str, str]) -> float:
        i, j = (self.variables.index(name) for name in key)
        return self.entries.get((max(i, j), min(i, j)), 0.0)

    @property
    def hessian(self) -> list[list[float]]:
        """The matrix, row by row, n by n."""
        rows = [[0.0] * len(self.variables) for _ in self.variables]
        for (i, j), value in self.entries.items():
            rows[i][j] = rows[j][i] = value
        return rows

    def document(self, sparse: bool = False) -> Document:
        """Return the matrix to print, or only the entries that are not structurally zero."""
        names = self.variables
        data: dict[str, Any] = {"variables": names, "value": self.value, "gradient": list(self.gradient.values())}
        if sparse:
            entries = [(names[i], names[j], x) for (i, j), x in sorted(self.entries.items())]
            data["entries"] = [{"row": row, "column": column, "value": x} for row, column, x in entries]
            table = Table("", (*columns("row", "column", kind="math"), Column("second derivative")), [*entries])
        else:
            data["hessian"] = matrix = self.hessian
            rows: list[tuple[Cell, ...]] = [
                (name, self.gradient[name], *row) for name, row in zip(names, matrix, strict=True)
            ]
            numbers = columns("gradient", *(f"∂/∂{name}" for name in names))
            table = Table("", (Column("", "math"), *numbers), rows, (2, 1))
        return self._document(data, quantities={self.source.outputs[0]: self.value}, tables=(table,))


def hessian(model: Model, evaluation: Evaluation, wrt: tuple[str, ...]) -> Hessian:
    """Return the Hessian of the only output by the variables `wrt`, exact and sparse, by one reverse sweep.

    Raises DomainError where the function is not twice differentiable, LimitError for many variables where it may not
    be smooth.
    """
    linear = linearize(evaluation, frozenset(wrt))
    if linear.has_sides:
        return _beside(model, evaluation, linear, wrt)
    trace = evaluation.trace
    adjoint = adjoints(len(evaluation.values), linear.partials, {trace.outputs[0]: 1.0})
    pairs = _push_edges(linear, adjoint)
    place = {trace.slot[name]: k for k, name in enumerate(wrt)}
    entries: dict[tuple[int, int], float] = {}
    for slot in place:
        for other, amount in (pairs[slot] or {}).items():
            i, j = place[slot], place[other]
            entries[max(i, j), min(i, j)] = amount
    if evaluation.refused is not None and any(x != x for x in entries.values()):
        return _beside(model, evaluation, linear, wrt)
    gradient = {name: adjoint[trace.slot[name]] or 0.0 for name in wrt}
    notes = with_hints(evaluation, [*evaluation.notes, *_pole(entries.values())])
    return Hessian(
        source=model, at=evaluation.point, variables=wrt, value=evaluation.result, gradient=gradient, entries=entries,
        notes=tuple(notes),
    )  # fmt: skip


Pairs = list[dict[int, float] | None]  # pairs[i][k], k <= i: the second-order adjoint of slots i and k, if not 0


def _push_edges(linear: Linearization, adjoint: Sequence[float | None]) -> Pairs:
    """Return the second-order adjoints of pairs of inputs.

    Rows in reverse pass their pairs on to their arguments, then make new ones of these by their own curvature.
    Gower & Mello, "A new framework for the computation of Hessians" (2012), Algorithm 4.1.
    """
    trace, values = linear.evaluation.trace, linear.evaluation.values
    pairs: Pairs = [None] * len(values)
    for row, local in groupby(reversed(linear.partials), itemgetter(0)):
        op, slots, weight = trace.op(row), trace.args[row], adjoint[row]
        if pairs[row] is not None:
            _push(pairs, row, [(j, p) for _, j, p in local])
        if not op.linear and weight is not None:
            y: Any = values[row]
            args: list[Any] = [values[slot] for slot in slots]
            for m, n, second in seconds(op, *[linear.active[slot] for slot in slots]):
                amount = second(y, args)
                if amount != 0 or not math.isfinite(y):  # 0 times an infinite slope has no value
                    _add(pairs, slots[m], slots[n], weight * amount * (2 if m != n and slots[m] == slots[n] else 1))
    return pairs


def _push(pairs: Pairs, row: int, partials: Sequence[tuple[int, float]]) -> None:
    """Pass the pairs of a row on to its arguments: the pair (row, row) to pairs of these, (row, k) to (j, k)."""
    own, pairs[row] = pairs[row] or {}, None
    if (amount := own.pop(row, None)) is not None:
        for j, p in partials:
            _add(pairs, j, j, p * p * amount)
        for (j, p), (k, q) in combinations(partials, 2):
            _add(pairs, j, k, p * q * amount * (2 if j == k else 1))
    for k, amount in own.items():
        for j, p in partials:
            _add(pairs, j, k, p * amount * (2 if j == k else 1))


def _add(pairs: Pairs, i: int, k: int, amount: float) -> None:
    """Add to the second-order adjoint of slots i and k, which stands for (i, k) and for (k, i)."""
    if i < k:
        i, k = k, i
    row = pairs[i]
    if row is None:
        pairs[i] = {k: amount}
    else:
        row[k] = row.get(k, 0.0) + amount


Second = Callable[[float, Sequence[float]], float]  # a second derivative from the result and the arguments


@cache
def seconds(op: Op, *active: bool) -> list[tuple[int, int, Second]]:
    """Return (m, n, second derivative by arguments m and n) for m >= n of the active arguments, zeros left out."""
    pairs = [(m, n) for m in range(op.arity) for n in range(m + 1) if active[m] and active[n] and op.selects is None]
    return [(m, n, rate) for m, n in pairs if (rate := _second(op, m, n)) is not None]


def _second(op: Op, m: int, n: int) -> Second | None:
    """Return the derivative of the m-th rule by argument n, the result moving along; None if it is 0.

    The rule is run once on dual numbers of formulas; the formula that comes out is kept as a trace.
    """
    names = ["y", *(f"a{k}" for k in range(op.arity))]
    y, *args = map(variable_node, names)
    moved: list[Any] = list(args)
    moved[n] = Dual(args[n], constant_node(1.0))
    found = op.partial(m, Dual(y, op.partial(n, y, *args)), *moved)
    tangent = found.tangent if isinstance(found, Dual) else 0.0
    node = simplify(tangent if isinstance(tangent, Node) else constant_node(tangent))
    if node.op is None and node.value == 0:
        return None
    trace = Trace([node], names)
    program = [(row, trace.op(row).number, trace.args[row]) for row in trace.rows]
    initial, output = trace.initial, trace.outputs[0]

    def second(y: float, args: Sequence[float]) -> float:
        values: list[Any] = initial.copy()
        values[0] = y
        values[1 : len(args) + 1] = args
        try:
            for row, number, slots in program:
                if len(slots) == 2:
                    values[row] = number(values[slots[0]], values[slots[1]])
                else:
                    values[row] = number(*[values[slot] for slot in slots])
        except (ValueError, ZeroDivisionError, OverflowError):
            return slope_rate(op, m, n, y, args)
        return float(values[output])

    return second


def hvp(model: Model, evaluation: Evaluation, vector: Mapping[str, float]) -> Product:
    """Return H*v, forward over reverse: the adjoint sweep on numbers that carry a tangent along v."""
    trace, values = evaluation.trace, evaluation.values
    check_names(vector, trace.inputs)
    linear = linearize(evaluation)
    product: dict[str, float | None]
    if linear.has_sides:
        matrix = _beside(model, evaluation, linear, trace.inputs)
        product = {a: sum(matrix[a, b] * d for b, d in vector.items()) for a in trace.inputs}
        notes = matrix.notes
    else:
        rates = tangents(len(values), linear.partials, {trace.slot[n]: v for n, v in vector.items()})
        swept = moving_adjoints(evaluation, rates, {trace.outputs[0]: 1.0})  # not by `seconds`: an independent way
        product = {name: 0.0 if (x := swept[k]) is None else x.rate or 0.0 for k, name in enumerate(trace.inputs)}
        notes = tuple(with_hints(evaluation, [*evaluation.notes, *_pole(product.values())]))
    return Product(
        source=model, at=evaluation.point, kind="H*v", value={model.outputs[0]: evaluation.result}, vector=dict(vector),
        product=product, notes=notes,
    )  # fmt: skip


def _beside(model: Model, evaluation: Evaluation, linear: Linearization, wrt: tuple[str, ...]) -> Hessian:
    """Return the Hessian where the function may not be smooth: entry by entry, from all sides, or refuse."""
    from ..edges import second

    if len(wrt) > MAX_BESIDE:
        text = f"the function may not be smooth here, and that is looked into for {MAX_BESIDE} variables at most"
        raise LimitError(text, hint="name some with --wrt, or try a point beside it")
    slots = [evaluation.trace.slot[name] for name in wrt]
    entries = {(i, j): second(linear, slots[i], slots[j]) for i in range(len(wrt)) for j in range(i + 1)}
    found = gradient(evaluation, wrt)
    slopes = {name: d if (d := found.gradient[name]) is not None else math.nan for name in wrt}
    notes = (*found.notes, *_pole(entries.values()))
    return Hessian(
        source=model, at=evaluation.point, variables=wrt, value=evaluation.result, gradient=slopes, entries=entries,
        notes=notes,
    )  # fmt: skip


def _pole(numbers: Iterable[float | None]) -> list[Note]:
    if all(math.isfinite(x) for x in numbers if x is not None):
        return []
    return [Note("pole", "a second derivative is infinite or has no value at this point")]
