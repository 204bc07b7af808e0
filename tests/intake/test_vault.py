"""Whom the pseudonyms stand for is in the vault, and nowhere else in the clear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.intake import vault
from pipelines.intake.contract import Contract
from pipelines.intake.keys import open_keys
from pipelines.intake.ledger import Submission
from pipelines.intake.pseudonym import Noting, Pseudonyms
from pipelines.intake.receive import take_in
from pipelines.intake.vault import Named, VaultError
from pipelines.policy import Pack
from pipelines.settings import Settings
from tests.intake.conftest import csv_bytes, id_of, posts

Land = Callable[..., Path]
Take = Callable[[], list[Submission]]
KEY, OTHER = b"v" * 32, b"o" * 32
HIDDEN = Pseudonyms(b"a key of the tests")


@pytest.fixture
def take(settings: Settings, pack: Pack, contracts: dict[str, Contract]) -> Take:
    return lambda: take_in(settings, pack, contracts, ["2020-03"])


def named(*numbers: int) -> dict[str, str]:
    return {str(HIDDEN.person(id_of(i))): id_of(i) for i in numbers}


def test_every_kind_is_found_again_in_its_normal_form(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    texts = {"P": f" {id_of(1).lower()}", "H": "mh-０００１", "N": "岩 • 测'试\0"}
    noting = Noting(HIDDEN)
    for hidden, text in zip((noting.person, noting.household, noting.name), texts.values(), strict=True):
        hidden(text)
    given = noting.named
    assert vault.record(path, KEY, given, 7) == 3
    found = vault.look_up(path, KEY, [*given, "P0000000000000000"])
    assert list(found) == sorted(given)
    assert {p[0]: (n.kind, n.value) for p, n in found.items()} == {
        "P": ("person", id_of(1)), "H": ("household", "MH-0001"), "N": ("name", "岩·测'试\0"),
    }  # fmt: skip


def test_the_first_and_the_last_submission_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    assert vault.record(path, KEY, named(1, 2), 3) == 2
    assert vault.record(path, KEY, named(2, 3), 5) == 1
    assert vault.record(path, KEY, named(2, 3), 4) == 0
    found = vault.look_up(path, KEY, named(1, 2, 3))
    times = {n.value: (n.first_submission, n.last_submission) for n in found.values()}
    assert times == {id_of(1): (3, 3), id_of(2): (3, 5), id_of(3): (5, 5)}


def test_nobody_known_needs_no_vault(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    assert vault.record(path, KEY, {}, 1) == 0
    assert vault.look_up(path, KEY, named(1)) == {}
    assert not path.exists()


def test_the_file_says_nothing_without_its_key(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    vault.record(path, KEY, named(1), 1)
    [pseudonym] = named(1)
    for text in (id_of(1), pseudonym, "person"):
        assert text.encode() not in path.read_bytes()
    with pytest.raises(VaultError, match="打不开"):
        vault.look_up(path, OTHER, named(1))
    with pytest.raises(VaultError):
        vault.record(path, OTHER, named(2), 2)
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(path))
    assert vault.look_up(path, KEY, named(1))


def test_a_write_that_fails_leaves_the_vault_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vault.duckdb"
    vault.record(path, KEY, named(1), 1)

    def broken(values: object) -> str:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(vault, "KINDS", type("Broken", (dict,), {"items": broken})(vault.KINDS))
        with pytest.raises(RuntimeError):
            vault.record(path, KEY, named(1, 2), 2)
    found = vault.look_up(path, KEY, named(1, 2))
    assert [n.last_submission for n in found.values()] == [1]
    assert vault.record(path, KEY, named(2), 2) == 1


def test_what_is_shown_of_an_entry_hides_whom_it_names() -> None:
    assert id_of(1) not in repr(Named("person", id_of(1), 1, 1))


def test_intake_enters_whom_an_accepted_file_names(settings: Settings, land: Land, take: Take) -> None:
    land(csv_bytes(posts(3)), "公益性岗位.csv")
    [submission] = take()
    keys = open_keys(settings)
    hidden = Pseudonyms(keys.pseudonyms)
    wanted = [str(hidden.person(id_of(i))) for i in range(3)] + [str(hidden.name(f"测试{i}")) for i in range(3)]
    found = vault.look_up(settings.vault, keys.vault, wanted)
    assert {n.value for n in found.values()} == {*(id_of(i) for i in range(3)), *(f"测试{i}" for i in range(3))}
    assert {(n.first_submission, n.last_submission) for n in found.values()} == {(submission.number,) * 2}


def test_a_refused_file_enters_nobody(settings: Settings, land: Land, take: Take) -> None:
    land(csv_bytes(posts(3, *[{"village": "x"}] * 3)), "公益性岗位.csv")
    assert [s.state for s in take()] == ["refused"]
    assert not settings.vault.exists()


def test_only_files_for_departments_hold_an_id_or_a_name(settings: Settings, land: Land, take: Take) -> None:
    """Every byte that intake leaves behind: raw rows, quarantine, ledger, archive, vault, keyring."""
    land(csv_bytes(posts(6, {"village": "x"}, {"pay": "y"}, {"name": "岩测测"})), "公益性岗位.csv")
    take()
    open_to_see = {settings.landing, settings.slips}
    left = [p for p in settings.home.rglob("*") if p.is_file() and not open_to_see & set(p.parents)]
    assert {p.name for p in left} >= {"vault.duckdb", "keyring", "ledger.sqlite", "1.parquet", "1.quarantine.parquet"}
    secrets = [*(id_of(i) for i in range(6)), "岩测测", "测试5"]
    assert [(p.name, s) for p in left for s in secrets if s.encode() in _plain(p)] == []


def _plain(path: Path) -> bytes:
    """A file's bytes; Parquet without its compression."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    with duckdb.connect() as con:
        return str(con.execute(f"from '{path}'").fetchall()).encode()
