"""A layered layout (Sugiyama, Tagawa and Toda 1981): positions of boxes and links in whole numbers.

Ranks run from left to right. A link goes straight from its source to a bend just before the next rank, and from there
on a horizontal lane into its target, above or below the boxes between. The lane moves up and down with the target. So a
link has one bend at most, touches no box that it does not join, and its label, on the lane just before the target,
touches nothing. One order of all boxes from top to bottom, found by barycentre sweeps, holds in every rank, so no two
lanes cross.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .order import Link, Ordered

SETTLING = 40  # rounds in which boxes move towards their neighbours
INFINITE = 1 << 60
Sloping = Sequence[tuple[int, int, int]]


class Space(NamedTuple):
    """Distances: between links into one box, boxes, lanes; how high a label is, how far it rises above its lane.

    `sloping` gives the width of the room after a rank from (source, height there, height of the lane) of the links
    that begin in it; `head` is the room for an arrow's head between the label and the box.
    """

    port: int
    between: int
    lane: int
    label: int
    rise: int
    head: int
    margin: int
    sloping: Callable[[Sloping], int]


class Rect(NamedTuple):
    """A rectangle, from its upper left corner; y grows downwards."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """The height at which links leave."""
        return self.y + self.height // 2


class Route(NamedTuple):
    """The path of a link, from `start` to `bend` and on to `end`, and the rectangle of its label."""

    start: tuple[int, int]
    bend: tuple[int, int]
    end: tuple[int, int]
    label: Rect


class Layout(NamedTuple):
    """The boxes and the routes of the links in the order given, and the size of the whole."""

    boxes: list[Rect]
    routes: list[Route]
    width: int
    height: int


def layout(sizes: Sequence[tuple[int, int]], links: Sequence[Link], ranks: Sequence[int], space: Space) -> Layout:
    """Return the layout of boxes of these sizes; a link goes from a lower rank to a higher one."""
    return _Graph(sizes, links, ranks, space).placed()


class _Graph(Ordered):
    def __init__(
        self, sizes: Sequence[tuple[int, int]], links: Sequence[Link], ranks: Sequence[int], space: Space
    ) -> None:
        super().__init__(links, ranks, space.port)
        self.space = space
        least = [(len(into) - 1) * space.port + 2 * max(space.rise, 1) + 1 if into else 0 for into in self.into]
        self.heights = [max(h, needed) for (_, h), needed in zip(sizes, least, strict=True)]
        self.columns = [0] * (1 + max(ranks, default=0))
        for (width, _), rank in zip(sizes, ranks, strict=True):
            self.columns[rank] = max(self.columns[rank], width)
        self.y = self._heights()

    def _extent(self, box: int, rank: int) -> tuple[int, int]:
        """Return the extent of a box, or of the lanes before it, at a rank, relative to its middle."""
        if self.ranks[box] == rank:
            return -(self.heights[box] // 2), self.heights[box] - self.heights[box] // 2
        ports = [self.ports[k] for k in self.into[box] if self.ranks[self.links[k].source] < rank]
        return min(ports), max(ports) + 1

    def _apart(self) -> list[list[tuple[int, int]]]:
        """Return, for each box, (box above it in some rank, least distance of their middles)."""
        above: list[list[tuple[int, int]]] = [[] for _ in self.heights]
        last: list[tuple[int, int, bool] | None] = [None] * len(self.columns)  # of each rank: box, bottom, is a box
        for box in self.order:
            first = min((self.ranks[self.links[k].source] + 1 for k in self.into[box]), default=self.ranks[box])
            for rank in range(first, self.ranks[box] + 1):
                top, bottom = self._extent(box, rank)
                real = rank == self.ranks[box]
                if (before := last[rank]) is not None:
                    gap = self.space.between if real and before[2] else self.space.lane
                    above[box].append((before[0], before[1] + gap - top))
                last[rank] = box, bottom, real
        return above

    def _heights(self) -> list[int]:
        """Return the middle of each box: in order, apart, and near the boxes that it is joined to."""
        above = self._apart()
        below: list[list[tuple[int, int]]] = [[] for _ in above]
        y = [0] * len(above)
        for box in self.order:
            y[box] = max((y[other] + distance for other, distance in above[box]), default=0)
            for other, distance in above[box]:
                below[other].append((box, distance))
        for round_ in range(SETTLING):
            moved = False
            for box in self.order[:: 1 if round_ % 2 else -1]:
                if wanted := self._wishes(box, y):
                    target = _middle(wanted) if round_ >= SETTLING // 2 else sum(wanted) // len(wanted)
                    target = min([target, *(y[other] - distance for other, distance in below[box])])
                    target = max([target, *(y[other] + distance for other, distance in above[box])])
                    moved |= target != y[box]
                    y[box] = target
            if not moved and round_ > SETTLING // 2:
                break
        near = self.space.port
        for box in sorted(self.order, key=self.ranks.__getitem__):  # straighten links that are almost straight
            low = max((y[other] + distance for other, distance in above[box]), default=-INFINITE)
            high = min((y[other] - distance for other, distance in below[box]), default=INFINITE)
            weights = [2] * len(self.into[box]) + [1] * len(self.out[box])  # later boxes may follow
            close = [(w, n) for w, n in zip(self._wishes(box, y), weights, strict=True) if abs(w - y[box]) <= 2 * near]
            tries = [y[box], *(w for w, _ in close if low <= w <= high)]
            y[box] = min(tries, key=lambda at: sum(n * min(abs(w - at), near) for w, n in close))
        return y

    def _wishes(self, box: int, y: list[int]) -> list[int]:
        """Return the heights at which one link of the box would be straight: those into it, then those out of it."""
        wanted = [y[self.links[k].source] - self.ports[k] for k in self.into[box]]
        return wanted + [y[self.links[k].target] + self.ports[k] for k in self.out[box]]

    def placed(self) -> Layout:
        """Return the layout, moved into its margins."""
        space, margin = self.space, self.space.margin
        tops = [y - h // 2 for y, h in zip(self.y, self.heights, strict=True)]
        shift = margin - min([*tops, *(self._lane(k) - space.rise for k in range(len(self.links)))], default=0)
        left, bends = [margin], []
        labels = [0] * (len(self.columns) + 1)
        begin: list[list[tuple[int, int, int]]] = [[] for _ in self.columns]
        for k, link in enumerate(self.links):
            labels[self.ranks[link.target]] = max(labels[self.ranks[link.target]], link.width)
            begin[self.ranks[link.source]].append((link.source, self.y[link.source], self._lane(k)))
        for rank, width in enumerate(self.columns):
            bends.append(left[rank] + width + space.sloping(begin[rank]))
            left.append(bends[rank] + labels[rank + 1] + space.head)
        boxes = [
            Rect(left[rank], top + shift, self.columns[rank], height)
            for rank, top, height in zip(self.ranks, tops, self.heights, strict=True)
        ]
        routes = []
        for k, link in enumerate(self.links):
            rank, lane = self.ranks[link.source], self._lane(k) + shift
            end = left[self.ranks[link.target]]
            label = Rect(end - space.head - link.width, lane - space.rise, link.width, space.label)
            start = (left[rank] + self.columns[rank], boxes[link.source].middle)
            routes.append(Route(start, (bends[rank], lane), (end, lane), label))
        bottom = [rect.y + rect.height for rect in (*boxes, *(route.label for route in routes))]
        right = max((rect.x + rect.width for rect in boxes), default=0)
        return Layout(boxes, routes, right + margin, max(bottom, default=0) + margin)

    def _lane(self, k: int) -> int:
        return self.y[self.links[k].target] + self.ports[k]


def _middle(values: list[int]) -> int:
    """Return the median; of an even number, the lower one of the two in the middle."""
    return sorted(values)[(len(values) - 1) // 2]
