"""Contracts are checked when they are read, and all their faults are told at once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.intake.contract import SHIPPED, Contract, ContractError, check_codes, header_forms, load_contracts
from pipelines.policy import Pack


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], object]], tuple[str, ...]]:
    """The problems of the contract public_post after a change."""

    def run(change: Callable[[dict[str, Any]], object]) -> tuple[str, ...]:
        document = yaml.safe_load((SHIPPED / "public_post.yml").read_text(encoding="utf-8"))
        change(document)
        (tmp_path / "public_post.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        with pytest.raises(ContractError) as error:
            load_contracts(tmp_path)
        return error.value.problems

    return run


def test_the_shipped_contracts_stand(contracts: dict[str, Contract], pack: Pack) -> None:
    check_codes(contracts.values(), pack.codes, pack.departments)
    schema = dict(contracts["public_post"].schema())
    assert (schema["start_date"], schema["monthly_pay_yuan"]) == ("DATE", "DECIMAL(18,2)")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d.pop("grain"), "grain"),
        (lambda d: d.update(kind="weekly"), "kind"),
        (lambda d: d["columns"][0].update(widht=3), "columns.1.widht"),
        (lambda d: d.update(key=["no_such"]), "no_such"),
        (lambda d: d.update(key=["start_date"]), "required: true"),
        (lambda d: d["columns"].append(copy.deepcopy(d["columns"][0])), "township_code"),
        (lambda d: d["columns"][0]["headers"].append("姓 名"), "姓名"),
        (lambda d: d["columns"][4].pop("codes"), "codes"),
        (lambda d: d["columns"][3].update(personal=False), "personal"),
        (lambda d: d["columns"][6].pop("unit"), "unit"),
        (lambda d: d["columns"][6].update(max=-1), "min"),
        (lambda d: d.update(extract="other"), "extract"),
        (lambda d: d.update(months=[0]), "months"),
        (lambda d: d.update(months=[13]), "months"),
        (lambda d: d.update(months=[3, 3]), "months"),
        (lambda d: d.update(kind="occasional", months=[3]), "months"),
        (lambda d: d.update(positions=["no_such"]), "no_such"),
        (lambda d: d.update(positions=["township_code", None, "person_id"]), "village_code"),
        (lambda d: d.update(positions=["post_type", "post_type"]), "写了两次"),
    ],
)
def test_a_fault_is_told_with_its_place(broken: Any, change: Callable[[dict[str, Any]], object], told: str) -> None:
    assert any("public_post.yml" in p and told in p for p in broken(change))


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("extract: a\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("extract: [\n", encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_contracts(tmp_path)
    assert sum(p.startswith("a.yml") for p in error.value.problems) > 5
    assert any(p.startswith("b.yml") for p in error.value.problems)


@pytest.mark.parametrize(
    ("kind", "months", "owed"),
    [("events", [12], ["2020-12"]), ("snapshot", [3, 9], ["2020-03"]), ("occasional", None, [])],
)
def test_a_file_is_owed_for_the_months_that_it_reports(
    contracts: dict[str, Contract], kind: str, months: list[int] | None, owed: list[str]
) -> None:
    document = contracts["public_post"].model_dump() | {"kind": kind} | ({"months": months} if months else {})
    contract = Contract.model_validate(document)
    assert [period for period in ("2020-03", "2020-04", "2020-12") if contract.owed(period)] == owed


def test_a_contract_and_a_pack_must_know_each_other(contracts: dict[str, Contract]) -> None:
    with pytest.raises(ContractError) as error:
        check_codes([contracts["public_post"]], ["post_end_reason", "post_fund_source", "post_appraisal"], [])
    assert len(error.value.problems) == 2


def test_the_fingerprint_is_of_what_is_said(contracts: dict[str, Contract]) -> None:
    contract = contracts["public_post"]
    assert Contract.model_validate(contract.model_dump()).sha256 == contract.sha256
    assert contract.model_copy(update={"max_refused_share": 0.3}).sha256 != contract.sha256


def test_headers_are_looked_up_with_and_without_their_unit() -> None:
    assert header_forms(" 总费用\n（万元）*") == ("总费用(万元)", "总费用")
    assert header_forms("乡（镇）") == ("乡(镇)", "乡(镇)")
    assert header_forms("公厕（座）/总数") == ("公厕(座)/总数", "公厕/总数")
