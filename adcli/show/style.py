"""How an answer is written: its format, digits, width, colour and characters."""

from __future__ import annotations

from typing import NamedTuple

MACHINE = ("json", "jsonl", "csv")  # formats for programs: every digit, no width
DIGITS = 10
BRIEF = 2  # digits of a column that needs no more


class Style(NamedTuple):
    """Format, significant digits, width in columns (0: any), colour, and Unicode or ASCII."""

    format: str = "table"
    digits: int = DIGITS
    width: int = 0
    color: bool = False
    unicode: bool = True
