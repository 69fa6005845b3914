"""What grad and eval share: the trace, the worksheet, the table of many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .options import MAX_SHOWN_ROWS
from .output import write_document

if TYPE_CHECKING:
    from ..derive import Gradient, Values
    from ..language import Point
    from ..result import Document
    from ..trace import Sweeps, TraceTable
    from .arguments import Arguments


def answer_points(find: Callable[[Point], Gradient | Values], given: Arguments, options: dict[str, Any]) -> int:
    """Write a table with what `find` gives at each point of a grid; return the exit status."""
    from ..derive import tabulate
    from ..errors import UsageError

    if options["trace"] or options.get("worksheet") or options.get("answers"):
        raise UsageError("a trace is of one point", hint="leave out --trace, or give each variable one number")
    return write_document(tabulate(given.formula, given.point, find).document(), given.output)


def answer_point(result: Gradient | Values, sweeps: Sweeps, given: Arguments, options: dict[str, Any]) -> int:
    """Write an answer, with its trace or as a worksheet where the options ask for it; return the exit status."""
    document, outputs = result.document(), result.source.outputs
    if options["trace"]:
        document = document.with_tables(_trace_table(sweeps, outputs, given, options).document())
    if options.get("worksheet") or options.get("answers"):
        document = _worksheet(document, sweeps, outputs, given, options)
    return write_document(document, given.output)


def _trace_table(sweeps: Sweeps, outputs: tuple[str, ...], given: Arguments, options: dict[str, Any]) -> TraceTable:
    """Return the trace; raises UsageError for one that is too long for a terminal, without --all."""
    from ..errors import UsageError
    from ..show import MACHINE, notation_for
    from ..trace import trace_table

    if given.formula.digits:
        raise UsageError("a trace is shown in double precision", hint="leave out --trace or --precise")
    rows = len(sweeps.evaluation.trace.rows)
    if rows > MAX_SHOWN_ROWS and not options["show_all"] and given.output.style.format not in MACHINE:
        hint = "show it with --all, or write it with --format json or csv"
        raise UsageError(f"the trace has {rows:,} rows", hint=hint)
    return trace_table(sweeps, outputs, options["order"], notation_for(given.output.style))


def _worksheet(
    document: Document, sweeps: Sweeps, outputs: tuple[str, ...], given: Arguments, options: dict[str, Any]
) -> Document:
    """Return the document of a trace with cells blank, or with --answers filled in."""
    from ..errors import UsageError
    from ..show import MACHINE, worksheet
    from ..trace import trace_table

    if not options["worksheet"]:
        raise UsageError("--answers fills in a worksheet", hint="add: --worksheet")
    if not options["trace"]:
        raise UsageError("a worksheet is a trace with cells left blank", hint="add: --trace")
    if given.output.style.format in MACHINE:
        raise UsageError("a worksheet is for reading", hint="use --format table, plain, markdown or latex")
    plain = trace_table(sweeps, outputs, options["order"])
    return worksheet(document, plain, share=options["blank"], seed=options["seed"], answers=options["answers"])
