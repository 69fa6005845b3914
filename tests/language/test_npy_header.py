"""Headers of .npy files with absurd shapes are refused in words, as arrays of a point and as tables."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.errors import AdcliError
from adcli.language import read_point
from adcli.tables import ReadOptions, RunOptions
from adcli.tables.run import run

SHAPES = [
    "(1e999,)", "(99999999999999999999,)", "(True,)", "(2, True)", "(-1,)", "(2.0,)", "(2**62,)", "(2, -3)", "None",
    "(9223372036854775807,)", "(4611686018427387904, 4611686018427387904)", "((2,),)", "('a',)", "{}", "[2]",
]  # fmt: skip


def npy(shape: str, descr: str = "'<f8'") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    size = -(-(len(header) + 11) // 64) * 64 - 10
    return b"\x93NUMPY\x01\0" + size.to_bytes(2, "little") + header.ljust(size - 1) + b"\n" + np.arange(2.0).tobytes()


def assert_refused(data: bytes, folder: Path) -> None:
    (folder / "h.npy").write_bytes(data)
    with zipfile.ZipFile(folder / "h.npz", "w") as file:
        file.writestr("x.npy", data)
    with pytest.raises(AdcliError):
        read_point([f"x=@{folder}/h.npy"])
    for name, columns in (("h.npy", ("x",)), ("h.npz", ())):
        options = RunOptions(
            (str(folder / name),), reading=ReadOptions(columns=columns), output=str(folder / "out.csv")
        )
        with pytest.raises(AdcliError):
            run(adcli.formula("x").plan(), options, {})


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_that_no_array_has(shape: str, tmp_path: Path) -> None:
    assert_refused(npy(shape), tmp_path)


@pytest.mark.parametrize("end", [0, 3, 6, 8, 9, 10, 40, 127, 128, 130])
def test_a_file_cut_short(end: int, tmp_path: Path) -> None:
    assert_refused(npy("(2,)")[:end], tmp_path)


@pytest.mark.parametrize("descr", ["'|O'", "'<U4'", "'<c16'", "'<M8[s]'", "'|V8'", "'<f99999999999'", "'<f3'", "1"])
def test_elements_that_are_no_numbers(descr: str, tmp_path: Path) -> None:
    (tmp_path / "h.npy").write_bytes(npy("(2,)", descr))
    with pytest.raises(AdcliError):
        read_point([f"x=@{tmp_path}/h.npy"])


@pytest.mark.parametrize(
    "array", [np.arange(6.0).reshape(2, 3), np.arange(4, dtype=">i2"), np.float32([[0.5]]), np.array(2.0)]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_come_row_by_row(array: Any, order: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.asarray(array, order=order))
    values = read_point([f"x=@{tmp_path}/a.npy"]).values
    assert [*values.values()] == array.ravel().tolist()
