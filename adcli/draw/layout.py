"""A layered layout: boxes of given sizes and links between them to positions, in whole numbers, the same every time.

Ranks run from left to right (Sugiyama, Tagawa and Toda 1981). A link goes straight from its source to a bend just
before the next rank, and from there horizontally into its target, above or below all that is between; what lies on that
lane moves up and down with the target. So no link has more than one bend, none touches a box that it does not join, and
its label, which stands on the lane just before the target, touches nothing. One order of all boxes from top to bottom,
found by barycentre sweeps, holds in every rank: that leaves no two lanes to cross.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from typing import NamedTuple

SWEEPS = 12
SETTLING = 40  # rounds in which boxes move towards what they are joined to
SIFTED = 32  # boxes; of a graph not larger, each is tried in every place
INFINITE = 1 << 60
Sloping = Sequence[tuple[int, int, int]]


class Link(NamedTuple):
    """From one box to another, with the width of its label; no two links join the same boxes."""

    source: int
    target: int
    width: int = 0


class Space(NamedTuple):
    """Distances: between links into one box, boxes, lanes; how high a label is, how far it rises above its lane.

    `sloping` tells how wide the room after a rank is, given (source, height there, height of the lane) of the links
    that begin in it; `head` is the room that an arrow's head needs between the label and the box.
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
    """Where a link runs: from `start` to `bend` and on to `end`; its label is in `label`."""

    start: tuple[int, int]
    bend: tuple[int, int]
    end: tuple[int, int]
    label: Rect


class Layout(NamedTuple):
    """The boxes and the routes of the links, in the order given, and the size of it all."""

    boxes: list[Rect]
    routes: list[Route]
    width: int
    height: int


def layout(sizes: Sequence[tuple[int, int]], links: Sequence[Link], ranks: Sequence[int], space: Space) -> Layout:
    """Return where everything stands; a link goes from a lower rank to a higher one."""
    return _Graph(sizes, links, ranks, space).placed()


class _Graph:
    def __init__(
        self, sizes: Sequence[tuple[int, int]], links: Sequence[Link], ranks: Sequence[int], space: Space
    ) -> None:
        self.links, self.ranks, self.space = links, ranks, space
        self.into: list[list[int]] = [[] for _ in sizes]  # of each box, the links that end there
        self.out: list[list[int]] = [[] for _ in sizes]
        for k, link in enumerate(links):
            self.into[link.target].append(k)
            self.out[link.source].append(k)
        least = [(len(into) - 1) * space.port + 2 * max(space.rise, 1) + 1 if into else 0 for into in self.into]
        self.heights = [max(h, needed) for (_, h), needed in zip(sizes, least, strict=True)]
        self.columns = [0] * (1 + max(ranks, default=0))
        for (width, _), rank in zip(sizes, ranks, strict=True):
            self.columns[rank] = max(self.columns[rank], width)
        self.order = self._ordered()
        self.place = _inverse(self.order)
        self.ports = self._ports(self.place)
        self.y = self._heights()

    # -- order ---------------------------------------------------------------------------------------------------------
    def _ordered(self) -> list[int]:
        """Return the boxes from top to bottom with few crossings."""
        best = self._first()
        least = self._cost(best)
        order = best
        for sweep in range(SWEEPS):
            order = self._swept(order, sweep % 2 == 0)
            cost = self._cost(order)
            if cost < least:
                best, least = order, cost
        before = None
        while len(best) <= SIFTED and least != before:
            before = least
            for box in best[:]:
                rest = [other for other in best if other != box]
                tries = [[*rest[:k], box, *rest[k:]] for k in range(len(best))]
                cost, k = min((self._cost(order), k) for k, order in enumerate(tries))
                if cost < least:
                    best, least = tries[k], cost
        return best

    def _first(self) -> list[int]:
        """Return the order in which the boxes are met from the right, each between what goes into it."""
        height = [-1] * len(self.heights)
        leaves = 0
        stack = [box for box in reversed(range(len(self.heights))) if not self.out[box]]
        opened = set()
        while stack:
            box = stack[-1]
            if box in opened or height[box] >= 0 or not self.into[box]:
                stack.pop()
                if height[box] < 0 and self.into[box]:
                    below = [height[self.links[k].source] for k in self.into[box]]
                    height[box] = sum(below) // len(below)
                elif height[box] < 0:
                    height[box] = leaves = leaves + len(self.heights)
                continue
            opened.add(box)
            stack.extend(self.links[k].source for k in reversed(self.into[box]) if height[self.links[k].source] < 0)
        return sorted(range(len(height)), key=height.__getitem__)

    def _swept(self, order: list[int], forward: bool) -> list[int]:
        """Return the order by the mean place of what goes into each box, from left to right, or the other way."""
        key: list[float] = [float(p) for p in _inverse(order)]
        for box in sorted(order, key=self.ranks.__getitem__, reverse=not forward):
            links = self.into[box] if forward else self.out[box]
            if links:
                places = [key[self.links[k].source if forward else self.links[k].target] for k in links]
                total = 0.0
                for p in places:
                    total += p
                key[box] = total / len(places)
        return sorted(order, key=key.__getitem__)

    def _ports(self, place: list[int]) -> list[int]:
        """Return of each link how far from its target's middle it ends: the sources from top to bottom."""
        ports = [0] * len(self.links)
        for into in self.into:
            into = sorted(into, key=lambda k: place[self.links[k].source])
            for k, link in enumerate(into):
                ports[link] = (2 * k - len(into) + 1) * self.space.port // 2
        return ports

    def _cost(self, order: list[int]) -> tuple[int, int, int]:
        """Return how many pairs of links cross, how far links go up and down, how many inputs are not as given."""
        place = _inverse(order)
        ports = self._ports(place)
        step = 1 + 2 * max(map(abs, ports), default=0)
        rooms: list[list[tuple[int, int]]] = [[] for _ in self.columns]
        far = 0
        for k, link in enumerate(self.links):
            lane = place[link.target] * step + ports[k]
            first = self.ranks[link.source]
            rooms[first].append((place[link.source] * step, lane))
            far += abs(place[link.source] - place[link.target])
            for room in range(first + 1, self.ranks[link.target]):
                rooms[room].append((lane, lane))
        inputs = [(place[box], box) for box, into in enumerate(self.into) if not into]
        return sum(map(_inversions, rooms)), far, _inversions(inputs)

    # -- heights -------------------------------------------------------------------------------------------------------
    def _extent(self, box: int, rank: int) -> tuple[int, int]:
        """Return what a box, or its lanes before it, takes at a rank, relative to its middle."""
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
        """Return the middle of each box: in order, apart, and near what it is joined to."""
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
        for box in sorted(self.order, key=self.ranks.__getitem__):  # straighten what is almost straight
            low = max((y[other] + distance for other, distance in above[box]), default=-INFINITE)
            high = min((y[other] - distance for other, distance in below[box]), default=INFINITE)
            weights = [2] * len(self.into[box]) + [1] * len(self.out[box])  # what comes after may follow
            close = [(w, n) for w, n in zip(self._wishes(box, y), weights, strict=True) if abs(w - y[box]) <= 2 * near]
            tries = [y[box], *(w for w, _ in close if low <= w <= high)]
            y[box] = min(tries, key=lambda at: sum(n * min(abs(w - at), near) for w, n in close))
        return y

    def _wishes(self, box: int, y: list[int]) -> list[int]:
        """Return the heights at which one link of the box would be straight: those into it, then those out of it."""
        wanted = [y[self.links[k].source] - self.ports[k] for k in self.into[box]]
        return wanted + [y[self.links[k].target] + self.ports[k] for k in self.out[box]]

    # -- places --------------------------------------------------------------------------------------------------------
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


def _inverse(order: list[int]) -> list[int]:
    place = [0] * len(order)
    for k, box in enumerate(order):
        place[box] = k
    return place


def _inversions(pairs: list[tuple[int, int]]) -> int:
    """Return how many pairs are in one order on the left and in the other on the right."""
    count, seen = 0, list[int]()
    for _, right in sorted(pairs):
        count += len(seen) - bisect_right(seen, right)
        insort(seen, right)
    return count


def _middle(values: list[int]) -> int:
    """Return the median; of an even number, the lower one of the two in the middle."""
    return sorted(values)[(len(values) - 1) // 2]
