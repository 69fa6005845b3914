"""What is asked of a run over files: which files are read, which one each goes into, and what to do on the way."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..errors import UsageError
from .formats.registry import FORMATS, Reading, format_of
from .streams import STANDARD, read_once, suffixes

if TYPE_CHECKING:
    from ..language import Range
    from .stream import Plan


@dataclass(frozen=True)
class Request:
    """What is read, files or a grid, and how it is written: into a file, a folder, or with "" to standard output."""

    files: tuple[str, ...] = ()
    grid: Mapping[str, Range] = field(default_factory=dict)
    output: str = ""
    format: str = ""
    reading: Reading = field(default_factory=Reading)
    mapping: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    on_error: str = "fail"
    errors: str = ""
    reduce: str = ""
    notes: bool = False
    resume: bool = False
    threads: int = 0  # as many as the machine has


def inputs(names: Sequence[str]) -> tuple[str, ...]:
    """Return the files that names and patterns such as `data/*.csv` mean, each once.

    Raises UsageError for a pattern that means none, and for a file that is named twice, also by a link.
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


class Group(NamedTuple):
    """The files that go into one, the path of that one, and where the bad rows of these are listed."""

    files: tuple[str, ...]
    path: str
    errors: str


def groups(plan: Plan, asked: Request) -> list[Group]:
    """Return which files go into which one."""
    if not plan.inputs:
        raise UsageError("the formula takes no variable from the rows", hint="leave the one that varies out of --at")
    if asked.resume and (any(map(read_once, asked.files)) or asked.output in ("", STANDARD)):
        raise UsageError("only a run from files to a file can be resumed", hint="leave out --resume")
    if asked.errors == STANDARD:
        raise UsageError("bad rows are listed in a file", hint="write: --errors bad.csv")
    output = "" if asked.output == STANDARD else asked.output
    found = [Group(asked.files, output, asked.errors)]
    if output.endswith(os.sep) or os.path.isdir(output):
        if asked.errors and not (asked.errors.endswith(os.sep) or os.path.isdir(asked.errors)):
            hint = f"write: --errors {asked.errors}/"
            raise UsageError("with a folder of outputs, --errors is a folder too", hint=hint)
        if asked.grid:
            raise UsageError(
                "the rows of a grid go into one file", hint=f"write: -o {os.path.join(output, 'grid.csv')}"
            )
        found = []
        for file in asked.files:
            format_ = asked.format or format_of(file, asked.reading.format, "--from")
            name = "rows" if file == STANDARD else os.path.basename(file[: len(file) - len("".join(suffixes(file)))])
            errors = os.path.join(asked.errors, name + ".csv") if asked.errors else ""
            found.append(Group((file,), os.path.join(output, name + FORMATS[format_].suffixes[0]), errors))
        first: dict[str, str] = {}
        for (file,), path, _ in found:
            if path in first:
                both = f"{first[path]} and {file} would both be written as {path}"
                raise UsageError(both, hint="run them one by one")
            first[path] = file
        for option, folder in (("-o", output), ("--errors", asked.errors)):
            if folder:
                _make(folder, option)
    read = {os.path.realpath(file) for file in asked.files if file != STANDARD}
    for _, *names in found:
        if names[0] and os.path.realpath(names[0]) == os.path.realpath(names[1] or os.curdir):
            raise UsageError(f"{names[0]} cannot hold both results and bad rows", hint="choose another name for one")
        for name in names:
            if name and os.path.realpath(name) in read:
                raise UsageError(f"{name} is read, so it cannot be written", hint="choose another name")
            folder = os.path.dirname(os.path.realpath(name))
            if name and not os.path.isdir(folder):
                raise UsageError(f"cannot write {name}: there is no folder {folder}", hint="make it, or choose another")
    return found


def _make(folder: str, option: str) -> None:
    """Make a folder, unless it is there."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        file = folder.rstrip(os.sep)
        if os.path.isfile(file):
            hint = f"write: {option} {file}, or name a folder"
            raise UsageError(f"{file} is a file, so nothing can be written into it as a folder", hint=hint) from None
        raise UsageError(f"cannot make the folder {folder}: {error.strerror}") from None
