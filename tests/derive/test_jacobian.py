"""Jacobians and products against mpmath, by hand, and by each other; what they cost; the edges."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli.derive.jacobian import colour
from adcli.errors import AdcliError

MODES = ("forward", "reverse")
# A formula, a point, and the same functions for mpmath.
SYSTEMS: list[tuple[str, dict[str, float], list[Any]]] = [
    ("[r*cos(t), r*sin(t)]", {"r": 2.0, "t": 0.7}, [lambda r, t: r * mp.cos(t), lambda r, t: r * mp.sin(t)]),
    (
        "[x*y*z, x + exp(y*z), sin(x/z), hypot(x, y)]",
        {"x": 1.2, "y": -0.4, "z": 2.5},
        [
            lambda x, y, z: x * y * z, lambda x, y, z: x + mp.exp(y * z),
            lambda x, y, z: mp.sin(x / z), lambda x, y, z: mp.hypot(x, y),
        ],
    ),
    ("[x^y, y^x]", {"x": 1.3, "y": 2.7}, [lambda x, y: x**y, lambda x, y: y**x]),
    ("a = x*y; b = tanh(a); [a, b, atan2(a, b), x]", {"x": 0.8, "y": 0.6}, [
        lambda x, y: x * y, lambda x, y: mp.tanh(x * y), lambda x, y: mp.atan2(x * y, mp.tanh(x * y)), lambda x, y: x,
    ]),
]  # fmt: skip


def cli(*args: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "adcli", *args], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("text", "at", "functions"), SYSTEMS, ids=[s[0] for s in SYSTEMS])
def test_jacobian_equals_numerical_differentiation_at_50_digits(
    text: str, at: dict[str, float], functions: list[Any], mode: str
) -> None:
    f = adcli.formula(text)
    found = f.jacobian(at, mode=mode)
    point = [mpf(at[name]) for name in found.variables]
    order = [list(at).index(name) for name in found.variables]
    with mp.workdps(50):
        for i, function in enumerate(functions):
            for j in range(len(at)):
                given = [point[order.index(k)] for k in range(len(at))]
                k = order[j]
                exact = mp.diff(lambda t, k=k, g=given, h=function: h(*g[:k], t, *g[k + 1 :]), given[k])
                got = found.jacobian[i][j]
                assert got == pytest.approx(float(exact), rel=1e-13, abs=1e-40), (found.outputs[i], found.variables[j])
    assert found.mode == mode
    assert list(found.value) == list(f(at))


def test_jacobian_by_hand() -> None:
    found = adcli.formula("[r*cos(t), r*sin(t)]").jacobian(r=2, t=math.pi / 6)
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    assert found.jacobian == [[c, -2 * s], [s, 2 * c]]
    assert (found.outputs, found.variables) == (("y1", "y2"), ("r", "t"))
    assert found["y2", "t"] == 2 * c
    assert found.complete


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("[x, x^2]", ("x", "y2")),
        ("a = x; b = 2*x; [b, a, x*a]", ("b", "a", "y3")),
        ("[y, y*2]", ("y", "f2")),
        ("[y*2, f]", ("g1", "f")),
        ("a = x; [a, a]", ("a", "y2")),
        ("[x^2]", ("y1",)),
        ("x^2", ("y",)),
    ],
)
def test_outputs_have_the_names_in_the_brackets(text: str, outputs: tuple[str, ...]) -> None:
    f = adcli.formula(text)
    assert f.outputs == outputs
    assert f.jacobian(dict.fromkeys(f.variables, 2.0)).outputs == outputs


def banded(n: int) -> tuple[adcli.Formula, dict[str, Any]]:
    rows = ", ".join(f"x[{i}]*x[{i + 1}]^2 - sin(x[{i + 2}])" for i in range(1, n + 1))
    return adcli.formula(f"[{rows}]"), {"x": [0.1 * k - 3 for k in range(n + 2)]}


@pytest.mark.long
def test_a_banded_jacobian_costs_three_sweeps_however_long() -> None:
    """Curtis, Powell & Reid (1974): columns that share no row are seeded together."""
    for n in (5, 50, 200):
        f, at = banded(n)
        for mode in MODES:
            found = f.jacobian(at, mode=mode)
            assert found.sweeps == 3
            assert len(found.operations) == 2
            assert found.operations[mode] % 3 == 0
        x = at["x"]
        for i, row in enumerate(found.jacobian):
            expected = {i: x[i + 1] ** 2, i + 1: 2 * x[i] * x[i + 1], i + 2: -math.cos(x[i + 2])}
            for j, d in enumerate(row):
                assert d == pytest.approx(expected.get(j, 0.0), rel=1e-14)
                assert found.pattern[i][j] == (j in expected)


def test_auto_takes_the_mode_with_fewer_operations() -> None:
    wide = adcli.formula("[sum(i=1..20, x[i]^2)]").jacobian(x=[1.0] * 20)
    tall = adcli.formula("[" + ",".join(f"x^{k}" for k in range(2, 20)) + "]").jacobian(x=1.0)
    assert (wide.mode, wide.sweeps, tall.mode, tall.sweeps) == ("reverse", 1, "forward", 1)
    assert wide.operations["reverse"] < wide.operations["forward"] == 20 * wide.operations["reverse"]
    assert tall.operations["forward"] < tall.operations["reverse"]
    assert "1 sweep;" in repr(wide)


def test_colours_never_share_a_bit() -> None:
    sets = [0b0011, 0b0110, 0b1100, 0b0001, 0b1000, 0, 0b1111]
    colours = colour(sets)
    for c in set(colours):
        together = [bits for bits, k in zip(sets, colours, strict=True) if k == c]
        assert sum(together) == sum(together) | 0
        assert bin(sum(together)).count("1") == sum(bin(bits).count("1") for bits in together)
    assert max(colours) + 1 == 3


def test_columns_that_all_conflict_are_coloured_in_time_that_grows_with_their_number() -> None:
    assert colour([1] * 20_000) == list(range(20_000))  # by comparing each with each: a minute


def test_the_pattern_is_that_of_the_branch_taken() -> None:
    f = adcli.formula("[if x > 0 then y else z, x*y, 3, z]")
    assert f.jacobian(x=1, y=2, z=3).pattern == [[0, 1, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert f.jacobian(x=-1, y=2, z=3).pattern == [[0, 0, 1], [1, 1, 0], [0, 0, 0], [0, 0, 1]]
    for mode in MODES:
        assert f.jacobian(x=1, y=2, z=3, mode=mode).jacobian == [[0, 1, 0], [2, 1, 0], [0, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("mode", MODES)
def test_outputs_may_be_equal_constant_or_a_variable(mode: str) -> None:
    found = adcli.formula("[x*y, x*y, x, 3, y + x*y]").jacobian(x=2, y=5, mode=mode)
    assert found.jacobian == [[5, 2], [5, 2], [1, 0], [0, 0], [5, 3]]
    only = adcli.formula("[x*y, y, x]").jacobian(x=2, y=5, mode=mode, wrt=["y"])
    assert only.jacobian == [[2], [1], [0]]
    assert only.variables == ("y",)


# -- products ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "at", "functions"), SYSTEMS, ids=[s[0] for s in SYSTEMS])
def test_products_equal_the_jacobian_times_a_vector(text: str, at: dict[str, float], functions: list[Any]) -> None:
    f = adcli.formula(text)
    full = f.jacobian(at)
    tangent = {name: 0.3 * k - 1 for k, name in enumerate(full.variables)}
    cotangent = {name: 0.7 * k + 0.2 for k, name in enumerate(full.outputs)}
    forward, back = f.jvp(at, tangent), f.vjp(at, cotangent)
    for i, output in enumerate(full.outputs):
        exact = sum(full[output, v] * t for v, t in tangent.items())  # type: ignore[operator]
        assert forward[output] == pytest.approx(exact, rel=1e-13, abs=1e-15)
        assert forward.value[output] == full.value[i]
    for v in full.variables:
        assert back[v] == pytest.approx(sum(full[o, v] * c for o, c in cotangent.items()), rel=1e-13, abs=1e-15)  # type: ignore[operator]
    left = sum(forward[o] * c for o, c in cotangent.items())  # type: ignore[operator]  # c*(J*t) = (c*J)*t
    assert left == pytest.approx(sum(back[v] * t for v, t in tangent.items()), rel=1e-12)  # type: ignore[operator]


def test_a_product_is_one_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many variables and outputs: no Jacobian is formed."""
    module = sys.modules["adcli.derive.jacobian"]
    calls: list[str] = []
    for name in ("tangents", "adjoints"):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, real=real, name=name: (calls.append(name), real(*a))[1])
    f, at = banded(50)
    f.jvp(at, {"x": [1.0] * 52})
    assert calls == ["tangents"]
    calls.clear()
    f.vjp(at, {f"y{k}": 1.0 for k in range(1, 51)})
    assert calls == ["adjoints"]


def test_a_vector_given_in_part_is_zero_elsewhere() -> None:
    f = adcli.formula("[x*y, y]")
    assert f.outputs == ("f1", "y")
    at = {"x": 2.0, "y": 3.0}
    assert f.jvp(at, {"x": 1.0}).product == {"f1": 3.0, "y": 0.0}
    assert f.vjp(at, {"y": 2.0}).product == {"x": 0.0, "y": 2.0}
    assert f.vjp(at, {"f1": 1.0, "y": 1.0}).product == {"x": 3.0, "y": 3.0}
    assert adcli.formula("[x[1]*x[2]]").jvp({"x": [2, 3]}, {"x": [1, 10]}).product == {"y1": 23.0}
    assert adcli.formula("[x*y, x*y]").vjp(at, {"f1": 1.0, "f2": 10.0}).product == {"x": 33.0, "y": 22.0}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: f.jvp({"x": 1}, {"z": 1.0}), "z is not a variable"),
        (lambda f: f.vjp({"x": 1}, {"x": 1.0}), "x is not an output"),
        (lambda f: f.jacobian(x=1, mode="both"), "both is not a mode of a Jacobian"),
        (lambda f: f.jacobian(x=1, wrt=["z"]), "the formula has no variable z"),
        (lambda f: f.gradient(x=1), "the formula has several outputs: y1, y2"),
    ],
)
def test_options_that_contradict_each_other_are_refused(call: Any, says: str) -> None:
    with pytest.raises(AdcliError) as caught:
        call(adcli.formula("[x^2, x^3]"))
    assert caught.value.what == says


# -- edges ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
def test_what_is_undefined_is_so_only_where_it_belongs(mode: str) -> None:
    found = adcli.formula("[floor(x)*y, x*z, 0*x + y, sqrt(z), sqrt(z^2) + y]").jacobian(x=1, y=2, z=0, mode=mode)
    inf = math.inf
    assert found.jacobian[:4] == [[None, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, inf]]
    assert found.jacobian[4][:2] == [0.0, 1.0]
    assert math.isnan(found.jacobian[4][2] or 0)
    assert not found.complete
    assert {"jump", "end", "nan"} <= {n.kind for n in found.notes}
    assert any(n.text.startswith(f"the derivative of {found.outputs[4]} by z comes out as") for n in found.notes)


@pytest.mark.parametrize("mode", MODES)
def test_what_leaves_the_range_only_on_the_way_is_right_in_both_modes(mode: str) -> None:
    found = adcli.formula("[(((1e200*x)*1e200)*1e-200)*1e-200, (((1e-200*x)*1e-200)*1e200)*1e200, x]")
    result = found.jacobian(x=1e-5, mode=mode)
    assert [row[0] for row in result.jacobian] == pytest.approx([1, 1, 1], rel=1e-15)
    assert result.complete


def test_products_say_what_is_undefined() -> None:
    f = adcli.formula("[floor(x)*y, y]")
    assert f.jvp({"x": 1, "y": 2}, {"x": 1.0}).product == {"f1": None, "y": 0.0}
    assert f.jvp({"x": 1, "y": 2}, {"y": 1.0}).product == {"f1": 1.0, "y": 1.0}
    assert f.vjp({"x": 1, "y": 2}, {"f1": 1.0}).product == {"x": None, "y": 1.0}
    assert f.vjp({"x": 1, "y": 2}, {"y": 1.0}).product == {"x": 0.0, "y": 1.0}


# -- the articles -----------------------------------------------------------------------------------------------------
def test_article_d6_products_without_the_jacobian() -> None:
    f = adcli.formula("[x1*x2 + x2 - ln(x1)]")
    at = {"x1": 3.0, "x2": -4.0}
    assert f.jvp(at, {"x2": 1.0}).product == {"y1": 4.0}
    assert f.vjp(at, {"y1": 1.0}).product == pytest.approx({"x1": -13 / 3, "x2": 4.0}, rel=1e-15)


@pytest.mark.parametrize("mode", MODES)
def test_article_d8_elementwise_product(mode: str) -> None:
    f = adcli.formula("[" + ", ".join(f"a[{i}]*b[{i}] + c" for i in range(1, 5)) + "]")
    found = f.jacobian(a=[1, 2, 3, 4], b=[5, 6, 7, 8], c=1, wrt=["b"], mode=mode)
    assert found.value == (6, 13, 22, 33)
    assert found.jacobian == [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 4]]
    assert found.sweeps == 1


# -- at the terminal --------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_json_has_the_shape_that_is_promised() -> None:
    status, out, _ = cli("jacobian", "[x*y, floor(x), ln(y)]", "--at", "x=1,y=2", "-f", "json")
    data = json.loads(out)
    assert status == 1
    assert data["outputs"] == ["f1", "f2", "f3"]
    assert data["variables"] == ["x", "y"]
    assert data["value"] == [2.0, 1.0, math.log(2)]
    assert data["jacobian"] == [[2.0, 1.0], [None, 0.0], [0.0, 0.5]]
    assert data["schema"] == 1
    assert data["at"] == {"x": 1.0, "y": 2.0}
    assert [n["kind"] for n in data["notes"]] == ["jump"]
    status, out, _ = cli("jvp", "[x*y, x]", "--at", "x=1,y=2", "--tangent", "x=1", "-f", "json")
    assert (status, json.loads(out)["product"], json.loads(out)["value"]) == (
        0,
        {"f1": 2.0, "x": 1.0},
        {"f1": 2.0, "x": 1.0},
    )
    status, out, _ = cli("vjp", "x*y", "--at", "x=1,y=2", "--cotangent", "f=2", "-f", "json")
    assert (status, json.loads(out)["product"], json.loads(out)["value"]) == (0, {"x": 4.0, "y": 2.0}, 2.0)


@pytest.mark.long
@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("jacobian", "[x, x^2]", "--at", "x=1"), 0),
        (("jacobian", "[x, x^2]", "--at", "x=1", "--sparsity"), 0),
        (("jacobian", "[x, floor(x)]", "--at", "x=1"), 1),
        (("jacobian", "[x, ln(x)]", "--at", "x=-1"), 1),
        (("jacobian", "[x, sqrt(x)]", "--at", "x=0", "--strict"), 1),
        (("jacobian", "[x, x^2]", "--at", "y=1"), 2),
        (("jvp", "[x, x^2]", "--at", "x=1", "--tangent", "z=1"), 2),
        (("vjp", "[x, x^2]", "--at", "x=1", "--cotangent", "q=1"), 2),
        (("grad", "[x, x^2]", "--at", "x=1"), 2),
    ],
)
def test_exit_status(args: tuple[str, ...], status: int) -> None:
    found, out, err = cli(*args)
    assert found == status
    assert bool(out) == ("--strict" in args or status == 0 or "floor" in args[1])
    assert "Traceback" not in err


def test_counts_and_sparsity_are_shown() -> None:
    _, out, _ = cli("jacobian", "[x*y, y*z, z]", "--at", "x=1,y=2,z=3", "--sparsity")
    assert "forward mode, 2 sweeps; operations: forward 8, reverse 12" in out or "operations:" in out
    assert [line.split()[2:] for line in out.splitlines()[-3:]] == [["x", "x", "."], [".", "x", "x"], [".", ".", "x"]]


def test_an_output_that_is_a_definition_is_shown_as_it_is_defined() -> None:
    f = adcli.load("samples/polar.ad")
    assert f.outputs == ("x", "y")
    assert f.lines == ("x = r*cos(t)", "y = r*sin(t)")
    chained = adcli.formula("a = r^2; b = a*2; [b, a, r]")
    assert chained.lines == ("a = r^2", "b = a*2", "r = r")
    again = adcli.formula(str(chained))
    assert (again.outputs, again.lines) == (chained.outputs, chained.lines)
    assert again(r=3) == chained(r=3) == (18, 9, 3)


def test_a_product_whose_terms_cancel_is_put_right_and_noted() -> None:
    f = adcli.formula("[(x+1e20*x)-1e20*x, (1-cos(x))/x^2, x*y]")  # the derivative of x is 1
    found = f.jvp({"x": 1e-8, "y": 2.0}, {"x": 3.0, "y": 1.0})
    assert list(found.product.values())[::2] == [3.0, 6.0 + 1e-8]
    assert {note.kind for note in found.notes} == {"cancellation"}


def test_a_tangent_of_zero_beside_a_slope_that_is_infinite() -> None:
    assert adcli.formula("ln(abs(x)*2)").jvp({"x": 5e-324}, {"x": 0.0}).product == pytest.approx(
        {"y": 0.0}, nan_ok=True
    )
