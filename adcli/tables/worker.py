"""The task of a Dask worker: write one output, as on a single machine."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from time import sleep
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import AdcliError, UsageError
from ..version import __version__
from . import run
from .files import BusyError
from .journal import Tally
from .rows import StoppedError
from .stream import stoppable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..columns import Plan
    from .request import Group, RunOptions
    from .run import Report

WAIT = 0.5  # seconds between two looks at a lock or a cluster


class Outcome(NamedTuple):
    """The end of a task: its tally, or its error; the address of the worker; what was found out about its files."""

    tally: Tally
    error: AdcliError | None
    worker: str
    remarks: Mapping[str, tuple[str, ...]] = {}  # never changed


def do_task(order: bytes, group: Group, expected: Mapping[str, str]) -> Outcome:
    """Write one output at a worker; `order` is the pickled plan, options and description of the run.

    An AdcliError is returned, because Dask would also print it on the worker's terminal. Raises Reschedule if the task
    is not needed here any more.
    """
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def needed() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled" and worker.status.name in ("running", "paused")

    def check_needed(*_progress: int) -> None:
        if not needed():
            raise StoppedError("nobody waits for this any more, or the worker is about to end")

    try:
        _check_versions(expected)
        tally, remarks = _written(order, group, check_needed)
        return Outcome(tally, None, worker.address, remarks)
    except AdcliError as error:
        if not needed():
            raise Reschedule from None
        return Outcome(Tally(), error, worker.address)


def _check_versions(expected: Mapping[str, str]) -> None:
    """Raise UsageError if this machine has other versions."""
    for package, here in versions().items():
        if here != expected[package]:
            what = f"the worker has {package} {here or 'not'}, this machine {expected[package] or 'not'}"
            raise UsageError(what, hint="install the same versions on all machines")


def versions() -> dict[str, str]:
    """Return the versions of the packages on which the written bytes depend; "" for one that is not installed."""
    found = {"adcli": __version__}
    for package in ("numpy", "pyarrow"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def _written(order: bytes, group: Group, check_needed: Report) -> tuple[Tally, Mapping[str, tuple[str, ...]]]:
    """Write one output, or continue one of a worker that died; wait while a living one has it locked."""
    plan, options, described = _unpacked(order)
    options = replace(options, files=group.files, remarks={})
    while True:
        try:
            with stoppable(resumable=True) as outputs:
                read = run.Inputs(plan, options, group)
                run.write_group(plan, options, described, group, read, outputs, check_needed)
            return outputs[0].tally, options.remarks
        except BusyError:
            check_needed(0, 0, 0)
            sleep(WAIT)


@lru_cache(4)
def _unpacked(order: bytes) -> tuple[Plan, RunOptions, Mapping[str, Any]]:
    """Return the plan, options and description that were sent; each process unpickles them once."""
    found: tuple[Plan, RunOptions, Mapping[str, Any]] = pickle.loads(order)
    return found
