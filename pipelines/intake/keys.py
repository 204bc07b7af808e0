"""The keys of an installation: one master key, and what is derived from it or wrapped under it. Nothing is encrypted here.

The master key is FANGPIN_KEY or the key file. Vault and archive have keys derived from it (HKDF, RFC 5869), so they change with
it. The key of the pseudonyms is derived from the *first* master key and kept in the keyring, wrapped under the present one:
it outlives every rotation, because sealed releases hold its pseudonyms.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.settings import Settings

_SMALLEST_KEY = 16
_NONCE_BYTES = 12


class KeyTrouble(Exception):
    """The keys of an installation do not fit, are too short or are not there; the message says what to do."""


@dataclass(frozen=True)
class Master:
    """A master key. ``is_set`` when somebody chose it or where it lies: FANGPIN_KEY, FANGPIN_KEY_FILE."""

    key: bytes = field(repr=False)
    is_set: bool

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose, from which neither the master key nor another purpose's can be found."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), length=32, salt=None, info=f"fangpin {purpose}".encode()).derive(self.key)


@dataclass(frozen=True)
class Keys:
    """What intake works with. New files of the archive are encrypted when ``seals_archive``; old ones are read either way."""

    pseudonyms: bytes = field(repr=False)
    vault: bytes = field(repr=False)
    archive: bytes = field(repr=False)
    seals_archive: bool
    generation: int


def open_keys(settings: Settings, env: Mapping[str, str] = os.environ) -> Keys:
    """The keys of an installation; on first use its keyring is made, and its key file where no key is set.

    A rotation that was broken off after it had taken effect is finished first. Raises KeyTrouble.
    """
    if not settings.keyring.exists():
        _found(settings, env)
    master = master_key(settings, env)
    try:
        keys = unwrapped(settings, master)
    except KeyTrouble:
        if "FANGPIN_KEY" in env or not next_key_file(settings).exists():
            raise
        master = Master(
            _bytes_of(next_key_file(settings).read_text("ascii"), next_key_file(settings).name), master.is_set
        )
        keys = unwrapped(settings, master)
        next_key_file(settings).replace(settings.key_file)
    finish(settings, keys.generation)
    return keys


def master_key(settings: Settings, env: Mapping[str, str], *, make: bool = False) -> Master:
    """FANGPIN_KEY (hexadecimal or text), else the key file, made with 32 random bytes if absent and ``make``.

    Raises KeyTrouble when it is absent or shorter than 16 bytes.
    """
    if "FANGPIN_KEY" in env:
        return Master(_bytes_of(env["FANGPIN_KEY"], "FANGPIN_KEY"), is_set=True)
    file = settings.key_file
    if make and not file.exists():
        _make_once(file, os.urandom(32).hex())
    if not file.exists():
        raise KeyTrouble(f"没有钥匙：既没有设置 FANGPIN_KEY，也找不到钥匙文件 {file}；请从备份恢复钥匙")
    return Master(_bytes_of(file.read_text("ascii"), file.name), is_set=settings.key_path is not None)


def new_master_key(settings: Settings, env: Mapping[str, str]) -> tuple[Master, str | None]:
    """The master key to rotate to, and the text for the key file when it is to lie there: FANGPIN_NEW_KEY, else 32 random bytes.

    Raises KeyTrouble when the present key is in the environment, where nobody but the operator can put another.
    """
    if "FANGPIN_NEW_KEY" in env:
        return Master(_bytes_of(env["FANGPIN_NEW_KEY"], "FANGPIN_NEW_KEY"), is_set=True), None
    if "FANGPIN_KEY" in env:
        raise KeyTrouble(
            "现用钥匙来自环境变量 FANGPIN_KEY；请把新钥匙放在 FANGPIN_NEW_KEY 里再更换（openssl rand -hex 32 可以生成）"
        )
    text = os.urandom(32).hex()
    return Master(bytes.fromhex(text), settings.key_path is not None), text


def derived_keys(master: Master, pseudonyms: bytes, generation: int) -> Keys:
    """The keys under a master key, with the installation's own key of the pseudonyms."""
    return Keys(pseudonyms, master.derived("vault"), master.derived("archive"), master.is_set, generation)


def wrapped(master: Master, pseudonyms: bytes, generation: int) -> str:
    """The text of a keyring: the key of the pseudonyms encrypted under a master key, and how often that was changed."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(master.derived("keyring")).encrypt(nonce, pseudonyms, str(generation).encode())
    return json.dumps({"generation": generation, "pseudonyms": (nonce + sealed).hex()}) + "\n"


def unwrapped(settings: Settings, master: Master) -> Keys:
    """The keys of the keyring under a master key. Raises KeyTrouble when it is not the keyring's."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        ring = json.loads(settings.keyring.read_text("ascii"))
        generation, sealed = int(ring["generation"]), bytes.fromhex(ring["pseudonyms"])
    except (ValueError, KeyError, TypeError) as error:
        raise KeyTrouble(f"{settings.keyring} 已损坏；请从备份恢复") from error
    try:
        pseudonyms = AESGCM(master.derived("keyring")).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], str(generation).encode()
        )
    except InvalidTag as error:
        raise KeyTrouble(
            f"钥匙不对：打不开 {settings.keyring}；请检查 FANGPIN_KEY 或钥匙文件是不是最近一次更换后的"
        ) from error
    return derived_keys(master, pseudonyms, generation)


def staging(settings: Settings, generation: int) -> Path:
    """Where a rotation to that generation lays what will replace the files of the same names in the data folder."""
    return settings.home / f"rotation-{generation}"


def next_key_file(settings: Settings) -> Path:
    """Where a new key file waits until its keyring is there."""
    return settings.key_file.with_name(f"{settings.key_file.name}.next")


def finish(settings: Settings, generation: int) -> None:
    """Put what a rotation to the present generation laid ready in its place. May be repeated, and run by several at once."""
    laid = staging(settings, generation)
    if not laid.exists():
        return
    for path in sorted(p for p in laid.rglob("*") if p.is_file()):
        to = settings.home / path.relative_to(laid)
        to.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process was faster
            path.replace(to)
    shutil.rmtree(laid, ignore_errors=True)


def write_durably(path: Path, content: bytes) -> None:
    """Write a private file that is whole on disk, or not there at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _found(settings: Settings, env: Mapping[str, str]) -> None:
    """Make the keyring of an installation that has none, and a key file where no key is given.

    Raises KeyTrouble where there are data already: their pseudonyms were made with a key that only its lost keyring holds.
    """
    for there in (settings.vault, settings.raw):
        if there.exists():
            raise KeyTrouble(
                f"{settings.keyring} 不见了，而 {there.name} 还在；请从备份恢复 {settings.keyring.name}，否则同一个人会有两个化名。"
                "早于钥匙环的数据文件夹不能续用：请换一个空的 FANGPIN_HOME，把原来的上报件重新放入后再收"
            )
    master = master_key(settings, env, make=True)
    _make_once(settings.keyring, wrapped(master, master.derived("pseudonyms"), 1))


def _make_once(path: Path, text: str) -> None:
    """Write a private file whole; one that another process made meanwhile stays."""
    made = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_durably(made, text.encode("ascii"))
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()


def _bytes_of(text: str, name: str) -> bytes:
    text = text.strip()
    key = bytes.fromhex(text) if re.fullmatch(r"([0-9a-fA-F]{2})+", text) else text.encode()
    if len(key) < _SMALLEST_KEY:
        raise KeyTrouble(f"{name} 只有 {len(key)} 个字节，至少要 {_SMALLEST_KEY} 个")
    return key
