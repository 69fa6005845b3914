"""adcli eval: the value at a point."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@click.command("eval", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.point_option
@shared.trace_options
@shared.reading_options
@shared.output_options
def command(
    formula: str, at: tuple[str, ...], trace: bool, order: str, show_all: bool, cse: bool, max_rows: int,
    format_: str, output: str | None, digits: int, color: str, strict: bool,
) -> Any:  # fmt: skip
    """Calculate the value of FORMULA.

    \b
    adcli eval "2x^2 + pi" --at x=3
    adcli eval "(1+2)/7" --digits 17
    """
    from ..derivatives import Sweeps
    from ..linearize import Linearization
    from ..point import read_point
    from ..show import spelling
    from ..views import value_document

    display = shared.display_for(format_, output, digits, color)
    f = shared.read_formula(formula, cse=cse, max_rows=max_rows)
    evaluation = f.evaluation(read_point(at))
    table = None
    if trace:
        from ..tracetable import trace_table

        shared.check_size(len(evaluation.trace.rows), show_all, format_)
        nothing_swept = Sweeps(Linearization(evaluation, []), notes=evaluation.notes)
        table = trace_table(nothing_swept, f.outputs[0], order, spelling(display))
    latex = f.latex if format_ == "latex" else ""
    document = value_document(
        f.lines, f.outputs[0], str(f), evaluation.point, evaluation.result, tuple(evaluation.notes), table, latex
    )
    return shared.write(document, display, output, strict)
