"""What serves a clause is read from the graph; what is lacking is said; one figure stands for one thing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from click.testing import CliRunner

from expectations import SUITES
from expectations.check import Check, Suite
from pipelines.clauses import Served, checks, serve, totals
from pipelines.cli import cli
from pipelines.indicators import Catalogue, load_catalogue
from pipelines.intake.contract import load_contracts
from pipelines.policy import Clause, Pack, load_pack
from pipelines.policy.pack import SettingValue
from pipelines.settings import PROJECT

NAMES = ("menghai", "shuangjiang", "ganzhou", "xinfeng")
One = Callable[..., Served]


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {name: load_pack(PROJECT / "policies" / name) for name in NAMES}


@pytest.fixture(scope="module")
def one(packs: dict[str, Pack]) -> One:
    """What serves a clause of Menghai after the clause, the pack or the catalogue was changed; targets left out."""
    pack = packs["menghai"]

    def served(
        clause: str, catalogue: Catalogue | None = None, update: dict[str, Any] | None = None, **changed: Any
    ) -> Served:
        spoilt = Clause.model_validate(pack.clauses[clause].model_dump() | changed)
        own = {"rule_entries", "target_entries", "duties", "settings"} & set(update or {})
        alone = {"clauses": pack.clauses | {clause: spoilt}, "target_entries": (), "targets": ()} | (update or {})
        changed_pack = pack.model_copy(update=alone)
        asked = changed_pack.resolved() if own else changed_pack
        return next(s for s in serve(asked, catalogue or load_catalogue(), load_contracts()) if s.clause is spoilt)

    return served


def kinds(found: Served, kind: str) -> list[str]:
    return [name for k, name in found.served_by if k == kind]


def naming(code: str, clause: str) -> Catalogue:
    """The catalogue in which an indicator says that it is for a clause."""
    catalogue = load_catalogue()
    indicator = catalogue.indicators[code].model_copy(update={"clauses": (clause,)})
    return replace(catalogue, indicators=catalogue.indicators | {code: indicator})


def test_an_indicator_counts_only_where_it_reads_what_the_clause_needs(one: One) -> None:
    catalogue = naming("poor_households", "MH18-026")
    found = one("MH18-026", catalogue, data_needed="hh_register.poverty_status")
    assert (found.status, found.why_not) == ("served", [])
    assert "poor_households" in kinds(found, "indicator")
    found = one("MH18-026", catalogue, data_needed="housing.house_grade; water.secured")
    assert found.status == "not_yet"
    assert "poor_households" not in kinds(found, "indicator")
    assert "dangerous_houses_occupied" in kinds(found, "indicator")
    assert "指标 poor_households 没有取自 housing、water" in found.why_not
    assert "指标 dangerous_houses_occupied 没有取自 water" in found.why_not


def test_the_part_that_has_the_field_is_the_one_to_be_read(one: One) -> None:
    """A farm loss is in the table of the farm department, which the rule on households' losses does not read."""
    assert one("MH20-017").status == "served"
    assert one("MH20-017", data_needed="disaster_event.{hh_id,area_mu}").status == "not_yet"


def test_a_check_counts_only_where_it_reads_what_the_clause_needs(one: One, monkeypatch: pytest.MonkeyPatch) -> None:
    named = Check("all_is_well", "error", "", "", "ExpectNothing", clauses=("MH18-012",))
    monkeypatch.setitem(SUITES, "water", (Suite("", (named,), needs=("housing",)),))
    found = one("MH18-012", data_needed="housing.house_grade; water.secured")
    assert (found.status, kinds(found, "check")) == ("served", ["all_is_well"])
    assert one("MH18-012", data_needed="credit_file.rating").why_not == ["检查 all_is_well 没有取自 credit_file"]


def test_a_test_of_dbt_serves_the_clause_that_its_meta_names(one: One, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = {"extracts": ["water"], "clauses": ["MH18-012"]}
    monkeypatch.setattr("pipelines.clauses.data_tests", lambda: [("unique_key_water", meta)])
    assert kinds(one("MH18-012", data_needed="water.secured"), "check") == ["unique_key_water"]


def test_every_clause_that_a_check_names_exists(packs: dict[str, Pack]) -> None:
    known = {clause for pack in packs.values() for clause in pack.clauses}
    named = {clause for clause, _, _ in checks()}
    assert named and named <= known


@pytest.mark.parametrize(
    ("comparator", "needed", "status"),
    [
        ("is_true", "hh_register.poverty_status; project_library.type", "served"),
        ("covers_all", "hh_register.poverty_status; project_library.type", "not_yet"),
        ("is_true", "hh_register, project_library joined on hh_id", "not_yet"),
        ("is_true", "hh_register.poverty_status; project_library.type; water.secured", "not_yet"),
    ],
)
def test_figures_of_each_table_answer_together_what_does_not_compare_them(
    one: One, comparator: str, needed: str, status: str
) -> None:
    both = {code: naming(code, "MH18-012").indicators[code] for code in ("poor_households", "projects")}
    catalogue = replace(load_catalogue(), indicators=load_catalogue().indicators | both)
    assert one("MH18-012", catalogue, comparator=comparator, data_needed=needed).status == status


def test_a_rule_serves_its_clause_while_it_can_warn(one: One, packs: dict[str, Pack]) -> None:
    assert kinds(one("MH20-014"), "rule") == ["mh20_self_paid"]
    pack = packs["menghai"]
    line = pack.settings["self_paid_line"].model_copy(update={"values": ()})
    unset = one("MH20-014", update={"settings": pack.settings | {"self_paid_line": line}})
    assert (unset.status, unset.settings) == ("open_setting", ["self_paid_line"])
    assert unset.why_not == ["待定参数 self_paid_line（家庭自费支出预警线）没有设定"]
    entry = next(r for r in pack.rule_entries if r.rule == "mh20_self_paid")
    waits = entry.model_copy(update={"measure": "", "awaits": "shoe_size"})
    found = one("MH20-014", update={"rule_entries": (waits,)})
    assert (found.status, found.why_not) == ("not_yet", ["规则 mh20_self_paid 尚待测量值 shoe_size"])


def test_a_clause_whose_target_waits_for_its_indicator_is_not_served_by_another(
    one: One, packs: dict[str, Pack]
) -> None:
    target = next(t for t in packs["menghai"].target_entries if t.target == "renovated_2019")
    assert one("MH18-175", update={"target_entries": (target,)}).status == "served"
    waits = target.model_copy(update={"indicator": "", "awaits": "happiness"})
    found = one("MH18-175", update={"target_entries": (waits,)})
    assert (found.status, found.why_not) == ("not_yet", ["目标 renovated_2019 尚待指标 happiness"])


def test_a_duty_serves_only_the_tables_whose_day_it_sets_or_that_show_it_done(one: One, packs: dict[str, Pack]) -> None:
    found = one("MH20-013")
    assert (found.status, kinds(found, "calendar")) == ("served", ["monthly_data"])
    found = one("MH20-025")
    assert (found.status, kinds(found, "calendar")) == ("served", ["monthly_approval"])
    shown = next(d for d in packs["menghai"].duties if d.duty == "monthly_approval")
    found = one("MH20-025", update={"duties": (shown.model_copy(update={"evidence": ()}),)})
    assert (found.status, kinds(found, "calendar")) == ("not_yet", ["monthly_approval"])
    assert found.why_not == ["日历列有此事项，完成情况尚无指标统计"]


def test_a_list_of_fields_to_supply_is_served_by_the_contract_that_has_them(packs: dict[str, Pack]) -> None:
    found = {s.clause.id: s for s in serve(packs["shuangjiang"], load_catalogue(), load_contracts())}
    assert (found["SJ21-142"].status, found["SJ21-142"].served_by) == ("served", [("extract", "disability")])
    lacking = Clause.model_validate(
        found["SJ21-142"].clause.model_dump() | {"data_needed": "disability.{cert_no,shoe_size}"}
    )
    alone = packs["shuangjiang"].model_copy(update={"clauses": {"SJ21-142": lacking}, "duties": ()})
    [spoilt] = serve(alone, load_catalogue(), load_contracts())
    assert (spoilt.status, spoilt.why_not) == ("not_yet", ["disability 还没有列 shoe_size"])


@pytest.mark.parametrize(
    ("needed", "status", "why"),
    [
        ("policy_config.{doc_no,period_from}", "served", None),
        ("policy_config.{doc_no,shoe_size}", "not_yet", "尚无指标、规则或检查"),
        ("all extracts: {row_count,error_n}", "served", None),
        ("all extracts: {row_count,null_rate}", "not_yet", "尚无指标、规则或检查"),
        ("shoe_shop.{user,at}", "not_yet", "没有报表 shoe_shop"),
        ("water.secured", "not_yet", "所需数据已可接收，尚无指标或规则"),
    ],
)
def test_what_needs_no_table_is_served_by_the_check_of_what_it_asks(
    one: One, needed: str, status: str, why: str | None
) -> None:
    found = one("MH18-012", data_needed=needed)
    assert (found.status, found.record()["why_not"]) == (status, why)


def test_what_cannot_be_measured_says_so(one: One) -> None:
    found = one("MH20-080")
    assert (found.status, found.why_not, found.served_by) == ("not_yet", ["条款没有可以计量的内容"], [])


def test_a_clause_that_leaves_a_setting_open_is_served_when_it_is_set(one: One, packs: dict[str, Pack]) -> None:
    settings = packs["menghai"].settings
    catalogue = naming("poor_households", "MH18-033")
    needed = {"data_needed": "hh_register.poverty_status; policy_config.dibao_line"}
    unset = one("MH18-033", catalogue, **needed)
    assert (unset.status, unset.settings) == ("open_setting", ["dibao_line"])
    given = SettingValue(value=3500, set_on="2020-01-01")
    line = settings["dibao_line"].model_copy(update={"values": (given,)})
    assert one("MH18-033", catalogue, {"settings": settings | {"dibao_line": line}}, **needed).status == "served"


def test_every_clause_of_the_packs_is_there_and_lacks_something_or_is_served(packs: dict[str, Pack]) -> None:
    found = [s for pack in packs.values() for s in serve(pack, load_catalogue(), load_contracts())]
    assert len({s.clause.id for s in found}) == sum(len(p.clauses) for p in packs.values()) == 648
    assert {s.clause.id for s in found if (s.status == "served") != (not s.why_not)} == set()
    assert {s.clause.id for s in found if s.status == "served" and not s.served_by} == set()
    counted = totals(found)
    assert counted["clauses"] == counted["served"] + counted["open_setting"] + counted["not_yet"] == 648


def same_thing(a: Clause, b: Clause) -> bool:
    """Whether two clauses may ask the same: of one document the same extracts and a field in common, of two an extract in common."""
    shared = {*a.needs} & {*b.needs}
    if a.doc_no != b.doc_no:
        return bool(shared)
    return {*a.needs} == {*b.needs} and all(
        not a.needs[n] or not b.needs[n] or {*a.needs[n]} & {*b.needs[n]} or "*" in a.needs[n] + b.needs[n]
        for n in shared
    )


def test_no_figure_stands_for_clauses_that_ask_different_things(packs: dict[str, Pack]) -> None:
    clauses = {c.id: c for pack in packs.values() for c in pack.clauses.values()}
    wrong = []
    catalogue = load_catalogue().indicators
    shared = {
        i.derived.denominator for i in catalogue.values() if i.derived
    }  # one denominator may serve several shares
    for indicator in (i for code, i in catalogue.items() if code not in shared):
        cuts = indicator.clauses.values() if isinstance(indicator.clauses, dict) else [indicator.clauses]
        pairs = {pair for cut in cuts for pair in combinations(cut, 2)}
        wrong += [(indicator.code, *p) for p in sorted(pairs) if not same_thing(clauses[p[0]], clauses[p[1]])]
    assert wrong == [], "each of these figures names two clauses that need different data; name the one that it answers"


def test_the_command_prints_what_the_design_promises_and_the_same_totals() -> None:
    printed = json.loads(CliRunner().invoke(cli, ["clauses", "--pack", "xinfeng", "--json"]).output)
    assert {"id", "doc_no", "measurable", "served_by", "why_not"} <= set(printed[0])
    assert all(set(by) == {"kind", "id"} for clause in printed for by in clause["served_by"])
    table = CliRunner().invoke(cli, ["clauses", "--pack", "xinfeng"]).output.split()
    counts = [sum(c["status"] == status for c in printed) for status in ("served", "open_setting", "not_yet")]
    assert table[-4:] == [str(n) for n in (len(printed), *counts)]
    assert CliRunner().invoke(cli, ["clauses", "--pack", "atlantis"]).exit_code == 2
