"""Where a sweep is not to be trusted: kinks, jumps, ends, limits, cancellation, overflow."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .decide import decide, is_ordinary, moving_partials, value_notes, with_hints
    from .limits import fill, limit_hint, powers, second
    from .reach import CERTAIN, bits
    from .rounding import AMPLIFIED, amplified, cancellation
    from .settle import along

face(
    __name__,
    {
        "decide": "decide is_ordinary moving_partials value_notes with_hints",
        "limits": "fill limit_hint powers second",
        "reach": "CERTAIN bits",
        "rounding": "AMPLIFIED amplified cancellation",
        "settle": "along",
    },
)
