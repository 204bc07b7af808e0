"""A wrong pack is refused with the file, the place in it, what is wrong and how to mend it."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.policy import PolicyError, Problem, load_pack
from pipelines.settings import PROJECT

RULE = """- rule: self_paid_2
  title: {zh: 另一版, en: Another version}
  clause: EX22-001
  measure: medical_self_paid_yuan
  window: month
  comparator: ">"
  threshold: 6000
  unit: yuan
  applies_to: all
  effective_from: %s
  effective_to: %s
"""


def problems(directory: Path) -> list[Problem]:
    with pytest.raises(PolicyError) as refused:
        load_pack(directory)
    return list(refused.value.problems)


def test_invented_county_is_whole(invented: Path) -> None:
    assert [a.level for a in load_pack(invented).areas] == ["county", "village", "village"]


@pytest.mark.parametrize(
    ("file", "old", "new", "path", "what"),
    [
        ("rules.yml", "clause: EX21-001", "clause: EX21-999", "[0].clause", "EX21-999"),
        ("rules.yml", 'comparator: ">="', "comparator: exceeds", "[0].comparator", "不在可用的值"),
        ("rules.yml", "  unit: yuan\n", "", "[0].unit", "缺少"),
        ("rules.yml", "unit: yuan", "unit: ''", "[0].unit", "是空的"),
        ("rules.yml", "threshold: 3000", "threshold: 五千", "[0].threshold", "不是数"),
        ("rules.yml", "  threshold: 3000\n", "", "[0]", "threshold"),
        ("rules.yml", "threshold: 3000", "threshold: 3000\n  setting: line", "[0]", "threshold"),
        ("rules.yml", "setting: line", "setting: lines", "[2].setting", "lines"),
        ("rules.yml", "setting: line\n  unit: yuan", "setting: line\n  unit: percent", "[2].unit", "percent"),
        ("rules.yml", "  measure: medical_self_paid_yuan\n", "", "[0]", "measure"),
        ("rules.yml", "awaits: transfer_income_yuan", "awaits: a\n  measure: b", "[3]", "measure"),
        ("rules.yml", "effective_to: 2022-10-31", "effective_to: 2022-10-32", "[1].effective_to", "不是日期"),
        ("rules.yml", "effective_to: 2022-10-31", "effective_to: 2022-06-30", "[1]", "倒置"),
        ("rules.yml", "applies_to: registered", "applies_to: everyone", "[0].applies_to", "everyone"),
        ("rules.yml", "  window: quarter", "  windows: quarter", "[0].windows", "没有这样的项"),
        ("targets.yml", "clause: EX21-002", "clause: EX21-999", "[0].clause", "EX21-999"),
        ("targets.yml", "clause: EX21-002, owner", "owner", "[0].clause", "缺少"),
        ("targets.yml", "owner: human_resources", "owner: nobody", "[0].owner", "nobody"),
        ("targets.yml", "due: 2022-12", "due: 2022-13", "[0].due", "不是月份"),
        ("targets.yml", "due: 2022-12", "due: 2020-12", "[0].due", "早于"),
        ("targets.yml", "due: 2022-12", "breakdown: causes=illness, due: 2022-12", "[0].breakdown", "causes=illness"),
        ("targets.yml", "due: 2022-12", "area: '999', due: 2022-12", "[0].area", "999"),
        ("targets.yml", "target: raised", "target: trained", "[1]", "重复"),
        ("targets.yml", "indicator: trained_person_times, ", "", "[0]", "indicator"),
        ("targets.yml", "value: 500", "value: 500, setting: goal", "[0]", "value"),
        ("targets.yml", "setting: goal", "setting: goals", "[1].setting", "goals"),
        ("targets.yml", "setting: goal, unit: percent", "setting: goal, unit: yuan", "[1].unit", "percent"),
        ("settings.yml", "clauses: [EX22-001]", "clauses: [EX22-999]", "ruling_document.clauses[0].clause", "EX22-999"),
        ("settings.yml", "  owner: poverty_office\n", "", "ruling_document.owner", "缺少"),
        ("settings.yml", "owner: poverty_office", "owner: nobody", "ruling_document.owner", "nobody"),
        ("settings.yml", "self_paid: latest", "self_paid: 示例发〔2020〕9号", "ruling_document.values[0]", "9号"),
        ("settings.yml", "  unit: yuan\n", "", "line.unit", "没有单位"),
        ("settings.yml", "value: 3500, set_on: 2021-01-05", "value: 3500", "line.values[0]", "出处"),
        ("settings.yml", "value: 3900.5, clause: EX22-002", "value: 3900.5, clause: EX22-002, set_on: 2022-06-01",
         "line.values[1]", "出处"),
        ("settings.yml", "value: 3500, set_on", "set_on", "line.values[0]", "product"),
        ("settings.yml", "value: 3500, set_on", "value: 3500, product: [goal], set_on", "line.values[0]", "product"),
        ("settings.yml", "value: 3500, set_on", "product: [lines], set_on", "line.values[0].product", "没有 lines"),
        ("settings.yml", "value: 3500, set_on", "product: [ruling_document], set_on", "line.values[0].product", "不是数"),
        ("settings.yml", "value: 3500, set_on", "product: [line], set_on", "line.values[0].product", "不是数"),
        ("settings.yml", "effective_to: 2021-12-31", "effective_to: 2022-06-01", "line.values[1]", "重叠"),
        ("settings.yml", "value: 3500", "value: 三千五", "line.values", "不是数"),
        ("settings.yml", "en: How often households are screened}\n  clauses: [EX21-005]\n  owner: poverty_office",
         "en: How often}\n  clauses: [EX21-005]\n  owner: poverty_office\n  values: [{value: daily, set_on: 2021-01-01}]",
         "screening.values", "不是周期"),
        ("calendar.yml", "day: 5", "day: 32", "monthly_data.day", ""),
        ("calendar.yml", "clause: EX21-003", "clause: EX21-999", "monthly_data.clause", "EX21-999"),
        ("calendar.yml", "  clause: EX21-003\n", "", "monthly_data", "没有出处"),
        ("calendar.yml", "clause: EX21-003", "reading: {owner: nobody, set_on: 2021-01-01}",
         "monthly_data.reading.owner", "nobody"),
        ("calendar.yml", "every: month", "every: week\n  date: 2021-01-01", "monthly_data", "date"),
        ("calendar.yml", "  every: month\n", "", "monthly_data", "every"),
        ("calendar.yml", "every: month\n  months_after: 1\n  day: 30", "every: week\n  day: 8", "housing_data", "第 8 天"),
        ("calendar.yml", "  extracts: all\n", "", "monthly_data", "由谁"),
        ("calendar.yml", "owes: [villages]", "owes: [nobody]", "screening.owes[0]", "nobody"),
        ("calendar.yml", "setting: screening", "setting: screenings", "screening.setting", "screenings"),
        ("areas.csv", "乙村,village,999999", "乙村,village,9999", "第 4 行", "9999 不在"),
        ("areas.csv", "乙村,village,999999", "乙村,village,", "parent", "999999002"),
        ("areas.csv", "乙村,village,999999", "乙村,village,999999002", "第 4 行", "自己的上级"),
        ("areas.csv", "999999002,乙村", "999999001,乙村", "第 4 行", "重复"),
        ("areas.csv", "乙村", "甲村", "第 4 行", "重复"),
        ("clauses.csv", "EX21-002,", "EX21-001,", "第 3 行", "重复"),
        ("clauses.csv", "示例发〔2021〕1号", "示例发〔2021〕3号", "第 2 行.doc_no", "3号"),
        ("codes.yml", "[因雪]", "[因雪, 因大病]", "cause.illness.zh[1]", "因大病"),
        ("codes.yml", "zh: [因雪]", "zh: []", "cause.snow.zh", ""),
        ("codes.yml", "  illness: {zh", "  snow: {zh", "第 3 行", "repeated"),
        ("codes.yml", ", common: disaster", "", "cause.snow.common", "通用代码"),
        ("codes.yml", "common: disaster", "common: bad_luck", "cause.snow.common", "bad_luck"),
        ("codes.yml", "common: marginal", "common: marginals", "hh_type.watched.common", "marginals"),
        ("pack.yml", "base: national", "base: nation", "base", "nation"),
        ("pack.yml", 'area: "999999"', "area: 999999", "area", "文字"),
        ("pack.yml", "to: 2022-12}", "to: 2020-12}", "plan", "倒置"),
        ("pack.yml", "〔2022〕2号", "〔2021〕1号", "documents[1]", "重复"),
        ("departments.yml", "effective_from: 2021-06-01", "effective_from: 2021-05-31", "poverty_office.1", "重叠"),
    ],
)  # fmt: skip
def test_one_fault_names_its_place(spoil, file: str, old: str, new: str, path: str, what: str) -> None:
    found = problems(spoil(file, old, new))
    assert any(p.file == file and p.path == path and what in p.what and p.mend for p in found), found


def test_a_line_that_is_a_multiple_of_another_has_a_value_where_both_have_one(spoil) -> None:
    factors = """standard:
  title: {zh: 标准, en: Standard}
  clauses: [EX21-004]
  owner: poverty_office
  unit: yuan
  values:
    - {value: 2000, clause: EX21-004, effective_from: 2021-01-01, effective_to: 2021-06-30}
    - {value: 2200, clause: EX21-004, effective_from: 2021-07-01}
times:
  title: {zh: 倍数, en: Times}
  clauses: [EX21-004]
  owner: poverty_office
  unit: times
  values:
    - {value: 1.5, clause: EX21-004, effective_from: 2021-03-01}
line:"""
    spoil("settings.yml", "\nline:", f"\n{factors}")
    pack = load_pack(spoil("settings.yml", "value: 3500, set_on", "product: [standard, times], set_on"))
    months = ("2021-02", "2021-03", "2021-06", "2021-07", "2021-12", "2022-01", "2022-06")
    lines = [pack.setting("line", month) for month in months]
    assert lines == [None, 3000, 3000, 3300, 3300, None, Decimal("3900.5")]


def test_all_faults_are_said_at_once(spoil) -> None:
    spoil("rules.yml", "clause: EX21-001", "clause: EX21-999")
    spoil("targets.yml", "due: 2022-12", "due: 2022-13")
    spoil("settings.yml", "owner: poverty_office", "owner: nobody")
    found = problems(spoil("codes.yml", "[因雪]", "[因雪, 因病]"))
    assert {p.file for p in found} == {"rules.yml", "targets.yml", "settings.yml", "codes.yml"}


def test_missing_file_and_broken_yaml_do_not_stop_the_reading(invented: Path) -> None:
    (invented / "departments.yml").unlink()
    (invented / "rules.yml").write_text("- rule: [", encoding="utf-8")
    (invented / "areas.csv").write_bytes("code,name\n1,示例".encode("gb18030"))
    assert {"departments.yml", "rules.yml", "areas.csv"} <= {p.file for p in problems(invented)}


def test_map_that_is_none_and_entry_without_fields_are_faults(invented: Path) -> None:
    (invented / "calendar.yml").write_text("monthly_data: 15", encoding="utf-8")
    (invented / "codes.yml").write_text("cause: snow", encoding="utf-8")
    assert {"calendar.yml", "codes.yml"} <= {p.file for p in problems(invented)}


@pytest.mark.parametrize(
    ("first_day", "last_day", "refused"),
    [
        ("2022-11-01", "null", False),
        ("2022-10-31", "null", True),
        ("2022-07-01", "2022-07-01", True),
        ("2022-01-01", "2022-06-30", False),
    ],
)
def test_versions_of_a_rule_may_touch_but_not_overlap(
    invented: Path, first_day: str, last_day: str, refused: bool
) -> None:
    with (invented / "rules.yml").open("a", encoding="utf-8") as rules:
        rules.write(RULE % (first_day, last_day))
    if refused:
        assert [p.path for p in problems(invented)] == ["[4]"]
    else:
        assert len(load_pack(invented).rule_entries) == 5


def test_faults_of_the_base_are_those_of_its_file(invented: Path) -> None:
    base = invented.parent / "national"
    shutil.copytree(PROJECT / "policies" / "national", base)
    (base / "codes.yml").write_text(
        "relation: {head: {zh: [户主]}, spouse: {zh: [户主], en: Spouse}}", encoding="utf-8"
    )
    assert [(p.file, p.path) for p in problems(invented)] == [("national/codes.yml", "relation.head.en")]


def test_base_is_looked_up_beside_the_pack_then_among_the_shipped(invented: Path) -> None:
    shipped = load_pack(invented)
    assert shipped.code_for("relation", "户主") == "head"
    base = invented.parent / "national"
    shutil.copytree(PROJECT / "policies" / "national", base)
    (base / "codes.yml").write_text("relation: {master: {zh: [户主], en: Head}}", encoding="utf-8")
    beside = load_pack(invented)
    assert (beside.code_for("relation", "户主"), "structure" in beside.codes) == ("master", False)
    assert beside.sha256 != shipped.sha256


def test_county_replaces_map_by_map_department_by_department_duty_by_duty(menghai: Path) -> None:
    with (menghai / "codes.yml").open("a", encoding="utf-8") as codes:
        codes.write("relation:\n  master: {zh: [当家人], en: Head}\n")
    with (menghai / "departments.yml").open("a", encoding="utf-8") as departments:
        departments.write("emergency: [{name: 县应急局, en: Emergency}]\n")
    pack = load_pack(menghai)
    assert list(pack.codes["relation"]) == ["master"]
    assert pack.code_for("structure", "砖混") == "brick_concrete"
    assert [d.name for d in pack.departments["emergency"]] == ["县应急局"]
    assert pack.department_name("finance") == "县财政局"
    assert [d.clause for d in pack.duties if d.duty == "monthly_data"] == ["MH20-013"]


def test_hash_is_over_every_file(invented: Path) -> None:
    before = load_pack(invented).sha256
    assert load_pack(invented).sha256 == before
    (invented / "README.md").write_text("another", encoding="utf-8")
    assert load_pack(invented).sha256 != before
