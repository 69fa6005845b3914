"""adcli explain: both sweeps step by step, in the terminal or in a page."""

from __future__ import annotations

import sys
from typing import Any

import click

from . import options as shared

FILE_HELP = "Write one page for a browser, FILE.html. It needs no other file and no network."


@shared.formula_command("explain", shared.picture_options(FILE_HELP))
@shared.wrt_option
def command(**options: Any) -> int:
    """Show the forward and the reverse sweep step by step.

    \b
    adcli explain "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5
    adcli explain "ln(x1)+x1*x2-sin(x2)" --at x1=2,x2=5 -o page.html

    On a terminal, Enter shows the next step. In a pipe all steps are printed. The page goes forward and back, plays,
    and has a slider for each variable.
    """
    from ..draw import explain, page, steps
    from ..errors import UsageError
    from .arguments import names, read_arguments
    from .output import conclude, write_text

    path = options["output"]
    if path and not path.lower().endswith((".html", ".htm")):
        raise UsageError(f"an explanation is a page, and {path} is no name of one", hint="end it in .html")
    formula, at, (style, _, strict) = read_arguments(options)
    wrt = names(options["wrt"])
    done = explain(formula.model_at(at, wrt), at, wrt, style)
    if path:
        write_text(page(done, style), path)
    else:
        waits = sys.stdout.isatty() and sys.stdin is not None and sys.stdin.isatty()
        write_text("\n".join(done.lines) + "\n", None)
        for text in steps(done, style):
            if waits:
                click.echo("[Enter: next, q: quit] ", nl=False, err=True)
                if (typed := sys.stdin.readline()).strip() in ("q", "Q") or not typed:
                    break
            write_text(f"\n{text}\n", None)
    return conclude(done.result.notes or formula.script.notes, done.result.complete, strict)
