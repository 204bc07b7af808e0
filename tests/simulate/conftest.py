"""The sample county at full size (asked, not written), a small one written, and a plain look into written files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from pipelines.intake.contract import Contract, load_contracts
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT
from pipelines.simulate import Simulated, simulate
from pipelines.simulate.county import settled
from pipelines.simulate.laws import Laws
from pipelines.simulate.observe import County
from pipelines.simulate.tables import Tables

SMALL = 300


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(PROJECT / "policies" / "menghai")


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    return load_contracts()


@pytest.fixture(scope="session")
def tables(pack: Pack, contracts: dict[str, Contract]) -> Tables:
    """The county at full size, as its departments know it."""
    return settled(pack, contracts)


@pytest.fixture(scope="session")
def laws(tables: Tables) -> Laws:
    return tables.laws


@pytest.fixture(scope="session")
def county(tables: Tables) -> County:
    """The county at full size, as everybody in it knows it."""
    return tables.county


@pytest.fixture(scope="session")
def written(
    tmp_path_factory: pytest.TempPathFactory, pack: Pack, contracts: dict[str, Contract]
) -> tuple[Path, Simulated]:
    """A small county's files of the months in which something goes wrong, and of the first."""
    out = tmp_path_factory.mktemp("small")
    return out, simulate(out, pack, contracts, ["2017-12", "2019-06", "2020-08", "2020-12"], SMALL)


def rows_of(path: Path) -> list[list[Any]]:
    """Every row of a file as a spreadsheet shows it."""
    if path.suffix == ".csv":
        data = path.read_bytes()
        text = data.decode("utf-8-sig") if data.startswith(b"\xef\xbb\xbf") else data.decode("gb18030")
        return list(csv.reader(io.StringIO(text)))
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)


@pytest.fixture(scope="session")
def rows(written: tuple[Path, Simulated]) -> Callable[[str, str], list[list[Any]]]:
    """Rows of the file of a month whose name holds a word."""
    out, _ = written

    def found(period: str, word: str) -> list[list[Any]]:
        (path,) = (p for p in (out / period).iterdir() if word in p.name)
        return rows_of(path)

    return found
