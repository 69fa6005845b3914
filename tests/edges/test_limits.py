"""Limits of values: when they are searched for."""

from __future__ import annotations

import pickle

import pytest

import adcli
from adcli.errors import DomainError


def test_a_limit_is_searched_for_only_when_the_hint_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[str] = []

    def search(hint: str, _: object) -> str:
        searches.append(hint)
        return f"a limit; {hint}"

    monkeypatch.setattr("adcli.edges.limit_hint", search)
    with pytest.raises(DomainError) as caught:
        adcli.formula("sin(x)/x")(x=0)
    assert searches == []
    assert str(caught.value).endswith("a limit; try another --at")
    assert caught.value.as_dict()["hint"] == "a limit; try another --at"
    assert pickle.loads(pickle.dumps(caught.value)).hint == "a limit; try another --at"
    assert len(searches) == 1
