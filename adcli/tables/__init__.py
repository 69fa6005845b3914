"""Rows of files through columns into files: formats, resume, Dask."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .files import check_apart, check_replaceable, put, target
    from .formats.registry import FORMATS
    from .journal import Tally
    from .request import RunOptions, column_names, inputs
    from .rows import ReadOptions

face(
    __name__,
    {
        "files": "check_apart check_replaceable put target",
        "formats.registry": "FORMATS",
        "journal": "Tally",
        "request": "RunOptions column_names inputs",
        "rows": "ReadOptions",
    },
)
