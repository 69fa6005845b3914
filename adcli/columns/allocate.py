"""Steps put in an order and into arrays, few of them at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from .ufuncs import Array, Function


class Step(NamedTuple):
    """One call: `function(*arguments, *results, *work)`. Arguments and results are numbers of symbols, or floats."""

    function: Function
    arguments: tuple[Any, ...]
    results: tuple[int, ...]
    work: int = 0
    in_place: bool = False


class Compiled(NamedTuple):
    """Calls on a list of operands: inputs, outputs, then arrays of floats and of truth values to work in, constants."""

    calls: tuple[tuple[Function, Any], ...]
    inputs: int
    outputs: int
    floats: int
    conditions: int
    constants: tuple[float, ...]
    watched: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many arrays of floats there are to work in, truth values counted as eighths of them."""
        return 1 + self.floats + self.conditions // 8

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


class Job(NamedTuple):
    """What steps are for: how many inputs there are, what goes to the outputs, and which symbols stay to be looked at.

    Symbols are numbers, those of the inputs first, and constants floats. `conditions` are true or false.
    """

    inputs: int
    outputs: Sequence[int | float]
    watched: Sequence[int]
    conditions: Collection[int]

    def staying(self) -> set[int]:
        """Return the symbols that are needed to the end."""
        return {x for x in (*self.outputs, *self.watched) if type(x) is int}


def arrange(steps: Sequence[Step], job: Job) -> Compiled:
    """Return the steps in this order, or in another one if that needs fewer arrays."""
    return min(_allocate(steps, job), _allocate(_ordered(steps), job), key=lambda made: made.floats)


def _ordered(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with what uses a result as soon after it as can be: the next is the latest that became ready.

    A heuristic: which order needs the fewest arrays is hard to tell (Sethi 1975).
    """
    maker = {x: k for k, step in enumerate(steps) for x in step.results}
    makers = [{maker[x] for x in step.arguments if type(x) is int and x in maker} for step in steps]
    missing = [len(before) for before in makers]
    users: list[list[int]] = [[] for _ in steps]
    for k in range(len(steps) - 1, -1, -1):
        for before in makers[k]:
            users[before].append(k)
    ready = [k for k in range(len(steps) - 1, -1, -1) if not missing[k]]
    ordered = []
    while ready:
        k = ready.pop()
        ordered.append(steps[k])
        for user in users[k]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return ordered


def _allocate(steps: Sequence[Step], job: Job) -> Compiled:
    """Give each symbol an array from its step to its last use (linear scan)."""
    place: dict[Any, int] = {k: k for k in range(job.inputs)}
    copies = []
    for k, x in enumerate(job.outputs, job.inputs):
        if type(x) is int and x not in job.conditions and x not in place:
            place[x] = k
        else:
            copies.append((x, k))
    fixed = set(place)
    staying = job.staying()
    ends = {x: k for k, step in enumerate(steps) for x in (*step.arguments, *step.results) if type(x) is int}
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
                where[number] = take("condition" if number in job.conditions else "float")
        work = [take("float") for _ in range(step.work)]
        operands: list[Any] = [before.get(x, place.get(x)) if type(x) is int else known(x) for x in step.arguments]
        operands += [where.get(x, place.get(x)) for x in step.results]
        placed.append((step.function, [*operands, *work]))
        free["float"] += [array for _, array in work]
        give_back(set(step.results) if step.in_place else {*arguments, *step.results}, k)
    for x, k in copies:
        source = where.get(x, place.get(x)) if type(x) is int else known(x)
        placed.append((_copy, [source, k]))
    starts = {"float": job.inputs + len(job.outputs), "condition": job.inputs + len(job.outputs) + count["float"]}
    first = starts["condition"] + count["condition"]
    numbers = {text: first + k for k, text in enumerate(constants)}

    def operand(x: Any) -> int:
        return starts[x[0]] + x[1] if type(x) is tuple else x if type(x) is int else numbers[x]

    calls = tuple((function, itemgetter(*map(operand, operands))) for function, operands in placed)
    watching = tuple(operand(where.get(x, place.get(x))) for x in job.watched)
    return Compiled(
        calls, job.inputs, len(job.outputs), count["float"], count["condition"], tuple(constants.values()), watching
    )


def _copy(x: Any, out: Array) -> None:
    out[...] = x
