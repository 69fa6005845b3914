"""The definitions and the last answer of a session."""

from __future__ import annotations

import re
from contextlib import suppress

from ..api import Formula
from ..derive import Values
from ..errors import AdcliError, PointError, UsageError
from ..language import CONSTANTS, NAME_PATTERN, PASTED_CHARACTERS, as_point, parse
from ..ops import BY_NAME

_HEAD = re.compile(rf"\s*({NAME_PATTERN})\s*(\([^()=]*\))?\s*=(?!=)")
LAST = "ans"


class Session:
    """The names of a session: numbers, which are variables to differentiate by, and formulas of names and functions.

    A definition is a number if it depends on no name, or on the last answer; a list of numbers is an array. `last` is
    the last expression.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, float | list[float]] = {}
        self.formulas: dict[str, str] = {}
        self.last = ""

    def take(self, statement: str) -> Values | None:
        """Keep a definition, or return the value of an expression, which is then the last answer.

        Raises AdcliError; nothing is kept then.
        """
        text = statement.strip()
        head = _HEAD.match(text.translate(PASTED_CHARACTERS))
        if head is None:
            found = self._value(text)
            self.last = text
            if len(found.value) == 1:
                (self.numbers[LAST],) = found.value.values()
            return found
        name, parameters = head.groups()
        if name == LAST:
            raise UsageError(f"{LAST} is the last answer", hint="use another name")
        if not parameters and text[head.end() :].lstrip().startswith("["):
            self.numbers[name] = [*self._value(text[head.end() :]).value.values()]
            self.formulas.pop(name, None)
            return None
        other = {n: f for n, f in self.formulas.items() if n != name}
        result = f"; {0 if parameters else name}"
        try:
            script = parse(self.whole(text, other) + result, variables=self.numbers)
        except AdcliError as error:
            error.place = error.place and error.place._replace(text=error.place.text.removesuffix(result))
            raise
        if not parameters and (not script.variables or LAST in script.variables):
            (number,) = self._value(text[head.end() :]).value.values()
            self.formulas.pop(name, None)
            self.numbers[name] = number
        else:
            self.numbers.pop(name, None)
            self.formulas[name] = text  # where it was, if it is not new: what uses it stays below
        return None

    def whole(self, text: str, formulas: dict[str, str] | None = None) -> str:
        """Return the text after the definitions that it needs, on one line."""
        formulas = self.formulas if formulas is None else formulas
        needed: set[str] = set()
        todo = [text]
        while todo:
            new = {
                word for word in re.findall(NAME_PATTERN, todo.pop().translate(PASTED_CHARACTERS)) if word in formulas
            } - needed
            needed |= new
            todo += [formulas[name] for name in new]
        return "; ".join([*(line for name, line in formulas.items() if name in needed), text])

    def at(self, text: str) -> dict[str, float | list[float]]:
        """Return the numbers that a formula with its definitions needs, by name; arrays up to the last element used."""
        script = parse(text, variables=self.numbers)
        names = {*script.variables, *script.arrays, *script.integers}
        found = {name: x for name, x in self.numbers.items() if name in names}
        if script.arrays:
            with suppress(AdcliError):  # the error comes where the values are needed
                inputs = Formula(script).trace_at(as_point(found)).inputs
                for name in script.arrays:
                    if isinstance(x := found.get(name), list):
                        used = [int(i[len(name) + 1 : -1]) for i in inputs if i.startswith(f"{name}[")]
                        found[name] = x[: max(used, default=0)]
        return {name: x for name, x in found.items() if x != []}

    def _value(self, text: str) -> Values:
        whole = self.whole(text)
        try:
            return Formula(parse(whole)).values(as_point(self.at(whole)))[0]
        except PointError as error:
            missing = re.findall(r"(\S+?)=(\.\.\.|\[\.\.\.\])(?:,|$)", error.hint.removeprefix("add: --at "))
            hint = "define: " + "; ".join(f"{name.rpartition(',')[2]} = {dots}" for name, dots in missing)
            raise PointError(error.what, error.place, hint if missing else error.hint) from None

    def completions(self, start: str) -> list[str]:
        """Return the names and functions that begin so, functions with their parenthesis."""
        own = [f"{name}(" if "(" in text.partition("=")[0] else name for name, text in self.formulas.items()]
        calls = [f"{name}(" for name in (*BY_NAME, "sum", "prod")]
        return sorted(name for name in {*own, *calls, *self.numbers, *CONSTANTS} if name.startswith(start))
