"""How to show: format, digits, width; cells and tables as texts of that width."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..language import point_line
from ..result import Cell, Digits, Document, Gap, Table

MACHINE = ("json", "jsonl", "csv")

DIGITS = 10


class Display(NamedTuple):
    """How to show: format, significant digits, width for tables (0: any), colour, and Unicode or ASCII."""

    format: str = "table"
    digits: int = DIGITS
    width: int = 0
    color: bool = False
    unicode: bool = True


def human(x: Cell, digits: int = DIGITS) -> str:
    """Return a cell for reading: a number with so many significant digits, never cut."""
    if isinstance(x, Gap):
        return f"[{human(x.cell, digits)}]" if x.filled else "_" * 8
    if x is None:
        return "undefined"
    if isinstance(x, bool):
        return "true" if x else "false"
    return f"{x:.{digits}g}" if isinstance(x, float) else x


def json_number(x: Any) -> Any:
    """Return a number, or all numbers of a list or a mapping, as strict JSON (RFC 8259) can hold them.

    A number that is not finite is a string, and so is one of more digits than floats have: readers would drop them.
    """
    if isinstance(x, Mapping):
        return {name: json_number(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [json_number(value) for value in x]
    if isinstance(x, Digits) and x.finite:
        return repr(x)
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return x


def exact(x: Cell) -> str:
    """Return a cell for programs: every digit."""
    x = json_number(x)
    return "" if x is None else repr(x) if isinstance(x, float) else human(x)


def spell(text: str, unicode: bool) -> str:
    """Return v with a dot for v' and a bar for v~, or ASCII for a derivative's sign."""
    if not unicode:
        return text.replace("∂", "d").encode("ascii", "backslashreplace").decode()
    return re.sub(r"\bv(['~])", lambda m: "v̇" if m[1] == "'" else "v̄", text)


def text_width(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def heading(document: Document) -> tuple[str, ...]:
    """Return the lines above the quantities: the point with the method in brackets, then the remarks."""
    at = point_line(document.at) + (f"   ({document.method})" if document.method else "")
    return (*([at] if document.at else []), *document.remarks)


def cells_of(table: Table, display: Display) -> tuple[tuple[str, ...], list[list[str]]]:
    headers = tuple(spell(h, display.unicode) for h in table.headers)
    digits = [2 if k in table.brief else display.digits for k in range(len(headers))]
    return headers, [
        [spell(human(x, n), display.unicode) for x, n in zip(row, digits, strict=True)] for row in table.rows
    ]


def numeric(table: Table, column: int) -> bool:
    cells = [x.cell if isinstance(x, Gap) else x for x in (row[column] for row in table.rows)]
    return column not in table.math and any(isinstance(x, float) for x in cells)


def parted(table: Table, display: Display) -> list[Table]:
    """Return a table as several, with as many groups of columns in one as fit the width."""
    first, step = table.split
    headers, rows = cells_of(table, display)
    widths = [max(text_width(line[k]) for line in [headers, *rows]) + 3 for k in range(len(headers))]
    groups = [[*range(first)]]
    for k in range(first, len(headers), step):
        more = range(k, k + step)
        if len(groups[-1]) > first and sum(widths[j] for j in (*groups[-1], *more)) - 1 > display.width:
            groups.append([*range(first)])
        groups[-1] += more
    return [
        Table(
            table.title,
            tuple(table.headers[k] for k in group),
            [tuple(row[k] for k in group) for row in table.rows],
            frozenset(j for j, k in enumerate(group) if k in table.math),
            brief=frozenset(j for j, k in enumerate(group) if k in table.brief),
            named=frozenset(j for j, k in enumerate(group) if k in table.named),
        )
        for group in groups
    ]


def narrowed(widths: Sequence[int], least: Sequence[int], excess: int) -> list[int]:
    """Return widths that are together less by an excess, as far as the least ones let: the widest give way first."""
    found = list(widths)
    for _ in range(excess):
        k = max(range(len(found)), key=lambda j: (found[j] > least[j], found[j]))
        found[k] = max(found[k] - 1, least[k])
    return found


def filled(pieces: Sequence[str], width: int, measure: Callable[[str], int] = text_width) -> list[str]:
    """Return lines made of pieces, none wider than that if the pieces are not."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
