"""Points and ranges as text, such as `x1=2,x2=pi/3`, `x=[1,2,3]`, `x=0:1:11` and `@point.json`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import Place, PointError
from .normalize import NAME_LETTERS, PASTED_CHARACTERS
from .number_reader import read_number
from .point import Point

if TYPE_CHECKING:
    from .ranges import Range

_CONSTANT = re.compile(rf"(?<![{NAME_LETTERS}0-9])(pi|e|tau|π|τ)\s*=(?!=)")  # as the name of a value
_ASSIGNED = re.compile(r"\s*((?![0-9])(?:[A-Za-z0-9_]++|[Α-ω]++)++(?:\[[0-9]+\])?)\s*=(?!=)")


def read_ranges(texts: Iterable[str], source: str) -> dict[str, tuple[float, float]]:
    """Read ranges such as `x=0..10,y=-1..1`; raises PointError with the place in the text."""
    ranges: dict[str, tuple[float, float]] = {}
    for text in texts:
        for start, end in _split(text):
            m = _ASSIGNED.match(text.translate(PASTED_CHARACTERS), start, end)
            middle = text.find("..", m.end(), end) if m else -1
            if not m or middle < 0:
                raise PointError("this is not a range", Place(text, start, end, source), "write name=low..high")
            low, high = read_number(text, m.end(), middle, source), read_number(text, middle + 2, end, source)
            if not low <= high:
                raise PointError(
                    "this range is empty", Place(text, m.end(), end, source), "write the smaller number first"
                )
            ranges[m[1]] = low, high
    return ranges


def read_point(texts: Iterable[str], source: str = "--at", *, ranges: bool = False) -> Point:
    """Read assignments such as `x1=2,x2=pi/3`, `x=[1,2,3]`, `x=@file.npy` or `@point.json`; typed ones override a file.

    With `ranges` also `x=0:1:11`. Raises PointError with the place in the text.
    """
    point = Point()
    texts = [*texts]
    for text in (t for t in texts if t.startswith("@")):
        from .point_files import read_csv_point, read_json_point

        if not text[1:].strip():
            raise PointError(f"{source} @ names no file", hint=f"write: {source} @point.json")
        read = read_csv_point if text.endswith((".csv", ".tsv")) else read_json_point
        for name, value in read(text[1:]).items():
            point.put(name, value)
            point.from_file.add(name)
    typed = [t for t in texts if not t.startswith("@")]
    shadowing = {m[1] for text in typed for m in _CONSTANT.finditer(text)}
    for text in typed:
        for start, end in _split(text):
            _assign(point, text, start, end, source, ranges, shadowing)
    return point


def _assign(
    point: Point, text: str, start: int, end: int, source: str, ranges: bool, shadowing: Collection[str]
) -> None:
    """Put the name and the value of one assignment into a point; `shadowing` are names of constants with a value."""
    m = _ASSIGNED.match(text.translate(PASTED_CHARACTERS), start, end)
    if not m:
        hint = "write name=number, with commas between"
        decimal = re.search(r"(\S+=\s*[-+]?[0-9]+),$", text[:start])
        if not text.strip():
            raise PointError(f"{source} is empty", hint="write name=number, such as x=2")
        if decimal and re.fullmatch(r"\s*[0-9]+(?:[eE][+-]?[0-9]+)?", text[start:end]):
            hint = f"a decimal is written with a point: {decimal[1].rpartition(',')[2]}.{text[start:end].strip()}"
        raise PointError("this is not an assignment", Place(text, start, max(end, start + 1), source), hint)
    name, place = m[1], Place(text, m.start(1), m.end(1), source)
    if name in point.places or (name in point.values and name.partition("[")[0] in point.places):
        raise PointError(f"{name} is given twice", place, "give it once")
    variables = [constant for constant in shadowing if constant != name]  # pi=pi is the constant
    if ":" in text[m.end() : end]:
        found = _range(text, m.end(), end, source, variables)
        if not ranges:
            hint = f"eval, grad and plot take ranges; here write {name}=number"
            raise PointError("this is a range, not a number", found.place, hint)
        point.ranges[name] = found
        point.put(name, found.first)
    else:
        point.put(name, _number_or_array(text, m.end(), end, source, variables))
    point.places[name] = place
    point.from_file.discard(name)


def _number_or_array(
    text: str, start: int, end: int, source: str, variables: Collection[str]
) -> float | Sequence[float]:
    typed = text[start:end].strip()
    if typed.startswith("@"):
        from .point_files import read_array

        return read_array(typed[1:])
    if typed.startswith("[") and typed.endswith("]"):
        inner = text.index("[", start) + 1
        parts = _split(text[: text.rindex("]", start, end)], inner)
        filled = text[inner : parts[-1][1]].strip()
        return [read_number(text, a, b, source, variables) for a, b in parts] if filled else []
    return read_number(text, start, end, source, variables)


def _range(text: str, start: int, end: int, source: str, variables: Collection[str]) -> Range:
    """Read `first:last` or `first:last:points`."""
    from .ranges import Range

    start += len(text[start:end]) - len(text[start:end].lstrip())
    place = Place(text, start, end, source)
    cuts = [m.start() for m in re.compile(":").finditer(text, start, end)]
    parts = list(zip([start, *(cut + 1 for cut in cuts)], [*cuts, end], strict=True))
    if len(parts) > 3:
        raise PointError("this is not a range", place, "write name=first:last:points, such as x=0:1:11")
    first, last, *rest = (read_number(text, a, b, source, variables) for a, b in parts)
    if first == last:
        raise PointError("this range is empty", place, "write two different ends")
    for count in rest:
        if not (count >= 2 and count == int(count)):
            where = Place(text, *parts[2], source)
            raise PointError("this is not a number of points", where, "write a whole number, 2 or more")
    return Range(first, last, int(*rest), place)


def _split(text: str, start: int = 0) -> list[tuple[int, int]]:
    """Return the start and end of each part between commas that are in no bracket."""
    cuts, depth = [start - 1], 0
    for m in re.compile(r"[(),\[\]]").finditer(text, start):
        if m[0] in "([":
            depth += 1
        elif m[0] in ")]":
            depth -= 1
        elif depth <= 0:
            cuts.append(m.start())
    return [(a + 1, b) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]
