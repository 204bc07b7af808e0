"""What is held against the year before, against the nation or against the pack's own lines; who is screened; whose log it is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.warehouse.conftest import HERE, SUBMISSION, THERE, County, household, person

AGO = "2019-03"
ROOT = "532822"


def last_year(county: County, extract: str, *rows: dict[str, Any]) -> None:
    county.received(extract, *rows, month=AGO, number=SUBMISSION[extract] + 1000)


def figures(county: County, *codes: str) -> dict[str, tuple[Decimal | None, int]]:
    wanted = ", ".join(f"'{code}'" for code in codes)
    found = county.rows(
        f"select indicator, value, unknown from main.fct_figures where area = '{ROOT}' and breakdown = '' and indicator in ({wanted})"
    )
    return {code: (value, unknown) for code, value, unknown in found}


def cases(*managed: bool | None) -> list[dict[str, Any]]:
    return [
        {"person_id": f"p{n}", "disease_code": "diabetes", "disease_class": "chronic", "followup_managed": yes}
        for n, yes in enumerate(managed)
    ]


@pytest.mark.parametrize(
    ("now", "ago", "rise", "unknown"),
    [
        ((True, False), (True, False), 0, 0),
        ((True, True, False), (True, False, False), "33.34", 0),  # 66.67 − 33.33, as both are printed
        ((True, False, False), (True, True, False), "-33.34", 0),
        ((True, False), (), None, 0),  # nobody to hold it against
        ((True, False), (True, None), None, 1),
    ],
)
def test_a_rise_in_points_takes_off_the_share_of_a_year_ago(
    county: County, now: tuple[bool, ...], ago: tuple[bool, ...], rise: Any, unknown: int
) -> None:
    county.received("health_case", *cases(*now))
    last_year(county, "health_case", *cases(*ago))
    expected = None if rise is None else Decimal(rise)
    assert figures(county, "four_illness_managed_share_rise") == {
        "four_illness_managed_share_rise": (expected, unknown)
    }


def test_incomes_of_the_same_households_are_held_against_the_countys(county: County) -> None:
    rows = [household(f"h{n}", hh_size=2) for n in (1, 2, 3)] + [household("h4", poverty_status="not_exited")]
    county.received("hh_register", *rows)
    income = [("h1", 11000), ("h2", 12000), ("h3", 99000), ("h4", 50000)]
    county.received("hh_income", *({"hh_id": h, "hh_size": 2, "net_income_pc": y} for h, y in income))
    last_year(county, "hh_income", *({"hh_id": h, "hh_size": 2, "net_income_pc": 10000} for h in ("h1", "h2", "h4")))
    county.received("stat_base_county", {"year": 2019, "county_rural_income_pc": 11000})
    last_year(county, "stat_base_county", {"year": 2018, "county_rural_income_pc": 10000})
    assert figures(county, "exited_income_growth", "exited_income_growth_over_county") == {
        "exited_income_growth": (15, 0),  # h3 has no account of last year, h4 is still poor
        "exited_income_growth_over_county": (5, 0),
    }


def test_of_those_who_want_credit_and_may_have_it_the_share_with_a_loan(county: County) -> None:
    county.received("hh_register", *(household(f"h{n}", village_code=THERE if n == 4 else HERE) for n in range(1, 6)))
    asked = [("h1", True, True), ("h2", True, True), ("h3", False, True), ("h4", True, True), ("h5", True, None)]
    county.received(
        "micro_loan_demand",
        *(
            {"hh_id": h, "village_code": THERE if h == "h4" else HERE, "credit_demand": wants, "eligible": may}
            for h, wants, may in asked
        ),
    )
    county.received("micro_loan", {"loan_id": "l1", "hh_id": "h1"}, {"loan_id": "l2", "hh_id": "h1"}, village=HERE)
    found = county.rows("select micro_loan_demand__hh_id, loan__has_one from main.int_loan_demand order by 1")
    assert found == [("h1", True), ("h2", False), ("h3", False), ("h4", None), ("h5", False)]
    of = "select indicator, numerator, unknown from main.fct_figures where area = ? and indicator in ('credit_seekers', 'credit_seekers_with_loan')"
    assert {c: (n, u) for c, n, u in county.rows(of, [ROOT])} == {
        "credit_seekers": (3, 1),
        "credit_seekers_with_loan": (1, 1),
    }


@pytest.mark.parametrize(
    ("dibao", "poverty", "over", "unknown"),
    [(4000, 4000, 0, 0), (4001, 4000, "0.03", 0), (3999, 4000, "-0.02", 0), (4000, None, None, 1)],
)
def test_lines_of_the_pack_wait_for_no_department(
    county: County, dibao: int, poverty: int | None, over: Any, unknown: int
) -> None:
    county.con.execute("update build.setting set dibao_line = ?, poverty_line = ?", [dibao, poverty])
    expected = None if over is None else Decimal(over)
    assert figures(county, "dibao_line_over_poverty_line") == {"dibao_line_over_poverty_line": (expected, unknown)}


def test_services_of_villages_are_held_against_the_nation_where_every_village_tells(county: County) -> None:
    villages = [
        code for (code,) in county.con.execute("select code from policy.area where is_lowest order by 1").fetchall()
    ]
    have = 100 * (len(villages) - 1) / Decimal(len(villages))
    county.received("village_road", *({"village_code": v, "hard_road": v != HERE} for v in villages))
    county.received("village_power", *({"village_code": v, "power_3phase": v != HERE} for v in villages))
    county.received("village_network", *({"village_code": v, "broadband": True} for v in villages if v != HERE))
    nation = {"road": have - Decimal("0.01"), "power": have + Decimal("0.01"), "broadband": 90}
    county.received(
        "stat_base_county", {"year": 2019} | {f"national_avg_village_{k}_pct": v for k, v in nation.items()}
    )
    assert figures(county, "public_services_at_average", "public_services_compared") == {
        "public_services_at_average": (1, 1),
        "public_services_compared": (2, 1),
    }


def test_who_is_to_be_screened_goes_by_sex_and_age_and_counts_from_january(county: County) -> None:
    born = {
        "p1": "1985-03-31",  # 35 on the month's last day
        "p2": "1985-04-01",  # still 34
        "p3": "1955-03-31",  # 65
        "p4": "1955-04-01",  # still 64
        "p5": None,
        "p6": "2017-03-31",  # 3
        "p7": "2017-04-01",  # still 2
        "p8": "2020-01-01",
    }
    county.received("hh_register", household("h1"))
    county.received("person_register", *(person("h1", p, birth_date=b, sex="female") for p, b in born.items()))
    for number, month in enumerate(("2020-01", "2020-02"), start=2000):
        rows = [{"person_id": "p1", "service": "two_cancers"}] if month == "2020-01" else []
        county.received("health_service", *rows, month=month, number=number)
    county.received(
        "health_service", {"person_id": "p7", "service": "newborn"}, {"person_id": "p4", "service": "newborn"}
    )
    found = county.rows(
        "select subject, person_register__age_band, person_register__is_of_screened_age, person_register__is_infant,"
        " person_register__is_born_this_year, screening__has_two_cancers from main.int_person_month order by 1"
    )
    assert found == [
        ("p1", "from_35", True, False, False, True),
        ("p2", "from_16", False, False, False, False),
        ("p3", "from_65", False, False, False, False),
        ("p4", "from_60", True, False, False, False),
        ("p5", None, None, None, None, False),
        ("p6", "from_3", False, False, False, False),
        ("p7", "from_0", False, True, False, False),
        ("p8", "from_0", False, True, True, False),
    ]


def test_services_since_january_are_unknown_while_a_month_has_not_come(county: County) -> None:
    county.received("hh_register", household("h1"))
    county.received("person_register", person("h1", "p1", birth_date="1980-01-01", sex="female"))
    county.received("health_service", {"person_id": "p1", "service": "two_cancers"})
    [(known, screened)] = county.rows("select screening__known, screening__has_two_cancers from main.int_person_month")
    assert (known, screened) == (False, None)


def test_an_access_is_cleared_by_an_account_in_force_with_the_role(county: County) -> None:
    county.received(
        "platform_user",
        {"user_id": "u1", "role": "operator", "start_date": "2020-03-10"},
        {"user_id": "u2", "role": "operator", "start_date": "2019-01-01", "end_date": "2020-03-10"},
    )
    log = [
        ("u1", "operator", "2020-03-10", True),
        ("u1", "operator", "2020-03-09", False),
        ("u1", "administrator", "2020-03-10", False),
        ("u2", "operator", "2020-03-10", True),
        ("u2", "operator", "2020-03-11", False),
        ("u3", "operator", "2020-03-10", False),
        ("u1", None, "2020-03-10", False),
    ]
    county.received(
        "access_log",
        *(
            {"event_id": f"e{n}", "user_id": u, "role": r, "access_date": d, "dept_name": u}
            for n, (u, r, d, _) in enumerate(log)
        ),
    )
    found = county.rows("select subject, account__is_cleared from main.int_access order by 1")
    assert found == [(f"e{n}", cleared) for n, (*_, cleared) in enumerate(log)]
    assert county.rows("select count(*) from main.int_access_department") == [(3,)]


def test_an_access_is_unclear_where_the_accounts_have_not_come(county: County) -> None:
    county.received("access_log", {"event_id": "e1", "user_id": "u1", "role": "operator", "access_date": "2020-03-10"})
    assert county.rows("select account__known, account__is_cleared from main.int_access") == [(False, None)]


def test_a_stage_of_the_funds_is_audited_by_a_finding_of_the_year_about_it(county: County) -> None:
    county.received(
        "fund_progress",
        {"account_id": "a", "allocated": 100, "used": 40},
        {"account_id": "b", "allocated": None, "used": 2},
    )
    county.received(
        "fund_voucher",
        {"voucher_id": "v", "amount": 7, "project_id": "x"},
        {"voucher_id": "w", "amount": 9, "project_id": None},
    )
    county.received(
        "audit_finding",
        {"finding_id": "1", "topic": "funds", "fund_stage": "allocation", "check_date": "2020-01-01"},
        {"finding_id": "2", "topic": "funds", "fund_stage": "management", "check_date": "2019-12-31"},
        {"finding_id": "3", "topic": "housing", "fund_stage": "use", "check_date": "2020-01-01"},
    )
    found = county.rows("select subject, money__yuan, audited__has_one from main.int_fund_stage order by 1")
    assert found == [("allocation", 100, True), ("management", 42, False), ("use", 7, False)]
    county.con.execute(
        "insert into raw.audit_finding by name select 'funds' as topic, ? as _submission", [SUBMISSION["audit_finding"]]
    )
    found = county.rows("select subject, audited__has_one from main.int_fund_stage order by 1")
    assert found == [
        ("allocation", True),
        ("management", None),
        ("use", None),
    ]  # a finding that names no stage may be of any
