"""LaTeX formulas broken into lines, by their estimated width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..language import GREEK_COMMANDS
from .cells import filled

LARGE = r"\frac"  # what makes a line higher
_TOKEN = re.compile(r"\\left|\\right|\\begin|\\end|\\[a-zA-Z]+|\\.|\s+|.", re.S)
_OPENING, _CLOSING = {"{", r"\left", r"\begin"}, {"}", r"\right", r"\end"}
_WIDTHS = {r"\cdot": 2, r"\quad": 2, "+": 2, "=": 2, "-": 2, "{": 0, "}": 0, "_": 0, "^": 0, " ": 0, "$": 0}
_WIDTHS |= dict.fromkeys((r"\left", r"\right", r"\mathit", r"\operatorname", r"\text", r"\displaystyle", r"\begin"), 0)
_WIDTHS |= dict.fromkeys((r"\partial", r"\dot", r"\bar", r"\sqrt", *(f"\\{name}" for name in GREEK_COMMANDS)), 1)


def broken_lines(text: str, width: int) -> list[str]:
    """Break a formula into lines of at most `width` characters, where that can be done."""
    lines = (_folded(line, width) for line in filled([*breakable_parts(text)], width, visible_width))
    large = {True: r"\rule{0pt}{4ex}\displaystyle ", False: ""}
    return [f"${large[LARGE in line]}{r'{} ' * (k > 0)}{line}$" for k, line in enumerate(lines)]


def _folded(text: str, width: int) -> str:
    """Return a formula; if it is too wide, both parts of its first fraction are broken into lines."""
    parts = fraction(text)
    if visible_width(text) <= width or not parts:
        return text
    before, *halves, after = parts
    room = width - visible_width(before + after)
    lines = [filled([*breakable_parts(half)], room, visible_width) for half in halves]
    rows = [r" \\ {} ".join(line) for line in lines]
    top, bottom = (rf"\begin{{array}}{{@{{}}l@{{}}}}{row}\end{{array}}" if r"\\" in row else row for row in rows)
    return rf"{before}\frac{{{top}}}{{{bottom}}}{after}"


def least_width(text: str) -> int:
    """Estimate the least width of a formula, with its first fraction broken into lines."""
    parts = fraction(text)
    if not parts:
        return visible_width(text)
    before, *halves, after = parts
    return visible_width(before + after) + max(
        visible_width(piece) for half in halves for piece in breakable_parts(half)
    )


def fraction(text: str) -> tuple[str, str, str, str] | None:
    """Return the texts before, above, below and after the first fraction outside braces and brackets."""
    depth, start, marks = 0, -1, list[int]()
    for m in _TOKEN.finditer(text):
        depth -= m[0] in _CLOSING
        if depth == 0:
            if m[0] == r"\frac" and start < 0:
                start = m.start()
            elif start >= 0 and m[0] in "{}":
                marks.append(m.start())
            if len(marks) == 4:
                a, b, c, d = marks
                return text[:start], text[a + 1 : b], text[c + 1 : d], text[d + 1 :]
        depth += m[0] in _OPENING
    return None


def breakable_parts(text: str) -> Iterator[str]:
    """Yield the parts between which a formula may break: before a spaced sign outside braces and brackets."""
    tokens = _TOKEN.findall(text)
    depth, piece = 0, ""
    for k, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        sign = "".join(tokens[k + 1 : k + 3])
        if depth == 0 and token == " " and sign in ("+ ", "- ", r"\cdot ") and piece:
            yield piece
            piece = ""
        piece += token
    yield piece


def visible_width(text: str) -> int:
    """Estimate the width of a formula in characters; of a fraction the wider part counts."""
    groups = [[0, 0, 0]]  # the width so far; the number of parts of a fraction to come; the width of the first
    for token in _TOKEN.findall(text):
        group = groups[-1]
        if token == r"\frac":
            group[1] = 2
        elif token == "{":
            groups.append([0, 0, 0])
        elif token == "}" and len(groups) > 1:
            width = groups.pop()[0]
            group = groups[-1]
            if group[1] == 2:
                group[2] = width
            else:
                group[0] += max(width, group[2])
                group[2] = 0
            group[1] = max(group[1] - 1, 0)
        else:
            group[0] += _WIDTHS.get(token, len(token.lstrip("\\")))
    return sum(group[0] for group in groups)
