"""Random points over many scales, to compare functions at."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

Ranges = Mapping[str, tuple[float, float]]
FEW = (0.0, 1.0, -1.0)  # each is the first, second, third point: where identities often fail


def points(
    names: Sequence[str], seed: int, ranges: Ranges | None = None, around: Mapping[str, float] | None = None
) -> Iterator[dict[str, float]]:
    """Yield points without end: small whole numbers, near 0, around 1, large, positive only and of both signs.

    A name with a range has a number in it, evenly. `around` is a point near which some of them are.
    """
    chance = random.Random(seed)
    ranges = ranges or {}

    for number in FEW:
        if not ranges:
            yield dict.fromkeys(names, number)
    while True:
        signs = chance.choice(((1.0,), (1.0, -1.0)))
        style = chance.choice(("unit", "unit", "scales", "scales", "small", "whole", "around" if around else "unit"))
        point = {}
        for name in names:
            if name in ranges:
                low, high = ranges[name]
                x = chance.uniform(low, high)
            elif style == "around" and around is not None:
                x = around[name] + chance.gauss(0.0, 0.3) * (abs(around[name]) or 1.0)
            else:
                size = {
                    "unit": 3 * chance.random(),
                    "scales": 10 ** chance.uniform(-3, 3),
                    "small": 10 ** chance.uniform(-6, 0),
                    "whole": float(chance.randint(0, 9)),
                }.get(style, 1.0)
                x = chance.choice(signs) * size
            point[name] = x
        yield point
