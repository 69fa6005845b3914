"""What the parser cannot read, said so that it can be mended: what, where, what to try."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

import lark

from ..errors import FormulaError, Place

_MISSING = ("something is missing before {}", "an operator stands between two numbers or names")
_CHOICE = ("{} cannot stand here", "write: if c then a else b, in parentheses inside a larger formula")
_TOKENS = {  # by the kind of what cannot stand here: what to say, what to try
    "NUMBER": ("a number cannot stand here", "write *{0} to multiply, ^{0} for a power"),
    "RANGE": ("{} cannot stand here", "a sum is written sum(i=1..n, x[i])"),
    "LSQB": ("a list stands alone as the last line", "several results are written [f1, f2]; an element x[1]"),
    "COMMA": ("a comma stands only between the arguments of a call", "decimals are written with a point: 1.5"),
    **dict.fromkeys(("IF", "THEN", "ELSE", "NOT"), _CHOICE),
    **dict.fromkeys(("TIMES", "OVER", "POWER", "PLUS", "COMPARE", "AND", "OR"), _MISSING),
    **dict.fromkeys(("RPAR", "RSQB"), ("something is missing before {}", "a number or a name is expected here")),
}
_LOOK_ALIKE = str.maketrans("асеорхуіјѕАВСЕНІКМОРТХ", "aceopxyijsABCEHIKMOPTX")  # Cyrillic, and what it looks like
_HINTS = {
    "=": "to compare, write ==; a definition has a line of its own, and one name before the =",
    "!": "the factorial n! is gamma(n + 1); not equal is !=",
    "|": "the absolute value is abs(x)",
    "%": "the remainder is mod(a, b)",
    "&": "write: and",
    "~": "write: not",
    "–": "for minus, write -",
    "—": "for minus, write -",
    "{": "write ( and )",
    "'": "there is no derivative sign; adcli grad gives the derivative",
    "∞": "infinity is not a number that a formula can hold",
    "√": "write sqrt(x)",
    "°": "angles are in radians; for degrees, write radians(30)",
    ".": "a point stands inside a number, or after np, math or torch",
}


def explain(error: lark.UnexpectedInput, text: str, source: str) -> NoReturn:
    """Turn the parser's complaint into one that says what to do."""
    unclosed: list[int] = []
    end = error.pos_in_stream if error.pos_in_stream is not None and error.pos_in_stream >= 0 else len(text)
    at_end = isinstance(error, lark.UnexpectedToken) and error.token.type == "$END"
    if at_end:
        end = len(text.rstrip())
    for m in re.finditer(r"#[^\n]*|[()\[\]]", text[:end]):
        if m[0] in "([":
            unclosed.append(m.start())
        elif m[0] in ")]" and unclosed:
            unclosed.pop()

    def fail(what: str, start: int, stop: int, hint: str = "") -> NoReturn:
        raise FormulaError(what, Place(text, start, stop, source), hint) from None

    if not text.strip() or (at_end and not re.sub(r"#[^\n]*", "", text).strip("; \t\r\n")):
        raise FormulaError("the formula is empty", hint='give one, such as "x^2 + 1"') from None
    if at_end or (isinstance(error, lark.UnexpectedToken) and error.token.type == "END"):
        if unclosed:
            opened = text[unclosed[-1]]
            fail(
                f"this {opened} is never closed",
                unclosed[-1],
                unclosed[-1] + 1,
                f"add the missing {')' if opened == '(' else ']'}",
            )
        said = re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), text[:end]).rstrip("; \t\r\n")
        end = len(said)
        for word in ("then", "else"):
            if isinstance(error, lark.UnexpectedToken) and word.upper() in error.expected:
                stack = error.interactive_parser.parser_state.value_stack  # what is begun and not yet ended
                begun = next(x.start_pos for x in reversed(stack) if getattr(x, "type", "") == "IF")
                fail(f"this if has no {word}", begun, begun + 2, "write: if c then a else b")
        fail("the formula ends too early", end - 1, end, "a number, a name or ( is missing after this")
    if isinstance(error, lark.UnexpectedToken) and error.token.type == "HEAD":
        end += len(error.token) - 1  # the = is what cannot stand here
    elif isinstance(error, lark.UnexpectedToken):
        token = error.token
        stop = end + len(token)
        shown = str(token).strip("( ") or str(token)
        previous = text[:end].rstrip()[-1:]
        if token.type in ("RPAR", "RSQB") and not unclosed:
            opened = "(" if token.type == "RPAR" else "["
            fail(f"this {shown} closes nothing", end, stop, f"remove it, or add the missing {opened}")
        if token.type == "NUMBER" and shown.startswith(".") and text[end - 1 : end].isdigit():
            fail("a number has one decimal point", end, stop, "digits are not grouped: 1000000.5")
        if token.type == "COMMA" and re.search(r"\b(sum|prod)\s*\([^()]*$", text[:end]):
            fail(f"{shown} cannot stand here", end, stop, _TOKENS["RANGE"][1])
        if token.type in ("NAME", "CALL") and previous.isalnum():
            fail(f"{shown} cannot stand here", end, stop, "an operator such as * is missing before it")
        what, hint = _TOKENS.get(token.type, ("{} cannot stand here", ""))
        fail(what.format(shown), end, stop, hint.format(shown))
    what, hint = unexpected(text[end : end + 1])
    fail(what, end, end + 1, hint)


def unexpected(character: str) -> tuple[str, str]:
    """Return what to say of a character that no formula has, and what to try."""
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    what = (
        f"unexpected {character}"
        if " " < character < "\x7f"
        else f"unexpected {character} ({name})"
        if character.isprintable()
        else f"unexpected {name}"
    )
    hint = _HINTS.get(character, "")
    if not hint and unicodedata.category(character or " ") in ("Cc", "Cf"):
        hint = "delete this character"
    if not hint and character > "\x7f":
        plain = unicodedata.normalize("NFKC", character).translate(_LOOK_ALIKE)
        if (digit := unicodedata.digit(character, None)) is not None:
            plain = str(digit)
        hint = (
            f"type {plain} from the keyboard"
            if plain.isascii()
            else "names have the letters a-z, A-Z, Greek ones, digits and _"
        )
    return what, hint
