"""Copies of packs that a test may spoil: Menghai's, and that of a county that does not exist (``invented``)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import PROJECT

INVENTED = Path(__file__).parent / "invented"
Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def menghai(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "policies" / "menghai", tmp_path / "menghai"))


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INVENTED, tmp_path / "invented"))


@pytest.fixture
def spoil(invented: Path) -> Spoil:
    """Replace the first ``old`` in a file of the invented county by ``new`` and give the pack's folder."""

    def replace(file: str, old: str, new: str) -> Path:
        path = invented / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return invented

    return replace
