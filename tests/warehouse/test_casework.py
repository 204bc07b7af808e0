"""What the subjects of casework make of a few rows, on both sides of every line."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.warehouse.conftest import HERE, THERE, County, household, person


def test_working_days_of_a_notice_with_and_without_its_first_day(county: County) -> None:
    shown = {
        "mon_fri": (date(2020, 3, 2), date(2020, 3, 6)),
        "mon_sat": (date(2020, 3, 2), date(2020, 3, 7)),
        "mon_mon": (date(2020, 3, 2), date(2020, 3, 9)),
        "fri_thu": (date(2020, 3, 6), date(2020, 3, 12)),
        "sat_fri": (date(2020, 3, 7), date(2020, 3, 13)),
        "sat_sat": (date(2020, 3, 7), date(2020, 3, 7)),
        "sun_sun": (date(2020, 3, 8), date(2020, 3, 15)),
        "over_qingming": (date(2020, 3, 30), date(2020, 4, 7)),  # 4 to 6 April are days off
        "made_up": (date(2020, 4, 25), date(2020, 4, 26)),  # a Sunday worked for a day off in May
        "not_known": (date(2020, 3, 2), date(2031, 1, 6)),  # nobody knows the holidays of 2031 yet
        "before": (date(2020, 2, 28), None),
    }
    county.received(
        "public_notice",
        *(
            {"notice_id": n, "channel": "village_board", "object_type": "case_list", "start_date": a, "end_date": b}
            for n, (a, b) in shown.items()
        ),
    )
    found = county.rows(
        "select public_notice__notice_id, public_notice__working_days, public_notice__working_days_after_first, public_notice__is_new"
        " from main.int_notice order by 1"
    )
    assert found == [
        ("before", None, None, False),
        ("fri_thu", 5, 4, True),
        ("made_up", 1, 1, False),
        ("mon_fri", 5, 4, True),
        ("mon_mon", 6, 5, True),
        ("mon_sat", 5, 4, True),
        ("not_known", None, None, True),
        ("over_qingming", 6, 5, True),
        ("sat_fri", 5, 5, True),
        ("sat_sat", 0, 0, True),
        ("sun_sun", 5, 5, True),
    ]


def test_an_application_is_counted_when_it_comes_and_when_it_is_closed(county: County) -> None:
    county.received("hh_register", household("h1"))
    came = {"applicant_name": "n", "person_id": "p", "hh_id": "h1", "channel": "paper", "village_code": HERE}
    county.received(
        "application",
        came | {"app_id": "1", "submitted_at": date(2020, 3, 1), "accepted_at": date(2020, 3, 4), "closed_at": None},
        came | {"app_id": "2", "submitted_at": date(2020, 2, 29), "accepted_at": None, "closed_at": date(2020, 3, 31)},
        came | {"app_id": "3", "submitted_at": date(2020, 3, 31), "accepted_at": None, "closed_at": date(2020, 4, 1)},
    )
    assert county.rows(
        "select subject, application__is_new, application__has_accepted_at, application__accept_days,"
        " application__is_closed_now, application__close_days from main.int_application order by 1"
    ) == [
        ("1", True, True, 3, False, None),
        ("2", False, False, None, True, 31),
        ("3", True, False, None, False, 1),
    ]


def test_what_keeps_a_monitored_household_out_is_asked_where_the_departments_have_answered(county: County) -> None:
    county.received(
        "hh_register",
        *(household(h, hh_type="marginal") for h in ("h1", "h2", "h3")),
        *(household("h4", hh_type="marginal", village_code=THERE), household("h5")),
    )
    county.received(
        "person_register", *(person(h, p) for h, p in (("h1", "p1"), ("h2", "p2"), ("h3", "p3"), ("h4", "p4")))
    )
    checked: dict[str, Any] = {"checked_at": date(2020, 3, 9), "result": "confirmed"}
    town = {"location": "town", "property_use": "flat"} | checked
    county.received(
        "asset_check_property",
        {"hh_id": "h1", "person_id": "p1", "real_estate": "1"} | town,
        {"hh_id": "h2", "person_id": "p2", "real_estate": "2"} | town | {"property_use": "resettlement"},
        {"hh_id": "h3", "person_id": "p3", "real_estate": "3"} | town | {"result": "sold"},
        village=HERE,
    )
    firm = {"business_status": "trading"} | checked
    county.received(
        "asset_check_enterprise",
        {"hh_id": "h1", "person_id": "p1", "enterprise": "1"} | firm,
        {"hh_id": "h2", "person_id": "p2", "enterprise": "2"} | firm | {"business_status": "suspended"},
        {"hh_id": "h3", "person_id": "p3", "enterprise": "3"} | firm | {"result": None},
    )
    assert county.rows(
        "select subject, property__has_one, property__has_town, firm__has_one, firm__has_trading"
        " from main.int_monitored_household order by 1"
    ) == [
        ("h1", True, True, True, True),
        ("h2", True, False, True, False),
        ("h3", False, False, None, None),
        ("h4", None, None, False, False),
    ]


def test_help_is_one_kind_or_several_and_starts_some_days_after_the_risk(county: County) -> None:
    county.received("hh_register", *(household(h, hh_type="marginal") for h in ("h1", "h2")))
    risk = {"village_code": HERE, "source": "department", "status": "open"}
    county.received(
        "risk_record",
        risk | {"hh_id": "h1", "risk_code": "illness", "found_at": date(2020, 3, 2)},
        risk | {"hh_id": "h1", "risk_code": "low_motivation", "found_at": date(2020, 3, 5)},
        risk | {"hh_id": "h2", "risk_code": "illness", "found_at": date(2020, 3, 5), "status": "resolved"},
    )
    help_ = {"village_code": HERE, "hh_id": "h1"}
    county.received(
        "support_measure",
        help_ | {"measure_id": "1", "measure_type": "health", "started_at": date(2020, 3, 12), "priority": True},
        help_ | {"measure_id": "2", "measure_type": "training", "started_at": date(2020, 3, 20), "priority": False},
    )
    assert county.rows(
        "select subject, risk__open_n, risk__motivation_n, risk__resolved_n, help__kinds_n, help__development_n, help__priority_n,"
        " help__start_days from main.int_monitored_household order by 1"
    ) == [("h1", 2, 1, 0, 2, 1, 1, 10), ("h2", 0, 0, 1, 0, 0, 0, None)]


def test_a_persons_age_split_and_visits_are_those_of_the_last_day_of_the_month(county: County) -> None:
    county.received("hh_register", household("h1", hh_type="marginal"), household("h2"))
    county.received(
        "person_register",
        person("h1", "p1", birth_date=date(2004, 3, 31), hukou_change_type="split", change_date=date(2020, 2, 29)),
        person("h1", "p2", birth_date=date(2004, 4, 1), hukou_change_type="married", change_date=date(2020, 3, 1)),
        person("h2", "p3", birth_date=None, hukou_change_type=None, change_date=None),
    )
    county.received("civil_aid", {"person_id": "p2", "aid_type": "tekun"}, {"person_id": "p1", "aid_type": "dibao"})
    visit = {"village_code": HERE, "hh_id": "h1", "visit_date": date(2020, 3, 9)}
    county.received("visit_log", visit | {"visit_id": "1", "visit_type": "help"}, village=HERE)
    assert county.rows(
        "select subject, person_register__age, person_register__is_split, person_register__months_since_change,"
        " hh_register__is_monitored, paid__is_tekun, visited__visits_n, visited__is_screened from main.int_person_month order by 1"
    ) == [
        ("p1", 16, True, 1, True, False, 1, False),
        ("p2", 15, False, 0, True, True, 1, False),
        ("p3", None, False, None, False, False, 0, False),
    ]


def test_a_village_counts_its_households_at_risk_and_a_group_is_short_of_water_when_one_household_is(
    county: County,
) -> None:
    county.received("hh_register", *(household(h) for h in ("h1", "h2", "h3")))
    risk = {"village_code": HERE, "source": "department", "found_at": date(2020, 3, 2)}
    county.received(
        "risk_record",
        risk | {"hh_id": "h1", "risk_code": "illness", "status": "open"},
        risk | {"hh_id": "h1", "risk_code": "disaster", "status": "helping"},
        risk | {"hh_id": "h2", "risk_code": "illness", "status": "resolved"},
    )
    county.received(
        "disaster_event",
        {"event_id": "1", "hh_id": "h3", "village_code": HERE, "type": "hail", "loss": 9},
        village=HERE,
    )
    group = {"village_code": HERE, "secured": True}
    county.received(
        "water",
        group | {"hh_id": "h1", "group_name": "a", "dry_season": False},
        group | {"hh_id": "h2", "group_name": "a", "dry_season": True},
        group | {"hh_id": "h3", "group_name": "b", "dry_season": None},
    )
    columns = "at_risk__households_n, households__households_n, struck__households_n, screened__visits_n"
    assert county.rows(
        f"select {columns} from main.int_village_month where subject in ('{HERE}', '{THERE}') order by subject"
    ) == [
        (1, 3, 1, None),
        (0, 0, None, None),
    ]
    found = county.rows("select water__is_short from main.int_water_group order by subject")
    assert found == [(True,), (None,)]


def test_what_was_refused_of_a_day_is_unknown_and_what_is_blank_is_no(county: County) -> None:
    """A step is finished, an application closed and a risk removed in the month, before it, not at all, or nobody knows."""
    days = {"in": date(2020, 3, 31), "before": date(2020, 2, 29), "blank": None, "refused": None}

    def told(column: str, name: str) -> dict[str, Any]:
        return {column: days[name], "_quarantined": [column] if name == "refused" else []}

    county.received("hh_register", *(household(n) | told("risk_removed_at", n) for n in days))
    case = {"village_code": HERE, "step": "survey", "started_at": date(2020, 2, 1)}
    county.received("case_event", *(case | {"case_id": n, "hh_id": n} | told("finished_at", n) for n in days))
    came = {
        "applicant_name": "n",
        "person_id": "p",
        "channel": "paper",
        "village_code": HERE,
        "submitted_at": date(2020, 2, 1),
    }
    county.received("application", *(came | {"app_id": n, "hh_id": n} | told("closed_at", n) for n in days))
    help_ = {"village_code": HERE, "measure_type": "health", "due_date": date(2020, 3, 31)}
    late = {"measure_id": "late", "hh_id": "in", "due_date": date(2020, 4, 1)}
    county.received(
        "support_measure",
        *(help_ | {"measure_id": n, "hh_id": n} | told("done_date", n) for n in days),
        help_ | late,
    )
    wanted = [("before", False), ("blank", False), ("in", True), ("refused", None)]
    assert (
        county.rows("select hh_register__hh_id, case_event__is_finished_now from main.int_case_step order by 1")
        == wanted
    )
    asked = (
        "select subject, application__is_closed_now from main.int_application order by 1",
        "select subject, hh_register__is_risk_removed_now from main.int_household_month order by 1",
    )
    for query in asked:
        assert county.rows(query) == wanted
    overdue = "select subject, support_measure__is_overdue from main.int_support order by 1"
    assert county.rows(overdue) == [
        ("before", False),
        ("blank", True),
        ("in", False),
        ("late", False),
        ("refused", None),
    ]


def test_a_worksheet_counts_when_it_was_filled_in_and_is_unknown_while_a_month_of_the_files_is_missing(
    county: County,
) -> None:
    county.received("hh_register", *(household(h, hh_type="marginal") for h in ("h1", "h2", "h3", "h4", "h5")))
    paper = {
        "village_code": HERE,
        "doc_type": "worksheet",
        "filed_date": date(2020, 3, 9),
        "filled_date": date(2020, 3, 2),
    }
    county.received(
        "case_file",
        paper | {"file_id": "1", "hh_id": "h1"},
        paper | {"file_id": "2", "hh_id": "h2", "filled_date": None},
        paper | {"file_id": "3", "hh_id": "h3", "doc_type": "consent"},
    )
    query = "select subject, worksheet__is_filled from main.int_household_reach order by 1"
    assert {told for _, told in county.rows(query)} == {None}
    county.con.execute(
        "insert into build.plan_coverage by name select 'case_file' as extract, $1 as period, $2 as village_code",
        ["2020-03", HERE],
    )
    assert county.rows(query) == [("h1", True), ("h2", False), ("h3", False), ("h4", False), ("h5", False)]
