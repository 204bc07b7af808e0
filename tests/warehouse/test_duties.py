"""Duties of the calendar: done, late, not done and unknown are four things, and what shows them done must exist."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.indicators import IndicatorError, load_catalogue
from pipelines.policy import Evidence, load_pack
from pipelines.settings import PROJECT
from tests.warehouse.conftest import HERE, MONTH, SUBMISSION, County

TOWNSHIP, OTHER = HERE[:9], "532822102"
MEETING = {"topic": "poverty", "org_name": "县扶贫开发领导小组", "date": "2020-03-20"}


def due(county: County, duty: str, subject: str, **given: Any) -> None:
    """An occurrence of a duty of the calendar with days of its own."""
    row = {"period": MONTH, "duty": duty, "subject": subject, "occurrence": MONTH, "department": "leading_group"}
    row |= {"area_code": "532822", "by_area": False, "first_period": MONTH}
    row |= {"first_day": "2020-03-01", "last_day": "2020-03-31", "due_day": "2020-03-31"} | given
    county.con.execute(f"insert into build.duty_due by name select {', '.join(f'${n} as {n}' for n in row)}", row)


@pytest.fixture
def asked(county: County) -> County:
    county.con.execute("delete from build.duty_due")
    return county


def answers(county: County) -> dict[str, tuple[bool | None, ...]]:
    query = "select subject, calendar__is_due, duty__done, duty__in_time from main.int_duty"
    return {subject: tuple(rest) for subject, *rest in county.rows(query)}


def test_a_meeting_counts_on_its_days_for_who_held_it(asked: County) -> None:
    asked.received(
        "meeting_log", MEETING | {"date": "2020-03-25"}, MEETING, MEETING | {"topic": "analysis", "date": "2020-03-02"}
    )
    due(asked, "monthly_study", "on the day", due_day="2020-03-20")
    due(asked, "monthly_study", "a day late", due_day="2020-03-19")
    due(asked, "monthly_study", "over before", last_day="2020-03-19")
    due(asked, "monthly_study", "last day", last_day="2020-03-20")
    due(asked, "monthly_study", "begins after", first_day="2020-03-26")
    due(asked, "monthly_study", "begins that day", first_day="2020-03-25")
    due(asked, "monthly_study", "of another", department="poverty_office")
    due(asked, "monthly_study", "due next month", due_day="2020-04-01", first_day="2020-03-26")
    due(
        asked,
        "monthly_study",
        "since an unknown month",
        first_period="2020-02",
        first_day="2020-02-01",
        last_day="2020-03-19",
    )
    due(asked, "monthly_study", "done since", first_period="2020-02", first_day="2020-02-01")
    assert answers(asked) == {
        "on the day": (True, True, True),
        "a day late": (True, True, False),
        "over before": (True, False, False),
        "last day": (True, True, True),
        "begins after": (True, False, False),
        "begins that day": (True, True, True),
        "of another": (True, False, False),
        "due next month": (False, False, False),
        "since an unknown month": (True, None, None),
        "done since": (True, True, True),
    }
    first = asked.rows("select duty__evidence from main.int_duty where subject = 'on the day'")
    assert first == [([SUBMISSION["meeting_log"] * 10**11 + 10**8 + 3],)]  # the first meeting, not the first row


def test_a_year_without_its_inspection_is_not_done(asked: County) -> None:
    of_the_year: dict[str, Any] = {"first_day": "2020-01-01", "last_day": "2020-12-31", "due_day": "2020-03-31"}
    asked.received("audit_finding", {"finding_id": "1", "audit_type": "spot_check", "check_date": date(2020, 3, 9)})
    due(asked, "yearly_inspection", "year", first_period="2020-03", **of_the_year)
    assert answers(asked) == {"year": (True, False, False)}
    asked.con.execute("update raw.audit_finding set audit_type = 'yearly'")
    assert answers(asked) == {"year": (True, True, True)}


def test_what_was_not_sent_or_was_refused_leaves_a_duty_unknown(asked: County) -> None:
    due(asked, "monthly_approval", "nothing came")
    assert answers(asked)["nothing came"] == (True, None, None)
    asked.received("meeting_log", MEETING)
    due(asked, "monthly_study", "shown")
    assert answers(asked) == {"nothing came": (True, False, False), "shown": (True, True, True)}
    asked.con.execute(
        "insert into build.quarantine values ('meeting_log', ?, ?, 1, null, null, null, null, null)",
        [MONTH, SUBMISSION["meeting_log"]],
    )
    assert answers(asked) == {"nothing came": (True, None, None), "shown": (True, True, True)}


def test_each_area_answers_for_its_own_rows(asked: County) -> None:
    asked.received("dept_report", {"topic": "monitoring", "township_code": TOWNSHIP, "submitted_at": "2020-03-09"})
    for area in (TOWNSHIP, OTHER):
        due(asked, "monthly_report", area, area_code=area, by_area=True, department="townships")
    assert answers(asked) == {TOWNSHIP: (True, True, True), OTHER: (True, False, False)}


def test_where_there_may_be_nothing_to_do_no_row_is_not_a_failing(asked: County) -> None:
    asked.received("warning", {"dept_name": "县民政局", "issued_at": "2020-03-09"})
    for department in ("civil_affairs", "health"):
        due(asked, "monthly_warning", department, department=department)
    assert answers(asked) == {"civil_affairs": (True, True, True), "health": (True, None, None)}


def test_every_part_of_a_duty_must_be_shown(asked: County) -> None:
    asked.received("dept_report", {"topic": "monitoring", "township_code": TOWNSHIP, "submitted_at": "2020-03-09"})
    asked.received("case_event", {"step": "judgement", "finished_at": "2020-03-10", "township_code": TOWNSHIP})
    due(asked, "monthly_analysis", "all")
    assert answers(asked)["all"] == (True, None, None)
    asked.received("audit_finding")
    assert answers(asked)["all"] == (True, False, False)
    asked.received("audit_finding", {"check_date": "2020-03-31"})
    assert answers(asked)["all"] == (True, True, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"extract": "weather"}, "names the extract 'weather', which does not exist"),
        ({"extract": "dept_report", "day": "sent"}, "names dept_report.sent, which does not exist"),
        ({"extract": "dept_report", "day": "topic"}, "dept_report.topic is no day or month"),
        ({"extract": "dept_report", "where": {"topic": "weather"}}, "'weather' is no code of the map 'report_topic'"),
        ({"extract": "cadre_training", "day": "date"}, "areas owe it, but cadre_training says of no area"),
    ],
)
def test_evidence_must_be_there(given: dict[str, Any], said: str) -> None:
    pack = load_pack(PROJECT / "policies" / "menghai")
    duty = next(d for d in pack.duties if d.duty == "monthly_report")
    spoilt = duty.model_copy(update={"evidence": (Evidence.model_validate(given),)})
    with pytest.raises(IndicatorError, match=said):
        load_catalogue().check(pack.model_copy(update={"duties": (spoilt,)}))
