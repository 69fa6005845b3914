"""adcli same: whether two formulas are the same function."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("same")
@click.argument("other")
@shared.sample_options(100)
@click.option("--box", multiple=True, metavar="NAME=LOW..HIGH,...", help="Where variables are to be. Repeatable.")
def command(other: str, points: int, seed: int, box: tuple[str, ...], **options: Any) -> int:
    """Compare FORMULA with OTHER: value and gradient at random points of their common domain.

    \b
    adcli same "sin(x)^2 + cos(x)^2" "1"
    adcli same "sqrt(x^2)" "x" --box x=0..10
    adcli same "sum(i=1..n, x[i]^2)" "x[1]^2 + x[2]^2" --at "n=2,x=[0,0]"

    Numbers given with --at stay fixed; an array given there tells how many elements it has. Exit status 1 if there is a
    counterexample.
    """
    from ..formulaviews import comparison_document
    from ..point import read_ranges
    from .answer import answer, read_formula, request

    asked = request(options)
    second = read_formula(other, options["syntax"], max_rows=options["max_rows"])
    ranges = read_ranges(box, "--box")
    found = asked.formula.same_as(second, asked.point, ranges=ranges, points=points, seed=seed)
    return answer(comparison_document(found), asked)
