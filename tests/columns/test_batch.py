"""Columns of points: the same answers as at one point each, whatever the rows beside them."""

from __future__ import annotations

import math
import os
import random
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import adcli
from adcli.errors import DomainError, UsageError
from adcli.language.point import as_point
from adcli.language.writer import to_text
from adcli.trace.partials import linearize
from adcli.trace.sweep import adjoints
from tests.test_accuracy import BITS, EPS, TINY, exact, kind, random_formula
from tests.test_accuracy import random_number as any_number

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.5, 1e-300, 1e160, -1e160, 710.0, -800.0, math.pi, 3.0, 1e5, 1e-8)


def one(f: adcli.Formula, at: dict[str, float]) -> list[float | None]:
    """Return the value and the partial derivatives at one point; NaN where there is none."""
    try:
        found = f.gradient(at)
    except DomainError:
        return [math.nan] * (1 + len(at))
    return [found.value, *found.gradient.values()]


def conditions(f: adcli.Formula, at: dict[str, float]) -> tuple[float, dict[str, float]]:
    """Return how much rounding may move the value, and how large the terms of each derivative are."""
    evaluation = f.evaluation(as_point(at))
    trace = evaluation.trace
    weights = [(i, j, abs(p)) for i, j, p in linearize(evaluation).partials]
    swept = adjoints(len(trace.nodes), weights, {trace.outputs[0]: 1.0})

    def found(x: float | None) -> float:
        return x if x is not None and x == x else 0.0

    moved = sum(abs(w * x) for w, x in zip(swept, evaluation.values, strict=True) if w is not None and x)
    return EPS * found(moved), {name: found(swept[k]) for k, name in enumerate(trace.inputs)}


def agree(f: adcli.Formula, at: dict[str, float], alone: list[float | None], here: list[float]) -> bool:
    """Tell whether two answers are the same but for rounding; what is undefined is NaN in a column."""
    kinds = [(kind(math.nan if x is None else x), kind(y)) for x, y in zip(alone, here, strict=True)]
    if all(a == b for a, b in kinds) and "nan" in kinds[0]:
        return True
    moved, terms = conditions(f, at)
    if moved > 1e-10 * abs(alone[0] or 1.0):  # rounding decides on the answer
        return True
    shaken = [one(f, {name: x * (1 + k * EPS) for name, x in at.items()}) for k in (8, -6, 20)]
    sizes = [moved / EPS, *terms.values()]
    for (a, b), x, y, size, *near in zip(kinds, alone, here, sizes, *shaken, strict=True):
        shift = max([abs(x - z) for z in near if x is not None and z is not None and z == z], default=0.0)
        close = x is not None and abs(x - y) <= 1e-9 * abs(x) + 1e-12 * size + 100 * shift + TINY
        if a == b and (close or a != "finite"):
            continue
        if not (close and {a, b} <= {"zero", "finite"}):
            return False
    return True


def try_rows(seed: int) -> tuple[list[str], list[float]]:
    """Return what is wrong with a random formula's columns, and the conditioned errors at its own point."""
    root, start = random_formula(seed)
    f = adcli.formula(to_text(root))
    rng = random.Random(seed)
    rows = [{name: start[name] for name in f.variables}]
    rows += [{name: any_number(rng) for name in f.variables} for _ in range(6)]
    rows += [{name: rng.choice(SPECIAL) for name in f.variables} for _ in range(12)]
    plan = f.plan()
    made = plan.run({name: np.array([row[name] for row in rows]) for name in plan.inputs})
    wrong = []
    for k, row in enumerate(rows if f.variables else rows[:1]):
        alone, here = one(f, row), [float(made[name][k]) for name in plan.names]
        if not agree(f, row, alone, here):
            wrong.append(f"{seed}: {f} at {row}: {alone} alone, {here} in columns")
    errors = []
    with mp.workprec(BITS):
        try:
            found = {} if f.gradient(rows[0]).notes else exact(root, start)
        except (ValueError, ZeroDivisionError):
            found = {}
        for name, (true, unit) in found.items():
            if abs(true) >= TINY and name in f.variables:
                errors.append(float(abs(float(made[f"d{f.outputs[0]}/d{name}"][0]) - true) / unit))
    return wrong, errors


def check(seeds: range, workers: int) -> None:
    """Try these formulas, print the figures, and raise AssertionError if one is wrong."""
    with ProcessPoolExecutor(workers) as pool:
        tried = list(pool.map(try_rows, seeds, chunksize=20))
    errors = sorted(e for _, found in tried for e in found)
    part = f"largest conditioned error {errors[-1]:.3g}, 99th percentile {errors[len(errors) * 99 // 100]:.3g}"
    print(f"\n{len(tried)} formulas, {len(errors)} derivatives: {part}")
    wrong = [w for found, _ in tried for w in found]
    assert not wrong, "\n".join(wrong[:20])
    assert errors[-1] <= 8


@pytest.mark.long
def test_columns_of_random_formulas() -> None:
    check(range(300), 1)


@pytest.mark.slow
def test_columns_of_many_random_formulas() -> None:
    check(range(int(os.environ.get("ADCLI_FORMULAS", 20_000))), os.cpu_count() or 1)


# -- the library's face ----------------------------------------------------------------------------------------------
def test_rows_are_as_at_one_point() -> None:
    f = adcli.formula("ln(x1)+x1*x2-sin(x2)")
    made = f.batch(x1=[2.0, 3.0], x2=[5.0, 1.0])
    assert list(made) == ["y", "dy/dx1", "dy/dx2"]
    assert made["y"][0] == pytest.approx(11.652071455223084, rel=1e-15)
    assert made["dy/dx1"].tolist() == [5.5, 1 / 3 + 1]


def test_a_row_outside_the_domain_is_nan_everywhere_and_counted() -> None:
    made = adcli.formula("ln(x)*y").batch(x=[-1.0, 0.0, 1.0], y=[1.0, 2.0, 3.0], notes=True)
    assert made.counts == {"domain": 2}
    assert made["notes"].tolist() == ["domain", "domain", ""]
    assert [np.isnan(made[name]).tolist() for name in ("f", "df/dx", "df/dy")] == [[True, True, False]] * 3


def test_only_the_branch_taken_counts() -> None:
    made = adcli.formula("if x > 0 then sqrt(x) else x^2").batch(x=[-3.0, 4.0])
    assert made.counts == {}
    assert made["y"].tolist() == [9.0, 2.0]
    assert made["dy/dx"].tolist() == [-6.0, 0.25]


def test_a_pole_that_is_divided_away_is_outside_the_domain() -> None:
    made = adcli.formula("1/(1+1/x)").batch(x=[0.0, 1.0])
    assert np.isnan(made["y"]).tolist() == [True, False]


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "lost"),
    [  # where what is left is rounding, by hand: x^2 and 1 - cos(x) are 0 beside 1 up to x = 1e-8
        ("(x+1e20*x)-1e20*x", "yes yes yes no"),
        ("(1-cos(x))/x^2", "yes yes no no"),
        ("ln(1+x)", "no yes no no"),
        ("(1-cos(x))*abs(x-1)", "yes yes no no"),
        ("if x<2 then 1-cos(x) else 1/0", "yes yes no no"),
        ("ln(1+x)/x", "yes yes no no"),
        ("sin(ln(1+x))*2", "no yes no no"),
        ("exp(x)-exp(x)", "no no no no"),
        ("sqrt(x+1)-sqrt(1+x)", "no no no no"),
        ("relu(x-2)+floor(x*x/9)", "no no no no"),
        ("2*x^2-(x^2+x^2)", "no no no no"),
        ("x*0+(x-x)", "no no no no"),
    ],
)
def test_what_is_only_rounding_is_noted(text: str, lost: str) -> None:
    made = adcli.formula(text).batch(x=[1e-8, 1e-17, 1.5, 0.0], notes=True)
    assert ["cancellation" in said for said in made["notes"]] == [told == "yes" for told in lost.split()]
    assert made.counts.get("cancellation", 0) == lost.count("yes")


@pytest.mark.parametrize(
    ("text", "x", "lost"),
    [
        ("softplus(x)-x", 50.0, True), ("hypot(x,1)-x", 1e9, True), ("x/(1-exp(-x))", 1e-9, True),
        ("(1-cos(x))/x^2", 1e-5, True), ("1-tanh(x)", 18.0, True), ("sin(1e14*x)", 1.7, True),
        ("ln(1+x)", 1e-15, True), ("log10(erf(x))", 6.0, True), ("x/(1-exp(-x))", 1e-3, False),
        ("1-tanh(x)", 8.0, False), ("tanh(x*x)", 9.0, False),
        ("sin(x)^2+cos(x)^2", 1.3, False), ("remainder(x,x*x)", 3.0, False), ("(x+1)^3-x^3", 1e6, False),
    ],
)  # fmt: skip
def test_few_digits_are_noted_as_at_one_point(text: str, x: float, lost: bool) -> None:
    f = adcli.formula(text)
    made = f.batch(x=[x, 1.0, x], notes=True)
    assert [said == "cancellation" for said in made["notes"][[0, 2]]] == [lost, lost]
    assert ["cancellation" in {note.kind for note in f.gradient(x=x).notes}] == [lost]


def test_a_condition_in_a_branch_that_is_not_taken_needs_no_value() -> None:
    made = adcli.formula("if trunc(z)==z then (if x==mod(y,trunc(z)) then y else z) else z*y").batch(
        z=[-0.7], x=[2.0], y=[-1.5]
    )
    assert made.counts == {}
    assert [made[name][0] for name in ("f", "df/dz", "df/dx", "df/dy")] == [0.7 * 1.5, -1.5, 0.0, -0.7]


def test_rounding_of_a_power_of_a_negative_number() -> None:
    made = adcli.formula("(-2)^(x*x) + (exp(x) - 1)").batch(x=[0.0, 1.0], what="value")
    assert made.counts == {}
    assert made["y"].tolist() == [1.0, -2 + (math.e - 1)]


def test_the_slope_of_logaddexp_far_from_its_other_argument() -> None:
    made = adcli.formula("logaddexp(a, x)").batch(a=[209.4026088657153], x=[0.03867306903812784])["dy/dx"]
    assert made == pytest.approx(1.1868558477859593e-91, rel=4e-16)  # by mpmath


@pytest.mark.parametrize(
    "text", ["0*ln(x)", "sign(1/x)", "floor(ln(x))*x", "round(0*sqrt(x))", "sign(x)*x", "floor(x)", "cbrt(trunc(x))"]
)
def test_a_slope_of_zero_times_one_that_is_infinite(text: str) -> None:
    f = adcli.formula(text)
    made = f.batch(x=[5e-324, 0.5, 1e300])["dy/dx"]
    alone = [f.gradient({"x": x}).gradient["x"] for x in (5e-324, 0.5, 1e300)]
    np.testing.assert_array_equal(made, np.array(alone, float))


def test_equal_rows_are_counted_each_and_zeros_have_their_sign() -> None:
    made = adcli.formula("floor(x)+copysign(1, x)").batch(x=[0.0, -0.0, 0.0, 1.0, 1.0])
    assert made["y"].tolist() == [1.0, -1.0, 1.0, 2.0, 2.0]
    assert made.counts == {"jump": 5}


def test_kinks_are_as_at_one_point() -> None:
    made = adcli.formula("max(x,0)-max(-x,0)+abs(y)").batch(x=[0.0, 1.0], y=[1.0, 0.0], notes=True)
    assert made["df/dx"].tolist() == [1.0, 1.0]
    assert made["df/dy"].tolist() == [1.0, 0.0]
    assert made["notes"].tolist() == ["", "kink"]


@pytest.mark.parametrize(
    ("text", "at", "kinks"),
    [
        ("abs(x)*y", (0.0, 2.0), 1),
        ("abs(x)*y", (0.0, 0.0), 0),
        ("abs(x^2)+y", (0.0, 1.0), 0),
        ("abs(x)^3+y", (0.0, 1.0), 0),
        ("max(x,y)", (2.0, 2.0), 1),
        ("max(x+y,2*x)", (2.0, 2.0), 1),
        ("max(x*y,x*y)", (2.0, 2.0), 0),
        ("relu(2*x-2)+y", (1.0, 2.0), 1),
        ("clamp(x,-1,y)", (-1.0, 2.0), 1),
        ("clamp(x,1,2)*y", (1.0, 2.0), 1),
        ("clamp(x,1,1)*y", (1.0, 2.0), 0),
        ("abs(x)+abs(y)", (0.0, 0.0), 1),
        ("abs(x)+max(-x,x)+y", (0.0, 1.0), 1),
        ("if x > 0 then x else y*x", (0.0, 3.0), 1),
        ("hypot(x,y)", (0.0, 0.0), 1),
        ("copysign(x,y)", (0.0, -1.0), 1),
        ("copysign(x*y,x)", (0.0, -1.0), 0),
    ],
)
def test_a_kink_is_told_where_it_matters(text: str, at: tuple[float, float], kinks: int) -> None:
    f = adcli.formula(text)
    made = f.batch(x=[at[0], 5.0], y=[at[1], 7.5])
    alone = f.gradient(x=at[0], y=at[1])
    assert made.counts == ({"kink": kinks} if kinks else {})
    assert any(note.kind == "kink" for note in alone.notes) == bool(kinks)
    assert [made["df/dx" if "df/dx" in made else "dy/dx"][0]] == [alone["x"]]


def test_missing_numbers_are_nan() -> None:
    made = adcli.formula("if x > 0 then y else 0").batch(x=[math.nan, 1.0, 1.0], y=[1.0, math.inf, 2.0], notes=True)
    assert made["notes"].tolist() == ["input", "input", ""]
    assert np.isnan(made["f"]).tolist() == [True, True, False]


def test_a_derivative_that_cancels_is_noted() -> None:
    made = adcli.formula("(1+y)*x-y*x").batch(x=[1.0, 2.0], y=[1e20, 3.0], notes=True)
    assert made["df/dx"].tolist() == [0.0, 1.0]
    assert made["notes"].tolist() == ["cancellation", ""]


def test_numbers_for_all_rows_and_derivatives_by_them() -> None:
    made = adcli.formula("(y-(a*x+b))^2").batch(x=[0.0, 2.0], y=[1.0, 4.0], at={"a": 1, "b": 0}, wrt=["a", "b"])
    assert made["df/da"].tolist() == [0.0, -8.0]
    assert made["df/db"].tolist() == [-2.0, -4.0]


def test_variables_are_named_by_a_sequence_or_a_text_or_not_at_all() -> None:
    f = adcli.formula("rate*y")
    columns = {"rate": [1.0], "y": [2.0]}
    for wrt, names in ((None, ["rate", "y"]), ("rate", ["rate"]), (["y"], ["y"]), ((), ["rate", "y"])):
        assert list(f.batch(columns, wrt=wrt)) == ["f", *(f"df/d{name}" for name in names)]
        assert list(f.gradient(rate=1, y=2, wrt=wrt).as_dict()) == names
    for wrong in (5, ["rate", 1]):
        with pytest.raises(UsageError, match="is not a name"):
            f.batch(columns, wrt=wrong)
    with pytest.raises(UsageError, match="no variable rat") as caught:
        f.batch(columns, wrt="rat")
    assert caught.value.hint == "did you mean rate?\nits variables are: rate, y"


def test_more_threads_than_rows_are_no_more_than_can_be_used() -> None:
    assert adcli.formula("x^2").batch(x=[3.0], threads=10**12)["y"].tolist() == [9.0]


def test_second_derivatives_and_derivatives_along_a_tangent() -> None:
    f = adcli.formula("exp(2*x)*y^3")
    made = f.batch(x=[0.0], y=[2.0], what="hessian-diagonal")
    assert made["d2f/dx2"].tolist() == [32.0]
    assert made["d2f/dy2"].tolist() == [12.0]
    along = f.plan(what="jvp", tangent={"x": 1.0, "y": 10.0}).run({"x": [0.0], "y": [2.0]})
    assert along["J*t f"].tolist() == [16.0 + 120.0]
    assert f.batch(x=[0.0], y=[2.0], what="jvp", tangent={"x": 1, "y": 10})["J*t f"].tolist() == [136.0]
    for options in ({"what": "jvp"}, {"tangent": {"x": 1}}):
        with pytest.raises(adcli.AdcliError, match="tangent"):
            f.batch(x=[0.0], y=[2.0], **options)


def test_a_second_derivative_at_a_kink_is_refused() -> None:
    made = adcli.formula("abs(x)*x").batch(x=[0.0, 2.0], what="hessian-diagonal")
    assert np.isnan(made["d2y/dx2"]).tolist() == [True, False]
    assert made.counts == {"undefined": 1}


def test_several_outputs() -> None:
    made = adcli.formula("[x*y, x+y]").batch(x=[1.0, 2.0], y=3.0)
    assert list(made) == ["f1", "df1/dx", "df1/dy", "f2", "df2/dx", "df2/dy"]
    assert made["df1/dy"].tolist() == [1.0, 2.0]


def test_tables_of_other_libraries() -> None:
    class Table(dict[str, object]):
        pass

    class Series:
        def to_numpy(self) -> object:
            return np.array([1, 2])

    assert adcli.formula("x^2").batch(Table(x=Series()))["dy/dx"].tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({}, "no column x"),
        ({"x": ["a"]}, "not of numbers"),
        ({"x": [10**400], "y": [1.0]}, "not of numbers"),
        ({"x": np.array(["2020-01-01"], "M8[D]"), "y": [1.0]}, "not of numbers"),
        ({"x": [1.0, 2.0], "y": [1.0]}, "differ in length"),
        ({"x": np.array([1j, 2]), "y": [1.0, 2.0]}, "not of numbers"),
        ({"x": np.array([1, 2], np.clongdouble), "y": [1.0, 2.0]}, "not of numbers"),
        ({"x": np.zeros(2, [("a", float)]), "y": [1.0, 2.0]}, "not of numbers"),
        ({"x": np.array([1, 2], "m8[s]"), "y": [1.0, 2.0]}, "not of numbers"),
        ({"x": np.array(["a", "b"]), "y": [1.0, 2.0]}, "not of numbers"),
        ({"x": [[1.0], [2.0]], "y": [1.0, 2.0]}, "2 dimensions"),
        ({"x": (k for k in range(2)), "y": [1.0, 2.0]}, "not of numbers"),
    ],
)
def test_columns_that_do_not_do(columns: dict[str, object], what: str) -> None:
    with pytest.raises(adcli.AdcliError, match=what):
        adcli.formula("x*y").batch(columns)


def test_a_masked_number_is_missing() -> None:
    made = adcli.formula("x*y").batch(x=np.ma.array([1, 2], mask=[False, True]), y=[3.0, 4.0])
    assert str(made["f"].tolist()) == "[3.0, nan]"
    assert made.counts == {"input": 1}


@pytest.mark.parametrize(
    "column",
    [
        (1, 2), range(1, 3), np.array([1, 2], ">f8"), np.array([1, 2], ">i2"), np.array([1, 2], "f4"),
        np.array([1, 2], "f2"), np.array([1, 2], np.longdouble), np.array([1, 2], "u8"), np.array([1, 2.0], object),
        np.array([1.0, 9, 2])[::2], np.array([2.0, 1])[::-1], np.array([[1.0, 0], [2, 0]])[:, 0], [True, 2],
    ],
)  # fmt: skip
def test_a_column_may_be_of_any_numbers_and_stays_as_it_is(column: object) -> None:
    f, before = adcli.formula("x^2*y"), np.array(column)
    if isinstance(column, np.ndarray):
        column.flags.writeable = False
    made = f.batch(x=column, y=np.array([3.0, 5.0]))
    assert [made[name].tolist() for name in made] == [[3.0, 20.0], [6.0, 20.0], [1.0, 4.0]]
    value, gradient = f.compile()(column)
    assert (value, gradient.tolist()) == (2.0, [4.0, 1.0])
    assert np.array_equal(column, before)


@pytest.mark.parametrize(
    "given", [np.array([1j, 2]), np.array([1, 2], "m8[s]"), ["a", "b"], {1, 2}, np.zeros((2, 1, 1)), 1.0, None, []]
)
def test_a_compiled_function_refuses_what_is_no_point(given: object) -> None:
    with pytest.raises(UsageError, match=r"not of numbers|has the shape") as caught:
        adcli.formula("x*y").compile()(given)
    assert caught.value.hint == "in the order x, y"


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="long double is double")
def test_a_number_that_no_double_holds_is_missing() -> None:
    large = np.array(["1e400", "2"], np.longdouble)
    made = adcli.formula("x*y").batch(x=large, y=np.array([0x7F800001, 0x40400000], np.uint32).view(np.float32))
    assert (str(made["f"].tolist()), made.counts) == ("[nan, 6.0]", {"input": 1})
    assert adcli.formula("x*y").compile()(large)[0] == math.inf


def test_a_column_that_is_not_there_is_told_whatever_the_table() -> None:
    tables: list[Any] = [{"x": [1.0]}, np.zeros(1, [("x", float)])]
    for name in ("pandas", "polars"):
        with suppress(ImportError):
            tables.append(import_module(name).DataFrame({"x": [1.0]}))
    with suppress(ImportError):
        tables.append(import_module("pyarrow").table({"x": [1.0]}))
        twice = import_module("pyarrow").table([[1.0], [2.0], [3.0]], ["y", "y", "x"])
        with pytest.raises(UsageError, match="there are several columns y"):
            adcli.formula("x*y").batch(twice)
    for table in tables:
        with pytest.raises(UsageError, match="there is no column y"):
            adcli.formula("x*y").batch(table)


def test_null_of_pandas_is_missing() -> None:
    pd = pytest.importorskip("pandas")
    for dtype in ("Int64", "Float64"):
        made = adcli.formula("x^2").batch(pd.DataFrame({"x": pd.Series([3, None], dtype=dtype)}))
        assert (str(made["y"].tolist()), made.counts) == ("[9.0, nan]", {"input": 1})


def test_null_of_an_arrow_array_is_missing() -> None:
    pa = pytest.importorskip("pyarrow")
    assert str(adcli.formula("x^2").batch(x=pa.array([3, None]))["y"].tolist()) == "[9.0, nan]"


def test_arguments_that_would_not_be_used_are_refused() -> None:
    f = adcli.formula("x*y")
    with pytest.raises(adcli.AdcliError, match="z is not a column"):
        f.batch(x=[1.0], y=[2.0], z=[3.0])
    with pytest.raises(adcli.AdcliError, match="y is not a column"):
        f.batch(x=[1.0], y=[2.0], at={"y": 3})
    with pytest.raises(adcli.AdcliError, match="beside a table"):
        f.batch({"x": [1.0]}, y=2.0)
    for threads in (-1, 1.5, "2"):
        with pytest.raises(adcli.AdcliError, match="threads"):
            f.batch(x=[1.0], y=[2.0], threads=threads)
    for what in ("value", "jvp"):
        with pytest.raises(UsageError, match=f"a {what} has no use for wrt"):
            f.batch(x=[1.0], y=[2.0], what=what, wrt="x", tangent={"x": 1} if what == "jvp" else None)
    with pytest.raises(adcli.AdcliError, match="columns by name"):
        f.batch([1.0, 2.0])
    with pytest.raises(adcli.AdcliError, match="not of numbers"):
        f.compile()(["a", "b"])


def test_a_compiled_function_is_as_scipy_wants_it() -> None:
    f = adcli.formula("x^2*y").compile()
    value, gradient = f([3.0, 2.0])
    assert (value, gradient.tolist()) == (18.0, [12.0, 9.0])
    values, gradients = f([[3.0, 1.0], [2.0, 5.0]])
    assert (values.tolist(), gradients.tolist()) == ([18.0, 5.0], [[12.0, 10.0], [9.0, 1.0]])


def test_a_compiled_function_outside_the_domain_is_nan() -> None:
    value, gradient = adcli.formula("ln(x)").compile()([-1.0])
    assert math.isnan(value)
    assert np.isnan(gradient).all()


def test_what_has_no_columns() -> None:
    with pytest.raises(adcli.AdcliError, match="recorded Python function"):
        adcli.record(lambda x: x * x).batch(x=[1.0])
    with pytest.raises(adcli.AdcliError, match="several outputs"):
        adcli.formula("[x, x^2]").compile()
    with pytest.raises(adcli.AdcliError, match="several outputs"):
        adcli.formula("[x, x^2]").batch(x=[1.0], what="hessian-diagonal")
    with pytest.raises(adcli.AdcliError, match="shape"):
        adcli.formula("x*y").compile()([1.0])


def test_no_rows_and_no_columns() -> None:
    assert adcli.formula("sin(x)*abs(x)").batch(x=[])["dy/dx"].tolist() == []
    assert adcli.formula("2*pi").batch()["y"].tolist() == [2 * math.pi]
    assert adcli.formula("x+1/0").batch(x=[1.0, 2.0]).counts == {"domain": 2}


def test_rows_do_not_depend_on_blocks_or_threads() -> None:
    f = adcli.formula("sin(x)*cos(y)+exp(-x^2/2)*ln(1+y^2)+tanh(x*y)/(1+x^2)+abs(x)")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 200_000))
    x[::1000] = 0.0
    single, two = (f.batch(x=x, y=y, threads=k) for k in (1, 2))
    assert single.counts == two.counts == {"kink": 200}
    for name in single:
        np.testing.assert_array_equal(single[name], two[name])
    few = f.batch(x=x[5000:5010], y=y[5000:5010])
    assert few["df/dx"].tolist() == single["df/dx"][5000:5010].tolist()


def test_threads_that_meet_unusual_rows_at_once_count_them_all() -> None:
    f = adcli.formula("abs(x)*ln(y)+(if x < y then sqrt(y) else x^2)")
    x = np.tile([0.0, 1.0, 2.0, -1.0], 20_000)
    y = np.tile([1.5, -1.0, 3.0, 0.5], 20_000)
    for _ in range(10):
        made = f.batch(x=x, y=y, threads=8)
        assert made.counts == {"domain": 20_000, "kink": 20_000}
