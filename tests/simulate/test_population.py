from __future__ import annotations

import numpy as np
import pytest

from pipelines.simulate.observe import County
from pipelines.simulate.population import adding_up_to, choose_exactly, id_numbers


def test_parts_add_up_and_none_is_empty() -> None:
    parts = adding_up_to(np.random.default_rng(1), 100, 30)
    assert parts.sum() == 100
    assert len(parts) == 30
    assert parts.min() >= 1


@pytest.mark.parametrize("total", [13, 20, 31])
def test_a_choice_meets_both_number_and_total(total: int) -> None:
    sizes = np.array([1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5])
    chosen = choose_exactly(np.random.default_rng(2), sizes, 6, total)
    assert (chosen.sum(), sizes[chosen].sum()) == (6, total)


def test_a_choice_that_cannot_be_met_ends_as_near_as_swaps_come() -> None:
    chosen = choose_exactly(np.random.default_rng(3), np.array([1, 1, 1, 2]), 2, 9)
    assert chosen.sum() == 2


def test_check_digit_is_that_of_the_standard() -> None:
    # the example of GB 11643-1999, appendix: 11010519491231002X
    (number,) = id_numbers("110105", np.array(["1949-12-31"], dtype="datetime64[D]"), np.array([False]), 2)
    assert number == "11010519491231002X"


def test_people_born_on_one_day_have_different_numbers_by_sex() -> None:
    birth = np.array(["1990-01-01"] * 4, dtype="datetime64[D]")
    male = np.array([True, True, False, False])
    numbers = id_numbers("532822", birth, male, 900)
    assert [n[14:17] for n in numbers] == ["901", "903", "900", "902"]


def test_every_number_is_unique(county: County) -> None:
    people = county.people
    assert len(set(people.persons.number)) == len(people.persons)
    assert len(set(people.households.number)) == len(people.households)


def test_every_household_has_a_head_and_somebody_in_it(county: County) -> None:
    people = county.people
    heads = np.bincount(people.persons.household[people.persons.relation == 0])
    assert (heads == 1).all()
    assert people.sizes[county.laws.start :].min() >= 1


def test_registered_households_live_in_all_villages(county: County) -> None:
    people = county.people
    villages = people.households.village[~people.households.marginal]
    assert np.unique(villages).size == len(people.villages) == 105


def test_poor_households_keep_their_members_until_all_are_out(county: County) -> None:
    households, laws = county.people.households, county.laws
    sizes = county.people.sizes[laws.start : laws.index("2019-12") + 1, households.poor_at_start]
    assert (sizes == sizes[0]).all()


def test_children_are_born_and_the_old_die(county: County) -> None:
    persons, laws = county.people.persons, county.laws
    start, end = laws.start, len(laws.periods) - 1
    assert (persons.here(end) & ~persons.here(start)).sum() > 100
    assert (persons.here(start) & ~persons.here(end)).sum() > 100
