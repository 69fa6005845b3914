"""Points: numbers by name, with the places where they were typed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import product
from typing import TYPE_CHECKING, Any

from ..errors import LimitError, Place, PointError, UsageError, nearest, shortened
from .normalize import NAME_LETTERS
from .script import Script
from .sums import split_index
from .writer import number_text

if TYPE_CHECKING:
    from .ranges import Range

MAX_POINTS = 100_000
WHOLE = 2**53  # up to here, floats are all whole numbers
_TWINS = {"pi": ("π",), "π": ("pi",), "tau": ("τ",), "τ": ("tau",)}


class Point:
    """Values by name, elements of arrays as x[1], x[2] ...; the sizes of arrays; the places of the names in the text.

    `from_file` are names from a file, which may have more than the formula uses. `ranges` are names with many values;
    `values` has the first of them.
    """

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.sizes: dict[str, int] = {}
        self.places: dict[str, Place] = {}
        self.from_file: set[str] = set()
        self.ranges: dict[str, Range] = {}

    def put(self, name: str, value: float | Sequence[float]) -> None:
        """Set the number of a name, or the elements of an array."""
        for k in range(1, self.sizes.pop(name, 0) + 1):
            del self.values[f"{name}[{k}]"]
        self.values.pop(name, None)
        if isinstance(value, float):
            self.values[name] = value
        else:
            self.sizes[name] = len(value)
            self.values.update((f"{name}[{k}]", x) for k, x in enumerate(value, 1))

    def respelled(self, variables: Container[str]) -> Point:
        """Return the point with x1 for x_1, as LaTeX has it, where only x1 is a variable."""
        new = {name: re.sub(r"_(?=[0-9]+$)", "", name) for name in self.values if name not in variables}
        new = {name: x for name, x in new.items() if x in variables and x not in self.values}
        if not new:
            return self
        other = copy(self)
        other.values = {new.get(name, name): x for name, x in self.values.items()}
        other.places = {new.get(name, name): x for name, x in self.places.items()}
        other.ranges = {new.get(name, name): x for name, x in self.ranges.items()}
        other.from_file = {new.get(name, name) for name in self.from_file}
        return other

    def moved(self, values: Mapping[str, float]) -> Point:
        """Return the point with other values for some of the names."""
        other = Point()
        other.values, other.sizes = {**self.values, **values}, self.sizes
        other.from_file = set(other.values)  # it may have more than the formula uses, as this point
        return other

    def each(self, count: int = 0) -> Iterator[Point]:
        """Yield the points of the grid over the ranges, the last name fastest.

        A range without a number of points has `count`. Raises PointError if there is none, LimitError for too many.
        """
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


def input_values(point: Point, inputs: tuple[str, ...], script: Script) -> dict[str, float]:
    """Return the values of the inputs in order; raises PointError for a missing or an unused name."""
    for name in _unused_names(point, inputs, script):
        raise _unused(name, point, inputs, script)
    missing = [name for name in inputs if name not in point.values]
    if filled := next((name for name in missing if name in point.sizes), ""):
        raise PointError(f"{filled} is a number in the formula, not an array", point.places.get(filled))
    if missing:
        single = [f"{n}={number_text(point.values[n]) if n in point.values else '...'}" for n in inputs if "[" not in n]
        arrays = dict.fromkeys(n.partition("[")[0] for n in missing if "[" in n)
        line = ",".join([*single, *(f"{name}=[...]" for name in arrays)])
        raise PointError(f"no value for {_listed(missing)}", hint=f"add: --at {line}")
    return {name: point.values[name] for name in inputs}


def _unused_names(point: Point, inputs: tuple[str, ...], script: Script) -> Iterator[str]:
    """Yield the names of the point that are not used, but those of a file, and elements of an array before the last."""
    known = {*inputs, *script.integers}
    last: dict[str, int] = {}  # the last element of each array that is used
    for name in inputs:
        array, k = split_index(name)
        last[array] = max(last.get(array, 0), k)
    for name in point.values:
        if name not in known and name not in point.from_file:
            array, k = split_index(name)
            if array not in point.from_file and k >= last.get(array, 0):
                yield name


def _unused(name: str, point: Point, inputs: tuple[str, ...], script: Script) -> PointError:
    """Return the error for a name that the formula does not use, with a guess of what is meant."""
    array, place = name.partition("[")[0], point.places.get(name)
    missing = [n for n in inputs if n not in point.values]
    variables = _listed([*inputs, *sorted(script.integers.difference(inputs))])
    hint = f"its variables are: {variables}" if inputs else "it has no variables"
    if name in script.definitions:
        hint = f"{name} is defined in the formula; " + hint
    elif twin := script.constants.intersection(_TWINS.get(name, ())):
        hint = f"the formula writes {name} as {next(iter(twin))}, which is another name"
    elif re.search(rf"(?<![{NAME_LETTERS}0-9]){re.escape(name)}\s*\(", script.text):
        hint = f"{name}( is a call of a function; to multiply, write {name}*("
    elif array in point.sizes and array in inputs:
        return PointError(f"{array} is a number in the formula, not an array", point.places.get(array))
    elif joined := next((m for m in missing if m != name and _factors(m, point.values)), ""):
        hint = f"{joined} is one name; for a product, write {'*'.join(_factors(joined, point.values))}"
    elif close := nearest(name, missing):
        hint = f"did you mean {close}?"
    return PointError(f"the formula does not use {shortened(name)}", place or point.places.get(array), hint)


def _factors(name: str, known: Container[str]) -> list[str]:
    """Return two known names that make this name side by side, x and y for xy; nothing if there are none."""
    parts = ([name[:k], name[k:]] for k in range(1, len(name)))
    return next((pair for pair in parts if pair[0] in known and pair[1] in known), [])


def _listed(names: Sequence[str], most: int = 40) -> str:
    shown = names if len(names) <= most else [*names[: most - 1], "...", names[-1]]
    return ", ".join(map(shortened, shown))


def as_point(at: Point | Mapping[str, Any] | None, values: Mapping[str, Any] | None = None) -> Point:
    """Return a point from numbers and sequences by name; raises PointError for anything else."""
    if isinstance(at, Point):
        return at
    if at is not None and not isinstance(at, Mapping):
        raise PointError(f"{at!r} is not a point", hint='write f(x=1, y=2) or f({"x": 1, "y": 2})')
    point = Point()
    for name, value in {**(at or {}), **(values or {})}.items():
        try:
            try:
                point.put(name, _number(value, name))
            except TypeError:
                point.put(name, [_number(x, f"{name}[{k}]") for k, x in enumerate(value, 1)])
        except (TypeError, ValueError):
            from .python_numbers import shown

            raise PointError(f"{name} is {shown(value)}, not a number") from None
    return point


def _number(x: Any, name: str) -> float:
    if type(x) is float or (type(x) is int and abs(x) <= WHOLE):
        return float(x)
    from .python_numbers import python_number

    return python_number(x, name)


def as_names(given: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names in a sequence, in a single text or in None; raises UsageError if one is no text."""
    if given is None:
        return ()
    found: tuple[Any, ...] = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else (*given,)
    if wrong := [name for name in found if not isinstance(name, str)]:
        raise UsageError(f"{wrong[0]!r} is not a name", hint='write names as texts, such as ("x", "y")')
    return found


def point_line(at: Mapping[str, float]) -> str:
    """Return `at x1 = 2, x2 = 5`, an array in brackets, a long one without its middle."""
    groups: dict[str, list[str]] = {}
    for name, x in at.items():
        groups.setdefault(name.partition("[")[0], []).append(number_text(x))
    shown = []
    for name, texts in groups.items():
        inside = texts if len(texts) <= 8 else [*texts[:4], f"... {len(texts) - 6} more ...", *texts[-2:]]
        shown.append(f"{name} = {texts[0]}" if name in at else f"{name} = [{', '.join(inside)}]")
    return "at " + ", ".join(shown) if shown else ""
