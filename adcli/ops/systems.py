"""Numbers of other systems on which the operations of the table work."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ..errors import UsageError
from . import table
from .op import Arithmetic, Op

LN2, LN10 = math.log(2), math.log(10)

# What a system lacks, written with operations that it has.
ELEMENTARY: dict[Op, Callable[..., Any]] = {
    table.sub: lambda a, b: a + -b,
    table.fma: lambda a, b, c: a * b + c,
    table.relu: lambda x: table.max_(x, 0.0),
    table.clamp: lambda x, lo, hi: table.min_(table.max_(x, lo), hi),
    table.step: lambda x: (1.0 + table.sign(x)) / 2.0,
    table.trunc: lambda x: table.sign(x) * table.floor(abs(x)),
    table.copysign: lambda a, b: abs(a) * table.sign(b),
    table.fmod: lambda a, b: a - b * table.trunc(a / b),
    table.mod: lambda a, b: a - b * table.floor(a / b),
    table.remainder: lambda a, b: a - b * table.round_(a / b),
    table.cbrt: lambda x: table.sign(x) * abs(x) ** (1 / 3),
    table.hypot: lambda a, b: table.sqrt(a * a + b * b),
    table.exp2: lambda x: table.exp(x * LN2),
    table.expm1: lambda x: table.exp(x) - 1.0,
    table.log1p: lambda x: table.ln(1.0 + x),
    table.log2: lambda x: table.ln(x) / LN2,
    table.log10: lambda x: table.ln(x) / LN10,
    table.log: lambda x, b: table.ln(x) / table.ln(b),
    table.logaddexp: lambda a, b: b + table.softplus(a - b),
    table.xlogy: lambda x, y: x * table.ln(y),
    table.sec: lambda x: 1.0 / table.cos(x),
    table.csc: lambda x: 1.0 / table.sin(x),
    table.cot: lambda x: 1.0 / table.tan(x),
    table.sech: lambda x: 1.0 / table.cosh(x),
    table.csch: lambda x: 1.0 / table.sinh(x),
    table.coth: lambda x: 1.0 / table.tanh(x),
    table.degrees: lambda x: x * (180 / math.pi),
    table.radians: lambda x: x * (math.pi / 180),
    table.sigmoid: lambda x: 1.0 / (1.0 + table.exp(-x)),
    table.softplus: lambda x: table.ln(1.0 + table.exp(x)),
    table.logit: lambda p: table.ln(p / (1.0 - p)),
    table.erfc: lambda x: 1.0 - table.erf(x),
    table.gamma: lambda x: table.exp(table.lgamma(x)),
    table.digamma: lambda x: table.polygamma(0.0, x),
}


class System(NamedTuple):
    """A system of numbers: its name for messages, and its functions by operation."""

    name: str
    functions: Mapping[Op, Callable[..., Any]]


class Foreign(Arithmetic):
    """A number of another system."""

    __slots__ = ("system", "value")
    rank = 2

    def __init__(self, system: System, value: Any) -> None:
        self.system, self.value = system, value

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if (function := self.system.functions.get(op)) is not None:
            return Foreign(self.system, function(*(x.value if isinstance(x, Foreign) else x for x in args)))
        with suppress(UsageError):  # what it is written with may be lacking too
            if op in ELEMENTARY:
                return ELEMENTARY[op](*args)
        raise UsageError(f"{op.name} is not available with {self.system.name}")
