"""No file is written over another: they are told apart by what they are, locked, and keep their permissions."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from adcli.errors import UsageError
from adcli.tables import files
from adcli.tables.bad_rows import BadRowList
from adcli.tables.files import BusyError, check_apart
from tests.cli.test_cli import adcli
from tests.tables.test_run import transform

TEXT = "x1,x2\n2,5\nq,1\n1,3\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a table with a bad row into the folder where the tests are."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "p.csv"
    path.write_text(TEXT, "utf-8")
    return path


ENDINGS = ("", ".part", ".journal", ".whole")


@pytest.mark.parametrize("errors", [f"{name}{end}" for end in ENDINGS for name in ("e.csv", "./e.csv", "link/e.csv")])
def test_results_and_bad_rows_need_two_files(errors: str, table: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="cannot hold both results and bad rows"):
        transform("p.csv", output="e.csv", errors=errors, on_error="skip")
    with pytest.raises(UsageError, match="cannot hold both") if errors.endswith((".csv", ".part")) else nullcontext():
        transform("p.csv", output=errors, errors="e.csv", on_error="skip", format="csv")
    assert {*os.listdir(tmp_path)} <= {"link", "p.csv", "e.csv", os.path.basename(errors)}


def test_a_link_or_another_part_is_the_same_file(table: Path, tmp_path: Path) -> None:
    os.link(table, "hard.csv")
    (tmp_path / "soft.csv").symlink_to("later.csv")
    (tmp_path / "p.csv.part").symlink_to("p.csv")
    for options in (
        {"output": "hard.csv"},
        {"output": "soft.csv", "errors": "later.csv"},
        {"output": "later.csv.part", "errors": "soft.csv"},
        {"output": "p.csv.part", "format": "csv"},
    ):
        with pytest.raises(UsageError, match=r"is read, so|cannot hold both"):
            transform("p.csv", **options)
        assert table.read_text("utf-8") == TEXT


def test_lists_of_a_folder_are_told_apart(table: Path, tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"x1": 1, "x2": 2}\n', "utf-8")
    with pytest.raises(UsageError, match=r"bad/p.csv cannot hold both bad rows and bad rows"):
        transform("p.csv", "p.jsonl", output="out/", errors="bad/", on_error="skip")


def test_upper_case_is_the_same_where_the_folder_says_so(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_apart([("a.csv", "results"), ("A.csv", "bad rows")], [])
    monkeypatch.setattr(files, "_ignores_case", lambda folder: True)
    with pytest.raises(UsageError, match=r"A.csv cannot hold both results and bad rows: it is a.csv"):
        check_apart([("a.csv", "results"), ("A.csv", "bad rows")], [])


@pytest.mark.parametrize(
    "words",
    [
        ["eval", "f.ad", "--at", "x=1", "-o", "./f.ad"],
        ["grad", "x", "--at", "@at.json", "-o", "at.json"],
        ["eval", "x[1]", "--at", "y=2,x=@x.json", "-o", "x.json"],
        ["batch", "f.ad", "p.csv", "--map", "x=x1", "-o", "f.ad", "-f", "csv"],
        ["batch", "x1*a", "p.csv", "--at", "@a.json", "-o", "x.csv", "--errors", "a.json"],
    ],
)
def test_what_a_command_reads_is_not_written(words: list[str], table: Path, tmp_path: Path) -> None:
    texts = {"f.ad": "x^2", "at.json": '{"x": 1}', "x.json": "[1]", "a.json": '{"a": 1}'}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    done = adcli(*words)
    assert (done.returncode, "is read, so it cannot be written" in done.stderr) == (2, True)
    assert {name: (tmp_path / name).read_text("utf-8") for name in texts} == texts


def test_a_list_is_written_by_one_run(table: Path, tmp_path: Path) -> None:
    running = BadRowList("bad.csv")
    running.begin()
    for options in ({"output": "o.csv", "errors": "bad.csv"}, {"output": "bad.csv"}):
        with pytest.raises(BusyError, match=r"another run is writing bad.csv"):
            transform("p.csv", on_error="skip", **options)
    assert sorted(os.listdir(tmp_path)) == ["bad.csv.part", "p.csv"]
    running.finish()
    transform("p.csv", on_error="skip", output="o.csv", errors="bad.csv")
    assert sorted(os.listdir(tmp_path)) == ["bad.csv", "o.csv", "p.csv"]


def test_a_replaced_file_keeps_its_mode_and_a_read_only_one_stays(table: Path, tmp_path: Path) -> None:
    out, bad, answer = (tmp_path / name for name in ("out.csv", "bad.csv", "answer"))
    for path, mode in ((out, 0o640), (bad, 0o606), (answer, 0o600)):
        path.write_text("old", "utf-8")
        path.chmod(mode)
    transform("p.csv", on_error="skip", output="out.csv", errors="bad.csv")
    assert adcli("eval", "1", "-o", "answer").returncode == 0
    assert [path.stat().st_mode & 0o777 for path in (out, bad, answer)] == [0o640, 0o606, 0o600]
    for path in (out, bad, answer):
        path.chmod(0o444)
    for options in ({"output": "out.csv"}, {"output": "o.csv", "errors": "bad.csv"}):
        with pytest.raises(UsageError, match="it is read-only"):
            transform("p.csv", on_error="skip", **options)
    refused = adcli("eval", "2", "-o", "answer")
    assert (refused.returncode, "it is read-only" in refused.stderr) == (2, True)
    assert sorted(os.listdir(tmp_path)) == ["answer", "bad.csv", "out.csv", "p.csv"]


@pytest.mark.parametrize("data", [b"my notes\n", b'{"x": 1}\n', b"[]\n", b"\0\xff\n"])
@pytest.mark.parametrize("resume", [True, False])
def test_a_journal_that_is_none_stays(data: bytes, resume: bool, table: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv.journal").write_bytes(data)
    with pytest.raises(UsageError, match="is no journal of adcli"):
        transform("p.csv", on_error="skip", output="out.csv", resume=resume)
    assert (tmp_path / "out.csv.journal").read_bytes() == data
    assert sorted(os.listdir(tmp_path)) == ["out.csv.journal", "p.csv"]


@pytest.mark.parametrize("data", [b"", b"adcli ", b"adcli 00000000 {}\n", b"adcli 99914b93 {}\n", b"\0\0\0"])
def test_a_damaged_journal_is_begun_anew(data: bytes, table: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv.journal").write_bytes(data)
    (tmp_path / "out.csv.part").write_bytes(b"y,dy/dx1")
    assert transform("p.csv", on_error="skip", output="out.csv", resume=True).rows == 2
    assert sorted(os.listdir(tmp_path)) == ["out.csv", "p.csv"]
