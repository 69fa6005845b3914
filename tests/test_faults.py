"""Public reports of wrong derivatives in other programs, each a command; faults.json has its source and its truth.

A case expects a number (`quantity` names the variable), a `matrix`, `coefficients`, a list (`gradient`), numbers of a
table (`rows`, `column`), words that are said (`note`, `message`, `hint`, `verdict`) or are not (`note_not` ...), or an
exit status. With `or`, an answer that is not finite, a refusal or a note is as good; what is not as good is silence.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from adcli.cli import main

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("reference").joinpath("faults.json").read_text("utf-8")
)
FILES = {
    "hd.csv": b"x\n1e8\n1e6\n1e-20\n",
    "polars_eu.csv": b"a;b\r\n10,20;4,5\r\n",
    "ot.csv": b'"X1";"X2"\nnan;nan\n1;2\n',
    "ga.csv": b'# ----\n# site\n# ----\n\nw,p\n1920,"3,505"\n375,725\n',
    "fortran.csv": b"x,y\n1.538D-06,2\n",
    "bom.csv": b"\xef\xbb\xbfx,y\n1,2\n3,4\n",
    "na.csv": b"x,y\n1,2\n,4\nNA,1\nNaN,2\n#N/A,3\n",
    "blank.csv": b"x,y\n1,2\n\n3,4\n\n",
    "u16.csv": "\ufeffx,y\n1,2\n".encode("utf-16-le"),
    "rec.py": b"""
import numpy as np

def md(x):
    return x % 3 + x // 3 + divmod(x, 2)[1]

def intp(x):
    return int(x) * x

def npnorm(x, y):
    return np.linalg.norm(np.array([x, y]))

def sm(x, y):
    pair = np.array([x, y])
    grown = np.exp(pair - np.max(pair))
    return (grown / grown.sum())[0]
""",
}
RELATIVE = 1e-9
MEMBERS = {"matrix": ("hessian", "jacobian"), "coefficients": ("coefficients",), "gradient": ("gradient",)}
WORDS = ("note", "message", "hint", "verdict")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faults")
    for name, data in FILES.items():
        made.joinpath(name).write_bytes(data)
    return made


def run(words: list[str], folder: Path, printed: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run a command line in this process; return its status, stdout and stderr."""
    environ = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    with (
        chdir(folder),
        mock.patch.object(sys, "argv", ["adcli", *words]),
        mock.patch.dict(os.environ, environ, clear=True),
        pytest.raises(SystemExit) as exited,
    ):
        main(words)
    return int(exited.value.code or 0), *printed.readouterr()


def near(got: object, want: float | str, relative: float) -> bool:
    if not isinstance(got, int | float | str):
        return False
    try:
        found, wanted = float(got), float(want)
    except ValueError:
        return False
    return math.isclose(found, wanted, rel_tol=relative, abs_tol=0) or (math.isnan(found) and math.isnan(wanted))


def leaves(tree: Any) -> Iterator[Any]:
    """Return the numbers of nested lists and objects, in order."""
    if isinstance(tree, dict | list):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(branch)
    else:
        yield tree


def number(answer: dict[str, Any], quantity: str) -> Any:
    """Return the one number that a case speaks of: the derivative by a variable, a partial derivative, or the value."""
    gradient = answer.get("gradient")
    if isinstance(gradient, dict) and quantity in gradient:
        return gradient[quantity]
    return answer.get("partial", answer.get("value"))


def faults(expect: dict[str, Any], status: int, said: str, out: str, answer: dict[str, Any]) -> Iterator[str]:
    """Yield what is not as expected."""
    relative = expect.get("rtol", RELATIVE)
    found = number(answer, expect.get("quantity", "value"))
    if "value" in expect and not near(found, expect["value"], relative):
        yield f"{found} is not {expect['value']}"
    for key in ("matrix", "coefficients", "gradient"):
        if isinstance(expect.get(key), list):
            got = [*leaves(next((answer[name] for name in MEMBERS[key] if name in answer), None))]
            want = [*leaves(expect[key])]
            if len(got) != len(want) or not all(near(g, w, relative) for g, w in zip(got, want, strict=True)):
                yield f"{got} is not {want}"
    for key in ("rows", "column"):
        for want in leaves(expect.get(key, [])):
            if not any(near(cell, want, relative) for cell in re.split(r"[\s,;]+", out)):
                yield f"{want} is not in the table"
    for key in WORDS:
        if expect.get(key, "").lower() not in said.lower():
            yield f"{expect[key]!r} is not said"
        if key + "_not" in expect and expect[key + "_not"].lower() in said.lower():
            yield f"{expect[key + '_not']!r} is said"
    if "note_or_refusal" in expect and status == 0 and "note" not in said:
        yield "neither a note nor a refusal"
    if status != expect.get("status", status):
        yield f"the status is {status}"


def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 150
    assert len({case["id"] for case in CASES}) == 150


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_fault(case: dict[str, Any], folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command, expect = case["command"], case["expect"]
    status, out, err = run(command, folder, capfd)
    assert "Traceback" not in err
    answer = {}
    if expect.keys() & {"value", "matrix", "coefficients", "gradient"}:
        plain = [word for word in command if word not in ("--format", "csv")]
        text = run([*plain, "--format", "json"], folder, capfd)[1]
        answer = json.loads(text) if text else {}
    found = [*faults(expect, status, out + err, out, answer)]
    if found and (expect.keys() & {"or", "or_note_must_not"}) and (status in (1, 2, 3) or "note" in err):
        assert "limit it is 0" not in err or 0 in (expect.get("value"), *expect.get("gradient", ()))
        assert expect.get("or_note_must_not", "Traceback") not in err
        return
    assert not found, case["truth"]
