"""Shells complete commands, options, values of options and function names, by Click's own mechanism."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adcli.cli import COMMANDS
from tests.cli.test_cli import CLEAN
from tests.cli.test_cli import adcli as run


def completed(words: str) -> set[str]:
    last = str(len(words.split()) - (not words.endswith(" ")))
    done = run(_ADCLI_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=last)
    assert (done.returncode, done.stderr) == (0, "")
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("adcli ", set(COMMANDS)),
        ("adcli he", {"hessian", "help"}),
        ("adcli help ta", {"tables", "taylor"}),
        ("adcli grad --mo", {"--mode"}),
        ("adcli grad -x^2 --mo", {"--mode"}),
        ("adcli grad x --mode re", {"reverse"}),
        ("adcli functions sinh", {"sinh"}),
        ("adcli grad 2*sqr", {"2*sqrt("}),
        ("adcli grad samples/g", {"samples/g"}),
    ],
)
def test_what_is_completed(words: str, expected: set[str]) -> None:
    assert completed(words) == expected


@pytest.mark.parametrize(
    ("shell", "has"), [("bash", "complete -o"), ("zsh", "#compdef adcli"), ("fish", "complete --")]
)
def test_each_shell_has_its_script(shell: str, has: str) -> None:
    done = run(_ADCLI_COMPLETE=f"{shell}_source")
    assert done.returncode == 0
    assert has in done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes(tmp_path: Path) -> None:
    (tmp_path / "adcli").write_text(f'#!/bin/sh\nexec {sys.executable} -m adcli "$@"\n')
    (tmp_path / "adcli").chmod(0o755)
    program = (
        'eval "$(_ADCLI_COMPLETE=bash_source adcli)"; COMP_WORDS=(adcli tay); COMP_CWORD=1;'
        '_adcli_completion adcli tay; echo "${COMPREPLY[@]}"'
    )
    environment = {**CLEAN, "PATH": f"{tmp_path}:{CLEAN['PATH']}"}
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environment, timeout=60)
    assert done.stdout.strip() == "taylor"
