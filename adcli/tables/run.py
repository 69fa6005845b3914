"""Files, or a grid, through a plan into files on this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..version import __version__
from .bad_rows import BadRowList
from .formats.registry import FORMATS
from .grid_rows import GridSource
from .journal import Output, Pipe, ResumableFile, Tally
from .opening import format_of, open_sink
from .reduced import Reduced
from .request import Group, RunOptions, groups, open_input
from .rows import Selection, Sink, Source, StoppedError
from .stream import Pipeline, chained, select, stoppable
from .streams import read_once

if TYPE_CHECKING:
    from ..columns import Plan

ENDS = 1 << 16  # bytes at either end of a file that identify it
GRID = "the grid"
Report = Callable[[int, int, int], None]  # rows, how much is done, of how much


def run(
    plan: Plan, options: RunOptions, described: Mapping[str, Any], report: Report = lambda rows, done, size: None
) -> Tally:
    """Calculate the plan for all rows, and return how many rows, bad rows and notes there were.

    An output gets its final name only when it is complete. `described` is plain data that says what is calculated: a
    run resumes only one with the same data, options and files. Raises UsageError and DataError for options and files
    that cannot be used, StoppedError for a run that ended early.
    """
    prepared = [(group, Inputs(plan, options, group)) for group in groups(plan, options)]
    with stoppable(resumable=not any(map(read_once, options.files))) as outputs:
        for group, read in prepared:
            write_group(plan, options, described, group, read, outputs, report)
    for output in outputs:
        output.forget()
    return total(output.tally for output in outputs)


def write_group(
    plan: Plan,
    options: RunOptions,
    described: Mapping[str, Any],
    group: Group,
    read: Inputs,
    outputs: list[Output],
    report: Report,
) -> None:
    """Write the output of one group, unless an earlier run has; it is added to `outputs` when it begins."""
    pipeline, output = _begun(plan, options, described, read, group)
    outputs.append(output)
    if not output.complete:
        pieces = chained(read.openers(), output.tally.after)
        pipeline.run(pieces, lambda tally: report(tally.rows, tally.done, read.size))
    output.close()


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the rows, bad rows and notes of several outputs."""
    found = Tally()
    for done in tallies:
        found = found.plus(done.rows, done.bad, done.notes)
    return found


class Inputs:
    """The sources of one output.

    All are opened once to check their columns, and again when their turn comes. Raises UsageError or DataError for the
    first that cannot be used.
    """

    def __init__(self, plan: Plan, options: RunOptions, group: Group) -> None:
        self._plan, self._options = plan, options
        self._as_numbers = FORMATS[_format_name(options, group.path)].numbers
        self._open: dict[str, tuple[Source, Selection]] = {}
        self.names = [GRID] if options.grid else [*group.files]
        self.columns: dict[str, Any] = {}  # to copy, by name and type
        self.size = 0
        for k, name in enumerate(self.names):
            source, selection = self._opened(name)
            if read_once(name):
                self._open[name] = source, selection  # it cannot be opened again
            else:
                source.close()
            self.size += source.size
            columns = {c: "float64" if c in selection.numbers else source.types.get(c) for c in selection.order}
            if not k:
                self.columns = columns
            elif columns != self.columns:
                what = f"{name} and {self.names[0]} have different columns to keep"
                raise UsageError(what, hint="name those to --keep that all files have, of the same type")
        results = (*plan.names, *["notes"] * options.notes)
        if same := [column for column in self.columns if column in results]:
            what = f"the column {same[0]} of {self.names[0]} has the name of a result"
            raise UsageError(what, hint="name the columns to --keep without it")

    def _opened(self, name: str) -> tuple[Source, Selection]:
        if name in self._open:
            return self._open.pop(name)
        options = self._options
        source: Source
        if options.grid:
            source = GridSource(options.grid)
        elif name in options.opened:
            source = options.opened.pop(name)
        else:
            source = open_input(name, options)
        keep = options.keep or (("all",) if options.grid and not options.reduce else ())
        try:
            fail = options.on_error == "fail"
            return source, select(source, name, self._plan, options.mapping, keep, self._as_numbers, fail)
        except BaseException:
            source.close()
            raise

    def openers(self) -> list[Callable[[], tuple[Source, Selection]]]:
        """Return a function for each source that opens it; all have the columns to copy in the order of the first."""

        def opened(name: str) -> tuple[Source, Selection]:
            source, selection = self._opened(name)
            return source, selection._replace(order=tuple(self.columns))

        return [partial(opened, name) for name in self.names]


def _format_name(options: RunOptions, path: str) -> str:
    return format_of(path, options.format, "--format") if path else options.format or "csv"


def _begun(
    plan: Plan, options: RunOptions, described: Mapping[str, Any], read: Inputs, group: Group
) -> tuple[Pipeline, Output]:
    """Return the output of a group, and what writes it."""
    name = _format_name(options, group.path)
    has_notes = options.notes and not options.reduce
    results = dict.fromkeys(plan.names, "float64") | ({"notes": None} if has_notes else {})
    columns = {**read.columns, **results}
    sink = open_sink(group.path, name, columns, options.reading.delimiter)
    if options.reduce:
        if options.keep or options.notes:
            what = "columns to keep" if options.keep else "notes"
            raise UsageError(f"one row for all has no place for {what}", hint="leave out --keep and --notes")
        sink = Reduced(sink, plan.names, options.reduce)
    run = {
        **described, "the version of adcli": __version__, "--format": name, "--delimiter": options.reading.delimiter,
        "--decimal": options.reading.decimal, "--thousands": options.reading.thousands,
        "--comment": options.reading.comment,
        "the columns": list(columns), "--map": dict(options.mapping), "--on-error": options.on_error,
        "--errors": group.errors, "--reduce": options.reduce, "--columns": list(options.reading.columns),
        "the files": read.names,
        **({name: repr(range_) for name, range_ in options.grid.items()}
           or {file: _identity(file) for file in read.names}),
    }  # fmt: skip
    output = _output(sink, group, run, options.resume, FORMATS[name].to_pipe)
    return Pipeline(plan, sink, output, options.on_error == "null" and not options.reduce, options.threads), output


def _output(sink: Sink, group: Group, run: Mapping[str, Any], resume: bool, to_pipe: bool) -> Output:
    """Return the output of a group: a regular file, or a pipe if the format can be written `to_pipe`."""
    path, bad_rows = group.path, BadRowList(group.errors)
    try:
        if path and (os.path.isfile(path) or not os.path.exists(path)):
            return ResumableFile(sink, path, bad_rows, run, resume=resume)
        if not to_pipe:
            raise UsageError("this format is written to a file only", hint="add: -o FILE")
        return Pipe(sink, path, bad_rows)
    except BaseException:
        bad_rows.close()
        raise


def _identity(file: str) -> Any:
    """Return plain data that changes when a file does: its size, its time, a hash of the bytes at its ends."""
    if read_once(file):
        return None
    try:
        with open(file, "rb") as opened:
            state = os.fstat(opened.fileno())
            digest = hashlib.sha256(opened.read(ENDS))
            opened.seek(max(0, state.st_size - ENDS))
            digest.update(opened.read(ENDS))
    except OSError as error:
        raise StoppedError(f"cannot read {file}: {error.strerror}") from None
    return [state.st_size, state.st_mtime_ns, digest.hexdigest()]
