"""adcli vjp: a vector times a Jacobian."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("vjp")
@shared.precise_option
@click.option(
    "--cotangent",
    required=True,
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The vector, by output. An output not given has 0.",
)
def command(cotangent: tuple[str, ...], **options: Any) -> int:
    """Multiply a vector by the Jacobian, in one reverse sweep.

    \b
    adcli vjp "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6 --cotangent y1=1,y2=-1
    """
    from .answer import answer, request, vector

    asked = request(options)
    result = asked.formula.vjp(asked.point, vector(cotangent, "--cotangent"))
    return answer(result.document(), asked)
