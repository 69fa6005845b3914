"""Numbers that are written in parts, such as 3{,}14, 0 . 5 and 1 2, to single tokens."""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token

from .latex_names import Fail, Tell, token_at

ARGUMENTS = {"FRACTION": 2, "ROOT": 1, "RSQB": 1, "UNDER": 1, "POWER": 1}  # by the kind of the token before
_COMMA = ["NUMBER", "LBRACE", "COMMA", "RBRACE", "NUMBER"]


def arguments(tokens: list[Token]) -> Iterator[int]:
    """Yield for each token how many arguments of a command are expected where it stands."""
    expected, opened = 0, list[int]()
    for token in tokens:
        yield expected
        if token.type == "LBRACE":
            opened.append(max(expected - 1, 0))
            expected = 0
        elif token.type == "RBRACE":
            expected = opened.pop() if opened else 0
        else:
            expected = ARGUMENTS.get(token.type, max(expected - 1, 0))


def joined_numbers(tokens: list[Token], text: str, fail: Fail, note: Tell) -> Iterator[Token]:
    """Yield the tokens with the parts of a number as one, and a note; an argument is one digit, and no part."""
    expected = [*arguments(tokens)]
    k = 0
    while k < len(tokens):
        token, last = tokens[k], k
        if token.type == "NUMBER" and not expected[k]:
            if [t.type for t in tokens[k : k + 5]] == _COMMA and token.isdigit() and tokens[k + 4].isdigit():
                last = k + 4
                decimal = f"{token}.{tokens[last]}"
                if len(tokens[last]) == 3:
                    hint = f"write {decimal} or {token}{tokens[last]}"
                    fail("this comma is a decimal or a thousands separator", token, hint, tokens[last])
                value = decimal
            else:
                last = _last_part(tokens, k, text)
                value = "".join(tokens[k : last + 1])
            if last > k:
                start, end = token.start_pos or 0, tokens[last].end_pos or 0
                note(f"{text[start:end]} is read as the number {value}", start, end, r"to multiply, write \cdot")
                token = token_at("NUMBER", value, token, tokens[last])
        yield token
        k = last + 1


def _last_part(tokens: list[Token], k: int, text: str) -> int:
    """Return where the last part of a number stands, with only blanks between; k if it has one part."""
    last, points, end = k, tokens[k].count("."), tokens[k].end_pos
    for here in range(k + 1, len(tokens)):
        part = tokens[here]
        points += part.count(".")
        if part.type not in ("NUMBER", "POINT") or points > 1 or text[end : part.start_pos].strip():
            break
        last, end = here if part.type == "NUMBER" else last, part.end_pos
    return last
