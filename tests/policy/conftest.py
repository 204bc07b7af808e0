"""A copy of Menghai's pack that a test may spoil in one place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import PROJECT

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def menghai(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "policies" / "menghai", tmp_path / "menghai"))


@pytest.fixture
def spoil(menghai: Path) -> Spoil:
    """Replace the first ``old`` in a file of the copy by ``new`` and give the pack's folder."""

    def replace(file: str, old: str, new: str) -> Path:
        path = menghai / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return menghai

    return replace
