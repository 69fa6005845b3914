"""Files through a formula: matching, keeping, folders, bad rows, statuses; no row is ever lost."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import random
import re
import sys
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

import adcli as library
from adcli.errors import AdcliError, UsageError
from adcli.tables import lines, streams
from adcli.tables.formats.registry import FORMATS
from adcli.tables.journal import Tally
from adcli.tables.request import RunOptions
from adcli.tables.rows import DataError, ReadOptions, StoppedError
from adcli.tables.run import run
from adcli.tables.stream import Pipeline
from tests.cli.test_cli import adcli, shell

FORMULA = "ln(x1)+x1*x2-sin(x2)"
WITH_ARROW = streams.arrow() is not None
HERE = [name for name in FORMATS if WITH_ARROW or name not in ("parquet", "arrow")]
TEXT = 'x1,x2,name\n2,5,a\n1,3.0,b\n-1,2,"c, d"\n'


def transform(*files: Path | str, formula: str = FORMULA, **options: Any) -> Tally:
    reading = options.pop("reading", ReadOptions())
    return run(library.formula(formula).plan(), RunOptions(tuple(map(str, files)), reading=reading, **options), {})


def short(value: Any) -> str:
    """Return the id of a test's argument: text without odd characters."""
    return ascii(value)[:40]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(TEXT, "utf-8")
    return path


def rows(path: Path | str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- nothing is lost --------------------------------------------------------------------------------------------------
ODD = [b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b'""', b"e", b"-", b";", b"nan", b" "]


def mutated(data: bytes, choose: random.Random) -> bytes:
    """Return a file with random damage."""
    for _ in range(choose.choice([1, 1, 1, 2, 5])):
        at, odd, few = choose.randrange(len(data)), choose.choice(ODD), choose.randint(1, 30)
        data = choose.choice([
            data[:at] + odd + data[at:],
            data[:at] + odd + data[at + 1 :],
            data[:at] + data[at + few :],
            data[:at] + data[at : at + few] + data[at:],
            data[: at + 1],
            data.replace(b"\n", b"\r\n", few),
            data[:at] + bytes([data[at] ^ 1 << few % 8]) + data[at + 1 :],
            data.replace(b",", b";", few),
        ])  # fmt: skip
    return data


@pytest.mark.long
@pytest.mark.parametrize("arrow", [True, False] if WITH_ARROW else [False])
def test_a_hundred_mutated_files_lose_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrow: bool) -> None:
    """Each name that is in the file is in the output or in the list of bad rows; the row's numbers are those read."""
    if not arrow:
        hide_arrow(monkeypatch)
    monkeypatch.setattr(lines, "PIECE", 700)
    choose = random.Random(arrow)
    names = [f"n{k}é" if k % 3 else f'"n{k}, ""quoted"""' for k in range(80)]
    body = "".join(f"{choose.uniform(0.1, 9)!r},{choose.gauss(0, 1)!r},{name}\n" for name in names)
    original = ("x1,x2,name\n" + body).encode()
    source, out, errors = tmp_path / "p.csv", tmp_path / "out.csv", tmp_path / "errors.csv"
    read = refused = 0
    for k in range(100 if arrow else 25):
        data = mutated(original, choose)
        source.write_bytes(data)
        out.unlink(missing_ok=True)
        try:
            done = transform(source, output=str(out), keep=("name",), on_error="skip", errors=str(errors))
        except AdcliError as error:
            assert re.search("header|has no column", str(error))  # noqa: PT017  # often there is none
            assert not out.exists()
            refused += 1
            continue
        read += 1
        found = out.read_bytes().decode() + errors.read_bytes().decode()
        body = data.decode("utf-8", "replace").partition("\n")[2]
        for name in set(re.findall(r"n\d+", body)):
            assert name in found
        assert len(rows(out)) + len(rows(errors)) == done.rows + done.bad
        if done.bad and k % 4 == 0:
            out.unlink()
            with pytest.raises(DataError) as caught:
                transform(source, output=str(out), keep=("name",))
            assert not out.exists()
            first = rows(errors)[0]
            assert f"line {int(first['line']):,}" in str(caught.value)
            assert first["reason"] in str(caught.value)
            done = transform(source, output=str(out), keep=("name",), on_error="null")
            assert len(rows(out)) == done.rows
    assert refused < read


def hide_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make imports of pyarrow fail."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.mark.skipif(not WITH_ARROW, reason="pyarrow is not installed")
@pytest.mark.parametrize("into", ["csv", "tsv", "jsonl", "npy", "npz"])
def test_without_pyarrow_the_same_bytes_are_written(
    into: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = ("x1", "name") if into in ("csv", "tsv", "jsonl") else ("x1",)
    with open(table, "a", encoding="utf-8") as file:
        file.writelines(f"{10.0**-k!r},{k / 7!r},text{k}\n" for k in range(-20, 20))
    transform(table, output=f"{tmp_path}/with.{into}", keep=keep)
    hide_arrow(monkeypatch)
    transform(table, output=f"{tmp_path}/without.{into}", keep=keep)
    assert (tmp_path / f"with.{into}").read_bytes() == (tmp_path / f"without.{into}").read_bytes()


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.csv.zst"])
def test_without_pyarrow_the_error_names_the_install(
    name: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_arrow(monkeypatch)
    with pytest.raises(UsageError) as caught:
        transform(table, output=str(tmp_path / name))
    assert "pip install 'adcli[data]'" in str(caught.value)
    assert not list(tmp_path.glob(f"{name}*"))


# -- answers ----------------------------------------------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.parametrize(("out_of", "into"), [(a, b) for a in HERE for b in HERE if a == b or "csv" in (a, b)])
def test_every_format_gives_the_same_numbers(out_of: str, into: str, tmp_path: Path) -> None:
    """From numbers in any format to results in any format, every bit is that of the formula at a single point."""
    rng = np.random.default_rng(3)
    points = rng.uniform(0.1, 4, (50, 2))
    np.save(tmp_path / "p.npy", np.array([tuple(p) for p in points], [("x1", float), ("x2", float)]))
    source, made, back = (f"{tmp_path}/{name}" for name in (f"s.{out_of}", f"m.{into}", "b.npy"))
    transform(f"{tmp_path}/p.npy", output=source, keep=("x1", "x2"), formula="0*x1*x2")
    transform(source, output=made, keep=("x1", "x2"))
    transform(made, output=back, keep=("y", "dy/dx1"), formula="y+p", mapping={"p": "dy/dx1"})
    found = np.load(back)
    for k, (x1, x2) in enumerate(points.tolist()):
        assert found["y"][k] == pytest.approx(math.log(x1) + x1 * x2 - math.sin(x2), rel=1e-14, abs=1e-15)
        assert found["dy/dx1"][k] == pytest.approx(1 / x1 + x2, rel=1e-14)


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz", *([".zst"] if WITH_ARROW else [])])
@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl"])
def test_compressed_text_is_the_same_text(format_: str, packing: str, table: Path, tmp_path: Path) -> None:
    packed, plain, again = (f"{tmp_path}/{name}.{format_}" for name in ("a", "b", "c"))
    transform(table, output=packed + packing, keep=("x1", "x2", "name"))
    transform(table, output=plain, keep=("x1", "x2", "name"))
    stream = streams.Stream(packed + packing)
    assert stream.read(1 << 20) == Path(plain).read_bytes()
    stream.close()
    transform(packed + packing, output=again, keep=("x1", "x2", "name"))
    assert Path(again).read_bytes() == Path(plain).read_bytes()


def test_copied_text_is_not_changed(tmp_path: Path) -> None:
    source = tmp_path / "p.csv"
    source.write_bytes(b'x1,id,x2\n1.50,007,2\n+2,"say ""hi""",3e0\n3,  spaced ,4\n')
    transform(source, output=f"{tmp_path}/out.csv", keep=("all",))
    assert [(r["x1"], r["id"], r["x2"]) for r in rows(tmp_path / "out.csv")] == [
        ("1.50", "007", "2"), ("+2", 'say "hi"', "3e0"), ("3", "  spaced ", "4"),
    ]  # fmt: skip
    lines_ = b'{"x1": 1.50, "x2": 2, "k": 12345678901234567890, "l": [1.0, {"a": null}], "t": "\xc3\xa9"}\n'
    (tmp_path / "p.jsonl").write_bytes(lines_)
    transform(tmp_path / "p.jsonl", output=f"{tmp_path}/out.jsonl", keep=("all",))
    assert (tmp_path / "out.jsonl").read_bytes().startswith(lines_[:-2])


def test_numbers_that_are_not_finite_are_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"x": "Infinity"}\n{"x": "NaN"}\n{"x": 2}\n{"x": "-Infinity"}\n', "utf-8")
    transform(tmp_path / "p.jsonl", output=f"{tmp_path}/a.jsonl", keep=("x",), formula="x+0")
    found = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [line["x"] for line in found] == ["Infinity", "NaN", 2, "-Infinity"]
    transform(tmp_path / "p.jsonl", output=f"{tmp_path}/a.csv", keep=("x",), formula="x+0")
    assert rows(tmp_path / "a.csv")[2] == {"x": "2", "y": "2.0", "dy/dx": "1.0"}


def test_one_row_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PIECE", 300)
    rng = np.random.default_rng(0)
    points = rng.normal(size=(500, 2))
    (tmp_path / "p.csv").write_text("x,y\n" + "".join(f"{x!r},{y!r}\n" for x, y in points.tolist()), "utf-8")
    plan = library.formula("(y-(a*x+b))^2").plan(at={"a": 1, "b": 0.5}, wrt=("a", "b"))
    residual = points[:, 1] - (points[:, 0] + 0.5)
    expected = [residual**2, -2 * residual * points[:, 0], -2 * residual]
    for how, exact in (("sum", math.fsum), ("mean", lambda x: math.fsum(x) / 500)):
        for name in ("out.csv", "out.npy", "out.npz", *(["out.parquet"] if WITH_ARROW else [])):
            run(plan, RunOptions((f"{tmp_path}/p.csv",), output=f"{tmp_path}/{name}", reduce=how), {})
        (row,) = rows(tmp_path / "out.csv")
        assert [float(x) for x in row.values()] == pytest.approx([exact(x) for x in expected], rel=1e-12)
        assert np.load(tmp_path / "out.npy").tolist() == [tuple(float(x) for x in row.values())]
        assert [array.item() for array in np.load(tmp_path / "out.npz").values()] == [float(x) for x in row.values()]


# -- refusals ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mapping": {"x1": "length"}}, "has no column length"),
        ({"mapping": {"z": "x1"}}, "z is no variable"),
        ({"keep": ("nam",)}, "did you mean name?"),
        ({"format": "npy", "keep": ("name",)}, "no room for"),
        ({"output": "{}/a.xyz"}, "does not tell its format"),
        ({"output": "{}/points.csv"}, "is read, so it cannot be written"),
        ({"output": "{}/none/a.csv"}, "there is no folder"),
        ({"output": "{}/points.csv/"}, "is a file, so nothing can be written into it as a folder"),
        ({"output": "{}/points.csv/a.csv"}, "there is no folder"),
        ({"output": "{}/points.csv/a/"}, "cannot make the folder"),
        ({"output": "{}"}, "is read, so it cannot be written"),
        ({"errors": "{}/none/a.csv"}, "there is no folder"),
        ({"errors": "-"}, "bad rows are listed in a file"),
        ({"errors": "{}/points.csv/a.csv"}, "there is no folder"),
        ({"output": "{}/a.npy.gz"}, "compressed within"),
        ({"reading": ReadOptions(delimiter="1")}, "cannot be a delimiter"),
        ({"reading": ReadOptions(columns=("x1",))}, "has no column x2"),
        ({"format": "npy", "output": ""}, "to a file only"),
        ({"reduce": "sum", "keep": ("name",)}, "no place for columns to keep"),
        ({"reduce": "sum", "notes": True}, "no place for notes"),
        ({"output": "{}/", "errors": "{}/e.csv"}, "--errors is a folder too"),
        ({"output": "{}/e.csv", "errors": "{}/e.csv"}, "both results and bad rows"),
        ({"output": "", "resume": True}, "only a run from files to a file"),
        ({"formula": "2+3"}, "takes no variable from the rows"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    options: dict[str, Any], said: str, table: Path, tmp_path: Path
) -> None:
    options = {k: v.format(tmp_path) if isinstance(v, str) else v for k, v in options.items()}
    with pytest.raises(UsageError) as caught:
        transform(table, **{"output": f"{tmp_path}/out.csv", **options})
    assert said in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == {"points.csv"}


@pytest.mark.parametrize(
    ("name", "data", "status", "said"),
    [
        ("a.csv", b"", 3, "is empty"),
        ("a.csv", b"\xef\xbb\xbf", 3, "is empty"),
        ("a.csv", b"\n\nx1,x2\n1,2\n", 3, "the first row of {} is empty"),
        ("a.csv", b"x1,x2\r1,2\r", 3, r"a carriage return is no end of a row.*tr '\\r' '\\n'"),
        ("a.csv", b"x1,x2\n1,\x002\n", 3, "this is not a number"),
        ("a.csv", b'x1,x2\n1,"2\n3,4\n', 3, "a quote is not closed"),
        ("a.csv", b"x1:x2\n1:2\n", 2, "its columns are: x1:x2"),
        ("a.csv", b"x1;x2\n1\n", 2, "its columns are: x1;x2.*--delimiter ';'"),
        ("a.csv", b"x1,x2,x1\n1,2,3\n", 2, "several columns x1"),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)[:30], 3, "is broken: .*ended before"),
        ("a.csv.gz", TEXT.encode(), 3, "is broken: Not a gzipped file"),
        ("a.jsonl", b"", 3, "is empty"),
        ("a.jsonl", b"\xef\xbb\xbf", 3, "is empty"),
        ("a.jsonl", b'[{"x1": 1}]\n', 3, "does not begin with rows: this is no JSON object.*write one object on each"),
        ("a.jsonl", b'{\n"x1": 1\n}\n', 3, "does not begin with rows: this is no JSON: "),
        ("a.jsonl", b"{}\n{}\n", 3, "does not begin with rows: the first object is empty"),
        ("a.jsonl", b'{"x1": 1, "x2": {"a": 2}}\n', 3, "this is not a number"),
        ("a.jsonl", b'{"x1": 1, "x2": 1e400}\n', 3, "beyond 1.8e308"),
        ("a.npy", TEXT.encode(), 3, "is no NPY file"),
        ("a.npz", TEXT.encode(), 3, "is no whole NPZ file"),
        *[("a.parquet", TEXT.encode(), 3, "is broken"), ("a.arrow", b"", 3, "is broken")] * WITH_ARROW,
        *((f"none.{kind}", None, 2, "cannot read {}: No such file or directory") for kind in HERE),
    ],
    ids=short,
)
def test_a_file_that_is_no_table_is_an_error(
    name: str, data: bytes | None, status: int, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(AdcliError, match=f"(?s){said.format(re.escape(str(path)))}") as caught:
        transform(path, output=f"{tmp_path}/out.csv")
    assert caught.value.exit_code == status
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.long
@pytest.mark.parametrize("data", ["x1,x2\n", "x1,x2", "\ufeffx1,x2\r\n"], ids=short)
@pytest.mark.parametrize("into", HERE)
def test_a_header_alone_is_a_table_without_rows(into: str, data: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(data, "utf-8", newline="")
    out = f"{tmp_path}/out.{into}"
    assert transform(tmp_path / "p.csv", output=out) == Tally(after=None, rows=0)
    if into != "jsonl":  # which has no names without rows
        assert transform(out, formula="y^2", output=f"{tmp_path}/again.csv").rows == 0
        assert (tmp_path / "again.csv").read_text("utf-8") == "f,df/dy\n"


def test_an_error_about_a_wide_file_is_short(tmp_path: Path) -> None:
    names = [f"column{k}" for k in range(10_000)]
    (tmp_path / "p.csv").write_text(",".join([*names, "y" * 9999]) + "\n", "utf-8")
    with pytest.raises(UsageError) as caught:
        transform(tmp_path / "p.csv", formula="colum7*2")
    did, its, write = caught.value.hint.split("\n")
    assert did == "did you mean column7?"
    assert its == f"its columns are: {', '.join(names[:12])} ... and 9,989 more"
    assert write == "write --map colum7=COLUMN, or --at colum7=NUMBER"
    (tmp_path / "p.csv").write_text("x," + "y" * 9999 + "\n", "utf-8")
    with pytest.raises(UsageError) as caught:
        transform(tmp_path / "p.csv", formula="z*2")
    assert caught.value.hint.startswith("its columns are: x, yyy")
    assert len(caught.value.hint) < 200


@pytest.mark.parametrize("keep", [("all",), ("x2", "all"), ("x1", "x2", "x1", "name")])
def test_a_column_is_kept_once(keep: tuple[str, ...], table: Path, tmp_path: Path) -> None:
    transform(table, output=f"{tmp_path}/out.csv", keep=keep)
    assert list(rows(tmp_path / "out.csv")[0])[:4] == ["x1", "x2", "name", "y"]


def test_a_result_does_not_hide_a_column(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("x1,x2,y\n1,2,3\n", "utf-8")
    with pytest.raises(UsageError, match=r"the column y of .* has the name of a result"):
        transform(tmp_path / "p.csv", output=f"{tmp_path}/out.csv", keep=("all",))
    (tmp_path / "p.csv").write_text("x1,x2,notes\n1,2,3\n", "utf-8")
    assert transform(tmp_path / "p.csv", output=f"{tmp_path}/out.csv", keep=("all",)).rows == 1
    with pytest.raises(UsageError, match=r"the column notes of .* has the name of a result"):
        transform(tmp_path / "p.csv", output=f"{tmp_path}/out.csv", keep=("all",), notes=True)
    with pytest.raises(UsageError, match="a result is called notes"):
        library.formula("notes = 2x; [notes, x]").batch(x=[1.0], notes=True)


def test_columns_with_the_same_name_are_refused_only_where_needed(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("x1,x2,z,z\n1,2,3,4\n", "utf-8")
    transform(tmp_path / "p.csv", output=f"{tmp_path}/out.csv")
    with pytest.raises(UsageError, match="several columns z"):
        transform(tmp_path / "p.csv", output=f"{tmp_path}/out.csv", keep=("z",))


@pytest.mark.long
def test_a_grid_goes_into_one_file(tmp_path: Path) -> None:
    words = ("batch", "x*y", "--at", "x=0:1:3,y=0:1:2", "-o")
    refused = adcli(*words, f"{tmp_path}/")
    assert (refused.returncode, refused.stderr) == (
        2, f"adcli: the rows of a grid go into one file\nwrite: -o {tmp_path}/grid.csv\n",
    )  # fmt: skip
    assert adcli(*words, f"{tmp_path}/grid.csv").returncode == 0
    assert len(rows(tmp_path / "grid.csv")) == 6


@pytest.mark.parametrize("into", ["csv", "jsonl", *(["parquet", "arrow"] if WITH_ARROW else [])])
def test_files_with_other_orders_of_columns_are_one_table(into: str, table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("name,x2,x1\ne,20,10\n", "utf-8")
    made = f"{tmp_path}/made.{into}"
    transform(table, other, output=made, keep=("all",))
    transform(made, output=f"{tmp_path}/out.csv", keep=("name", "x1", "x2"), formula="u+0", mapping={"u": "y"})
    found = rows(tmp_path / "out.csv")
    assert [row["name"] for row in found] == ["a", "b", "c, d", "e"]
    assert [(float(row["x1"]), float(row["x2"])) for row in found] == [(2, 5), (1, 3), (-1, 2), (10, 20)]
    other.write_text("name,x2,x1,more\ne,20,10,0\n", "utf-8")
    with pytest.raises(UsageError, match="different columns to keep"):
        transform(table, other, output=made, keep=("all",))


def test_several_files_into_one_and_into_a_folder(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "more.tsv.gz"
    other.write_bytes(gzip.compress(b"name\tx2\tx1\ne\t1\t1\n"))
    transform(table, other, output=f"{tmp_path}/one.csv", keep=("name",))
    assert [row["name"] for row in rows(tmp_path / "one.csv")] == ["a", "b", "c, d", "e"]
    transform(table, other, output=f"{tmp_path}/out/", format="jsonl", errors=f"{tmp_path}/bad/", on_error="skip")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["more.jsonl", "points.jsonl"]
    assert sorted(path.name for path in (tmp_path / "bad").iterdir()) == ["more.csv", "points.csv"]


# -- accidents --------------------------------------------------------------------------------------------------------
def test_a_run_whose_input_disappears_can_be_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [tmp_path / f"{k}.csv" for k in range(2)]
    for file in files:
        file.write_text(TEXT, "utf-8")
    gone = Event()
    write, close = Pipeline._write, streams.Stream.close

    def losing(self: Pipeline, *args: Any) -> None:
        write(self, *args)
        files[1].rename(tmp_path / "away.csv")
        gone.set()

    def closing(self: streams.Stream) -> None:
        close(self)
        if self.name == str(files[0]) and (tmp_path / "out.csv.part").exists():
            gone.wait(60)  # so the reader comes to the second file when that is gone

    monkeypatch.setattr(Pipeline, "_write", losing)
    monkeypatch.setattr(streams.Stream, "close", closing)
    with pytest.raises(StoppedError, match=r"cannot read .*1\.csv"):
        transform(*files, output=f"{tmp_path}/out.csv")
    monkeypatch.undo()
    (tmp_path / "away.csv").rename(files[1])
    assert transform(*files, output=f"{tmp_path}/out.csv", resume=True).rows == 6
    assert len(rows(tmp_path / "out.csv")) == 6


@pytest.mark.parametrize("grows", [True, False])
def test_a_file_that_changes_while_it_is_read_is_an_error(
    grows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PIECE", 20_000)  # far more than are read ahead
    source = tmp_path / "p.csv"
    source.write_text("x1,x2\n" + "1.25,2.5\n" * 100_000, "utf-8")
    write = Pipeline._write

    def changing(self: Pipeline, *args: Any) -> None:
        write(self, *args)
        if grows:
            with open(source, "a", encoding="utf-8") as file:
                file.write("1.25,2.5\n")
        else:
            os.truncate(source, os.path.getsize(source) - 9)

    monkeypatch.setattr(Pipeline, "_write", changing)
    with pytest.raises(DataError, match="changed while it was read"):
        transform(source, output=f"{tmp_path}/out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


@pytest.mark.parametrize("name", ["p.csv.gz", "p.npy", "p.npz", *(["p.parquet", "p.arrow"] if WITH_ARROW else [])])
def test_a_file_without_its_end_is_an_error(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "all.npz", x1=rng.uniform(1, 2, 5000), x2=rng.normal(size=5000))
    transform(tmp_path / "all.npz", output=f"{tmp_path}/{name}", keep=("x1", "x2"), formula="x1*x2*0")
    data = (tmp_path / name).read_bytes()
    for end in (len(data) // 2, len(data) - 1):
        (tmp_path / name).write_bytes(data[:end])
        with pytest.raises(AdcliError):
            transform(tmp_path / name, output=f"{tmp_path}/out.csv")
        assert not (tmp_path / "out.csv").exists()


def test_a_link_is_followed_and_what_is_no_file_is_left_alone(table: Path, tmp_path: Path) -> None:
    pipe, link, out = tmp_path / "pipe", tmp_path / "link.csv", tmp_path / "out.csv"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="is no file"):
        transform(table, output=str(out), errors=str(pipe))
    assert pipe.is_fifo()
    assert not out.exists()
    link.symlink_to(out)
    transform(table, output=str(link))
    assert link.is_symlink()
    assert len(rows(out)) == len(rows(table))
    assert not [*tmp_path.glob("*.part"), *tmp_path.glob("*.journal")]


@pytest.mark.parametrize(("rows_", "kept"), [(300_000, True), (9_000, False)])
def test_a_run_on_a_full_disk_can_be_resumed(rows_: int, kept: bool, tmp_path: Path) -> None:
    """What is done is kept, and nothing if nothing is done."""
    source, out = tmp_path / "p.csv", tmp_path / "out.csv"
    source.write_text("x1,x2\n" + "".join(f"{k / 7!r},{k / 3!r}\n" for k in range(1, rows_)), "utf-8")
    full = shell(f"ulimit -f {13_000 if kept else 200}; $A batch '{FORMULA}' {source} -o {out}")
    what = f"adcli: cannot write {out}: File too large\n"
    hint = f"what is done of {out} is kept: go on with --resume\n"
    assert (full.returncode, full.stderr) == (2, what + hint * kept)
    assert {path.name for path in tmp_path.iterdir()} == {"p.csv", *["out.csv.part", "out.csv.journal"] * kept}
    assert adcli("batch", FORMULA, str(source), "-o", str(out), "--resume").returncode == 0
    assert out.read_bytes().count(b"\n") == rows_
    assert {path.name for path in tmp_path.iterdir()} == {"p.csv", "out.csv"}


@pytest.mark.parametrize(
    ("words", "status", "name"),
    [
        ("> /dev/full", 1, "standard output"),
        ("-f csv -o /dev/full", 2, "/dev/full"),
        ("-o {}/out.csv", 2, "{}/out.csv"),
    ],
)
def test_what_is_full_is_named_and_nothing_is_left(
    words: str, status: int, name: str, table: Path, tmp_path: Path
) -> None:
    limit = "ulimit -f 0; " * (status == 2)
    full = shell(f"{limit}$A batch '{FORMULA}' {table} --errors {tmp_path}/bad.csv {words.format(tmp_path)}")
    assert full.returncode == status
    assert f"cannot write {name.format(tmp_path)}: " in full.stderr or "bad.csv: File too large" in full.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["points.csv"]


# -- at the terminal --------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_pipes_both_ways_and_a_closed_one(table: Path) -> None:
    done = shell(f"cat {table} | $A batch '{FORMULA}' - --from csv -f jsonl | head -1")
    assert done.stdout == '{"y": 11.652071455223084, "dy/dx1": 5.5, "dy/dx2": 1.7163378145367738}\n'
    assert done.stderr.startswith("note: 1 of 3 rows")
    big = shell(f"(cat {table}; yes 2,5,a | head -400000) | ($A batch '{FORMULA}' - --from csv; echo $? >&2) | head -2")
    assert big.stdout == "y,dy/dx1,dy/dx2\n11.652071455223084,5.5,1.7163378145367738\n"
    assert big.stderr == "141\n"


@pytest.mark.long
def test_a_pipe_by_name_is_read_once(table: Path, tmp_path: Path) -> None:
    plain = adcli("batch", FORMULA, str(table)).stdout
    for piped in (f"<(cat {table})", f"/dev/stdin < <(cat {table})"):
        assert shell(f"$A batch '{FORMULA}' {piped} --from csv").stdout == plain
    both = shell(f"cat {table} | $A batch '{FORMULA}' <(cat {table}) - --from csv -o {tmp_path}/out.csv")
    assert (both.returncode, len(rows(tmp_path / "out.csv"))) == (0, 6)
    assert "can be resumed" in shell(f"$A batch x1 <(cat {table}) --from csv -o {tmp_path}/o.csv --resume").stderr
    for kind in {"npz", *HERE} - {"csv", "tsv", "jsonl", "npy"}:
        refused = shell(f"$A batch x1 <(cat {table}) --from {kind}")
        assert (refused.returncode, "which is a pipe" in refused.stderr) == (2, True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["-o", "{}/o.csv"], 0),
        (["-o", "{}/o.csv", "--strict"], 3),
        (["--on-error", "skip"], 0),
        (["{}/bad.csv"], 3),
        (["{}/bad.csv", "--on-error", "skip", "--errors", "{}/e.csv"], 3),
        (["{}/bad.csv", "--on-error", "null"], 3),
        (["{}/none.csv"], 2),
        (["--at", "x1=0:1:3,x2=0:1:3"], 2),
        (["-f", "csv", "-o", "/dev/full"], 2),
        (["--errors", "{}/bad.csv/"], 2),
        (["-f", "csv", "-o", "/dev/null"], 0),
        (["--at", "z=1"], 2),
        (["--what", "jvp"], 2),
        (["--what", "jvp", "--tangent", "x1=1"], 0),
        (["--what", "value"], 0),
        (["--what", "value", "--wrt", "x1"], 2),
        (["--what", "jvp", "--tangent", "x1=1", "--wrt", "x1"], 2),
        (["--resume", "-o", "{}/o.csv"], 0),
    ],
)
def test_statuses(words: list[str], status: int, table: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(TEXT + "1,two,e\n", "utf-8")
    done = adcli("batch", FORMULA, str(table), *(word.format(tmp_path) for word in words))
    assert done.returncode == status
    if "null" in words:
        assert done.stdout.endswith("\n,,\n")
    if "--errors" in words and status == 3:
        (bad,) = rows(tmp_path / "e.csv")
        assert bad == {
            "file": f"{tmp_path}/bad.csv", "line": "5", "column": "x2", "text": "1,two,e",
            "reason": "this is not a number",
        }  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (["--map", 'x="length, mm"'], ["f"]),
        (["--map", 'y=y, x="length, mm"', "--keep", '"length, mm",a=b'], ["length, mm", "a=b", "f"]),
        (["--map", '"x=length, mm"', "--map", "y=a=b"], ["f"]),
        (["--map", 'x="say ""hi"""', "--keep", '"say ""hi"""'], ['say "hi"', "f"]),
        (["--map", 'x=5" pipe,y=6" pipe', "--keep", '5" pipe,6" pipe'], ['5" pipe', '6" pipe', "f"]),
        (["--columns", '"a, b",y,z,x,u,v', "--keep", '"a, b"'], ["a, b", "f"]),
    ],
)
def test_any_column_can_be_named(words: list[str], columns: list[str], tmp_path: Path) -> None:
    header = '"length, mm",y,a=b,"say ""hi""","5"" pipe","6"" pipe"\n' * ("--columns" not in words)
    (tmp_path / "p.csv").write_text(header + "2,3,5,7,11,13\n", "utf-8")
    done = adcli("batch", "x*y", f"{tmp_path}/p.csv", "--what", "value", *words)
    found, numbers = csv.reader(done.stdout.splitlines())
    assert found == columns
    assert all(float(x) > 1 for x in numbers)


def test_a_column_with_a_comma_is_shown_as_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('"length, mm",y\n2,3\n', "utf-8")
    done = adcli("batch", "x*y", f"{tmp_path}/p.csv", "--map", "x=length")
    assert 'did you mean "length, mm"?\nits columns are: "length, mm", y\n' in done.stderr
    done = adcli("batch", "x*y", f"{tmp_path}/p.csv", "--map", "x=length, mm")
    assert (done.returncode, "quotes around a name that has a comma" in done.stderr) == (2, True)


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("x,y\n1,\x1b[31m\x00\n", "utf-8")
    assert "\n  1,␛[31m␀\n" in adcli("batch", "x*y", f"{tmp_path}/p.csv").stderr
    (tmp_path / "p.csv").write_bytes(b'x,y\n1,"2\r\n3"\n')
    assert '\n  1,"2␍⏎3"\n' in adcli("batch", "x*y", f"{tmp_path}/p.csv").stderr
    (tmp_path / "p.csv").write_bytes(b"x,y\n1,2\r3,4\n")
    assert "\n  1,2␍3,4\n" in adcli("batch", "x*y", f"{tmp_path}/p.csv").stderr


@pytest.mark.long
def test_a_grid_needs_no_file() -> None:
    done = adcli("batch", "x^2*sin(y)", "--at", "x=0:1:3,y=-1:1:5")
    table = adcli("grad", "x^2*sin(y)", "--at", "x=0:1:3,y=-1:1:5", "--format", "csv")
    ours = [[float(x) for x in row.split(",")] for row in done.stdout.splitlines()[1:]]
    theirs = [[float(x) for x in row.split(",")[: len(ours[0])]] for row in table.stdout.splitlines()[1:]]
    assert done.stdout.startswith("x,y,f,df/dx,df/dy\n")
    assert np.array(ours) == pytest.approx(np.array(theirs), rel=1e-15)


def test_few_rows_need_no_pyarrow(table: Path) -> None:
    code = f"import sys; from adcli.cli import main\ntry: main({['batch', FORMULA, str(table), '--keep', 'all']!r})"
    done = shell(f"$A --version > /dev/null; {sys.executable} -c \"{code}\nfinally: print('pyarrow' in sys.modules)\"")
    assert done.stdout.endswith("False\n")
    assert done.stdout.startswith("x1,x2,name,y,dy/dx1,dy/dx2\n2,5,a,11.652071455223084,")


@pytest.mark.parametrize(
    ("text", "words", "out", "said", "status"),
    [
        ("x1;x2\n1;2\n", [], "2.0\n", "p.csv: the delimiter is ;", 0),
        ("x1;x2\n1;2\n", ["--strict"], "2.0\n", "p.csv: the delimiter is ;", 3),
        ("x1;x2\n10,20;4,5\n", [], "45.9\n", "p.csv: numbers have a decimal comma", 0),
        ("x1;x2\n1,234;2\n", ["--decimal", ","], "2.468\n", "the delimiter is ;", 0),
        ("x1;x2\n1,234;2\n", ["--thousands", ","], "2468.0\n", "the delimiter is ;", 0),
        ("x1;x2\n1,234;2\n", [], "", "write --thousands , or --decimal ,", 3),
        ('x1,x2\n"3,505",2\n', ["--thousands", ","], "7010.0\n", "", 0),
        ('x1,x2\n"3,505",2\n', ["--decimal", ","], "7.01\n", "", 0),
        ("# note\n\nx1,x2\n1,2\n", [], "2.0\n", "p.csv: 1 comment line at the top passed over", 0),
        ("x1,x2\n1,2\n#3,4\n", ["--comment", "#"], "2.0\n", "", 0),
        ("x1,x2\n1,2\n#3,4\n", [], "", "#3,4", 3),
        ("x1,x2\n1,2\n", ["--thousands", "."], "", "add: --decimal ,", 2),
    ],
)
def test_dialects(text: str, words: list[str], out: str, said: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    done = adcli("batch", "x1*x2", f"{tmp_path}/p.csv", "--what", "value", *words)
    assert (done.returncode, done.stdout.removeprefix("y\n")) == (status, out)
    assert said in done.stderr
    assert bool(said) == bool(done.stderr)


def test_a_nan_and_a_bad_row_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("x1,x2\n1,2\nNA,1\nnan,1\n,1\n", "utf-8")
    words = ["--what", "value", "--notes", "--on-error", "null", "--errors", f"{tmp_path}/bad.csv"]
    done = adcli("batch", "x1*x2", f"{tmp_path}/p.csv", *words)
    assert done.stdout == "y,notes\n2.0,\n,\nnan,input\n,\n"
    assert done.stderr == "note: 1 of 4 rows: input\nnote: 2 bad rows passed over\n"
    assert [row["reason"] for row in rows(tmp_path / "bad.csv")] == ["a number is missing"] * 2
