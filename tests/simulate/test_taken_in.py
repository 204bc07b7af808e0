"""What the sample county writes is what intake takes in: every file as its extract, every row, and what went wrong as planned."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipelines.intake.contract import Contract
from pipelines.intake.ledger import Ledger, Submission
from pipelines.intake.receive import take_in
from pipelines.policy import Pack
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.simulate.county import settled
from pipelines.simulate.laws import read_extracts
from pipelines.simulate.tables import Tables
from tests.simulate.conftest import SMALL

TINY = 100
MONTHS = ["2018-12", "2019-03", "2019-09", "2020-06"]
SPECS = read_extracts()


@pytest.fixture(scope="module")
def tiny(pack: Pack, contracts: dict[str, Contract]) -> Tables:
    return settled(pack, contracts, TINY)


def written_and_taken(
    home: Path,
    pack: Pack,
    contracts: dict[str, Contract],
    months: list[str],
    extracts: list[str] | None = None,
    households: int = TINY,
) -> tuple[Settings, list[Submission]]:
    settings = Settings(home=home)
    simulate(settings.landing, pack, contracts, months, households, extracts=extracts)
    return settings, take_in(settings, pack, contracts, months)


def owed(contract: Contract, period: str) -> bool:
    return not contract.months or int(period[5:]) in contract.months


def test_every_contract_has_a_law_file_and_every_law_file_a_contract(contracts: dict[str, Contract]) -> None:
    assert set(SPECS) == set(contracts)


def test_laws_are_of_columns_that_there_are(contracts: dict[str, Contract]) -> None:
    for extract, spec in SPECS.items():
        rows = spec.get("rows", {})
        parts = [spec, *(rows if isinstance(rows, list) else [rows])]
        named = {name for part in parts for name in part.get("columns", {}) if not name.startswith("_")}
        assert named <= {c.name for c in contracts[extract].columns}, extract


def test_keys_are_unique_and_required_columns_full(tiny: Tables, contracts: dict[str, Contract]) -> None:
    wrong = []
    for extract, contract in contracts.items():
        for period in [p for p in MONTHS if owed(contract, p) and "enclosed" not in SPECS[extract]]:
            frame = tiny[extract].frame(tiny.laws.index(period))
            wrong += [(extract, period, c.name) for c in contract.columns if c.required and frame[c.name].null_count()]
            # villages of one name are told apart by their township
            if frame.select(*contract.key, "_township").is_duplicated().any():
                wrong.append((extract, period, "key"))
    assert wrong == []


def test_every_file_is_taken_in_as_its_extract_with_all_its_rows(
    tmp_path: Path, tiny: Tables, pack: Pack, contracts: dict[str, Contract]
) -> None:
    _, taken = written_and_taken(tmp_path, pack, contracts, MONTHS)
    assert [s.file for s in taken if s.extract is None] == []
    happened = {
        (extract, period)
        for extract, spec in SPECS.items()
        for kind, when in spec.get("incidents", {}).items()
        for period in (when if kind not in ("late", "hidden_rows") else ())
    }
    got, refused = Counter[tuple[str, str]](), []
    for s in taken:
        got[str(s.extract), s.period] += s.rows_accepted
        if (s.extract, s.period) not in happened and (s.state == "refused" or s.rows_quarantined):
            refused.append((s.file, s.state, s.reason, s.rows_quarantined))
    assert refused == []
    expected = {
        (extract, period): tiny[extract].frame(tiny.laws.index(period)).height
        for extract, contract in contracts.items()
        for period in MONTHS
        if "enclosed" not in SPECS[extract] and owed(contract, period) and (extract, period) not in happened
    }
    assert {at: (n, got[at]) for at, n in expected.items() if n != got[at]} == {}


def planned(kind: str) -> list[tuple[str, str]]:
    return [(x, period) for x, spec in SPECS.items() for period in spec.get("incidents", {}).get(kind, {})]


@pytest.mark.parametrize(("extract", "period"), planned("header_lost"))
def test_a_table_without_a_header_is_refused(
    tmp_path: Path, pack: Pack, contracts: dict[str, Contract], extract: str, period: str
) -> None:
    _, [submission] = written_and_taken(tmp_path, pack, contracts, [period], [extract])
    assert (submission.extract, submission.state, submission.rows_accepted) == (extract, "refused", 0)


@pytest.mark.parametrize(("extract", "period"), planned("missing"))
def test_a_table_that_was_never_sent_is_not_there(
    tmp_path: Path, pack: Pack, contracts: dict[str, Contract], extract: str, period: str
) -> None:
    _, taken = written_and_taken(tmp_path, pack, contracts, [period], [extract])
    assert len(taken) == (0 if contracts[extract].covers == "county" else 11 - 1)


@pytest.mark.parametrize(("extract", "period"), planned("stacked") + planned("hidden_rows"))
def test_rows_of_stacked_tables_and_hidden_rows_are_read(
    tmp_path: Path, tiny: Tables, pack: Pack, contracts: dict[str, Contract], extract: str, period: str
) -> None:
    _, [submission] = written_and_taken(tmp_path, pack, contracts, [period], [extract])
    assert submission.rows_accepted == tiny[extract].frame(tiny.laws.index(period)).height


@pytest.mark.parametrize(("extract", "period"), planned("ids_as_numbers"))
def test_ids_typed_as_numbers_are_refused_row_by_row(
    tmp_path: Path, pack: Pack, contracts: dict[str, Contract], extract: str, period: str
) -> None:
    settings, [submission] = written_and_taken(tmp_path, pack, contracts, [period], [extract], SMALL)
    assert submission.state == "accepted"
    assert submission.rows_quarantined == SPECS[extract]["incidents"]["ids_as_numbers"][period]
    with Ledger(settings.ledger) as ledger:
        rules = Counter(f.rule for f in ledger.findings(submission=submission.number))
    assert rules["id_lost_digits"] == submission.rows_quarantined
