"""Conditions of the three-year plan's clauses, on both sides of their boundaries: villages, sites, co-operatives, courses, care, work."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.conftest import HERE, THERE, County, household, person


def counted(county: County, topic: str, *indicators: str, by: str = "") -> dict[str, dict[str, Any]]:
    """Subject → numerator of each indicator; a subject that an indicator leaves out is not in it."""
    names = ", ".join(f"'{i}'" for i in indicators)
    rows = county.rows(
        f"select indicator, subject, numerator from main.{topic} where indicator in ({names}) and breakdown = '{by}'"
    )
    found: dict[str, dict[str, Any]] = {name: {} for name in indicators}
    for indicator, subject, numerator in rows:
        found[indicator][subject] = numerator
    return found


def test_villages_stand_in_the_tier_of_their_year_of_exit(county: County) -> None:
    villages = [{"village_code": f"53282210{n}", "is_poor_village": True} for n in ("1001", "1002", "1003", "1004")]
    years = (2015, 2016, 2017, None)
    county.received("village_register", *(v | {"exit_year": y} for v, y in zip(villages, years, strict=True)))
    found = counted(county, "focus_villages", "poor_villages_consolidated", "poor_villages_key_consolidated")
    here = {k: {s for s, n in v.items() if n == 1} for k, v in found.items()}
    assert here == {"poor_villages_consolidated": {"532822101002"}, "poor_villages_key_consolidated": {"532822101003"}}
    assert found["poor_villages_consolidated"]["532822101004"] is None


def test_a_village_planned_to_leave_is_equipped_when_it_has_all_four(county: County) -> None:
    here = {"village_code": HERE, "is_poor_village": True, "planned_exit_year": 2020, "is_border": True}
    there = {"village_code": THERE, "is_poor_village": True, "planned_exit_year": 2019, "is_border": False}
    no = {"is_zhiguo": False, "is_small_ethnic": False, "is_remote": False}
    county.received("village_register", here | no, there | no)
    county.received(
        "village_road", {"village_code": HERE, "hard_road": True}, {"village_code": THERE, "hard_road": True}
    )
    county.received("village_power", {"village_code": HERE, "power_3phase": True})
    county.received("village_network", {"village_code": HERE, "broadband": True})
    equipped = "villages_exit_planned_equipped"
    assert counted(county, "focus_villages", equipped)[equipped].get(HERE, "out") is None
    county.received("health_facility", {"village_code": HERE, "facility_type": "clinic", "is_standard_clinic": True})
    county.received("village_sanitation", {"village_code": HERE, "cleanliness_pass": False})
    found = counted(
        county, "focus_villages", equipped, "focus_villages", "focus_villages_clean", "poor_villages_inspected"
    )
    assert found[equipped][HERE] == 1
    assert THERE not in found[equipped] | found["focus_villages"]
    assert (found["focus_villages"][HERE], HERE in found["focus_villages_clean"]) == (1, False)
    assert (found["poor_villages_inspected"].get(HERE), THERE in found["poor_villages_inspected"]) == (1, False)


@pytest.mark.parametrize(("day", "done"), [("2020-03-31", True), ("2020-04-01", False), (None, False)])
def test_a_site_is_built_from_its_day_on(county: County, day: str | None, done: bool) -> None:
    county.received("relocation_site", {"site": "manhui", "done_date": day, "acceptance_date": day})
    found = counted(county, "sites", "relocation_sites_done", "relocation_sites_accepted")
    assert found == {k: ({"manhui": 1} if done else {}) for k in found}


def test_a_cooperative_may_be_subsidised_above_the_line_only(county: County) -> None:
    rows = [{"coop_id": f"c{n}", "poor_member_n": n, "subsidy_amount": 1} for n in (30, 31)]
    county.received("coop_register", *rows, {"coop_id": "none", "poor_member_n": 31, "subsidy_amount": 0})
    found = counted(
        county,
        "coops",
        "coops_over_member_line",
        "coops_over_member_line_subsidised",
        "coops_under_member_line_subsidised",
    )
    assert [set(v) for v in found.values()] == [{"c31", "none"}, {"c31"}, {"c30"}]


def test_a_dwelling_is_safe_by_its_grade_or_by_moving(county: County) -> None:
    county.received("hh_register", *(household(f"h{n}") for n in (1, 2, 3, 4)))
    graded = [("h1", "A"), ("h2", "D"), ("h3", "D")]
    county.received("housing", *({"hh_id": h, "house_grade": g, "occupied": True} for h, g in graded))
    county.received("relocation", {"hh_id": "h3", "site": "manhui"})
    found = counted(county, "living", "registered_households_dwelling_known", "registered_households_dwelling_safe")
    assert [set(v) for v in found.values()] == [{"h1", "h2", "h3"}, {"h1", "h3", "h4"}]
    assert found["registered_households_dwelling_safe"] == {"h1": 1, "h3": 1, "h4": None}


def test_courses_are_counted_once_for_all_who_sat_in_them(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", person("h1", "p1"), person("h1", "p2"))
    course = {"course_type": "甘蔗种植", "start_date": "2020-03-02", "end_date": "2020-03-05", "transferred": False}
    more = [
        {"start_date": "2020-03-09"},
        {"course_type": "电工"},
        {"course_type": None, "end_date": None},
        {"poor_attendee_n": 0, "start_date": "2020-03-16"},
    ]
    entries = [course | {"poor_attendee_n": 12} | change for change in ({}, {}, *more)]
    rows = ({"ledger_no": f"l{n}", "person_id": f"p{n % 2 + 1}"} | entry for n, entry in enumerate(entries))
    county.received("training_record", *rows)
    found = counted(county, "labour", "farm_trainings_in_year")["farm_trainings_in_year"]
    assert found == {"l0": 1, "l2": 1}


def test_who_was_trained_is_known_where_the_ledger_has_come_since_the_plan_began(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", *(person("h1", f"p{n}") for n in (1, 2)))
    away = {"status": "farming", "job_willing": True, "startup_willing": False, "transfer_willing": True}
    dates = [{"start_date": "2020-01-01"}, {"start_date": "2020-01-01", "end_date": "2020-02-01"}]
    county.received("employment", *(away | {"person_id": f"p{n}"} | d for n, d in enumerate(dates, start=1)))
    course = {
        "ledger_no": "l1",
        "person_id": "p1",
        "course_type": "电工",
        "end_date": "2020-03-05",
        "transferred": False,
    }
    county.received("training_record", course)
    trained = ("workers_not_away_trained", "job_willing_workers_trained", "startup_willing_workers_trained")
    found = counted(county, "work", *trained, "willing_movers", "willing_movers_placed")
    assert [found[i] for i in trained] == [{"p1": 1, "p2": None}, {"p1": 1, "p2": None}, {}]
    assert (set(found["willing_movers"]), found["willing_movers_placed"]) == ({"p1", "p2"}, {"p1": 1})
    county.con.execute("insert into build.plan_coverage select 'training_record', '2020-03', code from policy.area")
    assert counted(county, "work", trained[0])[trained[0]] == {"p1": 1}


def test_a_patient_had_a_stay_when_one_was_settled_in_the_month(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2", village_code=THERE))
    county.received("person_register", person("h1", "p1"), person("h1", "p2"), person("h2", "p3"))
    county.received("health_case", *({"person_id": f"p{n}", "disease_code": "diabetes"} for n in (1, 2, 3)))
    county.received("med_settlement", {"person_id": "p1", "self_paid_yuan": 1}, village=HERE)
    found = counted(county, "patients", "illness_cases_with_stay")["illness_cases_with_stay"]
    assert found == {"p1/diabetes": 1, "p3/diabetes": None}


def test_a_child_of_compulsory_age_is_in_school_by_the_roll_and_out_by_the_ledger(county: County) -> None:
    county.received("hh_register", household("h1"))
    # six in the month, not six yet, not fifteen yet, fifteen in the month; then three who are nine
    born = ["2014-03-31", "2014-04-01", "2005-04-01", "2005-03-31", *["2011-01-01"] * 3]
    children = (person("h1", f"p{n}", birth_date=day) for n, day in enumerate(born))
    county.received("person_register", *children, person("h1", "nobody_knows"))
    county.received("edu_student", *({"person_id": f"p{n}", "school_stage": "primary"} for n in (0, 1, 2, 3, 4)))
    ledger = {"p4": True, "p5": False}
    county.received("school_dropout", *({"person_id": p, "is_out_of_school": out} for p, out in ledger.items()))
    found = counted(county, "persons", "children_of_compulsory_age", "children_of_compulsory_age_in_school")
    known, at_school = found.values()
    assert {p for p, n in known.items() if n == 1} == {"p0", "p2", "p4", "p5"}
    assert at_school == {"p0": 1, "p2": 1, "p5": 1, "p6": None, "nobody_knows": None}


def test_who_can_work_was_trained_or_not_where_the_ledger_has_come(county: County) -> None:
    county.received("hh_register", household("h1"))
    strength = {"p1": "full", "p2": "weak", "p3": "none", "p4": None}
    county.received("person_register", *(person("h1", p, labour_ability=a) for p, a in strength.items()))
    county.received(
        "training_record", {"ledger_no": "l", "person_id": "p1", "end_date": "2020-03-05", "transferred": False}
    )
    county.con.execute("insert into build.plan_coverage select 'training_record', '2020-03', code from policy.area")
    found = counted(county, "persons", "registered_labour", "registered_labour_trained")
    assert found == {
        "registered_labour": {"p1": 1, "p2": 1, "p4": None},
        "registered_labour_trained": {"p1": 1},
    }


def test_a_village_is_rid_of_poverty_when_it_left_and_no_household_is_in_it(county: County) -> None:
    villages = [{"village_code": v, "is_poor_village": True, "exit_date": "2017-12-01"} for v in (HERE, THERE)]
    county.received("village_register", *villages)
    rid = "poor_villages_exited_without_poor"
    assert set(counted(county, "focus_villages", rid)[rid].values()) == {None}
    households = [household("h1"), household("h2", village_code=THERE, poverty_status="relapsed")]
    county.received("hh_register", *households)
    found = counted(county, "focus_villages", rid)[rid]
    assert (found[HERE], THERE in found) == (1, False)


def test_a_village_is_supported_by_projects_and_by_payments_since_january(county: County) -> None:
    left = {"is_poor_village": True, "planned_exit_year": 2020}
    county.received("village_register", {"village_code": HERE} | left, {"village_code": THERE} | left)
    county.received("project_library", *({"project_id": v, "village_code": v} for v in (HERE, THERE)))
    payment = {"voucher_id": "v1", "village_code": HERE, "amount": 1}
    county.received("fund_voucher", payment, month="2020-01", number=901)
    supported = "supported_remaining_villages"
    found = counted(county, "focus_villages", supported)[supported]
    assert (found[HERE], found[THERE]) == (1, None)
    for month, number in (("2020-02", 902), ("2020-03", 903)):
        county.received("fund_voucher", month=month, number=number)
    assert THERE not in counted(county, "focus_villages", supported)[supported]
