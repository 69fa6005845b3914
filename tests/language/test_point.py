"""A point of many names costs no more than it has names."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import adcli
from adcli.errors import PointError
from adcli.language import read_point
from adcli.language.point import input_values

MANY = 4000


def lines_run(act: Callable[[], object]) -> int:
    """Return how many lines of Python, and calls, something needs."""
    count = 0

    def trace(*_: object) -> object:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        act()
    finally:
        sys.settrace(None)
    return count


def test_an_unused_name_beside_many_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "y.json").write_text(json.dumps({f"y{k}": k for k in range(MANY)}), "utf-8")
    formula = adcli.formula("+".join(f"x{k}" for k in range(MANY)))
    point = read_point([f"@{tmp_path}/y.json", "t=3"])

    def ask() -> None:
        with pytest.raises(PointError, match="does not use t"):
            input_values(point, formula.variables, formula.script)

    assert lines_run(ask) < 100 * MANY


def test_two_names_for_a_joined_one_are_found() -> None:
    formula = adcli.formula("xy^2")
    with pytest.raises(PointError, match="does not use x") as caught:
        input_values(read_point(["x=1,y=2"]), formula.variables, formula.script)
    assert caught.value.hint == "xy is one name; for a product, write x*y"


def test_names_of_a_file_that_are_not_used_cost_little_at_each_point(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({f"x{k}": k for k in range(MANY)}), "utf-8")
    formula, point = adcli.formula("x1*x2"), read_point([f"@{tmp_path}/x.json"])
    assert lines_run(lambda: input_values(point, formula.variables, formula.script)) < 3 * MANY
