"""When recurring duties fall due, and which days are working days in China.

What is due, and on which day, is data (calendar.yml of a pack); only the arithmetic of days belongs here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipelines.periods import first_day, last_day, shift
from pipelines.policy.parts import Day, Part, Text, Title, fault

_ENDS = {"month": range(1, 13), "quarter": (3, 6, 9, 12)}
_DAY = timedelta(days=1)
_REACH = timedelta(days=31)  # no row of days off is longer


class CalendarError(LookupError):
    """Nobody has said which days of a year are working days."""


class Reading(Part):
    """Who settled, and when, what a document leaves open: not from the text."""

    owner: Text
    set_on: Day


class Evidence(Part):
    """Rows that show a duty done: those of ``extract`` whose columns are as ``where`` says (``any``: filled), on their ``day``.

    ``by`` is the column that names the department that did it; without it whoever did it counts. Where areas owe the duty, the
    area of the row says which. A day that is a month, or that no column gives, is the first of the month. No such row means not
    done, or (``absent: unknown``) that there may have been nothing to do.
    """

    extract: Text
    where: dict[Text, bool | Text | tuple[Text, ...]] = Field(default_factory=dict)
    day: Text | None = None
    by: Text | None = None
    absent: Literal["not_done", "unknown"] = "not_done"


class Duty(Part):
    """Something that recurs, and the day by which it is done; ``clause`` says so, or ``reading`` where the text does not.

    ``day`` is that of the week (Monday is 1) or of the month ``months_after`` the one reported, where a day past its end means
    its last; with ``working_days`` it counts working days. ``owes`` are department ids. ``extracts`` are those whose data of a
    month are due then (``all``: every one that no other duty names). ``setting`` names the open setting that says how often.
    It is done when there is a row of each of its ``evidence``.
    """

    duty: Text
    title: Title
    clause: Text | None = None
    reading: Reading | None = None
    owes: tuple[Text, ...] = ()
    extracts: Literal["all"] | tuple[Text, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    every: Literal["week", "month", "quarter", "year", "once"] | None = None
    setting: Text | None = None
    day: Annotated[int, Field(ge=1, le=31)] = 31
    month: Annotated[int, Field(ge=1, le=12)] = 12
    months_after: Annotated[int, Field(ge=0)] = 0
    date: Day | None = None
    working_days: bool = False
    day_off: Literal["keep", "next", "previous"] = "keep"
    subject: str = ""
    effective_from: Day | None = None
    effective_to: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> Duty:
        if not (self.clause or self.reading):
            raise fault("没有出处", "写 clause；文件没有写明的，写 reading: {owner, set_on}")
        if (self.every is None) == (self.setting is None):
            raise fault("every 与 setting 没有恰好写一个", "多久一次写 every，由待定参数定的写 setting")
        if self.every == "week" and self.day > 7:
            raise fault(f"一周没有第 {self.day} 天", "day 写 1（星期一）至 7")
        if (self.every == "once") != (self.date is not None):
            raise fault("date 与 every 不相合", "只此一次的写 every: once 和 date，其他的不写 date")
        if not (self.owes or self.extracts):
            raise fault("没有写明由谁完成", "写 owes（部门编号）")
        return self


class Due(Part):
    """One occurrence of a duty: ``period`` is what it is about (``2020-03``, ``2020-Q1``, ``2020``, ``2020-W07``).

    What is done from ``first`` to ``last`` is done for this occurrence, in time up to ``date``.
    """

    duty: Text
    title: Title
    clause: Text | None
    owes: tuple[Text, ...]
    period: Text
    date: Day
    first: Day
    last: Day


class WorkingDays(Part):
    """Working days of mainland China: the yearly holiday notices of the State Council, and the days that a pack adds.

    Raises CalendarError for a day of a year that neither knows.
    """

    days_off: tuple[Day, ...] = ()
    working_days: tuple[Day, ...] = ()

    def is_working(self, day: date) -> bool:
        """Whether people work on ``day``: make-up Saturdays and Sundays count, public holidays do not."""
        import chinese_calendar

        if day in self.working_days or day in self.days_off:
            return day in self.working_days
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            if day.year in {known.year for known in (*self.days_off, *self.working_days)}:
                return day.isoweekday() <= 5
            raise CalendarError(
                f"没有 {day.year} 年的节假日安排：更新 chinesecalendar，或在 calendar.yml 的 days_off、working_days 写上该年的放假和补班日"
            ) from None

    def counted(self, first: date, last: date) -> list[tuple[date, bool, int]]:
        """The days from ``first`` to ``last``: each, whether people work on it, and how many working days there were up to it.

        Ends before the first year whose holidays are not known.
        """
        found: list[tuple[date, bool, int]] = []
        with suppress(CalendarError):
            for day in (first + _DAY * i for i in range((last - first).days + 1)):
                working = self.is_working(day)
                found.append((day, working, working + (found[-1][2] if found else 0)))
        return found

    def after(self, start: date, days: int, *, start_counts: bool) -> date:
        """The day on which ``days`` working days from ``start`` are over; whether the first may be ``start`` itself is the caller's."""
        day = start - _DAY if start_counts else start
        for _ in range(days):
            day = self.nearest(day + _DAY, _DAY)
        return day

    def nearest(self, day: date, step: timedelta) -> date:
        """``day`` if it is a working day, else the first one met going on in steps of a day forwards or backwards."""
        while not self.is_working(day):
            day += step
        return day


def due_on(duty: Duty, period: str, working: WorkingDays) -> date:
    """The day by which a duty about ``period`` (its month, or the last month of its quarter or year) is done."""
    month = shift(period, duty.months_after)
    end = last_day(month)
    day = end.replace(day=min(duty.day, end.day))
    if duty.working_days:
        day = min(working.after(end.replace(day=1), duty.day, start_counts=True), working.nearest(end, -_DAY))
    return _moved(duty, day, working)


def occurrences(duty: Duty, every: str, first: date, last: date, working: WorkingDays) -> Iterator[tuple[str, date]]:
    """(period, day due) of a duty that recurs ``every`` week, month, quarter or year, for the days from ``first`` to ``last``."""
    if duty.date is not None:
        found = [(f"{duty.date:%Y-%m}", _moved(duty, duty.date, working))]
    elif every == "week":
        days = (first - _REACH + _DAY * i for i in range((last - first + 2 * _REACH).days))
        found = [
            (f"{day.isocalendar().year}-W{day.isocalendar().week:02d}", _moved(duty, day, working))
            for day in days
            if day.isoweekday() == duty.day
        ]
    else:
        month, end = shift(f"{first:%Y-%m}", -duty.months_after - 1), shift(f"{last:%Y-%m}", 1)
        found = []
        while month <= end:
            if int(month[5:]) in _ENDS.get(every, (duty.month,)):
                found.append((_label(every, month), due_on(duty, month, working)))
            month = shift(month, 1)
    return ((period, day) for period, day in found if first <= day <= last)


def days_of(duty: Duty, period: str) -> tuple[date, date]:
    """The days that are those of one occurrence alone: its week, or its months moved by ``months_after``."""
    if "W" in period:
        monday = date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
        return monday, monday + 6 * _DAY
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        first, last = f"{year}-{int(part[1]) * 3 - 2:02d}", f"{year}-{int(part[1]) * 3:02d}"
    else:
        first, last = (period, period) if part else (f"{year}-01", f"{year}-12")
    return first_day(shift(first, duty.months_after)), last_day(shift(last, duty.months_after))


def _label(every: str, month: str) -> str:
    if every == "year":
        return month[:4]
    return f"{month[:4]}-Q{int(month[5:]) // 3}" if every == "quarter" else month


def _moved(duty: Duty, day: date, working: WorkingDays) -> date:
    if duty.day_off == "keep":
        return day
    return working.nearest(day, _DAY if duty.day_off == "next" else -_DAY)
