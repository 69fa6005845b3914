"""Mistakes in a formula that cannot be read, recognised one by one: what, where, what to try."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

import lark

from ..errors import FormulaError, Place

MISSING = ("something is missing before {}", "an operator stands between two numbers or names")
_CHOICE = ("{} cannot stand here", "write: if c then a else b, in parentheses inside a larger formula")
_KINDS = {  # by the kind of the token that cannot stand here: what to say, what to try
    "NUMBER": ("a number cannot stand here", "write *{0} to multiply, ^{0} for a power"),
    "RANGE": ("{} cannot stand here", "a sum is written sum(i=1..n, x[i])"),
    "LSQB": ("a list stands alone as the last line", "several results are written [f1, f2]; an element x[1]"),
    "COMMA": ("a comma stands only between the arguments of a call", "decimals are written with a point: 1.5"),
    **dict.fromkeys(("IF", "THEN", "ELSE", "NOT"), _CHOICE),
    **dict.fromkeys(("TIMES", "OVER", "POWER", "PLUS", "COMPARE", "AND", "OR"), MISSING),
    **dict.fromkeys(("RPAR", "RSQB"), ("something is missing before {}", "a number or a name is expected here")),
}
_LOOK_ALIKE = str.maketrans("асеорхуіјѕАВСЕНІКМОРТХ", "aceopxyijsABCEHIKMOPTX")  # Cyrillic, and what it looks like
_GRADIENT = "adcli finds derivatives itself: adcli grad 'x^2' --at x=2, or adcli diff 'x^2' --wrt x"
_ROUNDED = "toward 0 it is trunc(x), down floor(x), to the nearest rint(x)"
FOREIGN = {  # functions of other programs, in small letters: what to write here
    **dict.fromkeys(("lg", "log_10", "logten"), "the logarithm to base 10 is log10(x)"),
    **dict.fromkeys(("lb", "ld"), "the logarithm to base 2 is log2(x)"),
    **dict.fromkeys(("int", "integer", "integerpart"), _ROUNDED),
    **dict.fromkeys(("nint", "anint"), "to the nearest whole number it is rint(x)"),
    "roundup": _ROUNDED, "rounddown": _ROUNDED,
    **dict.fromkeys(("nthroot", "nroot", "surd", "root"), "the n-th root is x^(1/n); a real cube root is cbrt(x)"),
    **dict.fromkeys(("cuberoot", "cubrt", "curt"), "the cube root is cbrt(x)"),
    **dict.fromkeys(("sqr", "square"), "the square is x^2; the square root is sqrt(x)"),
    **dict.fromkeys(("derivative", "deriv", "diff", "differentiate", "nderiv", "grad", "gradient"), _GRADIENT),
    **dict.fromkeys(("integral", "integrate"), "adcli has no integrals: give the antiderivative"),
    **dict.fromkeys(("limit", "lim"), "for a limit, write: adcli eval FORMULA --at ... --limit"),
    **dict.fromkeys(("solve", "nsolve", "fsolve", "findroot"), "adcli does not solve equations"),
    **dict.fromkeys(("sind", "cosd", "tand"), "angles are in radians: sin(radians(30)) is the sine of 30 degrees"),
    **dict.fromkeys(("arctg", "atg"), "the arctangent is atan(x)"),
    **dict.fromkeys(("avg", "average", "mean"), "a mean is written sum(i=1..n, x[i])/n"),
    **dict.fromkeys(("iif", "ifelse", "cond", "piecewise"), "a choice is written: if c then a else b"),
    "tg": "the tangent is tan(x)", "ctg": "the cotangent is cot(x)", "cotan": "the cotangent is cot(x)",
    "sh": "the hyperbolic sine is sinh(x)", "ch": "the hyperbolic cosine is cosh(x)",
    "th": "the hyperbolic tangent is tanh(x)", "sine": "the sine is sin(x)", "cosine": "the cosine is cos(x)",
    "tangent": "the tangent is tan(x)", "logn": "the natural logarithm is ln(x)",
    "signum": "the sign is sign(x)",
    "arsinh": "the inverse function is asinh(x)", "arcosh": "the inverse function is acosh(x)",
    "artanh": "the inverse function is atanh(x)",
}  # fmt: skip
_CHARACTERS = {  # by the character: what to try
    "=": "to compare, write ==; a definition has a line of its own, and one name before the =",
    "!": "the factorial n! is factorial(n); not equal is !=",
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
    "∛": "write cbrt(x)",
    "∜": "write x^(1/4)",
    "∂": _GRADIENT,
    "∫": FOREIGN["integral"],
    "∑": "a sum is written sum(i=1..n, x[i])",
    "∏": "a product is written prod(i=1..n, x[i])",
    "\\": "for a formula in LaTeX, add --syntax latex",
    "$": "leave it out; for a formula in LaTeX, add --syntax latex",
    ":": "a definition is written: name = formula",
    "°": "angles are in radians; for degrees, write radians(30)",
    ".": "a point stands inside a number, or after np, math or torch",
}


class Refusal:
    """The text up to where the parser stopped, and the token there, if the characters are a token.

    `before` is the text before it without comments, blanks and line ends.
    """

    def __init__(self, error: lark.UnexpectedInput, text: str, source: str, comment: str) -> None:
        self.error, self.text, self.source = error, text, source
        self.token = error.token if isinstance(error, lark.UnexpectedToken) else None
        self.kind = "" if self.token is None else self.token.type
        position = error.pos_in_stream
        at_end = self.kind == "$END" or position is None or position < 0
        self.start = len(text) if at_end else position or 0
        self.stop = (self.token and self.token.end_pos) or self.start + 1
        self.ends = self.kind in ("$END", "END")  # the text or the line
        self.before = re.sub(comment, lambda m: " " * len(m[0]), text[: self.start]).rstrip()

    def mistake(self, what: str, hint: str, start: int | None = None, stop: int | None = None) -> FormulaError:
        """Return the error for a place in the text, else for the place of the token."""
        if start is None or stop is None:
            start, stop = self.start, self.stop
        return FormulaError(what, Place(self.text, start, stop, self.source), hint)

    @property
    def shown(self) -> str:
        """The token without the parenthesis of a call."""
        return str(self.token).strip("( ") or str(self.token)

    @property
    def open_brackets(self) -> list[int]:
        """The places of the brackets that are not closed."""
        found: list[int] = []
        for m in re.finditer(r"#[^\n]*|[()\[\]]", self.text[: self.start]):
            if m[0] in "([":
                found.append(m.start())
            elif m[0] in ")]" and found:
                found.pop()
        return found


Recogniser = Callable[[Refusal], FormulaError | None]


# -- in both syntaxes --------------------------------------------------------------------------------------------------
def explain_by(recognisers: Sequence[Recogniser], comment: str) -> Callable[[lark.UnexpectedInput, str, str], NoReturn]:
    """Return a function that raises the FormulaError of the first recogniser that knows the mistake."""

    def explain(error: lark.UnexpectedInput, text: str, source: str) -> NoReturn:
        refusal = Refusal(error, text, source, comment)
        raise next(filter(None, (recognise(refusal) for recognise in recognisers))) from None

    return explain


def empty(hint: str) -> Recogniser:
    """Recognise a text with nothing in it but blanks and comments."""
    return lambda r: FormulaError("the formula is empty", hint=hint) if r.ends and not r.before else None


def ends_too_early(hint: str) -> Recogniser:
    """Recognise a text or line that ends where more is needed."""
    what = "the formula ends too early"
    return lambda r: r.mistake(what, hint, len(r.before) - 1, len(r.before)) if r.ends else None


def wrong_kind(kinds: Mapping[str, tuple[str, str]], shown: Callable[[Refusal], str]) -> Recogniser:
    """Recognise a token that cannot stand there, by its kind; `shown` gives its text for the message."""

    def recognise(r: Refusal) -> FormulaError | None:
        what, hint = kinds.get(r.kind, ("{} cannot stand here", ""))
        return r.mistake(what.format(shown(r)), hint.format(shown(r))) if r.kind else None

    return recognise


def wrong_character(hints: Mapping[str, str]) -> Recogniser:
    """Recognise a character that no formula has."""
    return lambda r: unexpected(r, r.start, hints)


def unexpected(r: Refusal, at: int, hints: Mapping[str, str]) -> FormulaError:
    """Return the error for a character, with its name in Unicode if a keyboard may lack it."""
    character = r.text[at : at + 1]
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    if " " < character < "\x7f":
        what = f"unexpected {character}"
    else:
        what = f"unexpected {character} ({name})" if character.isprintable() else f"unexpected {name}"
    return r.mistake(what, hints.get(character) or _CHARACTERS.get(character) or _keyboard(character), at, at + 1)


def _keyboard(character: str) -> str:
    """Return what to type for a character that only looks like one of the language; nothing for an ASCII one."""
    if unicodedata.category(character) in ("Cc", "Cf"):
        return "delete this character"
    if character <= "\x7f":
        return ""
    plain = unicodedata.normalize("NFKC", character).translate(_LOOK_ALIKE)
    digit = unicodedata.digit(character, None)
    plain = plain if digit is None else str(digit)
    if plain.isascii():
        return f"type {plain} from the keyboard"
    return "names have the letters a-z, A-Z, Greek ones, digits and _"


# -- adcli's language --------------------------------------------------------------------------------------------------
def bracket_never_closed(r: Refusal) -> FormulaError | None:
    """Recognise an end inside of brackets."""
    if not (r.ends and r.open_brackets):
        return None
    at = r.open_brackets[-1]
    missing = ")" if r.text[at] == "(" else "]"
    return r.mistake(f"this {r.text[at]} is never closed", f"add the missing {missing}", at, at + 1)


def if_without_then_or_else(r: Refusal) -> FormulaError | None:
    """Recognise an end inside of a choice."""
    if r.ends and isinstance(r.error, lark.UnexpectedToken):
        for word in ("then", "else"):
            if word.upper() in r.error.expected:
                stack = r.error.interactive_parser.parser_state.value_stack  # what is begun and not yet ended
                at = next(x.start_pos for x in reversed(stack) if getattr(x, "type", "") == "IF")
                return r.mistake(f"this if has no {word}", "write: if c then a else b", at, at + 2)
    return None


def leading_equals(r: Refusal) -> FormulaError | None:
    """Recognise a formula of a spreadsheet, =SIN(A1)."""
    at = len(r.text) - len(r.text.lstrip())
    if r.text[at : at + 1] != "=":
        return None
    return r.mistake("a formula has no = before it", "remove the leading =", at, at + 1)


def operator_by_elements(r: Refusal) -> FormulaError | None:
    """Recognise x.^2, x.*y and x./y, as in MATLAB."""
    if r.text[r.start : r.start + 1] != "." or r.text[r.start + 1 : r.start + 2] not in tuple("^*/"):
        return None
    operator = r.text[r.start + 1]
    what = f".{operator} is not an operator"
    hint = f"write {operator}; for many points, adcli batch takes the columns of a file"
    return r.mistake(what, hint, r.start, r.start + 2)


def equals_in_an_expression(r: Refusal) -> FormulaError | None:
    """Recognise the = of `x = ...` where no definition begins."""
    return unexpected(r, r.stop - 1, {}) if r.kind == "HEAD" else None


def bracket_never_opened(r: Refusal) -> FormulaError | None:
    """Recognise a closing bracket without an opening one."""
    if r.kind not in ("RPAR", "RSQB") or r.open_brackets:
        return None
    opened = "(" if r.kind == "RPAR" else "["
    return r.mistake(f"this {r.shown} closes nothing", f"remove it, or add the missing {opened}")


def second_decimal_point(r: Refusal) -> FormulaError | None:
    """Recognise 1.000.000: after a number stands one that begins with a point."""
    if r.kind == "NUMBER" and r.shown.startswith(".") and r.text[r.start - 1 : r.start].isdigit():
        return r.mistake("a number has one decimal point", "digits are not grouped: 1000000.5")
    return None


def sum_without_range(r: Refusal) -> FormulaError | None:
    """Recognise a comma where a sum needs its range: sum(i, ...)."""
    if r.kind == "COMMA" and re.search(r"\b(sum|prod)\s*\([^()]*$", r.text[: r.start]):
        return r.mistake(f"{r.shown} cannot stand here", _KINDS["RANGE"][1])
    return None


def operator_forgotten(r: Refusal) -> FormulaError | None:
    """Recognise a name right after a name or a number."""
    if r.kind in ("NAME", "CALL") and r.text[: r.start].rstrip()[-1:].isalnum():
        return r.mistake(f"{r.shown} cannot stand here", "an operator such as * is missing before it")
    return None


RECOGNISERS = (  # the first that knows the mistake explains it
    empty('give one, such as "x^2 + 1"'),
    bracket_never_closed,
    if_without_then_or_else,
    ends_too_early("a number, a name or ( is missing after this"),
    leading_equals,
    operator_by_elements,
    equals_in_an_expression,
    bracket_never_opened,
    second_decimal_point,
    sum_without_range,
    operator_forgotten,
    wrong_kind(_KINDS, lambda r: r.shown),
    wrong_character(_CHARACTERS),
)
explain = explain_by(RECOGNISERS, comment=r"#[^\n]*|;")
