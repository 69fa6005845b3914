"""A calculation as a list of instructions, operation and arguments, equal ones once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .. import ops
from ..ops import Arithmetic, Op

Rewrite = Callable[..., Any]  # of an operation and its arguments: the result by other operations, or None to keep it


class Register(Arithmetic):
    """A number of a program; an operation on it is written into the program. A `condition` is true or false."""

    __slots__ = ("condition", "number", "program")
    rank = 9
    __hash__ = Arithmetic.__hash__

    def __init__(self, program: Program, number: int, condition: bool = False) -> None:
        self.program, self.number, self.condition = program, number, condition

    def __repr__(self) -> str:
        return f"r{self.number}"

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        return self.program.apply(op, args)

    def __mod__(self, other: Any) -> Any:
        return self - ops.floor(self) if isinstance(other, int) and other == 1 else ops.mod(self, other)

    def __bool__(self) -> bool:
        raise TypeError("a register is neither true nor false")

    # fmt: off
    def __lt__(self, other: Any) -> Any: return ops.lt(self, other)
    def __le__(self, other: Any) -> Any: return ops.le(self, other)
    def __gt__(self, other: Any) -> Any: return ops.gt(self, other)
    def __ge__(self, other: Any) -> Any: return ops.ge(self, other)
    def __eq__(self, other: Any) -> Any: return ops.eq(self, other)
    def __ne__(self, other: Any) -> Any: return ops.ne(self, other)
    # fmt: on

    def __and__(self, other: Any) -> Any:
        return ops.and_(self, other) if isinstance(other, Register) else self if other else False

    def __or__(self, other: Any) -> Any:
        return ops.or_(self, other) if isinstance(other, Register) else True if other else self

    def __invert__(self) -> Any:
        return ops.not_(self)

    __rand__, __ror__ = __and__, __or__


class Instruction(NamedTuple):
    """An operation and its arguments, registers or floats."""

    op: Op
    args: tuple[Any, ...]


class Program:
    """Registers, those of the inputs first, and the instruction that calculates each of the others.

    `rewrite(op, *args)` may give the result of an operation by other operations, which suit what runs the program
    better; None keeps the operation.
    """

    def __init__(self, inputs: Sequence[str], rewrite: Rewrite = lambda op, *args: None) -> None:
        self.inputs = {name: Register(self, k) for k, name in enumerate(inputs)}
        self.registers = list(self.inputs.values())
        self.instructions: dict[int, Instruction] = {}  # by the number of the register
        self._rewrite = rewrite
        self._known: dict[tuple[Any, ...], Any] = {}

    def apply(self, op: Op, args: tuple[Any, ...]) -> Any:
        """Return the result of an operation on registers and floats.

        Floats alone give a float at once, where there is one that is finite.
        """
        key = (op, *(x.number if isinstance(x, Register) else repr(x) for x in args))
        if key not in self._known:
            self._known[key] = self._applied(op, args)
        return self._known[key]

    def _applied(self, op: Op, args: tuple[Any, ...]) -> Any:
        if op.selects and not isinstance(args[0], Register):
            return args[op.selects(bool(args[0]))]
        if not any(isinstance(x, Register) for x in args):
            value = op.extended(*args)
            if math.isfinite(value) and (op.domain is None or op.domain.contains(*args)):
                return value
        elif (rewritten := self._rewrite(op, *args)) is not None:
            return rewritten
        register = Register(self, len(self.registers), op.condition)
        self.registers.append(register)
        written = tuple(x if isinstance(x, Register) else float(x) for x in args)
        self.instructions[register.number] = Instruction(op, written)
        return register

    def needed(self, results: Iterable[Any]) -> dict[int, Instruction]:
        """Return the instructions that these registers need, in order; results that are floats need none."""
        live = {x.number for x in results if isinstance(x, Register)}
        for number in range(max(live, default=-1), -1, -1):
            if number in live and number in self.instructions:
                live.update([x.number for x in self.instructions[number].args if isinstance(x, Register)])
        return {number: instruction for number, instruction in self.instructions.items() if number in live}
