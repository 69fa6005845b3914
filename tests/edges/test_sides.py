"""At kinks, branches, jumps and ends of domains: what adcli says against values by mpmath beside the point."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterable
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.cli import cli, main
from adcli.derive.gradient import Gradient
from adcli.errors import DomainError
from adcli.language.nodes import Node, constant_node
from adcli.language.point import as_point
from adcli.language.writer import to_text
from adcli.trace.partials import linearize
from tests.reference.exact import DIGITS, Outside, Unclear, beside, moved, value
from tests.reference.formulas import Choices, random_formula

NAN, INF = math.nan, math.inf
NAMES = ("x", "y", "z")
VALUES = (0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -2.0, 1.5)
POINTS = (0.0, 0.0, 0.0, 1.0, -1.0, 2.0, 0.5, -2.0)
OPERATIONS = [
    ops.BY_NAME[name][arity] if name not in ("add", "sub", "mul", "div", "neg") else getattr(ops, name)
    for name, arity, times in [
        ("abs", 1, 3), ("max", 2, 3), ("min", 2, 3), ("relu", 1, 3), ("clamp", 3, 3), ("hypot", 2, 3), ("sign", 1, 1),
        ("floor", 1, 1), ("ceil", 1, 1), ("trunc", 1, 1), ("round", 1, 1), ("step", 1, 1), ("copysign", 2, 1),
        ("mod", 2, 1), ("fmod", 2, 1), ("remainder", 2, 1), ("where", 3, 8), ("add", 2, 6), ("sub", 2, 6),
        ("mul", 2, 6), ("div", 2, 1), ("neg", 1, 1), ("pow", 2, 2), ("sqrt", 1, 1), ("cbrt", 1, 1), ("sin", 1, 1),
        ("exp", 1, 1), ("atan2", 2, 1), ("asin", 1, 1), ("acos", 1, 1), ("tanh", 1, 1), ("xlogy", 2, 1), ("atan", 1, 1),
        ("logaddexp", 2, 1), ("fma", 3, 1),
    ]
    for _ in range(times)
]  # fmt: skip
# Formulas on which the test itself is wrong, and why.
EXPLAINED = {364: "a rounding error of 6e-17 in acos(0)", 2554: "a jump of 1e-28"}


# Formulas on which adcli once was wrong.
FOUND = (
    326,
    423,
    520,
    654,
    807,
    852,
    1299,
    1303,
    1633,
    1807,
    1850,
    2360,
    3033,
    3207,
    6196,
    7309,
    10261,
    11217,
    11312,
    11692,
)


def piecewise(seed: int) -> tuple[Node, dict[str, float]]:
    """Return a random formula of kinks, jumps and branches, and a point that is likely to be at them."""
    rng = random.Random(seed)
    node = random_formula(
        Choices(rng.randbytes(200)), 1 + rng.randrange(10), NAMES[: 1 + rng.randrange(3)], OPERATIONS,
        lambda choices: constant_node(choices.one(VALUES)),
    )  # fmt: skip
    return node, {name: rng.choice(POINTS) for name in NAMES}


def close(got: float | None, true: Any, tolerance: float = 1e-8) -> bool:
    if got is None or true is None:
        return got is true
    return got == true or (math.isfinite(got) and bool(abs(got - true) <= tolerance * max(1, abs(true))))


def truth(node: Node, at: dict[str, float], name: str) -> tuple[str, Any, tuple[Any, Any]]:
    """Return the kind of the point, the derivative, and the slopes on the two sides, by mpmath."""
    with mp.workdps(DIGITS):
        here = value(node, at)
        sides = [beside(node, at, {name: sign}) for sign in (-1, 1)]
    before, after = (side and (-side.slope if k == 0 else side.slope) for k, side in enumerate(sides))
    if before is None and after is None:
        return "undefined", None, (before, after)
    if any(abs(side.value - here) > 1e-9 * max(1, abs(here)) for side in sides if side is not None):
        return "jump", None, (before, after)
    if before is None or after is None:
        return "end", after if before is None else before, (before, after)
    if before == after or (mp.isfinite(before - after) and abs(before - after) <= 1e-9 * max(1, abs(before))):
        return "", after, (before, after)
    mean = (before + after) / 2
    return "kink", None if mp.isnan(mean) else mean, (before, after)


def said_slopes(found: Gradient, name: str) -> list[tuple[float, float]]:
    """Return the pairs of slopes that the notes name."""
    pattern = rf"the slopes by {name} are (\S+) and (\S+),"
    return [(float(a), float(b)) for note in found.notes for a, b in re.findall(pattern, note.text)]


def everywhere(f: adcli.Formula, at: dict[str, float]) -> list[dict[str, float | None]]:
    """Return the derivatives by every route to them."""
    (out,) = f.outputs
    found = [f.gradient(at, mode=mode).as_dict() for mode in ("forward", "reverse", "both")]
    found += [{name: f.jacobian(at, mode=mode)[out, name] for name in f.variables} for mode in ("forward", "reverse")]
    found += [f.vjp(at, {out: 1.0}).product, {name: f.jvp(at, {name: 1.0})[out] for name in f.variables}]
    return [*found, {name: f.gradient(at, wrt=[name])[name] for name in f.variables}]


def judge(seeds: Iterable[int]) -> dict[str, int]:
    """Compare random piecewise formulas with mpmath; return how many points were of each kind."""
    count: dict[str, int] = {}
    for seed in seeds:
        node, everything = piecewise(seed)
        f = adcli.formula(to_text(node))
        at = {name: everything[name] for name in f.variables}
        if not at or seed in EXPLAINED:
            continue
        about = (seed, str(f), at)
        try:
            found = f.gradient(at)
        except DomainError:
            with mp.workdps(DIGITS), pytest.raises((Outside, Unclear)):
                value(node, at)
            continue
        routes = everywhere(f, at)
        for name in f.variables:
            try:
                kind, true, slopes = truth(node, at, name)
            except (Unclear, Outside):
                continue
            got, kinds = found[name], {note.kind for note in found.notes}
            for route in routes:
                d = route[name]
                assert repr(d) == repr(got) or (d is not None and d == pytest.approx(got, rel=1e-12)), (about, name)
            refused = got is None and kinds & {"undefined", "jump"}
            if got is not None and got != got:
                assert "nan" in kinds, about
                kind = "nan"
            elif kind in ("jump", "undefined"):
                assert refused, (about, name, got, kind)
            elif refused and true is not None:
                kind = "refused"
            else:
                assert close(got, true), (about, name, got, kind, true)
                if kind == "kink":
                    assert "kink" in kinds, (about, name)
                    assert any(close(a, slopes[0]) and close(b, slopes[1]) for a, b in said_slopes(found, name)), about
                if not kind:
                    assert not said_slopes(found, name), (about, name)
                    assert not any(f"derivative by {name} is one-sided" in note.text for note in found.notes), about
            count[kind] = count.get(kind, 0) + 1
    return count


@pytest.mark.long
def test_random_piecewise_formulas_against_mpmath() -> None:
    """Equal slopes: the derivative; others: the mean and a note; a jump: none; one side: an end. In every route."""
    count = judge((*range(200), *FOUND))
    assert min(count[kind] for kind in ("", "kink", "jump", "end")) >= 5
    assert count.get("refused", 0) + count.get("nan", 0) < sum(count.values()) / 25


@pytest.mark.slow
def test_many_random_piecewise_formulas_against_mpmath() -> None:
    count = judge(range(220, 10000))
    assert count["refused"] + count["nan"] < sum(count.values()) / 40


# -- second derivatives -----------------------------------------------------------------------------------------------
class NotSmooth(Exception):  # noqa: N818
    pass


def one_sided(node: Node, at: dict[str, float], name: str, sign: int) -> tuple[Any, Any]:
    """Return slope and second derivative on one side."""
    here, found = value(node, moved(at, {}, 0)), []
    for digits in (100, 160):
        t = 3 * mpf(2) ** -digits
        a, b = (value(node, moved(at, {name: sign}, k * t)) for k in (1, 2))
        if abs(a - here) > 1e-9:
            raise NotSmooth
        found.append((sign * (4 * a - b - 3 * here) / (2 * t), (b - 2 * a + here) / t**2))
    if abs(found[0][1] - found[1][1]) > 1e-8 * max(1, abs(found[1][1])):
        raise NotSmooth
    return found[1]


def second(node: Node, at: dict[str, float], i: str, j: str) -> Any:
    """Return the second derivative on which all sides agree, by mpmath; raises NotSmooth, Outside, Unclear."""
    if i == j:
        sides = []
        for sign in (-1, 1):
            try:
                sides.append(one_sided(node, at, i, sign))
            except Outside:
                continue
        pairs = [pair for side in sides for pair in zip(side, sides[0], strict=True)]
        if not sides or any(abs(a - b) > 1e-8 * max(1, abs(b)) for a, b in pairs):
            raise NotSmooth
        return sides[0][1]
    here, t = value(node, moved(at, {}, 0)), 3 * mpf(2) ** -100
    found = []
    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        for h, k in ((t, t), (t, 3 * t), (3 * t, t), (t, t * t), (t * t, t)):
            at_corner, on_i, on_j = (
                value(node, moved(at, {i: u * h, j: v * k}, 1)) for u, v in ((a, b), (a, 0), (0, b))
            )
            found.append((at_corner - on_i - on_j + here) / (a * b * h * k))
    if any(abs(x - found[0]) > 1e-8 * max(1, abs(found[0])) for x in found):
        raise NotSmooth
    return found[0]


def judge_second(seeds: Iterable[int]) -> int:
    """Compare Hessians and Taylor coefficients with mpmath where they are given; return how many."""
    checked = 0
    for seed in seeds:
        node, everything = piecewise(seed)
        f = adcli.formula(to_text(node))
        at = {name: everything[name] for name in f.variables}
        about = (seed, str(f), at)
        try:
            if not at or not linearize(f.evaluation(as_point(at))).edges:
                continue
        except DomainError:
            continue
        try:
            found = f.hessian(at)
        except DomainError:
            with pytest.raises(DomainError):
                f.hvp(at, {f.variables[0]: 1.0})
        else:
            product = f.hvp(at, {f.variables[0]: 1.0})
            for k, i in enumerate(f.variables):
                assert (
                    repr(product[i]) == repr(found[i, f.variables[0]] + 0.0) or product[i] == found[i, f.variables[0]]
                )
                for j in f.variables[: k + 1]:
                    try:
                        with mp.workdps(DIGITS):
                            true = second(node, at, i, j)
                    except NotSmooth:
                        assert not math.isfinite(found[i, j]), (about, i, j, found[i, j])
                    except (Outside, Unclear):
                        continue
                    else:
                        assert close(found[i, j], true, 1e-7), (about, i, j, found[i, j], true)
                        checked += 1
        rng = random.Random(seed)
        direction = {name: rng.choice((1.0, -1.0, 0.5, 2.0)) for name in f.variables}
        try:
            c = f.taylor(at, direction, 3).coefficients
        except DomainError:
            continue
        with mp.workdps(DIGITS):
            for t in (3 * mpf(2) ** -130, -3 * mpf(2) ** -130):
                try:
                    v = [value(node, moved(at, direction, k * t)) for k in range(4)]
                except (Unclear, Outside):  # the series is one-sided
                    continue
                true = ((v[1] - v[0]) / t, (v[2] - 2 * v[1] + v[0]) / (2 * t**2),
                        (v[3] - 3 * v[2] + 3 * v[1] - v[0]) / (6 * t**3))  # fmt: skip
                assert all(map(close, c[1:], true)), (about, direction, c, true)
                checked += 1
    return checked


@pytest.mark.long
def test_second_derivatives_and_series_at_edges_are_right_or_refused() -> None:
    assert judge_second((*range(250), 983)) > 100


@pytest.mark.slow
def test_many_second_derivatives_at_edges_are_right_or_refused() -> None:
    judge_second(range(250, 10000))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x)", {"x": 0}), ("max(x, y)^2", {"x": 0, "y": 0}), ("x*abs(y)", {"x": 0, "y": 0}),
        ("min(abs(x), abs(y))^2", {"x": 0, "y": 0}), ("abs(x*y)", {"x": 0, "y": 0}),
        ("x*clamp(y, -abs(x)/2, abs(x)/2)", {"x": 0, "y": 0}), ("if x == 0 then y else 2*x + y*x", {"x": 0, "y": 0}),
        ("if y != 0 then floor(x + 0.5) else x", {"x": -1, "y": 0}), ("hypot(x, y)", {"x": 0, "y": 0}),
        ("if x*y < 0 then x*y else 0", {"x": 0, "y": 0}),
        ("if x*y != 0 then x*y*(x^2-y^2)/(x^2+y^2) else 0", {"x": 0, "y": 0}),  # Peano's
    ],
)  # fmt: skip
def test_a_hessian_that_does_not_exist_is_refused(text: str, at: dict[str, float]) -> None:
    with pytest.raises(DomainError):
        adcli.formula(text).hessian(at)


# -- the cases of the contract ----------------------------------------------------------------------------------------
ORIGIN = {"x": 0.0, "y": 0.0}
X0 = {"x": 0.0}
# formula, point, value, derivatives, kinds of notes, exit status
SHOWN: list[tuple[str, dict[str, float], float, dict[str, float | None], list[str], int]] = [
    ("abs(x)", X0, 0, {"x": 0}, ["kink"], 0),
    ("max(x,0)", X0, 0, {"x": 0.5}, ["kink"], 0),
    ("sqrt(x^2+y^2)", ORIGIN, 0, {"x": NAN, "y": NAN}, ["nan"], 1),
    ("sqrt(x^2+y^2)^2/2", ORIGIN, 0, {"x": NAN, "y": NAN}, ["nan"], 1),
    ("if x<1 then x else sqrt(x)", X0, 0, {"x": 1}, [], 0),
    ("if x>0 then sqrt(x) else 0", {"x": -1}, 0, {"x": 0}, [], 0),
    ("if x==2 then 4 else x^2", {"x": 2}, 4, {"x": 4}, [], 0),
    ("if x<0 then sin(x) else 1/2", X0, 0.5, {"x": None}, ["jump"], 1),
    ("if x^2>0 then 5*x else x", X0, 0, {"x": 5}, [], 0),
    ("min(abs(x),abs(y))", ORIGIN, 0, {"x": 0, "y": 0}, ["kink"], 0),
    ("abs(abs(x)+x)", X0, 0, {"x": 1}, ["kink", "kink"], 0),
    ("x^y", {"x": 0, "y": 2}, 0, {"x": 0, "y": 0}, [], 0),
    ("x^y", {"x": -2, "y": 3}, -8, {"x": 12, "y": None}, ["undefined"], 1),
    ("ln(1+exp(x))", {"x": 1000}, INF, {"x": NAN}, ["overflow", "nan"], 1),
    ("tanh(x)", {"x": 20}, 1, {"x": 1.699341702116514e-17}, [], 0),
    ("1/(1+exp(-x))", {"x": 40}, 1, {"x": 4.248354255291589e-18}, [], 0),
    ("max(x,0)-max(-x,0)", X0, 0, {"x": 1}, [], 0),
    ("(x+1e20*x)-1e20*x", {"x": 1}, 0, {"x": 1}, ["cancellation"], 0),
    ("x^1.5", X0, 0, {"x": 0}, ["end"], 0),
    ("x^0", X0, 1, {"x": 0}, [], 0),
    ("sqrt(x)", X0, 0, {"x": INF}, ["end"], 0),
    ("asin(x)", {"x": 1}, math.pi / 2, {"x": INF}, ["end"], 0),
    ("hypot(x,y)", ORIGIN, 0, {"x": 0, "y": 0}, ["kink"], 0),
    ("floor(x)", {"x": 2}, 2, {"x": None}, ["jump"], 1),
    ("(x-floor(x))*(x-1)", {"x": 1}, 0, {"x": 0.5}, ["kink"], 0),
    ("if x<0 then 1/0 else abs(x)", X0, 0, {"x": 1}, ["end", "end"], 0),
    ("abs(x)^pi", X0, 0, {"x": 0}, [], 0),
    ("abs(x)^(pi/2)", X0, 0, {"x": 0}, [], 0),
    ("if sin(x)^2+cos(x)^2>=1 then x else 2*x", X0, 0, {"x": 1}, [], 0),
    ("tanh(abs(x)*1e300)", X0, 0, {"x": 0}, ["kink"], 0),
    ("0^abs(x)", X0, 1, {"x": None}, ["jump", "jump"], 1),
    ("abs(x-5e-324)", {"x": 5e-324}, 0, {"x": 0}, ["kink"], 0),
    ("if x>0 then sin(1/x) else 0", X0, 0, {"x": None}, ["undefined"], 1),
    ("if x==0 then exp(1000) else 1/x^2", X0, INF, {"x": None}, ["overflow", "kink"], 1),
    ("if cos(x^10)<1 then 5*x else x", X0, 0, {"x": 5}, [], 0),
    ("if x>0 then 2^(-1/x) else 0", X0, 0, {"x": 0}, [], 0),
    ("if x>0 then 2^(1/x) else 0", X0, 0, {"x": None}, ["undefined"], 1),
    ("x*abs(x)+(x+1234567.1)^3", X0, 1234567.1**3, {"x": 3 * 1234567.1**2}, [], 0),
    ("floor(x)", {"x": 1e15 + 1}, 1e15 + 1, {"x": None}, ["jump"], 1),
    ("if x>=0 then x else ln(x)", X0, 0, {"x": 1}, ["end"], 0),
    ("abs(0)+max(2,2)", {}, 2, {}, [], 0),
    ("1e-13*sign(x)", X0, 0, {"x": None}, ["jump"], 1),
    ("floor(x)", {"x": 1e15}, 1e15, {"x": None}, ["jump"], 1),
    ("xlogy(x,x)", X0, 0, {"x": -INF}, ["end"], 0),
    ("atan2(max(x,x^2-x*x),x-1)", X0, math.pi, {"x": -0.5}, ["kink", "kink"], 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "expected", "partials", "kinds", "status"), SHOWN, ids=lambda x: str(x)[:40])
def test_edge_case(
    text: str, at: dict[str, float], expected: float, partials: dict[str, float | None], kinds: list[str], status: int,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    found = adcli.formula(text).gradient(at, mode="forward")
    assert found.value == pytest.approx(expected, rel=1e-15)
    assert found.as_dict() == {
        n: d if d is None else pytest.approx(d, rel=1e-14, nan_ok=True) for n, d in partials.items()
    }
    assert [note.kind for note in found.notes] == kinds
    arguments = ["--at", ",".join(f"{name}={x!r}" for name, x in at.items())] if at else []
    assert (run("grad", text, *arguments, "--mode", "forward", "--format", "json") or 0) == status
    document = json.loads(capsys.readouterr().out)
    assert [note["kind"] for note in document["notes"]] == kinds
    for name, d in partials.items():
        if d is None or not math.isfinite(d):
            assert (
                document["gradient"][name]
                == {None: None, "nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[d and str(d)]
            )
    assert (run("grad", text, *arguments, "--mode", "forward", "--strict") or 0) == bool(kinds)
    assert ("slopes" in capsys.readouterr().err) == any("slopes" in note.text for note in found.notes)
    if at.keys() == {"x"} and "cancellation" not in kinds:
        product = adcli.formula(text).jvp(at, {"x": 1.0})
        assert repr(next(iter(product.product.values()))) == repr(found["x"])
        assert [note.kind for note in product.notes] == kinds


def test_slopes_are_compared_by_the_size_of_their_terms() -> None:
    """0.1*3 is 0.3 but for an ulp, which is no kink where most of it cancels."""
    f = adcli.formula("(if x>0 then 0.1*x*3 else 0.3*x)-0.299999*x")
    for d in (1.0, 2.0**20, 2.0**-20):
        found = f.jvp({"x": 0}, {"x": d})
        assert found[f.outputs[0]] == pytest.approx(1e-6 * d, rel=1e-9)
        assert not found.notes
    assert not f.gradient(x=0).notes


# Formula, point x, order: the coefficients, or why there are none.
SERIES: list[tuple[str, float, int, tuple[float, ...] | str]] = [
    ("max(x,0)-max(-x,0)", 0, 3, (0, 1, 0, 0)),
    ("if x==2 then 4 else x^2", 2, 3, (4, 4, 1, 0)),
    ("abs(x)^3+exp(x)", 0, 2, (1, 1, 0.5)),
    (
        "abs(x)^3+exp(x)",
        0,
        3,
        "has a kink at x = 0; coefficients of t^3 on the two sides: -0.8333333333333334 and",
    ),
    ("1e-13*abs(x)", 0, 1, "coefficients of t^1"),
    ("abs(x)", 0, 1, "coefficients of t^1 on the two sides: -1 and 1"),
    ("if x>0 then 3 else 3", 0, 2, (3, 0, 0)),
    ("if x==0 then 0 else 1/x^2", 0, 2, "there is no power series: x = 0 is on the boundary"),
    ("floor(x)", 2, 2, "values on the two sides: 1 and 2"),
    ("if x==0 then 1 else x", 0, 2, "values on the two sides: 0 and 1"),
    ("sqrt(x)", 0, 1, "there is no power series in whole powers: x = 0 is the end of the domain of sqrt"),
    ("sqrt(x)+sqrt(-x)", 0, 1, "there is no value on either side, so no power series"),
    ("x*(1-x^1.1)", 0, 2, (0, 1, 0)),
    ("x*(1-x^1.1)", 0, 3, "there is no power series in whole powers"),
    ("acos(1-x)^2", 0, 2, (0, 2, 1 / 3)),
    ("abs(x)^2.5", 0, 2, (0, 0, 0)),
    ("abs(x)^2.5", 0, 3, "there is no power series in whole powers"),
    ("if x>0 then x^3*ln(x) else 0", 0, 2, "there is no power series"),
]


@pytest.mark.parametrize(("text", "x", "order", "expected"), SERIES)
def test_series_at_edges(text: str, x: float, order: int, expected: tuple[float, ...] | str) -> None:
    if isinstance(expected, tuple):
        assert adcli.formula(text).taylor({"x": x}, order=order).coefficients == pytest.approx(expected, rel=1e-15)
    else:
        with pytest.raises(DomainError, match=re.escape(expected)):
            adcli.formula(text).taylor({"x": x}, order=order)


def test_a_series_at_the_end_of_a_domain_says_that_it_is_one_sided() -> None:
    f = adcli.formula("x*(1-x^1.1)")
    for found in (f.taylor({"x": 0}, order=2), f.partial({"x": 0}, "x")):
        (note,) = found.notes
        assert note.kind == "end"
        assert "one-sided" in note.text


@pytest.mark.parametrize("x", [10.0, -3.0])
@pytest.mark.parametrize("text", ["acos(clip(x,-1,1))", "asin(max(min(x,1),-1))", "sqrt(relu(x-20))", "ln(x-x+2)*0"])
def test_an_infinite_slope_of_what_is_constant_here_counts_for_nothing(text: str, x: float) -> None:
    f = adcli.formula(text)
    for mode in ("forward", "reverse"):
        assert f.gradient(x=x, mode=mode)["x"] == 0
    assert f.jacobian(x=x)["y1" if "y1" in f.outputs else f.outputs[0], "x"] == 0
    assert f.jvp({"x": x}, {"x": 1.0})[f.outputs[0]] == 0
    assert f.partial({"x": x}, "x").partial == 0
    assert f.hessian(x=x)["x", "x"] == 0


def test_limits_of_every_result() -> None:
    f, at = adcli.formula("(exp(x)-1)/x + y*x"), {"x": 0, "y": 2}
    second = {("x", "x"): 1 / 3, ("x", "y"): 1, ("y", "y"): 0}  # of 1 + x/2 + x^2/6 + x*y
    hessian = f.hessian(at, limit=True)
    assert [hessian[pair] for pair in second] == pytest.approx([*second.values()], abs=1e-15)
    assert hessian.gradient == pytest.approx({"x": 2.5, "y": 0})
    assert [f.partial(at, pair, limit=True).partial for pair in second] == pytest.approx([*second.values()], abs=1e-15)
    assert f.jvp(at, {"x": 1, "y": 3}, limit=True)["f"] == pytest.approx(2.5)
    product = f.vjp(at, {"f": 2}, limit=True)
    assert (product["x"], product["y"]) == pytest.approx((5, 0))
    product = f.hvp(at, {"x": 1, "y": 3}, limit=True)
    assert (product["x"], product["y"]) == pytest.approx((1 / 3 + 3, 1))


def test_second_derivatives_after_an_overflow_have_no_value() -> None:
    found = adcli.formula("ln(exp(x)+exp(y))").hessian(x=800, y=800)
    assert all(math.isnan(found[a, b]) for a in "xy" for b in "xy")


NONE = "there is no derivative by x"
TOTAL = "the partial derivatives exist, but the function is not differentiable here: along "
# Formula, the point of all variables, the notes: what is underlined, and what is said.
NOTED: list[tuple[str, float, list[tuple[str, str]]]] = [
    ("2*abs(x)", 0, [("abs(x)", "abs has a kink at x = 0: the slopes by x are -2 and 2, their mean is given")]),
    ("1+floor(x)", 2, [
        ("floor(x)", "floor jumps at x = 2: there is no derivative by x, the value goes from 2 to 3"),
    ]),
    ("if x==0 then 1 else x", 0, [
        ("x==0", f"x = 0 is on the boundary of the condition x == 0: {NONE}, beside it the value is 0"),
    ]),
    ("x^1.5", 0, [("x^1.5", "x = 0 is the end of the domain of ^: the derivative by x is one-sided")]),
    ("xlogy(x,x)", 0, [
        ("xlogy(x,x)", "x = 0, x = 0 is the end of the domain of xlogy: the derivative by x is one-sided"),
    ]),
    ("polygamma(x,1)", 2, [
        ("polygamma(x,1)", f"polygamma is not smooth at x = 2: {NONE}, since there is no value beside it"),
    ]),
    ("floor(x)+xlogy(x,x)", 0, [
        ("floor(x)", "floor jumps at x = 0: there is no derivative by x"),
        ("xlogy(x,x)", "x = 0, x = 0 is the end of the domain of xlogy: no power series tells the derivative by x"),
    ]),
    ("max(p,q,r,s,t,u)", 0, [
        ("max(p,q,r,s,t,u)", f"max has a kink at {' = 0, '.join(at)} = 0: " + "; ".join(
            [f"the slopes by {name} are 0 and 1, their mean is given" for name in "pqrst"[:n][:4]] + more))
        for n, at, more in (
            (2, "pq", []), (3, ("max(p, q)", "r"), []), (4, ("max(max(p, q), r)", "s"), []),
            (5, ("max(max(max(p, q), r), s)", "t"), ["and so for 1 more variables"]),
            (6, ("max(max(max(max(p, q), r), s), t)", "u"), ["and so for 2 more variables"]),
        )
    ]),
    ("min(abs(x),abs(y))", 0, [("abs(x)", TOTAL + "x = 1, y = 1.618034 its slope goes from -1 to 1, not 0")]),
    ("max(min(-x,y),0)", 0, [("min(-x,y)", TOTAL + "x = 1, y = -1.618034 its slope goes from -1 to 0, not 0")]),
    ("if x<0 and y<0 then max(x,y) else 0", 0, [
        ("x<0", TOTAL + "x = 1, y = 1.618034 its slope goes from 1 to 0, not 0"),
    ]),
    ("if x*y>0 then 1 else 0", 0, [("x*y>0", TOTAL + "x = 1, y = 1.618034 its slope is none, not 0")]),
    ("if x*y>0 then 3*x else x", 0, [("x*y>0", TOTAL + "x = 1, y = 1.618034 its slope is 3, not 1")]),
    ("if x*y>0 then x*y*ln(x*y) else 0", 0, []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "notes"), NOTED)
def test_notes_say_where_and_what(text: str, at: float, notes: list[tuple[str, str]]) -> None:
    f = adcli.formula(text)
    found = f.gradient(dict.fromkeys(f.variables, at)).notes
    assert [(n.place and n.place.text[n.place.start : n.place.end], n.text) for n in found] == notes


# Second derivatives that exist at an edge: xx, xy, yy.
MIXED = [
    ("x*y+3*x^2-2*y^2+abs(x)^2.5", (6, 1, -4)), ("x^2.5+x*y+y^2", (0, 1, 2)),
    ("(max(x,0)-max(-x,0))*(max(y,0)-max(-y,0))+3*x^2+x", (6, 1, 0)), ("x*y*abs(y)+abs(x)^3", (0, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "entries"), MIXED)
def test_mixed_second_derivatives_at_an_edge(text: str, entries: tuple[float, float, float]) -> None:
    found = adcli.formula(text).hessian(x=0, y=0)
    assert (found["x", "x"], found["x", "y"], found["y", "y"]) == entries


# At the end of a domain a second derivative is that of the side that there is, of a power that is not whole infinite.
SECOND = [
    ("x^2.5", 0.0), ("-x^1.5", -INF), ("x^0.5*x", INF), ("(-x)^2.5+x^2", 2.0), ("abs(x)^1.5+x^4", INF),
    ("abs(x)*x^2+x", 0.0), ("sqrt(x)", -INF),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SECOND)
def test_second_derivative_at_an_end(text: str, expected: float) -> None:
    assert repr(adcli.formula(text).hessian(x=0)["x", "x"]) == repr(expected)


def run(*arguments: str) -> int | None:
    """Return the exit status of the command line."""
    return cli.main(arguments, prog_name="adcli", standalone_mode=False)  # type: ignore[no-any-return]


def test_outside_a_domain_nothing_is_on_stdout_but_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["grad", "ln(x)", "--at", "x=-1"])
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (1, "")
    assert "ln is undefined at x = -1" in err
    assert "^^^^^" in err


@pytest.mark.parametrize("n", [2, 5])
def test_a_tie_of_many(n: int) -> None:
    names = [f"x{k}" for k in range(n)]
    found = adcli.formula(f"max({', '.join(names)})").gradient(dict.fromkeys(names, 1.0))
    assert found.as_dict() == dict.fromkeys(names, 0.5)
    assert {note.kind for note in found.notes} == {"kink"}


def test_a_sum_of_kinks_takes_time_in_proportion() -> None:
    """What is past all edges is not run again for every variable."""
    f = adcli.formula("s = sum(i=1..n, abs(x[i])*x[i] + abs(x[i])); s + exp(s)")
    at = {"n": 1000.0, **{f"x[{k}]": 0.0 for k in range(1, 1001)}}
    found = f.gradient(at, mode="reverse")
    assert set(found.as_dict().values()) == {0.0}
    assert "the slopes by x[1000] are -2 and 2, their mean is given" in found.notes[-1].text


def test_sums_arrays_several_outputs_and_recorded_functions() -> None:
    f = adcli.formula("sum(i=1..3, abs(x[i])*x[i]) + abs(x[1])")
    assert f.gradient({"x[1]": 0.0, "x[2]": 0.0, "x[3]": -1.0}).as_dict() == {"x[1]": 0.0, "x[2]": 0.0, "x[3]": 2.0}
    found = adcli.formula("[abs(x), abs(x)*x, y]").jacobian({"x": 0.0, "y": 1.0})
    assert found.jacobian == [[0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    assert [note.kind for note in found.notes] == ["kink"]
    assert adcli.record(lambda x, y: abs(x) * x + max(y, 0 * y))(x=0.0, y=2.0) == 2.0
    assert adcli.record(lambda x: abs(x) * x).gradient(x=0.0).as_dict() == {"x": 0.0}


# -- limits -----------------------------------------------------------------------------------------------------------
EULER, LN2 = 0.5772156649015329, math.log(2)
REMOVABLE: list[tuple[str, dict[str, float], float, dict[str, float]]] = [
    ("sin(x)/x", X0, 1, {"x": 0}),
    ("(1-cos(x))/x^2", X0, 1 / 2, {"x": 0}),
    ("(x^2-y^2)/(x-y)", {"x": 1, "y": 1}, 2, {"x": 1, "y": 1}),
    ("x/(exp(x)-1)", X0, 1, {"x": -1 / 2}),
    ("(tan(x)-x)/x^3", X0, 1 / 3, {"x": 0}),
    ("sqrt(x^2+y^2)^2/2", ORIGIN, 0, {"x": 0, "y": 0}),
    ("x*sqrt(x)", X0, 0, {"x": 0}),
    ("(sqrt(1+x)-1)/x", X0, 1 / 2, {"x": -1 / 8}),
    ("asin(x)/x", X0, 1, {"x": 0}),
    ("ln(1+x)/x", X0, 1, {"x": -1 / 2}),
    ("gamma(x)*x", X0, 1, {"x": -EULER}),
    ("x*cot(x)", X0, 1, {"x": 0}),
    ("(x^a-1)/a", {"x": 2, "a": 0}, LN2, {"x": 1 / 2, "a": LN2**2 / 2}),
    ("(a^x-b^x)/x", {"a": 2, "b": 3, "x": 0}, math.log(2 / 3),
     {"a": 1 / 2, "b": -1 / 3, "x": (LN2**2 - math.log(3) ** 2) / 2}),
    ("exp(-1/x^2)", X0, 0, {"x": 0}),
    ("coth(x)-1/x", X0, 0, {"x": 1 / 3}),
    ("1/sin(x)-1/x", X0, 0, {"x": 1 / 6}),
    ("digamma(x)+1/x", X0, -EULER, {"x": math.pi**2 / 6}),
    ("polygamma(1,x)*x^2", X0, 1, {"x": 0}),
    ("(exp(x)-1-x-x^2/2-x^3/6-x^4/24)/x^5", X0, 1 / 120, {"x": 1 / 720}),
    ("(cbrt(x)-1)/(x-1)", {"x": 1}, 1 / 3, {"x": -1 / 9}),
    ("(pi/2-atan(1/x^2))/x^2", X0, 1, {"x": 0}),
    ("fma(1/x,x,y)", {"x": 0, "y": 2}, 3, {"x": 0, "y": 1}),
    ("sin(x)/x+y", {"x": 0, "y": 2}, 3, {"x": 0, "y": 1}),
    ("sin(x*y)/x", {"x": 0, "y": 2}, 2, {"x": 0, "y": 1}),
    ("sin(x-y)/(x-y)", {"x": 1, "y": 1}, 1, {"x": 0, "y": 0}),
    ("acosh(1+x)/sqrt(x)", X0, math.sqrt(2), {"x": -math.sqrt(2) / 12}),
    ("(1-x)/acos(x)^2", {"x": 1}, 1 / 2, {"x": 1 / 12}),
    ("ln(sin(x)/x)", X0, 0, {"x": 0}),
    ("hypot(x,y)/sqrt(x^2+y^2)", ORIGIN, 1, {"x": 0, "y": 0}),
    ("x/x+y/y", ORIGIN, 2, {"x": 0, "y": 0}),
    ("x^4/(x^2+y^2)", ORIGIN, 0, {"x": 0, "y": 0}),
    ("x^2.5/x+y", {"x": 0, "y": 2}, 2, {"x": 0, "y": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "limit", "partials"), REMOVABLE, ids=lambda x: str(x)[:40])
def test_removable_singularity(text: str, at: dict[str, float], limit: float, partials: dict[str, float]) -> None:
    found = adcli.formula(text).gradient(at, limit=True)
    assert found.value == pytest.approx(limit, rel=1e-14, abs=1e-15)
    assert found.as_dict() == pytest.approx(partials, rel=1e-13, abs=1e-15)
    assert "-0.0" not in [repr(d) for d in found.as_dict().values()]
    assert {note.kind for note in found.notes} <= {"limit", "end"}
    said = ""
    try:
        said = " ".join(note.text for note in adcli.formula(text).gradient(at).notes)
    except DomainError as error:
        said = str(error)
    assert "with --limit it is" in said


def test_a_limit_is_of_what_has_no_value_and_its_slopes_may_differ() -> None:
    found = adcli.formula("[2*x, sin(x)/x]").jacobian({"x": 0}, limit=True)
    assert (found.value, found.jacobian) == ((0, 1), [[2], [0]])
    assert [note.text for note in found.notes] == ["sin(x)/x has no value here: 1 is the limit"]
    slopes = adcli.formula("y*abs(x)/x").gradient(ORIGIN, limit=True)  # by y it is 1 or -1, as x goes to 0
    assert slopes.as_dict() == {"x": 0, "y": None}
    assert [note.kind for note in slopes.notes] == ["limit", "undefined"]
    assert "no derivative by y: there are different slopes" in slopes.notes[1].text


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("1/x", X0, "from different sides it goes to -inf and inf"),
        ("abs(x)/x", X0, "from different sides it goes to -1 and 1"),
        ("1e-13*abs(x)/x", X0, "from different sides it goes to -1e-13 and 1e-13"),
        ("floor(x)/x", X0, "from different sides it goes to inf and 0"),
        ("x*y/(x^2+y^2)", ORIGIN, "from different sides it goes to 0 and"),
        ("x^2*y/(x^4+y^2)", ORIGIN, "from different sides it goes to 0 and"),
        ("atan(1/x)", X0, "from different sides it goes to"),
        ("sqrt(x)/x", X0, "it goes to inf"),
        ("sin(1/x)", X0, "no power series gives a limit"),
        ("gamma(x-5000)*x", X0, "no power series gives a limit"),  # a pole too far away
        ("1/(1+exp(1/x))", X0, "no power series gives a limit"),
        ("x*ln(x)", X0, "no power series gives a limit"),
        ("0*ln(x)", {"x": -1}, "no power series gives a limit"),
        ("0/0", {}, "no power series gives a limit"),
    ],
)
def test_no_limit_says_why(text: str, at: dict[str, float], why: str) -> None:
    with pytest.raises(DomainError) as caught:
        adcli.formula(text).gradient(at, limit=True)
    assert caught.value.hint.startswith(why)
    with pytest.raises(DomainError) as caught:
        adcli.formula(text).gradient(at)
    assert "--limit" not in str(caught.value)
