"""Formulas from papers: what is written in LaTeX is what is understood; a reading that was a choice is told."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from formulas import NAMES, Choices, examples, random_formula
from hypothesis import given
from hypothesis import strategies as st

import adcli
from adcli.errors import AdcliError, FormulaError
from adcli.formula import Formula
from adcli.latex import parse_latex
from adcli.parse import parse
from adcli.printing import latex_name, to_latex, to_text
from adcli.texwords import FUNCTIONS

BYTES = st.binary(min_size=60, max_size=200)


def understood(text: str) -> str:
    return str(Formula(parse_latex(text)))


# -- what is understood -----------------------------------------------------------------------------------------------
READ = {
    r"\frac{12-xe^y}{45+xye^{-x}}": "(12 - x*exp(y))/(45 + x*y*exp(-x))",
    r"\frac12 + \tfrac{1}2 + \dfrac1{x} + \frac x2": "1/2 + 1/2 + 1/x + x/2",
    r"\sqrt{x} + \sqrt[3]{x} + \sqrt[n]{x} + \sqrt 2": "sqrt(x) + cbrt(x) + x^(1/n) + sqrt(2)",
    r"\sin^2 x + \cos^{2}(x)": "sin(x)^2 + cos(x)^2",
    r"\ln\left(x_1\right) + x_1 x_{12} - \sin x_2": "ln(x1) + x1*x12 - sin(x2)",
    r"\left( x+1 \right) \cdot [y-1] \times \{z\}": "(x + 1)*(y - 1)*z",
    r"|x| + \left|x-1\right| + \lvert x \rvert |y| + ||x|-1|": "abs(x) + abs(x - 1) + abs(x)*abs(y) + abs(abs(x) - 1)",
    r"\begin{cases} x^2, & \text{if } x < 0, \\ x & x \le 1 \\ 1, & \text{otherwise.} \end{cases}": (
        "if x < 0 then x^2 else if x <= 1 then x else 1"
    ),
    r"\begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}": "if x >= 0 then x else -x",
    r"\begin{cases} 1 & 0 < x < 1 \\ 2 & x = 2 \\ 3 & x > 3 \lor \lnot x \ne 4 \end{cases}": (
        "if 0 < x and x < 1 then 1 else if x == 2 then 2 else if x > 3 or not x != 4 then 3 else 0/0"
    ),
    r"abc": "a*b*c",
    r"2\pi r \, h \quad k \; l": "2*pi*r*h*k*l",
    r"\alpha\beta_1 + \Omega + \varepsilon": "alpha*beta1 + Omega + varepsilon",
    r"α β + x − y · z": "alpha*beta + x - y*z",
    r"\mathrm{rate} t + \text{loss}_1 + \mathbf{w}": "rate*t + loss1 + w",
    r"\operatorname{relu}(x) + \mathrm{softplus}\left(x\right) + \operatorname{atan2}(y, x)": (
        "relu(x) + softplus(x) + atan2(y, x)"
    ),
    r"k_B T + x_{\text{max}} + x_{ij} + x_{i,j} + x_{1,2} + \mathit{sin}_2": "k_B*T + x_max + x_ij + x_i_j + x1_2 + sin2",
    r"\log_2 x + \log_{10}(x) + \log_b x + \lg x": "log2(x) + log10(x) + log(x, b) + log10(x)",
    r"\max(a, b, c) - \min\{a, b\}": "max(max(a, b), c) - min(a, b)",
    r"\exp\left\{-\frac{(x-\mu)^2}{2\sigma^2}\right\}": "exp(-((x - mu)^2/(2*sigma^2)))",
    r"\lfloor x \rfloor + \lceil x \rceil + a \bmod b": "floor(x) + ceil(x) + mod(a, b)",
    r"\Gamma(x) + \Gamma + \arctan x + \coth x": "gamma(x) + Gamma + atan(x) + coth(x)",
    r"6.6 \cdot 10^{-34} x + 3 \times 10^2 + x^2 \cdot 10^3 + y/10^2": "6.6e-34*x + 300 + x^2*10^3 + y/10^2",
    r"e^2 + {e}^2 + e x + 2^{e}": "exp(2) + e^2 + e*x + 2^e",
    r"x^{10} + x^ay + 2^{x+1}y + {x^2}^3": "x^10 + x^a*y + 2^(x + 1)*y + (x^2)^3",
    r"\sin x \cos y + \ln \sin x + \sin(x)(y+1) + \sin x^2 + \sin(x)^2": (
        "sin(x)*cos(y) + ln(sin(x)) + sin(x)*(y + 1) + sin(x^2) + sin(x)^2"
    ),
    r"\frac{1}{n} \sum_{i=1}^n (x_i - x_{i+1})^2 + x_1": "1/n*sum(i=1..n, (x[i] - x[i + 1])^2) + x[1]",
    r"\prod_{k=1}^{3} k x^k \cdot 2 + 1": "prod(k=1..3, k*x^k*2) + 1",
    r"-x^2 - 3^{-2} + a \cdot -b": "-x^2 - 3^-2 + a*(-b)",
    r"$x$": "x",
    r"$$ x, $$": "x",
    r"\[ f = x \]": "x",
    r"\(x\).": "x",
    r"\begin{equation} y = x + 1. \label{eq:1} \end{equation}": "x + 1",
    "x % comment with $\n + 1": "x + 1",
    r"f(x, y) = x^2 y": "x^2*y",
    r"\begin{aligned} a &= x^2 \\ y &= a + 1 \end{aligned}": "a = x^2; a + 1",
    r"\begin{align*} u &= r \cos t, \\[2pt] v &= r \sin t. \\ \end{align*}": "[r*cos(t), r*sin(t)]",
    r"f(u) = u^2 \\ f(x) + f(2)": "x^2 + 2^2",
    r"a = x_1/x_2 \\ b = a - e^{x_2} \\ (\sin a + b) b": "a = x1/x2; b = a - exp(x2); (sin(a) + b)*b",
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_what_is_understood(text: str) -> None:
    assert understood(text) == READ[text]
    assert not parse_latex(text).notes or "x^2 y" in text


CHOICES = {
    r"\ln x_1 x_2": "is read as ln(x1*x2)",
    r"\sin 2 \pi f t": "is read as sin(2*pi*f*t)",
    r"\sin x / 2": "is read as sin(x)/2",
    r"a \sin x \cdot y": "is read as a*sin(x)*y",
    r"\ln|x|y": "is read as ln(abs(x)*y)",
    r"\sin^{-1} x": "is read as asin(x)",
    r"\log x": "is read as ln(x)",
    r"f(x) + 1": "is read as f*x",
    r"f(x+1)": "is read as f*(x + 1)",
    r"pi r^2": "is read as the product p*i",
    r"|a|b|c|": "pairs from the left",
}


@pytest.mark.parametrize("text", CHOICES)
def test_a_choice_is_told(text: str) -> None:
    (note,) = parse_latex(text).notes
    assert note.kind == "reading"
    assert CHOICES[text] in note.text
    assert note.hint
    assert "^" in str(note)


def test_where_there_is_no_choice_there_is_no_note() -> None:
    for text in (r"\sin 2\pi x", r"\sin x + 2", r"\ln(x) y", r"x(1-x)", r"\cos 3x \sin y"):
        assert not parse_latex(text).notes, text


COMMANDS = {
    "grad": (), "eval": (), "jacobian": (), "hessian": (), "taylor": (), "ast": None, "diff": ("--wrt", "x"),
    "partial": ("--wrt", "x"), "jvp": ("--tangent", "x=1"), "vjp": ("--cotangent", "f=1"), "hvp": ("--vector", "x=1"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_reads_latex_and_tells_choices(command: str) -> None:
    from test_errors import run  # in this process

    more = COMMANDS[command]
    words = [command, r"f = \ln x x^2", "--syntax", "latex", *(("--at", "x=2", *more) if more is not None else ())]
    status, out, err = run(words)
    assert status == 0, err
    assert "ln(x*x^2)" in out or "x" in out
    assert err.count("note: ") == 1


def test_the_notes_are_in_json() -> None:
    from test_errors import run

    _, out, _ = run(["grad", r"\ln x y", "--syntax", "latex", "--at", "x=2,y=1", "--format", "json"])
    assert '"kind": "reading"' in out


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "formula.tex"
    path.write_text("\\begin{align}\n  a &= x^2 \\\\\n  y &= \\frac{a}{2}\n\\end{align}\n", "utf-8")
    assert adcli.load(path)(x=4) == 8
    assert adcli.formula(r"\frac{x}{2}", syntax="latex")(x=4) == 2
    with pytest.raises(AdcliError, match="is not a syntax"):
        adcli.formula("x", syntax="tex")


def test_definitions_and_results_have_their_names() -> None:
    script = parse_latex(r"a = 2 y \\ f(y, x) = a x \\ g = a")
    assert tuple(script.outputs) == ("f", "g")
    assert tuple(script.definitions) == ("a",)
    assert parse_latex(r"f(y, x) = x - y").variables == ("y", "x")
    assert tuple(parse_latex(r"J_1 = x + 1").outputs) == ("J1",)


# -- LaTeX out and in -------------------------------------------------------------------------------------------------
RENAMED = {name: parse_latex(latex_name(name)).variables[0] for name in NAMES}
POINTS = ((0.3, 1.7), (-1.2, 0.6), (2.5, -0.4))


def outcome(formula: Formula, at: dict[str, float]) -> Any:
    try:
        return repr(formula({name: x for name, x in at.items() if name in formula.variables}))
    except AdcliError as error:
        return type(error)


def check_round_trip(data: bytes) -> None:
    choices = Choices(data)
    node = random_formula(choices, 1 + choices.below(24))
    text = to_latex(node)
    before, after = Formula(parse(to_text(node))), Formula(parse_latex(text))
    assert {RENAMED[name] for name in before.variables} == {*after.variables}, text
    for a, b in POINTS:
        at = {name: a + b * k for k, name in enumerate(NAMES)}
        assert outcome(after, {RENAMED[name]: x for name, x in at.items()}) == outcome(before, at), text
    assert understood(after.latex) == str(after)  # with y &= before it


@examples(100)
@given(BYTES)
def test_printed_latex_reads_back_with_the_same_values(data: bytes) -> None:
    check_round_trip(data)


@pytest.mark.slow
@examples(2000)
@given(BYTES)
def test_printed_latex_reads_back_with_the_same_values_2000(data: bytes) -> None:
    check_round_trip(data)


@pytest.mark.parametrize("path", sorted(Path("samples").glob("*.ad")), ids=lambda path: path.stem)
def test_samples_read_back(path: Path) -> None:
    f = adcli.load(path)
    g = Formula(parse_latex(f.latex))
    at: dict[str, Any] = {name: 0.3 + 0.4 * k for k, name in enumerate(f.variables)}
    at |= {name: [0.1 + 0.2 * k, 0.7, 0.4, 0.9] for k, name in enumerate(f.script.arrays)}
    elements = {f"{name}{k}": x for name in f.script.arrays for k, x in enumerate(at[name], 1)}
    renamed = {n: at[n] if n in at else elements[n] for n in g.variables}  # a_1 is a[1] only where there is an a_i
    (a, b) = ([y] if isinstance(y, float) else [*y] for y in (f(at), g(renamed)))
    assert a[-len(b) :] == b


def test_every_function_can_be_written() -> None:
    from adcli.ops import TABLE
    from adcli.graph import Node, variable

    for op in TABLE:
        if not op.condition and op.selects is None:
            node = Node(op, tuple(variable(name) for name in "abc"[: op.arity]))
            assert understood(to_latex(node)) == to_text(node)
    assert FUNCTIONS["arcsin"] == "asin"
