"""The Wengert list: made, evaluated, linearized, swept forward and in reverse, as rows to read."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .forward import tangents
    from .partials import At, Linearization, Partials, is_at, linearize
    from .reverse import adjoints, path_sizes
    from .table import OUTLINE, Local, Spelling, TraceRow, TraceTable, outline, trace_table
    from .trace import Evaluation, Trace, shortened

face(
    __name__,
    {
        "forward": "tangents",
        "partials": "At Linearization Partials is_at linearize",
        "reverse": "adjoints path_sizes",
        "table": "Local OUTLINE Spelling TraceRow TraceTable outline trace_table",
        "trace": "Evaluation Trace shortened",
    },
)
