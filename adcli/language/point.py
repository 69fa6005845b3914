"""Points: `x1=2,x2=pi/3`, `x=[1,2,3]`, `x=0:1:11` and @point.json to numbers by name, with their places for errors."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import product
from typing import TYPE_CHECKING, Any

from ..errors import AdcliError, LimitError, Place, PointError, UsageError, nearest
from ..ops import Exact, literal
from ..trace import Trace, shortened
from .normalize import LETTER, PASTED
from .reader import parse
from .script import Script
from .sums import split_index

if TYPE_CHECKING:
    from .ranges import Range

MAX_POINTS = 100_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"\s*((?![0-9])(?:[A-Za-z0-9_]++|[Α-ω]++)++(?:\[[0-9]+\])?)\s*=(?!=)")


class Point:
    """Values by name, elements of arrays as x[1], x[2] ...; the arrays' sizes; where each name was typed.

    `from_file` are names from a file, which may hold more than is used. `ranges` are names with many values, of which
    `values` holds the first.
    """

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.sizes: dict[str, int] = {}
        self.places: dict[str, Place] = {}
        self.from_file: set[str] = set()
        self.ranges: dict[str, Range] = {}

    def put(self, name: str, value: float | Sequence[float]) -> None:
        """Give a name a number, or an array its elements, instead of what it had."""
        for k in range(1, self.sizes.pop(name, 0) + 1):
            del self.values[f"{name}[{k}]"]
        self.values.pop(name, None)
        if isinstance(value, float):
            self.values[name] = value
        else:
            self.sizes[name] = len(value)
            self.values.update((f"{name}[{k}]", x) for k, x in enumerate(value, 1))

    def moved(self, values: Mapping[str, float]) -> Point:
        """Return the point with other values for some of the names."""
        other = Point()
        other.values, other.sizes = {**self.values, **values}, self.sizes
        other.from_file = set(other.values)  # it may hold more than is used, as this one did
        return other

    def each(self, count: int = 0) -> Iterator[Point]:
        """Yield the points of the grid over the ranges, the last name fastest; `count` is for ranges without one."""
        size = 1
        for name, numbers in self.ranges.items():
            if not (numbers.points or count):
                what = "this range does not say how many points it has"
                raise PointError(what, numbers.place, f"write {name}={numbers!r}:11")
            size *= numbers.points or count
            if size > MAX_POINTS:
                raise LimitError(f"these are more than {MAX_POINTS:,} points", numbers.place, "take fewer")
        for values in product(*(numbers.numbers(count) for numbers in self.ranges.values())):
            other = copy(self)
            other.values = {**self.values, **dict(zip(self.ranges, values, strict=True))}
            yield other

    def only(self, names: Iterable[str]) -> Point:
        """Return the part of the point that these variables or arrays need."""
        wanted = set(names)
        values = {n: x for n, x in self.values.items() if n in wanted or n.partition("[")[0] in wanted}
        part = Point()
        part.values, part.from_file = values, set(values)
        return part


def read_ranges(texts: Iterable[str], source: str) -> dict[str, tuple[float, float]]:
    """Read ranges such as `x=0..10,y=-1..1`; raises PointError with the place in the text."""
    ranges: dict[str, tuple[float, float]] = {}
    for text in texts:
        for start, end in _split(text):
            m = _NAME.match(text.translate(PASTED), start, end)
            middle = text.find("..", m.end(), end) if m else -1
            if not m or middle < 0:
                raise PointError("this is not a range", Place(text, start, end, source), "write name=low..high")
            low, high = _value(text, m.end(), middle, source), _value(text, middle + 2, end, source)
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
    typed = []
    for text in texts:
        if text.startswith("@"):
            for name, value in read_json_point(text[1:]).items():
                point.put(name, value)
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
            if name in point.places or (name in point.values and name.partition("[")[0] in point.places):
                raise PointError(f"{name} is given twice", place, "give it once")
            if ":" in text[m.end() : end]:
                found = _range(text, m.end(), end, source)
                if not ranges:
                    hint = f"eval, grad and plot take ranges; here write {name}=number"
                    raise PointError("this is a range, not a number", found.place, hint)
                point.ranges[name] = found
                point.put(name, found.first)
            else:
                point.put(name, _number_or_array(text, m.end(), end, source))
            point.places[name] = place
            point.from_file.discard(name)
    return point


def _number_or_array(text: str, start: int, end: int, source: str) -> float | Sequence[float]:
    typed = text[start:end].strip()
    if typed.startswith("@"):
        return read_array(typed[1:])
    if typed.startswith("[") and typed.endswith("]"):
        inner = text.index("[", start) + 1
        parts = _split(text[: text.rindex("]", start, end)], inner)
        return [_value(text, a, b, source) for a, b in parts] if text[inner : parts[-1][1]].strip() else []
    return _value(text, start, end, source)


def _range(text: str, start: int, end: int, source: str) -> Range:
    """Read `first:last` or `first:last:points`."""
    from .ranges import Range

    start += len(text[start:end]) - len(text[start:end].lstrip())
    place = Place(text, start, end, source)
    cuts = [m.start() for m in re.compile(":").finditer(text, start, end)]
    parts = list(zip([start, *(cut + 1 for cut in cuts)], [*cuts, end], strict=True))
    if len(parts) > 3:
        raise PointError("this is not a range", place, "write name=first:last:points, such as x=0:1:11")
    first, last, *rest = (_value(text, a, b, source) for a, b in parts)
    if first == last:
        raise PointError("this range is empty", place, "write two different ends")
    for count in rest:
        if not (count >= 2 and count == int(count)):
            where = Place(text, *parts[2], source)
            raise PointError("this is not a number of points", where, "write a whole number, 2 or more")
    return Range(first, last, int(*rest), place)


def _split(text: str, start: int = 0) -> list[tuple[int, int]]:
    """Return the stretches between commas that are in no bracket."""
    cuts, depth = [start - 1], 0
    for m in re.compile(r"[(),\[\]]").finditer(text, start):
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
        and math.isfinite(value := _signed(typed))
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
        hint = "put commas between, as in x=1,y=2" if text[inside.start : inside.end] == "=" else error.hint
        raise PointError(error.what, inside, hint) from None


def _signed(text: str) -> float:
    size = literal(text.lstrip("+-"))
    return -size if text.startswith("-") else size


def evaluate_constant(script: Script) -> float:
    """Return the value of a formula without variables, Exact unless the formula is a number."""
    (node,) = script.outputs.values()
    trace = Trace([node], ())
    evaluation = trace.evaluate({}, script.place)
    value = evaluation.result
    if not math.isfinite(value):
        raise PointError("this is not a finite number", script.place(node))

    def exactly(one: Any) -> Any:
        from ..derive import evaluate

        return evaluate(evaluation, one.number.context, ())[trace.outputs[0]]

    return Exact(value, exactly)


def read_json_point(path: str) -> dict[str, float | list[float]]:
    """Return the numbers and arrays of a JSON object by name."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise PointError(f"{path}: {name} is given twice")
        return dict(pairs)

    data = _read_json(path, unique)
    if not isinstance(data, dict):
        raise PointError(f"{path} does not hold a JSON object", hint='write one such as {"x1": 2, "x2": 5}')
    values: dict[str, float | list[float]] = {}
    for name, value in data.items():
        where = f"{path}: {name}"
        is_list = isinstance(value, list)
        values[name.translate(PASTED)] = _finite(value, where) if is_list else _finite([value], where)[0]
    return values


def read_array(path: str) -> Sequence[float]:
    """Return the numbers of a .json list, a .npy array or a .csv file, row by row."""
    if path.endswith(".npy"):
        import numpy as np

        try:
            array = np.load(path, allow_pickle=False)
            return _finite(array.ravel().tolist(), path)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
        except ValueError as error:
            raise PointError(f"{path} is not a NumPy array of numbers: {error}") from None
    if path.endswith(".csv"):
        return _finite([cell.strip() for line in _read_lines(path) for cell in line.split(",") if cell.strip()], path)
    if path.endswith(".json"):
        data = _read_json(path)
        if not isinstance(data, list):
            raise PointError(f"{path} does not hold a JSON list", hint="write one such as [1, 2, 3]")
        return _finite(data, path)
    raise UsageError(f"cannot tell what {path} holds", hint="an array is read from .json, .npy or .csv")


def _read_lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read().splitlines()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8") from None


def _read_json(path: str, pairs_hook: Any = None) -> Any:
    import json

    text = "\n".join(_read_lines(path))
    try:
        return json.loads(text, object_pairs_hook=pairs_hook, parse_float=_signed)
    except (ValueError, RecursionError) as error:
        raise PointError(f"{path} is not JSON: {error}", hint='write an object such as {"x1": 2, "x2": 5}') from None


def _finite(values: Sequence[Any], where: str) -> list[float]:
    """Return numbers, or texts such as "pi/3", as floats."""
    found = []
    for k, value in enumerate(values, 1):
        at = where if len(values) == 1 else f"{where}, value {k}"
        if isinstance(value, str):
            value = _value(value, 0, len(value), at)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
            raise PointError(f"{at} is {shortened(repr(value))}, not a finite number")
        found.append(value if type(value) is Exact else float(value))
    return found


def bind(point: Point, inputs: tuple[str, ...], script: Script) -> dict[str, float]:
    """Return the values of the inputs in order; raise PointError for a missing or an unused name."""
    known = {*inputs, *script.integers}
    last: dict[str, int] = {}  # the last element of each array that is used: those before it need not be
    for name in inputs:
        array, k = split_index(name)
        last[array] = max(last.get(array, 0), k)
    unused = []
    for name in point.values:
        array, k = split_index(name)
        if name not in known and not {name, array} & point.from_file and k >= last.get(array, 0):
            unused.append(name)
    missing = [name for name in inputs if name not in point.values]
    variables = _listed([*inputs, *sorted(script.integers.difference(inputs))])
    for name in unused:
        hint = f"its variables are: {variables}" if inputs else "it has no variables"
        array = name.partition("[")[0]
        if name in script.definitions:
            hint = f"{name} is defined in the formula; " + hint
        elif re.search(rf"(?<![{LETTER}0-9]){re.escape(name)}\s*\(", script.text):
            hint = f"{name}( is a call of a function; to multiply, write {name}*("
        elif array in point.sizes and array in inputs:
            raise PointError(f"{array} is a number in the formula, not an array", point.places.get(array))
        elif joined := next((m for m in missing if m != name and _made_of(m, point.values)), ""):
            hint = f"{joined} is one name; for a product, write {'*'.join(_made_of(joined, point.values))}"
        elif close := nearest(name, missing):
            hint = f"did you mean {close}?"
        raise PointError(
            f"the formula does not use {shortened(name)}", point.places.get(name) or point.places.get(array), hint
        )
    if missing:
        single = [f"{n}={_plain(point.values.get(n))}" for n in inputs if "[" not in n]
        arrays = dict.fromkeys(n.partition("[")[0] for n in missing if "[" in n)
        line = ",".join([*single, *(f"{name}=[...]" for name in arrays)])
        raise PointError(f"no value for {_listed(missing)}", hint=f"add: --at {line}")
    return {name: point.values[name] for name in inputs}


def _made_of(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that, side by side, are this name: x and y for xy."""
    for first in known:
        rest = name.removeprefix(first)
        if rest != name and rest in known:
            return [first, rest]
    return []


def _listed(names: Sequence[str], most: int = 40) -> str:
    shown = names if len(names) <= most else [*names[: most - 1], "...", names[-1]]
    return ", ".join(map(shortened, shown))


def _plain(value: float | None) -> str:
    return "..." if value is None else repr(value).removesuffix(".0")


def from_mapping(at: Point | Mapping[str, Any] | None, values: Mapping[str, Any] | None = None) -> Point:
    """Return a point from numbers and sequences by name; raise PointError for what is neither."""
    if isinstance(at, Point):
        return at
    if at is not None and not isinstance(at, Mapping):
        raise PointError(f"{at!r} is not a point", hint='write f(x=1, y=2) or f({"x": 1, "y": 2})')
    point = Point()
    for name, value in {**(at or {}), **(values or {})}.items():
        try:
            try:
                point.put(name, value if type(value) is Exact else float(value))
            except TypeError:
                point.put(name, [float(x) for x in value])
        except (TypeError, ValueError, OverflowError):
            raise PointError(f"{name} is {value!r}, not a number") from None
    return point


def names(given: Iterable[str] | None) -> tuple[str, ...]:
    """Return names given as a sequence, as a single text or as None; raise UsageError for what is no name."""
    found: tuple[Any, ...] = (given,)
    if isinstance(given, Iterable) and not isinstance(given, str):
        found = tuple(given)
    elif given is None:
        found = ()
    if wrong := [name for name in found if not isinstance(name, str)]:
        raise UsageError(f"{wrong[0]!r} is not a name", hint='write names as texts, such as ("x", "y")')
    return found


def point_line(at: Mapping[str, float]) -> str:
    """Return `at x1 = 2, x2 = 5`; the elements of an array in brackets, the middle of a long one left out."""
    groups: dict[str, list[str]] = {}
    for name, x in at.items():
        groups.setdefault(name.partition("[")[0], []).append(repr(x).removesuffix(".0"))
    shown = []
    for name, texts in groups.items():
        inside = texts if len(texts) <= 8 else [*texts[:4], f"... {len(texts) - 6} more ...", *texts[-2:]]
        shown.append(f"{name} = {texts[0]}" if name in at else f"{name} = [{', '.join(inside)}]")
    return "at " + ", ".join(shown) if shown else ""
