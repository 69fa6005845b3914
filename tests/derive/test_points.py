"""A table has a row for every point, with what grad and eval say of that point alone, in every format."""

from __future__ import annotations

import csv
import io
import json
import math
import re

import pytest

from tests.cli.test_cli import FORMATS, strict
from tests.cli.test_cli import adcli as run

TEXT = "sqrt(x)*y + abs(x - 1)"
AT = "x=-1:2:4,y=1:2:2"


def rows(*words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").stdout)))


def test_a_row_is_what_mathematics_says() -> None:
    for row in rows("grad", "x^2*sin(y)", "--at", "x=0:1:3,y=-1:1:5"):
        x, y = float(row["x"]), float(row["y"])
        found = [float(row[name]) for name in ("f", "df/dx", "df/dy")]
        assert found == pytest.approx([x**2 * math.sin(y), 2 * x * math.sin(y), x**2 * math.cos(y)], rel=1e-15)


def test_the_last_variable_runs_fastest() -> None:
    found = rows("eval", "x+y", "--at", "x=0:1:2,y=5:7:3")
    assert [(float(row["x"]), float(row["y"])) for row in found] == [(x, y) for x in (0, 1) for y in (5, 6, 7)]


def test_a_point_outside_the_domain_is_a_row() -> None:
    found = rows("grad", TEXT, "--at", AT)
    assert [(row["x"], row["f"] == "", row["note"]) for row in found] == [
        ("-1.0", True, "domain"), ("-1.0", True, "domain"), ("0.0", False, "end"), ("0.0", False, "end"),
        ("1.0", False, "kink"), ("1.0", False, "kink"), ("2.0", False, ""), ("2.0", False, ""),
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("format_", FORMATS)
def test_no_row_is_lost_in_any_format(format_: str) -> None:
    done = run("grad", TEXT, "--at", AT, "--format", format_)
    assert done.returncode == 1
    assert len(re.findall(r"(?<!the )\bdomain", done.stdout)) == 2
    assert done.stderr.count("note: ") == 3
    assert "(1 more such point)" in done.stderr
    nowhere = run("grad", "ln(x)", "--at", "x=-2:-1:2", "--format", format_)
    assert nowhere.returncode == 1
    assert nowhere.stdout.count("domain") == 2


def test_a_line_of_jsonl_is_what_a_single_point_gives() -> None:
    lines = run("grad", TEXT, "--at", AT, "--format", "jsonl").stdout.splitlines()
    assert len(lines) == 8
    for line in lines:
        at = strict(line)["at"]
        single = run("grad", TEXT, "--at", f"x={at['x']},y={at['y']}", "--format", "jsonl") if at["x"] >= 0 else None
        if single:
            assert line == single.stdout.strip()
        else:
            assert strict(line)["error"]["kind"] == "domain"
        if at["y"] == 2:
            break
    whole = strict(run("grad", TEXT, "--at", AT, "--format", "json").stdout)
    assert [point["at"] for point in whole["points"]] == [json.loads(line)["at"] for line in lines]


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["eval", "ln(x)", "--at", "x=1:2:3"], 0),
        (["grad", "abs(x)", "--at", "x=-1:1:3"], 0),
        (["grad", "abs(x)", "--at", "x=-1:1:3", "--strict"], 1),
        (["grad", "floor(x)", "--at", "x=0.5:1:2"], 1),
        (["grad", "sin(x)/x", "--at", "x=-1:1:3"], 1),
        (["grad", "sin(x)/x", "--at", "x=-1:1:3", "--limit"], 0),
        (["eval", "x", "--at", "x=0:1:3", "--trace"], 2),
        (["eval", "x + y", "--at", "x=0:1:3"], 2),
        (["eval", "[x, 1/x]", "--at", "x=-1:1:3"], 1),
        (["grad", "samples/python/articles.py:newton", "--at", "a=1:2:3"], 0),
    ],
)
def test_exit_status(words: list[str], status: int) -> None:
    assert run(*words).returncode == status


def test_a_name_in_latex_is_a_formula() -> None:
    assert (
        r"$\mathit{rate}_{2}$ & $f$" in run("eval", "rate_2*y", "--at", "rate_2=0:1:2,y=3", "--format", "latex").stdout
    )
