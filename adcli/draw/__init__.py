"""Results as pictures and pages."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .boxes import boxes
    from .curve_plot import curve_picture, terminal_lines
    from .explain import explain, steps
    from .files import picture_writer, size_hint
    from .page import page
    from .picture import picture
    from .traced import traced

face(
    __name__,
    {
        "boxes": "boxes",
        "curve_plot": "curve_picture terminal_lines",
        "explain": "explain steps",
        "files": "picture_writer size_hint",
        "page": "page",
        "picture": "picture",
        "traced": "traced",
    },
)
