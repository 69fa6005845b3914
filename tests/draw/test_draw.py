"""Pictures of graphs: nothing overlaps, every line leads where it should, numbers are right, every text is inert."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

import adcli
from adcli.draw.boxes import DETAILS, _Grid, boxes
from adcli.draw.dot import dot, mermaid
from adcli.draw.files import WRITERS, picture_writer
from adcli.draw.picture import INPUT, OUTPUT, ROW, Arrow, Picture, Vertex, picture
from adcli.draw.png import png
from adcli.draw.svg import svg, svg_page
from adcli.draw.traced import traced
from adcli.errors import LimitError, UsageError
from adcli.language.point import as_point
from adcli.show.style import Style
from tests.cli.test_cli import adcli as run

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "graph"
LOOKED_AT = ("baydin", "dual")  # golden pictures; the others are held by their geometry
# Each sample at the point that its comment names, with a mode or in symbols.
SAMPLES: dict[str, tuple[dict[str, float | list[float]], str | None]] = {
    "baydin": ({"x1": 2, "x2": 5}, "reverse"),
    "branch": ({}, None),
    "chain": ({"x": 1}, "forward"),
    "dual": ({"x": 0.5, "y": 1.2}, "both"),
    "elementwise": ({"a": [1, 2, 3, 4], "b": [5, 6, 7, 8], "c": 1}, None),
    "fraction": ({"x": 3, "y": 5}, "forward"),
    "griewank": ({"x1": 1.5, "x2": 0.5}, "both"),
    "lazy": ({"x": 3, "y": 5}, None),
    "overload": ({"a": 25, "b": 4, "c": -5}, "reverse"),
    "polar": ({"r": 2, "t": 0.5235987755982988}, None),
    "quotient": ({"a": 25, "b": 4, "c": -5}, "reverse"),
    "rosenbrock": ({"n": 4, "x": [0, 0.1, 0.2, 0.3]}, "reverse"),
    "shared": ({"x": 2, "y": 3}, "forward"),
    "steps": ({"x": 3}, "both"),
    "survey": ({"x1": 3, "x2": -4}, "both"),
    "swell": ({}, None),
    "vertices": ({"x1": 1, "x2": 2}, "reverse"),
}


def drawn(
    text: str, at: dict[str, float | list[float]] | None = None, mode: str | None = None, **options: object
) -> Picture:
    """Return the picture of a formula."""
    style = Style("plain", int(options.pop("digits", 6)))  # type: ignore[call-overload]
    done = traced(adcli.formula(text), as_point(at or {}), (), mode)
    return picture(done.table, done.lines, style, **options)  # type: ignore[arg-type]


def sample(name: str) -> Picture:
    """Return the picture of a sample."""
    return drawn((ROOT / "samples" / f"{name}.ad").read_text("utf-8"), *SAMPLES[name])


def random_picture(size: int, seed: int, reach: int) -> Picture:
    """Return a graph of so many vertices, with arguments from the last `reach` ones and texts of all lengths."""
    draw = random.Random(seed)
    vertices, arrows = [], []
    for k in range(size):
        text = "w" * draw.randrange(1, 25)
        is_input = k < 2 or (k < size // 4 and draw.random() < 0.3)
        kind = INPUT if is_input else OUTPUT if k == size - 1 else ROW
        derivatives = tuple("d" * draw.randrange(1, 20) for _ in range(draw.randrange(3)))
        vertices.append(Vertex(f"v{k}", kind, text, "f", "1" * draw.randrange(1, 12), derivatives))
        if not is_input:
            arguments = {draw.randrange(max(0, k - reach), k) for _ in range(draw.randrange(1, 4))}
            arrows += [Arrow(j, k, "p" * draw.randrange(1, 20), "2") for j in sorted(arguments)]
    return Picture(("y = f",), "legend", vertices, arrows)


RANDOM = [(size, seed, reach) for size in (5, 50) for seed in range(6) for reach in (6, 10**6)] + [(500, 1, 40)]


# -- geometry ----------------------------------------------------------------------------------------------------------
class Area(NamedTuple):
    """A rectangle of the picture, as the file has it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def holds(self, other: Area) -> bool:
        inside = self.left <= other.left <= other.right <= self.right
        return inside and self.top <= other.top <= other.bottom <= self.bottom

    def overlaps(self, other: Area) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


SIZES = {"label": 11, "legend": 11}


def areas(text: str) -> tuple[list[Area], list[Area], list[list[tuple[float, float]]], Area]:
    """Measure a file: boxes, texts outside of boxes, lines, and the whole page."""
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    found: list[Area] = []
    texts: list[Area] = []
    lines: list[list[tuple[float, float]]] = []

    def text_area(node: ElementTree.Element, dx: float, dy: float) -> Area:
        size = SIZES.get(node.get("class", ""), 13)
        width = len(node.text or "") * size * 0.61  # as wide as the widest of the fonts named
        x, y = float(node.get("x", 0)) + dx, float(node.get("y", 0)) + dy
        x -= {"middle": width / 2, "end": width}.get(node.get("text-anchor", ""), 0)
        return Area(x, y - 0.8 * size, x + width, y + 0.25 * size, node.text or "")

    texts += [text_area(node, 0, 0) for node in root.findall(f"{space}text")]
    (group,) = root.findall(f"{space}g")
    dx, dy = map(float, re.findall(r"-?\d+", group.get("transform", "")))
    for node in group:
        if node.tag == f"{space}text":
            texts.append(text_area(node, dx, dy))
        elif node.tag == f"{space}path" and "edge" in node.get("class", ""):
            points = re.findall(r"(-?\d+) (-?\d+)", node.get("d", ""))
            lines.append([(float(x) + dx, float(y) + dy) for x, y in points])
        elif node.tag == f"{space}g":
            rect = node.find(f"{space}rect")
            assert rect is not None
            x, y, w, h = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
            box = Area(x + dx, y + dy, x + w + dx, y + h + dy, "".join(node.itertext()))
            inner = [text_area(text, dx, dy) for text in node.findall(f"{space}text")]
            assert all(box.holds(area) for area in inner)
            assert not list(overlapping(inner))
            found.append(box)
    return found, texts, lines, Area(0, 0, float(root.get("width", 0)), float(root.get("height", 0)), "page")


def crosses(line: list[tuple[float, float]], area: Area) -> bool:
    """Tell whether a line of several pieces goes through the inside of an area."""
    for (x1, y1), (x2, y2) in pairwise(line):
        left, right = max(x1, area.left), min(x2, area.right)
        if left >= right:
            continue
        at = [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (left, right)]
        if min(at) < area.bottom and max(at) > area.top:
            return True
    return False


def overlapping(found: list[Area]) -> Iterator[tuple[str, str]]:
    """Yield what overlaps, sweeping from left to right."""
    active: list[Area] = []
    for area in sorted(found):
        active = [other for other in active if other.right > area.left]
        yield from ((area.what, other.what) for other in active if area.overlaps(other))
        active.append(area)


def on_border(found: list[Area], point: tuple[float, float], side: str) -> str:
    """Return the name in the box that a line begins at (its right side) or leads to (its left side, with a head)."""
    x, y = point
    head = 6 if side == "left" else 0
    (box,) = [area for area in found if abs(getattr(area, side) - x - head) <= 1 and area.top <= y <= area.bottom]
    return box.what.split()[0]


def check(drawing: Picture) -> None:
    found, texts, lines, whole = areas(svg(drawing))
    assert len(found) == len(drawing.vertices)
    assert len(lines) == len(drawing.arrows)
    assert not list(overlapping([*found, *texts]))
    assert all(whole.holds(area) for area in (*found, *texts))
    joined = [(on_border(found, line[0], "right"), on_border(found, line[-1], "left")) for line in lines]
    names = [vertex.name for vertex in drawing.vertices]
    assert sorted(joined) == sorted((names[arrow.source], names[arrow.target]) for arrow in drawing.arrows)
    for line in lines:
        assert len(line) <= 3  # straight, or one bend
        assert all(x1 < x2 for (x1, _), (x2, _) in pairwise(line))  # from left to right
    spans = [(line[0][0], line[-1][0], min(y for _, y in line), max(y for _, y in line), line) for line in lines]
    for area in (*found, *texts):
        for left, right, top, bottom, line in spans:
            if left < area.right and right > area.left and top < area.bottom and bottom > area.top:
                assert not crosses(line, area), area


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps_in_a_sample(name: str) -> None:
    check(sample(name))


@pytest.mark.parametrize(("size", "seed", "reach"), RANDOM)
def test_nothing_overlaps_in_a_random_graph(size: int, seed: int, reach: int) -> None:
    check(random_picture(size, seed, reach))


def test_crossings_that_can_be_avoided_are() -> None:
    _, _, lines, _ = areas(svg(sample("steps")))  # planar, with three arguments used across levels
    pieces = [piece for line in lines for piece in pairwise(line)]
    for k, ((x1, y1), (x2, y2)) in enumerate(pieces):
        for (x3, y3), (x4, y4) in pieces[k + 1 :]:
            if {(x1, y1), (x2, y2)} & {(x3, y3), (x4, y4)}:
                continue
            sides = (
                [(x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) for x, y in ((x3, y3), (x4, y4))],
                [(x4 - x3) * (y - y3) - (y4 - y3) * (x - x3) for x, y in ((x1, y1), (x2, y2))],
            )
            assert not all(a * b < 0 for a, b in sides)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_picture_is_the_one_looked_at(name: str) -> None:
    assert svg(sample(name)) == (GOLDEN / f"{name}.svg").read_text("utf-8")


def test_every_sample_is_drawn() -> None:
    assert SAMPLES.keys() == {path.stem for path in (ROOT / "samples").glob("*.ad")}


def test_a_picture_is_the_same_each_time(tmp_path: Path) -> None:
    files = [tmp_path / f"{seed}.svg" for seed in "012"]
    for seed, path in enumerate(files):
        run("graph", "sin(x*y) + cos(x*y)*z + exp(z)^x", "-o", str(path), PYTHONHASHSEED=str(seed))
    assert len({path.read_text("utf-8") for path in files}) == 1


# -- box characters ----------------------------------------------------------------------------------------------------
JOINS = {  # where a line goes on: up, down, left, right
    "│": "ud", "─": "lr", "╭": "dr", "╮": "dl", "╰": "ur", "╯": "ul",
    "├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr", "┼": "udlr", "▶": "l",
}  # fmt: skip
STEPS = {"u": (-1, 0), "d": (1, 0), "l": (0, -1), "r": (0, 1)}
BACK = {"u": "d", "d": "u", "l": "r", "r": "l"}


def followed(drawing: Picture) -> set[tuple[int, int]]:
    """Follow the lines of a drawing without labels from each arrow's head back to the box that they come from."""
    grid = _Grid(drawing, DETAILS[2])
    cells = {(y, x): c for y, row in enumerate(grid.drawn(True)) for x, c in enumerate(row)}
    box_at = {
        (y, x): k
        for k, (left, top, width, height) in enumerate(grid.placed.boxes)
        for y in range(top, top + height)
        for x in range(left, left + width)
    }
    found = set()
    for y, x in [at for at, c in cells.items() if c == "▶" and at not in box_at]:
        sources, seen, todo = set(), set(), [(y, x, "l")]
        while todo:
            row, column, way = todo.pop()
            dy, dx = STEPS[way]
            at = row, column = row + dy, column + dx
            if at in box_at:
                assert way == "l"
                sources.add(box_at[at])
            elif cells[at] == "│" and way in "lr":
                todo.append((row, column, way))  # it passes under
            elif cells[at] != "▶" and (at, way) not in seen:
                assert BACK[way] in JOINS[cells[at]]
                seen.add((at, way))
                todo += [(row, column, on) for on in JOINS[cells[at]] if on != BACK[way]]
        (source,) = sources
        found.add((source, box_at[y, x + 1]))
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_lines_in_a_terminal_lead_from_argument_to_row(name: str) -> None:
    drawing = sample(name)
    assert followed(drawing) == {(a.source, a.target) for a in drawing.arrows}


# Of the last three, some links can only be told apart by a way around.
@pytest.mark.long
@pytest.mark.parametrize(("size", "seed", "reach"), [*RANDOM[:-1], (20, 1021, 8), (20, 1065, 8), (40, 1001, 100)])
def test_lines_of_a_random_graph_lead_from_argument_to_row(size: int, seed: int, reach: int) -> None:
    drawing = random_picture(size, seed, reach)
    assert followed(drawing) == {(a.source, a.target) for a in drawing.arrows}


def test_a_narrow_terminal_gets_less_detail_or_an_error() -> None:
    drawing = sample("baydin")
    widths = [max(map(len, boxes(drawing, width).split("\n"))) for width in (0, 130, 110, 80)]
    assert widths == sorted(widths, reverse=True)
    assert all(got <= width for got, width in zip(widths[1:], (130, 110, 80), strict=True))
    with pytest.raises(LimitError, match="columns wide, the terminal 30"):
        boxes(drawing, 30)


def test_without_unicode_it_is_ascii() -> None:
    done = run("graph", "ln(α) + x", "--at", "α=2,x=1", "--mode", "both", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert "+----" in done.stdout


# -- what is shown -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("baydin", {"x1": 5.5, "x2": 1.7163378145367738}),  # Baydin et al. (2018), Tables 2 and 3
        ("griewank", {"x1": 3.0118433276739065, "x2": -13.723961509314075}),  # Griewank & Walther, Table 1.3
        ("fraction", {"x": -3.34729777301069, "y": -9.70176956641438}),
        ("quotient", {"a": 0.25, "b": -1.5625, "c": -1.0}),
        ("rosenbrock", {"x[1]": -2.0, "x[2]": 10.6, "x[3]": 15.6, "x[4]": 52.0}),  # SciPy's documentation
    ],
)
def test_products_of_the_partials_along_all_paths_are_the_derivatives(name: str, expected: dict[str, float]) -> None:
    drawing = drawn((ROOT / "samples" / f"{name}.ad").read_text("utf-8"), SAMPLES[name][0], digits=17)
    for k, vertex in enumerate(drawing.vertices):
        if vertex.kind == INPUT:
            along = [float(j == k) for j in range(len(drawing.vertices))]
            for arrow in drawing.arrows:
                along[arrow.target] += along[arrow.source] * float(arrow.value or 1)
            assert along[-1] == pytest.approx(expected[vertex.formula], rel=1e-13)


def test_values_tangents_and_adjoints_are_on_the_rows() -> None:
    vertices = {v.name: v for v in drawn("ln(x1)+x1*x2-sin(x2)", {"x1": 2, "x2": 5}, "both").vertices}
    assert vertices["v-1"].lines == ("v-1 = x1", "2", "∂v-1/∂x1 = 1", "∂v-1/∂x2 = 0", "∂y/∂x1 = 5.5")
    assert vertices["v2"].lines == ("v2 = v-1*v0", "10", "∂v2/∂x1 = 5", "∂v2/∂x2 = 2", "∂y/∂v2 = 1")
    assert vertices["y"].lines == ("y = v5", "11.6521", "∂y/∂x1 = 5.5", "∂y/∂x2 = 1.71634")


def test_without_a_point_it_is_in_symbols() -> None:
    drawing = drawn("if x > 1 then x*x else exp(x)")
    labels = {(drawing.vertices[a.source].title, drawing.vertices[a.target].name): a.label for a in drawing.arrows}
    assert labels["v0 = x", "v1"] == ""  # no derivative goes through a condition
    assert labels["v0 = x", "v2"] == "v0 + v0"
    assert labels["v2 = v0*v0", "v4"] == "if v1 then 1 else 0"
    assert [v.value for v in drawing.vertices] == [""] * 6


def test_a_shared_part_is_drawn_once() -> None:
    drawing = drawn("sin(x*y) + cos(x*y)")
    assert [v.title for v in drawing.vertices].count("v1 = v-1*v0") == 1


def test_inputs_are_first_and_outputs_last() -> None:
    drawing = sample("elementwise")
    for vertex, rank in zip(drawing.vertices, drawing.ranks, strict=True):
        assert (rank == 0) == (vertex.kind == INPUT)
        assert (rank == max(drawing.ranks)) == (vertex.kind == OUTPUT)


def test_a_part_of_a_graph() -> None:
    text = "x1*x2 + sin(x1)^2"
    assert {v.name: v.kind for v in drawn(text, depth=1).vertices} == {"v4": "cut", "y": "output"} | {"v4": "row"} | {
        "v1": "cut", "v3": "cut"
    }  # fmt: skip
    assert [v.name for v in drawn(text, around="v2", depth=1).vertices] == ["v-1", "v2", "v3"]
    assert [v.name for v in drawn(text, around="x2", depth=1).vertices] == ["v-1", "v0", "v1"]
    with pytest.raises(UsageError, match="v7 is not a row of the trace"):
        drawn(text, around="v7")


@pytest.mark.long
def test_too_large_a_graph_says_how_to_narrow_it() -> None:
    at: dict[str, float | list[float]] = {"n": 600.0}
    for write in (svg, boxes):
        with pytest.raises(LimitError, match="a drawing has at most 1,000") as caught:
            write(drawn("sum(i=1..n, sin(i*x))", at))
        assert "--depth" in caught.value.hint
        assert "--around" in caught.value.hint
    assert svg(drawn("sum(i=1..n, sin(i*x))", at, around="v7"))
    assert dot(drawn("sum(i=1..n, sin(i*x))", at)).count("->") > 1000


@pytest.mark.long
def test_a_large_picture_in_a_file_says_how_to_see_less(tmp_path: Path) -> None:
    text = "+".join(f"sin({k}*x)" for k in range(60))
    for name, many in (("g.svg", True), ("g.dot", False)):
        done = run("graph", text, "-o", str(tmp_path / name))
        assert (done.returncode, "--depth 3 or --around v7" in done.stderr) == (0, many)
    assert run("graph", text, "--around", "v7", "-o", str(tmp_path / "g.svg")).stderr == ""


def test_a_picture_is_called_by_its_output() -> None:
    definitions = "".join(f"a{k} = x + {k}\n" for k in range(9))
    found = svg(drawn(f"{definitions}{'*'.join(f'a{k}' for k in range(9))}"))
    assert "<title>Computational graph of y = a0*a1" in found
    assert ">y = a0*a1*a2*a3*a4*a5*a6*a7*a8</text>" in found
    assert "<title>Computational graph</title>" in svg(drawn("x")._replace(lines=()))


def test_tangents_of_several_outputs_are_refused() -> None:
    with pytest.raises(UsageError, match="one output, and there are x, y2"):
        drawn("[x, 2x]", {"x": 1}, "forward")


# -- files -------------------------------------------------------------------------------------------------------------
HOSTILE = """</script><b onload="a">&amp;'`%%{init}%%]|\\"""


def hostile() -> Picture:
    vertices = [Vertex("v0", INPUT, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)), Vertex("y", OUTPUT, HOSTILE, HOSTILE)]
    return Picture((HOSTILE, HOSTILE), HOSTILE, vertices, [Arrow(0, 1, HOSTILE)])


def test_every_text_is_inert_in_svg() -> None:
    root = ElementTree.fromstring(svg(hostile()))
    assert {node.tag.rpartition("}")[2] for node in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "g", "path"
    }  # fmt: skip
    assert [node.text for node in root.iter() if (node.text or "").startswith("</script>")].count(HOSTILE) >= 5


def test_every_text_is_inert_in_a_page() -> None:
    text = svg_page(hostile())
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert "<b " not in text
    assert not re.search(r"(src|href|url)\s*[=(]", text)


def test_every_text_is_inert_in_dot() -> None:
    quoted = r'"(?:[^"\\\n]|\\.)*"'
    body = re.sub("//.*", "", dot(hostile()))
    assert re.fullmatch(r"[\w\s\[\]{}=;,>-]*", re.sub(quoted, "Q", body))


def test_every_text_is_inert_in_mermaid() -> None:
    lines = [line for line in mermaid(hostile()).splitlines() if not line.startswith("  %% ")]
    assert lines[0] == "flowchart LR"
    assert "%%{" not in mermaid(hostile())
    texts = re.findall('"([^"]*)"', "\n".join(lines))
    assert len(texts) == 3
    assert all(re.fullmatch(r"[^<>`\\{}\[\]|%]*", text.replace("<br>", " ")) for text in texts)


def test_dot_and_mermaid_have_every_row_and_arrow() -> None:
    drawing = sample("griewank")
    for text, arrow in ((dot(drawing), "->"), (mermaid(drawing), "-->")):
        assert text.count(arrow) == len(drawing.arrows)
        assert all(vertex.name in text for vertex in drawing.vertices)


@pytest.mark.long
def test_the_kind_of_file_is_told_by_its_name(tmp_path: Path) -> None:
    for ending, begin in (
        (".svg", "<svg "),
        (".html", "<!doctype html>"),
        (".dot", "digraph {"),
        (".mmd", "flowchart"),
    ):
        path = tmp_path / f"graph{ending}"
        assert run("graph", "x^2", "--at", "x=3", "-o", str(path)).returncode == 0
        assert path.read_text("utf-8").startswith(begin)
    with pytest.raises(UsageError, match=r"does not tell what kind"):
        picture_writer("graph.pdf")
    assert set(WRITERS) == {".svg", ".png", ".html", ".dot", ".mmd"}


def test_png_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(UsageError, match="a PNG picture needs cairosvg") as caught:
        png(svg(sample("lazy")))
    assert "pip install 'adcli[plot]'" in caught.value.hint


def test_png_looks_like_one() -> None:
    pytest.importorskip("cairosvg")
    made = png(svg(sample("baydin"), dark=False))
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(made) > 10_000


def test_notes_are_told_and_strict_is_obeyed() -> None:
    done = run("graph", "abs(x)", "--at", "x=0", "--mode", "reverse", "--strict")
    assert done.returncode == 1
    assert "abs has a kink" in done.stderr
    assert "▶" in done.stdout


if __name__ == "__main__":  # write the golden files anew; read them before you check them in
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in LOOKED_AT:
        (GOLDEN / f"{each}.svg").write_text(svg(sample(each)), "utf-8")
