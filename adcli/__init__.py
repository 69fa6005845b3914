"""A calculator for derivatives: exact gradients by automatic differentiation, with the trace that shows how."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["AdcliError", "Dual", "Formula", "derivative", "formula", "load", "math", "record"]

if TYPE_CHECKING:
    from . import math
    from .dual import Dual, derivative
    from .errors import AdcliError
    from .formula import Formula, formula, load
    from .record import record

_HOMES = {
    "AdcliError": "errors", "Dual": "dual", "Formula": "formula", "derivative": "dual", "formula": "formula",
    "load": "formula", "record": "record",
}  # fmt: skip


class _Package(type(sys)):  # type: ignore[misc]
    """The package itself: of a module and a function of one name, such as formula, it shows the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        is_module = isinstance(value, type(sys)) and _HOMES.get(name) == name
        super().__setattr__(name, getattr(value, name) if is_module else value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import what is asked for only when it is asked for: `adcli --version` needs none of it."""
    from importlib import import_module

    if name == "math":
        return import_module(".math", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'adcli' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
