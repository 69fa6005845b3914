"""Formulas that are the same function are found so, and where only one has a value; others have a counterexample."""

from __future__ import annotations

from itertools import islice

import pytest

from adcli import AdcliError, formula
from adcli.check.random_points import random_points
from tests.cli.test_cli import FORMATS, strict
from tests.cli.test_cli import adcli as run

SAME = [
    ("sin(x)^2 + cos(x)^2", "1"),
    ("(x + y)^2", "x^2 + 2x*y + y^2"),
    ("sqrt(x^2)", "abs(x)"),
    ("exp(x + y)", "exp(x)*exp(y)"),
    ("acos(x)", "pi/2 - asin(x)"),
    ("max(x, y)", "(x + y + abs(x - y))/2"),
    ("(1 - cos(x))/x^2", "2*sin(x/2)^2/x^2"),
    ("tanh(x)", "1 - 2/(exp(2x) + 1)"),
    ("x + y - y", "x"),
    ("2", "1 + 1"),
]
DIFFERENT = [
    ("sqrt(x^2)", "x"),
    ("x*y", "x*y + 1e-3*z"),
    ("x", "x + 1e-9*sin(x)"),
    ("atan2(y, x)", "atan(y/x)"),
    ("1", "2"),
    ("sin(x)", "x - x^3/6 + x^5/120"),
    ("ln(x)/ln(10)", "log2(x)"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same(a: str, b: str) -> None:
    found = formula(a).same_as(b)
    assert found.complete, found.verdict
    assert found.verdict.startswith("the same: "), found.verdict


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_a_counterexample(a: str, b: str) -> None:
    found = formula(a).same_as(b)
    assert not found.complete
    c = found.counterexample
    assert c is not None
    if "∂" not in c.quantity:
        for text, value in ((a, c.first), (b, c.second)):
            f = formula(text)
            assert f({name: c.at[name] for name in f.variables}) == value
    assert abs(c.first - c.second) > 0


def test_an_identity_for_positive_numbers_only_is_told() -> None:
    found = formula("ln(x^2)").same_as("2ln(x)")
    assert found.complete
    assert found.verdict.startswith("the same where both are defined: value and gradient agree at 100 points")
    assert "A has values where B has none, e.g. at x = -1" in found.verdict
    assert all(p["x"] <= 0 for p in found.only_first)
    assert "B has values where A has none" in formula("2ln(x)").same_as("ln(x^2)").verdict
    assert "B has values where A has none" in formula("ln(1 + exp(x))").same_as("softplus(x)").verdict  # it overflows


def test_domains_that_do_not_meet_are_no_agreement() -> None:
    found = formula("ln(x)").same_as("ln(-x)")
    assert found.points == 0
    assert not found.complete
    assert found.verdict.startswith("nothing to compare")


def test_ranges_and_fixed_numbers() -> None:
    f = formula("sqrt(x^2)")
    assert f.same_as("x", ranges={"x": (0, 10)}).complete
    assert not f.same_as("x", ranges={"x": (-10, 0)}).complete
    assert formula("x^n").same_as("x*x*x", {"n": 3}).complete
    assert not formula("x^n").same_as("x*x*x", {"n": 2}).complete
    with pytest.raises(AdcliError, match="z is not a variable"):
        f.same_as("x", ranges={"z": (0, 1)})


def test_sums_take_their_size_from_the_point() -> None:
    f = formula("sum(i=1..n, x[i]^2)")
    assert f.same_as("x[1]^2 + x[2]^2", {"n": 2, "x": [0, 0]}).complete
    assert not f.same_as("x[1]^2 + x[2]^2", {"n": 3, "x": [0, 0, 0]}).complete


def test_points_cover_scales_and_signs() -> None:
    xs = [p["x"] for p in islice(random_points(("x",), 0), 400)]
    assert xs[:3] == [0, 1, -1]
    for low, high in ((1e-6, 1e-3), (1e-3, 0.1), (0.1, 10), (100, 1000)):
        assert sum(low <= x < high for x in xs) >= 8, (low, high)
        assert sum(-high < x <= -low for x in xs) >= 3, (low, high)
    assert xs == [p["x"] for p in islice(random_points(("x",), 0), 400)]
    assert xs != [p["x"] for p in islice(random_points(("x",), 1), 400)]
    assert all(2 <= p["x"] <= 3 for p in islice(random_points(("x",), 0, {"x": (2, 3)}), 400))


@pytest.mark.long
@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_shows_it(format_: str) -> None:
    done = run("same", "sqrt(x^2)", "x", "-f", format_)
    assert done.returncode == 1
    if format_ in ("json", "jsonl"):
        data = strict(done.stdout)
        assert data["same"] is False
        assert data["counterexample"]["first"] == -data["counterexample"]["second"]
    else:
        assert "different: at x = -1" in done.stdout.replace("$", "")


def test_at_the_terminal() -> None:
    assert run("same", "sqrt(x^2)", "x", "--box", "x=0..10").returncode == 0
    assert run("same", "-x", "-1*x", "--points", "7").stdout.endswith("value and gradient agree at 7 points\n")
    for box in ("x=1", "x=2..1", "x=a..b", "x=..", "1..2"):
        done = run("same", "x", "x", "--box", box)
        assert done.returncode == 2, box
    assert run("same", "x").returncode == 2
    assert run("same", "[x, y]", "x").returncode == 2
