"""The archive of original bytes, the only way in and out: a file is named by the sha256 of what was received, and checked on reading.

Where a key is set files are encrypted (AES-256-GCM); those that were archived before it was set stay readable as they are.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pipelines.intake.keys import Keys, open_keys, write_durably
from pipelines.settings import Settings

_MARK = b"fangpin archive 1\n"
_NONCE_BYTES = 12


class ArchiveError(Exception):
    """A file is not in the archive, or is not what was received."""


def archive_file(settings: Settings, sha256: str, suffix: str) -> Path:
    """Where the bytes with that sha256 lie, encrypted or not."""
    return settings.archive / sha256[:2] / f"{sha256}{suffix}"


def keep(settings: Settings, keys: Keys, sha256: str, suffix: str, data: bytes) -> None:
    """Put received bytes into the archive; what is there already stays."""
    path = archive_file(settings, sha256, suffix)
    if not path.exists():
        write_durably(path, locked(keys.archive, sha256, data) if keys.seals_archive else data)


def received(settings: Settings, sha256: str, suffix: str) -> bytes:
    """The bytes with that sha256 as they were received. Raises ArchiveError; KeyTrouble when they are encrypted and no key fits."""
    path = archive_file(settings, sha256, suffix)
    try:
        stored = path.read_bytes()
    except FileNotFoundError as error:
        raise ArchiveError(f"存档中没有 {path.name}；请从备份恢复") from error
    if _sha256(stored) == sha256:
        return stored
    keys = open_keys(settings)  # may finish a rotation, so the file is read after it
    return unlocked(keys.archive, sha256, path.read_bytes())


def locked(key: bytes, sha256: str, data: bytes) -> bytes:
    """Bytes as the archive holds them: mark, nonce, ciphertext and tag; bound to their name."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return _MARK + nonce + AESGCM(key).encrypt(nonce, data, sha256.encode())


def unlocked(key: bytes, sha256: str, stored: bytes) -> bytes:
    """The received bytes from those of the archive, encrypted or not. Raises ArchiveError when they are not what was received."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if _sha256(stored) == sha256:
        return stored
    nonce, ciphertext = stored[len(_MARK) : len(_MARK) + _NONCE_BYTES], stored[len(_MARK) + _NONCE_BYTES :]
    if not stored.startswith(_MARK) or len(nonce) < _NONCE_BYTES:
        raise ArchiveError(f"存档文件 {sha256[:12]}… 已损坏或被改动；请从备份恢复")
    try:
        data = AESGCM(key).decrypt(nonce, ciphertext, sha256.encode())
    except InvalidTag as error:
        raise ArchiveError(f"存档文件 {sha256[:12]}… 已损坏、被改动，或钥匙不对；请从备份恢复") from error
    if _sha256(data) != sha256:
        raise ArchiveError(f"存档文件 {sha256[:12]}… 不是收到的那个文件；请从备份恢复")
    return data


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
