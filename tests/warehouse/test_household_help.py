"""What a household is given: yes, no and unknown by table, area and refusal; who left, came or fell back this year."""

from __future__ import annotations

from typing import Any

import pytest

from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, THERE, County, household, person

# table → a row that answers yes for h1 (its member p1), the column that answers
ROWS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "support_measure": (
        {"hh_id": "h1", "cause_code": "illness", "measure_type": "motivation", "amount": 500},
        ("measure__has_one", "measure__is_of_cause", "measure__is_motivating"),
    ),
    "visit_log": ({"hh_id": "h1", "food_ok": True, "clothing_ok": False}, ("visit__is_checked", "visit__is_wanting")),
    "micro_loan": ({"hh_id": "h1", "purpose": "livestock"}, ("loan__has_one", "loan__is_for_livestock")),
    "agri_industry": (
        {"hh_id": "h1", "project_id": "x", "coop_id": "c", "share_amount": 1, "dividend": 2},
        ("venture__is_in_coop", "venture__holds_share"),
    ),
    "case_event": ({"hh_id": "h1", "step": "survey"}, ("step__has_one",)),
    "civil_aid": ({"person_id": "p1", "aid_type": "dibao"}, ("aid__has_dibao", "aid__has_backstop")),
    "disability": ({"person_id": "p1"}, ("certificate__has_one",)),
    "public_post": ({"person_id": "p1", "post_type": "cleaner"}, ("post__has_one",)),
}
OTHER = {
    "support_measure": {"hh_id": "h2", "cause_code": "schooling", "measure_type": "industry"},
    "visit_log": {"hh_id": "h2", "food_ok": True, "clothing_ok": True},
    "micro_loan": {"hh_id": "h2", "purpose": "trade"},
    "agri_industry": {"hh_id": "h2", "project_id": "y", "share_amount": 0},
    "civil_aid": {"person_id": "p2", "aid_type": "aged"},
}


def three(county: County) -> None:
    """Two households here, one there, each with a member."""
    rows = [household(f"h{n}", cause_main="illness", village_code=THERE if n == 3 else HERE) for n in (1, 2, 3)]
    county.received("hh_register", *rows)
    county.received("person_register", *(person(f"h{n}", f"p{n}", labour_ability="full") for n in (1, 2, 3)))


def answers(county: County, *columns: str) -> dict[str, tuple[Any, ...]]:
    found = county.rows(f"select subject, {', '.join(columns)} from main.int_household_help order by 1")
    return {subject: tuple(rest) for subject, *rest in found}


def test_what_a_table_says_is_yes_no_or_unknown_where_it_has_not_come(county: County) -> None:
    three(county)
    for extract, (row, _) in ROWS.items():
        county.received(extract, row, *([OTHER[extract]] if extract in OTHER else []), village=HERE)
    columns = [column for _, named in ROWS.values() for column in named]
    found = answers(county, *columns, "measure__amount_yuan", "venture__projects_n", "venture__dividend_yuan")
    assert found["h1"] == (*[True] * len(columns), 500, 1, 2)
    yes = {"measure__has_one", "visit__is_checked", "loan__has_one"}  # of another kind
    assert dict(zip(columns, found["h2"], strict=False)) == {c: c in yes for c in columns}
    assert found["h3"] == (*[None] * len(columns), None, None, None)


def test_a_refused_row_leaves_the_household_unknown(county: County) -> None:
    three(county)
    county.received("micro_loan", ROWS["micro_loan"][0])
    county.con.execute(
        "insert into build.quarantine values ('micro_loan', ?, ?, 1, 'h2', null, null, null, null)",
        [MONTH, SUBMISSION["micro_loan"]],
    )
    assert answers(county, "loan__has_one") == {"h1": (True,), "h2": (None,), "h3": (False,)}


@pytest.mark.parametrize(
    ("given", "exited", "relapsed", "identified"),
    [
        ({"exit_date": "2020-01-01"}, True, False, None),
        ({"exit_date": "2019-12-31", "exit_year": 2020}, False, False, None),  # the day goes before the year
        ({"exit_year": 2020}, True, False, None),
        ({"exit_year": 2019}, False, False, None),
        ({}, None, False, None),
        ({"poverty_status": "not_exited", "exit_year": 2020}, False, False, None),
        ({"poverty_status": "relapsed", "relapse_date": "2020-01-01"}, False, True, None),
        ({"relapse_date": "2019-12-31", "identify_date": "2019-12-31", "exit_year": 2019}, False, False, False),
        ({"identify_date": "2020-01-01", "exit_year": 2019, "_quarantined": ["relapse_date"]}, False, None, True),
    ],
)
def test_who_left_came_or_fell_back_this_year(
    county: County, given: dict[str, Any], exited: bool | None, relapsed: bool, identified: bool | None
) -> None:
    county.received("hh_register", household("h1", **given))
    columns = [f"hh_register__{what}_this_year" for what in ("has_exited", "has_relapsed", "is_identified")]
    assert answers(county, *columns)["h1"] == (exited, relapsed, identified)


def test_members_strength_and_work_are_unknown_where_nobody_was_asked(county: County) -> None:
    county.received("hh_register", *(household(f"h{n}") for n in range(1, 6)))
    able = [("h1", "full"), ("h2", "lost"), ("h2", "none"), ("h3", None), ("h4", "none")]
    county.received("person_register", *(person(h, f"p{n}", labour_ability=a) for n, (h, a) in enumerate(able)))
    county.received(
        "employment",
        {"person_id": "p0", "status": "migrant", "stable_flag": True, "train_willing": False},
        {"person_id": "p4", "status": "farming", "train_willing": True},
    )
    columns = (
        "member__can_work",
        "member__has_lost_labour",
        "work__has_worker",
        "work__has_stable_worker",
        "work__wants_training",
    )
    assert answers(county, *columns) == {
        "h1": (True, False, True, True, False),
        "h2": (False, True, None, None, None),
        "h3": (None, None, None, None, None),
        "h4": (False, False, False, None, True),
        "h5": (None, None, None, None, None),
    }
