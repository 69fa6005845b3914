"""A file imports only from files of a lower layer, and each large dependency has one room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "adcli"
# From the ground up. Files on one line do not import each other.
LAYERS = (
    ("__init__", "errors", "special", "shown"),
    ("gammas",),
    ("ops",),
    ("graph", "dual", "taylor", "math", "big"),
    ("grammar", "repeat", "simplify", "typed", "complaints"),
    ("printing",),
    ("parse", "trace", "texhints"),
    ("texwords",),
    ("latex",),
    ("linearize", "wide", "germ", "hints", "foreign", "sampling"),
    ("forward", "reverse", "differences"),
    ("sides", "rounding"),
    ("closer",),
    ("derivatives", "symbolic", "precise"),
    ("conditioning", "peers", "steps"),
    ("grid",),
    ("files",),
    ("stream", "request"),
    ("tables", "progress"),
    ("worker",),
    ("cluster",),
    ("tracetable", "point", "syntax", "reference", "jacobian", "expansion"),
    ("hessian",),
    ("verdict", "claims", "stepsweep"),
    ("same", "plotting"),
    ("sweepplot",),
    ("arrays",),
    ("registers",),
    ("program",),
    ("lowering",),
    ("cancelling",),
    ("unusual",),
    ("rowkinds",),
    ("formula",),
    ("batch",),
    ("preciseformula", "pointtable", "curve", "field", "session", "transcript"),
    ("curveplot",),
    ("record",),
    ("document",),
    ("display", "pointviews", "formulaviews"),
    ("views",),
    ("worksheet", "latexpage"),
    ("show",),
    ("draw",),
    ("cli",),
    ("__main__",),
)
LAYER = {name: k for k, names in enumerate(LAYERS) for name in names}
ROOMS = {
    "rich": ("show",),
    "click": ("cli",),
    "lark": ("grammar", "parse", "complaints", "latex", "texwords", "texhints"),
    "numpy": (
        "point",
        "record",
        "arrays",
        "registers",
        "lowering",
        "unusual",
        "rowkinds",
        "batch",
        "files",
        "stream",
    ),
    "distributed": ("cluster", "worker"),
    "mpmath": ("big",),
    "plotext": ("plotting",),
    "matplotlib": ("plotting",),
    "cairosvg": ("draw",),
}
# Only when they are asked to.
UPWARD = {("shown", "show"), ("progress", "show"), ("formula", "preciseformula"), ("formula", "batch")}
FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    """Return the module of adcli that a file belongs to; a folder is one."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each import at run time: `adcli.ops`, `lark`; those inside functions count."""
    package = ("adcli", *path.relative_to(PACKAGE).parent.parts)
    todo: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo += node.orelse
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
            for alias in node.names:
                named = f"{base}.{alias.name}"
                yield node.lineno, named if base == "adcli" and alias.name in LAYER else base
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        else:
            todo += ast.iter_child_nodes(node)


def test_every_file_has_a_layer() -> None:
    assert {module(path) for path in FILES} == set(LAYER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_below(path: Path) -> None:
    here = module(path)
    for line, name in imports(path):
        root, _, rest = name.partition(".")
        if root != "adcli":
            continue
        target = rest.partition(".")[0] or "__init__"
        if here != target and (here, target) not in UPWARD:
            assert LAYER[target] < LAYER[here], f"{path.name}:{line} imports {target}, which is not below {here}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_dependency_has_its_room(path: Path) -> None:
    for line, name in imports(path):
        root = name.partition(".")[0]
        assert module(path) in ROOMS.get(root, (module(path),)), f"{path.name}:{line} imports {root}"


def test_the_walk_sees_imports_of_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    (tmp_path / "cli").mkdir()
    source = """
import json, os.path
from . import ops, __version__
from .. import ops
from ..graph import Node
if TYPE_CHECKING:
    import rich
else:
    import lark
def f():
    from .options import g
"""
    (tmp_path / "cli" / "one.py").write_text(source, "utf-8")
    found = [name for _, name in sorted(imports(tmp_path / "cli" / "one.py"))]
    expected = ["json", "os.path", "adcli.cli", "adcli.cli", "adcli.ops", "adcli.graph", "lark", "adcli.cli.options"]
    assert found == expected
