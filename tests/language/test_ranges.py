"""Ranges hold both ends and the numbers between, each the nearest float; what is no range has a caret."""

from __future__ import annotations

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from adcli.errors import LimitError, PointError
from adcli.language.point_reader import read_point
from adcli.ops.op import Exact
from tests.cli.test_cli import adcli as run


def numbers(text: str) -> list[float]:
    (found,) = read_point([f"x={text}"], ranges=True).ranges.values()
    return found.numbers()


@pytest.mark.parametrize(
    ("text", "low", "high", "count"),
    [("0:1:11", 0, 1, 11), ("-5:5:7", -5, 5, 7), ("1:0:5", 1, 0, 5), ("0:2*pi:9", 0, 2 * math.pi, 9), ("1e-3:1e3:50", 1e-3, 1e3, 50)],  # noqa: E501
)  # fmt: skip
def test_a_range_is_numpys_linspace(text: str, low: float, high: float, count: int) -> None:
    found = numbers(text)
    assert found == pytest.approx(np.linspace(low, high, count).tolist(), rel=1e-15, abs=1e-15)
    assert (found[0], found[-1], len(found)) == (low, high, count)


def test_numbers_are_as_one_would_type_them() -> None:
    assert list(map(repr, numbers("0:1:11"))) == [repr(k / 10) for k in range(11)]
    assert list(map(repr, numbers("0:0.7:8"))) == [repr(k / 10) for k in range(8)]


def test_numbers_are_exact_for_more_digits() -> None:
    done = run("eval", "x", "--at", "x=0:2*pi:9", "--precise", "40", "--format", "csv")
    shown = [line.partition(",")[2] for line in done.stdout.split("\n")[1:-1]]
    with mpmath.workdps(60):
        assert shown[1] == mpmath.nstr(mpmath.pi / 4, 40)
        assert shown[3] == mpmath.nstr(3 * mpmath.pi / 4, 40)
    assert all(type(x) is Exact for x in numbers("0:1:4"))


@pytest.mark.parametrize(
    ("text", "what", "under"),
    [
        ("x=0:1:2:3", "this is not a range", "0:1:2:3"),
        ("x=2:2:3", "this range is empty", "2:2:3"),
        ("y=1,x=0:1:2.5", "not a number of points", "2.5"),
        ("x=0:1:1", "not a number of points", "1"),
        ("x=0:a:3", "a has no value here", "a"),
        ("x=:1:3", "a value is missing here", "="),
        ("x=0:1:", "a value is missing here", ":"),
    ],
)
def test_what_is_no_range_has_a_caret(text: str, what: str, under: str) -> None:
    with pytest.raises(PointError, match=what) as caught:
        read_point([text], ranges=True)
    place = caught.value.place
    assert place is not None
    assert place.text[place.start : place.end] == under


@pytest.mark.long
def test_a_range_has_its_places() -> None:
    with pytest.raises(PointError, match="this is a range, not a number"):
        read_point(["x=0:1:3"])
    with pytest.raises(PointError, match="how many points"):
        list(read_point(["x=0:1"], ranges=True).each())
    with pytest.raises(LimitError, match="100,000 points"):
        list(read_point(["x=0:1:1000,y=0:1:1000"], ranges=True).each())
    with pytest.raises(PointError, match="given twice"):
        read_point(["x=0:1:3,x=2"], ranges=True)
    for command in ("hessian", "taylor", "check"):
        done = run(command, "x^2", "--at", "x=0:1:3")
        assert (done.returncode, done.stdout) == (2, "")
        assert "      ^^^^^" not in done.stdout
        assert "0:1:3\n    ^^^^^\n" in done.stderr


def test_what_is_typed_comes_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"x": 1, "y": 2, "unused": 3}))
    point = read_point([f"@{tmp_path}/p.json", "x=0:1:3"], ranges=True)
    assert [p.values for p in point.each()] == [{"x": x, "y": 2, "unused": 3} for x in (0, 0.5, 1)]
