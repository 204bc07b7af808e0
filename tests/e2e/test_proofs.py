"""Proofs on the whole way (without Dagster): a planted fault in each extract, and a rule that is added in YAML only."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from expectations.validate import validate
from pipelines.gate import decide
from pipelines.indicators import load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Ledger
from pipelines.intake.reader import read_table
from pipelines.intake.receive import take_in
from pipelines.policy import load_pack
from pipelines.quality import accepted_files, intake_findings
from pipelines.release import open_release, seal
from pipelines.release.history import standing
from pipelines.settings import Settings
from pipelines.simulate import simulate
from pipelines.trace import trace
from pipelines.warehouse import compiled_models, prepare, run_compiled
from tests.conftest import rebuilt

MONTH, BEFORE, AFTER = "2020-12", "2021-01-27T00:00:00Z", "2021-03-01T00:00:00Z"
ROOT = "532822"


@dataclass(frozen=True)
class Fault:
    """What a clerk gets wrong: one cell, in the first row whose ``where`` column holds ``holds``, and the check that finds it."""

    extract: str
    column: str
    value: str
    where: str
    holds: str
    check: str


FAULTS = [
    Fault("hh_register", "脱贫年度", "2021", "脱贫状态", "已脱贫", "a_household_did_not_exit_after_the_month"),
    Fault("person_register", "与户主关系", "户主", "与户主关系", "配偶", "a_household_has_not_more_than_one_head"),
    Fault("med_settlement", "医疗费用/个人自费", "9", "就诊医院/级别", "", "self_paid_is_not_more_than_total_cost"),
    Fault(
        "training_record", "结业日期", "2021年2月1日", "结业日期", "2020年12月", "a_course_has_ended_by_the_month_end"
    ),
    Fault("public_post", "上岗时间", "2021-02-01", "岗位类别", "护林员", "a_post_began_by_the_month_end"),
    Fault("relocation", "搬迁入住日期", "2021-02-01", "安置点", "", "a_relocated_household_moved_in_by_the_month_end"),
    Fault(
        "village_sanitation",
        "农户（户）/无害化卫生户厕",
        "99999",
        "农户（户）/总数",
        "",
        "households_with_a_sanitary_toilet_are_not_more_than_farm_households",
    ),
    Fault("housing", "改造竣工日期", "2021-02-01", "危房等级", "A", "a_house_was_renovated_by_the_month_end"),
]
Decisions = dict[tuple[str, str, str], tuple[str, Any, str | None]]


def build(settings: Settings, as_of: str) -> tuple[Decisions, set[tuple[str, str, str]], list[Any]]:
    """Decisions with values by (indicator, breakdown, area), dependencies, findings; of what has its extracts and settings."""
    findings: list[Any] = []

    def found(con: duckdb.DuckDBPyConnection) -> list[Any]:
        findings.extend([*intake_findings(settings, con), *validate(accepted_files(settings, con)).findings])
        return findings

    with rebuilt(settings, MONTH, as_of, found=found) as con:
        rows = con.execute(
            "select indicator, breakdown, area, decision, value, reason from publish.decision"
            " join main.fct_figures using (period, indicator, breakdown, area)"
        ).fetchall()
        depends = set(con.execute("select extract, indicator, breakdown from build.dependency").fetchall())
        sent = {extract for (extract,) in con.execute("select distinct extract from build.binding").fetchall()}
        unset = set(con.execute("select indicator, breakdown from build.unset").fetchall())
    silent = unset | {(indicator, cut) for extract, indicator, cut in depends if extract not in sent}
    return (
        {row[:3]: row[3:] for row in rows if row[:2] not in silent},
        {row for row in depends if row[1:] not in silent},
        findings,
    )


@pytest.fixture(scope="module")
def clean(sealed_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Decisions:
    home = tmp_path_factory.mktemp("clean")
    for part in ("raw", "archive"):
        (home / part).symlink_to(sealed_home.home / part)
    shutil.copytree(sealed_home.build, home / "build")
    shutil.copy2(sealed_home.ledger, home / "ledger.sqlite")
    decisions, _, findings = build(Settings(home=home), BEFORE)
    assert not [f for f in findings if f.severity == "error"]
    assert {decision for decision, _, _ in decisions.values()} == {"publish"}
    return decisions


def plant(fault: Fault, home: Settings, sealed: Settings) -> None:
    """Land a corrected file: the department's own, saved as CSV, with the one wrong cell."""
    with Ledger(sealed.ledger) as ledger:
        sent = [s for s in ledger.submissions(state="accepted") if s.extract == fault.extract and s.period == MONTH][-1]
    data = (sealed.landing / MONTH / sent.file).read_bytes()
    sheet = read_table(data, sent.file)[0]
    rows = [["" if cell is None else cell for cell in row] for row in sheet.rows.iter_rows()]
    at = {header: index for index, header, _, _ in sent.headers[str(sheet.index)]}
    first_data = sum(sent.skipped.get(kind, 0) for kind in ("title", "header", "blank"))
    row = next(r for r in rows[first_data:] if fault.holds in r[at[fault.where]])
    row[at[fault.column]] = fault.value
    path = home.landing / MONTH / f"{Path(sent.file).stem}（再报）.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    os.utime(path, (1612137600, 1612137600))  # 2021-02-01


@pytest.mark.parametrize("fault", FAULTS, ids=[f.extract for f in FAULTS])
def test_a_planted_fault_withholds_what_depends_on_its_extract_and_nothing_else(
    fault: Fault, sealed_home: Settings, clean: Decisions, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    settings.home.mkdir()
    shutil.copytree(sealed_home.raw, settings.raw)
    shutil.copytree(sealed_home.build, settings.build)
    shutil.copy2(sealed_home.ledger, settings.ledger)
    shutil.copy2(sealed_home.keyring, settings.keyring)
    plant(fault, settings, sealed_home)
    [taken] = take_in(settings, load_pack(settings.policy_dir), load_contracts(), [MONTH])
    assert (taken.extract, taken.state) == (fault.extract, "accepted"), taken.reason

    decisions, depends, findings = build(settings, AFTER)

    errors = [f for f in findings if f.severity == "error"]
    assert {f.rule for f in errors} == {fault.check}
    assert {(f.submission, f.file) for f in errors} == {(taken.number, taken.file)}
    assert all(f.row and f.column for f in errors)
    withheld = {key for key, (decision, _, _) in decisions.items() if decision == "withhold"}
    declared = {(indicator, cut) for extract, indicator, cut in depends if extract == fault.extract}
    assert {key[:2] for key in withheld if key[2] == ROOT} == declared
    assert {key[:2] for key in withheld} == declared
    title = load_contracts()[fault.extract].title.zh
    assert all(title in (decisions[key][2] or "") for key in withheld)
    for key, (decision, value, _) in decisions.items():
        if decision == "publish":
            assert value == clean[key][1], key


def test_a_rule_added_in_yaml_only_gets_its_warnings_and_figures(
    sealed_home: Settings, workshop: Settings, tmp_path: Path
) -> None:
    """Nothing but rules.yml of a copied pack changes; the new rule's figures are sealed and trace to their rows."""
    shutil.copytree(sealed_home.policy_dir, tmp_path / "policies" / "menghai")
    rules = tmp_path / "policies" / "menghai" / "rules.yml"
    added = {
        "rule": "low_income",
        "title": {"zh": "上年人均纯收入低于4000元", "en": "Net income per head under 4000 yuan"},
        "clause": "MH18-020",
        "measure": "net_income_pc_yuan",
        "window": "month",
        "comparator": "<",
        "threshold": 4000,
        "unit": "yuan",
        "applies_to": "registered",
        "effective_from": "2020-01-01",
        "effective_to": None,
    }
    rules.write_text(
        yaml.safe_dump([*yaml.safe_load(rules.read_text(encoding="utf-8")), added], allow_unicode=True),
        encoding="utf-8",
    )
    settings = replace(workshop, policies=tmp_path / "policies")
    with rebuilt(settings, MONTH, BEFORE) as con:
        seal(settings, load_pack(settings.policy_dir), load_catalogue(), con, [MONTH], BEFORE)
        [(expected,)] = con.execute(
            "select count(*) from main.int_household_month"
            " where hh_register__is_registered and hh_register__net_income_pc_yuan < 4000"
        ).fetchall()
    figure = open_release(settings, MONTH).figure("warned_households", ROOT, "rule=low_income")
    assert figure["status"] == "published"
    assert figure["value"] == expected > 0
    found = trace(settings, figure["id"], 1)
    assert [c["id"] for c in found["clauses"]] == ["MH18-020"]
    assert found["definition"]["rule"]["measure"]["code"] == "net_income_pc_yuan"
    [row] = found["contributions"][0]["evidence"]
    assert row["extract"] == "hh_register"
    assert float(row["cells"]["上年人均纯收入（元）"]) < 4000


@pytest.mark.slow
def test_the_whole_county_adds_up_to_the_document(sealed_home: Settings, tmp_path: Path) -> None:
    """海发〔2018〕18号 二（一）1: all 36 numbers, from the household rows of the sample county at the end of 2017."""
    month = "2017-12"
    settings = Settings(home=tmp_path / "home")
    pack, contracts, catalogue = load_pack(settings.policy_dir), load_contracts(), load_catalogue()
    simulate(settings.landing, pack, contracts, [month])
    shutil.copytree(sealed_home.build, settings.build)
    models = compiled_models(settings)
    take_in(settings, pack, contracts, [month])
    prepare(settings, pack, contracts, catalogue, [month], AFTER)
    with duckdb.connect(str(settings.candidate)) as con:
        run_compiled(con, models)
        rows = con.execute("select indicator, breakdown, value from main.fct_figures where area = ?", [ROOT]).fetchall()
        decide(con, pack, [], [], contracts)
        seal(settings, pack, catalogue, con, [month], AFTER)
    figures = {row[:2]: row[2] for row in rows}
    states = standing(settings, date(2017, 12, 31))["states"]
    poor = [s for s in states if "poor" in pack.codes["poverty_status"][s["status"]].groups]
    as_of = [sum(s[kind] for s in poor) for kind in ("households", "persons", "unknown_households", "unknown_persons")]
    assert as_of == [796, 2505, 0, 0]
    planned = [[int(pack.clauses[f"MH18-{n:03}"].quantity) for n in (first, first + 2)] for first in (73, 74)]
    assert [sum(years) for years in planned] == as_of[:2], "539 + 257 households and 1,769 + 736 persons are to exit"
    for code in ("poor_households", "poor_persons", "poor_household_share", "poor_person_share"):
        for cause in pack.codes["cause"]:
            [clause] = catalogue.indicators[code].clauses_of(f"cause={cause}")
            assert figures[code, f"cause={cause}"] == Decimal(pack.clauses[clause].quantity), (code, cause)
            assert figures[code, f"cause={cause}"] == figures[f"{code}_printed", f"cause={cause}"]
    assert (figures["poor_households", ""], figures["poor_persons", ""], figures["poor_persons_by_name", ""]) == (
        796,
        2505,
        2505,
    )
