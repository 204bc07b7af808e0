"""Early signs of a household in need as Ganzhou, Shuangjiang and Xinfeng ask for them, the way of its case, its village's services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, THERE, County, household, person


def measures(county: County, *codes: str) -> dict[str, tuple[Any, ...]]:
    """Household → its value of each measure."""
    names = ", ".join(f"'{code}'" for code in codes)
    found: dict[str, dict[str, Any]] = {}
    for subject, code, value in county.rows(
        f"select subject, measure, value from main.risk_measures where measure in ({names})"
    ):
        found.setdefault(subject, {})[code] = value
    return {h: tuple(values[code] for code in codes) for h, values in sorted(found.items())}


def households(county: County, *names: str, **given: Any) -> None:
    county.received("hh_register", *(household(name, **given) for name in names))


def test_shares_of_income_on_both_sides_of_their_lines(county: County) -> None:
    county.con.execute("update build.setting set poverty_line = 4000")
    households(county, "h1", "h2", "h3", "h4")
    county.received("person_register", *(person(f"h{n}", f"p{n}", school_stage="not_student") for n in range(1, 5)))
    for extract in ("disaster_event", "med_settlement", "edu_student"):
        rows = {
            "disaster_event": [{"event_id": "e", "hh_id": "h1", "type": "flood", "loss": 10}],
            "med_settlement": [{"person_id": "p2", "self_paid_yuan": 10}],
        }.get(extract, [])
        county.received(extract, *rows)
    county.received("agri_industry", {"hh_id": "h4", "project_id": "x", "income_loss": 5})
    county.received("stat_base_county", {"year": 2019, "county_rural_income_pc": 10000})
    accounts = [("h1", 4000, 50000, 20000), ("h2", 6000, 50000, 20005), ("h3", 10000, 50000, 0), ("h4", 4001, 0, 5)]
    county.received(
        "hh_income",
        *(
            {"hh_id": h, "net_income_pc": pc, "total_income": total, "transfer_income": part, "rigid_expense": part}
            for h, pc, total, part in accounts
        ),
    )
    assert measures(
        county,
        "transfer_income_share_percent",
        "income_to_poverty_line_percent",
        "income_to_average_percent",
        "rigid_to_income_percent",
        "spending_to_income_percent",
    ) == {
        "h1": (40, 100, 40, 40, 40),
        "h2": (Decimal("40.01"), 150, 60, Decimal("40.01"), Decimal("40.01")),
        "h3": (0, 250, 100, 0, 0),
        "h4": (None, Decimal("100.025"), Decimal("40.01"), None, None),  # nothing came in: no share of it
    }


def test_a_share_a_cent_short_of_a_line_is_below_it(county: County) -> None:
    households(county, "h1", "h2")
    accounts = [("h1", Decimal("1999999.99")), ("h2", Decimal("2000000.00"))]
    county.received(
        "hh_income", *({"hh_id": h, "total_income": 5_000_000, "transfer_income": part} for h, part in accounts)
    )
    found = measures(county, "transfer_income_share_percent")
    assert found["h1"][0] < 40 == found["h2"][0]


def test_workers_pupils_grandchildren_and_aid(county: County) -> None:
    households(county, "h1", "h2", "h3", "h4")
    people = [
        (
            "h1",
            "a",
            {"labour_ability": "full", "school_stage": "not_student", "relation": "head", "birth_date": "1960-01-01"},
        ),
        (
            "h1",
            "b",
            {
                "labour_ability": "none",
                "school_stage": "primary",
                "relation": "grandchild",
                "birth_date": "2004-04-01",
                "guardian_type": "grandparents",
            },
        ),
        (
            "h1",
            "c",
            {
                "labour_ability": "none",
                "school_stage": "junior",
                "relation": "grandchild",
                "birth_date": "2004-03-31",
                "guardian_type": None,
            },
        ),
        (
            "h2",
            "d",
            {"labour_ability": "weak", "school_stage": "not_student", "relation": "head", "birth_date": "1960-01-01"},
        ),
        (
            "h2",
            "e",
            {"labour_ability": "full", "school_stage": "not_student", "relation": "child", "birth_date": "1980-01-01"},
        ),
        (
            "h2",
            "f",
            {
                "labour_ability": "none",
                "school_stage": "primary",
                "relation": "grandchild",
                "birth_date": "2010-01-01",
                "guardian_type": "parents",
            },
        ),
        (
            "h3",
            "g",
            {"labour_ability": "full", "school_stage": "not_student", "relation": "head", "birth_date": "1960-01-01"},
        ),
        ("h4", "h", {"labour_ability": None, "school_stage": None, "relation": "head", "birth_date": None}),
    ]
    county.received("person_register", *(person(h, p, **given) for h, p, given in people))
    county.received(
        "employment",
        {"person_id": "a", "status": "farming"},
        {"person_id": "d", "status": "none"},
        {"person_id": "e", "status": "migrant"},
    )
    county.received("agri_industry", {"hh_id": "h2", "project_id": "x"})
    county.received(
        "edu_student", {"person_id": "b", "school_stage": "primary"}, {"person_id": "c", "school_stage": "junior"}
    )
    county.received("med_settlement", *({"person_id": p, "self_paid_yuan": 1} for p in "adg"))
    for extract in ("disability", "disaster_event", "temp_relief"):
        county.received(extract)
    county.received("civil_aid", {"person_id": "d", "aid_type": "dibao"})
    codes = (
        "workers_without_industry_or_job",
        "students_in_household",
        "grandparent_raised_children",
        "sudden_events_without_aid",
    )
    county.con.execute("alter table build.setting drop grandparent_raised_rule")
    county.con.execute("alter table build.setting add grandparent_raised_rule varchar default 'guardian'")
    assert measures(county, *codes) == {
        "h1": (1, 2, 1, 1),  # whoever is 16 is no child any more
        "h2": (0, None, 0, 0),  # a project; a pupil whom no roll names; the parents are there; an allowance
        "h3": (None, 0, 0, 1),  # nobody knows whether g works
        "h4": (None, None, None, 0),
    }
    county.con.execute("update build.setting set grandparent_raised_rule = 'no_parent'")
    assert {h: v for h, (v,) in measures(county, "grandparent_raised_children").items()} == {
        "h1": 1,
        "h2": 0,
        "h3": 0,
        "h4": 0,
    }


@pytest.mark.parametrize(
    ("geo", "metres"),
    [
        ("E100°10′00″ N21°30′00″", 0),  # on the point
        ("E100.166667 N21.502000", 122),  # 222 m north, less the 100 that it threatens
        ("100.166667,21.502000", 122),
        ("E100°10′00″ N21°30′03.2″", 0),  # 99 m
        ("某村", None),
        (None, None),
    ],
)
def test_how_far_a_home_is_from_what_a_hazard_threatens(county: County, geo: str | None, metres: int | None) -> None:
    households(county, "h1", geo=geo)
    points = [("near", "E100°10′00″ N21°30′00″"), ("far", "E100°20′00″ N21°30′00″")]
    county.received("hazard_point", *({"point_id": p, "geom": place, "radius_m": 100} for p, place in points))
    assert measures(county, "distance_to_hazard_m") == {"h1": (metres,)}


def test_a_point_without_a_place_leaves_every_distance_open(county: County) -> None:
    households(county, "h1", geo="E100°10′00″ N21°30′00″")
    county.received(
        "hazard_point",
        {"point_id": "x", "geom": "山后", "radius_m": 100},
        {"point_id": "y", "geom": "E100°10′00″ N21°30′00″", "radius_m": 1},
    )
    assert measures(county, "distance_to_hazard_m") == {"h1": (None,)}


def test_a_price_falls_over_the_months_that_are_set(county: County) -> None:
    county.con.execute("update build.setting set price_fall_months = 2")
    households(county, "h1", "h2", "h3")
    county.received(
        "agri_industry",
        {"hh_id": "h1", "project_id": "x", "commodity": "tea"},
        {"hh_id": "h2", "project_id": "y", "commodity": "nut"},
    )
    for month, price, number in (("2020-01", 50, 5001), ("2020-02", 10, 5002), (MONTH, 40, 0)):
        county.received(
            "price_monitor", {"commodity": "tea", "price_month": month, "price": price}, month=month, number=number
        )
    assert measures(county, "price_fall_percent") == {"h1": (20,), "h2": (None,), "h3": (0,)}
    county.con.execute("update build.setting set price_fall_months = null")
    assert measures(county, "price_fall_percent") == {"h1": (None,), "h2": (None,), "h3": (None,)}


def test_a_case_is_filed_by_its_steps_and_its_lead_is_on_record(county: County) -> None:
    households(county, "h1", "h2", "h3")
    whole = [("survey", 2), ("department_check", 3), ("notice", 4), ("filing", 31)]
    steps = [("c1", "h1", "department", s, d) for s, d in whole]
    steps += [("c2", "h2", "application", s, d) for s, d in whole if s != "department_check"]
    steps += [("c3", "h3", "application", "survey", None)]
    county.received(
        "case_event",
        *(
            {
                "case_id": c, "hh_id": h, "village_code": HERE, "case_type": "entry", "source_channel": channel, "step": step,
                "opened_at": date(2020, 3, 1), "started_at": date(2020, 3, 1), "finished_at": day and date(2020, 3, day),
                "event_type": "serious_illness" if c == "c1" else "none",
                "occurred_at": date(2020, 2, 27), "reported_at": date(2020, 3, 1),
            }
            for c, h, channel, step, day in steps
        ),
    )  # fmt: skip
    county.received(
        "public_notice",
        {
            "notice_id": "n",
            "channel": "website",
            "village_code": HERE,
            "object_type": "case_list",
            "start_date": date(2020, 3, 1),
        },
    )
    county.received("warning", {"warn_id": "w", "hh_id": "h1"})
    county.received("application", {"app_id": "a", "hh_id": "h2"})
    # what is not there is known to be missing only where every month of the plan has come
    county.con.execute("update build.plan_coverage set period = period where false")
    columns = (
        "is_new", "is_filed_now", "has_survey", "has_department_check", "has_notice", "has_event", "report_days",
    )  # fmt: skip
    named = ", ".join(f"case_event__{c}" for c in columns)
    found = {
        s: tuple(rest)
        for s, *rest in county.rows(
            f"select subject, {named}, notice__has_one, warned__has_one, applied__has_one from main.int_case"
        )
    }
    assert found == {
        "c1": (True, True, True, True, True, True, 3, True, True, None),
        "c2": (True, True, True, False, True, False, 3, True, None, True),
        "c3": (True, False, False, False, False, False, 3, True, None, None),
    }
    leads = "select subject, numerator from main.cases where indicator = 'leads_with_record' order by 1"
    assert county.rows(leads) == [("c1", 1), ("c2", 1), ("c3", None)]
    by_steps = "select subject from main.cases where indicator = 'cases_filed_by_the_steps'"
    assert county.rows(by_steps) == [("c1",)]


def test_a_village_is_held_against_its_year_before_and_by_what_it_has(county: County) -> None:
    both = [{"village_code": v, "year": 2019, "operating_income": y} for v, y in ((HERE, 50000), (THERE, 49999))]
    county.received("village_finance", *both)
    before = [{"village_code": v, "year": 2018, "operating_income": 50000} for v in (HERE, THERE)]
    county.received("village_finance", *before, month="2019-03", number=SUBMISSION["village_finance"] + 1000)
    for extract, given in {
        "village_road": {"hard_road": True, "bus_service": False},
        "village_power": {"power_3phase": True},
        "village_network": {"broadband": True},
    }.items():
        county.received(extract, {"village_code": HERE} | given, {"village_code": THERE} | given)
    county.received("village_service", {"village_code": HERE, "culture_centre": True, "ecommerce_station": False})
    rows = county.rows(
        "select subject, services__had_n, services__asked_n, numerator from main.int_village_month as v left join main.village_economy as c"
        f" using (period, subject) where subject in ('{HERE}', '{THERE}') and c.indicator = 'villages_income_kept' order by 1"
    )
    assert rows == [(HERE, 4, 6, 1)]  # not known of what the other has; its income fell


def test_whoever_leads_teaches_and_whoever_works_has_learnt(county: County) -> None:
    county.received("hh_register", household("h1"))
    stages = {
        "p1": ("senior", "vocational"),
        "p2": ("not_student", None),
        "p3": ("senior", None),
        "p4": ("college", "university"),
    }
    county.received(
        "person_register", *(person("h1", p, school_stage=s, labour_ability="full") for p, (s, _) in stages.items())
    )
    county.received("edu_student", *({"person_id": p, "school_stage": s} for p, (_, s) in stages.items() if s))
    county.received(
        "leader_register",
        {"person_id": "l1", "village_code": HERE, "hh_linked_n": 0},
        {"person_id": "l2", "village_code": HERE, "hh_linked_n": 1},
    )
    county.received(
        "training_record",
        {"ledger_no": "1", "person_id": "p2", "trainer_id": "l1"},
        {"ledger_no": "2", "person_id": "p2"},
    )
    assert county.rows("select subject, vocational__is_at_school from main.int_person_month order by 1") == [
        ("p1", True), ("p2", False), ("p3", None), ("p4", False),
    ]  # fmt: skip
    found = county.rows("select subject, taught__entries_n from main.int_leader order by 1")
    assert found == [("l1", 1), ("l2", 0)]
