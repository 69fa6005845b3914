"""Pictures of graphs: nothing overlaps, every line leads where it should, numbers are right, every text is inert."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from test_cli import adcli as run

import adcli
from adcli.draw import boxes, png
from adcli.draw.files import WRITERS, writer
from adcli.draw.graph import INPUT, OUTPUT, ROW, Arrow, Picture, Vertex, picture, trace_of
from adcli.draw.svg import arranged, page, svg
from adcli.draw.text import dot, mermaid
from adcli.errors import LimitError, UsageError
from adcli.point import from_mapping
from adcli.show import Display

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden" / "graph"
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


def drawn(text: str, at: dict[str, float | list[float]] | None = None, mode: str | None = None, **options: object) -> Picture:
    """Return the picture of a formula."""
    display = Display("plain", int(options.pop("digits", 6)))  # type: ignore[call-overload]
    done = trace_of(adcli.formula(text), from_mapping(at or {}), (), mode)
    return picture(done.table, done.lines, display, **options)  # type: ignore[arg-type]


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

    for node in root.findall(f"{space}text"):
        texts.append(text_area(node, 0, 0))
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
            for inner in node.findall(f"{space}text"):  # every line of text is in its box, and apart from the others
                area = text_area(inner, dx, dy)
                assert box.left <= area.left and area.right <= box.right, area.what
                assert box.top <= area.top and area.bottom <= box.bottom, area.what
            found.append(box)
    return found, texts, lines, Area(0, 0, float(root.get("width", 0)), float(root.get("height", 0)), "page")


def crosses(line: list[tuple[float, float]], area: Area) -> bool:
    """Tell whether a line of several pieces goes through the inside of an area."""
    for (x1, y1), (x2, y2) in zip(line, line[1:], strict=False):
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


def check(drawing: Picture) -> None:
    found, texts, lines, whole = areas(svg(drawing))
    assert len(found) == len(drawing.vertices)
    assert len(lines) == len(drawing.arrows)
    assert not list(overlapping([*found, *texts]))
    for area in (*found, *texts):
        assert whole.left <= area.left and area.right <= whole.right + 1e-9, area
        assert whole.top <= area.top and area.bottom <= whole.bottom, area
    for line in lines:
        assert len(line) <= 3  # straight, or one bend
        assert all(x1 < x2 for (x1, _), (x2, _) in zip(line, line[1:], strict=False))  # from left to right
    for area in (*found, *texts):
        assert not any(crosses(line, area) for line in lines), area


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps_in_a_sample(name: str) -> None:
    check(sample(name))


@pytest.mark.parametrize(("size", "seed", "reach"), RANDOM)
def test_nothing_overlaps_in_a_random_graph(size: int, seed: int, reach: int) -> None:
    check(random_picture(size, seed, reach))


def test_crossings_that_can_be_avoided_are(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, lines, _ = areas(svg(sample("steps")))  # planar, with three arguments used across levels
    pieces = [piece for line in lines for piece in zip(line, line[1:], strict=False)]
    for k, ((x1, y1), (x2, y2)) in enumerate(pieces):
        for (x3, y3), (x4, y4) in pieces[k + 1 :]:
            if {(x1, y1), (x2, y2)} & {(x3, y3), (x4, y4)}:
                continue
            sides = [
                (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) for x, y in ((x3, y3), (x4, y4))
            ], [(x4 - x3) * (y - y3) - (y4 - y3) * (x - x3) for x, y in ((x1, y1), (x2, y2))]
            assert not all(a * b < 0 for a, b in sides)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_picture_of_a_sample_is_the_one_looked_at(name: str) -> None:
    assert svg(sample(name)) == (GOLDEN / f"{name}.svg").read_text("utf-8")


def test_every_sample_is_looked_at() -> None:
    assert SAMPLES.keys() == {path.stem for path in (ROOT / "samples").glob("*.ad")}
    assert SAMPLES.keys() == {path.stem for path in GOLDEN.iterdir()}


def test_a_picture_is_the_same_each_time() -> None:
    drawings = {run("graph", "sin(x*y) + cos(x*y)*z", "-o", "/dev/stdout.svg", PYTHONHASHSEED=seed).stderr for seed in "01"}
    assert len(drawings) == 1
    texts = {run("graph", "sin(x*y) + cos(x*y)*z + exp(z)^x", PYTHONHASHSEED=seed).stdout for seed in "012"}
    assert len(texts) == 1


# -- box characters ----------------------------------------------------------------------------------------------------
JOINS = {  # where a line goes on: up, down, left, right
    "│": "ud", "─": "lr", "╭": "dr", "╮": "dl", "╰": "ur", "╯": "ul",
    "├": "udr", "┤": "udl", "┬": "dlr", "┴": "ulr", "┼": "udlr", "▶": "l",
}  # fmt: skip
STEPS = {"u": (-1, 0), "d": (1, 0), "l": (0, -1), "r": (0, 1)}
BACK = {"u": "d", "d": "u", "l": "r", "r": "l"}


def followed(drawing: Picture) -> set[tuple[int, int]]:
    """Follow the lines of a drawing without labels from each arrow's head back to the box that they come from."""
    grid = boxes._Grid(drawing, boxes.DETAILS[2])
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


@pytest.mark.parametrize(("size", "seed", "reach"), [r for r in RANDOM if r[0] < 500])
def test_lines_of_a_random_graph_lead_from_argument_to_row(size: int, seed: int, reach: int) -> None:
    drawing = random_picture(size, seed, reach)
    assert followed(drawing) == {(a.source, a.target) for a in drawing.arrows}


if __name__ == "__main__":  # write the golden files anew; read them before you check them in
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in SAMPLES:
        (GOLDEN / f"{each}.svg").write_text(svg(sample(each)), "utf-8")
