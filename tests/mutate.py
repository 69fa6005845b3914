"""A search for what no test holds: each rule, domain, special case and statement is altered in turn, and the tests run.

    python tests/mutate.py ops [NAME]             (or another module of adcli; only what is in a line with NAME)

Each mutant runs in a process of its own that has the libraries already; the tests that are likely to notice it run
first. Those that no test notices are printed, with the reason where one is known.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import os
import re
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import click  # noqa: F401  # imported here once for all mutants
import hypothesis
import lark  # noqa: F401
import mpmath  # noqa: F401
import numpy  # noqa: F401
import pytest
import rich.table  # noqa: F401
import sympy  # noqa: F401

TESTS = Path(__file__).parent
SUITE = """ops germ conventions cases sides special modes hessian taylor wide articles jacobian rounding agreement
    accuracy symbolic precise hints big record parse"""
JOBS = 2
SECONDS = 60  # a mutant on which a test takes more of the processor is noticed,
MEMORY = 4 * 2**30  # and one that needs more memory
# What no test can notice, and why.
EQUIVALENT: dict[str, str] = {}
SKIPPED = {"infix", "latex", "aliases", "sample", "hint"}  # how an operation is written, not what it is
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr, ast.Continue, ast.Break, ast.Raise, ast.Return)


def altered(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand instead of this expression or statement."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield ast.Compare(node.left, [COMPARED[type(node.ops[0])](), *node.ops[1:]], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in SWAPPED:
        yield ast.BinOp(node.left, SWAPPED[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, (ast.If, ast.While)):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, STATEMENTS) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        yield ast.Pass()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Op":
        rules = node.args[2:]
        for k, rule in enumerate(rules):
            if isinstance(rule, ast.Constant) and rule.value == 0:
                continue  # a number like others
            opposite = ast.UnaryOp(ast.USub(), rule.body if isinstance(rule, ast.Lambda) else rule)
            for new in (
                ast.Lambda(rule.args, opposite) if isinstance(rule, ast.Lambda) else opposite,
                ast.Constant(0.0),
            ):
                yield ast.Call(node.func, [*node.args[:2], *rules[:k], new, *rules[k + 1 :]], node.keywords)
        for k, word in enumerate(node.keywords):
            others = [*node.keywords[:k], *node.keywords[k + 1 :]]
            if word.arg in ("accurate", "domain", "edges", "limit", "variadic", "beside"):
                yield ast.Call(node.func, node.args, others)
            if word.arg == "edges" and isinstance(word.value, ast.Tuple) and len(word.value.elts) > 1:
                for n in range(len(word.value.elts)):
                    fewer = ast.Tuple([*word.value.elts[:n], *word.value.elts[n + 1 :]], ast.Load())
                    yield ast.Call(node.func, node.args, [*others, ast.keyword("edges", fewer)])


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield where in a module an expression or a statement stands: its parent, field and number."""
    for field, value in ast.iter_fields(tree):
        for k, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or field in ("annotation", "returns", "defaults", "kw_defaults", "bases"):
                continue
            if isinstance(child, (ast.Import, ast.ImportFrom, ast.Assert, ast.JoinedStr)):
                continue
            if isinstance(child, ast.keyword) and child.arg in SKIPPED:
                continue
            if not (isinstance(tree, (ast.Module, ast.ClassDef)) and isinstance(child, STATEMENTS)):
                yield tree, field, k
            yield from places(child)


def mutants(source: str, name: str) -> Iterator[tuple[int, str, str, ast.Module]]:
    """Yield line, what stood there and stands there now, and the module, until the next one altered in this place."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for parent, field, k in list(places(tree)):
        old = getattr(parent, field) if k is None else getattr(parent, field)[k]
        line = getattr(old, "lineno", 0)
        if name in (lines[line - 1] if line else ""):
            for new in altered(old):
                put(parent, field, k, new)
                yield line, ast.unparse(old), ast.unparse(new), ast.fix_missing_locations(tree)
                put(parent, field, k, old)


def put(parent: ast.AST, field: str, k: int | None, new: ast.AST) -> None:
    """Put a node where `places` says."""
    if k is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[k] = new


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module, self.tree = module, tree

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = ""
        exec(compile(self.tree, self.module, "exec"), module.__dict__)


class Watch:
    """A plugin of pytest: tests with this word in their names first, then those that noticed others, then the quick.

    `log` gets a line for each test: its name, how long it took, and whether it passed.
    """

    def __init__(self, word: str, known: dict[str, tuple[bool, float]], log: IO[str]) -> None:
        self.word, self.known, self.log = word, known, log

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        def rank(item: pytest.Item) -> tuple[bool, tuple[bool, float]]:
            return self.word not in re.findall(r"\w+", item.nodeid), self.known.get(item.nodeid, (True, 0.0))

        items.sort(key=rank)

    def pytest_runtest_logstart(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            print(report.nodeid, report.duration, report.outcome, sep="\t", file=self.log, flush=True)


class Search:
    """Runs the tests on mutants of one module; `known` says of each test whether it noticed none, and its seconds."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.known: dict[str, tuple[bool, float]] = {}
        self.running: dict[int, tuple[str, IO[str]]] = {}
        self.survivors: list[str] = []

    def start(self, tree: ast.Module, word: str, shown: str) -> None:
        """Start the tests on one mutant, in a process of its own."""
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in `finish`
        if pid := os.fork():
            self.running[pid] = shown, log
            return
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.meta_path.insert(0, Mutated(f"adcli.{self.module}", tree))
        files = [str(TESTS / f"test_{name}.py") for name in SUITE.split()]
        options = ["-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-k", "not test_size_gives"]
        os._exit(pytest.main([*options, *files], [Watch(word, self.known, log)]))

    def finish(self) -> None:
        """Wait for one of the runs, and print its mutant if it survives."""
        pid, status = os.wait()
        shown, log = self.running.pop(pid)
        log.seek(0)
        for line in log:
            test, seconds, outcome = line.rstrip("\n").split("\t")
            if outcome == "failed" or test not in self.known:
                self.known[test] = outcome != "failed", float(seconds)
        log.close()
        if status == 0:
            self.survivors.append(shown)
            print(shown, *([EQUIVALENT[shown]] if shown in EQUIVALENT else []), sep="\n    ", flush=True)


def entry(lines: list[str]) -> str:
    """Return the name of the operation, function or other thing that the last one of these lines belongs to."""
    names = (re.search(r'Op\("(\w+)"|(?:def|class) (\w+)|^(\w+) = (?!Op)', line) for line in reversed(lines))
    found = next(filter(None, names), None)
    return found[found.lastindex or 0] if found else ""


def change(old: str, new: str) -> str:
    """Return both texts, of long ones only the words that differ."""

    def alike(a: list[str], b: list[str]) -> int:
        return next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))

    a, b = old.split(" "), new.split(" ")
    if len(old) > 100:
        start = alike(a, b)
        end = alike(a[:start:-1], b[:start:-1])
        a, b = a[start : len(a) - end], b[start : len(b) - end]
    return f"{' '.join(a)} -> {' '.join(b)}"


def main(module: str, name: str = "") -> None:
    """Try every mutant of the module, and print those that survive, and how many there were."""
    settings: Any = {"derandomize": True, "database": None, "deadline": None}
    settings["phases"] = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", **settings)
    hypothesis.settings.load_profile("mutants")
    source = (TESTS.parent / "adcli" / f"{module}.py").read_text("utf-8")
    lines = source.splitlines()
    search = Search(module)
    search.start(ast.parse(source), "", f"{module}.py as it is")
    search.finish()
    assert search.survivors, "the tests fail as it is"
    search.survivors.clear()
    count = 0
    for count, (line, old, new, tree) in enumerate(mutants(source, name), 1):
        if len(search.running) == JOBS:
            search.finish()
        word = entry(lines[:line])
        search.start(tree, word, f"{module}.py {word}: {change(old, new)}")
        if count % 20 == 0:
            print(f"{count} mutants, {len(search.survivors)} survive, at line {line}", file=sys.stderr, flush=True)
    while search.running:
        search.finish()
    unexplained = [shown for shown in search.survivors if shown not in EQUIVALENT]
    print(f"{module}: {count} mutants, {len(search.survivors)} survive, {len(unexplained)} of them unexplained")
    sys.exit(len(unexplained) > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
