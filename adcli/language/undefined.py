"""The error for an operation outside its domain, in words."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ops
from ..errors import DomainError, Place
from .nodes import Node, dereference
from .writer import equation, excerpt


def undefined(node: Node, args: Sequence[float], varies: Sequence[bool], place: Place | None) -> DomainError:
    """Return the error for an operation that has no value for these arguments; `varies` tells which have variables."""
    op, parts = node.op, [dereference(arg) for arg in node.args]
    assert op is not None
    assert op.domain is not None
    equations = [equation(part, x) for part, x in zip(parts, args, strict=True)]
    at = ", ".join(text for text, known in zip(equations, varies, strict=True) if known) or ", ".join(equations)
    hints = ["try another --at"] if any(varies) else []
    if op is ops.div:
        zero = f": {equations[1]}" if varies[1] else ""
        what = "0/0 has no value" if args[0] == 0 else f"division by zero{zero}"
    elif op is ops.pow_:
        rule = "zero has no negative power" if args[0] == 0 else "a negative number has only whole powers"
        what = f"{excerpt(node)} is undefined at {at}: {rule}"
        hints += ["cbrt(x) is the real cube root"] if args[0] < 0 and args[1] == 1 / 3 else []
    else:
        names = ["its argument"] if len(parts) == 1 else [f"argument {k}" for k in range(1, len(parts) + 1)]
        texts = [excerpt(part) if v else name for part, name, v in zip(parts, names, varies, strict=True)]
        what = f"{op.name} is undefined at {at} (needs {op.domain.text.format(*texts)})"
        hints.append(f"see: adcli functions {op.name}")
    return DomainError(what, place, "; ".join(hints))
