"""Jacobians by columns or rows, several at once where they share nothing; products with vectors by one sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..edges import bits, cancellation, decide, is_ordinary, moving_partials, with_hints
from ..errors import Note, UsageError, check_names
from ..ops import Scaled
from ..result import Cell, Column, Document, Result, Table, assignments, columns
from ..trace import Evaluation, Linearization, adjoints, linearize, tangents
from .model import Model

MAX_LOOKED_AT = 1_000_000  # outputs times partials up to which cancellation is looked for, a sweep for each output

Matrix = list[list[float | None]]


class Jacobian(Result):
    """Values of the outputs and their partial derivatives: `jacobian[i][j]` is d outputs[i] / d variables[j].

    `sweeps` were made in `mode`; `operations` counts multiply-adds for forward and for reverse mode.
    """

    numbers = ("value", "jacobian")
    mode: str
    outputs: tuple[str, ...]
    variables: tuple[str, ...]
    value: tuple[float, ...]
    jacobian: Matrix
    pattern: list[list[bool]]
    sweeps: int
    operations: dict[str, int]

    def __getitem__(self, key: tuple[str, str]) -> float | None:
        output, variable = key
        return self.jacobian[self.outputs.index(output)][self.variables.index(variable)]

    def document(self, sparsity: bool = False) -> Document:
        """Return the matrix to print, or its sparsity pattern."""
        data = {
            "mode": self.mode, "outputs": self.outputs, "variables": self.variables, "value": self.value,
            "jacobian": self.jacobian, "sweeps": self.sweeps, "operations": self.operations,
        }  # fmt: skip
        cells: Sequence[Sequence[Cell]] = self.jacobian
        if sparsity:
            data["pattern"] = self.pattern
            cells = [["x" if hit else "." for hit in row] for row in self.pattern]
        rows: list[tuple[Cell, ...]] = [
            (output, value, *row) for output, value, row in zip(self.outputs, self.value, cells, strict=True)
        ]
        numbers = columns("value", *(f"∂/∂{name}" for name in self.variables))
        counts = ", ".join(f"{mode} {count:,}" for mode, count in self.operations.items())
        return self._document(
            data,
            tables=(Table("", (Column("output", "math"), *numbers), rows, (2, 1)),),
            method=f"{self.mode} mode, {self.sweeps} sweep{'s' * (self.sweeps != 1)}; operations: {counts}",
        )


class Product(Result):
    """Values of the outputs, and a product with a vector, by name; `kind` is J*t, c*J or H*v."""

    numbers = ("value", "vector", "product")
    kind: str
    value: dict[str, float]
    vector: dict[str, float]
    product: dict[str, float | None]

    def __getitem__(self, name: str) -> float | None:
        return self.product[name]

    def document(self) -> Document:
        """Return the values and the product to print."""
        values = list(self.value.values())
        data = {
            "value": values[0] if len(values) == 1 else self.value, "vector": self.vector, "product": self.product,
        }  # fmt: skip
        products = {f"{self.kind} {name}": d for name, d in self.product.items()}
        method = f"{self.kind} for {assignments(self.vector)}"
        return self._document(data, quantities={**self.value, **products}, method=method)


def sparsity(evaluation: Evaluation, linear: Linearization, wrt: Sequence[int]) -> list[int]:
    """Return for each output the set of variables that it depends on, as the bits of an integer."""
    masks = [0] * len(evaluation.values)
    for k, slot in enumerate(wrt):
        masks[slot] = 1 << k
    for i, j, _ in linear.partials:
        masks[i] |= masks[j]
    return [masks[output] for output in evaluation.trace.outputs]


def colour(sets: Sequence[int]) -> list[int]:
    """Return a colour for each set so that sets of one colour share no bit; greedy (Curtis, Powell & Reid 1974)."""
    colours = []
    met: dict[int, int] = {}  # by bit: the colours of the sets that have it, as bits
    for elements in sets:
        taken = 0
        for bit in bits(elements):
            taken |= met.get(bit, 0)
        free = ~taken & (taken + 1)
        for bit in bits(elements):
            met[bit] = met.get(bit, 0) | free
        colours.append(free.bit_length() - 1)
    return colours


def transpose(rows: Sequence[int], width: int) -> list[int]:
    """Return the columns of a matrix of bits."""
    columns = [0] * width
    for i, row in enumerate(rows):
        for k in bits(row):
            columns[k] |= 1 << i
    return columns


def jacobian(model: Model, evaluation: Evaluation, wrt: tuple[str, ...], mode: str = "auto") -> Jacobian:
    """Return the Jacobian of all outputs by the variables `wrt`.

    Forward mode seeds columns, reverse mode rows; columns (rows) without a common row (column) are seeded together.
    `auto` takes the mode with the fewer sweeps.
    """
    if mode not in ("auto", "forward", "reverse"):
        raise UsageError(f"{mode} is not a mode of a Jacobian", hint="choose one of: auto, forward, reverse")
    linear = linearize(evaluation, frozenset(wrt))
    rows = sparsity(evaluation, linear, [evaluation.trace.slot[name] for name in wrt])
    groups = {"forward": _groups(transpose(rows, len(wrt))), "reverse": _groups(rows)}
    if mode == "auto":
        mode = min(groups, key=lambda name: len(groups[name]))  # forward if both need as many sweeps
    swept, scaled = _swept(linear, rows, wrt, mode, groups[mode])
    look_for_cancelling = len(rows) * len(linear.partials) <= MAX_LOOKED_AT
    operations = {name: len(found) * len(linear.partials) for name, found in groups.items()}
    matrix: Matrix = []
    notes: list[Note] = []
    for output, out, row, in_range in zip(model.outputs, evaluation.trace.outputs, swept, scaled, strict=True):
        finite = all(map(math.isfinite, in_range.values()))  # if not, the class is that of an adjoint sweep
        decided = decide(
            linear, {out: 1.0}, row, f"the derivative of {output}",
            scaled=in_range if finite else None, look_for_cancelling=look_for_cancelling,
        )  # fmt: skip
        matrix.append(list(decided.derivatives.values()))
        notes += decided.notes
    return Jacobian(
        source=model, at=evaluation.point, mode=mode, outputs=model.outputs, variables=wrt,
        value=tuple(evaluation.results), jacobian=matrix,
        pattern=[[bool(row >> k & 1) for k in range(len(wrt))] for row in rows],
        sweeps=len(groups[mode]), operations=operations,
        notes=tuple(with_hints(evaluation, [*evaluation.notes, *notes])),
    )  # fmt: skip


def _groups(sets: Sequence[int]) -> list[list[int]]:
    """Return the positions of sets of each colour."""
    colours = colour(sets)
    groups: list[list[int]] = [[] for _ in range(max(colours, default=-1) + 1)]
    for k, chosen in enumerate(colours):
        groups[chosen].append(k)
    return groups


def _swept(
    linear: Linearization, rows: Sequence[int], wrt: Sequence[str], mode: str, groups: Sequence[Sequence[int]]
) -> tuple[list[dict[str, float | None]], list[dict[str, float]]]:
    """Return the entries of each row by variable, by one sweep for a group of columns or rows; None: structurally zero.

    Then those by a sweep that does not leave the range of floats, for groups with an entry that is 0 or not finite.
    """
    trace = linear.evaluation.trace
    slots, columns = [trace.slot[name] for name in wrt], transpose(rows, len(wrt))
    swept: list[dict[str, float | None]] = [dict.fromkeys(wrt) for _ in rows]
    scaled: list[dict[str, float]] = [{} for _ in rows]
    for group in groups:
        if mode == "forward":
            seeds = [slots[k] for k in group]
            cells = [(i, wrt[k], trace.outputs[i]) for k in group for i in bits(columns[k])]
        else:
            seeds = [trace.outputs[i] for i in group if rows[i]]
            cells = [(i, wrt[k], slots[k]) for i in group for k in bits(rows[i])]
        sweep = tangents if mode == "forward" else adjoints
        found = sweep(len(trace.nodes), linear.partials, dict.fromkeys(seeds, 1.0))
        for i, name, slot in cells:
            swept[i][name] = found[slot]
        if not all(is_ordinary(found[slot]) for _, _, slot in cells):
            found = sweep(len(trace.nodes), moving_partials(linear), dict.fromkeys(seeds, Scaled(1.0)))
            for i, name, slot in cells:
                scaled[i][name] = float(found[slot] or 0.0)
    return swept, scaled


def jvp(model: Model, evaluation: Evaluation, tangent: Mapping[str, float]) -> Product:
    """Return J*t for a tangent by variable (0 for a variable not given): one forward sweep, no Jacobian formed."""
    trace = evaluation.trace
    check_names(tangent, trace.inputs)
    linear = linearize(evaluation, frozenset(tangent))
    swept = tangents(len(evaluation.values), linear.partials, {trace.slot[n]: t for n, t in tangent.items()})
    product: dict[str, float | None] = {}
    notes: list[Note] = []
    direction = {trace.slot[name]: t for name, t in tangent.items() if t}
    for name, out in zip(model.outputs, trace.outputs, strict=True):
        d, said = 0.0 if swept[out] is None else swept[out], list[Note]()
        if not math.isfinite(d):
            scaled = adjoints(len(evaluation.values), moving_partials(linear), {out: Scaled(1.0)})
            d = float(sum([scaled[slot] * t for slot, t in direction.items() if scaled[slot] is not None], Scaled(0.0)))
        if linear.has_sides and direction:
            from ..edges import along

            d, said = along(linear, out, direction, d)
        elif direction and math.isfinite(d) and not (d and evaluation.values[out]):
            d, said = _with_digits(linear, out, direction)
        product[name] = d
        notes += said
    return _product("J*t", model, evaluation, dict(tangent), product, notes)


def _with_digits(linear: Linearization, out: int, direction: Mapping[int, float]) -> tuple[float, list[Note]]:
    """Return the product from derivatives with twice the digits where terms cancel; notes on them and on the value."""
    names = linear.evaluation.trace.inputs
    swept = adjoints(len(linear.evaluation.values), linear.partials, {out: 1.0})
    derivatives = {names[slot]: swept[slot] for slot in direction}
    better, notes = cancellation(linear, {out: 1.0}, {names[slot]: slot for slot in direction}, derivatives)
    derivatives |= better
    return math.fsum(t * (derivatives[names[slot]] or 0.0) for slot, t in direction.items()), notes


def vjp(model: Model, evaluation: Evaluation, cotangent: Mapping[str, float]) -> Product:
    """Return c*J for a cotangent by output (0 for an output not given): one reverse sweep, no Jacobian formed."""
    trace = evaluation.trace
    check_names(cotangent, model.outputs, "an output")
    linear = linearize(evaluation)
    seed: dict[int, float] = {}
    for name, c in cotangent.items():
        out = trace.outputs[model.outputs.index(name)]
        seed[out] = seed.get(out, 0.0) + c
    swept = adjoints(len(evaluation.values), linear.partials, seed)
    decided = decide(linear, seed, {name: swept[k] for k, name in enumerate(trace.inputs)}, "the product")
    return _product("c*J", model, evaluation, dict(cotangent), decided.derivatives, decided.notes)


def _product(
    kind: str, model: Model, evaluation: Evaluation, vector: dict[str, float], product: dict[str, float | None],
    said: list[Note],
) -> Product:  # fmt: skip
    notes = with_hints(evaluation, [*evaluation.notes, *said])
    bad = [name for name, d in product.items() if d is not None and math.isnan(d)]
    if bad:
        text = f"the product for {', '.join(bad)} comes out as 0*inf or inf - inf, which has no value"
        notes.append(Note("nan", text))
    value = dict(zip(model.outputs, evaluation.results, strict=True))
    return Product(
        source=model, at=evaluation.point, kind=kind, value=value, vector=vector, product=product, notes=tuple(notes)
    )
