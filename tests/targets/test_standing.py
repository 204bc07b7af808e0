"""Where a target stands: both sides of every boundary."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from pipelines.periods import months
from pipelines.targets.standing import Goal, between, chance_words, judge, pace_of


def run(span: str, *values: float | str) -> list[tuple[str, Fraction]]:
    return [(month, Fraction(str(value))) for month, value in zip(months(span), values, strict=True)]


def said(goal: Goal, period: str, known: list[tuple[str, Fraction]], value: str | None = None) -> str:
    judged = min(period, goal.due)
    at = Fraction(value) if value is not None else dict(known).get(judged)
    return judge(goal, period, None if at is None else (at, at), "withheld", known).status


YEAR = Goal(">=", Fraction(120), "2019-12", "2019-01")


@pytest.mark.parametrize(
    ("comparator", "value", "status"),
    [
        (">=", "119.99", "behind"), (">=", "120", "met"), (">=", "120.01", "met"),
        (">", "120", "behind"), (">", "120.01", "met"),
        ("<=", "120", "met"), ("<=", "120.01", "behind"),
        ("<", "119.99", "met"), ("<", "120", "behind"),
        ("=", "119", "behind"), ("=", "120", "met"), ("=", "121", "behind"),
    ],
)  # fmt: skip
def test_on_the_day_it_is_due_a_target_is_met_or_not(comparator: str, value: str, status: str) -> None:
    goal = Goal(comparator, Fraction(120), "2019-12")
    assert said(goal, "2019-12", [("2019-12", Fraction(value))]) == status


def test_after_its_day_a_target_is_judged_by_that_day_and_says_when_it_was_reached() -> None:
    goal = Goal(">=", Fraction(100), "2019-12")
    known = run("2019-11:2020-02", 98, 99, 99, 100)
    late = judge(goal, "2020-02", (Fraction(99), Fraction(99)), "", known)
    assert (late.judged, late.status, late.why, late.reached) == ("2019-12", "behind", "due_passed", "2020-02")
    fallen = run("2019-11:2020-02", 100, 100, 99, 98)
    assert judge(goal, "2020-02", (Fraction(100), Fraction(100)), "", fallen).status == "met"


def test_a_month_before_its_day_a_target_is_not_overdue_yet() -> None:
    known = run("2018-12:2019-11", *range(0, 120, 10))
    assert said(YEAR, "2019-11", known) == "on_track"
    assert said(YEAR, "2019-12", [*known, ("2019-12", Fraction(119))]) == "behind"


@pytest.mark.parametrize(("june", "status"), [("59.99", "behind"), ("60", "on_track"), ("60.01", "on_track")])
def test_exactly_the_pace_that_is_needed_is_on_track(june: str, status: str) -> None:
    known = run("2018-12:2019-06", 0, 10, 20, 30, 40, 50, june)
    found = judge(YEAR, "2019-06", (Fraction(june),) * 2, "", known)
    assert found.status == status
    assert found.needed == (120 - Fraction(june)) / 6
    assert found.pace is not None and found.pace.per_month == Fraction(june) / 6


def test_a_pace_of_a_third_a_month_is_not_lost_to_rounding() -> None:
    goal = Goal(">=", Fraction(4), "2019-12")
    assert said(goal, "2019-06", run("2019-03:2019-06", 1, 1, 1, 2)) == "on_track"
    assert said(Goal(">=", Fraction("4.0001"), "2019-12"), "2019-06", run("2019-03:2019-06", 1, 1, 1, 2)) == "behind"


def test_above_a_number_that_must_be_passed_the_exact_number_is_not_enough() -> None:
    known = run("2019-03:2019-06", 30, 40, 50, 60)
    assert said(Goal(">=", Fraction(120), "2019-12"), "2019-06", known) == "on_track"
    assert said(Goal(">", Fraction(120), "2019-12"), "2019-06", known) == "behind"


@pytest.mark.parametrize(
    ("values", "status", "why"),
    [
        ((1, 2, 2), "on_track", ""),
        ((1, 1, 1), "behind", ""),
        ((3, 4, 5), "behind", "over"),
        ((9, 8, 7), "on_track", ""),
    ],
)
def test_an_exact_number_is_come_to_from_below_or_from_above(values: tuple[int, ...], status: str, why: str) -> None:
    found = judge(
        Goal("=", Fraction(4), "2019-12"), "2019-06", (Fraction(values[-1]),) * 2, "", run("2019-04:2019-06", *values)
    )
    assert (found.status, found.why) == (status, why)


@pytest.mark.parametrize(
    ("values", "status"), [((30, 25, 20), "on_track"), ((30, 29, 28), "behind"), ((8, 9, 10), "met")]
)
def test_a_ceiling_is_come_to_by_falling(values: tuple[int, ...], status: str) -> None:
    assert said(Goal("<=", Fraction(10), "2019-12"), "2019-06", run("2019-04:2019-06", *values)) == status


def test_without_a_value_a_target_is_unknown_and_never_on_track() -> None:
    found = judge(YEAR, "2019-06", None, "withheld", run("2018-12:2019-05", 0, 20, 40, 60, 80, 100))
    assert (found.status, found.why) == ("unknown", "withheld")


@pytest.mark.parametrize(("months_known", "status"), [(0, "unknown"), (1, "unknown"), (2, "unknown"), (3, "on_track")])
def test_too_few_known_months_are_unknown(months_known: int, status: str) -> None:
    known = run("2019-04:2019-06", 20, 40, 60)[3 - months_known :]
    value = (Fraction(60), Fraction(60)) if known else None
    found = judge(Goal(">=", Fraction(120), "2019-12"), "2019-06", value, "no_figure", known)
    assert found.status == status
    assert found.why == ("" if status == "on_track" else "few_months" if known else "no_figure")


def test_before_its_first_month_a_target_is_unknown() -> None:
    known = run("2018-10:2019-02", 50, 60, 0, 10, 20)
    assert judge(YEAR, "2018-12", (Fraction(0), Fraction(0)), "", known).why == "not_begun"
    assert judge(YEAR, "2019-01", (Fraction(10), Fraction(10)), "", known).why != "not_begun"


def test_the_pace_is_that_of_a_year_at_most() -> None:
    known = [*run("2018-01:2018-05", 0, 1000, 2000, 3000, 4000), *run("2018-06:2019-06", *range(4000, 4013))]
    found = pace_of(known, "2019-06")
    assert found is not None and (found.per_month, found.since) == (Fraction(1), "2018-06")


def test_the_likely_month_is_the_first_in_which_the_pace_is_enough() -> None:
    known = run("2019-04:2019-06", 40, 50, 60)
    at = (Fraction(60), Fraction(60))
    assert judge(Goal(">=", Fraction(100), "2019-12"), "2019-06", at, "", known).likely == "2019-10"
    assert judge(Goal(">=", Fraction("100.01"), "2019-12"), "2019-06", at, "", known).likely == "2019-11"
    assert judge(Goal(">", Fraction(100), "2019-12"), "2019-06", at, "", known).likely == "2019-11"
    assert (
        judge(Goal(">=", Fraction(100), "2019-12"), "2019-06", at, "", run("2019-04:2019-06", 60, 60, 60)).likely
        is None
    )
    assert (
        judge(Goal(">=", Fraction(100), "2019-12"), "2019-06", at, "", run("2019-04:2019-06", 80, 70, 60)).likely
        is None
    )


@pytest.mark.parametrize(
    ("comparator", "ends", "status"),
    [
        (">=", ("120", None), "met"),        # a floor that the least already reaches
        (">=", ("119", None), "unknown"),
        ("=", ("120", None), "unknown"),     # more may come to light
        ("=", ("121", None), "behind"),
        ("<=", ("119", None), "unknown"),
        ("<=", ("121", None), "behind"),
        (">=", ("118", "119"), "behind"),
        (">=", ("119", "120"), "unknown"),
        ("<=", ("119", "120"), "met"),
    ],
)  # fmt: skip
def test_what_is_known_in_part_is_said_only_where_both_ends_agree(
    comparator: str, ends: tuple[str, str | None], status: str
) -> None:
    low, high = Fraction(ends[0]), Fraction(ends[1]) if ends[1] else None
    assert judge(Goal(comparator, Fraction(120), "2019-12"), "2019-12", (low, high), "", []).status == status


def test_a_lower_bound_can_be_on_track_but_not_behind() -> None:
    known = run("2018-12:2019-05", 0, 10, 20, 30, 40, 50)
    assert judge(YEAR, "2019-06", (Fraction(60), None), "", known).status == "on_track"
    assert judge(YEAR, "2019-06", (Fraction(59), None), "", known).status == "unknown"


@pytest.mark.parametrize(
    ("first", "last", "months"), [("2019-12", "2020-01", 1), ("2020-03", "2020-03", 0), ("2020-03", "2019-12", -3)]
)
def test_months_between(first: str, last: str, months: int) -> None:
    assert between(first, last) == months


@pytest.mark.parametrize(("chance", "said"), [("0.0099", "< 1%"), ("0.01", "1%"), ("0.99", "99%"), ("0.9901", "> 99%")])
def test_a_chance_is_never_none_or_certain(chance: str, said: str) -> None:
    assert chance_words(Decimal(chance)) == chance_words(float(chance)) == said
