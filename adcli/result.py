"""What every result has, and the plain document that it gives to be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self, dataclass_transform

from .errors import Note

NONE: Mapping[str, Any] = MappingProxyType({})
NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}  # as strings in JSON


class Gap(NamedTuple):
    """A cell of a worksheet: left blank, or filled in and marked."""

    cell: str | float | bool | None
    filled: bool


Cell = str | float | bool | Gap | None


class Column(NamedTuple):
    """A column of a table. Its `kind` is "math" for formulas, "code" for text in adcli's language, "" for the rest."""

    header: str
    kind: str = ""
    brief: bool = False  # two digits are enough for reading
    named: bool = False  # the header is a variable, a result or a derivative


def columns(*headers: str, kind: str = "", brief: bool = False, named: bool = False) -> tuple[Column, ...]:
    """Return columns of one kind."""
    return tuple(Column(header, kind, brief, named) for header in headers)


class Table(NamedTuple):
    """A title, columns and rows; the first column names the row.

    `split` says how to divide a table that is too wide: the number of columns that begin each part, and the number of
    other columns that stay together; (0, 0): it is not divided.
    """

    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]
    split: tuple[int, int] = (0, 0)

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers of the columns."""
        return tuple(column.header for column in self.columns)


class Document(NamedTuple):
    """Plain data to print: the formula, the point, quantities by name, and tables over the same rows."""

    lines: tuple[str, ...] = ()  # the formula
    at: Mapping[str, Any] = NONE  # the point
    method: str = ""  # in brackets after the point
    remarks: tuple[str, ...] = ()  # lines below the point
    quantities: Mapping[str, Cell] = NONE
    tables: tuple[Table, ...] = ()
    drawing: tuple[str, ...] = ()  # lines of a plot
    closing: tuple[str, ...] = ()  # lines at the end
    data: Mapping[str, Any] = NONE  # for JSON
    records: tuple[Mapping[str, Any], ...] = ()  # for JSONL: a line each, instead of the data
    cells: Mapping[str, Cell] = NONE  # for CSV, before the quantities
    source: Any = None  # the formula; `latex_lines` are its lines in LaTeX
    latex: tuple[str, ...] = ()  # lines in LaTeX instead of those of the source
    notes: tuple[Note, ...] = ()
    complete: bool = True  # False: a number that was asked for does not exist

    def with_tables(self, other: Document) -> Document:
        """Return the document with the tables, data and remarks of another."""
        return self._replace(
            tables=other.tables, data={**self.data, **other.data}, remarks=(*self.remarks, *other.remarks)
        )


def partial_name(output: str, wrt: Sequence[str]) -> str:
    """Return `∂y/∂x`, for several variables `∂2y/∂x∂z`."""
    order = len(wrt) if len(wrt) > 1 else ""
    return f"∂{order}{output}/" + "".join(f"∂{name}" for name in wrt)


def assignments(numbers: Mapping[str, float]) -> str:
    """Return `x = 1, y = 2`."""
    return ", ".join(f"{name} = {repr(x).removesuffix('.0')}" for name, x in numbers.items())


def leaves(numbers: Any) -> Iterator[Any]:
    """Yield the numbers in lists and dictionaries of numbers."""
    if isinstance(numbers, dict | list | tuple):
        for x in numbers.values() if isinstance(numbers, dict) else numbers:
            yield from leaves(x)
    else:
        yield numbers


def _unprinted(document: Document, form: str) -> str:
    return "\n".join(document.lines)


printer: Callable[[Document, str], str] = _unprinted  # to "text" or "html"; set by api.py, as show is above


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """An object whose fields a subclass declares. They are given by name and do not change.

    It is no dataclass: to make the class of one takes 0.8 ms, a gradient of three operations 0.05 ms.
    """

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __setattr__(self, name: str, value: object) -> None:
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def _replace(self, **fields: Any) -> Self:
        """Return the same with other values of some fields."""
        return type(self)(**{**self.__dict__, **fields})


class Result(Record):
    """A result about a formula, at a point, with notes. Its `repr` is the text that the command line prints."""

    numbers: ClassVar[tuple[str, ...]] = ()  # the fields that hold numbers: None or NaN is one that does not exist
    source: Any = None  # the formula
    at: Mapping[str, Any] = NONE  # the point
    notes: tuple[Note, ...] = ()

    @property
    def formula(self) -> str:
        """The formula as it was understood."""
        return str(self.source)

    @property
    def complete(self) -> bool:
        """Tell whether every number that was asked for exists."""
        return not any(x is None or x != x for name in self.numbers for x in leaves(getattr(self, name)))

    def document(self) -> Document:
        """Return the result as a document to print."""
        raise NotImplementedError

    def _document(self, data: Mapping[str, Any], **shown: Any) -> Document:
        """Return a document with the formula, the point and the notes; `shown` are more of its fields."""
        common = {"schema": 1, "formula": self.formula, "at": self.at}
        notes = [note.as_dict() for note in self.notes]
        return Document(
            lines=tuple(self.source.lines), at=self.at, data={**common, **data, "notes": notes}, source=self.source,
            notes=self.notes, complete=self.complete, **shown,
        )  # fmt: skip

    def __repr__(self) -> str:
        return printer(self.document(), "text")

    def _repr_html_(self) -> str:
        return printer(self.document(), "html")
