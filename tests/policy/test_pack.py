"""The questions that a pack answers: names, deadlines, rules in force, codes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.policy import load_pack
from pipelines.settings import PROJECT


@pytest.fixture(scope="module")
def pack():
    return load_pack(PROJECT / "policies" / "menghai")


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


def test_deadline_of_one_extract_goes_before_that_of_all_and_keeps_to_month_ends(
    spoil,
) -> None:
    own = "deadlines:\n  - {duty: extract, clause: MH20-013, months_after: 1, day: 30, extract: housing}"
    pack = load_pack(spoil("calendar.yml", "deadlines:", own))
    assert pack.deadline("housing", "2020-01") == date(2020, 2, 29)
    assert pack.deadline("hh_register", "2020-01") == date(2020, 2, 15)


def test_no_deadline_is_an_error(spoil) -> None:
    pack = load_pack(spoil("calendar.yml", "duty: extract", "duty: report"))
    with pytest.raises(LookupError):
        pack.deadline("housing", "2020-01")


@pytest.mark.parametrize(("period", "count"), [("2020-02", 0), ("2020-03", 1), ("2021-12", 1)])
def test_rule_holds_from_the_month_of_its_document(pack, period: str, count: int) -> None:
    assert len(pack.rules_in_force(period)) == count


def test_changed_within_a_month_the_later_version_rules(menghai: Path) -> None:
    rules = (menghai / "rules.yml").read_text(encoding="utf-8")
    older = rules.replace("2020-03-18", "2019-01-01").replace("effective_to: null", "effective_to: 2020-03-17")
    (menghai / "rules.yml").write_text(rules + older.replace("threshold: 5000", "threshold: 6000"), encoding="utf-8")
    pack = load_pack(menghai)
    assert [r.threshold for p in ("2020-02", "2020-03") for r in pack.rules_in_force(p)] == [6000, 5000]


def test_word_means_a_code_spaces_aside(pack) -> None:
    assert pack.code_for("cause", " 缺\u3000劳动力 ") == "labour_shortage"
    assert pack.code_for("cause", "因懒") is None
    assert pack.code_title("cause", "labour_shortage") == "缺劳力"
    assert pack.code_title("cause", "labour_shortage", "en") == "Lack of labour"


def test_renamed_department_bears_the_name_of_the_month(spoil) -> None:
    old = "[{name: 县扶贫办, en: Poverty Alleviation Office}]"
    renamed = """
  - {name: 县乡村振兴局, en: Rural Revitalization Bureau, effective_from: 2021-06-01}
  - {name: 县扶贫办, en: Poverty Alleviation Office, effective_to: 2021-05-31}"""
    pack = load_pack(spoil("departments.yml", old, renamed))
    assert pack.department_name("poverty_office", "2021-05") == "县扶贫办"
    assert pack.department_name("poverty_office", "2021-06") == "县乡村振兴局"
    assert pack.department_name("poverty_office") == "县乡村振兴局"


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
