"""Points: `x1=2,x2=pi/3` and @point.json to numbers by name, each value with its place for errors."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import AdcliError, Place, PointError, UsageError, nearest
from .parse import LETTER, PASTED, Script, parse
from .trace import Trace

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(rf"\s*([{LETTER}][{LETTER}0-9]*)\s*=(?!=)")


@dataclass
class Point:
    """Values by name; where each was typed; and which came from a file, which may hold more than is used."""

    values: dict[str, float] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    from_file: set[str] = field(default_factory=set)


def read_point(texts: Iterable[str], source: str = "--at") -> Point:
    """Read assignments such as `x1=2,x2=pi/3` or `@point.json`; what is typed overrides a file.

    Raises PointError with the place in the text.
    """
    point = Point()
    typed = []
    for text in texts:
        if text.startswith("@"):
            for name, value in _read_file(text[1:]).items():
                point.values[name] = value
                point.from_file.add(name)
        else:
            typed.append(text)
    for text in typed:
        for start, end in _split(text):
            m = _NAME.match(text.translate(PASTED), start, end)
            if not m:
                hint = "write name=number, with commas between"
                raise PointError("this is not an assignment", Place(text, start, max(end, start + 1), source), hint)
            name, place = m[1], Place(text, m.start(1), m.end(1), source)
            if name in point.places:
                raise PointError(f"{name} is given twice", place, "give it once")
            point.values[name] = _value(text, m.end(), end, source)
            point.places[name] = place
            point.from_file.discard(name)
    return point


def _split(text: str) -> list[tuple[int, int]]:
    """Return the stretches between commas that are in no bracket."""
    cuts, depth = [-1], 0
    for m in re.finditer(r"[(),\[\]]", text):
        if m[0] in "([":
            depth += 1
        elif m[0] in ")]":
            depth -= 1
        elif depth <= 0:
            cuts.append(m.start())
    return [(a + 1, b) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _value(text: str, start: int, end: int, source: str) -> float:
    place = Place(text, start, end, source)
    typed = text[start:end].strip()
    if (
        _NUMBER.fullmatch(typed)
        and math.isfinite(value := float(typed))
        and (value or not re.search("[1-9]", re.split("[eE]", typed)[0]))
    ):
        return value
    if not typed:
        raise PointError("a value is missing here", Place(text, start - 1, start, source), "write name=number")
    try:
        script = parse(" " * start + text[start:end])
        if script.variables:
            name = script.variables[0]
            raise PointError(
                f"{name} has no value here", place, "a value is a number or an expression of numbers, such as pi/3"
            )
        return evaluate_constant(script)
    except AdcliError as error:
        if error.place is None or error.place is place:
            raise
        inside = Place(text, error.place.start, error.place.end, source)
        raise PointError(error.what, inside, error.hint) from None


def evaluate_constant(script: Script) -> float:
    """Return the value of a formula without variables."""
    (node,) = script.outputs.values()
    trace = Trace([node], ())
    value = trace.evaluate({}, script.place).values[trace.outputs[0]]
    if value is None or not math.isfinite(value):
        raise PointError("this is not a finite number", script.place(node))
    return float(value)


def _read_file(path: str) -> dict[str, float]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise PointError(f"{path}: {name} is given twice")
        return dict(pairs)

    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file, object_pairs_hook=unique)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", hint='@ names a JSON file such as {"x1": 2, "x2": 5}'
        ) from None
    except (ValueError, RecursionError) as error:
        raise PointError(f"{path} is not JSON: {error}", hint='write an object such as {"x1": 2, "x2": 5}') from None
    if not isinstance(data, dict):
        raise PointError(f"{path} does not hold a JSON object", hint='write one such as {"x1": 2, "x2": 5}')
    values = {}
    for name, value in data.items():
        if isinstance(value, str):
            value = _value(value, 0, len(value), f"{path}, {name}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise PointError(f"{path}: {name} is {value!r}, not a finite number")
        values[name.translate(PASTED)] = float(value)
    return values


def bind(point: Point, inputs: tuple[str, ...], script: Script) -> dict[str, float]:
    """Return the values of the inputs in order; raise PointError for a missing or an unused name."""
    unused = [name for name in point.values if name not in inputs and name not in point.from_file]
    missing = [name for name in inputs if name not in point.values]
    for name in unused:
        hint = f"its variables are: {', '.join(inputs)}" if inputs else "it has no variables"
        if name in script.definitions:
            hint = f"{name} is defined in the formula; " + hint
        elif re.search(rf"(?<![{LETTER}0-9]){name}\s*\(", script.text):
            hint = f"{name}( is a call of a function; to multiply, write {name}*("
        elif close := nearest(name, missing):
            hint = f"did you mean {close}?"
        raise PointError(f"the formula does not use {name}", point.places.get(name), hint)
    if missing:
        line = ",".join(f"{name}={_plain(point.values.get(name))}" for name in inputs)
        what = f"no value for {', '.join(missing)}"
        raise PointError(what, hint=f"add: --at {line}")
    return {name: point.values[name] for name in inputs}


def _plain(value: float | None) -> str:
    return "..." if value is None else repr(value).removesuffix(".0")


def from_mapping(values: Mapping[str, float]) -> Point:
    """Return a point from numbers by name; raise PointError for what is not a number."""
    point = Point()
    for name, value in values.items():
        try:
            point.values[name] = float(value)
        except (TypeError, ValueError):
            raise PointError(f"{name} is {value!r}, not a number") from None
    return point
