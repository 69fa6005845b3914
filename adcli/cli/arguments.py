"""From the words of options to a formula, a point, names and numbers."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..api import Formula
    from ..language import Point
    from .output import Output


class Arguments(NamedTuple):
    """The formula and the point of a command, and the output of its answer."""

    formula: Formula
    point: Point
    output: Output


def read_arguments(options: dict[str, Any], *, ranges: bool = False) -> Arguments:
    """Read the options that all formula commands have; with `ranges` the point may be a grid."""
    from ..language import read_point
    from .output import Output, style_for

    if (path := options["output"]) and path != "-":
        from ..tables import check_apart

        check_apart([(path, "the answer")], files_read(options))
    format_, color = options.get("format_", "plain"), options.get("color", "never")  # a picture has no choice
    style = style_for(format_, options["output"], options["digits"], color)
    formula = read_formula(
        options["formula"], options["syntax"], cse=options.get("cse", True), max_rows=options["max_rows"]
    )
    if options.get("precise"):
        formula = formula.precise(options["precise"])
    output = Output(style, options["output"], options["strict"])
    point = read_point(options["at"], ranges=ranges)
    if formula.script.syntax == "latex":
        point = point.respelled(formula.variables)
    return Arguments(formula, point, output)


def files_read(options: dict[str, Any]) -> tuple[str, ...]:
    """Return the files that hold the formula and the point."""
    at = (m[1].strip() for text in options["at"] for m in re.finditer(r"(?:^|=)\s*@([^,]+)", text))
    return tuple(path for path in (re.sub(r"(\.py):\w+$", r"\1", options["formula"]), *at) if os.path.isfile(path))


PART = re.compile(r'\s*([^,="]*=)?\s*"((?:[^"]|"")*)"\s*(?:,|\Z)|([^,]*)(?:,|\Z)')  # x1="length, mm", or x1=length


def names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the names in `x1,x2`, given once or several times; a name in quotes may have a comma."""
    found = (m for text in texts for m in PART.finditer(text))
    each = ((m[1] or "") + m[2].replace('""', '"') if m[2] is not None else m[3].strip() for m in found)
    return tuple(name for name in each if name)


def numbers_by_name(texts: Sequence[str], option: str) -> dict[str, float]:
    """Return the numbers by name in `x1=1,x2=0`, given once or several times."""
    from ..language import read_point

    return read_point(texts, option).values


def columns_by_variable(texts: Sequence[str], option: str) -> dict[str, str]:
    """Return the columns by variable in `x1=length,x2=width`, given once or several times; of `e=`, a constant, ""."""
    from ..errors import UsageError
    from ..language import CONSTANTS

    found: dict[str, str] = {}
    for part in names(texts):
        name, equals, column = (word.strip() for word in part.partition("="))
        if not (name and equals and (column or name in CONSTANTS)) or name in found:
            hint = f"write: {option} x1=length,x2=width, with quotes around a name that has a comma"
            raise UsageError(f"{option} {part!r} is not understood", hint=hint)
        found[name] = column
    return found


def texts_by_name(texts: Sequence[str], option: str) -> dict[str, str]:
    """Return the texts by name in `x1: 1/x1+x2`, each given once."""
    from ..errors import UsageError

    found: dict[str, str] = {}
    for text in texts:
        name, colon, rest = (part.strip() for part in text.partition(":"))
        if not (name and colon and rest):
            raise UsageError(f"{option} {text!r} is not understood", hint=f'write: {option} "x: 2*x"')
        if name in found:
            raise UsageError(f"{option} for {name} is given twice", hint="give it once")
        found[name] = rest
    return found


def read_formula(text: str, syntax: str = "adcli", *, cse: bool = True, max_rows: int = 1_000_000) -> Formula:
    """Read a formula: text, a .ad or .tex file, a Python function FILE.py:NAME, or - for standard input."""
    from ..api import Formula, read_text, script
    from ..errors import UsageError

    source = ""
    if text == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        text, source = sys.stdin.buffer.read().decode("utf-8-sig", "replace"), "standard input"
    elif text.endswith((".ad", ".tex")):
        syntax = "latex" if text.endswith(".tex") else syntax
        text, source = read_text(text), text
    elif m := re.fullmatch(r"(.+\.py):([A-Za-z_]\w*)", text):
        from ..recording import load_function

        return load_function(m[1], m[2], share=cse, limit=max_rows)
    elif text.endswith((".py", ".txt", ".json", ".csv")) or os.path.isfile(text):
        hint = (
            "name the function: FILE.py:NAME"
            if text.endswith(".py")
            else "a formula is text, a file whose name ends in .ad or .tex, or -"
        )
        raise UsageError(f"{text} is not a formula", hint=hint)
    return Formula(script(text, source, syntax), share=cse, limit=max_rows)


def check_used(formula: Formula, point: Point) -> None:
    """Raise PointError for a name of the point that the formula does not use."""
    from ..language import input_values

    inputs = formula.trace_at(point).inputs
    every = copy(point)
    every.values = {**dict.fromkeys(inputs, 0.0), **point.values}
    input_values(every, inputs, formula.script)
