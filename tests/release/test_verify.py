"""A release that was touched says so: a changed file, a changed input, a figure that no longer adds up."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.release import Release, open_release
from pipelines.release.verify import verify
from pipelines.settings import Settings


@pytest.fixture
def copied(sealed_home: Settings, tmp_path: Path) -> tuple[Settings, Release]:
    """One release with its archive, to be spoilt."""
    release = open_release(sealed_home, "2017-12")
    home = tmp_path / "home"
    shutil.copytree(release.path, home / "releases" / "2017-12" / "r1")
    for source in release.sources():
        [path] = sealed_home.archive.glob(f"*/{source['sha256']}*")
        (home / "archive" / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, home / "archive" / path.parent.name / path.name)
    for name in ("key", "keys", "keyring.json"):
        if (sealed_home.home / name).exists():
            shutil.copy2(sealed_home.home / name, home / name)
    settings = Settings(home=home)
    return settings, open_release(settings, "2017-12")


def test_a_sealed_release_is_whole(copied: tuple[Settings, Release]) -> None:
    assert verify(*copied) == []


def test_a_changed_a_missing_and_an_added_file_are_named(copied: tuple[Settings, Release]) -> None:
    _, release = copied
    (release.path / "definitions.json").write_text((release.path / "definitions.json").read_text() + " ")
    (release.path / "findings.parquet").unlink()
    (release.path / "extra.txt").write_text("?")
    found = "\n".join(verify(*copied))
    assert "definitions.json：内容与封存时不同" in found
    assert "findings.parquet：文件不见了" in found
    assert "extra.txt：封存时没有这个文件" in found


def test_an_input_that_changed_in_the_archive_is_named(copied: tuple[Settings, Release]) -> None:
    settings, release = copied
    source = next(s for s in release.sources() if s["extract"] == "housing")
    [path] = settings.archive.glob(f"*/{source['sha256']}*")
    path.write_bytes(b"something else")
    [fault] = verify(settings, release)
    assert source["file"] in fault


def test_a_figure_that_does_not_add_up_is_named(copied: tuple[Settings, Release]) -> None:
    settings, release = copied
    path = release.path / "figures.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table f as from read_parquet('{path}')")
        con.execute("update f set value = value + 1 where id = '2017-12/r1/poor_households/532822'")
        con.execute(f"copy f to '{path}' (format parquet)")
    manifest = release.path / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["files"]["figures.parquet"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content), encoding="utf-8")
    [fault] = verify(settings, open_release(settings, "2017-12"))
    assert "2017-12/r1/poor_households/532822：" in fault
