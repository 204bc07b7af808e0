"""The order in which tests run; fixtures are in tests/conftest.py."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, then the slow ones, then those that drive a browser; otherwise as collected."""
    items.sort(key=lambda item: [item.get_closest_marker(marker) is not None for marker in ("browser", "slow")])
