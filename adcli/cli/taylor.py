"""adcli taylor: the coefficients of a power series."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("taylor")
@shared.precise_option
@click.option(
    "--order",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Calculate coefficients up to this power of t.",
)
@click.option(
    "--direction",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The direction of the line. A single variable needs none: its direction is 1.",
)
@shared.limit_option
def command(order: int, direction: tuple[str, ...], limit: bool, **options: Any) -> int:
    """Calculate the coefficients of a Taylor series.

    \b
    adcli taylor "sin(exp(x))" --at x=0 --order 8
    adcli taylor "x*exp(y)" --at x=1,y=0 --direction x=1,y=2

    The coefficients c_k are those of FORMULA at the point + t*direction = sum of c_k t^k.
    """
    from .answer import answer, request, vector

    asked = request(options)
    result = asked.formula.taylor(asked.point, vector(direction, "--direction") or None, order, limit=limit)
    return answer(result.document(), asked)
