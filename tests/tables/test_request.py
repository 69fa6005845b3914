"""Each file is read once, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from adcli.errors import UsageError
from adcli.tables.request import inputs
from tests.tables.test_run import TEXT, transform


def test_names_and_patterns_of_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c[1].csv"):
        (tmp_path / name).write_text(TEXT, "utf-8")
    assert inputs([f"{tmp_path}/*.csv"]) == tuple(f"{tmp_path}/{name}" for name in ("a.csv", "b.csv", "c[1].csv"))
    assert inputs([f"{tmp_path}/c[1].csv"]) == (f"{tmp_path}/c[1].csv",)
    with pytest.raises(UsageError, match="there is no file"):
        inputs([f"{tmp_path}/x*.csv"])


def test_a_file_is_read_once_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("a.csv", "data/a.csv", "data/b.csv"):
        Path(name).write_text(TEXT, "utf-8")
    Path("link.csv").symlink_to("a.csv")
    for names, said in (
        (["a.csv", "a.csv"], "a.csv is given twice"),
        (["a.csv", "*.csv"], "a.csv is given twice"),
        (["a.csv", "./a.csv"], "./a.csv is the same file as a.csv"),
        (["data/../a.csv", "a.csv"], "a.csv is the same file as data/../a.csv"),
        (["a.csv", f"{tmp_path}/a.csv"], f"{tmp_path}/a.csv is the same file as a.csv"),
        (["*.csv"], "link.csv is the same file as a.csv"),
        (["-", "-"], "- is given twice"),
    ):
        with pytest.raises(UsageError) as caught:
            inputs(names)
        assert str(caught.value) == f"{said}\nname each file once"
    assert inputs(["-", "./-", "data/*.csv", "a.csv"]) == ("-", "./-", "data/a.csv", "data/b.csv", "a.csv")
    with pytest.raises(UsageError, match=r"data/a\.csv and a\.csv would both be written as out/a\.csv"):
        transform(*inputs(["data/*.csv", "a.csv"]), output="out/")
    assert not Path("out").exists()


@pytest.mark.parametrize("name", ["data", "data.parquet"])
def test_a_folder_is_no_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="is a folder") as caught:
        inputs([f"{tmp_path}/{name}"])
    assert caught.value.hint == f"name the files in it: '{tmp_path}/{name}/*{Path(name).suffix or '.csv'}'"
