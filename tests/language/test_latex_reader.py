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
from hypothesis import given
from hypothesis import strategies as st

import adcli
from adcli.api import Formula
from adcli.errors import AdcliError, FormulaError
from adcli.language.latex_reader import parse_latex
from adcli.language.latex_words import functions
from adcli.language.latex_writer import latex_name, to_latex
from adcli.language.nodes import Node, variable_node
from adcli.language.reader import parse
from adcli.language.writer import to_text
from adcli.ops.op import TABLE
from tests.reference.formulas import NAMES, Choices, examples, random_formula
from tests.test_errors import run
from tests.test_fuzz import check_message

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
    r"{x}_{1}+{x}_{2}": "x1 + x2",
    r"\frac{a}{b} {g}_{k} + {\alpha}_i^{2}": "a/b*g_k + alpha_i^2",
    r"\boldsymbol{\theta}^2 + \bm{\beta}_0 x": "theta^2 + beta0*x",
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
    r"\Gamma^2(\mu) + \Gamma^{2}\left(x\right) + \Gamma^2": "gamma(mu)^2 + gamma(x)^2 + Gamma^2",
    r"x^2 \quad (2x)": "x^2*(2*x)",
    r"\frac 1 2 x^2 \quad y": "1/2*x^2*y",
    r"e^{(2)}": "exp(2)",
    r"\mathrm{rate} t + \text{loss}_1 + \mathbf{w} \mathcal{L}": "rate*t + loss1 + w*L",
    r"\operatorname{relu}(x) + \mathrm{softplus}\left(x\right) + \operatorname{atan2}(y, x)": (
        "relu(x) + softplus(x) + atan2(y, x)"
    ),
    r"x_{max} + T_{min} x_{log}": "x_max + T_min*x_log",
    r"k_B T + x_{\text{max}} + x_{ij} + x_{i,j} + x_{1,2} + \mathit{sin}_2": (
        "k_B*T + x_max + x_ij + x_i_j + x1_2 + sin2"
    ),
    r"\log_2 x + \log_{10}(x) + \log_b x + \lg x": "log2(x) + log10(x) + log(x, b) + log10(x)",
    r"\max(a, b, c) - \min\{a, b\}": "max(max(a, b), c) - min(a, b)",
    r"\exp\left\{-\frac{(x-\mu)^2}{2\sigma^2}\right\}": "exp(-((x - mu)^2/(2*sigma^2)))",
    r"\lfloor x \rfloor + \lceil x \rceil + a \bmod b": "floor(x) + ceil(x) + mod(a, b)",
    r"\Gamma(x) + \Gamma + \arctan x + \coth x": "gamma(x) + Gamma + atan(x) + coth(x)",
    r"x + 3 \cdot 10^{1.5}": "x + 3*10^1.5",
    r"6.6 \cdot 10^{-34} x + 3 \times 10^2 + x^2 \cdot 10^3 + y/10^2": "6.6e-34*x + 300 + x^2*10^3 + y/10^2",
    r"e^2 + {e}^2 + e x + 2^{e}": "exp(2) + e^2 + e*x + 2^e",
    r"x^{10} + x^ay + 2^{x+1}y + {x^2}^3": "x^10 + x^a*y + 2^(x + 1)*y + (x^2)^3",
    r"\sin x \cos y + \ln \sin x + \sin(x)(y+1) + \sin x^2 + \sin(x)^2": (
        "sin(x)*cos(y) + ln(sin(x)) + sin(x)*(y + 1) + sin(x^2) + sin(x)^2"
    ),
    r"\frac{1}{n} \sum_{i=1}^n (x_i - x_{i+1})^2 + x_1": "1/n*sum(i=1..n, (x[i] - x[i + 1])^2) + x[1]",
    r"\prod_{k=1}^{3} k x^k \cdot 2 + 1": "prod(k=1..3, k*x^k*2) + 1",
    r"-x^2 - 3^{-2} + a \cdot -b": "-x^2 - 3^-2 + a*(-b)",
    r"\hat{x}_1 + \bar\theta + \vec{\mathbf{v}} + \widetilde{x}^2 + \overline{x}_n": (
        "xhat1 + thetabar + vvec + xtilde^2 + xbar_n"
    ),
    r"{\rm rate}\, t + x_{\rm max} + {\bf v}^2 + {\rm sin} x": "rate*t + x_max + v^2 + sin(x)",
    r"\hbar \omega + \ell + \exponentialE^x": "hbar*omega + ell + exp(x)",
    r"\sum^{3}_{k=1} x_k + \prod ^c_{a = b} a": "sum(k=1..3, x[k]) + prod(a=b..c, a)",
    r"\mathit{foo''}^2 + \mathrm{loss'}_1": "fooprimeprime^2 + lossprime1",
    r"\operatorname{l n} x + \mathrm{r a t e}": "ln(x) + rate",
    r"\arsinh x + \operatorname{artanh}\mleft(x\mright) + \operatorname{arcosh}{x}": "asinh(x) + atanh(x) + acosh(x)",
    r"a \mod b + a \bmod -b": "mod(a, b) + mod(a, -b)",
    r"x!^2 + (n+1)! x + 2^{n!} + 5!3!": (
        "gamma(x + 1)^2 + gamma(n + 1 + 1)*x + 2^gamma(n + 1) + gamma(5 + 1)*gamma(3 + 1)"
    ),
    r"5\% x + 12.5\%": "5/100*x + 12.5/100",
    r"\$2.50 a \! b \thickspace c \negthinspace d": "2.5*a*b*c*d",
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
    r"-\sin x / 2": "is read as -sin(x)/2",
    r"a \sin x \cdot y": "is read as a*sin(x)*y",
    r"\ln|x|y": "is read as ln(abs(x)*y)",
    r"\sin^{-1} x": "is read as asin(x)",
    r"\tau x": "is read as the constant 2*pi",
    r"\log x": "is read as ln(x)",
    r"f(x) + 1": "is read as f*x",
    r"f(x+1)": "is read as f*(x + 1)",
    r"pi r^2": "is read as the product p*i",
    r"x' + x'^2": "x with a prime is read as the name xprime",
    r"x_1''": "x with a prime is read as the name xprimeprime",
    r"y^{\prime}_n": "y with a prime is read as the name yprime",
    r"\sigma(wx+b)": "is read as sigma*(w*x + b)",
    r"\delta(x-a)": "is read as delta*(x - a)",
    r"2 W^{(2)} x": "is read as the name W_sup2, not as a power",
    r"W_1^{[1]}": "is read as the name W1_sup1",
    r"y^{(i)}": "is read as the name y_sup_i",
    r"\sum_{i=1}^n y^{(i)}": "is read as the element y[i]",
    r"3{,}14 r^2": "is read as the number 3.14",
    "0 . 5 x": "is read as the number 0.5",
    r"x_{1 2}": "is read as the number 12",
    "1 2 . 2 5": "is read as the number 12.25",
    r"h/2\pi": "is read as h/(2*pi)",
    r"e^{-x/k_B T^2}": "is read as -x/(k_B*T^2)",
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
    "grad": (), "eval": (), "check": (), "same": ("x",), "jacobian": (), "hessian": (), "graph": (), "taylor": (),
    "ast": None, "diff": ("--wrt", "x"), "partial": ("--wrt", "x"), "jvp": ("--tangent", "x=1"),
    "vjp": ("--cotangent", "f=1"), "hvp": ("--vector", "x=1"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_reads_latex_and_tells_choices(command: str) -> None:
    more = COMMANDS[command]
    words = [command, r"f = \ln x x^2", "--syntax", "latex", *(("--at", "x=2", *more) if more is not None else ())]
    status, out, err = run(words)
    assert status == (command == "same"), err  # it is not x
    assert "ln(x*x^2)" in out or "x" in out
    assert err.count("note: ") == 1


def test_a_point_may_have_names_as_latex_writes_them() -> None:
    words = ["eval", r"x_1^2 + \alpha_{2} k_B", "--syntax", "latex", "--format", "json", "--at"]
    status, out, err = run([*words, "x_1=3,alpha_2=2,k_B=5"])
    assert (status, '"value": 19.0' in out) == (0, True), err
    assert '"x1": 3.0' in out
    status, _, err = run([*words, "x_1=3,x1=4,alpha2=2,k_B=5"])
    assert (status, "does not use x_1" in err) == (2, True)
    status, _, err = run(["eval", "x1", "--at", "x_1=3"])  # not in adcli's own language
    assert status == 2


def test_the_notes_are_in_json() -> None:
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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "text",
    [
        r"\frac{12-xe^{y}}{45+xye^{-x}}", r"\sin^2 x", r"\ln x y", r"\frac12 x", r"\sqrt[3]{x} + \sqrt{y}", r"-x^{2}",
        r"\log_{2} x", r"2 x y + 3 \cdot x", r"\frac{\sin(x)}{y}", r"x_{1} x_{2}",
    ],
)  # fmt: skip
def test_sympy_reads_the_same(text: str) -> None:
    from sympy.parsing.latex import parse_latex as of_sympy

    expression = of_sympy(text, backend="lark")
    at = {"x": 1.3, "y": 0.7, "x1": 1.1, "x2": 0.4}
    symbols = {s: at[re.sub("[_{}]", "", str(s))] for s in expression.free_symbols if str(s) != "e"}
    value = complex(expression.subs(symbols).subs("e", math.e)).real
    found = Formula(parse_latex(text))
    assert found({name: at[name] for name in found.variables}) == pytest.approx(value, rel=1e-14)


# -- the formulas of the articles, with the numbers that they print ---------------------------------------------------
E2 = math.exp(2)
ARTICLES: list[tuple[str, dict[str, float], list[float], dict[str, float], float]] = [
    (r"f(x_1, x_2) = \ln(x_1) + x_1x_2 - \sin(x_2)", {"x1": 2, "x2": 5}, [11.6521], {"x1": 5.5, "x2": 1.7163}, 3e-5),
    (r"$\sin x \cos y$", {"x": 0.5, "y": 1.2}, [math.sin(0.5) * math.cos(1.2)],
     {"x": math.cos(0.5) * math.cos(1.2), "y": -math.sin(0.5) * math.sin(1.2)}, 1e-12),
    (r"\sin(xy) + \cos(xy)", {"x": 2, "y": 3}, [0.681], {}, 1e-3),
    (r"y = e^{2x_1} + x_1 x_2^2 + \cos x_2", {"x1": 1, "x2": 2}, [E2 + 4 + math.cos(2)],
     {"x1": 2 * E2 + 4, "x2": 4 - math.sin(2)}, 1e-14),
    (r"g = \cos(x) + 2x - e^x \\ f = 4g^2", {"x": 1}, [4 * (math.cos(1) + 2 - math.e) ** 2],
     {"x": 4 * (2 - math.e + math.cos(1)) * (-2 * math.e - 2 * math.sin(1) + 4)}, 1e-12),
    (r"\tanh(wx+b)", {"w": 0.5, "x": 1, "b": 0.25}, [math.tanh(0.75)], {"b": 1 - math.tanh(0.75) ** 2}, 1e-12),
    (r"\frac{e^{wx+b} - e^{-(wx+b)}}{e^{wx+b} + e^{-(wx+b)}}", {"w": 0.5, "x": 1, "b": 0.25}, [math.tanh(0.75)],
     {"x": 0.5 * (1 - math.tanh(0.75) ** 2)}, 1e-12),
    (r"f(x) = \begin{cases} 2x + 5 & \text{if } x > 2 \\ \frac{x}{2} + 5 & \text{otherwise} \end{cases}",
     {"x": 1}, [5.5], {"x": 0.5}, 1e-15),
    (r"f(x) = (x-10)^2 (3x^2 - 3x + 1)", {"x": 1}, [81], {"x": 225}, 1e-12),
    (r"y = x_1 x_2 + x_2 - \ln x_1", {"x1": 3, "x2": -4}, [-17.10], {"x1": -4.33, "x2": 4}, 1e-3),
    (r"y = x_1 x_2 + x_2 - \ln x_1", {"x1": 2, "x2": 4}, [11.307], {}, 1e-4),
    (r"ab + ca", {"a": 25, "b": 4, "c": -5}, [-25], {"a": -1, "b": 25, "c": 25}, 1e-15),
    (r"\frac{a}{b} - c", {"a": 25, "b": 4, "c": -5}, [11.25], {"a": 0.25, "b": -1.5625, "c": -1}, 1e-15),
    (r"(x+y)y", {"x": 3, "y": 5}, [40], {"y": 13}, 1e-15),
    (r"z = \frac{12 - xe^y}{45 + xye^{-x}}", {"x": 3, "y": 5}, [],
     {"x": -3.34729777301069, "y": -9.70176956641438}, 1e-14),
    (r"\left(\sin\frac{x_1}{x_2} + \frac{x_1}{x_2} - e^{x_2}\right)\left(\frac{x_1}{x_2} - e^{x_2}\right)",
     {"x1": 1.5, "x2": 0.5}, [2.0167], {"x1": 3.0118, "x2": -13.7239}, 3e-5),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "value", "gradient", "within"), ARTICLES, ids=[a[0] for a in ARTICLES])
def test_the_formulas_of_the_articles(
    text: str, at: dict[str, float], value: list[float], gradient: dict[str, float], within: float
) -> None:
    found = Formula(parse_latex(text)).gradient(at)
    assert [found.value] * len(value) == pytest.approx(value, rel=within)
    assert {name: found[name] for name in gradient} == pytest.approx(gradient, rel=within)


def test_elementwise_products_of_the_survey() -> None:
    lines = [rf"y_{k} = a_{k} b_{k} + c" for k in (1, 2, 3, 4)]
    f = Formula(parse_latex(" \\\\ ".join(lines)))
    at = {"c": 1.0} | {f"a{k}": k for k in (1, 2, 3, 4)} | {f"b{k}": k + 4 for k in (1, 2, 3, 4)}
    found = f.jacobian(at, wrt=("b1", "b2", "b3", "b4"))
    assert tuple(found.value) == (6, 13, 22, 33)
    assert [list(row) for row in found.jacobian] == [[k * (j == k) for j in (1, 2, 3, 4)] for k in (1, 2, 3, 4)]


DERIVATIVES = {
    r"\frac{d}{dx} x^2": ("d/dx", "2*x"),
    r"\frac{d}{dx}(x^3 y) z + x": ("x^3*y*z", "3*x^2*y*z + x"),
    r"\frac{d}{dx}\left[ \sin x \right]": ("sin(x)", "cos(x)"),
    r"2 \frac{\partial}{\partial x} x^2 y": ("x^2*y", "2*(2*x*y)"),
    r"\frac{\mathrm{d}^2}{\mathrm{d} x^{2}} \sin x": ("sin(x)", "-sin(x)"),
    r"\frac{\partial^2}{\partial x \partial y} x y^2": ("x*y^2", "2*y"),
    r"\frac d{d\theta_1} \theta_1^2": ("theta1^2", "2*theta1"),
    r"\frac{d}{d\tau} \tau^2": ("tau^2", "2*tau"),
    r"f(x) = \frac{d}{dx} x^3 \\ f(2)": ("x^3", "3*2^2"),
    r"a = x^2 \\ \frac{d}{dx} a": ("of a by x", "2*x"),
}


@pytest.mark.parametrize("text", DERIVATIVES)
def test_a_derivative_with_its_operand_is_calculated(text: str) -> None:
    reach, found = DERIVATIVES[text]
    (note,) = [note for note in parse_latex(text).notes if note.kind == "reading"]  # not the one on tau
    assert "is read as the derivative of" in note.text
    assert reach in note.text or reach == "d/dx"
    assert understood(text) == found


def test_a_derivative_has_a_value_and_a_gradient() -> None:
    found = adcli.formula(r"\frac{d^2}{dx^2} \left( x^3 e^{2y} \right)", syntax="latex").gradient(x=1.5, y=0.25)
    assert found.value == pytest.approx(9 * math.exp(0.5), rel=1e-15)  # 6 x exp(2 y)
    assert found["x"] == pytest.approx(6 * math.exp(0.5), rel=1e-15)
    assert found["y"] == pytest.approx(18 * math.exp(0.5), rel=1e-15)


def test_a_derivative_that_would_grow_without_end_is_refused() -> None:
    with pytest.raises(AdcliError, match="more than 10,000 operations"):
        parse_latex(r"\frac{d^{40}}{dx^{40}} \sin(x^2) \tan(e^x) \ln(x)")


# From mpmath 1.3 at 50 digits: value, and the derivative by each variable.
COUNTED: list[tuple[str, dict[str, float], float, dict[str, float]]] = [
    (r"x!", {"x": 2.5}, 3.3233509704478426, {"x": 3.666176692244351}),
    (r"\binom{n}{k}", {"n": 5.5, "k": 2.25}, 13.63040830080171, {"n": 6.382140339559017, "k": 4.193971784862065}),
]


@pytest.mark.parametrize(("text", "at", "value", "gradient"), COUNTED, ids=[c[0] for c in COUNTED])
def test_factorials(text: str, at: dict[str, float], value: float, gradient: dict[str, float]) -> None:
    found = Formula(parse_latex(text)).gradient(at)
    assert found.value == pytest.approx(value, rel=1e-14)
    assert {name: found[name] for name in at} == pytest.approx(gradient, rel=1e-13)


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


@pytest.mark.long
@examples(100)
@given(BYTES)
def test_printed_latex_reads_back_with_the_same_values(data: bytes) -> None:
    check_round_trip(data)


@pytest.mark.slow
@examples(2000)
@given(BYTES)
def test_printed_latex_reads_back_with_the_same_values_2000(data: bytes) -> None:
    check_round_trip(data)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[2] / "samples").glob("*.ad")), ids=lambda path: path.stem
)
def test_samples_read_back(path: Path) -> None:
    f = adcli.load(path)
    g = Formula(parse_latex(f.latex))
    at: dict[str, Any] = {name: 0.3 + 0.4 * k for k, name in enumerate(f.variables)}
    at |= {name: [0.1 + 0.2 * k, 0.7, 0.4, 0.9] for k, name in enumerate(f.script.arrays)}
    at |= dict.fromkeys(f.script.integers, 4.0)
    elements = {f"{name}{k}": x for name in f.script.arrays for k, x in enumerate(at[name], 1)}
    renamed = {n: at[n] if n in at else elements[n] for n in g.variables}  # a_1 is a[1] only where there is an a_i
    (a, b) = ([y] if isinstance(y, float) else [*y] for y in (f(at), g(renamed)))
    assert a[-len(b) :] == b


def test_every_function_can_be_written() -> None:
    for op in TABLE:
        if not op.condition and op.selects is None:
            node = Node(op, tuple(variable_node(name) for name in "abc"[: op.arity]))
            assert understood(to_latex(node)) == to_text(node)
    assert functions()["arcsin"] == "asin"


# -- what cannot be read ----------------------------------------------------------------------------------------------
# What the message says, and what its carets underline; samples/errors has some in full.
REFUSED = {
    r"30^\circ": ("cannot be calculated", r"\circ"),
    r"\frac{\partial f}{\partial x}": ("cannot be calculated", r"\partial"),
    r"\frac{d}{dx} + x^2": ("looks like a derivative", r"\frac{d}{dx}"),
    r"\frac{d^2}{dx} x^2": ("looks like a derivative", r"\frac{d^2}{dx}"),
    r"\frac{d}{dx}(x) x": ("ambiguous", r"\frac{d}{dx}(x) x"),
    r"\frac{d}{dx}(x)/x": ("ambiguous", r"\frac{d}{dx}(x)/x"),
    r"\frac{d}{dx} \sum_{i=1}^3 x^i": ("of a sum", r"\sum_{i=1}^3 x^i"),
    r"a = x \\ \frac{d}{da} a": ("is defined here", r"\frac{d}{da}"),
    r"\frac{d(x^3 + 1)}{dx}": ("looks like a derivative", r"\frac{d(x^3 + 1)}{dx}"),
    r"\frac{d\theta}{dr}": ("looks like a derivative", r"\frac{d\theta}{dr}"),
    r"\frac{d}{d\theta}": ("looks like a derivative", r"\frac{d}{d\theta}"),
    r"\frac{d^2 x}{dt^{2}}": ("looks like a derivative", r"\frac{d^2 x}{dt^{2}}"),
    r"\frac{dy}{dx_1}": ("looks like a derivative", r"\frac{dy}{dx_1}"),
    r"\sqrt{x}_1": ("this has no subscript", "_"),
    r"\frac{a}{x}_1": ("this has no subscript", "_"),
    r"y^{x}_1": ("this has no subscript", "_"),
    r"2 {W}^{(2)} x": ("is an index in papers", "{W}^{(2)}"),
    r"f^{(2)}(x)": ("a derivative or a name", "f^{(2)}"),
    r"x A_{,u}": ("is a derivative in papers", "A_{,u}"),
    r"x^2 \quad (2)": ("the number of an equation", "(2)"),
    r"\begin{align} y &= x^2, \qquad (3.1a) \end{align}": ("the number of an equation", "(3.1a)"),
    r"1{,}000 x": ("decimal or a thousands separator", "1{,}000"),
    r"x + \mathrm{rate": ("no word in braces", r"\mathrm"),
    r"x + \sum_{i=1} x_i": ("no upper bound", r"\sum_{i=1}"),
    r"\sum_{i=1}": ("no upper bound", r"\sum_{i=1}"),
    r"x \mapsto x^2": ("cannot be calculated", r"\mapsto"),
    r"\int_0^1 x dx": ("cannot be calculated", r"\int"),
    r"x^10": ("only the 1", "10"),
    r"x_12": ("only the 1", "12"),
    r"\frac123": ("only the 2", "23"),
    r"x^-1": ("braces", "-"),
    r"2 x 3": ("a number after a factor", "2 x 3"),
    r"1/2 x": ("ambiguous", "1/2 x"),
    r"x/3 \cdot 10^{2}": ("ambiguous", r"x/3 \cdot 10^{2}"),
    r"3 \cdot 10^{2}^{2}": ("ambiguous", r"3 \cdot 10^{2}^{2}"),
    r"2e-3": ("ambiguous", "2e-3"),
    r"y sin(x)": ("product of letters", "sin"),
    r"x^{max}": ("product of letters", "max"),
    r"\left(x+1": ("never closed", "("),
    r"x+1\right)": ("closes nothing", ")"),
    r"(x+1]": ("closed by", "(x+1]"),
    r"$x + 1": ("never closed", "$"),
    r"x + ": ("too early", "+"),
    r"\frac{}{2}": ("missing before }", "}"),
    r"\foo x": ("is not known", r"\foo"),
    r"\operatorname{rellu}(x)": ("is not a function", r"\operatorname{rellu}"),
    r"x!!": ("unexpected !", "!"),
    r"\sin x!": ("cannot stand here", "!"),
    r"\begin{cases} 1 & x != 2 \\ 0 & \text{otherwise} \end{cases}": ("unexpected !", "!"),
    r"f'(x)": ("looks like a derivative", "'"),
    r"f_1''[x]": ("looks like a derivative", "'"),
    r"a'_b'": ("primes before and after", "'"),
    r"2 + ' x": ("looks like a derivative", "'"),
    r"\bar{x + y}": ("no single name", r"\bar"),
    r"x/3 \pi": ("ambiguous", r"x/3 \pi"),
    r"x/a \sin y": ("ambiguous", r"x/a \sin y"),
    r"f(x, y)": ("comma", ","),
    r"x_{t+1}": ("subscript", "+"),
    r"\sin_2 x": ("subscript", r"\sin_2"),
    r"\ln^{-1} x": ("ambiguous", r"\ln^{-1}"),
    r"x \le 3": ("is a condition", r"x \le 3"),
    r"x + y \\ x": ("only the last line", "x + y"),
    r"a = 2 \\ b x \\ c = 3": ("only the last line", "b x"),
    r"d = 1 \\ b x \\ c = 3": ("only the last line", "b x"),
    r"x_{t + \sum_{i=1}^{3} i}": ("a sum cannot stand", r"\sum"),
    r"a = x \\ a = 2 \\ a": ("defined twice", "a"),
    r"y = y + 1": ("defined by itself", "y"),
    r"\begin{matrix} a \end{matrix}": ("is not known", r"\begin{matrix}"),
    r"\begin{cases} 1 & \text{otherwise} \\ x & x < 0 \end{cases}": ("not the last", "1"),
    r"\sum x_i": ("no range", r"\sum"),
    r"": ("empty", ""),
    r"% nothing": ("empty", ""),
    r"\mathrm{ab cd}": ("not a name", r"\mathrm{ab cd}"),
    r"\mathrm{d}x": ("the d of", r"\mathrm{d}"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_underlined(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_latex(text)
    what, place = REFUSED[text]
    assert what in caught.value.what
    assert caught.value.hint
    at = caught.value.place
    assert (at.text[at.start : at.end] if at else "") == place
    assert at is None or at.text == text


WORDS = r"""
    x y e i n d 12 0.5 . , ; + - * / ^ _ ( ) [ ] { } \{ \} | = < > & \\ $ % ! ' ~ \, \left \right \left( \right) \left|
    \right| \frac \sqrt \sqrt[3] \ln \sin \max \log \log_2 \cdot \times \le \pi \alpha \Gamma \sum \sum_{i=1}^{3} x_i
    x_{12} x_{i} ^2 ^{-1} \begin{cases} \end{cases} & \text{otherwise} \text{if} \mathrm{rate} \operatorname{relu} \[ \]
    \lvert \rvert \lfloor \rfloor \begin{align} \end{align} f(x) f(u)= a= \circ \partial \foo π х １
    \land \bmod \mathrm{ \
"""


@pytest.mark.long
@examples(300)
@given(st.lists(st.sampled_from([*WORDS.split(), " ", "\n"]), max_size=25))
def test_whatever_is_typed_there_is_an_answer_or_an_error(words: list[str]) -> None:
    text = "".join(words)
    try:
        script = parse_latex(text)
    except AdcliError as error:
        check_message(error, len(text))
        return
    assert to_text(next(iter(script.outputs.values())))
    assert str(Formula(parse(str(Formula(script))))) == str(Formula(script))  # the echo is what was understood


N = 20_000
SIZES = {
    "parentheses": "(" * N + "x" + ")" * N, "braces": "{" * N + "x" + "}" * N, "functions": r"\ln " * N + "x",
    "products": r"\ln " + "x " * N, "fractions": r"\frac{1}{" * N + "x" + "}" * N, "unclosed": r"\left(" * N,
    "bars": "|" * N + "x" + "|" * N, "subscripts": "x_{" * N + "}" * N, "dollars": "$" * N + "x" + "$" * N,
    "lines": r"a = x \\ " * N, "letters": "x" * N, "powers": "x^{" * N + "2" + "}" * N, "commas": "," * N,
    "cases": r"\begin{cases} x & x<0 \\ " * (N // 10) + "x" + r"& \text{otherwise} \end{cases}" * (N // 10),
    "sums": r"\sum_{i=1}^{n} " * (N // 10) + "x_i", "backslashes": "\\" * N, "blanks": " " * N, "digits": "1" * N,
}  # fmt: skip


@pytest.mark.parametrize("size", [pytest.param(s, marks=pytest.mark.slow) for s in SIZES])
def test_size_is_no_matter(size: str) -> None:
    try:
        parse_latex(SIZES[size])
    except AdcliError as error:
        check_message(error, len(SIZES[size]))


# -- documents --------------------------------------------------------------------------------------------------------
DOCUMENTS = {
    "grad": ["grad", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5", "--trace", "--mode", "both"],
    "names": ["grad", "α_1*Ω + rate_2*longer_name/k_B + ς*omicron + x_max", "--at",
              "α_1=1,Ω=2e-30,rate_2=3,longer_name=4,k_B=5,ς=1,omicron=1,x_max=1", "--trace"],
    "choice": ["grad", "if x < 1 and y > 2 then x^(2*y) else max(x, y)/log2(y)", "--at", "x=2,y=5", "--trace"],
    "kink": ["grad", "abs(x)*1e-7 + sqrt(y)", "--at", "x=0,y=0", "--trace", "--mode", "reverse"],
    "sum": ["grad", "sum(i=1..n, x[i]^2) + prod(k=1..3, k)", "--at", "n=3,x=[1,2,3]", "--trace"],
    "eval": ["eval", "mod(x, 2)", "--at", "x=3", "--trace"],
    "jacobian": ["jacobian", "[r*cos(t), r*sin(t)]", "--at", "r=2,t=1"],
    "sparsity": ["jacobian", "[r*cos(t), r*sin(t)]", "--at", "r=2,t=1", "--sparsity"],
    "hessian": ["hessian", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5"],
    "sparse": ["hessian", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5", "--sparse"],
    "hvp": ["hvp", "x_1^2*y", "--at", "x_1=2,y=5", "--vector", "y=1"],
    "jvp": ["jvp", "[r*cos(t), r*sin(t)]", "--at", "r=2,t=1", "--tangent", "t=1"],
    "vjp": ["vjp", "[r*cos(t), r*sin(t)]", "--at", "r=2,t=1", "--cotangent", "y1=1,y2=-1"],
    "partial": ["partial", "x^3*sin(x*y)", "--at", "x=1,y=2", "--wrt", "x,x,y"],
    "taylor": ["taylor", "sin(exp(x))", "--at", "x=0", "--order", "200"],
    "diff": ["diff", "x*sin(x*y)", "--wrt", "x", "--wrt", "y", "--at", "x=1,y=2"],
    "cse": ["diff", "tanh(x*sin(x*y))^2", "--wrt", "x", "--cse"],
    "check": ["check", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5"],
    "same": ["same", "ln(x^2)", "2ln(x)"],
    "claims": ["check", "x_1^2*y", "--at", "x_1=2,y=5", "--claim", "x_1: 2x_1*y", "--claim", "y: x_1^2"],
    "sweep": ["check", "(x-10)^2*(3x^2-3x+1)", "--at", "x=2", "--step-sweep"],
    "steps": ["diff", "sqrt(1+x^2)*ln(x)^x/atan(x/α)", "--wrt", "x", "--steps"],
    "towers": ["diff", "/".join(f"(x+{k})" for k in range(14)), "--wrt", "x", "--steps"],
    "product": ["diff", "sin(x)*cos(x)*exp(x)*tan(x)*ln(x)*sinh(x)*cosh(x)", "--wrt", "x", "--steps"],
    "points": ["grad", "x_a*sqrt(y)", "--at", "x_a=1:2:3,y=0:4:2"],
    "functions": ["functions"],
    "worksheet": ["grad", "ln(x1)/x2^(x1/x2)", "--at", "x1=2,x2=5", "--trace", "--worksheet", "--answers"],
    "adjoints": ["grad", "sin(x+exp(x*y)*cos(x-y)/(1+x^2+y^2))*ln(1+x^2*y^2)+tanh(x)*atan2(x,y)-max(x,y)*hypot(x,y)",
                 "--at", "x=1,y=2", "--trace", "--mode", "both"],
    "cost": ["diff", "tanh(w*x+b)*exp(x)", "--wrt", "x", "--cost", "4"],
    "wide": ["hessian", "(a+b+c+d+f+g+h+i+j+k+l+m)^3/7e20", "--at", ",".join(f"{n}=0.1" for n in "abcdfghijklm")],
    "long": ["grad", "+".join(f"sin(x{k})*exp(x{k})" for k in range(60)), "--at",
             ",".join(f"x{k}=0.5" for k in range(60))],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_latex_compiles_as_it_stands(name: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "adcli", *DOCUMENTS[name], "--format", "latex", "-o", str(tmp_path / "it.tex")]
    done = subprocess.run(words, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, text=True)
    assert (tmp_path / "it.tex").exists(), done.stderr
    compile_ = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
    log = subprocess.run(compile_, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120).stdout
    assert (tmp_path / "it.pdf").exists(), log[-2000:]
    assert "Overfull" not in log, re.findall("Overfull.*", log)
