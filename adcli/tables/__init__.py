"""Rows of files through columns into files: formats, resume, Dask."""

from ..lazy import face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .formats.registry import Reading
    from .journal import Tally
    from .request import Request, inputs

face(
    __name__,
    {
        "formats.registry": "Reading",
        "journal": "Tally",
        "request": "Request inputs",
    },
)
