"""Files through a formula into files, with what a run that resumes must find unchanged."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ..errors import UsageError
from ..version import __version__
from .bad_rows import Problems
from .formats.registry import FORMATS, format_of, open_sink, open_source
from .grid_rows import PointSource
from .journal import Beside, Output, Pipe, Tally
from .reduced import Reduced
from .request import Group, Request, groups
from .rows import Sink, Source, Wanted
from .stream import Job, Plan, chained, match, stoppable
from .streams import read_once

ENDS = 1 << 16  # bytes at either end of a file that tell whether it is the same
GRID = "the grid"
Tell = Callable[[int, int, int], None]  # rows, how much is done, of how much


def run(plan: Plan, asked: Request, formula: Mapping[str, Any], tell: Tell = lambda rows, done, size: None) -> Tally:
    """Compute the plan of all rows; `formula` is what a run that resumes must have in common beside the files.

    Returns what was done: rows, bad rows, notes.
    """
    prepared = [(group, Inputs(plan, asked, group)) for group in groups(plan, asked)]
    with stoppable(resumable=not any(map(read_once, asked.files))) as outputs:
        for group, read in prepared:
            write(plan, asked, formula, group, read, outputs, tell)
    for output in outputs:
        output.forget()
    return together(output.tally for output in outputs)


def write(
    plan: Plan,
    asked: Request,
    formula: Mapping[str, Any],
    group: Group,
    read: Inputs,
    outputs: list[Output],
    tell: Tell,
) -> None:
    """Write one of the outputs, unless an earlier run has; it is added to those that have begun."""
    job, output = _begun(plan, asked, formula, read, group.path, group.errors)
    outputs.append(output)
    if not output.whole:
        pieces = chained(read.openers(), output.tally.after)
        job.run(pieces, lambda tally: tell(tally.rows, tally.done, read.size))
    output.close()


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the rows, bad rows and notes of several outputs."""
    total = Tally()
    for done in tallies:
        notes = {kind: total.notes.get(kind, 0) + done.notes.get(kind, 0) for kind in {**total.notes, **done.notes}}
        total = Tally(None, total.rows + done.rows, total.bad + done.bad, notes)
    return total


class Inputs:
    """The sources of one output, opened when it is their turn; what is wrong with any of them is told at once."""

    def __init__(self, plan: Plan, asked: Request, group: Group) -> None:
        self._plan, self._asked, self._typed = plan, asked, FORMATS[_format_name(asked, group.path)].typed
        self._open: dict[str, tuple[Source, Wanted]] = {}
        self.names = [GRID] if asked.grid else [*group.files]
        self.columns: dict[str, Any] = {}
        self.size = 0
        for k, name in enumerate(self.names):
            source, wanted = self._opened(name)
            if read_once(name):
                self._open[name] = source, wanted  # it cannot be opened again
            else:
                source.close()
            self.size += source.size
            columns = {c: "float64" if c in wanted.numbers else source.types.get(c) for c in wanted.order}
            if not k:
                self.columns = columns
            elif columns != self.columns:
                what = f"{name} and {self.names[0]} have different columns to keep"
                raise UsageError(what, hint="name those to --keep that all files have, of the same type")
        results = (*plan.names, *["notes"] * asked.notes)
        if same := [column for column in self.columns if column in results]:
            what = f"the column {same[0]} of {self.names[0]} has the name of a result"
            raise UsageError(what, hint="name the columns to --keep without it")

    def _opened(self, name: str) -> tuple[Source, Wanted]:
        if name in self._open:
            return self._open.pop(name)
        asked = self._asked
        source: Source = PointSource(asked.grid) if asked.grid else open_source(name, asked.reading)
        keep = asked.keep or (("all",) if asked.grid and not asked.reduce else ())
        try:
            return source, match(source, name, self._plan, asked.mapping, keep, self._typed, asked.on_error == "fail")
        except BaseException:
            source.close()
            raise

    def openers(self) -> list[Callable[[], tuple[Source, Wanted]]]:
        """Return what opens each of them; their columns to keep are in the order of the first one."""

        def opened(name: str) -> tuple[Source, Wanted]:
            source, wanted = self._opened(name)
            return source, wanted._replace(order=tuple(self.columns))

        return [partial(opened, name) for name in self.names]


def _format_name(asked: Request, path: str) -> str:
    return format_of(path, asked.format, "--format") if path else asked.format or "csv"


def _begun(
    plan: Plan, asked: Request, formula: Mapping[str, Any], read: Inputs, path: str, errors: str
) -> tuple[Job, Output]:
    """Return what writes one output."""
    name = _format_name(asked, path)
    results = dict.fromkeys(plan.names, "float64") | dict.fromkeys(["notes"] * (asked.notes and not asked.reduce))
    columns = {**read.columns, **results}
    sink = open_sink(path, name, columns, asked.reading.delimiter)
    if asked.reduce:
        if asked.keep or asked.notes:
            what = "columns to keep" if asked.keep else "notes"
            raise UsageError(f"one row for all has no place for {what}", hint="leave out --keep and --notes")
        sink = Reduced(sink, plan.names, asked.reduce)
    described = {
        **formula, "the version of adcli": __version__, "--format": name, "--delimiter": asked.reading.delimiter,
        "the columns": list(columns), "--map": dict(asked.mapping), "--on-error": asked.on_error, "--errors": errors,
        "--reduce": asked.reduce, "--columns": list(asked.reading.columns), "the files": read.names,
        **({name: repr(one) for name, one in asked.grid.items()} or {file: _state(file) for file in read.names}),
    }  # fmt: skip
    output = _output(sink, path, Problems(errors), described, asked.resume, FORMATS[name].piped)
    return Job(plan, sink, output, asked.on_error == "null" and not asked.reduce, asked.threads), output


def _output(
    sink: Sink, path: str, problems: Problems, described: Mapping[str, Any], resume: bool, piped: bool
) -> Output:
    """Return where the rows go: a file that becomes whole, or what is no file."""
    try:
        if path and (os.path.isfile(path) or not os.path.exists(path)):
            return Beside(sink, path, problems, described, resume=resume)
        if not piped:
            raise UsageError("this format is written to a file only", hint="add: -o FILE")
        return Pipe(sink, path, problems)
    except OSError as error:
        if not path or isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _state(file: str) -> Any:
    """Return what tells whether a file is the same: its size, when it was written, and the bytes at its ends."""
    if read_once(file):
        return None
    with open(file, "rb") as opened:
        state = os.fstat(opened.fileno())
        found = hashlib.sha256(opened.read(ENDS))
        opened.seek(max(0, state.st_size - ENDS))
        found.update(opened.read(ENDS))
    return [state.st_size, state.st_mtime_ns, found.hexdigest()]
