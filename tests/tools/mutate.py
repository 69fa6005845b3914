"""A search for what no test holds: each rule, domain, special case and statement is altered in turn, and the tests run.

    python -m tests.tools.mutate ops.table [NAME]    (or another module of adcli; only what is in a line with NAME)

Each mutant runs in a process of its own that has the libraries already; the tests that are likely to notice it run
first. Those that no test notices are printed, with the reason where one is known.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import inspect
import os
import re
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import IO, Any

import click  # noqa: F401  # imported here once for all mutants
import hypothesis
import lark  # noqa: F401
import mpmath  # noqa: F401
import numpy  # noqa: F401
import pytest
import rich.table  # noqa: F401
import sympy  # noqa: F401

TESTS = Path(__file__).parents[1]
SUITE = """ops test_conventions.py test_cases.py edges trace derive test_articles.py test_agreement.py test_accuracy.py
    test_recording.py language/test_reader.py show/test_render.py"""
JOBS = 2
SECONDS = 60  # a mutant on which a test takes more of the processor is noticed,
MEMORY = 4 * 2**30  # and one that needs more memory
SLOWER = "a condition that changes is found by its value, more slowly"
WEIGHT = "what is not needed has the weight 0"
# What no test can notice, and why.
EQUIVALENT = {
    "op.py __apply_op__: raise NotImplementedError -> pass": "every kind of number has its own",
    "table.py copysign: sign(a) * copysign(1.0, b) -> sign(a) / copysign(1.0, b)": "times 1 or -1, or over it",
    "table.py copysign: abs_(a) * copysign(1.0, b) -> abs_(a) / copysign(1.0, b)": "the same",
    "table.py atan2: x < 0 -> x <= 0": "(0, 0) is not in the domain",
    "table.py polygamma: 0.0 -> 1.0": "by the order there is no derivative, whatever the rule",
    "op.py __call__: 1 -> 2": "any number below all ranks",
    "op.py __init__: 0.75 -> 1.75": "any point of the domain will do",
    "op.py __init__: 0.25 -> 1.25": "the same",
    "op.py literal: exactly.numerator * one -> exactly.numerator / one": "times one, or over it",
    "table.py _PER_LN10: 10 * one -> 10 / one": "the same",
    "op.py literal: len(text) <= 15 -> len(text) < 15": "15 digits are those of the float",
    "settle.py settle: len(partials) > 1 -> len(partials) >= 1": "of one variable there is no other direction",
    "settle.py along: 1.0 -> 2.0": "of a tolerance",
    "limits.py _coefficients: terms[odd] * math.prod((odd / root - j for j in range(k))) -> "
    "terms[odd] / math.prod((odd / root - j for j in range(k)))": "only its sign counts",
    "limits.py second: 1.0 -> 2.0": "another direction will do",
    "limits.py second: 0.25 -> 1.25": "another direction will do",
    "limits.py second: 4.0 -> 5.0": "another direction will do",
    "limits.py second: line[2] / d -> line[2] * d": "of a tolerance",
    "limits.py second: 0 -> 1": "all are the same",
    "limits.py _limits: 1.0 -> 2.0": "the same line",
    "limits.py _limits: len(inputs) > 1 -> len(inputs) >= 1": "the same line again",
    "limits.py _limits: angle + k -> angle - k": "another direction will do",
    "limits.py _limits: 0.3 -> 1.3": "another direction will do",
    "limits.py _limits: 1.1 -> 2.1": "another direction will do",
    "limits.py _limits: 1 + j / 7 -> 1 - j / 7": "another direction will do",
    "limits.py _limits: 1 -> 2": "another direction will do",
    "limits.py _limits: j / 7 -> j * 7": "another direction will do",
    "limits.py _limits: 7 -> 8": "another direction will do",
    "germ.py _add: abs(terms[k]) <= ROUNDING * abs(before) -> abs(terms[k]) < ROUNDING * abs(before)": "a threshold",
    "limits.py _limits: sign * d -> sign / d": "another direction will do",
    "limits.py _limits: not bend -> bend": "parabolas are tried in any case",
    "sides.py __init__: False -> True": "more rows are run than are needed",
    "sides.py __init__: past[row] = row in edges or True in [past[arg] for arg in args] -> pass": SLOWER,
    "sides.py __init__: row in edges or True in [past[arg] for arg in args] -> "
    "row in edges and True in [past[arg] for arg in args]": SLOWER,
    "sides.py __init__: row in edges -> row not in edges": SLOWER,
    "sides.py __init__: True in [past[arg] for arg in args] -> True not in [past[arg] for arg in args]": SLOWER,
    "sides.py __init__: True -> False": SLOWER,
    "germ.py _leading_power: MAX_ROOT + 1 -> MAX_ROOT - 1": "how far is a choice",
    "sides.py __init__: op.selects is not None -> op.selects is None": SLOWER,
    "sides.py __init__: row in needed and values[arg] is not None -> row in needed or values[arg] is not None": WEIGHT,
    "sides.py __init__: self.weights = {slot: w for slot, w in self.weights.items() if core[slot]} -> pass": WEIGHT,
    "sides.py same: 0.0 -> 1.0": "of a tolerance",
    "sides.py same: abs(a - b) <= ROUNDING * size -> abs(a - b) < ROUNDING * size": "a threshold",
    "sides.py limit_beside: 1.0 + k / 7 -> 1.0 - k / 7": "another parabola will do",
    "sides.py limit_beside: 1.0 -> 2.0": "another parabola will do",
    "sides.py limit_beside: k / 7 -> k * 7": "another parabola will do",
    "sides.py limit_beside: sign * w -> sign / w": "another parabola will do",
    "sides.py limit_beside: 1 -> 2": "a power more is known too",
    "approach.py approach: raise NoGerm from None -> pass": "how far is a choice",
    "reach.py edges_met: False -> True": "more is looked at, with the same answer",
    "settle.py _not_differentiable: 0.618034 -> 1.618034": "the same modulo 1",
    "settle.py _not_differentiable: 1 -> 2": "another direction will do",
    "approach.py approach: raise NoGerm -> pass": "with the last powers nothing is unsettled",
    "approach.py _follow: frame.terms + 2 * root -> frame.terms - 2 * root": "more are tried in turn",
    "approach.py _follow: 2 -> 3": "more than are kept",
    "sides.py limit_beside: 7 -> 8": "another parabola will do",
    "approach.py approach: 1 -> 2": "a finer frame gives the same",
    "approach.py approach: powers + order -> powers - order": "more are tried in turn",
    "approach.py approach: root > MAX_ROOT -> root >= MAX_ROOT": "how far is a choice",
    "germ.py _leading_power: 1 -> 2": "a whole number is one over 2 too",
    "germ.py _constant_power: b > 0 -> b >= 0": "0 has been looked at",
    "germ.py _constant_power: 1 -> 2": "the recurrence gives the same but for rounding",
    "germ.py _constant_power: 3 -> 4": "the recurrence gives the same but for rounding",
    "germ.py _vanishing: a.low * b < 0 -> a.low * b <= 0": "0 has been looked at",
    "germ.py _constant_power: sign < 0 -> sign <= 0": "the sign is 1 or -1",
    "germ.py _constant_power: 0 -> 1": "the sign is 1 or -1",
    "germ.py MAX_ROOT: 24 -> 25": "how far is a choice",
    "germ.py ROUNDING: 40 -> 41": "a threshold",
    "approach.py ORDERS: 4 -> 5": "how far is a choice",
    "approach.py ORDERS: 12 -> 13": "how far is a choice",
    "approach.py ORDERS: 36 -> 37": "how far is a choice",
    "germ.py Germ: 5 -> 6": "any rank above those of the others",
    "series.py BEYOND: 2000 -> 2001": "any number above all orders will do",
    "series.py more: b <= 64 -> b < 64": "either way is right",
    "series.py more: 64 -> 65": "the same",
    "series.py more: b <= BEYOND -> b < BEYOND": "as BEYOND",
    "series.py Series: 3 -> 4": "it meets none of the higher kinds",
    "hessian.py _add: i < k -> i <= k": "of equal ones either is first",
    "hessian.py second: 2 -> 3": "the quick way for two arguments",
    "rounding.py AMPLIFIED: 2.0 ** 10 -> 2.0 * 10": "a threshold",
    "rounding.py AMPLIFIED: 2.0 -> 3.0": "a threshold",
    "rounding.py AMPLIFIED: 10 -> 11": "a threshold",
    "rounding.py CANCELLED: 2.0 ** 30 -> 2.0 * 30": "a threshold",
    "rounding.py CANCELLED: 2.0 -> 3.0": "a threshold",
    "rounding.py CANCELLED: 30 -> 31": "a threshold",
    "twofold.py within_range: size > 1e-280 -> size >= 1e-280": "a threshold",
    "twofold.py within_range: size < 1e+290 -> size <= 1e+290": "a threshold",
    "twofold.py within_range: abs(a) < 1e+290 -> abs(a) <= 1e+290": "a threshold",
    "twofold.py within_range: abs(b) < 1e+290 -> abs(b) <= 1e+290": "a threshold",
    "scaled.py INFINITE: 2 -> 3": "any number beyond the exponents of products will do",
    "scaled.py INFINITE: 40 -> 41": "the same",
    "scaled.py __init__: exponent > INFINITE // 2 -> exponent >= INFINITE // 2": "no exponent is near this one",
    "scaled.py __init__: 2 -> 3": "the same",
    "scaled.py __add__: self.exponent >= other.exponent -> self.exponent > other.exponent": "either is big",
    "scaled.py _split: 0.5 -> 1.5": "times a number beyond all others",
    "partials.py _lookups: len(slots) > 2 -> len(slots) >= 2": "Op.slope gives the same, slower",
}
SKIPPED = {"infix", "latex", "aliases", "sample", "hint", "strict"}  # how it is written, not what it is; an assertion
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
        if (new := not node.value if isinstance(node.value, bool) else node.value + 1) != node.value:
            yield ast.Constant(new)
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


def graft(was: Any, new: Any) -> bool:
    """Make what a module had behave as what it has now; False if it cannot be made to, and so is to be replaced."""
    if isinstance(was, type) and isinstance(new, type):
        for name, value in vars(new).items():
            if not graft(vars(was).get(name), value) and not hasattr(value, "__get__") and name[:2] != "__":
                setattr(was, name, value)
        return True
    if type(was).__name__ == "Op":
        vars(was).clear()
        vars(was).update(vars(new))
        return True
    inner = [inspect.unwrap(getattr(x, "fget", getattr(x, "__func__", x))) for x in (was, new)]
    if all(isinstance(x, FunctionType) for x in inner):
        with suppress(ValueError):  # another number of variables from around it
            inner[0].__code__ = inner[1].__code__
        return True
    return False


def alter(module: ModuleType, tree: ast.Module) -> None:
    """Run a module again, from a syntax tree; what others have from it is altered in place where that can be."""
    names = vars(module)
    before = dict(names)
    exec(compile(tree, module.__name__, "exec"), names)
    for name, new in list(names.items()):
        was = before.get(name)
        if was is not new and graft(was, new):
            names[name] = was
        elif type(new).__name__ == type(was).__name__ and type(new) is not type(was):
            with suppress(TypeError):
                new.__class__ = type(was)  # the class is one of those above


class Search:
    """A plugin of pytest that runs the tests on every mutant of a module, in processes that have everything imported.

    What other modules made of the module when they were imported is as it was: this finds most, but not all, of what
    tests notice. `survivors` are the numbers of the others.
    """

    def __init__(self, module: str, source: str, name: str) -> None:
        self.module, self.source, self.name = module, source, name
        self.known: dict[str, tuple[bool, float]] = {}  # of a test: that it noticed none, and how long it took
        self.running: dict[int, tuple[int, IO[str]]] = {}
        self.survivors: list[int] = []
        self.log: IO[str]
        self.to_end = True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        lines = self.source.splitlines()
        self.start(0, ast.parse(self.source), session.items, "")
        self.finish()
        self.to_end = False
        items = [item for item in session.items if item.nodeid in self.known]
        for count, (line, _, _, tree) in enumerate(mutants(self.source, self.name), 1):
            if len(self.running) == JOBS:
                self.finish()
            self.start(count, tree, items, entry(lines[:line]))
            if count % 20 == 0:
                print(f"{count} mutants, {len(self.survivors)} to look at, at line {line}", file=sys.stderr, flush=True)
        while self.running:
            self.finish()
        return True

    def start(self, count: int, tree: ast.Module, items: list[pytest.Item], word: str) -> None:
        """Start the tests, those with this word in their names first, and then those that noticed others."""
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in `finish`
        if pid := os.fork():
            self.running[pid] = count, log
            return
        self.log = log
        be_quiet()
        alter(importlib.import_module(f"adcli.{self.module}"), tree)

        def rank(item: pytest.Item) -> tuple[bool, tuple[bool, float]]:
            return word not in re.findall(r"\w+", item.nodeid), self.known.get(item.nodeid, (True, 0.0))

        for item in sorted(items, key=rank):
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        os._exit(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            print(report.nodeid, report.duration, report.outcome, sep="\t", file=self.log, flush=True)
        if report.failed and not self.to_end:
            os._exit(1)

    def finish(self) -> None:
        """Wait for one of the runs."""
        pid, status = os.wait()
        count, log = self.running.pop(pid)
        log.seek(0)
        for line in log:
            test, seconds, outcome = line.rstrip("\n").split("\t")
            if count == 0 and outcome != "failed":
                self.known[test] = True, float(seconds)
            elif count == 0:
                self.known.pop(test, None)
            elif outcome == "failed":
                self.known[test] = False, float(seconds)
        log.close()
        if status == 0 and count:
            self.survivors.append(count)


def be_quiet() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)


def arguments() -> list[str]:
    """Return what pytest is to run."""
    files = [str(TESTS / name) for name in SUITE.split()]
    return ["-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-k", "not test_size_gives", *files]


def quick(module: str, source: str, name: str) -> set[int]:
    """Return the numbers of the mutants that survive a `Search`, which runs in a process of its own."""
    with tempfile.TemporaryFile("w+") as log:
        pid = os.fork()
        if not pid:
            search = Search(module, source, name)
            code = pytest.main([*arguments(), "-s"], [search])
            print(*search.survivors, file=log, flush=True)
            os._exit(code not in (0, 5))
        assert os.waitpid(pid, 0)[1] == 0, "the tests do not run"
        log.seek(0)
        return set(map(int, log.read().split()))


def noticed(module: str, tree: ast.Module) -> bool:
    """Tell whether a test fails on the mutant, imported by a new process."""
    pid = os.fork()
    if not pid:
        be_quiet()
        sys.meta_path.insert(0, Mutated(f"adcli.{module}", tree))
        os._exit(pytest.main(arguments()) not in (0, 5))
    return os.waitpid(pid, 0)[1] != 0


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
    source = (TESTS.parent / "adcli" / f"{module.replace('.', '/')}.py").read_text("utf-8")
    survivors = quick(module, source, name)
    lines = source.splitlines()
    count = found = explained = 0
    passes = False
    for count, (line, old, new, tree) in enumerate(mutants(source, name), 1):
        if count not in survivors:
            continue
        shown = f"{module.rpartition('.')[2]}.py {entry(lines[:line])}: {change(old, new)}"
        if shown not in EQUIVALENT:
            passes = passes or not noticed(module, ast.parse(source))
            assert passes, "the tests fail as it is"
            if noticed(module, tree):
                continue
        print(shown, EQUIVALENT.get(shown, ""), sep="\n    ", flush=True)
        found, explained = found + 1, explained + (shown in EQUIVALENT)
    print(f"{module}: {count} mutants, {found} survive, {explained} of them explained")
    sys.exit(found > explained)


if __name__ == "__main__":
    main(*sys.argv[1:])
