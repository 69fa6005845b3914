"""Formats other than CSV: damaged and unusual files are read or refused, and other programs read what is written."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import adcli
from adcli.errors import AdcliError, UsageError
from adcli.tables import arrow_columns, streams
from adcli.tables.formats import csv as delimited
from adcli.tables.formats import jsonl
from adcli.tables.formats.jsonl import _JsonlReader
from adcli.tables.formats.registry import FORMATS
from adcli.tables.opening import open_sink, open_source
from adcli.tables.request import RunOptions
from adcli.tables.rows import BadRow, Block, DataError, ReadOptions, Rows, Selection
from adcli.tables.run import run

WITH_ARROW = streams.arrow() is not None
needs_arrow = pytest.mark.skipif(not WITH_ARROW, reason="pyarrow is not installed")
BINARY = ["npy", "npz", *(["parquet", "arrow"] if WITH_ARROW else [])]


def every_row(path: Path | str, variables: tuple[str, ...], kept: tuple[str, ...] = (), **how: Any) -> list[Rows]:
    source = open_source(str(path), ReadOptions(**how))
    try:
        position = {name: k for k, name in enumerate(source.columns)}
        selection = Selection({name: position[name] for name in variables}, {name: position[name] for name in kept})
        return [piece.read() for piece in source.pieces(selection)]
    finally:
        source.close()


def transform(source: Path | str, out: Path | str, formula: str, **options: Any) -> int:
    return run(adcli.formula(formula).plan(), RunOptions((str(source),), output=str(out), **options), {}).rows


# -- JSON Lines -------------------------------------------------------------------------------------------------------
VALUES = [
    "1", "-0", "1.5e3", "01", "+1", ".5", "1.", "1e999", "1e-400", "NaN", '"NaN"', "Infinity", '"-Infinity"', "null",
    "true", '"1"', "[1]", "{}", '{"x": 1, "x": 2}', "9007199254740993", "1" * 400, '"\\ud800"', '"\xe9"', '"a\\nb"',
    '"{"', "",
    '"}\\n{"', "0x10", "1_0", "[" * 50 + "]" * 50, "[" * 5000, '"a', "0.1",
]  # fmt: skip
members = st.tuples(st.sampled_from(["x", "y", "z", "\\u0078"]), st.sampled_from(VALUES))
objects = st.lists(members, max_size=4).map(lambda found: "{" + ", ".join(f'"{n}": {v}' for n, v in found) + "}")
lines = st.one_of(
    st.sampled_from(['{"x": 1, "y": 2}', '{"x":3,"y":4.5,"z":"a"}', "", " ", "[]", "1", '{"x": 1,', '"y": 2}', "{}}"]),
    objects,
    st.tuples(objects, objects).map("".join),
)


@needs_arrow
@given(st.lists(st.tuples(lines, st.sampled_from(["\n", "\n", "\n", "\r\n", "", "\n\n"])), max_size=6), st.booleans())
@settings(max_examples=100, deadline=None)
@example([('{"x": 1, "y": 2}', ""), ('{"x": 1, "y": 2}', "\n\n")], False)
@example([('{"x": 1,', "\n"), ('"y": 2}', "\n")], False)
@example([('{"x": Infinity, "y": 2}', "\n")], False)
def test_the_quick_way_finds_what_the_exact_way_finds(parts: list[tuple[str, str]], odd: bool) -> None:
    data = "".join(line + end for line, end in parts).encode("latin-1" if odd else "utf-8")
    if not data:
        return
    reader = _JsonlReader("a.jsonl", ("x", "y"), Selection({"x": 0, "y": 1}, {}))
    quick, exact = reader._quickly(data), reader.exactly(data, 1)
    assert exact.size == data.count(b"\n") + (not data.endswith(b"\n"))
    if quick is not None:
        assert not exact.bad
        assert quick.size == exact.size
        for name, column in exact.columns.items():
            assert list(map(repr, quick.columns[name].tolist())) == list(map(repr, column.tolist()))


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ('{"x": 1}', "y", "a number is missing"),
        ('{"x": null, "y": 1}', "x", "a number is missing"),
        ('{"x": "two", "y": 1}', "x", "this is not a number"),
        ('{"x": true, "y": 1}', "x", "this is not a number"),
        ('{"x": 1, "y": 1, "x": 2}', "x", "x is there twice"),
        ('{"x": 1e999, "y": 1}', "x", "this number is beyond 1.8e308 in size"),
        ('{"x": NaN, "y": 1}', "", "NaN is no JSON; write it in quotes"),
        ("[1, 2]", "", "this is no JSON object"),
        ("", "", "this row is empty"),
        ('{"x": 1, "y": ' + "[" * 100_000, "", "this is nested too deeply"),
    ],
)
def test_a_bad_line_has_a_column_and_a_reason(line: str, column: str, reason: str) -> None:
    good = '{"x": 1, "y": 2}\n'
    found = _JsonlReader("a.jsonl", ("x", "y"), Selection({"x": 0, "y": 1}, {})).read(
        f"{good}{line}\n{good}".encode(), 5
    )
    assert [(bad.line, bad.column, bad.reason, bad.text) for bad in found.bad] == [(6, column, reason, line)]
    assert found.columns["y"].tolist() == [2, 2]


# -- damaged files ----------------------------------------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.parametrize("kind", [*BINARY, "csv.gz", "csv.xz", "jsonl.bz2", *(["csv.zst"] if WITH_ARROW else [])])
def test_a_damaged_file_is_an_error_or_has_all_its_rows(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "p.npz", x=rng.uniform(1, 2, 300), y=rng.normal(size=300).round(1))
    transform(tmp_path / "p.npz", tmp_path / f"a.{kind}", "x*y", keep=("x",))
    data = (tmp_path / f"a.{kind}").read_bytes()
    choose = random.Random(kind)
    damaged = tmp_path / f"b.{kind}"
    for k in range(60):
        made = bytearray(data)
        for at in (
            choose.randrange(len(made)),
            choose.randrange(min(300, len(made))),
            -choose.randint(1, min(len(made), 900)),
        ):
            made[at] ^= 1 << choose.randrange(8) if choose.random() < 0.6 else 0
        damaged.write_bytes(made[: choose.randint(20, len(made))] if k % 5 == 0 else made)
        try:
            rows = transform(damaged, tmp_path / "out.npy", "x+1")
        except AdcliError:
            continue
        assert rows == 300


# -- what other programs write, and read ------------------------------------------------------------------------------
@pytest.mark.parametrize("fortran", [False, True])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i2", ">i8", "<u1", "<f2"])
def test_matrices_of_any_numbers(dtype: str, fortran: bool, tmp_path: Path) -> None:
    matrix = np.array(np.arange(60).reshape(20, 3), dtype, order="F" if fortran else "C")
    np.save(tmp_path / "a.npy", matrix)
    (rows,) = every_row(tmp_path / "a.npy", ("a", "c"), ("b",), columns=("a", "b", "c"))
    assert rows.columns["c"].tolist() == matrix[:, 2].tolist()
    assert rows.columns["a"].dtype == np.float64
    assert rows.kept["b"].tolist() == matrix[:, 1].tolist()


@pytest.mark.parametrize("kind", ["jsonl", *BINARY])
def test_a_file_with_names_is_not_given_others(kind: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(3.0))
    transform(tmp_path / "a.npz", tmp_path / f"b.{kind}", "x^2", keep=("x",))
    with pytest.raises(UsageError, match="names its columns itself"):
        transform(tmp_path / f"b.{kind}", tmp_path / "c.csv", "u^2", reading=ReadOptions(columns=("u", "v", "w")))


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_is_as_long_as_it_says(order: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.asarray(np.ones((40, 2)), order=order))
    data = (tmp_path / "a.npy").read_bytes()
    for wrong, said in ((data[:-1], "its end is missing"), (data + b"1", "something follows")):
        (tmp_path / "a.npy").write_bytes(wrong)
        with pytest.raises(DataError, match=said):
            every_row(tmp_path / "a.npy", ("x",), columns=("x", "y"))


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["x", "λ€"], (3, 0)),
        ([f"column{k}" for k in range(800)], (1, 0)),
        ([f"column{k}" for k in range(5000)], (2, 0)),
    ],
    ids=["in UTF-8", "wide", "very wide"],
)
def test_headers_of_every_version(names: list[str], version: tuple[int, int], tmp_path: Path) -> None:
    array = np.ones(3, [(name, float) for name in names])
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array(file, array, version)
    (rows,) = every_row(tmp_path / "a.npy", (names[-1],), (names[0],))
    assert rows.columns[names[-1]].tolist() == rows.kept[names[0]].tolist() == [1, 1, 1]
    transform(tmp_path / "a.npy", tmp_path / "b.npy", "u+0", mapping={"u": names[-1]}, keep=tuple(names))
    assert np.load(tmp_path / "b.npy", max_header_size=1 << 20)[names].tolist() == array.tolist()


def test_one_column_needs_one_name(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(3.0))
    (rows,) = every_row(tmp_path / "a.npy", ("x",), columns=("x",))
    assert rows.columns["x"].tolist() == [0, 1, 2]
    with pytest.raises(UsageError, match="1 columns without names"):
        every_row(tmp_path / "a.npy", ("x",))


@pytest.mark.parametrize(
    "made", [np.zeros((2, 2, 2)), np.array(1.0), np.array([None]), np.array([1j]), np.array(["a"])]
)
def test_an_array_that_is_no_table_of_numbers_is_refused(made: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", made, allow_pickle=True)
    with pytest.raises(AdcliError):
        transform(tmp_path / "a.npy", tmp_path / "b.csv", "x^2", reading=ReadOptions(columns=("x",)))


KEPT = {
    "t": np.array(["a", "bé"]), "d": np.array(["2020", "2021"], "M8[D]"), "i": np.array([1, 2], ">i2"),
    "b": np.array([True, False]), "y": np.array([b"a", b"\xff"]), "c": np.array([1j, 2]), "o": np.array([1, None]),
}  # fmt: skip


@pytest.mark.parametrize("into", ["csv", "jsonl", *BINARY])
@pytest.mark.parametrize("name", KEPT)
def test_arrays_of_any_type_are_copied_or_refused(name: str, into: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(2.0), k=KEPT[name])
    out = tmp_path / f"b.{into}"
    if name == "o" or (name == "c" and into in ("parquet", "arrow")):
        with pytest.raises(UsageError, match=r"the column k .*holds (Python's objects|object|complex128)"):
            transform(tmp_path / "a.npz", out, "x^2", keep=("k",))
        assert transform(tmp_path / "a.npz", out, "x^2") == 2
        return
    transform(tmp_path / "a.npz", out, "x^2", keep=("k",))
    if into == "npz":
        assert np.load(out)["k"].tolist() == KEPT[name].tolist()
    elif into == "jsonl":
        found = [json.loads(line)["k"] for line in out.read_text("utf-8").splitlines()]
        spelled = {"y": ["a", "\\xff"], "d": ["2020-01-01", "2021-01-01"], "c": ["1j", "(2+0j)"]}
        assert found == spelled.get(name, KEPT[name].tolist())


def test_arrays_that_are_no_columns_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.float64(1), m=np.zeros((3, 3)))
    with pytest.raises(DataError, match="has no array of one dimension"):
        every_row(tmp_path / "a.npz", ("x",))


@needs_arrow
def test_what_polars_writes_and_what_is_not_finite_in_a_list(tmp_path: Path) -> None:
    pa = streams.arrow()
    table = pa.table({
        "x": [1.0, None, 3.0], "t": pa.array(["a", None, "c"], pa.string_view()), "l": [[float("nan")], [], [1.0]],
    })  # fmt: skip
    streams.arrow("pyarrow.feather").write_feather(table, str(tmp_path / "a.arrow"), compression="uncompressed")
    transform(tmp_path / "a.arrow", tmp_path / "b.jsonl", "x", keep=("t", "l"), on_error="skip")
    assert (tmp_path / "b.jsonl").read_text("utf-8") == (
        '{"t": "a", "l": ["NaN"], "y": 1.0, "dy/dx": 1.0}\n{"t": "c", "l": [1.0], "y": 3.0, "dy/dx": 1.0}\n'
    )


@pytest.mark.parametrize("dtype", ["c16", "?", "U1", "M8[s]", "V3"])
def test_a_column_without_numbers_is_refused_before_anything_is_written(dtype: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(2, [("x", dtype), ("y", float)]))
    with pytest.raises(UsageError, match=r"the column x of .* holds .*, not numbers"):
        transform(tmp_path / "a.npy", f"{tmp_path}/out/", "x*y")
    assert not list((tmp_path / "out").iterdir())


def test_arrays_of_a_file_have_one_length(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(3.0), y=np.arange(4.0), m=np.zeros((3, 3)))
    assert every_row(tmp_path / "a.npz", ("x",))[0].columns["x"].tolist() == [0, 1, 2]
    with pytest.raises(DataError, match="x has 3, y has 4"):
        every_row(tmp_path / "a.npz", ("x", "y"))
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as file:
        file.writestr("x.npy", b"no array")
    with pytest.raises(DataError):
        every_row(tmp_path / "b.npz", ("x",))


@needs_arrow
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_row_without_a_number_is_a_bad_one(kind: str, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.feather
    import pyarrow.parquet

    table = pa.table({"x": pa.array([1, None, 3], pa.int32()), "y": [1.5, 2.5, None], "t": ["a", "b", "c"]})
    path = str(tmp_path / f"a.{kind}")
    if kind == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        pyarrow.feather.write_feather(table, path)
    (rows,) = every_row(path, ("x", "y"), ("t",))
    assert [(bad.line, bad.column, bad.reason, bad.unit) for bad in rows.bad] == [
        (2, "x", "a number is missing", "row"), (3, "y", "a number is missing", "row"),
    ]  # fmt: skip
    assert (rows.columns["x"].tolist(), rows.kept["t"].to_pylist()) == ([1], ["a"])
    out = tmp_path / "out.csv"
    transform(path, out, "x+y", keep=("x", "t"), on_error="null")
    assert out.read_text("utf-8") == "x,t,f,df/dx,df/dy\n1,a,2.5,1.0,1.0\n,,,,\n,,,,\n"
    table = pa.table({"u": [1.0, 2.0], "v": [3.0, None]})
    pyarrow.parquet.write_table(table, tmp_path / "b.parquet")
    transform(tmp_path / "b.parquet", out, "u", keep=("v",))
    assert out.read_text("utf-8") == "v,y,dy/du\n3.0,1.0,1.0\n,2.0,1.0\n"
    transform(path, out, "x+y", keep=("t",), on_error="skip")
    assert out.read_text("utf-8") == "t,f,df/dx,df/dy\na,2.5,1.0,1.0\n"
    with pytest.raises(UsageError, match="holds int32, which has no room for a row without a value"):
        transform(path, tmp_path / "out.npy", "y^2", keep=("x",), on_error="null")
    with pytest.raises(UsageError, match="holds string, not numbers"):
        transform(path, out, "t^2")


@pytest.mark.parametrize("into", FORMATS if WITH_ARROW else ["csv", "tsv", "jsonl", "npy", "npz"])
def test_bad_rows_alone_are_rows_without_values(into: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"x": null, "t": 1}\n{"x": 1, "x": 2}\n', "utf-8")
    keep = ("x",) if into in ("npy", "npz") else ("x", "t")
    assert transform(tmp_path / "a.jsonl", tmp_path / f"b.{into}", "x^2", keep=keep, on_error="null") == 2
    again = transform(tmp_path / f"b.{into}", tmp_path / "c.csv", "x", on_error="null")
    assert again == 2
    assert (tmp_path / "c.csv").read_text("utf-8") in ("y,dy/dx\n,\n,\n", "y,dy/dx\nnan,nan\nnan,nan\n")


@needs_arrow
@pytest.mark.parametrize("rows", [0, 1, 40])
def test_what_is_written_arrow_reads(rows: int, tmp_path: Path) -> None:
    """Blocks of rows are encoded each by itself, in any order, and make one file."""
    import pyarrow.feather
    import pyarrow.parquet

    for kind, read in (("parquet", pyarrow.parquet.read_table), ("arrow", pyarrow.feather.read_table)):
        path = tmp_path / f"a.{kind}"
        sink = open_sink(str(path), kind, {"y": "float64", "t": None}, "")
        numbers, texts = np.arange(rows * 3.0), [f"n{k}é" for k in range(rows * 3)]
        parts = [slice(0, rows), slice(rows, 2 * rows), slice(2 * rows, 3 * rows)]
        encoded = [sink.encode({"y": numbers[s], "t": texts[s]}, rows, None) for s in reversed(parts)][::-1]
        data, blocks = sink.head(), []
        for one in encoded if rows else []:
            blocks.append(Block(len(data), len(one.data), one.rows, json.loads(json.dumps(one.extra))))
            data += one.data
        head, tail = sink.ending(blocks)
        assert data.startswith(head)
        path.write_bytes(data + tail)
        table = read(str(path))
        assert (table["y"].to_pylist(), table["t"].to_pylist()) == (numbers.tolist(), texts)


@pytest.mark.parametrize("kind", ["csv", "jsonl", *(["parquet", "arrow"] if WITH_ARROW else [])])
def test_reading_stops_at_the_first_bad_row_if_bad_rows_end_the_run(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{kind}"
    rows: list[tuple[float | None, float | None]] = [(1, 2), (1, None), (None, 1), (1, 2), (1, None)] * 2000
    if kind == "jsonl":
        path.write_text("".join(json.dumps({"x": x, "y": y}) + "\n" for x, y in rows), "utf-8")
    elif kind == "csv":
        path.write_text("x,y\n" + "".join(f"{x or ''},{y or ''}\n" for x, y in rows), "utf-8")
    else:
        pa = streams.arrow()
        sink = open_sink(str(path), kind, {"x": "float64", "y": "float64"}, "")
        encoded = sink.encode(
            {name: pa.array(c, "float64") for name, c in zip("xy", zip(*rows, strict=True), strict=True)},
            len(rows),
            None,
        )
        head = sink.head()
        placed = Block(len(head), len(encoded.data), len(rows), encoded.extra)
        path.write_bytes(head + encoded.data + sink.ending([placed])[1])
    made: list[int] = []
    for module in (arrow_columns, delimited, jsonl):
        monkeypatch.setattr(module, "BadRow", lambda *given, **more: made.append(1) or BadRow(*given, **more))
    source = open_source(str(path), ReadOptions())
    selection = Selection({"x": 0, "y": 1}, {}, fail=True)
    with pytest.raises(DataError, match=r"(?s)a number is missing.*, (row 2|line [23]), column y"):
        next(iter(source.pieces(selection))).read()
    assert len(made) == 1
    source.close()


def test_a_format_is_a_file_and_a_line_of_the_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "psv", FORMATS["csv"]._replace(suffixes=(".psv",), delimiter="|"))
    (tmp_path / "a.psv").write_text("x|y, z\n2|a\n3|b\n", "utf-8")
    transform(tmp_path / "a.psv", tmp_path / "b.psv.gz", "x^2", keep=("y, z",))
    transform(tmp_path / "b.psv.gz", tmp_path / "c.csv", "u+0", mapping={"u": "y"}, keep=("y, z",))
    assert (tmp_path / "c.csv").read_text("utf-8") == '"y, z",y,dy/du\na,4.0,1.0\nb,9.0,1.0\n'


def test_every_format_names_its_files() -> None:
    endings = [ending for format_ in FORMATS.values() for ending in format_.suffixes]
    assert len(endings) == len(set(endings))
    with pytest.raises(UsageError, match="does not tell its format"):
        open_source("a.txt", ReadOptions())
