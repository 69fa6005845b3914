"""The same derivatives for many points at once."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .batch import Batch, Plan, value_and_gradient

face(__name__, {"batch": "Batch Plan value_and_gradient"})
