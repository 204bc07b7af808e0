from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from pipelines.simulate.casework import month_of
from pipelines.simulate.observe import County
from pipelines.simulate.tables import Tables


def test_a_case_follows_a_blow_that_fell_and_cost_more_than_its_line(county: County) -> None:
    cases, law = county.cases, county.laws["casework"]
    for number, (risk, how) in enumerate(law["risks"].items()):
        mine = cases.risk == number
        cost = county.truth.loss[risk][cases.month[mine] - 1, cases.household[mine]]
        assert mine.any() and (cost > how.get("from", county.laws.clause(law["line"]))).all(), risk


def test_a_household_has_one_case_at_a_time(county: County) -> None:
    cases = county.cases
    order = np.lexsort((cases.month, cases.household))
    same = np.diff(cases.household[order]) == 0
    assert (cases.month[order][1:] > cases.closed[order][:-1])[same].all()


def test_steps_come_one_after_the_other(county: County) -> None:
    steps = list(county.cases.steps.values())
    for step in steps:
        there = ~np.isnat(step.began)
        assert (step.began[there] <= step.ended[there]).all() and (step.overdue >= 0).all()
    for before, after in pairwise(steps):
        both = ~np.isnat(before.ended) & ~np.isnat(after.began)
        assert both.any() and (before.ended[both] <= after.began[both]).all()


def test_what_is_not_founded_goes_no_further_than_the_judgement(county: County) -> None:
    cases = county.cases
    gone = {name for name, step in cases.steps.items() if (~np.isnat(step.began[~cases.founded])).any()}
    assert gone == {"warning", "key_list", "survey", "judgement"}
    assert all((~np.isnat(step.began[cases.founded])).all() for step in cases.steps.values())


def test_most_steps_are_in_time_and_some_are_late(county: County) -> None:
    late = np.mean(county.cases.steps["warning"].overdue > 0)
    assert 0.04 < late < 0.12
    warned = county.cases.steps["warning"]
    on_time = warned.overdue == 0
    day = (warned.ended - warned.ended.astype("M8[M]").astype("M8[D]")).astype(int) + 1
    assert day[on_time].max() <= county.laws.clause("MH20-013")


@pytest.mark.parametrize("period", ["2018-12", "2020-09"])
def test_papers_are_of_the_same_cases(tables: Tables, period: str) -> None:
    t = tables.laws.index(period)
    warned, surveyed, consents = (tables[name].frame(t) for name in ("warning", "survey_form", "consent"))
    ledger, steps = tables["risk_record"].frame(t), tables["case_event"].frame(t)
    assert warned.height and set(warned["hh_id"]) <= set(ledger["hh_id"])
    assert set(consents["hh_id"]) <= set(surveyed["hh_id"]) <= set(steps["hh_id"])
    assert set(surveyed["hh_id"]) == set(
        steps.filter(pl.col("step") == "实地调查", pl.col("finished_at").is_not_null())["hh_id"]
    )
    assert (steps["started_at"].dt.strftime("%Y-%m") <= period).all()


def test_a_risk_leaves_the_ledger_after_the_month_in_which_it_is_resolved(county: County, tables: Tables) -> None:
    t = tables.laws.index("2020-09")
    off = tables["risk_record"].frame(t).filter(pl.col("status") == "已化解")
    ended = month_of(county.laws, county.cases.steps["removal_mark"].ended)
    assert off.height and (ended[county.cases.founded] >= county.cases.closed[county.cases.founded]).all()
    assert not set(off["hh_id"]) & set(tables["risk_record"].frame(t + 1).filter(pl.col("status") == "已化解")["hh_id"])


def test_villages_that_leave_poverty_are_held_against_every_criterion(tables: Tables) -> None:
    checks = {year: tables["village_exit_check"].frame(tables.laws.index(f"{year}-12")) for year in (2017, 2018, 2019)}
    villages = {year: frame.select("township_code", "village_code").n_unique() for year, frame in checks.items()}
    assert villages == {2017: tables.laws.clause("MH18-018"), 2018: tables.laws.clause("MH18-019"), 2019: 0}
    assert checks[2018].height == villages[2018] * tables.laws.clause("MH18-106")
