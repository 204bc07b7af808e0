"""Intervals and chances: what they hold on series whose law is known, and that they stay within what a figure can be."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.targets.forecast import LEAST_ERRORS, ONE, Floats, Panel, errors, forecast


def panel(
    known: Floats,
    comparator: str = ">=",
    goal: float = 1e6,
    high: float = np.inf,
    grows: bool = False,
    leeway: float = 0.5,
) -> Panel:
    size = len(known)
    return Panel(
        known=known * ONE,
        pool=np.zeros(size, dtype=np.int64),
        goal=np.full(size, goal * ONE),
        comparator=np.full(size, comparator),
        low=np.zeros(size),
        high=np.full(size, high * ONE),
        grows=np.full(size, grows),
        step=np.full(size, ONE),
        leeway=np.full(size, leeway * ONE),
    )


def walks(series: int, length: int, seed: int = 7) -> Floats:
    draw = np.random.default_rng(seed)
    steps: Floats = draw.normal(3.0, 8.0, (series, length))
    return 1000 + np.cumsum(np.round(steps), axis=1)


@pytest.mark.parametrize("months", [3, 6, 12])
def test_intervals_of_random_walks_hold_nine_in_ten(months: int) -> None:
    known = walks(150, 60 + months)
    whole = panel(known)
    hits = []
    for at in range(40, 60, 4):
        found = forecast(panel(known[:, : at + 1]), at, months)
        came = whole.known[:, at + months]
        hits.append((found.lower <= came) & (came <= found.upper))
    assert 0.85 <= np.mean(hits) <= 0.95


def test_the_chance_is_the_share_that_then_meets_the_goal() -> None:
    known = walks(400, 54)
    at, months = 47, 6
    goal = float(np.median(known[:, at + months]))
    found = forecast(panel(known[:, : at + 1], goal=goal), at, months)
    asked = ~panel(known[:, : at + 1], goal=goal).met(known[:, at] * ONE)
    came = known[:, at + months] >= goal
    assert abs(found.chance[asked].mean() - came[asked].mean()) < 0.1
    assert ((found.chance > 0) & (found.chance < 1)).all()


def test_a_share_stays_within_0_and_100_and_a_count_that_grows_does_not_fall() -> None:
    known = np.clip(walks(60, 40) - 930, 0, 99)
    found = forecast(panel(known, goal=100, high=100), 39, 6)
    assert (found.upper <= 100 * ONE).all() and (found.central <= 100 * ONE).all() and (found.lower >= 0).all()
    growing = np.maximum.accumulate(walks(60, 40), axis=1)
    found = forecast(panel(growing, grows=True), 39, 6)
    assert (found.lower >= growing[:, 39] * ONE).all()


@pytest.mark.parametrize(
    ("comparator", "goal", "sure"),
    [(">=", 101, True), (">=", 102, False), ("=", 101, True), ("=", 100, False), (">", 100, True), (">", 101, False)],
)
def test_series_that_never_err_meet_their_goal_for_sure_or_not_at_all(comparator: str, goal: int, sure: bool) -> None:
    known = np.arange(39.0) + np.arange(20.0, 98.0)[:, None]  # one a month each
    row = 40  # 98 now, 101 in three months
    found = forecast(panel(known, comparator, goal), 38, 3)
    assert found.central[row] == found.lower[row] == found.upper[row] == 101 * ONE
    assert found.chance[row] > 0.9 if sure else found.chance[row] < 0.1


@pytest.mark.parametrize(("leeway", "sure"), [(0.5, True), (1e-10, False)])
def test_a_count_just_short_of_the_goal_is_taken_for_it_and_a_quotient_is_not(leeway: float, sure: bool) -> None:
    known = np.arange(39.0) + np.arange(20.0, 98.0)[:, None]
    found = forecast(panel(known, goal=101.4, leeway=leeway), 38, 3)
    assert found.central[40] == 101 * ONE
    assert found.chance[40] > 0.9 if sure else found.chance[40] < 0.1


@pytest.mark.parametrize(("goal", "sure"), [(95, True), (94, False)])
def test_a_ceiling_is_met_by_what_falls_to_it(goal: int, sure: bool) -> None:
    known = 1000 - (np.arange(39.0) + np.arange(820.0, 898.0)[:, None])
    found = forecast(panel(known, "<=", goal), 38, 3)
    assert found.central[44] == 95 * ONE
    assert found.chance[44] > 0.9 if sure else found.chance[44] < 0.1


def test_an_error_that_was_not_there_yet_is_not_used() -> None:
    known = walks(10, 40)
    later = known.copy()
    later[:, 31:] += 5000
    for before, after in zip(errors(panel(known), 30, 6), errors(panel(later), 30, 6), strict=True):
        assert before.shape == (10, 25)
        assert np.array_equal(before, after, equal_nan=True)


def test_too_small_a_pool_gives_no_interval() -> None:
    found = forecast(panel(walks(1, LEAST_ERRORS + 4)), LEAST_ERRORS + 3, 3)  # the first two origins have no pace
    assert found.errors[0] == LEAST_ERRORS - 1
    assert np.isnan(found.lower[0]) and not np.isnan(found.central[0])
    found = forecast(panel(walks(1, LEAST_ERRORS + 5)), LEAST_ERRORS + 4, 3)
    assert found.errors[0] == LEAST_ERRORS
    assert not np.isnan(found.lower[0]) and not np.isnan(found.chance[0])
