"""Derivations: every line equals the derivative by mpmath, and the last one is what diff prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.derive.steps import Steps, derivation_steps
from adcli.derive.symbolic import shared, written_out
from adcli.errors import AdcliError, DomainError, LimitError
from adcli.language.nodes import Node, postorder, variable_node
from adcli.language.point import as_point
from adcli.language.reader import parse
from adcli.language.writer import to_text
from tests.reference import exact
from tests.reference.formulas import FAMILIAR, smooth_formula

ORDINARY = [
    "x", "5*y + x", "y", "-x", "x^5", "3*x^2*y/5", "1/x", "sqrt(x)", "exp(-x^2/2)", "x^2*sin(x)", "sin(x*y)^2",
    "tan(x)", "asin(x/3)", "atan(2*x)", "tanh(x*y)", "x^y", "y^x", "x^x", "2^(x*y)", "ln(sin(x))",
    "exp(sin(exp(x)))",
    "(x^2+1)/(x^2-3)", "sqrt(x^2+y^2)", "x*y^2*exp(-x*y)", "ln(x)/x", "(1+1/x)^x", "erf(x)", "atan2(y, x)", "log(x, y)",
    "4*(cos(x)+2*x-exp(x))^2", "(12-x*exp(y))/(45+x*y*exp(-x))", "x*x", "x + x^2 - x^3 + x*y - 7", "2*x/y*3*pi",
    "a = x^2; a*(a + y)", "f(u, v) = u*v; f(x, f(y, x)) + f(x, x)", "sum(i=1..4, x^i/i)", "prod(i=1..3, x + i)",
    "if x > 1 then x^2 else sin(x)", "if x > 3 then x^2 else if y > x then y else sin(x)*x", "max(x, 2*y)*x",
    "min(x, y, x*y)", "abs(x - 3)*x", "relu(x)", "clamp(x, 0, y)", "hypot(x, y)", "x*floor(x) + sign(x)", "0*x + y*x",
    "ln(x1)+x1*x2-sin(x2)", "c*x^2 + a*x + b", "sigmoid(w*x + b)", "gamma(x)*polygamma(1, x)", "fma(x, y, x)",
]  # fmt: skip
AT = {"x": 1.25, "y": 0.75, "x1": 2.5, "x2": 1.5, "a": 0.5, "b": -0.25, "c": 3.5, "w": -0.75, "z": 0.5}


def tree(text: str) -> Node:
    """Return a formula without references to definitions."""
    return shared(*parse(text).outputs.values())


def slope(text: str, name: str, at: dict[str, Any]) -> Any:
    """Return the derivative of a formula by mpmath, from values only."""
    node = tree(text)
    return mp.diff(lambda t: exact.value(node, {**at, name: t}), mpf(at[name]), h=mpf(10) ** -20)


def read(line: str, at: dict[str, Any]) -> Any:
    """Return the value of a line, where mpmath finds each d/dx(...) from values of what is inside."""
    given = dict(at)
    while m := re.search(r"d/d(\w+)\(", line):
        end, depth = m.end(), 1
        while depth:
            depth += {"(": 1, ")": -1}.get(line[end], 0)
            end += 1
        name = f"pending_{len(given)}"
        given[name] = slope(line[m.end() : end - 1], m[1], at)
        line = f"{line[: m.start()]}{name}{line[end:]}"
    return exact.value(tree(line), given)


def close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= mpf(10) ** -12 * (1 + abs(b)))


def check(f: adcli.Formula, name: str, at: dict[str, Any]) -> Steps:
    """Hold every line to the derivative by mpmath, and the last to what diff prints."""
    found = f.steps(name)
    first, *rest = found.steps
    assert first.formula == f"d/d{name}({written_out(f.script)})"
    assert found.steps[-1].formula == written_out(f.derivative(name).script)
    assert "d/d" not in found.steps[-1].formula
    derivative = slope(written_out(f.script), name, at)
    for step in rest:
        assert close(read(step.formula, at), derivative), (str(f), name, step)
        assert step.rule
    return found


@pytest.mark.parametrize("text", ORDINARY)
def test_every_line_is_the_derivative(text: str) -> None:
    f = adcli.formula(text)
    if "i=" in text:  # sums are written out
        f = adcli.formula(to_text(shared(f.expanded(as_point(None))[0][0])))
    with mp.workdps(50):
        for name in f.variables:
            check(f, name, AT)


def tame(f: adcli.Formula, at: dict[str, Any]) -> bool:
    """Tell whether there are values and none is of a size that mpmath would take long for, or lose digits by."""
    try:
        values = f.evaluation(as_point({name: at[name] for name in f.variables})).values
    except DomainError:
        return False
    return all(x is None or x == 0 or 1e-4 < abs(x) < 1e4 for x in values)


def random_lines(seeds: range) -> int:
    """Check the steps of random formulas; return how many had a derivative at their point."""
    checked = 0
    with mp.workdps(50):
        for seed in seeds:
            node, at = smooth_formula(seed)
            f = adcli.formula(to_text(node))
            for name in f.variables:
                assert f.steps(name).steps[-1].formula == written_out(f.derivative(name).script)
                if tame(f, at):
                    with suppress(exact.Outside, exact.Unclear):  # at an edge
                        check(f, name, at)
                        checked += 1
    return checked


def test_random_formulas() -> None:
    assert random_lines(range(40)) > 30


@pytest.mark.slow
def test_2000_random_formulas() -> None:
    assert random_lines(range(2000)) > 1500


@pytest.mark.parametrize("op", FAMILIAR, ids=lambda op: op.name)
def test_laws_in_letters_are_true(op: ops.Op) -> None:
    """The law of (a*b)' holds for any a and b that move at the speeds a' and b'."""
    args = tuple(ops.sin(variable_node("x")) for _ in range(op.arity))
    law = derivation_steps(None, Node(op, args), ["x"]).steps[1].law
    left, _, right = law.replace("a'", "a_").replace("b'", "b_").replace("u'", "u_").partition(")' = ")
    left = f"{left})"
    letters = [node.name for node in postorder([tree(left)]) if node.name]
    at = dict(zip(letters, map(mpf, op.sample), strict=True))
    speed = {name: mpf(k + 2) / 3 for k, name in enumerate(letters)}
    with mp.workdps(50):
        moved = mp.diff(lambda t: exact.value(tree(left), exact.moved(at, speed, t)), 0)
        assert close(exact.value(tree(right), at | {f"{name}_": s for name, s in speed.items()}), moved)


# -- shape ------------------------------------------------------------------------------------------------------------
def lines(text: str, *wrt: str) -> list[tuple[str, str]]:
    return [(step.formula, step.rule) for step in adcli.formula(text).steps(*wrt).steps]


def test_no_more_lines_than_needed() -> None:
    assert lines("x^2*sin(x)", "x") == [
        ("d/dx(x^2*sin(x))", ""),
        ("d/dx(x^2)*sin(x) + d/dx(sin(x))*x^2", "product"),
        ("2*x*sin(x) + d/dx(sin(x))*x^2", "power"),
        ("2*x*sin(x) + cos(x)*x^2", "sin"),
    ]
    assert [rule for _, rule in lines("x + x^2 - (x^3 - 7) + x*y", "x")] == [
        "", "sum", "power", "power", "constant factor",
    ]  # fmt: skip
    assert adcli.formula("x^2 + x*y - 7").steps("x").steps[1].law == "(a + b)' = a' + b'"
    assert adcli.formula("7 - x^2").steps("x").steps[1].law == "(c - a)' = -a'"
    assert lines("exp(x^2)*exp(x^2)", "x")[2][0] == "d/dx(x^2)*exp(x^2)*exp(x^2) + d/dx(x^2)*exp(x^2)*exp(x^2)"
    assert lines("3*x^2*y/5", "x")[1:] == [
        ("3*d/dx(x^2)*y/5", "constant factor"), ("3*(2*x)*y/5", "power"), ("6*x*y/5", "simplified"),
    ]  # fmt: skip
    assert lines("y", "y") == [("d/dy(y)", ""), ("1", "variable")]
    assert lines("0*x + y", "x") == [("d/dx(0*x + y)", ""), ("d/dx(y)", "simplified"), ("0", "constant")]


def test_a_quotient_is_derived_as_it_is_taught() -> None:
    found = adcli.formula("sin(x)/(1 + x^2)").steps("x").steps
    assert (found[1].formula, found[1].rule, found[1].law) == (
        "(d/dx(sin(x))*(1 + x^2) - sin(x)*d/dx(1 + x^2))/(1 + x^2)^2", "quotient", "(a/b)' = (a'*b - a*b')/b^2",
    )  # fmt: skip
    assert (found[-1].rule, found[-1].law) == ("rearranged", "(a'*b - a*b')/b^2 = a'/b - b'*(a/b/b)")
    assert lines("sin(x)/y", "x")[-1] == ("cos(x)/y", "sin")
    assert adcli.formula("3/x").steps("x").steps[1].law == "(c/a)' = -(c*a'/a^2)"


def test_higher_orders_begin_a_new_equation() -> None:
    found = adcli.formula("x^2*y^2").steps("x", "y")
    assert [s.formula for s in found.steps if s.rule == ""] == ["d/dx(x^2*y^2)", "d/dy(2*x*y^2)"]
    assert found.steps[-1].formula == written_out(adcli.formula("x^2*y^2").derivative("x", "y").script)


def cli(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "adcli", "diff", *args], capture_output=True, text=True, timeout=60)


def test_at_the_terminal() -> None:
    done = cli("x^2*y", "--wrt", "x", "--steps", "--at", "x=1,y=3", "--format", "json")
    data = json.loads(done.stdout)
    assert (done.returncode, data["value"], data["derivative"]) == (0, 6, data["steps"][-1]["formula"])
    assert data["steps"][1] == {
        "formula": "d/dx(x^2)*y", "rule": "constant factor", "law": "(a*c)' = a'*c", "wrt": "x",
    }  # fmt: skip
    table = cli("sum(i=1..n, x[i]^2)", "--wrt", "x[2]", "--at", "n=2", "--steps").stdout
    assert "d/dx[2](x[1]^2 + x[2]^2)" in table
    latex = cli("sqrt(a/x)", "--wrt", "x", "--steps", "--format", "latex").stdout
    assert r"\frac{\partial}{\partial x}\left(\frac{a}{x}\right)" in latex
    assert r"\sqrt{a}' = a' \cdot \frac{0.5}{\sqrt{a}}$" in latex
    assert "d/d" not in latex


def test_a_line_of_a_table_does_not_break_in_a_derivative() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adcli", "diff", "sin(x)*cos(x)*exp(x)*tan(x)", "--wrt", "x", "--steps"],
        capture_output=True, text=True, timeout=60, env={**os.environ, "COLUMNS": "60"},
    )  # fmt: skip
    assert not re.search(r"d/\s", done.stdout)
    assert re.search(r"d/dx\(", done.stdout)


@pytest.mark.long
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["[x, x^2]", "--wrt", "x"], "the formula has several outputs"),
        (["x^2", "--wrt", "z"], "the formula has no variable z"),
        (["sum(i=1..n, x[i])", "--wrt", "x[1]"], "needs the value of n"),
        (["x^2", "--wrt", "x", "--cse"], "leave out --cse"),
        (["x^2", "--wrt", "x", "--cost", "2"], "leave out --cse and --cost"),
        (["+".join(f"sin({k}*x)" for k in range(400)), "--wrt", "x"], "longer than 262,144 characters"),
    ],
)
def test_refusals(args: list[str], says: str) -> None:
    done = cli(*args, "--steps")
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_large_formulas_are_refused_soon() -> None:
    deep = "y1 = x*x; " + "".join(f"y{k} = y{k - 1}*y{k - 1}; " for k in range(2, 60)) + "y59"
    for text in (deep, "sin(" * 3000 + "x" + ")" * 3000):
        with pytest.raises(LimitError, match="leave out --steps"):
            adcli.formula(text).steps("x")


def test_errors_are_of_adcli() -> None:
    with pytest.raises(AdcliError, match="single variables"):
        adcli.formula("x[1]*x[2]").steps("x")


def test_a_derivation_prints_itself() -> None:
    text = repr(adcli.formula("sin(x)").steps("x"))
    assert text.splitlines()[0] == "y = sin(x)"
    assert re.search(r"^=\s+cos\(x\)\s+sin\s+sin\(x\)' = cos\(x\)$", text, re.M)
