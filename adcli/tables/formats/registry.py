"""The formats of tables, by name."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format of tables.

    `file` is a module of this folder. It has `source(path, options)`, which opens a file, and `sink(columns,
    delimiter)`, which writes columns given by name and type. `suffixes` are the ends of file names, `delimiter` stands
    between fields unless --delimiter says otherwise. Only a `text` format may be compressed as a whole. Only a `piped`
    one can be written to standard output, because it needs no second look at what was written.

    `numbers` says which variables that were asked for by --keep are written as numbers, not as the text or value of
    the source: "" none, "text" those that the source has as text, "all" also those that it has as values of any type.
    """

    file: str
    suffixes: tuple[str, ...]
    text: bool = False
    piped: bool = True
    delimiter: str = ""
    numbers: str = "all"


# fmt: off
FORMATS = {
    "csv":     Format("csv",     (".csv",),                     text=True, delimiter=",",  numbers=""),
    "tsv":     Format("csv",     (".tsv", ".tab"),              text=True, delimiter="\t", numbers=""),
    "jsonl":   Format("jsonl",   (".jsonl", ".ndjson"),         text=True, numbers="text"),
    "npy":     Format("npy",     (".npy",),                     piped=False),
    "npz":     Format("npz",     (".npz",),                     piped=False),
    "parquet": Format("parquet", (".parquet", ".pq")),
    "arrow":   Format("arrow",   (".arrow", ".feather", ".ipc")),
}
# fmt: on
