"""What the clause registers of the packs ask for stands in the contracts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from pipelines.intake.contract import Contract
from pipelines.policy.pack import Clause
from pipelines.settings import PROJECT

REGISTERS = sorted((PROJECT / "policies").glob("*/clauses.csv"))
OF_THE_SUBMISSION = {"period"}  # no column of a table: the month that a file is sent for
NOT_SENT = {
    "policy_config",
    "policy_target",
    "access_log",
}  # the packs' own settings and targets, and the system's own log


def asked() -> Iterator[tuple[Clause, str, str]]:
    """Every clause with every extract and field that it names."""
    for register in REGISTERS:
        with register.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                clause = Clause.model_validate({key: row[key] for key in row if key in Clause.model_fields})
                yield from ((clause, extract, field) for extract, fields in clause.needs.items() for field in fields)


@pytest.fixture(scope="module")
def fields(contracts: dict[str, Contract]) -> dict[str, set[str]]:
    """Extract, as the register calls it → the fields that there are in its contracts."""
    found: dict[str, set[str]] = {}
    for contract in contracts.values():
        named = {name for column in contract.columns for name in (column.name, column.field) if name}
        for extract in {contract.extract, contract.part_of or contract.extract}:
            found.setdefault(extract, set()).update(named)
    return found


def test_every_field_that_a_clause_names_is_in_a_contract(fields: dict[str, set[str]]) -> None:
    lacking = {
        f"{extract}.{field} ({clause.id})"
        for clause, extract, field in asked()
        if extract not in NOT_SENT and field not in OF_THE_SUBMISSION
        if not any(fnmatch(name, field) for name in fields.get(extract, ()))
    }
    assert not lacking


def test_a_part_is_a_part_of_what_a_register_names(contracts: dict[str, Contract]) -> None:
    named = {extract for _, extract, _ in asked()}
    assert not {c.part_of for c in contracts.values() if c.part_of} - named
