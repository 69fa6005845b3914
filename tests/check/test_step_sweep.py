"""Steps too large lose by truncation, too small by round-off; the best one is where theory has it; single is single."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import adcli
from adcli.check.step_sweep import ErrorCurve, Single, StepSweep, single
from adcli.draw.sweep_plot import picture, terminal_lines
from adcli.errors import AdcliError, UsageError
from adcli.language.point import as_point
from adcli.trace.replay import replay
from tests.cli.test_cli import adcli as run

ARTICLE = "(x-10)^2*(3x^2-3x+1)"  # article D1


def curves(sweep: StepSweep) -> dict[tuple[str, str], ErrorCurve]:
    return {(c.method, c.precision): c for c in sweep.curves}


@pytest.fixture(scope="module")
def sweep() -> StepSweep:
    return adcli.formula(ARTICLE).step_sweep({"x": 2})


def error(sweep: StepSweep, method: str, precision: str, h: float) -> float:
    k = min(range(len(sweep.steps)), key=lambda k: abs(sweep.steps[k] / h - 1))
    found = curves(sweep)[method, precision].errors[k]
    assert found is not None
    return found


def test_truncation_falls_with_the_order_of_the_method(sweep: StepSweep) -> None:
    assert sweep.derivative == 464
    for method, factor in (("forward", 10), ("central", 100), ("complex", 100)):
        for h in (1e-2, 1e-3):
            assert error(sweep, method, "double", h) / error(sweep, method, "double", h / 10) == pytest.approx(
                factor, rel=0.05
            )
    assert error(sweep, "forward", "single", 0.1) / error(sweep, "forward", "single", 0.01) == pytest.approx(
        10, rel=0.2
    )


def test_round_off_grows_as_the_step_shrinks_but_not_for_the_complex_step(sweep: StepSweep) -> None:
    for method in ("forward", "central"):
        assert error(sweep, method, "double", 1e-12) > 1e3 * curves(sweep)[method, "double"].least
        assert error(sweep, method, "single", 1e-7) > 1e-3
    for h in (1e-8, 1e-12, 1e-16):
        assert error(sweep, "complex", "double", h) < 1e-15
        assert error(sweep, "complex", "single", h) < 1e-6


@pytest.mark.parametrize(("text", "x"), [(ARTICLE, 2.0), ("cos(x)", 2.0), ("exp(x)", 1.0), ("sin(x)*ln(x)", 3.0)])
def test_the_best_step_is_where_theory_has_it(text: str, x: float) -> None:
    for c in adcli.formula(text).step_sweep({"x": x}).curves:
        assert c.theory is not None
        assert c.best is not None
        if c.method != "forward" or c.precision != "single":  # a lucky step may be anywhere
            assert c.theory / 100 < c.best < 100 * c.theory, c


def test_single_precision_is_numpys() -> None:
    f = adcli.formula("(x - 10)^2*(3*x*x - 3*x + 1)/0.1")
    for x in (0.3, 1.7, 12.25, 1e6):
        evaluation = f.evaluation(as_point({"x": x}))
        own = replay(evaluation, {"x": Single(single(x))})[evaluation.trace.outputs[0]]
        s = np.float32(x)
        square = (s - np.float32(10)) ** 2
        numpys = square * (np.float32(3) * s * s - np.float32(3) * s + np.float32(1)) / np.float32(0.1)
        assert float(own) == float(numpys)


def test_overflow_in_single_is_infinite() -> None:
    assert single(1e39) == float("inf")
    assert single(-1e39) == -float("inf")
    assert single(0.1) == float(np.float32(0.1))


def test_what_has_no_complex_step_or_no_derivative_says_so() -> None:
    found = adcli.formula("abs(x)").step_sweep({"x": 2})
    assert found.remarks == ("complex: abs is not available with complex numbers",)
    with pytest.raises(AdcliError, match="not finite"):
        adcli.formula("sqrt(x)").step_sweep({"x": 0})
    with pytest.raises(UsageError, match="one variable"):
        adcli.formula("x*y").step_sweep({"x": 0, "y": 1})
    assert adcli.formula("x*y").step_sweep({"x": 0, "y": 1}, "y").variable == "y"


def test_a_plot_needs_its_extra(monkeypatch: pytest.MonkeyPatch, sweep: StepSweep) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("adcli.draw.plot.import_module", missing)
    for draw in (lambda: terminal_lines(sweep), lambda: picture(sweep, ".svg")):
        with pytest.raises(UsageError) as caught:
            draw()
        assert caught.value.hint == "pip install 'adcli[plot]'"


def test_a_plot_in_the_terminal(sweep: StepSweep) -> None:
    pytest.importorskip("plotext")
    lines = terminal_lines(sweep, 80)
    assert any("double precision" in line for line in lines)
    assert any("1e-8" in line for line in lines)
    assert not any("\x1b" in line or len(line) > 80 for line in lines)


@pytest.mark.long
@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_picture(suffix: str, magic: bytes, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"sweep.{suffix}"
    done = run("check", ARTICLE, "--at", "x=2", "--step-sweep", "-o", str(path))
    assert done.returncode == 0
    assert path.read_bytes().startswith(magic)
