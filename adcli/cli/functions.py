"""adcli functions: the table of operations."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared

WHOLE_TABLE = 230  # columns that the table with domains and derivatives needs


@click.command("functions", cls=shared.FormulaCommand)
@click.argument("name", required=False, shell_complete=shared.complete_function)
@shared.output_options
def command(name: str | None, format_: str, output: str | None, digits: int, color: str, strict: bool) -> Any:
    """List all functions, or show one in detail.

    \b
    adcli functions
    adcli functions tanh
    """
    from ..show import find_ops, listed_document, reference_document
    from .output import Output, style_for, write_document

    style = style_for(format_, output, digits, color)
    found, for_people = find_ops(name or ""), format_ in ("table", "plain")
    if for_people and not name and style.width and style.width < WHOLE_TABLE:
        document = listed_document(found, style.width)
    else:
        document = reference_document(found, detailed=bool(name) and for_people)
    return write_document(document, Output(style, output, strict))
