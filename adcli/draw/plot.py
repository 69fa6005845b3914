"""Empty plots: in the terminal by plotext, as pictures by matplotlib."""

from __future__ import annotations

import os
from importlib import import_module
from io import BytesIO
from typing import Any

from ..errors import UsageError

PICTURES = (".svg", ".png", ".pdf")
TEXTS = ("", ".txt")
HEIGHT = 24  # lines of a plot in the terminal
_ASCII = str.maketrans("│─┌┐└┘├┤┬┴┼", "|-+++++++++")


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        hint = "pip install 'adcli[plot]'"
        raise UsageError(f"a plot needs {name.partition('.')[0]}", hint=hint) from None


def suffix_of(path: str | None, text: bool) -> str:
    """Return the suffix of a picture's file, or "" if the file is none.

    `text`: the plot itself is written as text. Raises UsageError for another suffix then.
    """
    suffix = os.path.splitext(path or "")[1].lower()
    if suffix in PICTURES:
        return suffix
    if text and suffix not in TEXTS:
        kinds = f"{', '.join(PICTURES)}, or in {TEXTS[-1]} for the plot in text"
        raise UsageError(f"the name {path} does not tell what kind of picture it is", hint=f"end it in {kinds}")
    return ""


def terminal(title: str, width: int = 0) -> Any:
    """Return an empty plot of plotext's without colours, as wide as the terminal or 80 columns."""
    figure = _import("plotext").figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(min(width or 80, 100), HEIGHT)
    figure.title(title)
    return figure


def lines(figure: Any, unicode: bool = True) -> list[str]:
    """Return the lines of a plot."""
    text = _import("plotext").uncolorize(figure.build().string())
    text = text if unicode else text.translate(_ASCII)
    return [line.rstrip() for line in text.rstrip().split("\n")]


def figure() -> tuple[Any, Any]:
    """Return an empty figure of matplotlib's, and its axes."""
    made = _import("matplotlib.figure").Figure(figsize=(8, 5), layout="constrained")
    return made, made.subplots()


def picture(figure: Any, suffix: str) -> bytes:
    """Return a figure in the format of the suffix, `.svg`, `.png` or `.pdf`; the same figure gives the same bytes."""
    out = BytesIO()
    stamp = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix)
    with _import("matplotlib").rc_context({"svg.hashsalt": "adcli"}):
        figure.savefig(out, format=suffix.lstrip("."), metadata=stamp)
    return out.getvalue()
