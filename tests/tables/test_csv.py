"""CSV and TSV are read as Python's csv module and float read them; the quick way accepts what the exact one does."""

from __future__ import annotations

import csv
import io
import math
import random
import struct
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adcli.errors import AdcliError, UsageError
from adcli.language import Dialect
from adcli.tables import lines, streams
from adcli.tables.formats.csv import CsvSink, _CsvReader, check_delimiter
from adcli.tables.opening import open_source
from adcli.tables.rows import BadRow, DataError, ReadOptions, Rows, Selection, Source
from tests.tables.test_run import hide_arrow, short

COLUMNS = ("x", "y", "name")
SELECTION = Selection({"x": 0, "y": 1}, {"name": 2})


def reader(delimiter: str = ",", selection: Selection = SELECTION) -> _CsvReader:
    return _CsvReader("a.csv", Dialect(delimiter, "."), COLUMNS, selection)


def plain(rows: Rows) -> Any:
    """Return rows as texts and lists, in which NaN is equal to itself and zeros have signs."""
    numbers = {name: list(map(repr, column.tolist())) for name, column in rows.columns.items()}
    kept = {name: column if isinstance(column, list) else column.to_pylist() for name, column in rows.kept.items()}
    return rows.size, numbers, kept


# -- the quick way and the exact way ----------------------------------------------------------------------------------
ODD = [
    "1,5", "0x10", "1_000", " 1", "1 ", "\t1", "nan", "NaN", "-nan", "nan(1)", "inf", "-Infinity", "INF", "infinit",
    "1e999", "-1e999", "1e-999", "4.9e-324", "2.4e-324", "", " ", '""', '"1"', '" 1"', '"1,5"', '"1\n"', '"1', '1"',
    '1"2', '"1"2', "+1", "++1", "1.", ".5", ".", "-", "e5", "1e", "1e+", "1e5", "1E5", "1d5", "0" * 400 + "1",
    "1" * 400, "１", "١", "\xa01", "1\x00", "\ufeff1", "true", "1j",
    "1\r", "\r1", "1\v", "1\f", "0.1", "1/3", "1e400000000000", "0e999999999", "-0", "-0.0", "1e-400000000000",
]  # fmt: skip
fields = st.one_of(
    st.sampled_from(ODD),
    st.floats().map(repr),
    st.text(st.sampled_from('a"",\n\r\t 1.é\x00'), max_size=6),
    st.text(st.sampled_from('ab" 1'), max_size=4).map(lambda t: '"' + t.replace('"', '""') + '"'),
)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r", ""])


@st.composite
def tables(draw: Any) -> bytes:
    """Return rows of a file, most of them well-formed."""
    rows = draw(st.lists(st.tuples(st.lists(fields, min_size=0, max_size=4), ends), max_size=5))
    good = draw(st.lists(st.sampled_from(["1,2,a\n", '3.5,-1e-7,"b,c"\n', '4,5,"d\ne"\n', "6,7,\n"]), max_size=4))
    parts = [",".join(row) + end for row, end in rows] + good
    draw(st.randoms(use_true_random=False)).shuffle(parts)
    return "".join(parts).encode() + draw(st.sampled_from([b"", b"\xff", b"1,2,\xff\n", b"1,2,a"]))


@pytest.mark.long
@pytest.mark.skipif(streams.arrow() is None, reason="pyarrow is not installed")
@given(tables())
@settings(max_examples=100, deadline=None)
@example(b"1,2,a\r3,4,b\n")
@example(b"1,2,a\n\n")
@example(b'1,2,"a"b\n')
@example(b'1,2,"a\n1,2,b\n')
@example(b"\xef\xbb\xbf1,2,a\n")
@example(b"1e999,2,a\n")
def test_the_quick_way_finds_what_the_exact_way_finds(data: bytes) -> None:
    for selection in (SELECTION, Selection({"x": 0}, {}), Selection({"x": 0}, {"x": 0, "name": 2})):
        quick = reader(selection=selection)._quickly(data)
        exact = reader(selection=selection).exactly(data, 1)
        if quick is not None:
            assert not exact.bad
            assert plain(quick) == plain(exact)


@pytest.mark.skipif(streams.arrow() is None, reason="pyarrow is not installed")
@pytest.mark.parametrize("field", [f for f in ODD if f], ids=short)
def test_an_odd_number_is_the_same_both_ways(field: str) -> None:
    data = f"{field},2,a\n".encode()
    quick, exact = reader()._quickly(data), reader().exactly(data, 1)
    assert quick is None or (not exact.bad and plain(quick) == plain(exact))


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_rounded_correctly(seed: int) -> None:
    """The nearest float, ties to even, also for decimals that lie next to the middle of two floats."""
    choose = random.Random(seed)
    texts = []
    for _ in range(5_000):
        (x,) = struct.unpack("d", struct.pack("Q", choose.getrandbits(64)))
        if not math.isfinite(x):
            continue
        texts += [repr(x), f"{x:.{choose.randint(0, 25)}e}"]
        middle = (np.longdouble(x) + np.longdouble(np.nextafter(x, np.inf))) / 2
        texts.append(np.format_float_scientific(middle, unique=False, precision=choose.randint(15, 40)))
    data = "".join(f"{t},0,a\n" for t in texts).encode()
    found = reader().read(data, 1)
    good = [float(t) for t in texts if math.isfinite(float(t))]
    assert found.columns["x"].tolist() == good
    assert len(found.bad) == len(texts) - len(good)


# -- against the csv module -------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(st.floats(), st.floats(), st.text(st.sampled_from('a"",\n\r;é '), max_size=8)), max_size=20))
@settings(max_examples=60, deadline=None)
def test_what_the_csv_module_writes_is_read(rows: list[tuple[float, float, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    found = reader().read(out.getvalue().encode(), 1)
    assert not found.bad
    numbers = {"x": [repr(x) for x, _, _ in rows], "y": [repr(y) for _, y, _ in rows]}
    assert plain(found) == (len(rows), numbers, {"name": [name for _, _, name in rows]})


@pytest.mark.long
@given(st.lists(st.tuples(st.floats(), st.text(st.characters(codec="utf-8"), max_size=8)), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("arrow", [True, False])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_what_is_written_the_csv_module_reads(delimiter: str, arrow: bool, rows: list[tuple[float, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not arrow:
            without_arrow(patch)
        sink = CsvSink(dict.fromkeys(["y", "a name"]), delimiter)
        columns = {"y": np.array([x for x, _ in rows]), "a name": [name for _, name in rows]}
        text = sink.head() + sink.encode(columns, len(rows), None).data
    found = list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter, strict=True))
    assert found == [["y", "a name"], *([repr(x), name] for x, name in rows)]


def without_arrow(patch: pytest.MonkeyPatch) -> None:
    for name in ("formats.csv", "text_columns", "formats.jsonl"):
        module = __import__(f"adcli.tables.{name}", fromlist=["arrow"])
        patch.setattr(module, "arrow", lambda part="", needed="": None)


# -- pieces -----------------------------------------------------------------------------------------------------------
def source(data: bytes, path: Path, columns: tuple[str, ...] = COLUMNS) -> Source:
    path.write_bytes(data)
    return open_source(str(path), ReadOptions(columns=columns))


def pieces(data: bytes, path: Path, start: Any = None) -> Iterator[tuple[Any, Rows]]:
    opened = source(data, path)
    for piece in opened.pieces(SELECTION, start):
        yield piece.after, piece.read()
    opened.close()


@given(tables(), st.integers(8, 60), st.integers(20, 80))
@settings(max_examples=100, deadline=None)
def test_pieces_can_be_read_from_any_position(data: bytes, size: int, longest: int) -> None:
    """Pieces of any size have the rows of the whole file, and the same bad rows at the same lines."""
    path = Path(MADE.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PIECE", size)
        patch.setattr(import_module("adcli.language.csv_rows"), "LONGEST", longest)
        patch.setattr(lines, "SMALL", 10)
        found = list(pieces(data, path))
        whole = reader().exactly(data.removeprefix(lines.BOM), 1)
        assert sum(rows.size for _, rows in found) == whole.size
        assert [bad[2:] for _, rows in found for bad in rows.bad] == [bad[2:] for bad in whole.bad]
        assert [t for _, rows in found for t in plain(rows)[1]["x"]] == plain(whole)[1]["x"]
        assert [t for _, rows in found for t in plain(rows)[2]["name"]] == plain(whole)[2]["name"]
        for k, (after, _) in enumerate(found):
            again = [(a, plain(rows), rows.bad) for a, rows in pieces(data, path, after)]
            assert again == [(a, plain(rows), rows.bad) for a, rows in found[k + 1 :]]


MADE = __import__("tempfile").NamedTemporaryFile(suffix=".csv")


def test_a_quote_that_is_not_closed_costs_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'1,2,a\n3,4,"b\n5,6,c\n7,8,"d"\n9,10,e\n'
    found = reader().read(data, 1)
    assert [(bad.line, bad.text) for bad in found.bad] == [(2, '3,4,"b')]
    assert found.columns["x"].tolist() == [1, 5, 7, 9]


def test_line_breaks_within_quotes_count_as_lines() -> None:
    found = reader().exactly(b'1,2,"a\nb"\n3,4\n', 10)
    assert [(bad.line, bad.reason) for bad in found.bad] == [(12, "this row is short: 2 of 3 fields")]


def test_a_long_field_is_no_error() -> None:
    """By default the csv module refuses fields of more than 131,072 characters."""
    found = reader().exactly(b"1,2," + b"a" * 500_000 + b'\n3,4,"' + b"b" * 500_000 + b'"\n', 1)
    assert ([len(name) for name in found.kept["name"]], found.bad) == ([500_000, 500_000], [])


# -- errors ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (b"1,2\n", "", "this row is short: 2 of 3 fields"),
        (b"1,2,a,b\n", "", "this row is long: 4 of 3 fields"),
        (b"\n", "", "this row is empty"),
        (b"1,,a\n", "y", "a number is missing"),
        (b"1,two,a\n", "y", "this is not a number"),
        (b"1,1e999,a\n", "y", "this number is beyond 1.8e308 in size"),
        (b'1,2,"a\n', "", "a quote is not closed, or something follows it"),
        (b'1,2,"a"b\n', "", "a quote is not closed, or something follows it"),
        (b"1,2,a\r3,4,b\n", "", "a carriage return is no end of a row"),
        (b"1,2,\xff\n", "name", "this is not text in UTF-8"),
        (b"1,\xff,a\n", "y", "this is not a number"),
    ],
    ids=short,
)
def test_a_bad_row_has_line_column_and_reason(row: bytes, column: str, reason: str) -> None:
    found = reader().read(b"1,2,a\n" + row + b"3,4,b\n", 7)
    shown = row.rstrip(b"\n").decode("utf-8", "backslashreplace")
    assert list(found.bad) == [BadRow(1, "a.csv", 8, column, shown, reason)]
    assert found.columns["x"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (b"1,two,a", ["1,two,a", "  ^^^"]),
        (b"1,,a", ["1,,a", "  ^"]),
        (b",2,a", [",2,a", "^"]),
        ('"1\n é中",2,a'.encode(), ['"1⏎ é中",2,a', "^^^^^^^^"]),
        (b'"1",2,\xff', ['"1",2,\\xff', "      ^^^^"]),
        (b"1,2", ["1,2", "^^^"]),
        (b"", ["", "^"]),
        (b"1," + b"x" * 5000, ["1," + "x" * 70 + "…", "^" * 73]),
        (b"1," + b"2" * 500 + b"x," + b"3" * 5000, ["1," + "2" * 70 + "…", "  " + "^" * 71]),
        (b"0" * 500 + b",two,a", ["…" + "0" * 35 + ",two,a", " " * 37 + "^^^"]),
    ],
    ids=short,
)
def test_the_field_that_is_bad_is_underlined(row: bytes, shown: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        reader(selection=SELECTION._replace(fail=True)).exactly(row + b"\n", 1)
    assert str(caught.value).split("\n")[2:4] == [f"  {line}" for line in shown]


def test_a_header_may_have_quotes_spaces_and_a_mark(tmp_path: Path) -> None:
    opened = source(b'\xef\xbb\xbfx, y ,"a, b"\r\n1,2,3\r\n', tmp_path / "a.csv", ())
    opened.close()
    assert opened.columns == ("x", "y", "a, b")


@pytest.mark.parametrize("data", [b"", b"\xff\xfex\0,\0y\0\n\0", b'"x,y\n1,2\n', b"x\0,y\n", b"\xff,y\n"], ids=short)
def test_a_header_that_cannot_be_read_is_an_error(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(AdcliError):
        source(data, tmp_path / "a.csv", ())


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "e", "1", ".", "-", "é"], ids=short)
def test_a_delimiter_that_cannot_separate_fields_is_refused(delimiter: str) -> None:
    with pytest.raises(UsageError):
        check_delimiter(delimiter)


# -- dialects ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("arrow", [True, False] if streams.arrow() is not None else [False])
@pytest.mark.parametrize("size", [60, 4 << 20])
def test_comments_are_no_rows_and_lines_are_counted(
    arrow: bool, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not arrow:
        hide_arrow(monkeypatch)
    monkeypatch.setattr(lines, "PIECE", size)
    text = '# by hand\nx;y;name\n1,5;2;a\n# it is 3" long\n3;"4";"b\n# no comment"\n#\n#5;6;c\n7;8,25;d\n'
    (tmp_path / "p.csv").write_text(text + "# end\n9;q;e\n", "utf-8")
    source = open_source(str(tmp_path / "p.csv"), ReadOptions(decimal=",", comment="#"))
    rows = [piece.read() for piece in source.pieces(SELECTION)]
    source.close()
    assert np.concatenate([part.columns["x"] for part in rows]).tolist() == [1.5, 3, 7]
    assert np.concatenate([part.columns["y"] for part in rows]).tolist() == [2, 4, 8.25]
    assert [name for part in rows for name in plain(part)[2]["name"]] == ["a", "b\n# no comment", "d"]
    assert [(row.line, row.reason) for part in rows for row in part.bad] == [(11, "this is not a number")]


def test_commas_and_points_give_the_same_numbers(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(3000, 2)) * 1e6
    for name, marks in (("p.csv", ",."), ("q.csv", ";,")):
        text = "".join(f"{a!r};{b!r};n\n" for a, b in numbers.tolist()).replace(".", marks[1]).replace(";", marks[0])
        (tmp_path / name).write_text(marks[0].join(COLUMNS) + "\n" + text, "utf-8")
    found = []
    for name in ("p.csv", "q.csv"):
        source = open_source(str(tmp_path / name), ReadOptions())
        found.append([piece.read().columns for piece in source.pieces(SELECTION)])
        source.close()
    assert all(np.array_equal(a[n], b[n]) for a, b in zip(*found, strict=True) for n in "xy")
    assert np.array_equal(found[0][0]["x"], numbers[:, 0])
