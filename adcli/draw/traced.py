"""From a model and a point to the trace that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..derive import Model
from ..errors import Note, UsageError
from ..language import Point
from ..result import Document
from ..show import heading
from ..trace import Sweeps, TraceTable, linearize, trace_table, unevaluated


class Traced(NamedTuple):
    """The rows of a trace to draw, the lines above the drawing, and the notes."""

    table: TraceTable
    lines: tuple[str, ...]
    notes: Sequence[Note]
    complete: bool


def traced(model: Model, at: Point, wrt: tuple[str, ...] = (), mode: str | None = None) -> Traced:
    """Return the trace of a formula: with tangents or adjoints if a mode is given, in symbols if there is no point.

    Raises UsageError for tangents and adjoints of several outputs.
    """
    if mode or wrt:
        if len(model.outputs) > 1:
            what = f"tangents and adjoints are drawn for one output, and there are {', '.join(model.outputs)}"
            raise UsageError(what, hint="leave --mode and --wrt out, or draw one output")
        gradient, done = model.sweeps(at, wrt, mode or "forward", whole=True)
        document = gradient.document()
    elif at.values.keys() <= model.script.integers and model.variables:
        done = unevaluated(model.trace_at(at), model.script.place)
        document = Document()
    else:
        values, evaluation = model.values(at)
        document = values.document()
        done = Sweeps(linearize(evaluation), [*values.notes])
    lines = (*model.lines, *heading(document))
    return Traced(trace_table(done, model.outputs), lines, document.notes, document.complete)
