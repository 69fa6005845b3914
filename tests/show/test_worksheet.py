"""Worksheets: what is blank is chosen by the seed, is the same in every format, and is nowhere given away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from markdown_it import MarkdownIt

import adcli
from adcli.language.point import as_point
from adcli.result import Document, Gap
from adcli.show.render import notation_for, render
from adcli.show.style import Style
from adcli.show.worksheet import worksheet
from adcli.trace.table import trace_table

FORMULAS = [
    ("ln(x1)+x1*x2-sin(x2)", {"x1": 2.3, "x2": 5.7}),
    ("(sin(x/y) + x/y - exp(y))*(x/y - exp(y))", {"x": 1.53, "y": 0.57}),
    ("if x < 1 then exp(x*y)*y else x", {"x": 0.77, "y": 1.37}),
    ("a = exp(x)*z; b = a*y + a; b/(y + sqrt(b))*tanh(z)", {"x": 0.31, "y": 1.13, "z": 0.87}),
    ("v1*v2 + exp(v1)", {"v1": 0.31, "v2": 1.13}),
    ("x", {"x": 1.5}),
    ("x*0 + 3", {"x": 1.5}),
]
MODES = ("forward", "reverse", "both")


def cli(*args: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}  # tables of any width
    return subprocess.run(
        [sys.executable, "-m", "adcli", *args], capture_output=True, text=True, timeout=60, env=environment
    )


def made(
    text: str, at: dict[str, float], mode: str, format_: str = "plain", **options: Any
) -> tuple[Document, Document]:
    """Return the document of a trace as it is spelled in a format, and its worksheet."""
    f = adcli.formula(text)
    result, done = f.sweeps(as_point(at), (), mode, whole=True)
    shown = trace_table(done, f.outputs, "level", notation_for(Style(format_)))
    document = result.document().with_tables(shown.document())
    return document, worksheet(document, trace_table(done, f.outputs), **options)


def contents(document: Document) -> list[Any]:
    """Return every cell of a document in order."""
    return [*document.quantities.values(), *(x for table in document.tables for row in table.rows for x in row)]


@pytest.mark.long
@pytest.mark.parametrize(("text", "at"), FORMULAS)
def test_what_is_blank_is_nowhere_given_away(text: str, at: dict[str, float]) -> None:
    for mode in MODES:
        for seed in range(12):
            document, sheet = made(text, at, mode, seed=seed, share=0.4)
            pairs = list(zip(contents(document), contents(sheet), strict=True))
            told = {abs(x) for x, gap in pairs if not isinstance(gap, Gap) and isinstance(x, float)}
            hidden = {x for x, gap in pairs if isinstance(gap, Gap) and isinstance(x, float)}
            text_shown = render(sheet, Style("plain", 17))
            for x in hidden:
                if len(repr(x)) > 12 and abs(x) not in told:  # else it is also there as something else
                    assert f"{x:.17g}".lstrip("-") not in text_shown, (mode, seed, x)
            for x, gap in pairs:
                assert gap == (Gap(x, False) if isinstance(gap, Gap) else x)


@pytest.mark.parametrize(("text", "at"), FORMULAS[:4])
def test_a_result_is_blank_wherever_it_stands(text: str, at: dict[str, float]) -> None:
    """The value stands in two rows and above; a derivative above, in the last rows forward, in the first reverse."""
    for seed in range(12):
        _, sheet = made(text, at, "both", seed=seed)
        value, *slopes = (isinstance(x, Gap) for x in sheet.quantities.values())
        primal, tangent, adjoint = ([[isinstance(x, Gap) for x in row] for row in t.rows] for t in sheet.tables)
        assert value == primal[-1][3] == primal[-2][3]
        for k, slope in enumerate(slopes):
            assert slope == tangent[-1][3 + 2 * k] == tangent[-2][3 + 2 * k] == adjoint[k][3]


def test_a_formula_that_is_blank_is_not_told_by_its_numbers() -> None:
    text, at = FORMULAS[0]
    for seed in range(20):
        _, sheet = made(text, at, "both", seed=seed)
        for table, formula, numbers in (("tangent", 1, 2), ("tangent", 1, 4), ("adjoint", 1, 2)):
            (rows,) = [t.rows for t in sheet.tables if t.title == table]
            for row in rows:
                assert not isinstance(row[formula], Gap) or isinstance(row[numbers], Gap)


@pytest.mark.parametrize(("text", "at"), FORMULAS[:4])
def test_the_seed_chooses_and_a_smaller_share_is_part_of_a_larger(text: str, at: dict[str, float]) -> None:
    def blank(**options: Any) -> set[int]:
        return {k for k, x in enumerate(contents(made(text, at, "both", **options)[1])) if isinstance(x, Gap)}

    assert blank(seed=3) == blank(seed=3, answers=True) != blank(seed=4)
    assert blank(seed=3, share=0.0) == set()
    assert blank(seed=3, share=0.2) < blank(seed=3, share=0.6) < blank(seed=3, share=1.0)
    document, full = made(text, at, "both", share=1.0)
    inputs = len(at)
    for table, whole in zip(full.tables, document.tables, strict=True):
        for row, was in list(zip(table.rows, whole.rows, strict=True))[inputs:-2]:
            given = 2 if table.title == "primal" else 1  # the name of a row, and its formula
            told = [k for k, x in enumerate(row) if k >= given and not isinstance(x, Gap) and was[k] != ""]
            assert not told, (table.title, row)


def test_answers_are_those_of_the_trace() -> None:
    text, at = FORMULAS[1]
    document, sheet = made(text, at, "both", answers=True, seed=5)
    assert [x.cell if isinstance(x, Gap) else x for x in contents(sheet)] == contents(document)
    for format_ in ("plain", "table"):
        shown = render(sheet, Style(format_))
        assert shown.count("[") == sum(isinstance(x, Gap) for x in contents(sheet))
        assert "___" not in shown


def markdown(source: str) -> list[list[str]]:
    """Return the cells of the tables of a Markdown document as HTML."""
    html = MarkdownIt("commonmark").enable("table").render(source)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", html, re.S)]


def test_the_same_cells_in_every_format() -> None:
    text, at = FORMULAS[0]
    counts: set[int] = set()
    for format_, blank, mark in (
        ("table", "_" * 8, "]"),
        ("plain", "_" * 8, "]"),
        ("markdown", r"\_" * 8, "**"),
        ("latex", r"\underline{", r"\fbox{"),
    ):
        style = Style(format_)
        document, empty = made(text, at, "both", format_, seed=7)
        _, full = made(text, at, "both", format_, seed=7, answers=True)
        found = {render(empty, style).count(blank), render(full, style).count(mark) // (2 if mark == "**" else 1)}
        if format_ == "latex":  # its tables are split by width, and the first columns are then repeated
            assert min(found) >= max(counts)
        else:
            counts |= found
    assert len(counts) == 1
    document, empty = made(text, at, "both", "markdown", seed=7)
    _, full = made(text, at, "both", "markdown", seed=7, answers=True)
    tables = [markdown(render(one, Style("markdown"))) for one in (document, empty, full)]
    for rows in zip(*tables, strict=True):
        for cell, b, a in zip(*rows, strict=True):
            assert (b, a) in ((cell, cell), ("_" * 8, f"<strong>{cell}</strong>"))


def test_at_the_terminal() -> None:
    args = ("grad", "x^2*y", "--at", "x=3,y=2", "--mode", "reverse", "--trace", "--worksheet", "--blank", "1")
    empty, full = cli(*args), cli(*args, "--answers", "-f", "markdown")
    assert (empty.returncode, empty.stderr, full.returncode) == (0, "", 0)
    assert "18" not in empty.stdout
    assert empty.stdout.endswith("worksheet, seed 0\n")
    assert "| f | **18** |" in full.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--worksheet"], "add: --trace"),
        (["--trace", "--answers"], "add: --worksheet"),
        (["--trace", "--worksheet", "-f", "json"], "use --format table, plain, markdown or latex"),
        (["--trace", "--worksheet", "-f", "csv"], "use --format table, plain, markdown or latex"),
        (["--trace", "--worksheet", "--blank", "1.5"], "--blank"),
    ],
)
def test_refusals(more: list[str], says: str) -> None:
    done = cli("grad", "x^2", "--at", "x=3", *more)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
