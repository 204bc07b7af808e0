"""The questions that a pack answers: names, deadlines, rules in force, codes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.policy import load_pack
from pipelines.settings import PROJECT


@pytest.fixture(scope="module")
def pack():
    return load_pack(PROJECT / "policies" / "menghai")


@pytest.fixture(scope="module")
def county():
    return load_pack(Path(__file__).parent / "invented")


def test_shipped_pack_is_the_county_of_its_documents(pack) -> None:
    assert (pack.area, pack.plan.from_, len(pack.clauses)) == ("532822", "2018-01", 369)
    levels = [a.level for a in pack.areas]
    assert (
        levels.count("county"),
        levels.count("township"),
        levels.count("village"),
    ) == (1, 11, 105)


def test_deadline_is_in_the_month_after(pack) -> None:
    assert pack.deadline("med_settlement", "2020-03") == date(2020, 4, 15)
    assert pack.deadline("med_settlement", "2020-12") == date(2021, 1, 15)


def test_deadline_of_one_extract_goes_before_that_of_all_and_keeps_to_month_ends(county) -> None:
    assert county.deadline("housing", "2020-01") == date(2020, 2, 29)
    assert county.deadline("housing", "2021-01") == date(2021, 2, 28)
    assert county.deadline("hh_register", "2020-01") == date(2020, 2, 5)


def test_no_deadline_is_an_error(spoil) -> None:
    pack = load_pack(spoil("calendar.yml", "extracts: all", "extracts: [water]"))
    with pytest.raises(LookupError):
        pack.deadline("hh_register", "2020-01")


SELF_PAID = [
    "mh20_self_paid",
    *(f"mh20_self_paid_{cause}" for cause in ("schooling", "illness", "disaster", "disability")),
]


@pytest.mark.parametrize(("period", "rules"), [("2020-02", []), ("2020-03", SELF_PAID), ("2021-12", SELF_PAID)])
def test_rule_holds_from_the_month_of_its_document(pack, period: str, rules: list[str]) -> None:
    assert [r.rule for r in pack.rules_in_force(period) if r.clause.startswith("MH20-01")] == rules


@pytest.mark.parametrize(
    ("period", "thresholds"),
    [
        ("2020-12", []),
        ("2021-01", [3500]),
        ("2021-12", [3500]),
        ("2022-01", []),
        ("2022-05", []),
        ("2022-06", [Decimal("3900.5")]),
        ("2022-12", [Decimal("3900.5")]),
        ("2023-01", []),
    ],
)
def test_rule_with_a_setting_has_the_value_of_the_month_and_stops_without_one(county, period: str, thresholds) -> None:
    assert [r.threshold for r in county.rules_in_force(period) if r.rule == "income"] == thresholds


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("2020-12", "2021-01-01 起施行"),
        ("2022-03", "待定参数 line 在 2022-03 没有值，由县乡村局设定"),
        ("2023-01", "已于 2022-12-31 失效"),
    ],
)
def test_rule_that_is_off_says_why(county, period: str, why: str) -> None:
    assert {i.name: i.why for i in county.idle(period)}["income"].startswith(why)


def test_rule_without_measure_target_without_value_and_duty_without_interval_say_what_they_wait_for(county) -> None:
    idle = {i.name: (i.kind, i.clause, i.why) for i in county.idle("2022-07")}
    assert idle == {
        "self_paid": ("rule", "EX21-001", "同一事项由另一文件规定"),
        "transfer": ("rule", "EX22-002", "尚无测量值 transfer_income_yuan"),
        "raised": ("target", "EX21-002", "待定参数 goal 没有设定"),
        "later": ("target", "EX21-002", "尚无指标 happiness"),
        "screening": ("duty", "EX21-005", "待定参数 screening 没有设定"),
    }
    assert [t.target for t in county.targets] == ["trained"]


def test_target_takes_its_value_from_a_setting(spoil) -> None:
    pack = load_pack(spoil("settings.yml", "unit: percent", "unit: percent\n  values: [{value: 12, clause: EX21-002}]"))
    assert {t.target: t.value for t in pack.targets} == {"trained": 500, "raised": 12}


@pytest.mark.parametrize(
    ("ruling", "first", "second"),
    [
        ("both", ["2021-01-01..2022-12-31"], ["2022-07-01..2022-10-31"]),
        ("latest", ["2021-01-01..2022-06-30", "2022-11-01..2022-12-31"], ["2022-07-01..2022-10-31"]),
        ("示例发〔2022〕2号", ["2021-01-01..2022-06-30", "2022-11-01..2022-12-31"], ["2022-07-01..2022-10-31"]),
        ("示例发〔2021〕1号", ["2021-01-01..2022-12-31"], []),
    ],
)
def test_which_document_rules_on_one_subject_is_a_setting(
    spoil, ruling: str, first: list[str], second: list[str]
) -> None:
    pack = load_pack(spoil("settings.yml", "self_paid: latest", f"self_paid: {ruling}"))
    spans = [(r.rule, f"{r.effective_from}..{r.effective_to}") for r in pack.rules]
    assert [span for rule, span in spans if rule == "self_paid"] == first
    assert [span for rule, span in spans if rule == "self_paid_2"] == second


@pytest.mark.parametrize(("period", "count"), [("2020-03", 0), ("2020-04", 1), ("2021-04", 1), ("2021-05", 0)])
def test_rule_lapses_with_its_document(period: str, count: int) -> None:
    xinfeng = load_pack(PROJECT / "policies" / "xinfeng")
    entry = next(e for e in xinfeng.rule_entries if e.clause == "XF20-026")
    pack = xinfeng.model_copy(
        update={"rule_entries": (entry.model_copy(update={"measure": "any", "awaits": ""}),)}
    ).resolved()
    assert [str(r.effective_to) for r in pack.rules] == ["2021-04-06"]
    assert len(pack.rules_in_force(period)) == count


@pytest.mark.parametrize(
    ("day", "there"), [("2020-04-06", False), ("2020-04-07", True), ("2021-04-06", True), ("2021-04-07", False)]
)
def test_a_rule_holds_to_the_last_day_of_its_document(day: str, there: bool) -> None:
    pack = load_pack(PROJECT / "policies" / "xinfeng")
    rules = {r.rule for r in pack.rules if r.clause.startswith("XF20")}
    on_the_day = {r.rule: r.threshold for r in pack.rules_in_force(date.fromisoformat(day))}
    assert rules and set(on_the_day) == (rules if there else set())


def test_changed_within_a_month_the_later_version_rules(invented: Path) -> None:
    rules = (invented / "rules.yml").read_text(encoding="utf-8")
    older = rules.split("- rule: transfer")[0].split("- rule: self_paid_2")[1].split("- rule: income")[0]
    version = "- rule: self_paid_2" + older.replace("4000", "5000").replace("to: 2022-10-31", "from: 2022-11-01")
    (invented / "rules.yml").write_text(
        rules.replace("2022-10-31", "2022-10-15") + version.replace("11-01", "10-16"), encoding="utf-8"
    )
    pack = load_pack(invented)
    met = [r.threshold for p in ("2022-09", "2022-10") for r in pack.rules_in_force(p) if r.rule == "self_paid_2"]
    assert met == [4000, 5000]


def test_word_means_a_code_spaces_aside(pack) -> None:
    assert pack.code_for("cause", " 缺\u3000劳动力 ") == "labour_shortage"
    assert pack.code_for("cause", "因懒") is None
    assert pack.code_for("cause", "labour_shortage") == "labour_shortage"
    assert pack.code_for("cause", "labour") is None
    assert pack.code_title("cause", "labour_shortage") == "缺劳力"
    assert pack.code_title("cause", "labour_shortage", "en") == "Lack of labour"


def test_renamed_department_bears_the_name_of_the_month(county) -> None:
    assert county.department_name("poverty_office", "2021-05") == "县扶贫办"
    assert county.department_name("poverty_office", "2021-06") == "县乡村局"
    assert county.department_name("poverty_office") == "县乡村局"


def test_department_is_known_by_every_name_it_bore_or_goes_by(county) -> None:
    names = ("县扶贫办", "县 乡村局", "县乡村局（原扶贫办）", "民政部门", "县民政局")
    assert [county.department_for(n) for n in names] == ["poverty_office"] * 3 + ["civil_affairs"] * 2
    assert county.department_for("县外事办") is None


@pytest.mark.parametrize(
    ("written", "needs"),
    [
        ("water.tap", {"water": ("tap",)}),
        ("water.{tap,date}; housing.*", {"water": ("tap", "date"), "housing": ("*",)}),
        ("water.tap; water.{date,tap}", {"water": ("tap", "date")}),
        ("civil_aid.{aid_type='低保', amount}", {"civil_aid": ("aid_type", "amount")}),
        ("case_event.step='审定'", {"case_event": ("step",)}),
        ("survey_form.{water,health}", {"survey_form": ("water", "health")}),
        ("visit_log.guarantee_*", {"visit_log": ("guarantee_*",)}),
        ("water, housing joined on hh_id", {"water": (), "housing": (), "joined": (), "on": (), "hh_id": ()}),
        ("", {}),
    ],
)
def test_what_a_clause_needs_is_read_from_the_register(pack, written: str, needs: dict[str, tuple[str, ...]]) -> None:
    clause = next(iter(pack.clauses.values())).model_copy(update={"data_needed": written})
    assert clause.needs == needs


def test_the_clauses_that_need_an_extract_are_those_that_name_it(pack) -> None:
    found = [c.id for c in pack.clauses_needing("water")]
    assert "MH18-260" in found  # named in words
    assert found == [c for c in pack.clauses if c in found]
    assert pack.clauses_needing("public_post", None) == pack.clauses_needing("public_post")
    both = {c.id for c in pack.clauses_needing("water", "public_post")}
    assert both == {c.id for name in ("water", "public_post") for c in pack.clauses_needing(name)}
    assert pack.clauses_needing("no_such") == []


def test_townships_answer_under_their_own_names(pack) -> None:
    assert pack.department_name("townships", "2020-01", "532822101") == "勐海镇"
    assert pack.department_name("townships", "2020-01", "532822") == "各乡镇"
    assert pack.department_name("townships") == "各乡镇"
    assert pack.department_name("finance", "2020-01", "532822101") == "县财政局"
