r"""Signs of a derivative before its operand, such as \frac{d}{dx}, to single tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lark import Token

from .latex_names import token_at

_KINDS = {"FRACTION": "F", "LBRACE": "{", "RBRACE": "}", "POWER": "^", "UNDER": "_", "NUMBER": "n"}
_D = re.compile(r"d|\\partial|\\(?:mathrm|text|operatorname)\s*\{\s*d\s*\}")
_NO_OPERAND = frozenset(
    ("PLUS", "MINUS", "TIMES", "OVER", "MOD", "COMPARE", "AND", "OR", "COMMA", "POINT", "AMPERSAND", "END", "FINISH",
     "POWER", "UNDER", "RPAR", "RSQB", "RBRACE", "RFLOOR", "RCEIL", "RBAR")
)  # fmt: skip
_POWER = r"(?:\^(?:n|\{n\}))?"
_SIGN = re.compile(rf"F(?:d|\{{d{_POWER}\}})\{{((?:d[xd](?:_(?:[xdn]|\{{[xdn]+\}}))?{_POWER})+)\}}")
_BY = re.compile(rf"d([xd](?:_(?:[xdn]|\{{[xdn]+\}}))?)({_POWER})")
_LONGEST = 60  # tokens of a sign


def derivative_signs(tokens: list[Token], name_of: Callable[[list[Token]], str]) -> Iterator[Token]:
    r"""Yield the tokens with \frac{d^2}{dx^2} before an operand as the token `x x`, the names to differentiate by."""
    shape = "".join(map(_letter, tokens))
    k = 0
    while k < len(tokens):
        found = _SIGN.match(shape, k, k + _LONGEST) if shape[k] == "F" else None
        operand = found and found.end() < len(tokens) and tokens[found.end()].type not in _NO_OPERAND
        if found and operand and tokens[k].endswith("frac"):
            names: list[str] = []
            for by in _BY.finditer(shape, found.start(1), found.end(1)):
                order = _order(tokens, by.start(2), by.end(2))
                names += [name_of(tokens[by.start(1) : by.end(1)])] * min(order, _LONGEST)
            if len(names) == _order(tokens, k, found.start(1) - 1):
                yield token_at("DERIVATIVE", " ".join(names), tokens[k], tokens[found.end() - 1])
                k = found.end()
                continue
        yield tokens[k]
        k += 1


def _letter(token: Token) -> str:
    if _D.fullmatch(token):
        return "d"
    return _KINDS.get(token.type, "x" if token.type in ("NAME", "COMMAND", "WORD") else ".")


def _order(tokens: list[Token], start: int, end: int) -> int:
    """Return the number among the tokens, 1 if there is none."""
    return next((int(t) for t in tokens[start:end] if t.type == "NUMBER" and t.isdigit() and len(t) < 3), 1)
