"""A run over a Dask cluster writes the same bytes as a run on one machine, whatever happens to workers."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.errors import UsageError
from adcli.tables import cluster
from adcli.tables import run as tables
from adcli.tables.cluster import KEPT, ClusterError
from adcli.tables.journal import Tally
from adcli.tables.request import RunOptions
from adcli.tables.rows import DataError
from tests.cli.test_cli import CLEAN
from tests.tables.test_journal import points

pytestmark = pytest.mark.long

fcntl = pytest.importorskip("fcntl")
pytest.importorskip("distributed")
FORMULA = "ln(x1)+x1*x2-sin(x2)"
SLOW = "sum(i=1..60, sin(i*x1)*exp(-x2/i))"


# -- a cluster --------------------------------------------------------------------------------------------------------
class Cluster:
    """A scheduler, and workers of one thread each."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2])
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        return subprocess.Popen(command, env=CLEAN, stderr=subprocess.DEVNULL, cwd=self._folder)

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        self.workers.append(self._start("worker", self.address, "--nthreads", "1", "--no-nanny"))
        return self.workers[-1]

    def client(self) -> Any:
        """Return a client, when the scheduler answers."""
        from distributed import Client

        return Client(self.address, timeout=60)

    def load(self) -> list[int]:
        """Return how many tasks each worker has."""
        with self.client() as client:
            return [len(tasks) for tasks in client.processing().values()]

    def stop(self) -> None:
        """End all of them."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@contextmanager
def cluster_of(workers: int, folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder)
    try:
        for _ in range(workers):
            made.worker()
        with made.client() as client:
            client.wait_for_workers(workers)
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait long for a scheduler, because tests run on busy machines."""
    monkeypatch.setattr(cluster, "PATIENCE", 60.0)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with two workers, for tests that do not change it."""
    with cluster_of(2, tmp_path_factory.mktemp("cluster")) as made:
        yield made


def transform(files: list[Path], out: str, scheduler: str = "", formula: str = FORMULA, **options: Any) -> Tally:
    """Write value and gradient; on one machine, unless there is a scheduler."""
    asked = RunOptions(tuple(map(str, files)), output=out, **options)
    plan, described = adcli.formula(formula).plan(), {"the formula": formula}
    return cluster.run(plan, asked, described, scheduler=scheduler) if scheduler else tables.run(plan, asked, described)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def command(*words: object) -> subprocess.Popen[str]:
    """Start the program in a session of its own."""
    line = [sys.executable, "-m", "adcli", "batch", "--engine", "dask", *map(str, words)]
    return subprocess.Popen(
        line, stderr=subprocess.PIPE, text=True, env=CLEAN, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which a background job would ignore
    )  # fmt: skip


def until(happened: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


# -- what is written --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format_", ["csv", "csv.gz", "jsonl", "npy", "npz", "parquet", "arrow"])
def test_the_bytes_are_those_of_one_machine(format_: str, two: Cluster, tmp_path: Path) -> None:
    if format_ in ("parquet", "arrow"):
        pytest.importorskip("pyarrow")
    rows = [points(tmp_path / f"{k}.csv", 300 + k) for k in range(4)]
    sources = []
    for k, path in enumerate(rows):
        sources.append(tmp_path / f"p{k}.{format_}")
        transform([path], str(sources[-1]), keep=("x1", "x2"))
    one, many = tmp_path / "one", tmp_path / "many"
    expected = transform(sources, f"{one}/", keep=("x1",))
    assert transform(sources, f"{many}/", two.address, keep=("x1",)) == expected
    assert expected.rows == 1206
    assert expected.notes["domain"] > 100
    assert len(contents(one)) == 4
    assert contents(many) == contents(one)


def test_bad_rows_are_passed_over_and_listed(two: Cluster, tmp_path: Path) -> None:
    rows = [points(tmp_path / f"{k}.csv", 200, bad=k) for k in range(3)]
    one, many = tmp_path / "one", tmp_path / "many"
    options = {"on_error": "null", "keep": ("name",)}
    expected = transform(rows, f"{one}/", errors=f"{tmp_path}/e1/", **options)
    assert transform(rows, f"{many}/", two.address, errors=f"{tmp_path}/e2/", **options) == expected
    assert expected.bad == 3
    assert contents(many) == contents(one)
    assert contents(tmp_path / "e2") == contents(tmp_path / "e1")


def test_a_plan_is_pickled_as_text() -> None:
    columns = {"x": np.linspace(-2, 2, 9), "y": np.linspace(0.1, 3, 9)}
    for text, syntax, options in (
        ("a = exp(2x); [a*y, sin(a)+y]", "adcli", {"what": "jvp", "tangent": {"x": 1.0, "y": 2.0}}),
        (r"\frac{x}{y} + \ln y", "latex", {"at": {"y": 2}, "notes": True}),
        ("if x > 0.1 then x^y else sum(i=1..3, v[i]*x)", "adcli", {"at": {"v": [1, 2, 3]}, "wrt": ("y", "x")}),
    ):
        plan = adcli.formula(text, syntax).plan(**options)
        sent = pickle.dumps(plan)
        again = pickle.loads(sent)
        assert len(sent) < 2000
        assert (again.names, again.inputs) == (plan.names, plan.inputs)
        for mine, other in zip(plan.run(columns).values(), again.run(columns).values(), strict=True):
            np.testing.assert_array_equal(mine, other)
    with pytest.raises(UsageError, match="a Python function cannot be sent"):
        pickle.dumps(adcli.record(lambda x: x * x))


# -- errors -----------------------------------------------------------------------------------------------------------
def test_a_bad_row_ends_the_run_and_what_is_done_is_kept(two: Cluster, tmp_path: Path) -> None:
    rows = [points(tmp_path / f"{k}.csv", 100) for k in range(6)]
    good = rows[4].read_text("utf-8")
    rows[4].write_text(good + "1,two,x\n", "utf-8")
    with pytest.raises(DataError) as one:
        transform([rows[4]], f"{tmp_path}/one.csv")
    out = tmp_path / "out"
    with pytest.raises(DataError) as caught:
        transform(rows, f"{out}/", two.address)
    assert str(caught.value) == f"{one.value}\n{KEPT}"
    assert caught.value.exit_code == 3
    assert not (out / "4.csv").exists()
    done = {path: path.stat().st_mtime_ns for path in out.glob("*.csv")}
    assert out / "0.csv" in done
    rows[4].write_text(good, "utf-8")
    assert transform(rows, f"{out}/", two.address, resume=True).rows == 600
    assert {path: path.stat().st_mtime_ns for path in done} == done
    transform(rows, f"{tmp_path}/whole/")
    assert contents(out) == contents(tmp_path / "whole")


def test_a_file_that_a_worker_does_not_see_is_an_error(two: Cluster, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*gone\.csv") as caught:
        transform([tmp_path / "gone.csv"], f"{tmp_path}/out/", two.address)
    assert "at the worker tcp://127.0.0.1:" in caught.value.hint


def test_other_versions_are_refused(two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cluster.versions()
    monkeypatch.setattr(cluster, "versions", lambda: {**here, "adcli": "9.9"})
    with pytest.raises(UsageError, match=rf"the worker has adcli {adcli.__version__}, this machine 9\.9"):
        transform([points(tmp_path / "p.csv", 10)], f"{tmp_path}/out/", two.address)
    assert not list((tmp_path / "out").iterdir())


def test_options_that_a_cluster_lacks_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [points(tmp_path / f"{k}.csv", 10) for k in range(2)]
    for files, out, what in (
        (rows, f"{tmp_path}/out.csv", "each file has its own output"),
        (rows, "", "a cluster writes files"),
        ([Path("-")], f"{tmp_path}/out.csv", "a cluster reads files"),
    ):
        with pytest.raises(UsageError, match=what):
            transform(files, out, "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs dask and distributed") as caught:
        transform(rows, f"{tmp_path}/out/", "tcp://127.0.0.1:1")
    assert caught.value.hint == "pip install 'adcli[dask]'"


def test_a_scheduler_that_does_not_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    rows = points(tmp_path / "p.csv", 10)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for address in (f"127.0.0.1:{silent.getsockname()[1]}", "tcp://127.0.0.1:1", "http://127.0.0.1:1", "nonsense"):
            with pytest.raises(UsageError, match=f"no Dask scheduler answers at {address}"):
                transform([rows], f"{tmp_path}/out/", address)


# -- accidents --------------------------------------------------------------------------------------------------------
@pytest.fixture
def long(tmp_path: Path) -> list[Path]:
    """Return files that take about a second each."""
    rng = np.random.default_rng(0)
    made = [tmp_path / f"{k}.npz" for k in range(4)]
    for path in made:
        np.savez(path, x1=rng.normal(size=270_000), x2=rng.normal(size=270_000) + 2)
    return made


def begun(out: Path) -> bool:
    """Return whether an output has a block and is not finished."""
    return any(path.read_bytes().count(b"\n") > 1 and path.with_suffix(".part").exists() for path in journals(out))


def journals(out: Path) -> list[Path]:
    return sorted(out.glob("*.journal"))


def test_a_killed_worker_changes_no_byte(two: Cluster, long: list[Path], tmp_path: Path) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    transform(long, f"{one}/", formula=SLOW)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(transform, long, f"{many}/", two.address, SLOW)
        until(lambda: begun(many) or run.done())
        two.workers[0].kill()
        assert not run.done()
        two.workers.pop(0).wait()
        two.worker()
        assert run.result(60).rows == 1_080_000
    assert contents(many) == contents(one)


@pytest.mark.slow
def test_a_worker_that_stops_answering_changes_no_byte(
    long: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLEAN, "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "2s")
    one, many = tmp_path / "one", tmp_path / "many"
    transform(long, f"{one}/", formula=SLOW)
    with ThreadPoolExecutor(1) as pool, cluster_of(2, tmp_path) as made:
        run = pool.submit(transform, long, f"{many}/", made.address, SLOW)
        until(lambda: begun(many) or run.done())
        made.workers[0].send_signal(signal.SIGSTOP)  # it keeps its lock
        until(lambda: run.done() or len(made.load()) == 1)  # the other one has its tasks, and waits for the lock
        assert not run.done()
        made.workers[0].send_signal(signal.SIGCONT)
        assert run.result(60).rows == 1_080_000
    assert contents(many) == contents(one)


@pytest.mark.slow
@pytest.mark.parametrize("worker", [True, False])
def test_a_cluster_that_disappears_is_an_error(
    worker: bool, long: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "IDLE", 10)
    one, many = tmp_path / "one", tmp_path / "many"
    transform(long, f"{one}/", formula=SLOW)
    with ThreadPoolExecutor(1) as pool, cluster_of(1, tmp_path) as made:
        run = pool.submit(transform, long, f"{many}/", made.address, SLOW)
        until(lambda: begun(many) or run.done())
        (made.workers[0] if worker else made.scheduler).kill()
        with pytest.raises(ClusterError, match="no workers" if worker else "scheduler does not answer") as caught:
            run.result(60)
    assert KEPT in caught.value.hint
    assert transform(long, f"{many}/", formula=SLOW).rows == 1_080_000
    assert contents(many) == contents(one)


def test_two_workers_do_not_write_the_same_file(two: Cluster, tmp_path: Path) -> None:
    rows, out = points(tmp_path / "p.csv", 100), tmp_path / "out"
    out.mkdir()
    with open(out / "p.csv.journal", "w", encoding="utf-8") as other, ThreadPoolExecutor(1) as pool:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run is writing"):
            transform([rows], f"{out}/", two.address)
        run = pool.submit(transform, [rows], f"{out}/", two.address, resume=True)
        until(lambda: run.done() or sum(two.load()) == 1)
        assert not run.done()
        fcntl.flock(other, fcntl.LOCK_UN)
        assert run.result(60).rows == 100
    assert set(contents(out)) == {"p.csv"}


# -- from the command line --------------------------------------------------------------------------------------------
def processes(session: int) -> list[str]:
    """Return the command lines of the living processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, own = (path / "stat").read_text("utf-8").rpartition(")")[2].split()[:4]
            if int(own) == session and state != "Z":
                found.append((path / "cmdline").read_text("utf-8").replace("\0", " "))
    return found


def test_the_command_prints_the_same_as_on_one_machine(two: Cluster, tmp_path: Path) -> None:
    rows = [points(tmp_path / f"{k}.csv", 100) for k in range(2)]
    words = [FORMULA, *rows, "-o", f"{tmp_path}/out/", "--progress", "plain"]
    run = command(*words, "--scheduler", two.address)
    said = run.communicate(timeout=60)[1]
    assert (said.partition(" ")[0], said.endswith(" of 200 rows: domain\n"), run.returncode) == ("note:", True, 0)
    refused = command(*words, "--scheduler", two.address, "--engine", "threads")
    assert "add: --engine dask" in refused.communicate(timeout=60)[1]
    assert refused.returncode == 2


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are listed by Linux")
@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_no_cluster_behind(sent: signal.Signals, long: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = command(SLOW, *long, "-o", f"{out}/")
    until(lambda: begun(out) or run.poll() is not None)
    os.killpg(run.pid, sent) if sent == signal.SIGINT else run.send_signal(sent)  # a terminal sends it to all
    said = run.communicate(timeout=60)[1]
    word, status = {signal.SIGINT: ("interrupted", 130), signal.SIGTERM: ("terminated", 143)}[sent]
    assert (run.returncode, said) == (status, f"adcli: {word}\n{KEPT}\n")
    until(lambda: not processes(run.pid), 5)
    assert journals(out)
    assert transform(long, f"{tmp_path}/one/", formula=SLOW).rows == 1_080_000
    run = command(SLOW, *long, "-o", f"{out}/", "--resume")
    assert (run.communicate(timeout=120)[1], run.returncode) == ("", 0)
    assert contents(out) == contents(tmp_path / "one")
