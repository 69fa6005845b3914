"""How accurate gradients are: random formulas of all operations against mpmath, in units of what rounding must cost.

The conditioned error of a partial derivative g of a trace with values v_i is (DESIGN.md, section 5)

    |g - exact| / (2^-53 * (sum_i |dg/d ln v_i| + sum over paths |product of local partials|))

where row i is made relatively larger, with all that depends on it.
`ADCLI_FORMULAS=100000 pytest -s -m slow tests/test_accuracy.py` tries so many.
"""

from __future__ import annotations

import math
import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.language.nodes import Node, constant_node, postorder, variable_node
from adcli.language.point import as_point
from adcli.language.writer import to_text
from adcli.trace.partials import linearize
from adcli.trace.sweep import adjoints
from tests.ops.test_table import REFERENCE

BITS = 1400  # of which 964 may cancel in 1 - tanh(x) > TINY, and 320 in the differences
STEP = mpf(2) ** -160  # relative, of differences of first and second order: 300 bits are right
KINK = mpf(2) ** -220  # a larger relative second difference is no second derivative
EPS = 2.0**-53
TINY, HUGE = 1e-290, 1e290  # beyond them are no digits to speak of
NUMBERS = [op for op in ops.TABLE if not op.condition]
COMPARISONS = [op for op in ops.TABLE if op.condition and op.selects is None and op is not ops.not_]
PIECES = {op for op in ops.TABLE if any(edge.kind in ("kink", "jump", "branch") for edge in op.edges)}
PIECES -= {ops.hypot, ops.atan2}  # the others are flat or straight between their edges
WHOLE_ORDER = (ops.polygamma, ops.besselj, ops.bessely)  # their first argument is a number
DRAWN = [*NUMBERS, *[ops.where] * 4, *[ops.add, ops.sub, ops.mul, ops.div, ops.pow_] * 3]


# -- random formulas --------------------------------------------------------------------------------------------------
def random_number(rng: random.Random) -> float:
    kind = rng.random()
    if kind < 0.1:
        return float(rng.randint(-3, 5))
    return rng.uniform(-3, 3) if kind < 0.8 else rng.choice((-1, 1)) * 10 ** rng.uniform(-6, 6)


def random_condition(rng: random.Random, pool: list[Node], values: dict[Node, Any]) -> Node:
    """Return a comparison of two numbers of the pool, or a few of them with and, or, not."""
    made: list[Node] = []
    for op in (*rng.choices(COMPARISONS, k=2), rng.choice((ops.and_, ops.or_)), ops.not_):
        args = tuple(rng.choices(pool, k=2) if op in COMPARISONS else rng.choices(made, k=op.arity))
        made.append(Node(op, args))
        values[made[-1]] = bool(op.number(*(values[x] for x in args)))
    return rng.choice(made)


def random_formula(seed: int) -> tuple[Node, dict[str, float]]:
    """Return a formula of at most a dozen operations, parts of it shared, and a point in its domain."""
    rng = random.Random(seed)
    at = {name: random_number(rng) for name in ("x", "y", "z")[: rng.randint(1, 3)]}
    pool = [variable_node(name) for name in at]
    values: dict[Node, Any] = dict(zip(pool, at.values(), strict=True))
    wanted = len(pool) + rng.randint(1, 9)
    while len(pool) < wanted:
        op, recent = rng.choice(DRAWN), pool[-1]
        args = [recent, *rng.choices(pool, k=2)][: op.arity]
        rng.shuffle(args)
        if op.arity > 1 and (len(set(args)) == 1 or rng.random() < 0.2):  # x*x, max(x, x) are rare
            k = rng.randrange(op.arity)
            args[k] = constant_node(random_number(rng))
            values[args[k]] = args[k].value
        if op is ops.where:
            args[0] = random_condition(rng, pool, values)
        if op in WHOLE_ORDER:
            args[0] = constant_node(float(rng.randint(0, 4)))
            values[args[0]] = args[0].value
        given = [values[x] for x in args]
        value = op.extended(*given)
        inside = op.domain is None or op.domain.contains(*given)
        if inside and (1e-200 < abs(value) < 1e200 or (value == 0 and math.copysign(1, value) > 0)):
            pool.append(Node(op, tuple(args)))
            values[pool[-1]] = value
    return pool[-1], at


# -- the reference: differences of mpmath's values ---------------------------------------------------------------------
class Local(NamedTuple):
    """The value of a row, its first and second derivatives by the arguments that may vary."""

    value: Any
    first: dict[int, Any]
    second: dict[tuple[int, int], Any]

    @property
    def piece(self) -> Any:
        """What tells the pieces of a function from each other that is straight in between: slopes, or the value."""
        slopes = [int(mp.nint(4 * p)) for p in self.first.values()]
        return slopes if any(slopes) else self.value


def local(f: Callable[..., Any], args: list[Any], varied: list[int]) -> Local:
    """Return a function's derivatives by differences; raises ValueError where it is not smooth."""
    steps = {k: (abs(args[k]) or 1) * STEP for k in varied}

    def at(moves: dict[int, int]) -> Any:
        value = f(*(x + moves[k] * steps[k] if k in moves else x for k, x in enumerate(args)))
        if isinstance(value, mp.mpc):  # just outside of the domain
            raise ValueError
        return value

    y, first, second = at({}), {}, {}
    for k, h in steps.items():
        ahead, behind = at({k: 1}), at({k: -1})
        first[k], second[k, k] = (ahead - behind) / (2 * h), (ahead - 2 * y + behind) / h**2
        for j in varied[: varied.index(k)]:
            along = (at({j: 1, k: 1}) - 2 * y + at({j: -1, k: -1})) / 2
            both = along - (second[j, j] * steps[j] ** 2 + second[k, k] * h**2) / 2
            second[j, k] = second[k, j] = both / (h * steps[j])
    size = abs(y) + sum(abs(args[k] * d) for k, d in first.items())
    if any(abs(steps[j] * steps[k] * d) > size * KINK for (j, k), d in second.items()):
        raise ValueError
    if any(x and not TINY < abs(x) < HUGE for x in (y, *first.values())):
        raise ValueError
    return Local(y, first, second)


def shared(root: Node) -> Node:
    """Return the formula with equal parts as one node."""
    known: dict[Any, Node] = {}
    made: dict[Node, Node] = {}
    for node in postorder([root]):
        args = tuple(made[x] for x in node.args)
        made[node] = known.setdefault(
            (node.op, args, node.name, repr(node.value)), Node(node.op, args, node.value, node.name)
        )
    return made[root]


def exact(root: Node, at: dict[str, float]) -> dict[str, tuple[Any, Any]]:
    """Return for each variable the partial derivative, and the denominator of its conditioned error.

    Raises ValueError where the formula is not smooth, leaves the range of floats, or rounding decides on the branch.
    """
    order = postorder([shared(root)])
    root = order[-1]
    rows: dict[Node, Local] = {}
    floats: dict[Node, Any] = {}
    for node in order:
        if node.op is None:
            floats[node] = at[node.name] if node.value is None else node.value
            rows[node] = Local(mpf(floats[node]), {}, {})
            continue
        varied = [k for k, x in enumerate(node.args) if x.value is None and not (x.op and x.op.condition)]
        f, near = REFERENCE[node.op.name][0], [floats[x] for x in node.args]
        floats[node] = node.op.number(*near)
        rows[node] = local(f, [rows[x].value for x in node.args], varied)
        if node.op in PIECES and max(map(abs, near)) > 1e30:
            raise ValueError
        if node.op in PIECES and rows[node].piece != local(f, list(map(mpf, near)), varied).piece:
            raise ValueError
    adjoint, paths = dict.fromkeys(order, mpf(0)), dict.fromkeys(order, mpf(0))
    adjoint[root] = paths[root] = mpf(1)
    for node in reversed(order):
        for k, p in rows[node].first.items():
            adjoint[node.args[k]] += adjoint[node] * p
            paths[node.args[k]] += paths[node] * abs(p)
    found = {}
    for leaf in order:
        if leaf.op is None and leaf.value is None:
            tangent, moved = dict.fromkeys(order, mpf(0)), dict.fromkeys(order, mpf(0))
            tangent[leaf] = mpf(1)
            for node in order:
                for k, p in rows[node].first.items():
                    tangent[node] += tangent[node.args[k]] * p
            for node in reversed(order):  # moved: the derivative of g by the value of each row, its tangent as it is
                for k, p in rows[node].first.items():
                    moved[node.args[k]] += moved[node] * p
                for (j, k), q in rows[node].second.items():
                    moved[node.args[j]] += adjoint[node] * q * tangent[node.args[k]]
            lost = sum(
                abs(moved[node] * rows[node].value + adjoint[node] * tangent[node])
                for node in order
                if node.value is None
            )
            found[leaf.name] = adjoint[leaf], EPS * (lost + paths[leaf])
    return found


# -- the measure ------------------------------------------------------------------------------------------------------
class Tried(NamedTuple):
    """What became of a formula: its operations if it was measured, the errors, what is wrong, how much cancelled."""

    operations: set[str]
    errors: list[float]
    wrong: list[str]
    cancelled: int


def kind(x: float | None) -> str:
    """Return the class of a derivative."""
    if x is None:
        return "undefined"
    return "nan" if x != x else "zero" if x == 0 else "finite" if math.isfinite(x) else str(x)


def path_sums(f: adcli.Formula, at: dict[str, float]) -> dict[str, float]:
    """Return for each variable the sum over paths of |product of local partials|."""
    evaluation = f.evaluation(as_point({name: at[name] for name in f.variables}))
    trace = evaluation.trace
    weights = [(i, j, abs(p)) for i, j, p in linearize(evaluation).partials]
    swept = adjoints(len(trace.nodes), weights, {trace.outputs[0]: 1.0})
    return {name: swept[k] or 0.0 for k, name in enumerate(trace.inputs)}


def try_one(seed: int) -> Tried:
    """Compare the modes with each other, and where the formula is smooth with mpmath."""
    root, at = random_formula(seed)
    f = adcli.formula(to_text(root))
    at = {name: at[name] for name in f.variables}
    forward, reverse = (f.gradient(at, mode=mode) for mode in ("forward", "reverse"))
    wrong: list[str] = [] if forward.value == reverse.value == f(at) else [f"{seed}: {f} at {at} has different values"]
    cancelled = 0
    for name in at:
        a, b = forward[name], reverse[name]
        if kind(a) != kind(b):
            if {kind(a), kind(b)} == {"zero", "finite"} and abs((a or 0) - (b or 0)) <= 8 * EPS * path_sums(f, at)[
                name
            ]:
                cancelled += 1  # to 0 in one order of adding only
            else:
                wrong.append(f"{seed}: {f} at {at}: by {name} {a} forward, {b} in reverse")
    errors: list[float] = []
    noted = {note.kind for note in (*forward.notes, *reverse.notes)} - {"cancellation"}
    with mp.workprec(BITS):
        try:
            found = {} if noted else exact(root, at)
        except (ValueError, ZeroDivisionError):
            found = {}
        for name, (true, unit) in found.items():
            for g in (forward[name], reverse[name]) if abs(true) >= TINY else ():
                errors.append(float(abs(g - true) / unit))
                if not errors[-1] <= 4:
                    wrong.append(f"{seed}: {f} at {at}: by {name} {g}, exactly {mp.nstr(true, 20)}: {errors[-1]:.3g}")
    operations = {node.op.name for node in postorder([root]) if node.op}
    return Tried(operations if errors else set(), errors, wrong, cancelled)


def check(seeds: range, workers: int) -> None:
    """Try these formulas; print the figures, and raise AssertionError if one is wrong or an operation took no part."""
    with ProcessPoolExecutor(workers) as pool:
        tried = list(pool.map(try_one, seeds, chunksize=50))
    errors = sorted(e for one in tried for e in one.errors)
    operations = Counter(name for one in tried for name in one.operations)
    rarest, times = operations.most_common()[-1]
    print(
        f"\n{len(tried)} formulas, {sum(bool(one.errors) for one in tried)} of them smooth, {len(errors)} derivatives: "
        f"largest error {errors[-1]:.3g}, 99th percentile {errors[len(errors) * 99 // 100]:.3g}, "
        f"median {errors[len(errors) // 2]:.3g}; {rarest} in {times}; {sum(one.cancelled for one in tried)} cancelled"
    )
    wrong = [w for one in tried for w in one.wrong]
    assert not wrong, "\n".join(wrong[:20])
    assert errors[len(errors) * 99 // 100] <= 1
    assert operations.keys() == {op.name for op in ops.TABLE}
    assert sum(one.cancelled for one in tried) <= len(tried) / 100


@pytest.mark.long
def test_gradients_of_random_formulas() -> None:
    check(range(600), 1)


@pytest.mark.slow
def test_gradients_of_many_random_formulas() -> None:
    check(range(int(os.environ.get("ADCLI_FORMULAS", 20_000))), os.cpu_count() or 1)


def test_the_measure_is_right() -> None:
    """Of x^3 it is 9x^2 for x, 3x^2 for the result and 3x^2 for the path."""
    with mp.workprec(BITS):
        true, unit = exact(Node(ops.pow_, (variable_node("x"), constant_node(3.0))), {"x": 0.75})["x"]
    assert float(true) == pytest.approx(3 * 0.75**2)
    assert float(unit / EPS) == pytest.approx((9 + 3 + 3) * 0.75**2)
