"""Random formulas for tests: nodes over the whole table of operations, drawn from bytes so that they shrink."""

from __future__ import annotations

import math
import os
import random
import struct
from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import HealthCheck, settings

from adcli import ops
from adcli.language.nodes import Node, constant_node, variable_node
from adcli.language.reader import CONSTANTS
from adcli.ops.op import Op

T = TypeVar("T")
CONDITIONS = [op for op in ops.TABLE if op.condition]
NUMBERS = [op for op in ops.TABLE if not op.condition]
COMPARISONS = [op for op in CONDITIONS if not op.selects and op is not ops.not_]
NAMES = ("x", "y", "z1", "x_2", "alpha", "θ", "ifx", "E", "sin", "longer_name")
VALUES = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.1, 1e-7, -1e22, 123456789.0, 5e-324, -1.7976931348623157e308)


def examples(count: int) -> settings:
    """Return hypothesis's settings for so many examples: the same ones each time unless ADCLI_RANDOM is set."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize="ADCLI_RANDOM" not in os.environ,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Choices:
    """Choices read off a string of bytes; when it ends, always the first."""

    def __init__(self, data: bytes) -> None:
        self.data = iter(data)

    def below(self, n: int) -> int:
        """Return a number from 0 to n - 1."""
        return next(self.data, 0) % n

    def one(self, of: Sequence[T]) -> T:
        """Return an element."""
        return of[self.below(len(of))]


def random_number(choices: Choices) -> Node:
    """Return a constant: a familiar number, any finite float, or a named one."""
    kind = choices.below(8)
    if kind == 0:
        name = choices.one(["pi", "e", "tau", "π", "τ"])
        return constant_node(CONSTANTS[name], name)
    if kind == 1:
        (value,) = struct.unpack("d", bytes(choices.below(256) for _ in range(8)))
        return constant_node(value if abs(value) < float("inf") else 7.0)
    return constant_node(choices.one(VALUES))


def random_formula(
    choices: Choices,
    size: int,
    names: Sequence[str] = NAMES,
    operations: Sequence[Op] = NUMBERS,
    number: Callable[[Choices], Node] = random_number,
    leaf: Callable[[Choices], Node] | None = None,
) -> Node:
    """Return a formula of at most so many operations; conditions stand only where one is needed."""

    def fresh() -> Node:
        if leaf is not None and choices.below(3) == 0:
            return leaf(choices)
        return number(choices) if choices.below(3) == 2 else variable_node(choices.one(names))

    root = Node(None, (), None, "?")
    open_: list[tuple[Node, bool]] = [(root, False)]  # made, but not yet what they will be; conditions or numbers
    left = size
    while open_:
        node, is_condition = open_.pop(choices.below(len(open_)))
        if left <= 0 and not is_condition:
            made = fresh()
            node.op, node.args, node.value, node.name = made.op, made.args, made.value, made.name
            continue
        left -= 1
        op = choices.one((COMPARISONS if left <= 0 else CONDITIONS) if is_condition else operations)
        logical = op.selects is not None or op is ops.not_
        wanted = [logical and (k == 0 or op is not ops.where) for k in range(op.arity)]
        node.op, node.args, node.name = op, tuple(Node(None, (), None, "?") for _ in wanted), ""
        open_ += zip(node.args, wanted, strict=True)
        if left > 0 and choices.below(4) == 0 and any(not w for _, w in open_):
            k = next(k for k, (_, w) in enumerate(open_) if not w)  # some branches end early
            made, target = fresh(), open_.pop(k)[0]
            target.op, target.args, target.value, target.name = made.op, made.args, made.value, made.name
    return root


POINT = ("x", "y", "z")
WHOLE_ORDER = ("polygamma", "besselj", "bessely")  # their first argument is a whole number
FAMILIAR = [op for op in ops.TABLE if not op.condition and op is not ops.where and op.name not in WHOLE_ORDER]
EVERYWHERE = [op for op in FAMILIAR if op.domain is None and not op.edges]  # smooth, and defined for all numbers
SMOOTH = [*EVERYWHERE * 3, *FAMILIAR, *[ops.add, ops.sub, ops.mul, ops.div, ops.pow_, ops.where] * 4]


def smooth_formula(seed: int) -> tuple[Node, dict[str, float]]:
    """Return a random formula and a random point, of numbers that no edge is likely to be at."""
    rng = random.Random(seed)

    def number(choices: Choices) -> Node:
        return constant_node(math.pi, "pi") if choices.below(6) == 0 else constant_node(rng.uniform(-2, 3))

    choices = Choices(rng.randbytes(200))
    node = random_formula(choices, 1 + rng.randrange(9), POINT, SMOOTH, number)
    return node, {name: rng.uniform(0.2, 2.2) * rng.choice((1, 1, 1, -1)) for name in POINT}


def same(a: Node, b: Node, *, expanded: bool = False) -> bool:
    """Tell whether two formulas have the same structure: operations, arguments, numbers to the bit, names.

    `expanded` follows references to definitions; otherwise only their names are compared.
    """
    stack = [(a, b)]
    seen: set[tuple[Node, Node]] = set()
    while stack:
        a, b = stack.pop()
        while a.op is None and a.args and (expanded or not a.name):
            a = a.args[0]
        while b.op is None and b.args and (expanded or not b.name):
            b = b.args[0]
        if (a, b) in seen:
            continue
        seen.add((a, b))
        if a.op is not b.op or a.name != b.name or repr(a.value) != repr(b.value) or len(a.args) != len(b.args):
            return False
        if a.op is not None:
            stack += zip(a.args, b.args, strict=True)
    return True
