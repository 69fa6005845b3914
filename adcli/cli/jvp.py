"""adcli jvp: a Jacobian times a vector."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("jvp")
@shared.precise_option
@click.option(
    "--tangent",
    required=True,
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The vector, by variable. A variable not given has 0.",
)
def command(tangent: tuple[str, ...], **options: Any) -> int:
    """Multiply the Jacobian by a vector, in one forward sweep.

    \b
    adcli jvp "[r*cos(t), r*sin(t)]" --at r=2,t=pi/6 --tangent t=1
    """
    from .answer import answer, request, vector

    asked = request(options)
    result = asked.formula.jvp(asked.point, vector(tangent, "--tangent"))
    return answer(result.document(), asked)
