"""Steps in any order and in few arrays give what they give one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adcli
from adcli.columns.allocate import Compiled, Job, Step, arrange
from adcli.columns.batch import Plan

CALLS = (np.add, np.multiply, np.hypot)
COLUMNS = np.array([[0.5, -2.0, 3.0], [1.5, 0.25, -1.0]])


def ran(compiled: Compiled) -> list[Any]:
    outputs = [np.empty(3) for _ in range(compiled.outputs)]
    compiled.run(list(COLUMNS), outputs, compiled.room(3))
    return outputs


@given(st.data())
def test_results_are_those_of_the_steps_one_by_one(data: st.DataObject) -> None:
    known: list[Any] = list(COLUMNS)
    steps = []
    for _ in range(data.draw(st.integers(1, 30))):
        pair = st.one_of(st.integers(0, len(known) - 1), st.just(0.75))
        arguments = data.draw(st.tuples(pair, pair))
        function = data.draw(st.sampled_from(CALLS))
        steps.append(Step(function, arguments, (len(known),), 0, data.draw(st.booleans())))
        known.append(function(*(known[x] if type(x) is int else x for x in arguments)) + np.zeros(3))
    outputs = data.draw(st.lists(st.integers(0, len(known) - 1), min_size=1, max_size=4))
    watched = data.draw(st.lists(st.integers(2, len(known) - 1), max_size=2))
    for found, x in zip(ran(arrange(steps, Job(2, outputs, watched, ()))), outputs, strict=True):
        assert found.tolist() == known[x].tolist()


@pytest.mark.parametrize("inputs", [4, 10, 100])
def test_a_sum_of_many_terms_and_its_gradient_need_few_arrays(inputs: int) -> None:
    valley = "+".join(f"(1-x{k})^2+100*(x{k + 1}-x{k}^2)^2" for k in range(1, inputs))
    assert Plan(adcli.formula(valley))._program.floats <= 5
