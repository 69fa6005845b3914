"""Files through a plan into files on a Dask cluster: a task is one file, done as on a single machine."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import islice
from multiprocessing import resource_tracker
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..errors import AdcliError, UsageError
from ..version import __version__
from .journal import Tally, clear, forget, require_locks
from .request import Group, RunOptions, groups
from .rows import DataError, StoppedError
from .run import Report, total
from .stream import KEPT, stoppable
from .streams import read_once
from .worker import WAIT, Outcome, do_task, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..columns import Plan

PATIENCE = 5.0  # seconds to wait for a scheduler
IDLE = 60.0  # seconds to wait for a worker


class ClusterError(AdcliError):
    """The cluster failed."""

    kind = "cluster"
    exit_code = 1


def run(
    plan: Plan,
    options: RunOptions,
    described: Mapping[str, Any],
    report: Report = lambda rows, done, size: None,
    *,
    scheduler: str = "",
) -> Tally:
    """Run as `tables.run` does, on the cluster of a scheduler, or on a local one that ends with the run.

    `report` gets the rows, and how many files are done, of how many. The first error ends the run. Finished files stay,
    and so do unfinished ones, for a run that resumes.
    """
    require_locks()
    tasks = _tasks(plan, options)
    order = pickle.dumps((plan, replace(options, files=(), resume=True, threads=1), described))
    try:
        with stoppable(resumable=True), _cluster(scheduler) as client:
            for group in tasks if not options.resume else ():
                clear(group.path)
            tallies = _Tasks(client, order, tasks, report, options.remarks).finished()
    except StoppedError as error:
        error.hint = KEPT
        raise
    for group in tasks:
        forget(group.path)
    return total(tallies)


def _tasks(plan: Plan, options: RunOptions) -> list[Group]:
    """Return the group of each task, with absolute paths; raises UsageError for what a cluster cannot do."""
    found = groups(plan, options)
    what = hint = ""
    if options.grid or any(map(read_once, options.files)):
        what, hint = "a cluster reads files", "name files after the formula"
    elif not found[0].path:
        what, hint = "a cluster writes files", "add: -o FOLDER/"
    elif len(found[0].files) > 1:
        what, hint = "on a cluster each file has its own output", f"write: -o {found[0].path}/"
    if what:
        raise UsageError(what, hint=hint)
    return [
        group._replace(
            files=tuple(map(os.path.abspath, group.files)),
            path=os.path.abspath(group.path),
            errors=group.errors and os.path.abspath(group.errors),
        )
        for group in found
    ]


def _distributed() -> Any:
    """Import Dask and silence its loggers."""
    try:
        import distributed
    except ImportError:
        raise UsageError("--engine dask needs dask and distributed", hint="pip install 'adcli[dask]'") from None
    for name in ("distributed", "tornado", "asyncio", "bokeh"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False
    return distributed


@contextmanager
def _cluster(scheduler: str) -> Iterator[Any]:
    """Give a client of the scheduler's cluster, or of a local one, which leaves nothing behind."""
    distributed = _distributed()
    with warnings.catch_warnings(), ExitStack() as stack:
        warnings.simplefilter("ignore")
        if scheduler:
            yield stack.enter_context(_connected(distributed.Client, scheduler))
            return
        folder = stack.enter_context(TemporaryDirectory(prefix="adcli-", ignore_cleanup_errors=True))
        with _interrupts_later():
            cluster = distributed.LocalCluster(
                n_workers=os.cpu_count(), threads_per_worker=1, memory_limit=None, host="127.0.0.1",
                dashboard_address=None, local_directory=folder, silence_logs=logging.CRITICAL,
            )  # fmt: skip
            stack.enter_context(cluster)
        yield stack.enter_context(distributed.Client(cluster))


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Block SIGINT; processes that are started meanwhile never receive it, nor those of threads started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting it later would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _connected(connect: Callable[..., Any], scheduler: str) -> Any:
    """Return a client; raises UsageError if there is none within PATIENCE, whatever answers at the address."""
    found: Queue[Any] = Queue()

    def attempt() -> None:
        try:
            found.put(connect(scheduler, timeout=PATIENCE))
        except Exception as error:
            found.put(error)

    threading.Thread(target=attempt, daemon=True).start()
    with suppress(Empty):
        client = found.get(timeout=PATIENCE)
        if not isinstance(client, Exception):
            return client
    what = f"no Dask scheduler answers at {scheduler}"
    raise UsageError(what, hint="start one: dask scheduler; its address is such as tcp://127.0.0.1:8786")


class _Tasks:
    """The tasks of a run; only a few more than there are threads are submitted at a time."""

    def __init__(
        self, client: Any, order: bytes, tasks: Sequence[Group], report: Report, remarks: dict[str, tuple[str, ...]]
    ) -> None:
        self._remarks = remarks
        self._client, self._order, self._tasks, self._report = client, order, tasks, report
        self._versions, self._name = versions(), f"adcli-{uuid4().hex}"
        self._todo = iter(enumerate(tasks))
        self._running: dict[Any, int] = {}
        self._tallies: dict[int, Tally] = {}
        self._seen = monotonic()  # the last time there was a worker

    def finished(self) -> list[Tally]:
        """Return the tally of each task when all are done; raises the first error of a task, or ClusterError."""
        from distributed import CancelledError, wait

        size = len(self._tasks)
        try:
            while len(self._tallies) < size:
                self._submit()
                with suppress(TimeoutError):
                    wait([*self._running], WAIT, "FIRST_COMPLETED")
                for future in [future for future in self._running if future.done()]:
                    self._take(future)
                self._report(sum(tally.rows for tally in self._tallies.values()), len(self._tallies), size)
        except (CancelledError, OSError):
            raise ClusterError("the scheduler does not answer any more", hint=KEPT) from None
        finally:
            if self._running and self._client.status == "running":
                self._client.cancel([*self._running], force=True)
        return [self._tallies[k] for k in range(size)]

    def _submit(self) -> None:
        threads = sum(self._client.nthreads().values())
        self._seen = monotonic() if threads else self._seen
        if monotonic() - self._seen > IDLE:
            raise ClusterError("the cluster has no workers", hint=f"start some: dask worker ADDRESS\n{KEPT}")
        for k, group in islice(self._todo, max(0, 2 * threads + 1 - len(self._running))):
            future = self._client.submit(
                do_task, self._order, group, self._versions, key=f"{self._name}-{k}", pure=False
            )
            self._running[future] = k

    def _take(self, future: Any) -> None:
        """Take the outcome of a task that is done; raises its error."""
        k = self._running.pop(future)
        if future.status == "error":
            raise self._failed(future.exception(), self._tasks[k].files[0])
        outcome: Outcome = future.result()
        if outcome.error is not None:
            error = outcome.error
            hints = [error.hint] * (not isinstance(error, StoppedError)) + [KEPT] * bool(self._tallies)
            if self._client.cluster is None and not isinstance(error, DataError):
                hints.insert(0, f"at the worker {outcome.worker}, which is to see the same files as this machine")
            error.hint = "\n".join(filter(None, hints))
            raise error
        self._tallies[k] = outcome.tally
        self._remarks.update(outcome.remarks)

    def _failed(self, error: Exception, file: str) -> AdcliError:
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return ClusterError(f"one worker after another died of {file}", hint=f"is there enough memory?\n{KEPT}")
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        hint = f"install adcli {__version__} and what it needs on all machines\n{KEPT}"
        return ClusterError(f"the cluster failed at {file}: {text}", hint=hint)
