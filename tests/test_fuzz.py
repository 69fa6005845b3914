"""Whatever is typed, there is an answer or an error that says what to do: never another exception, never a hang."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcli.errors import AdcliError
from adcli.language.reader import parse
from adcli.language.writer import to_text
from tests.reference.formulas import NAMES, NUMBERS, Choices, examples, random_formula
from tests.test_errors import run

pytestmark = pytest.mark.long

FORMATS = ("table", "plain", "json", "jsonl", "csv", "markdown", "latex")
VALUES = ("0", "-0.0", "1", "-1", "2.5", "1e308", "-1e308", "5e-324", "pi/3", "710", "1e-9")
VALID = (
    "ln(x1)+x1*x2-sin(x2)",
    "a = exp(2*x)\nf(u, v) = u*v # note\nf(a, y)^2",
    "if 0 < x <= 1 and not y > 2 or x == 3 then x^2 else if y != 1 then -y else 2",
    "x if x > 0 else -x",
    "where(x >= 1, max(x, y, 2), min(1, 2))",
    "2(x+1)(y-2)^-2x",
    "√(α²+β₁³)·2π ÷ 3 − 1",
    "np.exp(x)*math.pi/torch.tanh(y)",
    "6.6e-34*.5 + 1.*e**2 - tau",
    "sum(i=1..3, x[i]^2) + prod(k=1..n, k)",
    "[x*y, x + y]",
    "hypot(3, x, y) + clamp(x, -1, 1) + floor(x) + gamma(x) + atan2(y, x)",
)
WORDS = """
    x y a b i n 1 2 0 3.5 1e400 .5 1e-3 + - * / ^ ** ( ) [ ] { } , ; = == != < <= > >= .. . : # ' ! | % & @ ~ $ ?
    if then else and or not where sum prod sin( ln( pow( max( f( f(u)= a= np. math. pi e tau π θ √ ² ³ ⁻¹ x₁ ₂ − × ≤ ≠ ∞
    х １ é 変 x[1] x[ ] sum(i=1.. 0x1F 1_000 2e-x --------------- (((((((((((((((((((((( )))))))
"""
TOKENS = (*WORDS.split(), "\n", "\t", " ", "\u200b", "\x00", "- -")


def check_message(error: AdcliError, length: int) -> None:
    """An error says something, and points into the text."""
    assert error.what
    if error.place:
        assert 0 <= error.place.start <= error.place.end <= length + 1
        assert "^" in str(error)


def check(text: str, choices: Choices) -> None:
    """Run the text through every command that reads one; anything but a status is an error."""
    at: list[str] = []
    try:
        script = parse(text)
    except AdcliError as error:
        check_message(error, len(text))
    else:
        named = [f"{name}={choices.one(VALUES)}" for name in script.variables]
        arrays = [f"{name}=[{choices.one(VALUES)},2,{choices.one(VALUES)}]" for name in script.arrays]
        at = [f"--at={','.join(named + arrays)}"] if named or arrays else []
        assert parse(text).variables == script.variables
    format_ = choices.one(FORMATS)
    mode = choices.one(("forward", "reverse", "both", "auto"))
    order = choices.one(("level", "evaluation"))
    shown = [f"--format={format_}", f"--order={order}", "--trace", "--all"]
    for words in (
        ["grad", f"--mode={mode}", *shown, *at, "--", text],
        ["eval", *shown, *at, "--", text],
        ["ast", f"--format={choices.one(('table', 'json'))}", "--", text],
    ):
        status, out, err = run(words)
        assert status in (0, 1, 2)
        assert "Traceback" not in err
        assert (out != "") or err.startswith("adcli: ")


def mutated(text: str, choices: Choices) -> str:
    """Return the text with a few pieces deleted, doubled, swapped or put in."""
    for _ in range(1 + choices.below(4)):
        a, b = sorted((choices.below(len(text) + 1), choices.below(len(text) + 1)))
        how = choices.below(4)
        text = (
            text[:a] + text[b:] if how == 0
            else text[:b] + text[a:] if how == 1
            else text[:a] + choices.one(TOKENS) + text[a:] if how == 2
            else text[:a] + choices.one(TOKENS) + text[b:]
        )  # fmt: skip
    return text


def from_bytes(data: bytes) -> str:
    """Return a random formula, a mutated one, or tokens at random."""
    choices = Choices(data)
    kind = choices.below(4)
    if kind == 0:
        return to_text(random_formula(choices, choices.below(16), NAMES, NUMBERS))
    if kind == 1:
        return mutated(to_text(random_formula(choices, choices.below(10))), choices)
    if kind == 2:
        return mutated(choices.one(VALID), choices)
    return "".join(choices.one(TOKENS) for _ in range(choices.below(16)))


TEXTS = st.one_of(
    st.binary(min_size=40, max_size=160).map(from_bytes),
    st.binary(min_size=40, max_size=160).map(from_bytes),
    st.binary(min_size=40, max_size=160).map(from_bytes),
    st.text(max_size=30),
    st.text(alphabet="0123456789.eExyi+-*/^()[]=<>,;# \n", max_size=30),
)


@examples(1500)
@given(TEXTS, st.binary(min_size=12, max_size=12))
def test_nothing_but_answers_and_errors(text: str, data: bytes) -> None:
    check(text, Choices(data))


@pytest.mark.slow
@examples(12_000)
@given(TEXTS, st.binary(min_size=12, max_size=12))
def test_nothing_but_answers_and_errors_many(text: str, data: bytes) -> None:
    check(text, Choices(data))


@examples(300)
@given(
    st.one_of(
        st.text(max_size=20), st.lists(st.sampled_from([*TOKENS, "x=", "y=", "=1", "@", "@list.json"])).map("".join)
    )
)
def test_points_give_numbers_or_errors(text: str) -> None:
    status, out, err = run(["eval", f"--at={text}", "x*y"])
    assert status in (0, 1, 2)
    assert (out != "") or err.startswith("adcli: ")


def test_the_texts_are_a_mixture() -> None:
    """Half of what is tried can be read; else the tests above would prove little."""
    rng = random.Random(1)
    found = [from_bytes(rng.randbytes(100)) for _ in range(400)]
    readable = 0
    for text in found:
        try:
            parse(text)
        except AdcliError:
            continue
        readable += 1
    assert 100 < readable < 300
    assert any(a != b for a, b in pairwise(found))
