"""The original bytes: encrypted where a key is set, named by what was received, checked on reading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.intake.archive import ArchiveError, archive_file, keep, received
from pipelines.intake.contract import Contract
from pipelines.intake.keys import KeyTrouble, open_keys
from pipelines.intake.receive import archived, take_in
from pipelines.policy import Pack
from pipelines.settings import Settings
from tests.intake.conftest import csv_bytes, posts

DATA = "姓名,身份证号码\n测试,…\n".encode()
SHA256 = hashlib.sha256(DATA).hexdigest()


def put(settings: Settings, data: bytes = DATA) -> Path:
    sha256 = hashlib.sha256(data).hexdigest()
    keep(settings, open_keys(settings), sha256, ".csv", data)
    return archive_file(settings, sha256, ".csv")


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FANGPIN_KEY")


def test_what_intake_archives_is_encrypted_and_comes_back(
    settings: Settings, land: Callable[..., Path], pack: Pack, contracts: dict[str, Contract]
) -> None:
    data = csv_bytes(posts(3), "gb18030")
    land(data, "公益性岗位.CSV")
    [submission] = take_in(settings, pack, contracts, ["2020-03"])
    path = archive_file(settings, hashlib.sha256(data).hexdigest(), ".csv")
    assert "护林员".encode("gb18030") in data and "护林员".encode("gb18030") not in path.read_bytes()
    assert archived(settings, submission) == data


@pytest.mark.usefixtures("no_key")
def test_without_a_key_that_was_set_bytes_lie_as_they_came(settings: Settings) -> None:
    assert put(settings).read_bytes() == DATA
    settings.key_file.unlink()
    assert received(settings, SHA256, ".csv") == DATA


@pytest.mark.usefixtures("no_key")
def test_a_named_key_file_is_a_key_that_was_set(settings: Settings, tmp_path: Path) -> None:
    apart = replace(settings, key_path=tmp_path / "stick" / "key")
    assert put(apart).read_bytes() != DATA
    assert received(apart, SHA256, ".csv") == DATA
    assert apart.key_path and apart.key_path.exists() and not (settings.home / "key").exists()


def test_a_key_that_is_set_later_leaves_older_files_readable(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FANGPIN_KEY")
    put(settings)
    monkeypatch.setenv("FANGPIN_KEY", settings.key_file.read_text())
    assert put(settings, b"later").read_bytes() != b"later"
    assert received(settings, SHA256, ".csv") == DATA
    assert received(settings, hashlib.sha256(b"later").hexdigest(), ".csv") == b"later"


def test_a_file_is_kept_once(settings: Settings) -> None:
    before = put(settings).read_bytes()
    assert put(settings).read_bytes() == before


@pytest.mark.parametrize("at", [0, 20, 40, -1])
def test_a_changed_byte_is_noticed(settings: Settings, at: int) -> None:
    path = put(settings)
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)
    with pytest.raises(ArchiveError, match="损坏"):
        received(settings, SHA256, ".csv")


@pytest.mark.parametrize("length", [0, 5, 20, 40])
def test_a_cut_file_is_noticed(settings: Settings, length: int) -> None:
    path = put(settings)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ArchiveError, match="损坏"):
        received(settings, SHA256, ".csv")


def test_one_file_cannot_stand_for_another(settings: Settings) -> None:
    path, other = put(settings), put(settings, b"another")
    path.write_bytes(other.read_bytes())
    with pytest.raises(ArchiveError):
        received(settings, SHA256, ".csv")


def test_a_file_that_is_gone_is_named(settings: Settings) -> None:
    with pytest.raises(ArchiveError, match=SHA256):
        received(settings, SHA256, ".csv")


def test_another_key_opens_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    put(settings)
    monkeypatch.setenv("FANGPIN_KEY", "11" * 32)
    with pytest.raises(KeyTrouble, match="钥匙不对"):
        received(settings, SHA256, ".csv")
