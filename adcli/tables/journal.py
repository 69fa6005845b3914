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
from .bad_rows import BadRowList, target, write_all
from .rows import BadRow, Block, Encoded, Sink

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
        self._to = os.open(path, os.O_WRONLY) if path else 1
        self._blocks: list[Block] = []
        self._size = 0
        bad_rows.begin()
        self._put(sink.head())

    def _put(self, data: bytes) -> None:
        write_all(self._to, data)
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
        self._bad_rows.close()
        self._bad_rows.remove()
        return ""


class BusyError(UsageError):
    """Another run is writing the file."""


class ResumableFile:
    """A file that is written as FILE.part, and renamed when it is complete.

    FILE.journal has a line for each block of rows, with its check sum. It is written after the block, so whatever a
    kill or a power cut leaves, the rows up to some line are in FILE.part. A run that resumes continues behind them.
    `run` is plain data that describes the run. The journal begins with it, and only a run with the same data resumes.
    The journal is locked while the file is open, and stays until `forget`. With `complete` an earlier run had finished
    the file.

    Raises UsageError if the run differs, or if the platform has no locks; BusyError if another run writes the file.
    """

    def __init__(self, sink: Sink, path: str, bad_rows: BadRowList, run: Mapping[str, Any], *, resume: bool) -> None:
        require_locks()
        path = target(path)
        self.tally, self.complete = Tally(), False
        self._path, self._sink, self._bad_rows = path, sink, bad_rows
        self._run = json.loads(json.dumps(run))  # as it is read back
        self._blocks: list[Block] = []
        self._part = -1
        self._journal = os.open(path + ".journal", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(self._journal, path)
            self._part = os.open(path + ".part", os.O_RDWR | os.O_CREAT, 0o666)
            if not (resume and self._continued()):
                self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        self._bad_rows.close()
        for file in (self._part, self._journal):
            if file >= 0:
                os.close(file)
        self._part = self._journal = -1

    def _begin(self) -> None:
        os.ftruncate(self._journal, 0)
        os.ftruncate(self._part, 0)
        write_all(self._part, self._sink.head())
        self._bad_rows.begin()
        write_all(self._journal, json.dumps(self._run).encode() + b"\n")

    def _continued(self) -> bool:
        """Continue behind the blocks that an earlier run has left; return whether there were any."""
        with open(self._path + ".journal", "rb") as file:
            (run, kept), *entries = [*_read(file.read())] or [({}, 0)]
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
        size, listed = len(self._sink.head()), 0
        if os.pread(self._part, size, 0) != self._sink.head():
            return False
        for entry, end in entries:
            length = entry["length"]
            if self._bad_rows.size < entry["listed"] or self._checksum(size, length) != entry["sum"]:
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
        write_all(self._part, encoded.data)
        self._bad_rows.add(bad)
        entry = {
            "length": len(encoded.data), "sum": zlib.crc32(encoded.data), "rows": encoded.rows, "extra": encoded.extra,
            "listed": self._bad_rows.size, "tally": tally,
        }  # fmt: skip
        write_all(self._journal, json.dumps(entry).encode() + b"\n")
        self.tally = tally

    def finish(self) -> None:
        """Write the end, and give the file its name."""
        if self._sink.assembled:
            written = self._path + ".whole"
            with open(written, "wb") as file:
                self._sink.assemble(file, lambda start, count: os.pread(self._part, count, start), self._blocks)
                file.flush()
                os.fsync(file.fileno())
        else:
            written = self._path + ".part"
            head, tail = self._sink.ending(self._blocks)
            write_all(self._part, tail)
            if head != self._sink.head():
                os.pwrite(self._part, head, 0)
            os.fsync(self._part)
        self._bad_rows.finish()
        os.replace(written, self._path)
        with suppress(OSError):  # not every system can
            folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        entry = {"complete": self.tally, "size": os.path.getsize(self._path)}
        write_all(self._journal, json.dumps(entry).encode() + b"\n")
        self.close()

    def forget(self) -> None:
        """Remove the journal; called when all outputs of the run are complete."""
        forget(self._path)
        self.close()

    def stop(self, resumable: bool) -> str:
        """Close the files, and remove them unless the run is resumable; return what the user can do, or ""."""
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
        try:
            entry = json.loads(line)
        except ValueError:
            return
        yield entry, end


def require_locks() -> None:
    """Raise UsageError on a platform without file locks, `pread` or `pwrite`, such as Windows."""
    locks = find_spec("fcntl") is not None
    if not (locks and hasattr(os, "pread") and hasattr(os, "pwrite")):
        what = "batch cannot write files on this platform: it has no file locks, or no pwrite"
        raise UsageError(what, hint="leave out -o: standard output works")


def _lock(journal: int, path: str) -> None:
    """Lock the file for as long as its journal is open; raises BusyError if another run has the lock."""
    import fcntl

    try:
        fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = os.path.samestat(os.fstat(journal), os.stat(path + ".journal"))
    except (BlockingIOError, FileNotFoundError):  # it is gone if the other run has just ended
        free = False
    if not free:
        raise BusyError(f"another run is writing {path}", hint="wait for it, or stop it")


def forget(path: str) -> None:
    """Remove what a run leaves beside a file."""
    for name in (path + ".part", path + ".whole", path + ".journal"):
        with suppress(OSError):
            os.remove(name)


def clear(path: str) -> None:
    """Remove what earlier runs have left beside a file; raises BusyError if one of them still runs."""
    if os.path.exists(path + ".journal"):
        journal = os.open(path + ".journal", os.O_RDWR)
        try:
            _lock(journal, path)
            forget(path)
        finally:
            os.close(journal)
