"""The Wengert list: made, evaluated, linearized, swept forward and in reverse, as rows to read."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .partials import At, Linearization, Partials, arcs, as_formula, is_at, linearize, partials
    from .replay import replay
    from .rows import Local, TraceRow, TraceTable
    from .sweep import Sweeps, adjoints, path_sizes, tangents, unswept
    from .table import OUTLINE, Spelling, outline, trace_table
    from .trace import Evaluation, Trace, in_demand

face(
    __name__,
    {
        "partials": "At Linearization Partials arcs as_formula is_at linearize partials",
        "replay": "replay",
        "rows": "Local TraceRow TraceTable",
        "sweep": "Sweeps adjoints path_sizes tangents unswept",
        "table": "OUTLINE Spelling outline trace_table",
        "trace": "Evaluation Trace in_demand",
    },
)
