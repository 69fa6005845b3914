"""Second derivatives: the sparse Hessian by reverse edge pushing, and its product with a vector."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from ..edges import with_hints
from ..errors import LimitError, Note, check_names
from ..language import Node, constant, simplify, variable
from ..ops import Dual, Ieee, Limit, Op
from ..result import Cell, Document, Result, Table
from ..trace import Evaluation, Linearization, Trace, adjoints, linearize, tangents
from .gradient import gradient
from .jacobian import Product

MAX_BESIDE = 30  # variables of a Hessian where the function may not be smooth


class Hessian(Result):
    """Value, gradient, and the entries of the Hessian that are not structurally zero, as {(row, column): number}.

    Each pair is stored once, row >= column: the matrix is exactly symmetric.
    """

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

    @property
    def complete(self) -> bool:
        """Tell whether every number exists."""
        return not any(x != x for x in (self.value, *self.gradient.values(), *self.entries.values()))

    def document(self, sparse: bool = False) -> Document:
        """Return the matrix to print, or only the entries that are not structurally zero."""
        names = self.variables
        data: dict[str, Any] = {"variables": names, "value": self.value, "gradient": list(self.gradient.values())}
        if sparse:
            entries = [(names[i], names[j], x) for (i, j), x in sorted(self.entries.items())]
            data["entries"] = [{"row": row, "column": column, "value": x} for row, column, x in entries]
            table = Table("", ("row", "column", "second derivative"), [*entries], frozenset((0, 1)))
        else:
            data["hessian"] = matrix = self.hessian
            rows: list[tuple[Cell, ...]] = [
                (name, self.gradient[name], *row) for name, row in zip(names, matrix, strict=True)
            ]
            headers = ("", "gradient", *(f"∂/∂{name}" for name in names))
            table = Table("", headers, rows, frozenset((0,)), (2, 1))
        return self._document(data, quantities={self.source.outputs[0]: self.value}, tables=(table,))


def hessian(source: object, evaluation: Evaluation, wrt: tuple[str, ...]) -> Hessian:
    """Return the Hessian of the only output by the variables `wrt`.

    One reverse sweep carries the first-order adjoints and the second-order ones of pairs of slots: exact, sparse,
    no colouring (Gower & Mello, "A new framework for the computation of Hessians", 2012, Algorithm 4.1).
    """
    trace, values = evaluation.trace, evaluation.values
    linear = linearize(evaluation, frozenset(wrt))
    if linear.edges:
        return _beside(source, evaluation, linear, wrt)
    partials, reached = linear.partials, linear.active
    adjoint = adjoints(len(values), partials, {trace.outputs[0]: 1.0})
    pairs: list[dict[int, float] | None] = [None] * len(values)  # pairs[i][k], k <= i: second-order adjoints

    def put(i: int, k: int, amount: float) -> None:
        if i < k:
            i, k = k, i
        row = pairs[i]
        if row is None:
            pairs[i] = {k: amount}
        else:
            row[k] = row.get(k, 0.0) + amount

    for i, edges in groupby(reversed(partials), itemgetter(0)):
        op, args, w, v = trace.ops[i], trace.args[i], pairs[i], adjoint[i]
        assert op is not None
        if v is None or (w is None and op.linear):
            continue
        if w is not None:  # push the pairs with i to the arguments of i
            pairs[i], own = None, list(edges)
            if (amount := w.pop(i, None)) is not None:
                for _, j, p in own:
                    put(j, j, p * p * amount)
                for (_, j, p), (_, k, q) in combinations(own, 2):
                    put(j, k, p * q * amount * (2 if j == k else 1))
            for k, amount in w.items():
                for _, j, p in own:
                    put(j, k, p * amount * (2 if j == k else 1))
        if not op.linear:  # make new pairs
            for m, n, rate in seconds(op, *map(reached.__getitem__, args)):
                second = rate(values[i], [values[k] for k in args])  # an evaluated row has values
                if second != 0:
                    put(args[m], args[n], v * second * (2 if m != n and args[m] == args[n] else 1))
    slots = {trace.slot[name]: k for k, name in enumerate(wrt)}
    entries: dict[tuple[int, int], float] = {}
    for slot in slots:
        for other, amount in (pairs[slot] or {}).items():
            i, j = slots[slot], slots[other]
            entries[max(i, j), min(i, j)] = amount
    gradient = {name: adjoint[trace.slot[name]] or 0.0 for name in wrt}
    notes = with_hints(evaluation, [*evaluation.notes, *_pole(entries.values())])
    return Hessian(
        source=source, at=evaluation.point, variables=wrt, value=evaluation.result, gradient=gradient, entries=entries,
        notes=tuple(notes),
    )  # fmt: skip


@cache
def seconds(op: Op, *active: bool) -> list[tuple[int, int, Callable[[float, list[float]], float]]]:
    """Return (m, n, how to compute the second derivative) for m >= n of the active arguments, zeros left out."""
    pairs = [(m, n) for m in range(op.arity) for n in range(m + 1) if active[m] and active[n] and op.selects is None]
    return [(m, n, rate) for m, n in pairs if (rate := _second(op, m, n)) is not None]


def _second(op: Op, m: int, n: int) -> Callable[[float, list[float]], float] | None:
    """Return how to compute the derivative of the m-th rule by argument n, the result moving along; None if it is 0.

    The rule is run once on dual numbers of formulas; what comes out is kept as a small program.
    """
    rule = op.rules[m]
    if not callable(rule):
        return None
    names = ["y", *(f"a{k}" for k in range(op.arity))]
    y, *args = map(variable, names)
    slope = op.rules[n]
    moved: list[Any] = list(args)
    moved[n] = Dual(args[n], constant(1.0))
    found = rule(Dual(y, slope(y, *args) if callable(slope) else constant(slope)), *moved)
    tangent = found.tangent if isinstance(found, Dual) else 0.0
    node = simplify(tangent if isinstance(tangent, Node) else constant(tangent))
    if node.op is None and node.value == 0:
        return None
    program, constants, last = _program(Trace([node], names), len(names))

    def rate(y: float, args: list[float]) -> float:
        values: list[Any] = [y, *args, *constants]
        try:
            for number, slots in program:
                if len(slots) == 2:
                    values.append(number(values[slots[0]], values[slots[1]]))
                else:
                    values.append(number(*[values[k] for k in slots]))
        except (ValueError, ZeroDivisionError, OverflowError):
            return _rate(op, rule, n, y, args)
        return float(values[last])

    return rate


def _program(trace: Trace, inputs: int) -> tuple[list[tuple[Callable[..., Any], tuple[int, ...]]], list[Any], int]:
    """Return a trace as operations with the places of their arguments among inputs, constants and rows in turn.

    Then the constants, and the place of the output.
    """
    leaves = [k for k, op in enumerate(trace.ops) if op is None]
    at = {slot: k for k, slot in enumerate([*leaves, *trace.rows])}
    program = [(op.number, tuple(at[k] for k in trace.args[row])) for row in trace.rows if (op := trace.ops[row])]
    return program, [trace.initial[k] for k in leaves[inputs:]], at[trace.outputs[0]]


def _rate(op: Op, rule: Any, n: int, y: float, args: list[float]) -> float:
    """Return the same by dual numbers, that go to the limit where an operation raises or has no value."""
    slope = op.slope(n, y, *args)
    for kind in (float, Limit if math.isfinite(y) and math.isfinite(slope) else Ieee):
        try:
            numbers: list[Any] = [kind(x) for x in args]
            numbers[n] = Dual(numbers[n], 1.0)
            found = rule(Dual(kind(y), kind(slope)), *numbers)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        rate = float(found.tangent) if isinstance(found, Dual) else 0.0
        if rate == rate:
            return rate
    return math.nan


def hvp(source: object, evaluation: Evaluation, output: str, vector: Mapping[str, float]) -> Product:
    """Return H*v, forward over reverse: the adjoint sweep on numbers that carry a tangent along v."""
    trace, values = evaluation.trace, evaluation.values
    check_names(vector, trace.inputs)
    linear = linearize(evaluation)
    if linear.edges:
        matrix = _beside(source, evaluation, linear, trace.inputs)
        products = {a: sum(matrix[a, b] * d for b, d in vector.items()) for a in trace.inputs}
        return Product(
            source=source, at=evaluation.point, kind="H*v", value={output: matrix.value}, vector=dict(vector),
            product={**products}, notes=matrix.notes,
        )  # fmt: skip
    rates = tangents(len(values), linear.partials, {trace.slot[n]: v for n, v in vector.items()})
    dual: list[tuple[int, int, Any]] = []
    position: dict[int, int] = {}
    for i, j, p in linear.partials:
        op, slots = trace.ops[i], trace.args[i]
        assert op is not None
        if op.linear or op.selects is not None:
            dual.append((i, j, p))
            continue
        k = position.get(i, -1) + 1
        while slots[k] != j:
            k += 1
        position[i] = k
        rule = op.rules[k]
        args = evaluation.arguments(i)
        y = values[i]
        assert y is not None
        rate: float | None = None
        if callable(rule):
            for n, slot in enumerate(slots):
                if (t := rates[slot]) is not None and t != 0:
                    part = t * _rate(op, rule, n, y, args)  # not by _second: the two routes are to be independent
                    rate = part if rate is None else rate + part
        dual.append((i, j, _Moving(p, rate)))
    swept = adjoints(len(values), dual, {trace.outputs[0]: _Moving(1.0, None)})
    product: dict[str, float | None] = {
        name: 0.0 if swept[k] is None else swept[k].rate or 0.0 for k, name in enumerate(trace.inputs)
    }
    notes = with_hints(evaluation, [*evaluation.notes, *_pole(product.values())])
    return Product(
        source=source, at=evaluation.point, kind="H*v", value={output: evaluation.result}, vector=dict(vector),
        product=product, notes=tuple(notes),
    )  # fmt: skip


class _Moving(NamedTuple):
    """An adjoint or partial derivative and its rate along a direction; None if it does not change (never 0*inf)."""

    value: float
    rate: float | None

    def __mul__(self, other: Any) -> _Moving:
        a, b = self, other if isinstance(other, _Moving) else _Moving(other, None)
        left = None if a.rate is None else a.rate * b.value
        right = None if b.rate is None else a.value * b.rate
        return _Moving(a.value * b.value, right if left is None else left if right is None else left + right)

    def __add__(self, other: _Moving) -> _Moving:  # type: ignore[override]
        rates = [x for x in (self.rate, other.rate) if x is not None]
        return _Moving(self.value + other.value, sum(rates) if rates else None)


def _beside(source: object, evaluation: Evaluation, linear: Linearization, wrt: tuple[str, ...]) -> Hessian:
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
        source=source, at=evaluation.point, variables=wrt, value=evaluation.result, gradient=slopes, entries=entries,
        notes=notes,
    )  # fmt: skip


def _pole(numbers: Iterable[float | None]) -> list[Note]:
    if all(math.isfinite(x) for x in numbers if x is not None):
        return []
    return [Note("pole", "a second derivative is infinite or has no value at this point")]
