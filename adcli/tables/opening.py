"""The source or the sink of a file, by its format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .formats.registry import FORMATS
from .rows import Encoded, Sink, Source
from .streams import COMPRESSORS, STANDARD, Stream, require_file, suffixes

if TYPE_CHECKING:
    from .rows import Mask, ReadOptions


def format_of(path: str, given: str, option: str) -> str:
    """Return the name of a file's format: the `given` one, or by the end of the file's name.

    Raises UsageError if neither says it; its hint names the `option` that does.
    """
    if given:
        return given
    if path == STANDARD:
        raise UsageError("the format of standard input is not known", hint=f"add: {option} csv, or another format")
    ending, packed = suffixes(path)
    name = next((name for name, format_ in FORMATS.items() if ending in format_.suffixes), "")
    if not name:
        raise UsageError(f"the name {path} does not tell its format", hint=f"add: {option} csv, or another format")
    if packed and not FORMATS[name].text:
        raise UsageError(f"{path}: a {name} file is compressed within", hint=f"end its name in {ending}")
    return name


def _file(name: str) -> Any:
    """Import the file of a format."""
    return import_module(f".formats.{FORMATS[name].file}", __package__)


def open_source(path: str, options: ReadOptions) -> Source:
    """Open a file to read its rows; raises UsageError or DataError if it is not in its format."""
    name = format_of(path, options.format, "--from")
    source: Source
    if name != "csv":  # there the delimiter is found
        options = options._replace(delimiter=options.delimiter or FORMATS[name].delimiter)
    if FORMATS[name].from_pipe:
        stream = Stream(path)
        try:
            source = _file(name).source(stream, options)
        except BaseException:
            stream.close()
            raise
    else:
        require_file(path)
        source = _file(name).source(path, options)
    if options.columns and source.columns != options.columns:
        source.close()
        raise UsageError(f"{path} names its columns itself", hint="leave out --columns")
    return source


def open_sink(path: str, name: str, columns: Mapping[str, Any], delimiter: str) -> Sink:
    """Return the sink of a format for columns by name and type; compressed if the name of the file says so.

    Raises UsageError for columns that the format cannot hold, and for a missing package.
    """
    sink: Sink = _file(name).sink(columns, delimiter or FORMATS[name].delimiter)
    packed = suffixes(path)[1]
    if packed:
        COMPRESSORS[packed](b"")  # raises if its package is not installed
    return Packed(sink, COMPRESSORS[packed]) if packed else sink


class Packed(Sink):
    """A text format, compressed: each block by itself. The usual programs read such blocks as one file."""

    def __init__(self, sink: Sink, compress: Callable[[bytes], bytes]) -> None:
        self._sink, self._compress = sink, compress

    def head(self) -> bytes:
        """Return the compressed beginning."""
        head = self._sink.head()
        return self._compress(head) if head else b""

    def encode(self, columns: dict[str, Any], rows: int, nulls: Mask | None) -> Encoded:
        """Return compressed rows."""
        encoded = self._sink.encode(columns, rows, nulls)
        return encoded._replace(data=self._compress(encoded.data)) if encoded.data else encoded
