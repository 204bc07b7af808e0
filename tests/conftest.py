"""What tests of several rooms share: a small sample county that went the whole way once, and the compiled models."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipelines.findings import Finding
    from pipelines.warehouse.dbt import Model

HOUSEHOLDS = 300
LONGEST = (
    "warehouse/test_lineage.py",
    "browser/test_pages.py",
    "trace/test_impact.py",
    "identity/test_proposals.py",
    "e2e/test_proofs.py",
    "defs/test_daemon.py",
    "targets/test_coverage.py",
    "e2e/test_refresh.py",
    "release/test_release.py",
    "warehouse/test_rises.py",
    "warehouse/test_settings.py",
    "warehouse/test_subjects.py",
    "warehouse/test_flows.py",
)  # a process that begins one of these last keeps all others waiting


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin."""
    here = Path(__file__).parent
    turn = {here / name: index for index, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))


@pytest.fixture(scope="session", autouse=True)
def _key() -> Iterator[None]:
    """One pseudonym key for all tests, so that the same person has the same pseudonym in each."""
    before = os.environ.get("FANGPIN_KEY")
    os.environ["FANGPIN_KEY"] = "00" * 32
    yield
    if before is None:
        del os.environ["FANGPIN_KEY"]
    else:
        os.environ["FANGPIN_KEY"] = before


@pytest.fixture(scope="session")
def sealed_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demonstration with a small county: 37 sealed months, the last with an r2. Read it, do not write to it.

    Only the tables that figures wait for are sent; that all are written and taken in is held by tests/simulate.
    """
    from pipelines.demo import run_demo
    from pipelines.indicators import load_catalogue

    def make(settings: Settings) -> None:
        run_demo(settings, HOUSEHOLDS, lambda what, share: None, load_catalogue().awaited)

    return _made_once(tmp_path_factory, "sealed", make)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which dbt has compiled the models, which is the same for every county. Read it, do not write to it."""
    from pipelines.indicators import load_catalogue
    from pipelines.intake.contract import load_contracts
    from pipelines.intake.ledger import Ledger
    from pipelines.policy import load_pack
    from pipelines.warehouse import prepare, run_dbt

    def make(settings: Settings) -> None:
        Ledger(settings.ledger)
        pack = load_pack(settings.policy_dir)
        prepare(settings, pack, load_contracts(), load_catalogue(), ["2020-03"], "2020-05-01T00:00:00Z")
        assert run_dbt(settings, "compile").success

    return _made_once(tmp_path_factory, "compiled", make)


@pytest.fixture(scope="session")
def models(compiled: Settings) -> list[Model]:
    """The compiled models."""
    from pipelines.warehouse import compiled_models

    return compiled_models(compiled)


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Settings], None]) -> Settings:
    """A home that is made once for all the processes that share the tests."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    settings = Settings(home=shared / name / "home")
    made = shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(settings.home, ignore_errors=True)
            make(settings)
            made.touch()
    return settings


@contextmanager
def rebuilt(
    settings: Settings,
    month: str,
    as_of: str,
    without: Collection[str] = (),
    found: Callable[[DuckDBPyConnection], Sequence[Finding]] = lambda con: (),
) -> Iterator[DuckDBPyConnection]:
    """The candidate of a month, bound, built by the compiled SQL and decided upon, open to look into or to seal from."""
    import duckdb

    from pipelines.gate import decide
    from pipelines.indicators import load_catalogue
    from pipelines.intake.contract import load_contracts
    from pipelines.policy import load_pack
    from pipelines.warehouse import compiled_models, prepare, run_compiled

    pack, contracts = load_pack(settings.policy_dir), load_contracts()
    models = compiled_models(settings)
    prepare(settings, pack, contracts, load_catalogue(), [month], as_of, without)
    with duckdb.connect(str(settings.candidate)) as con:
        run_compiled(con, models)
        decide(con, pack, found(con), [], contracts)
        yield con


@pytest.fixture
def workshop(sealed_home: Settings, tmp_path: Path) -> Settings:
    """A copy of the sealed home's inputs (ledger, raw, archive, keyring, compiled models) to rebuild from, without its releases."""
    home = tmp_path / "home"
    for part in ("raw", "archive"):
        (home / part).parent.mkdir(parents=True, exist_ok=True)
        (home / part).symlink_to(sealed_home.home / part)
    shutil.copytree(sealed_home.build, home / "build")
    shutil.copy2(sealed_home.ledger, home / "ledger.sqlite")
    shutil.copy2(sealed_home.keyring, home / "keyring")
    return Settings(home=home)
