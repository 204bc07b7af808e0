"""Another master key: the same pseudonyms, everything encrypted again, and no moment at which neither key works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from pipelines.cli import cli, main
from pipelines.intake import archive, keys, rotation, vault
from pipelines.intake.archive import ArchiveError
from pipelines.intake.contract import Contract
from pipelines.intake.keys import KeyTrouble, master_key, open_keys
from pipelines.intake.ledger import Ledger
from pipelines.intake.pseudonym import Pseudonyms
from pipelines.intake.receive import archived, take_in
from pipelines.intake.rotation import rotate
from pipelines.intake.vault import VaultError
from pipelines.policy import Pack
from pipelines.settings import Settings
from tests.intake.conftest import csv_bytes, id_of, posts

OLD, NEW = "0a" * 32, "1b" * 32
DATA = [csv_bytes(posts(3)), csv_bytes(posts(4))]


class Crash(Exception):
    """The machine stops."""


@dataclass
class Home:
    """An installation with two submissions taken in, and ways to look whether a key opens it."""

    settings: Settings
    patch: pytest.MonkeyPatch
    take: Callable[[], list[str]]

    def key(self, text: str | None) -> None:
        self.patch.delenv("FANGPIN_KEY", raising=False)
        if text is not None:
            self.patch.setenv("FANGPIN_KEY", text)

    def all_of_it(self) -> None:
        """Everything that is encrypted opens and holds what it should."""
        found = open_keys(self.settings)
        with Ledger(self.settings.ledger) as ledger:
            assert [archived(self.settings, s) for s in ledger.submissions()][:2] == DATA
        person = str(Pseudonyms(found.pseudonyms).person(id_of(1)))
        assert vault.look_up(self.settings.vault, found.vault, [person])[person].value == id_of(1)


@pytest.fixture
def home(
    settings: Settings, land: Callable[..., Path], pack: Pack, contracts: dict[str, Contract],
    monkeypatch: pytest.MonkeyPatch,
) -> Home:  # fmt: skip
    made = Home(settings, monkeypatch, lambda: [s.state for s in take_in(settings, pack, contracts, ["2020-03"])])
    made.key(OLD)
    for i, data in enumerate(DATA):
        land(data, f"{i}.csv", at=f"2020-04-0{i + 1}T00:00:00+00:00")
    assert made.take() == ["accepted", "accepted"]
    return made


@pytest.fixture
def home_with_key_file(home: Home, pack: Pack, contracts: dict[str, Contract]) -> Home:
    """The same, its key in a key file that an operator named."""
    home.key(None)
    home.settings = replace(home.settings, key_path=home.settings.home.parent / "stick" / "key")
    assert home.settings.key_path
    home.settings.key_path.parent.mkdir()
    home.settings.key_path.write_text(OLD)
    return home


def crash(home: Home, where: ModuleType, step: str, crashing: Callable[..., object]) -> None:
    """Rotate, with that step replaced by one that stops the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, step, crashing)
        with pytest.raises(Crash):
            rotate(home.settings)


def people(settings: Settings) -> list[str]:
    return people_of(open_keys(settings))


def people_of(found: keys.Keys) -> list[str]:
    return [str(Pseudonyms(found.pseudonyms).person(id_of(i))) for i in range(4)]


def test_the_new_key_opens_all_and_the_old_one_nothing(home: Home) -> None:
    before = open_keys(home.settings)
    stored = {p: p.read_bytes() for p in [home.settings.vault, *home.settings.archive.glob("??/*")]}
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    done = rotate(home.settings)
    assert (done.generation, done.files, done.entries, done.key_file) == (2, 2, 8, False)

    with pytest.raises(KeyTrouble, match="钥匙不对"):
        open_keys(home.settings)
    with pytest.raises(VaultError):
        vault.look_up(home.settings.vault, before.vault, people_of(before))
    for path, old in stored.items():
        assert path.read_bytes() != old
        if path.parent.parent == home.settings.archive:
            with pytest.raises(ArchiveError):
                archive.unlocked(before.archive, path.stem, path.read_bytes())

    home.key(NEW)
    home.all_of_it()


def test_a_person_keeps_the_pseudonym(home: Home, land: Callable[..., Path]) -> None:
    before, raw = people(home.settings), [p.read_bytes() for p in sorted(home.settings.raw.rglob("*.parquet"))]
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    rotate(home.settings)
    home.key(NEW)
    assert people(home.settings) == before
    assert [p.read_bytes() for p in sorted(home.settings.raw.rglob("*.parquet"))] == raw
    land(csv_bytes(posts(4, {"pay": "900"})), "2.csv", at="2020-04-05T00:00:00+00:00")
    assert home.take() == ["accepted"]
    found = vault.look_up(home.settings.vault, open_keys(home.settings).vault, before)
    assert {(n.first_submission, n.last_submission) for n in found.values()} == {(1, 3), (2, 3)}


def test_a_key_file_is_replaced_by_a_new_one(home_with_key_file: Home) -> None:
    home, key_file = home_with_key_file, home_with_key_file.settings.key_file
    before = people(home.settings)
    assert rotate(home.settings).key_file
    assert key_file.read_text() != OLD and key_file.stat().st_mode & 0o777 == 0o600
    assert not keys.next_key_file(home.settings).exists()
    assert people(home.settings) == before
    home.all_of_it()
    home.key(OLD)
    with pytest.raises(KeyTrouble):
        open_keys(home.settings)


def test_nothing_is_left_lying_about(home: Home) -> None:
    there = {p.relative_to(home.settings.home) for p in home.settings.home.rglob("*")}
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    rotate(home.settings)
    assert {p.relative_to(home.settings.home) for p in home.settings.home.rglob("*")} == there


def test_rotation_encrypts_what_was_archived_before_a_key_was_set(home: Home) -> None:
    with Ledger(home.settings.ledger) as ledger:
        [first, _] = ledger.submissions()
    path = archive.archive_file(home.settings, first.sha256, first.suffix)
    path.write_bytes(DATA[0])
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    rotate(home.settings)
    assert path.read_bytes() != DATA[0]
    home.key(NEW)
    home.all_of_it()


STEPS = [
    ("_lay_archive", True), ("_lay_archive", False), ("copy", True), ("copy", False), ("_take_over", True),
    ("_take_over", False), ("finish", True),
]  # fmt: skip


@pytest.mark.parametrize(("step", "before"), STEPS)
@pytest.mark.parametrize("in_a_file", [False, True])
def test_a_crash_leaves_one_key_that_opens_all(
    home: Home, request: pytest.FixtureRequest, step: str, before: bool, in_a_file: bool
) -> None:
    """A crash before the keyring is replaced leaves the old key, one after it the new; the next rotation works either way."""
    home = request.getfixturevalue("home_with_key_file") if in_a_file else home
    same = people(home.settings)
    where = {"copy": vault, "finish": keys}.get(step, rotation)
    whole = getattr(where, step)

    def crashing(*given: object) -> object:
        if step == "finish" and not keys.staging(home.settings, 2).exists():
            return whole(*given)
        if not before:
            whole(*given)
        raise Crash

    if not in_a_file:
        home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    crash(home, where, step, crashing)

    new_took_over = (step, before) in (("_take_over", False), ("finish", True))
    works, fails = (NEW, OLD) if new_took_over else (OLD, NEW)
    if not in_a_file:
        home.key(fails)
        with pytest.raises(KeyTrouble):
            open_keys(home.settings)
        home.key(works)
    home.all_of_it()
    assert open_keys(home.settings).generation == (2 if new_took_over else 1)
    assert people(home.settings) == same

    if not in_a_file:
        home.patch.setenv("FANGPIN_NEW_KEY", "2c" * 32)
    assert rotate(home.settings).files == 2
    if not in_a_file:
        home.key("2c" * 32)
    home.all_of_it()
    assert people(home.settings) == same


def test_a_crash_while_files_are_put_in_place_is_made_good(home: Home) -> None:
    """Some files are in place, some not: whoever opens the keys next puts the others there."""
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    moved: list[Path] = []

    def crashing(settings: Settings, generation: int) -> None:
        laid = keys.staging(settings, generation)
        for path in sorted(laid.glob("archive/??/*"))[:1]:
            moved.append(path.replace(settings.home / path.relative_to(laid)))
            raise Crash

    crash(home, keys, "finish", crashing)
    home.key(NEW)
    assert moved and keys.staging(home.settings, 2).exists()
    home.all_of_it()
    assert not keys.staging(home.settings, 2).exists()


def test_a_damaged_archive_stops_the_rotation_and_changes_nothing(home: Home) -> None:
    with Ledger(home.settings.ledger) as ledger:
        [first, _] = ledger.submissions()
    path = archive.archive_file(home.settings, first.sha256, first.suffix)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    with pytest.raises(ArchiveError):
        rotate(home.settings)
    path.write_bytes(whole)
    home.all_of_it()


@pytest.mark.parametrize(
    ("new", "message"), [(None, "FANGPIN_NEW_KEY"), (OLD, "相同"), ("short", "至少要"), (OLD.upper(), "相同")]
)
def test_a_new_key_that_will_not_do_is_refused(home: Home, new: str | None, message: str) -> None:
    if new is not None:
        home.patch.setenv("FANGPIN_NEW_KEY", new)
    with pytest.raises(KeyTrouble, match=message):
        rotate(home.settings)
    home.all_of_it()


def test_the_command_rotates_and_says_what_to_do_next(home: Home) -> None:
    home.patch.setenv("FANGPIN_HOME", str(home.settings.home))
    home.patch.setenv("FANGPIN_NEW_KEY", NEW)
    done = CliRunner().invoke(cli, ["key", "rotate"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "存档 2 件、保管库 8 条" in done.output and "FANGPIN_NEW_KEY" in done.output
    assert NEW not in done.output and OLD not in done.output
    home.key(NEW)
    home.all_of_it()


def test_the_command_ends_with_wrong_usage_where_the_key_does_not_fit(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.patch.setenv("FANGPIN_HOME", str(home.settings.home))
    home.key(NEW)
    home.patch.setattr("sys.argv", ["fangpin", "key", "rotate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "钥匙不对" in capsys.readouterr().err


def test_the_same_master_key_gives_the_same_pseudonyms_in_another_home(home: Home, tmp_path: Path) -> None:
    assert people(replace(home.settings, home=tmp_path / "another")) == people(home.settings)


def test_each_purpose_has_its_own_key(home: Home) -> None:
    found = open_keys(home.settings)
    master = master_key(home.settings, {"FANGPIN_KEY": OLD}).key
    assert len({found.pseudonyms, found.vault, found.archive, master}) == 4
    assert {len(k) for k in (found.pseudonyms, found.vault, found.archive)} == {32}
    assert all(k.hex() not in repr(found) and repr(k) not in repr(found) for k in (found.pseudonyms, found.vault))


@pytest.mark.parametrize("left", ["vault", "raw"])
def test_a_lost_keyring_is_not_made_again_beside_a_vault_or_raw_rows(home: Home, left: str) -> None:
    home.settings.keyring.unlink()
    if left == "raw":  # as in a home from before there was a keyring
        home.settings.vault.unlink()
    with pytest.raises(KeyTrouble, match=rf"{left}[\s\S]*备份"):
        home.take()
    assert not home.settings.keyring.exists()


def test_a_damaged_keyring_is_said_to_be_one(home: Home) -> None:
    home.settings.keyring.write_text("{")
    with pytest.raises(KeyTrouble, match="已损坏"):
        open_keys(home.settings)


def test_a_lost_key_file_is_not_made_again(home: Home) -> None:
    home.key(None)
    with pytest.raises(KeyTrouble, match="找不到钥匙文件"):
        home.take()
    assert not home.settings.key_file.exists()


def test_a_copy_of_the_home_is_opened_by_its_key(home: Home, tmp_path: Path) -> None:
    """What a backup has to hold: the data folder, and the master key apart."""
    copied = replace(home.settings, home=tmp_path / "copied")
    shutil.copytree(home.settings.home, copied.home)
    replace(home, settings=copied).all_of_it()
