"""A calculator for derivatives: exact gradients by automatic differentiation, with the trace that shows how."""

from .lazy import face
from .version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import math
    from .api import Formula, formula, load
    from .errors import AdcliError
    from .ops import Dual, derivative
    from .recording import record

__all__ = ["AdcliError", "Dual", "Formula", "derivative", "formula", "load", "math", "record"]

face(__name__, {"api": "Formula formula load", "errors": "AdcliError", "ops": "Dual derivative", "recording": "record"})


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
