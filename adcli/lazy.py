"""Faces of packages whose names are imported when they are first asked for."""

from __future__ import annotations

import sys
from types import ModuleType


class Face(ModuleType):
    """A package that imports a file only when one of its names is asked for."""

    _files: dict[str, str]  # the file of each name

    def __getattr__(self, name: str) -> object:
        if name not in self._files:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f".{self._files[name]}", self.__name__), name)
        setattr(self, name, found)
        return found

    def __setattr__(self, name: str, value: object) -> None:
        """Keep a function where importing a file of the same name would put the file."""
        files = self.__dict__.get("_files", {})
        same_name = isinstance(value, ModuleType) and files.get(name) == name
        super().__setattr__(name, getattr(value, name) if same_name else value)


def face(package: str, names: dict[str, str]) -> None:
    """Make a package show names, given as one text for each file: {"nodes": "Node variable"}."""
    module = sys.modules[package]
    module._files = {name: file for file, text in names.items() for name in text.split()}  # type: ignore[attr-defined]
    module.__class__ = Face
