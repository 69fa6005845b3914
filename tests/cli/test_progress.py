"""Progress is a bar on a terminal, lines where asked for, and otherwise nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from adcli.cli.progress import line, progress
from tests.cli.test_cli import CLEAN, adcli


def test_a_line_tells_rows_rate_and_time_left() -> None:
    assert line(1_234_000, 300, 1_200, 2.0) == "1,234,000 rows, 25%, 617,000 rows/s, 6 s left"
    assert line(1_000, 10, 0, 4.0) == "1,000 rows, 250 rows/s"
    assert line(900, 90, 100, 1.0, before=800) == "900 rows, 90%, 100 rows/s, 1 s left"
    assert line(0, 0, 100, 0.0) == "0 rows"
    assert line(3000, 1, 4, 2.0, unit="files") == "3,000 rows, 1 of 4 files, 1,500 rows/s, 6 s left"


def test_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with progress("plain", clock=lambda: now[0]) as tell:
        for second in range(35):
            now[0] = float(second)
            tell(1000 * second, second, 40)
    assert capsys.readouterr().err == (
        "10,000 rows, 25%, 1,000 rows/s, 30 s left\n"
        "20,000 rows, 50%, 1,000 rows/s, 20 s left\n"
        "30,000 rows, 75%, 1,000 rows/s, 10 s left\n"
    )


def test_a_pipe_shows_no_progress(tmp_path: Path) -> None:
    assert adcli("batch", "x^2", "--at", "x=0:1:500001", "-o", str(tmp_path / "a.npy")).stderr == ""


@pytest.mark.long
def test_a_terminal_shows_a_bar_and_takes_it_away(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "adcli", "batch", "x^2", "--at", "x=0:1:500001", "-o", str(tmp_path / "a.csv")]
    environment = {**CLEAN, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, stderr=slave, stdout=slave, stdin=slave, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # it is closed
            break
        if not data:
            break
        shown += data
    os.close(master)
    assert process.wait(timeout=60) == 0
    assert b"rows/s" in shown
    assert "500,001 rows" in shown.decode()
    assert shown.rstrip().endswith(b"\x1b[2K")
