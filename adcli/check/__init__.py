"""The same derivatives by independent methods, and whether they agree."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .claims import Claims, grade
    from .same import Comparison, compare
    from .step_sweep import ErrorCurve, StepSweep, step_sweep
    from .verdict import Check, check

face(
    __name__,
    {
        "claims": "Claims grade",
        "same": "Comparison compare",
        "step_sweep": "ErrorCurve StepSweep step_sweep",
        "verdict": "Check check",
    },
)
