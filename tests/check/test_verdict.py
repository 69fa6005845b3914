"""The verdict is right where the derivative is, says why where there is none, and sees a rule that is wrong."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

import adcli as package
from adcli import ops
from adcli.errors import DomainError
from adcli.language.writer import to_text
from tests.cli.test_cli import FORMATS, adcli, strict
from tests.reference.formulas import smooth_formula

SAMPLES = Path(__file__).parents[2] / "samples"
formula = package.formula


def test_all_methods_agree_on_a_formula_of_a_book() -> None:
    found = formula("ln(x1)+x1*x2-sin(x2)").check(x1=2, x2=5)
    assert found.agrees
    assert found.complete
    assert found["x1"].value == 5.5
    assert [f.method for f in found["x2"].findings] == [
        "forward", "reverse", "symbolic", "complex step", "differences", "50 digits",
    ]  # fmt: skip
    assert found["x2"].exact.startswith("1.7163378145367737")
    assert all(f.digits is None or f.digits > 13 for c in found.components for f in c.findings)
    assert "6 methods agree, 16 digits are correct" in found.verdict


@pytest.mark.long
def test_random_formulas_raise_no_false_alarm() -> None:
    checked = 0
    for seed in range(120):
        node, at = smooth_formula(seed)
        f = formula(to_text(node))
        try:
            found = f.check({name: at[name] for name in f.variables})
        except DomainError:
            continue
        if not found.notes:
            assert found.agrees, (seed, to_text(node), at, found.verdict)
            checked += 1
    assert checked > 60


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [("1/x", 1e-200, "-1.0e+400"), ("x^-3", -1e-100, "-3.0e+400"), ("gamma(x)", 171.6, "8.1551e+308")],
)
def test_methods_agree_where_the_derivative_overflows(text: str, x: float, slope: str) -> None:
    found = formula(text).check(x=x)
    assert found.agrees
    assert found.verdict.endswith(f"∂y/∂x is {slope}, beyond the range of floats")


@pytest.mark.parametrize("rule", [0.99, 1 + 1e-6, -1.0])
def test_a_wrong_rule_is_seen(rule: float, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ops.sin.rules[0]
    assert callable(right)

    def wrong(y: Any, x: Any) -> Any:
        return rule * right(y, x)

    monkeypatch.setattr(ops.sin, "rules", (wrong,))
    monkeypatch.setattr(ops.sin, "slopes", (wrong,))
    found = formula("x*sin(x)").check(x=2)
    assert not found.agrees
    assert found.verdict.startswith("the methods disagree: ∂y/∂x is")


def test_a_wrong_rule_is_seen_without_mpmath_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mpmath"]:
        monkeypatch.setitem(sys.modules, name, None)
    found = formula("x*sin(x)").check(x=2)
    assert found.agrees
    assert "50 digits: needs: pip install 'adcli[precise]'" in found.remarks
    assert found["x"].digits is None
    monkeypatch.setattr(ops.sin, "rules", (lambda y, x: 1 - ops.cos(x),))
    monkeypatch.setattr(ops.sin, "slopes", (lambda y, x: 1 - ops.cos(x),))
    assert not formula("x*sin(x)").check(x=2).agrees


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("abs(x)", {"x": 0}, "∂y/∂x is the mean of the one-sided slopes -1 and 1"),
        ("max(x, 3x)", {"x": 0}, "the mean of the one-sided slopes 1 and 3"),
        ("sqrt(x)", {"x": 0}, "∂y/∂x is infinite"),
        ("asin(x)", {"x": 1}, "∂y/∂x is infinite"),
        ("x^1.5", {"x": 0}, "∂y/∂x is one-sided"),
        ("x*abs(x)", {"x": 0}, "methods agree"),
        ("max(x,0) - max(-x,0)", {"x": 0}, "methods agree"),
        ("(1 - cos(x))/x^2", {"x": 1e-6}, "as far as rounding lets them"),
    ],
)
def test_edges_are_no_false_alarms(text: str, at: dict[str, float], says: str) -> None:
    found = formula(text).check(at)
    assert found.agrees, found.verdict
    assert says in found.verdict


def test_a_derivative_that_does_not_exist_is_no_answer() -> None:
    found = formula("floor(x)").check(x=1)
    assert found.agrees
    assert not found.complete
    assert "∂y/∂x does not exist: the function jumps" in found.verdict


def test_digits_lost_to_cancellation_are_counted() -> None:
    found = formula("(1 - cos(x))/x^2").check(x=1e-6)["x"]
    assert found.digits == 0
    assert found.condition is not None
    assert found.condition > 1e15
    exact = formula("2*sin(x/2)^2/x^2").check(x=1e-2)["x"]
    assert exact.digits is not None
    assert 9 < exact.digits < 15  # a stable value, but its derivative is a small difference


def test_a_wrong_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from adcli.check import peers

    monkeypatch.setitem(peers.PEERS, "sympy", lambda evaluation, wrt: dict.fromkeys(wrt, 3.0))
    found = formula("x^2").check(x=1, against=("sympy",))
    assert "∂y/∂x is 2 by 50 digits, 3 by sympy" in found.verdict
    assert not found.agrees


SINGLE = [path for path in sorted(SAMPLES.glob("*.ad")) if path.stem not in ("elementwise", "polar", "rosenbrock")]


@pytest.mark.parametrize("sample", SINGLE, ids=lambda path: path.stem)
def test_samples_of_one_output_and_no_array_pass(sample: Path) -> None:
    f = package.load(sample)
    assert f.check({name: 1.5 + k for k, name in enumerate(f.variables)}).agrees


def test_only_the_variables_asked_for() -> None:
    assert [c.variable for c in formula("x*y*z").check({"x": 1, "y": 2, "z": 3}, wrt=("z", "x")).components] == [
        "z",
        "x",
    ]


@pytest.mark.long
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "more", [(), ("--claim", "x: 2x"), ("--claim", "x: x"), ("--step-sweep",)], ids=["check", "right", "wrong", "sweep"]
)
def test_every_format_shows_it(format_: str, more: tuple[str, ...]) -> None:
    done = adcli("check", "x^2 + 1", "--at", "x=3", "--format", format_, *more)
    assert done.returncode == (1 if "x: x" in more else 0)
    assert done.stdout
    if format_ in ("json", "jsonl"):
        data = strict(done.stdout)
        assert data["formula"] == "x^2 + 1"
        assert {"components", "claims", "curves"} & data.keys()
    elif format_ != "csv":
        assert ("verdict" in done.stdout) == ("--step-sweep" not in more)


@pytest.mark.long
def test_the_exit_status_tells() -> None:
    assert adcli("check", "x^2", "--at", "x=3").returncode == 0
    assert adcli("check", "floor(x)", "--at", "x=3").returncode == 1
    assert adcli("check", "abs(x)", "--at", "x=0", "--strict").returncode == 1
    assert adcli("check", "x^2", "--at", "x=3", "--against", "excel").returncode == 2
    assert adcli("check", "[x, y]", "--at", "x=3,y=1").returncode == 2


def test_json_holds_the_fifty_digits() -> None:
    data = json.loads(adcli("check", "x/3", "--at", "x=1", "-f", "json").stdout)
    (component,) = data["components"]
    assert component["exact"] == "0." + "3" * 50
    assert component["methods"][0] == {
        "method": "forward",
        "value": 1 / 3,
        "error": component["methods"][0]["error"],
        "digits": component["digits"],
    }
    assert math.isclose(component["digits"], 15.95, abs_tol=1)


def test_it_prints_itself() -> None:
    text = repr(formula("x^2").check(x=3))
    assert text.startswith("y = x^2\nat x = 3")
    assert "verdict: 6 methods agree" in text
