"""Lines that clauses draw, on both sides: shares of sums, ages, members' strength, visits, conditions that must all be met."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.conftest import HERE, MONTH, THERE, County, household, person
from tests.warehouse.test_plan_clauses import counted
from tests.warehouse.test_rises import figures

NOWHERE = "532822103201"  # a village of which less is known


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        (
            {"self_paid": 1000, "allocated": 1000, "files": 4, "teams": 1, "insured": 10},
            {
                "inpatient_self_paid_share": "10",
                "budget_share_percent": "10",
                "credit_files_share": "100",
                "league_levels_with_team_share": "100",
                "insured_farming_population_share": "10",
            },
        ),
        (
            {"self_paid": 1001, "allocated": 999, "files": 3, "teams": 0, "insured": 9},
            {
                "inpatient_self_paid_share": "10.01",
                "budget_share_percent": "9.99",
                "credit_files_share": "75",
                "league_levels_with_team_share": "50",
                "insured_farming_population_share": "9",
            },
        ),
    ],
)
def test_a_share_on_its_line_and_one_step_off_it(county: County, given: dict[str, int], shares: dict[str, str]) -> None:
    numbers = range(1, 5)
    county.received("hh_register", *(household(f"h{n}") for n in numbers))
    county.received("person_register", *(person(f"h{n}", f"p{n}", labour_ability="full") for n in numbers))
    county.received(
        "med_settlement",
        {"person_id": "p1", "total_cost_yuan": 4000, "self_paid_yuan": given["self_paid"]},
        {"person_id": "p2", "total_cost_yuan": 6000, "self_paid_yuan": 0},
    )
    county.received(
        "credit_file", *({"hh_id": f"h{n}", "file_date": "2019-05-01"} for n in range(1, given["files"] + 1))
    )
    budget = {"year": 2020, "level": "county", "fund_type": "poverty", "budget": 9000}
    county.received("fund_budget", budget | {"poverty_alloc": given["allocated"]})
    county.received("stat_base_county", {"year": 2019, "public_budget_revenue": 10000})
    county.received(
        "org_register_league",
        {"org_id": "o1", "level": "county", "volunteer_team_n": 1},
        {"org_id": "o2", "level": "township", "volunteer_team_n": given["teams"]},
    )
    policy = {"product": "anti_poverty", "sum_insured": 3000}
    county.received("insurance_policy", policy | {"policy_id": "1", "insured_n": given["insured"]})
    county.received("stat_base_town", {"township_code": HERE[:9], "agri_pop": 100})
    found = figures(county, *shares)
    assert {code: value for code, (value, _) in found.items()} == {code: Decimal(s) for code, s in shares.items()}


def test_a_projects_average_of_one_hides_a_household_without_any(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"))
    county.received("person_register", *(person(f"h{n}", f"p{n}", labour_ability="full") for n in (1, 2)))
    county.received("agri_industry", {"hh_id": "h1", "project_id": "a"}, {"hh_id": "h1", "project_id": "b"})
    upkeep = counted(county, "upkeep", "able_households", "industry_projects_of_able_households")
    assert sum(upkeep["able_households"].values()) == sum(upkeep["industry_projects_of_able_households"].values()) == 2
    found = counted(county, "livelihoods", "able_households_with_project", "able_households_without_project")
    assert found == {"able_households_with_project": {"h1": 1}, "able_households_without_project": {"h2": 1}}


def test_a_minor_in_hardship_support_is_younger_than_sixteen(county: County) -> None:
    county.con.execute("update build.setting set tekun_minor_age = 16")
    county.received("hh_register", household("h1"))
    county.received(
        "person_register",
        person("h1", "p1", birth_date=date(2004, 3, 31)),
        person("h1", "p2", birth_date=date(2004, 4, 1)),
        person("h1", "p3", birth_date=date(2010, 1, 1)),
    )
    county.received("civil_aid", {"person_id": "p1", "aid_type": "tekun"}, {"person_id": "p2", "aid_type": "tekun"})
    assert counted(county, "persons", "minors_in_tekun") == {"minors_in_tekun": {"p2": 1}}


def test_who_cannot_work_or_is_severely_disabled_may_have_the_allowance(county: County) -> None:
    rows = [household(f"h{n}", hh_type="marginal") for n in (1, 2, 3, 4)] + [household("h5")]
    county.received("hh_register", *rows)
    strength = {"h1": "none", "h2": "full", "h3": "full", "h4": None, "h5": "none"}
    county.received("person_register", *(person(h, f"p-{h}", labour_ability=s) for h, s in strength.items()))
    county.received("disability", {"person_id": "p-h2", "grade": "second"}, {"person_id": "p-h3", "grade": "third"})
    county.received("civil_aid", {"person_id": "p-h2", "aid_type": "dibao"})
    found = counted(county, "monitored", "allowance_entitled_households", "allowance_entitled_with_dibao")
    assert found == {
        "allowance_entitled_households": {"h1": 1, "h2": 1, "h4": None},
        "allowance_entitled_with_dibao": {"h2": 1},
    }


@pytest.mark.parametrize(("once", "enough"), [("true", {"h1"}), ("false", {"h1", "h2"}), ("null", set())])
def test_two_visits_of_the_helper_on_a_day_count_once_where_that_is_set(
    county: County, once: str, enough: set[str]
) -> None:
    county.con.execute(f"update build.setting set visits_per_month = 2, visits_same_day_once = {once}")
    county.received("hh_register", *(household(f"h{n}", hh_type="marginal", helper_id="p-helper") for n in (1, 2, 3)))
    visit = {"village_code": HERE, "visit_type": "help", "visitor_role": "helper", "visitor_id": "p-helper"}
    other = visit | {"visitor_id": "p-other"}
    made = [
        visit | {"hh_id": "h1", "visit_date": date(2020, 3, 9)},
        visit | {"hh_id": "h1", "visit_date": date(2020, 3, 10)},
        visit | {"hh_id": "h2", "visit_date": date(2020, 3, 9)},
        visit | {"hh_id": "h2", "visit_date": date(2020, 3, 9)},
        visit | {"hh_id": "h3", "visit_date": date(2020, 3, 9)},
        other | {"hh_id": "h3", "visit_date": date(2020, 3, 10)},
    ]
    county.received("visit_log", *(row | {"visit_id": str(n)} for n, row in enumerate(made)))
    found = counted(county, "livelihoods", "unregistered_households_visited_enough")
    assert {h for h, n in found["unregistered_households_visited_enough"].items() if n} == enough
    assert counted(county, "visits", "visits_by_others") == {"visits_by_others": {"5": 1}}


def test_a_visit_is_the_helpers_by_id_or_by_name_and_office_and_unknown_where_nobody_knows_the_helper(
    county: County,
) -> None:
    by_id, by_name = {"helper_id": "p1", "helper_name": "n1"}, {"helper_id": None, "helper_name": "n1"}
    nobody: dict[str, Any] = {"helper_id": None, "helper_name": None}
    cases: dict[str, tuple[dict[str, Any], dict[str, Any], bool | None]] = {
        "the helper, whatever office is written": (by_id, {"visitor_id": "p1", "visitor_role": "village_cadre"}, True),
        "another helper": (by_id, {"visitor_id": "p2", "visitor_name": "n1", "visitor_role": "helper"}, False),
        "by name": (by_name, {"visitor_id": "p1", "visitor_name": "n1", "visitor_role": "helper"}, True),
        "the visit without an id": (by_id, {"visitor_id": None, "visitor_name": "n1", "visitor_role": "helper"}, True),
        "by the helper's own office": (
            by_name | {"helper_role": "first_secretary"},
            {"visitor_name": "n1", "visitor_role": "first_secretary"},
            True,
        ),
        "a namesake": (
            by_name | {"helper_role": "first_secretary"},
            {"visitor_name": "n1", "visitor_role": "group_cadre"},
            False,
        ),
        "another name": (by_name, {"visitor_name": "n2", "visitor_role": "helper"}, False),
        "no helper": (nobody, {"visitor_id": "p1", "visitor_role": "helper"}, False),
        "helper refused": (
            nobody | {"_quarantined": ["helper_id"]},
            {"visitor_id": "p1", "visitor_role": "helper"},
            None,
        ),
        "nobody named": (by_id, {"visitor_id": None, "visitor_name": None, "visitor_role": "helper"}, None),
    }
    county.received("hh_register", *(household(case, **register) for case, (register, _, _) in cases.items()))
    visits = [{"visit_id": case, "hh_id": case, **visit} for case, (_, visit, _) in cases.items()]
    county.received("visit_log", *visits, {"visit_id": "not registered", "hh_id": "x", "visitor_id": "p1"})
    told = dict(county.rows("select subject, hh_register__helper_came from main.int_visit"))
    assert told == {case: answer for case, (*_, answer) in cases.items()} | {"not registered": None}
    by_others = counted(county, "visits", "visits_by_others")["visits_by_others"]
    others = {case: None if answer is None else 1 for case, answer in told.items() if answer is not True}
    assert by_others == others
    of_the_helper = dict(county.rows("select subject, visit__helper_visits_n from main.int_household_help"))
    assert of_the_helper == {case: None if answer is None else int(answer) for case, (*_, answer) in cases.items()}


@pytest.mark.parametrize(
    ("days", "late"),
    [("7", {"8 days": 1, "8 days and silent": 1, "refused": None}), ("null", None)],
)
def test_a_donation_that_is_not_published_within_the_days_is_listed(
    county: County, days: str, late: dict[str, int | None] | None
) -> None:
    county.con.execute(f"update build.setting set donation_publish_days = {days}")
    given = {
        "7 days": (date(2020, 3, 2), date(2020, 3, 9)),
        "8 days": (date(2020, 3, 2), date(2020, 3, 10)),
        "the same day": (date(2020, 3, 2), date(2020, 3, 2)),
        "7 days and silent": (date(2020, 3, 24), None),
        "8 days and silent": (date(2020, 3, 23), None),
        "refused": (date(2020, 3, 2), None),
    }
    rows = [{"donation_id": name, "date": day, "published_at": published} for name, (day, published) in given.items()]
    rows[-1]["_quarantined"] = ["published_at"]
    county.received("donation_ledger", *rows)
    found = counted(county, "donations", "donations_published_late")["donations_published_late"]
    assert found == (dict.fromkeys(given) if late is None else late)


def test_a_helper_who_left_leaves_the_household_without_one_from_that_day(county: County) -> None:
    since = {"p-next-month": "2019-01-01", "p-back": "2019-01-01", "p-new": "2020-03-31", "p-stays": "2019-01-01"}
    since |= {"p-left": "2019-01-01"}
    county.received("hh_register", *(household(h, helper_id=h, helper_since=day) for h, day in since.items()))
    post = {"role": "helper", "start_date": date(2018, 1, 1)}
    left = {
        "p-left": date(2020, 3, 31),
        "p-next-month": date(2020, 4, 1),
        "p-back": date(2020, 1, 1),
        "p-new": date(2020, 3, 30),
    }
    county.received(
        "cadre_post",
        *(post | {"person_id": p, "end_date": day} for p, day in left.items()),
        post | {"person_id": "p-back", "start_date": date(2020, 2, 1)},
    )
    found = counted(county, "livelihoods", "households_whose_helper_left")
    assert found == {"households_whose_helper_left": {"p-left": 1}}


def test_a_guard_replaced_in_the_month_keeps_one_post(county: County) -> None:
    days = {
        "p-before": date(2020, 2, 29),
        "p-left": date(2020, 3, 1),
        "p-last-day": date(2020, 3, 31),
        "p-next-month": date(2020, 4, 1),
        "p-instead": None,
        "p-unread": None,
    }
    county.received("hh_register", *(household(f"h-{p}") for p in days))
    county.received("person_register", *(person(f"h-{p}", p) for p in days))
    post = {"post_type": "forest_guard", "village_code": HERE, "monthly_pay_yuan": 800}
    county.received(
        "public_post",
        *(
            post | {"person_id": p, "end_date": day, "_quarantined": ["end_date"] if p == "p-unread" else []}
            for p, day in days.items()
        ),
    )
    held = {f"{p}/forest_guard": n for p, n in {"p-next-month": 1, "p-instead": 1, "p-unread": None}.items()}
    found = counted(county, "posts", "public_posts", "forest_guards", "posts_with_pay", "forest_guards_left")
    left = {"p-left/forest_guard": 1, "p-last-day/forest_guard": 1, "p-unread/forest_guard": None}
    assert found == {"public_posts": held, "forest_guards": held, "posts_with_pay": held, "forest_guards_left": left}
    of_households = county.rows(
        "select m.subject, m.posts__posts_n, h.post__has_one from main.int_household_month as m"
        " join main.int_household_help as h using (period, subject) order by all"
    )
    assert of_households == [
        ("h-p-before", 0, False),
        ("h-p-instead", 1, True),
        ("h-p-last-day", 0, False),
        ("h-p-left", 0, False),
        ("h-p-next-month", 1, True),
        ("h-p-unread", None, None),
    ]


def test_a_relocated_household_needs_all_three_conditions(county: County) -> None:
    names = ("all", "skill", "worker", "project")  # what each lacks
    county.received("hh_register", *(household(h) for h in names))
    county.received(
        "person_register",
        *(person(h, f"p-{h}", employment_status="none" if h == "worker" else "migrant") for h in names),
    )
    county.received(
        "relocation",
        *({"hh_id": h, "site": "manhui", "industry_project": None if h == "project" else "茶叶"} for h in names),
    )
    county.con.execute("insert into build.plan_coverage select 'training_record', '2020-03', code from policy.area")
    course = {"course_type": "电工", "end_date": date(2020, 3, 2), "certificate": True, "transferred": False}
    county.received(
        "training_record",
        *(course | {"ledger_no": h, "person_id": f"p-{h}"} for h in names if h != "skill"),
    )
    county.received("public_post")
    conditions = ("relocated_with_project", "relocated_with_skill", "relocated_with_worker", "relocated_all_three")
    found = counted(county, "living", *conditions)
    assert {code: set(met) for code, met in found.items()} == {
        "relocated_with_project": {"all", "skill", "worker"},
        "relocated_with_skill": {"all", "worker", "project"},
        "relocated_with_worker": {"all", "skill", "project"},
        "relocated_all_three": {"all"},
    }


def test_subsidies_reach_the_line_of_all_income_and_not_that_of_business(county: County) -> None:
    county.con.execute("update build.setting set village_income_line = 50000")
    county.received("village_register", {"village_code": HERE, "is_poor_village": True})
    income = {"collective_income": Decimal(70000), "operating_income": Decimal(10000)}
    county.received("village_finance", {"village_code": HERE, "year": 2020} | income)
    reached = counted(county, "villages", "poor_villages_income_reached")["poor_villages_income_reached"]
    business = counted(county, "village_economy", "villages_operating_income_reached")
    assert reached[HERE] == 1
    assert HERE not in business["villages_operating_income_reached"]


def test_classrooms_are_counted_not_schools(county: County) -> None:
    school = {"school_level": "rural", "school_type": "primary", "township_code": HERE[:9]}
    county.received(
        "school_facility",
        school | {"school_id": "1", "classroom_n": 10, "multimedia_n": 10},
        school | {"school_id": "2", "classroom_n": 30, "multimedia_n": 10},
    )
    found = county.rows(
        "select indicator, sum(numerator) from main.schools where indicator in ('classrooms', 'multimedia_classrooms')"
        " and breakdown = 'school_level=rural' group by 1 order by 1"
    )
    assert found == [("classrooms", 40), ("multimedia_classrooms", 20)], (
        "a half, though the schools' mean is two thirds"
    )


def test_a_household_of_several_causes_is_one_poor_household(county: County) -> None:
    county.received(
        "hh_register",
        household(
            "h1", poverty_status="not_exited", cause_main="illness", cause_other="schooling", cause_other_2="illness"
        ),
    )
    by_cause = county.rows(
        "select indicator, breakdown, numerator from main.causes where indicator = 'poor_households_any_cause'"
        " union all select indicator, breakdown, numerator from main.poverty where indicator = 'poor_households' order by all"
    )
    assert by_cause == [
        ("poor_households", "", 1),
        ("poor_households", "cause=illness", 1),
        ("poor_households_any_cause", "cause=illness", 1),
        ("poor_households_any_cause", "cause=schooling", 1),
    ]


def test_a_finding_is_closed_when_it_says_so_and_when(county: County) -> None:
    finding = {"audit_type": "yearly", "topic": "funds", "owner": "勐海镇人民政府", "due_date": date(2020, 2, 29)}
    county.received(
        "audit_finding",
        finding | {"finding_id": "closed", "case_closed": True, "closed_date": date(2020, 2, 1)},
        finding | {"finding_id": "undated", "case_closed": True},
        finding | {"finding_id": "open", "case_closed": False},
        finding | {"finding_id": "in time", "case_closed": False, "due_date": date(2020, 3, 1)},
    )
    found = counted(county, "inspections", "inspection_findings_closed", "inspection_findings_overdue")
    assert {code: set(rows) for code, rows in found.items()} == {
        "inspection_findings_closed": {"closed"},
        "inspection_findings_overdue": {"undated", "open"},
    }


@pytest.mark.parametrize(("passed", "short"), [(10, set()), (9, {HERE})])
def test_a_village_that_left_met_every_criterion_or_is_found(county: County, passed: int, short: set[str]) -> None:
    county.con.execute("update build.setting set exit_criteria_n = 10")
    left = {"is_poor_village": True, "exit_year": 2020, "exit_date": date(2020, 3, 1)}
    county.received(
        "village_register",
        left | {"village_code": HERE},
        left | {"village_code": THERE, "exit_year": 2019, "exit_date": date(2019, 3, 1)},
        left | {"village_code": NOWHERE},
    )
    check = {"village_code": HERE, "township_code": HERE[:9], "check_date": date(2020, 3, 1)}
    county.received(
        "village_exit_check",
        *(check | {"criterion_no": n, "passed": n <= passed} for n in range(1, 11)),
        check | {"criterion_no": 1, "passed": True},  # told twice, counted once
    )
    found = counted(county, "villages", "villages_exited_short_of_criteria")["villages_exited_short_of_criteria"]
    assert {village for village, n in found.items() if n} == short
    assert found[NOWHERE] is None, "nobody held it against them"
    assert THERE not in found


def test_stays_out_of_referral_stand_apart(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", person("h1", "p1"))
    stay = {"person_id": "p1", "admit_date": date(2020, 3, 1), "total_cost_yuan": 900}
    county.received(
        "med_settlement",
        stay | {"settle_date": date(2020, 3, 2), "self_paid_yuan": 100, "referral_ok": True},
        stay | {"settle_date": date(2020, 3, 3), "self_paid_yuan": 500, "referral_ok": False},
    )
    rows = county.rows(
        "select indicator, numerator from main.care where breakdown = '' and regexp_matches(indicator, '^(un)?referred_(stays|self_paid_yuan)$')"
        " order by all"
    )
    assert rows == [("referred_stays", 1), ("unreferred_self_paid_yuan", 500), ("unreferred_stays", 1)]


def test_payments_of_an_asset_add_up_to_its_income(county: County) -> None:
    asset = {
        "township_code": HERE[:9],
        "village_code": HERE,
        "owner": "village",
        "fund_source": "poverty",
        "income": 1000,
    }
    kept = {"adds-up": 400, "short": 399, "over": 401, "blank": None, "blank-over": None, "last-year": 1000}
    county.received("collective_asset", *(asset | {"asset_id": a, "income_kept": k} for a, k in kept.items()))
    share = {"village_code": HERE, "fund_source": "poverty"}
    county.received(
        "collective_asset_share",
        share | {"asset_id": "last-year", "hh_id": "h1", "share_amount": 5},
        month="2019-12",
        number=91,
    )
    paid = [("h1", "2020-02", 92, 250), ("h2", MONTH, 93, 350)]
    for hh_id, month, number, amount in paid:
        rows = [share | {"asset_id": a, "hh_id": hh_id, "share_amount": amount} for a in kept if a != "last-year"]
        extra = [share | {"asset_id": "blank-over", "hh_id": "h3", "share_amount": 401}] if month == MONTH else []
        county.received("collective_asset_share", *rows, *extra, month=month, number=number)
    found = counted(county, "assets", "asset_income_unexplained_yuan")["asset_income_unexplained_yuan"]
    assert found == {"adds-up": 0, "short": 1, "over": 1, "blank": None, "blank-over": 1, "last-year": 0}


def test_what_nobody_keeps_and_who_has_no_school_is_listed(county: County) -> None:
    asset = {"township_code": HERE[:9], "village_code": HERE, "owner": "village", "fund_source": "poverty"}
    county.received("collective_asset", asset | {"asset_id": "1", "keeper": "村委会"}, asset | {"asset_id": "2"})
    county.received("hh_register", household("h1"), household("h2"), household("h3"))
    county.received("relocation", {"hh_id": "h1", "school_ok": True}, {"hh_id": "h2", "school_ok": False})
    assert counted(county, "assets", "assets_without_keeper") == {"assets_without_keeper": {"2": 1}}
    listed = counted(county, "upkeep", "relocated_households_without_schooling")
    assert listed == {"relocated_households_without_schooling": {"h2": 1}}


def exits(county: County, *done: tuple[str, bool | None, date | None]) -> None:
    """A household that left poverty in March 2020, one that did so the year before, and the steps of their exits."""
    county.received(
        "hh_register",
        household("h1", exit_date=date(2020, 3, 20), exit_year=2020),
        household("before", exit_date=date(2019, 12, 20), exit_year=2019),
    )
    case = {"case_id": "1", "case_type": "exit", "level": "village", "village_code": HERE, "hh_id": "h1"}
    rows = [case | {"step": step, "passed": passed, "finished_at": day} for step, passed, day in done]
    county.received(
        "case_event", *rows, case | {"case_type": "entry", "step": "survey", "finished_at": date(2020, 3, 2)}
    )
    county.con.execute("insert into build.plan_coverage select 'case_event', '2020-03', code from policy.area")
    county.con.execute("update build.setting set exit_steps_n = 2")


DAY = date(2020, 3, 18)


@pytest.mark.parametrize(
    ("done", "listed"),
    [
        ([("hearing", True, DAY), ("notice", None, DAY)], {}),
        ([("hearing", True, DAY)], {"h1": 1}),
        ([], {"h1": 1}),
        ([("hearing", True, DAY), ("hearing", True, DAY)], {"h1": 1}),  # one step, told twice
        ([("hearing", True, DAY), ("notice", False, DAY)], {"h1": 1}),
        ([("hearing", True, DAY), ("notice", None, None)], {"h1": 1}),  # under way
    ],
)
def test_who_exited_without_the_steps_of_the_procedure_is_listed(
    county: County, done: list[tuple[str, bool | None, date | None]], listed: dict[str, int]
) -> None:
    exits(county, *done)
    assert counted(county, "upkeep", "households_exited_without_steps") == {"households_exited_without_steps": listed}


def test_where_the_steps_did_not_come_nobody_knows_whether_they_were_done(county: County) -> None:
    exits(county)
    county.con.execute("delete from build.coverage where extract = 'case_event'")
    found = counted(county, "upkeep", "households_exited_without_steps")
    assert found == {"households_exited_without_steps": {"h1": None}}


def test_exits_of_a_year_are_told_by_month_so_that_december_shows(county: County) -> None:
    county.con.execute("update build.period set period = '2020-12'")
    days = (date(2020, 3, 20), date(2020, 12, 1), date(2020, 12, 31), date(2019, 12, 31))
    rows = [household(f"h{n}", exit_date=day, exit_year=day.year) for n, day in enumerate(days)]
    county.received("hh_register", *rows, household("undated", exit_year=2020), month="2020-12")
    found = county.rows(
        "select breakdown, numerator from main.upkeep where indicator = 'households_exited_by_month' order by all"
    )
    assert found == [("month=month_03", 1), ("month=month_12", 1), ("month=month_12", 1), ("month=unknown", 1)]
