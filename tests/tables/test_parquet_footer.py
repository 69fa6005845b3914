"""Footers are read and written as pyarrow writes them, and row groups of several files are those of one."""

from __future__ import annotations

import io
from typing import Any

import pytest

from adcli.tables.parquet_footer import MAGIC, dumps, joined, loads, split

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def written(table: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "table",
    [pa.table({"x": [1.0] * 100, "s": ["a"] * 100, "b": [True] * 100}), pa.table({"x": pa.array([], "int8")})],
    ids=["rows", "no rows"],
)
def test_a_footer_is_read_and_written_as_it_is(table: Any) -> None:
    _, footer = split(memoryview(written(table, row_group_size=5)))
    assert dumps(loads(footer)) == footer


@pytest.mark.parametrize("groups", [0, 1, 20])
def test_groups_of_several_files_are_read_as_one_file(groups: int) -> None:
    """With more than 14 groups a list has a longer head; the metadata are those of one file written by pyarrow."""
    table = pa.table({"x": [k / 7 for k in range(groups * 3)], "s": [f"n{k % 4}é" for k in range(groups * 3)]})
    parts = [split(memoryview(written(table.slice(3 * k, 3)))) for k in range(groups)]
    data, starts = MAGIC, []
    for group, _ in parts:
        starts.append(len(data))
        data += group
    empty = split(memoryview(written(table.slice(0, 0))))[1]
    data += joined(empty, [footer for _, footer in parts], starts, 3 * groups)
    assert parquet.read_table(io.BytesIO(data)).equals(table)
    if groups:
        assert data == written(table, row_group_size=3)
