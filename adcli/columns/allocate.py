"""Order calls and place their registers in as few arrays as possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Any, NamedTuple

from .executable import Array, Executable, Kernel

KINDS = ("input", "output", "float", "condition", "constant")  # of operands, in the order of an Executable
Operand = tuple[str, int]  # the kind of an operand, and its index among those of the kind


class Call(NamedTuple):
    """One call: `kernel(*arguments, *results, *work)`. Arguments are registers, by number, or floats.

    `work` counts the scratch arrays of floats. With `in_place` a result may have the array of an argument.
    """

    kernel: Kernel
    arguments: tuple[Any, ...]
    results: tuple[int, ...]
    work: int = 0
    in_place: bool = False


class Signature(NamedTuple):
    """The inputs, how many, and the outputs and guards of calls, by register; an output may be a float.

    The inputs are the first registers. `conditions` are the registers that are true or false.
    """

    inputs: int
    outputs: Sequence[int | float]
    guards: Sequence[int]
    conditions: Collection[int]


def arrange(calls: Sequence[Call], signature: Signature) -> Executable:
    """Return the calls in this order, or in another one if that needs fewer arrays."""
    orders = calls, _depth_first(calls)
    return min((_allocate(order, signature) for order in orders), key=lambda made: made.floats)


def _depth_first(calls: Sequence[Call]) -> list[Call]:
    """Return the calls so that a result is used soon: the next one is the latest that became ready.

    A heuristic: to find the order that needs the fewest arrays is NP-complete (Sethi 1975).
    """
    maker = {x: k for k, call in enumerate(calls) for x in call.results}
    makers = [{maker[x] for x in call.arguments if type(x) is int and x in maker} for call in calls]
    users: list[list[int]] = [[] for _ in calls]
    for k in range(len(calls) - 1, -1, -1):
        for before in makers[k]:
            users[before].append(k)
    missing = [len(before) for before in makers]
    ready = [k for k in range(len(calls) - 1, -1, -1) if not missing[k]]
    ordered = []
    while ready:
        k = ready.pop()
        ordered.append(calls[k])
        for user in users[k]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return ordered


def _allocate(calls: Sequence[Call], signature: Signature) -> Executable:
    """Give each register an array from its call to its last use (linear scan, Poletto & Sarkar 1999)."""
    allocation = _Allocation(signature)
    last = {x: k for k, call in enumerate(calls) for x in (*call.arguments, *call.results) if type(x) is int}
    last |= {x: len(calls) for x in (*signature.outputs, *signature.guards) if type(x) is int}
    placed: list[tuple[Kernel, list[Operand]]] = []
    for k, call in enumerate(calls):
        arguments = [allocation.operand(x) for x in call.arguments]
        ended = {allocation.operand(x) for x in call.arguments if type(x) is int and last[x] == k}
        if call.in_place:
            allocation.release(ended)
        results = [allocation.assign(x) for x in call.results]
        work = [allocation.take("float") for _ in range(call.work)]
        placed.append((call.kernel, [*arguments, *results, *work]))
        allocation.release(work)
        if not call.in_place:
            allocation.release(ended)
        allocation.release([result for x, result in zip(call.results, results, strict=True) if last[x] == k])
    placed += [(_copy, [allocation.operand(x), output]) for x, output in allocation.copies]
    start = allocation.starts()
    operands = [(kernel, [start[kind] + k for kind, k in found]) for kernel, found in placed]
    return Executable(
        calls=tuple((kernel, itemgetter(*found)) for kernel, found in operands),
        inputs=signature.inputs,
        outputs=len(signature.outputs),
        floats=allocation.count["float"],
        conditions=allocation.count["condition"],
        constants=tuple(allocation.constants),
        guards=tuple(start[kind] + k for kind, k in map(allocation.operand, signature.guards)),
    )


class _Allocation:
    """The operands of registers and constants; scratch arrays, "float" and "condition", are used again.

    A register that is an output is calculated in the array of the output. `copies` are the outputs that have to be
    copied there at the end: constants, inputs, conditions, and a register that is an output twice.
    """

    def __init__(self, signature: Signature) -> None:
        self.count = dict.fromkeys(KINDS, 0) | {"input": signature.inputs, "output": len(signature.outputs)}
        self.constants: list[float] = []
        self.copies: list[tuple[int | float, Operand]] = []
        self._free: dict[str, list[Operand]] = {"float": [], "condition": []}
        self._conditions = signature.conditions
        self._operands: dict[int | str, Operand] = {k: ("input", k) for k in range(signature.inputs)}
        for k, x in enumerate(signature.outputs):
            if type(x) is int and x not in signature.conditions and x not in self._operands:
                self._operands[x] = "output", k
            else:
                self.copies.append((x, ("output", k)))

    def operand(self, x: int | float) -> Operand:
        """Return the operand of a register or of a constant."""
        key = x if type(x) is int else repr(x)
        if key not in self._operands:
            self._operands[key] = self._new("constant")
            self.constants.append(x)
        return self._operands[key]

    def assign(self, register: int) -> Operand:
        """Return the operand of a result: its output, or a scratch array."""
        if register not in self._operands:
            self._operands[register] = self.take("condition" if register in self._conditions else "float")
        return self._operands[register]

    def take(self, kind: str) -> Operand:
        """Return a scratch array that is free, or a new one."""
        return self._free[kind].pop() if self._free[kind] else self._new(kind)

    def _new(self, kind: str) -> Operand:
        self.count[kind] += 1
        return kind, self.count[kind] - 1

    def release(self, operands: Iterable[Operand]) -> None:
        """Free those of the operands that are scratch arrays."""
        for operand in operands:
            if operand[0] in self._free:
                self._free[operand[0]].append(operand)

    def starts(self) -> dict[str, int]:
        """Return where the operands of each kind begin among those of an Executable."""
        before = accumulate((self.count[kind] for kind in KINDS), initial=0)
        return dict(zip(KINDS, before, strict=False))


def _copy(x: Any, out: Array) -> None:
    out[...] = x
