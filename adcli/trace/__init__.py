"""The Wengert list: made, evaluated, linearized, swept forward and in reverse, as rows to read."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .evaluation import Evaluation, evaluate, in_demand
    from .moving import moving_adjoints, slope_rate
    from .partials import Linearization, Partials, RowEdge, as_formula, linearize, partials
    from .replay import replay
    from .rows import LocalPartial, TraceRow, TraceTable
    from .sweep import Sweeps, adjoints, path_sizes, tangents, unswept
    from .table import SYMBOLIC, Notation, trace_table, unevaluated
    from .trace import Trace

face(
    __name__,
    {
        "evaluation": "Evaluation evaluate in_demand",
        "moving": "moving_adjoints slope_rate",
        "partials": "Linearization Partials RowEdge as_formula linearize partials",
        "replay": "replay",
        "rows": "LocalPartial TraceRow TraceTable",
        "sweep": "Sweeps adjoints path_sizes tangents unswept",
        "table": "SYMBOLIC Notation unevaluated trace_table",
        "trace": "Trace",
    },
)
