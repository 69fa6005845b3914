r"""Lines in LaTeX, one after the other, to adcli's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..api import Formula
from ..errors import AdcliError, Note, Place
from .latex_reader import parse_latex
from .latex_words import clean

_NAME = r"(?:[^\W\d_]|\\[A-Za-z]+(?:\{[^{}]*\})?)(?:_(?:\w|\{[^{}]*\}))?"
_HEAD = re.compile(rf"\s*({_NAME})\s*((?:\\left\s*)?\([^()=]*\))?\s*(?:&\s*)?=(?!=)")
_ANSWER = re.compile(r"(?<![A-Za-z\\{])ans(?![A-Za-z}])")
_LINE = r" \\ "


class Transcript:
    """What has been read: functions, which the lines after them may call."""

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}

    def read(self, text: str) -> tuple[str, Sequence[Note]]:
        """Return a line in adcli's language, with notes on how it was read; functions are kept, and are not in it.

        A list `x = [1, 2]` is the same in both. Raises FormulaError.
        """
        plain = _ANSWER.sub(lambda m: r"\mathrm{ans}", clean(text, ""))
        found, notes = [], list[Note]()
        for start, end in _lines(plain):
            line = " " * start + plain[start:end]  # so that places are right
            head = _HEAD.match(line)
            name, parameters = head.groups() if head else ("", None)
            begun = head.end() if head else start
            if head and line[begun:].lstrip().startswith("["):
                found.append(line)
                continue
            functions = {other: known for other, known in self.functions.items() if parameters or other != name}
            rest = "0" if parameters else " " * begun + line[begun:]
            if parameters:
                functions[name] = line  # where it was, if it is not new: what calls it stays below
            whole = _LINE.join([*functions.values(), rest])
            shift = whole.index(line) if parameters else len(whole) - len(rest)
            try:
                script = parse_latex(whole)
            except AdcliError as error:
                error.place = _here(error.place, text, plain, shift)
                raise
            notes += [note._replace(place=_here(note.place, text, plain, shift)) for note in script.notes]
            self.functions = functions
            if not parameters:
                found.append(f"{parse_latex(name).variables[0]} = {Formula(script)}" if head else str(Formula(script)))
        return "; ".join(found), notes


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line divided by two backslashes begins and ends, those of cases aside."""
    start, depth = 0, 0
    for m in re.finditer(r"\\begin|\\end|\\\\|\Z", text):
        depth += (m[0] == r"\begin") - (m[0] == r"\end")
        if (m[0] == r"\\" and depth == 0) or not m[0]:
            yield start, m.start()
            start = m.end()


def _here(place: Place | None, text: str, plain: str, shift: int) -> Place | None:
    """Return the place in what was typed."""
    if place is None or len(text) != len(plain):  # ans was written out
        return place and place._replace(text=plain.strip(), start=0, end=len(plain.strip()))
    return place._replace(text=text, start=max(place.start - shift, 0), end=min(place.end - shift, len(text)))
