"""Numbers of a point as text, such as 2, 6.6e-34 or pi/3, to floats that remember what was typed."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from ..errors import AdcliError, Place, PointError
from ..ops import Exact, as_typed, literal
from .fold import fold
from .nodes import Node
from .reader import parse
from .script import Script
from .undefined import undefined

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def read_number(text: str, start: int, end: int, source: str, variables: Collection[str] = ()) -> float:
    """Return the value of a number or an expression of numbers at a place in a text.

    `variables` are names of constants that stand for other numbers in this point, so not here. Raises AdcliError with
    its place in the text.
    """
    place = Place(text, start, end, source)
    typed = text[start:end].strip()
    if (
        _NUMBER.fullmatch(typed)
        and math.isfinite(value := signed_literal(typed))
        and (value or not re.search("[1-9]", re.split("[eE]", typed)[0]))
    ):
        return value
    if not typed:
        raise PointError("a value is missing here", Place(text, start - 1, start, source), "write name=number")
    if m := re.fullmatch(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE])[+-]?|[dD]([+-]?[0-9]+))", typed):
        hint = f"write {m[1]}e0, or for a product {m[1]}*{m[2]}" if m[2] else f"write {m[1]}e{m[3]}"
        raise PointError(f"{typed} is not a number", place, hint)
    try:
        script = parse(" " * start + text[start:end], variables=variables)
        if script.variables:
            hint = "a value is a number or an expression of numbers, such as pi/3"
            raise PointError(f"{script.variables[0]} has no value here", place, hint)
        if len(script.outputs) > 1:
            raise PointError("this is a list, not a number", place, "an array is written x=[1,2,3]")
        return constant_value(script)
    except AdcliError as error:
        if error.place is None or error.place is place:
            raise
        inside = Place(text, error.place.start, error.place.end, source)
        hint = "put commas between, as in x=1,y=2" if text[inside.start : inside.end] == "=" else error.hint
        raise PointError(error.what, inside, hint) from None


def signed_literal(text: str) -> float:
    """Return the float of a numeral with an optional sign."""
    size = literal(text.lstrip("+-"))
    return -size if text.startswith("-") else size


def constant_value(script: Script) -> float:
    """Return the value of a formula without variables, an Exact number.

    Raises DomainError where it has no value, PointError where that is not finite.
    """
    (root,) = script.outputs.values()

    def on_floats(node: Node, args: Sequence[float]) -> float:
        assert node.op is not None
        try:
            return node.op.number(*args)
        except (ValueError, ZeroDivisionError, OverflowError):
            _check(script, node, args)
            return node.op.extended(*args)

    value = float(fold(root, lambda leaf: float(leaf.value or 0.0), on_floats))
    if not math.isfinite(value):
        raise PointError("this is not a finite number", script.place(root))
    return Exact(value, partial(_value_of, script.text))


def _value_of(text: str, one: Any) -> Any:
    """Return the value of a formula without variables in the kind of `one`; raises DomainError where it has none."""
    script = parse(text)
    (root,) = script.outputs.values()

    def exactly(node: Node, args: Sequence[Any]) -> Any:
        assert node.op is not None
        _check(script, node, args)
        return node.op(*args)

    return fold(root, lambda leaf: as_typed(leaf.value or 0.0, one), exactly)


def _check(script: Script, node: Node, args: Sequence[Any]) -> None:
    """Raise DomainError where an operation of a formula has no value."""
    floats = [*map(float, args)]
    if node.op and node.op.domain and all(map(math.isfinite, floats)) and not node.op.domain.contains(*args):
        raise undefined(node, floats, [False] * len(args), script.place(node))
