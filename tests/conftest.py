"""Settings of all tests: no deadlines, and `quick` for what is neither slow nor long."""

from __future__ import annotations

import hypothesis
import pytest

hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.get_closest_marker("slow") and not item.get_closest_marker("long"):
            item.add_marker(pytest.mark.quick)
