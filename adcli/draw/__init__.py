"""Results as pictures and pages."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .boxes import boxes
    from .curve_plot import curve_picture, terminal_lines
    from .explain import explain, steps
    from .files import size_hint, writer
    from .page import page
    from .picture import picture, trace_of

face(
    __name__,
    {
        "boxes": "boxes",
        "curve_plot": "curve_picture terminal_lines",
        "explain": "explain steps",
        "files": "size_hint writer",
        "page": "page",
        "picture": "picture trace_of",
    },
)
