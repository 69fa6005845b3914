"""A trace evaluated again with numbers of another kind, on the branches that were taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .evaluation import Evaluation


def replay(
    evaluation: Evaluation,
    inputs: Mapping[str, Any],
    compute: Callable[[int, Sequence[Any]], Any] | None = None,
) -> list[Any]:
    """Return the value of each slot with other numbers, of any kind, for some inputs.

    Conditions stay as they were decided. Rows that these inputs do not reach keep their values. `compute` gives the
    value of a row from its arguments, where it is not plainly its operation.
    """
    trace, old = evaluation.trace, evaluation.values
    values: list[Any] = list(old)
    for name, x in inputs.items():
        values[trace.slot[name]] = x
    for row in trace.rows:
        op, slots = trace.op(row), trace.args[row]
        if old[row] is None or op.condition:
            continue
        taken = slots if op.selects is None else (slots[op.selects(bool(old[slots[0]]))],)
        if any([values[slot] is not old[slot] for slot in taken]):
            args = [values[slot] for slot in taken]
            values[row] = args[0] if op.selects is not None else op(*args) if compute is None else compute(row, args)
    return values
