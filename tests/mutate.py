"""A search for what no test holds: each rule, domain, special case and statement is altered in turn, and the tests run.

    python tests/mutate.py ops [NAME]             (or another module of adcli; only what is in a line with NAME)

Each mutant runs in a process of its own that has the libraries already. Those that no test notices are printed.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click  # noqa: F401  # imported here once for all mutants
import hypothesis  # noqa: F401
import lark  # noqa: F401
import mpmath  # noqa: F401
import numpy  # noqa: F401
import pytest
import rich.table  # noqa: F401

TESTS = Path(__file__).parent
SWEEPS = "wide cases sides articles jacobian hessian rounding agreement accuracy modes"
SUITES = {"ops": "ops germ conventions cases sides special modes hessian taylor"}
SECONDS = 600  # a mutant that runs longer is noticed
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
            flat = isinstance(rule, ast.Constant) and rule.value == 0
            body = rule.body if isinstance(rule, ast.Lambda) else rule
            opposite = ast.Constant(1.0) if flat else ast.UnaryOp(ast.USub(), body)
            instead = [ast.Lambda(rule.args, opposite) if isinstance(rule, ast.Lambda) else opposite]
            for new in instead if flat else [*instead, ast.Constant(0.0)]:
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


def noticed(module: str, tree: ast.Module, runs: list[list[str]]) -> bool:
    """Tell whether one of these runs of pytest fails on the mutant, or takes too long."""
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.meta_path.insert(0, Mutated(f"adcli.{module}", tree))
        usual = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        os._exit(any(pytest.main([*usual, *run]) not in (0, 5) for run in runs))
    return os.waitpid(child, 0)[1] != 0


def main(module: str, name: str = "") -> None:
    """Try every mutant of the module, and print those that survive, and how many there were."""
    suite = [[str(TESTS / f"test_{name}.py")] for name in SUITES.get(module, SWEEPS).split()]
    source = (TESTS.parent / "adcli" / f"{module}.py").read_text("utf-8")
    lines = source.splitlines()
    survivors = count = 0
    assert not noticed(module, ast.parse(source), suite), "the tests fail as it is"
    for count, (line, old, new, tree) in enumerate(mutants(source, name), 1):
        entry = re.search(r'Op\("(\w+)"', lines[line - 1])
        own = [[*run, "-k", entry[1]] for run in suite[:3]] if entry else []  # those of the operation come first
        if not noticed(module, tree, own + suite):
            survivors += 1
            print(f"{module}.py:{line}: {old}\n    survives as: {new}", flush=True)
        if count % 20 == 0:
            print(f"{count} mutants, {survivors} survive, at line {line}", file=sys.stderr)
    print(f"{module}: {count} mutants, {survivors} survive")


if __name__ == "__main__":
    main(*sys.argv[1:])
