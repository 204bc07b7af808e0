"""Months as text ``YYYY-MM``: the only arithmetic on periods that the project does in Python."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Literal

Window = Literal["month", "year_ago", "quarter", "year", "plan"]
WINDOWS: tuple[Window, ...] = (
    "month",
    "year_ago",
    "quarter",
    "year",
    "plan",
)  # what reads several waits for the last of them

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class MonthError(ValueError):
    """A month is not written YYYY-MM, or cannot be built; the message says what to write."""


def shift(period: str, months: int) -> str:
    """The month ``months`` after ``period`` (before, when negative)."""
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}"


def months(span: str) -> list[str]:
    """``2020-03`` or ``2017-12:2020-12`` as the list of its months, first to last.

    Raises MonthError when a month is not written YYYY-MM or the span runs backwards.
    """
    first, _, last = span.partition(":")
    last = last or first
    for part in (first, last):
        if not _MONTH.fullmatch(part):
            raise MonthError(f"{part!r} is not a month; write YYYY-MM, or YYYY-MM:YYYY-MM for several")
    if last < first:
        raise MonthError(f"{span!r} runs backwards; write the earlier month first")
    found = [first]
    while found[-1] < last:
        found.append(shift(found[-1], 1))
    return found


def span(window: Window, period: str, plan_from: str) -> tuple[str, str]:
    """The first and last month that a window of ``period`` adds up; the first is later when the plan begins later.

    ``month`` is the period itself, ``quarter`` all since the calendar quarter began, ``year`` all since January, ``plan`` all since
    the plan began, ``year_ago`` the same month of the year before and nothing else.
    """
    year, month = period[:4], int(period[5:])
    ago = shift(period, -12)
    since = {
        "month": period,
        "quarter": f"{year}-{month - (month - 1) % 3:02d}",
        "year": f"{year}-01",
        "plan": plan_from,
    }
    return (since[window], period) if window in since else (ago, ago)


def first_day(period: str) -> date:
    """The first day of a month."""
    return date(int(period[:4]), int(period[5:]), 1)


def last_day(period: str) -> date:
    """The last day of a month."""
    year, month = int(period[:4]), int(period[5:])
    return date(year, month, calendar.monthrange(year, month)[1])
