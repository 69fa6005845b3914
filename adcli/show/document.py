"""What there is to show of a result: headings, a list of quantities, tables that may stand side by side, and data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..language import point_line
from ..result import Digits

if TYPE_CHECKING:
    from ..errors import Note


class Gap(NamedTuple):
    """A cell that a worksheet leaves blank, or fills in so that it is seen."""

    cell: str | float | bool | None
    filled: bool


Cell = str | float | bool | Gap | None


class Table(NamedTuple):
    """Columns with headers; the first column names the row; `math` are the columns that hold formulas.

    `split` tells how a table too wide may be shown as several: how many columns each begins with, and how many of the
    others belong together; (0, 0): not at all.
    """

    title: str
    headers: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    math: frozenset[int] = frozenset()
    split: tuple[int, int] = (0, 0)
    brief: frozenset[int] = frozenset()  # columns of which two digits are enough for reading
    named: frozenset[int] = frozenset()  # columns whose header is a variable, a result or a derivative
    code: frozenset[int] = frozenset()  # columns in adcli's language, whatever the format


class Document(NamedTuple):
    """What there is to show: lines, quantities by name, and tables over the same rows (side by side where they fit)."""

    lines: tuple[str, ...] = ()  # the formula
    quantities: Mapping[str, Cell] = MappingProxyType({})
    tables: tuple[Table, ...] = ()
    data: dict[str, Any] = {}  # noqa: RUF012  # never changed where it is the default
    notes: tuple[Note, ...] = ()
    complete: bool = True  # False: some of what was asked for does not exist
    source: Any = None  # the Formula, if it is about one
    latex: tuple[str, ...] = ()  # the lines that LaTeX shows instead of the Formula
    cells: Mapping[str, Cell] = MappingProxyType({})  # what CSV has beside the quantities
    closing: tuple[str, ...] = ()  # lines below the tables
    records: tuple[dict[str, Any], ...] = ()  # what JSONL has instead of the data, a line for each
    where: tuple[str, ...] = ()  # lines below the formula: the point, the mode
    drawing: tuple[str, ...] = ()  # lines of a plot, above the closing ones


def json_number(x: Any) -> Any:
    """Return what strict JSON can hold; lists and dictionaries by element.

    A non-finite number is a string, and so is one of more digits than floats have: readers would drop them.
    """
    if isinstance(x, dict):
        return {name: json_number(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [json_number(value) for value in x]
    if isinstance(x, Digits) and x.finite:
        return repr(x)
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def document_of(
    result: Any,
    data: Mapping[str, Any],
    quantities: Mapping[str, Cell],
    tables: tuple[Table, ...] = (),
    remark: str = "",
) -> Document:
    """Return the document of a result: the formula and the point, then what there is."""
    where = point_line(result.at) + (f"   ({remark})" if remark else "")
    common = {"schema": 1, "formula": result.formula, "at": result.at}
    notes = [note.as_dict() for note in result.notes]
    return Document(
        tuple(result.source.lines),
        dict(quantities),
        tables,
        json_number({**common, **data, "notes": notes}),
        result.notes,
        result.complete,
        result.source,
        where=(where,) if result.at else (),
    )
