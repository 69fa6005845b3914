"""What adcli says when there is no answer: what happened, where in the text, what to try."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

WINDOW = 72  # columns of a long line that are shown around the place
MOST_LISTED = 12  # names


class Place(NamedTuple):  # not a dataclass: making one takes eight times as long, at every start
    """A stretch of a text that the user typed: `text[start:end]`, and what the text is (empty for the formula)."""

    text: str
    start: int
    end: int
    source: str = ""

    def underline(self) -> str:
        """Return the line that holds the place, and carets under it, right also with tabs and wide characters."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        line = self.text[first:] if last < 0 else self.text[first:last]
        start, end = self.start - first, max(min(self.end - first, len(line)), self.start - first + 1)
        if len(line) > 2 * WINDOW:
            left = max(0, start - WINDOW // 2)
            right = min(len(line), left + WINDOW)
            cut = ("…" if left else "") + line[left:right] + ("…" if right < len(line) else "")
            shift = left - (1 if left else 0)
            line, start, end = cut, start - shift, min(end - shift, len(cut))
        where = self.source
        if "\n" in self.text.strip("\n"):
            where = f"{where or 'formula'}, line {self.text.count(chr(10), 0, self.start) + 1}"
        carets = "".join("\t" if c == "\t" else " " * text_width(c) for c in line[:start])
        carets += "^" * max(1, text_width(line[start:end]))
        return (f"  in {where}:\n" if where else "") + f"  {line}\n  {carets}"


def text_width(text: str) -> int:
    """Return the number of columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import category, combining, east_asian_width

    shown = (c for c in text if not combining(c) and category(c) not in ("Cf", "Mn"))
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in shown)


class AdcliError(Exception):
    """Whatever a user's formula, point or option makes impossible.

    `kind` is a short stable word for programs, `exit_code` the status of the command line (2: usage or
    syntax, 1: there is no answer).
    """

    kind = "error"
    exit_code = 2

    def __init__(self, what: str, place: Place | None = None, hint: str | Callable[[], str] = "") -> None:
        super().__init__(what)
        self.what, self.place, self._hint = what, place, hint

    @property
    def hint(self) -> str:
        """What to try; one that is costly to find is found when it is first read."""
        if not isinstance(self._hint, str):
            self._hint = self._hint()
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = text

    def __reduce__(self) -> tuple[Any, ...]:
        _ = self.hint  # as text: a function may not be picklable
        return super().__reduce__()  # type: ignore[return-value]

    def __str__(self) -> str:
        where = "\n" + self.place.underline() if self.place else ""
        return self.what + where + ("\n" + self.hint if self.hint else "")

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data for JSON."""
        data: dict[str, Any] = {"kind": self.kind, "text": self.what}
        if self.place:
            data["span"] = [self.place.start, self.place.end]
            data["source"] = self.place.source or "formula"
        return data | ({"hint": self.hint} if self.hint else {})


class FormulaError(AdcliError):
    """The formula cannot be read."""

    kind = "syntax"


class PointError(AdcliError):
    """The point does not fit the formula: a variable is missing, unknown, bound twice or not a number."""

    kind = "point"


class UsageError(AdcliError):
    """Options or files that make no sense together, or cannot be read or written."""

    kind = "usage"


class LimitError(AdcliError):
    """The formula is larger than a limit allows; the text names the limit."""

    kind = "limit"


class DomainError(AdcliError):
    """The formula has no value at this point."""

    kind = "domain"
    exit_code = 1


class Note(NamedTuple):
    """Something to know about an answer: a kink, a jump, an overflow; `kind` is a stable word for programs.

    `hint` is what to write instead, if that is known.
    """

    kind: str
    text: str
    place: Place | None = None
    row: int = -1  # the row of the trace, if it is one's
    hint: str = ""

    @property
    def is_on_text(self) -> bool:
        """Tell whether the note is on how the formula was read, the same at every point."""
        return self.kind in ("reading", "shadow")

    def __str__(self) -> str:
        return "\n".join(
            [self.text, *([self.place.underline()] if self.place else []), *([self.hint] if self.hint else [])]
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the note as plain data for JSON."""
        data: dict[str, Any] = {"kind": self.kind, "text": self.text}
        data |= {"span": [self.place.start, self.place.end]} if self.place else {}
        return data | ({"hint": self.hint} if self.hint else {})


def shortened(text: str, most: int = 53) -> str:
    """Return a text of at most `most` characters, of a long one the beginning."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _quoted(name: str) -> str:
    """Return a name as it can be typed, in quotes if it has a comma; of a long one the beginning."""
    shown = name if len(name) <= WINDOW else name[: WINDOW - 1] + "…"
    return f'"{shown}"' if "," in shown else shown


def listed(names: Iterable[str]) -> str:
    """Return `a, b, c`; of many only the first ones and how many more there are."""
    found = [*map(_quoted, names)]
    shown = found[:MOST_LISTED] if len(found) > MOST_LISTED + 1 else found
    more = f" ... and {len(found) - len(shown):,} more" * (len(shown) < len(found))
    return ", ".join(shown) + more


def check_names(given: Iterable[str], known: Iterable[str], what: str = "a variable") -> None:
    """Raise UsageError for the first name that is not known."""
    names = list(known)
    among = set(names)
    for name in given:
        if not (isinstance(name, str) and name in among):
            raise UsageError(f"{name} is not {what}", hint=among_others(str(name), names))


def among_others(name: str, known: list[str], what: str = "there are") -> str:
    """Return a hint for a name that is not known: `did you mean rate?` and what there is."""
    close = nearest(name, known)
    return f"did you mean {_quoted(close)}?\n" * bool(close) + f"{what}: {listed(known)}"


def near_miss(name: str, known: list[str]) -> str:
    """Return the known name that this one is a slip of: other capitals, a letter wrong, missing or out of place.

    Not a short one that begins the other: sinc is no slip of sin.
    """
    close = nearest(name, known)
    begins = len(close) < 5 and (name.startswith(close) or close.startswith(name))
    alike = len(name) > 3 and abs(len(name) - len(close)) < 2 and not begins
    return close if close and (close.lower() == name.lower() or alike) else ""


def nearest(name: str, known: list[str]) -> str:
    """Return the known name most like this one, or an empty string."""
    from difflib import get_close_matches

    other_case = [k for k in known if k.lower() == name.lower()]
    return next(iter(other_case or get_close_matches(name, known, 1, 0.6)), "")
