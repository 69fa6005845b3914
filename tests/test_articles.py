"""The numbers and tables that articles and books print come out as printed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import adcli
from adcli.trace.rows import TraceRow, TraceTable

SAMPLES = Path(__file__).parent.parent / "samples"
MODES = ("forward", "reverse", "both")


def sample(name: str) -> adcli.Formula:
    return adcli.load(SAMPLES / f"{name}.ad")


def rows(trace: TraceTable) -> list[TraceRow]:
    """Return the rows of inputs and operations; the last, which names the output, is left out."""
    *body, last = trace.rows
    assert last.op == "output"
    assert last.value == body[-1].value
    return body


def printed(x: float | None, text: str) -> bool:
    """Tell whether a number is what was printed, rounded to as many decimals."""
    decimals = len(text.partition(".")[2])
    return x is not None and f"{x:.{decimals}f}" == text


def check_primal(body: list[TraceRow], published: list[tuple[str, str, str]]) -> None:
    assert [(row.name, row.formula) for row in body] == [(name, formula) for name, formula, _ in published]
    for row, (name, _, value) in zip(body, published, strict=True):
        assert printed(row.value, value), f"{name} is {row.value}, published as {value}"


# -- Baydin, Pearlmutter, Radul & Siskind, "Automatic differentiation in machine learning: a survey", JMLR 18 (2018) ---
BAYDIN = [
    ("v-1", "x1", "2"),
    ("v0", "x2", "5"),
    ("v1", "ln(v-1)", "0.693"),
    ("v2", "v-1*v0", "10"),
    ("v3", "sin(v0)", "-0.959"),
    ("v4", "v1 + v2", "10.693"),
    ("v5", "v4 - v3", "11.652"),
]


@pytest.mark.parametrize("mode", MODES)
def test_baydin_primal(mode: str) -> None:
    check_primal(rows(sample("baydin").trace(x1=2, x2=5, mode=mode)), BAYDIN)


def test_baydin_table_2_forward() -> None:
    trace = sample("baydin").trace(x1=2, x2=5, mode="forward", wrt=("x1",))
    published = ["1", "0", "0.5", "5", "0", "5.5", "5.5"]
    for row, tangent in zip(rows(trace), published, strict=True):
        assert row.tangents
        assert printed(row.tangents["x1"], tangent), row
    assert printed(trace.rows[-1].tangents["x1"], "5.5")


def test_baydin_table_3_reverse() -> None:
    trace = sample("baydin").trace(x1=2, x2=5, mode="reverse")
    published = {"v5": "1", "v4": "1", "v3": "-1", "v1": "1", "v2": "1", "v0": "1.716", "v-1": "5.5"}
    found = {row.name: row for row in rows(trace)}
    assert found.keys() == published.keys()
    for name, adjoint in published.items():
        assert printed(found[name].adjoint, adjoint), found[name]
    assert [(c.source, c.partial) for c in found["v0"].contributions] == [("v3", "cos(v0)"), ("v2", "v-1")]
    assert [(c.source, c.partial) for c in found["v-1"].contributions] == [("v2", "v0"), ("v1", "1/v-1")]


# -- Griewank & Walther, "Evaluating derivatives", 2nd ed. (2008), Tables 1.1 to 1.3 -----------------------------------
GRIEWANK = [
    ("v-1", "x1", "1.5000"),
    ("v0", "x2", "0.5000"),
    ("v1", "v-1/v0", "3.0000"),
    ("v2", "sin(v1)", "0.1411"),
    ("v3", "exp(v0)", "1.6487"),
    ("v4", "v1 - v3", "1.3513"),
    ("v5", "v2 + v4", "1.4924"),
]


@pytest.mark.parametrize("mode", MODES)
def test_griewank(mode: str) -> None:
    f = sample("griewank")
    trace = f.trace(x1=1.5, x2=0.5, mode=mode, order="evaluation")
    check_primal(rows(trace)[:-1], GRIEWANK)
    gradient = f.gradient(x1=1.5, x2=0.5, mode=mode)
    assert printed(gradient["x1"], "3.0118")
    # The book goes on from rows that it has rounded: v6 = 1.4924*1.3513 is 2.0167 there, and 2.01665 with every digit.
    last = rows(trace)[-1]
    assert (last.name, last.formula) == ("v6", "v5*v4")
    assert printed(1.4924 * 1.3513, "2.0167")
    assert gradient.value == last.value == pytest.approx(2.0167, abs=1e-4)
    assert gradient["x2"] == pytest.approx(-13.7239, abs=1e-4)


# -- A: forward mode by operator overloading -------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
def test_a(mode: str) -> None:
    gradient = sample("baydin").gradient(x1=2, x2=5, mode=mode)
    assert printed(gradient.value, "11.6521")
    assert printed(gradient["x1"], "5.5000")
    assert printed(gradient["x2"], "1.7163")


# -- B: reverse mode by closures, and dual numbers -------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("x", "y"), [(0.5, 1.2), (2.0, 3.0)])
def test_b(mode: str, x: float, y: float) -> None:
    gradient = sample("dual").gradient(x=x, y=y, mode=mode)
    assert gradient.value == math.sin(x) * math.cos(y)
    assert gradient["x"] == math.cos(x) * math.cos(y)
    assert gradient["y"] == -math.sin(x) * math.sin(y)


def test_b_computes_a_product_once() -> None:
    trace = sample("shared").trace(x=2, y=3)
    body = rows(trace)
    assert [row.op for row in body] == ["input", "input", "mul", "sin", "cos", "add"]
    for row, value in zip(body[2:], ("6.0", "-0.279", "0.960", "0.681"), strict=True):
        assert printed(row.value, value)


# -- C: an explicit graph of vertices, equal to the last bit to numpy's ----------------------------------------------
@pytest.mark.parametrize("mode", MODES)
def test_c(mode: str) -> None:
    gradient = sample("vertices").gradient(x1=1, x2=2, mode=mode)
    assert gradient.value == np.exp(2.0 * 1.0) + 1.0 * 2.0**2 + np.cos(2.0)
    assert gradient["x1"] == 2 * np.exp(2.0) + 4
    assert gradient["x2"] == 4 - np.sin(2.0)


# -- D: numeric, symbolic and automatic differentiation --------------------------------------------------------------
def test_d1() -> None:
    f = sample("steps")
    for x in (0.0, 1.0, 5.5, 10.0):
        slope = 2 * (x - 10) * (3 * x**2 - 3 * x + 1) + (x - 10) ** 2 * (6 * x - 3)
        assert f.gradient(x=x)["x"] == pytest.approx(slope, rel=1e-14, abs=1e-12)


def test_d2_chain() -> None:
    for x in (-1.0, 0.0, 0.7, 2.0):
        slope = 4 * (2 * x - math.exp(x) + math.cos(x)) * (-2 * math.exp(x) - 2 * math.sin(x) + 4)
        assert sample("chain").gradient(x=x)["x"] == pytest.approx(slope, rel=1e-14)


def test_d2_swell() -> None:
    for w, x, b in ((0.5, 1.5, -0.25), (-1.0, 2.0, 0.5)):
        gradient = sample("swell").gradient(w=w, x=x, b=b)
        slope = 1 / math.cosh(w * x + b) ** 2
        assert gradient.value == pytest.approx(math.tanh(w * x + b), rel=1e-14)
        assert gradient["w"] == pytest.approx(x * slope, rel=1e-13)
        assert gradient["b"] == pytest.approx(slope, rel=1e-13)


@pytest.mark.parametrize(("x", "value", "slope"), [(3.0, 11.0, 2.0), (1.0, 5.5, 0.5)])
def test_d2_branch(x: float, value: float, slope: float) -> None:
    gradient = sample("branch").gradient(x=x)
    assert (gradient.value, gradient["x"]) == (value, slope)


def test_d3_primal() -> None:
    check_primal(
        rows(sample("survey").trace(x1=2, x2=4)),
        [
            ("v-1", "x1", "2"),
            ("v0", "x2", "4"),
            ("v1", "v-1*v0", "8"),
            ("v2", "ln(v-1)", "0.693"),
            ("v3", "v1 + v0", "12"),
            ("v4", "v3 - v2", "11.307"),
        ],
    )


def test_d4_forward() -> None:
    body = rows(sample("survey").trace(x1=3, x2=-4, mode="forward", wrt=("x2",)))
    primals = ["3", "-4", "-12", "1.10", "-16", "-17.10"]
    tangents = [0, 1, 3, 0, 4, 4]
    for row, primal, tangent in zip(body, primals, tangents, strict=True):
        assert printed(row.value, primal)
        assert row.tangents == {"x2": tangent}
    v1, v2, v3, v4 = body[2:]
    assert v1.tangent_formula == "v'-1*v0 + v'0*v-1"
    assert v1.tangent_numbers == {"x2": "0*(-4) + 1*3"}
    assert (v2.tangent_formula, v2.tangent_numbers) == ("v'-1/v-1", {"x2": "0/3"})
    assert (v3.tangent_formula, v3.tangent_numbers) == ("v'1 + v'0", {"x2": "3 + 1"})
    assert (v4.tangent_formula, v4.tangent_numbers) == ("v'3 - v'2", {"x2": "4 - 0"})


def test_d5_reverse() -> None:
    found = {row.name: row for row in rows(sample("survey").trace(x1=3, x2=-4, mode="reverse"))}
    published = {"v4": "1", "v3": "1", "v2": "-1", "v1": "1", "v0": "4", "v-1": "-4.33"}
    for name, adjoint in published.items():
        assert printed(found[name].adjoint, adjoint)
    v0, v_1 = found["v0"], found["v-1"]
    assert (v0.adjoint_formula, v0.adjoint_numbers) == ("v~3*1 + v~1*v-1", "1*1 + 1*3")
    assert (v_1.adjoint_formula, v_1.adjoint_numbers) == ("v~2*(1/v-1) + v~1*v0", "-1*(1/3) + 1*(-4)")
    assert [(c.source, c.amount) for c in v0.contributions] == [("v3", 1.0), ("v1", 3.0)]
    assert [(c.source, c.amount) for c in v_1.contributions] == [("v2", -1 / 3), ("v1", -4.0)]


@pytest.mark.parametrize("mode", MODES)
def test_d7(mode: str) -> None:
    at = {"a": 25, "b": 4, "c": -5}
    first = sample("overload")
    gradient = first.gradient(at, mode=mode)
    assert (gradient.value, gradient.as_dict()) == (-25, {"a": -1, "b": 25, "c": 25})
    second = sample("quotient").gradient(at, mode=mode)
    assert (second.value, second.as_dict()) == (11.25, {"a": 0.25, "b": -1.5625, "c": -1})
    assert first.gradient(at, mode=mode) == gradient  # nothing of the second added to the first


# -- E: a lazy expression tree ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
def test_e(mode: str) -> None:
    gradient = sample("lazy").gradient(x=3, y=5, mode=mode)
    assert (gradient.value, gradient["x"], gradient["y"]) == (40, 5, 13)
    gradient = sample("fraction").gradient(x=3, y=5, mode=mode)
    assert gradient["x"] == pytest.approx(-3.34729777301069, rel=1e-14)
    assert gradient["y"] == pytest.approx(-9.70176956641438, rel=1e-14)
