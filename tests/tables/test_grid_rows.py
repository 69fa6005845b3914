"""A grid in blocks has the same points as the grid of single points."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from adcli.errors import PointError
from adcli.language.point_reader import read_point
from adcli.tables import grid_rows
from adcli.tables.grid_rows import GridSource
from adcli.tables.rows import Selection


@pytest.mark.parametrize("rows", [7, 100, 1 << 17])
@pytest.mark.parametrize(
    "text",
    [
        "x=0:1:11", "x=-1:1:1001", "x=0.1:0.7:13", "x=0.3:0.1:1003", "x=1e-300:1e300:7", "x=0:pi:50", "x=-5e-324:1:9",
        "x=1:2:3,y=5:7:3,z=-1:1:4", "x=0:1:2,y=0:1:501", "x=0:1:501,y=0:1:2", "x=123456789.123:987654321.987:97",
    ],
)  # fmt: skip
def test_the_points_are_those_of_the_ranges(text: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_rows, "ROWS", rows)
    ranges = read_point([text], ranges=True).ranges
    source = GridSource(ranges)
    selection = Selection({name: k for k, name in enumerate(source.columns)}, {})
    pieces = list(source.pieces(selection))
    found = [np.concatenate([piece.read().columns[name] for piece in pieces]).tolist() for name in ranges]
    assert list(zip(*found, strict=True)) == list(itertools.product(*(one.numbers() for one in ranges.values())))
    again = [piece.after for piece in source.pieces(selection, pieces[0].after)]
    assert again == [piece.after for piece in pieces[1:]]


def test_a_range_says_how_many_points_it_has() -> None:
    with pytest.raises(PointError, match="does not say how many"):
        GridSource(read_point(["x=0:1"], ranges=True).ranges)


@pytest.mark.parametrize("at", ["x=0:1:1e300", "x=0:1:1e9,y=0:1:1e9"])
def test_a_grid_without_end_is_refused(at: str) -> None:
    with pytest.raises(PointError, match=r"more than 9,007,199,254,740,992 points"):
        GridSource(read_point([at], ranges=True).ranges)
