"""Formats of tables, by name and by the end of a file's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import UsageError
from ..rows import Encoded, Placed, Sink, Source
from ..streams import COMPRESSORS, STANDARD, Stream, suffixes
from .arrow import IpcSink, IpcSource
from .csv import DelimitedSink, DelimitedSource
from .jsonl import JsonlSink, JsonlSource
from .npy import NpySink, NpySource
from .npz import NpzSink, NpzSource
from .parquet import ParquetSink, ParquetSource

if TYPE_CHECKING:
    from ..rows import Mask


class Reading(NamedTuple):
    """How files are to be read: the format, unless names tell; the delimiter; the columns of files that name none."""

    format: str = ""
    delimiter: str = ""
    columns: tuple[str, ...] = ()


class Format(NamedTuple):
    """A format: how the names of its files end, how to read and write it, and whether it is text.

    `typed` tells what becomes of variables that a source holds as text: see stream.match. `piped` is whether it can
    be written from the beginning to the end.
    """

    suffixes: tuple[str, ...]
    source: Callable[[str, Reading], Source]
    sink: Callable[[Mapping[str, Any], str], Sink]
    text: bool = False
    typed: str = "all"
    piped: bool = True


def _streamed(path: str, source: Callable[[Stream], Source]) -> Source:
    """Return a source that reads a stream; the stream is closed if that is none."""
    stream = Stream(path)
    try:
        return source(stream)
    except BaseException:
        stream.close()
        raise


FORMATS = {
    "csv": Format(
        (".csv",),
        lambda path, how: _streamed(path, lambda s: DelimitedSource(s, how.delimiter or ",", how.columns)),
        lambda columns, delimiter: DelimitedSink([*columns], delimiter or ","),
        text=True,
        typed="",
    ),
    "tsv": Format(
        (".tsv", ".tab"),
        lambda path, how: _streamed(path, lambda s: DelimitedSource(s, how.delimiter or "\t", how.columns)),
        lambda columns, delimiter: DelimitedSink([*columns], delimiter or "\t"),
        text=True,
        typed="",
    ),
    "jsonl": Format(
        (".jsonl", ".ndjson"),
        lambda path, how: _streamed(path, JsonlSource),
        lambda columns, delimiter: JsonlSink([*columns]),
        text=True,
        typed="text",
    ),
    "npy": Format(
        (".npy",),
        lambda path, how: _streamed(path, lambda s: NpySource(s, how.columns)),
        lambda columns, delimiter: NpySink(columns),
        piped=False,
    ),
    "npz": Format(
        (".npz",), lambda path, how: NpzSource(path), lambda columns, delimiter: NpzSink(columns), piped=False
    ),
    "parquet": Format(
        (".parquet", ".pq"), lambda path, how: ParquetSource(path), lambda columns, delimiter: ParquetSink(columns)
    ),
    "arrow": Format(
        (".arrow", ".feather", ".ipc"), lambda path, how: IpcSource(path), lambda columns, delimiter: IpcSink(columns)
    ),
}
BY_SUFFIX = {suffix: name for name, format_ in FORMATS.items() for suffix in format_.suffixes}


def format_of(path: str, given: str, option: str) -> str:
    """Return the name of the format of a file, as it was given or as the file's name ends."""
    if given:
        return given
    if path == STANDARD:
        raise UsageError("the format of standard input is not known", hint=f"add: {option} csv, or another format")
    ending, packed = suffixes(path)
    if ending not in BY_SUFFIX:
        raise UsageError(f"the name {path} does not tell its format", hint=f"add: {option} csv, or another format")
    name = BY_SUFFIX[ending]
    if packed and not FORMATS[name].text:
        raise UsageError(f"{path}: a {name} file is compressed within", hint=f"end its name in {ending}")
    return name


def open_source(path: str, how: Reading) -> Source:
    """Return the rows of a file; raises UsageError or DataError if it is no such file."""
    source = FORMATS[format_of(path, how.format, "--from")].source(path, how)
    if how.columns and source.columns != how.columns:
        source.close()
        raise UsageError(f"{path} names its columns itself", hint="leave out --columns")
    return source


def open_sink(path: str, format_: str, columns: Mapping[str, Any], delimiter: str) -> Sink:
    """Return what writes columns, given by name and type, into a file of this name."""
    sink = FORMATS[format_].sink(columns, delimiter)
    packed = suffixes(path)[1]
    if packed:
        COMPRESSORS[packed](b"")  # it may not be installed
    return Packed(sink, COMPRESSORS[packed]) if packed else sink


class Packed:
    """A format of text compressed: each stretch by itself, which the usual programs read as one."""

    def __init__(self, sink: Sink, compress: Callable[[bytes], bytes]) -> None:
        self._sink, self._compress = sink, compress

    def head(self) -> bytes:
        """Return what the file begins with."""
        head = self._sink.head()
        return self._compress(head) if head else b""

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return rows as bytes."""
        encoded = self._sink.encode(columns, rows, nulls)
        return encoded._replace(data=self._compress(encoded.data)) if encoded.data else encoded

    def ending(self, blocks: Sequence[Placed]) -> tuple[bytes, bytes]:
        """Return what the file begins with, and nothing."""
        return self.head(), b""
