"""adcli graph: the computational graph."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared
from . import report

FILE_HELP = "Write to FILE, a name in .svg, .png, .html, .dot (Graphviz) or .mmd (Mermaid)."


@shared.formula_command("graph", shared.picture_options(FILE_HELP))
@click.option("--mode", type=click.Choice(["forward", "reverse", "both"]),
              help="Show tangents (forward), adjoints (reverse) or both.")  # fmt: skip
@shared.wrt_option
@click.option("--depth", type=click.IntRange(0, 100_000), metavar="N",
              help="Draw only rows at most N steps from the result, or from the row of --around.")  # fmt: skip
@click.option("--around", default="", metavar="ROW",
              help="Draw only rows near this one, for example v7. Without --depth: 2 steps.")  # fmt: skip
def command(**options: Any) -> int:
    """Draw the computational graph of FORMULA.

    \b
    adcli graph "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli graph "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --mode reverse -o graph.svg
    adcli graph samples/swell.ad --around v4 --depth 1

    Each box is a row of the trace with its value, and each arrow has a local partial derivative. Without --at the
    graph is in symbols. Without -o it is drawn in box characters, with less detail on a narrow terminal.
    """
    from ..draw import boxes, picture, picture_writer, size_hint, traced
    from .arguments import names, read_arguments
    from .output import conclude, write_text

    path = options["output"]
    write = picture_writer(path) if path else None
    formula, at, (style, _, strict) = read_arguments(options)
    wrt = names(options["wrt"])
    done = traced(formula.model_at(at, wrt), at, wrt, options["mode"])
    drawn = picture(done.table, done.lines, style, options["depth"], options["around"])
    write_text(write(drawn) if write else boxes(drawn, style.width, style.unicode) + "\n", path)
    if path and (hint := size_hint(path, drawn)):
        report(hint)
    return conclude(done.notes or formula.script.notes, done.complete, strict)
