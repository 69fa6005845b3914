"""The functions of the table by name, for Python: adcli.math.sin works on floats, Duals and recorded numbers."""

from __future__ import annotations

import math as _math
from typing import Any

from .ops import BY_NAME as _BY_NAME
from .ops import Op as _Op
from .ops import ln as _ln
from .ops import log as _log

pi, e, tau = _math.pi, _math.e, _math.tau


def log(x: Any, base: Any = None) -> Any:
    """Return the natural logarithm, or that to a base."""
    return _ln(x) if base is None else _log(x, base)


def __getattr__(name: str) -> _Op:
    """Return the operation of that name or alias."""
    if name not in _BY_NAME:
        raise AttributeError(f"adcli.math has no function {name}")
    return next(iter(_BY_NAME[name].values()))


def __dir__() -> list[str]:
    return ["e", "pi", "tau", *_BY_NAME]
