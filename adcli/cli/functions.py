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
    from ..result import Document, Table
    from ..show import find_ops, op_reference
    from .answer import style_for, write

    entries = [op_reference(op) for op in find_ops(name or "")]
    style = style_for(format_, output, digits, color)
    data = {"schema": 1, "functions": entries}
    if name and format_ in ("table", "plain"):
        lines: list[str] = []
        for e in entries:
            lines += [f"{e['usage']}: {e['meaning']}"]
            lines += [f"  also      {', '.join(e['aliases'])}"] * bool(e["aliases"])
            lines += [f"  domain    {e['domain'] or 'all real numbers'}"]
            lines += [f"  {by:<9} {rule}" for by, rule in e["derivative"].items()]
            lines += [f"  note      {edge}" for edge in e["edges"]]
        return write(Document(tuple(lines), data=data), style, output, strict)
    rows = [
        (e["usage"], ", ".join(e["aliases"]), e["meaning"], e["domain"], "; ".join(e["derivative"].values()))
        for e in entries
    ]
    table = Table(
        "",
        ("operation", "also", "meaning", "domain", "derivative (y is the result)"),
        list(rows),
        code=frozenset((0, 1, 3, 4)),
    )
    return write(Document(tables=(table,), data=data), style, output, strict)
