"""adcli hessian: the second derivatives."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("hessian")
@shared.precise_option
@shared.wrt_option
@click.option("--sparse", is_flag=True, help="List only the entries that can differ from zero.")
def command(wrt: tuple[str, ...], sparse: bool, **options: Any) -> int:
    """Calculate all second derivatives of FORMULA, the Hessian.

    \b
    adcli hessian "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli hessian "sum(i=1..n-1, (x[i+1]-x[i]^2)^2)" --at "n=3,x=[1,2,3]" --sparse

    The matrix is exactly symmetric. Method: edge pushing in reverse mode (Gower and Mello 2012).
    """
    from .answer import answer, names, request

    asked = request(options)
    result = asked.formula.hessian(asked.point, wrt=names(wrt))
    return answer(result.document(sparse), asked)
