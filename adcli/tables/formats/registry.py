"""The formats of tables, by name."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format of tables.

    `numbers` says which variables that --keep copies are written as numbers, not as they are in the source: "" none,
    "text" those that the source has as text, "all" also those that it has as values of any type.
    """

    file: str  # a module of this folder, with `source(stream, options)` and `sink(columns, delimiter)`
    suffixes: tuple[str, ...]  # ends of file names
    text: bool = False  # whether a file may be compressed as a whole
    from_pipe: bool = False  # whether it is read from beginning to end; otherwise `source` gets a path, not a Stream
    to_pipe: bool = True  # whether it is written from beginning to end
    delimiter: str = ""  # between fields, unless --delimiter says otherwise
    numbers: str = "all"


# fmt: off
FORMATS = {
    "csv":     Format("csv",     (".csv",),              text=True, from_pipe=True, numbers="", delimiter=","),
    "tsv":     Format("csv",     (".tsv", ".tab"),       text=True, from_pipe=True, numbers="", delimiter="\t"),
    "jsonl":   Format("jsonl",   (".jsonl", ".ndjson"),  text=True, from_pipe=True, numbers="text"),
    "npy":     Format("npy",     (".npy",),              from_pipe=True, to_pipe=False),
    "npz":     Format("npz",     (".npz",),              to_pipe=False),
    "parquet": Format("parquet", (".parquet", ".pq")),
    "arrow":   Format("arrow",   (".arrow", ".feather", ".ipc")),
}
# fmt: on
