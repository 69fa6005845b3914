"""Python functions recorded as they run: equal to the same formula as text; the articles' programs; errors; Dual."""

from __future__ import annotations

import copy
import importlib.util
import json
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import adcli
from adcli import Dual, derivative
from adcli import math as m
from adcli.errors import AdcliError, DomainError, LimitError, UsageError

ARTICLES = Path(__file__).parents[1] / "samples/python/articles.py"
spec = importlib.util.spec_from_file_location("articles", ARTICLES)
assert spec
assert spec.loader
articles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(articles)


def cli(*args: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "adcli", *args], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


# -- the same as text -------------------------------------------------------------------------------------------------
def norm(x: Any, y: Any) -> Any:
    return np.sqrt(np.square(x) + y**2)


def iterate(x: Any, y: Any) -> Any:
    for _ in range(3):
        x = x * y + 1
    return x


def until(x: Any, y: Any) -> Any:
    while x < 10:
        x = x * 2
    return x * y


PAIRS: list[tuple[Callable[..., Any], str]] = [
    (lambda x, y: x + y - x * y / (x - 3) + -x + +y, "x + y - x*y/(x - 3) + -x + y"),
    (lambda x, y: 2 + x - 1 * y / 4, "2 + x - y/4"),
    (lambda x, y: 2**x + x**2 + x**y + 3 / x - (1 - y), "2^x + x^2 + x^y + 3/x - (1 - y)"),
    (lambda x, y: abs(-x) + x % y + 7.5 % y, "abs(-x) + mod(x, y) + mod(7.5, y)"),
    (lambda x, y: x // y + 7.5 // y, "round((x - mod(x, y))/y) + round((7.5 - mod(7.5, y))/y)"),
    (lambda x, y: m.ln(x) + m.log(y, 3) + m.hypot(x, y) + m.fma(x, y, x), "ln(x)+log(y, 3)+hypot(x, y)+fma(x, y, x)"),
    (lambda x, y: m.erf(x) * m.gamma(y) - m.tanh(x / y) + m.pi, "erf(x)*gamma(y) - tanh(x/y) + pi"),
    (lambda x, y: np.sin(x) * np.exp(-y) + np.log(x) + np.arctan2(y, x), "sin(x)*exp(-y) + ln(x) + atan2(y, x)"),
    (lambda x, y: np.float64(2) * x + y * np.float64(3) - np.int64(1) / y + np.float32(0.5), "2*x + y*3 - 1/y + 0.5"),
    (lambda x, y: np.maximum(x, y) + np.minimum(x, 2.0) + np.abs(-x), "max(x, y) + min(x, 2) + abs(-x)"),
    (lambda x, y: np.add(x, y) * np.subtract(2.0, x) / np.power(y, 2), "(x + y)*(2 - x)/y^2"),
    (lambda x, y: np.remainder(x, y) + np.mod(7.5, y) + np.fmod(x, y), "mod(x, y) + mod(7.5, y) + fmod(x, y)"),
    (lambda x, y: np.sum(np.array([x, y, 2.0]) ** 2), "x^2 + y^2 + 4"),
    (lambda x, y: np.dot(np.array([x, y]), np.array([3.0, 4.0])), "3*x + 4*y"),
    (lambda x, y: np.sum(x * np.array([1.0, 2.0]) + np.array([3.0, 4.0]) * y), "x + 2*x + 3*y + 4*y"),
    (lambda x, y: np.sum(np.sin(np.array([x, y]))) + np.mean(np.array([x, y])), "sin(x) + sin(y) + (x + y)/2"),
    (lambda x, y: np.hypot(np.array([x]), np.array([y]))[0], "hypot(x, y)"),
    (lambda x, y: m.where(x > y, x * y, x / y), "if x > y then x*y else x/y"),
    (lambda x, y: x * y if x > 1 and not y >= 2 else x + y, "if x > 1 and y < 2 then x*y else x + y"),
    (lambda x, y: (x if x == 1.7 else y) + (x if y != 0.9 else y), "x + y"),
    (lambda x, y: math.floor(x) * y + m.floor(y) * x, "floor(x)*y + floor(y)*x"),
    (lambda x, y: sum([x, y, x * y]) * max(x, y) * min(1, x), "(x + y + x*y)*x"),
    (norm, "sqrt(x^2 + y^2)"),
    (iterate, "a = x*y + 1; b = a*y + 1; b*y + 1"),
    (until, "8*x*y"),
    (lambda x, y: 5.0, "5 + 0*x + 0*y"),
    (lambda x, y: x, "x + 0*y"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "text"), PAIRS, ids=[p[1] for p in PAIRS])
def test_a_function_equals_its_formula(function: Callable[..., Any], text: str) -> None:
    at = {"x": 1.7, "y": 0.9}
    f, g = adcli.record(function), adcli.formula(text)
    assert f(at) == pytest.approx(g(at), rel=1e-15)
    for mode in ("forward", "reverse"):
        assert f.gradient(at, mode=mode).as_dict() == pytest.approx(g.gradient(at, mode=mode).as_dict(), rel=1e-14)
    assert f.hessian(at).hessian == [
        pytest.approx(row, rel=1e-13, abs=1e-13) for row in g.hessian(at, wrt=["x", "y"]).hessian
    ]
    along = {"x": 0.5, "y": 2.0}
    assert f.taylor(at, along, 3).coefficients == pytest.approx(
        g.taylor(at, along, 3).coefficients, rel=1e-13, abs=1e-13
    )
    assert f.hvp(at, along).product == pytest.approx(g.hvp(at, along).product, rel=1e-13, abs=1e-13)
    symbolic = f.derivative("x", integers=at)
    used = {n: at[n] for n in symbolic.variables}
    assert symbolic(used) == pytest.approx(g.gradient(at)["x"], rel=1e-13)


def test_every_run_is_recorded_anew() -> None:
    f = adcli.record(lambda x: x * x if x > 0 else -x)
    assert [f.gradient(x=v)["x"] for v in (3, -3, 2)] == [6, -1, 4]
    assert f.gradient(x=3)["x"] == 6
    assert str(f.gradient(x=3).source) == "x*x"


def test_a_recording_does_not_change_when_it_is_evaluated() -> None:
    f = adcli.record(lambda x: [x, x * x] if x > 0 else -x)
    before = str(f), f.lines, f.latex, f.outputs
    first, second = f.jacobian(x=3), f.jacobian(x=-3)
    assert (first.outputs, second.outputs) == (("y1", "y2"), ("y",))
    assert (str(first.source), str(second.source)) == ("[x, x*x]", "-x")
    assert first.formula == "[x, x*x]"
    assert (str(f), f.lines, f.latex, f.outputs) == before


def test_a_recording_shows_as_a_formula() -> None:
    assert repr(adcli.record(norm)).startswith("<Formula norm(")


def test_a_recording_is_pickled_as_its_function() -> None:
    f = pickle.loads(pickle.dumps(adcli.record(norm, limit=50)))
    assert (str(f), f(x=3, y=4)) == ("norm(x, y)", 5.0)
    assert repr(pickle.loads(pickle.dumps(adcli.record(norm).precise(20)))(x=1, y=1)) == "1.4142135623730950488"
    found = copy.deepcopy(f.gradient(x=3, y=4))
    assert (found["y"], found.formula) == (0.8, "sqrt(x*x + y^2)")
    with pytest.raises(UsageError, match="a Python function cannot be sent"):
        pickle.dumps(adcli.record(lambda x: x))


def test_a_recording_works_from_eight_threads_at_once() -> None:
    def branches(x: Any, y: Any) -> Any:
        if x > 0:
            return [x * y, x - y]
        for _ in range(20):
            y = y * x
        return y

    f = adcli.record(branches)

    def work(k: int) -> None:
        for n in range(100):
            x, y = float((n + k) % 5 - 2 or -1.0), 1.0 + n % 7
            found = f.jacobian(x=x, y=y)
            if x > 0:
                assert (found.outputs, found.value, str(found.source)) == (("y1", "y2"), (x * y, x - y), "[x*y, x - y]")
                assert found.jacobian == [[y, x], [1.0, -1.0]]
                assert f(x=x, y=y) == (x * y, x - y)
            else:
                assert (found.outputs, found.value) == (("y",), (y * x**20,))
                assert found.jacobian == [[20 * y * x**19, x**20]]
                gradient = f.gradient(x=x, y=y, mode="reverse")
                assert (gradient.value, gradient["y"], gradient.source.outputs) == (y * x**20, x**20, ("y",))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_parameters_may_have_defaults_and_be_lists() -> None:
    f = adcli.record(lambda w, b=0.5, *, k=3: sum(a * a for a in w) * b * k)
    assert f.variables == ("w", "b")
    assert f.gradient(w=[1, 2]).as_dict() == {"w[1]": 3.0, "w[2]": 6.0}
    assert f.gradient(w=[1, 2], b=1).as_dict() == {"w[1]": 6.0, "w[2]": 12.0, "b": 15.0}
    assert f.gradient(w=[3], b=1).as_dict() == {"w[1]": 18.0, "b": 27.0}


def test_arrays_in_place_and_lists_of_results() -> None:
    def function(x: Any) -> Any:
        a = np.array(x)
        a += x[0]
        a[1] *= 2
        return a

    found = adcli.record(function).jacobian(x=[2.0, 3.0])
    assert found.outputs == ("y1", "y2")
    assert found.value == (4.0, 10.0)
    assert found.jacobian == [[2, 0], [2, 2]]
    with pytest.raises(AdcliError, match="several outputs: y1, y2"):
        adcli.record(function).gradient(x=[2.0, 3.0])
    assert adcli.record(lambda x: np.array(x * x)).gradient(x=3)["x"] == 6
    assert adcli.record(lambda x: (x, 1, np.float32(2))).jacobian(x=3).jacobian == [[1], [0], [0]]


# -- the articles -----------------------------------------------------------------------------------------------------
SIN, COS = math.sin, math.cos


@pytest.mark.parametrize(
    ("name", "at", "value", "gradient"),
    [
        ("forward_mode", {"x1": 2, "x2": 5}, 11.652071455223084, {"x1": 5.5, "x2": 1.7163378145367738}),
        ("closures", {"x": 0.5, "y": 1.2}, SIN(0.5) * COS(1.2), {"x": COS(0.5) * COS(1.2), "y": -SIN(0.5) * SIN(1.2)}),
        ("closures", {"x": 2, "y": 3}, SIN(2) * COS(3), {"x": COS(2) * COS(3), "y": -SIN(2) * SIN(3)}),
        ("shared", {"x": 2, "y": 3}, SIN(6) + COS(6), {"x": 3 * (COS(6) - SIN(6)), "y": 2 * (COS(6) - SIN(6))}),
        ("vertices", {"x1": 1, "x2": 2}, math.exp(2) + 4 + COS(2), {"x1": 2 * math.exp(2) + 4, "x2": 4 - SIN(2)}),
        ("branch", {"x": 3}, 11, {"x": 2}),
        ("branch", {"x": 1}, 5.5, {"x": 0.5}),
        ("overload", {"a": 25, "b": 4, "c": -5}, -25, {"a": -1, "b": 25, "c": 25}),
        ("quotient", {"a": 25, "b": 4, "c": -5}, 11.25, {"a": 0.25, "b": -1.5625, "c": -1}),
        ("fraction", {"x": 3, "y": 5}, None, {"x": -3.34729777301069, "y": -9.70176956641438}),
        ("nested", {"x": 7}, 7, {"x": 1}),
        ("newton", {"a": 2}, math.sqrt(2), {"a": 0.5 / math.sqrt(2)}),
    ],
)
def test_article(name: str, at: dict[str, float], value: float | None, gradient: dict[str, float]) -> None:
    f = adcli.record(getattr(articles, name))
    for mode in ("forward", "reverse"):
        found = f.gradient(at, mode=mode)
        assert found.as_dict() == pytest.approx(gradient, rel=1e-14)
        if value is not None:
            assert found.value == pytest.approx(value, rel=1e-15)


def test_article_c_is_equal_to_the_last_bit_to_numpy() -> None:
    found = adcli.record(articles.vertices).gradient(x1=1, x2=2)
    assert found.as_dict() == {"x1": 2 * float(np.exp(2.0)) + 4, "x2": 4 - float(np.sin(2.0))}


def test_article_b_prints_its_rounded_numbers_and_shares_the_product() -> None:
    f = adcli.record(articles.shared)
    assert round(f(x=2, y=3), 3) == 0.681
    assert [row.name for row in f.trace(x=2, y=3).rows if row.op == "mul"] == ["v1"]


def test_article_d8_elementwise() -> None:
    found = adcli.record(articles.elementwise).jacobian(a=[1, 2, 3, 4], b=[5, 6, 7, 8], c=1, wrt=["b"])
    assert found.value == (6, 13, 22, 33)
    assert found.jacobian == np.diag([1.0, 2.0, 3.0, 4.0]).tolist()


def test_a_second_gradient_does_not_add_to_the_first() -> None:
    """Article D7: two functions of the same numbers."""
    f, g = adcli.record(articles.overload), adcli.record(articles.quotient)
    at = {"a": 25.0, "b": 4.0, "c": -5.0}
    first = f.gradient(at, mode="reverse").as_dict()
    assert g.gradient(at, mode="reverse").as_dict() == {"a": 0.25, "b": -1.5625, "c": -1.0}
    assert f.gradient(at, mode="reverse").as_dict() == first == {"a": -1.0, "b": 25.0, "c": 25.0}


# -- nested -----------------------------------------------------------------------------------------------------------
def test_perturbations_are_not_confused() -> None:
    """Siskind & Pearlmutter (2005): d/dx x * d/dy (x + y) is 1, not 2; and three levels."""
    assert derivative(lambda x: x * derivative(lambda y: x + y, 1.0), 2.0) == 1.0
    assert derivative(lambda x: x * derivative(lambda y: x * y * y, 3.0), 2.0) == 2 * 2.0 * 6.0
    three = derivative(lambda x: x * derivative(lambda y: y * derivative(lambda z: x * y * z * z, 3.0), 2.0), 5.0)
    assert three == 2 * 5.0 * 2 * 2.0 * 2 * 3.0  # d/dx x * d/dy (y * 6xy) = d/dx 12 y x^2
    assert derivative(lambda x: derivative(lambda y: derivative(lambda z: x + y + z, 1.0), 1.0), 1.0) == 0.0
    assert derivative(lambda x: derivative(lambda y: x**3, 1.0), 1.0) == 0.0
    assert derivative(lambda x: derivative(lambda x: x**3, x), 2.0) == 12.0
    f = adcli.record(lambda x, y: x * derivative(lambda t: m.sin(t * y) * x, x))
    x, y = 0.7, 1.3  # x * x*y*cos(x*y)
    with mp.workdps(30):
        exact = [float(mp.diff(lambda a, b: a * a * b * mp.cos(a * b), (x, y), n)) for n in ((1, 0), (0, 1))]
    assert list(f.gradient(x=x, y=y).as_dict().values()) == pytest.approx(exact, rel=1e-13)


def test_numbers_of_another_run_are_refused() -> None:
    kept: list[Any] = []
    adcli.record(lambda x: kept.append(x) or x)(x=1)
    with pytest.raises(AdcliError, match="recorded by one function is used in another"):
        adcli.record(lambda x: x * kept[0])(x=1)


# -- size -------------------------------------------------------------------------------------------------------------
def deep(x: Any, steps: int = 100_000) -> Any:
    for _ in range(steps):
        x = 1 - x
    return x


@pytest.mark.parametrize("y", [0.1, 0.3, -0.7, 2.0])
@pytest.mark.parametrize("x", [1.0, 7.5, -7.3, 1e6 + 0.5])
def test_floor_division_is_that_of_floats(x: float, y: float) -> None:
    """1 // 0.1 is 9, where floor(1/0.1) is 10; its slopes are 0 between the jumps."""
    whole, rest = adcli.record(lambda x, y: x // y), adcli.record(lambda x, y: divmod(x, y)[0] * divmod(9.5, y)[1])
    assert whole(x=x, y=y) == x // y
    assert whole.gradient(x=x, y=y).as_dict() == {"x": 0.0, "y": 0.0}
    assert rest(x=x, y=y) == x // y * (9.5 % y)
    assert rest.gradient(x=x, y=y)["y"] == x // y * -(9.5 // y)


@pytest.mark.long
def test_a_graph_100000_deep_does_not_recurse() -> None:
    found = adcli.record(deep).gradient(x=3.0, mode="reverse")
    assert (found.value, found["x"]) == (3.0, 1.0)
    assert "deep(x" in repr(found)
    f = adcli.record(lambda x: deep(x, 20_000) * x)
    assert f.gradient(x=3.0, mode="forward")["x"] == 6.0
    assert f.hessian(x=3.0).hessian == [[2.0]]
    assert f.taylor({"x": 3.0}, order=2).coefficients == (9.0, 6.0, 1.0)


def test_shared_graphs_are_not_written_out() -> None:
    def doubled(x: Any) -> Any:
        for _ in range(200):
            x = x * x - x
        return x

    f = adcli.record(doubled)
    assert f.gradient(x=0.0)["x"] == 1.0
    assert str(f) == "doubled(x)"
    assert len(repr(f.gradient(x=0.0))) < 1000


def test_a_loop_without_end_meets_the_row_limit() -> None:
    def endless(x: Any) -> Any:
        while x > 0:
            x = x * 1.0
        return x

    with pytest.raises(LimitError, match="more than 5,000 operations"):
        adcli.record(endless, limit=5000)(x=1)


# -- errors -----------------------------------------------------------------------------------------------------------
def returns(value: Any) -> Callable[[Any], Any]:
    return lambda x: value


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: math.sin(x), "turned into a plain float"),
        (lambda x: float(x) + 1, "turned into a plain float"),
        (lambda x: np.zeros(2)[0] + math.exp(x), "turned into a plain float"),
        (lambda x: x.nonsense, r"test_recording.py, line \d+, raised AttributeError: nonsense"),
        (lambda x: [][3], r"test_recording.py, line \d+, raised IndexError"),
        (lambda x: sys.exit(3), r"test_recording.py, line \d+, raised SystemExit: 3"),
        (returns("text"), "the function returns str, not a number"),
        (returns(None), "the function returns NoneType, not a number"),
        (returns([1, None]), "the function returns NoneType, not a number"),
        (returns({}), "the function returns dict, not a number"),
        (returns([]), "the function returns an empty list"),
        (returns(1j), "the function returns complex, not a number"),
    ],
)
def test_what_a_function_does_wrong_is_said(function: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        adcli.record(function).gradient(x=2)


def test_points_and_domains_of_functions() -> None:
    f = adcli.record(lambda x, y: m.ln(x) * y)
    with pytest.raises(AdcliError, match="no value for y"):
        f.gradient(x=1)
    with pytest.raises(AdcliError, match="does not use z"):
        f.gradient(x=1, y=2, z=3)
    with pytest.raises(DomainError, match="ln is undefined at x = -1"):
        f.gradient(x=-1, y=2)
    with pytest.raises(UsageError, match="max does not tell its parameters"):
        adcli.record(max)


MODEL = """
from dataclasses import dataclass
import beside
from adcli import math as m

@dataclass
class Data:
    x: float = 2.0

def loss(w, b):
    return (m.tanh(w * Data().x + b) - beside.GOAL) ** 2

def pair(w, b):
    return [w * b, w + b]

def broken(w, b):
    q = w * b
    return q * [][3]

def plain(w, b):
    import math
    return math.exp(w)
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    (tmp_path / "beside.py").write_text("GOAL = 0.25\n")
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "bad.py").write_text("x = 1\ny = x + None\n")
    (tmp_path / "unreadable.py").write_text("def f(:\n")
    return str(tmp_path / "model.py")


COMMANDS: list[tuple[str, tuple[str, ...]]] = [
    ("eval", ()), ("eval", ("--trace",)), ("grad", ()), ("grad", ("--trace",)), ("jacobian", ()), ("hessian", ()),
    ("hvp", ("--vector", "w=1")), ("jvp", ("--tangent", "w=1")), ("vjp", ("--cotangent", "y=1")),
    ("taylor", ("--direction", "w=1")), ("partial", ("--wrt", "w,b")), ("diff", ("--wrt", "w")),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[" ".join((c, *o)) for c, o in COMMANDS])
def test_every_command_takes_a_function(model: str, command: str, options: tuple[str, ...]) -> None:
    at = ("--at", "w=0.5,b=-0.2", "-f", "json")
    status, out, err = cli(command, f"{model}:loss", *options, *at)
    assert (status, err) == (0, "")
    text = cli(command, "(tanh(w*2 + b) - 0.25)^2", *options, *at)[1]
    ours, theirs = json.loads(out), json.loads(text)
    for key in ("value", "gradient", "jacobian", "hessian", "product", "coefficients", "partial"):
        if key in theirs:
            assert np.array(list(flat(ours[key]))) == pytest.approx(np.array(list(flat(theirs[key]))), rel=1e-13)
    assert len(ours.get("trace", [])) == len(theirs.get("trace", []))
    status, out, err = cli(command, f"{model}:broken", *options, *at)
    assert status == 2
    assert "model.py, line 18, raised IndexError" in err
    assert "Traceback" not in err
    status, _, err = cli(command, f"{model}:plain", *options, *at)
    assert status == 2
    assert "adcli.math" in err


def flat(x: Any) -> Any:
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, list):
        for item in x:
            yield from flat(item)
    else:
        yield x


@pytest.mark.long
@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("model.py:missing", "has no function missing"),
        ("absent.py:f", "cannot read"),
        ("bad.py:f", "bad.py, line 2, raised TypeError"),
        ("unreadable.py:f", "raised SyntaxError"),
        ("model.py:pair", "several outputs: y1, y2"),
    ],
)
def test_a_file_that_gives_no_function_is_refused(model: str, what: str, says: str) -> None:
    status, out, err = cli("grad", str(Path(model).parent / what), "--at", "w=1,b=2")
    assert (status, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


# -- dual numbers by hand ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        (lambda x: x * x + 3 * x, 2.0, 10.0, 7.0),
        (lambda x: 1 / x, 4.0, 0.25, -0.0625),
        (lambda x: (x + 2) / (5 - x), 3.0, 2.5, 1.75),
        (lambda x: m.sin(x) * m.exp(x), 0.0, 0.0, 1.0),
        (lambda x: m.cos(m.log(x)), 1.0, 1.0, 0.0),
        (lambda x: x**3, 2.0, 8.0, 12.0),
        (lambda x: 2**x, 3.0, 8.0, 8 * math.log(2)),
        (lambda x: abs(x), -3.0, 3.0, -1.0),
        (lambda x: x if x > 1 else x * x, 0.5, 0.25, 1.0),
        (lambda x: -x - 1 + 2, 0.5, 0.5, -1.0),
    ],
)
def test_dual_numbers_by_hand(function: Any, x: float, value: float, slope: float) -> None:
    y = function(Dual(x, 1.0))
    assert (y.value, y.tangent) == (pytest.approx(value, rel=1e-15), pytest.approx(slope, rel=1e-15))
    assert derivative(function, x) == pytest.approx(slope, rel=1e-15)


def test_dual_numbers_multiply_and_divide_by_the_rules_of_the_textbook() -> None:
    """(a + b e)(c + d e) = ac + (ad + bc) e;  (a + b e)/(c + d e) = a/c + (bc - ad)/c^2 e."""
    p, q = Dual(3, 4) * Dual(5, 6), Dual(3, 4) / Dual(5, 6)
    assert (p.value, p.tangent) == (15, 38)
    assert (q.value, q.tangent) == (0.6, pytest.approx((20 - 18) / 25, rel=1e-15))
    assert repr(Dual(3, 4)) == "Dual(3.0, 4.0)"
    assert Dual(1, 5) < Dual(2, 0)
    assert Dual(2, 5) == 2
    with pytest.raises(TypeError, match=r"use adcli.math instead of math"):
        math.sin(Dual(2, 5))


# -- results ----------------------------------------------------------------------------------------------------------
RESULTS: list[tuple[Callable[[adcli.Formula], Any], str]] = [
    (lambda f: f.gradient(x=1, y=2), "∂f/∂x"),
    (lambda f: f.jacobian(x=1, y=2), "∂/∂x"),
    (lambda f: f.hessian(x=1, y=2), "∂/∂x"),
    (lambda f: f.jvp({"x": 1, "y": 2}, {"x": 1}), "J*t"),
    (lambda f: f.vjp({"x": 1, "y": 2}, {"f": 1}), "c*J"),
    (lambda f: f.hvp({"x": 1, "y": 2}, {"x": 1}), "H*v"),
    (lambda f: f.taylor({"x": 1, "y": 2}, {"x": 1}), "coefficient"),
    (lambda f: f.partial({"x": 1, "y": 2}, ("x", "y")), "∂2f/∂x∂y"),
    (lambda f: f.cost("x"), "naive"),
    (lambda f: f.trace(x=1, y=2), "v1"),
]


@pytest.mark.parametrize(("result", "has"), RESULTS, ids=[r[1] for r in RESULTS])
def test_results_print_well_in_a_terminal_and_a_notebook(result: Callable[[adcli.Formula], Any], has: str) -> None:
    found = result(adcli.formula("x^2*y - ln(y) + (if x < 2 then 0 else 1)"))
    text, html = repr(found), found._repr_html_()
    assert has in text
    assert has in html
    assert "object at 0x" not in text
    assert "<table>" in html
    assert "x < 2" not in html
    assert html.count("<td>") == html.count("</td>") > 0


def test_a_long_recorded_formula_is_called_by_its_name_in_latex_too() -> None:
    def by_newton(a_1: Any) -> Any:
        x = a_1
        for _ in range(60):  # written out, 2^60 operations
            x = (x + a_1 / x) / 2
        return x

    f = adcli.record(by_newton)
    f.gradient(a_1=2.0)
    assert list(f.latex_lines) == [r"y &= \operatorname{by\_newton}\left(a_{1}\right)"]
    g = adcli.record(lambda x: x / 2)
    assert list(g.gradient(x=1.0).source.latex_lines) == [r"y &= \frac{x}{2}"]


@pytest.mark.parametrize(("result", "has"), RESULTS[:-2], ids=[r[1] for r in RESULTS[:-2]])
def test_results_are_not_changed(result: Callable[[adcli.Formula], Any], has: str) -> None:
    found = result(adcli.formula("x^2*y"))
    with pytest.raises(AttributeError):
        found.value = 0.0
    assert found.formula == "x^2*y"
