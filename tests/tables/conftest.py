"""Short tables are read and written by pyarrow too: in this folder no file is small."""

from __future__ import annotations

import pytest

from adcli.tables import text_columns
from adcli.tables.formats import csv, jsonl


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "SMALL", 0)
    monkeypatch.setattr(jsonl, "SMALL", 0)
    monkeypatch.setattr(text_columns, "FEW", 0)
