"""What weighs on a household and what reaches it, and the joins and lines behind the rows of single tables: both sides of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.policy import load_pack
from tests.warehouse.conftest import HERE, MONTH, THERE, County, household, person


def three(county: County, **of_the_first: Any) -> None:
    """Two households here, one there, each with a member."""
    county.received(
        "hh_register", household("h1", **of_the_first), household("h2"), household("h3", village_code=THERE)
    )
    county.received("person_register", *(person(f"h{n}", f"p{n}") for n in (1, 2, 3)))


def of_each(county: County, model: str, *columns: str) -> dict[str, tuple[Any, ...]]:
    found = county.rows(f"select subject, {', '.join(columns)} from main.{model} order by 1")
    return {subject: tuple(rest) for subject, *rest in found}


def figures(county: County, *indicators: str) -> dict[str, Any]:
    wanted = ", ".join(f"'{i}'" for i in indicators)
    return dict(
        county.rows(
            "select indicator, max(value) from main.fct_figures"
            f" where indicator in ({wanted}) and breakdown = '' and period = '{MONTH}' group by indicator"
        )
    )


HAZARDS = {
    "micro_loan": [
        {"loan_id": "1", "hh_id": "h1", "overdue_days": 1, "actual_user": "household", "purpose": "planting"},
        {"loan_id": "2", "hh_id": "h1", "overdue_days": 0, "actual_user": "enterprise", "purpose": "planting"},
        {"loan_id": "3", "hh_id": "h1", "overdue_days": 0, "actual_user": "household", "purpose": "living"},
        {"loan_id": "4", "hh_id": "h2", "overdue_days": 0, "actual_user": "household", "purpose": "planting"},
    ],
    "disaster_event": [
        {"event_id": "1", "hh_id": "h1", "type": "flood", "loss": 100},
        {"event_id": "2", "hh_id": "h1", "type": "house_fire", "loss": 50},
        {"event_id": "3", "hh_id": "h2", "type": "earthquake", "loss": 50},
    ],
    "disaster_farm": [{"event_id": "4", "hh_id": "h1", "type": "frost", "loss": 20, "product": "tea"}],
    "disaster_forest": [],
    "agri_industry": [
        {"hh_id": "h1", "project_id": "x", "industry_type": "wildlife", "income_loss": 10},
        {"hh_id": "h2", "project_id": "y", "industry_type": "planting", "income_loss": 99},
    ],
    "visit_log": [
        {"visit_id": "1", "hh_id": "h1", "custom_issue_type": "bride_price"},
        {"visit_id": "2", "hh_id": "h2", "custom_issue_type": "none"},
    ],
}
WEIGHT = (
    "loans__overdue_days", "loans__bad_n", "weather__loss_yuan", "work__idle_n", "wildlife__loss_yuan", "customs__issues_n",
)  # fmt: skip


def test_what_weighs_on_a_household_is_counted_zero_or_unknown(county: County) -> None:
    three(county)
    for extract, rows in HAZARDS.items():
        county.received(extract, *rows, village=HERE)
    county.received("employment", {"person_id": "p1", "resumed": False}, {"person_id": "p2"})
    assert of_each(county, "int_household_month", *WEIGHT) == {
        "h1": (1, 3, 120, 1, 10, 1),
        "h2": (0, 0, 0, 0, 0, 0),
        "h3": (None,) * 6,
    }


@pytest.mark.parametrize("absent", ["disaster_event", "disaster_farm", "disaster_forest"])
def test_losses_by_weather_are_known_when_all_three_tables_have_come(county: County, absent: str) -> None:
    three(county)
    for extract, rows in HAZARDS.items():
        if extract != absent:
            county.received(extract, *rows)
    assert set(of_each(county, "int_household_month", "weather__loss_yuan").values()) == {(None,)}


def test_whether_somebody_is_back_at_work_is_unknown_where_the_cell_was_refused(county: County) -> None:
    three(county)
    refused = {"person_id": "p1", "_quarantined": ["resumed"]}
    county.received("employment", refused, {"person_id": "p2", "resumed": True})
    found = of_each(county, "int_household_month", "work__idle_n")
    assert found == {"h1": (None,), "h2": (0,), "h3": (None,)}


def test_visits_of_the_year_by_who_came(county: County) -> None:
    three(county)
    county.received(
        "visit_log",
        {"visit_id": "1", "hh_id": "h1", "visitor_role": "township_secretary"},
        {"visit_id": "2", "hh_id": "h2", "visitor_role": "helper"},
        village=HERE,
    )
    county.received(
        "visit_log", {"visit_id": "3", "hh_id": "h2", "visitor_role": "village_cadre"}, month="2020-01", number=902
    )
    county.received(
        "visit_log", {"visit_id": "4", "hh_id": "h1", "visitor_role": "village_cadre"}, month="2019-12", number=903
    )
    found = of_each(county, "int_household_reach", "visits__visits_n", "visits__by_secretary", "visits__by_cadre")
    assert found == {"h1": (1, True, False), "h2": (2, False, True), "h3": (None, None, None)}


def test_aid_work_industry_and_measures_that_reach_a_household(county: County) -> None:
    three(county)
    project = {"hh_id": "h1", "dividend": 5}
    county.received(
        "agri_industry",
        *(project | {"project_id": p, "lead_entity_id": lead} for p, lead in (("x", "L"), ("y", "M"), ("z", None))),
        village=HERE,
    )
    county.received(
        "civil_aid", {"person_id": "p1", "aid_type": "dibao"}, {"person_id": "p2", "aid_type": "aged"}, village=HERE
    )
    county.received(
        "med_settlement",
        {"person_id": "p1", "self_paid_yuan": 0, "medical_aid_yuan": 1},
        {"person_id": "p2", "self_paid_yuan": 0, "medical_aid_yuan": 0},
        village=HERE,
    )
    county.received("employment", {"person_id": "p1", "status": "migrant"}, {"person_id": "p2", "status": "farming"})
    county.received("support_measure", {"measure_id": "1", "hh_id": "h1", "amount": 1}, village=HERE)
    found = of_each(
        county,
        "int_household_reach",
        "industry__projects_n", "industry__led_n", "industry__dividend_yuan", "aid__paid", "aid__backstop",
        "medical_aid__paid", "jobs__has_worker", "support__measures_n", "support__has_amount", "support__has_result",
    )  # fmt: skip
    assert found == {
        "h1": (3, 2, 15, True, True, True, True, 1, True, False),
        "h2": (0, 0, 0, True, False, False, False, 0, False, False),
        "h3": (None,) * 10,
    }


@pytest.mark.parametrize(
    ("status", "days", "at_once"),
    [
        ("exited", {"exit_date": "2019-12-10", "status_changed_at": "2019-12-31"}, True),
        ("exited", {"exit_date": "2019-12-10", "status_changed_at": "2020-01-01"}, False),
        ("relapsed", {"relapse_date": "2020-01-31", "status_changed_at": "2020-01-01"}, True),
        ("relapsed", {"exit_date": "2020-01-31", "status_changed_at": "2020-01-01"}, None),
        ("not_exited", {"status_changed_at": "2020-01-01"}, None),
    ],
)
def test_a_status_is_changed_at_once_in_the_month_of_what_changed_it(
    county: County, status: str, days: dict[str, str], at_once: bool | None
) -> None:
    three(county, poverty_status=status, **days)
    assert of_each(county, "int_household_reach", "hh_register__changed_at_once")["h1"] == (at_once,)


def test_a_case_of_a_household_that_fell_back_is_closed_after_that_or_it_counts(county: County) -> None:
    rows = [household(f"h{n}", poverty_status="relapsed", relapse_date="2020-02-10") for n in (1, 2, 3)]
    county.received("hh_register", *rows, household("h4"))
    county.received(
        "case_event",
        {"case_id": "1", "hh_id": "h1", "closed_at": "2020-02-10"},
        {"case_id": "2", "hh_id": "h2", "closed_at": "2020-02-09"},
    )
    assert figures(county, "relapsed_unresolved_households") == {"relapsed_unresolved_households": 0}
    county.con.execute("insert into build.plan_coverage select 'case_event', ?, ?", [MONTH, HERE])
    assert figures(county, "relapsed_unresolved_households") == {"relapsed_unresolved_households": 2}


@pytest.mark.parametrize(("led", "counted"), [(0, 0), (1, 1), (2, 1), (3, 0)])
def test_a_household_has_one_or_two_led_industries(county: County, led: int, counted: int) -> None:
    three(county)
    rows = [{"hh_id": "h1", "project_id": str(n), "lead_entity_id": "L"} for n in range(led)]
    county.received("agri_industry", *rows)
    assert figures(county, "households_with_led_industries") == {"households_with_led_industries": counted}


def test_land_is_steep_from_the_line_and_by_water_below_it(county: County) -> None:
    water = {"is_water_source": True, "is_basic_farmland": False, "converted": False}
    dry = {"is_water_source": False, "is_basic_farmland": False, "converted": True}
    parcels = [(25, 1, dry), (24.99, 2, water), (15, 4, water), (14.99, 8, water), (25, 16, water), (20, 32, dry)]
    rows = [
        {"parcel_id": str(n), "village_code": HERE, "slope_deg": slope, "area_mu": mu} | about
        for n, (slope, mu, about) in enumerate(parcels)
    ]
    county.received("land_use", *rows, rows[1] | {"parcel_id": "farm", "is_basic_farmland": True})
    assert figures(county, "steep_land_mu", "steep_land_converted_mu", "water_source_land_mu") == {
        "steep_land_mu": 17,
        "steep_land_converted_mu": 1,
        "water_source_land_mu": 6,
    }


VOUCHERS = [("3", "cooperation", "x"), ("4", "integrated", "y"), ("5", "poverty", None), ("6", "ecological", "x")]


def test_payments_for_projects_are_held_against_the_account_of_each_fund(county: County) -> None:
    account = {"account_id": "a", "fund_type": "poverty", "used": 7}
    county.received(
        "fund_progress",
        account,
        account | {"account_id": "b", "used": 5},
        account | {"account_id": "c", "fund_type": "cooperation", "used": 3},
        account | {"account_id": "d", "fund_type": "relief", "used": 0},
        account | {"account_id": "e", "fund_type": "ecological", "used": None, "_quarantined": ["used"]},
    )
    voucher = {"fund_type": "poverty", "project_id": "x"}
    for number, (month, *rows) in enumerate(
        [
            ("2020-01", voucher | {"voucher_id": "1", "amount": Decimal("4.5")}),
            ("2020-02", voucher | {"voucher_id": "2", "amount": Decimal("7.5")}),
            ("2020-03", *({"voucher_id": v, "fund_type": f, "project_id": p, "amount": 2} for v, f, p in VOUCHERS)),
            ("2019-12", voucher | {"voucher_id": "8", "amount": 9}),
            ("2020-04", voucher | {"voucher_id": "9", "amount": 9}),
        ],
        start=950,
    ):
        county.received("fund_voucher", *rows, month=month, number=number)
    assert of_each(county, "int_fund", "money__paid_less_used_yuan") == {
        "poverty": (0,), "cooperation": (-1,), "integrated": (2,), "ecological": (None,),
    }  # fmt: skip


def test_a_payment_knows_its_account_project_and_village(county: County) -> None:
    county.received("fund_progress", {"account_id": "a", "manager": "M"})
    county.received("project_library", {"project_id": "x", "owner_dept": "D", "village_code": HERE})
    county.received("village_register", {"village_code": HERE, "is_poor_village": True})
    county.received(
        "fund_voucher",
        {"voucher_id": "1", "account_id": "a", "project_id": "x", "fund_type": "poverty", "amount": 1},
        {"voucher_id": "2", "account_id": "b", "fund_type": "poverty", "amount": 1, "village_code": THERE},
    )
    columns = ("account__manager", "project__owner_dept", "project__place", "village__is_poor_village")
    assert of_each(county, "int_voucher", *columns) == {"1": ("M", "D", HERE, True), "2": (None, None, THERE, None)}


def test_an_industry_lacks_the_aspects_that_nobody_assessed(county: County) -> None:
    aspects = list(load_pack(county.settings.policy_dir).codes["risk_aspect"])
    county.received(
        "agri_industry", *({"hh_id": "h1", "project_id": c, "commodity": c} for c in ("tea", "rubber", "rice"))
    )
    assert set(of_each(county, "int_industry", "assessment__lacking_n").values()) == {(None,)}
    rated = {"eval_date": "2020-03-01", "score": 1}
    county.received(
        "risk_list",
        *({"industry": "tea", "aspect": a} | rated for a in aspects),
        *({"industry": "rubber", "aspect": a} | rated for a in aspects[1:]),
    )
    found = of_each(county, "int_industry", "assessment__lacking_n")
    assert found == {"tea": (0,), "rubber": (1,), "rice": (len(aspects),)}


def test_a_disabled_person_is_paid_a_subsidy_or_not_once_aid_has_come(county: County) -> None:
    three(county)
    grades = {"p1": "second", "p2": "third"}
    county.received("disability", *({"cert_no": p, "person_id": p, "grade": g} for p, g in grades.items()))
    columns = ("disability__is_severe", "subsidy__paid")
    assert of_each(county, "int_disabled", *columns) == {"p1": (True, None), "p2": (False, None)}
    county.received(
        "civil_aid", {"person_id": "p1", "aid_type": "disabled_care"}, {"person_id": "p2", "aid_type": "dibao"}
    )
    assert of_each(county, "int_disabled", *columns) == {"p1": (True, True), "p2": (False, False)}


def test_reserve_talents_of_a_village_are_young_up_to_the_age(county: County) -> None:
    post = {"role": "reserve", "village_code": HERE, "start_date": "2019-01-01"}
    births = {"p1": "1984-04-01", "p2": "1984-03-31", "p3": None}  # 35, and 36 on the last day
    county.received(
        "cadre_post",
        *(post | {"person_id": p, "birth_date": born} for p, born in births.items()),
        post | {"person_id": "p4", "birth_date": "1990-01-01", "end_date": "2020-01-01"},
        post | {"person_id": "p5", "birth_date": "1990-01-01", "role": "helper"},
    )
    found = of_each(county, "int_village_month", "reserve__young_n")
    assert (found[HERE], found[THERE]) == ((1,), (0,))


def test_a_worker_was_trained_or_not_once_the_plan_is_told_whole(county: County) -> None:
    three(county)
    county.received("employment", {"person_id": "p1", "status": "migrant"}, {"person_id": "p2", "status": "farming"})
    county.received(
        "training_record",
        {"ledger_no": "1", "person_id": "p1", "end_date": "2020-03-01", "transferred": False},
        {"ledger_no": "2", "person_id": "p2", "transferred": False},
    )
    columns = ("course__has_trained", "employment__is_working")
    assert of_each(county, "int_worker", *columns) == {"p1": (True, True), "p2": (None, False)}
    county.con.execute("insert into build.plan_coverage select 'training_record', ?, ?", [MONTH, HERE])
    assert of_each(county, "int_worker", *columns) == {"p1": (True, True), "p2": (False, False)}


def test_assets_of_a_household_are_known_when_all_five_checks_have_come(county: County) -> None:
    three(county)
    hit = {"hh_id": "h1", "person_id": "p1", "result": "confirmed", "checked_at": "2020-03-01"}
    miss = {"hh_id": "h2", "person_id": "p2", "result": "false_match", "checked_at": "2020-03-01"}
    for check in ("credit", "enterprise", "property", "public_employee"):
        county.received(f"asset_check_{check}", *([hit, miss] if check == "property" else []))
    assert set(of_each(county, "int_household_reach", "assets__confirmed").values()) == {(None,)}
    county.received("asset_check_vehicle", village=HERE)
    found = of_each(county, "int_household_reach", "assets__confirmed")
    assert found == {"h1": (True,), "h2": (False,), "h3": (None,)}
