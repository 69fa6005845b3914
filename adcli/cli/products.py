"""The commands that calculate one result at one point; a row of the table says how they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import options as shared
from .arguments import names, numbers_by_name, read_arguments
from .output import write_document

if TYPE_CHECKING:
    from ..api import Formula
    from ..language import Point
    from ..result import Document


class PointCommand(NamedTuple):
    """A command: its help, its own options, and the document of its result."""

    help: str
    options: tuple[Callable[[Any], Any], ...]
    document: Callable[[Formula, Point, dict[str, Any]], Document]


def vector_option(name: str, which: str) -> Callable[[Any], Any]:
    """Return a required option for a vector by variable or by output, `which`."""
    text = f"The vector, by {which}. {'An' if which[0] in 'aeiou' else 'A'} {which} not given has 0."
    return click.option(name, required=True, multiple=True, metavar="NAME=VALUE,...", help=text)


# fmt: off
PRODUCTS = {
    "jacobian": PointCommand(
        """Calculate the Jacobian matrix of several outputs.

        \b
        adcli jacobian "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6
        adcli jacobian "[x*y, y*z, z]" --at x=1,y=2,z=3 --sparsity

        FORMULA lists its outputs in brackets. Columns that share no output need one forward sweep together, and rows
        that share no variable one reverse sweep together.
        """,
        (
            shared.wrt_option,
            click.option("--mode", type=click.Choice(["auto", "forward", "reverse"]), default="auto", show_default=True,
                         help="Sweep by columns (forward), by rows (reverse), or the cheaper way."),
            click.option("--sparsity", is_flag=True, help="Show the pattern of entries that can differ from zero."),
        ),
        lambda f, at, o: f.jacobian(at, mode=o["mode"], wrt=names(o["wrt"]), limit=o["limit"]).document(o["sparsity"]),
    ),
    "jvp": PointCommand(
        """Multiply the Jacobian by a vector, in one forward sweep.

        \b
        adcli jvp "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6 --tangent t=1
        """,
        (vector_option("--tangent", "variable"),),
        lambda f, at, o: f.jvp(at, numbers_by_name(o["tangent"], "--tangent"), limit=o["limit"]).document(),
    ),
    "vjp": PointCommand(
        """Multiply a vector by the Jacobian, in one reverse sweep.

        \b
        adcli vjp "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6 --cotangent y1=1,y2=-1
        """,
        (vector_option("--cotangent", "output"),),
        lambda f, at, o: f.vjp(at, numbers_by_name(o["cotangent"], "--cotangent"), limit=o["limit"]).document(),
    ),
    "hessian": PointCommand(
        """Calculate all second derivatives of FORMULA, the Hessian.

        \b
        adcli hessian "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
        adcli hessian "sum(i=1..n-1, (x[i+1]-x[i]^2)^2)" --at "n=3,x=[1,2,3]" --sparse

        The matrix is exactly symmetric. Method: edge pushing in reverse mode (Gower and Mello 2012).
        """,
        (shared.wrt_option,
         click.option("--sparse", is_flag=True, help="List only the entries that can differ from zero.")),
        lambda f, at, o: f.hessian(at, wrt=names(o["wrt"]), limit=o["limit"]).document(o["sparse"]),
    ),
    "hvp": PointCommand(
        """Multiply the Hessian by a vector, without the whole Hessian.

        \b
        adcli hvp "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --vector x1=1
        """,
        (vector_option("--vector", "variable"),),
        lambda f, at, o: f.hvp(at, numbers_by_name(o["vector"], "--vector"), limit=o["limit"]).document(),
    ),
    "partial": PointCommand(
        """Calculate one partial derivative of any order.

        \b
        adcli partial "x^3*sin(x*y)" --at x=1,y=2 --wrt x,x,y
        """,
        (
            click.option("--wrt", required=True, multiple=True, metavar="NAME,...",
                         help="Differentiate by these variables, each as often as it is named."),
        ),
        lambda f, at, o: f.partial(at, names(o["wrt"]), limit=o["limit"]).document(),
    ),
    "taylor": PointCommand(
        """Calculate the coefficients of a Taylor series.

        \b
        adcli taylor "sin(exp(x))" --at x=0 --order 8
        adcli taylor "x*exp(y)" --at x=1,y=0 --direction x=1,y=2

        The coefficients c_k are those of FORMULA at the point + t*direction = sum of c_k t^k.
        """,
        (
            click.option("--order", type=click.IntRange(0), default=5, show_default=True,
                         help="Calculate coefficients up to this power of t."),
            click.option("--direction", multiple=True, metavar="NAME=VALUE,...",
                         help="The direction of the line. A single variable needs none: its direction is 1."),
        ),
        lambda f, at, o: f.taylor(
            at, numbers_by_name(o["direction"], "--direction") or None, o["order"], limit=o["limit"]
        ).document(),
    ),
}
# fmt: on


def command(name: str) -> click.Command:
    """Make the command of a row."""
    row = PRODUCTS[name]

    def run(**options: Any) -> int:
        given = read_arguments(options)
        return write_document(row.document(given.formula, given.point, options), given.output)

    run.__doc__ = row.help
    decorated = shared.together(*row.options, shared.limit_option, shared.precise_option)(run)
    return shared.formula_command(name)(decorated)
