"""A file written beside its final name, and the journal that lets an interrupted run go on."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from ..errors import UsageError
from .bad_rows import Problems, target, write_all
from .rows import BadRow, Encoded, Placed, Sink

STEP = 1 << 20  # bytes read at a time when what is there is checked


class Tally(NamedTuple):
    """What is done: the position in the input behind it, rows, bad ones among them, notes by kind, and how far."""

    after: Any = None
    rows: int = 0
    bad: int = 0
    notes: Mapping[str, int] = {}  # never changed
    done: int = 0


class Output(Protocol):
    """Where rows go, in order; `tally` tells what is there already."""

    tally: Tally
    whole: bool

    def add(self, encoded: Encoded, tally: Tally, bad: Sequence[BadRow]) -> None:
        """Write some rows, after which the tally is this."""
        ...

    def finish(self) -> None:
        """Make it whole."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...

    def forget(self) -> None:
        """Close what is open, and remove what was needed to resume."""
        ...

    def stop(self, resumable: bool) -> str:
        """Leave off; return what the user can do."""
        ...


class Pipe:
    """Standard output, or what else is no file: written as it comes."""

    def __init__(self, sink: Sink, path: str, problems: Problems) -> None:
        self.tally, self.whole = Tally(), False
        self._sink, self._problems = sink, problems
        self._to = os.open(path, os.O_WRONLY) if path else 1
        self._blocks: list[Placed] = []
        self._size = 0
        problems.begin()
        self._put(sink.head())

    def _put(self, data: bytes) -> None:
        write_all(self._to, data)
        self._size += len(data)

    def add(self, encoded: Encoded, tally: Tally, bad: Sequence[BadRow]) -> None:
        """Write some rows."""
        self._blocks.append(Placed(self._size, len(encoded.data), encoded.rows, encoded.extra))
        self._put(encoded.data)
        self._problems.add(bad)
        self.tally = tally

    def finish(self) -> None:
        """Write the end."""
        self._put(self._sink.ending(self._blocks)[1])
        self._problems.finish()

    def close(self) -> None:
        """Close the list of bad rows."""
        self._problems.close()

    forget = close

    def stop(self, resumable: bool) -> str:
        """Leave off; there is nothing to go on with."""
        self._problems.close()
        self._problems.remove()
        return ""


class BusyError(UsageError):
    """Another run is writing the file."""


class Beside:
    """A file under its final name only when it is whole; until then `.part` and `.journal` beside it.

    `whole` tells that an earlier run had completed it already; the journal stays until `forget`.

    A line of the journal is written after the rows that it tells of, with their check sum: whatever a kill or a power
    cut leaves, the rows up to some line are there, and a run that resumes goes on behind them.
    """

    def __init__(self, sink: Sink, path: str, problems: Problems, run: Mapping[str, Any], *, resume: bool) -> None:
        require_locks()
        path = target(path)
        self.tally, self.whole = Tally(), False
        self._path, self._sink, self._problems = path, sink, problems
        self._run = json.loads(json.dumps(run))  # as it is read back
        self._blocks: list[Placed] = []
        self._part = -1
        self._journal = os.open(path + ".journal", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(self._journal, path)
            self._part = os.open(path + ".part", os.O_RDWR | os.O_CREAT, 0o666)
            if not (resume and self._go_on()):
                self._begin()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        self._problems.close()
        for file in (self._part, self._journal):
            if file >= 0:
                os.close(file)
        self._part = self._journal = -1

    def _begin(self) -> None:
        os.ftruncate(self._journal, 0)
        os.ftruncate(self._part, 0)
        write_all(self._part, self._sink.head())
        self._problems.begin()
        write_all(self._journal, json.dumps(self._run).encode() + b"\n")

    def _go_on(self) -> bool:
        """Take up what an earlier run of the same kind has left; tell whether there was anything."""
        with open(self._path + ".journal", "rb") as file:
            (run, kept), *entries = [*_read(file.read())] or [({}, 0)]
        if not run:
            return False
        changed = [name for name in {**self._run, **run} if run.get(name) != self._run.get(name)]
        if changed:
            what = f"{self._path} cannot be resumed: {', '.join(changed)} changed"
            raise UsageError(what, hint="start anew, without --resume")
        if entries and "whole" in (last := entries[-1][0]):
            if os.path.isfile(self._path) and os.path.getsize(self._path) == last["size"]:
                self.tally, self.whole = Tally(*last["whole"]), True
                return True
            entries.pop()
        size, listed = len(self._sink.head()), 0
        if os.pread(self._part, size, 0) != self._sink.head():
            return False
        for entry, end in entries:
            length = entry["length"]
            if self._problems.size < entry["listed"] or self._checksum(size, length) != entry["sum"]:
                break
            self._blocks.append(Placed(size, length, entry["rows"], entry["extra"]))
            self.tally = Tally(*entry["tally"])
            size, kept, listed = size + length, end, entry["listed"]
        if not self._blocks:
            return False
        self._problems.cut(listed)
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
        """Write some rows, what is told of bad ones among them, and then the line of the journal."""
        start = sum(self._blocks[-1][:2]) if self._blocks else len(self._sink.head())
        self._blocks.append(Placed(start, len(encoded.data), encoded.rows, encoded.extra))
        write_all(self._part, encoded.data)
        self._problems.add(bad)
        entry = {
            "length": len(encoded.data), "sum": zlib.crc32(encoded.data), "rows": encoded.rows, "extra": encoded.extra,
            "listed": self._problems.size, "tally": tally,
        }  # fmt: skip
        write_all(self._journal, json.dumps(entry).encode() + b"\n")
        self.tally = tally

    def finish(self) -> None:
        """Complete the file and give it its name."""
        head, tail = self._sink.ending(self._blocks)
        write_all(self._part, tail)
        if head != self._sink.head():
            os.pwrite(self._part, head, 0)
        whole = self._path + ".part"
        if assemble := getattr(self._sink, "assemble", None):
            whole = self._path + ".whole"
            with open(whole, "wb") as file:
                assemble(file, lambda start, count: os.pread(self._part, count, start), self._blocks)
                file.flush()
                os.fsync(file.fileno())
        os.fsync(self._part)
        self._problems.finish()
        os.replace(whole, self._path)
        with suppress(OSError):  # not every system can
            folder = os.open(os.path.dirname(self._path) or ".", os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        entry = {"whole": self.tally, "size": os.path.getsize(self._path)}
        write_all(self._journal, json.dumps(entry).encode() + b"\n")
        self.close()

    def forget(self) -> None:
        """Remove the journal, when the whole run has come to its end."""
        forget(self._path)
        self.close()

    def stop(self, resumable: bool) -> str:
        """Leave off, and leave nothing behind if that would be of no use; return what the user can do."""
        if not resumable:  # removed while they are locked
            self._problems.remove()
            forget(self._path)
        self.close()
        return f"what is done of {self._path} is kept: go on with --resume" if resumable else ""


def _read(data: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield what each line of a journal says and where it ends, up to the first one that is damaged."""
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
    """Keep other runs from writing the file as long as its journal is open."""
    import fcntl

    try:
        fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = os.path.samestat(os.fstat(journal), os.stat(path + ".journal"))
    except (BlockingIOError, FileNotFoundError):
        free = False  # or another run has ended just now
    if not free:
        raise BusyError(f"another run is writing {path}", hint="wait for it, or stop it")


def forget(path: str) -> None:
    """Remove what is beside a file."""
    for name in (path + ".part", path + ".whole", path + ".journal"):
        with suppress(OSError):
            os.remove(name)


def clear(path: str) -> None:
    """Remove what earlier runs have left beside a file; raises BusyError if one is writing it."""
    if os.path.exists(path + ".journal"):
        journal = os.open(path + ".journal", os.O_RDWR)
        try:
            _lock(journal, path)
            forget(path)
        finally:
            os.close(journal)
