"""adcli grad: the value and the partial derivatives at a point."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@click.command("grad", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.point_option
@click.option("--wrt", multiple=True, metavar="NAME,...", help="Only the derivatives by these variables.")
@shared.mode_option
@shared.trace_options
@shared.reading_options
@shared.output_options
def command(
    formula: str, at: tuple[str, ...], wrt: tuple[str, ...], mode: str, trace: bool, order: str, show_all: bool,
    cse: bool, max_rows: int, format_: str, output: str | None, digits: int, color: str, strict: bool,
) -> Any:  # fmt: skip
    """Calculate the gradient of FORMULA.

    \b
    adcli grad "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli grad "x1*x2+x2-ln(x1)" --at x1=3,x2=-4 --wrt x2 --mode both --trace
    adcli grad samples/griewank.ad --at x1=1.5,x2=0.5 --format json
    """
    from ..point import read_point
    from ..show import spelling
    from ..views import gradient_document

    display = shared.display_for(format_, output, digits, color)
    f = shared.read_formula(formula, cse=cse, max_rows=max_rows)
    names = tuple(name.strip() for text in wrt for name in text.split(","))
    result, sweeps = f.sweeps(read_point(at), names, mode, whole=trace)
    table = None
    if trace:
        from ..tracetable import trace_table

        shared.check_size(len(sweeps.evaluation.trace.rows), show_all, format_)
        table = trace_table(sweeps, f.outputs[0], order, spelling(display))
    latex = f.latex if format_ == "latex" else ""
    return shared.write(gradient_document(f.lines, result, table, latex), display, output, strict)
