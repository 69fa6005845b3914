"""Jacobians by columns or rows, several at once where they share nothing; products with vectors by one sweep."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..edges import kind_of, look, look_closer, reached_by_undefined, with_hints
from ..errors import Note, UsageError, check_names
from ..ops import Scaled
from ..result import Cell, Document, Result, Table, assignments
from ..trace import Evaluation, Linearization, adjoints, linearize, tangents

MAX_LOOKED_AT = 1_000_000  # outputs times partials up to which cancellation is looked for, a sweep for each output

Matrix = list[list[float | None]]


class Jacobian(Result):
    """Values of the outputs and their partial derivatives: `jacobian[i][j]` is d outputs[i] / d variables[j].

    `sweeps` were made in `mode`; `operations` counts multiply-adds for forward and for reverse mode.
    """

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

    @property
    def complete(self) -> bool:
        """Tell whether every number exists."""
        numbers = (*self.value, *(d for row in self.jacobian for d in row))
        return not any(d is None or d != d for d in numbers)

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
        headers = ("output", "value", *(f"∂/∂{name}" for name in self.variables))
        counts = ", ".join(f"{mode} {count:,}" for mode, count in self.operations.items())
        return self._document(
            data,
            tables=(Table("", headers, rows, frozenset((0,)), (2, 1)),),
            method=f"{self.mode} mode, {self.sweeps} sweep{'s' * (self.sweeps != 1)}; operations: {counts}",
        )


class Product(Result):
    """Values of the outputs, and a product with a vector, by name; `kind` is J*t, c*J or H*v."""

    kind: str
    value: dict[str, float]
    vector: dict[str, float]
    product: dict[str, float | None]

    def __getitem__(self, name: str) -> float | None:
        return self.product[name]

    @property
    def complete(self) -> bool:
        """Tell whether every number exists."""
        return not any(d is None or d != d for d in (*self.product.values(), *self.value.values()))

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
    for bits in sets:
        taken = 0
        mine = list(_bits(bits))
        for bit in mine:
            taken |= met.get(bit, 0)
        free = ~taken & (taken + 1)
        for bit in mine:
            met[bit] = met.get(bit, 0) | free
        colours.append(free.bit_length() - 1)
    return colours


def _bits(number: int) -> Iterator[int]:
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def transpose(rows: Sequence[int], width: int) -> list[int]:
    """Return the columns of a matrix of bits."""
    columns = [0] * width
    for i, bits in enumerate(rows):
        for k in _bits(bits):
            columns[k] |= 1 << i
    return columns


def jacobian(
    source: object, evaluation: Evaluation, outputs: tuple[str, ...], wrt: tuple[str, ...], mode: str = "auto"
) -> Jacobian:
    """Return the Jacobian of all outputs by the variables `wrt`.

    Forward mode seeds columns, reverse mode rows; columns (rows) without a common row (column) are seeded together.
    `auto` takes the mode with the fewer sweeps.
    """
    if mode not in ("auto", "forward", "reverse"):
        raise UsageError(f"{mode} is not a mode of a Jacobian", hint="choose one of: auto, forward, reverse")
    trace = evaluation.trace
    linear = linearize(evaluation, frozenset(wrt))
    slots = [trace.slot[name] for name in wrt]
    rows = sparsity(evaluation, linear, slots)
    columns = transpose(rows, len(wrt))
    by_column, by_row = colour(columns), colour(rows)
    sweeps = {"forward": max(by_column, default=-1) + 1, "reverse": max(by_row, default=-1) + 1}
    operations = {name: count * len(linear.partials) for name, count in sweeps.items()}
    if mode == "auto":
        mode = "forward" if sweeps["forward"] <= sweeps["reverse"] else "reverse"
    pattern = [[bool(bits >> k & 1) for k in range(len(wrt))] for bits in rows]
    matrix: Matrix = [[None] * len(wrt) for _ in outputs]
    wide: list[dict[str, float]] = [{} for _ in outputs]
    cancels = len(outputs) * len(linear.partials) <= MAX_LOOKED_AT
    size = len(evaluation.values)
    sweep = tangents if mode == "forward" else adjoints
    for c in range(sweeps[mode]):
        if mode == "forward":
            seeds = [s for s, k in zip(slots, by_column, strict=True) if k == c]
            group = [k for k in range(len(wrt)) if by_column[k] == c]
            cells = [(i, k, out) for i, out in enumerate(trace.outputs) for k in group if pattern[i][k]]
        else:
            seeds = [out for out, bits, k in zip(trace.outputs, rows, by_row, strict=True) if k == c and bits]
            mine = [i for i in range(len(outputs)) if by_row[i] == c]
            cells = [(i, k, s) for i in mine for k, s in enumerate(slots) if pattern[i][k]]
        swept = sweep(size, linear.partials, dict.fromkeys(seeds, 1.0))
        for i, k, at in cells:
            matrix[i][k] = swept[at]
        if any(kind_of(swept[at] or 0.0) != 1 for _, _, at in cells):  # perhaps only on the way
            exact = sweep(size, linear.partials, dict.fromkeys(seeds, Scaled(1.0)))
            for i, k, at in cells:
                wide[i][wrt[k]] = float(exact[at])
    finite = [all(map(math.isfinite, row.values())) for row in wide]  # if not, the class is that of a reverse sweep
    notes: list[Note] = []
    for i, out in enumerate(trace.outputs):
        row = dict(zip(wrt, matrix[i], strict=True))
        looked = look_closer(
            linear,
            {out: 1.0},
            row,
            f"the derivative of {outputs[i]}",
            wide=wide[i] if finite[i] else None,
            cancels=cancels,
        )
        matrix[i] = list(looked.partials.values())
        notes += looked.notes
    notes = with_hints(evaluation, [*evaluation.notes, *notes])
    value = tuple(evaluation.results)
    return Jacobian(
        source=source, at=evaluation.point, mode=mode, outputs=outputs, variables=wrt, value=value, jacobian=matrix,
        pattern=pattern, sweeps=sweeps[mode], operations=operations, notes=tuple(notes),
    )  # fmt: skip


def jvp(source: object, evaluation: Evaluation, outputs: tuple[str, ...], tangent: Mapping[str, float]) -> Product:
    """Return J*t for a tangent by variable (0 for a variable not given): one forward sweep, no Jacobian formed."""
    trace = evaluation.trace
    check_names(tangent, trace.inputs)
    linear = linearize(evaluation, frozenset(tangent))
    swept = tangents(len(evaluation.values), linear.partials, {trace.slot[n]: t for n, t in tangent.items()})
    product: dict[str, float | None] = {}
    notes: list[Note] = []
    direction = {trace.slot[n]: t for n, t in tangent.items() if t}
    for name, out in zip(outputs, trace.outputs, strict=True):
        product[name] = 0.0 if swept[out] is None else swept[out]
        if not math.isfinite(product[name] or 0.0):
            closer = adjoints(len(evaluation.values), linear.partials, {out: Scaled(1.0)})
            parts = [closer[slot] * t for slot, t in direction.items() if closer[slot] is not None]
            product[name] = float(sum(parts, Scaled(0.0)))
        if linear.undefined and direction.keys() & reached_by_undefined(linear, out):
            product[name] = None
        if linear.edges and direction:
            from ..edges import along

            product[name], said = along(linear, out, direction, product[name])
            notes += said
        elif direction and math.isfinite(product[name] or 0.0) and not (product[name] and evaluation.values[out]):
            product[name], said = _with_digits(linear, out, direction)
            notes += said
    return _product("J*t", source, evaluation, outputs, dict(tangent), product, notes)


def _with_digits(linear: Linearization, out: int, direction: Mapping[int, float]) -> tuple[float, list[Note]]:
    """Return the product from derivatives that are put right where terms cancel, and notes on them and on the value."""
    names = linear.evaluation.trace.inputs
    swept = adjoints(len(linear.evaluation.values), linear.partials, {out: 1.0})
    found = {names[slot]: swept[slot] for slot in direction}
    notes = look(linear, {out: 1.0}, {names[slot]: slot for slot in direction}, found)
    return math.fsum(t * (found[names[slot]] or 0.0) for slot, t in direction.items()), notes


def vjp(source: object, evaluation: Evaluation, outputs: tuple[str, ...], cotangent: Mapping[str, float]) -> Product:
    """Return c*J for a cotangent by output (0 for an output not given): one reverse sweep, no Jacobian formed."""
    trace = evaluation.trace
    check_names(cotangent, outputs, "an output")
    linear = linearize(evaluation)
    seed: dict[int, float] = {}
    for name, c in cotangent.items():
        out = trace.outputs[outputs.index(name)]
        seed[out] = seed.get(out, 0.0) + c
    swept = adjoints(len(evaluation.values), linear.partials, seed)
    looked = look_closer(linear, seed, {name: swept[k] for k, name in enumerate(trace.inputs)}, "the product")
    return _product("c*J", source, evaluation, outputs, dict(cotangent), looked.partials, looked.notes)


def _product(
    kind: str,
    source: object, evaluation: Evaluation, outputs: Sequence[str], vector: dict[str, float],
    product: dict[str, float | None], said: list[Note],
) -> Product:  # fmt: skip
    notes = with_hints(evaluation, [*evaluation.notes, *said])
    bad = [name for name, d in product.items() if d is not None and math.isnan(d)]
    if bad:
        text = f"the product for {', '.join(bad)} comes out as 0*inf or inf - inf, which has no value"
        notes.append(Note("nan", text))
    value = dict(zip(outputs, evaluation.results, strict=True))
    return Product(
        source=source, at=evaluation.point, kind=kind, value=value, vector=vector, product=product, notes=tuple(notes)
    )
