"""The list of bad rows, a CSV file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from contextlib import suppress

from ..errors import UsageError
from .rows import BadRow

HEADER = b"file,line,column,text,reason\n"


class BadRowList:
    """The file that lists bad rows; without a path they are not listed.

    It is written as FILE.part and renamed when it is complete. Raises UsageError for a path that cannot be written.
    """

    def __init__(self, path: str) -> None:
        path = target(path)
        if os.path.exists(path) and not os.path.isfile(path):  # to rename a file to it would destroy a device
            raise UsageError(f"{path} is no file, so bad rows cannot be listed in it", hint="write: --errors bad.csv")
        self._path = path
        try:
            self._file = os.open(path + ".part", os.O_RDWR | os.O_CREAT, 0o666) if path else -1
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return os.fstat(self._file).st_size if self._path else 0

    def begin(self) -> None:
        """Start with no rows."""
        self.cut(0)
        if self._path:
            write_all(self._file, HEADER)

    def cut(self, size: int) -> None:
        """Cut the file to this size."""
        if self._path:
            os.ftruncate(self._file, size)
            os.lseek(self._file, size, os.SEEK_SET)

    def add(self, rows: Sequence[BadRow]) -> None:
        """Add bad rows."""
        if self._path and rows:
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows(row[1:6] for row in rows)
            write_all(self._file, out.getvalue().encode("utf-8", "backslashreplace"))

    def finish(self) -> None:
        """Close the file and give it its name."""
        if self._path:
            os.fsync(self._file)
            self.close()  # Windows does not rename an open file
            os.replace(self._path + ".part", self._path)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def remove(self) -> None:
        """Remove the file, unless it is finished."""
        if self._path:
            with suppress(OSError):
                os.remove(self._path + ".part")


def target(path: str) -> str:
    """Return the file that a link leads to; renaming a file to the link would replace the link."""
    return os.path.realpath(path) if os.path.islink(path) else path


def write_all(file: int, data: bytes) -> None:
    """Write all of the bytes."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
