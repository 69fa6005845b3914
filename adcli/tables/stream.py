"""Rows from files through a plan into a file: read, computed and encoded by several threads, written in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from ..errors import UsageError, among_others
from .arrow_columns import holds_numbers, nothing
from .journal import Output, Tally
from .rows import BadRow, Encoded, Piece, Sink, Source, StoppedError, Wanted

if TYPE_CHECKING:
    from .rows import Mask, Rows


class Plan(Protocol):
    """What is computed of each row: from the numbers of `inputs` the columns `names`."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it takes."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it gives."""
        ...

    def run(self, columns: Mapping[str, Any], *, threads: int | None = None) -> Results:
        """Return the results of some rows; it may be asked by several threads at once."""
        ...


class Results(Protocol):
    """Columns by name, and counts of notes by kind."""

    def keys(self) -> Iterable[str]:
        """Return the names."""
        ...

    def __getitem__(self, name: str, /) -> Any:
        """Return a column."""
        ...

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have which kind of note."""
        ...


class Done(NamedTuple):
    """A piece that is computed: its rows as bytes, what was bad, and notes by kind."""

    encoded: Encoded
    bad: Sequence[BadRow]
    notes: Mapping[str, int]


def match(
    source: Source,
    name: str,
    plan: Plan,
    mapping: Mapping[str, str],
    keep: Sequence[str],
    typed: str = "",
    fail: bool = False,
) -> Wanted:
    """Return which columns are the plan's inputs and which are carried along; raises UsageError for one not there.

    A variable that is text in the source is carried along as a number where columns of the output have types, and so
    is one that may be of any type: `typed` is "all", or "text" for the first alone. `fail` is as in Wanted.
    """
    columns = source.columns
    kept = columns if "all" in keep else tuple(dict.fromkeys(keep))
    variables = {variable: mapping.get(variable, variable) for variable in plan.inputs}
    for column in (*variables.values(), *kept):
        if columns.count(column) == 1:
            continue
        if columns.count(column) > 1:
            raise UsageError(f"{name} has several columns {column}", hint="give them different names")
        hint = among_others(column, [*columns], "its columns are") if columns else "it has none"
        if variable := next((v for v, c in variables.items() if c == column), ""):
            hint += f"\nwrite --map {variable}=COLUMN, or --at {variable}=NUMBER"
        raise UsageError(f"{name} has no column {column}", hint=hint)
    for column in variables.values():
        if (kind := source.types.get(column)) is not None and not holds_numbers(kind):
            raise UsageError(f"the column {column} of {name} holds {kind}, not numbers")
    if unused := [variable for variable in mapping if variable not in plan.inputs]:
        raise UsageError(f"--map: {unused[0]} is no variable that the formula takes from a file")
    position = {column: k for k, column in enumerate(columns)}
    untyped = {c for c in kept if c not in source.types or (typed == "all" and source.types[c] is None)}
    numbers = {c: v for v, c in variables.items() if typed and c in untyped}
    carried = {column: position[column] for column in kept if column not in numbers}
    return Wanted({v: position[c] for v, c in variables.items()}, carried, numbers, kept, fail)


class Job:
    """The way of rows through a plan into one output."""

    def __init__(self, plan: Plan, sink: Sink, output: Output, nulls: bool = False, threads: int = 0) -> None:
        self._plan, self._sink, self._output, self._nulls = plan, sink, output, nulls
        self._threads = threads or os.cpu_count() or 1

    def run(self, pieces: Iterable[Piece], tell: Callable[[Tally], None] = lambda tally: None) -> Tally:
        """Write all pieces; with `nulls` bad rows are rows without values, else they are passed over."""
        workers = self._threads
        tell(self._output.tally)
        waiting: Queue[tuple[Piece, Future[Done]] | BaseException | None] = Queue(workers + 1)
        stop = threading.Event()
        with ThreadPoolExecutor(workers) as pool:

            def read() -> None:
                last: BaseException | None = None
                try:
                    for piece in pieces:
                        if stop.is_set():
                            break
                        waiting.put((piece, pool.submit(self._work, piece)))
                except BaseException as error:
                    last = error
                waiting.put(last)

            threading.Thread(target=read, daemon=True).start()
            try:
                while found := waiting.get():
                    if isinstance(found, BaseException):
                        raise found
                    piece, future = found
                    self._write(piece, future.result())
                    tell(self._output.tally)
            finally:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                while not waiting.empty():  # the reader may wait for room
                    waiting.get()
        self._output.finish()
        return self._output.tally

    def _work(self, piece: Piece) -> Done:
        """Read, compute and encode a piece; done by one of several threads."""
        rows = piece.read()
        found = self._plan.run(rows.columns, threads=1)
        notes = found.counts
        carried = {**rows.kept, **{column: rows.columns[variable] for column, variable in piece.wanted.numbers.items()}}
        columns = {**{name: carried[name] for name in piece.wanted.order}, **found}
        good = rows.size - len(rows.bad)
        if rows.bad and self._nulls:
            columns, nulls = _with_gaps(columns, rows)
            return Done(self._sink.encode(columns, rows.size, nulls), rows.bad, notes)
        return Done(self._sink.encode(columns, good, None) if good else Encoded(b"", 0), rows.bad, notes)

    def _write(self, piece: Piece, done: Done) -> None:
        before = self._output.tally
        notes = {k: before.notes.get(k, 0) + done.notes.get(k, 0) for k in {**before.notes, **done.notes}}
        rows, bad = before.rows + done.encoded.rows, before.bad + len(done.bad)
        self._output.add(done.encoded, Tally(piece.after, rows, bad, notes, piece.done), done.bad)


def _with_gaps(columns: dict[str, Any], rows: Rows) -> tuple[dict[str, Any], Mask]:
    """Return columns with room for the bad rows, and where that is."""
    nulls = np.zeros(rows.size, np.bool_)
    nulls[[row.at for row in rows.bad]] = True
    places = np.cumsum(~nulls) - 1
    places[nulls] = 0
    return {name: _take(column, places) for name, column in columns.items()}, nulls


def _take(column: Any, places: Any) -> Any:
    """Return the elements at these places, anything at all where there are no elements."""
    if isinstance(column, list):
        return [column[k] for k in places.tolist()] if column else [""] * len(places)
    if isinstance(column, np.ndarray):
        return column[places] if len(column) else np.zeros(len(places), column.dtype)
    return column.take(places) if len(column) else nothing(column.type, len(places))


def chained(sources: Sequence[Callable[[], tuple[Source, Wanted]]], start: Any) -> Iterator[Piece]:
    """Yield the pieces of sources one after another, from a position on: which source, and where in it."""
    first, inside = start or (0, None)
    before = 0
    for k, opened in enumerate(sources):
        try:
            source, wanted = opened()
        except UsageError as error:  # it could be opened when the run began
            raise StoppedError(error.what) from None
        try:
            if k >= first:
                for piece in source.pieces(wanted, inside if k == first else None):
                    yield piece._replace(after=(k, piece.after), done=before + piece.done, wanted=wanted)
        finally:
            source.close()
        before += source.size


@contextmanager
def stoppable(*, resumable: bool) -> Iterator[list[Output]]:
    """Turn Ctrl-C, SIGTERM, a full disk and an input that is gone into one error that says what can be done.

    Gives a list for the outputs that have begun; the last one is left so that the run can go on with it, if that is
    possible.
    """
    import signal

    def terminate(_number: int, _frame: Any) -> None:
        raise _Terminated

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, terminate) if main else None
    begun: list[Output] = []

    def stop(keep: bool) -> str:
        for output in begun[:-1]:  # these are whole
            output.close() if keep else output.forget()
        return begun[-1].stop(keep) if begun else ""

    try:
        yield begun
    except KeyboardInterrupt:
        raise StoppedError("interrupted", stop(resumable), 130) from None
    except _Terminated:
        raise StoppedError("terminated", stop(resumable), 143) from None
    except BrokenPipeError:
        stop(False)
        raise
    except OSError as error:
        raise StoppedError(f"cannot write: {error.strerror or error}", stop(resumable)) from None
    except StoppedError as error:
        raise StoppedError(error.what, stop(resumable), error.exit_code) from None
    except BaseException:
        stop(False)
        raise
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


class _Terminated(BaseException):
    """SIGTERM came."""
