"""One target against its figures: met, on track, behind or unknown, from the pace that it needs and the pace that it has.

Exact arithmetic over figures before they were rounded; no forecast and no interval belongs here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from pipelines.periods import shift

Status = Literal["met", "on_track", "behind", "unknown"]
PACE_MONTHS = 12  # the pace is that of a whole year, so that work done in one season is not taken for a change of pace
KNOWN = 3  # known months, the one that is judged among them, that a pace needs
LEVEL = 0.9  # of what comes lies within an interval
HORIZON = 12  # months ahead for which that was tested
LIKELY_WITHIN = 120  # months ahead after which no date is named

STATUS: dict[Status, tuple[str, str]] = {
    "met": ("已达标", "Met"),
    "on_track": ("进度正常", "On track"),
    "behind": ("进度落后", "Behind"),
    "unknown": ("未知", "Unknown"),
}
WHY: dict[str, tuple[str, str]] = {
    "": ("", ""),
    "due_passed": ("期限已过，没有达到", "The due date has passed and it was not reached"),
    "over": ("超过了目标所定的数", "More than the number asked for"),
    "not_begun": ("还没有到起算月份", "Counted from a later month"),
    "no_figure": ("没有封存判断月份的统计数", "No figure of the month was sealed"),
    "withheld": ("统计数暂不发布", "The figure is withheld"),
    "no_subject": ("没有可统计的对象", "There is nothing to count"),
    "partial": ("只有一部分已知，判断不了", "Known in part only, which does not tell"),
    "few_months": (f"已知不足 {KNOWN} 个月，算不出进度", f"Fewer than {KNOWN} months are known"),
    "no_indicator": ("尚无指标", "There is no indicator yet"),
    "unset": ("待定参数没有设定", "Its value is an open setting without a value"),
    "rounded": (
        "按四舍五入以前的数判断，与显示的数结论不同",
        "Judged before rounding, which says otherwise than the figure shown",
    ),
}
NO_FORECAST: dict[str, tuple[str, str]] = {
    "": ("", ""),
    "met": ("已经达标", "Already met"),
    "due_passed": ("期限已过", "The due date has passed"),
    "unknown": ("现状未知", "Where it stands is unknown"),
    "few_months": WHY["few_months"],
    "partial": ("只有一部分已知", "Known in part only"),
    "far": (f"离期限超过 {HORIZON} 个月，超出检验过的范围", f"More than {HORIZON} months ahead, which was not tested"),
    "few_errors": ("可比的以往预测太少，给不出区间", "Too few comparable past forecasts for an interval"),
}
_COMPARES: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq}
_SELDOM = Decimal("0.01")
_AT_LEAST = {">", ">="}


@dataclass(frozen=True)
class Goal:
    """What a target asks: ``value`` by the end of the month ``due``; counted from the month ``start`` on, where there is one."""

    comparator: str
    value: Fraction
    due: str
    start: str | None = None


@dataclass(frozen=True)
class Pace:
    """The change a month from the oldest known month of the last year, ``since``, to the month that is judged."""

    per_month: Fraction
    since: str


@dataclass(frozen=True)
class Standing:
    """A target judged at the month ``judged`` (the due month once that is past); ``why`` is a key of WHY.

    ``needed`` is the change a month that would bring it there by its day, ``likely`` the month in which the pace that it has
    would, ``reached`` the month from which it has been met.
    """

    judged: str
    status: Status
    why: str = ""
    months_left: int = 0
    needed: Fraction | None = None
    pace: Pace | None = None
    reached: str | None = None
    likely: str | None = None


def chance_words(chance: Decimal | float) -> str:
    """A chance in whole percent, never said to be none or certain."""
    if chance < _SELDOM:
        return f"< {_SELDOM:.0%}"
    return f"> {1 - _SELDOM:.0%}" if chance > 1 - _SELDOM else f"{chance:.0%}"


def between(first: str, last: str) -> int:
    """How many months ``last`` lies after ``first``."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])


def meets(value: Fraction, comparator: str, goal: Fraction) -> bool:
    """Whether a value is what the target asks."""
    return _COMPARES[comparator](value, goal)


def pace_of(known: Sequence[tuple[str, Fraction]], judged: str) -> Pace | None:
    """The pace at ``judged`` from (month, value) of the months whose values are exactly known, oldest first.

    It reaches back a year at most; None where the judged month is not known or fewer than KNOWN months are.
    """
    recent = [point for point in known if 0 <= between(point[0], judged) <= PACE_MONTHS]
    if len(recent) < KNOWN or recent[-1][0] != judged:
        return None
    (since, before), (_, now) = recent[0], recent[-1]
    return Pace((now - before) / between(since, judged), since)


def _arrives(value: Fraction, change: Fraction, goal: Goal) -> bool:
    """Whether a change brings a value to the goal. To an exact number it may come from either side, and pass it."""
    later = value + change
    if goal.comparator != "=":
        return meets(later, goal.comparator, goal.value)
    return later >= goal.value if value < goal.value else later <= goal.value


def _likely(value: Fraction, pace: Pace, goal: Goal, judged: str) -> str | None:
    gap = goal.value - value
    if not pace.per_month or gap / pace.per_month < 0:
        return None
    months = max(1, math.ceil(gap / pace.per_month))
    months += not _arrives(value, pace.per_month * months, goal)
    return shift(judged, months) if months <= LIKELY_WITHIN and _arrives(value, pace.per_month * months, goal) else None


def judge(
    goal: Goal,
    period: str,
    ends: tuple[Fraction, Fraction | None] | None,
    why: str,
    known: Sequence[tuple[str, Fraction]],
) -> Standing:
    """Where a target stands by what was sealed up to ``period``.

    ``ends`` are the least and the greatest that the value of the judged month can be: the same twice where it is exactly known, no
    greatest for a lower bound, None where there is no value, which ``why`` explains. ``known`` are (month, value) of the exactly
    known months up to ``period``. No value is rounded: 99,999 of 100,000 are not 100 %. What holds for both ends is said; where one
    end falls behind and the other does not, it is unknown.
    """
    judged = min(period, goal.due)
    left = between(judged, goal.due)
    if goal.start and judged < goal.start:
        return Standing(judged, "unknown", "not_begun", left)
    if ends is None:
        return Standing(judged, "unknown", why, left)
    low, high = ends
    found = _at(goal, judged, low, known)
    if low == high:
        return found
    unknown = Standing(judged, "unknown", "partial", left)
    if goal.comparator == "=" and low <= goal.value and (high is None or goal.value <= high):
        return unknown
    other: Status = "met" if goal.comparator in _AT_LEAST else "behind"
    if high is not None:
        other = _at(goal, judged, high, known).status
    if "unknown" in (found.status, other):
        return Standing(judged, "unknown", found.why if found.status == "unknown" else "partial", left)
    if (found.status == "behind") != (other == "behind"):
        return unknown
    return found if found.status != "met" or other == "met" else Standing(judged, "on_track", "", left)


def _at(goal: Goal, judged: str, value: Fraction, known: Sequence[tuple[str, Fraction]]) -> Standing:
    """Where a target stands if its value at the judged month is this."""
    until = [*(point for point in known if point[0] < judged), (judged, value)]
    if meets(value, goal.comparator, goal.value):
        return Standing(judged, "met", reached=_met_since(until, goal))
    over = "over" if goal.comparator == "=" and value > goal.value else ""
    if judged == goal.due:
        later = [m for m, v in known if m > judged and meets(v, goal.comparator, goal.value)]
        return Standing(judged, "behind", over or "due_passed", reached=later[0] if later else None)
    left = between(judged, goal.due)
    needed = (goal.value - value) / left
    pace = pace_of(until, judged)
    if pace is None:
        return Standing(judged, "unknown", "few_months", left, needed)
    said: Status = "on_track" if _arrives(value, pace.per_month * left, goal) else "behind"
    return Standing(
        judged, said, over if said == "behind" else "", left, needed, pace, likely=_likely(value, pace, goal, judged)
    )


def _met_since(known: Sequence[tuple[str, Fraction]], goal: Goal) -> str | None:
    """The first month of the run of known months, up to the last, in all of which the goal is met."""
    since = None
    for month, value in reversed(known):
        if not meets(value, goal.comparator, goal.value):
            break
        since = month
    return since
