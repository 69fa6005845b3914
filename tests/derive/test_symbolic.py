"""Derivatives as formulas: right, simplified, read again as themselves; branches; what they cost."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from typing import Any

import pytest
import sympy as sp
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.derive.symbolic import written_out
from adcli.errors import AdcliError, DomainError
from adcli.language.nodes import Node, constant_node, postorder
from adcli.language.reader import parse
from adcli.language.simplify import simplify
from adcli.language.writer import to_text
from tests.reference.formulas import Choices, random_formula, same, smooth_formula
from tests.test_accuracy import EPS, path_sums

NAMES = ("x", "y", "z")
TEXTBOOK = [
    "x^5", "1/x", "sqrt(x)", "exp(-x^2/2)", "ln(x)", "sin(x)^2", "x*sin(x)", "tan(x)", "asin(x/3)", "atan(2*x)",
    "sinh(x)*cosh(x)", "tanh(x*y)", "x^y", "y^x", "x^x", "ln(sin(x))", "exp(sin(exp(x)))", "(x^2+1)/(x^2-3)",
    "sqrt(x^2+y^2)", "x*y^2*exp(-x*y)", "ln(x)/x", "(1+1/x)^x", "erf(x)", "atan(y/x)", "acosh(x+2)",
    "4*(cos(x)+2*x-exp(x))^2", "(12-x*exp(y))/(45+x*y*exp(-x))",
]  # fmt: skip


def cli(*args: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "adcli", *args], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def kind(x: float | None) -> str:
    if x is None or x != x:
        return "nan"
    return "inf" if math.isinf(x) else "zero" if x == 0 else "finite"


def at_point(f: adcli.Formula, at: dict[str, float]) -> float:
    return float(f({n: at[n] for n in f.variables}))


# -- right ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", TEXTBOOK)
def test_equal_to_sympy(text: str) -> None:
    x, y = sp.symbols("x y")
    their = sp.sympify(text.replace("^", "**").replace("ln(", "log("), locals={"x": x, "y": y})
    f = adcli.formula(text)
    at = {"x": 1.25, "y": 0.75}
    for name in f.variables:
        for wrt in ((name,), (name, name), (name, f.variables[0])):
            exact = sp.diff(their, *(sp.Symbol(n) for n in wrt)).evalf(
                40, subs={"x": sp.Rational(5, 4), "y": sp.Rational(3, 4)}
            )
            assert at_point(f.derivative(*wrt), at) == pytest.approx(float(exact), rel=2e-13, abs=1e-13), wrt


def test_random_formulas_evaluate_to_the_reverse_gradient() -> None:
    checked = 0
    for seed in range(300):
        node, at = smooth_formula(seed)
        f = adcli.formula(to_text(node))
        point = {n: at[n] for n in f.variables}
        try:
            reverse = f.gradient(point, mode="reverse")
        except DomainError:
            continue
        if reverse.notes or not reverse.complete:
            continue
        if any(part.op is ops.sinc for part in postorder([node])):  # (cos(x) - sinc(x))/x loses digits near 0
            continue
        paths = path_sums(f, at)
        for name in f.variables:
            try:
                symbolic = at_point(f.derivative(name), at)
            except DomainError:
                pytest.fail(f"{seed} {f} at {point} by {name}")
            assert kind(symbolic) == kind(reverse[name]), (seed, str(f), point, name, symbolic, reverse[name])
            assert abs(symbolic - (reverse[name] or 0.0)) <= 256 * EPS * paths[name] + 1e-300, (seed, str(f), name)
            checked += 1
    assert checked > 200


def test_second_derivatives_equal_the_hessian() -> None:
    for text in TEXTBOOK:
        f = adcli.formula(text)
        at = {n: {"x": 1.25, "y": 0.75}[n] for n in f.variables}
        full = f.hessian(at)
        scale = max(abs(x) for row in full.hessian for x in row) or 1.0
        for a in f.variables:
            for b in f.variables:
                assert at_point(f.derivative(a, b), at) == pytest.approx(full[a, b], abs=1e-12 * scale, rel=1e-12)


# -- text -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", [*TEXTBOOK, "if x > 0 then sqrt(x)*y else abs(x)", "max(x, y)*clamp(x, 0, y)", "x[1]*x[2]^2"]
)
def test_what_is_printed_is_read_as_the_same(text: str) -> None:
    f = adcli.formula(text)
    name = "x" if "x" in f.script.variables else "x[1]"
    found = f.derivative(name, integers={"x": [1, 2]} if "[" in text else None)
    one = written_out(found.script)
    again = parse(one)
    (node,) = again.outputs.values()
    assert to_text(node) == one
    assert same(node, next(iter(parse(to_text(node)).outputs.values())))
    named = parse("\n".join((*found.lines[:-1], found.lines[-1].partition(" = ")[2])))
    assert str(adcli.Formula(named)) == str(found)
    assert same(next(iter(named.outputs.values())), node, expanded=True)


def test_random_derivatives_are_read_as_the_same() -> None:
    numbers = [op for op in ops.TABLE if not op.condition]
    read = 0
    for seed in range(300):
        rng = random.Random(seed)
        node = random_formula(
            Choices(rng.randbytes(200)),
            1 + rng.randrange(7),
            NAMES,
            numbers,
            lambda c: constant_node(c.one([0.0, -1.0, 2.0, 0.5, -0.0])),
        )
        f = adcli.formula(to_text(node))
        for name in f.variables:
            one = written_out(f.derivative(name).script)
            assert to_text(next(iter(parse(one).outputs.values()))) == one
            read += 1
    assert read > 200


@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("x^2", "x", "2*x"),
        ("3*x + y", "x", "3"),
        ("y", "y", "1"),
        ("x*y", "x", "y"),
        ("exp(x)", "x", "exp(x)"),
        ("sin(x)", "xx", "-sin(x)"),
        ("(x+y)*y", "y", "x + y + y"),
        ("ln(x)", "x", "1/x"),
        ("x/y", "x", "1/y"),
        ("x - 2*y", "y", "-2"),
        ("-x", "x", "-1"),
        ("x^y", "x", "y*x^(y - 1)"),
        ("cos(x)", "x", "-sin(x)"),
    ],
)
def test_simplified(text: str, wrt: str, expected: str) -> None:
    found = written_out(adcli.formula(text).derivative(*wrt).script)
    assert found in (expected, expected.replace("x + y + y", "y + x + y"), expected.replace("x + y + y", "y + (x + y)"))


def test_products_with_zero_and_parts_without_the_variable_are_not_explored() -> None:
    f = adcli.formula("0*x + y*gamma(z) + x*ln(w)")
    assert str(f.derivative("x")) == "ln(w)"
    assert f.derivative("x").variables == ("w",)
    assert written_out(adcli.formula("5*y + x").derivative("x").script) == "1"
    assert str(adcli.formula("x + y").derivative("x", "y")) == "0"


def test_what_divides_a_choice_is_not_evaluated_where_that_is_zero() -> None:
    (node,) = parse("(if x > 0 then sqrt(x) else 0)/y").outputs.values()
    assert to_text(simplify(node)) == "if x > 0 then sqrt(x)/y else 0"


# -- branches ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("if x > 0 then sqrt(x) else 0", -1.0, 0.0),
        ("if x > 0 then sqrt(x) else 0", 4.0, 0.25),
        ("exp(if x > 0 then ln(x) else 2)*3", -1.0, 0.0),
        ("exp(if x > 0 then ln(x) else 2)*3", 5.0, 3.0),
        ("if x > 0 then ln(x)*x else x^2", -3.0, -6.0),
        ("2*(if x > 0 then sqrt(x) else 0)/x", -3.0, 0.0),
        ("sqrt(2*(if x > 0 then x else 0))", -3.0, 0.0),
        ("where(x > 0, sqrt(x), 1) + where(x > 0, 1, x)", -3.0, 1.0),
        ("if x > 0 then (if x > 1 then sqrt(x - 1) else ln(x)) else 7*x", -2.0, 7.0),
        ("if x > 0 then (if x > 1 then sqrt(x - 1) else ln(x)) else 7*x", 0.5, 2.0),
        ("max(x, 2*x)*relu(x)", 3.0, 12.0),
    ],
)
def test_the_branch_not_taken_is_not_evaluated(text: str, x: float, expected: float) -> None:
    f = adcli.formula(text)
    assert at_point(f.derivative("x"), {"x": x}) == pytest.approx(expected, rel=1e-15)
    assert f.gradient(x=x)["x"] == pytest.approx(expected, rel=1e-15)


@pytest.mark.long
@pytest.mark.parametrize("depth", [30, 300, 2000])
def test_choices_in_choices_do_not_recurse(depth: int) -> None:
    text = "x"
    for k in range(depth):
        text = f"(if x > {k} then 0 else {text}*1.0009765625)"
    f = adcli.formula(text)
    assert at_point(f.derivative("x"), {"x": -1.0}) == pytest.approx(1.0009765625**depth, rel=1e-12)
    assert at_point(f.derivative("x"), {"x": depth + 5.0}) == 0


@pytest.mark.long
def test_a_deep_formula_does_not_recurse() -> None:
    text = "y0 = x*z; " + "; ".join(f"y{k + 1} = sin(y{k})" for k in range(2000)) + "; y2000"
    f = adcli.formula(text)
    at = {"x": 1.0, "z": 0.5}
    assert at_point(f.derivative("x"), at) == pytest.approx(f.gradient(at)["x"], rel=1e-10)
    inexact = "0.1*(" * 2000 + "x" + ")" * 2000
    assert at_point(adcli.formula(f"x*({inexact})*1e300").derivative("x"), {"x": 1.0}) == 0.0


# -- at the terminal --------------------------------------------------------------------------------------------------
def test_no_derivative_where_there_is_no_value() -> None:
    status, out, err = cli("diff", "ln(x)", "--wrt", "x", "--at", "x=-1")
    assert (status, out) == (1, "")
    assert "ln is undefined at x = -1" in err
    assert "^^^^^" in err


def test_diff_evaluates_at_a_point() -> None:
    status, out, _ = cli("diff", "x^3*sin(x*y)", "--wrt", "x", "--wrt", "y", "--at", "x=1,y=2", "-f", "json")
    data = json.loads(out)
    with mp.workdps(30):
        exact = mp.diff(lambda x, y: x**3 * mp.sin(x * y), (1, 2), (1, 1))
    assert status == 0
    assert data["value"] == pytest.approx(float(exact), rel=1e-14)
    assert data["wrt"] == ["x", "y"]
    again = cli("eval", data["derivative"], "--at", "x=1,y=2", "-f", "json")[1]
    assert json.loads(again)["value"] == data["value"]


def test_an_overflow_in_the_derivative_is_noted() -> None:
    """The formula x/(x^2 + y^2) overflows where atan2 and its slope do not."""
    status, out, err = cli("diff", "atan2(y, x)", "--wrt", "y", "--at", "x=1e200,y=1e200", "-f", "json")
    assert (status, json.loads(out)["value"]) == (0, 0)
    assert [n["kind"] for n in json.loads(out)["notes"]][:1] == ["overflow"]
    assert "overflows" in err


def test_cse_gives_a_script_of_the_same_value() -> None:
    _, named, _ = cli("diff", "tanh(w*x+b)*exp(w*x+b)", "--wrt", "x", "--cse")
    _, plain, _ = cli("diff", "tanh(w*x+b)*exp(w*x+b)", "--wrt", "x")
    assert "t1 = " in named
    assert "t1" not in plain
    at = {"w": 0.3, "x": 1.1, "b": -0.2}
    script = adcli.formula(named.strip())
    assert script(at) == adcli.formula(plain.strip())(at)
    assert script(at) == pytest.approx(adcli.formula("tanh(w*x+b)*exp(w*x+b)").gradient(at)["x"], rel=1e-14)


def test_names_that_are_taken_are_not_given_again() -> None:
    f = adcli.formula("exp(t1*s)*sin(t1*s)*u2")
    found = f.derivative("s")
    assert not {"t1", "u2", "s"} & found.script.definitions.keys()
    at = {"t1": 0.3, "s": 1.1, "u2": -0.2}
    assert found(at) == pytest.approx(f.gradient(at)["s"], rel=1e-14)


def test_sums_are_differentiated_once_their_bounds_are_known() -> None:
    f = adcli.formula("sum(i=1..n, x[i]^3)")
    assert written_out(f.derivative("x[2]", integers={"n": 3}).script) == "3*x[2]^2"
    with pytest.raises(AdcliError, match="needs the value of n"):
        f.derivative("x[2]")
    status, out, err = cli("diff", "sum(i=1..n, x[i]^3)", "--wrt", "x[2]", "--at", "n=3")
    assert (status, out.strip(), err) == (0, "3*x[2]^2", "")
    status, out, _ = cli("diff", "sum(i=1..n, x[i]^3)", "--wrt", "x[2]", "--at", "n=3,x=[1,2,3]", "-f", "json")
    assert json.loads(out)["value"] == 12


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: adcli.formula("[x, x^2]").derivative("x"), "the formula has several outputs"),
        (lambda: adcli.formula("[x, x^2]").cost("x"), "the formula has several outputs"),
        (lambda: adcli.formula("x^2").derivative("z"), "the formula has no variable z"),
        (lambda: adcli.formula("x[1]*x[2]").derivative("x"), "a derivative is by single variables"),
        (
            lambda: adcli.record(lambda x: [x, x * x]).derivative("x", integers={"x": 2}),
            "the formula has several outputs",
        ),
    ],
)
def test_refusals(call: Any, says: str) -> None:
    with pytest.raises(AdcliError, match=says):
        call()


# -- cost -------------------------------------------------------------------------------------------------------------
def naive_size(node: Node, name: str) -> tuple[int, int]:
    """Return the number of operations of a formula of + * sin exp, and of its derivative by the rules alone.

    (a+b)' = a'+b', which the chain writes a'*1 + b'*1; (a*b)' = a'*b + b'*a; sin(a)' = a'*cos(a); exp(a)' = a'*exp(a).
    """
    if node.op is None:
        return 0, 0
    sizes = [naive_size(arg, name) for arg in node.args]
    moving = [any(n.name == name and n.op is None for n in postorder([arg])) for arg in node.args]
    own = 1 + sum(s for s, _ in sizes)
    terms = 0
    for k, (_, slope) in enumerate(sizes):
        if moving[k]:
            partial = {"add": 0, "mul": sizes[1 - k][0] if node.op is ops.mul else 0, "sin": own, "exp": own}[
                node.op.name
            ]
            terms += slope + 1 + partial
    return own, terms + max(0, sum(moving) - 1)


@pytest.mark.parametrize(
    "text", ["x*x", "sin(x*y) + x", "exp(sin(x)*x)*x", "x*exp(x)*sin(x + exp(x))", "y*sin(y) + x*y"]
)
def test_the_naive_size_is_that_of_an_independent_count(text: str) -> None:
    found = adcli.formula(text).cost("x", 1)
    (node,) = parse(text).outputs.values()
    own, slope = naive_size(node, "x")
    assert found.naive == (own, slope)


def test_expression_swell_is_made_visible() -> None:
    found = adcli.formula("tanh(w*x+b)*exp(x)/(1 + exp(-2*(w*x+b)))").cost("x", 4)
    for k in range(1, 5):
        assert found.naive[k] > found.naive[k - 1]
        assert found.naive[k] > found.simplified[k] >= found.shared[k]
        assert found.forward[k] > found.forward[k - 1]
        assert found.reverse[k] > found.reverse[k - 1]
    assert found.naive[4] > 100 * found.shared[1] > found.forward[1]
    assert found.shared[4] < found.simplified[4] / 10
    assert "naive" in repr(found)
    status, out, _ = cli("diff", "sin(x)*exp(x)", "--wrt", "x", "--cost", "3", "-f", "json")
    assert status == 0
    assert [len(json.loads(out)[k]) for k in ("naive", "simplified", "shared", "forward", "reverse")] == [4] * 5
    status, _, err = cli("diff", "sum(i=1..n, x[i]^2)", "--wrt", "x[1]", "--cost", "2", "--at", "n=3")
    assert (status, err) == (0, "")


def test_article_d2_and_e() -> None:
    found = adcli.formula("g = cos(x) + 2*x - exp(x); 4*g^2").derivative("x")
    with mp.workdps(30):
        x = mpf("0.7")
        exact = 4 * (2 * x - mp.exp(x) + mp.cos(x)) * (-2 * mp.exp(x) - 2 * mp.sin(x) + 4)
    assert found(x=0.7) == pytest.approx(float(exact), rel=1e-14)
    assert adcli.formula("(x+y)*y").derivative("y")(x=3, y=5) == 13
    z = adcli.formula("(12 - x*exp(y))/(45 + x*y*exp(-x))")
    assert z.derivative("x")(x=3, y=5) == pytest.approx(-3.34729777301069, rel=1e-14)
    assert z.derivative("y")(x=3, y=5) == pytest.approx(-9.70176956641438, rel=1e-14)


def test_the_sign_of_a_zero_counts_in_copysign() -> None:
    """copysign(x, 0) is |x|: its slope at 2 is 1, by the accurate slope and by the rule."""
    f = adcli.formula("copysign(x, 0)*x")
    assert f.gradient(x=2)["x"] == 4
    assert f.derivative("x")(x=2) == 4
    assert f.hessian(x=2)["x", "x"] == 2


# -- the script is built, with a text and places in it ----------------------------------------------------------------
@pytest.mark.parametrize(
    "text", [*TEXTBOOK, "max(x, y)*clamp(x, 0, y)", "x[1]*x[2]^2*x[1]", "pi*x^2 + e^x", "t1*exp(x*t1)"]
)
def test_a_derivative_is_the_script_that_its_text_says(text: str) -> None:
    f = adcli.formula(text)
    name = "x" if "x" in f.script.variables else "x[1]"
    built = f.derivative(name, integers={"x": [1, 2]} if "[" in text else None).script
    read = parse(built.text)
    assert (read.variables, read.arrays, read.constants) == (built.variables, built.arrays, built.constants)
    assert [*read.definitions] == [*built.definitions]
    assert [*read.outputs] == [*built.outputs]
    for name, node in {**built.definitions, **built.outputs}.items():
        theirs = {**read.definitions, **read.outputs}[name]
        assert to_text(node) == to_text(theirs)
        assert same(node, theirs, expanded=True) or built.arrays  # an element is a variable here, an index there
        places = {(n.start, n.end) for n in postorder([theirs]) if n.op}
        assert {(n.start, n.end) for n in postorder([node]) if n.op} <= places


def test_an_error_in_a_derivative_is_underlined() -> None:
    with pytest.raises(DomainError, match=r"t2 = 0\.5/t1\n +\^{6}\n"):
        adcli.formula("sqrt(x)*sin(sqrt(x))").derivative("x")(x=0)
