"""Random points over many scales, to compare functions at."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

Ranges = Mapping[str, tuple[float, float]]
FIRST = (0.0, 1.0, -1.0)  # of all variables, at the first three points: there identities often fail
TRIES = 30  # points tried for each one that is wanted
TELLING = 1e-3  # a point tells nothing where rounding may take more than this part of the numbers
UNDERFLOW = 1e-150  # a smaller number may be the result of an underflow


def random_points(
    names: Sequence[str], seed: int, ranges: Ranges | None = None, around: Mapping[str, float] | None = None
) -> Iterator[dict[str, float]]:
    """Yield points without end: small whole numbers, near 0, around 1, large, positive only and of both signs.

    A name with a range is uniformly distributed in it. Some points are near the point `around`.
    """
    chance = random.Random(seed)
    ranges = ranges or {}
    for number in FIRST:
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
