"""adcli partial: one partial derivative of any order."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("partial")
@shared.precise_option
@click.option(
    "--wrt",
    required=True,
    multiple=True,
    metavar="NAME,...",
    help="Differentiate by these variables, each as often as it is named.",
)
def command(wrt: tuple[str, ...], **options: Any) -> int:
    """Calculate one partial derivative of any order.

    \b
    adcli partial "x^3*sin(x*y)" --at x=1,y=2 --wrt x,x,y
    """
    from .answer import answer, names, request

    asked = request(options)
    result = asked.formula.partial(asked.point, names(wrt))
    return answer(result.document(), asked)
