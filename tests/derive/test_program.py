"""A trace and its derivatives as a program: run on plain numbers, it gives what the sweeps give."""

from __future__ import annotations

from typing import Any

import pytest

import adcli
from adcli import ops
from adcli.derive.lower import Lowering
from adcli.derive.program import Program, Register
from adcli.language.point import Point


def run(program: Program, results: list[Any], given: dict[str, float]) -> list[float]:
    """Return results of a program, its instructions carried out one by one."""
    known: dict[int, float] = dict(enumerate(given.values()))

    def number(x: Any) -> float:
        return known[x.number] if isinstance(x, Register) else x

    for register, (op, args) in program.needed(results).items():
        known[register] = op(*map(number, args))
    return [number(x) for x in results]


@pytest.mark.parametrize(
    "text",
    [
        "ln(x)+x*y-sin(y)", "x^y/atan2(x, y)", "sigmoid(x)*softplus(x-y)", "if x < y then x*y else sqrt(x)",
        "clamp(x*y, 0, 1)+abs(x-y)", "2*x-x*2+3^2*y",
    ],
)  # fmt: skip
def test_a_program_gives_value_gradient_and_second_derivatives(text: str) -> None:
    f, at = adcli.formula(text), {"x": 1.5, "y": 2.5}
    lowering = Lowering(f.trace_at(Point()), {})
    names = list(f.variables)
    results = [lowering.value(0), *lowering.gradient(0, names), lowering.along(0, {"x": 2.0, "y": 1.0})]
    value, *partials, along = run(lowering.program, results, {name: at[name] for name in lowering.program.inputs})
    expected = f.gradient({name: at[name] for name in names})
    assert [value, *partials] == pytest.approx([expected.value, *expected.gradient.values()])
    assert along == pytest.approx(2.0 * expected["x"] + expected["y"])
    second = run(lowering.program, lowering.second(0, names), at)
    assert second == pytest.approx([f.partial(at, (name, name)).partial for name in names])


def test_equal_instructions_are_one_and_only_those_needed_are_given() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    y = ops.exp(x)
    ops.tanh(x)
    assert ops.exp(x) is y
    total = y + y
    assert [instruction.op for instruction in program.needed([total, 2.0]).values()] == [ops.exp, ops.add]


def test_an_operation_may_be_rewritten() -> None:
    program = Program(["x"], lambda op, *args: args[0] * args[0] if op is ops.pow_ and args[1] == 2.0 else None)
    x = program.inputs["x"]
    assert [instruction.op for instruction in program.needed([x**2.0 + x**3.0]).values()] == [
        ops.mul,
        ops.pow_,
        ops.add,
    ]
