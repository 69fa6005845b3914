"""adcli same: whether two formulas are the same function."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("same")
@click.argument("other")
@shared.sample_options(100)
@click.option("--box", multiple=True, metavar="NAME=LOW..HIGH,...",
              help="Take variables from these ranges. Repeatable.")  # fmt: skip
def command(other: str, points: int, seed: int, box: tuple[str, ...], **options: Any) -> int:
    """Test whether two formulas are the same function.

    \b
    adcli same "sin(x)^2 + cos(x)^2" "1"
    adcli same "sqrt(x^2)" "x" --box x=0..10
    adcli same "sum(i=1..n, x[i]^2)" "x[1]^2 + x[2]^2" --at "n=2,x=[0,0]"

    Value and gradient are compared at random points where both have a value. Numbers in --at stay fixed, and an array
    in --at sets its number of elements. Exit status 1: there is a counterexample.
    """
    from ..language import read_ranges
    from .arguments import read_arguments, read_formula
    from .output import write_document

    given = read_arguments(options)
    second = read_formula(other, options["syntax"], max_rows=options["max_rows"])
    ranges = read_ranges(box, "--box")
    found = given.formula.same_as(second, given.point, ranges=ranges, points=points, seed=seed)
    return write_document(found.document(), given.output)
