"""Numbers of other systems on which the operations of the table work."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ..errors import UsageError
from .op import Arithmetic, Op

Function = Callable[..., Any]


class System:
    """A system of numbers: its name for messages, and the modules that hold its functions.

    A function is looked up by the name that an operation has in `program`, then among Python's operators; `wrap`
    adapts it to numbers of the system.
    """

    def __init__(
        self, name: str, program: str, modules: Sequence[object], wrap: Callable[[Function], Function] = lambda f: f
    ) -> None:
        self.name, self.program, self.modules, self.wrap = name, program, modules, wrap
        self._found: dict[Op, Function | None] = {}

    def function(self, op: Op) -> Function | None:
        """Return the function of the system for an operation; None if it has none."""
        if op not in self._found:
            named = [(module, name) for name in op.names_in(self.program) for module in self.modules]
            named += [(operator, name) for name in op.names_in("operator")]
            functions = (getattr(module, name, None) for module, name in named)
            function = next((f for f in functions if f is not None), None)
            self._found[op] = None if function is None else self.wrap(function)
        return self._found[op]


class Foreign(Arithmetic):
    """A number of another system."""

    __slots__ = ("system", "value")
    rank = 2

    def __init__(self, system: System, value: Any) -> None:
        self.system, self.value = system, value

    def __apply_op__(self, op: Op, args: tuple[Any, ...]) -> Any:
        """Apply an operation by the system's function, else by simpler operations; raises UsageError if it cannot."""
        if (function := self.system.function(op)) is not None:
            return Foreign(self.system, function(*(x.value if isinstance(x, Foreign) else float(x) for x in args)))
        with suppress(UsageError):  # the simpler ones may be lacking too
            if op.by is not None:
                return op.by(*args)
        raise UsageError(f"{op.name} is not available with {self.system.name}")
