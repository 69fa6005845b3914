"""Points and arrays in files: .json, .npy and .csv."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from ..errors import PointError, UsageError
from .normalize import PASTED_CHARACTERS
from .npy_header import npy_header
from .python_numbers import python_number, shown

if TYPE_CHECKING:
    from .dialect import Dialect


def read_json_point(path: str) -> dict[str, float | list[float]]:
    """Return the numbers and arrays of a JSON object by name."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name, times in Counter(name for name, _ in pairs).items():
            if times > 1:
                raise PointError(f"{path}: {name} is given twice")
        return dict(pairs)

    data = _read_json(path, unique)
    if not isinstance(data, dict):
        raise PointError(f"{path} does not hold a JSON object", hint='write one such as {"x1": 2, "x2": 5}')
    values: dict[str, float | list[float]] = {}
    for name, value in data.items():
        where = f"{path}: {name}"
        is_list = isinstance(value, list)
        values[name.translate(PASTED_CHARACTERS)] = _finite(value, where) if is_list else _finite([value], where)[0]
    return values


def read_csv_point(path: str) -> dict[str, float | list[float]]:
    """Return the numbers of a table by column: one row gives numbers, several rows arrays.

    A column in which nothing is or begins like a number is left out: a file may hold more than is used.
    """
    names, *rows = [*_csv_rows(path, header=True)] or [[]]
    if not rows:
        raise PointError(f"{path} has no rows", hint="the first row has the names, the next ones the numbers")
    values: dict[str, float | list[float]] = {}
    for k, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise PointError(f"{path}, row {k} has {len(row)} of {len(names)} fields")
    for name, *column in zip(names, *rows, strict=True):
        if name in values:
            raise PointError(f"{path}: {name} is given twice")
        if any(field[:1].isdigit() or field[:1] in ("+", "-", ".") for field in column):
            numbers = _finite(column, f"{path}: {name}")
            values[name.translate(PASTED_CHARACTERS)] = numbers if len(rows) > 1 else numbers[0]
    return values


def _csv_rows(path: str, *, header: bool) -> Iterator[list[str]]:
    """Yield the fields of each row; numbers are those that a table of `adcli batch` has, as Python writes them."""
    from .csv_rows import csv_rows
    from .dialect import Dialect, find_dialect

    try:
        with open(path, "rb") as file:
            data = file.read().removeprefix(b"\xef\xbb\xbf")
        data.decode()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None
    given = Dialect("\t" if path.endswith(".tsv") else "")
    dialect, skipped, _ = find_dialect(data, given, 0 if header else -1)
    for row in csv_rows(data[skipped:], dialect.delimiter, whole=True):
        if row.fields is None:
            raise PointError(f"a row of {path} cannot be read", hint="close its quotes, end it with \\n or \\r\\n")
        fields = [field.strip() for field in row.fields]
        if header:
            yield fields
            header = False
        elif fields != [""]:
            yield [_as_python(field, dialect, path) for field in fields]


def _as_python(field: str, dialect: Dialect, path: str) -> str:
    """Return a number of a table as Python writes it, another text as it is."""
    found = dialect.number(field)
    if isinstance(found, float):
        return dialect.plain(field) if math.isfinite(found) else field
    if found.hint:
        raise PointError(f"{path} has {field}: {found.what}", hint="write it with a decimal point, without thousands")
    return field


def read_array(path: str) -> Sequence[float]:
    """Return the numbers of a .json list, a .npy array or a .csv file, row by row."""
    if path.endswith(".npy"):
        try:
            with open(path, "rb") as file:
                return _finite(_npy_numbers(file), path)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
        except ValueError as error:
            raise PointError(f"{path} is not a NumPy array of numbers: {error}") from None
    if path.endswith((".csv", ".tsv")):
        return _finite([field for row in _csv_rows(path, header=False) for field in row], path)
    if path.endswith(".json"):
        data = _read_json(path)
        if not isinstance(data, list):
            raise PointError(f"{path} does not hold a JSON list", hint="write one such as [1, 2, 3]")
        return _finite(data, path)
    raise UsageError(f"cannot tell what {path} holds", hint="an array is read from .json, .npy or .csv")


def _npy_numbers(file: IO[bytes]) -> list[Any]:
    """Return the numbers of a .npy array, row by row; raises ValueError if it is none."""
    import numpy as np

    dtype, shape, by_column = npy_header(file)
    if dtype.kind not in "biuf":
        raise ValueError(f"it holds {dtype}")
    data = file.read()
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise ValueError("its end is missing" if len(data) < math.prod(shape) * dtype.itemsize else "something follows")
    array = np.frombuffer(data, dtype)
    found: list[Any] = (array.reshape(shape[::-1]).T.ravel() if by_column else array).tolist()
    return found


def _read_lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read().splitlines()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None


def _read_json(path: str, pairs_hook: Any = None) -> Any:
    """Return the data of a JSON file, with its numbers as the texts that they are."""
    import json

    text = "\n".join(_read_lines(path))
    try:
        return json.loads(text, object_pairs_hook=pairs_hook, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise PointError(f"{path} is not JSON: {error}", hint='write an object such as {"x1": 2, "x2": 5}') from None


def _finite(values: Sequence[Any], where: str) -> list[float]:
    """Return numbers, or texts such as "pi/3", as floats."""
    found = []
    for k, value in enumerate(values, 1):
        at = where if len(values) == 1 else f"{where}, value {k}"
        number = math.nan
        if value is not None and not isinstance(value, bool):
            with suppress(TypeError):
                number = python_number(value, at)
        if not math.isfinite(number):
            raise PointError(f"{at} is {shown(value)}, not a finite number")
        found.append(number)
    return found
