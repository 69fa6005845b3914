"""What a run over files reads and writes."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UsageError
from .files import LIST_ENDINGS, RESULT_ENDINGS, check_apart, target
from .formats.registry import FORMATS
from .opening import format_of, open_source
from .rows import ReadOptions
from .streams import STANDARD, read_once, suffixes

if TYPE_CHECKING:
    from ..columns import Plan
    from ..language import Range
    from .rows import Source


@dataclass(frozen=True)
class RunOptions:
    """The options of a run over files, as `adcli batch` has them.

    The rows come from `files`, or from `grid`, ranges by variable. `output` is a file, a folder, or "" for standard
    output; `format` is "" if the name of the output says it. `mapping` has the column of a variable, where it has
    another name, and `keep` the columns to copy. At a bad row `on_error` is to "fail", to "skip" it, or to write
    "null"; `errors` is the file or folder that lists bad rows. `reduce` is "sum", "mean" or "". With 0 `threads` there
    are as many as the machine has processors. `other_files` hold what is not rows, such as the formula.
    """

    files: tuple[str, ...] = ()
    grid: Mapping[str, Range] = field(default_factory=dict)
    output: str = ""
    format: str = ""
    reading: ReadOptions = field(default_factory=ReadOptions)
    mapping: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    on_error: str = "fail"
    errors: str = ""
    reduce: str = ""
    notes: bool = False
    resume: bool = False
    threads: int = 0
    other_files: tuple[str, ...] = ()
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by file: what was found out about it
    opened: dict[str, Source] = field(default_factory=dict)  # by file: those that can be read only once


def inputs(names: Sequence[str]) -> tuple[str, ...]:
    """Return the files of names and patterns, such as `data/*.csv`, each once.

    Raises UsageError for a pattern without files, a folder, and a file that is named twice, also by a link.
    """
    found: dict[str, str] = {}
    for name in names:
        pattern = glob.has_magic(name) and not os.path.exists(name)
        several = sorted(glob.glob(name, recursive=True)) if pattern else [name]
        if not several:
            raise UsageError(f"there is no file {name}", hint="in a pattern, * stands for any name")
        for file in several:
            if os.path.isdir(file):
                inside = os.path.join(file, "*" + (suffixes(file)[0] or ".csv"))
                raise UsageError(f"{file} is a folder", hint=f"name the files in it: '{inside}'")
            key = file if file == STANDARD else os.path.realpath(file)
            if key in found:
                again = "given twice" if found[key] == file else f"the same file as {found[key]}"
                raise UsageError(f"{file} is {again}", hint="name each file once")
            found[key] = file
    return tuple(found.values())


def open_input(file: str, options: RunOptions) -> Source:
    """Open a file, and keep what is found out about it; raises UsageError or DataError if it cannot be read."""
    source = open_source(file, options.reading)
    options.remarks[file] = getattr(source, "notes", ())
    return source


def column_names(options: RunOptions) -> set[str]:
    """Return the columns that any of the files has; raises UsageError or DataError for a file that cannot be read."""
    found: set[str] = set()
    for file in options.files:
        source = open_input(file, options)
        found.update(source.columns)
        if read_once(file):
            options.opened[file] = source
        else:
            source.close()
    return found


class Group(NamedTuple):
    """The input files of one output, the path of the output, and that of the list of bad rows or ""."""

    files: tuple[str, ...]
    path: str
    errors: str


def groups(plan: Plan, options: RunOptions) -> list[Group]:
    """Group input files by output file.

    If the output is a folder, each input file has an output in it, and the folders are made. Otherwise all files go
    into one output. Raises UsageError for options that contradict each other, and for a path that cannot be written.
    """
    if not plan.inputs:
        raise UsageError("the formula takes no variable from the rows", hint="leave the one that varies out of --at")
    if options.resume and (any(map(read_once, options.files)) or options.output in ("", STANDARD)):
        raise UsageError("only a run from files to a file can be resumed", hint="leave out --resume")
    if options.errors == STANDARD:
        raise UsageError("bad rows are listed in a file", hint="write: --errors bad.csv")
    output = "" if options.output == STANDARD else options.output
    found = _into_folder(output, options) if _is_folder(output) else [Group(options.files, output, options.errors)]
    _check_paths(found, [file for file in (*options.files, *options.other_files) if file != STANDARD])
    return found


def _is_folder(path: str) -> bool:
    return path.endswith(os.sep) or os.path.isdir(path)


def _into_folder(folder: str, options: RunOptions) -> list[Group]:
    """Return a group for each file, with an output of the same name in the folder; make the folders."""
    if options.errors and not _is_folder(options.errors):
        hint = f"write: --errors {options.errors}/"
        raise UsageError("with a folder of outputs, --errors is a folder too", hint=hint)
    if options.grid:
        hint = f"write: -o {os.path.join(folder, 'grid.csv')}"
        raise UsageError("the rows of a grid go into one file", hint=hint)
    by_path: dict[str, Group] = {}
    for file in options.files:
        format_ = options.format or format_of(file, options.reading.format, "--from")
        name = "rows" if file == STANDARD else os.path.basename(file[: len(file) - len("".join(suffixes(file)))])
        path = os.path.join(folder, name + FORMATS[format_].suffixes[0])
        if path in by_path:
            both = f"{by_path[path].files[0]} and {file} would both be written as {path}"
            raise UsageError(both, hint="run them one by one")
        by_path[path] = Group((file,), path, options.errors and os.path.join(options.errors, name + ".csv"))
    _make_folder(folder, "-o")
    if options.errors:
        _make_folder(options.errors, "--errors")
    return [*by_path.values()]


def _make_folder(folder: str, option: str) -> None:
    """Make a folder, unless it exists; raises UsageError that names the option."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        file = folder.rstrip(os.sep)
        if os.path.isfile(file):
            hint = f"write: {option} {file}, or name a folder"
            raise UsageError(f"{file} is a file, so nothing can be written into it as a folder", hint=hint) from None
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}") from None


def _check_paths(groups: Sequence[Group], read: Sequence[str]) -> None:
    """Raise UsageError if a path of the groups is one of those `read`, lacks a folder, or has two uses."""
    written: list[tuple[str, str, Sequence[str]]]
    written = [(group.path, "results", RESULT_ENDINGS) for group in groups if group.path]
    written += [(group.errors, "bad rows", LIST_ENDINGS) for group in groups if group.errors]
    for path, _, _ in written:
        folder = os.path.dirname(os.path.realpath(path))
        if not os.path.isdir(folder):
            raise UsageError(f"cannot write {path}: there is no folder {folder}", hint="make it, or choose another")
    check_apart([(target(path) + end, use) for path, use, ends in written for end in ("", *ends)], read)
