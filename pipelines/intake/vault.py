"""The vault: pseudonym → the id number, household number or name behind it. An encrypted DuckDB file of its own.

Nothing that makes figures reads it. It is written in one go per submission, while the ledger is locked for writing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import RLock

import duckdb

from pipelines.sql import literal

KINDS = {"P": "person", "H": "household", "N": "name"}
_WAIT_SECONDS = 20.0
_one_at_a_time = RLock()


class VaultError(Exception):
    """The vault cannot be opened: another key, damaged, or held by another process for too long."""


@dataclass(frozen=True)
class Named:
    """Who a pseudonym stands for, and the first and the last submission that named it."""

    kind: str
    value: str = field(repr=False)
    first_submission: int
    last_submission: int


def record(path: Path, key: bytes, named: Mapping[str, str], submission: int) -> int:
    """Enter whom a submission names (pseudonym → the normal form that it stands for), and say how many were new.

    Of those that are known only their last submission is set.
    """
    if not named:
        return 0
    with _opened(path, key) as con, _whole(con):
        con.execute(
            "create table if not exists vault.named"
            " (pseudonym varchar, kind varchar, value varchar, first_submission integer, last_submission integer)"
        )
        _lay(con, named)
        con.execute(
            f"update vault.named set last_submission = {submission}"
            f" where last_submission < {submission} and pseudonym in (select pseudonym from given)"
        )
        kinds = " ".join(f"when {literal(letter)} then {literal(kind)}" for letter, kind in KINDS.items())
        [(new,)] = con.execute(
            f"""
            insert into vault.named
            select pseudonym, case left(pseudonym, 1) {kinds} end, decode(unhex(value)), {submission}, {submission}
            from given anti join vault.named using (pseudonym)
            order by pseudonym
            """
        ).fetchall()
    return int(new)


def look_up(path: Path, key: bytes, pseudonyms: Iterable[str]) -> dict[str, Named]:
    """Those of the pseudonyms that the vault knows."""
    wanted = list(pseudonyms)
    if not wanted or not path.exists():
        return {}
    with _opened(path, key, read_only=True) as con:
        _lay(con, dict.fromkeys(wanted, ""))
        rows = con.execute("from vault.named semi join given using (pseudonym) order by all").fetchall()
    return {pseudonym: Named(*rest) for pseudonym, *rest in rows}


def copy(path: Path, key: bytes, to: Path, new_key: bytes) -> int:
    """Write the vault again under another key, and say how many it holds."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path, key) as con, _opened(to, new_key, "copied"):
        con.execute("create table copied.named as from vault.named order by first_submission, pseudonym")
        [(held, copied)] = con.execute(
            "select (select count(*) from vault.named), (select count(*) from copied.named)"
        ).fetchall()
    if held != copied:
        raise VaultError(f"{path.name} 重新加密后少了记录（{held} → {copied}），没有更换")
    return int(held)


def _lay(con: duckdb.DuckDBPyConnection, named: Mapping[str, str]) -> None:
    """The temp table ``given`` of pseudonyms and values in hexadecimal; literals are much faster than parameters."""
    values = ",".join(value.encode().hex() for value in named.values())
    con.execute(
        "create or replace temp table given as"
        f" select unnest(string_split({literal(','.join(named))}, ',')) as pseudonym,"
        f" unnest(string_split({literal(values)}, ',')) as value"
    )


@contextmanager
def _opened(
    path: Path, key: bytes, alias: str = "vault", *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the file attached, for one thread and as short as possible: DuckDB lets one process write."""
    with _one_at_a_time:
        con = _engine()
        path.parent.mkdir(parents=True, exist_ok=True)
        _attach(con, path, key, alias, read_only)
        try:
            yield con
        finally:
            con.execute(f"detach {alias}")


@contextmanager
def _whole(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _attach(con: duckdb.DuckDBPyConnection, path: Path, key: bytes, alias: str, read_only: bool) -> None:
    options = f"encryption_key {literal(key.hex())}" + (", read_only" if read_only else "")
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            con.execute(f"attach {literal(path)} as {alias} ({options})")
            return
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() > until:
                raise VaultError(f"{path.name} 正被另一个进程占用，或读不了：{path}") from None
            time.sleep(0.05)
        except duckdb.Error:
            raise VaultError(f"打不开 {path.name}：钥匙不对，或文件已损坏") from None


@lru_cache(1)
def _engine() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory with the extension that encrypts, from its wheel: nothing is fetched, nothing spills to disk in the clear."""
    package = find_spec("duckdb_extension_httpfs")
    assert package is not None and package.submodule_search_locations
    [extension] = Path(package.submodule_search_locations[0]).glob("extensions/*/httpfs.duckdb_extension")
    con = duckdb.connect(config={"threads": 1, "temp_directory": "", "autoinstall_known_extensions": False})
    con.execute(f"load {literal(extension)}")
    return con
