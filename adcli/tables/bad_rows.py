"""The list of bad rows, a CSV file."""

from __future__ import annotations

import csv
import io
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress

from ..errors import UsageError
from .files import check_replaceable, close_written, open_locked, put, target, write_all, writing
from .rows import BadRow

HEADER = b"file,line,column,text,reason\n"


class BadRowList:
    """The file that lists bad rows; without a path they are not listed.

    It is written as FILE.part, locked, and renamed when it is complete. Raises UsageError for a path that cannot be
    written, BusyError if another run writes it.
    """

    def __init__(self, path: str) -> None:
        path = target(path)
        if os.path.exists(path) and not os.path.isfile(path):  # to rename a file to it would destroy a device
            raise UsageError(f"{path} is no file, so bad rows cannot be listed in it", hint="write: --errors bad.csv")
        self._path, self._file = path, -1
        if path:
            check_replaceable(path)
            self._file = open_locked(path, ".part")

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return os.fstat(self._file).st_size if self._path else 0

    def checksum(self, start: int, end: int) -> int:
        """Return a check sum of bytes of the file."""
        return zlib.crc32(os.pread(self._file, end - start, start)) if self._path else 0

    def begin(self) -> None:
        """Start with no rows."""
        self.cut(0)
        if self._path:
            write_all(self._file, HEADER, self._path)

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
            write_all(self._file, out.getvalue().encode("utf-8", "backslashreplace"), self._path)

    def finish(self) -> None:
        """Close the file and give it its name."""
        if self._path:
            with writing(self._path):
                os.fsync(self._file)
                self.close()  # Windows does not rename an open file
                put(self._path + ".part", self._path)

    def close(self) -> None:
        """Close the file."""
        close_written(self._file, self._path + ".part")
        self._file = -1

    def remove(self) -> None:
        """Remove the file, unless it is finished."""
        if self._path:
            with suppress(OSError):
                os.remove(self._path + ".part")
