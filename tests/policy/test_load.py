"""A wrong pack is refused with the file, the place in it, what is wrong and how to mend it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.policy import PolicyError, Problem, load_pack
from pipelines.settings import PROJECT

RULE = """- rule: mh20_self_paid
  title: {zh: 另一版, en: Another version}
  clause: MH20-014
  measure: medical_self_paid_yuan
  window: month
  comparator: ">"
  threshold: 6000
  unit: yuan
  applies_to: all
  effective_from: 2019-01-01
  effective_to: %s
"""


def problems(directory: Path) -> list[Problem]:
    with pytest.raises(PolicyError) as refused:
        load_pack(directory)
    return list(refused.value.problems)


@pytest.mark.parametrize(
    ("file", "old", "new", "path", "what"),
    [
        ("rules.yml", "clause: MH20-014", "clause: MH20-999", "[0].clause", "MH20-999"),
        ("rules.yml", 'comparator: ">"', "comparator: exceeds", "[0].comparator", "不在可用的值"),
        ("rules.yml", "  unit: yuan\n", "", "[0].unit", "缺少"),
        ("rules.yml", "threshold: 5000", "threshold: 五千", "[0].threshold", "不是数"),
        ("rules.yml", "from: 2020-03-18", "from: 2020-03-32", "[0].effective_from", "不是日期"),
        ("rules.yml", "effective_to: null", "effective_to: 2020-03-17", "[0]", "倒置"),
        ("rules.yml", "applies_to: all", "applies_to: everyone", "[0].applies_to", "everyone"),
        ("rules.yml", "  window: month", "  windows: month", "[0].windows", "没有这样的项"),
        ("targets.yml", "clause: MH18-137", "clause: MH18-999", "[0].clause", "MH18-999"),
        ("targets.yml", "due: 2020-12", "due: 2020-13", "[0].due", "不是月份"),
        ("targets.yml", "due: 2020-12", "due: 2017-12", "[0].due", "早于"),
        ("targets.yml", "due: 2020-12", "breakdown: causes=illness, due: 2020-12", "[0].breakdown", "causes=illness"),
        ("targets.yml", "due: 2020-12", "area: '999', due: 2020-12", "[0].area", "999"),
        ("targets.yml", "transferred_person_times_2020", "trained_person_times_2020", "[1]", "重复"),
        ("areas.csv", "勐宋乡,township,532822", "勐宋乡,township,5328", "第 9 行", "5328 不在"),
        ("areas.csv", "勐宋乡,township,532822", "勐宋乡,township,", "parent", "532822201"),
        ("areas.csv", "勐宋乡,township,532822", "勐宋乡,township,532822201201", "第 9 行", "自己的上级"),
        ("areas.csv", "532822201,勐宋乡", "532822202,勐宋乡", "第 10 行", "重复"),
        ("clauses.csv", "MH18-002,", "MH18-001,", "第 3 行", "重复"),
        ("clauses.csv", "海发〔2018〕18号,一（一）", "海发〔2018〕19号,一（一）", "第 2 行.doc_no", "19号"),
        ("codes.yml", "[因残]", "[因残, 因 病]", "cause.disability.zh[1]", "因病"),
        ("codes.yml", "zh: [因残]", "zh: []", "cause.disability.zh", ""),
        ("codes.yml", "  disability: {zh: [因残]", "  illness: {zh: [因残]", "第 7 行", "repeated"),
        ("pack.yml", "base: national", "base: nation", "base", "nation"),
        ("calendar.yml", "day: 15", "day: 32", "deadlines[0].day", ""),
        ("calendar.yml", "MH20-013", "MH20-999", "deadlines[0].clause", "MH20-999"),
        ("pack.yml", 'area: "532822"', "area: 532822", "area", "文字"),
        ("pack.yml", "to: 2020-12\n", "to: 2017-12\n", "plan", "倒置"),
        ("departments.yml", "{name: 县扶贫办, en: Poverty Alleviation Office}", "{name: 甲, en: A}, {name: 乙, en: B}",
         "poverty_office.1", "重叠"),
    ],
)  # fmt: skip
def test_one_fault_names_its_place(spoil, file: str, old: str, new: str, path: str, what: str) -> None:
    found = problems(spoil(file, old, new))
    assert any(p.file == file and p.path == path and what in p.what and p.mend for p in found), found


def test_all_faults_are_said_at_once(spoil) -> None:
    spoil("rules.yml", "clause: MH20-014", "clause: MH20-999")
    spoil("targets.yml", "due: 2020-12", "due: 2020-13")
    found = problems(spoil("codes.yml", "[因残]", "[因残, 因病]"))
    assert {p.file for p in found} == {"rules.yml", "targets.yml", "codes.yml"}


def test_missing_file_and_broken_yaml_do_not_stop_the_reading(menghai: Path) -> None:
    (menghai / "departments.yml").unlink()
    (menghai / "rules.yml").write_text("- rule: [", encoding="utf-8")
    (menghai / "areas.csv").write_bytes("code,name\n1,勐海".encode("gb18030"))
    assert {"departments.yml", "rules.yml", "areas.csv"} <= {p.file for p in problems(menghai)}


@pytest.mark.parametrize(
    ("last_day", "refused"),
    [("2020-03-17", False), ("2020-03-18", True), ("null", True)],
)
def test_versions_of_a_rule_may_touch_but_not_overlap(menghai: Path, last_day: str, refused: bool) -> None:
    with (menghai / "rules.yml").open("a", encoding="utf-8") as rules:
        rules.write(RULE % last_day)
    if refused:
        assert [p.path for p in problems(menghai)] == ["[1]"]
    else:
        assert len(load_pack(menghai).rules) == 2


def test_faults_of_the_base_are_those_of_its_file(menghai: Path) -> None:
    base = menghai.parent / "national"
    shutil.copytree(PROJECT / "policies" / "national", base)
    (base / "codes.yml").write_text(
        "relation: {head: {zh: [户主]}, spouse: {zh: [户主], en: Spouse}}", encoding="utf-8"
    )
    assert [(p.file, p.path) for p in problems(menghai)] == [("national/codes.yml", "relation.head.en")]


def test_base_is_looked_up_beside_the_pack_then_among_the_shipped(menghai: Path) -> None:
    shipped = load_pack(menghai)
    assert shipped.code_for("relation", "户主") == "head"
    base = menghai.parent / "national"
    base.mkdir()
    (base / "codes.yml").write_text("relation: {master: {zh: [户主], en: Head}}", encoding="utf-8")
    beside = load_pack(menghai)
    assert (beside.code_for("relation", "户主"), "structure" in beside.codes) == ("master", False)
    assert beside.sha256 != shipped.sha256


def test_county_replaces_map_by_map_and_department_by_department(menghai: Path) -> None:
    with (menghai / "codes.yml").open("a", encoding="utf-8") as codes:
        codes.write("relation:\n  master: {zh: [当家人], en: Head}\n")
    with (menghai / "departments.yml").open("a", encoding="utf-8") as departments:
        departments.write("emergency: [{name: 县应急局, en: Emergency}]\n")
    pack = load_pack(menghai)
    assert list(pack.codes["relation"]) == ["master"]
    assert pack.code_for("structure", "砖混") == "brick_concrete"
    assert [d.name for d in pack.departments["emergency"]] == ["县应急局"]
    assert pack.department_name("finance") == "县财政局"


def test_hash_is_over_every_file(menghai: Path) -> None:
    before = load_pack(menghai).sha256
    assert load_pack(menghai).sha256 == before
    (menghai / "README.md").write_text("another", encoding="utf-8")
    assert load_pack(menghai).sha256 != before
