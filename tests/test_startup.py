"""What a command imports before it answers: imports are most of the time that a person waits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from adcli.language import grammar, reader

GRAD = ["grad", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5"]
HEAVY = {"numpy", "rich", "mpmath", "difflib", "decimal", "asyncio", "multiprocessing"}


def modules(code: str, *argv: str) -> set[str]:
    """Return what is imported when the code has run in a fresh interpreter."""
    program = f"import sys\ntry:\n    {code}\nexcept SystemExit as done:\n    assert not done.code\nimport json\n"
    program = program.replace("import sys\n", "import sys\nbefore = set(sys.modules)\n")
    program = program.replace("import json\n", "found = sorted(set(sys.modules) - before)\nimport json\n")
    program += "print(json.dumps(found), file=sys.stderr)\n"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


def command(*argv: str) -> set[str]:
    return modules("from adcli.cli import main; main()", *argv)


@pytest.fixture(scope="module")
def clicks() -> set[str]:
    return modules("import click")


def test_a_gradient_in_a_pipe_needs_neither_numpy_nor_rich() -> None:
    found = command(*GRAD)
    assert "lark" in found
    assert found.isdisjoint(HEAVY)


def test_only_latex_needs_what_reads_latex() -> None:
    readers = {f"adcli.language.latex_{name}" for name in ("reader", "words", "mistakes")}
    assert command(*GRAD).isdisjoint(readers)
    found = command("grad", r"\frac{x_1}{2}", "--syntax", "latex", "--at", "x1=1")
    assert readers <= found
    assert found.isdisjoint(HEAVY)


def test_json_needs_neither_numpy_nor_rich() -> None:
    found = command(*GRAD, "--format", "json")
    assert found.isdisjoint(HEAVY)


def test_a_table_needs_rich_but_not_numpy() -> None:
    found = command(*GRAD, "--trace")
    assert "rich" in found
    assert "numpy" not in found


def test_a_drawing_needs_neither_numpy_nor_rich() -> None:
    assert command("graph", *GRAD[1:]).isdisjoint({"numpy", "rich", "cairosvg", "subprocess"})


def test_the_version_needs_only_click(clicks: set[str]) -> None:
    added = command("--version") - clicks
    assert {name for name in added if name.startswith("adcli")} == {
        "adcli",
        "adcli.lazy",
        "adcli.version",
        "adcli.cli",
        "adcli.errors",
    }
    for heavy in (*HEAVY, "lark", "json", "dataclasses", "pathlib"):
        assert heavy not in added


def test_the_help_needs_no_parser() -> None:
    assert "lark" not in command("--help")
    assert "lark" not in command("grad", "--help")


def test_the_package_needs_next_to_nothing() -> None:
    found = modules("import adcli")
    assert {name for name in found if name.startswith("adcli")} == {"adcli", "adcli.lazy", "adcli.version"}
    assert "click" not in found
    assert "lark" not in found


def test_a_formula_in_a_program_needs_no_click() -> None:
    found = modules("import adcli; adcli.formula('x^2').gradient(x=3)")
    assert found.isdisjoint({"click", "adcli.show", *HEAVY})
    assert "adcli.show" in modules("import adcli; repr(adcli.formula('x^2').gradient(x=3))")


@pytest.mark.parametrize("path", sorted(Path(grammar.folder()).glob("*.lark")), ids=lambda path: path.stem)
def test_the_table_beside_the_grammar_is_its_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the grammar has changed, or Lark has: run `python -m adcli.grammar`."""

    def rebuilt(*_args: object, **_options: object) -> None:
        raise AssertionError("the table is not used; run: python -m adcli.grammar")

    monkeypatch.setattr(lark.Lark, "__init__", rebuilt)
    assert grammar.parser(path.stem, None) is not None


def test_a_stale_table_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("formula.lark", "formula.json"):
        text = Path(grammar.folder(), name).read_text("utf-8")
        (tmp_path / name).write_text(text + ("\n// changed\n" if name.endswith(".lark") else ""), "utf-8")
    monkeypatch.setattr(grammar, "folder", lambda: str(tmp_path))
    built = grammar.parser("formula", reader.Reader())
    assert "start" in str(built.options.start)
    assert "source_path" in built.__dict__  # only a parser built from the grammar has one
