"""A name that is bound is a variable everywhere in a run, also where it is that of a constant: e, pi, tau."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.cli.session import Session
from adcli.errors import AdcliError, PointError
from adcli.language import read_point

from .cli.test_cli import adcli as run

AT = {"e": 2.0, "x": 3.0}  # of e*x^2: value 18, derivatives 9 and 12


def answer(*words: str) -> dict[str, Any]:
    """Return the JSON of a command, which notes once that e is no constant."""
    done = run(*words, "--format", "json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    notes = [note["text"] for note in data.get("notes", ())]
    assert notes.count("e is the variable given, not the constant") <= 1
    return data


f = adcli.formula("e*x^2")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: f(AT), 18),
        (lambda: f.gradient(AT).as_dict(), {"e": 9, "x": 12}),
        (lambda: f.gradient(AT, mode="reverse").as_dict(), {"e": 9, "x": 12}),
        (lambda: f.jacobian(AT).jacobian, [[9, 12]]),
        (lambda: f.hessian(AT).hessian, [[0, 6], [6, 4]]),
        (lambda: f.jvp(AT, {"e": 1}).product, {"y": 9}),
        (lambda: f.vjp(AT, {"y": 1}).product, {"e": 9, "x": 12}),
        (lambda: f.hvp(AT, {"e": 1}).product, {"e": 0, "x": 6}),
        (lambda: f.taylor(AT, {"e": 1, "x": 1}, 1).coefficients, (18, 21)),
        (lambda: f.partial(AT, ("x", "e")).partial, 6),
        (lambda: f.derivative("e")(x=3), 9),
        (lambda: f.derivative("x", integers={"e": 2})(AT), 12),
        (lambda: f.with_variables(["e"]).derivative("x")(AT), 12),
        (lambda: f.precise(20).gradient(AT)["x"], 12),
        (lambda: f.trace(AT).variables, ("e", "x")),
        (lambda: f.check(AT)["x"].value, 12),
        (lambda: f.step_sweep(AT, "e").derivative, 9),
        (lambda: f.grade(AT, {"x": "2*e*x", "e": "x^2"})["x"].verdict, "right at 21 points"),
        (lambda: f.same_as("x*x*e", {"e": 2}).verdict, "the same: value and gradient agree at 100 points"),
        (lambda: f.batch(e=[2.0], x=[3.0])["dy/dx"].tolist(), [12]),
        (lambda: f.batch({"x": [3.0], "e": [2.0]})["dy/de"].tolist(), [9]),
        (lambda: f.batch(x=[3.0], at={"e": 2})["dy/dx"].tolist(), [12]),
        (lambda: f.compile({"e": 2})([3.0])[1].tolist(), [12]),
        (lambda: adcli.formula("e^x")(AT), 8),
        (lambda: adcli.formula("e^x").partial(AT, ("e", "e")).partial, 12),
        (lambda: adcli.formula("e x + e^{2}", "latex")(AT), 10),
        (lambda: adcli.formula("e^{x}", "latex").gradient(AT)["e"], 12),
        (lambda: adcli.formula(r"\pi^{x} \tau", "latex").gradient(pi=2, tau=1, x=3).as_dict()["pi"], 12),
        (lambda: adcli.formula("sum(i=1..e, x[i])")({"e": 2, "x": [3, 4, 5][:2]}), 7),
    ],
)  # fmt: skip
def test_every_method_takes_a_bound_name_for_a_variable(found: Callable[[], Any], expected: Any) -> None:
    assert found() == expected


@pytest.mark.parametrize(
    ("words", "key", "expected"),
    [
        (["diff", "e*x^2", "--wrt", "x", "--at", "e=2,x=3"], "value", 12),
        (["diff", "e^x", "--wrt", "x,x", "--at", "e=2,x=3"], "value", 8 * math.log(2) ** 2),
        (["diff", "pi*x^2", "--wrt", "x", "--steps", "--at", "pi=2,x=3"], "value", 12),
        (["diff", "e x^2", "--wrt", "x", "--syntax", "latex", "--at", "e=2,x=3"], "value", 12),
        (["diff", "e*x^2", "--wrt", "e"], "derivative", "x^2"),
        (["grad", "e*x^2", "--at", "e=2,x=3", "--precise", "20"], "gradient", {"e": "9", "x": "12"}),
        (["partial", "e*x^2", "--at", "e=2,x=3", "--wrt", "e,x"], "partial", 6),
    ],
)
def test_every_command_takes_a_bound_name_for_a_variable(words: list[str], key: str, expected: Any) -> None:
    assert answer(*words)[key] == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_a_graph_and_a_tree_have_the_variable() -> None:
    at = ("--at", "e=2,x=3")
    assert "∂y/∂e = v̄1*v0 = 1*3 = 3" in run("explain", "e*x", *at).stdout
    assert answer("ast", "e*x", *at)["variables"] == ["e", "x"]
    assert "e=2" in run("graph", "e*x", *at).stdout.replace(" ", "")


def test_a_plot_over_e_is_of_the_power() -> None:
    done = run("plot", "e^x", "--at", "e=1:3:401,x=2", "--format", "json")
    assert [row[1] for row in json.loads(done.stdout)["pieces"][0]][::200] == [1, 4, 9]


def test_a_name_without_a_value_is_asked_for() -> None:
    with pytest.raises(PointError, match="no value for e"):
        f.gradient({"x": 3}, wrt=["e"])
    with pytest.raises(PointError, match="does not use e"):
        adcli.formula("x^2")(AT)
    with pytest.raises(PointError, match="writes pi as π"):
        adcli.formula("π*x")(pi=2, x=3)
    assert f(x=1) == math.e


def test_another_value_of_the_point_cannot_use_the_constant() -> None:
    with pytest.raises(PointError, match="e has no value here"):
        read_point(["e=2,x=2*e"])
    assert read_point(["pi=pi,x=2e-3"]).values == {"pi": math.pi, "x": 0.002}
    assert read_point(["x=2*e"]).values == {"x": 2 * math.e}


@pytest.mark.parametrize("what", ["e*x^2", "e^x + 0*sqrt(x-4)"])
def test_columns_bind_their_names(what: str, tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_text("e,x\n2,4\n4,5\n")
    model = adcli.formula(what).with_variables(["e"])
    expected = [model(e=4, x=5), *model.gradient(e=4, x=5).as_dict().values()]
    for words in (["batch", what, str(table)], ["batch", what, "-", "--from", "csv"]):
        done = run(*words, "--notes", stdin=table.read_text())
        *numbers, _ = done.stdout.splitlines()[2].split(",")
        assert done.stdout.startswith("y,dy/de,dy/dx,notes\n")
        assert [float(x) for x in numbers] == pytest.approx(expected)
        assert done.stderr.count("e is the variable given") == 1
        assert "shadow" not in done.stdout + done.stderr  # once a run, not in each row
    renamed = tmp_path / "r.csv"
    renamed.write_text("a,x\n2,4\n4,5\n")
    assert run("batch", what, str(renamed), "--map", "e=a").stdout.startswith("y,dy/de,dy/dx\n")
    for kept in (run("batch", what, str(table), "--map", "e="), run("batch", what, str(renamed))):
        assert kept.stdout.startswith("y,dy/dx\n")
        assert "the variable given" not in kept.stderr


def test_all_files_of_a_run_have_the_column_or_none(tmp_path: Path) -> None:
    for name, header in (("a.csv", "x"), ("b.csv", "e,x")):
        (tmp_path / name).write_text(f"{header}\n{'1,' * (len(header) // 2)}2\n")
    done = run("batch", "e*x", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    assert done.returncode == 2
    assert "a.csv has no column e" in done.stderr
    assert "--map e= keeps the constant" in done.stderr


def test_a_kept_constant_does_not_resume_a_run_with_the_variable(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("e,x\n2,3\n4,oops\n")
    words = ["batch", "e*x", str(tmp_path / "d.csv"), "-o", str(tmp_path / "o.csv"), "--what", "value"]
    run(*words)
    assert "e is the variable" in run(*words, "--on-error", "skip").stderr
    assert (tmp_path / "o.csv").read_text() == "y\n6.0\n"


def test_a_formula_with_the_variable_is_pickled_with_it() -> None:
    for made in (f.with_variables(["e"]), f.with_variables(["e"]).derivative("x")):
        again = pickle.loads(pickle.dumps(made))
        assert again.variables == made.variables
        assert again(AT) == made(AT)
    plan = pickle.loads(pickle.dumps(f.plan(wrt=("e",))))
    assert plan.run({"e": np.array([2.0]), "x": np.array([3.0])})["dy/de"].tolist() == [9]


def test_a_session_has_the_number_of_its_own() -> None:
    session = Session()
    for line in ("e = 2", "a = 3*e"):
        assert session.take(line) is None
    found = session.take("a*e")
    assert found is not None
    assert found.value == {"y": 12}
    assert session.at(session.whole("a*e")) == {"e": 2}


def test_a_note_on_the_text_does_not_keep_claims_from_other_points() -> None:
    noted = adcli.formula(r"\log x", "latex")
    assert noted({"x": 1}) == 0
    assert noted.grade({"x": 2}, {"x": "1/x"})["x"].verdict == "right at 21 points"
    with pytest.raises(AdcliError):
        noted.grade({"x": 2}, {"z": "1/x"})
    assert not noted.same_as("ln(x)+1e-3*x").complete
