"""A room imports only from the rooms before it, from their faces; no files import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "adcli"
# Lowest first. Rooms on one line do not import each other.
ROOMS = """
    lazy version errors
    result
    ops
    language
    trace
    edges
    derive
    check columns show
    draw estimate export
    api
    recording math
    tables
    cli
    __init__ __main__
"""
LINE = {name: k for k, names in enumerate(ROOMS.split("\n")) for name in names.split()}
FILES = sorted(PACKAGE.rglob("*.py"))
IDS = [path.relative_to(PACKAGE).as_posix() for path in FILES]


def module(path: Path) -> str:
    """Return the name of a file's module within the package: `ops.table`, `ops`, `__init__`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def room(name: str) -> str:
    return name.partition(".")[0]


def imports(path: Path, names: set[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the line, module and name of each import from the package, those in functions and for types included."""
    package = [*path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                full = ".".join([*base, alias.name])
                yield node.lineno, full if full in names else ".".join(base) or "__init__", alias.name
        elif isinstance(node, ast.ImportFrom | ast.Import):
            absolute = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            assert not any(room(name) == "adcli" for name in absolute), f"{path}:{node.lineno}: use a relative import"


NAMES = {module(path) for path in FILES}
ARROWS = {module(path): list(imports(path, NAMES)) for path in FILES}


def test_every_file_is_in_a_room() -> None:
    assert {room(name) for name in NAMES} <= set(LINE)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_room_imports_only_from_rooms_before_it(path: Path) -> None:
    here = room(module(path))
    for line, target, _ in ARROWS[module(path)]:
        there = room(target)
        if here != there:
            assert LINE[there] < LINE[here], f"{path.name}:{line} imports {there}, which is not below {here}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_between_rooms_names_come_from_the_face(path: Path) -> None:
    here = room(module(path))
    for line, target, name in ARROWS[module(path)]:
        there = room(target)
        if here != there and "." in target:
            assert target == f"{there}.{name}", f"{path.name}:{line} imports {name} from {target}, not from {there}"


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of files that import each other, directly or through others."""
    reached: dict[str, set[str]] = {}
    for start in arrows:
        found, todo = set[str](), [start]
        while todo:
            new = arrows[todo.pop()] - found
            found |= new
            todo += new
        reached[start] = found
    groups = {frozenset({name} | {other for other in reached[name] if name in reached[other]}) for name in arrows}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def faces() -> set[str]:
    return {name for name in NAMES if (PACKAGE / name.replace(".", "/") / "__init__.py").exists()}


def file_arrows() -> dict[str, set[str]]:
    """Return the files that each file imports names from; a name of a face comes from its own file."""
    homes: dict[tuple[str, str], str] = {}
    stars: dict[str, str] = {}
    for face in faces():
        for _, target, name in ARROWS[face]:
            homes[face, name] = target
            stars |= {face: target} if name == "*" else {}
    return {
        here: {homes.get((target, name), stars.get(target, target)) for _, target, name in found} - {here, *faces()}
        for here, found in ARROWS.items()
        if here not in faces()
    }


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles(file_arrows()) == []


def test_the_search_for_circles_finds_them() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a", "d"}}) == [["b", "c"]]


@pytest.mark.parametrize("face", sorted({room(name) for name in NAMES if "." in name} - {"cli"}))
def test_a_face_names_the_same_for_types_and_when_it_is_used(face: str) -> None:
    types: dict[str, str] = {}
    tree = ast.parse((PACKAGE / face / "__init__.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            types |= {alias.name: node.module or "" for alias in node.names if alias.name != "*"}
    found = import_module(f"adcli.{face}")
    assert found._files == types
    for name in types:
        assert getattr(found, name) is getattr(import_module(f"adcli.{face}.{types[name]}"), name)
