"""Each large dependency is imported in one room, where more than one needs it in as few as possible."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "adcli"
USERS = {
    "rich": {"show"},
    "click": {"cli"},
    "lark": {"language"},
    "numpy": {"language", "recording", "columns", "tables"},
    "mpmath": {"ops"},
    "pyarrow": {"tables"},
    "dask": {"tables"},
    "distributed": {"tables"},
    "plotext": {"draw"},
    "matplotlib": {"draw"},
    "cairosvg": {"draw"},
}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_dependency_is_imported_where_it_belongs(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            root = name.partition(".")[0]
            assert room in USERS.get(root, {room}), f"{path.name}:{node.lineno} imports {root}"
