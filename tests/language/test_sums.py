"""Sums, products and indices: what they mean, what they refuse, and where the error points."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.errors import AdcliError, FormulaError, LimitError, PointError
from adcli.language.expansion import Expansion
from adcli.language.nodes import MAX_ROWS, postorder
from adcli.language.point_reader import read_point
from adcli.language.reader import parse
from tests.reference.formulas import same

X = [2.0, 3.0, 5.0, 7.0]


def needed_for(f: adcli.Formula, at: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the point with arrays cut to the elements that the formula uses."""
    at = {n: v for n, v in at.items() if n in {*f.variables, *f.script.integers}}
    for size in range(1, 7):
        cut = {n: v[:size] if isinstance(v, list) else v for n, v in at.items()}
        try:
            f(cut)
        except PointError:
            continue
        return cut
    return at


def value(text: str, at: Mapping[str, Any] | None = None) -> Any:
    f = adcli.formula(text)
    return f(needed_for(f, at or {}))


def refused(text: str, at: Mapping[str, Any] | None, error: type[AdcliError]) -> tuple[str, str]:
    """Return what the error says and the stretch of the formula that it underlines."""
    with pytest.raises(error) as caught:
        adcli.formula(text).gradient(at)
    place = caught.value.place
    return caught.value.what, place.text[place.start : place.end] if place else ""


# -- values -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(i=1..4, x[i])", 17.0),
        ("prod(i=1..4, x[i])", 210.0),
        ("sum(i=2..3, x[i]^i)", 9 + 125),
        ("sum(i=1..4, i)", 10.0),
        ("prod(i=1..5, i)", 120.0),
        ("sum(i=-2..2, i^2)", 10.0),
        ("sum(i=1..3, sum(j=1..i, x[j]))", 2 + 5 + 10),
        ("sum(i=1..3, sum(j=i..3, x[j]))", 10 + 8 + 5),
        ("sum(i=1..2, prod(j=i+1..i+2, x[j] - i))", (3 - 1) * (5 - 1) + (5 - 2) * (7 - 2)),
        ("prod(i=1..2, sum(j=1..2, i*x[j]))", 5 * 10),
        ("sum(i=1..2, sum(i=1..2, x[i]))", 10.0),
        ("sum(i=1..3, x[i]*x[i+1])", 6 + 15 + 35),
        ("sum(i=2..4, x[i-1])", 10.0),
        ("sum(i=1..2, x[2*i])", 10.0),
        ("sum(i=1..2, x[i^2])", 9.0),
        ("sum(i=0..3, x[4-i]*10^i)", 7 + 50 + 300 + 2000),
        ("x[1] + x[1+1] + x[min(3, 4)] + x[sqrt(16)]", 17.0),
        ("m = 3; sum(i=1..m, x[i])", 10.0),
        ("m = 1; k = m + 1; sum(i=m..k, x[i*k])", 10.0),
        ("a = sum(i=1..4, x[i]); a^2 - a", 17.0**2 - 17),
        ("f(u) = sum(i=1..2, u*x[i]); f(f(1))", 25.0),
        ("f(u) = sum(i=1..2, u + i); f(f(x[1]))", 2 * (2 * 2.0 + 3) + 3),
        ("f(u, k) = sum(i=1..k, u*i); sum(i=1..3, f(x[i], i))", 2 + 9 + 30),
        ("f(u) = sum(i=1..3, u); sum(i=1..2, f(i*x[i]))", 3 * (2 + 6)),
        ("2 sum(i=1..2, x[i]) + prod(i=1..2, x[i])^2", 10 + 36),
        ("sum(i=1..4, if i > 1 then x[i-1] else 100)", 110.0),
        ("sum(i=1..4, if i > 1 and x[i-1] > 2 then 1 else 0)", 2.0),
        ("sum(i=1..4, x[i - 1] if i >= 2 else 0)", 10.0),
        ("sum(i=1..2, sum(j=1..4, if j > i then x[j-i] else 0))", (2 + 3 + 5) + (2 + 3)),
    ],
)
def test_value(text: str, expected: float) -> None:
    assert value(text, {"x": X}) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("sum(i=1..0, i)", 0.0), ("prod(i=1..0, i)", 1.0), ("sum(i=5..1, ln(0))", 0.0)]
)
def test_an_empty_range_is_zero_or_one(text: str, expected: float) -> None:
    assert value(text) == expected
    assert adcli.formula("x + " + text).gradient(x=3).as_dict() == {"x": 1.0}
    assert value("n = 0; sum(i=1..n, x[i]) + y", {"y": 2}) == 2


def test_bounds_come_from_the_point_or_from_a_definition() -> None:
    text = "sum(i=1..n, x[i]^2)/n"
    assert value(text, {"n": 3, "x": [1, 2, 4]}) == 7
    assert value("n = 3; " + text, {"x": [1, 2, 4]}) == 7
    assert adcli.formula(text).gradient(n=3, x=[1, 2, 4]).as_dict() == {"x[1]": 2 / 3, "x[2]": 4 / 3, "x[3]": 8 / 3}
    f = adcli.formula(text)
    assert [f(n=k, x=[1] * k) for k in (1, 2, 5, 2)] == [1, 1, 1, 1]


def test_equal_rows_of_a_sum_are_shared() -> None:
    """A sum of 10,000 sums of 10,000 equal terms is a gradient of 20,000 rows, not of 1e8."""
    assert adcli.formula("sum(i=1..10000, sum(j=1..10000, x))").gradient(x=1).as_dict() == {"x": 1e8}


# -- variables --------------------------------------------------------------------------------------------------------
def test_elements_stand_in_the_order_of_their_indices() -> None:
    g = adcli.formula("b + x[3] + a*x[1] + x[10] + x[2]*y[1]").gradient(a=1, b=2, x=range(1, 11), y=[4])
    assert list(g.as_dict()) == ["b", "x[1]", "x[2]", "x[3]", "x[10]", "a", "y[1]"]
    assert g.as_dict() == {"b": 1, "x[1]": 1, "x[2]": 4, "x[3]": 1, "x[10]": 1, "a": 1, "y[1]": 2}


def test_an_array_may_be_given_in_every_way(tmp_path: Path) -> None:
    expected = adcli.formula("x[1]*x[2]").gradient(x=[3, 4]).as_dict()
    np.save(tmp_path / "x.npy", np.array([3, 4]))
    (tmp_path / "x.csv").write_text("3\n4\n")
    (tmp_path / "row.csv").write_text("3, 4")
    (tmp_path / "x.json").write_text("[3, 4.0]")
    (tmp_path / "point.json").write_text(json.dumps({"x": [3, 4], "unused": 1}))
    for given in (
        ["x=[3,4]"], ["x=[ 9/3 , sqrt(16) ]"], ["x[1]=3,x[2]=4"], ["x[2]=4", "x[1]=3"], [f"x=@{tmp_path}/x.npy"],
        [f"x=@{tmp_path}/x.csv"], [f"x=@{tmp_path}/row.csv"], [f"x=@{tmp_path}/x.json"], [f"@{tmp_path}/point.json"],
    ):  # fmt: skip
        assert adcli.formula("x[1]*x[2]").gradient(read_point(given)).as_dict() == expected, given
    assert adcli.formula("x[1]*x[2]").gradient(x=np.array([3.0, 4.0])).as_dict() == expected
    overridden = read_point([f"@{tmp_path}/point.json", "x=[5,6]"])
    assert adcli.formula("x[1]*x[2]")(overridden) == 30


def test_the_chained_rosenbrock_is_one_line_for_any_n() -> None:
    line = "sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)"
    cases = json.loads((Path(__file__).parents[1] / "reference/cases.json").read_text("utf-8"))
    (case,) = [c for c in cases if c["id"] == "scipy-rosen-hess4"]
    point = {"n": 4, "x": list(case["at"].values())}
    f, written = adcli.formula(line), adcli.formula(case["formula"])
    assert f(point) == pytest.approx(case["value"], rel=1e-15)
    names = tuple(case["at"])
    by_hand = written.hessian(case["at"], wrt=names)
    assert list(f.gradient(point).as_dict().values()) == [by_hand.gradient[n] for n in names]
    assert f.hessian(point).hessian == by_hand.hessian
    assert f.hessian(point).hessian == [pytest.approx(row, rel=1e-12, abs=1e-12) for row in case["hessian"]]
    ones = f.gradient(n=1000, x=[1] * 1000)
    assert ones.value == 0
    assert set(ones.as_dict().values()) == {0.0}


# -- refusals ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "at", "error", "says", "under"),
    [
        ("x[4] + x[1]", {"x": [1, 2, 3]}, PointError, "x[4] does not exist: x has 3 elements", "4"),
        ("x[2]", {"x": [1]}, PointError, "x[2] does not exist: x has 1 element", "2"),
        ("y*x[0]", {"x": [1], "y": 1}, PointError, "x[0] does not exist: the first element is 1", "0"),
        ("x[1-2]", {"x": [1]}, PointError, "x[-1] does not exist: the first element is 1", "1-2"),
        ("x[1.5]", {"x": [1, 2]}, FormulaError, "an index is 1.5, not a whole number", "1.5"),
        ("x[1/0]", {"x": [1, 2]}, FormulaError, "an index is inf, not a whole number", "1/0"),
        ("sum(i=1..3, x[i+1])", {"x": [1, 2, 3]}, PointError, "x[4] does not exist: x has 3 elements", "i+1"),
        ("sum(i=1..3, x[2*i-2])", {"x": [1, 2]}, PointError, "x[0] does not exist: the first element is 1", "2*i-2"),
        ("sum(i=1..3, x[i/2])", {"x": [1, 2, 3]}, FormulaError, "an index is 0.5, not a whole number", "i/2"),
        ("sum(i=1..n, x[i])", {"x": [1]}, FormulaError, "a bound of the range needs the value of n", "n"),
        ("sum(i=1..n, i)", {"n": 0.5}, FormulaError, "a bound of the range is 0.5, not a whole number", "n"),
        ("x[k]", {"x": [1]}, FormulaError, "an index needs the value of k", "k"),
        ("x[x[1]]", {"x": [1]}, FormulaError, "an index cannot depend on this", "x[1]"),
        ("sum(i=1..sum(j=1..2,j), i)", {}, FormulaError, "a bound of the range cannot depend on this", "j"),
        ("sum(i=1..2, x[i]) + x", {"x": 1}, FormulaError, "x stands with and without an index", "x[i]"),
        ("a = 2; a[1]", {}, FormulaError, "a is defined as a number or function, not an array", "a"),
        ("f(u) = u[1]; f(2)", {}, FormulaError, "u is a parameter, not an array", "u"),
    ],
)  # fmt: skip
def test_refusal_points_at_the_index(
    text: str, at: dict[str, Any], error: type[AdcliError], says: str, under: str
) -> None:
    assert refused(text, at, error) == (says, under)


def test_a_loop_variable_is_known_only_inside_its_sum() -> None:
    f = adcli.formula("sum(i=1..2, i) + i")
    assert f.variables == ("i",)
    assert f.gradient(i=10).as_dict() == {"i": 1.0}
    assert f(i=10) == 13


@pytest.mark.long
@pytest.mark.parametrize("text", ["sum(i=1..1e9, x)", "prod(i=1..1e300, x)", "sum(i=1..1e5, sum(j=1..1e5, x[i]*x[j]))"])
def test_a_huge_sum_is_refused_at_once(text: str) -> None:
    says, under = refused(
        text, {"x": 1} if "[" not in text else {"x": [1] * 10}, LimitError if "[" not in text else AdcliError
    )
    if "[" not in text:
        assert "more than 1,000,000 operations" in says
        assert under == text


def test_the_row_limit_counts_the_rows_of_sums() -> None:
    script = parse("sum(i=1..100, x[i]^2)")
    point = {"x": [1.0] * 100}
    assert adcli.Formula(script, limit=1000)(point) == 100
    with pytest.raises(LimitError, match="more than 50 operations"):
        adcli.Formula(script, limit=50)(point)


# -- text -------------------------------------------------------------------------------------------------------------
TEXTS = [
    "sum(i = 1..n, x[i]^2)",
    "prod(k=1..3,  (x[k+1]-x[2*k-1]))",
    "sum(i=1..3, sum(j=i..2*i, x[j]*y[j]))",
    "[x[1]*r, sum(i=1..2, x[i])]",
    "a = sum(i=1..2, x[i]); -a^2*x[1]^x[2]",
    "sum(i=1..2, if x[i] > i then x[i] else -i)",
    "f(u) = sum(i=1..2, u*x[i]); [f(f(1)), f(x[3]) - 1]",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_printed_is_read_as_the_same(text: str) -> None:
    f = adcli.formula(text)
    again = adcli.formula(str(f))
    assert str(again) == str(f)
    assert again.outputs == f.outputs or not f.script.is_vector
    at = {"n": 2, "x": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5], "y": [0.5] * 6, "r": 3.0}
    assert again(needed_for(again, at)) == f(needed_for(f, at))


@pytest.mark.parametrize("text", TEXTS)
def test_every_node_spans_what_was_typed(text: str) -> None:
    script = parse(text)
    for node in postorder(script.outputs.values()):
        if node.op is not None and node.op.name in ("sum", "prod", "index"):
            span = text[node.start : node.end]
            assert span.startswith((node.op.name, node.name))
            assert span.endswith(")" if node.op.name in ("sum", "prod") else "]")


def test_spans_of_expanded_nodes_point_into_the_sum() -> None:
    with pytest.raises(AdcliError) as caught:
        adcli.formula("1 + sum(i=1..3, ln(x[i]))")(x=[1, -2, 3])
    assert "x[2] = -2" in str(caught.value)
    place = caught.value.place
    assert place
    assert place.text[place.start : place.end] == "ln(x[i])"


def test_two_copies_of_a_function_keep_their_loops_apart() -> None:
    f = adcli.formula("f(u) = sum(i=1..3, u*i); f(f(f(x)))")
    assert f(x=1) == 6.0**3
    assert f.gradient(x=1)["x"] == 6.0**3
    g = adcli.formula("f(u) = sum(i=1..2, sum(j=1..2, u*i*x[j])); f(f(1))")
    assert g(x=[1, 2]) == 81.0
    assert same(*parse("sum(i=1..2, x[i])").outputs.values(), *parse("sum(i=1..2, x[i])").outputs.values()) is False


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sum(i=1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)", True),
        ("sum(i=1..3, x[i]^2*exp(a)*sin(i)) + sum(i=1..0, exp(a))", True),
        ("a = exp(b)*x[4]; [sum(i=1..3, x[i]*a) + a*prod(i=1..2, x[i] + n), a]", True),
        ("f(u) = sum(i=1..3, u*x[i]*sin(u)); f(b^2) + (if b > 0 then f(x[1]) else 0)", True),
        ("sum(i=1..2, x[2*i]*b)", False),
        ("sum(i=1..3, sum(j=1..i, x[j]))", False),
        ("sum(i=1..3, if i == 1 then x[1] else x[i]*x[i-1])", False),
    ],
)
def test_an_expansion_tells_all_its_nodes_in_evaluation_order(text: str, told: bool) -> None:
    script = parse(text)
    expansion = Expansion({"n": 3.0}, {"x": 4}, script.place, MAX_ROWS)
    roots = expansion.expand(list(script.outputs.values()))
    assert expansion.order == (postorder(roots) if told else [])
