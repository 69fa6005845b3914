"""adcli check: a gradient by independent methods."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@shared.formula_command("check")
@shared.wrt_option
@click.option("--claim", multiple=True, metavar="NAME:DERIVATIVE",
              help="Grade your own derivative, for example x: 2*x. Repeatable.")  # fmt: skip
@shared.sample_options(20)
@click.option("--plot", is_flag=True, help="Also plot the step sweep in the terminal.")
@click.option("--step-sweep", is_flag=True, help="Show the error of finite differences of one variable over the step.")
@click.option("--against", multiple=True, metavar="PEER,...",
              help="Also compare with sympy, jax, torch or casadi, where they are installed.")  # fmt: skip
def command(wrt: tuple[str, ...], step_sweep: bool, plot: bool, **options: Any) -> int:
    """Check a gradient by independent methods, or grade your own.

    \b
    adcli check "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli check "x1^2*x2" --at x1=2,x2=5 --claim "x1: 2*x1*x2" --claim "x2: 4"
    adcli check "(x-10)^2*(3x^2-3x+1)" --at x=2 --step-sweep -o sweep.svg

    The table counts the correct digits of each method, and the last line is a verdict. Exit status 1: a claim is wrong,
    or the methods disagree by more than their own errors and rounding explain.
    """
    from .arguments import names, read_arguments, texts_by_name
    from .output import write_document, write_text

    given = read_arguments(options)
    if step_sweep:
        from ..draw import plot as plotting
        from ..draw import sweep_plot

        suffix = plotting.suffix_of(given.output.path, given.output.style.format in ("table", "plain"))
        sweep = given.formula.step_sweep(given.point, *names(wrt))
        if suffix:
            write_text(sweep_plot.picture(sweep, suffix), given.output.path)
            return 0
        drawing = sweep_plot.terminal_lines(sweep, given.output.style.width) if plot else ()
        return write_document(sweep.document()._replace(drawing=tuple(drawing)), given.output)
    if options["claim"]:
        claims = texts_by_name(options["claim"], "--claim")
        graded = given.formula.grade(given.point, claims, points=options["points"], seed=options["seed"])
        return write_document(graded.document(), given.output)
    found = given.formula.check(given.point, wrt=names(wrt), against=names(options["against"]))
    return write_document(found.document(), given.output)
