"""What the subject models make of a few rows: known, unknown and zero are three things."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, THERE, County, household, person


def test_no_settlement_is_zero_only_where_the_settlements_have_come(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"), household("h3", village_code=THERE))
    county.received("person_register", person("h1", "p1"), person("h2", "p2"), person("h3", "p3"))
    county.received(
        "med_settlement",
        {"person_id": "p1", "self_paid_yuan": 3000},
        {"person_id": "p1", "self_paid_yuan": 3000},
        village=HERE,
    )
    found = county.rows(
        "select subject, medical__known, medical__self_paid_yuan from main.int_household_month order by 1"
    )
    assert found == [("h1", True, 6000), ("h2", True, 0), ("h3", False, None)]


def test_a_household_whose_settlement_was_refused_is_unknown(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"))
    county.received("person_register", person("h1", "p1"), person("h2", "p2"))
    county.received("med_settlement")
    county.con.execute(
        "insert into build.quarantine values ('med_settlement', ?, ?, 1, null, 'p1', null, null, null)",
        [MONTH, SUBMISSION["med_settlement"]],
    )
    found = county.rows(
        "select subject, medical__known, medical__self_paid_yuan from main.int_household_month order by 1"
    )
    assert found == [("h1", False, None), ("h2", True, 0)]


def test_a_household_without_a_housing_row_is_not_known_to_be_safe(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"), household("h3"), household("h4"))
    dwelling = {"occupied": True, "key_group": "dibao"}
    county.received(
        "housing",
        dwelling | {"dwelling_id": "1", "hh_id": "h1", "house_grade": "C"},
        dwelling | {"dwelling_id": "2", "hh_id": "h2", "house_grade": "B", "done_date": "2020-01-01"},
        dwelling | {"dwelling_id": "3", "hh_id": "h3", "house_grade": "B", "done_date": "2019-12-31"},
    )
    found = county.rows(
        "select subject, housing__dangerous_occupied, housing__renovated_this_year from main.int_household_month order by 1"
    )
    assert found == [("h1", True, False), ("h2", False, True), ("h3", False, False), ("h4", None, None)]


def test_somebody_works_when_one_does_and_is_unknown_when_one_is_unknown(county: County) -> None:
    county.received("hh_register", *(household(h) for h in ("h1", "h2", "h3")))
    county.received(
        "person_register",
        person("h1", "p1", employment_status="migrant"),
        person("h1", "p2", employment_status=None),
        person("h2", "p3"),
        person("h2", "p4", employment_status=None),
        person("h3", "p5"),
    )
    found = county.rows(
        "select subject, workers__has_worker, len(workers__evidence) from main.int_household_month order by 1"
    )
    assert found == [("h1", True, 1), ("h2", None, 2), ("h3", False, 1)]


def test_three_courses_are_three_person_times_and_one_person_and_an_entry_counts_once(county: County) -> None:
    course = {"person_id": "p1", "transferred": False, "certificate": True}
    for month, number in (("2020-02", 91), (MONTH, 92)):
        county.received("hh_register", household("h1"), month=month, number=number)
        county.received("person_register", person("h1", "p1"), month=month, number=number)
    county.received(
        "training_record",
        course | {"ledger_no": "a", "end_date": "2020-02-10"},
        course | {"ledger_no": "b", "end_date": "2020-02-20"},
        month="2020-02",
        number=91,
    )
    county.received(
        "training_record",
        course | {"ledger_no": "b", "end_date": "2020-02-20"},
        course | {"ledger_no": "c", "end_date": "2020-03-10"},
        {"ledger_no": "d", "person_id": "p1", "transferred": True},
        number=92,
    )
    figures = dict(
        county.rows(
            f"select indicator, value from main.fct_figures where area = '532822' and period = '{MONTH}' and breakdown = ''"
        )
    )
    assert figures["trained_person_times"] == 3
    assert figures["trained_persons"] == 1
    assert figures["transferred_person_times"] == 1


@pytest.mark.parametrize(("again", "person_times"), [(True, 3), (False, 2), (None, 2)])
def test_whether_a_person_transferred_again_is_another_person_time_is_set(
    county: County, again: bool | None, person_times: int
) -> None:
    county.con.execute("update build.setting set transfers_counted_again = ?", [again])
    for month, number in (("2020-02", 91), (MONTH, 92)):
        county.received("hh_register", household("h1"), month=month, number=number)
        county.received("person_register", person("h1", "p1"), person("h1", "p2"), month=month, number=number)
    moved = {"transferred": True}
    county.received(
        "training_record",
        moved | {"ledger_no": "a", "person_id": "p1"},
        moved | {"ledger_no": "b", "person_id": "p2"},
        month="2020-02",
        number=91,
    )
    county.received("training_record", moved | {"ledger_no": "c", "person_id": "p1"}, number=92)
    found = county.rows(
        "select indicator, value, unknown from main.fct_figures where area = '532822' and breakdown = ''"
        f" and period = '{MONTH}' and regexp_matches(indicator, '^transferred_person(s|_times)$') order by 1"
    )
    times, persons = found
    assert times[1] == person_times and persons[1] == 2
    assert times[2] - persons[2] == (again is None), "whether the second counts is not known where nobody has set it"


def test_a_share_comes_from_sums_not_from_averaged_villages(county: County) -> None:
    village = {"township_code": HERE[:9]}
    county.received(
        "village_sanitation",
        village | {"village_code": HERE, "rural_hh_n": 100, "sanitary_toilet_hh_n": 90},
        village | {"village_code": THERE, "rural_hh_n": 900, "sanitary_toilet_hh_n": 410},
    )
    found = county.rows(
        "select value, unknown from main.fct_figures where indicator = 'sanitary_toilet_share' and area = '532822'"
    )
    assert found == [(50, 103)]


def test_a_household_without_cause_is_shown_as_unknown_and_causes_add_up(county: County) -> None:
    poor = {"poverty_status": "not_exited", "hh_size": 3}
    county.received(
        "hh_register", household("h1", cause_main="illness", **poor), household("h2", **poor), household("h3")
    )
    found = dict(
        county.rows(
            "select breakdown, value from main.fct_figures where indicator = 'poor_households' and area = '532822' and value > 0"
        )
    )
    assert found == {"": 2, "cause=illness": 1, "cause=unknown": 1}


def test_a_village_is_unknown_where_nobody_reported_it_and_has_no_school_where_the_list_of_schools_has_none(
    county: County,
) -> None:
    place = {"township_code": HERE[:9], "is_poor_village": True}
    county.received(
        "village_register",
        place | {"village_code": HERE, "exit_date": "2020-03-31"},
        place | {"village_code": THERE, "exit_date": "2020-04-01", "_quarantined": ["paired_org"]},
    )
    county.received("village_road", {"village_code": HERE, "hard_road": True})
    school = {"school_id": "1", "school_name": "s", "school_type": "kindergarten", "village_code": HERE}
    county.received("school_facility", school, school | {"school_id": "2", "village_code": None})
    found = county.rows(
        "select village_register__is_exited, village_register__has_paired_org, village_road__hard_road, kindergarten__has_one"
        f" from main.int_village_month where subject in ('{HERE}', '{THERE}') order by subject"
    )
    assert found == [(True, False, True, True), (False, None, None, False)]


def test_a_household_is_served_or_not_only_where_the_lists_have_come_and_the_last_year_counts(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"), household("h3", village_code=THERE))
    county.received("person_register", person("h1", "p1"), person("h2", "p2"))
    county.received("credit_file", {"hh_id": "h1", "file_date": "2019-05-01", "rating": "good"}, village=HERE)
    county.received("water", {"hh_id": "h1", "secured": True})
    insured = {"person_id": "p1", "person_name": "n"}
    county.received(
        "insurance_enrol",
        insured | {"year": 2019, "medical_enrolled": False},
        insured | {"year": 2020, "medical_enrolled": True},
    )
    found = county.rows(
        "select subject, credit__has_file, credit__is_credit_household, water__secured from main.int_household_service order by 1"
    )
    assert found == [("h1", True, True, True), ("h2", False, False, None), ("h3", None, None, None)]
    persons = county.rows(
        "select subject, insurance_enrol__known, insurance_enrol__medical_enrolled from main.int_person_month order by 1"
    )
    assert persons == [("p1", True, True), ("p2", False, None)]


def test_a_township_has_a_standard_hospital_only_where_the_list_names_one(county: County) -> None:
    hospital = {
        "facility_id": "1",
        "facility_type": "township",
        "township_code": HERE[:9],
        "is_standard": True,
        "gp_n": 0,
    }
    county.received(
        "health_facility", hospital, hospital | {"facility_id": "2", "township_code": "532822103", "gp_n": None}
    )
    found = dict(
        county.rows(
            "select subject, (hospital__has_standard, hospital__has_gp, station__has_one) from main.int_township_month"
        )
    )
    assert found[HERE[:9]] == (True, False, None)
    assert found["532822103"] == (True, None, None)
    assert found[THERE[:9]] == (False, False, None)


def test_collective_income_is_reached_at_the_line_and_a_secretary_who_left_is_none(county: County) -> None:
    elsewhere = "532822101002"
    place = {"is_poor_village": True}
    county.received(
        "village_register", *(place | {"village_code": v, "township_code": v[:9]} for v in (HERE, THERE, elsewhere))
    )
    county.received(
        "village_finance",
        {"village_code": HERE, "year": 2019, "collective_income": 50000},
        {"village_code": HERE, "year": 2018, "collective_income": 1},
        {"village_code": THERE, "year": 2019, "collective_income": 49999.99},
    )
    post = {"role": "first_secretary", "person_name": "n"}
    county.received(
        "cadre_post",
        post | {"person_id": "1", "village_code": HERE, "start_date": "2018-01-01"},
        post | {"person_id": "2", "village_code": THERE, "start_date": "2018-01-01", "end_date": "2019-12-31"},
    )
    found = {
        i: (v, u)
        for i, v, u in county.rows(
            "select indicator, value, unknown from main.fct_figures where area = '532822' and breakdown = ''"
        )
    }
    assert found["poor_villages_income_reached"][0] == 1
    assert found["poor_villages_with_first_secretary"][0] == 1
    secretaries = county.rows("select count(*) from main.int_village_month where secretary__has_one")
    assert secretaries == [(1,)]
    unknown = county.rows("select village_finance__known from main.int_village_month where subject = ?", [elsewhere])
    assert unknown == [(False,)]


def student(hh_id: str, person_id: str, **given: Any) -> dict[str, Any]:
    return person(hh_id, person_id, school_stage="senior", **given)


def cost(county: County, fact: str, column: str) -> list[tuple[Any, ...]]:
    return county.rows(
        f"select subject, {fact}__known, {fact}__{column}, len({fact}__evidence) from main.int_household_month order by 1"
    )


def test_schooling_is_known_where_every_student_is_listed_with_what_was_paid(county: County) -> None:
    county.received("hh_register", *(household(h) for h in ("h1", "h2", "h3", "h4", "h5", "h6")))
    nobody = {"school_stage": "not_student"}
    county.received(
        "person_register",
        *(student("h1", "p1"), student("h1", "p2"), person("h1", "p3", **nobody)),
        person("h2", "p4", **nobody),
        *(student("h3", "p5"), student("h3", "p6")),
        student("h4", "p7"),
        person("h5", "p8", school_stage=None),
        person("h6", "p9", **nobody),
    )
    county.received(
        "edu_student",
        *({"person_id": "p1", "self_cost": 3000}, {"person_id": "p2", "self_cost": 1500.5}),
        {"person_id": "p5", "self_cost": 900},
        {"person_id": "p7", "self_cost": None},
        {"person_id": "p9", "self_cost": 700},
    )
    assert cost(county, "schooling", "self_paid_yuan") == [
        ("h1", True, 4500.5, 4),
        ("h2", True, 0, 1),  # nothing was paid: the only member, who does not study, is the proof
        ("h3", False, None, 3),
        ("h4", False, None, 2),
        ("h5", False, None, 1),
        ("h6", True, 700, 2),
    ]


def test_a_term_is_paid_in_the_month_that_reports_it(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"))
    county.received("person_register", student("h1", "p1"), student("h2", "p2"))
    county.received("edu_student", {"person_id": "p1", "self_cost": 3000, "_period": "2020-02"})
    county.con.execute("update build.coverage set source_period = '2020-02' where extract = 'edu_student'")
    assert cost(county, "schooling", "self_paid_yuan") == [("h1", True, 0, 1), ("h2", True, 0, 1)]


def test_schooling_is_unknown_where_no_table_has_come(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", person("h1", "p1", school_stage="not_student"))
    assert cost(county, "schooling", "self_paid_yuan") == [("h1", False, None, 1)]


def test_losses_and_disability_are_zero_only_where_their_tables_have_come(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"), household("h3", village_code=THERE))
    county.received("person_register", person("h1", "p1"), person("h2", "p2"), person("h3", "p3"))
    county.received("disaster_event", {"hh_id": "h1", "loss": 4000}, {"hh_id": "h1", "loss": 1000.01}, village=HERE)
    county.received(
        "disability", {"person_id": "p1", "self_cost": 100}, {"person_id": "p2", "self_cost": None}, village=HERE
    )
    assert cost(county, "disaster", "loss_yuan") == [
        ("h1", True, Decimal("5000.01"), 2),
        ("h2", True, 0, 0),
        ("h3", False, None, 0),
    ]
    assert cost(county, "disability", "self_paid_yuan") == [
        ("h1", True, 100, 2),
        ("h2", False, None, 2),
        ("h3", False, None, 1),
    ]


RULE = """
    select rule__rule, hh_id, rule__met from main.int_rule_result
    where rule__rule like 'mh20_self_paid%' and rule__met is not false order by all
"""


def test_the_line_of_self_paid_spending_is_crossed_above_it_by_one_cause_or_by_all_together(county: County) -> None:
    amounts = {"h1": "4999.99", "h2": "5000", "h3": "5000.01"}
    everybody = [*amounts, "h4", "h5"]
    county.received("hh_register", *(household(h) for h in everybody))
    county.received("person_register", *(student(h, f"p{h}") for h in everybody))
    four = [("edu_student", "self_cost"), ("med_settlement", "self_paid_yuan"), ("disaster_event", "loss")]
    for extract, column in (*four, ("disability", "self_cost")):
        key = "hh_id" if extract == "disaster_event" else "person_id"
        rows = [{key: h if key == "hh_id" else f"p{h}", column: "1250.00"} for h in ("h4",)]
        rows += [{key: "h5" if key == "hh_id" else "ph5", column: "1250.01" if extract == "disability" else "1250"}]
        if extract == "disaster_event":
            rows += [{key: h, column: amount} for h, amount in amounts.items()]
        if extract == "edu_student":
            rows += [{key: f"p{h}", column: 0} for h in amounts]
        county.received(extract, *rows)
    assert county.rows(RULE) == [
        ("mh20_self_paid", "h3", True),
        ("mh20_self_paid", "h5", True),
        ("mh20_self_paid_disaster", "h3", True),
    ]


def test_all_causes_together_are_unknown_while_one_is_and_the_others_still_answer(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", person("h1", "p1", school_stage="not_student"))
    county.received("disaster_event", {"hh_id": "h1", "loss": "5000.01"})
    assert county.rows(RULE) == [
        ("mh20_self_paid", "h1", None),
        ("mh20_self_paid_disability", "h1", None),
        ("mh20_self_paid_disaster", "h1", True),
        ("mh20_self_paid_illness", "h1", None),
        ("mh20_self_paid_schooling", "h1", None),
    ]


def test_growth_compares_with_the_same_month_of_the_year_before_and_is_unknown_without_it(county: County) -> None:
    def line(year: int, level: str, budget: int | None, kind: str = "poverty") -> dict[str, Any]:
        return {"year": year, "level": level, "fund_type": kind, "budget": budget}

    county.received(
        "fund_budget",
        *(line(2019, level, budget) for level, budget in (("county", 300), ("province", 300), ("prefecture", 0))),
        line(2019, "central", 300),
        month="2019-03",
        number=901,
    )
    county.received(
        "fund_budget",
        *(line(2020, level, budget) for level, budget in (("county", 400), ("province", 200), ("prefecture", 5))),
        line(2020, "central", None),
    )
    found = county.rows(
        "select breakdown, numerator, denominator, value from main.fct_figures"
        " where indicator = 'poverty_fund_growth_by_level' and denominator is not null order by 1"
    )
    assert found == [
        ("fund_level=central", 0, 300, None),
        ("fund_level=county", 400, 300, Decimal("33.33")),
        ("fund_level=prefecture", 5, 0, None),
        ("fund_level=province", 200, 300, Decimal("-33.33")),
        ("fund_level=unknown", 0, 0, None),
    ]
    found = county.rows(
        "select period, value from main.fct_figures where indicator like 'poverty_fund_budget%' and breakdown = 'fund_level=county' order by indicator"
    )
    assert found == [(MONTH, 300), (MONTH, 400)]


def added_up(county: County, topic: str) -> dict[str, tuple[Any, int]]:
    """Indicator → sum and number of unknown ones, over all places and without breakdowns."""
    rows = county.rows(
        f"select indicator, sum(numerator), count(*) - count(numerator) from main.{topic} where breakdown = '' group by 1"
    )
    return {indicator: (total, unknown) for indicator, total, unknown in rows}


def test_a_line_is_reached_by_what_lies_on_it(county: County) -> None:
    county.con.execute(
        "update build.setting set coop_poor_member_pct = 30, new_coops_since = '2019-10-09', village_leaders_line = 5,"
        " village_income_line = 50000"
    )
    coop = {"township_code": "532822101", "coop_type": "planting", "is_poverty_coop": True, "lead_party_member": True}
    county.received(
        "coop_register",
        coop | {"coop_id": "1", "founded_date": "2019-10-09", "member_n": 1000, "poor_member_n": 300},
        coop | {"coop_id": "2", "founded_date": "2020-03-31", "member_n": 1000, "poor_member_n": 299},
        coop | {"coop_id": "3", "founded_date": "2020-02-01", "member_n": 10, "poor_member_n": None},
        coop | {"coop_id": "4", "founded_date": "2019-10-08", "member_n": 10, "poor_member_n": 10},
        coop | {"coop_id": "5", "founded_date": "2019-12-31", "member_n": 10, "poor_member_n": 3},
        coop | {"coop_id": "6", "founded_date": "2019-12-31", "member_n": 10, "poor_member_n": 2},
    )
    leader = {"township_code": "532822101", "village_code": HERE, "trained_date": "2019-05-05"}
    county.received(
        "leader_register",
        *(leader | {"person_id": f"a{n}"} for n in range(5)),
        *(leader | {"person_id": f"b{n}", "village_code": THERE} for n in range(4)),
        leader | {"person_id": "b4", "village_code": THERE, "trained_date": None},
    )
    county.received(
        "village_finance",
        {"village_code": HERE, "year": 2020, "operating_income": Decimal("50000")},
        {"village_code": THERE, "year": 2020, "operating_income": Decimal("49999.99")},
    )
    coops, villages = added_up(county, "coops"), added_up(county, "village_economy")
    assert coops["new_poverty_coops"] == (5, 0)
    assert coops["new_poverty_coops_with_poor_members"] == (2, 1)
    assert coops["coops_led_by_party_members"] == (5, 1)
    assert villages["villages_with_leaders"] == (1, 0)
    assert villages["villages_operating_income_reached"][0] == 1


def test_income_of_an_asset_counts_for_whom_its_fund_is_meant(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2", hh_type="marginal"))
    paid = {"township_code": "532822101", "village_code": HERE, "share_amount": Decimal(100)}
    county.received(
        "collective_asset_share",
        paid | {"asset_id": "1", "hh_id": "h1", "fund_source": "poverty"},
        paid | {"asset_id": "1", "hh_id": "h2", "fund_source": "poverty"},
        paid | {"asset_id": "2", "hh_id": "h1", "fund_source": "other"},
        paid | {"asset_id": "2", "hh_id": "h2", "fund_source": "other"},
        paid | {"asset_id": "2", "hh_id": "nobody", "fund_source": "other"},
    )
    asset = {"township_code": "532822101", "village_code": HERE, "owner": "village", "in_use": True, "keeper": "村委会"}
    county.received(
        "collective_asset",
        asset
        | {"asset_id": "1", "fund_source": "poverty", "upkeep_budget": Decimal("0.01"), "ledger_level": "village"},
        asset | {"asset_id": "2", "fund_source": "other", "upkeep_budget": Decimal(0)},
        asset | {"asset_id": "3", "fund_source": "poverty", "upkeep_budget": Decimal(0), "in_use": False},
    )
    shares, assets = added_up(county, "asset_shares"), added_up(county, "assets")
    assert shares["poverty_asset_income_to_registered_yuan"] == (100, 0)
    assert shares["other_asset_income_to_marginal_yuan"] == (100, 0)
    assert (assets["idle_assets"], assets["poverty_assets_on_ledger"]) == ((1, 0), (1, 0))
    assert (assets["village_kept_assets"], assets["village_kept_assets_with_budget"]) == ((2, 0), (1, 0))


def test_what_a_rule_asks_of_a_family_is_yes_no_or_unknown(county: County) -> None:
    county.received("hh_register", *(household(f"h{n}") for n in range(1, 6)))
    child, parent = {"relation": "child", "person_status": "dead"}, {"relation": "parent", "person_status": "dead"}
    alive = {"person_status": "normal"}
    county.received(
        "person_register",
        person("h1", "p1", labour_ability="weak", **alive) | {"relation": "head"},
        person("h1", "p2", labour_ability="none") | parent,
        person("h2", "p3", labour_ability="weak", **alive),
        person("h2", "p4", labour_ability="weak", **alive),
        person("h2", "p5", labour_ability="none") | child,
        person("h3", "p6", labour_ability="weak", **alive),
        person("h3", "p7", labour_ability="full", **alive),
        person("h4", "p8", labour_ability="weak", **alive),
        person("h4", "p9", labour_ability=None, person_status=None),
    )
    dwelling = {"occupied": True, "house_grade": "B", "structure": "adobe"}
    county.received(
        "housing",
        dwelling | {"dwelling_id": "1", "hh_id": "h1", "only_dwelling": True},
        dwelling | {"dwelling_id": "2", "hh_id": "h2", "only_dwelling": False},
        dwelling | {"dwelling_id": "3", "hh_id": "h3", "only_dwelling": True, "structure": "wood"},
        dwelling | {"dwelling_id": "4", "hh_id": "h4", "only_dwelling": None},
    )
    found = county.rows(
        "select subject, members__has_one_weak_worker_only, deaths__has_lost_supporter, housing__has_only_adobe"
        " from main.int_household_month order by 1"
    )
    assert found == [
        ("h1", True, True, True),
        ("h2", False, False, False),
        ("h3", False, False, False),
        ("h4", None, None, None),
        ("h5", None, None, None),
    ]


def measured(county: County, *codes: str) -> list[tuple[Any, ...]]:
    """What the measures say of each household, in the order of the codes."""
    columns = ", ".join(f"max(value) filter (where measure = '{code}')" for code in codes)
    return county.rows(f"select subject, {columns} from main.risk_measures group by subject order by subject")


def test_which_disability_illness_and_harm_threaten_a_household(county: County) -> None:
    county.received("hh_register", *(household(h) for h in ("h1", "h2", "h3", "h4")))
    county.received(
        "person_register",
        *(person("h1", "p1"), person("h1", "p2"), person("h2", "p3"), person("h2", "p4")),
        *(person("h3", "p5", birth_date=date(1960, 3, 31)), person("h3", "p6", birth_date=date(1960, 4, 1))),
        person("h4", "p7"),
    )
    county.received(
        "disability",
        {"person_id": "p1", "cert_no": "1", "disability_type": "physical", "grade": "second"},
        {"person_id": "p2", "cert_no": "2", "disability_type": "mental", "grade": "fourth"},
        {"person_id": "p3", "cert_no": "3", "disability_type": "physical", "grade": "third"},
    )
    county.received(
        "health_case",
        {"person_id": "p1", "disease_code": "a", "disease_class": "major"},
        {"person_id": "p1", "disease_code": "b", "disease_class": "chronic"},
        {"person_id": "p3", "disease_code": "c", "disease_class": "infectious"},
    )
    county.received(
        "med_settlement",
        {"person_id": "p1", "self_paid_yuan": 3000},
        {"person_id": "p1", "self_paid_yuan": 2000},
        {"person_id": "p2", "self_paid_yuan": 4000},
    )
    county.received(
        "accident_case",
        {"case_id": "1", "person_id": "p1", "type": "traffic", "main_worker": True},
        {"case_id": "2", "person_id": "p2", "type": "criminal", "main_worker": False},
        {"case_id": "3", "person_id": "p3", "type": "criminal", "main_worker": True},
        {"case_id": "4", "person_id": "p5", "type": "criminal", "main_worker": None},
    )
    county.received(
        "civil_aid",
        {"person_id": "p5", "aid_type": "tekun", "care_level": "full"},
        {"person_id": "p6", "aid_type": "tekun", "care_level": "half"},
        {"person_id": "p7", "aid_type": "tekun", "care_level": "full"},
        {"person_id": "p1", "aid_type": "tekun", "care_level": "none"},
    )
    codes = (
        "severe_disability_persons",
        "major_illness_persons",
        "chronic_self_paid_yuan",
        "largest_inpatient_self_paid_yuan",
    )
    assert measured(county, *codes) == [
        ("h1", 2, 1, 5000, 4000),
        ("h2", 0, 0, 0, 0),
        ("h3", 0, 0, 0, 0),
        ("h4", 0, 0, 0, 0),
    ]
    codes = ("traffic_harmed_persons", "accident_harmed_persons", "crime_harmed_worker", "oldest_frail_member_age")
    assert measured(county, *codes) == [
        ("h1", 1, 2, 0, 0),
        ("h2", 0, 1, 1, 0),
        ("h3", 0, 1, None, 60),  # who is a main worker is not said
        ("h4", 0, 0, 0, None),  # no day of birth
    ]


def test_who_has_come_back_without_work_and_for_how_long(county: County) -> None:
    county.received("hh_register", *(household(h) for h in ("h1", "h2", "h3", "h4", "h5")))
    able = {"labour_ability": "full"}
    county.received(
        "person_register",
        *(person("h1", "p1", **able), person("h2", "p2", **able), person("h3", "p3", **able)),
        *(person("h4", "p4", **able), person("h5", "p5", labour_ability="none")),
    )
    back = {"return_date": date(2020, 2, 20), "previous_job": "建筑工"}
    county.received(
        "employment",
        {"person_id": "p1", "status": "none", "last_work_date": date(2020, 2, 29), "idle_days": 31} | back,
        {"person_id": "p2", "status": "none", "last_work_date": date(2020, 3, 1), "idle_days": 30},
        {"person_id": "p3", "status": "migrant", "start_date": date(2020, 1, 10), "idle_days": 90} | back,
    )
    county.received("relocation", {"hh_id": "h1", "site": "a"}, {"hh_id": "h3", "site": "a"})
    assert measured(county, "longest_idle_months", "relocated_without_worker") == [
        ("h1", 1, 1),
        ("h2", 0, 0),
        ("h3", 0, 0),
        ("h4", None, 0),  # able to work, and not in the ledger
        ("h5", 0, 0),  # nobody could be in it
    ]
    assert county.rows(
        "select subject, labour__has_returned_jobless, labour__has_returned_to_job, labour__returned_job_months"
        " from main.int_household_risk order by 1"
    ) == [
        ("h1", True, False, None),
        ("h2", False, False, None),
        ("h3", False, True, 2),
        ("h4", None, None, None),
        ("h5", False, False, None),
    ]


def test_a_disaster_counts_under_its_class_and_only_where_it_would_be_known(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"), household("h3", village_code=THERE))
    county.received(
        "disaster_event",
        {"event_id": "1", "hh_id": "h1", "type": "flood", "loss": 800},
        {"event_id": "2", "hh_id": "h1", "type": "landslide", "loss": 100},
    )
    county.received("disaster_farm", {"event_id": "3", "hh_id": "h2", "type": "biological", "loss": 50}, village=HERE)
    county.received("disaster_forest", {"event_id": "4", "hh_id": "h2", "type": "wildfire", "loss": 70}, village=HERE)
    codes = (
        "weather_disasters",
        "geological_disasters",
        "wildfires",
        "biological_disasters",
        "disaster_fire_loss_yuan",
    )
    assert measured(county, *codes) == [("h1", 1, 1, 0, 0, 900), ("h2", 0, 0, 1, 1, 0), ("h3", None, 0, None, None, 0)]
