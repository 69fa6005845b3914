"""A calculator for derivatives: exact gradients by automatic differentiation, with the trace that shows how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["AdcliError", "Formula", "formula", "load"]

if TYPE_CHECKING:
    from .errors import AdcliError
    from .formula import Formula, formula, load

_HOMES = {"AdcliError": "errors", "Formula": "formula", "formula": "formula", "load": "formula"}


def __getattr__(name: str) -> Any:
    """Import what is asked for only when it is asked for: `adcli --version` needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'adcli' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f".{_HOMES[name]}", __name__)
    for public, home in _HOMES.items():
        if home == _HOMES[name]:
            globals()[public] = getattr(module, public)  # also puts the function over the module of the same name
    return globals()[name]
