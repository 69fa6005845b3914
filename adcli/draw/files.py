"""The formats of files with a computational graph, by the suffix."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..errors import UsageError
from .dot import dot, mermaid
from .picture import NARROWER, Picture
from .png import png
from .svg import svg, svg_page

WRITERS: dict[str, Callable[[Picture], str | bytes]] = {
    ".svg": svg,
    ".png": lambda picture: png(svg(picture, dark=False)),
    ".html": svg_page,
    ".dot": dot,
    ".mmd": mermaid,
}

DRAWN = (".svg", ".png", ".html")
EASY = 100  # vertices that are easy to read


def size_hint(path: str, picture: Picture) -> str:
    """Return advice to draw less where the drawing in this file is large, else an empty text."""
    rows = len(picture.vertices)
    return f"the graph has {rows:,} rows; to see less, {NARROWER}" if rows > EASY and _suffix(path) in DRAWN else ""


def picture_writer(path: str) -> Callable[[Picture], str | bytes]:
    """Return the function that writes a picture for this file; raises UsageError for an unknown suffix."""
    suffix = _suffix(path)
    if suffix not in WRITERS:
        kinds = f"{', '.join([*WRITERS][:-1])} or {[*WRITERS][-1]}"
        raise UsageError(f"the name {path} does not tell what kind of picture it is", hint=f"end it in {kinds}")
    return WRITERS[suffix]


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()
