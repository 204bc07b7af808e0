"""Definitions: what a figure waits for is read from the facts that it names, and a pack is held against them."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.indicators import Catalogue, Cell, Indicator, IndicatorError, load_catalogue
from pipelines.policy import Pack, load_pack
from pipelines.policy.pack import SettingValue
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Settings.load({}).policy_dir)


@pytest.mark.parametrize(
    ("indicator", "breakdown", "extracts"),
    [
        ("poor_households", "", {"hh_register": "month"}),
        ("poor_household_share", "cause=illness", {"hh_register": "month"}),
        ("sanitary_toilet_share", "", {"village_sanitation": "month"}),
        ("trained_persons", "", {"hh_register": "plan", "person_register": "plan", "training_record": "plan"}),
        (
            "relocated_with_skill",
            "",
            {"hh_register": "month", "person_register": "month", "relocation": "month", "training_record": "plan"},
        ),
        (
            "warned_households",
            "rule=mh20_self_paid_illness",
            {"hh_register": "month", "med_settlement": "month", "person_register": "month"},
        ),
        (
            "warned_households",
            "rule=mh20_self_paid",
            dict.fromkeys(
                ("disability", "disaster_event", "edu_student", "hh_register", "med_settlement", "person_register"),
                "month",
            ),
        ),
    ],
)
def test_a_figure_waits_for_the_extracts_behind_the_facts_it_names(
    pack: Pack, indicator: str, breakdown: str, extracts: dict[str, str]
) -> None:
    dim, _, value = breakdown.partition("=")
    assert load_catalogue().waits_for(Cell(indicator, breakdown, dim, value), pack, "2020-03") == extracts


def test_a_rule_has_a_cell_only_in_months_in_which_it_is_in_force(pack: Pack) -> None:
    cells = {
        month: {c.value for c in load_catalogue().cells(pack, month) if c.dim == "rule"}
        for month in ("2020-02", "2020-03")
    }
    before = {"mh18_customs", "mh18_loan_misused"}
    assert cells["2020-02"] == before
    assert cells["2020-03"] - before == {rule.rule for rule in pack.rules if rule.rule.startswith("mh20_")}


def test_every_breakdown_has_a_cell_for_unknown(pack: Pack) -> None:
    causes = [
        c.value
        for c in load_catalogue().cells(pack, "2020-03")
        if c.indicator == "poor_households" and c.dim == "cause"
    ]
    assert causes[-1] == "unknown"
    assert len(causes) == len(pack.codes["cause"]) + 1


def test_every_fault_of_a_pack_is_said_at_once(pack: Pack) -> None:
    wrong = pack.model_copy(
        update={
            "rules": (pack.rules[0].model_copy(update={"measure": "shoe_size"}),),
            "targets": (pack.targets[0].model_copy(update={"indicator": "happiness"}),),
        }
    )
    with pytest.raises(IndicatorError) as caught:
        load_catalogue().check(wrong)
    assert "shoe_size" in str(caught.value) and "happiness" in str(caught.value)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"clauses": ["MH18-001"]}, False),
        ({"clauses": {"": ["MH18-001"]}}, False),
        ({"own": {"zh": "单列", "en": "told apart"}}, False),
        ({}, True),
        ({"clauses": []}, True),
        ({"clauses": ["MH18-001"], "own": {"zh": "单列", "en": "told apart"}}, True),
    ],
)
def test_an_indicator_names_its_clauses_or_says_why_it_has_none(said: dict[str, Any], refused: bool) -> None:
    word = {"zh": "户", "en": "households"}
    with pytest.raises(ValidationError, match="say in own") if refused else nullcontext():
        Indicator.model_validate({"code": "x", "title": word, "unit": word, "numerator": "1", **said})


@pytest.mark.parametrize("entries", ["rules", "rule_entries"])
@pytest.mark.parametrize(
    ("measure", "window", "refused"),
    [
        ("medical_self_paid_yuan", "month", ""),
        ("medical_self_paid_yuan", "quarter", ""),  # what was paid in a month adds up
        ("medical_self_paid_yuan", "year", ""),
        ("medical_self_paid_yuan", "plan", "adds up over quarter, year"),
        ("net_income_pc_yuan", "month", ""),
        ("net_income_pc_yuan", "quarter", "cannot be added up"),  # last year's income, told again each month
        ("net_income_pc_year_yuan", "year", ""),
        ("net_income_pc_year_yuan", "month", "cannot be added up"),
    ],
)
def test_a_rule_has_the_window_of_its_measure_or_one_that_its_months_add_up_to(
    pack: Pack, entries: str, measure: str, window: str, refused: str
) -> None:
    rule = next(r for r in getattr(pack, entries) if r.measure)
    county = pack.model_copy(update={entries: (rule.model_copy(update={"measure": measure, "window": window}),)})
    if not refused:
        return load_catalogue().check(county)
    with pytest.raises(IndicatorError, match=f"rule {rule.rule} has window '{window}'.*{refused}"):
        load_catalogue().check(county)


def test_a_rule_over_a_wider_window_waits_for_its_months_and_keeps_them(pack: Pack) -> None:
    catalogue = load_catalogue()
    rule = next(r for r in pack.rules if r.measure == "medical_self_paid_yuan")
    wide = rule.model_copy(update={"window": "quarter"})
    assert set(catalogue.rule_waits_for(rule).values()) == {"month"}
    assert set(catalogue.rule_waits_for(wide).values()) == {"quarter"}
    county, period = pack.model_copy(update={"rules": (wide,)}), wide.effective_from.isoformat()[:7]
    assert "quarter" in catalogue.windows("int_household_month", county, period)
    assert "quarter" not in catalogue.windows("int_household_month", pack, period)


@pytest.mark.parametrize(
    ("indicator", "unit", "refused"),
    [
        ("trained_person_times", "person_time", False),
        ("trained_persons", "person_time", True),
        ("trained_person_times", "person", True),
        ("trained_persons", "person", False),
        ("trained_persons", "training", True),  # a unit that the map does not know is not one that it does
        ("safe_housing_share", "percent", False),
    ],
)
def test_person_times_and_persons_are_not_taken_for_each_other(
    pack: Pack, indicator: str, unit: str, refused: bool
) -> None:
    target = pack.targets[0].model_copy(update={"indicator": indicator, "unit": unit})
    wrong = pack.model_copy(update={"targets": (target,)})
    if not refused:
        load_catalogue().check(wrong)
        return
    with pytest.raises(IndicatorError, match=target.target):
        load_catalogue().check(wrong)


def test_a_group_that_no_code_is_in_is_refused_instead_of_counting_zero(pack: Pack) -> None:
    codes = {c: code.model_copy(update={"groups": ()}) for c, code in pack.codes["poverty_status"].items()}
    with pytest.raises(IndicatorError, match="'poor'"):
        load_catalogue().check(pack.model_copy(update={"codes": pack.codes | {"poverty_status": codes}}))


def test_a_group_that_a_macro_or_a_list_of_groups_names_is_held_too(pack: Pack) -> None:
    for code_map, group in (("hh_type", "registered"), ("project_status", "finished"), ("loan_purpose", "allowed")):
        codes = {c: code.model_copy(update={"groups": ()}) for c, code in pack.codes[code_map].items()}
        with pytest.raises(IndicatorError, match=f"'{code_map}' is in the group '{group}'"):
            load_catalogue().check(pack.model_copy(update={"codes": pack.codes | {code_map: codes}}))


def test_every_clause_that_an_indicator_names_exists() -> None:
    named = {clause for indicator in load_catalogue().indicators.values() for clause in indicator.all_clauses}
    shipped = [load_pack(path.parent) for path in Settings.load({}).policies.glob("*/pack.yml")]
    assert named <= {clause for pack in shipped for clause in pack.clauses}


@pytest.mark.parametrize(
    ("breakdown", "clause"), [("", "MH18-035"), ("cause=illness", "MH18-037"), ("cause=unknown", "MH18-035")]
)
def test_a_figure_of_a_cause_has_the_clause_of_that_cause(breakdown: str, clause: str) -> None:
    assert load_catalogue().indicators["poor_households"].clauses_of(breakdown) == (clause,)


def test_the_clause_of_each_cause_is_about_that_cause(pack: Pack) -> None:
    for code in ("poor_households", "poor_persons", "poor_household_share", "poor_person_share"):
        for suffix in ("", "_printed"):
            indicator = load_catalogue().indicators[code + suffix]
            for cause, about in pack.codes["cause"].items():
                [clause] = indicator.clauses_of(f"cause={cause}")
                assert about.zh[0] in pack.clauses[clause].subject_zh


def named(population: str) -> Catalogue:
    """The catalogue with one more indicator whose population is this."""
    catalogue = load_catalogue()
    indicator = catalogue.indicators["registered_households"].model_copy(
        update={"code": "more", "population": population}
    )
    return replace(
        catalogue,
        indicators=catalogue.indicators | {"more": indicator},
        topic=catalogue.topic | {"more": "poverty"},
        subject=catalogue.subject | {"more": catalogue.subject["registered_households"]},
    )


def test_a_setting_that_no_pack_knows_is_refused_and_one_of_another_county_is_not(pack: Pack) -> None:
    with pytest.raises(IndicatorError, match="more needs the setting 'povery_line'"):
        named("hh_register__hh_size > setting.povery_line").check(pack)
    assert "screening_interval" not in pack.settings
    catalogue = named("setting.screening_interval = 'month' and hh_register__is_registered")
    catalogue.check(pack)
    assert catalogue.settings == load_catalogue().settings | {"screening_interval": False}
    cell = Cell("more", "")
    assert catalogue.settings_of(cell, pack, "2020-03") == ["screening_interval"]
    assert load_catalogue().settings_of(Cell("registered_households", ""), pack, "2020-03") == []


@pytest.mark.parametrize(
    ("population", "value", "fault"),
    [
        ("hh_register__net_income_pc_yuan < setting.poverty_line", Decimal(1), None),
        ("hh_register__net_income_pc_yuan < setting.poverty_line", ("a", "b"), "must be a number, a word or yes/no"),
        ("hh_register__net_income_pc_yuan < setting.poverty_line", {"a": "b"}, "must be a number, a word or yes/no"),
        ("array_contains(setting.poverty_line, hh_register__hh_type)", ("a", "b"), None),
        ("array_contains(setting.poverty_line, hh_register__hh_type)", Decimal(1), "must be a list"),
    ],
)
def test_a_setting_has_the_kind_that_expressions_use(
    pack: Pack, population: str, value: Any, fault: str | None
) -> None:
    given = SettingValue(value=value, clause="MH18-104")
    line = pack.settings["poverty_line"].model_copy(update={"values": (given,)})
    with pytest.raises(IndicatorError, match=fault) if fault else nullcontext():
        named(population).check(pack.model_copy(update={"settings": pack.settings | {"poverty_line": line}}))
