"""What is written as in another program is refused with its spelling in adcli."""

from __future__ import annotations

import pytest

import adcli
from adcli.errors import AdcliError
from adcli.language import FOREIGN, read_point

from .cli.test_cli import adcli as run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lg(x)", "log10(x)"),
        ("int(x)", "trunc(x)"),
        ("nthRoot(x,3)", "cbrt(x)"),
        ("derivative(x^2,x)", "adcli grad"),
        ("d/dx(x^2)", "adcli grad"),
        ("d^2/dx(x^2)", "adcli grad"),
        ("tg(x)", "tan(x)"),
        ("Sin[x]", "sin(x)"),
        ("Sqrt[x+1]", "sqrt(x+1)"),
        ("x.^2", "write ^"),
        ("x.*y", "write *"),
        ("=SIN(A1)", "remove the leading ="),
        ("∛x", "cbrt(x)"),
        (r"\sqrt{x}", "--syntax latex"),
        ("2.5D-3*x", "2.5e-3"),
        ("2.5d+3*x", "2.5e-3"),
        ("2D-3", "2.5e-3"),
        ("SIN(x)", "did you mean sin?"),
        ("gama(x)", "did you mean gamma?"),
    ],
)
def test_a_formula_of_another_program_is_answered_with_ours(text: str, said: str) -> None:
    with pytest.raises(AdcliError) as found:
        adcli.formula(text)
    assert said in found.value.hint


@pytest.mark.parametrize("text", ["2*D-3", "2D - 3", "3d+1", "x2D-3", "sum(i=1..2, Gamma[i])", "Gamma[1]", "2e-3*D"])
def test_what_only_looks_alike_is_read(text: str) -> None:
    adcli.formula(text)


@pytest.mark.parametrize("text", ["foo(x)", "expo(x)", "cosine_law(x)"])
def test_another_function_is_no_slip_of_ours(text: str) -> None:
    with pytest.raises(AdcliError) as found:
        adcli.formula(text)
    assert "did you mean" not in found.value.hint


def test_no_foreign_spelling_is_a_function() -> None:
    assert not [name for name in FOREIGN if _reads(f"{name}(x)")]


def _reads(text: str) -> bool:
    try:
        adcli.formula(text)
    except AdcliError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x=1,5", "x=1.5"),
        ("y=2,x=-1,25", "x=-1.25"),
        ("x=1.5D0", "1.5e0"),
        ("x=2D-3", "2e-3"),
        ("x=1e", "1*e"),
        ("@", "@point.json"),
        (" ", "name=number"),
    ],
)
def test_a_point_says_how_its_numbers_are_written(text: str, said: str) -> None:
    with pytest.raises(AdcliError) as found:
        read_point([text])
    assert said in found.value.hint


def test_an_empty_array_is_no_number() -> None:
    with pytest.raises(AdcliError, match="x is a number in the formula, not an array"):
        adcli.formula("x^2")({"x": []})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grad", "x^2", "--at", "x=1", "-o", ""), "-o is empty"),
        (("grad", "x^2", "--at", ""), "--at is empty"),
        (("partial", "x^2", "--at", "x=1", "--wrt", ""), "--wrt is empty"),
        (("grad", "x^2", "--at", "x=1", "--wrt=,"), "--wrt is empty"),
        (("batch", "x^2", "f.csv", "--keep", " "), "--keep is empty"),
        (("grad", "x^2", "--at", "x", "2"), "--at x=2"),
        (("solve", "x^2"), "does not solve equations"),
        (("derivative", "x^2"), "adcli diff"),
        (("jac", "[x]"), "adcli jacobian"),
        (("help", "sin"), "adcli functions sin"),
        (("functions", "lg"), "log10(x)"),
    ],
)
def test_the_command_line_names_what_is_missing(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_word_that_is_no_command_is_not_called_a_formula() -> None:
    assert "a formula comes after" not in run("foo").stderr
    assert "a formula comes after" in run("x^2").stderr


def test_a_session_says_how_to_define_what_is_missing() -> None:
    assert "define: si = ...; b = ..." in run("repl", stdin="x = 3\nx*si*b\n").stderr
