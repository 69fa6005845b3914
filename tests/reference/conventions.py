"""The convention table: every operation at the edges of numbers, as data, and the page printed from it.

* `python -m tests.reference.conventions write`: the table, conventions.csv, from limits.py (mpmath; two minutes).
* `python -m tests.reference.peers`: what JAX and PyTorch say, peers.csv (with both installed).
* `python -m tests.reference.conventions page`: the page, samples/conventions.md.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
DATA, PEERS, PAGE = HERE / "conventions.csv", HERE / "peers.csv", HERE.parents[1] / "samples" / "conventions.md"

INF, NAN = math.inf, math.nan
TINY, SMALL, HUGE = 5e-324, 2.2250738585072014e-308, 1e308
BELOW_1, ABOVE_1 = math.nextafter(1, 0), math.nextafter(1, 2)
POSITIVE = (0.0, TINY, SMALL, 0.5, BELOW_1, 1.0, ABOVE_1, 2.0, HUGE, INF)
SINGLES = (*(-x for x in reversed(POSITIVE)), *POSITIVE, NAN)
PAIRS = (-INF, -2.0, -1.0, -0.0, 0.0, TINY, 0.5, 1.0, 2.0, 3.0, HUGE, INF, NAN)
TRIPLES = (-INF, -1.0, 0.0, 1.0, 2.0, INF, NAN)
BOTH = (False, True)
# Arguments other than these, and points of one argument where an operation is known for something.
GRIDS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "and": (BOTH, BOTH),
    "or": (BOTH, BOTH),
    "not": (BOTH,),
    "where": (BOTH, PAIRS, (-INF, -1.0, 0.0, 2.0, NAN)),
    "fma": ((-INF, -1.0, 0.0, 2.0, HUGE, INF, NAN),) * 2 + ((-INF, -2.0, -0.0, 0.0, HUGE, INF, NAN),),
    "beta": ((-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, NAN),) * 2,
    "lbeta": ((-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, NAN),) * 2,
    "besselj": ((-1.0, 0.0, 0.5, 1.0, 2.0), (-1.0, 0.5, 1.0, 2.0, NAN)),
    "bessely": ((-1.0, 0.0, 0.5, 1.0, 2.0), (-1.0, 0.5, 1.0, 2.0, NAN)),
    "polygamma": ((-INF, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, INF, NAN), (*PAIRS, -0.5, -1.5)),
}
ALSO = {
    "floor": (-1.5,), "ceil": (-1.5,), "trunc": (-1.5,), "round": (-1.5, 1.5, 2.5), "exp": (-745.13, 710.0),
    "exp2": (1024.0,), "expm1": (710.0,), "sinh": (-711.0,), "cosh": (711.0,), "tanh": (20.0, 400.0), "sech": (750.0,),
    "sigmoid": (-800.0, 40.0), "softplus": (-800.0, 1000.0), "gamma": (-200.5, 172.0), "lgamma": (-2.5,),
    "tan": (math.pi / 2,), "erfc": (30.0,), "log1p": (-1e-20,), "erf": (30.0,),
}  # fmt: skip


class Line(NamedTuple):
    """One line of the table: partial derivatives are numbers or `undefined`; there are none outside the domain."""

    name: str
    args: tuple[Any, ...]
    value: float
    partials: tuple[float | None, ...] | None
    kinds: tuple[str, ...]


def text(x: Any) -> str:
    """Return a number, a truth value, or None for `undefined`, as it is written in the table."""
    if x is None or isinstance(x, bool):
        return "undefined" if x is None else str(x).lower()
    return repr(float(x)).removesuffix(".0")


def number(word: str) -> Any:
    """Read that."""
    words = {"undefined": None, "true": True, "false": False}
    return words[word] if word in words else float(word)


def call(line: Line) -> str:
    """Return `max(0, -0)`, the operation as a call."""
    return f"{line.name}({', '.join(map(text, line.args))})"


def points(name: str, arity: int) -> Iterator[tuple[Any, ...]]:
    """Generate the points of the table for an operation."""
    grid = GRIDS.get(name) or ((*SINGLES, *ALSO.get(name, ())),) if arity == 1 else GRIDS.get(name)
    yield from product(*(grid or ((PAIRS,) * 2 if arity == 2 else (TRIPLES,) * 3)))


def read() -> list[Line]:
    """Return the lines of the table."""
    lines = []
    with open(DATA, encoding="utf-8", newline="") as file:
        for name, args, value, partials, kinds in list(csv.reader(file))[1:]:
            slopes = tuple(map(number, partials.split())) if partials else None
            lines.append(Line(name, tuple(map(number, args.split())), float(value), slopes, tuple(kinds.split())))
    return lines


def rest(line: Line) -> tuple[Any, ...]:
    """Return what limits.edge says of the line's operation at the line's arguments."""
    from tests.reference.limits import Edge

    return Edge(line.value, line.partials, line.kinds)


def write() -> None:
    """Calculate the table from nothing."""
    from tests.ops.test_table import REFERENCE
    from tests.reference.limits import edge

    with open(DATA, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("operation", "arguments", "value", "partials", "notes"))
        for name, (_, rules) in REFERENCE.items():
            print(name, file=sys.stderr, flush=True)
            for args in points(name, len(rules)):
                value, partials, kinds = edge(name, args)
                cells = (" ".join(map(text, args)), text(value), " ".join(map(text, partials or ())), " ".join(kinds))
                out.writerow((name, *cells))


class Answer(NamedTuple):
    """What a peer says: value and partial derivatives."""

    value: float
    partials: tuple[float, ...]


def read_peers() -> tuple[list[str], dict[tuple[str, str], list[Answer | None]]]:
    """Return the names and versions of the peers, and what each says to an operation and arguments, if it has it."""
    with open(PEERS, encoding="utf-8", newline="") as file:
        (_, _, *heads), *rows = csv.reader(file)
    said: dict[tuple[str, str], list[Answer | None]] = {}
    for name, args, *cells in rows:
        pairs = zip(cells[::2], cells[1::2], strict=True)
        said[name, args] = [Answer(float(v), tuple(map(float, p.split()))) if v else None for v, p in pairs]
    return [head.removesuffix(" value") for head in heads[::2]], said


def same(a: float | None, b: float) -> bool:
    """Tell whether a number is that one, but for rounding; `undefined` is NaN."""
    if a is None or a != a or b != b:
        return (a is None or a != a) and b != b
    return a == b or (math.isfinite(a - b) and abs(a - b) <= 1e-9 * abs(b) + 1e-300)


def agree(line: Line, answer: Answer | None) -> bool:
    """Tell whether a peer says the same; outside the domain that is NaN, or the limit at a pole, and NaN."""
    if answer is None:
        return True
    partials = line.partials or (None,) * len(line.args)
    return same(line.value, answer.value) and all(map(same, partials, answer.partials))


# The lines that adcli/guide/edges.md shows as well.
TOLD = (
    "abs(0)", "relu(0)", "sign(0)", "floor(1)", "max(2, 2)", "min(1, nan)", "sqrt(0)", "acos(1)", "ln(-1)", "tanh(20)",
    "hypot(0, 0)", "pow(2, 0)", "pow(0, 0)", "pow(0, 2)", "pow(-2, 3)", "atan2(0, 0)", "xlogy(0, 0)",
)  # fmt: skip


def on_page(line: Line, answers: list[Answer | None]) -> bool:
    """Tell whether a line is worth reading: there is a note, or a peer differs, at numbers of ordinary size."""
    if call(line) in TOLD:
        return True
    if any(x != x or (x == 0 and math.copysign(1, x) < 0) for x in line.args):
        return False
    if len(line.args) > 1 and not all(x in (-2, -1, 0, 0.5, 1, 2) for x in line.args):
        return False
    noted = any(answers) and bool(line.kinds) and line.kinds not in (("domain",), ("nan",))
    return noted or not all(agree(line, a) for a in answers)


def brief(x: float | None) -> str:
    """Return a number with six digits, the sign of zero left out."""
    return text(x) if x is None else f"{x + 0.0:.6g}"


def page() -> str:
    """Return the page in Markdown."""
    peers, said = read_peers()
    rows = [f"| operation | value | derivatives | note | {' | '.join(peers)} |", "|---|---|---|---|---|---|"]
    for line in read():
        answers = said.get((line.name, " ".join(map(text, line.args))), [None, None])
        if not on_page(line, answers):
            continue
        if line.partials is None:
            told = ["none", "none", "error: outside the domain"]
        else:
            told = [brief(line.value), ", ".join(map(brief, line.partials)), ", ".join(line.kinds)]
        cells = [f"`{call(line)}`", *told]
        for answer in answers:
            if answer is None or agree(line, answer):
                cells.append("=" if answer else "")
            else:
                cells.append(f"{brief(answer.value)}; {', '.join(map(brief, answer.partials))}")
        rows.append("| " + " | ".join(cells) + " |")
    return HEAD + "\n".join(rows) + "\n"


HEAD = """# Conventions

What adcli answers at the edges of numbers: the value, the partial derivative by each argument, and the kind of the note
that comes with it. This page is printed from `tests/reference/conventions.csv`, which has every operation at more
points than are shown here (`python -m tests.reference.conventions page`); its numbers are limits calculated with
mpmath, and the tests hold adcli to them in every mode. The last columns are what others say, as recorded in
`tests/reference/peers.csv` on a processor in double precision: `=` where it is the same, with NaN for what is
undefined, and else the value and the derivatives. The few points where adcli says something else than this page are
listed, with the reason, in `tests/test_conventions.py`.

* **kink**: the slopes of both sides differ; their mean is the derivative. **pole**: both are infinite.
* **end**: the domain ends here; the derivative is the limit from inside.
* **jump**, **undefined**: this derivative does not exist; those by other arguments do.
* **overflow**: the value or a derivative is beyond 1.797e308 in size.
* Outside the domain there is neither a value nor a derivative. An intermediate that is infinite is taken as IEEE 754
  and Annex F of the C standard have it; where they give NaN, a note says so.

"""

if __name__ == "__main__":
    todo = sys.argv[1] if len(sys.argv) == 2 else "help"
    if todo == "write":
        write()
    elif todo == "page":
        PAGE.write_text(page(), "utf-8")
    else:
        sys.exit(__doc__)
