"""The shipped packs hold what the register of the five documents says: clauses, settings, rules, targets, words."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT

NAMES = ("menghai", "shuangjiang", "ganzhou", "xinfeng")

# What the texts leave open (the register names them as fields of policy_config), and the clauses that do.
OPEN = """
absence_months SJ21-156|accept_days SJ21-031|anomaly_rules MH18-246|base_participation_min_pct MH18-124|burden_ratio GZ19-005
bus_qualified_rule MH18-201|chronic_burden_threshold SJ21-006|close_days SJ21-032|consumer_car_definition SJ21-151
county_fund_growth_required_pct MH18-218|dibao_line GZ19-010 MH18-032|eight_have_items XF20-011 XF20-024
elderly_visit_interval_days MH18-193|event_report_days XF20-025|far_below_avg_ratio GZ19-019
food_clothing_check_items MH18-003|four_review_steps MH20-012|grandparent_raised_rule GZ19-028|hazard_buffer_m GZ19-027
health_30_list MH18-079 MH18-163|helper_replace_days SJ21-102|income_drop_pct GZ19-005 SJ21-004
industry_risk_scoring MH20-059|insurance_cost_share GZ19-063|interest_subsidy_tolerance_pct MH18-116
job_recommend_days MH20-039|large_farm_scale SJ21-154|major_disease_list GZ19-024 SJ21-006 XF20-026
marginal_upper_ratio GZ19-019|measure_start_days SJ21-066|meeting_interval GZ19-074|mh_notice_days MH20-027
monitor_interval GZ19-020|objection_days SJ21-052|post_campaign_fund_pct GZ19-077|post_exit_policy_months MH18-257
poverty_line GZ19-011 GZ19-019|price_fall_months SJ21-024|price_fall_pct SJ21-024|project_failure_rule SJ21-026
relapse_resolve_days MH20-004|rigid_expense_threshold SJ21-004|rigid_to_income_ratio GZ19-019|scale_relapse_hh_n SJ21-030
scale_relapse_pct SJ21-030|screening_interval SJ21-001 SJ21-039 XF20-020|sh_yn_meeting_interval MH18-235
split_lookback_months SJ21-155|stability_rules SJ21-045 SJ21-069|stable_job_months SJ21-122|stable_years_n GZ19-011
students_min_n GZ19-025|system_entry_days SJ21-059|unemployment_rise_pct SJ21-025|village_exit_criteria_list MH18-106
water_indicator_min_rise MH18-203|water_test_interval GZ19-058
"""
SETTINGS = {line.split()[0]: line.split()[1:] for line in re.split(r"[|\n]", OPEN) if line.strip()}


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return {name: load_pack(PROJECT / "policies" / name) for name in NAMES}


def test_register_is_whole(packs: dict[str, Pack]) -> None:
    clauses = {c.id: c for pack in packs.values() for c in pack.clauses.values()}
    assert (len(clauses), sum(len(p.clauses) for p in packs.values())) == (648, 648)
    kinds = [c.measurable for c in clauses.values()]
    assert [kinds.count(k) for k in ("yes", "partly", "no")] == [526, 120, 2]
    documents = {d.doc_no: d for p in packs.values() for d in p.documents}
    assert {c.date for c in clauses.values() if documents[c.doc_no].date.isoformat() != c.date} == set()


def test_areas_are_those_of_the_four_places(packs: dict[str, Pack]) -> None:
    levels = ("prefecture", "county", "township", "village")
    counted = {name: [sum(a.level == level for a in p.areas) for level in levels] for name, p in packs.items()}
    assert counted == {
        "menghai": [0, 1, 11, 105],
        "shuangjiang": [0, 1, 6, 78],
        "xinfeng": [0, 1, 7, 159],
        "ganzhou": [1, 18, 293, 4064],
    }


def test_every_open_setting_stands_in_each_pack_where_a_clause_leaves_it_open(packs: dict[str, Pack]) -> None:
    assert len(SETTINGS) == 57
    for name, clauses in SETTINGS.items():
        for clause in clauses:
            pack = next(p for p in packs.values() if clause in p.clauses)
            assert clause in pack.settings[name].clauses, (name, clause)


def test_what_a_clause_asks_of_the_configuration_is_a_setting(packs: dict[str, Pack]) -> None:
    about_the_register_itself = {
        "rule_id", "value", "effective_from", "effective_to", "source_clause", "source_doc", "doc_no", "period_from",
        "period_to", "interpreter", "national_standard", "multiple",
    }  # fmt: skip
    for pack in packs.values():
        for clause in pack.clauses.values():
            asked = set(clause.needs.get("policy_config", ())) - about_the_register_itself
            assert asked <= set(pack.settings), (clause.id, asked - set(pack.settings))


def test_settings_that_no_text_gives_say_when_they_were_set(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        for setting in pack.settings.values():
            for value in setting.values:
                assert (value.set_on is None) == (value.clause is not None)
                assert value.clause is None or value.clause in setting.clauses


def test_every_risk_factor_is_a_rule_or_where_no_household_bears_it_a_target(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        ruled = {r.clause for r in pack.rule_entries} | {t.clause for t in pack.target_entries}
        assert {c.id for c in pack.clauses.values() if c.kind == "risk_factor"} - ruled == set()


def test_every_target_of_the_documents_is_a_target(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        aimed = {t.clause for t in pack.target_entries}
        # the upper value of a range has no comparator: it is no cap
        assert {c.id for c in pack.clauses.values() if c.kind == "target" and c.comparator} - aimed == set()
        assert not {c.id for c in pack.clauses.values() if c.kind == "target" and not c.comparator} & aimed
        assert all(t.owner in pack.departments for t in pack.target_entries)


def test_targets_have_the_numbers_of_their_clauses(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        for target in pack.target_entries:
            clause = pack.clauses[target.clause]
            if clause.comparator in ("=", ">=", "<=", ">", "<") and clause.quantity:
                said = {Decimal(clause.quantity), Decimal(100)}  # 100: the share of those who reach the number
                values = {v.value for v in pack.settings[target.setting].values} if target.setting else {target.value}
                assert values <= said, target.target
                assert target.comparator == clause.comparator or Decimal(100) in values, target.target
            if Decimal(100) == target.value and clause.quantity not in ("", "100"):
                given = [s for s in pack.settings.values() if clause.id in s.clauses]
                assert any(v.value == Decimal(clause.quantity) for s in given for v in s.values), target.target


def test_every_dated_duty_is_in_the_calendar(packs: dict[str, Pack]) -> None:
    spoken_for = {
        "MH18-122",
        "SJ21-050",
        "XF20-040",
        "GZ19-011",
        "MH18-193",
        "MH20-013",
    }  # targets, settings, documents
    for pack in packs.values():
        due = {d.clause for d in pack.duties} | {t.clause for t in pack.target_entries} | spoken_for
        due |= {c for r in pack.rule_entries for c in (r.clause,)}
        owed = {c.id for c in pack.clauses.values() if c.kind == "deadline"}
        assert owed - due == set()


def test_extracts_of_every_county_have_a_deadline(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        assert pack.deadline("housing", "2021-10").isoformat() == "2021-11-15"


def test_departments_of_the_base_stand_in_every_pack(packs: dict[str, Pack]) -> None:
    assert packs["ganzhou"].department_name("civil_affairs") == "市民政局"
    assert packs["menghai"].department_name("health", "2018-12") == "县卫生和计划生育局"
    assert packs["menghai"].department_name("health", "2019-01") == "县卫生健康局"
    assert packs["menghai"].department_for("县文化体育广播电视和旅游局") == "culture_tourism"
    assert packs["menghai"].department_for("县交通和运输局") == "transport"
    assert packs["menghai"].department_for("县卫生和健康局") == "health"
    assert packs["xinfeng"].department_for("县工信息局") == "industry_information"
    assert packs["ganzhou"].department_name("counties", "2020-01", "360783") == "龙南市"
    assert not [d for p in packs.values() for names in p.departments.values() for d in names if "{" in d.name]


# The contradictions and ambiguities of the texts: where each is data. (number, pack, what, name)
AMBIGUITIES = [
    (1, "menghai", "setting", "self_paid_line"),
    (1, "shuangjiang", "setting", "hospital_self_paid_line"),
    (2, "shuangjiang", "setting", "monitor_line"),
    (3, "menghai", "comparator", "mh20_self_paid >"),
    (3, "shuangjiang", "comparator", "sj21_hospital >="),
    (3, "ganzhou", "comparator", "gz19_transfer_income >"),
    (4, "shuangjiang", "setting", "above_line_with_reason"),
    (5, "menghai", "code", "hh_type.monitored"),
    (5, "shuangjiang", "code", "hh_type.sudden"),
    (5, "xinfeng", "code", "hh_type.special"),
    (5, "ganzhou", "code", "hh_type.marginal"),
    (6, "menghai", "duty", "monthly_approval"),
    (7, "menghai", "setting", "evaluation_interval"),
    (7, "shuangjiang", "setting", "evaluation_interval"),
    (7, "ganzhou", "setting", "evaluation_interval"),
    (8, "shuangjiang", "setting", "notice_working_days"),
    (8, "shuangjiang", "setting", "notice_channels"),
    (8, "shuangjiang", "setting", "notice_start_counts"),
    (8, "menghai", "setting", "mh_notice_days"),
    (8, "ganzhou", "setting", "mh_notice_days"),
    (9, "menghai", "setting", "post_exit_policy_months"),
    (9, "shuangjiang", "setting", "no_labour_auto_close"),
    (10, "xinfeng", "setting", "visits_per_month"),
    (10, "menghai", "setting", "visits_per_month"),
    (11, "menghai", "setting", "village_income_definition"),
    (11, "menghai", "setting", "village_income_population"),
    (11, "ganzhou", "setting", "village_income_definition"),
    (12, "menghai", "target", "mh18_126"),
    (12, "menghai", "target", "mh20_030"),
    (12, "menghai", "setting", "led_industries_upper"),
    (12, "ganzhou", "setting", "willing_household_projects_upper"),
    (13, "ganzhou", "setting", "insured_population_pct"),
    (13, "ganzhou", "setting", "fund_budget_share_pct"),
    (14, "ganzhou", "applies_to", "gz19_transfer_income exited"),
    *((15, "ganzhou", "setting", name) for name in (
        "marginal_upper_ratio", "far_below_avg_ratio", "rigid_to_income_ratio", "major_disease_list", "students_min_n",
        "hazard_buffer_m",
    )),
    (15, "ganzhou", "code", "labour_ability.weak"),
    *((16, name, "code", "cause.illness") for name in NAMES),
    (16, "ganzhou", "code", "cause.business_failure"),
    (16, "shuangjiang", "code", "cause.accident"),
    (17, "shuangjiang", "setting", "severe_disability_grades"),
    (18, "shuangjiang", "setting", "platform_departments"),
    (18, "shuangjiang", "setting", "review_departments"),
    (18, "shuangjiang", "setting", "scale_departments"),
    (19, "shuangjiang", "code", "exclusion_class.absent_person"),
    (19, "shuangjiang", "setting", "exclusion_exceptions"),
    (20, "menghai", "setting", "consolidation_statuses"),
    (21, "menghai", "setting", "fund_base_year"),
    (21, "menghai", "setting", "county_fund_growth_required_pct"),
    (22, "menghai", "setting", "relocated_household_n"),
    (23, "menghai", "setting", "visiting_secretaries"),
    (24, "menghai", "setting", "lead_department_from"),
    (24, "xinfeng", "setting", "lead_department_from"),
    (25, "menghai", "department", "health"),
    (26, "xinfeng", "document", "新丰县建立健全返贫监测和帮扶机制的实施方案"),
    (27, "xinfeng", "setting", "ruling_document"),
    (28, "menghai", "setting", "anomaly_rules"),
    (29, "shuangjiang", "clauses", "四 10"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "name", "what", "where"), AMBIGUITIES)
def test_ambiguity_is_settled_by_data(packs: dict[str, Pack], number: int, name: str, what: str, where: str) -> None:
    pack = packs[name]
    key, _, rest = where.partition(" ")
    entry = next((r for r in pack.rule_entries if r.rule == key), None)
    if what in ("comparator", "applies_to"):
        assert entry is not None
        assert getattr(entry, what) == rest
    elif what == "code":
        code_map, _, code = where.partition(".")
        assert code in pack.codes[code_map]
    elif what == "clauses":
        measures = {
            re.match(r"四（.+?）", c.section) for c in pack.clauses.values() if c.section.startswith(f"{key}（")
        }
        assert len({m.group() for m in measures if m}) == int(rest)
    else:
        assert (
            where
            in {
                "setting": set(pack.settings),
                "duty": {d.duty for d in pack.duties},
                "target": {t.target for t in pack.target_entries},
                "department": {d for d, names in pack.departments.items() if len(names) > 1},
                "document": {t for d in pack.documents for t in (d.title, *d.also_titled)},
            }[what]
        )


def test_every_ambiguity_is_named() -> None:
    assert {number for number, *_ in AMBIGUITIES} == set(range(1, 30))


def test_equal_amounts_are_two_parameters(packs: dict[str, Pack]) -> None:
    settings = packs["shuangjiang"].settings
    amounts = [settings[name].values[0].value for name in ("monitor_line", "hospital_self_paid_line")]
    assert amounts == [Decimal(6000)] * 2
    ganzhou = {t.clause: t.setting for t in packs["ganzhou"].target_entries}
    assert (ganzhou["GZ19-062"], ganzhou["GZ19-075"]) == ("insured_population_pct", "fund_budget_share_pct")


@pytest.mark.parametrize(("period", "threshold"), [("2020-12", 6000), ("2021-01", None), ("2021-12", None)])
def test_monitoring_line_is_not_carried_into_a_year_that_nobody_set(
    packs: dict[str, Pack], period: str, threshold
) -> None:
    assert packs["shuangjiang"].setting("monitor_line", period) == threshold


def test_monitoring_line_is_half_as_much_again_as_the_poverty_line(packs: dict[str, Pack]) -> None:
    pack = packs["shuangjiang"]
    line, of, times = (pack.setting(s, "2020-12") for s in ("monitor_line", "poverty_line", "monitor_line_multiple"))
    assert (of, times, line) == (4000, Decimal("1.5"), 6000)
    assert line == Decimal(pack.clauses["SJ21-010"].quantity) and times == Decimal(pack.clauses["SJ21-009"].quantity)


def test_monitoring_line_rule_warns_only_in_the_years_that_have_a_line(packs: dict[str, Pack]) -> None:
    pack = packs["shuangjiang"]
    assert "sj21_income" not in {r.rule for r in pack.rules_in_force("2021-10")}
    assert "monitor_line" in {i.name: i.why for i in pack.idle("2021-10")}["sj21_income"]
    line = pack.settings["monitor_line"]
    later = line.values[0].model_copy(update={"value": Decimal(6400), "effective_from": None, "effective_to": None})
    known = pack.model_copy(
        update={"settings": pack.settings | {"monitor_line": line.model_copy(update={"values": (later,)})}}
    )
    assert {r.rule: r.threshold for r in known.resolved().rules_in_force("2021-10")}["sj21_income"] == 6400


def test_new_cooperatives_are_those_founded_since_the_document(packs: dict[str, Pack]) -> None:
    pack = packs["ganzhou"]
    assert pack.setting("new_coops_since") == pack.documents[0].date.isoformat()


def test_clauses_are_written_as_the_register_writes_them() -> None:
    for name in NAMES:
        text = (PROJECT / "policies" / name / "clauses.csv").read_text(encoding="utf-8")
        header = next(csv.reader(io.StringIO(text)))
        assert header[:6] == ["id", "system", "doc", "doc_no", "issuer", "date"]
        assert len(header) == 20


def test_no_pack_has_a_file_that_the_loader_does_not_read() -> None:
    read = {"pack.yml", "areas.csv", "clauses.csv", "codes.yml", "departments.yml", "calendar.yml", "settings.yml",
            "rules.yml", "targets.yml", "README.md", "inputs"}  # fmt: skip
    folders = [PROJECT / "policies" / name for name in (*NAMES, "national")]
    assert {Path(p).name for folder in folders for p in folder.iterdir()} <= read
