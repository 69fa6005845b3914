"""Where encoded rows go: standard output, or a file with a journal, which a later run can resume."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, NamedTuple

from ..errors import UsageError
from .bad_rows import HEADER, BadRowList
from .files import (
    RESULT_ENDINGS,
    STANDARD_OUTPUT,
    check_replaceable,
    close_written,
    open_locked,
    put,
    target,
    write_all,
    writing,
)
from .rows import BadRow, Block, Encoded, Sink

MARK = b"adcli "  # begins each line of a journal
STEP = 1 << 20  # bytes read at a time to check what an earlier run wrote


class Tally(NamedTuple):
    """What a run has done: rows written, bad rows, notes by kind.

    `after` is the position of the input behind these rows, `done` how far the input is read, in its own unit.
    """

    after: Any = None
    rows: int = 0
    bad: int = 0
    notes: Mapping[str, int] = {}  # never changed
    done: int = 0

    def plus(self, rows: int, bad: int, notes: Mapping[str, int]) -> Tally:
        """Return the tally with more rows, bad rows and notes."""
        total = {kind: self.notes.get(kind, 0) + notes.get(kind, 0) for kind in {**self.notes, **notes}}
        return self._replace(rows=self.rows + rows, bad=self.bad + bad, notes=total)


class Pipe:
    """Standard output, or a path that is no regular file.

    `tally` says what has been written. It is never `complete` before the run.
    """

    def __init__(self, sink: Sink, path: str, bad_rows: BadRowList) -> None:
        self.tally, self.complete = Tally(), False
        self._sink, self._bad_rows = sink, bad_rows
        self._name = path or STANDARD_OUTPUT
        with writing(self._name):
            self._to = os.open(path, os.O_WRONLY) if path else 1
        self._blocks: list[Block] = []
        self._size = 0
        try:
            bad_rows.begin()
            self._put(sink.head())
        except OSError:
            self.stop(resumable=False)
            raise

    def _put(self, data: bytes) -> None:
        write_all(self._to, data, self._name)
        self._size += len(data)

    def add(self, encoded: Encoded, tally: Tally, bad: Sequence[BadRow]) -> None:
        """Write rows and list bad ones; afterwards the output has what the tally says."""
        self._blocks.append(Block(self._size, len(encoded.data), encoded.rows, encoded.extra))
        self._put(encoded.data)
        self._bad_rows.add(bad)
        self.tally = tally

    def finish(self) -> None:
        """Write the end."""
        self._put(self._sink.ending(self._blocks)[1])
        self._bad_rows.finish()

    def close(self) -> None:
        """Close the list of bad rows."""
        self._bad_rows.close()

    forget = close

    def stop(self, resumable: bool) -> str:
        """Remove the list of bad rows; a pipe cannot be resumed."""
        self._bad_rows.remove()
        self._bad_rows.close()
        return ""


class ResumableFile:
    """A file that is written as FILE.part, and renamed when it is complete.

    FILE.journal has a line for each block of rows, with its check sum. It is written after the block, so whatever a
    kill or a power cut leaves, the rows up to some line are in FILE.part. A run that resumes continues behind them.
    `run` is plain data that describes the run. The journal begins with it, and only a run with the same data resumes.
    Both are locked while the file is open, and the journal stays until `forget`. With `complete` an earlier run had
    finished the file.

    Raises UsageError if the run differs, or if the platform has no locks; BusyError if another run writes the file.
    """

    def __init__(self, sink: Sink, path: str, bad_rows: BadRowList, run: Mapping[str, Any], *, resume: bool) -> None:
        require_locks()
        path = target(path)
        check_replaceable(path)
        self.tally, self.complete = Tally(), False
        self._path, self._sink, self._bad_rows = path, sink, bad_rows
        self._run = json.loads(json.dumps(run))  # as it is read back
        self._blocks: list[Block] = []
        self._part = -1
        self._journal = open_locked(path, ".journal")
        try:
            with open(path + ".journal", "rb") as file:
                self._found = file.read()
            begin = self._found.lstrip(b"\0")[: len(MARK)]  # a power cut may leave zeros
            if not MARK.startswith(begin):
                what = f"{path}.journal is no journal of adcli, and would be overwritten"
                raise UsageError(what, hint="move it away, or choose another output")
            self._part = open_locked(path, ".part")
            if not (resume and self._continued()):
                self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        self._bad_rows.close()
        close_written(self._part, self._path + ".part")
        close_written(self._journal, self._path + ".journal")
        self._part = self._journal = -1

    def _begin(self) -> None:
        os.ftruncate(self._journal, 0)
        os.ftruncate(self._part, 0)
        try:
            write_all(self._part, self._sink.head(), self._path)
            self._bad_rows.begin()
            self._tell(self._run)
        except OSError:
            self.stop(resumable=False)
            raise

    def _tell(self, entry: Mapping[str, Any]) -> None:
        """Write a line of the journal."""
        text = json.dumps(entry).encode()
        write_all(self._journal, b"%b%08x %b\n" % (MARK, zlib.crc32(text), text), self._path)

    def _continued(self) -> bool:
        """Continue behind the blocks that an earlier run has left; return whether there were any."""
        (run, kept), *entries = [*_read(self._found)] or [({}, 0)]
        if not run:
            return False
        changed = [name for name in {**self._run, **run} if run.get(name) != self._run.get(name)]
        if changed:
            what = f"{self._path} cannot be resumed: {', '.join(changed)} changed"
            raise UsageError(what, hint="start anew, without --resume")
        if entries and "complete" in (last := entries[-1][0]):
            if os.path.isfile(self._path) and os.path.getsize(self._path) == last["size"]:
                self.tally, self.complete = Tally(*last["complete"]), True
                return True
            entries.pop()
        size = len(self._sink.head())
        listed = len(HEADER) if self._bad_rows.size else 0
        if os.pread(self._part, size, 0) != self._sink.head():
            return False
        for entry, end in entries:
            length = entry["length"]
            if self._bad_rows.checksum(listed, entry["listed"]) != entry["list"] or (
                self._checksum(size, length) != entry["sum"]
            ):
                break
            self._blocks.append(Block(size, length, entry["rows"], entry["extra"]))
            self.tally = Tally(*entry["tally"])
            size, kept, listed = size + length, end, entry["listed"]
        if not self._blocks:
            return False
        self._bad_rows.cut(listed)
        for file_, length in ((self._part, size), (self._journal, kept)):
            os.ftruncate(file_, length)
            os.lseek(file_, length, os.SEEK_SET)
        return True

    def _checksum(self, start: int, length: int) -> int:
        found = 0
        for at in range(start, start + length, STEP):
            found = zlib.crc32(os.pread(self._part, min(STEP, start + length - at), at), found)
        return found

    def add(self, encoded: Encoded, tally: Tally, bad: Sequence[BadRow]) -> None:
        """Write rows, list bad ones, and then write the line of the journal."""
        start = sum(self._blocks[-1][:2]) if self._blocks else len(self._sink.head())
        self._blocks.append(Block(start, len(encoded.data), encoded.rows, encoded.extra))
        write_all(self._part, encoded.data, self._path)
        before = self._bad_rows.size
        self._bad_rows.add(bad)
        listed = self._bad_rows.size
        self._tell({
            "length": len(encoded.data), "sum": zlib.crc32(encoded.data), "rows": encoded.rows, "extra": encoded.extra,
            "listed": listed, "list": self._bad_rows.checksum(before, listed), "tally": tally,
        })  # fmt: skip
        self.tally = tally

    def finish(self) -> None:
        """Write the end, and give the file its name."""
        with writing(self._path):
            if self._sink.assembled:
                complete = self._path + ".whole"
                with open(complete, "wb") as file:
                    self._sink.assemble(file, lambda start, count: os.pread(self._part, count, start), self._blocks)
                    file.flush()
                    os.fsync(file.fileno())
            else:
                complete = self._path + ".part"
                head, tail = self._sink.ending(self._blocks)
                write_all(self._part, tail, self._path)
                if head != self._sink.head():
                    os.pwrite(self._part, head, 0)
                os.fsync(self._part)
        self._bad_rows.finish()
        with writing(self._path):
            put(complete, self._path)
        with suppress(OSError):  # not every system can
            folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        self._tell({"complete": self.tally, "size": os.path.getsize(self._path)})
        self.close()

    def forget(self) -> None:
        """Remove the journal; called when all outputs of the run are complete."""
        forget(self._path)
        self.close()

    def stop(self, resumable: bool) -> str:
        """Close the files, and remove them unless something can be resumed; return what the user can do, or ""."""
        with suppress(OSError):
            os.remove(self._path + ".whole")
        resumable = resumable and self.tally.after is not None
        if not resumable:  # removed while they are locked
            self._bad_rows.remove()
            forget(self._path)
        self.close()
        return f"what is done of {self._path} is kept: go on with --resume" if resumable else ""


Output = Pipe | ResumableFile


def _read(data: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the entry of each line of a journal and where the line ends, up to the first damaged one."""
    end = 0
    for line in data.split(b"\n")[:-1]:
        end += len(line) + 1
        text = line[len(MARK) + 9 :]
        if line != b"%b%08x %b" % (MARK, zlib.crc32(text), text):
            return
        yield json.loads(text), end


def require_locks() -> None:
    """Raise UsageError on a platform without file locks, `pread` or `pwrite`, such as Windows."""
    locks = find_spec("fcntl") is not None
    if not (locks and hasattr(os, "pread") and hasattr(os, "pwrite")):
        what = "batch cannot write files on this platform: it has no file locks, or no pwrite"
        raise UsageError(what, hint="leave out -o: standard output works")


def forget(path: str) -> None:
    """Remove what a run leaves beside a file."""
    for ending in RESULT_ENDINGS:
        with suppress(OSError):
            os.remove(path + ending)


def clear(path: str) -> None:
    """Remove what earlier runs have left beside a file; raises BusyError if one of them still runs."""
    if os.path.exists(path + ".journal"):
        journal = open_locked(path, ".journal")
        try:
            forget(path)
        finally:
            os.close(journal)
