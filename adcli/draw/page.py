"""An explanation as one HTML page that needs no other file and runs only its own script."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from html import escape
from typing import Any

from ..show import Style, cell_text, json_data, to_charset
from ..trace import TraceRow
from .explain import Explanation
from .javascript import functions
from .picture import Picture, picture
from .svg import svg

ROOM = 6  # characters for a sign, a point and an exponent


def page(done: Explanation, style: Style) -> str:
    """Return the page; raises LimitError if the graph is too large to draw."""
    graph = picture(done.table, (), style)
    data = json.dumps(json_data(_data(done, graph, style)), allow_nan=False).replace("<", "\\u003c")
    ops = () if done.fixed else {op for row in done.table.rows if row.slot >= 0 and (op := done.trace.ops[row.slot])}
    filled = {
        "title": escape(done.model.lines[-1]),
        "lines": escape("\n".join(done.lines)),
        "source": escape(done.model.script.text or str(done.model)),
        "graph": svg(_roomy(graph, style.digits)),
        "head": _head(done),
        "rows": "\n".join(_row(done, row, style) for row in done.table.rows),
        "notes": escape("\n".join(f"note: {note}" for note in done.result.notes)),
        "remark": escape(done.table.remark),
        "fixed": escape(f"The inputs cannot be moved here: {done.fixed}." if done.fixed else ""),
        "data": data,
        "style": _read("explain.css"),
        "script": f"const OPERATIONS = {functions(ops)};\n{_read('explain.js')}",
    }
    text = re.sub(r"\{\{(\w+)\}\}", lambda m: filled.get(m[1], m[0]), _read("explain.html"))
    return text.replace("{{policy}}", _policy(text), 1)


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _policy(text: str) -> str:
    """Return the content security policy: this script and these styles by their hashes, nothing else."""

    def hashes(tag: str) -> str:
        found = [hashlib.sha256(inside.encode()).digest() for inside in re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)]
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in found)

    return (
        f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')};"
        " base-uri 'none'; form-action 'none'"
    )


def _roomy(graph: Picture, digits: int) -> Picture:
    """Return the picture with room for the longest number that a slider may give."""

    def wide(text: str) -> str:
        name, equals, number = text.rpartition(" = ")
        return name + equals + number.ljust(digits + ROOM)

    vertices = [
        v._replace(value=wide(v.value), derivatives=tuple(wide(d) if " = " in d else d for d in v.derivatives))
        for v in graph.vertices
    ]
    arrows = [a._replace(value=wide(a.value)) if "v" in a.formula else a for a in graph.arrows]
    return graph._replace(vertices=vertices, arrows=arrows)


def _head(done: Explanation) -> str:
    names = [f"∂v/∂{name}" for name in done.table.variables]
    cells = ["row", "formula", "value", *names, f"∂{done.result.output}/∂v"]
    return "".join(f'<th scope="col">{escape(cell)}</th>' for cell in cells)


def _row(done: Explanation, row: TraceRow, style: Style) -> str:
    tangents: list[str | float | None] = [*(row.tangents or {}).values()] or [""] * len(done.table.variables)
    cells = [row.formula, row.value, *tangents, "" if row.adjoint is None else row.adjoint]
    texts = "".join(f"<td>{escape(to_charset(cell_text(cell, style.digits), True))}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(to_charset(row.name, True))}</th>{texts}</tr>'


def _data(done: Explanation, graph: Picture, style: Style) -> dict[str, Any]:
    rows = done.table.rows
    place = {row.slot: k for k, row in enumerate(rows) if row.slot >= 0}
    names = {row.name: k for k, row in enumerate(rows) if row.slot >= 0}
    return {
        "schema": 1,
        "formula": str(done.model),
        "file": done.model.script.source,
        "text": done.model.script.text,
        "output": done.result.output,
        "inputs": list(done.trace.inputs),
        "variables": list(done.table.variables),
        "gradient": done.result.gradient,
        "digits": style.digits,
        "counts": done.counts,
        "live": not done.fixed,
        "edges": [[arrow.source, arrow.target] for arrow in graph.arrows],
        "rows": [_row_data(done, row, place, names) for row in rows],
    }


def _row_data(done: Explanation, row: TraceRow, place: dict[int, int], names: dict[str, int]) -> dict[str, Any]:
    slots = done.trace.args[row.slot] if row.slot >= 0 else ()
    kind = row.op if row.op in ("input", "output") else "row"
    seen: dict[str, int] = {}
    contributions = []
    for c in row.contributions:
        source = done.table.rows[names[c.source]]
        used = [k for k, slot in enumerate(done.trace.args[source.slot]) if slot == row.slot]
        seen[c.source] = seen.get(c.source, 0) + 1
        position = used[-seen[c.source]]
        contributions.append(
            {
                "from": names[c.source],
                "position": position,
                "symbols": c.partial,
                "partial": c.partial_value,
                "amount": c.amount,
            }
        )
    return {
        "name": row.name,
        "kind": kind,
        "op": row.op,
        "formula": row.formula,
        "arguments": [{"row": place[s]} if s in place else {"constant": done.constants[s]} for s in slots]
        or [{"row": names[name]} for name in row.arguments],
        "value": row.value,
        "tangent": row.tangent_formula,
        "tangents": list((row.tangents or {}).values()),
        "adjoint": row.adjoint,
        "adjoint_formula": row.adjoint_formula,
        "contributions": contributions,
        "spans": done.spans.get(row.slot, []),
    }
