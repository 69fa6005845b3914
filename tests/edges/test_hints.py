"""Each stable spelling is the same function as what it stands for, and is offered where it helps."""

from __future__ import annotations

import pytest

import adcli
from adcli.edges.hints import SPELLINGS


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_a_spelling_is_the_same_function(old: str, new: str) -> None:
    before, after = adcli.formula(old), adcli.formula(new)
    assert set(before.variables) == set(after.variables)
    for a, b in ((0.3, 1.7), (2.5, 0.4), (1.1, 3.2)):
        at = {name: {"a": a, "b": b}[name] for name in before.variables}
        assert before(at) == pytest.approx(after(at), rel=1e-13)


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("ln(1 + exp(x))", {"x": 1000}, "try softplus(x) for ln(1 + exp(x))"),
        ("3*ln(exp(2*x) + 1)", {"x": 1000}, "try softplus(2*x) for ln(exp(2*x) + 1)"),
        ("ln(exp(x) + exp(y))", {"x": 1000, "y": 999}, "try logaddexp(x, y) for ln(exp(x) + exp(y))"),
        ("1/(1 + exp(-x))", {"x": -1000}, "try sigmoid(x) for 1/(1 + exp(-x))"),
        ("exp(x)/(1 + exp(x))", {"x": 1000}, "try sigmoid(x) for exp(x)/(1 + exp(x))"),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", {"x": 1000}, "try tanh(x)"),
        ("sqrt(x^2 + y^2)", {"x": 0, "y": 0}, "try hypot(x, y) for sqrt(x^2 + y^2)"),
        ("sqrt((x - y)^2)", {"x": 1, "y": 1}, "try abs(x - y) for sqrt((x - y)^2)"),
        ("sqrt(x^2 + y^2)", {"x": 1e200, "y": 1}, "try hypot(x, y) for sqrt(x^2 + y^2)"),
    ],
)
def test_a_note_offers_it_once(text: str, at: dict[str, float], hint: str) -> None:
    hints = [note.hint for note in adcli.formula(text).gradient(at).notes if note.hint]
    assert len(hints) == 1
    assert hints[0].startswith(hint)


def test_no_hint_without_a_note_or_where_the_note_is_elsewhere() -> None:
    assert adcli.formula("ln(1 + exp(x))").gradient(x=1).notes == ()
    notes = adcli.formula("abs(y) + ln(1 + exp(x))").gradient(x=1, y=0).notes
    assert [(note.kind, note.hint) for note in notes] == [("kink", "")]
