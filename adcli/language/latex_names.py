"""Names as LaTeX writes them, with accents, primes or a style for the whole group, to names of adcli."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile

from lark import Token

from .latex_mistakes import DERIVATIVE

ACCENTS = {
    **{name: name for name in ("bar", "hat", "tilde", "vec")},
    **{"overline": "bar", "widehat": "hat", "widetilde": "tilde"},
}
LETTERS = {"hbar": "hbar", "ell": "ell", "exponentialE": "e"}
_STYLES = {"rm": "mathrm", "it": "mathit", "bf": "mathbf", "cal": "mathcal", "sf": "mathrm", "tt": "mathrm"}
_LONGEST = 60  # tokens of a subscript
Fail = Callable[..., object]
Tell = Callable[[str, int, int, str], None]


def token_at(kind: str, value: str, first: Token, last: Token | None = None) -> Token:
    """Return a token at the place of others, from the first to the last."""
    token = Token.new_borrow_pos(kind, value, first)
    token.end_pos = (last or first).end_pos
    return token


def styled_groups(tokens: list[Token]) -> Iterator[Token]:
    r"""Yield the tokens with groups such as {\rm max} as one word, \mathrm{max}."""
    k = 0
    while k < len(tokens):
        token = tokens[k]
        style = _STYLES.get(tokens[k + 1][1:]) if token.type == "LBRACE" and k + 1 < len(tokens) else None
        letters = [*takewhile(lambda t: t.type == "NAME", tokens[k + 2 : k + 62])] if style else []
        end = k + 2 + len(letters)
        if letters and end < len(tokens) and tokens[end].type == "RBRACE":
            yield token_at("WORD", f"\\{style}{{{''.join(letters)}}}", token, tokens[end])
            k = end
        else:
            yield token
        k += 1


def accented(tokens: list[Token], fail: Fail) -> Iterator[Token]:
    r"""Yield the tokens with accents in the names: xbar for \bar{x}."""
    k = 0
    while k < len(tokens):
        token = tokens[k]
        if token.type == "ACCENT":
            braced = [t.type for t in tokens[k + 1 : k + 4]] == ["LBRACE", "NAME", "RBRACE"]
            name = tokens[k + 1 + braced] if k + 1 < len(tokens) else token
            if name.type != "NAME":
                fail(f"{token} has no single name", token, r"it stands over a letter or a word, as in \bar{x}_1")
            k += 1 + 2 * braced
            token = token_at("NAME", name + ACCENTS[token[1:]], token, tokens[k])
        yield token
        k += 1


def primed(tokens: list[Token], fail: Fail, note: Tell) -> Iterator[Token]:
    """Yield the tokens with primes in the names: xprime for x', also where they stand after the subscript."""
    tokens = [*_lowered(tokens)]
    owner = -1
    owners: dict[int, list[int]] = {}  # the primes of a name
    for k, token in enumerate(tokens):
        if token.type == "PRIME":
            if tokens[k - 1].type != "PRIME" or not k:
                owner = _owner(tokens, k)
            after = tokens[k + 1].type if k + 1 < len(tokens) else ""
            if owner < 0 or after in ("LPAR", "LSQB"):
                fail("a prime looks like a derivative here", token, DERIVATIVE)
            if owner in owners and owners[owner][-1] + 1 < k and tokens[k - 1].type != "PRIME":
                fail("there are primes before and after this subscript", token, "write all of them in one place")
            owners.setdefault(owner, []).append(k)
    told: set[str] = set()
    removed = {k for primes in owners.values() for k in primes}
    for k, token in enumerate(tokens):
        if k in owners:
            bare, last = token, tokens[owners[k][-1]]
            token = token_at("NAME", token + "prime" * len(owners[k]), token)
            if token not in told:
                what = f"{bare} with a prime is read as the name {token}, not as a derivative"
                note(what, token.start_pos or 0, last.end_pos or 0, DERIVATIVE)
                told.add(str(token))
        if k not in removed:
            yield token


def _lowered(tokens: list[Token]) -> Iterator[Token]:
    r"""Yield the tokens with x^{\prime} as x'."""
    k = 0
    while k < len(tokens):
        kinds = "".join({"PRIME": "'", "POWER": "^", "LBRACE": "{", "RBRACE": "}"}.get(t.type, "x")
                        for t in tokens[k : k + 8])  # fmt: skip
        raised = re.match(r"\^(?:'|\{'+\})", kinds) if kinds[0] == "^" else None
        group = tokens[k : k + (raised.end() if raised else 1)]
        yield from (t for t in group if t.type == "PRIME") if raised else group
        k += len(group)


def _owner(tokens: list[Token], k: int) -> int:
    """Return where the name of a prime stands: before it, or before the subscript before it; -1 if none."""
    k -= 1
    start = k
    if k >= 0 and tokens[k].type == "RBRACE":
        depth = 0
        while start >= max(k - _LONGEST, 0):
            depth += (tokens[start].type == "RBRACE") - (tokens[start].type == "LBRACE")
            if not depth:
                break
            start -= 1
    if start >= 2 and tokens[start - 1].type == "UNDER":
        start -= 2
        while start >= max(k - _LONGEST, 0) and tokens[start].type == "PRIME":
            start -= 1
        return start if start >= 0 and tokens[start].type == "NAME" else -1
    return k if k >= 0 and tokens[k].type == "NAME" else -1
