"""Text as typed to text for the lexer, of the same length: pasted characters, comments, line breaks in brackets."""

from __future__ import annotations

import re

from ..errors import FormulaError, Place

NAME_LETTERS = "A-Za-z_Α-ορ-ω"  # π is a name by itself: πr is π times r
NAME_PATTERN = f"[{NAME_LETTERS}][{NAME_LETTERS}0-9]*"
# Characters as pasted from papers and web pages, one for one so that places stay right.
PASTED_CHARACTERS = str.maketrans("−×·⋅∙∗÷∕⁄µ\u00a0\u2002\u2003\u2009\u202f₀₁₂₃₄₅₆₇₈₉", "-*****///μ     0123456789")
# Spellings that would be read as a product but likely mean something else: pattern, what to say, what to try.
_AMBIGUOUS = (
    (rf"(?<![\w.])[0-9]+(?:\.[0-9]*)?[eE][+-](?![0-9]|[{NAME_LETTERS}]*\()",
     "is ambiguous", "write 2*e - x, or a number such as 2e-3"),
    (r"(?<![\w.])(?:[0-9]+D|(?:[0-9]+\.[0-9]*|\.[0-9]+)[dD])[+-][0-9]+",
     "is ambiguous", "write a number with e, as in 2.5e-3; a product with *, as in 2.5*D - 3"),
    (rf"(?<![\w.])0[xXbBoO][0-9a-fA-F]+(?![{NAME_LETTERS}(])",
     "looks like a hexadecimal, octal or binary number", "write it in decimal"),
    (r"(?<![\w.])[0-9.]+_[0-9_]+", "has _ between digits", "write the digits together, as in 1000000"),
    (rf"(?<![{NAME_LETTERS}0-9₀-₉])[₀-₉]+", "is a subscript without a name", "write names as x1 or x₁"),
)  # fmt: skip


def normalized(text: str, source: str) -> str:
    """Return the text without comments, line breaks in brackets and pasted characters, of the same length.

    Raises FormulaError for an ambiguous spelling.
    """
    if "#" in text:
        text = re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), text)
    suspicious = not text.isascii() or re.search("[0-9.][eEdDxXbBoO_]", text)
    for pattern, what, hint in _AMBIGUOUS if suspicious else ():
        if found := re.search(pattern, text):
            raise FormulaError(f"{found[0]} {what}", Place(text, found.start(), found.end(), source), hint)
    if not text.isascii():
        text = text.translate(PASTED_CHARACTERS)
    return _without_breaks_in_brackets(text) if "\n" in text else text


def _without_breaks_in_brackets(text: str) -> str:
    depth, pieces, last = 0, [], 0
    for m in re.finditer(r"[()\[\]\n]", text):
        if m[0] != "\n":
            depth = max(0, depth + (1 if m[0] in "([" else -1))
        elif depth:
            pieces += [text[last : m.start()], " "]
            last = m.end()
    return "".join((*pieces, text[last:]))
