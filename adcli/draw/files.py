"""Kinds of files with a computational graph, by the end of their names."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..errors import UsageError
from .dot import dot, mermaid
from .picture import NARROWER, Picture
from .png import png
from .svg import page, svg

WRITERS: dict[str, Callable[[Picture], str | bytes]] = {
    ".svg": svg,
    ".png": lambda picture: png(svg(picture, dark=False)),
    ".html": page,
    ".dot": dot,
    ".mmd": mermaid,
}


DRAWN = (".svg", ".png", ".html")
EASY = 100  # vertices that can be taken in at once


def size_hint(path: str, picture: Picture) -> str:
    """Return how to see less, if a drawing in such a file is large."""
    many = len(picture.vertices)
    return f"the graph has {many:,} rows; to see less, {NARROWER}" if many > EASY and _ending(path) in DRAWN else ""


def writer(path: str) -> Callable[[Picture], str | bytes]:
    """Return what makes the contents of such a file; raises UsageError for a name that does not tell."""
    ending = _ending(path)
    if ending not in WRITERS:
        kinds = f"{', '.join([*WRITERS][:-1])} or {[*WRITERS][-1]}"
        raise UsageError(f"the name {path} does not tell what kind of picture it is", hint=f"end it in {kinds}")
    return WRITERS[ending]


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()
