"""The same derivatives for many points at once."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .allocate import Compiled, Job, Step, arrange
    from .batch import Batch, Plan, compiled
    from .ufuncs import Function

face(
    __name__,
    {
        "allocate": "Compiled Job Step arrange",
        "batch": "Batch Plan compiled",
        "ufuncs": "Function",
    },
)
