"""A trace evaluated on germs: the outputs just beside a point, in one direction, as power series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..ops import MAX_ROOT, Frame, Germ, Irregular, NoGerm, Outside, Unsettled
from ..trace import Evaluation, in_demand

ORDERS = (4, 12, 36)  # powers of t that are tried in turn; what is zero in all of these is taken for zero


def approach(
    evaluation: Evaluation,
    direction: Mapping[int, float],
    outputs: Sequence[int],
    order: int,
    bend: Mapping[int, float] = MappingProxyType({}),
    moved: Collection[int] | None = None,
    bent: int = 2,
) -> list[Any]:
    """Return the outputs (slots) along point + t*direction + t^bent*bend for small t > 0, to t^order: Germs, or floats.

    `moved` are the rows that depend on the direction and may be needed (default: all that depend on it). With more and
    more terms, and with roots of t where exponents are fractions. Raises Outside where there is no value on that side,
    NoGerm where there is no power series.
    """
    if moved is None:
        depends = evaluation.trace.dependents({**direction, **bend})
        moved = [row for row in evaluation.trace.rows if depends[row]]
    root = 1
    for powers in ORDERS:
        while True:
            frame = Frame(root, (powers + order) * root, powers == ORDERS[-1])
            try:
                found = _follow(evaluation, direction, bend, outputs, frame, moved, bent)
                _ = [x[order * root] for x in found if isinstance(x, Germ)]
                return found
            except Irregular as irregular:
                root *= irregular.denominator
                if root > MAX_ROOT:
                    raise NoGerm from None
            except Unsettled:
                break
            except RecursionError:  # a far pole of gamma
                raise NoGerm from None
    raise NoGerm


def _follow(
    evaluation: Evaluation,
    direction: Mapping[int, float],
    bend: Mapping[int, float],
    outputs: Sequence[int],
    frame: Frame,
    moved: Collection[int],
    bent: int,
) -> list[Any]:
    """Run the trace on germs, as far as the outputs need it on this side."""
    trace, root = evaluation.trace, frame.root
    values: list[Any] = [*evaluation.values]
    for slot in moved:
        values[slot] = None
    for slot in {**direction, **bend}:
        terms = [evaluation.values[slot] or 0.0] + [0.0] * (frame.terms + bent * root)
        terms[root], terms[bent * root] = direction.get(slot, 0.0), bend.get(slot, 0.0)
        values[slot] = Germ(frame, 0, terms)
    for slot in in_demand(trace, values, outputs):
        op, args = trace.op(slot), [values[arg] for arg in trace.args[slot]]
        if any(map(_is_nan, args)):
            raise Outside
        try:
            values[slot] = op(*args)
        except (ValueError, ZeroDivisionError):
            raise Outside from None
        except OverflowError:
            raise NoGerm from None
    found = [values[slot] for slot in outputs]
    if any(map(_is_nan, found)):
        raise Outside
    return found


def _is_nan(x: Any) -> bool:
    return type(x) is float and x != x
