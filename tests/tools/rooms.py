"""Print the rooms of the package and the imports between them as a graph in DOT; the counts go to standard error.

python -m tests.tools.rooms | dot -Tsvg -o rooms.svg
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.test_layers import ROOMS, circles, file_arrows, room


def main() -> None:
    arrows = file_arrows()
    between = Counter(
        (room(here), room(there)) for here, found in arrows.items() for there in found if room(here) != room(there)
    )
    rooms = {name for pair in between for name in pair}
    print("digraph rooms {\n  rankdir=BT\n  node [shape=box]")
    for line in ROOMS.split("\n"):
        if names := [name for name in line.split() if name in rooms]:
            print("  { rank=same;", "; ".join(names), "}")
    for (here, there), count in sorted(between.items()):
        print(f"  {here} -> {there} [label={count}]")
    print("}")
    said = f"{len(rooms)} rooms, {len(arrows)} files, {len(between)} arrows between rooms"
    print(f"{said}, {sum(map(len, arrows.values()))} between files, {len(circles(arrows))} circles", file=sys.stderr)


if __name__ == "__main__":
    main()
