"""Calls in any order and in few arrays give the results of the calls one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcli
from adcli.columns.allocate import Call, Signature, arrange
from adcli.columns.executable import Executable

KERNELS = (np.add, np.multiply, np.hypot)
COLUMNS = np.array([[0.5, -2.0, 3.0], [1.5, 0.25, -1.0]])


def ran(executable: Executable) -> list[Any]:
    outputs = [np.empty(3) for _ in range(executable.outputs)]
    executable.run(list(COLUMNS), outputs, executable.scratch(3))
    return outputs


@given(st.data())
def test_results_are_those_of_the_calls_one_by_one(data: st.DataObject) -> None:
    known: list[Any] = list(COLUMNS)
    calls = []
    for _ in range(data.draw(st.integers(1, 30))):
        argument = st.one_of(st.integers(0, len(known) - 1), st.sampled_from((0.75, 1.0, 2.0)))  # 1.0 is no register
        arguments = data.draw(st.tuples(argument, argument))
        kernel = data.draw(st.sampled_from(KERNELS))
        calls.append(Call(kernel, arguments, (len(known),), 0, data.draw(st.booleans())))
        known.append(kernel(*(known[x] if type(x) is int else x for x in arguments)) + np.zeros(3))
    outputs = data.draw(st.lists(st.integers(0, len(known) - 1), min_size=1, max_size=4))
    guards = data.draw(st.lists(st.integers(2, len(known) - 1), max_size=2))
    for found, x in zip(ran(arrange(calls, Signature(2, outputs, guards, ()))), outputs, strict=True):
        assert found.tolist() == known[x].tolist()


@pytest.mark.parametrize("inputs", [4, 10, 100])
def test_a_sum_of_many_terms_and_its_gradient_need_few_arrays(inputs: int) -> None:
    valley = "+".join(f"(1-x{k})^2+100*(x{k + 1}-x{k}^2)^2" for k in range(1, inputs))
    assert adcli.formula(valley).plan()._program.floats <= 5
