"""--precise: as many correct digits as asked for, on every command, from what was typed."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import adcli
from adcli.derive import precise_gradient
from adcli.errors import AdcliError, DomainError, LimitError, UsageError
from adcli.language import Point, read_point
from adcli.language.writer import to_text
from adcli.ops import Digits
from tests.reference.formulas import Choices, random_formula
from tests.test_errors import run

ACCURATE = 80


def at(*texts: str) -> Point:
    return read_point([text for text in texts if text])


def digits(x: Any, n: int) -> str:
    """Return a number of mpmath as it is to be printed."""
    with mp.workdps(n + 10):
        return repr(Digits(mpf(x), n))


def exactly(compute: Callable[[], Any]) -> Any:
    with mp.workdps(ACCURATE):
        return compute()


# fmt: off
# ruff: noqa: E501
GRADIENTS: list[tuple[str, str, Callable[[], Any], Callable[[], Any] | None]] = [
    ("0.1*x", "x=0.1", lambda: mpf(1) / 100, lambda: mpf(1) / 10),
    ("sin(x)", "x=pi/3", lambda: mp.sqrt(3) / 2, lambda: mpf(1) / 2),
    ("pi*x", "x=e", lambda: mp.pi * mp.e, lambda: +mp.pi),
    ("tau*x", "x=1/3", lambda: 2 * mp.pi / 3, lambda: 2 * mp.pi),
    ("x*0.123456789012345678901234567890", "x=1", lambda: mpf("0.12345678901234567890123456789"), lambda: mpf("0.12345678901234567890123456789")),
    ("x", "x=-0.100000000000000000000000000001", lambda: mpf("-0.100000000000000000000000000001"), lambda: mpf(1)),
    ("0.10000000000000000001 - 0.1 + x", "x=0", lambda: mpf("1e-20"), lambda: mpf(1)),
    ("(x+1e20*x)-1e20*x", "x=0.5", lambda: mpf(1) / 2, lambda: mpf(1)),
    ("(1-cos(x))/x^2", "x=1e-9", lambda: sum((-1) ** k * mpf("1e-18") ** k / mp.factorial(2 * k + 2) for k in range(5)),
     lambda: sum((-1) ** k * 2 * k * mpf("1e-9") ** (2 * k - 1) / mp.factorial(2 * k + 2) for k in range(1, 6))),
    ("ln(1+exp(x))", "x=1000", lambda: mpf(1000) + mp.exp(-1000), lambda: 1 / (1 + mp.exp(-1000))),
    ("ln(1+exp(-x))", "x=1000", lambda: mp.exp(-1000), lambda: -mp.exp(-1000)),
    ("ln(exp(x))", "x=-800", lambda: mpf(-800), lambda: mpf(1)),
    ("exp(exp(x))", "x=8", lambda: mp.exp(mp.exp(8)), lambda: mp.exp(8 + mp.exp(8))),
    ("x + 1e-100 - x", "x=1", lambda: mpf("1e-100"), lambda: mpf(0)),
    ("sin(x)", "x=pi", lambda: mpf(0), lambda: mpf(-1)),
    ("(x - 0.1 - 0.2)^2", "x=0.3", lambda: mpf(0), lambda: mpf(0)),
    ("gamma(x)", "x=101", lambda: mp.factorial(100), lambda: mp.factorial(100) * mp.digamma(101)),
    ("if x < 0.3 then 0 else x^2", "x=0.1+0.2", lambda: mpf("0.09"), None),
    ("if 3*x == 1 then 7 else x", "x=1/3", lambda: mpf(7), None),
    ("floor(10*x)", "x=0.3+1e-40", lambda: mpf(3), lambda: mpf(0)),
    ("max(x,0)-max(-x,0)", "x=0", lambda: mpf(0), lambda: mpf(1)),
    ("if x==2 then 4 else x^2", "x=2", lambda: mpf(4), lambda: mpf(4)),
    ("abs(x)*3 + x/7", "x=0", lambda: mpf(0), lambda: mpf(1) / 7),
    ("abs(sin(x)) + x", "x=pi", lambda: +mp.pi, lambda: mpf(1)),
    ("x*sqrt(x)+abs(x)", "x=0", lambda: mpf(0), lambda: mpf(1)),
    ("sum(i=1..20, x^i/i)", "x=0.5", lambda: mp.fsum(mpf(1) / 2**i / i for i in range(1, 21)), lambda: 2 - mpf(2) ** -19),
    ("erf(x)+exp2(x)+log2(x)+log10(x)+degrees(x)+radians(x)", "x=0.3",
     lambda: mp.erf(mpf("0.3")) + 2 ** mpf("0.3") + mp.log(mpf("0.3"), 2) + mp.log10(mpf("0.3")) + mp.degrees(mpf("0.3")) + mp.radians(mpf("0.3")),
     lambda: 2 / mp.sqrt(mp.pi) * mp.exp(-mpf("0.09")) + mp.ln2 * 2 ** mpf("0.3") + (1 / mp.ln2 + 1 / mp.ln10) / mpf("0.3") + 180 / mp.pi + mp.pi / 180),
]
# fmt: on


@pytest.mark.long
@pytest.mark.parametrize(("text", "where", "value", "slope"), GRADIENTS, ids=[row[0] for row in GRADIENTS])
def test_value_and_slope(text: str, where: str, value: Callable[[], Any], slope: Callable[[], Any] | None) -> None:
    n = 50
    result, _ = adcli.formula(text).precise(n).sweeps(at(where), ("x",))
    assert repr(result.value) == digits(exactly(value), n)
    assert repr(result.gradient["x"]) == ((slope and digits(exactly(slope), n)) or "None")


@pytest.mark.parametrize("n", [1, 3, 16, 17, 100, 400])
def test_any_number_of_digits(n: int) -> None:
    result = adcli.formula("exp(x)/7").precise(n).gradient(x=1)
    with mp.workdps(n + 20):
        assert repr(result.value) == digits(mp.e / 7, n)


@pytest.mark.long
def test_random_formulas_agree_with_floats_and_with_more_digits() -> None:
    rng = random.Random(4)
    compared = 0
    for _ in range(100):
        text = to_text(random_formula(Choices(rng.randbytes(60)), 1 + rng.randrange(6), ("x", "y")))
        f = adcli.formula(text)
        where = {name: rng.uniform(0.2, 3.0) for name in f.variables}
        try:
            plain = f.gradient(where)
            fine, finer = (f.precise(n).gradient(where) for n in (15, 40))
        except (DomainError, LimitError, UsageError):
            continue
        for name, d in fine.gradient.items():
            more, rough = finer.gradient[name], plain.gradient[name]
            assert (d is None) == (more is None), text
            if d is not None and more is not None and 1e-300 < abs(d) < 1e300:
                assert float(repr(d)) == pytest.approx(float(repr(more)), rel=2e-15), text
                compared += rough is not None and rough == pytest.approx(d, rel=1e-9)
    assert compared > 40


def test_the_point_may_be_just_those_floats() -> None:
    evaluation = adcli.formula("x*x").evaluation(at("x=0.1"))
    value, partials = precise_gradient(evaluation, ("x",), 50, exact_floats=True)
    with mp.workdps(60):
        assert abs(mpf(value) - mpf(0.1) ** 2) < mpf(10) ** -51
        assert abs(mpf(partials["x"]) - 2 * mpf(0.1)) < mpf(10) ** -51
    value, _ = precise_gradient(evaluation, ("x",), 50)
    assert repr(Digits(value, 50)) == "0.01"


F = "x*exp(y/x)"


def reference(i: int, j: int) -> Any:
    with mp.workdps(120):
        x, y = mpf(3) / 10, mpf(7) / 10
        return mp.diff(lambda x, y: x * mp.exp(y / x), (x, y), (i, j))


def test_every_kind_of_derivative() -> None:
    n, where = 40, at("x=0.3,y=0.7")
    f = adcli.formula(F).precise(n)
    shown = {(i, j): digits(reference(i, j), n) for i, j in [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1)]}
    gradient, hessian = f.gradient(where), f.hessian(where)
    assert repr(f(where)) == repr(gradient.value) == repr(hessian.value) == shown[0, 0]
    for mode in ("forward", "reverse", "both"):
        found = f.gradient(where, mode=mode).gradient
        assert [repr(d) for d in found.values()] == [shown[1, 0], shown[0, 1]]
    assert [repr(hessian[a, b]) for a, b in ("xx", "xy", "yx", "yy")] == [
        shown[2, 0], shown[1, 1], shown[1, 1], shown[0, 2]
    ]  # fmt: skip
    assert repr(f.partial(where, tuple("xxy")).partial) == shown[2, 1]
    assert repr(f.hvp(where, {"y": 1.0}).product["x"]) == shown[1, 1]
    with mp.workdps(60):
        tenth = (reference(1, 0) + reference(0, 1)) / 10
        assert repr(f.jvp(where, {"x": 0.1, "y": 0.1}).product["f"]) == digits(tenth, n)
        assert repr(f.vjp(where, {"f": 0.1}).product["y"]) == digits(reference(0, 1) / 10, n)
        second = f.taylor(where, {"x": 1.0}, 2).coefficients[2]
        assert repr(second) == digits(reference(2, 0) / 2, n)


def test_a_jacobian() -> None:
    result = adcli.formula("[r*cos(t), r*sin(t)]").precise(30).jacobian(at("r=2,t=pi/6"))
    with mp.workdps(40):
        half_root = digits(mp.sqrt(3) / 2, 30)
        assert [[repr(d) for d in row] for row in result.jacobian] == [
            [half_root, "-1"],
            ["0.5", digits(mp.sqrt(3), 30)],
        ]


def test_higher_order_where_sides_agree() -> None:
    f = adcli.formula("max(x,0)^3 + abs(x)^3 + x^2/3").precise(25)
    assert repr(f.hessian(x=0)["x", "x"]) == digits(exactly(lambda: mpf(2) / 3), 25)
    g = adcli.formula("max(x,0) - max(-x,0) + exp(x)/3").precise(25)
    assert [repr(c) for c in g.taylor({"x": 0}, None, 2).coefficients] == [
        digits(exactly(lambda k=k: mpf(k) / 6), 25) for k in (2, 8, 1)
    ]


def test_x_to_constant_powers_at_zero() -> None:
    result = adcli.formula("x^1 + x^2*y^0 + x^2.5").precise(20).hessian(x=0, y=3)
    assert [result["x", "x"], result["x", "y"], result.gradient["x"]] == [2, 0, 1]


def test_python_functions() -> None:
    f = adcli.record(lambda x: x * x / 3 if x > 0.2 else x).precise(30)
    assert repr(f.gradient(x=0.5).value) == digits(exactly(lambda: mpf(1) / 12), 30)


def test_domain_errors_are_those_of_floats() -> None:
    for text, where in (("ln(x)", "x=-1"), ("sqrt(x-3)", "x=1"), ("x/0", "x=0"), ("x^0.5", "x=-2")):
        f = adcli.formula(text)
        with pytest.raises(DomainError) as plain:
            f.gradient(at(where))
        with pytest.raises(DomainError) as fine:
            f.precise(30).gradient(at(where))
        assert str(fine.value).partition("\nwith --limit")[0].splitlines()[:3] == str(plain.value).splitlines()[:3]
    assert adcli.formula("sqrt(x-0.3)").precise(30)({"x": 0.3}) == 0
    assert adcli.formula("sqrt(x)").precise(30)(at("x=0.1+0.2-0.3")) == 0


def test_what_is_undefined_stays_so() -> None:
    result = adcli.formula("floor(x)*y").precise(20).gradient(x=2, y=3)
    assert result.gradient == {"x": None, "y": 2}
    assert [note.kind for note in result.notes] == ["jump"]
    assert not result.complete
    assert adcli.formula("sqrt(x)").precise(20).gradient(x=0).gradient == {"x": float("inf")}


def test_a_zero_before_an_infinite_slope() -> None:
    f = adcli.formula("cbrt(floor(min(x, relu(step(y)))))")
    assert f.precise(20).gradient(x=2, y=-0.25).gradient == f.gradient(x=2, y=-0.25).gradient


def test_vectors_are_what_was_typed() -> None:
    where = at("x=1")
    product = adcli.formula("x").precise(30).jvp(where, at("x=pi/3").values)
    assert repr(product.product["y"]) == repr(product.vector["x"]) == digits(exactly(lambda: mp.pi / 3), 30)


def test_numbers_in_files_are_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text('{"x": 0.1234567890123456789012345, "y": [-0.1, "pi"]}', "utf-8")
    result = adcli.formula("[x, y[1], y[2]]").precise(25).values(at(f"@{path}"))[0]
    assert [repr(x) for x in result.value.values()] == [
        "0.1234567890123456789012345", "-0.1", digits(exactly(lambda: +mp.pi), 25)
    ]  # fmt: skip


def test_notes_on_the_range_of_floats_are_left_out() -> None:
    assert adcli.formula("ln(1+exp(x))").precise(20).gradient(x=1000).notes == ()
    assert adcli.formula("ln(1+exp(x))").gradient(x=1000).notes != ()


def test_out_of_reach() -> None:
    with pytest.raises(LimitError):
        adcli.formula("sin(exp(exp(exp(x))))").precise(20)(x=10)
    with pytest.raises(UsageError, match="limit"):
        adcli.formula("sin(x)/x").precise(20).values(at("x=0"), limit=True)


# -- the command line -------------------------------------------------------------------------------------------------
COMMANDS = [
    ("grad", "x/3", "--at", "x=1"),
    ("eval", "x/3", "--at", "x=1"),
    ("jacobian", "[x/3, x]", "--at", "x=1"),
    ("jvp", "x/3", "--at", "x=1", "--tangent", "x=1"),
    ("vjp", "x/3", "--at", "x=1", "--cotangent", "y=1"),
    ("hessian", "x^2/3", "--at", "x=1"),
    ("hvp", "x^2/3", "--at", "x=1", "--vector", "x=1"),
    ("partial", "x^2/6", "--at", "x=1", "--wrt", "x"),
    ("taylor", "x/3", "--at", "x=1"),
]
THIRD = "0." + 25 * "3"


@pytest.mark.parametrize("args", COMMANDS, ids=lambda args: args[0])
def test_every_command_shows_the_digits(args: tuple[str, ...]) -> None:
    status, out, err = run([*args, "--precise", "25", "--format", "json"])
    assert (status, err) == (0, "")
    data = json.loads(out)
    assert f'"{THIRD}"' in out
    assert THIRD + "3" not in out
    assert data["at"] == {"x": "1"}


@pytest.mark.parametrize("format_", ["table", "plain", "csv", "markdown", "latex", "jsonl"])
def test_every_format_shows_the_digits(format_: str) -> None:
    status, out, err = run(["grad", "x/3", "--at", "x=1", "--precise", "25", "--digits", "5", "--format", format_])
    assert (status, err) == (0, "")
    assert out.count(THIRD) == 2
    assert THIRD + "3" not in out


def test_a_number_beyond_floats_in_json() -> None:
    _, out, _ = run(["grad", "exp(x)", "--at", "x=1000", "--precise", "5", "--format", "json"])
    assert json.loads(out)["value"] == "1.9701e+434"
    _, out, _ = run(["grad", "sqrt(x)", "--at", "x=0", "--precise", "5", "--format", "json"])
    assert json.loads(out)["gradient"] == {"x": "Infinity"}


def test_options_that_do_not_go_together() -> None:
    for option in ("--trace", "--limit"):
        status, out, err = run(["grad", "x", "--at", "x=1", "--precise", "20", option])
        assert (status, out) == (2, "")
        assert f"leave out {option}" in err
    status, _, err = run(["diff", "x", "--wrt", "x", "--precise", "20"])
    assert status == 2


@pytest.mark.parametrize(
    "calculate",
    [
        lambda f: f.trace(x=2),
        lambda f: f.batch(x=[1.0, 2.0]),
        lambda f: f.compile(),
        lambda f: f.derivative("x"),
        lambda f: f.steps("x"),
        lambda f: f.cost("x"),
        lambda f: f.check(x=2),
        lambda f: f.step_sweep({"x": 2}),
        lambda f: f.grade({"x": 2}, {"x": "2x"}),
        lambda f: f.same_as("x*x"),
        lambda f: adcli.formula("x*x").same_as(f),
    ],
    ids=[
        "trace",
        "batch",
        "compile",
        "derivative",
        "steps",
        "cost",
        "check",
        "step_sweep",
        "grade",
        "same_as",
        "other",
    ],
)
def test_what_is_not_calculated_in_n_digits_is_refused(calculate: Callable[[adcli.Formula], Any]) -> None:
    calculate(adcli.formula("x^2"))
    for f in (adcli.formula("x^2"), adcli.record(lambda x: x * x)):
        with pytest.raises(UsageError, match="is calculated in double precision, not in 30 digits") as caught:
            calculate(f.precise(30))
        assert "gradient, jacobian, jvp, vjp, hessian, hvp, taylor and partial" in caught.value.hint


def test_a_precise_formula_is_pickled_with_its_digits() -> None:
    f = pickle.loads(pickle.dumps(adcli.formula("sqrt(x)").precise(30)))
    assert f.digits == 30
    assert repr(f(x=2)) == "1.41421356237309504880168872421"
    assert repr(adcli.formula("x^2").derivative("x").precise(20)(x=0.1)) == "0.2"


def test_without_mpmath_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['mpmath'] = sys.modules['mpmath.ctx_mp'] = None\n"
        "from adcli.cli import main; main(['grad', 'x', '--at', 'x=1', '--precise', '20'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'adcli[precise]'" in done.stderr


# -- numbers from Python are taken exactly -----------------------------------------------------------------------------
def ratio(x: Any) -> Any:
    numerator, denominator = x.as_integer_ratio()
    return mpf(numerator) / denominator


class _Sevenths(Fraction):
    """A number of a type that only tells its ratio."""


ALL_DIGITS = "0.1234567890123456789012345678901"
GIVEN: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
    ("str", lambda: ALL_DIGITS, lambda: mpf(ALL_DIGITS)),
    ("an expression", lambda: "pi/3", lambda: mp.pi / 3),
    ("Decimal", lambda: Decimal(ALL_DIGITS), lambda: mpf(ALL_DIGITS)),
    ("Fraction", lambda: Fraction(1, 3), lambda: mpf(1) / 3),
    ("its subclass", lambda: _Sevenths(1, 7), lambda: mpf(1) / 7),
    ("mpf", lambda: mpf("0.1") / 3, lambda: mpf("0.1") / 3),
    ("constant of mpmath", lambda: mp.pi, lambda: +mp.pi),
    ("int", lambda: 2**53 + 1, lambda: mpf(2**53 + 1)),
    ("long int", lambda: -(10**30) - 1, lambda: mpf(-(10**30) - 1)),
    ("int64", lambda: np.int64(2**53 + 1), lambda: mpf(2**53 + 1)),
    ("longdouble", lambda: np.longdouble(1) / 3, lambda: ratio(np.longdouble(1) / 3)),
    ("float32", lambda: np.float32(0.1), lambda: mpf(13421773) / 2**27),
    ("array of no dimension", lambda: np.array(2**53 + 1), lambda: mpf(2**53 + 1)),
    ("float", lambda: 0.1, lambda: mpf("0.1")),
    ("float64", lambda: np.float64(0.1), lambda: mpf("0.1")),
    ("a result", lambda: adcli.formula("x").precise(35)(x=Fraction(1, 7)), lambda: mpf(1) / 7),
]


@pytest.mark.parametrize(("make", "meant"), [row[1:] for row in GIVEN], ids=[row[0] for row in GIVEN])
def test_numbers_of_every_type_are_taken_exactly(make: Callable[[], Any], meant: Callable[[], Any]) -> None:
    """In a point, a mapping, an array, and in what a product multiplies."""
    with mp.workdps(60):
        given, truth = make(), digits(meant(), 30)
        one, array, product = (adcli.formula(text).precise(30) for text in ("x", "sum(i=1..2, x[i])", "a*b"))
        assert repr(one(x=given)) == repr(one({"x": given})) == repr(array(x=[0, given])) == truth
        ones = {"a": 1, "b": 0}
        found = (
            product.jvp(ones, {"b": given}).product["y"],
            product.vjp(ones, {"y": given}).product["b"],
            product.hvp(ones, {"a": given}).product["b"],
            one.taylor({"x": 0}, {"x": given}, 1).coefficients[1],
            one.taylor({"x": given}, {"x": 1}, 1).coefficients[0],
            one.partial({"x": given}, ()).partial,
        )
        assert [*map(repr, found)] == [truth] * len(found)
        assert adcli.formula("x")(x=given) == pytest.approx(float(meant()), rel=1e-16 if given != "pi/3" else 1e-15)


@pytest.mark.parametrize(
    "given",
    [10**400, -(10**5000), Decimal("1e400"), Decimal("1e-400"), Decimal("-1e-99999999"), mpf("1e400"), mpf("1e-400"),
     "1e400", "1e-400", Fraction(1, 10**400)],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_what_is_beyond_floats_is_refused(given: Any) -> None:
    for f in (adcli.formula("x"), adcli.formula("x").precise(30)):
        with pytest.raises(AdcliError, match=r"too (large|small) for double precision"):
            f(x=given)


@pytest.mark.parametrize("given", [None, 1j, np.complex64(1j), "", "abc", "1,2", object(), [[1]], [10**5000, None]])
def test_what_is_no_number_is_refused(given: Any) -> None:
    with pytest.raises(AdcliError):
        adcli.formula("x").precise(30)(x=given)


def test_files_hold_long_numbers(tmp_path: Path) -> None:
    """Whole numbers above 2^53, and numerals of more digits than Python makes an int of."""
    long = "1." + 5000 * "3"
    point, array, numbers = tmp_path / "p.json", tmp_path / "a.json", tmp_path / "n.npy"
    point.write_text(f'{{"a": 9007199254740993, "b": {long}, "c": -0}}', "utf-8")
    array.write_text(f"[9007199254740993, {long}]", "utf-8")
    np.save(numbers, np.array([2**53 + 1]))
    f = adcli.formula("[a, b, c, x[1], x[2], n[1]]").precise(25)
    found = f.values(at(f"@{point}", f"x=@{array},n=@{numbers}"))[0]
    third = "1." + 24 * "3"
    assert [*map(repr, found.value.values())] == [
        "9007199254740993", third, "0", "9007199254740993", third, "9007199254740993"
    ]  # fmt: skip
    for wrong in ("1e400", "1e-400", "1" * 5000):
        point.write_text(f'{{"a": {wrong}}}', "utf-8")
        with pytest.raises(AdcliError, match=r"too (large|small)"):
            at(f"@{point}")


def test_results_and_points_are_pickled() -> None:
    for f in (adcli.formula("x^2/3").precise(30), adcli.record(half_cube).precise(30)):
        result = f.gradient(x=Fraction(1, 7))
        again = pickle.loads(pickle.dumps(result))
        assert (str(again), repr(again.gradient["x"])) == (str(result), repr(result.gradient["x"]))


def half_cube(x: Any) -> Any:
    return x * x * x / 2


def test_what_is_constant_does_not_meet_a_slope_without_a_value() -> None:
    f = adcli.formula("(-1.6)^trunc(z)*z").precise(20)
    assert float(f.gradient({"z": 7.2})["z"]) == pytest.approx(-(1.6**7), rel=1e-15)
    assert float(adcli.formula("x^trunc(z)").precise(20).hessian({"x": -1.6, "z": 7.2})["x", "x"]) == pytest.approx(
        -42 * 1.6**5, rel=1e-15
    )
