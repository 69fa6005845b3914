"""README and the manual print what they show: each `$` line and each `>>>` line is run, those of one page in order."""

from __future__ import annotations

import doctest
import math
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from adcli.cli import COMMANDS
from adcli.cli.options import FORMATS
from adcli.ops import table
from adcli.tables import FORMATS as FILE_FORMATS

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "adcli" / "guide"
PAGES = {"README": ROOT / "README.md", **{path.stem: path for path in sorted(GUIDE.glob("*.md"))}}
TEXT = {name: path.read_text("utf-8") for name, path in PAGES.items()}
EVERYTHING = "\n".join(TEXT.values())
WIDTH = 78  # of an example in the manual: it fits a terminal of 80 columns


def examples(text: str) -> list[tuple[str, str]]:
    """Return each command of a page with the output below it; a blank line stands before the next command."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command = re.match(r"(.*\\\n)*.*", part)[0]  # type: ignore[index]  # a backslash continues the line
            found.append((command, part.removeprefix(command).strip("\n")))
    return found


def run(command: str, folder: Path, page: str) -> str:
    """Return the output of a shell command, where adcli is the one that these tests run with."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "PYTHONIOENCODING")}
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    environment["PYTHONUTF8"] = "1"
    if page != "README":
        environment["COLUMNS"] = str(WIDTH)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", timeout=60,
    )  # fmt: skip
    return done.stdout.strip("\n")


@pytest.mark.long
@pytest.mark.parametrize("page", [name for name in PAGES if examples(TEXT[name])])
def test_commands_print_what_is_shown(page: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    for command, output in examples(TEXT[page]):
        assert run(command, tmp_path, page) == output, command
        for name in re.findall(r"-o (\S+)", command):
            assert (tmp_path / name).read_text("utf-8").strip(), name


@pytest.mark.parametrize("page", [name for name in PAGES if ">>>" in TEXT[name]])
def test_python_examples(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(>>> .*?)^```$", TEXT[page], re.M | re.S)
    found = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, None, 0)
    assert found.examples
    problems: list[str] = []
    doctest.DocTestRunner().run(found, out=problems.append)
    assert not "".join(problems)


# -- what the pages hold ----------------------------------------------------------------------------------------------
def test_readme_is_short() -> None:
    assert len(TEXT["README"].splitlines()) <= 200


def test_readme_has_eight_examples() -> None:
    section = re.search(r"^## Eight examples\n(.*?)^## ", TEXT["README"], re.M | re.S)
    assert section is not None
    assert len(examples(section[1])) == 8


def test_the_first_table_has_five_rows_of_two_variables() -> None:
    _, output = examples(TEXT["README"])[0]
    rows = output[output.index("─\n") + 2 :].splitlines()
    assert [row.split()[0] for row in rows] == ["v-1", "v0", "v1", "v2", "f"]


def test_pictures_and_pages_that_readme_names_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT["README"]):
        assert (ROOT / target).is_file(), target


def test_files_and_modules_that_contributing_names_are_there() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"(?<!\S)`?((?:adcli|tests|grammars|samples)/[\w./-]*)", text)
    named += [module.replace(".", "/") + ".py" for module in re.findall(r"python -m ((?:adcli|tests)\.[\w.]+)", text)]
    assert len(named) > 10
    for name in named:
        assert "NAME" in name or (ROOT / name).exists(), name


def test_ci_finds_the_test_command_of_readme() -> None:
    (pattern,) = re.findall(r"grep -E '(.*)' README.md", (ROOT / ".ci" / "run").read_text("utf-8"))
    assert len([line for line in TEXT["README"].splitlines() if re.search(pattern, line)]) == 1


def test_every_extra_is_named_and_all_takes_them() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (every,) = extras.pop("all")
    assert sorted(re.findall(r"\w+", every)) == sorted(["adcli", *extras])
    (said,) = re.findall(r"which are extras:\n(.*) or `all` of them", TEXT["README"])
    assert sorted(re.findall(r"\w+", said.replace(" and ", " "))) == sorted(extras)
    for name, packages in extras.items():
        names = ", ".join(re.split("[>=]", package)[0] for package in packages)
        assert f"| `{name}` | {names} |" in TEXT["start"]


@pytest.mark.parametrize("path", ["README.md", ".github/CONTRIBUTING.md"])
def test_the_added_function_is_one_entry(path: str) -> None:
    (entry,) = re.findall(r"^\w+ = Op\(.*$", (ROOT / path).read_text("utf-8"), re.M)
    found = dict(vars(table))
    exec(entry, found)
    y = found["versin"].number(0.5)
    assert y == pytest.approx(1 - math.cos(0.5), rel=1e-15)
    assert found["versin"].slope(0, y, 0.5) == math.sin(0.5)


def test_every_command_and_format_is_named() -> None:
    for name in COMMANDS:
        assert f"`adcli {name}`" in TEXT["commands"], name
    for name in (*FORMATS, *FILE_FORMATS):
        assert f"`{name}`" in EVERYTHING, name


@pytest.mark.parametrize("page", [name for name in PAGES if name != "README"])
def test_a_page_fits_a_terminal(page: str) -> None:
    """Tables are laid out by the terminal, and an output may end in a long sentence; the rest is at most 78 wide."""
    outputs = {line for _, output in examples(TEXT[page]) for line in output.splitlines()}
    for line in TEXT[page].splitlines():
        assert len(re.sub("[\u0300-\u036f]", "", line)) <= WIDTH or line.startswith("|") or line in outputs, line
