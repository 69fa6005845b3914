"""A formula with its derivatives written down as steps on columns, equal ones once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..columns import Compiled, Function, Job, Step, arrange, sincos, ufuncs
from ..ops import Arithmetic, Op


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
        self._exact = exact  # sine, cosine and log1p by numpy

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
        elif (found := ufuncs.expanded(op, *args, exact=self._exact)) is not None:
            return found
        elif op in (ops.sin, ops.cos):
            return self._sin_cos(op, args[0])
        function, in_place = ufuncs.function(op)
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
        work = ufuncs.WORK.get(op, 0) if op else 0
        self.steps.append(Step(function, arguments, (result.number,), work, in_place))
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
        function = sincos.sin_cos_of_numpy if self._exact else sincos.sin_cos
        self.steps.append(Step(function, (x.number,), (pair[0].number, pair[1].number), sincos.WORK))
        for which, symbol in zip((ops.sin, ops.cos), pair, strict=True):
            self.made_by[symbol.number] = which, (x,)
            self._known[which, x.number] = symbol
        return pair[op is ops.cos]

    def compile(self, outputs: Sequence[Any], watched: Sequence[Symbol] = ()) -> Compiled:
        """Return the steps that these need, results in as few arrays as possible. Watched symbols are conditions."""
        job = Job(
            len(self.inputs),
            [x.number if isinstance(x, Symbol) else float(x) for x in outputs],
            [x.number for x in watched],
            {x.number for x in self.symbols if x.condition},
        )
        needed = job.staying()
        kept: list[Step] = []
        for step in reversed(self.steps):
            if needed.isdisjoint(step.results):
                continue
            if len(step.results) == 2 and not self._exact:
                step = _half(step, needed)
            needed.update([x for x in step.arguments if type(x) is int])
            kept.append(step)
        return arrange(kept[::-1], job)


def _half(step: Step, needed: set[int]) -> Step:
    """Return a step for sine and cosine as one for what is needed of them."""
    sin, cos = step.results
    if cos not in needed:
        return step._replace(function=sincos.sin_only)
    return step if sin in needed else step._replace(function=sincos.cos_only, results=(cos, sin))
