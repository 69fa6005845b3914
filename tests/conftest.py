"""Mark what is neither slow nor long as quick: `pytest -m quick` takes a minute."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.get_closest_marker("slow") and not item.get_closest_marker("long"):
            item.add_marker(pytest.mark.quick)
