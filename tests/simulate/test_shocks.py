from __future__ import annotations

import numpy as np

from pipelines.simulate.observe import County
from pipelines.simulate.shocks import _lasting, _since, last_twelve, school_stage


def test_twelve_months_are_counted_and_no_more() -> None:
    monthly = np.ones((14, 1))
    monthly[0] = 100
    assert last_twelve(monthly)[[0, 11, 12, 13], 0].tolist() == [100, 111, 12, 12]


def test_a_loss_lasts_as_long_as_its_spell() -> None:
    taken, spells = np.zeros((5, 1)), np.full((5, 1), 3)
    taken[1] = 0.5
    assert _lasting(taken, spells, 6)[:, 0].tolist() == [0, 0.5, 0.5, 0.5, 0]


def test_a_new_spell_begins_anew() -> None:
    spells = np.array([[True], [True], [False], [True]])
    assert _since(spells)[:, 0].tolist() == [0, 0, -1, 3]


def test_bills_add_up_to_the_cent(county: County) -> None:
    bills = county.truth.bills
    assert (bills.total == bills.basic + bills.major + bills.aid + bills.own).all()
    assert min(x.min() for x in (bills.basic, bills.major, bills.aid, bills.own)) >= 0
    assert (bills.admitted < bills.settled).all()


def test_illness_peaks_in_winter(county: County) -> None:
    months = county.laws.calendar_months[county.truth.bills.month]
    per_month = np.bincount(months, minlength=12)
    assert per_month[[0, 11]].min() > 1.2 * per_month[[5, 6]].max()


def test_nobody_falls_back_without_a_loss(county: County) -> None:
    truth = county.truth
    lost = sum(last_twelve(loss) for loss in truth.loss.values())
    assert truth.fallen.any()
    assert (lost[truth.fallen] > 0).all()
    assert (truth.why[truth.fallen] >= 0).all()
    assert (truth.why[~truth.fallen] == -1).all()


def test_who_is_not_yet_out_of_poverty_cannot_fall_back(county: County) -> None:
    months = np.arange(len(county.laws.periods))[:, None]
    inside = (months < county.people.households.exit_month) & ~county.people.households.marginal
    assert not (county.truth.fallen & inside).any()


def test_income_is_never_negative(county: County) -> None:
    assert min(income.min() for income in county.truth.income.values()) >= 0


def test_school_begins_at_six_by_the_first_of_september(county: County) -> None:
    persons, day = county.people.persons, np.datetime64("2019-11-30")
    stage = school_stage(persons, day)
    six = (persons.birth <= np.datetime64("2013-08-31")) & (persons.birth > np.datetime64("2012-09-10"))
    five = (persons.birth >= np.datetime64("2013-09-03")) & (persons.birth < np.datetime64("2014-08-01"))
    assert (stage[six] == 2).all()
    assert (stage[five] == 1).all()
