"""Measure adcli against named floors and peers within one run, and print each ratio beside its target.

usage: python tests/bench.py [SECTION ...]        sections: startup size gradient rosenbrock taylor batch files

Ratios, not times, can be compared between machines. Nothing else should run meanwhile.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROUNDS = 25  # of each command
FORMULA = ["grad", "ln(x1)+x1*x2-sin(x2)", "--at", "x1=2,x2=5"]


def report(what: str, ratio: float, target: float, detail: str = "") -> None:
    """Print a line: what was measured, the ratio, its target."""
    verdict = "ok" if ratio <= target else "MISSED"
    print(f"  {what:<58} {ratio:6.2f}   target {target:5.2f}   {verdict:<6} {detail}", flush=True)


def alternating(actions: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the median time of each action in seconds; they take turns, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            start = perf_counter()
            action()
            times[name].append(perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


# -- start-up --------------------------------------------------------------------------------------------------------
def startup() -> None:
    """The commands against importing Click and Lark, in fresh processes of the same interpreter."""
    python = sys.executable
    script = str(Path(python).with_name("adcli"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COLUMNS"))}
    commands = {
        "lark": [python, "-c", "import click, lark"],
        "grad": [script, *FORMULA],
        "module": [python, "-m", "adcli", *FORMULA],
        "click": [python, "-c", "import click"],
        "version": [script, "--version"],
        "module version": [python, "-m", "adcli", "--version"],
    }

    def runner(command: list[str]) -> Callable[[], Any]:
        return lambda: subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # away from the checkout: adcli is the installed one
        for command in commands.values():
            runner(command)()  # compiles what is not yet compiled
        took = alternating({name: runner(command) for name, command in commands.items()}, ROUNDS)
        os.chdir("/")
    shown = {name: f"{1000 * t:.0f} ms" for name, t in took.items()}
    for name, floor, target in (
        ("grad", "lark", 1.35), ("module", "lark", 1.35), ("version", "click", 1.15), ("module version", "click", 1.15)
    ):  # fmt: skip
        said = "python -m adcli" if name.startswith("module") else "adcli"
        task = "--version" if "version" in name else "grad"
        imports = "click" if floor == "click" else "click, lark"
        detail = f"{shown[name]} against {shown[floor]}"
        report(f'{said} {task} / python -c "import {imports}"', took[name] / took[floor], target, detail)


# -- size ------------------------------------------------------------------------------------------------------------
def random_formula(operations: int, seed: int = 1) -> str:
    """Return a sum of random formulas of some 60 operations on ten variables, so many operations together."""
    choose = random.Random(seed)
    terms = []
    for _ in range(max(1, operations // 62)):
        parts = [f"x{choose.randint(1, 10)}" for _ in range(24)]
        for made in range(40):
            if made % 5 in (1, 3) or len(parts) == 1:
                k = choose.randrange(len(parts))
                parts[k] = f"{choose.choice(('sin', 'cos', 'tanh', 'atan', 'exp'))}({parts[k]}*{choose.random():.2f})"
            else:
                k = choose.randrange(len(parts) - 1)
                a, b = parts[k], parts.pop(k + 1)
                parts[k] = choose.choice((f"({a} + {b})", f"({a} - {b})", f"{a}*{b}", f"{a}/(2 + {b}^2)"))
        terms.append("".join(parts[:1]))
    return " + ".join(terms)


def long_sum(operations: int) -> str:
    """Return x1*1.5 + x2*2.5 + ... of so many operations."""
    return " + ".join(f"x{k % 10 + 1}*{k}.5" for k in range((operations + 1) // 2))


POINT = {f"x{k}": 0.3 + 0.1 * k for k in range(1, 11)}


class Idle:
    """A transformer whose every method does nothing."""

    def __getattr__(self, name: str) -> Callable[[Any], None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda _children: None


def lark_alone() -> Callable[[str], Any]:
    """Return a function that parses with adcli's grammar and does nothing."""
    from adcli.language import grammar

    return grammar.parser("formula", Idle()).parse


def fresh_gradient(text: str) -> None:
    """Go from a text to its reverse gradient."""
    import adcli

    formula = adcli.formula(text)
    formula.gradient({name: POINT[name] for name in formula.variables}, mode="reverse")


def best(action: Callable[[], Any], rounds: int) -> float:
    """Return the shortest of some times in seconds: what the work takes when nothing disturbs it."""
    found = []
    for _ in range(rounds):
        gc.collect()
        start = perf_counter()
        action()
        found.append(perf_counter() - start)
    return min(found)


def size() -> None:
    """From text to reverse gradient: cost per operation, and against Lark alone parsing the same text."""
    parse = lark_alone()
    for name, make in (("random formula", random_formula), ("long sum", long_sum)):
        cost: dict[int, float] = {}
        against: dict[int, float] = {}
        for operations in (100, 1_000, 10_000, 100_000):
            text = make(operations)
            rounds = max(3, min(30, 30_000 // operations))
            fresh_gradient(text)
            took = floor = float("inf")
            for _ in range(rounds):  # taking turns
                took = min(took, best(lambda text=text: fresh_gradient(text), 1))  # type: ignore[misc]
                floor = min(floor, best(lambda text=text: parse(text), 1))  # type: ignore[misc]
            rows = sum(map(text.count, ("+", "-", "*", "/", "^", "sin", "cos", "tan", "exp")))
            cost[operations], against[operations] = took / rows, took / floor
            print(f"    {name}, {operations:>7,} operations: {1000 * took:8.1f} ms, {1e6 * took / rows:5.1f} us each")
        growth = cost[100_000] / cost[10_000]
        report(f"{name}: cost per operation at 1e5 / at 1e4", growth, 1.3)
        for operations in (10_000, 100_000):
            report(f"{name}: {operations:,} operations / Lark alone", against[operations], 2.0)


# -- gradient --------------------------------------------------------------------------------------------------------
def gradient() -> None:
    """The reverse gradient against the value, both from a trace that is there already."""
    import adcli

    for name, make in (("random formula", random_formula), ("long sum", long_sum)):
        formula = adcli.formula(make(10_000))
        at = {k: POINT[k] for k in formula.variables}
        formula.gradient(at, mode="reverse")
        took = {"gradient": float("inf"), "value": float("inf")}
        for _ in range(30):
            took["gradient"] = min(took["gradient"], best(lambda f=formula, at=at: f.gradient(at, mode="reverse"), 1))  # type: ignore[misc]
            took["value"] = min(took["value"], best(lambda f=formula, at=at: f(at), 1))  # type: ignore[misc]
        detail = f"{1000 * took['gradient']:.1f} ms against {1000 * took['value']:.1f} ms"
        report(f"{name} of 10,000 operations: gradient / value", took["gradient"] / took["value"], 4.0, detail)


# -- second derivatives ----------------------------------------------------------------------------------------------
ROSENBROCK = "sum(i=1..n-1, 100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2)"


def rosenbrock() -> None:
    """The chained Rosenbrock function: linear in n, and the sparse Hessian beside CasADi's from the same terms."""
    import adcli

    took: dict[tuple[str, int], float] = {}
    for n in (1_000, 10_000):
        at = {"n": n, "x": [1.2 if k % 2 else -1.0 for k in range(n)]}
        known = adcli.formula(ROSENBROCK)
        known.gradient(at), known.hessian(at)
        took["gradient", n] = best(lambda at=at: adcli.formula(ROSENBROCK).gradient(at), 5)  # type: ignore[misc]
        took["hessian", n] = best(lambda at=at: adcli.formula(ROSENBROCK).hessian(at), 5)  # type: ignore[misc]
        took["next", n] = best(lambda at=at, f=known: f.hessian(at), 5)  # type: ignore[misc]
        print(
            f"    n = {n:>6,}: text to gradient {1000 * took['gradient', n]:7.1f} ms, text to sparse Hessian "
            f"{1000 * took['hessian', n]:7.1f} ms, the next Hessian {1000 * took['next', n]:7.1f} ms"
        )
    for what in ("gradient", "hessian"):
        report(
            f"{what}: time at n = 10,000 / 10 times that at n = 1,000", took[what, 10_000] / took[what, 1_000] / 10, 1.3
        )
    try:
        import casadi  # type: ignore[import-not-found]
    except ImportError:
        print("    for the comparison: pip install casadi")
        return
    first, following = casadi_hessian(casadi, 10_000)
    peer = f"CasADi {casadi.__version__}: {1000 * first:.0f} ms, each further one {1000 * following:.2f} ms"
    report("n = 10,000: text to the first Hessian / CasADi", took["hessian", 10_000] / first, 0.25, peer)


def casadi_hessian(casadi: Any, n: int) -> tuple[float, float]:
    """Return the time from nothing to the first Hessian, and of a further one."""
    point = casadi.DM([1.2 if k % 2 else -1.0 for k in range(n)])
    firsts = []
    for _ in range(3):
        gc.collect()
        start = perf_counter()
        x = casadi.SX.sym("x", n)
        total = 0
        for i in range(n - 1):
            total = total + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
        made = casadi.Function("hessian", [x], [casadi.hessian(total, x)[0]])
        made(point)
        firsts.append(perf_counter() - start)
    return min(firsts), best(lambda: made(point), 5)


def taylor() -> None:
    """Taylor coefficients of order 200, in process; the target is 50 ms."""
    import adcli

    for text in ("sin(exp(x))", "tan(x)", "x^2.5", "atan(x)", "erf(x)", "x^x", "ln(1+x^2)/sqrt(x)"):
        formula = adcli.formula(text)
        took = best(lambda f=formula: f.taylor({"x": 0.7}, order=200), 5)  # type: ignore[misc]
        report(f"{text} to order 200, in units of 50 ms", took / 0.05, 1.0, f"{1000 * took:.1f} ms")


# -- columns ---------------------------------------------------------------------------------------------------------
COLUMNS = (
    "ln(x1)+x1*x2-sin(x2)",
    "exp(2*x1)+x1*x2^2+cos(x2)",
    "(12-x*exp(y))/(45+x*y*exp(-x))",
    "sigmoid(a*x+b)*softplus(x-c)",
    "sin(x)*cos(y)+exp(-x^2/2)*ln(1+y^2)+tanh(x*y)/(1+x^2)+sqrt(x^2+y^2+1)*atan(y/3)",
)
VALLEY = "+".join(f"(1-x{k})^2+100*(x{k + 1}-x{k}^2)^2" for k in range(1, 10))  # Rosenbrock of ten inputs
AHEAD = {"numba": 1.4, "jax": 3.0, "numexpr": 3.0, "arrays": 4.0}


def batch() -> None:
    """Value and gradient of 1e7 rows (or ADCLI_ROWS) on two threads, beside Numba, JAX, NumExpr and plain arrays."""
    import numpy as np

    import adcli
    from tests.reference import columns

    rows = int(os.environ.get("ADCLI_ROWS", 10_000_000))
    ratios: dict[str, list[float]] = {name: [] for name in columns.PEERS}
    bound: list[float] = []
    for text in (*COLUMNS, VALLEY):
        formula = adcli.formula(text)
        plan, value = formula.plan(), formula.plan(what="value")
        rng = np.random.default_rng(0)
        given = {name: rng.uniform(0.5, 3, rows) for name in plan.inputs}
        held = peak_memory(lambda: plan.run(given, threads=2)) - 8 * rows * len(plan.names)  # noqa: B023
        runs: dict[str, Callable[[], Any]] = {
            "adcli": lambda: plan.run(given, threads=2),  # noqa: B023
            "value": lambda: value.run(given, threads=2),  # noqa: B023
        }
        made = [plan.run(given)[name][:1000] for name in plan.names]
        for name, make in columns.PEERS.items():
            try:
                run = make(text, plan.inputs)
            except ImportError:
                print(f"    for the comparison: pip install {name}")
                continue
            few = [x[:1000].copy() for x in given.values()]
            for a, b in zip(columns.flat(run(few)), made, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9)
            runs[name] = lambda run=run: run(list(given.values()))  # type: ignore[misc]  # noqa: B023
            runs[name]()  # compiles
        took = {name: float("inf") for name in runs}
        for _ in range(3):
            for name, action in runs.items():
                took[name] = min(took[name], best(action, 1))
        took["functions alone"] = columns.functions_alone(plan, list(given.values())) * rows / columns.THREADS
        print(
            "    " + ", ".join(f"{name} {1e9 * t / rows:.1f}" for name, t in took.items()) + f" ns a row: {text[:40]}"
        )
        report("gradient / value", took["adcli"] / took["value"], 2.5)
        report("memory beside inputs and outputs, in units of 64 MB", held / 64e6, 1.0)
        if text is not VALLEY:
            for name in ratios.keys() & took.keys():
                ratios[name].append(took["adcli"] / took[name])
            if "numba" in took:
                bound.append(took["numba"] / took["functions alone"])
    for name, found in ratios.items():
        if found:
            mean = statistics.geometric_mean(found)
            report(
                f"adcli / {name}, geometric mean over the first five",
                mean,
                1 / AHEAD[name],
                f"{1 / mean:.2f} times as fast",
            )
    if bound:
        print(f"    without any arithmetic and memory it would be {statistics.geometric_mean(bound):.2f} times Numba")


def peak_memory(action: Callable[[], Any]) -> float:
    """Return by how many bytes an action raises the largest resident size of this process (Linux)."""

    def size(what: str) -> float:
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
        return 1024 * float(line.split()[1])

    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = size("VmRSS")
    action()
    return size("VmHWM") - before


# -- files -----------------------------------------------------------------------------------------------------------
READ_AND_WRITE = {  # what reads two columns and writes three, and does nothing else
    "CSV to Parquet, whole": """
import sys, pyarrow, pyarrow.csv, pyarrow.parquet
t = pyarrow.csv.read_csv(sys.argv[1])
t = pyarrow.table({"y": t["x1"], "a": t["x2"], "b": t["x1"]})
pyarrow.parquet.write_table(t, sys.argv[2], use_dictionary=False)
""",
    "CSV to Parquet, streamed": """
import sys, pyarrow, pyarrow.csv, pyarrow.parquet
schema = pyarrow.schema([(name, pyarrow.float64()) for name in "yab"])
with pyarrow.parquet.ParquetWriter(sys.argv[2], schema, use_dictionary=False) as out:
    for b in pyarrow.csv.open_csv(sys.argv[1], read_options=pyarrow.csv.ReadOptions(block_size=1 << 22)):
        out.write_batch(pyarrow.record_batch([b.column(0), b.column(1), b.column(0)], schema=schema))
""",
    "NPY to NPY": """
import sys, numpy as np
t = np.load(sys.argv[1])
out = np.empty(len(t), [("y", float), ("a", float), ("b", float)])
out["y"], out["a"], out["b"] = t["x1"], t["x2"], t["x1"]
np.save(sys.argv[2], out)
""",
}


def process(command: list[str]) -> tuple[float, float]:
    """Return how long a process takes in seconds, and its largest memory in MB."""
    start = perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{command[:4]} failed")
    return perf_counter() - start, used.ru_maxrss / 1024


def files() -> None:
    """10,000,000 rows from file to file, the whole process, against reading and writing the same columns alone."""
    python, sample = sys.executable, "ln(x1)+x1*x2-sin(x2)"
    with tempfile.TemporaryDirectory() as folder:
        for rows in (1_000_000, 10_000_000):
            grid = f"x1=0.1:5:{rows // 1000},x2=-3:2.9:1000"
            for kind in ("csv", "npy"):
                ask = [python, "-m", "adcli", "batch", "0*x1*x2", "--what", "value", "--at", grid]
                process([*ask, "-o", f"{folder}/{rows}.{kind}"])

        def command(rows: int, what: str) -> list[str]:
            first, last = ("csv", "parquet") if "CSV" in what else ("npy", "npy")
            paths = [f"{folder}/{rows}.{first}", f"{folder}/out.{last}"]
            if what in READ_AND_WRITE:
                return [python, "-c", READ_AND_WRITE[what], *paths]
            return [python, "-m", "adcli", "batch", sample, paths[0], "-o", paths[1]]

        found: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for _ in range(3):
            for what in (*READ_AND_WRITE, "adcli, CSV", "adcli, NPY"):
                for rows in (10_000_000, *((1_000_000,) if "adcli" in what else ())):
                    found.setdefault((what, rows), []).append(process(command(rows, what)))
    took = {key: min(seconds for seconds, _ in runs) for key, runs in found.items()}
    memory = {key: max(size for _, size in runs) for key, runs in found.items()}
    for kind, target in (("CSV", 1.3), ("NPY", 1.5)):
        ours = took[f"adcli, {kind}", 10_000_000]
        for what in (what for what in READ_AND_WRITE if kind in what):
            alone = took[what, 10_000_000]
            report(
                f"{what}: adcli / reading and writing alone",
                ours / alone,
                target,
                f"{ours:.2f} s against {alone:.2f} s",
            )
        small, large = (memory[f"adcli, {kind}", rows] for rows in (1_000_000, 10_000_000))
        report(
            f"{kind}: memory of 1e7 rows / of 1e6 rows", large / small, 1.25, f"{large:.0f} MB against {small:.0f} MB"
        )


SECTIONS = {
    "startup": startup,
    "size": size,
    "gradient": gradient,
    "rosenbrock": rosenbrock,
    "taylor": taylor,
    "batch": batch,
    "files": files,
}


def main() -> int:
    wanted = sys.argv[1:] or list(SECTIONS)
    if unknown := [name for name in wanted if name not in SECTIONS]:
        print(f"no section {', '.join(unknown)}; there are: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"{name}: {(SECTIONS[name].__doc__ or '').strip()}")
        SECTIONS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
