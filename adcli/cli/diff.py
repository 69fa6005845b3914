"""adcli diff: the derivative as a formula."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("diff")
@click.option("--wrt", required=True, multiple=True, metavar="NAME,...",
              help="Differentiate by these variables, one after another. Repeatable.")  # fmt: skip
@click.option("--cse", "named", is_flag=True, help="Name each subexpression that occurs more than once.")
@click.option("--steps", is_flag=True, help="Show the derivation, one rule a line.")
@click.option("--cost", "order", type=click.IntRange(1, 30), metavar="N",
              help="Compare the sizes of the derivatives up to order N instead.")  # fmt: skip
def command(wrt: tuple[str, ...], named: bool, steps: bool, order: int | None, **options: Any) -> int:
    """Derive FORMULA symbolically: the derivative as a formula.

    \b
    adcli diff "ln(x1)+x1*x2-sin(x2)" --wrt x1
    adcli diff "x^3*sin(x*y)" --wrt x --wrt y --at x=1,y=2
    adcli diff "x^2*sin(x*y)" --wrt x --steps
    adcli diff "tanh(w*x+b)*exp(x)" --wrt x --cost 5

    With --at the derivative is also evaluated at that point, if FORMULA has a value there.
    """
    from ..derive import derivative_at
    from ..errors import UsageError
    from .arguments import names, read_arguments
    from .output import write_document

    given = read_arguments(options)
    variables = names(wrt)
    if steps and (named or order is not None):
        raise UsageError("--steps shows a derivative written out", hint="leave out --cse and --cost")
    if order is not None:
        return write_document(given.formula.cost(variables[0], order, given.point).document(), given.output)
    found = given.formula.derivative(*variables, integers=given.point)
    model = given.formula.model_at(given.point, variables)
    document = derivative_at(model, found, variables, given.point, named=named).document()
    if steps:
        latex = given.output.style.format == "latex"
        how = given.formula.steps(*variables, integers=given.point, latex=latex).document()
        document = document._replace(tables=how.tables, data={**document.data, "steps": how.data["steps"]})
    return write_document(document, given.output)
