"""Dual: a number that carries a derivative along, a + b*eps with eps^2 = 0; forward mode by operator overloading."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from .op import Arithmetic, Ieee, Op
from .table import mul


class Dual(Arithmetic):
    """A value and its tangent; every operation of the table works on it.

    `tag` keeps nested derivatives apart: of two tags the larger one is differentiated, the smaller one is a
    constant to it. Values may be floats, or Duals of a smaller tag.

    >>> x = Dual(2.0, 1.0)
    >>> (x * x + 3 * x).tangent
    7.0
    """

    __slots__ = ("tag", "tangent", "value")
    rank = 4

    def __init__(self, value: Any, tangent: Any = 0.0, tag: int = 0) -> None:
        self.value = float(value) if isinstance(value, int) else value
        self.tangent = float(tangent) if isinstance(tangent, int) else tangent
        self.tag = tag

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        tag = max(x.tag for x in args if isinstance(x, Dual))
        values = [x.value if isinstance(x, Dual) and x.tag == tag else x for x in args]
        plain = all(isinstance(x, int | float) and not isinstance(x, Ieee) for x in values)
        if plain:
            values = [float(x) for x in values]
        y = op(*values)
        if op.condition:
            return y
        tangent: Any = None
        for k, x in enumerate(args):
            if isinstance(x, Dual) and x.tag == tag:
                slope = op.slope(k, y, *values) if plain else op.partial(k, y, *values)
                tangent = x.tangent * slope if tangent is None else tangent + x.tangent * slope
        return Dual(y, tangent, tag)

    def __float__(self) -> float:
        raise TypeError("a Dual was turned into a plain float; use adcli.math instead of math: adcli.math.sin(x)")

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"

    # fmt: off
    def __lt__(self, other: Any) -> bool: return primal(self) < primal(other)
    def __le__(self, other: Any) -> bool: return primal(self) <= primal(other)
    def __gt__(self, other: Any) -> bool: return primal(self) > primal(other)
    def __ge__(self, other: Any) -> bool: return primal(self) >= primal(other)
    def __eq__(self, other: object) -> bool: return primal(self) == primal(other)
    def __hash__(self) -> int: return id(self)
    # fmt: on


class Limit(Ieee):
    """A float by IEEE 754, but 0*inf is 0: derivatives of x^n and tanh have a factor 0 before one that overflows."""

    __slots__ = ()

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        if op is mul and 0.0 in args and args[0] == args[0] and args[1] == args[1]:
            return Limit(0.0)
        return Limit(op.extended(*map(float, args)))


_tags = count(1)


def derivative(function: Callable[[Any], Any], x: Any) -> Any:
    """Return the derivative of a Python function of one number at x; calls may be nested.

    >>> derivative(lambda x: x * derivative(lambda y: x + y, 1.0), 2.0)
    1.0
    """
    tag = next(_tags)
    y = function(Dual(x, 1.0, tag))
    return y.tangent if isinstance(y, Dual) and y.tag == tag else 0.0


def primal(x: Any) -> float:
    """Return the number without any tangents."""
    while isinstance(x, Dual):
        x = x.value
    return float(getattr(x, "primal", x))
