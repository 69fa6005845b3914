"""A curve is mathematics' between its marks, and kinks, jumps, poles and ends are where mathematics has them."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import mpmath
import pytest

import adcli
from adcli.derive.contour_map import ContourMap, contour_map
from adcli.derive.curve import Curve, curve
from adcli.draw.curve_plot import curve_picture, strokes, terminal_lines
from adcli.errors import PointError
from adcli.language.point_reader import read_point
from tests.cli.test_cli import adcli as run
from tests.cli.test_cli import strict

PI = math.pi


def made(text: str, at: str, order: int = 0) -> Curve:
    return curve(adcli.formula(text), read_point([at], ranges=True), order)


def contour(text: str, at: str) -> ContourMap:
    return contour_map(adcli.formula(text), read_point([at], ranges=True))


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("sin(x)", "x=-5:5", []),
        ("abs(x)", "x=-5:5", [("kink", 0)]),
        ("abs(x - 1/3)", "x=-5:5", [("kink", 1 / 3)]),
        ("abs(sin(x))", "x=-5:5", [("kink", -PI), ("kink", 0), ("kink", PI)]),
        ("max(x, 1 - x, 0.7)", "x=0:1", [("kink", 0.3), ("kink", 0.7)]),
        ("if x < 1 then x^2 else 2x - 1", "x=-1:3", []),
        ("if x < 1 then x^2 else 2x", "x=-1:3", [("jump", 1)]),
        ("floor(x)", "x=-0.5:2.5", [("jump", 0), ("jump", 1), ("jump", 2)]),
        ("tan(x)", "x=-5:5", [("pole", k * PI / 2) for k in (-3, -1, 1, 3)]),
        ("1/x", "x=-3:4", [("pole", 0)]),
        ("1/(x - 1)^2", "x=-3:4", [("pole", 1)]),
        ("ln(abs(x))", "x=-5:5", [("pole", 0)]),
        ("gamma(x)", "x=-2.5:4", [("pole", -2), ("pole", -1), ("pole", 0)]),
        ("ln(x)", "x=-5:5", [("pole", 0)]),
        ("sqrt(x)", "x=-1:5", [("end", 0)]),
        ("asin(x)", "x=-2:2", [("end", -1), ("end", 1)]),
        ("cbrt(x)", "x=-1:5", [("kink", 0)]),
        ("sin(x)/x", "x=-1:3", [("hole", 0)]),
        ("1/(x^2 + 1e-6)", "x=-1:1", []),
    ],
)
def test_marks_are_where_mathematics_has_them(text: str, at: str, expected: list[tuple[str, float]]) -> None:
    marks = made(text, at).marks
    assert [mark.kind for mark in marks if "derivative" not in mark.text] == [kind for kind, _ in expected]
    assert [mark.x for mark in marks if "derivative" not in mark.text] == pytest.approx(
        [x for _, x in expected], abs=1e-9
    )


def test_a_kink_tells_its_slopes_and_a_jump_its_values() -> None:
    assert made("abs(x - 1/3)", "x=-5:5").marks[0].text == "kink at 0.3333333333: slopes -1 and 1"
    assert made("if x < 1 then x^2 else 2x", "x=-1:3").marks[0].text == "jump at 1: from 1 to 2"
    assert made("x*abs(x)", "x=-1:1", 2).marks[0].text == "kink of derivative 1 at 0"


@pytest.mark.parametrize(
    ("text", "f", "low", "high"),
    [
        ("exp(sin(x))", lambda x: mpmath.exp(mpmath.sin(x)), -2, 3),
        ("x^3*ln(x)", lambda x: x**3 * mpmath.log(x), 0.5, 4),
    ],
)
def test_derivatives_are_exact(text: str, f: object, low: float, high: float) -> None:
    found = made(text, f"x={low}:{high}:21", 3)
    with mpmath.workdps(50):
        for sample in found.even:
            for k in range(4):
                exact = mpmath.diff(f, mpmath.mpf(sample.x), k)
                assert abs(sample.derivatives[k] - exact) <= 1e-12 * (1 + abs(exact))


@pytest.mark.long
@pytest.mark.parametrize("text", ["tan(x)", "1/x", "1/x^2", "gamma(x)", "floor(x)", "1/sin(3x)", "atan(1/x)"])
@pytest.mark.parametrize("order", [0, 1])
def test_no_stroke_goes_through_a_pole_or_a_jump(text: str, order: int) -> None:
    found = made(text, "x=-5:5", order)
    assert found.marks
    low, high = found.height
    for k in range(order + 1):
        for xs, ys in strokes(found, k):
            assert all(low - 1e-9 <= y <= high + 1e-9 for y in ys)
            for mark in found.marks:
                if mark.kind in ("pole", "jump"):
                    assert not xs[0] < mark.x < xs[-1]


def test_a_range_without_a_value_says_so() -> None:
    with pytest.raises(PointError, match="nowhere a value"):
        made("ln(-x)", "x=1:2")
    with pytest.raises(PointError, match="nowhere a value"):
        contour("ln(x) + y", "x=-2:-1,y=0:1")
    with pytest.raises(PointError, match="does not use y"):
        made("x", "x=0:1,y=2")


def test_a_field_has_values_gradients_and_round_levels() -> None:
    found = contour("x^2*y", "x=-1:1:11,y=0:2:5")
    for j, y in enumerate(found.ys):
        for i, x in enumerate(found.xs):
            assert found.value(i, j) == pytest.approx(x * x * y, abs=1e-15)
            assert (found.arrow(i, j) or (0, 0)) == pytest.approx((2 * x * y, x * x), abs=1e-15)
    assert 3 <= len(found.levels) <= 9
    assert all(float(f"{level:.2g}") == pytest.approx(level) for level in found.levels)


def test_no_contour_goes_through_a_pole() -> None:
    found = contour("1/(x - y)", "x=-1:1:40,y=-1:1:41")
    for j, y in enumerate(found.ys):
        for i, (a, b) in enumerate(zip(found.xs, found.xs[1:], strict=False)):
            if a < y < b:
                assert math.isnan(found.value(i, j)) or math.isnan(found.value(i + 1, j))


@pytest.mark.parametrize(("unicode", "kink", "frame"), [(True, "◆", "┤"), (False, "K", "+")])
def test_a_plot_in_the_terminal(unicode: bool, kink: str, frame: str) -> None:
    pytest.importorskip("plotext")
    lines = terminal_lines(made("abs(x)", "x=-5:5", 1), 80, unicode)
    assert any(kink in line for line in lines)
    assert any(frame in line for line in lines)
    assert all(len(line) <= 80 for line in lines)
    assert unicode or all(line.isascii() for line in lines)
    text = "\n".join(terminal_lines(contour("x*y", "x=-1:1,y=-1:1"), 80, unicode))
    assert unicode == any(arrow in text for arrow in "→↗↑↖←↙↓↘")
    assert "5" in text


@pytest.mark.long
@pytest.mark.parametrize(("suffix", "magic"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_picture(suffix: str, magic: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"p{suffix}"
    assert run("plot", "tan(x) + abs(x)", "--at", "x=-5:5", "--derivatives", "1", "-o", str(path)).returncode == 0
    assert path.read_bytes().startswith(magic)
    found = contour("1/(x - y) + sqrt(x)", "x=-1:1:13,y=-1:1:13")
    assert curve_picture(found, suffix).startswith(magic)
    if suffix == ".svg":
        assert curve_picture(found, suffix) == curve_picture(found, suffix)


@pytest.mark.long
@pytest.mark.parametrize("words", [["plot", "x^2", "--at", "x=0:1"], ["check", "x^2", "--at", "x=1", "--step-sweep"]])
def test_a_name_that_tells_no_kind_of_picture_is_refused(words: list[str], tmp_path: Path) -> None:
    done = run(*words, "-o", str(tmp_path / "p.gif"))
    assert (done.returncode, [*tmp_path.iterdir()]) == (2, [])
    assert ".svg, .png, .pdf" in done.stderr
    assert run(*words, "--format", "csv", "-o", str(tmp_path / "p.dat")).returncode == 0
    pytest.importorskip("matplotlib")
    assert run(*words, "-o", str(tmp_path / "p.SVG")).returncode == 0
    assert (tmp_path / "p.SVG").read_text("utf-8").startswith("<?xml")


def test_a_plot_in_latex_is_in_ascii() -> None:
    pytest.importorskip("plotext")
    text = run("plot", "tan(x)", "--at", "x=-5:5", "--format", "latex").stdout
    assert text.isascii()
    assert "\\u2" not in text


def test_programs_get_the_points() -> None:
    out = run("plot", "1/x", "--at", "x=-1:1:5", "--derivatives", "1", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(out)))
    assert all(float(r["y"]) == 1 / float(r["x"]) for r in rows)
    assert all(float(r["dy/dx"]) == pytest.approx(-1 / float(r["x"]) ** 2) for r in rows)
    data = strict(run("plot", "1/x", "--at", "x=-1:1:5", "--format", "json").stdout)
    assert data["marks"] == [{"kind": "pole", "x": 0.0, "text": "pole at 0"}]
    assert len(data["pieces"]) == 2


@pytest.mark.parametrize("words", [[], ["--at", "x=1"], ["--at", "x=0:1,y=0:1", "--derivatives", "1"]])
def test_a_plot_needs_a_range_or_two(words: list[str]) -> None:
    done = run("plot", "x + y", *words)
    assert done.returncode == 2
    assert "--at x=-5:5" in done.stderr
