"""Rows of files through columns into files: formats, resume, Dask."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .formats.registry import FORMATS
    from .journal import Tally
    from .request import RunOptions, column_names, inputs
    from .rows import ReadOptions

face(
    __name__,
    {
        "formats.registry": "FORMATS",
        "journal": "Tally",
        "request": "RunOptions column_names inputs",
        "rows": "ReadOptions",
    },
)
