"""A computational graph in box characters, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..errors import LimitError
from ..show import text_width
from .graph import CUT, INPUT, NARROWER, OUTPUT, Arrow, Picture, Vertex
from .layout import Layout, Link, Rect, Sloping, Space, layout

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
LINES = dict(zip(range(16), " ││││╯╮┤─╰╭├─┴┬┼", strict=True)) | {LEFT: "─", RIGHT: "─"}
ASCII = dict(zip(range(16), " ||||''+-'.+-+++", strict=True)) | {LEFT: "-", RIGHT: "-"}
# Upper left, upper right, lower left, lower right corner, horizontal, vertical.
FRAMES = {INPUT: "╭╮╰╯─│", OUTPUT: "╔╗╚╝═║", CUT: "┌┐└┘┄┆"}
PLAIN, PLAIN_ASCII = "┌┐└┘─│", "++++-|"


class Detail(NamedTuple):
    """How much of a vertex and an arrow is written: less where the terminal is narrow."""

    lines: Callable[[Vertex], Sequence[str]]
    label: Callable[[Arrow], str]


DETAILS = (
    Detail(lambda v: v.lines, lambda a: a.label),
    Detail(lambda v: v.lines, lambda a: a.value or a.label),
    Detail(lambda v: v.lines, lambda a: ""),
    Detail(lambda v: (v.sign if v.kind == INPUT else f"{v.name} {v.sign}", *v.lines[1:]), lambda a: ""),
)


def boxes(picture: Picture, width: int = 0, unicode: bool = True) -> str:
    """Return the drawing, with as much detail as fits the width (0: any); raises LimitError if none does."""
    picture.check_size()
    least = 0
    for detail in DETAILS:
        grid = _Grid(picture, detail)
        least = grid.placed.width
        if not width or least <= width:
            return "\n".join([*picture.lines, "", *grid.drawn(unicode)])
    raise LimitError(
        f"the drawing is {least} columns wide, the terminal {width}",
        hint=f"{NARROWER}, widen the terminal, or write it with -o FILE.svg",
    )


class _Grid:
    def __init__(self, picture: Picture, detail: Detail) -> None:
        self.picture = picture
        self.texts = [[*detail.lines(vertex)] for vertex in picture.vertices]
        self.labels = [detail.label(arrow) for arrow in picture.arrows]
        sizes = [(max(map(text_width, lines)) + 4, len(lines) + 2) for lines in self.texts]
        links = [
            Link(arrow.source, arrow.target, text_width(label) + 2 if label else 0)
            for arrow, label in zip(picture.arrows, self.labels, strict=True)
        ]
        space = Space(
            port=1, between=1, lane=0, label=1, rise=0, head=2, margin=0, sloping=lambda s: len(_channels(s)) + 2
        )
        self.ranks = picture.ranks
        self.placed: Layout = layout(sizes, links, self.ranks, space)

    def drawn(self, unicode: bool) -> list[str]:
        """Return the lines of the drawing."""
        cells: dict[tuple[int, int], str] = {}
        for at, nets in self._wires().items():
            bits = next(iter(nets.values())) if len(nets) == 1 else UP | DOWN  # one passes over the other
            cells[at] = (LINES if unicode else ASCII)[bits]
        for route, label in zip(self.placed.routes, self.labels, strict=True):
            x, y = route.end
            cells[y, x - 1] = "▶" if unicode else ">"
            if label:
                _write(cells, route.label.x, y, f" {label} ")
        for vertex, lines, rect in zip(self.picture.vertices, self.texts, self.placed.boxes, strict=True):
            frame = FRAMES.get(vertex.kind, PLAIN) if unicode else PLAIN_ASCII
            _frame(cells, rect, frame)
            top = rect.y + (rect.height - len(lines)) // 2
            for k, line in enumerate(lines):
                _write(cells, rect.x + 2 + (rect.width - 4 - text_width(line)) // 2, top + k, line)
        rows: list[list[str]] = [[" "] * self.placed.width for _ in range(self.placed.height)]
        for (y, x), character in cells.items():
            rows[y][x] = character
        return ["".join(row).rstrip() for row in rows]

    def _wires(self) -> dict[tuple[int, int], dict[int, int]]:
        """Return the directions of the lines in each cell, by the source that they come from."""
        wires: dict[tuple[int, int], dict[int, int]] = {}

        def draw(y: int, x: int, source: int, bits: int) -> None:
            nets = wires.setdefault((y, x), {})
            nets[source] = nets.get(source, 0) | bits

        rooms: dict[int, list[tuple[int, int, int]]] = {}
        for arrow, route in zip(self.picture.arrows, self.placed.routes, strict=True):
            rooms.setdefault(self.ranks[arrow.source], []).append((arrow.source, route.start[1], route.bend[1]))
        channels = {rank: _channels(links) for rank, links in rooms.items()}
        for arrow, route in zip(self.picture.arrows, self.placed.routes, strict=True):
            (x, y), (_, lane), (end, _) = route.start, route.bend, route.end
            source = arrow.source
            turn = x + 1 + channels[self.ranks[source]].get(source, 0)
            for column in range(x, end):
                row = y if column < turn else lane
                draw(row, column, source, LEFT | RIGHT if column != turn or y == lane else RIGHT)
            if y != lane:
                draw(y, turn, source, LEFT | (DOWN if lane > y else UP))
                draw(lane, turn, source, UP if lane > y else DOWN)
                for row in range(min(y, lane) + 1, max(y, lane)):
                    draw(row, turn, source, UP | DOWN)
        return wires


def _channels(links: Sloping) -> dict[int, int]:
    """Return the column in which the links of each source turn up or down.

    Where one source leaves on the row on which another's link goes on, it has to turn first.
    """
    exits = {y: source for source, y, _ in links}
    turning = list(dict.fromkeys(source for source, y, lane in links if y != lane))
    before: dict[int, set[int]] = {source: set() for source in turning}
    for source, y, lane in links:
        if y != lane and (other := exits.get(lane, source)) != source and other in before:
            before[source].add(other)
    columns: dict[int, int] = {}
    while len(columns) < len(turning):
        free = [s for s in turning if s not in columns and before[s] <= columns.keys()]
        columns[(free or [s for s in turning if s not in columns])[0]] = len(columns)
    return columns


def _frame(cells: dict[tuple[int, int], str], rect: Rect, frame: str) -> None:
    right, bottom = rect.x + rect.width - 1, rect.y + rect.height - 1
    for y in range(rect.y, bottom + 1):
        for x in range(rect.x, right + 1):
            cells[y, x] = frame[4] if y in (rect.y, bottom) else frame[5] if x in (rect.x, right) else " "
    for y, x, corner in ((rect.y, rect.x, 0), (rect.y, right, 1), (bottom, rect.x, 2), (bottom, right, 3)):
        cells[y, x] = frame[corner]


def _write(cells: dict[tuple[int, int], str], x: int, y: int, text: str) -> None:
    """Put text in cells; what has no width of its own goes with the character before it, a wide one takes two."""
    for character in text:
        width = text_width(character)
        if width == 0:
            cells[y, x - 1] += character
            continue
        cells[y, x] = character
        for k in range(1, width):
            cells[y, x + k] = ""
        x += width
