"""Which tests are slow, and the order in which they run; fixtures are in tests/conftest.py."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, then the slow ones, then those that drive a browser; otherwise as collected.

    What needs the county that went the whole way (``sealed_home``) is slow, whether it says so or not.
    """
    for item in items:
        if "sealed_home" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: [item.get_closest_marker(marker) is not None for marker in ("browser", "slow")])
