"""Formulas of other projects with their numbers: what is read is right, and what is refused is counted.

The truth comes from the corpus itself or from 40 digits of mpmath. A refusal is no fault, but the counts may only fall.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import adcli

FOLDER = Path(__file__).with_name("reference") / "corpora"
REFUSED = {"rubi": 0, "feynman": 0, "boost_special": 0, "calculators": 0, "latex": 198}
RELATIVE = {"rubi": 1e-6, "feynman": 1e-10, "boost_special": 1e-12, "calculators": 1e-8, "latex": 1e-8}
ABSOLUTE = 1e-5  # an expected number below this is compared with an absolute bound
CONSTANTS = ("e", "pi", "tau")
# Formulas that are read with other names than their source has, each with the names that are read; a person has looked
# at each.
OTHER_NAMES: dict[str, str] = json.loads(FOLDER.with_name("latex_names.json").read_text("utf-8"))


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    return found


def check(found: float | None, expected: float | str | None, relative: float) -> None:
    if found is not None and expected is not None and math.isfinite(want := float(expected)):
        assert abs(found - want) <= relative * max(abs(want), ABSOLUTE), (found, want)


def check_gradient(f: adcli.Formula, at: dict[str, float], value: Any, slopes: dict[str, Any], relative: float) -> None:
    for mode in ("forward", "reverse"):
        gradient = f.gradient(at, mode=mode)
        check(gradient.value, value, relative)
        if "cancellation" not in {note.kind for note in gradient.notes}:
            for name in f.variables:
                check(gradient[name], slopes.get(name), relative)


def check_text(case: dict[str, Any], relative: float) -> None:
    """Check a formula with its value and gradient or derivative at one point, and its Hessian."""
    f, at = adcli.formula(case["f"]), case["at"]
    relative = max(relative, case.get("tol", 0))
    if "order" in case:
        check(f(at), case.get("value"), relative)
        if case["wrt"] in f.variables:
            check(f.partial(at, wrt=(case["wrt"],) * case["order"]).partial, case.get("derivative"), relative)
        return
    slopes = case.get("gradient") or dict.fromkeys(at, case.get("derivative"))
    check_gradient(f, at, case.get("value"), slopes, relative)
    second = case.get("hessian", {})
    size = max(map(abs, second.values()), default=0.0)
    for pair, want in second.items():
        assert abs(f.hessian(at)[tuple(pair.split(","))] - want) <= 1e-9 * size, pair


def plain(name: str) -> str:
    r"""Return a name as adcli reads it: `x_{1}` is x1, `h_{\theta}` is h_theta."""
    return re.sub(r"_(\d)|[{}\\]|_$", r"\1", re.sub(r"[{}]", "", name))


def check_latex(case: dict[str, Any], relative: float) -> str | None:
    """Check a formula at its points; return the names that are read where the source has others."""
    f = adcli.formula(case["latex"], syntax="latex")
    used = {*f.variables, *CONSTANTS}
    for at, value, slopes in case["points"] or []:
        given = {plain(name): number for name, number in at.items() if plain(name) in used}
        if not set(f.variables) <= given.keys():
            return " ".join(f.variables)
        check_gradient(f, given, value, {plain(name): slope for name, slope in slopes.items()}, relative)
    return None


def refused(name: str) -> Iterator[str]:
    """Check each case of a corpus; yield the texts that are refused."""
    for case in cases(name):
        try:
            if "latex" in case:
                assert check_latex(case, RELATIVE[name]) == OTHER_NAMES.get(case["latex"]), case["latex"]
            else:
                check_text(case, RELATIVE[name])
        except adcli.AdcliError:
            yield case.get("f") or case["latex"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_read_is_right(name: str) -> None:
    assert len([*refused(name)]) == REFUSED[name]


LOST = [case for case in cases("rubi") if "must give" in case.get("note", "")]


@pytest.mark.parametrize("case", LOST, ids=lambda case: case["source"].rpartition("/")[2])
def test_digits_that_floats_lose_are_kept_by_more_digits(case: dict[str, Any]) -> None:
    exact = adcli.formula(case["f"]).precise(40).gradient(case["at"])
    for name, want in case["gradient"].items():
        assert float(exact[name]) == pytest.approx(want, rel=1e-9, abs=0), name
