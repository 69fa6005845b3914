"""Random formulas of all operations: gradient, Hessian and order 3 against mpmath, and the classes of all ways.

usage: python -m tests.tools.sweep FIRST LAST        the seeds FIRST..LAST-1; exit status 1 if one is wrong

A formula depends on its seed alone, so that a long sweep can run in pieces, 2,000 seeds in about 10 minutes. It prints
each seed with a conditioned error above 4, or with ways that disagree on a class, and then the figures. The truth are
differences of mpmath's values. The unit of an error is that of `tests/test_accuracy.py`, for each order: what the
derivative changes by if one value, or one term of a row's expansion, is larger by 2^-53 of it, summed over all of them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf

import adcli
from adcli.errors import AdcliError, DomainError
from adcli.language.nodes import Node, postorder
from adcli.language.writer import to_text
from tests.ops.test_table import REFERENCE
from tests.test_accuracy import BITS, EPS, TINY, exact, kind, local, path_sums, random_formula, shared

MOST = 4.0  # conditioned error
STEP = mpf(2) ** -100
NUDGE = mpf(2) ** -60  # relative, of a value or a slope
POINTS = (-2, -1, 0, 1, 2)
NO_TRUTH = (DomainError, ValueError, ZeroDivisionError, TypeError, OverflowError)  # where a formula is not smooth
WAYS = ("forward", "reverse", "taylor", "columns")  # N digits take numbers as they are typed: their class alone


class Swept(NamedTuple):
    """What became of a formula: the conditioned errors by order, what is wrong, which classes differ."""

    errors: dict[int, list[float]]
    wrong: list[str]
    classes: list[str]


Lines = dict[Node, list[Any]]  # the values of each row at the POINTS of a line


def along(order: list[Node], at: Mapping[str, float], direction: Mapping[str, float]) -> Lines:
    """Return the values of all rows on a line through the point; raises ValueError outside a domain."""
    values: Lines = {}
    for node in order:
        if node.op is None and node.value is None:
            values[node] = [mpf(at[node.name]) + t * STEP * direction.get(node.name, 0) for t in POINTS]
        elif node.op is None:
            values[node] = [mpf(node.value or 0.0)] * len(POINTS)
        else:
            values[node] = computed(node, values)
    return values


def computed(node: Node, values: Lines) -> list[Any]:
    """Return the values of a row from those of its arguments."""
    assert node.op is not None
    found = [REFERENCE[node.op.name][0](*args) for args in zip(*(values[x] for x in node.args), strict=True)]
    if any(not isinstance(x, bool) and (isinstance(x, mp.mpc) or not mp.isfinite(x)) for x in found):
        raise ValueError
    return found


def derivatives(values: list[Any], *, checked: bool = False) -> list[Any]:
    """Return the derivatives of order 1 to 3 from values at the POINTS; raises ValueError where two steps differ."""
    a, b, c, d, e = values
    first, second = (d - b) / (2 * STEP), (d - 2 * c + b) / STEP**2
    wide = ((e - a) / (4 * STEP), (e - 2 * c + a) / (4 * STEP**2))
    if checked and any(abs(x - y) > 1e-20 * abs(x) + TINY for x, y in zip((first, second), wide, strict=True)):
        raise ValueError
    return [first, second, (e - 2 * d + 2 * b - a) / (2 * STEP**3)]


def parts(node: Node, values: Lines) -> list[list[Any]]:
    """Return what a row's value is made of on the line: itself, each term of its expansion to order 2, and the rest."""
    assert node.op is not None
    args = [values[x] for x in node.args]
    varied = [k for k, x in enumerate(args) if not isinstance(x[2], bool) and x[0] != x[2]]
    here = local(REFERENCE[node.op.name][0], [x[2] for x in args], varied)
    moved = {k: [x - args[k][2] for x in args[k]] for k in varied}
    terms = [[p * t for t in moved[k]] for k, p in here.first.items()]
    terms += [[q / 2 * s * t for s, t in zip(moved[j], moved[k], strict=True)] for (j, k), q in here.second.items()]
    rest = [y - here.value - sum(known) for y, *known in zip(values[node], *terms, strict=True)]
    return [values[node], *terms, rest]


def units(order: list[Node], values: Lines) -> list[Any]:
    """Return the sums of what the derivatives change by, over relative changes of each value and each term by EPS."""
    true = derivatives(values[order[-1]])
    sums = [abs(g) for g in true]
    for place, node in enumerate(order):
        if node.value is not None or isinstance(values[node][2], bool):
            continue
        for part in [values[node]] if node.op is None else parts(node, values):
            changed: Lines = {node: [x + NUDGE * t for x, t in zip(values[node], part, strict=True)]}
            for later in order[place + 1 :]:
                if any(x in changed for x in later.args):
                    changed[later] = computed(later, {x: changed.get(x, values[x]) for x in later.args})
            moved = derivatives(changed.get(order[-1], values[order[-1]]))
            sums = [s + abs(g - h) / NUDGE for s, g, h in zip(sums, moved, true, strict=True)]
    return [EPS * s for s in sums]


def try_one(seed: int) -> Swept:
    """Compare the ways with each other, and where the formula is smooth with mpmath."""
    root, at = random_formula(seed)
    f = adcli.formula(to_text(root))
    at = {name: at[name] for name in f.variables}
    swept = Swept({1: [], 2: [], 3: []}, [], [])
    forward = f.gradient(at, mode="forward")
    by_way = classes(f, at, forward)
    for name in at:
        kinds = {way: kind(found.get(name)) for way, found in by_way.items()}
        sizes = [abs(found.get(name) or 0.0) for found in by_way.values()]
        noise = set(kinds.values()) == {"zero", "finite"} and max(sizes) <= 8 * EPS * path_sums(f, at)[name]
        if len(set(kinds.values())) > 1 and not noise and "overflow" not in {note.kind for note in forward.notes}:
            swept.classes.append(f"{seed}: {f} at {at}: by {name} {kinds}")
    if {note.kind for note in forward.notes} - {"cancellation"}:
        return swept
    with mp.workprec(BITS), suppress(*NO_TRUTH):
        compare(seed, f, root, at, by_way, swept)
    return swept


def classes(f: adcli.Formula, at: dict[str, float], forward: adcli.Gradient) -> dict[str, dict[str, float | None]]:
    """Return the partial derivatives by each way."""
    columns = f.batch({name: np.array([x]) for name, x in at.items()}) if at else {}
    found = {
        "forward": forward.as_dict(),
        "reverse": f.gradient(at, mode="reverse").as_dict(),
        "columns": {name: float(columns[f"d{f.outputs[0]}/d{name}"][0]) for name in at},
        "taylor": {},
        "precise": {},
    }
    for name in at:
        found["taylor"][name] = or_none(lambda name=name: f.taylor(at, {name: 1.0}, 1).coefficients[1])
        found["precise"][name] = or_none(lambda name=name: float(f.precise(20).gradient(at)[name]))
    if {note.kind for note in forward.notes} - {"cancellation"}:  # at an edge there are no series
        del found["taylor"]
    undefined = {name for name, x in forward.as_dict().items() if x is None}  # NaN in a column
    return {way: {n: x for n, x in by_name.items() if n not in undefined} for way, by_name in found.items()}


def or_none(call: Any) -> float | None:
    """Return what the call gives; None where it says that there is no derivative."""
    try:
        found = call()
    except (AdcliError, TypeError):
        return None
    return None if found is None else float(found)


def compare(seed: int, f: adcli.Formula, root: Node, at: dict[str, float], by_way: Any, swept: Swept) -> None:
    """Compare derivatives to order 3 with mpmath's."""
    gradient = exact(root, at)
    order = postorder([shared(root)])
    hessian = f.hessian(at)
    for name in at:
        true, unit = gradient[name]
        for way in WAYS:
            judge(seed, f, at, f"{way} by {name}", 1, by_way[way][name], true, unit, swept)
        values = along(order, at, {name: 1.0})
        exactly = derivatives(values[order[-1]], checked=True)
        unit_of = units(order, values)
        judge(seed, f, at, f"hessian {name}", 2, hessian[name, name], exactly[1], unit_of[1], swept)
        try:
            _, _, second, third = f.taylor(at, {name: 1.0}, 3).coefficients
        except DomainError:  # at an edge that the derivative does not meet
            continue
        judge(seed, f, at, f"taylor {name}", 2, 2 * second, exactly[1], unit_of[1], swept)
        judge(seed, f, at, f"taylor {name}", 3, 6 * third, exactly[2], unit_of[2], swept)
    if len(at) > 1:
        values = along(order, at, dict.fromkeys(at, 1.0))
        exactly = derivatives(values[order[-1]], checked=True)
        unit_of = units(order, values)
        coefficients = f.taylor(at, dict.fromkeys(at, 1.0), 3).coefficients
        whole = math.fsum(hessian[a, b] for a in at for b in at)
        terms = sum(abs(hessian[a, b]) for a in at for b in at) * EPS
        judge(seed, f, at, "hessian, all", 2, whole, exactly[1], unit_of[1] + terms, swept)
        judge(seed, f, at, "taylor, all", 3, 6 * coefficients[3], exactly[2], unit_of[2], swept)


def judge(
    seed: int, f: adcli.Formula, at: Any, what: str, k: int, found: float | None, true: Any, unit: Any, swept: Swept
) -> None:
    """Add the conditioned error of one derivative of order k; results below TINY are left out."""
    if abs(true) < TINY or found is None:
        return
    error = float(abs(found - true) / unit)
    swept.errors[k].append(error)
    if not error <= MOST:
        swept.wrong.append(f"{seed}: {f} at {at}: {what}, order {k}: {found}, exactly {mp.nstr(true, 17)}: {error:.3g}")


def sweep(seeds: range) -> Iterator[str]:
    """Yield what is wrong, and the figures at the end."""
    tried = []
    for seed in seeds:
        tried.append(try_one(seed))
        yield from (f"error {line}" for line in tried[-1].wrong)
        yield from (f"class {line}" for line in tried[-1].classes)
    for k in (1, 2, 3):
        errors = sorted(e for one in tried for e in one.errors[k]) or [math.nan]
        part = f"largest {errors[-1]:.3g}, 99th percentile {errors[len(errors) * 99 // 100]:.3g}"
        yield f"order {k}: {len(errors)} derivatives of {sum(bool(one.errors[k]) for one in tried)} formulas, {part}"
    bad, differ = sum(bool(one.wrong) for one in tried), sum(bool(one.classes) for one in tried)
    yield f"{len(tried)} formulas: {bad} with an error above {MOST:g}, {differ} with different classes"


if __name__ == "__main__":
    failed = False
    for line in sweep(range(int(sys.argv[1]), int(sys.argv[2]))):
        failed = failed or line.startswith(("error", "class"))
        print(line, flush=True)
    sys.exit(failed)
