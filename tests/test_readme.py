"""README prints what it shows: each `$` line is run, in order, and each `>>>` line too."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.M | re.S)


def shown() -> list[tuple[str, str]]:
    """Return each command with what README shows below it; a blank line stands before the next command."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output.rstrip("\n")))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with samples/ in it; the commands run in it one after the other."""
    path = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "samples", path / "samples")
    return path


def run(command: str, folder: Path) -> str:
    """Return what a shell command prints where adcli is the one that these tests run with."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "PYTHONIOENCODING")}
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    environment["PYTHONUTF8"] = "1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", timeout=60,
    )  # fmt: skip
    return done.stdout.rstrip("\n")


@pytest.mark.parametrize(("command", "output"), shown(), ids=[command for command, _ in shown()])
def test_a_command_prints_what_is_shown(command: str, output: str, folder: Path) -> None:
    assert run(command, folder) == output


def test_every_extra_is_named_and_all_takes_them() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (every,) = extras.pop("all")
    assert sorted(re.findall(r"\w+", every)) == sorted(["adcli", *extras])
    (said,) = re.findall(r"which are extras:\n(.*) or `all` of them", README)
    assert sorted(re.findall(r"\w+", said.replace(" and ", " "))) == sorted(extras)


def test_files_that_it_writes_are_there(folder: Path) -> None:
    written = re.findall(r"-o (\S+)", "\n".join(command for command, _ in shown()))
    for name in written:
        if not (folder / name).exists():  # this test is run alone
            run(next(command for command, _ in shown() if f"-o {name}" in command), folder)
        assert (folder / name).read_text("utf-8").strip()


def test_python_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = "\n".join(re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S))
    examples = doctest.DocTestParser().get_doctest(text, {}, "README.md", None, 0)
    assert len(examples.examples) > 5
    problems: list[str] = []
    doctest.DocTestRunner().run(examples, out=problems.append)
    assert not "".join(problems)


def test_the_added_function_is_a_line_of_the_table() -> None:
    (line,) = re.findall(r"^\w+ = Op\(.*$", README, re.M)
    table = (ROOT / "adcli/ops/table.py").read_text("utf-8")
    assert re.sub(r"\s+", " ", line) in re.sub(r"\s+", " ", table)


def test_every_command_and_format_is_named() -> None:
    from adcli.cli import COMMANDS
    from adcli.cli.options import FORMATS

    for name in COMMANDS:
        assert f"adcli {name}" in README, name
    for name in FORMATS:
        assert f"`{name}`" in README or f"--format {name}" in README, name
