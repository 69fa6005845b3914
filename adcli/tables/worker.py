"""A task on a Dask worker: one file through a formula, done as on a single machine."""

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
from .journal import BusyError, Tally
from .rows import StoppedError
from .stream import stoppable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .request import Group, Request
    from .run import Tell
    from .stream import Plan

WAIT = 0.5  # seconds between looking


class Done(NamedTuple):
    """What became of a task: what is done, or an error; and where."""

    tally: Tally
    error: AdcliError | None
    worker: str


def work(order: bytes, group: Group, expected: Mapping[str, str]) -> Done:
    """Write one output at a worker; errors are returned, as Dask would report them on the worker's terminal."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def needed() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled" and worker.status.name in ("running", "paused")

    def go_on(*_progress: int) -> None:
        if not needed():
            raise StoppedError("nobody waits for this any more, or the worker is about to end")

    try:
        _check_versions(expected)
        return Done(_written(order, group, go_on), None, worker.address)
    except AdcliError as error:
        if not needed():
            raise Reschedule from None
        return Done(Tally(), error, worker.address)


def _check_versions(expected: Mapping[str, str]) -> None:
    for package, here in versions().items():
        if here != expected[package]:
            what = f"the worker has {package} {here or 'not'}, this machine {expected[package] or 'not'}"
            raise UsageError(what, hint="install the same versions on all machines")


def versions() -> dict[str, str]:
    """Return the versions of what the bytes that are written depend on; an empty text for what is not installed."""
    found = {"adcli": __version__}
    for package in ("numpy", "pyarrow"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def _written(order: bytes, group: Group, go_on: Tell) -> Tally:
    """Write one output, from where a worker that died was; wait while another one that lives has it locked."""
    plan, asked, formula = _understood(order)
    asked = replace(asked, files=group.files)
    while True:
        try:
            with stoppable(resumable=True) as outputs:
                run.write(plan, asked, formula, group, run.Inputs(plan, asked, group), outputs, go_on)
            return outputs[0].tally
        except BusyError:
            go_on(0, 0, 0)
            sleep(WAIT)


@lru_cache(4)
def _understood(order: bytes) -> tuple[Plan, Request, Mapping[str, Any]]:
    """Return the plan that was sent, made once in each process, and what is to be done with it."""
    found: tuple[Plan, Request, Mapping[str, Any]] = pickle.loads(order)
    return found
