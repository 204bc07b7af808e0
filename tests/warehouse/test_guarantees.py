"""The two worries, the three guarantees, drinking water and the eight haves: met, a gap or unknown, and changed in one month only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, County, household, person
from tests.warehouse.test_plan_clauses import counted

BEFORE = "2020-02"
ITEMS = ("food", "clothing", "education", "medical", "housing", "water")
AGED_12, AGED_14, AGED_15, AGED_17 = (date(2020 - years, 3, 31) for years in (12, 14, 15, 17))
LEDGER = {"is_out_of_school": True, "ledger_date": date(2020, 3, 1)}


def told(county: County, month: str = MONTH, **changed: list[dict[str, Any]] | None) -> None:
    """Every table of a household of one adult that meets everything; ``changed``: its rows, or None where it has not come."""
    tables: dict[str, list[dict[str, Any]] | None] = {
        "hh_register": [household("h1")],
        "person_register": [person("h1", "p1", birth_date=date(1980, 1, 1), school_stage="not_student")],
        "visit_log": [{"hh_id": "h1", "visit_id": "1", "food_ok": True, "clothing_ok": True, "eight_have_items": 8}],
        "edu_student": [],
        "school_dropout": [],
        "insurance_enrol": [{"person_id": "p1", "year": 2020, "medical_enrolled": True}],
        "health_case": [],
        "housing": [{"hh_id": "h1", "dwelling_id": "1", "house_grade": "A", "occupied": True}],
        "water": [{"hh_id": "h1", "secured": True}],
    }
    for extract, rows in (tables | changed).items():
        if rows is not None:
            number = SUBMISSION[extract] + (0 if month == MONTH else 1000)
            county.received(extract, *rows, month=month, number=number)


def gaps(county: County) -> dict[str, bool | None]:
    """Item → whether the one household has a gap in it."""
    return dict(county.rows("select guarantee__item, guarantee__is_gap from main.int_guarantee where hh_id = 'h1'"))


def test_a_household_that_meets_everything_has_no_gap(county: County) -> None:
    county.con.execute("update build.setting set eight_haves_n = 8")
    told(county)
    assert gaps(county) == dict.fromkeys((*ITEMS, "eight_haves", "whole"), False)


@pytest.mark.parametrize(
    ("extract", "items"),
    [
        ("visit_log", {"food", "clothing", "eight_haves"}),
        ("edu_student", {"education"}),
        ("school_dropout", {"education"}),
        ("person_register", {"education", "medical"}),
        ("insurance_enrol", {"medical"}),
        ("health_case", {"medical"}),
        ("housing", {"housing"}),
        ("water", {"water"}),
    ],
)
def test_what_a_department_has_not_told_is_unknown_and_not_met(county: County, extract: str, items: set[str]) -> None:
    county.con.execute("update build.setting set eight_haves_n = 8")
    told(county, **{extract: None})
    assert {item for item, gap in gaps(county).items() if gap is None} == items | {"whole"}


@pytest.mark.parametrize("extract", ["visit_log", "insurance_enrol", "housing", "water"])
def test_a_household_without_a_row_of_its_own_is_unknown(county: County, extract: str) -> None:
    told(county, **{extract: []})
    found = gaps(county)
    assert None in found.values() and True not in found.values()


def child(born: date | None, stage: str | None = None) -> list[dict[str, Any]]:
    return [
        person("h1", "p1", birth_date=date(1980, 1, 1), school_stage="not_student"),
        person("h1", "p2", relation="child", birth_date=born, school_stage=stage),
    ]


@pytest.mark.parametrize(
    ("people", "roll", "ledger", "gap"),
    [
        (child(AGED_12), [], [LEDGER], True),  # out of school, says the ledger
        (child(AGED_12, "not_student"), [], [], True),  # on no roll, and no student by the register
        (child(AGED_12, "primary"), [], [], None),  # on no roll here; may be at school elsewhere
        (child(AGED_12), ["primary"], [], False),
        (child(AGED_12), ["primary"], [LEDGER], True),
        (child(AGED_12), [], [LEDGER | {"is_out_of_school": False, "return_date": date(2020, 3, 9)}], False),
        (child(AGED_15, "not_student"), [], [], False),  # no more of the age
        (child(AGED_15), [], [LEDGER | {"school_stage": "junior"}], True),  # and yet nine years are not done
        (child(AGED_17), [], [LEDGER | {"school_stage": "senior"}], False),
        (child(None, "primary"), [], [], None),
    ],
)
def test_a_child_who_must_be_at_school_and_is_not_is_a_gap(
    county: County, people: list[dict[str, Any]], roll: list[str], ledger: list[dict[str, Any]], gap: bool | None
) -> None:
    told(
        county,
        person_register=people,
        edu_student=[{"person_id": "p2", "school_stage": stage} for stage in roll],
        school_dropout=[{"person_id": "p2"} | row for row in ledger],
        insurance_enrol=[{"person_id": p, "year": 2020, "medical_enrolled": True} for p in ("p1", "p2")],
    )
    assert {item: g for item, g in gaps(county).items() if g or item == "education"} == {"education": gap} | (
        {"whole": True} if gap else {}
    )


@pytest.mark.parametrize(
    ("houses", "lives_in_danger", "gap"),
    [
        (["A"], False, False),
        (["B"], False, False),
        (["C"], True, True),
        (["D"], True, True),
        (["C", "A"], True, False),  # another house is safe
        (["C", "D"], True, True),
        (["C", "C made safe"], True, False),
        (["C made safe"], False, False),
        (["C empty"], False, False),
    ],
)
def test_a_dangerous_house_is_a_gap_where_there_is_no_safe_one(
    county: County, houses: list[str], lives_in_danger: bool, gap: bool
) -> None:
    rows = [
        {
            "hh_id": "h1",
            "dwelling_id": str(n),
            "house_grade": house[0],
            "occupied": "empty" not in house and n == 0,
            "done_date": date(2019, 12, 31) if "made safe" in house else None,
        }
        for n, house in enumerate(houses)
    ]
    told(county, housing=rows)
    assert gaps(county)["housing"] is gap
    assert county.rows("select housing__dangerous_occupied, housing__lacks_safe from main.int_household_month") == [
        (lives_in_danger, gap)
    ]
    safe = counted(county, "living", "registered_households_safely_housed", "dangerous_houses_occupied")
    assert safe == {
        "registered_households_safely_housed": {} if gap else {"h1": 1},
        "dangerous_houses_occupied": {"h1": 1} if lives_in_danger else {},
    }


@pytest.mark.parametrize(
    ("second", "only"),
    [
        (None, True),
        ({"house_grade": "A", "structure": "brick_concrete"}, False),
        ({"house_grade": "D", "structure": "brick_concrete"}, True),
        ({"house_grade": "D", "structure": "brick_concrete", "done_date": date(2019, 12, 31)}, False),
    ],
)
def test_an_adobe_house_beside_a_safe_one_is_not_the_only_one(
    county: County, second: dict[str, Any] | None, only: bool
) -> None:
    adobe = {"hh_id": "h1", "dwelling_id": "1", "house_grade": "B", "occupied": True, "only_dwelling": True}
    rows = [adobe | {"structure": "adobe"}] + ([adobe | {"dwelling_id": "2"} | second] if second else [])
    told(county, housing=rows)
    assert county.rows("select housing__has_only_adobe from main.int_household_month") == [(only,)]


@pytest.mark.parametrize(
    ("enrolled", "treatment", "gap"),
    [
        (True, None, False),
        (True, "managed", False),
        (True, "untreated", True),
        (False, "managed", True),
    ],
)
def test_who_is_not_insured_or_not_treated_is_a_gap(
    county: County, enrolled: bool, treatment: str | None, gap: bool
) -> None:
    ill = {"person_id": "p1", "disease_code": "tuberculosis", "treatment_status": treatment}
    insured = {"person_id": "p1", "year": 2020, "medical_enrolled": enrolled}
    told(county, insurance_enrol=[insured], health_case=[ill] if treatment else [])
    assert gaps(county)["medical"] is gap


def test_one_visit_that_finds_want_is_enough_and_one_that_did_not_ask_says_nothing(county: County) -> None:
    county.con.execute("update build.setting set eight_haves_n = 8")
    visits: list[dict[str, Any]] = [
        {"food_ok": True, "clothing_ok": True, "eight_have_items": 8},
        {"food_ok": False, "clothing_ok": None, "eight_have_items": 7},
        {"food_ok": None, "clothing_ok": None, "eight_have_items": None},
    ]
    told(county, visit_log=[{"hh_id": "h1", "visit_id": str(n)} | row for n, row in enumerate(visits)])
    found = gaps(county)
    assert {item: found[item] for item in ("food", "clothing", "eight_haves")} == {
        "food": True,
        "clothing": False,
        "eight_haves": True,
    }


def test_a_cell_of_a_visit_that_was_refused_leaves_it_unknown(county: County) -> None:
    visit = {"hh_id": "h1", "food_ok": True, "clothing_ok": True}
    refused = visit | {"visit_id": "2", "food_ok": None, "_quarantined": ["food_ok"]}
    told(county, visit_log=[visit | {"visit_id": "1"}, refused])
    found = gaps(county)
    assert (found["food"], found["clothing"]) == (None, False)


DRY, WET = [{"hh_id": "h1", "secured": False}], [{"hh_id": "h1", "secured": True}]
CHANGES = ("guarantee_gap_households", "guarantee_gaps_new", "guarantee_gaps_closed")


@pytest.mark.parametrize(
    ("before", "now", "counts"),
    [
        (WET, DRY, (1, 1, 0)),
        (DRY, DRY, (1, 0, 0)),  # changed before this month
        (DRY, WET, (0, 0, 1)),
        (WET, WET, (0, 0, 0)),
        (None, DRY, (1, None, 0)),  # nobody knows since when
        (DRY, None, (None, 0, None)),
        (WET, None, (None, None, 0)),
    ],
)
def test_a_change_is_told_in_its_month_and_needs_two_months_that_are_known(
    county: County, before: Any, now: Any, counts: tuple[int | None, ...]
) -> None:
    told(county, BEFORE, water=before)
    told(county, water=now)
    found = counted(county, "guarantees", *CHANGES, by="item=water")
    assert tuple(found[code].get("h1/water", 0) for code in CHANGES) == counts


def test_a_household_that_comes_into_the_register_has_no_month_before(county: County) -> None:
    told(county, BEFORE, hh_register=[household("h2")])
    told(county, water=DRY)
    assert counted(county, "guarantees", "guarantee_gaps_new", by="item=water") == {
        "guarantee_gaps_new": {"h1/water": None}
    }


def test_a_gap_stands_on_the_rows_that_make_it(county: County) -> None:
    two = [
        {"hh_id": "h1", "visit_id": "1", "food_ok": True, "clothing_ok": True},
        {"hh_id": "h1", "visit_id": "2", "food_ok": False, "clothing_ok": True},
    ]
    told(county, visit_log=two, hh_register=[household("h1", village_code=HERE)])
    rows = county.rows(
        "select guarantee__item, len(guarantee__evidence) from main.int_guarantee where guarantee__item in ('food', 'clothing') order by 1"
    )
    assert rows == [("clothing", 2), ("food", 1)]


@pytest.mark.parametrize(
    ("born", "stage", "counts"),
    [
        (AGED_14, "junior", 1),
        (AGED_14, None, 1),
        (AGED_15, None, 0),  # of the age no more
        (date(2005, 4, 1), None, 1),  # fifteen on the day after
        (AGED_15, "junior", 1),  # and yet nine years are not done
        (AGED_17, "senior", 0),
        (AGED_17, "vocational", 0),
        (date(2015, 1, 1), "preschool", 0),
        (date(2014, 4, 1), None, 0),  # six on the day after
        (date(2014, 3, 31), None, 1),
        (None, "primary", 1),
        (None, None, None),
    ],
)
def test_the_missed_stage_decides_what_is_compulsory_and_age_where_there_is_none(
    county: County, born: date | None, stage: str | None, counts: int | None
) -> None:
    ledger = LEDGER | {"person_id": "p2", "school_stage": stage, "dropout_reason": "poverty"}
    told(county, person_register=child(born), school_dropout=[ledger, ledger | {"person_id": "p3"}])
    expected = {} if counts == 0 else {"p2": counts}
    stranger = {} if stage in ("senior", "vocational", "preschool") else {"p3": 1 if stage else None}  # in no register
    assert counted(county, "dropouts", "compulsory_dropouts", "dropouts_for_poverty", "poor_dropouts") == {
        "compulsory_dropouts": expected | stranger,
        "dropouts_for_poverty": expected | stranger,
        "poor_dropouts": expected,
    }
    assert county.rows("select value from main.risk_measures where measure = 'compulsory_dropouts_in_family'") == [
        (counts,)
    ]


def test_gaps_are_figures_by_item_and_say_of_how_many_nobody_knows(county: County) -> None:
    told(county, water=DRY, housing=None)
    found = county.rows(
        "select breakdown, numerator, unknown from main.fct_figures where indicator = 'guarantee_gap_households'"
        " and area = '532822' order by 1"
    )
    assert found == [
        ("item=clothing", 0, 0),
        ("item=education", 0, 0),
        ("item=eight_haves", 0, 1),  # this county has not said how many they are
        ("item=food", 0, 0),
        ("item=housing", 0, 1),
        ("item=medical", 0, 0),
        ("item=unknown", 0, 0),
        ("item=water", 1, 0),
        ("item=whole", 1, 0),
    ]
