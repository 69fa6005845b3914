"""LocalPartial partial derivatives: of the rows that depend on a variable, with the edges that are met on the way."""

from __future__ import annotations

from typing import Any

import adcli
from adcli import ops
from adcli.derive.gradient import gradient
from adcli.language.point import as_point
from adcli.trace.partials import Linearization, linearize
from adcli.trace.sweep import unswept


def linear(text: str, at: dict[str, Any], wrt: frozenset[str] | None = None) -> Linearization:
    return linearize(adcli.formula(text).evaluation(as_point(at)), wrt)


def test_a_branch_that_is_not_taken_has_no_edges() -> None:
    text = "if x > 0 then x else abs(y)"
    assert not linear(text, {"x": 1, "y": 0}).edges
    assert [at.edge.kind for at in linear(text, {"x": -1, "y": 0}).edges] == ["kink"]


def test_no_derivative_goes_through_a_condition() -> None:
    linearization = linear("if x > 0 then x*y else y", {"x": 2, "y": 3})
    assert [partial for _, _, partial in linearization.partials] == [3, 2, 1]


def test_what_has_no_value_is_at_no_edge() -> None:
    (edge,) = ops.mod.edges
    assert ops.passes(edge.when, (4.0, 2.0)) is True
    assert ops.passes(edge.when, (1.0, 0.0)) is False


def test_a_plan_is_made_once() -> None:
    evaluation = adcli.formula("x*sin(y)").evaluation(as_point({"x": 1, "y": 2}))
    for wrt in (None, frozenset("x")):
        assert linearize(evaluation, wrt).active is linearize(evaluation, wrt).active
    assert linearize(evaluation, frozenset("x")).active == [True, False, False, True]


def test_sweeps_are_over_what_is_asked_for_or_the_whole_trace() -> None:
    evaluation = adcli.formula("x*sin(y)").evaluation(as_point({"x": 1, "y": 2}))
    assert gradient(evaluation, ("x",)).linearization.active == [True, False, False, True]
    assert all(gradient(evaluation, ("x",), whole=True).linearization.active)
    none = unswept(evaluation)
    assert (none.evaluation, none.linearization.partials, none.tangents, none.gradient) == (evaluation, [], {}, {})
