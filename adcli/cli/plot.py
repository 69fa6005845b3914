"""adcli plot: the curve or the contour map of a function."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("plot")
@click.option("--derivatives", "order", type=click.IntRange(0, 100), default=0, metavar="N",
              help="Also draw the derivatives up to order N.")  # fmt: skip
def command(order: int, **options: Any) -> int:
    """Plot FORMULA and its derivatives, or a contour map.

    \b
    adcli plot "x^3 - 3x" --at x=-2:2 --derivatives 2
    adcli plot "tan(x)" --at x=-5:5 -o tan.svg
    adcli plot "sin(x)*y" --at x=-3:3,y=-1:1 -o contour.png

    One range gives a curve, two ranges a contour map. The picture is in the terminal or in a .svg, .png or .pdf file,
    with pip install 'adcli[plot]'. The formats csv and json give the points. Derivatives are exact. Kinks, jumps and
    poles are marked. Nothing is drawn where there is no value.
    """
    from ..derive import contour_map, curve
    from ..draw import curve_picture, plot, terminal_lines
    from ..errors import UsageError
    from ..show import MACHINE
    from .arguments import read_arguments
    from .output import write_document, write_text

    given = read_arguments(options, ranges=True)
    variables = len(given.point.ranges)
    if variables not in (1, 2) or (variables == 2 and order):
        two = "derivatives are drawn over one variable"
        hint = "write one, as in --at x=-5:5, or for a map of contours two: --at x=-5:5,y=-5:5"
        raise UsageError(two if variables == 2 else f"there are {variables} ranges to draw over", hint=hint)
    style = given.output.style
    suffix = plot.suffix_of(given.output.path, style.format in ("table", "plain"))
    found = curve(given.formula, given.point, order) if variables == 1 else contour_map(given.formula, given.point)
    if suffix:
        write_text(curve_picture(found, suffix), given.output.path)
        return 0
    unicode = style.unicode and style.format != "latex"
    document = found.document()
    if style.format not in MACHINE:
        document = document._replace(tables=(), drawing=tuple(terminal_lines(found, style.width, unicode)))
    return write_document(document, given.output)
