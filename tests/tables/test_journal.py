"""A resumed run writes the same bytes, and a file has its final name only when it is complete."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.errors import UsageError
from adcli.tables import journal, lines, streams
from adcli.tables.formats import registry
from adcli.tables.journal import Tally
from adcli.tables.request import RunOptions
from adcli.tables.rows import DataError, StoppedError
from adcli.tables.run import run
from adcli.tables.stream import Pipeline
from tests.cli.test_cli import CLEAN

pytestmark = pytest.mark.long

FORMULA = "ln(x1)+x1*x2-sin(x2)"
FORMATS = [name for name in (*registry.FORMATS, "csv.gz") if streams.arrow() or name not in ("parquet", "arrow")]


def points(path: Path, rows: int, bad: int = 0) -> Path:
    """Write so many points, some of them bad, and some outside the domain."""
    rng = np.random.default_rng(0)
    texts = [f"{a!r},{b!r},n{k}" for k, (a, b) in enumerate((rng.normal(size=(rows, 2)) + 1).tolist())]
    for k in range(bad):
        texts[(k * 7919 + 5) % rows] = ["1,two,x", "1,2", "", "1,2,3,4"][k % 4]
    path.write_text("\n".join(["x1,x2,name", *texts, ""]), "utf-8")
    return path


# -- in one process ---------------------------------------------------------------------------------------------------
@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pieces small, so that there are many."""
    monkeypatch.setattr(lines, "PIECE", 2000)
    for module in ("formats.npy", "formats.npz", "formats.parquet", "formats.arrow", "arrow_columns", "grid_rows"):
        monkeypatch.setattr(import_module(f"adcli.tables.{module}"), "ROWS", 50, raising=False)


def transform(files: list[Path], out: Path | str, **options: Any) -> Tally:
    """Write value and gradient of the formula."""
    plan = adcli.formula(FORMULA).plan()
    return run(plan, RunOptions(tuple(map(str, files)), output=str(out), **options), {"the formula": FORMULA})


def interrupted_after(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt the next run after so many pieces."""
    write = Pipeline._write

    def limited(self: Pipeline, *args: Any) -> None:
        nonlocal pieces
        if pieces <= 0:
            monkeypatch.setattr(Pipeline, "_write", write)
            raise KeyboardInterrupt
        pieces -= 1
        write(self, *args)

    monkeypatch.setattr(Pipeline, "_write", limited)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("into", FORMATS)
def test_a_resumed_run_writes_the_same_bytes(into: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = () if into in ("npy", "npz") else ("name",)
    files = [points(tmp_path / "p.csv", 150, bad=6), points(tmp_path / "q.csv", 100)]
    whole, out, errors = tmp_path / f"whole.{into}", tmp_path / f"out.{into}", tmp_path / "errors.csv"
    transform(files, whole, keep=keep, on_error="skip", errors=str(errors))
    told = errors.read_bytes()
    assert told.count(b"\n") == 7
    for stop in range(0, 6):
        out.unlink(missing_ok=True)
        errors.unlink(missing_ok=True)
        interrupted_after(stop, monkeypatch)
        with pytest.raises(StoppedError) as caught:
            transform(files, out, keep=keep, on_error="skip", errors=str(errors))
        assert (caught.value.exit_code, "--resume" in caught.value.hint) == (130, stop > 0)
        assert (tmp_path / f"{out.name}.part").exists() == (stop > 0)
        assert not out.exists()
        assert not errors.exists()
        if stop % 2:  # as a kill or a power cut might leave it
            for name in (out.name + ".part", errors.name + ".part", out.name + ".journal"):
                with open(tmp_path / name, "ab") as file:
                    file.write(b'{"length": 12, "su' + b"\n\0\0\n" * (stop == 3))
        if stop == 4:
            os.truncate(tmp_path / (out.name + ".part"), os.path.getsize(tmp_path / (out.name + ".part")) - 700)
        transform(files, out, keep=keep, on_error="skip", errors=str(errors), resume=True)
        assert out.read_bytes() == whole.read_bytes()
        assert errors.read_bytes() == told
        assert {path.name for path in tmp_path.iterdir()} == {"p.csv", "q.csv", whole.name, out.name, "errors.csv"}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("out_of", FORMATS)
def test_reading_begins_again_where_it_was(out_of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / f"p.{out_of}"
    transform([points(tmp_path / "points.csv", 300)], source, keep=("x1", "x2"))
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    mapping = {"x1": "x1", "x2": "x2"}
    transform([source], whole, mapping=mapping)
    interrupted_after(2, monkeypatch)
    with pytest.raises(StoppedError):
        transform([source], out, mapping=mapping)
    done = transform([source], out, mapping=mapping, resume=True)
    assert out.read_bytes() == whole.read_bytes()
    assert done.rows == 300


@pytest.mark.usefixtures("small")
def test_a_resumed_run_does_not_repeat_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = points(tmp_path / "p.csv", 150)
    interrupted_after(3, monkeypatch)
    with pytest.raises(StoppedError):
        transform([rows], tmp_path / "out.csv")
    before = (tmp_path / "out.csv.part").read_bytes()
    written: list[int] = []
    work = Pipeline._work
    monkeypatch.setattr(Pipeline, "_work", lambda self, piece: written.append(1) or work(self, piece))
    transform([rows], tmp_path / "out.csv", resume=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(before)
    assert len(before) > 5000
    assert len(written) <= 2


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("change", ["input", "time", "formula", "keep", "on_error", "format"])
def test_a_run_with_other_options_is_not_resumed(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, out = points(tmp_path / "p.csv", 150), tmp_path / "out.csv"
    interrupted_after(2, monkeypatch)
    with pytest.raises(StoppedError):
        transform([rows], out)
    options: dict[str, Any] = {}
    if change == "input":
        rows.write_text(rows.read_text("utf-8").replace("n100", "m100"), "utf-8")
    elif change == "time":
        os.utime(rows, (1, 1))
    elif change == "formula":
        monkeypatch.setitem(globals(), "FORMULA", FORMULA + "+1")
    else:
        options = {"keep": {"keep": ("name",)}, "on_error": {"on_error": "skip"}, "format": {"format": "tsv"}}[change]
    with pytest.raises(UsageError, match=r"cannot be resumed: .* changed") as caught:
        transform([rows], out, resume=True, **options)
    assert "without --resume" in caught.value.hint
    transform([rows], out, **options)
    assert out.exists()


@pytest.mark.usefixtures("small")
def test_a_folder_of_outputs_is_resumed_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [points(tmp_path / f"{k}.csv", 100 + k) for k in range(3)]
    transform(files, f"{tmp_path}/whole/")
    interrupted_after(5, monkeypatch)
    with pytest.raises(StoppedError):
        transform(files, f"{tmp_path}/out/")
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"0.csv", "1.csv.part"}
    first = (tmp_path / "out/0.csv").stat().st_mtime_ns
    assert transform(files, f"{tmp_path}/out/", resume=True).rows == 303
    assert (tmp_path / "out/0.csv").stat().st_mtime_ns == first
    for path in (tmp_path / "whole").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.usefixtures("small")
def test_a_bad_row_leaves_nothing_behind(tmp_path: Path) -> None:
    rows = points(tmp_path / "p.csv", 150, bad=2)
    (tmp_path / "out.csv").write_text("as before", "utf-8")
    with pytest.raises(DataError) as caught:
        transform([rows], tmp_path / "out.csv")
    assert "p.csv, line 7, column x2" in str(caught.value)
    assert caught.value.exit_code == 3
    assert (tmp_path / "out.csv").read_text("utf-8") == "as before"
    assert {path.name for path in tmp_path.iterdir()} == {"p.csv", "out.csv"}


def test_two_runs_do_not_write_the_same_file(tmp_path: Path) -> None:
    import fcntl

    rows = points(tmp_path / "p.csv", 10)
    with open(tmp_path / "out.csv.journal", "w", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run is writing"):
            transform([rows], tmp_path / "out.csv")


# -- with signals -----------------------------------------------------------------------------------------------------
def start(*words: str, pieces: int) -> subprocess.Popen[str]:
    """Start a run whose pieces have so many bytes."""
    code = f"from adcli.tables import lines; lines.PIECE = {pieces}; from adcli.cli import main; main()"
    command = [sys.executable, "-c", code, "batch", FORMULA, *words]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=CLEAN,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job would ignore
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the status and the text on stderr."""
    said = process.communicate(timeout=300)[1]
    assert "Traceback" not in said
    return process.returncode, said


def blocks(out: Path) -> int:
    """Return how many blocks the journal of an output has."""
    journal = out.with_name(out.name + ".journal")
    with suppress(FileNotFoundError):
        return max(0, journal.read_bytes().count(b"\n") - 1)
    return 0


def kills(count: int, rows: int, format_: str, tmp_path: Path, pieces: int) -> None:
    """Compare a run with many kills, each some blocks after the last, to one without."""
    made = points(tmp_path / "p.csv", rows)
    few = made.stat().st_size // pieces // 4
    whole, out = tmp_path / f"whole.{format_}", tmp_path / f"out.{format_}"
    assert finish(start(str(made), "-o", str(whole), pieces=pieces))[0] == 0
    choose = random.Random(1)
    hit = 0
    while hit < count:
        end = blocks(out) + choose.randint(0, few)
        process = start(str(made), "-o", str(out), "--resume", pieces=pieces)
        while process.poll() is None and blocks(out) < end:
            time.sleep(0.001)
        process.send_signal(choose.choice([signal.SIGKILL, signal.SIGTERM]))
        status, _ = finish(process)
        if out.exists():
            assert out.read_bytes() == whole.read_bytes()
            out.unlink()
        else:
            assert status in (-signal.SIGKILL, -signal.SIGTERM, 143)
            hit += 1
    assert finish(start(str(made), "-o", str(out), "--resume", pieces=pieces))[0] == 0
    assert out.read_bytes() == whole.read_bytes()
    assert len(list(tmp_path.iterdir())) == 3


def test_six_kills_of_a_run(tmp_path: Path) -> None:
    kills(6, 60_000, "csv", tmp_path, 1 << 15)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["csv", "parquet"] if streams.arrow() else ["csv"])
def test_a_hundred_kills_of_a_run_of_a_million_rows(format_: str, tmp_path: Path) -> None:
    kills(100, 1_000_000, format_, tmp_path, 1 << 19)


def test_the_message_of_a_signal_says_how_to_resume(tmp_path: Path) -> None:
    made, out = points(tmp_path / "p.csv", 200_000), tmp_path / "out.csv"
    for sent, status, word in ((signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")):
        process = start(str(made), "-o", str(out), pieces=1 << 12)  # so small that it takes seconds
        while process.poll() is None and not blocks(out):
            time.sleep(0.001)
        process.send_signal(sent)
        found, said = finish(process)
        assert found == status
        assert said == f"adcli: {word}\nwhat is done of {out} is kept: go on with --resume\n"
        journal = tmp_path / "out.csv.journal"
        assert json.loads(journal.read_text("utf-8").split("\n")[0].removeprefix("adcli ")[9:])
        journal.unlink()


def test_more_files_than_a_process_can_have_open(tmp_path: Path) -> None:
    import resource

    files = [points(tmp_path / f"{k}.csv", 2) for k in range(120)]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, before[1]))
    try:
        assert transform(files, f"{tmp_path}/out/").rows == 240
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(list((tmp_path / "out").iterdir())) == 120


@pytest.mark.parametrize("lacking", ["fcntl", "pread", "pwrite"])
def test_a_platform_without_locks_is_refused_in_words(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lacking == "fcntl":
        monkeypatch.setattr(journal, "find_spec", lambda _name: None)
    else:
        monkeypatch.delattr(os, lacking)
    source, out = points(tmp_path / "in.csv", 3), tmp_path / "out.csv"
    with pytest.raises(UsageError, match="cannot write files on this platform"):
        run(adcli.formula(FORMULA).plan(), RunOptions((str(source),), output=str(out)), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]
