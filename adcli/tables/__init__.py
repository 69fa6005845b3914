"""Rows of files through columns into files: formats, resume, Dask."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .formats.registry import FORMATS
    from .journal import Tally
    from .request import RunOptions, inputs
    from .rows import ReadOptions

face(
    __name__,
    {
        "formats.registry": "FORMATS",
        "journal": "Tally",
        "request": "RunOptions inputs",
        "rows": "ReadOptions",
    },
)
