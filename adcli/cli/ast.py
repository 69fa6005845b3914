"""adcli ast: the syntax tree of a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import options as shared

if TYPE_CHECKING:
    from ..derive import Model


@click.command("ast", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.syntax_option
@shared.point_option
@shared.format_option(("table", "json", "jsonl"))
@shared.file_option
def command(formula: str, syntax: str, at: tuple[str, ...], format_: str, output: str | None) -> Any:
    """Show the syntax tree of FORMULA.

    \b
    adcli ast "ln(x1)+x1*x2-sin(x2)"
    adcli ast "-x^2" --format json

    A Python function, FILE.py:NAME, needs --at, because its tree is recorded as it runs. In JSON, a node comes after
    its arguments; "args" are indices into the list.
    """
    from ..language import read_point, tree_data, tree_text
    from .arguments import read_formula
    from .output import style_for, write_notes, write_text

    style = style_for(format_, output, 17, "never")
    f: Model = read_formula(formula, syntax)
    if at or formula.partition(":")[2]:
        point = read_point(at)
        f = f.model_at(point)
        f.evaluation(point)
    if format_ == "table":
        write_text("\n".join([*f.lines, "", tree_text(f.script, style.unicode), ""]), output)
    else:
        import json

        indent = 2 if format_ == "json" else None
        write_text(json.dumps({"schema": 1, "formula": str(f), **tree_data(f.script)}, indent=indent) + "\n", output)
    write_notes(f.script.notes)
    return 0
