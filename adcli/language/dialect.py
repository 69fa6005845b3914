"""How a text table is written: between fields, in numbers, and on lines that are no rows; found from its beginning."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from ..errors import UsageError
from .csv_rows import csv_rows, line_end

DELIMITERS = (",", ";", "\t", "|")  # that are found without being told; the first where several would do
SAMPLE = 60_000  # bytes from which a dialect is found
NUMBER_CHARACTERS = re.compile(r"[-+]?[0-9.,][0-9.,' _]*(?:[eEdD][-+]?[0-9]+)?", re.ASCII)
GROUPS = re.compile(r"[-+]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+", re.ASCII)  # 1,234: thousands, or a fraction
AMBIGUOUS = f"^{GROUPS.pattern}$"
COMMA_NUMBER = re.compile(r"[-+]?[0-9]*,[0-9]+(?:[eEdD][-+]?[0-9]+)?", re.ASCII)
POINT_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eEdD][-+]?[0-9]+)?", re.ASCII)
SEPARATOR_LINE = re.compile(rb'"?sep=([^\r\n])"?\r?\n', re.IGNORECASE)
SPACES = "[ \u00a0\u2009\u202f]"  # a space between thousands is any of these
MISSING = ("", "-", "?", "NA", "N/A", "#N/A", "NULL", "NONE")  # for a number that is not there; nan is one
APOSTROPHES = "['\u2019]"


class NotANumber(NamedTuple):
    """Why a text is no number, and what option would make it one."""

    what: str
    hint: str = ""


class Dialect(NamedTuple):
    """How fields, numbers and comments are written; "" is what is to be found, or no thousands and no comments.

    If the decimal comma is `guessed`, a number such as 1,234 is refused: it may be another.
    """

    delimiter: str = ""
    decimal: str = ""
    thousands: str = ""
    comment: str = ""
    guessed: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as in Python."""
        return self.decimal in ("", ".") and not self.thousands

    @property
    def pattern(self) -> str:
        """A regular expression for a number, for pyarrow; case does not matter."""
        return "^" + re.sub(r"([+*])\+", r"\1", _number_pattern(self.decimal or ".", self.thousands).pattern) + "$"

    @property
    def separator(self) -> str:
        """A regular expression for what separates thousands."""
        return _separator(self.thousands)

    def number(self, text: str) -> float | NotANumber:
        """Return the number that a text is; blanks around it, nan, inf and an exponent 1.5D3 are allowed."""
        m = _number_pattern(self.decimal or ".", self.thousands).fullmatch(text)
        if not m or (self.guessed and GROUPS.fullmatch(text.strip(" \t"))):
            return self._not_a_number(text.strip(" \t\n\r\v\f"))
        if not m[1]:
            return float(text)
        value = float(self.plain(m[1]))
        return NotANumber("this number is beyond 1.8e308 in size") if math.isinf(value) else value

    def plain(self, number: str) -> str:
        """Return a number as Python writes it."""
        if self.thousands:
            number = re.sub(self.separator, "", number)
        if self.decimal == ",":
            number = number.replace(",", ".")
        return number.replace("D", "e").replace("d", "e")

    def _not_a_number(self, text: str) -> NotANumber:
        if text.upper() in MISSING:
            return NotANumber("a number is missing")
        decimal = self.decimal or "."
        if self.thousands and re.search(self.separator, text) and NUMBER_CHARACTERS.fullmatch(text):
            return NotANumber("its thousands are not in groups of three digits")
        if NUMBER_CHARACTERS.fullmatch(text) and ("," in text or "." in text):
            if GROUPS.fullmatch(text) and not (decimal in text and not self.guessed):
                one, other = re.sub("[.,]", "", text), text.replace(",", ".")
                if text.count(",") == 1:
                    what = f"this may be {one} or {other}"
                    return NotANumber(what, "write --thousands , or --decimal ,")
                return NotANumber(f"this may be {one}", f"write --thousands {'.' if '.' in text else ','}")
            if decimal == "." and COMMA_NUMBER.fullmatch(text):
                return NotANumber("this has a decimal comma", "write --decimal ,")
            if decimal == "," and POINT_NUMBER.fullmatch(text):
                return NotANumber("this has a decimal point, others a comma", "write --decimal . or --decimal ,")
            if "," in text and "." in text:
                last = max(",.", key=text.rindex)
                hint = f"--decimal {last} --thousands {'.' if last == ',' else ','}"
                return NotANumber("this is not a number", f"for thousands write {hint}")
        return NotANumber("this is not a number")


def _separator(thousands: str) -> str:
    return {" ": SPACES, "'": APOSTROPHES}.get(thousands, re.escape(thousands))


@lru_cache(16)
def _number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the pattern of a number; its first group is empty for nan and inf."""
    whole, point = "[0-9]++", re.escape(decimal)
    if thousands:
        whole = f"(?:[1-9][0-9]{{0,2}}(?:{_separator(thousands)}[0-9]{{3}})++|{whole})"
    digits = f"(?:{whole}(?:{point}[0-9]*+)?|{point}[0-9]++)"
    number = rf"[ \t]*+(?:([+-]?{digits}(?:[eEdD][+-]?[0-9]++)?)|[+-]?(?:nan|inf|infinity))[ \t]*+"
    return re.compile(number, re.IGNORECASE | re.ASCII)


def check_marks(given: Dialect) -> Dialect:
    """Return the dialect; raises UsageError for a mark that cannot be one, or two that are the same."""
    if given.decimal not in ("", ".", ","):
        raise UsageError(f"{given.decimal!r} cannot be a decimal mark", hint="write --decimal , or --decimal .")
    if given.thousands not in ("", ".", ",", " ", "'", "_"):
        raise UsageError(f"{given.thousands!r} cannot separate thousands", hint="write one of . , ' _ or a space")
    if given.thousands and given.thousands == (given.decimal or "."):
        other = "," if given.thousands == "." else "."
        what = f"{given.thousands} cannot be the decimal mark and separate thousands"
        raise UsageError(what, hint=f"add: --decimal {other}")
    if given.comment and (len(given.comment) > 3 or given.comment[0] in '" \t\r\n+-.' or given.comment[0].isalnum()):
        raise UsageError(f"{given.comment!r} cannot begin a comment", hint="write one such as --comment '#'")
    return given


class Found(NamedTuple):
    """A dialect, how many bytes before the header are no rows, and what is worth a note."""

    dialect: Dialect
    skipped: int
    notes: tuple[str, ...]


def find_dialect(beginning: bytes, given: Dialect, columns: int = 0) -> Found:
    """Return the dialect of a table that begins so, as far as it is not given.

    The first row is a header, unless the number of `columns` is given; -1 stands for any number. A delimiter other than
    a comma is found if it divides the first two rows into as many fields.
    """
    data, whole = beginning[:SAMPLE], len(beginning) < SAMPLE
    notes, skipped, delimiter = [], 0, given.delimiter
    if m := SEPARATOR_LINE.match(data):
        skipped, delimiter = m.end(), delimiter or m[1].decode("latin-1")
    comments = _comment_lines(data[skipped:], given, columns)
    if comments:
        lines = len(re.findall(rb"^#", data[skipped : skipped + comments], re.MULTILINE))
        notes += [f"{lines} comment line{'s' * (lines > 1)} at the top passed over"] * (not given.comment)
    skipped += comments
    data = data[skipped:]
    if not delimiter:
        delimiter = _delimiter(data, given.comment, columns, whole)
    if delimiter != "," and not given.delimiter:
        notes.append(f"the delimiter is {'a tab' if delimiter == chr(9) else delimiter}")
    dialect = given._replace(delimiter=delimiter, decimal=given.decimal or ".")
    if not given.decimal and not given.thousands and delimiter != ",":
        rows = islice(csv_rows(data, delimiter, whole=whole, comment=given.comment), not columns, None)
        fields = [field.strip() for row in rows for field in row.fields or ()]
        dialect, more = _with_decimal_mark(dialect, fields)
        notes += more
    return Found(dialect, skipped, tuple(notes))


def _comment_lines(data: bytes, given: Dialect, columns: int) -> int:
    """Return the length of the comments, and of empty lines among them, at the top.

    Unless the beginning of a comment is given it is #. Then the last such line is the header if what follows has as
    many fields, a number among them.
    """
    mark, end, last = (given.comment or "#").encode(), 0, 0
    while data.startswith(mark, end) or (end and data[end : end + 2].startswith((b"\n", b"\r\n"))):
        if data.startswith(mark, end):
            last = end
        end = line_end(data, end)
        if end >= len(data):
            return 0 if not given.comment else end
    if not end or given.comment or columns:
        return end
    for delimiter in DELIMITERS:
        header, first = ([*islice(csv_rows(part, delimiter, whole=True), 1)] for part in (data[last:], data[end:]))
        if header and first and header[0].fields and first[0].fields and len(header[0].fields) == len(first[0].fields):
            has_number = any(isinstance(given.number(field), float) for field in first[0].fields)
            if len(header[0].fields) > 1 and has_number:
                return last
    return end


def _delimiter(data: bytes, comment: str, columns: int, whole: bool) -> str:
    """Return the delimiter that divides the first two rows into the same number of fields; a comma if none does.

    Raises UsageError if there are several, and no header.
    """
    found = []
    for delimiter in DELIMITERS if columns >= 0 else (*DELIMITERS[1:], ","):
        rows = [*islice(csv_rows(data, delimiter, whole=whole, comment=comment), 2)]
        counts = {len(row.fields or ()) for row in rows}
        if len(counts) == 1 and min(counts) > 1 and columns in (-1, 0, *counts):
            found.append(delimiter)
    if columns > 0 and len(found) > 1:  # no header says it
        raise UsageError(f"what stands between fields may be {' or '.join(found)}", hint="add: --delimiter CHARACTER")
    return found[0] if found else ","


def _with_decimal_mark(dialect: Dialect, fields: Sequence[str]) -> tuple[Dialect, list[str]]:
    """Return the dialect with the decimal mark that these fields have, and what is worth a note.

    It is a comma if a number has one for certain, or has points between thousands, and none has a point for certain.
    """
    certain = [field for field in fields if not GROUPS.fullmatch(field)]
    groups = {field for field in fields if GROUPS.fullmatch(field) and "." in field}
    points = any(POINT_NUMBER.fullmatch(field) for field in certain)
    if not points and (any(map(COMMA_NUMBER.fullmatch, certain)) or any(field.count(".") > 1 for field in groups)):
        return dialect._replace(decimal=",", guessed=True), ["numbers have a decimal comma"]
    if groups and not points:
        one = min(groups)
        other = one.replace(".", "")
        return dialect, [f"{one} is read with a decimal point; if it is {other}: --decimal , --thousands ."]
    return dialect, []
