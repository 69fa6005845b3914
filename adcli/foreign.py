"""Numbers of other systems on which the operations of the table work, and a trace evaluated with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from . import ops
from .errors import UsageError
from .ops import Arithmetic, Op
from .trace import Evaluation

LN2, LN10 = math.log(2), math.log(10)

# What a system lacks, written with operations that it has.
ELEMENTARY: dict[Op, Callable[..., Any]] = {
    ops.sub: lambda a, b: a + -b,
    ops.fma: lambda a, b, c: a * b + c,
    ops.relu: lambda x: ops.max_(x, 0.0),
    ops.clamp: lambda x, lo, hi: ops.min_(ops.max_(x, lo), hi),
    ops.step: lambda x: (1.0 + ops.sign(x)) / 2.0,
    ops.trunc: lambda x: ops.sign(x) * ops.floor(abs(x)),
    ops.copysign: lambda a, b: abs(a) * ops.sign(b),
    ops.fmod: lambda a, b: a - b * ops.trunc(a / b),
    ops.mod: lambda a, b: a - b * ops.floor(a / b),
    ops.remainder: lambda a, b: a - b * ops.round_(a / b),
    ops.cbrt: lambda x: ops.sign(x) * abs(x) ** (1 / 3),
    ops.hypot: lambda a, b: ops.sqrt(a * a + b * b),
    ops.exp2: lambda x: ops.exp(x * LN2),
    ops.expm1: lambda x: ops.exp(x) - 1.0,
    ops.log1p: lambda x: ops.ln(1.0 + x),
    ops.log2: lambda x: ops.ln(x) / LN2,
    ops.log10: lambda x: ops.ln(x) / LN10,
    ops.log: lambda x, b: ops.ln(x) / ops.ln(b),
    ops.logaddexp: lambda a, b: b + ops.softplus(a - b),
    ops.xlogy: lambda x, y: x * ops.ln(y),
    ops.sec: lambda x: 1.0 / ops.cos(x),
    ops.csc: lambda x: 1.0 / ops.sin(x),
    ops.cot: lambda x: 1.0 / ops.tan(x),
    ops.sech: lambda x: 1.0 / ops.cosh(x),
    ops.csch: lambda x: 1.0 / ops.sinh(x),
    ops.coth: lambda x: 1.0 / ops.tanh(x),
    ops.degrees: lambda x: x * (180 / math.pi),
    ops.radians: lambda x: x * (math.pi / 180),
    ops.sigmoid: lambda x: 1.0 / (1.0 + ops.exp(-x)),
    ops.softplus: lambda x: ops.ln(1.0 + ops.exp(x)),
    ops.logit: lambda p: ops.ln(p / (1.0 - p)),
    ops.erfc: lambda x: 1.0 - ops.erf(x),
    ops.gamma: lambda x: ops.exp(ops.lgamma(x)),
    ops.digamma: lambda x: ops.polygamma(0.0, x),
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


def replay(evaluation: Evaluation, inputs: Mapping[str, Any]) -> Any:
    """Return the (only) output of the rows that were evaluated, with other numbers for the inputs.

    Every condition is as it was decided: the branches taken are those of the evaluation.
    """
    trace, values = evaluation.trace, list[Any](evaluation.values)
    for name, x in inputs.items():
        values[trace.slot[name]] = x
    for row in trace.rows:
        op, args = trace.ops[row], trace.args[row]
        assert op is not None
        if values[row] is None or op.condition or not trace.varies[row]:
            continue
        if op.selects is not None:
            values[row] = values[args[op.selects(bool(values[args[0]]))]]
        else:
            values[row] = op(*[values[arg] for arg in args])
    return values[trace.outputs[0]]
