"""Documents in Markdown: a reader of GitHub's Markdown gets back every cell as it is."""

from __future__ import annotations

import html
import re
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from markdown_it import MarkdownIt

import adcli
from adcli.derive import ContourMap, Curve, Values, derivative_at
from adcli.derive.points import PointTable
from adcli.language.point import as_point
from adcli.result import Column, Document, Gap, Result, Table, columns
from adcli.show.cells import cell_text, heading, to_charset
from adcli.show.render import as_text, render
from adcli.show.style import Style
from adcli.trace.sweep import unswept
from adcli.trace.table import trace_table

READER = MarkdownIt("commonmark").enable("table")
F = adcli.formula("x_1_*abs(y_) + (if x_1_ < 1 or y_ >= 2 then max(x_1_, y_)^2 else z[1])")
AT: dict[str, Any] = {"x_1_": 0.5, "y_": 2.5, "z": [1.0]}
G = adcli.formula("exp(_a_)*_b_*α_1")
AT_G = {"_a_": 0.5, "_b_": 2.5, "α_1": -1e-20}
RESULTS: dict[str, Any] = {
    "Gradient": lambda: F.gradient(AT),
    "Jacobian": lambda: adcli.formula("[_a_*_b_, abs(_a_)]").jacobian(_a_=1, _b_=2),
    "Product": lambda: G.jvp(AT_G, {"_a_": 1}),
    "Hessian": lambda: G.hessian(AT_G),
    "Taylor": lambda: G.taylor(AT_G, {"_a_": 1}, 3),
    "Partial": lambda: G.partial(AT_G, ("_a_", "_b_")),
    "Cost": lambda: G.cost("_a_", 2),
    "Derivative": lambda: derivative_at(G, G.derivative("_a_"), ("_a_",), as_point(AT_G), named=True),
    "Steps": lambda: F.steps("x_1_", integers={"z": [1.0]}),
    "Check": lambda: G.check(AT_G),
    "Claims": lambda: G.grade(AT_G, {"_a_": "exp(_a_)", "_b_": 3}),
    "StepSweep": lambda: G.step_sweep(AT_G, "_a_"),
    "Comparison": lambda: G.same_as("_a_*_b_*α_1"),
    "TraceTable": lambda: F.trace(AT, mode="both"),
}


def escape(text: str) -> str:
    return html.escape(text).replace("&#x27;", "'")


def blocks(text: str) -> tuple[list[list[str]], str]:
    """Return what a reader sees: the cells of tables row by row, and the text of the code blocks."""
    page = READER.render(text)
    code = "".join(html.unescape(c) for c in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.S))
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)]
    return rows, code


def wanted(table: Table) -> list[list[str]]:
    """Return the cells of a table as HTML, formulas as code."""
    found = [[escape(to_charset(h, True)) for h in table.headers]]
    for row in table.rows:
        cells = []
        for k, x in enumerate(row):
            text = escape(to_charset(cell_text(x, 2 if table.columns[k].brief else 10), True))
            cells.append(f"<code>{text}</code>" if table.columns[k].kind and text else text)
        found.append(cells)
    return found


def check(document: Document) -> None:
    rows, code = blocks(render(document, Style("markdown")))
    expected: list[list[str]] = []
    if document.quantities:
        expected += wanted(Table("", columns("quantity", "value"), list(document.quantities.items())))
    if document.tables:
        first, *rest = map(wanted, document.tables)
        expected += [sum((t[k][1:] for t in rest), row) for k, row in enumerate(first)]
    assert rows == expected
    for line in (*document.lines, *heading(document), *document.closing):
        assert to_charset(line, True) in code


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_is_read_as_it_is(name: str) -> None:
    result = RESULTS[name]()
    assert type(result).__name__ == name
    check(result.document())


@pytest.mark.parametrize("name", RESULTS)
def test_results_do_not_change_and_show_themselves(name: str) -> None:
    result = RESULTS[name]()
    with pytest.raises(FrozenInstanceError):
        result.source = None
    assert repr(result) == as_text(result.document())


def test_traces_are_read_as_they_are() -> None:
    others = {Values, PointTable, Curve, ContourMap}  # held by test_points and test_curve
    assert RESULTS.keys() | {kind.__name__ for kind in others} == {kind.__name__ for kind in Result.__subclasses__()}
    for mode in ("forward", "reverse", "both"):
        check(F.gradient(AT, mode=mode).document().with_tables(F.trace(AT, mode=mode).document()))
    values, evaluation = F.values(as_point(AT))
    check(values.document().with_tables(trace_table(unswept(evaluation), F.outputs).document()))


@pytest.mark.parametrize("text", ["a|b", "*a*", "_a_", "[a](b)", "<b>", "`a`", "a\\|b", "$x$", "~~a~~", "&lt;", "a\\"])
def test_no_text_is_markup(text: str) -> None:
    """In plain cells, in code, in headers and as answers."""
    table = Table("", (Column(text), Column("x", "math")), [(text, text), (Gap(text, True), Gap(text, True))])
    rows, _ = blocks(render(Document(tables=(table,)), Style("markdown")))
    plain, code = escape(text), f"<code>{escape(text)}</code>"
    if "`" in text or "\\" in text:  # there are no such formulas
        assert [rows[0][0], rows[1][0], rows[2][0]] == [plain, plain, f"<strong>{plain}</strong>"]
    else:
        assert rows == [[plain, "x"], [plain, code], [f"<strong>{plain}</strong>", f"<strong>{code}</strong>"]]
