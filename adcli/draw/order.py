"""The order of boxes from top to bottom that gives few crossings of the links between them."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

SWEEPS = 12
SIFTED = 32  # boxes; of a graph not larger, each is tried in every place


class Link(NamedTuple):
    """A link from one box to another, with the width of its label; no two links join the same boxes."""

    source: int
    target: int
    width: int = 0


class Ordered:
    """Boxes with ranks and the links between them: `order` from top to bottom, `ports` of the links at their targets.

    `port` is the distance between links into one box. `into` and `out` are the links of each box.
    """

    def __init__(self, links: Sequence[Link], ranks: Sequence[int], port: int) -> None:
        self.links, self.ranks, self.port = links, ranks, port
        self.into: list[list[int]] = [[] for _ in ranks]
        self.out: list[list[int]] = [[] for _ in ranks]
        for k, link in enumerate(links):
            self.into[link.target].append(k)
            self.out[link.source].append(k)
        self.order = self._ordered()
        self.ports = self._ports(_inverse(self.order))

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
        """Return the order of a walk from the right, each box between the boxes of its arguments."""
        height = [-1] * len(self.ranks)
        leaves = 0
        stack = [box for box in reversed(range(len(self.ranks))) if not self.out[box]]
        opened = set()
        while stack:
            box = stack[-1]
            if box in opened or height[box] >= 0 or not self.into[box]:
                stack.pop()
                if height[box] < 0 and self.into[box]:
                    below = [height[self.links[k].source] for k in self.into[box]]
                    height[box] = sum(below) // len(below)
                elif height[box] < 0:
                    height[box] = leaves = leaves + len(self.ranks)
                continue
            opened.add(box)
            stack.extend(self.links[k].source for k in reversed(self.into[box]) if height[self.links[k].source] < 0)
        return sorted(range(len(height)), key=height.__getitem__)

    def _swept(self, order: list[int], forward: bool) -> list[int]:
        """Return the order by the mean place of the neighbours to the left, rank by rank, or to the right."""
        key: list[float] = [float(p) for p in _inverse(order)]
        for box in sorted(order, key=self.ranks.__getitem__, reverse=not forward):
            links = self.into[box] if forward else self.out[box]
            if links:
                places = [key[self.links[k].source if forward else self.links[k].target] for k in links]
                total = 0.0
                for p in places:  # sum() rounds otherwise in later versions of Python
                    total += p
                key[box] = total / len(places)
        return sorted(order, key=key.__getitem__)

    def _ports(self, place: list[int]) -> list[int]:
        """Return the distance of each link's end from the middle of its target, in the order of the sources."""
        ports = [0] * len(self.links)
        for into in self.into:
            into = sorted(into, key=lambda k: place[self.links[k].source])
            for k, link in enumerate(into):
                ports[link] = (2 * k - len(into) + 1) * self.port // 2
        return ports

    def _cost(self, order: list[int]) -> tuple[int, int, int]:
        """Return the number of crossings, the lengths of links up and down, and the number of inputs out of order."""
        place = _inverse(order)
        ports = self._ports(place)
        step = 1 + 2 * max(map(abs, ports), default=0)
        rooms: list[list[tuple[int, int]]] = [[] for _ in range(1 + max(self.ranks, default=0))]
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


def _inverse(order: list[int]) -> list[int]:
    place = [0] * len(order)
    for k, box in enumerate(order):
        place[box] = k
    return place


def _inversions(pairs: list[tuple[int, int]]) -> int:
    """Return the number of pairs with one order on the left and the other on the right."""
    count, seen = 0, list[int]()
    for _, right in sorted(pairs):
        count += len(seen) - bisect_right(seen, right)
        insort(seen, right)
    return count
