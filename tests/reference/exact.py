"""The truth by mpmath alone: limits and slopes beside a point, and derivatives where a formula is smooth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mpmath import mp, mpf

from adcli.language.nodes import Node
from tests.ops.test_table import REFERENCE

DIGITS = 500
STEPS = (64, 128, 320)  # a step is 3 over 2 to this: then sums are exact


class Outside(Exception):  # noqa: N818
    """There is no value."""


class Unclear(Exception):  # noqa: N818
    """The values do not tell."""


class Beside(NamedTuple):
    """The limit and the slope on one side of a point."""

    value: Any
    slope: Any


def value(node: Node, at: Mapping[str, Any], known: dict[Node, Any] | None = None) -> Any:
    """Return a formula's value, conditions decided first, by mpmath; raises Outside."""
    known = {} if known is None else known
    if node in known:
        return known[node]
    op, name = node.op, node.op.name if node.op else ""

    def arg(k: int) -> Any:
        return value(node.args[k], at, known)

    if op is None:
        found = arg(0) if node.args else mpf(at[node.name] if node.value is None else node.value)
    elif name == "where":
        found = arg(1) if arg(0) else arg(2)
    elif name in ("and", "or"):
        found = arg(1) if arg(0) is (name == "and") else arg(0)
    else:
        try:
            args = [arg(k) for k in range(len(node.args))]
            if (name == "copysign" and args[1] == 0) or (name == "atan2" and args[0] == 0 > args[1]):
                raise Unclear  # mpmath has no -0
            found = args[0] ** args[1] if name == "pow" else REFERENCE[name][0](*args)  # exact for whole exponents
        except (ValueError, ZeroDivisionError, TypeError):
            raise Outside from None
        except OverflowError:
            raise Unclear from None
        if isinstance(found, mp.mpc) or not (isinstance(found, bool) or mp.isfinite(found)):
            raise Outside
    known[node] = found
    return found


def moved(at: Mapping[str, Any], direction: Mapping[str, Any], t: Any) -> dict[str, Any]:
    """Return at + t*direction."""
    return {name: mpf(x) + t * direction.get(name, 0) for name, x in at.items()}


def beside(node: Node, at: Mapping[str, float], direction: Mapping[str, Any]) -> Beside | None:
    """Return the limit and slope in a direction; None where there is no value. Raises Unclear."""
    slopes, found, misses = [], mpf(0), 0
    for digits in STEPS:
        t = 3 * mpf(2) ** -digits
        try:
            found = value(node, moved(at, direction, t))
            slopes.append((value(node, moved(at, direction, 2 * t)) - found) / t)
        except Outside:
            misses += 1
    if misses == len(STEPS):
        return None
    if misses:
        raise Unclear
    coarse, fine, finest = slopes
    if abs(finest) > 1e6 * max(1, abs(fine)) and abs(fine) > 100 * abs(coarse):
        return Beside(found, mp.inf if finest > 0 else -mp.inf)
    if abs(found) > 1e30 or abs(finest - fine) > 1e-6 * max(1, abs(finest)):
        raise Unclear
    return Beside(found, finest)


def exact_value(order: list[Node], at: dict[str, Any], nudged: Node | None = None, by: Any = 0) -> Any:
    """Return the last node's value by mpmath; `nudged` is made relatively larger."""
    values: dict[Node, Any] = {}
    for node in order:
        if node.op is not None:
            value = REFERENCE[node.op.name][0](*[values[arg] for arg in node.args])
        else:
            value = mpf(at[node.name] if node.value is None else node.value)
        if not isinstance(value, bool) and (not mp.isfinite(value) or isinstance(value, mp.mpc)):
            raise ValueError
        values[node] = value * (1 + by) if node is nudged else value
    return values[order[-1]]


def exact_slope(order: list[Node], at: dict[str, float], name: str, nudged: Node | None = None, by: Any = 0) -> Any:
    """Return the partial derivative by mpmath, from values only."""
    return mp.diff(lambda t: exact_value(order, {**at, name: t}, nudged, by), mpf(at[name]), h=mpf(10) ** -20)
