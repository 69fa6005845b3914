"""adcli explain: both sweeps step by step, in the terminal or in a page."""

from __future__ import annotations

import sys
from typing import Any

import click

from . import options as shared


@click.command("explain", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.syntax_option
@shared.point_option
@shared.wrt_option
@shared.digits_option(6)
@shared.size_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write one page for a browser, FILE.html. It needs no other file and no network.",
)
@shared.strict_option
def command(**options: Any) -> int:
    """Show the forward and the reverse sweep step by step.

    \b
    adcli explain "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli explain "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 -o page.html

    On a terminal, Enter shows the next step. In a pipe all steps are printed. The page goes forward and back, plays,
    and has a slider for each variable.
    """
    from ..draw import explain, steps
    from ..errors import UsageError
    from ..language import read_point
    from .arguments import names, read_formula
    from .output import conclude, style_for, write_text

    output = None if options["output"] == "-" else options["output"]
    if output and not output.lower().endswith((".html", ".htm")):
        raise UsageError(f"an explanation is a page, and {output} is no name of one", hint="end it in .html")
    style = style_for("plain", output, options["digits"], "never")
    formula = read_formula(options["formula"], options["syntax"], max_rows=options["max_rows"])
    at = read_point(options["at"])
    done = explain(formula.model_at(at), at, names(options["wrt"]), style)
    if output:
        from ..draw import page

        write_text(page(done, style), output)
    else:
        waits = sys.stdout.isatty() and sys.stdin is not None and sys.stdin.isatty()
        write_text("\n".join(done.lines) + "\n", None)
        for text in steps(done, style):
            if waits:
                click.echo("[Enter: next, q: quit] ", nl=False, err=True)
                if (typed := sys.stdin.readline()).strip() in ("q", "Q") or not typed:
                    break
            write_text(f"\n{text}\n", None)
    return conclude(done.result.notes or formula.script.notes, done.result.complete, options["strict"])
