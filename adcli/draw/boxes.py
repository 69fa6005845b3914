"""A computational graph in box characters, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..errors import LimitError, text_width
from .layout import Layout, Rect, Sloping, Space, layout
from .order import Link
from .picture import CUT, INPUT, NARROWER, OUTPUT, Arrow, Picture, Vertex

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
LINES = dict(zip(range(16), " ││││╯╮┤─╰╭├─┴┬┼", strict=True)) | {LEFT: "─", RIGHT: "─"}
ASCII = dict(zip(range(16), " ||||''+-'.+-+++", strict=True)) | {LEFT: "-", RIGHT: "-"}
# Upper left, upper right, lower left, lower right corner, horizontal, vertical.
FRAMES = {INPUT: "╭╮╰╯─│", OUTPUT: "╔╗╚╝═║", CUT: "┌┐└┘┄┆"}
PLAIN, PLAIN_ASCII = "┌┐└┘─│", "++++-|"


def _short(vertex: Vertex) -> list[str]:
    """Return the lines with the operation instead of the formula."""
    title = {INPUT: vertex.sign, OUTPUT: vertex.name}.get(vertex.kind, f"{vertex.name} {vertex.sign}")
    return [title, *vertex.lines[1:]]


class Detail(NamedTuple):
    """The lines of a vertex and the label of an arrow: fewer where the terminal is narrow."""

    lines: Callable[[Vertex], Sequence[str]]
    label: Callable[[Arrow], str]


DETAILS = (
    Detail(lambda v: v.lines, lambda a: a.label),
    Detail(lambda v: v.lines, lambda a: a.value or a.label),
    Detail(lambda v: v.lines, lambda a: ""),
    Detail(_short, lambda a: ""),
    Detail(lambda v: [re.sub("^([∂d]).* =", r"\1", line) for line in _short(v)], lambda a: ""),
)


def boxes(picture: Picture, width: int = 0, unicode: bool = True) -> str:
    """Return the drawing, with as much detail as fits the width (0: any); raises LimitError if no drawing fits."""
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
            port=1, between=1, lane=0, label=1, rise=0, head=2, margin=0,
            sloping=lambda links: max((two + 1 for _, two in _channels(links).values()), default=0) + 1,
        )  # fmt: skip
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
        rows = [[" "] * self.placed.width for _ in range(1 + max(y for y, _ in cells))]
        for (y, x), character in cells.items():
            rows[y][x] = character
        return ["".join(row).rstrip() for row in rows]

    def _wires(self) -> dict[tuple[int, int], dict[int, int]]:
        """Return the directions of the lines in each cell, by the source that they come from."""
        wires: dict[tuple[int, int], dict[int, int]] = {}

        def draw(source: int, *path: tuple[int, int]) -> None:
            for (y, x), (y2, x2) in pairwise(path):
                on, back = (DOWN, UP) if y2 > y else (UP, DOWN) if y2 < y else (RIGHT, LEFT)
                ends = {(y, x): on, (y2, x2): back}
                for row in range(min(y, y2), max(y, y2) + 1):
                    for column in range(x, x2 + 1):
                        nets = wires.setdefault((row, column), {})
                        nets[source] = nets.get(source, 0) | ends.get((row, column), on | back)

        rooms: dict[int, list[tuple[int, int, int]]] = {}
        taken: dict[int, set[int]] = {}  # rows, in the room after each rank
        for arrow, route in zip(self.picture.arrows, self.placed.routes, strict=True):
            first, (_, y), (_, lane) = self.ranks[arrow.source], route.start, route.bend
            rooms.setdefault(first, []).append((arrow.source, y, lane))
            taken.setdefault(first, set()).add(y)
            for rank in range(first, self.ranks[arrow.target]):
                taken.setdefault(rank, set()).add(lane)
        channels = {rank: _channels(links) for rank, links in rooms.items()}
        detours: dict[int, int] = {}
        for arrow, route in zip(self.picture.arrows, self.placed.routes, strict=True):
            source, (x, y), (_, lane), end = arrow.source, route.start, route.bend, route.end[0] - 1
            if y == lane:
                draw(source, (y, x), (lane, end))
                continue
            rank = self.ranks[source]
            one, two = (x + 1 + column for column in channels[rank][source])
            row = y
            if one != two:
                if source not in detours:
                    free = (row for row in range(self.placed.height + len(taken[rank])) if row not in taken[rank])
                    detours[source] = min(free, key=lambda row: abs(row - y))
                    taken[rank].add(detours[source])
                row = detours[source]
            draw(source, *dict.fromkeys([(y, x), (y, one), (row, one), (row, two), (lane, two), (lane, end)]))
        return wires


def _channels(links: Sloping) -> dict[int, tuple[int, int]]:
    """Return the column in which the links of each source turn up or down, twice.

    Where one source leaves on the row on which another's link goes on, it has to turn first. Where that goes round in a
    circle, one source turns to a free row before the others, and to where it goes after them: its columns differ.
    """
    exits = {y: source for source, y, _ in links}
    waiting: dict[int, set[int]] = {source: set() for source, y, lane in links if y != lane}
    for source, y, lane in links:
        if y != lane and (other := exits.get(lane, source)) != source and other in waiting:
            waiting[source].add(other)
    columns: dict[int, tuple[int, int]] = {}
    late = []
    while len(columns) < len(waiting):
        left = [source for source in waiting if source not in columns]
        free = [source for source in left if waiting[source] <= columns.keys()]
        late += [] if free else left[:1]
        columns[(free or left)[0]] = len(columns), len(columns)
    for k, source in enumerate(late):
        columns[source] = columns[source][0], len(waiting) + k
    return columns


def _frame(cells: dict[tuple[int, int], str], rect: Rect, frame: str) -> None:
    right, bottom = rect.x + rect.width - 1, rect.y + rect.height - 1
    for y in range(rect.y, bottom + 1):
        for x in range(rect.x, right + 1):
            cells[y, x] = frame[4] if y in (rect.y, bottom) else frame[5] if x in (rect.x, right) else " "
    for y, x, corner in ((rect.y, rect.x, 0), (rect.y, right, 1), (bottom, rect.x, 2), (bottom, right, 3)):
        cells[y, x] = frame[corner]


def _write(cells: dict[tuple[int, int], str], x: int, y: int, text: str) -> None:
    """Put text in cells: a combining character into the one before it, a wide character into two."""
    for character in text:
        width = text_width(character)
        if width == 0:
            cells[y, x - 1] += character
            continue
        cells[y, x] = character
        for k in range(1, width):
            cells[y, x + k] = ""
        x += width
