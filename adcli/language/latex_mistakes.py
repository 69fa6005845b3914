"""What cannot be read in a formula from a paper, said so that it can be mended: what, where, what to try."""

from __future__ import annotations

import re
from typing import NoReturn

import lark

from ..errors import FormulaError, Place
from .mistakes import unexpected

_DERIVATIVE = "adcli finds derivatives itself: give it the function, as in: adcli grad '...' --syntax latex --at ..."
_DEGREES = r"angles are in radians: for 30 degrees, write \frac{30 \pi}{180}"
_LIST = r"write all terms, or a sum: \sum_{i=1}^{n} x_i"
COMMANDS = {  # that are known, but mean nothing that adcli can calculate
    **dict.fromkeys(("partial", "nabla", "prime"), _DERIVATIVE),
    **dict.fromkeys(("int", "iint", "oint"), "there are no integrals in adcli: give the antiderivative"),
    **dict.fromkeys(("circ", "degree"), _DEGREES),
    **dict.fromkeys(("ldots", "cdots", "dots", "vdots"), _LIST),
    **dict.fromkeys(("pm", "mp"), "give the two formulas one after the other, with + and with -"),
    **dict.fromkeys(("over", "atop", "choose", "binom"), r"a quotient is \frac{a}{b}"),
    **dict.fromkeys(("|", "Vert", "lVert", "rVert", "norm"), r"the length of a vector is \sqrt{x_1^2 + x_2^2}"),
    **dict.fromkeys(("hat", "bar", "tilde", "dot", "ddot", "vec", "overline"), r"name it, as in \mathrm{x\_hat}"),
    "lim": "adcli eval '...' --limit goes to the limit at 0/0",
    "infty": "infinity is not a number that a formula can hold",
    "mid": r"the absolute value is |x| or \lvert x \rvert",
}
_CHARACTERS = {
    "'": _DERIVATIVE,
    "!": r"the factorial n! is \Gamma(n + 1)",
    "°": _DEGREES,
    "$": "dollar signs stand at the beginning and at the end",
    "&": r"lines are divided by \\",
    ";": r"lines are divided by \\",
}
_MISSING = ("something is missing before {}", "an operator stands between two numbers or names")
_TOKENS = {  # by the kind of what cannot stand here: what to say, what to try
    "NUMBER": (
        "a number cannot stand here",
        r"write \cdot {0} to multiply, ^{{{0}}} for a power, _{{{0}}} for an index",
    ),
    "COMMA": (
        "a comma stands only between the arguments of a function",
        r"as in \max(a, b), or of one defined before: f(u, v) = u v \\",
    ),
    "COMPARE": ("{} cannot stand here", r"lines are: formula, or name = formula; comparisons stand in \begin{{cases}}"),
    "UNDER": ("this has no subscript", "names have one, before a power: x_{{12}}^2"),
    "POWER": ("{} cannot stand here", "a power of a power has braces: (x^{{2}})^{{3}}"),
    "OTHERWISE": ("{} cannot stand here", r"it is the last of the cases: \\ b & \text{{otherwise}}"),
    "MINUS": ("{} cannot stand here", r"put it in parentheses: \sin(-x), x^{{-1}}"),
    **dict.fromkeys(("TIMES", "OVER", "MOD", "PLUS", "AND", "OR"), _MISSING),
    **dict.fromkeys(
        ("RPAR", "RSQB", "RBRACE", "RBAR", "RFLOOR", "RCEIL", "ENDCASES", "ROW"),
        ("something is missing before {}", "a number or a name is expected here"),
    ),
}


def explain(error: lark.UnexpectedInput, text: str, source: str) -> NoReturn:
    """Turn the parser's complaint into one that says what to do."""

    def fail(what: str, start: int, stop: int, hint: str = "") -> NoReturn:
        raise FormulaError(what, Place(text, start, stop, source), hint) from None

    if not isinstance(error, lark.UnexpectedToken):
        at = error.pos_in_stream or 0
        what, hint = unexpected(text[at : at + 1])
        fail(what, at, at + 1, _CHARACTERS.get(text[at : at + 1], hint))
    token = error.token
    start, stop = token.start_pos or 0, token.end_pos or 0
    if token.type in ("$END", "END"):
        said = len(re.sub(r"%[^\n]*\Z", "", text[: start if token.type == "END" else None]).rstrip())
        if not said:
            raise FormulaError("the formula is empty", hint="give one, such as 'x^2 + 1'") from None
        fail("the formula ends too early", said - 1, said, "a number or a name is missing after this")
    what, hint = _TOKENS.get(token.type, ("{} cannot stand here", ""))
    shown = text[start:stop]
    fail(what.format(shown), start, stop, hint.format(shown))
