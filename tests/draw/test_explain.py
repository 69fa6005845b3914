"""Explanations: the steps in words, the page with nothing to inject, and the page as a browser runs it."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import adcli
from adcli.cli import cli
from adcli.draw import javascript
from adcli.draw.explain import explain, steps
from adcli.draw.page import page
from adcli.language.point_reader import read_point
from adcli.ops.op import TABLE
from adcli.show.style import Style

pytestmark = pytest.mark.long

BAYDIN = ("ln(x1)+x1*x2-sin(x2)", "x1=2,x2=5")
EVIL = "</script><script>document.title='bad'</script><!--<img src=x onerror=alert(1)>"


def page_of(text: str, at: str) -> str:
    return page(explain(adcli.formula(text), read_point((at,))), Style(digits=6))


def data_of(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    data: dict[str, Any] = json.loads(found)
    return data


class Tags(HTMLParser):
    """The elements of a page, with their attributes, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in ("script", "style") and data.strip():
            self.inside.append(data)


def test_steps_are_those_of_the_table() -> None:
    done = explain(adcli.formula(BAYDIN[0]), read_point((BAYDIN[1],)))
    texts = list(steps(done, Style(digits=6)))
    assert len(texts) == 16
    assert texts[3].splitlines() == [
        "forward 4/8",
        "  ln(x1)+x1*x2-sin(x2)",
        "         ^^^^^",
        "  v2 = v-1*v0 = 2*5 = 10",
        "  ∂v2/∂x1 = v̇-1*v0 + v̇0*v-1 = 1*5 + 0*2 = 5",
        "  ∂v2/∂x2 = v̇-1*v0 + v̇0*v-1 = 0*5 + 1*2 = 2",
    ]
    assert texts[-1].splitlines()[3:] == [
        "  ∂y/∂x1 = v̄2*v0 + v̄1*(1/v-1) = 1*5 + 1*(1/2) = 5.5",
        "    from v2: 5",
        "    from v1: 0.5",
    ]


def test_a_pipe_gets_every_step() -> None:
    done = CliRunner().invoke(cli, ["explain", BAYDIN[0], "--at", BAYDIN[1]], standalone_mode=False)
    assert done.output.count("forward ") == done.output.count("reverse ") == 8
    assert "∂y/∂x2 = " in done.output


@pytest.mark.parametrize("end", [b"q\n", b"\x04"])
def test_enter_goes_on_and_q_or_the_end_of_input_ends_at_a_terminal(end: bytes) -> None:
    pty = pytest.importorskip("pty", reason="there are no terminals to test with here")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "adcli", "explain", BAYDIN[0], "--at", BAYDIN[1]]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"\n\n" + end)
        assert process.wait(60) == 0
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "forward 2/8" in shown
    assert "forward 3/8" not in shown
    assert "interrupted" not in shown


def test_equal_subexpressions_are_lit_together() -> None:
    done = explain(adcli.formula("sin(x)*sin(x)"), read_point(("x=1",)))
    (row,) = [row for row in done.table.rows if row.op == "sin"]
    assert done.spans[row.slot] == [(0, 6), (7, 13)]


def test_every_row_of_a_script_has_its_place() -> None:
    text = "f(u) = exp(u)*u\na = x^2\nf(a) + sum(i=1..3, i*x)"
    done = explain(adcli.formula(text), read_point(("x=0.5",)))
    for row in done.table.rows[:-1]:
        assert done.spans.get(row.slot), row
        assert all(0 <= start < end <= len(text) for start, end in done.spans[row.slot])


def test_the_numbers_of_the_page_are_those_of_adcli() -> None:
    data = data_of(page_of(*BAYDIN))
    gradient = adcli.formula(BAYDIN[0]).gradient(x1=2, x2=5)
    assert data["gradient"] == gradient.gradient
    last = data["rows"][-1]
    assert last["value"] == gradient.value
    assert last["tangents"] == [gradient["x1"], gradient["x2"]]
    assert [row["adjoint"] for row in data["rows"][:2]] == [gradient["x1"], gradient["x2"]]
    assert data["counts"] == {"forward": 16, "reverse": 8}
    for row in data["rows"]:
        amounts = [c["amount"] for c in row["contributions"]]
        assert not amounts or sum(amounts) == pytest.approx(row["adjoint"], rel=1e-15)


def test_the_policy_allows_this_script_and_these_styles_only() -> None:
    tags = Tags(page_of(*BAYDIN))
    (policy,) = [a["content"] or "" for tag, a in tags.found if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    hashes = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in tags.inside]
    assert len(hashes) == 4  # two styles, the data, the script
    assert [h in policy for h in hashes].count(True) == 3
    assert not any(name == "style" or name.startswith("on") for _, attributes in tags.found for name in attributes)


def test_it_names_no_address() -> None:
    text = page_of(*BAYDIN).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//\w+\.\w|url\(|@import|\b(src|href)=", text)


@pytest.mark.parametrize("text", [f"# {EVIL}\nx^2", f"a = x # {EVIL}\na*a"])
def test_a_text_cannot_become_a_tag(text: str) -> None:
    made = page_of(text, "x=3")
    assert Tags(made).found.count(("script", {})) == 1
    assert not [tag for tag, _ in Tags(made).found if tag == "img"]
    assert data_of(made)["text"] == text


def test_a_placeholder_in_a_formula_is_text() -> None:
    assert "# {{script}} {{policy}}" in page_of("# {{script}} {{policy}}\nx^2", "x=3")


def test_the_name_of_a_file_is_text(tmp_path: Path) -> None:
    path = tmp_path / "<img src=x>.ad"
    path.write_text("x^2", "utf-8")
    out = tmp_path / "page.html"
    done = CliRunner().invoke(cli, ["explain", str(path), "--at", "x=3", "-o", str(out)], standalone_mode=False)
    assert done.return_value == 0, done.output
    made = out.read_text("utf-8")
    assert data_of(made)["file"] == str(path)
    assert "<img" not in made


def test_other_kinds_of_files_are_refused() -> None:
    with pytest.raises(adcli.AdcliError, match=r"page\.pdf is no name"):
        CliRunner().invoke(
            cli, ["explain", "x", "--at", "x=1", "-o", "page.pdf"], standalone_mode=False, catch_exceptions=False
        )


def test_a_formula_in_latex_is_lit_as_it_was_written(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    command = ["explain", r"\frac{x}{y}+\sin x", "--syntax", "latex", "--at", "x=1,y=2", "-o", str(out)]
    assert CliRunner().invoke(cli, command, standalone_mode=False).return_value == 0
    data = data_of(out.read_text("utf-8"))
    lit = {row["formula"]: [data["text"][a:b] for a, b in row["spans"]] for row in data["rows"]}
    assert lit["v-1/v0"] == [r"\frac{x}{y}"]
    assert lit["sin(v-1)"] == [r"\sin x"]


def test_infinite_numbers_are_strict_json() -> None:
    data = data_of(page_of("sqrt(x)", "x=0"))
    assert data["rows"][0]["adjoint"] == "Infinity"


@pytest.mark.parametrize(("text", "why"), [("erf(x)", "erf"), ("if x > 0 then x else -x", "branch")])
def test_what_a_browser_cannot_compute_has_no_sliders(text: str, why: str) -> None:
    made = page_of(text, "x=1")
    assert data_of(made)["live"] is False
    assert re.search(rf"cannot be moved here: .*{why}", made)


def test_several_outputs_are_refused() -> None:
    with pytest.raises(adcli.AdcliError, match="several outputs"):
        page_of("[x, x^2]", "x=1")


# -- in a browser ---------------------------------------------------------------------------------------------------

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no browser tests: pip install playwright")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no browser tests: no Chromium is installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


class Opened:
    """A page in the browser, with what it asked for and what it complained of."""

    def __init__(self, browser: Any, path: Path, text: str, **options: Any) -> None:
        path.write_text(text, "utf-8")
        self.tab = browser.new_page(**options)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(path.as_uri())

    def numbers(self) -> list[list[float]]:
        """Return the value, the tangents and the adjoint in each row of the table."""
        found = self.tab.evaluate(
            "[...document.querySelectorAll('#rows tr')].map(r => [...r.cells].slice(2).map(c => c.dataset.x))"
        )
        return [[float(x) for x in row] for row in found]

    def step(self) -> str:
        where: str = self.tab.text_content("#where")
        return where

    def move(self, name: str, to: int) -> float:
        """Move a slider as a hand does; return where the input is then."""
        slider = f"input[data-input='{name}']"
        self.tab.focus(slider)
        for _ in range(abs(to)):
            self.tab.keyboard.press("ArrowRight" if to > 0 else "ArrowLeft")
        return float(self.tab.get_attribute(f"{slider} + output", "data-x"))

    def check(self) -> None:
        """Nothing was asked of the network, nothing went wrong."""
        assert len(self.requests) == 1
        assert not self.complaints
        self.tab.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    found = Opened(browser, tmp_path / "page.html", page_of(*BAYDIN))
    yield found
    found.check()


def test_it_steps_forward_and_back(opened: Opened) -> None:
    tab = opened.tab
    assert opened.step() == "1/16"
    for _ in range(3):
        tab.click("#step")
    assert opened.step() == "4/16"
    assert tab.text_content("mark") == "x1*x2"
    assert tab.text_content("#graph g.now .title") == "v2 = v-1*v0"
    assert tab.locator("#graph .edge.now").count() == 2
    assert "∂v2/∂x1 = v̇-1*v0 + v̇0*v-1 = 1*5 + 0*2 = 5" in tab.text_content("#forward .work")
    assert "Step 4 of 16, forward. v2 = v-1*v0 = 2*5 = 10" in tab.text_content("#said")
    tab.click("#back")
    assert opened.step() == "3/16"
    tab.click("#last")
    assert tab.is_disabled("#step")
    assert "v̄2*v0 + v̄1*(1/v-1) = 1*5 + 1*(1/2) = 5.5" in tab.text_content("#reverse .work")
    assert tab.text_content("#reverse .count") == "8 of 8 multiply-adds, in 1 sweep"
    tab.click("#first")
    assert tab.is_disabled("#back")


def test_the_table_fills_row_by_row(opened: Opened) -> None:
    shown = (
        "[...document.querySelectorAll('#rows td')].filter(c => getComputedStyle(c).visibility === 'visible').length"
    )
    counts = [opened.tab.evaluate(shown)]
    for _ in range(15):
        opened.tab.click("#step")
        counts.append(opened.tab.evaluate(shown))
    assert counts == [*range(4, 33, 4), *range(33, 41)]


def test_keys_do_what_buttons_do(opened: Opened) -> None:
    for key, where in (
        ("ArrowRight", "2/16"),
        ("ArrowRight", "3/16"),
        ("ArrowLeft", "2/16"),
        ("End", "16/16"),
        ("Home", "1/16"),
    ):
        opened.tab.keyboard.press(key)
        assert opened.step() == where
    opened.tab.keyboard.press("Tab")  # past the formula: everything can be reached and pressed
    opened.tab.focus("#step")
    opened.tab.keyboard.press("Enter")
    assert opened.step() == "2/16"


def test_it_plays_and_stops(opened: Opened) -> None:
    opened.tab.clock.install()
    opened.tab.reload()
    opened.requests.pop()
    opened.tab.click("#play")
    opened.tab.clock.run_for(2500)
    assert opened.step() == "4/16"
    opened.tab.click("#play")
    opened.tab.clock.run_for(5000)
    assert opened.step() == "4/16"


def expected(text: str, at: dict[str, float]) -> list[list[float]]:
    f = adcli.formula(text)
    table = f.trace(at, mode="both")
    return [
        [float(x) for x in (row.value, *(row.tangents or {}).values(), row.adjoint) if x is not None]
        for row in table.rows
    ]


def test_numbers_at_first_are_adcli_s(opened: Opened) -> None:
    assert opened.numbers() == expected(BAYDIN[0], {"x1": 2.0, "x2": 5.0})


def test_a_slider_computes_anew(opened: Opened) -> None:
    at = {"x1": opened.move("x1", 7), "x2": opened.move("x2", -12)}
    assert at == {"x1": pytest.approx(2.14), "x2": pytest.approx(4.4)}
    for found, exact in zip(opened.numbers(), expected(BAYDIN[0], at), strict=True):
        assert found == pytest.approx(exact, rel=1e-12, abs=1e-300)
    opened.tab.click("#reset")
    assert opened.numbers() == expected(BAYDIN[0], {"x1": 2.0, "x2": 5.0})


@pytest.mark.parametrize(
    "text",
    [
        "x*x*y + x^3/y",
        "max(x, y)*min(x, 2)",
        "sum(i=1..3, x^i)*y",
        "-x^2*y - (x - y)",
        "hypot(x, y)^2*exp(x*y)/(1 + x^2)",
    ],
)
def test_sliders_agree_with_adcli(browser: Any, tmp_path: Path, text: str) -> None:
    found = Opened(browser, tmp_path / "p.html", page_of(text, "x=-1.5,y=0.5"))
    at = {"x": found.move("x", 3), "y": found.move("y", -1)}
    for row, exact in zip(found.numbers(), expected(text, at), strict=True):
        assert row == pytest.approx(exact, rel=1e-12, abs=1e-300)
    gradient = adcli.formula(text).gradient(at)
    for name in at:
        assert f"∂f/∂{name} = {gradient[name]:.6g}" in found.tab.text_content("#result")
    found.check()


def test_the_point_is_printed_while_it_is_the_one_shown(opened: Opened) -> None:
    opened.tab.emulate_media(media="print")
    assert "at x1 = 2" in opened.tab.inner_text("body")
    opened.tab.eval_on_selector("input[data-input]", "e => { e.value = 5; e.dispatchEvent(new Event('input')); }")
    assert "at x1 = 2" not in opened.tab.inner_text("body")
    opened.tab.eval_on_selector("#reset", "e => e.click()")
    assert "at x1 = 2" in opened.tab.inner_text("body")
    opened.tab.emulate_media(media="screen")


def test_every_step_is_printed(opened: Opened) -> None:
    opened.tab.emulate_media(media="print")
    opened.tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.tab.locator("#all .work:visible").count() == 16
    assert "16. reverse, v-1: the input x1" in opened.tab.text_content("#all")
    assert opened.tab.locator("#rows td:visible").count() == 40
    assert not opened.tab.is_visible("#controls")


def test_beyond_the_domain_it_says_so(opened: Opened) -> None:
    opened.move("x1", -100)
    assert opened.tab.text_content("#warning") == "v1 = ln(v-1) has no finite value here"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, tmp_path: Path, width: int, dark: bool) -> None:
    scheme = "dark" if dark else "light"
    viewport = {"width": width, "height": 800}
    found = Opened(browser, tmp_path / "p.html", page_of(*BAYDIN), viewport=viewport, color_scheme=scheme)
    assert found.tab.evaluate("document.documentElement.scrollWidth") <= width
    found.check()


def test_an_injected_script_is_inert(browser: Any, tmp_path: Path) -> None:
    text = f"# {EVIL}\nx^2"
    found = Opened(browser, tmp_path / "p.html", page_of(text, "x=3"))
    assert found.tab.title() == "y = x^2"
    assert found.tab.text_content("#formula") == text
    found.check()


def test_every_operation_is_the_same_in_javascript(browser: Any) -> None:
    known = [op for op in TABLE if not javascript.missing([op])]
    assert len(known) > 45
    tab = browser.new_page()
    calls = [
        [op.name, x] for op in known for x in (op.sample, tuple(1.25 * t if op.arity < 3 else t for t in op.sample))
    ]
    script = f"""calls => {{ const all = {javascript.functions(known)};
        return calls.map(([name, x]) => {{ const y = all[name].value(...x);
            return [y, ...all[name].partials.map(p => p(y, ...x))]; }}); }}"""
    by_name = {op.name: op for op in known}
    for (name, x), found in zip(calls, tab.evaluate(script, calls), strict=True):
        op = by_name[name]
        y = op.number(*x)
        exact = [float(y), *(op.slope(k, y, *x) for k in range(op.arity))]
        assert all(map(math.isfinite, exact)), (name, x)
        assert found == pytest.approx(exact, rel=1e-12, abs=1e-300), (name, x)
    tab.close()


def test_a_condition_has_no_tangents(browser: Any, tmp_path: Path) -> None:
    found = Opened(browser, tmp_path / "p.html", page_of("if x > 0 then x^2 else -x", "x=3"))
    assert found.tab.locator("input[data-input]").count() == 0
    assert expected("if x > 0 then x^2 else -x", {"x": 3.0})[-1] == [9.0, 6.0, 1.0]
    cells = found.tab.evaluate(
        "[...document.querySelectorAll('#rows tr')].map(r => [...r.cells].map(c => c.textContent))"
    )
    assert ["v1", "v0 > 0", "true", "", ""] in cells
    assert cells[-1][2:] == ["9", "6", "1"]
    found.tab.keyboard.press("End")
    assert found.tab.text_content("#result") == "y = 9, ∂y/∂x = 6"
    found.check()
