"""adcli hvp: a Hessian times a vector."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("hvp")
@shared.precise_option
@click.option(
    "--vector",
    "along",
    required=True,
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The vector, by variable. A variable not given has 0.",
)
def command(along: tuple[str, ...], **options: Any) -> int:
    """Multiply the Hessian by a vector, without the whole Hessian.

    \b
    adcli hvp "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --vector x1=1
    """
    from .answer import answer, request, vector

    asked = request(options)
    result = asked.formula.hvp(asked.point, vector(along, "--vector"))
    return answer(result.document(), asked)
