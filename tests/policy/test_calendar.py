"""When duties fall due: month ends, quarters, weeks, working days with holidays and make-up Saturdays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.policy import CalendarError, Duty, Reading, Title, WorkingDays, load_pack
from pipelines.policy.calendar import days_of, due_on, occurrences
from pipelines.settings import PROJECT

CHINA = WorkingDays()
READING = Reading(owner="anyone", set_on=date(2021, 1, 1))


def duty(**fields) -> Duty:
    given = {
        "duty": "any",
        "title": Title(zh="任务", en="Task"),
        "reading": READING,
        "owes": ("anyone",),
        "every": "month",
    }
    return Duty.model_validate(given | fields)


def due(task: Duty, first: str, last: str) -> list[tuple[str, str]]:
    days = occurrences(task, task.every or "", date.fromisoformat(first), date.fromisoformat(last), CHINA)
    return [(period, day.isoformat()) for period, day in days]


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2021-09-30", True),
        ("2021-10-01", False),
        ("2021-10-07", False),
        ("2021-10-08", True),
        ("2021-10-09", True),  # a Saturday made up for the holiday
        ("2021-10-10", False),
        ("2020-01-31", False),  # the holiday made longer by the epidemic
        ("2004-01-01", False),
    ],
)
def test_working_days_are_those_of_the_state_council(day: str, working: bool) -> None:
    assert CHINA.is_working(date.fromisoformat(day)) is working


def test_pack_adds_days_off_and_make_up_days_of_its_own() -> None:
    festival = WorkingDays(days_off=(date(2021, 4, 13),), working_days=(date(2021, 4, 17),))
    days = [date(2021, 4, d) for d in (13, 14, 17, 18)]
    assert [festival.is_working(d) for d in days] == [False, True, True, False]
    assert [CHINA.is_working(d) for d in days] == [True, True, False, False]


@pytest.mark.parametrize("year", [2003, 2099])
def test_year_without_holidays_is_an_error_not_a_guess(year: int) -> None:
    with pytest.raises(CalendarError, match=str(year)):
        CHINA.is_working(date(year, 5, 5))
    said = WorkingDays(days_off=(date(year, 5, 4),))
    assert [said.is_working(date(year, 5, d)) for d in (4, 5)] == [False, date(year, 5, 5).isoweekday() <= 5]


@pytest.mark.parametrize(
    ("start", "days", "counts", "end"),
    [
        ("2021-09-30", 5, True, "2021-10-12"),
        ("2021-09-30", 5, False, "2021-10-13"),
        ("2021-10-02", 1, True, "2021-10-08"),
        ("2021-10-08", 1, True, "2021-10-08"),
        ("2021-10-08", 1, False, "2021-10-09"),
    ],
)
def test_notice_of_working_days(start: str, days: int, counts: bool, end: str) -> None:
    assert CHINA.after(date.fromisoformat(start), days, start_counts=counts).isoformat() == end


@pytest.mark.parametrize(
    ("fields", "period", "day"),
    [
        ({"day": 15}, "2021-02", "2021-02-15"),
        ({"day": 30}, "2021-02", "2021-02-28"),
        ({"day": 30}, "2020-02", "2020-02-29"),
        ({"day": 30}, "2021-04", "2021-04-30"),
        ({}, "2021-03", "2021-03-31"),
        ({"day": 15, "months_after": 1}, "2020-12", "2021-01-15"),
        ({"day": 5, "working_days": True}, "2021-10", "2021-10-13"),
        ({"day": 31, "working_days": True}, "2021-10", "2021-10-29"),
        ({"day": 1, "day_off": "next"}, "2021-10", "2021-10-08"),
        ({"day": 1, "day_off": "previous"}, "2021-10", "2021-09-30"),
        ({"day": 9, "day_off": "next"}, "2021-10", "2021-10-09"),
    ],
)
def test_day_of_a_month(fields: dict[str, object], period: str, day: str) -> None:
    assert due_on(duty(**fields), period, CHINA).isoformat() == day


def test_week_has_its_iso_number_also_over_the_new_year() -> None:
    weekly = duty(every="week", day=7)
    assert due(weekly, "2020-12-27", "2021-01-10") == [
        ("2020-W52", "2020-12-27"),
        ("2020-W53", "2021-01-03"),
        ("2021-W01", "2021-01-10"),
    ]
    assert due(weekly, "2020-12-28", "2021-01-02") == []


def test_quarter_and_year_fall_due_after_their_last_month() -> None:
    quarterly = duty(every="quarter", months_after=1, day=10)
    assert due(quarterly, "2020-01-01", "2020-07-09") == [("2019-Q4", "2020-01-10"), ("2020-Q1", "2020-04-10")]
    assert due(duty(every="year", month=10, day=17), "2019-10-17", "2021-10-16") == [
        ("2019", "2019-10-17"),
        ("2020", "2020-10-17"),
    ]
    assert due(duty(every="year"), "2020-12-31", "2020-12-31") == [("2020", "2020-12-31")]


def test_once_is_once() -> None:
    once = duty(every="once", date=date(2020, 12, 31))
    assert due(once, "2020-12-31", "2021-12-31") == [("2020-12", "2020-12-31")]
    assert due(once, "2021-01-01", "2021-12-31") == []


def test_duty_moved_by_a_holiday_is_found_on_the_day_it_moved_to() -> None:
    first = duty(day=30, day_off="next")
    assert due(first, "2020-06-01", "2020-06-30") == [("2020-05", "2020-06-01"), ("2020-06", "2020-06-30")]


def test_month_of_menghai_is_15_20_25_30() -> None:
    pack = load_pack(PROJECT / "policies" / "menghai")
    found = [
        (d.date.day, d.duty)
        for d in pack.duties_due(date(2021, 2, 1), date(2021, 2, 28))
        if d.duty.startswith("monthly")
    ]
    assert found == [
        (15, "monthly_data"),
        (15, "monthly_warning"),
        (20, "monthly_help_review"),
        (20, "monthly_judgement"),
        (25, "monthly_report"),
        (28, "monthly_analysis"),
        (28, "monthly_approval"),
    ]
    warning = next(d for d in pack.duties_due(date(2021, 2, 15), date(2021, 2, 15)) if d.duty == "monthly_warning")
    assert (warning.period, warning.clause, warning.owes[0]) == ("2021-01", "MH20-019", "education")


def test_duties_begin_and_end_with_their_document() -> None:
    xinfeng = load_pack(PROJECT / "policies" / "xinfeng")
    days = [d.date for d in xinfeng.duties_due(date(2020, 1, 1), date(2022, 12, 31)) if d.duty == "monthly_monitoring"]
    assert (days[0], days[-1], len(days)) == (date(2020, 4, 30), date(2021, 3, 31), 12)


def test_duty_whose_interval_is_a_setting_is_due_once_it_is_set() -> None:
    pack = load_pack(PROJECT / "policies" / "shuangjiang")
    year = (date(2021, 10, 1), date(2022, 9, 30))
    assert "yearly_evaluation" in {d.duty for d in pack.duties_due(*year)}
    assert "household_screening" not in {d.duty for d in pack.duties_due(*year)}
    value = pack.settings["evaluation_interval"].values[0].model_copy(update={"value": "quarter"})
    setting = pack.settings["screening_interval"].model_copy(update={"values": (value,)})
    screened = pack.model_copy(update={"settings": pack.settings | {"screening_interval": setting}}).duties_due(*year)
    assert [d.period for d in screened if d.duty == "household_screening"] == [
        "2021-Q4",
        "2022-Q1",
        "2022-Q2",
        "2022-Q3",
    ]


def test_every_day_of_a_year_is_asked_without_error() -> None:
    assert sum(CHINA.is_working(date(2021, 1, 1) + timedelta(days=n)) for n in range(365)) == 250


@pytest.mark.parametrize(
    ("fields", "period", "first", "last"),
    [
        ({}, "2020-02", "2020-02-01", "2020-02-29"),
        ({"months_after": 1}, "2020-12", "2021-01-01", "2021-01-31"),
        ({"every": "quarter", "months_after": 1}, "2020-Q4", "2020-11-01", "2021-01-31"),
        ({"every": "year"}, "2020", "2020-01-01", "2020-12-31"),
        ({"every": "week", "day": 7}, "2020-W53", "2020-12-28", "2021-01-03"),
    ],
)
def test_what_is_done_on_a_day_is_done_for_one_occurrence(fields, period: str, first: str, last: str) -> None:
    assert days_of(duty(**fields), period) == (date.fromisoformat(first), date.fromisoformat(last))


def test_what_is_done_once_may_be_done_since_its_document() -> None:
    ganzhou = load_pack(PROJECT / "policies" / "ganzhou")
    [trained] = [d for d in ganzhou.duties_due(date(2021, 10, 1), date(2021, 10, 31)) if d.duty == "leaders_trained"]
    [document] = {d.effective_from for d in ganzhou.documents if d.doc_no == ganzhou.clauses[trained.clause].doc_no}
    assert (trained.first, trained.last) == (
        max(document, date(int(ganzhou.plan.from_[:4]), int(ganzhou.plan.from_[5:]), 1)),
        date(2021, 10, 31),
    )
