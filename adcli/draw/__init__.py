"""Results as pictures and pages."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .boxes import boxes
    from .curve_plot import curve_picture, in_terminal
    from .explain import explained, steps
    from .files import advice, writer
    from .page import page
    from .picture import picture, trace_of

face(
    __name__,
    {
        "boxes": "boxes",
        "curve_plot": "curve_picture in_terminal",
        "explain": "explained steps",
        "files": "advice writer",
        "page": "page",
        "picture": "picture trace_of",
    },
)
