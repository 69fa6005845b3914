"""adcli jacobian: the partial derivatives of several outputs."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("jacobian")
@shared.precise_option
@shared.wrt_option
@click.option(
    "--mode",
    type=click.Choice(["auto", "forward", "reverse"]),
    default="auto",
    show_default=True,
    help="Sweep by columns (forward), by rows (reverse), or the cheaper way.",
)
@click.option("--sparsity", is_flag=True, help="Show the pattern of entries that can differ from zero.")
@shared.limit_option
def command(wrt: tuple[str, ...], mode: str, sparsity: bool, limit: bool, **options: Any) -> int:
    """Calculate the Jacobian matrix of several outputs.

    \b
    adcli jacobian "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6
    adcli jacobian "[x*y, y*z, z]" --at x=1,y=2,z=3 --sparsity

    FORMULA lists its outputs in brackets. Columns that share no output need one forward sweep together, and rows that
    share no variable one reverse sweep together.
    """
    from .answer import answer, names, request

    asked = request(options)
    result = asked.formula.jacobian(asked.point, mode=mode, wrt=names(wrt), limit=limit)
    return answer(result.document(sparsity), asked)
