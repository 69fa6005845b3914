"""Second derivatives by edge pushing: symmetric, sparse, equal to forward over reverse and to mpmath."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from mpmath import mp, mpf

import adcli
from adcli import ops
from adcli.derive.hessian import seconds
from adcli.errors import AdcliError, DomainError, LimitError, UsageError
from adcli.language.nodes import Node, constant_node, postorder, variable_node
from adcli.language.reader import parse
from adcli.language.writer import to_text
from adcli.ops.op import Op
from tests.ops.test_table import REFERENCE
from tests.reference.formulas import Choices, random_formula

CASES = [
    c for c in json.loads((Path(__file__).parents[1] / "reference/cases.json").read_text("utf-8")) if c.get("hessian")
]
NAMES = ("x", "y", "z")
NUMERIC = [op for op in ops.TABLE if not op.condition and op not in (ops.polygamma, ops.besselj, ops.bessely)]
EPS = 2.0**-53


def exact_value(order: list[Node], at: dict[str, Any]) -> Any:
    values: dict[Node, Any] = {}
    for node in order:
        if node.op is not None:
            values[node] = REFERENCE[node.op.name][0](*[values[arg] for arg in node.args])
        elif node.args:
            values[node] = values[node.args[0]]
        else:
            values[node] = mpf(node.value) if node.value is not None else at[node.name]
        if isinstance(values[node], mp.mpc):
            raise ValueError
    return values[order[-1]]


def exact_hessian(node: Node, at: dict[str, float], names: tuple[str, ...]) -> list[list[Any]]:
    """Return the second derivatives by finite differences of values with 120 digits."""
    order = postorder([node])
    with mp.workdps(120):
        h = mpf(10) ** -30

        def f(**moved: int) -> Any:
            return exact_value(order, {n: mpf(x) + h * moved.get(n, 0) for n, x in at.items()})

        center = f()
        rows = [[mpf(0)] * len(names) for _ in names]
        for i, a in enumerate(names):
            rows[i][i] = (f(**{a: 1}) - 2 * center + f(**{a: -1})) / h**2
            for j, b in enumerate(names[:i]):
                total = f(**{a: 1, b: 1}) - f(**{a: 1, b: -1}) - f(**{a: -1, b: 1}) + f(**{a: -1, b: -1})
                rows[i][j] = rows[j][i] = total / (4 * h**2)
    return rows


def by_products(f: adcli.Formula, at: Any, names: tuple[str, ...]) -> list[list[float]]:
    """Return the Hessian column by column, forward over reverse."""
    columns = [f.hvp(at, {name: 1.0}).product for name in names]
    return [[column[name] or 0.0 for column in columns] for name in names]


def close(a: float, b: float, scale: float, rel: float = 1e-11) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= rel * scale


# -- the whole table --------------------------------------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.parametrize("op", NUMERIC, ids=lambda op: op.name)
def test_every_operation_with_every_repeated_argument(op: Op) -> None:
    """f(x, y), f(x, x), f(2, y) and so on, inside a larger formula: both routes and mpmath agree."""
    sample = {"x": op.sample[0], "y": (*op.sample, 0.8)[1], "z": 1.3}
    if op is ops.where:
        sample = {"x": 0.7, "y": 0.4, "z": 1.3}
    leaves = [variable_node("x"), variable_node("y"), constant_node(op.sample[-1])]
    checked = 0
    for pattern in range(len(leaves) ** op.arity):
        args = [leaves[pattern // len(leaves) ** k % len(leaves)] for k in range(op.arity)]
        if op is ops.where:
            args[0] = Node(ops.lt, (variable_node("x"), variable_node("z")))
        root = Node(ops.mul, (Node(op, tuple(args)), Node(ops.exp, (variable_node("z"),))))
        f = adcli.formula(to_text(root))
        at = {n: sample[n] for n in f.variables}
        try:
            found = f.hessian(at)
        except AdcliError:
            continue
        if found.notes:
            continue
        matrix, other = found.hessian, by_products(f, at, found.variables)
        exact = exact_hessian(root, at, found.variables)
        scale = max((abs(x) for row in matrix for x in row), default=0.0)
        scale = max(scale, abs(found.value), *map(abs, found.gradient.values()))
        for i, row in enumerate(matrix):
            for j, x in enumerate(row):
                assert x == matrix[j][i]
                assert close(x, other[i][j], scale), (str(f), i, j, x, other[i][j])
                assert close(x, float(exact[i][j]), scale), (str(f), i, j, x, exact[i][j])
        checked += 1
    assert checked or op is ops.remainder


@pytest.mark.long
def test_random_formulas_by_both_routes_and_mpmath() -> None:
    """Edge pushing and forward over reverse, in units of the larger of the entries on the way."""
    compared = against = 0
    smooth = [op for op in NUMERIC if op.domain is None and not op.edges]
    for seed in range(400):
        rng = random.Random(seed)
        node = random_formula(
            Choices(rng.randbytes(200)), 1 + rng.randrange(9), NAMES,
            [*smooth, *NUMERIC, ops.mul, ops.mul, ops.div, ops.pow_, ops.where],
            lambda c: constant_node(c.one([2.0, 0.5, 3.0, -1.5])),
        )  # fmt: skip
        f = adcli.formula(to_text(node))
        at = {name: rng.uniform(0.2, 2.2) for name in f.variables}
        try:
            found = f.hessian(at)
        except DomainError:
            continue
        numbers = [x for row in found.hessian for x in row]
        if found.notes or not numbers or not all(map(math.isfinite, numbers)):
            continue
        assert all(found.hessian[i][j] == found.hessian[j][i] for i in range(len(at)) for j in range(i))
        scale = max(map(abs, (found.value, *found.gradient.values(), *numbers)))
        other = [x for row in by_products(f, at, found.variables) for x in row]
        assert all(close(a, b, scale, 1e-10) for a, b in zip(numbers, other, strict=True)), (seed, str(f), at)
        compared += 1
        if against < 80:
            try:
                exact = [float(x) for row in exact_hessian(node, at, found.variables) for x in row]
            except (ValueError, ZeroDivisionError, TypeError, OverflowError):
                continue
            assert all(close(a, b, scale, 1e-8) for a, b in zip(numbers, exact, strict=True)), (seed, str(f), at)
            against += 1
    assert compared > 150
    assert against == 80


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_published_hessian(case: dict[str, Any]) -> None:
    f = adcli.formula(case["formula"])
    names = tuple(case["grad"])
    found = f.hessian(case["at"], wrt=names).hessian
    if case.get("id") == "softplus1000":  # exp(1000) overflows; the formula is said to have no value
        assert math.isnan(found[0][0]) or found[0][0] == 0
        return
    biggest = max(abs(x) for row in case["hessian"] for x in row)
    for row, expected in zip(found, case["hessian"], strict=True):
        assert row == pytest.approx(expected, rel=1e-12, abs=1e-12 * biggest)
    assert by_products(f, case["at"], names) == [pytest.approx(row, rel=1e-9, abs=1e-12 * biggest) for row in found]


# -- by hand ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("x*x", {"x": 3}, [[2]]),
        ("x*x*x", {"x": 3}, [[18]]),
        ("x/x", {"x": 3}, [[0]]),
        ("x^x", {"x": 1}, [[2]]),
        ("x^3", {"x": 0}, [[0]]),
        ("x^2", {"x": 0}, [[2]]),
        ("x^1", {"x": 0}, [[0]]),
        ("x^0", {"x": 0}, [[0]]),
        ("x^2*y", {"x": 0, "y": 5}, [[10, 0], [0, 0]]),
        ("x^3*y^2", {"x": 0, "y": 0}, [[0, 0], [0, 0]]),
        ("atan2(x, x)", {"x": 2}, [[0]]),
        ("hypot(x, x)", {"x": 2}, [[0]]),
        ("hypot(x, 3)", {"x": 4}, [[9 / 125]]),
        ("fma(x, x, x)", {"x": 2}, [[2]]),
        ("fma(x, y, x*y)", {"x": 2, "y": 3}, [[0, 2], [2, 0]]),
        ("clamp(x^2, 0, 10)", {"x": 2}, [[2]]),
        ("clamp(x^2, 0, 1)", {"x": 2}, [[0]]),
        ("where(x > y, x^2, y^3)", {"x": 2, "y": 1}, [[2, 0], [0, 0]]),
        ("where(x > y, x^2, y^3)", {"x": 0, "y": 1}, [[0, 0], [0, 6]]),
        ("if x > 0 then ln(x)*y else x*y^2", {"x": -1, "y": 3}, [[0, 6], [6, -2]]),
        ("if sin(x) > 0 then x^2 else y", {"x": 1, "y": 3}, [[2, 0], [0, 0]]),
        ("max(x, 0)^3 + x^2*y", {"x": 0, "y": 5}, [[10, 0], [0, 0]]),
        ("a = x*y; a*a", {"x": 2, "y": 3}, [[18, 24], [24, 8]]),
        ("x + y", {"x": 2, "y": 3}, [[0, 0], [0, 0]]),
        ("5", {}, []),
    ],
)
def test_by_hand(text: str, at: dict[str, float], expected: list[list[float]]) -> None:
    f = adcli.formula(text)
    assert f.hessian(at).hessian == [pytest.approx(row, rel=1e-14, abs=1e-15) for row in expected]
    assert by_products(f, at, f.hessian(at).variables) == [pytest.approx(row, rel=1e-14, abs=1e-15) for row in expected]


@pytest.mark.parametrize("op", ["tanh", "coth", "sech", "erf", "sigmoid", "atan", "softplus", "asinh"])
@pytest.mark.parametrize("x", [40.0, 400.0, 800.0, 1e160])
def test_what_is_flat_far_out_is_not_nan_there(op: str, x: float) -> None:
    f = adcli.formula(f"{op}(x)")
    with mp.workdps(1000 if x < 1e3 else 30):
        exact = float(mp.diff(REFERENCE[op][1][0], mpf(x))) if x < 1e3 and op not in ("erf",) else 0.0  # type: ignore[arg-type]
    for got in (f.hessian(x=x).hessian[0][0], f.hvp({"x": x}, {"x": 1.0})["x"]):
        assert got == pytest.approx(exact, rel=1e-10, abs=1e-300)


def test_only_entries_that_can_differ_from_zero_are_stored() -> None:
    found = adcli.formula("sum(i=1..99, x[i]*x[i+1]^2)").hessian(x=[1.0] * 100)
    assert set(found.entries) == {(i + 1, i) for i in range(99)} | {(i, i) for i in range(1, 100)}
    assert found.hessian[5][5] == 2 * found["x[5]", "x[6]"] / 2
    assert found["x[1]", "x[50]"] == 0.0
    assert all(i >= j for i, j in found.entries)


def test_wrt_chooses_rows_and_columns_in_its_order() -> None:
    f = adcli.formula("x^2*y + z^3")
    found = f.hessian(x=2, y=3, z=4, wrt=["z", "x"])
    assert found.variables == ("z", "x")
    assert found.hessian == [[24, 0], [0, 6]]
    assert found.gradient == {"z": 48, "x": 12}


def test_a_product_with_a_vector_is_the_sum_of_columns() -> None:
    f = adcli.formula("sin(u*y) + x[1]^2*x[2]*y")
    at = {"u": 0.7, "y": 1.2, "x": [2.0, 3.0]}
    full = f.hessian(at)
    product = f.hvp(at, {"y": 2.0, "x": [1.0, -1.0]})
    vector = {"y": 2.0, "x[1]": 1.0, "x[2]": -1.0}
    for name in full.variables:
        exact = sum(full[name, other] * v for other, v in vector.items())
        assert product[name] == pytest.approx(exact, rel=1e-14, abs=1e-15)
    assert f.hvp(at, {}).product == dict.fromkeys(full.variables, 0.0)
    assert adcli.formula("max(x, 0)^3 + x^2*y").hvp({"x": 0, "y": 5}, {"x": 3.0}).product == {"x": 30, "y": 0}
    with pytest.raises(UsageError, match="z is not a variable"):
        f.hvp(at, {"z": 1.0})


def test_second_derivatives_of_an_operation_that_are_zero_are_left_out() -> None:
    assert [(m, n) for m, n, _ in seconds(ops.mul, True, True)] == [(1, 0)]
    assert [(m, n) for m, n, _ in seconds(ops.div, True, True)] == [(1, 0), (1, 1)]
    assert [(m, n) for m, n, _ in seconds(ops.div, True, False)] == []


def test_infinite_second_derivatives_are_noted() -> None:
    for text in ("sqrt(x)", "x^1.5", "cbrt(x)"):
        f = adcli.formula(text)
        found, along = f.hessian(x=0), f.hvp({"x": 0}, {"x": 1.0})
        assert not math.isfinite(found.hessian[0][0])
        assert str(found.hessian[0][0]) == str(along["x"])
        assert "pole" in {n.kind for n in found.notes}
        assert "pole" in {n.kind for n in along.notes}


def test_of_what_has_no_value_there_is_no_second_derivative() -> None:
    f = adcli.formula("sin(exp(x))")
    assert math.isnan(f.hessian(x=1000).hessian[0][0])
    assert math.isnan(f.hvp({"x": 1000}, {"x": 1.0})["x"] or 0)


@pytest.mark.parametrize("text", ["floor(x)*x", "sign(x - 1)", "mod(x, 1)"])
def test_a_jump_has_no_second_derivative(text: str) -> None:
    f = adcli.formula(text)
    for call in (lambda: f.hessian(x=1), lambda: f.hvp({"x": 1}, {"x": 1.0})):
        with pytest.raises(DomainError, match="jumps"):
            call()
    assert f.hessian(x=1.25).complete


def test_edges_are_looked_into_for_30_variables_at_most() -> None:
    for n, error, says in ((30, DomainError, "has a kink"), (31, LimitError, "for 30 variables at most")):
        with pytest.raises(error, match=says):
            adcli.formula(f"sum(i=1..{n}, x[i]*abs(x[i]))").hessian({f"x[{i + 1}]": 0.0 for i in range(n)})


def test_gradient_and_value_are_those_of_gradient() -> None:
    f = adcli.formula("exp(x*y)/(1 + z^2) - x")
    at = {"x": 0.3, "y": -0.4, "z": 2.0}
    found, first = f.hessian(at), f.gradient(at, mode="reverse")
    assert found.gradient == first.as_dict()
    assert found.value == first.value
    assert adcli.formula("max(x, 0)^3 + 3*x").hessian(x=0).gradient == {"x": 3}
    assert adcli.formula("if x > 0 then x^2 else y").hessian(x=1, y=2).gradient == {"x": 2, "y": 0}


def test_a_deep_formula_does_not_recurse() -> None:
    f = adcli.Formula(
        parse("y = x; " + "; ".join(["y1 = sin(x)"] + [f"y{k + 1} = sin(y{k})" for k in range(1, 5000)]) + "; y5000")
    )
    assert math.isfinite(f.hessian(x=1).hessian[0][0])
    assert f.hvp({"x": 1}, {"x": 1.0})["x"] == pytest.approx(f.hessian(x=1).hessian[0][0], rel=1e-9)
