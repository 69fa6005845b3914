"""adcli check: the gradient by independent methods, and the verdict."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("check")
@shared.wrt_option
@click.option("--claim", multiple=True, metavar="NAME:DERIVATIVE", help="Grade your own derivative. Repeatable.")
@shared.sample_options(20)
@click.option(
    "--against", multiple=True, metavar="PEER,...", help="Also ask sympy, jax, torch or casadi, if installed."
)
def command(
    wrt: tuple[str, ...], against: tuple[str, ...], claim: tuple[str, ...], points: int, seed: int, **options: Any
) -> int:
    """Check the gradient of FORMULA: independent methods side by side, correct digits, and a verdict.

    \b
    adcli check "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli check "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 --claim "x1: 1/x1+x2" --claim "x2: 1.7163"

    Exit status 1 if the methods disagree by more than rounding and their own errors explain, or if a claim is wrong.
    """
    from ..views import check_document, claims_document
    from .answer import answer, names, pairs, request

    asked = request(options)
    if claim:
        graded = asked.formula.grade(asked.point, pairs(claim, "--claim"), points=points, seed=seed)
        return answer(claims_document(graded), asked)
    found = asked.formula.check(asked.point, wrt=names(wrt), against=names(against))
    return answer(check_document(found), asked)
