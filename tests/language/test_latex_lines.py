"""Lines in LaTeX become lines of adcli's language, which a session takes."""

from __future__ import annotations

import pytest

from adcli.errors import FormulaError
from adcli.language.latex_lines import Transcript
from tests.cli.test_cli import adcli as run


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([r"\frac{x_{max}}{2}"], "x_max/2"),
        ([r"$x_{1} = 3$"], "x1 = 3"),
        ([r"\alpha &= x^2 % what"], "alpha = x^2"),
        ([r"\mathrm{rate} = 2 \\ \mathrm{rate} t"], "rate = 2; rate*t"),
        ([r"\begin{cases} 1 & x < 0 \\ 2 & x \ge 0 \end{cases}"], "if x < 0 then 1 else 2"),
        (["f(u, v) = uv", "f(x, x+1) + ans"], "x*(x + 1) + ans"),
        ([r"h(t) = t^2", "k(t) = h(t) + 1", "h(t) = t", "k(3)"], "3 + 1"),
        (["f(u) = 2u", "f = 3", "f(x)"], "f*x"),
        (["f(u) = 2u", "f(u) = 3u"], ""),
        (["f(u) = 2u", "a = f(b)"], "a = 2*b"),
        (["x = [1, 2]"], "x = [1, 2]"),
        ([r"\sum_{i=1}^{n} x_i"], "sum(i=1..n, x[i])"),
    ],
)
def test_lines(lines: list[str], last: str) -> None:
    transcript = Transcript()
    *_, (found, _) = [transcript.read(line) for line in lines]
    assert found == last


def test_places_are_in_what_was_typed() -> None:
    transcript = Transcript()
    transcript.read("f(u) = u")
    with pytest.raises(FormulaError) as caught:
        transcript.read(r"$a = f(x) + \foo$")
    assert caught.value.place is not None
    assert caught.value.place.underline().splitlines()[1].strip() == "^^^^"
    _, (note,) = transcript.read(r"b = 1 \\ a = 3 + \ln x y")
    assert note.place is not None
    assert note.place.text[note.place.start : note.place.end] == r"\ln x y"
    with pytest.raises(FormulaError):
        transcript.read("g(t) = g(t)")
    assert transcript.read("f(3)")[0] == "3"


def test_a_session_in_latex() -> None:
    typed = "f(u) = u^2 \nx_{1} = 3\n\\frac{f(x_1)}{2}\nans\n:grad \\ln x_1 --format csv\n\\foo\n"
    done = run("repl", "--syntax", "latex", stdin=typed)
    assert done.stdout.splitlines()[:2] == ["x1^2/2 = 4.5", "ans = 4.5"]
    assert "df/dx1,0.3333333333333333" in done.stdout.replace("dy/", "df/")
    assert r"\foo is not known" in done.stderr
    assert done.returncode == 2
