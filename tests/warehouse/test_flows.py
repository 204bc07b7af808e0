"""Stocks and flows of the register: every household and person that came or left is told, and what is not known stays unknown."""

from __future__ import annotations

import shutil
from datetime import date
from typing import Any

from pipelines.settings import Settings
from pipelines.warehouse import run_dbt
from pipelines.warehouse.dbt import target_path
from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, THERE, County, household, person

BEFORE = "2020-02"
EARLIER = 900  # numbers of submissions of the month before
CLOSES = "opening + came + came_unknown - gone - gone_unknown"
STOCKS = """
    with f as (select * from main.fct_figures where period = '2020-03'),
    kinds as (select unnest(['households', 'persons']) as kind)
    select kind, o.area, o.breakdown, o.numerator as opening, i.numerator as came, i.unknown as came_unknown, l.numerator as gone,
        l.unknown as gone_unknown, c.numerator as closing
    from kinds
    join f as o on o.indicator = 'register_opening_' || kind
    join f as i on i.indicator = 'register_came_' || kind and (i.area, i.breakdown) = (o.area, o.breakdown)
    join f as l on l.indicator = 'register_left_' || kind and (l.area, l.breakdown) = (o.area, o.breakdown)
    join f as c on c.indicator = 'register_closing_' || kind and (c.area, c.breakdown) = (o.area, o.breakdown)
"""


def two_months(
    county: County, before: list[dict[str, Any]], now: list[dict[str, Any]], refused: tuple[str, ...] = ()
) -> None:
    """The household register of February and of March, a member of each household in the person register; refused rows of March."""
    for month, rows, base in ((BEFORE, before, EARLIER), (MONTH, now, 0)):
        number = base + SUBMISSION["hh_register"]
        county.received("hh_register", *rows, month=month, number=number)
        members = [person(row["hh_id"], f"p-{row['hh_id']}") for row in rows]
        county.received("person_register", *members, month=month, number=base + SUBMISSION["person_register"])
    for hh_id in refused:
        county.con.execute(
            "insert into build.quarantine values ('hh_register', ?, ?, 1, ?, null, null, null, null)",
            [MONTH, SUBMISSION["hh_register"], hh_id],
        )


def test_every_household_that_came_or_left_is_told_with_the_way_it_went(county: County) -> None:
    two_months(
        county,
        [household("stays"), household("relapses"), household("moves"), household("goes"), household("refused")],
        [
            household("stays"),
            household("relapses", poverty_status="relapsed"),
            household("moves", village_code=THERE),
            household("comes", poverty_status="new"),
        ],
        refused=("refused",),
    )
    found = county.rows(
        "select id, status, area_code, opening__there, closing__there, change__by from main.int_household_flow order by all"
    )
    assert found == [
        ("comes", "new", HERE, False, True, "register"),
        ("goes", "exited", HERE, True, False, "register"),
        ("moves", "exited", HERE, True, False, "village"),
        ("moves", "exited", THERE, False, True, "village"),
        ("refused", "exited", HERE, True, None, None),
        ("relapses", "exited", HERE, True, False, "status"),
        ("relapses", "relapsed", HERE, False, True, "status"),
        ("stays", "exited", HERE, True, True, None),
    ]
    persons = county.rows(
        "select id, opening__there, closing__there, change__by from main.int_person_flow where id in ('p-goes', 'p-refused')"
        " order by all"
    )
    assert persons == [("p-goes", True, False, "register"), ("p-refused", True, None, None)]
    newly = county.rows(
        f"select numerator, unknown from main.fct_figures where indicator = 'newly_poor_households' and area = '{HERE}'"
    )
    assert newly == [(2, 0)]
    stocks = county.con.execute(f"select * from ({STOCKS})").fetchall()
    assert len({(kind, area) for kind, area, *_ in stocks}) == 2 * 117
    assert county.con.execute(f"select * from ({STOCKS}) where {CLOSES} <> closing").fetchall() == []
    [here] = county.con.execute(
        f"select opening, came, gone, gone_unknown, closing from ({STOCKS}) where kind = 'households' and area = '{HERE}' and breakdown = ''"
    ).fetchall()
    assert here == (5, 2, 3, 1, 3)


def test_without_an_earlier_register_nobody_knows_who_came(county: County) -> None:
    county.received("hh_register", household("h1"), household("h2"))
    found = county.rows(
        "select indicator, numerator, unknown from main.fct_figures where breakdown = '' and regexp_matches(indicator, '^register_.*_households')"
        f" and area = '{HERE}' order by indicator"
    )
    assert found == [
        ("register_came_households", 0, 2),
        ("register_closing_households", 2, 0),
        ("register_left_households", 0, 0),
        ("register_opening_households", 0, 2),
    ]
    assert county.con.execute(f"select * from ({STOCKS}) where {CLOSES} <> closing").fetchall() == []


def test_a_status_holds_from_its_date_between_the_two_month_ends_else_from_when_it_was_found(county: County) -> None:
    days = {
        "too_early": "2020-02-29",
        "first": "2020-03-01",
        "last": "2020-03-31",
        "too_late": "2020-04-01",
        "undated": None,
    }
    two_months(
        county,
        [household(h) for h in days],
        [
            household(h, poverty_status="relapsed", identify_date="2014-01-01", relapse_date=day)
            for h, day in days.items()
        ],
    )
    came = county.rows("select id, valid_from from main.int_household_flow where status = 'relapsed' order by id")
    found = date(2020, 3, 31)
    expected = {"first": date(2020, 3, 1), "last": found, "too_early": found, "too_late": found, "undated": found}
    assert dict(came) == expected
    left = county.rows("select id, valid_to from main.int_household_flow where status = 'exited'")
    assert dict(left) == expected


def test_the_tier_of_an_exited_household_is_that_of_its_year(county: County) -> None:
    years = (2013, 2014, 2016, 2017, 2018)
    county.received(
        "hh_register",
        *(household(f"e{year}", exit_year=year, hh_size=year - 2010) for year in years),
        *(household(f"r{year}", exit_year=year, hh_size=1, poverty_status="relapsed") for year in years),
    )
    found = county.rows(
        "select indicator, numerator from main.fct_figures where regexp_matches(indicator, '^tier_') and breakdown = ''"
        f" and area = '{HERE}' order by indicator"
    )
    assert dict(found) == {
        "tier_consolidated_households": 2,
        "tier_consolidated_persons": 4 + 6,
        "tier_key_consolidated_households": 1,
        "tier_key_consolidated_persons": 7,
        "tier_supported_households": 5,
        "tier_supported_persons": 5,
    }


def test_a_stock_that_does_not_add_up_is_found(county: County, compiled: Settings) -> None:
    two_months(county, [household("h1")], [household("h1"), household("h2")])
    county.rows("select 1")
    names = "stock_and_flow_add_up_fct_figures*"
    county.con.close()
    shutil.copytree(target_path(compiled), target_path(county.settings))
    assert failures(county.settings, names) == [0, 0]
    county.con = county.reopened()
    county.con.execute(
        f"update main.fct_figures set numerator = 2 where indicator = 'register_left_households' and area = '{HERE}' and breakdown = ''"
    )
    county.con.close()
    assert sorted(failures(county.settings, names)) == [0, 1]


def failures(settings: Settings, names: str) -> list[int]:
    done = run_dbt(settings, "test", "--select", names)
    return [result.failures for result in done.result]
