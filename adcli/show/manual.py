"""The pages of the manual, as Markdown or laid out for a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    from .style import Style

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "guide")
TOPICS = (  # in the order of reading; each is a file NAME.md
    "start", "language", "traces", "pictures", "checking", "latex", "python", "tables", "clusters", "edges",
    "precision", "formats", "commands",
)  # fmt: skip
WIDEST = 100  # columns of a page: longer lines are hard to read


def topic_text(topic: str) -> str:
    """Return a page of the manual as Markdown."""
    with open(os.path.join(FOLDER, f"{topic}.md"), encoding="utf-8") as file:
        return file.read()


def topic_sentences() -> dict[str, str]:
    """Return the sentence of each topic, the first paragraph of its page."""
    return {topic: topic_text(topic).split("\n\n", 2)[1] for topic in TOPICS}


def topics_about(word: str) -> list[str]:
    """Return the topics with a word in one of their headings."""
    headings = {topic: [line for line in topic_text(topic).splitlines() if line.startswith("#")] for topic in TOPICS}
    return [topic for topic, lines in headings.items() if any(word.lower() in line.lower() for line in lines)]


def on_terminal(text: str, style: Style) -> str:
    """Return Markdown as it is shown on a terminal."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    theme = Theme({"markdown.code": "bold cyan", "markdown.h2": "bold magenta", "markdown.table.border": "dim"})
    width = min(style.width or WIDEST, WIDEST)
    colors: Literal["standard"] | None = "standard" if style.color else None
    console = Console(file=StringIO(), width=width, color_system=colors, force_terminal=True, theme=theme)
    with console.capture() as shown:
        console.print(Markdown(text, code_theme="ansi_dark", hyperlinks=False))
    return shown.get()
