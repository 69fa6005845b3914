"""Bytes of files, standard input and compressed files, from any position on."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, BinaryIO

from ..errors import UsageError
from .rows import DataError, StoppedError

BROKEN = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
STANDARD = "-"


def arrow(part: str = "pyarrow", needed: str = "") -> Any:
    """Import a module of pyarrow; None where it is not installed, or UsageError if it is `needed` for something."""
    try:
        return import_module(part)
    except ImportError:
        if needed:
            raise UsageError(f"{needed} needs pyarrow", hint="pip install 'adcli[data]'") from None
        return None


@contextmanager
def arrow_errors(name: str) -> Iterator[None]:
    """Turn errors of pyarrow into DataError for a broken file, UsageError for one that cannot be read."""
    try:
        yield
    except (arrow().ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno:
            raise UsageError(f"cannot read {name}: {os.strerror(error.errno)}") from None
        raise DataError(f"{name} is broken: {str(error).strip().splitlines()[0]}") from None


class _Members:
    """A file of several compressed streams, as bz2 and xz allow; raises an error for anything else behind them.

    Python's own readers take that for the end.
    """

    def __init__(self, raw: BinaryIO, new: Callable[[], Any]) -> None:
        self._raw, self._new, self._current = raw, new, new()

    def read(self, count: int) -> bytes:
        """Return the next bytes, at most so many, none at the end; raises EOFError if the end is missing."""
        data = b""
        while not data:
            if self._current.eof:
                rest = self._current.unused_data or self._raw.read(1 << 16)
                if not (rest := rest.lstrip(b"\0")):  # padding
                    return b""
                self._current = self._new()
            else:
                rest = self._raw.read(1 << 16) if self._current.needs_input else b""
                if self._current.needs_input and not rest:
                    raise EOFError
            data = self._current.decompress(rest, count)
        return data


def _open_zstd(raw: BinaryIO) -> Any:
    return arrow(needed="a .zst file").CompressedInputStream(raw, "zstd")


def _zstd(data: bytes) -> bytes:
    return bytes(arrow(needed="a .zst file").Codec("zstd").compress(data, asbytes=True))


# By the end of a file's name. Compressed blocks one after another are a compressed file.
OPENERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": lambda raw: gzip.GzipFile(fileobj=raw),
    ".bz2": lambda raw: _Members(raw, bz2.BZ2Decompressor),
    ".xz": lambda raw: _Members(raw, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)),
    ".zst": _open_zstd,
}
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, 6, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": _zstd,
}


def suffixes(path: str) -> tuple[str, str]:
    """Return `.csv` and `.gz` of data.csv.gz; the second is empty for a file that is not compressed."""
    base, last = os.path.splitext(path)
    if last.lower() not in OPENERS:
        return last.lower(), ""
    return os.path.splitext(base)[1].lower(), last.lower()


def read_once(path: str) -> bool:
    """Return whether a file can be read a single time only, as standard input and pipes."""
    return path == STANDARD or (os.path.exists(path) and not os.path.isfile(path))


def require_file(path: str) -> None:
    """Raise UsageError for standard input or a pipe, where one cannot go back."""
    if read_once(path):
        what = "standard input" if path == STANDARD else path
        raise UsageError(
            f"this format is not read from {what}, which is a pipe", hint="name a file, or use csv or jsonl"
        )


class Stream:
    """The decompressed bytes of a file in order, or those of standard input, whose path is `-`."""

    def __init__(self, path: str) -> None:
        self.path, self.name = path, "standard input" if path == STANDARD else path
        self._raw = self._open_raw()
        self._before = self._state()
        compressed = suffixes(path)[1]
        self._file: Any = OPENERS[compressed](self._raw) if compressed else self._raw

    def _open_raw(self) -> BinaryIO:
        if self.path == STANDARD:
            if sys.stdin is None:
                raise UsageError("standard input is closed")
            # unbuffered, because at the end of the program a thread may still wait in a buffer's lock
            return getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
        try:
            return open(self.path, "rb", buffering=0 if not suffixes(self.path)[1] else -1)
        except OSError as error:
            raise UsageError(f"cannot read {self.path}: {error.strerror}") from None

    def _state(self) -> tuple[int, ...]:
        if self.path == STANDARD:
            return ()
        found = os.fstat(self._raw.fileno())
        return found.st_size, found.st_mtime_ns

    @property
    def size(self) -> int:
        """The size of the file in bytes, compressed ones too; 0 if it is not known."""
        return self._before[0] if self._before else 0

    @property
    def done(self) -> int:
        """How many of these bytes have been read."""
        return self._raw.tell() if self._before and self._raw.seekable() else 0

    def skip(self, count: int) -> None:
        """Pass over so many bytes."""
        if self._file is self._raw and self._before and self._raw.seekable():
            self._raw.seek(count, os.SEEK_CUR)
            return
        while count > 0 and (data := self.read(min(count, 1 << 20))):
            count -= len(data)

    def read(self, count: int) -> bytes:
        """Return the next bytes, fewer only at the end.

        Raises DataError for a file that is broken or that changes, StoppedError if reading fails.
        """
        parts = []
        try:
            while count > 0 and (data := self._file.read(count)):
                parts.append(data)
                count -= len(data)
        except BROKEN as error:
            raise DataError(f"{self.name} is broken: {str(error) or 'its end is missing'}") from None
        except OSError as error:
            if error.errno is None:  # from a decompressor
                raise DataError(f"{self.name} is broken: {error}") from None
            raise StoppedError(f"cannot read {self.name}: {error.strerror or error}") from None
        if count > 0 and self._state() != self._before:
            raise DataError(f"{self.name} changed while it was read", hint="run again when nothing writes to it")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """Close the file."""
        if self.path != STANDARD:
            self._raw.close()
