"""Tokens of LaTeX to the tokens of our grammar: commands by name, bars that open or close, names with subscripts."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple, NoReturn

from lark import Token

from ..errors import FormulaError, Note, Place
from ..ops import BY_NAME, TABLE, derived
from .latex_derivatives import derivative_signs
from .latex_mistakes import COMMANDS
from .latex_names import ACCENTS, LETTERS, accented, primed, styled_groups, token_at
from .latex_numbers import arguments, joined_numbers
from .latex_writer import GREEK_COMMANDS, GREEK_LETTERS
from .normalize import PASTED_CHARACTERS

_COMPARE = {
    **{"=": "==", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "≠": "!=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">"},
    **{"le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">="},
}
_TEXTS = {"and": "AND", "or": "OR", "not": "NOT", **dict.fromkeys(("otherwise", "else", "elsewhere"), "OTHERWISE")}
_WITHOUT_MEANING = ("if", "for", "when")
_KEYWORDS = ("if", "then", "else", "and", "or", "not")
# Styles of names, also of those that functions have.
_BRACED_NAME = [["LBRACE", kind, "RBRACE", "UNDER"] for kind in ("NAME", "COMMAND", "WORD")]
_STYLES = ("mathrm", "mathit", "mathsf", "mathtt", "mathbf", "text", "operatorname", "boldsymbol", "bm", "mbox")
_NAMES_ONLY = ("mathit", "mathnormal", "mathbf", "mathcal", "mathscr", "mathfrak", "mathbb", "boldsymbol", "bm")
_CLOSERS = {"LBRACE": "RBRACE", "LBAR": "RBAR", "LFLOOR": "RFLOOR", "LCEIL": "RCEIL", "CASES": "ENDCASES"}
_PAIRS = {"(": ")", "[": "]", "\\{": "\\}", "\\lbrace": "\\rbrace"}
_OPENING = frozenset((*_CLOSERS, "LPAR", "LSQB"))
_CLOSING = frozenset((*_CLOSERS.values(), "RPAR", "RSQB"))
_LONGEST = 60  # tokens of a subscript
_STOPS = ("COMMA", "POINT")
_EXPONENTS = (["NUMBER"], ["LBRACE", "NUMBER", "RBRACE"], ["LBRACE", "MINUS", "NUMBER", "RBRACE"])
_ARGUMENTS = {"FRACTION": 2, "ROOT": 1, "POWER": 1, "UNDER": 1}
_OPERAND = frozenset(("NAME", "NUMBER", *_CLOSING))
_EQUATION_NUMBER = re.compile(r"\\q?quad[\s~]*(\([A-Z]?[0-9]+(?:\.[0-9]+)*[a-d]?\))[\s.,]*(?:\$|\\\\|\\end|\\\]|\Z)")
_SUPERSCRIPT = re.compile(r"POWER LBRACE LPAR (?:NAME|NUMBER) RPAR RBRACE")
_CALLED = re.compile(r"(POWER (NUMBER|LBRACE NUMBER RBRACE) )?LPAR")
_AROUND = r"(?:equation|align|aligned|gather|gathered|split|multline|eqnarray|displaymath|math)\*?"
_WRAPPERS = (
    (r"\$\$", r"\$\$"), (r"\$", r"\$"), (r"\\\[", r"\\\]"), (r"\\\(", r"\\\)"),
    (rf"\\begin\s*\{{{_AROUND}\}}", rf"\\end\s*\{{{_AROUND}\}}"),
)  # fmt: skip


@derived
def functions() -> dict[str, str]:
    """Map commands to functions: by our names, by the commands of the table, and by other names in use."""
    names = {name: name for name in BY_NAME} | {"lg": "log10", "Gamma": "gamma"} | inverse_names()
    return names | {op.latex[1:]: op.name for op in TABLE if re.fullmatch(r"\\[a-z]+", op.latex)}


@derived
def inverse_names() -> dict[str, str]:
    """Map other names of inverse functions to ours: arsinh to asinh, arcctg to acot."""
    names = {f"{prefix}{name[1:]}": name for name in BY_NAME if name[0] == "a" for prefix in ("ar", "arc")}
    return {k: v for k, v in (names | {"arctg": "atan", "arcctg": "acot"}).items() if v in BY_NAME}


@derived
def _function_names() -> re.Pattern[str]:
    """Return a pattern of the names that a product of letters may be meant for, the longest first."""
    return re.compile("|".join(sorted((name for name in BY_NAME if len(name) > 2), key=len, reverse=True)) + "|^ln|ln$")


def unwrapped(text: str, source: str) -> str:
    """Return the text without dollar signs or environments around the formula, and comments, of the same length.

    Raises FormulaError for a wrapper that is not closed.
    """
    typed = text
    text = re.sub(r"(?<!\\)%[^\n]*", lambda m: " " * len(m[0]), text).translate(PASTED_CHARACTERS)
    start, stop = 0, len(text)
    for _ in range(4):
        inside = text[start:stop]
        for opening, closing in _WRAPPERS:
            if first := re.match(rf"\s*({opening})", inside):
                last = re.search(rf"{closing}\s*$", inside.rstrip(" \t\r\n.,;")[first.end() :][-80:])
                if not last:
                    place = Place(typed, start + first.start(1), start + first.end(1), source)
                    raise FormulaError(f"this {first[1]} is never closed", place, "close it at the end, or remove it")
                stop = start + len(inside.rstrip(" \t\r\n.,;")) - len(last[0])
                start += first.end()
                break
        else:
            break
    return " " * start + text[start:stop] + " " * (len(text) - stop)


class _Bracket(NamedTuple):
    """An open bracket: its token, the text or kind of the closing token, and that token's kind in the grammar."""

    token: Token
    closed_by: str
    kind: str


class Words:
    """The step between Lark's lexer and its parser: it reads all tokens of a text and yields those of the grammar."""

    always_accept = ()

    def __init__(self) -> None:
        self.begin("", "")

    def begin(self, text: str, source: str) -> None:
        """Forget the last text."""
        self.text, self.source = text, source
        self.notes: list[Note] = []
        self.by: set[str] = set()  # the names that something is differentiated by

    def process(self, stream: Iterable[Token]) -> Iterator[Token]:
        """Yield the tokens of the grammar; raises FormulaError."""
        tokens = [*derivative_signs([*styled_groups([*stream])], self.differentiated)]
        tokens = [*joined_numbers([*self.bare_names(tokens)], self.text, self.fail, self.note)]
        self.check_equation_numbers()
        self.check_letters(tokens)
        words = [word for k, token in enumerate(tokens) if (word := self.without_command(token, tokens[k + 1 : k + 6]))]
        words = [*primed([*accented(words, self.fail)], self.fail, self.note)]
        words = [*self.split_digits(self.matched_brackets(words))]
        yield from self.joined_heads([*self.joined_subscripts(words)])

    def fail(self, what: str, first: Token, hint: str = "", last: Token | None = None) -> NoReturn:
        place = Place(self.text, first.start_pos or 0, (last or first).end_pos or 0, self.source)
        raise FormulaError(what, place, hint)

    def note(self, text: str, start: int, end: int, hint: str = "") -> None:
        """Add a note on text that could be read otherwise."""
        self.notes.append(Note("reading", text, Place(self.text, start, end, self.source), hint=hint))

    # -- commands and letters ----------------------------------------------------------------------------------------

    def differentiated(self, tokens: list[Token]) -> str:
        """Return the name that tokens are, to differentiate by."""
        words = [word for token in tokens if (word := self.without_command(token, []))]
        self.by.add(self.name_with_subscript(words[0], words[2:]))
        return self.name_with_subscript(words[0], words[2:])

    def bare_names(self, tokens: list[Token]) -> Iterator[Token]:
        r"""Yield the tokens without the braces around one name before a subscript: {x}_{1} is x_{1}.

        Braces of an argument stay: \sqrt{x}_1 has a subscript of the root.
        """
        unbraced: set[int] = set()
        for k, expected in enumerate(arguments(tokens)):
            if not expected and [t.type for t in tokens[k : k + 4]] in _BRACED_NAME:
                unbraced |= {k, k + 2}
        yield from (token for k, token in enumerate(tokens) if k not in unbraced)

    def check_equation_numbers(self) -> None:
        r"""Refuse \quad (2) at the end of a line, which is not a factor."""
        if found := _EQUATION_NUMBER.search(self.text):
            place = Place(self.text, found.start(1), found.end(1), self.source)
            hint = rf"remove it, or write \cdot {found[1]} for a factor"
            raise FormulaError(f"{found[1]} is the number of an equation", place, hint)

    def check_letters(self, tokens: list[Token]) -> None:
        """Refuse sin(x), which is s*i*n*x, and 2e-3, which is 2*e - 3; note pi, which is p*i."""
        for number, e, sign, power in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
            typed = f"{number}{e}{sign}{power}"
            together = (power.end_pos or 0) - (number.start_pos or 0) == len(typed)
            if number.type == power.type == "NUMBER" and e == "e" and sign.type in ("MINUS", "PLUS") and together:
                hint = rf"write {number} \cdot 10^{{{sign}{power}}}, or put blanks around the {sign}"
                self.fail(f"{typed} is ambiguous", number, hint, power)
        run: list[Token] = []
        for k, token in enumerate([*tokens, Token("$END", "")]):
            if token.type == "NAME" and token.isascii() and (not run or token.start_pos == run[-1].end_pos):
                run.append(token)
                continue
            letters = "".join(run)
            before = k - len(run)
            if before > 1 and tokens[before - 2].type == "UNDER" and tokens[before - 1].type == "LBRACE":
                run = []  # a name, as in x_{max}
            if len(run) > 1 and (found := _function_names().search(letters)):
                first, last = run[found.start()], run[found.end() - 1]
                spaced = " ".join(found[0])
                self.fail(f"{found[0]} is a product of letters here", first, rf"write \{found[0]}, or {spaced}", last)
            if letters in GREEK_COMMANDS and len(run) > 1:
                what = f"{letters} is read as the product {'*'.join(letters)}"
                self.note(what, run[0].start_pos or 0, run[-1].end_pos or 0, rf"for the Greek letter, write \{letters}")
            run = [token] if token.type == "NAME" and token.isascii() else []

    def without_command(self, token: Token, after: list[Token]) -> Token | None:
        """Return the token of the grammar for a command or a letter; None for one without a meaning."""
        kind, command = token.type, token[1:]
        if kind == "NAME":
            return token_at("NAME", GREEK_LETTERS.get(token, str(token)), token)
        if kind == "COMPARE":
            return token_at("COMPARE", _COMPARE[token.lstrip("\\")], token)
        if kind == "WORD":
            return self.styled_word(token, after)
        if kind in ("BEGIN", "FINISH"):
            if not token.endswith("{cases}"):
                choice = r"\begin{cases} a & x < 0 \\ b & x \ge 0 \end{cases}"
                self.fail(f"{token} is not known", token, f"choices are {choice}")
            return token_at("CASES" if kind == "BEGIN" else "ENDCASES", str(token), token)
        if kind != "COMMAND":
            return token
        if command in functions() and (
            command not in GREEK_COMMANDS or (command == "Gamma" and _CALLED.match(" ".join(t.type for t in after)))
        ):
            return token_at("FUNCTION", functions()[command], token)
        if command in GREEK_COMMANDS or command in LETTERS:
            return token_at("NAME", LETTERS.get(command, command), token)
        if command in ACCENTS:
            return token_at("ACCENT", str(token), token)
        if command == "prime":
            return token_at("PRIME", str(token), token)
        if command in _STYLES:
            self.fail(f"{token} has no word in braces", token, rf"write {token}{{rate}}, closed by }}")
        hint = rf"a name is written \mathrm{{{command}}}" if command.isalpha() else "remove it"
        what = "cannot be calculated" if command in COMMANDS else "is not known"
        return self.fail(f"{token} {what}", token, COMMANDS.get(command, hint))

    def styled_word(self, token: Token, after: list[Token]) -> Token | None:
        """Return the word in \\mathrm{...}, \\operatorname{...}, \\text{...} and the like."""
        style, _, text = token[1:-1].partition("{")
        style, name = style.strip("* \t\n"), text.replace("\\_", "_").strip(" .,\t\n")
        if re.fullmatch(r"[A-Za-z](?:\s+[A-Za-z0-9])+", name):
            name = "".join(name.split())  # letter by letter, as recognized formulas have it
        if style not in _NAMES_ONLY:
            if name.lower() in _WITHOUT_MEANING:
                return None
            if name.lower() in _TEXTS:
                return token_at(_TEXTS[name.lower()], name.lower(), token)
            if (
                name in BY_NAME
                or name in inverse_names()
                or (style == "operatorname" and after and after[0].type in ("LPAR", "LBRACE"))
            ):
                return token_at("FUNCTION", inverse_names().get(name, name), token)
            if name == "d":
                self.fail(f"{token} is the d of a derivative or an integral", token, COMMANDS["partial"])
        if name.startswith("\\") and name[1:] in GREEK_COMMANDS:
            name = name[1:]
        if primes := re.fullmatch("([A-Za-z]+)('+)", name):
            name = primes[1] + "prime" * len(primes[2])
        if not re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name) or name in _KEYWORDS:
            self.fail(f"{name or 'this'} is not a name", token, r"a name has letters, digits and \_")
        return token_at("NAME", name, token)

    # -- brackets, bars, lines ---------------------------------------------------------------------------------------

    def matched_brackets(self, tokens: list[Token]) -> Iterator[Token]:
        """Yield the tokens with bars as opening or closing ones, and the ends of lines in cases as those of rows.

        Refuses brackets that do not match.
        """
        opened: list[_Bracket] = []
        before = Token("", "")
        pairs = 0  # of bars in this product
        for k, token in enumerate(tokens):
            kind, inside = token.type, opened[-1] if opened else None
            if kind == "BAR":
                closes = inside is not None and inside.closed_by == "RBAR" and before.type in _OPERAND
                kind = "RBAR" if closes else "LBAR"
                if kind == "LBAR" and pairs and before.type in ("NAME", "NUMBER"):
                    start, end = token.start_pos or 0, token.end_pos or 0
                    hint = r"for others, write \lvert x \rvert"
                    self.note("the bars are read as pairs from the left", start, end, hint)
                pairs += kind == "RBAR"
            elif kind in ("PLUS", "MINUS", "COMPARE", "COMMA", "END"):
                pairs = 0
            at_end = k + 1 == len(tokens) or tokens[k + 1].type == "END"
            if not inside and (kind == "AMPERSAND" or (kind in _STOPS and at_end)):
                continue  # the punctuation of a sentence
            if kind == "END" and inside:
                if inside.kind != "ENDCASES":
                    self.fail(f"this {inside.token} is never closed", inside.token, "close it on the same line")
                kind = "ROW"
            if kind in _CLOSERS:
                opened.append(_Bracket(token, _CLOSERS[kind], _CLOSERS[kind]))
            elif kind in ("LPAR", "LSQB"):
                kind = kind if before.type == "ROOT" else "LPAR"
                opened.append(_Bracket(token, _PAIRS[token], "RPAR" if kind == "LPAR" else "RSQB"))
            elif kind in _CLOSING:
                if not inside:
                    self.fail(f"this {token} closes nothing", token, "remove it, or open it before")
                if inside.closed_by not in (kind, token):
                    what = f"this {inside.token} is closed by {token}"
                    self.fail(what, inside.token, "close it by its own kind", token)
                kind = inside.kind
                opened.pop()
            before = token_at(kind, str(token), token)
            yield before
        if opened:
            self.fail(f"this {opened[-1].token} is never closed", opened[-1].token, "close it")

    def split_digits(self, tokens: Iterable[Token]) -> Iterator[Token]:
        r"""Yield the tokens with numbers cut into digits where an argument is one digit: \frac12 is one half."""
        wanted: list[tuple[int, int]] = []  # arguments still to come, at what depth of brackets
        depth = 0
        todo = deque(tokens)
        while todo:
            token = todo.popleft()
            kind = token.type
            if kind in _CLOSING:
                depth -= 1
            here = bool(wanted) and wanted[-1][1] == depth and kind != "LSQB"
            if here and kind == "NUMBER" and len(token) > 1:
                digit = token_at("NUMBER", token[:1], token)
                digit.end_pos = (token.start_pos or 0) + 1
                rest = Token.new_borrow_pos("NUMBER", token[1:], token)
                rest.start_pos = digit.end_pos
                if wanted[-1][0] == 1 or not token.isdigit():
                    self.fail(f"only the {digit} belongs to what is before", token, f"write {{{token}}}")
                todo.appendleft(rest)
                token = digit
            if kind == "NUMBER" and not here:
                token = self.scientific_number(token, todo)
            if here and kind == "MINUS" and wanted[-1][0] == 1:
                self.fail("a sign here needs braces", token, "write ^{-1}")
            if here and kind not in _OPENING:
                wanted[-1] = (wanted[-1][0] - 1, depth)
                if not wanted[-1][0]:
                    wanted.pop()
            if kind in _ARGUMENTS:
                wanted.append((_ARGUMENTS[kind], depth))
            if kind in _OPENING:
                depth += 1
            yield token

    def scientific_number(self, token: Token, todo: deque[Token]) -> Token:
        r"""Return 6.6 \cdot 10^{-34} as one number, and remove its tokens from those to come; else the first number."""
        ahead = [*islice(todo, 7)]
        kinds = [t.type.replace("PLUS", "MINUS") for t in ahead]
        if kinds[:3] != ["TIMES", "NUMBER", "POWER"] or ahead[1] != "10":
            return token
        for shape in _EXPONENTS:
            if kinds[3 : 3 + len(shape)] == shape:
                exponent = "".join(t for t in ahead[3 : 3 + len(shape)] if t.type not in ("LBRACE", "RBRACE"))
                if exponent.lstrip("+-").isdigit() and (len(shape) > 1 or len(exponent) == 1):
                    for _ in range(3 + len(shape)):
                        last = todo.popleft()
                    return token_at("NUMBER", f"{token}e{exponent}", token, last)
        return token

    # -- names with subscripts, sums, definitions --------------------------------------------------------------------

    def joined_subscripts(self, tokens: list[Token]) -> Iterator[Token]:
        """Yield the tokens with subscripts in the names, x1 for x_1; the variables of sums make elements of arrays."""
        tokens = self.ordered_ranges(tokens)
        loops = {str(tokens[k + 3]) for k in range(len(tokens) - 3) if tokens[k].type == "REPEAT"}
        arrays: set[str] = set()
        tokens = self.joined_superscripts(tokens, loops)
        parts = {k: self.subscript_at(tokens, k + 2) for k in range(len(tokens) - 2) if tokens[k + 1].type == "UNDER"}
        for k, part in parts.items():
            if any(t.type == "NAME" and t in loops for t in part):
                arrays.add(str(tokens[k]))
        k = 0
        while k < len(tokens):
            token, part = tokens[k], parts.get(k, [])
            words = [token]
            taken = 2 + len(part) if part else 1
            if token.type == "REPEAT":
                words, taken = [self.repeat_head(tokens[k : k + 5])], 5
            elif token.type == "FUNCTION" and part:
                words = [self.function_with_base(token, part)]
                taken = 1 if words[0] is token else taken
            elif token.type == "NAME" and part and token in arrays:
                if repeat := next((t for t in part if t.type == "REPEAT"), None):
                    self.fail("a sum cannot stand in a subscript", repeat, "use numbers and variables of sums")
                opening = token_at("INDEXED", f"{token}[", token, tokens[k + 1])
                words = [opening, *part, Token.new_borrow_pos("RSQB", "", part[-1])]
            elif token.type == "NAME" and part:
                words = [token_at("NAME", self.name_with_subscript(token, part), token, part[-1])]
            else:
                taken = 1
            yield from words
            k += taken

    def ordered_ranges(self, tokens: list[Token]) -> list[Token]:
        r"""Return the tokens with \sum_{i=1}^{n} for \sum^{n}_{i=1}."""
        ordered: list[Token] = []
        k = 0
        while k < len(tokens):
            ordered.append(tokens[k])
            k += 1
            if ordered[-1].type == "REPEAT" and tokens[k : k + 1] and tokens[k].type == "POWER":
                upper = [tokens[k], *self.subscript_at(tokens, k + 1)]
                k += len(upper)
                lower = (
                    [tokens[k], *self.subscript_at(tokens, k + 1)]
                    if k < len(tokens) and tokens[k].type == "UNDER"
                    else []
                )
                k += len(lower)
                ordered += lower + upper
            elif ordered[-1].type == "REPEAT" and tokens[k : k + 1] and tokens[k].type == "UNDER":
                lower = [tokens[k], *self.subscript_at(tokens, k + 1)]
                has_range = any(t.type == "COMPARE" for t in lower)
                if has_range and (k + len(lower) == len(tokens) or tokens[k + len(lower)].type != "POWER"):
                    hint = f"write {ordered[-1]}{self.text[lower[0].start_pos : lower[-1].end_pos]}^{{n}}"
                    self.fail("this has no upper bound", ordered[-1], hint, lower[-1])
        return ordered

    def joined_superscripts(self, tokens: list[Token], loops: set[str]) -> list[Token]:
        r"""Return the tokens with superscripts in brackets, as in W^{(2)}, in the names.

        In a sum over i, y^{(i)} becomes y_{i}; that makes y an array, and y^{(1)} its first element.
        """
        found: dict[int, tuple[Token, Token, int]] = {}  # by the place of the name: its index, the end, the next place
        for k, token in enumerate(tokens):
            if token.type == "NAME" and token != "e" and (k == 0 or tokens[k - 1].type != "UNDER"):
                part = self.subscript_at(tokens, k + 2) if [t.type for t in tokens[k + 1 : k + 2]] == ["UNDER"] else []
                end = k + 1 + bool(part) + len(part)
                if _SUPERSCRIPT.fullmatch(" ".join(t.type for t in tokens[end : end + 6])):
                    name = token_at("NAME", self.name_with_subscript(token, part), token, tokens[end - 1])
                    found[k] = name, tokens[end + 3], end + 6
        arrays = {str(name) for name, index, _ in found.values() if index in loops}
        made: list[Token] = []
        k = 0
        while k < len(tokens):
            if k not in found:
                made.append(tokens[k])
                k += 1
                continue
            name, index, k = found[k]
            last = tokens[k - 1]
            if k < len(tokens) and tokens[k].type == "LPAR":
                hint = f"name it otherwise, as in {name}_{{{index}}}, or write \\cdot before the parenthesis"
                self.fail("this is a derivative or a name with an index", name, hint, last)
            if name in arrays:
                made += [name, token_at("UNDER", "_", index), token_at("LBRACE", "{", index), index]
                made.append(token_at("RBRACE", "}", last))
                read = f"the element {name}[{index}]"
            else:
                made.append(token_at("NAME", f"{name}_sup{'_' * index.isalpha()}{index}", name, last))
                read = f"the name {made[-1]}"
            start, end = name.start_pos or 0, last.end_pos or 0
            hint = f"for the power, write {{{self.text[start : name.end_pos]}}}^{{{index}}}"
            self.note(f"{self.text[start:end]} is read as {read}, not as a power", start, end, hint)
        return made

    def repeat_head(self, tokens: list[Token]) -> Token:
        r"""Return `sum(i=` for \sum_{i=."""
        first, shape = tokens[0], [t.type for t in tokens[1:]]
        if shape != ["UNDER", "LBRACE", "NAME", "COMPARE"] or tokens[4] != "==":
            self.fail("this has no range", first, rf"write {first}_{{i=1}}^{{n}}")
        return token_at("REPEAT", f"{first[1:]}({tokens[3]}=", first, tokens[4])

    def function_with_base(self, function: Token, part: list[Token]) -> Token:
        """Return log2 or log10 for a logarithm with that base, which has a function; else the function alone."""
        base = [t for t in part if t.type not in ("LBRACE", "RBRACE")]
        if function != "log":
            self.fail("only a logarithm has a subscript", function, r"as in \log_{2} x", part[-1])
        return token_at("FUNCTION", f"log{base[0]}", function, part[-1]) if base in (["2"], ["10"]) else function

    def subscript_at(self, tokens: list[Token], k: int) -> list[Token]:
        """Return the tokens of the argument at a position: one, or a group in braces."""
        end, depth = k, 0
        while end < len(tokens):
            depth += (tokens[end].type in _OPENING) - (tokens[end].type in _CLOSING)
            end += 1
            if not depth:
                break
            if end > k + _LONGEST:
                self.fail("this subscript is too long", tokens[k], "use a shorter name")
        return tokens[k:end]

    def name_with_subscript(self, name: Token, part: list[Token]) -> str:
        """Return x1 for x_{1}, x_max for x_{max}, x1_2 for x_{1,2}."""
        text = str(name)
        before = Token("", "")
        if len(part) > 1 and part[1].type == "COMMA":
            self.fail("a comma before an index is a derivative in papers", name, "give the derivative a name", part[-1])
        for token in part:
            if token.type not in ("LBRACE", "RBRACE", "COMMA"):
                if not re.fullmatch("[A-Za-z0-9_]+", token):
                    hint = "only the variable of a sum is calculated with"
                    self.fail("a subscript is a number or a name", token, hint)
                together = before.type == token.type == "NAME" and len(token) == 1
                digits = token.isdigit() and not text[-1].isdigit() and before.type != "COMMA"
                text += f"{token}" if together or digits else f"_{token}"
            before = token
        return text

    def joined_heads(self, tokens: list[Token]) -> Iterator[Token]:
        r"""Yield the tokens with `a =` and `f(u, v) =` as one word: a TITLE if no later line uses the name."""
        lines: list[list[Token]] = [[]]
        for token in tokens:
            lines[-1].append(token)
            if token.type == "END":
                lines.append([])
        lines = [line for line in lines if line and line[0].type != "END"]
        heads = [_head(line) for line in lines]
        functions = {str(head[0]) for head in heads if len(head) > 2}
        titled = bool(heads and heads[-1])
        used: set[str] = set()  # by later lines
        made: list[list[Token]] = []
        for head, line in zip(reversed(heads), reversed(lines), strict=True):
            body = line[len(head) :]
            called = {t.rstrip("[") for t in body if t.type in ("NAME", "INDEXED", "FUNCTION")}
            for k, (token, after) in enumerate(pairwise(body)):
                if token.type == "NAME" and token in functions and after.type == "LPAR":
                    body[k] = token_at("FUNCTION", str(token), token)
            if head:
                kind = "TITLE" if titled and head[0] not in used else "HEAD"
                names = ", ".join(t for t in head[2:] if t.type == "NAME")
                text = f"{head[0]}({names})=" if names else f"{head[0]}="
                body.insert(0, token_at(kind, text, head[0], head[-1]))
            used |= called
            made.append(body)
        for line in reversed(made):
            yield from line


def _head(line: list[Token]) -> list[Token]:
    """Return the tokens of `a =` or `f(u, v) =` at the beginning of a line; nothing if it has none."""
    equals = next((k for k, t in enumerate(line) if t.type == "COMPARE"), 0)
    head = line[: equals + 1] if equals and line[equals] == "==" else []
    shape = " ".join(t.type for t in head)
    return head if re.fullmatch("NAME( LPAR NAME( COMMA NAME)* RPAR)? COMPARE", shape) else []
