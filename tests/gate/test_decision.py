"""The gate on a county of two townships and three villages, each test with one fault."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from pipelines.findings import Finding
from pipelines.gate import UndeclaredError, decide
from pipelines.intake.contract import load_contracts
from pipelines.intake.ledger import Waiver
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT

SCHEMA = """
create schema build; create schema policy; create schema raw;
create table policy.area(code varchar, name varchar, level varchar, parent varchar, is_lowest boolean);
insert into policy.area values
  ('C', '县', 'county', null, false), ('T1', '甲乡', 'township', 'C', false), ('T2', '乙乡', 'township', 'C', false),
  ('V1', '一村', 'village', 'T1', true), ('V2', '二村', 'village', 'T1', true), ('V3', '三村', 'village', 'T2', true);
create table policy.area_closure as
  select code as ancestor, code as descendant from policy.area
  union all select parent, code from policy.area where parent is not null
  union all select 'C', code from policy.area where level = 'village';
create table build.dependency(indicator varchar, breakdown varchar, extract varchar);
insert into build.dependency values
  ('homes', '', 'housing'), ('homes', 'grade=C', 'housing'), ('homes', 'grade=C', 'hh_register'),
  ('poor', '', 'hh_register'), ('share', '', 'hh_register'), ('trained', '', 'training_record');
create table build.of_the_pack(indicator varchar, breakdown varchar);
create table build.derived(
    indicator varchar, numerator_indicator varchar, denominator_indicator varchar,
    less_numerator_indicator varchar, less_denominator_indicator varchar
);
insert into build.derived values ('share', 'poor', 'poor', '', '');
create table build.needed as
  select d.indicator, p.period, d.extract, n.period as needed_period
  from (select distinct indicator, extract from build.dependency) as d
  cross join (values ('2020-01'), ('2020-02'), ('2020-03')) as p(period)
  inner join (values ('2020-01'), ('2020-02'), ('2020-03')) as n(period)
    on n.period = p.period or (d.indicator = 'trained' and n.period < p.period);
create table build.coverage as
  select e.extract, p.period, a.code as village_code, p.period as source_period,
         cast(substr(p.period, 7) as integer) * 10 + e.number as submission
  from (values ('housing', 1), ('hh_register', 2), ('training_record', 3)) as e(extract, number)
  cross join (select distinct period from build.needed) as p
  cross join policy.area as a where a.is_lowest;
create table build.unset(period varchar, indicator varchar, breakdown varchar, setting varchar, title varchar);
create table build.quarantine(extract varchar, period varchar, submission integer, source bigint, hh_id varchar,
                              person_id varchar, village_code varchar, area varchar);
create table build.superseded(submission integer, source bigint);
create table build.owing(extract varchar, village_code varchar, area varchar, name varchar);
create view build.in_effect as
  select distinct extract, period, submission, null::varchar as area from build.coverage
  union all
  select c.extract, c.period, c.submission, c.village_code from build.coverage as c where c.extract in (select extract from build.owing);
create view build.binding as select distinct submission, 'C' as area from build.coverage;
create table raw.hh_register(_period varchar, hh_id varchar, village_code varchar);
insert into raw.hh_register values ('2020-03', 'H1', 'V1');
create table raw.person_register(_period varchar, hh_id varchar, person_id varchar);
insert into raw.person_register values ('2020-03', 'H1', 'P1');
create table main.fct_figures as
  select p.period, k.indicator, a.code as area, k.breakdown, 1::decimal(38, 4) as numerator,
         case when k.indicator = 'share' then 2 end::decimal(38, 4) as denominator, 1::decimal(38, 4) as value,
         0::bigint as unknown, 1::bigint as contributions
  from (values ('homes', ''), ('homes', 'grade=C'), ('poor', ''), ('share', ''), ('trained', '')) as k(indicator, breakdown)
  cross join (select distinct period from build.needed) as p cross join policy.area as a;
"""
TITLES = {"housing": "住房安全台账", "hh_register": "户信息表", "training_record": "培训台账"}
CONTRACTS = {
    extract: contract.model_copy(update={"title": contract.title.model_copy(update={"zh": TITLES[extract]})})
    for extract, contract in load_contracts().items()
    if extract in TITLES
}
EVERYWHERE = {"C", "T1", "T2", "V1", "V2", "V3"}


def waived(rule: str, extract: str | None = None, period: str = "2020-03") -> Waiver:
    return Waiver(rule, extract, period, "已电话核实", "值班员", "2020-04-20T00:00:00Z")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(PROJECT / "policies" / "menghai")


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute(SCHEMA)
        yield con


@pytest.fixture
def gate(con, pack):
    """Decide, and give the decisions of 2020-03 (or another month) by indicator/breakdown and area."""

    def run(*findings: Finding, waivers=(), period: str = "2020-03") -> dict[tuple[str, str], dict[str, Any]]:
        decide(con, pack, findings, waivers, CONTRACTS)
        rows = con.execute("from publish.decision where period = ?", [period]).fetchall()
        names = [column[0] for column in con.description]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return {(f"{r['indicator']}/{r['breakdown']}".rstrip("/"), r["area"]): r for r in found}

    return run


def withheld(decisions, indicator: str) -> set[str]:
    return {area for (code, area), row in decisions.items() if code == indicator and row["decision"] == "withhold"}


def noted(decisions, indicator: str) -> set[str]:
    return {area for (code, area), row in decisions.items() if code == indicator and row["note"]}


def error(extract: str | None = "housing", **more: Any) -> Finding:
    given = {
        "source": "expectations",
        "severity": "error",
        "rule": "r",
        "message": "数不对。",
        "remedy": "改",
        "period": "2020-03",
    }
    return Finding(**(given | {"extract": extract} | more))


def test_without_faults_every_figure_is_published_without_a_note(gate, con) -> None:
    decisions = gate()
    assert len(decisions) == 5 * 6
    assert {(r["decision"], r["note"], r["reason"], r["waits_for"]) for r in decisions.values()} == {
        ("publish", None, None, "[]")
    }
    assert con.execute("select count(*) from publish.decision").fetchone() == (90,)


def test_an_unset_setting_withholds_the_figures_that_it_leaves_without_an_answer(gate, con) -> None:
    con.execute(
        "insert into build.unset values ('2020-03', 'homes', '', 'line', '线'), ('2020-03', 'homes', '', 'age', null),"
        " ('2020-02', 'poor', '', 'line', '线')"
    )
    decisions = gate()
    assert withheld(decisions, "homes") == EVERYWHERE
    assert not withheld(decisions, "homes/grade=C") | withheld(decisions, "poor")
    row = decisions["homes", "C"]
    assert (row["reason"], row["waits_for"]) == ("没有设定待定参数：age、line（线）", "[]")


def test_missing_extract_withholds_what_needs_it_and_nothing_else(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03'")
    decisions = gate()
    assert withheld(decisions, "homes") == withheld(decisions, "homes/grade=C") == EVERYWHERE
    assert not withheld(decisions, "poor") | withheld(decisions, "trained")
    row = decisions["homes", "C"]
    assert row["reason"] == "县住房和城乡建设局《住房安全台账》2020年3月没有收到"
    assert json.loads(row["waits_for"]) == [
        {
            "extract": "housing",
            "department": "housing_construction",
            "period": "2020-03",
            "areas": [],
            "why": "没有收到",
        }
    ]
    assert not withheld(gate(period="2020-02"), "homes")


def test_extract_of_a_breakdown_withholds_only_that_breakdown(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'hh_register' and period = '2020-03'")
    decisions = gate()
    assert withheld(decisions, "homes/grade=C") == EVERYWHERE
    assert not withheld(decisions, "homes")


def test_missing_village_withholds_it_and_what_is_above_but_not_its_sister(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03' and village_code = 'V1'")
    decisions = gate()
    assert withheld(decisions, "homes") == {"V1", "T1", "C"}
    assert decisions["homes", "T1"]["reason"].endswith("没有收到（涉及1个村）")
    assert decisions["homes", "V1"]["reason"].endswith("没有收到")


def test_refused_file_says_why_it_is_not_there(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03'")
    decisions = gate(error(source="intake", submission=31, message="缺少“危房等级”一列。"))
    assert (
        decisions["homes", "C"]["reason"]
        == "县住房和城乡建设局《住房安全台账》2020年3月报来后被退回、尚未重报：缺少“危房等级”一列"
    )
    assert json.loads(decisions["homes", "C"]["waits_for"])[0]["why"] == "已退回、尚未重报"


OWING = "('housing', 'V1', 'T1', '甲乡'), ('housing', 'V2', 'T1', '甲乡'), ('housing', 'V3', 'T2', '乙乡')"


def test_a_township_that_sent_nothing_is_named_where_the_county_needs_it(gate, con) -> None:
    con.execute(f"insert into build.owing values {OWING}")
    con.execute(
        "delete from build.coverage where extract = 'housing' and period = '2020-03' and village_code in ('V1', 'V2')"
    )
    decisions = gate()
    assert withheld(decisions, "homes") == {"C", "T1", "V1", "V2"}
    for area in ("C", "T1", "V1"):
        assert decisions["homes", area]["reason"] == "县住房和城乡建设局《住房安全台账》2020年3月没有收到（甲乡）"
        [wait] = json.loads(decisions["homes", area]["waits_for"])
        assert wait["areas"] == [{"area": "T1", "name": "甲乡"}]


def test_that_every_township_sent_nothing_is_said_by_naming_none(gate, con) -> None:
    con.execute(f"insert into build.owing values {OWING}")
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03'")
    row = gate()["homes", "C"]
    assert row["reason"] == "县住房和城乡建设局《住房安全台账》2020年3月没有收到"
    assert [area["name"] for area in json.loads(row["waits_for"])[0]["areas"]] == ["甲乡", "乙乡"]


def test_a_refused_file_of_one_township_is_not_anothers(gate, con) -> None:
    con.execute(f"insert into build.owing values {OWING}")
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03'")
    decisions = gate(error(source="intake", submission=39, area="T2"))
    assert "没有收到（甲乡）" in decisions["homes", "C"]["reason"]
    assert "退回、尚未重报（乙乡）：数不对" in decisions["homes", "C"]["reason"]
    assert "退回" not in decisions["homes", "T1"]["reason"]
    assert {w["why"] for w in json.loads(decisions["homes", "C"]["waits_for"])} == {"没有收到", "已退回、尚未重报"}


@pytest.mark.parametrize(("submission", "touched"), [(31, {"V3", "T2", "C"}), (41, {"V1", "V2", "T1", "C"})])
def test_a_finding_about_a_townships_file_touches_that_township(gate, con, submission: int, touched: set[str]) -> None:
    con.execute(f"insert into build.owing values {OWING}")
    con.execute("update build.coverage set submission = 41 where submission = 31 and village_code in ('V1', 'V2')")
    assert withheld(gate(error(submission=submission)), "homes") == touched


def test_a_finding_of_a_row_that_a_later_file_corrected_is_settled(gate, con) -> None:
    con.execute("insert into build.superseded values (31, 3100100000007)")
    assert not withheld(gate(error(submission=31, row=7)), "homes")
    assert withheld(gate(error(submission=31, row=8)), "homes") == EVERYWHERE


def test_cumulative_indicator_needs_every_month_since_the_plan_began(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'training_record' and period in ('2020-01', '2020-02')")
    decisions = gate()
    assert withheld(decisions, "trained") == EVERYWHERE
    assert decisions["trained", "V1"]["reason"] == "县人力资源和社会保障局《培训台账》2020年1月、2020年2月没有收到"
    assert [w["period"] for w in json.loads(decisions["trained", "V1"]["waits_for"])] == ["2020-01", "2020-02"]


def test_later_month_does_not_withhold_an_earlier_cumulative_figure(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'training_record' and period = '2020-03'")
    assert not withheld(gate(period="2020-02"), "trained")
    assert withheld(gate(period="2020-03"), "trained") == EVERYWHERE


@pytest.mark.parametrize(
    ("area", "touched"),
    [("V1", {"V1", "T1", "C"}), ("T1", {"V1", "V2", "T1", "C"}), (None, EVERYWHERE), ("elsewhere", EVERYWHERE)],
)
def test_error_touches_its_area_and_those_above_and_below(gate, area: str | None, touched: set[str]) -> None:
    decisions = gate(error(area=area))
    assert withheld(decisions, "homes") == touched
    assert not withheld(decisions, "poor")


def test_error_names_department_extract_month_and_fault(gate) -> None:
    reason = gate(error(area="V1"), error(area="V1"))["homes", "V1"]["reason"]
    assert reason == "县住房和城乡建设局《住房安全台账》2020年3月有2处问题未解决：数不对"


def test_error_of_another_month_does_not_count(gate) -> None:
    assert not withheld(gate(error(period="2020-02")), "homes")


def test_error_over_figures_withholds_the_indicators_named_and_what_is_derived_from_them(gate) -> None:
    decisions = gate(error(None, source="dbt", indicators=("poor",), area="V3"))
    assert withheld(decisions, "poor") == withheld(decisions, "share") == {"V3", "T2", "C"}
    assert not withheld(decisions, "homes")
    assert decisions["poor", "C"]["reason"] == "检查未通过：数不对"


def test_error_of_the_whole_build_withholds_everything(gate) -> None:
    decisions = gate(error(None, source="dbt"))
    assert {r["decision"] for r in decisions.values()} == {"withhold"}


def test_file_that_nobody_recognises_withholds_nothing(gate) -> None:
    decisions = gate(error(None, source="intake", submission=99, department="unrecognised"))
    assert {r["decision"] for r in decisions.values()} == {"publish"}


@pytest.mark.parametrize(("submission", "blocked"), [(30, False), (31, True), (39, True)])
def test_accepted_revision_settles_the_findings_of_earlier_ones(gate, submission: int, blocked: bool) -> None:
    decisions = gate(error(source="intake", submission=submission))
    assert withheld(decisions, "homes") == (EVERYWHERE if blocked else set())


def test_finding_follows_its_submission_into_the_months_that_it_speaks_for(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'housing' and period = '2020-03'")
    con.execute(
        "insert into build.coverage select * replace ('2020-03' as period) from build.coverage"
        " where extract = 'housing' and period = '2020-02'"
    )
    assert withheld(gate(error(period="2020-02", submission=21)), "homes") == EVERYWHERE
    assert not withheld(gate(error(period="2020-02", submission=21), period="2020-01"), "homes")


@pytest.mark.parametrize(
    ("waiver", "published"),
    [
        (waived("r"), True),
        (waived("r", "housing", "2020-03"), True),
        (waived("other"), False),
        (waived("r", "hh_register"), False),
        (waived("r", "housing", "2020-02"), False),
    ],
)
def test_waived_finding_is_published_with_a_note(gate, waiver: Waiver, published: bool) -> None:
    row = gate(error(), waivers=[waiver])["homes", "C"]
    assert (row["decision"] == "publish") is published
    if published:
        assert (
            row["note"]
            == "县住房和城乡建设局《住房安全台账》2020年3月有1处问题已豁免（已电话核实，值班员，2020-04-20）：数不对"
        )


def test_the_reason_for_what_a_correction_takes_back_stands_beside_the_figure(gate) -> None:
    taken_back = error(rule="rows_withdrawn", severity="warning", submission=31, message="更正后少了1条记录")
    assert "已说明" not in gate(taken_back)["homes", "C"]["note"]
    note = gate(taken_back, waivers=[waived("rows_withdrawn")])["homes", "C"]["note"]
    assert "已说明（已电话核实，值班员，2020-04-20）：更正后少了1条记录" in note


def test_waiver_does_not_replace_data_that_are_not_there(gate, con) -> None:
    con.execute("delete from build.coverage where extract = 'housing'")
    assert withheld(gate(error(submission=31), waivers=[waived("r")]), "homes") == EVERYWHERE


def test_warning_is_published_with_a_note(gate) -> None:
    decisions = gate(error(severity="warning", area="V1"))
    assert not withheld(decisions, "homes")
    assert noted(decisions, "homes") == {"V1", "T1", "C"}


def test_warning_is_said_in_its_month_and_not_in_later_sums(gate) -> None:
    warning = error("training_record", severity="warning", period="2020-02")
    assert noted(gate(warning, period="2020-02"), "trained") == EVERYWHERE
    assert not noted(gate(warning, period="2020-03"), "trained")


def test_bad_row_of_an_unknown_village_is_noted_for_the_county_only(gate) -> None:
    assert noted(gate(error(severity="warning", row=7)), "homes") == {"C"}


def test_note_severity_changes_nothing(gate) -> None:
    assert not noted(gate(error(severity="note")), "homes")


@pytest.mark.parametrize(("unknown", "note"), [(0, None), (3, "至少：另有3个统计对象情况不明")])
def test_unknown_subjects_make_an_additive_figure_at_least(gate, con, unknown: int, note: str | None) -> None:
    con.execute("update main.fct_figures set unknown = ?", [unknown])
    decisions = gate()
    assert decisions["poor", "V1"]["note"] == note
    assert decisions["poor", "V1"]["decision"] == "publish"


def test_unknown_subjects_of_a_share_do_not_make_it_at_least(gate, con) -> None:
    con.execute("update main.fct_figures set unknown = 3")
    assert gate()["share", "V1"]["note"] == "按已知的计算：另有3个统计对象情况不明"


@pytest.mark.parametrize(
    ("hh_id", "person_id", "village", "touched"),
    [
        (None, None, None, EVERYWHERE),
        (None, None, "V2", {"V2", "T1", "C"}),
        ("H1", None, None, {"V1", "T1", "C"}),
        (None, "P1", None, {"V1", "T1", "C"}),
        (None, "P9", None, {"C"}),
        ("H9", None, "V2", {"V2", "T1", "C"}),
    ],
)
def test_refused_row_is_noted_where_its_subject_may_be(gate, con, hh_id, person_id, village, touched: set[str]) -> None:
    con.execute(
        "insert into build.quarantine values ('housing', '2020-03', 31, 1, ?, ?, ?, null)", [hh_id, person_id, village]
    )
    decisions = gate()
    assert noted(decisions, "homes") == touched
    assert not noted(decisions, "poor")
    assert decisions["homes", "C"]["note"] == "至少：县住房和城乡建设局《住房安全台账》2020年3月有1行被退回、没有计入"


def test_finding_of_a_refused_row_is_not_said_beside_it(gate, con) -> None:
    con.execute("insert into build.quarantine values ('housing', '2020-03', 31, 3100100000007, 'H1', null, null, null)")
    noticed = error(severity="warning", source="intake", submission=31, row=7)
    assert "提示" not in gate(noticed)["homes", "C"]["note"]
    assert "提示" in gate(noticed, replace(noticed, row=8))["homes", "C"]["note"]


def test_refused_row_of_a_submission_not_in_effect_is_not_noted(gate, con) -> None:
    con.execute("insert into build.quarantine values ('housing', '2020-03', 30, 1, null, null, null, null)")
    assert not noted(gate(), "homes")


def test_figure_without_declared_extracts_is_refused(gate, con) -> None:
    con.execute("delete from build.dependency where breakdown = 'grade=C'")
    with pytest.raises(UndeclaredError, match="homes grade=C"):
        gate()


def test_findings_are_kept_with_numbers_that_do_not_depend_on_their_order(gate, con) -> None:
    first, second = error(row=1), error(row=2, indicators=("homes",))
    gate(first, second)
    numbered = con.execute("select id, row, indicators, waived from publish.finding").fetchall()
    assert numbered == [("F0001", 1, [], False), ("F0002", 2, ["homes"], False)]
    gate(second, first)
    assert con.execute("select id, row, indicators, waived from publish.finding").fetchall() == numbered
