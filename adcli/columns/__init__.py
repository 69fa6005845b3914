"""The same derivatives for many points at once."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .batch import Batch, has_column
    from .function import ArrayFunction
    from .plan import Plan
    from .quantities import QUANTITIES, Quantity

face(
    __name__,
    {
        "batch": "Batch has_column",
        "function": "ArrayFunction",
        "plan": "Plan",
        "quantities": "QUANTITIES Quantity",
    },
)
