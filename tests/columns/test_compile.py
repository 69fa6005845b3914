"""Programs on columns: equal instructions are one, what nothing needs is left out, and arrays are used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adcli import ops
from adcli.columns import sincos
from adcli.columns.compile import compiled
from adcli.columns.executable import Executable
from adcli.derive.program import Program


def ran(executable: Executable, *columns: Any) -> list[list[float]]:
    """Return the outputs for columns."""
    outputs = [np.empty(len(columns[0])) for _ in range(executable.outputs)]
    executable.run([np.array(x, float) for x in columns], outputs, executable.scratch(len(columns[0])))
    return [x.tolist() for x in outputs]


def test_equal_steps_are_one_and_what_nothing_needs_is_left_out() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    ops.tanh(x)
    executable = compiled(program, [ops.exp(x) + ops.exp(x)])
    assert [function for function, _ in executable.calls] == [np.exp, np.add]
    assert ran(executable, [0.0]) == [[2.0]]


def test_sine_and_cosine_of_one_number_are_one_step() -> None:
    program = Program(["x"])
    sin, cos = ops.sin(program.inputs["x"]), ops.cos(program.inputs["x"])
    for outputs, function in (([sin, cos], sincos.sin_cos), ([cos], sincos.cos_only), ([sin], sincos.sin_only)):
        executable = compiled(program, outputs)
        assert [function for function, _ in executable.calls] == [function]
        assert ran(executable, [0.0]) == [[{"s": 0.0, "c": 1.0}["s" if x is sin else "c"]] for x in outputs]


def test_a_chain_of_any_length_needs_one_array() -> None:
    program = Program(["x"])
    y: Any = program.inputs["x"]
    for _ in range(1000):
        y = ops.exp(-y)
    executable = compiled(program, [y])
    assert executable.floats == 1
    assert ran(executable, [1.0])[0][0] == pytest.approx(0.5671432904097838)  # exp(-y) = y, DLMF 4.13


def test_numbers_are_folded_but_not_what_has_no_value() -> None:
    program = Program(["x"])
    assert ops.add(1.0, 2.0) == 3.0
    assert program.apply(ops.add, (1.0, 2.0)) == 3.0
    quotient = program.apply(ops.div, (1.0, 0.0))
    with np.errstate(divide="ignore"):
        assert ran(compiled(program, [quotient, program.apply(ops.mul, (-0.0, 1.0)), 0.0]), [1.0]) == [
            [np.inf],
            [-0.0],
            [0.0],
        ]


def test_inputs_constants_and_the_same_twice_are_outputs_too() -> None:
    program = Program(["x", "y"])
    x, y = program.inputs.values()
    total = x + y
    assert ran(compiled(program, [x, 7.0, total, total, x > y]), [1.0, 5.0], [2.0, 3.0]) == [
        [1.0, 5.0], [7.0, 7.0], [3.0, 8.0], [3.0, 8.0], [0.0, 1.0],
    ]  # fmt: skip


def test_a_guard_tells_of_any_row() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    executable = compiled(program, [x * x], [x == 0.0])
    out = [np.empty(2)]
    assert not executable.run([np.array([1.0, 2.0])], out, executable.scratch(2))
    assert executable.run([np.array([1.0, 0.0])], out, executable.scratch(2))


def test_arguments_that_stay_are_not_written_over() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    a, b = ops.exp(x), ops.tanh(x)
    c = ops.where(x > 0.0, a, b)  # its result may not be an argument's array
    executable = compiled(program, [c * a, c - b, a])
    e, t = np.exp(0.5), np.tanh(0.5)
    assert ran(executable, [0.5]) == [[e * e], [e - t], [e]]


def test_a_register_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError):
        bool(Program(["x"]).inputs["x"])
