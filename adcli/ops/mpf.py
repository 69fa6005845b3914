"""Big: a number of mpmath as one more kind of number, on which the operations and rules of the table work."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from ..errors import LimitError, UsageError
from . import mp_functions
from .mp_functions import Function
from .op import Arithmetic, Exact, Op

WIDEST = 2**20  # the most bits before the point of an argument


def mp_context(digits: int) -> Any:
    """Return a new context of mpmath with so many digits; raises UsageError where mpmath is not installed.

    `lost` is set where terms cancelled down to rounding; with `limiting` 0*inf is 0, as in the rule of x^0 at 0.
    """
    try:
        from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]
    except ImportError:
        raise UsageError("--precise needs mpmath", hint="pip install 'adcli[precise]'") from None
    made = MPContext()
    made.dps, made.lost, made.limiting = digits, False, False
    return made


class Big(Arithmetic):
    """A number of mpmath, with as many digits as its context has.

    A difference that is no larger than the rounding of its terms is 0, in comparisons too. An operation is mpmath's
    function, or ours in `mp_functions`, or else goes by simpler operations (`Op.by`); without these it raises
    UsageError, and LimitError for an argument of more than WIDEST bits before the point.
    """

    __slots__ = ("number",)

    def __init__(self, number: Any) -> None:
        self.number = number

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        c = self.number.context
        if op.selects is not None:
            chosen = args[op.selects(bool(args[0]))]
            return chosen if isinstance(chosen, bool) else to_big(c, chosen)
        numbers = [x.number if isinstance(x, Big) else to_big(c, x).number for x in args]
        if op.condition:
            return op.number(*map(Big, numbers))
        if (function := _function(op)) is None:
            if op.by is None:
                raise UsageError(f"{op.name} is not available with more digits than those of floats")
            return to_big(c, op.by(*map(Big, numbers)))
        if function not in mp_functions.ANY_SIZE and any(mp_functions.bits(x) > WIDEST for x in numbers):
            raise LimitError(f"{op.name} is asked for of a number beyond 10^{WIDEST * math.log10(2):.0f}")
        try:
            y = function(c, *numbers)
        except (ValueError, ZeroDivisionError, OverflowError):  # a pole
            return Big(c.convert(op.extended(*map(float, numbers))))
        if not hasattr(y, "_mpf_"):  # complex: by the last digit outside the domain, or by far
            y = y.real if op.domain is not None and op.domain.contains(*map(Big, numbers)) else c.nan
        return Big(y)

    def _minus(self, other: Any) -> Any:
        a, b = self.number, to_big(self.number.context, other).number
        return a.context.zero if a == b else mp_functions.kept(a.context, a - b, a, b)

    def __float__(self) -> float:
        return float(self.number)

    def __int__(self) -> int:
        return int(self.number)

    def __repr__(self) -> str:
        return f"Big({self.number._mpf_})"

    # fmt: off
    def __lt__(self, other: Any) -> bool: return bool(self._minus(other) < 0)
    def __le__(self, other: Any) -> bool: return bool(self._minus(other) <= 0)
    def __gt__(self, other: Any) -> bool: return bool(self._minus(other) > 0)
    def __ge__(self, other: Any) -> bool: return bool(self._minus(other) >= 0)
    def __eq__(self, other: object) -> bool: return bool(self._minus(other) == 0)
    def __hash__(self) -> int: return hash(self.number)
    # fmt: on


@cache
def _function(op: Op) -> Function | None:
    """Return what computes an operation on numbers of mpmath, ours or its own; None if there is nothing."""
    names = op.names_in("mpmath")
    if not names:
        return None
    return getattr(mp_functions, names[0], None) or (lambda c, *x: getattr(c, names[0])(*x))


def to_big(c: Any, x: Any, *, exact_floats: bool = True) -> Big:
    """Return a float as a Big: an Exact one by its formula, another by its binary value.

    Without `exact_floats`, by its shortest text: 0.1 is one tenth.
    """
    if isinstance(x, Big):
        return x
    if exact_floats and not isinstance(x, Exact):
        return Big(c.convert(x))
    return x.of(Big(c.one)) if isinstance(x, Exact) else Big(c.mpf(float.__repr__(x)))
