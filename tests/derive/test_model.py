"""A room receives a Model: each answers for one that is no Formula."""

from __future__ import annotations

import numpy as np
import pytest

import adcli
from adcli import check, columns, derive, draw
from adcli.derive import DOUBLE, Model, PreciseEngine
from adcli.errors import DomainError, UsageError
from adcli.language import as_point, parse, read_point

MODEL = Model(parse("x^2*y + sin(x)"))
AT = as_point({"x": 1.0, "y": 2.0})
SLOPE = 2 * 1.0 * 2.0 + np.cos(1.0)


def test_check_receives_a_model() -> None:
    assert check.check(MODEL, AT, ("x", "y")).agrees
    claims = {"x": Model(parse("2*x*y + cos(x)")), "y": Model(parse("x"))}
    assert [graded.right for graded in check.grade(MODEL, AT, claims).graded] == [True, False]
    assert check.compare(MODEL, Model(parse("sin(x) + y*x*x")), as_point(None)).complete
    assert check.step_sweep(MODEL, AT, "x").derivative == pytest.approx(SLOPE, rel=1e-15)


def test_columns_receive_a_model() -> None:
    plan = columns.Plan(MODEL, columns.QUANTITIES["gradient"](("x",)), as_point({"y": 2.0}))
    assert plan.run({"x": [1.0]})["df/dx"] == pytest.approx([SLOPE], rel=1e-15)


def test_curves_and_maps_receive_a_model() -> None:
    found = derive.curve(MODEL, read_point(["x=0:1,y=2"], ranges=True), 1)
    assert found.even[-1].derivatives[:2] == pytest.approx((2 + np.sin(1.0), SLOPE), rel=1e-15)
    cells = derive.contour_map(MODEL, read_point(["x=0:1:3,y=1:2:3"], ranges=True)).cells
    assert cells[-1][-1]
    assert cells[-1][-1]["x"] == pytest.approx(SLOPE, rel=1e-15)
    table = derive.tabulate(MODEL, read_point(["x=0:1:3,y=2"], ranges=True), lambda at: MODEL.sweeps(at)[0])
    assert table.complete


def test_draw_receives_a_model() -> None:
    assert draw.explain(MODEL, AT).result["x"] == pytest.approx(SLOPE, rel=1e-15)


def test_a_model_has_an_engine() -> None:
    precise = Model(MODEL.script, engine=PreciseEngine(30))
    assert (MODEL.digits, precise.digits, MODEL.engine) == (0, 30, DOUBLE)
    (value,) = precise.values(AT)[0].value.values()
    assert repr(value) == "2.84147098480789650665250232163"
    gradient, _ = precise.sweeps(AT)
    assert repr(gradient["x"]) == "4.54030230586813971740093660744"
    assert repr(gradient.at["x"]) == "1"
    for text, at in (("ln(x)", {"x": -1.0}), ("sin(x)/x", {"x": 0.0})):
        model = Model(parse(text), engine=PreciseEngine(30))
        with pytest.raises(DomainError) as caught:
            model.values(as_point(at))
        assert "--limit" not in caught.value.hint
        with pytest.raises(UsageError, match="a limit is taken in double precision"):
            model.values(as_point(at), limit=True)


def test_a_model_with_several_outputs_has_no_gradient() -> None:
    model = Model(parse("[x, y]"))
    assert list(model.values(AT)[0].value.values()) == [1.0, 2.0]
    with pytest.raises(UsageError, match="several outputs: x, y"):
        model.sweeps(AT)


def test_the_graph_at_a_point_is_the_same_one_or_recorded() -> None:
    assert MODEL.model_at(AT) is MODEL
    recording = adcli.record(lambda x, y: x * y if y > 0 else x)
    assert [str(recording.model_at(as_point({"x": 1.0, "y": y}))) for y in (2.0, -2.0)] == ["x*y", "x"]
    assert recording.variables == ("x", "y")
