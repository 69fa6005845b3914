"""Rows of files through a plan into an output: read, computed and encoded by several threads, written in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import UsageError, among_others
from ..language import CONSTANTS, DELIMITERS
from .arrow_columns import holds_numbers
from .files import STANDARD_OUTPUT
from .journal import Output, Tally
from .rows import BadRow, Encoded, Piece, Selection, Sink, Source, StoppedError
from .streams import arrow

if TYPE_CHECKING:
    from ..columns import Plan
    from .rows import Mask, Rows


def select(
    source: Source,
    name: str,
    plan: Plan,
    mapping: Mapping[str, str],
    keep: Sequence[str],
    as_numbers: str = "",
    fail: bool = False,
) -> Selection:
    """Return the columns of a source for the inputs of the plan, and those to copy.

    `as_numbers` says which variables to copy as numbers, as `Format.numbers` does; `fail` is that of Selection.
    Raises UsageError for a column that is missing, there twice, or of a type that is not a number.
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
            hint += f"; --map {variable}= keeps the constant" * (variable in CONSTANTS)
        if mark := next((d for d in DELIMITERS if d != "," and any(d in c for c in columns)), ""):
            hint += f"\nto divide them: --delimiter {'$' * (mark == chr(9))}{mark!r}"
        raise UsageError(f"{name} has no column {column}", hint=hint)
    for column in variables.values():
        if (kind := source.types.get(column)) is not None and not holds_numbers(kind):
            raise UsageError(f"the column {column} of {name} holds {kind}, not numbers")
    if unused := [variable for variable in mapping if variable not in plan.inputs]:
        raise UsageError(f"--map: {unused[0]} is no variable that the formula takes from a file")
    position = {column: k for k, column in enumerate(columns)}
    untyped = {c for c in kept if c not in source.types or (as_numbers == "all" and source.types[c] is None)}
    numbers = {c: v for v, c in variables.items() if as_numbers and c in untyped}
    copied = {column: position[column] for column in kept if column not in numbers}
    return Selection({v: position[c] for v, c in variables.items()}, copied, numbers, kept, fail)


KEPT = "what is done is kept: go on with --resume"


class _Computed(NamedTuple):
    """A piece that is computed and encoded, its bad rows, its notes by kind."""

    encoded: Encoded
    bad: Sequence[BadRow]
    notes: Mapping[str, int]


class Pipeline:
    """Rows through a plan into one output.

    With `nulls` bad rows become rows without values, otherwise they are left out. With 0 `threads` there are as many
    as the machine has processors.
    """

    def __init__(self, plan: Plan, sink: Sink, output: Output, nulls: bool, threads: int) -> None:
        self._plan, self._sink, self._output, self._nulls = plan, sink, output, nulls
        self._threads = threads or os.cpu_count() or 1

    def run(self, pieces: Iterable[Piece], report: Callable[[Tally], None] = lambda tally: None) -> Tally:
        """Write all pieces and finish the output; call `report` after each piece. Raises what reading raises."""
        workers = self._threads
        report(self._output.tally)
        waiting: Queue[tuple[Piece, Future[_Computed]] | BaseException | None] = Queue(workers + 1)
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
                while item := waiting.get():
                    if isinstance(item, BaseException):
                        raise item
                    piece, future = item
                    self._write(piece, future.result())
                    report(self._output.tally)
            finally:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                while not waiting.empty():  # the reader may wait for room
                    waiting.get()
        self._output.finish()
        return self._output.tally

    def _work(self, piece: Piece) -> _Computed:
        """Read, compute and encode a piece; several threads do this at once."""
        rows = piece.read()
        results = self._plan.run(rows.columns, threads=1)
        notes = results.counts
        selection = piece.selection
        copied = {**rows.kept, **{column: rows.columns[variable] for column, variable in selection.numbers.items()}}
        columns = {**{name: copied[name] for name in selection.order}, **results}
        good = rows.size - len(rows.bad)
        if rows.bad and self._nulls:
            columns, nulls = _with_gaps(columns, rows)
            return _Computed(self._sink.encode(columns, rows.size, nulls), rows.bad, notes)
        return _Computed(self._sink.encode(columns, good, None) if good else Encoded(b"", 0), rows.bad, notes)

    def _write(self, piece: Piece, done: _Computed) -> None:
        tally = self._output.tally.plus(done.encoded.rows, len(done.bad), done.notes)
        self._output.add(done.encoded, tally._replace(after=piece.after, done=piece.done), done.bad)


def _with_gaps(columns: dict[str, Any], rows: Rows) -> tuple[dict[str, Any], Mask]:
    """Return columns of the good rows with room for the bad ones, and a mask of the bad ones."""
    nulls = np.zeros(rows.size, np.bool_)
    nulls[[row.at for row in rows.bad]] = True
    places = np.cumsum(~nulls) - 1
    places[nulls] = 0
    return {name: _take(column, places) for name, column in columns.items()}, nulls


def _take(column: Any, places: Any) -> Any:
    """Return the elements at these places; if the column has none, any elements of its type."""
    if isinstance(column, list):
        return [column[k] for k in places.tolist()] if column else [""] * len(places)
    if isinstance(column, np.ndarray):
        return column[places] if len(column) else np.zeros(len(places), column.dtype)
    return column.take(places) if len(column) else arrow().nulls(len(places), column.type)


def chained(sources: Sequence[Callable[[], tuple[Source, Selection]]], start: Any) -> Iterator[Piece]:
    """Yield the pieces of several sources, one after another, from a position on: which source, and where in it.

    Each source is opened when its turn comes. Raises StoppedError if that fails then.
    """
    first, inside = start or (0, None)
    before = 0
    for k, opened in enumerate(sources):
        try:
            source, selection = opened()
        except UsageError as error:  # it could be opened when the run began
            raise StoppedError(error.what) from None
        try:
            if k >= first:
                for piece in source.pieces(selection, inside if k == first else None):
                    yield piece._replace(after=(k, piece.after), done=before + piece.done, selection=selection)
        finally:
            source.close()
        before += source.size


def not_written(error: OSError, hint: str = "") -> StoppedError:
    """Return the error for a file, or standard output, that cannot be written any more."""
    name = error.filename or STANDARD_OUTPUT
    return StoppedError(f"cannot write {name}: {error.strerror}", hint, 1 if name == STANDARD_OUTPUT else 2)


@contextmanager
def stoppable(*, resumable: bool) -> Iterator[list[Output]]:
    """Raise StoppedError for Ctrl-C, SIGTERM, a full disk and an input that is gone, BrokenPipeError for a closed pipe.

    Gives a list, to which the run adds each output that it begins. All but the last are complete. The last is kept if
    the run is resumable, and then the hint of the error says how to go on.
    """
    import signal

    def terminate(_number: int, _frame: Any) -> None:
        raise _Terminated

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, terminate) if main else None
    begun: list[Output] = []

    def stop(keep: bool) -> str:
        for output in begun[:-1]:  # these are complete
            output.close() if keep else output.forget()
        kept = begun[-1].stop(keep) if begun else ""
        return kept or (KEPT if keep and begun[:-1] else "")

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
        raise not_written(error, stop(resumable)) from None
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
