"""Programs on columns: equal steps are one, what nothing needs is left out, and arrays are used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adcli import ops
from adcli.columns import sincos
from adcli.columns.allocate import Compiled
from adcli.derive.program import Program


def ran(compiled: Compiled, *columns: Any) -> list[list[float]]:
    """Return the outputs for columns."""
    outputs = [np.empty(len(columns[0])) for _ in range(compiled.outputs)]
    compiled.run([np.array(x, float) for x in columns], outputs, compiled.room(len(columns[0])))
    return [x.tolist() for x in outputs]


def test_equal_steps_are_one_and_what_nothing_needs_is_left_out() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    ops.tanh(x)
    compiled = program.compile([ops.exp(x) + ops.exp(x)])
    assert [function for function, _ in compiled.calls] == [np.exp, np.add]
    assert ran(compiled, [0.0]) == [[2.0]]


def test_sine_and_cosine_of_one_number_are_one_step() -> None:
    program = Program(["x"])
    sin, cos = ops.sin(program.inputs["x"]), ops.cos(program.inputs["x"])
    for outputs, function in (([sin, cos], sincos.sin_cos), ([cos], sincos.cos_only), ([sin], sincos.sin_only)):
        compiled = program.compile(outputs)
        assert [function for function, _ in compiled.calls] == [function]
        assert ran(compiled, [0.0]) == [[{"s": 0.0, "c": 1.0}["s" if x is sin else "c"]] for x in outputs]


def test_a_chain_of_any_length_needs_one_array() -> None:
    program = Program(["x"])
    y: Any = program.inputs["x"]
    for _ in range(1000):
        y = ops.exp(-y)
    compiled = program.compile([y])
    assert compiled.floats == 1
    assert ran(compiled, [1.0])[0][0] == pytest.approx(0.5671432904097838)  # exp(-y) = y, DLMF 4.13


def test_numbers_are_folded_but_not_what_has_no_value() -> None:
    program = Program(["x"])
    assert ops.add(1.0, 2.0) == 3.0
    assert program.apply(ops.add, (1.0, 2.0)) == 3.0
    quotient = program.apply(ops.div, (1.0, 0.0))
    with np.errstate(divide="ignore"):
        assert ran(program.compile([quotient, program.apply(ops.mul, (-0.0, 1.0)), 0.0]), [1.0]) == [
            [np.inf],
            [-0.0],
            [0.0],
        ]


def test_inputs_constants_and_the_same_twice_are_outputs_too() -> None:
    program = Program(["x", "y"])
    x, y = program.inputs.values()
    total = x + y
    assert ran(program.compile([x, 7.0, total, total, x > y]), [1.0, 5.0], [2.0, 3.0]) == [
        [1.0, 5.0], [7.0, 7.0], [3.0, 8.0], [3.0, 8.0], [0.0, 1.0],
    ]  # fmt: skip


def test_watched_conditions_tell_of_any_row() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    compiled = program.compile([x * x], [x == 0.0])
    out = [np.empty(2)]
    assert not compiled.run([np.array([1.0, 2.0])], out, compiled.room(2))
    assert compiled.run([np.array([1.0, 0.0])], out, compiled.room(2))


def test_arguments_that_stay_are_not_written_over() -> None:
    program = Program(["x"])
    x = program.inputs["x"]
    a, b = ops.exp(x), ops.tanh(x)
    c = ops.where(x > 0.0, a, b)  # its result may not be an argument's array
    compiled = program.compile([c * a, c - b, a])
    e, t = np.exp(0.5), np.tanh(0.5)
    assert ran(compiled, [0.5]) == [[e * e], [e - t], [e]]


def test_a_symbol_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError):
        bool(Program(["x"]).inputs["x"])
