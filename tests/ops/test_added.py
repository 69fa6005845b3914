"""An operation added by one entry of the table is answered, or refused in words, by every engine."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pytest
from click.testing import CliRunner
from mpmath import mp, mpf

import adcli
import adcli.math
from adcli import ops
from adcli.cli import cli
from adcli.cli.options import complete_function
from adcli.cli.session import Session
from adcli.draw.explain import explain
from adcli.draw.javascript import functions, missing
from adcli.draw.page import page
from adcli.errors import AdcliError, DomainError, UsageError
from adcli.language.point import as_point
from adcli.ops import table
from adcli.ops.op import BY_NAME, OPERATIONS, Op, register
from adcli.show.style import Style
from tests.check.test_peers import EACH
from tests.draw.test_explain import browser  # noqa: F401  # a fixture

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


class Case(NamedTuple):
    """An entry, a call of the operation, the same in operations that were there, a point, and mpmath's value."""

    entry: str
    call: str
    same: str
    at: dict[str, float]
    exact: Callable[..., Any]


CASES = (
    Case(
        *re.findall(r"^versin = Op\(.*$", README, re.M),
        "versin(x)", "1 - cos(x)", {"x": 0.7}, lambda x: 1 - mp.cos(x),
    ),
    Case(
        'harmonic = Op("harmonic", "harmonic mean", lambda y, a, b: 2 * b**2 / (a + b) ** 2,'
        " lambda y, a, b: 2 * a**2 / (a + b) ** 2, by=lambda a, b: 2 * a * b / (a + b))",
        "harmonic(x, z)", "2*x*z/(x + z)", {"x": 0.75, "z": 2.5}, lambda x, z: 2 * x * z / (x + z),
    ),
    Case(
        'arccoth2 = Op("arccoth2", "inverse hyperbolic cotangent", lambda y, x: 1 / ((1 - x) * (1 + x)),'
        ' by=lambda x: atanh(1 / x), domain=Domain("{0} < -1 or {0} > 1", lambda x: abs(x) > 1), sample=(2.5,))',
        "arccoth2(x)", "ln((x + 1)/(x - 1))/2", {"x": 2.5}, mp.acoth,
    ),
    Case(
        'ramp = Op("ramp", "x above 0, else 0", lambda y, x: step(x),'
        ' by=lambda x: where(gt(x, 0.0), x, 0.0), edges=(Edge("kink", lambda x: x == 0),))',
        "ramp(x)", "max(x, 0)", {"x": 1.5}, lambda x: max(x, mpf(0)),
    ),
    Case(
        'cosine = Op("cosine", "by nothing simpler", lambda y, x: -sin(x), number=math.cos)',
        "cosine(x)", "cos(x)", {"x": 0.7}, mp.cos,
    ),
)  # fmt: skip


class Added(NamedTuple):
    """An operation that is in the table, and a formula that calls it."""

    op: Op
    case: Case
    f: Any

    def derivative(self, *wrt: str) -> float:
        """Return an exact partial derivative of the formula at its point."""
        orders = tuple(wrt.count(name) for name in self.case.at)
        at = tuple(map(mpf, self.case.at.values()))
        with mp.workdps(60):
            return float(
                mp.diff(self.case.exact, at, orders) if len(at) > 1 else mp.diff(self.case.exact, *at, *orders)
            )


@pytest.fixture(params=CASES, ids=lambda case: case.call)
def added(request: pytest.FixtureRequest) -> Iterator[Added]:
    case: Case = request.param
    name = case.call.partition("(")[0]
    names = dict(vars(table))
    exec(case.entry, names)
    yield Added(register(names[name]), case, adcli.formula(case.call))
    del OPERATIONS[name], BY_NAME[name]
    register(ops.sin)  # it is there: what is derived from the table is forgotten


def close(x: float, rel: float = 1e-14) -> Any:
    return pytest.approx(x, rel=rel, abs=1e-15)


def run(*arguments: str) -> str:
    found = CliRunner().invoke(cli, arguments)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


# -- derivatives at a point --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_gradient_and_trace(added: Added, mode: str) -> None:
    found = added.f.gradient(added.case.at, mode=mode)
    assert found.value == close(added.derivative())
    for name in added.case.at:
        assert found[name] == close(added.derivative(name))
    rows = added.f.trace(added.case.at, mode=mode).rows
    assert any(row.formula.startswith(f"{added.op.name}(") for row in rows)
    assert rows[-1].value == found.value


def test_higher_derivatives(added: Added) -> None:
    at = added.case.at
    hessian = added.f.hessian(at)
    for a in at:
        for b in at:
            assert hessian[a, b] == close(added.derivative(a, b), 1e-13)
    assert added.f.partial(at, ("x", "x", "x")).partial == close(added.derivative("x", "x", "x"), 1e-12)
    coefficients = added.f.taylor(at, {"x": 1.0}, order=4).coefficients
    for k, c in enumerate(coefficients):
        assert c == close(added.derivative(*["x"] * k) / math.factorial(k), 1e-12)


def test_symbolic_derivative_and_its_steps(added: Added) -> None:
    assert added.f.derivative("x")(added.case.at) == close(added.derivative("x"))
    assert added.op.name in {step.rule for step in added.f.steps("x").steps}
    assert run("diff", added.case.call, "--wrt", "x", "--steps")


def test_digits(added: Added) -> None:
    if added.op.by is None:
        with pytest.raises(UsageError, match=f"{added.op.name} is not available with more digits"):
            added.f.precise(30).gradient(added.case.at)
        return
    found = added.f.precise(30).gradient(added.case.at)
    with mp.workdps(60):
        at = tuple(mpf(repr(x)) for x in added.case.at.values())
        assert abs(mpf(repr(found.value)) - added.case.exact(*at)) < mpf(10) ** -28


def test_digits_of_a_number_too_large_are_refused_by_the_simpler_operation(added: Added) -> None:
    if added.op.name == "versin":
        with pytest.raises(AdcliError, match="sin is asked for of a number beyond"):
            adcli.formula("versin(exp(exp(exp(x))))").precise(30)(x=3)


# -- other methods -----------------------------------------------------------------------------------------------------
def test_every_method_of_check_agrees_or_says_why_not(added: Added) -> None:
    found = added.f.check(added.case.at)
    assert found.agrees
    for component in found.components:
        assert len(component.findings) == 6
        for finding in component.findings:
            if finding.value is None:
                assert added.op.name in finding.reason
            else:
                assert finding.value == close(added.derivative(component.variable), 1e-9)
    by_complex_step = added.op.by is not None and added.op.name != "ramp"
    assert all((c.findings[3].value is not None) == by_complex_step for c in found.components)


@pytest.mark.parametrize("peer", EACH)
def test_peers_agree_or_refuse(added: Added, peer: str) -> None:
    pytest.importorskip(peer)
    if added.op.by is None or added.op.name == "ramp":
        with pytest.raises(UsageError, match=f"{added.op.name} is not available with {peer}"):
            added.f.check(added.case.at, against=(peer,))
        return
    for component in added.f.check(added.case.at, against=(peer,)).components:
        assert component.findings[-1].method == peer
        assert component.findings[-1].value == close(added.derivative(component.variable))


def test_same(added: Added) -> None:
    assert added.f.same_as(added.case.same).counterexample is None
    assert added.f.same_as(f"{added.case.call} + x").counterexample is not None


# -- columns -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("accurate", [False, True])
def test_columns(added: Added, accurate: bool) -> None:
    columns = {name: np.array([x, x, 1.25 * x]) for name, x in added.case.at.items()}
    made = added.f.batch(**columns, accurate=accurate)
    assert made["y"][0] == close(added.derivative())
    for name in added.case.at:
        assert made[f"dy/d{name}"][1] == close(added.derivative(name))
        assert made[f"dy/d{name}"][2] == close(added.f.gradient({n: 1.25 * x for n, x in added.case.at.items()})[name])
    second = added.f.batch(**columns, what="hessian-diagonal", accurate=accurate)
    assert second["d2y/dx2"][0] == close(added.derivative("x", "x"), 1e-13)


def test_outside_the_domain_there_is_no_value(added: Added) -> None:
    if added.op.domain is None:
        return
    with pytest.raises(DomainError, match=r"arccoth2 is undefined at x = 0.5 \(needs x < -1 or x > 1\)"):
        added.f.gradient(x=0.5)
    made = added.f.batch(x=[0.5, 2.5])
    assert np.isnan(made["y"]).tolist() == np.isnan(made["dy/dx"]).tolist() == [True, False]


# -- beside a point ----------------------------------------------------------------------------------------------------
def test_one_sided_series(added: Added) -> None:
    if added.op.name == "versin":
        assert adcli.formula("versin(x)/x^2")(x=1e-3) == pytest.approx(0.5)
        assert "  y  0.5\n" in run("eval", "versin(x)/x^2", "--at", "x=0", "--limit")
        assert adcli.formula("versin(abs(x))").gradient(x=0)["x"] == 0
    if added.op.name == "ramp":
        found = added.f.gradient(x=0)
        assert found["x"] == 0.5
        assert [note.kind for note in found.notes] == ["kink"]
        assert added.f.batch(x=[0.0])["dy/dx"].tolist() == [0.5]
    if added.op.name == "harmonic":  # 0/0 by the simpler operations
        assert "  y  0\n" in run("eval", "harmonic(x, 2*x)", "--at", "x=0", "--limit")


# -- texts and pictures ------------------------------------------------------------------------------------------------
def test_latex_out_and_in(added: Added) -> None:
    again = adcli.formula(added.f.latex, syntax="latex")
    assert str(again) == str(added.f)
    assert again(added.case.at) == added.f(added.case.at)


def test_the_page_calculates_it_or_says_that_it_cannot(added: Added, browser: Any) -> None:  # noqa: F811
    found = explain(added.f, as_point(added.case.at))
    assert added.case.call in page(found, Style())
    if missing([added.op]):
        assert added.op.by is None
        assert found.fixed == f"a browser does not know {added.op.name}"
        return
    tab = browser.new_page()
    y, *partials = tab.evaluate(
        f"x => {{ const op = ({functions([added.op])}).{added.op.name}; const y = op.value(...x);"
        " return [y, ...op.partials.map(p => p(y, ...x))]; }",
        list(added.case.at.values()),
    )
    tab.close()
    assert y == close(added.derivative())
    assert partials == [close(added.derivative(name)) for name in added.case.at]


def test_graph(added: Added, tmp_path: Path) -> None:
    point = ",".join(f"{name}={x}" for name, x in added.case.at.items())
    assert added.op.name in run("graph", added.case.call, "--at", point)
    for name in ("g.dot", "g.mmd", "g.svg"):
        run("graph", added.case.call, "-o", str(tmp_path / name))
        assert added.op.name in (tmp_path / name).read_text("utf-8")
    assert added.op.name in run("ast", added.case.call)


# -- names -------------------------------------------------------------------------------------------------------------
def test_completion(added: Added) -> None:
    name = added.op.name
    assert f"{name}(" in Session().completions(name[:4])
    context, parameter = click.Context(click.Command("grad")), click.Argument(["formula"])
    assert f"2*{name}(" in [item.value for item in complete_function(context, parameter, f"2*{name[:4]}")]


def test_reference(added: Added) -> None:
    assert f"{added.op.name}(" in run("functions")
    assert added.op.doc in run("functions", added.op.name)


def test_a_misspelled_name_is_corrected(added: Added) -> None:
    with pytest.raises(AdcliError) as caught:
        adcli.formula(added.case.call.replace("(", "e(", 1))
    assert added.op.name in caught.value.hint


def test_python_functions(added: Added) -> None:
    function, at = getattr(adcli.math, added.op.name), added.case.at
    found = adcli.record(lambda x, z=2.5: function(*(x, z)[: len(at)])).gradient({"x": at["x"]})
    assert found["x"] == close(added.derivative("x"))
    assert adcli.derivative(lambda x: function(x, *list(at.values())[1:]), at["x"]) == close(added.derivative("x"))


# -- mistakes in an entry ----------------------------------------------------------------------------------------------
def test_an_entry_with_a_mistake_is_refused() -> None:
    with pytest.raises(TypeError, match="no field numbr"):
        Op("f", "a misspelled field", 1.0, numbr=abs)
    with pytest.raises(TypeError, match="f has neither number nor by"):
        Op("f", "no value", 1.0)
