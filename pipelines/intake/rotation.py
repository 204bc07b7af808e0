"""Another master key for an installation: vault and archive are encrypted again, the key of the pseudonyms is wrapped again.

Everything new is laid ready beside the old. Replacing the keyring is the one moment at which the new key takes over: before it
the old key opens everything, after it the new one does, and whatever was not yet put in its place is put there by whoever opens
the keys next.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines.intake import archive, keys, vault
from pipelines.intake.keys import Keys, KeyTrouble, Master
from pipelines.intake.ledger import Ledger
from pipelines.settings import Settings


@dataclass(frozen=True)
class Rotated:
    """What a rotation did: which key this is (the first is 1), how many files and entries of the vault it encrypted again."""

    generation: int
    files: int
    entries: int
    key_file: bool


def rotate(
    settings: Settings, env: Mapping[str, str] = os.environ, progress: Callable[[float], None] = lambda share: None
) -> Rotated:
    """Change the master key to FANGPIN_NEW_KEY, or to a new key file where the present key lies in one.

    Pseudonyms stay: sealed releases hold them. Intake waits meanwhile. The disk must have room for a second archive and vault.
    Raises KeyTrouble (nothing fits, or the new key is the old one), ArchiveError and VaultError (what cannot be read cannot be
    encrypted again); then nothing has changed.
    """
    with Ledger(settings.ledger) as ledger, ledger.writing():
        old = keys.open_keys(settings, env)
        master, text = keys.new_master_key(settings, env)
        if master.key == keys.master_key(settings, env).key:
            raise KeyTrouble("新钥匙与现用钥匙相同，没有更换")
        new = keys.derived_keys(master, old.pseudonyms, old.generation + 1)
        laid = keys.staging(settings, new.generation)
        shutil.rmtree(laid, ignore_errors=True)
        files = _lay_archive(settings, old, new, progress)
        entries = 0
        if settings.vault.exists():
            entries = vault.copy(settings.vault, old.vault, laid / settings.vault.name, new.vault)
        if text is not None:
            keys.write_durably(keys.next_key_file(settings), text.encode("ascii"))
        _take_over(settings, master, new)
        keys.open_keys(settings, _after(env))
    return Rotated(new.generation, files, entries, key_file=text is not None)


def _lay_archive(settings: Settings, old: Keys, new: Keys, progress: Callable[[float], None]) -> int:
    """Write the archive's files under the new key beside the old, and say how many."""
    paths = sorted(p for p in settings.archive.glob("??/*") if not p.name.startswith("."))
    laid = keys.staging(settings, new.generation)
    for done, path in enumerate(paths, 1):
        data = archive.unlocked(old.archive, path.stem, path.read_bytes())
        stored = archive.locked(new.archive, path.stem, data) if new.seals_archive else data
        keys.write_durably(laid / path.relative_to(settings.home), stored)
        progress(done / len(paths))
    return len(paths)


def _take_over(settings: Settings, master: Master, new: Keys) -> None:
    keys.write_durably(settings.keyring, keys.wrapped(master, new.pseudonyms, new.generation).encode("ascii"))


def _after(env: Mapping[str, str]) -> dict[str, str]:
    """The environment as the operator will have to set it."""
    if "FANGPIN_NEW_KEY" in env:
        return {**env, "FANGPIN_KEY": env["FANGPIN_NEW_KEY"]}
    return dict(env)
