"""The promises at the terminal: stdout and stderr, exit statuses, formats, files, pipes, signals, widths, colours."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from adcli.cli import COMMANDS

pytestmark = pytest.mark.long

SAMPLES = Path(__file__).parents[2] / "samples"
FORMULA = "ln(x1)+x1*x2-sin(x2)"
AT = ("--at", "x1=2,x2=5")
CLEAN = {k: v for k, v in os.environ.items() if not re.match("COLUMNS|LINES|LC_|LANG|NO_COLOR|PYTHON|TERM", k)}
FORMATS = ("table", "plain", "json", "jsonl", "csv", "markdown", "latex")
LONG = "f(u) = sin(u) + 1; g(u) = f(f(f(f(f(f(f(f(f(f(u)))))))))); h(u) = g(g(g(g(u)))); h(h(h(x)))"  # 240 rows


def adcli(*words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program with a clean environment and captured pipes."""
    done = subprocess.run(
        [sys.executable, "-m", "adcli", *words],
        input=stdin, capture_output=True, encoding="utf-8", env={**CLEAN, "PYTHONIOENCODING": "utf-8", **environ},
        timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def shell(command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, where $A is the program."""
    run = f"set -o pipefail; A='{sys.executable} -m adcli'; {command}"
    env = {**CLEAN, "PYTHONIOENCODING": "utf-8", **environ}
    done = subprocess.run(["bash", "-c", run], capture_output=True, encoding="utf-8", env=env, timeout=60)
    assert "Traceback" not in done.stderr + done.stdout
    assert "Exception ignored" not in done.stderr
    return done


def strict(text: str) -> Any:
    """Read JSON as RFC 8259 has it: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def columns(line: str) -> int:
    """Return how wide a terminal shows a line."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in line)


# -- statuses, and what goes where ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["grad", FORMULA, *AT], 0),
        (["grad", "abs(x)", "--at", "x=0"], 0),
        (["grad", "abs(x)", "--at", "x=0", "--strict"], 1),
        (["grad", "floor(x)", "--at", "x=1"], 1),
        (["grad", "ln(x)", "--at", "x=-1"], 1),
        (["eval", "exp(1000) - exp(1000)"], 1),
        (["eval", "exp(1000)"], 0),
        (["eval", "exp(1000)", "--strict"], 1),
        (["grad", "ln(x", "--at", "x=1"], 2),
        (["grad", "x"], 2),
        (["grad", "x", "--nothing"], 2),
        (["nothing"], 2),
        ([], 2),
        (["--help"], 0),
        (["--version"], 0),
    ],
)
def test_exit_status(words: list[str], status: int) -> None:
    assert adcli(*words).returncode == status


def test_stdout_is_the_result_and_stderr_the_rest() -> None:
    done = adcli("grad", "abs(x)", "--at", "x=0", "--format", "csv")
    assert done.stdout == "quantity,value\ny,0.0\ndy/dx,0.0\n"
    assert done.stderr.startswith("note: abs has a kink at x = 0")
    failed = adcli("grad", "ln(x)", "--at", "x=-1")
    assert failed.stdout == ""
    assert failed.stderr.startswith("adcli: ln is undefined at x = -1")
    assert adcli("grad", FORMULA, *AT).stderr == ""


@pytest.mark.parametrize("command", ["grad", "eval"])
def test_answers_begin_with_the_formula_as_it_was_understood(command: str) -> None:
    for format_ in ("table", "plain"):
        out = adcli(command, "2x^-2", "--at", "x=2", "--format", format_).stdout
        assert out.startswith("y = 2*x^-2\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = adcli(command, "--help")
    assert done.returncode == 0
    assert re.search(rf"^ *adcli {command}", done.stdout, re.M)
    assert adcli(command, "-h").stdout == done.stdout


def test_autodiff_is_the_same_program() -> None:
    script = shutil.which("autodiff") or str(Path(sysconfig.get_path("scripts")) / "autodiff")
    if not os.path.exists(script):
        pytest.skip("not installed with its scripts")
    done = subprocess.run([script, "eval", "1+1", "--format", "csv"], capture_output=True, text=True, timeout=30)
    assert done.stdout == "quantity,value\ny,2.0\n"


# -- formats ----------------------------------------------------------------------------------------------------------
def test_json_is_strict_and_complete() -> None:
    data = strict(adcli("grad", FORMULA, *AT, "--format", "json").stdout)
    assert data["schema"] == 1
    assert data["formula"] == "ln(x1) + x1*x2 - sin(x2)"
    assert data["at"] == {"x1": 2.0, "x2": 5.0}
    assert data["value"] == 11.652071455223084
    assert data["gradient"] == {"x1": 5.5, "x2": 1.7163378145367738}
    assert data["notes"] == []


def test_json_spells_what_is_not_finite() -> None:
    assert strict(adcli("grad", "sqrt(x)", "--at", "x=0", "--format", "json").stdout)["gradient"] == {"x": "Infinity"}
    assert strict(adcli("eval", "-exp(1000)", "--format", "json").stdout)["value"] == "-Infinity"
    nan = strict(adcli("eval", "exp(1000) - exp(1000)", "--format", "json").stdout)
    assert nan["value"] == "NaN"
    assert {note["kind"] for note in nan["notes"]} == {"overflow", "nan"}
    jump = strict(adcli("grad", "floor(x)", "--at", "x=1", "--format", "json").stdout)
    assert jump["gradient"] == {"x": None}
    assert jump["notes"][0]["span"] == [0, 8]


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        (["grad", "1 + ln(x)", "--at", "x=-1"], 1, "domain"),
        (["grad", "1 + ln(x", "--at", "x=-1"], 2, "syntax"),
        (["grad", "x"], 2, "point"),
        (["grad", "x", "--at", "x=1", "--modus", "y"], 2, "usage"),
    ],
)
def test_an_error_is_json_on_stdout_where_json_was_asked_for(words: list[str], status: int, kind: str) -> None:
    for format_ in ("json", "jsonl"):
        done = adcli(*words, "--format", format_)
        error = strict(done.stdout)["error"]
        assert (done.returncode, error["kind"]) == (status, kind)
        assert done.stderr.startswith(f"adcli: {error['text']}")
    assert adcli(*words, "-f", "csv").stdout == ""


def test_jsonl_is_one_line() -> None:
    out = adcli("grad", FORMULA, *AT, "--trace", "--format", "jsonl").stdout
    assert out.count("\n") == 1
    assert strict(out) == strict(adcli("grad", FORMULA, *AT, "--trace", "--format", "json").stdout)


def test_the_tree_of_a_python_function_is_recorded_at_the_point() -> None:
    done = adcli("ast", "samples/python/articles.py:quotient", "--at", "a=2,b=5,c=1")
    assert done.stdout.split("\n\n") == ["y = a/b - c", "y = -\n├─ /\n│  ├─ a\n│  └─ b\n└─ c\n"]


@pytest.mark.parametrize("command", ["eval", "grad"])
def test_the_trace_is_last_in_json(command: str) -> None:
    data = strict(adcli(command, FORMULA, *AT, "--trace", "--format", "json").stdout)
    assert list(data)[-2:] == ["notes", "trace"]


def test_trace_in_json_holds_every_contribution() -> None:
    data = strict(adcli("grad", FORMULA, *AT, "--trace", "--mode", "both", "--format", "json").stdout)
    rows = {row["name"]: row for row in data["trace"]}
    assert list(rows) == ["v-1", "v0", "v1", "v2", "v3", "v4", "v5", "y"]
    for row in rows.values():
        assert set(row["tangents"]) == {"x1", "x2"}
        if row["contributions"]:
            assert sum(c["amount"] for c in row["contributions"]) == row["adjoint"]
            for c in row["contributions"]:
                assert c["amount"] == rows[c["from"]]["adjoint"] * c["partial_value"]


@pytest.mark.parametrize("trace", [False, True])
def test_csv_reads_back_with_every_digit(trace: bool) -> None:
    at = ("--at", "x1=0.1,x2=1/3")
    data = strict(adcli("grad", FORMULA, *at, "--trace", "--mode", "both", "--format", "json").stdout)
    rows = list(
        csv.reader(
            io.StringIO(adcli("grad", FORMULA, *at, "--mode", "both", "--format", "csv", *["--trace"] * trace).stdout)
        )
    )
    if trace:
        assert len(rows) == 1 + len(data["trace"])
        assert len({len(row) for row in rows}) == 1
        assert [float(row[rows[0].index("value")]) for row in rows[1:]] == [row["value"] for row in data["trace"]]
        assert rows[1][0] == "v-1"
    else:
        assert {name: float(x) for name, x in rows[1:]} == {
            "y": data["value"], **{f"dy/d{k}": d for k, d in data["gradient"].items()},
        }  # fmt: skip


def test_csv_quotes_what_needs_it() -> None:
    out = adcli("grad", "max(x, y)", "--at", "x=1,y=2", "--trace", "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[3][1] == "max(v-1, v0)"


def test_markdown_tables_have_a_shape() -> None:
    out = adcli("grad", FORMULA, *AT, "--trace", "--format", "markdown").stdout
    assert out.startswith("```\ny = ln(x1) + x1*x2 - sin(x2)\n")
    tables = re.findall(r"(?:^\|.*\|\n)+", out, re.M)
    assert len(tables) == 2
    for table in tables:
        lines = table.splitlines()
        assert re.fullmatch(r"\|( ---:? \|)+", lines[1])
        assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1


@pytest.mark.parametrize(
    "text", [FORMULA, "if x1 < 1 then x1^(2*x2) else max(x1, x2)/log2(x2)", "α_1*x1 + hypot(x2, -3)"]
)
def test_latex_is_balanced(text: str) -> None:
    at = "x1=2,x2=5" + (",α_1=2" if "α" in text else "")
    out = adcli("grad", text, "--at", at, "--trace", "--mode", "both", "--format", "latex").stdout
    for needed in (r"\documentclass", "booktabs", r"\toprule", r"\midrule", r"\bottomrule", r"\end{document}"):
        assert needed in out
    assert out.replace(r"\{", "").count("{") == out.replace(r"\}", "").count("}")
    assert out.count(r"\left") - out.count(r"\left|") == out.count(r"\right") - out.count(r"\right|")
    for name in set(re.findall(r"\\begin{(\w+)}", out)):
        assert out.count(rf"\begin{{{name}}}") == out.count(rf"\end{{{name}}}")
    assert out.isascii()


def test_digits_are_significant() -> None:
    assert "0.333\n" in adcli("eval", "1/3", "--digits", "3").stdout
    assert "0.33333333333333331\n" in adcli("eval", "1/3", "--digits", "17").stdout
    assert "y,0.3333333333333333\n" in adcli("eval", "1/3", "--digits", "3", "--format", "csv").stdout


# -- files and pipes --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_holds_what_stdout_would(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "[red]result[bold].txt"
    done = adcli("grad", FORMULA, *AT, "--format", format_, "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert path.read_text("utf-8") == adcli("grad", FORMULA, *AT, "--format", format_).stdout


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_text("before")
    assert adcli("grad", "ln(x)", "--at", "x=-1", "-o", str(path)).returncode == 1
    assert path.read_text() == "before"
    missing = tmp_path / "[red]missing" / "result"
    done = adcli("eval", "1", "-o", str(missing))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(missing) in done.stderr
    assert adcli("eval", "1", "-o", str(tmp_path)).returncode == 2
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "behind")
    assert adcli("eval", "1", "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert (tmp_path / "behind").read_text()
    full = adcli("eval", "1", "-o", "/dev/full")
    assert full.returncode != 0
    assert "No space left" in full.stderr
    assert sorted(os.listdir(tmp_path)) == ["behind", "link", "result"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    as_a_user = (
        ["setpriv", "--bounding-set=-dac_override", "--"] if os.geteuid() == 0 else []
    )  # root may write anywhere
    command = [*as_a_user, sys.executable, "-m", "adcli", "eval", "1", "-o", str(tmp_path / "result")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr


@pytest.mark.parametrize("words", ["eval 1", "--help", "grad x --at x=1 --format json", "functions", "ast x"])
def test_a_full_disk_is_told(words: str) -> None:
    done = shell(f"$A {words} > /dev/full")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("$A eval 1 >&-", 1),
        ("$A --help >&-", 1),
        ("$A eval 'ln(-1)' --format json >&-", 1),
        ("$A eval 'ln(' >&-", 2),
        ("$A eval 'ln(-1)' 2>&-", 1),
        ("$A grad 'abs(x)' --at x=0 2>&-", 0),
        ("$A grad 'abs(x)' --at x=0 2>/dev/full", 0),
        ("$A eval 'ln(-1)' 2>/dev/full", 1),
        ("$A eval - <&-", 2),
        ("$A eval 1 >&- 2>&-", 1),
    ],
)
def test_closed_and_full_streams(line: str, status: int) -> None:
    done = shell(line)
    assert done.returncode == status
    if "2>" in line:
        assert "note" not in done.stdout
        assert "adcli:" not in done.stdout


def test_a_broken_pipe_is_quiet() -> None:
    done = shell(f"$A grad '{LONG}' --at x=1 --trace --mode both --format json | head -c 10")
    assert done.returncode == 141
    assert done.stderr == ""
    assert len(done.stdout) == 10


def test_ctrl_c() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "adcli", "grad", "-", "--at", "x=1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=CLEAN,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job would ignore
    )  # fmt: skip
    waits = Path(f"/proc/{process.pid}/wchan")
    for _ in range(100):  # until it reads; where that cannot be seen, as long as a start may take
        time.sleep(0.1 if waits.exists() else 0.02)
        if waits.exists() and "pipe" in waits.read_text():
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "interrupted" in err


# -- terminals --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "", "LC_ALL": "C"}])
@pytest.mark.parametrize("format_", FORMATS)
def test_ascii_where_there_is_only_ascii(environ: dict[str, str], format_: str) -> None:
    words = ("grad", "abs(θ)*x₁²", "--at", "θ=0,x1=2", "--trace", "--mode", "both", "--format", format_)
    done = adcli(*words, **environ)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert done.stderr.isascii()
    assert done.stderr.startswith("note: abs has a kink")
    if format_ == "json":
        assert strict(done.stdout)["at"] == {"θ": 0.0, "x1": 2.0}
    if format_ == "table":
        boxes = [line for line in done.stdout.splitlines() if line.startswith(("|", "+"))]
        assert len({len(line) for line in boxes}) == 1
    failed = adcli("ast", "ln(θ", **environ)
    assert failed.stderr.isascii()
    assert adcli("ast", "θ*2", **environ).stdout.isascii()


def test_colour_only_where_it_is_wanted() -> None:
    words = ("grad", FORMULA, *AT, "--trace")
    assert "\x1b" not in adcli(*words).stdout
    assert "\x1b" not in adcli(*words, TERM="xterm-256color", FORCE_COLOR="1").stdout
    assert "\x1b" not in adcli(*words, "--color", "never").stdout
    colored = adcli(*words, "--color", "always", NO_COLOR="1").stdout
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == adcli(*words).stdout
    for format_ in FORMATS[1:]:
        assert "\x1b" not in adcli(*words, "--color", "always", "--format", format_).stdout


@pytest.mark.skipif(not shutil.which("script"), reason="needs script(1) for a terminal")
def test_colour_on_a_terminal_obeys_no_color() -> None:
    line = f'script -qec "{sys.executable} -m adcli grad x^2 --at x=3 --trace" /dev/null < /dev/null'
    assert "\x1b[" in shell(line, TERM="xterm").stdout
    assert "\x1b[" not in shell(line, TERM="xterm", NO_COLOR="1").stdout
    assert "\x1b[" not in shell(line, TERM="dumb").stdout


WIDE = [
    (FORMULA, "x1=2,x2=5"),
    ("x1*x2+x2-ln(x1)", "x1=3,x2=-4"),
    ("(x1*x2)^(x3/3) + tanh(x2 - x3)*exp(-x1)", "x1=0.1,x2=1/3,x3=7"),
    ("if x < 1 then x^2*θ else hypot(x, θ, 3)", "x=1.1234567,θ=1e-7"),
    ("a+b+c+d+f", "a=1/3,b=1/7,c=1/9,d=1e-11,f=1/13"),
]


def numbers(text: str) -> set[str]:
    """Return the numbers with at least five characters."""
    return {n for n in re.findall(r"(?<![\w.])[0-9.]+(?:e[+-]?\d+)?(?![\w.])", text) if len(n) >= 5}


@pytest.mark.parametrize(("text", "at"), WIDE, ids=lambda x: x[:12])
def test_80_columns_hold_a_trace_of_both_modes(text: str, at: str) -> None:
    words = ("grad", text, "--at", at, "--trace", "--mode", "both")
    free = adcli(*words).stdout
    for width in (80, 40):
        out = adcli(*words, COLUMNS=str(width)).stdout
        assert numbers(out) == numbers(free), "a number is cut"
        if width == 80:
            _, tables = out.split("\n\n", 1)  # the formula and the point stand above, on one line each
            assert max(map(columns, tables.splitlines())) <= 80
        else:
            assert max(map(columns, out.splitlines())) < max(map(columns, free.splitlines()))


def test_a_pipe_is_as_wide_as_the_numbers_need() -> None:
    out = adcli("grad", FORMULA, *AT, "--trace", "--mode", "both").stdout
    assert max(map(columns, out.splitlines())) > 100
    rows = [line for line in out.splitlines() if re.match(r" (v-?\d|y )", line)]
    assert len(rows) == 8


@pytest.mark.parametrize("width", ["", "0", "-3", "abc", "1", "99999999999999999999"])
def test_a_strange_width_is_no_harm(width: str) -> None:
    assert adcli("grad", FORMULA, *AT, "--trace", COLUMNS=width).returncode == 0


def test_a_long_trace_is_asked_for() -> None:
    words = ("grad", LONG, "--at", "x=1", "--trace")
    refused = adcli(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "240 rows" in refused.stderr
    assert "--all" in refused.stderr
    assert adcli(*words, "--all").stdout.count("\n") > 240
    assert len(strict(adcli(*words, "--format", "json").stdout)["trace"]) == 242
    assert adcli(*words, "--format", "csv").stdout.count("\n") == 243


# -- formulas and points ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["-x^2", "--at", "x=3"], -9.0),
        (["--at", "x=3", "-x^2"], -9.0),
        (["--at=x=3", "-x^2"], -9.0),
        (["-o^2", "--at", "o=2"], -4.0),
        (["-1"], -1.0),
        (["--x", "--at", "x=2"], 2.0),
        (["-f(1)+3*2", "--at", "f=1"], None),
        (["-(x)", "--at", "x=2"], -2.0),
        (["--", "-f", "--at", "f=2"], None),
        (["--at", "f=2", "--", "-f"], -2.0),
        (["x*y", "--at", "x=2", "--at=y=-3"], -6.0),
        (["x", "--at", "x=-pi/2 + 1e-3"], -1.5697963267948966),
        (["x*y", "--at", "x=atan2(1, 1),y=4"], 3.141592653589793),
    ],
)
def test_only_exact_option_names_are_options(words: list[str], value: float | None) -> None:
    done = adcli("eval", *words, "--format", "json") if "--" not in words else adcli("eval", "--format", "json", *words)
    assert strict(done.stdout).get("value") == value
    assert done.returncode == (2 if value is None else 0)


def test_formulas_come_from_files_and_standard_input(tmp_path: Path) -> None:
    assert adcli("eval", "-", "--at", "x=3", stdin="a = x^2 # square\n-a\n").stdout.startswith("a = x^2\ny = -a\n")
    path = tmp_path / "[bold]formula[red].ad"
    path.write_text("\ufeffa = ln(x)\n2*a\n", "utf-8")
    assert adcli("eval", str(path), "--at", "x=1", "--format", "csv").stdout.endswith("y,0.0\n")
    failed = adcli("eval", str(path), "--at", "x=-1")
    assert failed.stderr.startswith(f"adcli: ln is undefined at x = -1 (needs x > 0)\n  in {path}, line 1:\n")
    sample = adcli("eval", str(SAMPLES / "lazy.ad"), "--at", "x=3,y=5", "--format", "csv")
    assert sample.stdout.endswith(",40.0\n")


def test_the_command_line_overrides_a_file(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text('{"x": "pi/2", "y": 5, "unused": 1}')
    data = strict(adcli("eval", "x*y", "--at", f"@{path}", "--at", "y=2", "--format", "json").stdout)
    assert data["at"] == {"x": 1.5707963267948966, "y": 2.0}
    path.write_text('{"x": NaN, "y": 5}')
    assert adcli("eval", "x*y", "--at", f"@{path}").returncode == 2


def test_rich_markup_is_text() -> None:
    done = adcli("functions", "[red]x[/red]", "--color", "always")
    assert "[red]x[/red]" in done.stderr
