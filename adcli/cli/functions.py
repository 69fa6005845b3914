"""adcli functions: the table of operations."""

from __future__ import annotations

from typing import Any

import click

from . import options as shared


@click.command("functions", cls=shared.FormulaCommand)
@click.argument("name", required=False, shell_complete=shared.complete_function)
@shared.output_options
def command(name: str | None, format_: str, output: str | None, digits: int, color: str, strict: bool) -> Any:
    """List all functions, or show one in detail.

    \b
    adcli functions
    adcli functions tanh
    """
    from ..show import find_ops, reference_document
    from .output import Output, style_for, write_document

    style = style_for(format_, output, digits, color)
    document = reference_document(find_ops(name or ""), detailed=bool(name) and format_ in ("table", "plain"))
    return write_document(document, Output(style, output, strict))
