"""Every contract takes in a small sheet made from itself: its own headers, good cells, and a bad one in each column in turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pipelines.intake.check import check
from pipelines.intake.contract import Column, Contract, check_codes, load_contracts
from pipelines.intake.reader import read_table
from pipelines.intake.table import Headers
from pipelines.intake.types import Reading
from pipelines.policy import Pack
from tests.intake.conftest import csv_bytes, id_of

CONTRACTS = load_contracts()
BAD = {
    "household_no": "??", "id_number": "532822199001010000", "code": "没有这个词", "integer": "好几", "decimal": "好几",
    "amount": "好几", "date": "昨天", "month": "上月", "yes_no": "也许", "township": "没有这个镇", "village": "没有这个村",
}  # fmt: skip
every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))


class Cells:
    """Cells that a column takes, another in each row where that is possible."""

    def __init__(self, pack: Pack, contract: Contract) -> None:
        self._pack = pack
        self._name = {a.code: a.name for a in pack.areas}
        villages = [a for a in pack.areas if a.level == "village"]
        alone = [v for v in villages if sum(v.name == other.name for other in villages) == 1]
        firsts = list({v.parent: v for v in alone}.values())
        inside = [v for v in alone if v.parent == alone[0].parent]
        self._villages = {"county": firsts, "township": inside, "village": inside[:1]}[contract.covers]

    def good(self, column: Column, i: int) -> str:
        village = self._villages[i % len(self._villages)]
        number = Decimal(i) + (column.min if column.min is not None else 0)
        codes = list(self._pack.codes[column.codes].values()) if column.codes else []
        match column.type:
            case "household_no":
                return f"SL{i:05d}"
            case "id_number":
                return id_of(i)
            case "person_name":
                return f"测试{i}"
            case "text":
                return f"样例{i}"
            case "code":
                return codes[i % len(codes)].zh[0]
            case "integer" | "decimal" | "amount":
                return str(number if column.max is None else min(number, column.max))
            case "date":
                return str(date(2020, 3, 1) + timedelta(i % 28))
            case "month":
                return "2020-03"
            case "yes_no":
                return "是否"[i % 2]
            case "township":
                return self._name[village.parent]
            case "village":
                return village.name


def rows_of(contract: Contract, pack: Pack, n: int) -> list[list[str]]:
    cells = Cells(pack, contract)
    return [[cells.good(c, i) for c in contract.columns] for i in range(n)]


def header_rows(names: Sequence[str]) -> list[list[str]]:
    """A header as it stands on a sheet: one row, or two where some names have two levels."""
    levels = [name.split("/") for name in names]
    return [[parts[i] if i < len(parts) else "" for parts in levels] for i in range(max(map(len, levels)))]


@every_contract
def test_good_rows_are_taken_and_bad_cells_are_quarantined_where_they_stand(
    contract: Contract, pack: Pack, headers: Headers, reading: Reading
) -> None:
    needed = next(c for c in contract.columns if c.required and (c.type in BAD or c.name in contract.key))
    optional = [c for c in contract.columns if not c.required and c.type in BAD]
    good, spoilt, refused = rows_of(contract, pack, 3)
    for column in optional:
        spoilt[contract.columns.index(column)] = BAD[column.type]
    refused[contract.columns.index(needed)] = BAD.get(needed.type, "")
    names = header_rows([c.headers[0] for c in contract.columns])
    at = len(names) + 1
    lenient = contract.model_copy(update={"max_refused_share": 1.0})
    checked = check(csv_bytes([*names, good, spoilt, refused]), "表.csv", "2020-03", lenient, headers, reading)
    assert not checked.refused, [f.message for f in checked.findings]
    assert checked.accepted["_row"].to_list() == [at, at + 1]
    assert checked.accepted["_quarantined"].to_list() == [[], [c.name for c in optional]]
    assert checked.quarantined["_row"].to_list() == [at + 2]
    told = [(f.row, f.column) for f in checked.findings if f.severity != "note"]
    assert told == [*((at + 1, c.headers[0]) for c in optional), (at + 2, needed.headers[0])]


@every_contract
def test_a_sheet_is_recognised_by_its_headers_alone(contract: Contract, pack: Pack, headers: Headers) -> None:
    row = rows_of(contract, pack, 1)[0]
    for variant in range(max(len(c.headers) for c in contract.columns)):
        names = [c.headers[min(variant, len(c.headers) - 1)] for c in contract.columns]
        sheets = read_table(csv_bytes([*header_rows(names), row]), "表.csv")
        assert headers.recognise(sheets, "表.csv") == [contract.extract], names


@every_contract
def test_a_sheet_that_leaves_out_every_second_optional_column_is_recognised_with_its_title(
    contract: Contract, pack: Pack, headers: Headers
) -> None:
    row = rows_of(contract, pack, 1)[0]
    optional = [i for i, c in enumerate(contract.columns) if not c.required]
    kept = [i for i, c in enumerate(contract.columns) if c.required or i in optional[::2]]
    names = header_rows([contract.columns[i].headers[0] for i in kept])
    sheets = read_table(csv_bytes([[contract.title.zh], *names, [row[i] for i in kept]]), "表.csv")
    assert headers.recognise(sheets, "表.csv") == [contract.extract]


@every_contract
def test_its_words_name_it_and_nothing_else(contract: Contract) -> None:
    assert any(word in contract.title.zh for word in contract.recognise)
    for other in CONTRACTS.values():
        if other is not contract:
            meant = [w for w in contract.recognise if w in other.title.zh or any(w in o for o in other.recognise)]
            assert not meant, (other.extract, meant)


def test_the_pack_has_their_words_and_departments(pack: Pack) -> None:
    check_codes(CONTRACTS.values(), pack.codes, pack.departments)


# What the clauses ask of the first tables and no column of theirs has yet: a name goes from here when its column comes.
NOT_YET = {
    "hh_register": "exit_date helper_id planned_exit_year relapse_date snapshot_date status_changed_at",
    "housing": "added_date closed_date ledger_open solution_type subsidy_amount subsidy_paid_date weatherproof",
    "med_settlement": "deductible gov_backstop referral_ok temp_aid",
    "person_register": "birth_date left_behind_type",
    "public_post": "appraisal_result end_date end_reason fund_source",
    "relocation": "acceptance_date done_date insurance_ok land_approved_date last_check medical_ok school_ok upkeep_owner",
    "training_record": "channel course_mode employer_id hh_id poor_attendee_n subsidy_amount",
    "village_sanitation": "cleanliness_pass inspect_date sewage_facility village_type waste_collected waste_treated",
}


def test_every_field_that_a_clause_names_is_a_column(pack: Pack) -> None:
    """By its name or its ``field``; the month of a file is its ``period``."""
    have: dict[str, set[str | None]] = {}
    for contract in CONTRACTS.values():
        fields = {name for c in contract.columns for name in (c.name, c.field)}
        for extract in filter(None, (contract.extract, contract.part_of)):
            have.setdefault(extract, {"period"}).update(fields)
    missing: dict[str, set[str]] = {}
    for clause in pack.clauses.values():
        for extract, fields in clause.needs.items():
            lacking = {f for f in fields if "*" not in f and f not in have.get(extract, {f})}
            missing.setdefault(extract, set()).update(lacking)
    assert {extract: fields for extract, fields in missing.items() if fields} == {
        extract: set(fields.split()) for extract, fields in NOT_YET.items()
    }
