"""Where a sweep is not to be trusted: kinks, jumps, ends, limits, cancellation, overflow."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .decide import kind_of, look_closer, reached_by_undefined, value_notes, with_hints
    from .rounding import AMPLIFIED, LOST, look, lost
    from .sides import CERTAIN, along, fill, limit_hint, powers, second

face(
    __name__,
    {
        "decide": "kind_of look_closer reached_by_undefined value_notes with_hints",
        "rounding": "AMPLIFIED LOST look lost",
        "sides": "CERTAIN along fill limit_hint powers second",
    },
)
