"""Documents in LaTeX: what they say, and where wide formulas are broken. That they compile is in test_latex.py."""

from __future__ import annotations

import re

import pytest

import adcli
from adcli.language.latex_writer import to_latex
from adcli.result import Column, Document, Table, columns
from adcli.show.latex_breaks import breakable_parts, broken_lines, fraction, visible_width
from adcli.show.latex_page import _prose, write_latex
from adcli.show.style import Style
from tests.reference.formulas import smooth_formula

LATEX = Style("latex")


def test_the_point_and_the_mode_are_said() -> None:
    found = adcli.formula("x_1*α").gradient({"x_1": 1e-9, "α": -2.5})
    text = write_latex(found.document(), LATEX)
    assert r"at $x_{1} = 1 \cdot 10^{-9}$, $\alpha = -2.5$   (forward mode)" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("at x = [0, 1e-3]   (J*t for t = 1)", r"at $x = [0, 1 \cdot 10^{-3}]$   (J*t for $t = 1$)"),
        ("error of ∂y/∂x1 over h", r"error of $\partial y / \partial x_{1}$ over h"),
        ("at x = 1:2:3, rate[2] = inf", r"at $x = 1:2:3$, $\mathit{rate}_{2} = inf$"),
        (r"50% of a_b & {c} \ ~ <α>", r"50\% of a\_b \& \{c\} \textbackslash{} \textasciitilde{} $<$$\alpha$$>$"),
        ("a name = 3rd", "a name = 3rd"),
    ],
)
def test_a_line_of_text(line: str, said: str) -> None:
    assert _prose(line) == said


def test_a_product_with_a_vector_has_its_name() -> None:
    text = write_latex(adcli.formula("[x*y, y]").jvp({"x": 1, "y": 2}, {"x": 1}).document(), LATEX)
    assert r"$J \cdot t\ f_{1}$ & $2$" in text


def test_words_are_no_formulas() -> None:
    text = write_latex(adcli.formula("x^2").check(x=3).document(), LATEX)
    assert "complex step & " in text
    table = Table("", (Column("a", "code"), Column("b")), [("x_1*y & z", "two words")])
    assert r"\texttt{x\_1*y \& z} & two words \\" in write_latex(Document(tables=(table,)), LATEX)


def test_two_formulas_have_their_names() -> None:
    found = adcli.formula("ln(x^2)").same_as(adcli.formula("2ln(x)"))
    text = write_latex(found.document(), LATEX)
    assert r"\text{A: } y &= \ln" in text
    assert r"\text{B: } y &= 2" in text
    assert "verbatim" not in text


def test_a_long_table_is_several() -> None:
    text = write_latex(Document(tables=(Table("t", columns("n", "x"), [(str(k), k / 7) for k in range(100)]),)), LATEX)
    assert text.count(r"\begin{tabular}") == text.count(r"\bottomrule") > 2
    assert text.count(r"\textbf{t}") == 1


# -- wide formulas ----------------------------------------------------------------------------------------------------
def bare(text: str) -> str:
    """Return a formula without what only arranges it."""
    text = re.sub(
        r"\\begin\{array\}\{@\{\}l@\{\}\}|\\end\{array\}|\\displaystyle|\\rule\{0pt\}\{4ex\}|\\\\ |\{\}|\$", "", text
    )
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("width", [0, 20, 60])
def test_a_broken_formula_is_the_same_formula(width: int) -> None:
    for seed in range(60):
        text = to_latex(smooth_formula(seed)[0])
        assert bare("".join(broken_lines(text, width))) == bare(text)
        assert "".join(breakable_parts(text)) == text
        for line in broken_lines(text, width):
            for opening, closing in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
                assert line.count(opening) == line.count(closing), line


def test_a_long_formula_is_read_back() -> None:
    f = adcli.formula("+".join(f"sin({k}*x)*exp(x)" for k in range(2, 40)))
    text = write_latex(f.gradient(x=1).document(), LATEX)
    (line,) = re.findall(r"^\$.*\$$", text, re.M)
    assert str(adcli.formula(line, syntax="latex")) == str(f)


def test_lines_are_as_narrow_as_they_can_be() -> None:
    text = " + ".join(f"a_{{{k}}}" for k in range(50))
    lines = broken_lines(text, 40)
    assert max(map(visible_width, lines)) <= 40
    assert len(lines) < 10
    (folded,) = broken_lines(rf"\frac{{{text}}}{{b}}", 40)
    assert folded.count(r"\\") == len(lines) - 1


def test_the_width_of_a_fraction_is_that_of_its_wider_part() -> None:
    assert visible_width(r"\frac{abcd}{\sin\left(x\right)}") == visible_width(r"\sin\left(x\right)") == 6
    assert visible_width(r"\alpha_{12} \cdot x") == 6
    assert fraction(r"-\left(\frac{1}{2}\right) + \frac{a}{b_{2}} c") == (
        r"-\left(\frac{1}{2}\right) + ",
        "a",
        "b_{2}",
        " c",
    )
    assert fraction("x") is None
