"""One code location on an empty installation; dbt's project is parsed once for all tests of the room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import build_defs
from pipelines.defs.room import Room
from pipelines.settings import Settings

NOW = datetime(2020, 4, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A room whose clock stands at 2020-04-20."""
    return Room(Settings(tmp_path_factory.mktemp("home")), clock=lambda: NOW)


@pytest.fixture(scope="session")
def defs(installation: Room) -> dg.Definitions:
    """Its definitions."""
    return build_defs(installation)


@pytest.fixture
def landing(installation: Room) -> Iterator[Path]:
    """The landing folder, emptied afterwards."""
    import shutil

    folder = installation.settings.landing
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)
