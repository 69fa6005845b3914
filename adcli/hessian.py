"""Second derivatives: the sparse Hessian by reverse edge pushing, and its product with a vector."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .dual import Dual
from .errors import Note, UsageError
from .forward import tangents
from .jacobian import Product
from .linearize import Linearization, linearize
from .ops import Ieee, Op, mul
from .reverse import adjoints
from .trace import Evaluation


@dataclass(frozen=True)
class Hessian:
    """Value, gradient, and the entries of the Hessian that are not structurally zero, as {(row, column): number}.

    Each pair is stored once, row >= column: the matrix is exactly symmetric.
    """

    source: object
    at: dict[str, float]
    variables: tuple[str, ...]
    value: float
    gradient: dict[str, float]
    entries: dict[tuple[int, int], float]
    notes: tuple[Note, ...] = ()

    @property
    def formula(self) -> str:
        """The formula as it was understood."""
        return str(self.source)

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


def hessian(source: object, evaluation: Evaluation, wrt: tuple[str, ...]) -> Hessian:
    """Return the Hessian of the only output by the variables `wrt`.

    One reverse sweep carries the first-order adjoints and the second-order ones of pairs of slots: exact, sparse,
    no colouring (Gower & Mello, "A new framework for the computation of Hessians", 2012, Algorithm 4.1).
    """
    trace, values = evaluation.trace, evaluation.values
    linear = linearize(evaluation, frozenset(wrt))
    if linear.undefined:
        raise _no_derivative(linear)
    adjoint: list[float | None] = [None] * len(values)
    adjoint[trace.outputs[0]] = 1.0
    pairs: list[dict[int, float] | None] = [None] * len(values)  # pairs[i][k], k <= i: second-order adjoints

    def put(i: int, k: int, amount: float) -> None:
        if i < k:
            i, k = k, i
        row = pairs[i]
        if row is None:
            pairs[i] = {k: amount}
        else:
            row[k] = row.get(k, 0.0) + amount

    partials = linear.partials
    at = len(partials)
    while at:
        i = partials[at - 1][0]
        start = at - 1
        while start and partials[start - 1][0] == i:
            start -= 1
        own = partials[start:at]
        at = start
        if w := pairs[i]:
            pairs[i] = None
            for k, amount in w.items():
                if k == i:
                    for m, (_, j, p) in enumerate(own):
                        for n, (_, l, q) in enumerate(own[: m + 1]):  # noqa: E741
                            put(j, l, p * q * amount * (2 if j == l and m != n else 1))
                else:
                    for _, j, p in own:
                        put(j, k, p * amount * (2 if j == k else 1))
        v = adjoint[i]
        if v is None:
            continue
        op, args = trace.ops[i], trace.args[i]
        if op is not None and not op.linear:
            for (m, n), second in second_partials(evaluation, i, op, {j for _, j, _ in own}):
                put(args[m], args[n], v * second * (2 if m != n and args[m] == args[n] else 1))
        for _, j, p in own:
            before = adjoint[j]
            adjoint[j] = v * p if before is None else before + v * p
    slots = {trace.slot[name]: k for k, name in enumerate(wrt)}
    entries: dict[tuple[int, int], float] = {}
    for slot in slots:
        for other, amount in (pairs[slot] or {}).items():
            i, j = slots[slot], slots[other]
            entries[max(i, j), min(i, j)] = amount
    gradient = {name: adjoint[trace.slot[name]] or 0.0 for name in wrt}
    notes = [*evaluation.notes, *linear.notes]
    if any(not math.isfinite(x) for x in entries.values()):
        notes.append(Note("pole", "a second derivative is infinite or has no value at this point"))
    return Hessian(source, evaluation.point, wrt, evaluation.result, gradient, entries, tuple(notes))


def second_partials(evaluation: Evaluation, row: int, op: Op, active: set[int]) -> list[tuple[tuple[int, int], float]]:
    """Return ((m, n), d2 op / d arg_m d arg_n) for m >= n of the row's active arguments, zeros left out."""
    slots = evaluation.trace.args[row]
    if op is mul:
        return [((1, 0), 1.0)] if slots[0] in active and slots[1] in active else []
    y, args = evaluation.values[row], evaluation.arguments(row)
    if op.selects is not None or y is None:
        return []
    found = []
    positions = [k for k, slot in enumerate(slots) if slot in active]
    for m in positions:
        rule = op.rules[m]
        if callable(rule):
            for n in positions:
                if n <= m and (second := _rate(op, rule, n, y, args)) != 0:
                    found.append(((m, n), second))  # noqa: PERF401
    return found


def _rate(op: Op, rule: Any, n: int, y: float, args: list[float]) -> float:
    """Return the derivative of a rule by the operation's n-th argument; the result y changes with it."""
    for kind in (float, Ieee):
        try:
            numbers: list[Any] = [kind(x) for x in args]
            numbers[n] = Dual(numbers[n], 1.0)
            found = rule(Dual(kind(y), kind(op.slope(n, y, *args))), *numbers)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        return float(found.tangent) if isinstance(found, Dual) else 0.0
    return math.nan


def hvp(source: object, evaluation: Evaluation, output: str, vector: Mapping[str, float]) -> Product:
    """Return H*v, forward over reverse: the adjoint sweep on numbers that carry a tangent along v."""
    trace, values = evaluation.trace, evaluation.values
    for name in vector:
        if name not in trace.inputs:
            raise UsageError(f"{name} is not a variable", hint=f"there are: {', '.join(trace.inputs)}")
    linear = linearize(evaluation)
    if linear.undefined:
        raise _no_derivative(linear)
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
        rate = 0.0
        if callable(rule):
            for n, slot in enumerate(slots):
                if (t := rates[slot]) is not None and t != 0:
                    rate += t * _rate(op, rule, n, y, args)
        dual.append((i, j, Dual(p, rate)))
    swept = adjoints(len(values), dual, {trace.outputs[0]: Dual(1.0)})
    product: dict[str, float | None] = {
        name: 0.0 if swept[k] is None else float(swept[k].tangent) for k, name in enumerate(trace.inputs)
    }
    notes = (*evaluation.notes, *linear.notes)
    return Product(source, evaluation.point, {output: evaluation.result}, dict(vector), product, notes)


def _no_derivative(linear: Linearization) -> Exception:
    from .errors import DomainError

    note = next(n for n in linear.notes if n.kind in ("jump", "undefined"))
    return DomainError(note.text, note.place, "there are no second derivatives where there are no first ones")
