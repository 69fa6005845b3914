"""adcli graph: the computational graph."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared
from . import report


@click.command("graph", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.syntax_option
@shared.point_option
@click.option(
    "--mode",
    type=click.Choice(["forward", "reverse", "both"]),
    help="Show tangents (forward), adjoints (reverse) or both.",
)
@shared.wrt_option
@click.option(
    "--depth",
    type=click.IntRange(0),
    metavar="N",
    help="Draw only rows at most N steps from the result, or from the row of --around.",
)
@click.option(
    "--around",
    default="",
    metavar="ROW",
    help="Draw only rows near this one, for example v7. Without --depth: 2 steps.",
)
@shared.digits_option(6)
@shared.size_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write to FILE, a name in .svg, .png, .html, .dot (Graphviz) or .mmd (Mermaid).",
)
@shared.strict_option
def command(**options: Any) -> int:
    """Draw the computational graph of FORMULA.

    \b
    adcli graph "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli graph "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --mode reverse -o graph.svg
    adcli graph samples/swell.ad --around v4 --depth 1

    Each box is a row of the trace with its value, and each arrow has a local partial derivative. Without --at the
    graph is in symbols. Without -o it is drawn in box characters, with less detail on a narrow terminal.
    """
    from ..draw import boxes, picture, traced
    from ..language import read_point
    from .arguments import names, read_formula
    from .output import conclude, style_for, write_text

    output = None if options["output"] == "-" else options["output"]
    write = None
    if output:
        from ..draw import picture_writer, size_hint

        write = picture_writer(output)
    style = style_for("plain", output, options["digits"], "never")
    formula = read_formula(options["formula"], options["syntax"], max_rows=options["max_rows"])
    at = read_point(options["at"])
    done = traced(formula.model_at(at), at, names(options["wrt"]), options["mode"])
    drawn = picture(done.table, done.lines, style, options["depth"], options["around"])
    write_text(write(drawn) if write else boxes(drawn, style.width, style.unicode) + "\n", output)
    if output and (hint := size_hint(output, drawn)):
        report(hint)
    return conclude(done.notes or formula.script.notes, done.complete, options["strict"])
