"""A formula with its derivatives as one list of array operations, in as few arrays as it needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from . import arrays, ops
from .arrays import Array, Function
from .ops import Arithmetic, Op

WORK = 4  # arrays that sine and cosine need beside their results


class Step(NamedTuple):
    """One call: `function(*arguments, *results, *work)`. Arguments and results are numbers of symbols, or floats."""

    function: Function
    arguments: tuple[Any, ...]
    results: tuple[int, ...]
    work: int = 0
    in_place: bool = False


class Symbol(Arithmetic):
    """A column to be: what is done to it is written down in its program. `condition` ones are true or false."""

    __slots__ = ("condition", "number", "program")
    rank = 9
    __hash__ = Arithmetic.__hash__

    def __init__(self, program: Program, number: int, condition: bool = False) -> None:
        self.program, self.number, self.condition = program, number, condition

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        return self.program.apply(op, args)

    def __mod__(self, other: Any) -> Any:
        return self - ops.floor(self) if isinstance(other, int) and other == 1 else ops.mod(self, other)

    def __bool__(self) -> bool:
        raise TypeError("a symbol is neither true nor false")

    # fmt: off
    def __lt__(self, other: Any) -> Any: return ops.lt(self, other)
    def __le__(self, other: Any) -> Any: return ops.le(self, other)
    def __gt__(self, other: Any) -> Any: return ops.gt(self, other)
    def __ge__(self, other: Any) -> Any: return ops.ge(self, other)
    def __eq__(self, other: Any) -> Any: return ops.eq(self, other)
    def __ne__(self, other: Any) -> Any: return ops.ne(self, other)
    # fmt: on

    def __and__(self, other: Any) -> Any:
        return ops.and_(self, other) if isinstance(other, Symbol) else self if other else False

    def __or__(self, other: Any) -> Any:
        return ops.or_(self, other) if isinstance(other, Symbol) else True if other else self

    def __invert__(self) -> Any:
        return ops.not_(self)

    __rand__, __ror__ = __and__, __or__


class Program:
    """Steps from columns to columns; symbols 0 to n-1 are the inputs. Equal steps are one."""

    def __init__(self, inputs: Sequence[str], *, exact: bool = False) -> None:
        self.inputs = {name: Symbol(self, k) for k, name in enumerate(inputs)}
        self.symbols = list(self.inputs.values())
        self.steps: list[Step] = []
        self.made_by: dict[int, tuple[Op, tuple[Any, ...]]] = {}
        self._known: dict[tuple[Any, ...], Any] = {}
        self._exact = exact  # sine and cosine by numpy

    def _new(self, condition: bool = False) -> Symbol:
        self.symbols.append(Symbol(self, len(self.symbols), condition))
        return self.symbols[-1]

    def apply(self, op: Op, args: tuple[Any, ...]) -> Any:
        """Return the result of an operation on symbols and floats; one of floats alone is done now, where it can be."""
        key = (op, *(x.number if isinstance(x, Symbol) else repr(x) for x in args))
        if key not in self._known:
            self._known[key] = self._applied(op, args)
        return self._known[key]

    def _applied(self, op: Op, args: tuple[Any, ...]) -> Any:
        if op.selects and not isinstance(args[0], Symbol):
            return args[op.selects(bool(args[0]))]
        if not any(isinstance(x, Symbol) for x in args):
            value = op.extended(*args)
            if math.isfinite(value) and (op.domain is None or op.domain.contains(*args)):
                return value
        elif (found := arrays.expanded(op, *args)) is not None:
            return found
        elif op in (ops.sin, ops.cos):
            return self._sin_cos(op, args[0])
        function, in_place = arrays.function(op)
        return self.call(function, args, op.condition, in_place, op)

    def call(
        self,
        function: Function,
        args: tuple[Any, ...],
        condition: bool,
        in_place: bool = False,
        op: Op | None = None,
    ) -> Symbol:
        """Write down the call of a function of arrays into an array."""
        result = self._new(condition)
        arguments = tuple(x.number if isinstance(x, Symbol) else float(x) for x in args)
        self.steps.append(Step(function, arguments, (result.number,), 0, in_place))
        if op:
            self.made_by[result.number] = op, args
        return result

    def call_once(self, function: Function, x: Symbol) -> Any:
        """Return the condition that a function makes of one symbol."""
        key = (function, x.number)
        if key not in self._known:
            self._known[key] = self.call(function, (x,), True)
        return self._known[key]

    def _sin_cos(self, op: Op, x: Symbol) -> Symbol:
        """Write down both, of which `compile` leaves out what nothing uses."""
        pair = self._new(), self._new()
        function = arrays.sin_cos_of_numpy if self._exact else arrays.sin_cos
        self.steps.append(Step(function, (x.number,), (pair[0].number, pair[1].number), WORK))
        for which, symbol in zip((ops.sin, ops.cos), pair, strict=True):
            self.made_by[symbol.number] = which, (x,)
            self._known[which, x.number] = symbol
        return pair[op is ops.cos]

    def compile(self, outputs: Sequence[Any], watched: Sequence[Symbol] = ()) -> Compiled:
        """Return the steps that these need, results in as few arrays as possible. Watched symbols are conditions."""
        needed = {x.number for x in (*outputs, *watched) if isinstance(x, Symbol)}
        last: dict[int, int] = {}
        kept: list[Step] = []
        for step in reversed(self.steps):
            if needed.isdisjoint(step.results):
                continue
            if step.work and not self._exact:
                step = _half(step, needed)
            arguments = [x for x in step.arguments if type(x) is int]
            for number in (*arguments, *step.results):
                last.setdefault(number, len(kept))
            needed.update(arguments)
            kept.append(step)
        ends = {number: len(kept) - 1 - k for number, k in last.items()}
        return _allocate(self, kept[::-1], ends, outputs, watched)


def _half(step: Step, needed: set[int]) -> Step:
    """Return a step for sine and cosine as one for what is needed of them."""
    sin, cos = step.results
    if cos not in needed:
        return step._replace(function=arrays.sin_only)
    return step if sin in needed else step._replace(function=arrays.cos_only, results=(cos, sin))


class Compiled(NamedTuple):
    """Calls on a list of operands: inputs, outputs, then arrays of floats and of truth values to work in, constants."""

    calls: tuple[tuple[Function, Any], ...]
    inputs: int
    outputs: int
    floats: int
    conditions: int
    constants: tuple[float, ...]
    watched: tuple[int, ...]

    def room(self, rows: int) -> tuple[Array, Any]:
        """Return arrays to work in, for so many rows at a time."""
        return np.empty((self.floats, rows)), np.empty((self.conditions, rows), bool)

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array], room: tuple[Array, Any]) -> bool:
        """Fill the outputs; tell whether a watched condition is true anywhere."""
        rows = len(outputs[0])
        work = [array[:rows] for kind in room for array in kind]
        operands = [*inputs, *outputs, *work, *self.constants]
        for function, operands_of in self.calls:
            function(*operands_of(operands))
        return any([operands[k].any() for k in self.watched])


def _allocate(
    program: Program, steps: Sequence[Step], ends: Mapping[int, int], outputs: Sequence[Any], watched: Sequence[Symbol]
) -> Compiled:
    """Give each symbol an array from its step to its last use (linear scan)."""
    inputs = len(program.inputs)
    place: dict[Any, int] = {k: k for k in range(inputs)}
    kinds = {False: "float", True: "condition"}
    copies = []
    for k, x in enumerate(outputs, inputs):
        if isinstance(x, Symbol) and not x.condition and x.number not in place:
            place[x.number] = k
        else:
            copies.append((x.number if isinstance(x, Symbol) else float(x), k))
    fixed = set(place)
    staying = {x.number for x in watched} | {x for x, _ in copies}
    free: dict[str, list[int]] = {"float": [], "condition": []}
    count = {"float": 0, "condition": 0}
    where: dict[int, tuple[str, int]] = {}
    constants: dict[str, float] = {}

    def take(kind: str) -> tuple[str, int]:
        if not free[kind]:
            free[kind].append(count[kind])
            count[kind] += 1
        return kind, free[kind].pop()

    def give_back(numbers: set[int], k: int) -> None:
        for number in numbers:
            if number in where and number not in staying and ends[number] == k:
                kind, array = where[number]
                free[kind].append(array)

    def known(constant: float) -> str:
        constants[repr(constant)] = constant
        return repr(constant)

    placed: list[tuple[Function, list[Any]]] = []
    for k, step in enumerate(steps):
        arguments = {x for x in step.arguments if type(x) is int}
        before = {x: where[x] for x in arguments if x in where}
        if step.in_place:
            give_back(arguments, k)
        for number in step.results:
            if number not in fixed:
                where[number] = take(kinds[program.symbols[number].condition])
        work = [take("float") for _ in range(step.work)]
        operands: list[Any] = [before.get(x, place.get(x)) if type(x) is int else known(x) for x in step.arguments]
        operands += [where.get(x, place.get(x)) for x in step.results]
        placed.append((step.function, [*operands, *work]))
        free["float"] += [array for _, array in work]
        give_back(set(step.results) if step.in_place else {*arguments, *step.results}, k)
    for x, k in copies:
        source = where.get(x, place.get(x)) if type(x) is int else known(x)
        placed.append((_copy, [source, k]))
    starts = {"float": inputs + len(outputs), "condition": inputs + len(outputs) + count["float"]}
    first = starts["condition"] + count["condition"]
    numbers = {text: first + k for k, text in enumerate(constants)}

    def operand(x: Any) -> int:
        return starts[x[0]] + x[1] if type(x) is tuple else x if type(x) is int else numbers[x]

    calls = tuple((function, itemgetter(*map(operand, operands))) for function, operands in placed)
    watching = tuple(operand(where.get(x.number, place.get(x.number))) for x in watched)
    return Compiled(
        calls, inputs, len(outputs), count["float"], count["condition"], tuple(constants.values()), watching
    )


def _copy(x: Any, out: Array) -> None:
    out[...] = x
