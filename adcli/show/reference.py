"""The reference of operations, in words and formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from ..errors import UsageError, near_miss
from ..language import FOREIGN, REPEATS, Node, simplify, to_text, variable_node
from ..ops import BY_NAME, TABLE, Op
from ..result import Cell, Column, Document, Table, columns
from ..trace import as_formula

_EDGES = {
    "kink": "has a kink: the mean of the two slopes is taken, with a note",
    "jump": "jumps: no derivative there",
    "end": "has an end of its domain: one-sided derivative, with a note",
    "undefined": "has a partial derivative that does not exist everywhere",
    "branch": "is a boundary between branches where both sides are equal",
}


def argument_names(op: Op) -> tuple[str, ...]:
    """Return the names of the arguments, as the rules have them."""
    return _parameters(op)[1:]


def _parameters(op: Op) -> tuple[str, ...]:
    """Return the name of the result, then those of the arguments."""
    for rule in op.rules:
        if callable(rule):
            found: tuple[str, ...] = rule.__code__.co_varnames[: op.arity + 1]
            return found
    return ("y", "x") if op.arity == 1 else ("y", *"abc"[: op.arity])


def usage(op: Op) -> str:
    """Return an example of the operation: `a + b`, `hypot(a, b)`."""
    if op.infix:
        return to_text(Node(op, tuple(map(variable_node, argument_names(op)))))
    return f"{op.name}({', '.join(argument_names(op))}{', ...' if op.variadic else ''})"


def rules(op: Op) -> list[str]:
    """Return the partial derivatives as formulas."""
    if op.condition:
        return []
    symbols = [*map(variable_node, _parameters(op))]
    return [to_text(simplify(as_formula(op, k, *symbols))) for k in range(len(op.rules))]


def reference_document(ops: Sequence[Op], *, detailed: bool) -> Document:
    """Return a table of operations to print, a row for each, or if `detailed` some lines for each."""
    entries = [op_reference(op) for op in ops]
    data = {"schema": 1, "functions": entries}
    if detailed:
        return Document(tuple(line for entry in entries for line in _lines(entry)), data=data)
    rows: list[tuple[Cell, ...]] = [
        (e["usage"], ", ".join(e["aliases"]), e["meaning"], e["domain"], "; ".join(e["derivative"].values()))
        for e in entries
    ]
    shown = (
        *columns("operation", "also", kind="code"),
        Column("meaning"),
        *columns("domain", "derivative (y is the result)", kind="code"),
    )
    return Document(tables=(Table("", shown, rows),), data=data)


def listed_document(ops: Sequence[Op], width: int) -> Document:
    """Return each operation with its other names and its meaning, in lines of at most `width` columns."""
    entries = [op_reference(op) for op in ops]
    margin = max(len(e["usage"]) for e in entries) + 4
    lines = []
    for e in entries:
        also = f"; also {', '.join(e['aliases'])}" * bool(e["aliases"])
        first, *more = wrap(e["meaning"] + also, max(width - margin, 20))
        lines += [f"  {e['usage']:<{margin - 2}}{first}", *(" " * margin + line for line in more)]
    return Document((*lines, "", "One in detail: adcli functions NAME"), data={"schema": 1, "functions": entries})


def _lines(entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"{entry['usage']}: {entry['meaning']}"
    if entry["aliases"]:
        yield f"  also      {', '.join(entry['aliases'])}"
    yield f"  domain    {entry['domain'] or 'all real numbers'}"
    for by, rule in entry["derivative"].items():
        yield f"  {by:<9} {rule}"
    for edge in entry["edges"]:
        yield f"  note      {edge}"


def op_reference(op: Op) -> dict[str, Any]:
    """Return everything that the table knows of an operation as plain data."""
    repeat = op in REPEATS.values()  # its example is in `doc`, and it is derived term by term
    example, _, meaning = op.doc.partition(": ") if repeat else (usage(op), "", op.doc)
    names = argument_names(op)
    by = [] if repeat else [f"d/d{name}" for name in names]
    return {
        "name": op.name,
        "usage": example,
        "aliases": list(op.aliases),
        "meaning": meaning,
        "domain": op.domain.text.format(*names) if op.domain else "",
        "derivative": dict(zip(by, rules(op), strict=False)),
        "edges": list(dict.fromkeys(_EDGES[edge.kind] for edge in op.edges)),
    }


def find_ops(name: str = "") -> list[Op]:
    """Return the operations with a name or symbol, without one all; raises UsageError for an unknown name."""
    everything = [*TABLE, *REPEATS.values()]
    if not name:
        return everything
    found = [*BY_NAME.get(name, {}).values()]
    found += [op for op in everything if op not in found and (name in (op.infix or ()) or name == op.name)]
    if not found:
        known = [*BY_NAME, *(op.name for op in everything)]
        hint = f"did you mean {close}?" if (close := near_miss(name, known)) else "adcli functions lists what there is"
        hint = FOREIGN.get(name.lower(), hint)
        raise UsageError(f"{name} is not an operation", hint=hint)
    return found
