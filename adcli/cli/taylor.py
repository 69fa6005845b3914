"""adcli taylor: the coefficients of a power series."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("taylor")
@shared.precise_option
@click.option("--order", type=click.IntRange(0), default=5, show_default=True, help="Highest power.")
@click.option(
    "--direction",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="Expand along this line; default: 1 for a single variable.",
)
@shared.limit_option
def command(order: int, direction: tuple[str, ...], limit: bool, **options: Any) -> int:
    """Calculate Taylor coefficients of FORMULA: f(at + t*direction) = sum c_k t^k.

    \b
    adcli taylor "sin(exp(x))" --at x=0 --order 8
    adcli taylor "x*exp(y)" --at x=1,y=0 --direction x=1,y=2
    """
    from ..pointviews import taylor_document
    from .answer import answer, request, vector

    asked = request(options)
    result = asked.formula.taylor(asked.point, vector(direction, "--direction") or None, order, limit=limit)
    return answer(taylor_document(result), asked)
