"""What can be asked of anyone and anything in the sample county at the end of a month: one entry per attribute.

An attribute of a household is also one of its members, one of a village also one of its households, and so on up to the
county. Codes are the pack's codes, not words; amounts are yuan. Laws of rows and columns (``tables``) name these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl

from pipelines.simulate.laws import Bools, Floats, Ints
from pipelines.simulate.observe import ABILITIES, POVERTY, STAGES, County, coded
from pipelines.simulate.population import HEAD, HEALTH, RELATIONS
from pipelines.simulate.shocks import SHOCKS, SOURCES, YEAR, school_stage

KINDS = ("person", "household", "village", "township", "county")  # each lies in one of the next

TERM = 6  # months of school

Ask = Callable[[County, int], Any]  # county, month index → one value for each subject of the kind


class Attributes:
    """The attributes of one county, asked by kind of subject, name and month."""

    def __init__(self, county: County) -> None:
        self.county = county
        self._asked = lru_cache(400)(self._ask)  # some months of all attributes

    @cached_property
    def _parents(self) -> dict[str, Ints]:
        people = self.county.people
        townships = [code for code, _ in self.townships]
        return {
            "person": people.persons.household,
            "household": people.households.village,
            "village": np.array([townships.index(v.township) for v in people.villages]),
            "township": np.zeros(len(townships), dtype=np.int64),
        }

    @cached_property
    def townships(self) -> list[tuple[str, str]]:
        """Code and name of every township."""
        return sorted({(v.township, v.township_name) for v in self.county.people.villages})

    def size(self, kind: str) -> int:
        """How many subjects of a kind there are, those not yet or no longer there among them."""
        return 1 if kind == "county" else len(self._parents[kind])

    @lru_cache(100)  # noqa: B019  (lives as long as its county)
    def up(self, kind: str, to: str) -> Ints:
        """For each subject of ``kind`` the position of the one of kind ``to`` that it lies in. ValueError when it lies in none."""
        at = np.arange(self.size(kind))
        for step in KINDS[KINDS.index(kind) : KINDS.index(to)]:
            at = self._parents[step][at]
        if KINDS.index(kind) > KINDS.index(to):
            raise ValueError(f"a {kind} lies in no {to}")
        return at

    def knows(self, kind: str, name: str) -> bool:
        """Whether subjects of that kind have the attribute."""
        return name in ATTRIBUTES and KINDS.index(ATTRIBUTES[name][0]) >= KINDS.index(kind)

    def of(self, kind: str, name: str, t: int) -> pl.Series:
        """The attribute of every subject of a kind at the end of month ``t``. Raises KeyError when they have no such one."""
        if not self.knows(kind, name):
            raise KeyError(f"a {kind} has no attribute {name}; there are {', '.join(ATTRIBUTES)}")
        values = self._asked(name, t)
        owner = ATTRIBUTES[name][0]
        return values if owner == kind else values.gather(pl.Series(self.up(kind, owner)))

    def present(self, kind: str, t: int) -> Bools:
        """Who is there and registered at the end of a month: persons and households; places always are."""
        persons, households = self.county.people.persons, self.county.people.households
        if kind == "person":
            return np.asarray(persons.here(t) & (households.joined[persons.household] <= t))
        return np.asarray(households.joined <= t) if kind == "household" else np.ones(self.size(kind), dtype=bool)

    def _ask(self, name: str, t: int) -> pl.Series:
        if name in ("township", "township_code"):
            return pl.Series([pair[name == "township"] for pair in self.townships])
        return pl.Series(ATTRIBUTES[name][1](self.county, t))


def _poverty(county: County, t: int) -> pl.Series:
    return coded(POVERTY, county.poverty_status(t))


def _category(county: County, t: int) -> pl.Series:
    """The kind of household by where it stands: those out of poverty on subsistence aid are not stable."""
    status, aided = (
        county.poverty_status(t),
        county.key_groups == list(county.laws.home.codes["key_group"]).index("dibao"),
    )
    kinds = np.select([status == 0, status < 3, aided], [0, 1, 2], 3)
    return coded(("marginal", "registered", "unstable", "exited"), kinds)


def _bills(county: County, t: int) -> Any:
    bills = county.truth.bills
    now = bills.month == t
    return np.bincount(bills.person[now], weights=bills.own[now] / 100, minlength=len(county.people.persons))


def _post(county: County, t: int) -> pl.Series:
    held = np.full(len(county.people.persons), -1)
    tenures = county.tenures
    now = (tenures.since <= t) & (t < tenures.until)
    held[tenures.person[now]] = tenures.kind[now]
    return coded(list(county.laws["posts"]), held)


def _job(county: County, t: int) -> pl.Series:
    return coded(list(county.laws.home.codes["employment_status"]), county.employment(t, county.ability(t)))


def _grade(county: County, t: int) -> pl.Series:
    dwellings, n = county.dwellings, len(county.people.households)  # the lived-in ones come first, in order
    grade = np.where(dwellings.graded_again[:n] <= t, dwellings.later[:n], dwellings.grade[:n])
    return coded(list(county.laws.home.codes["house_grade"]), grade)


def _year_income(source: int) -> Ask:
    def ask(county: County, t: int) -> Any:
        return county.income_pc[source][county.laws.years[t] - 1 - county.laws.years[0]].round(2)

    return ask


def _newly_ill(county: County, t: int) -> Any:
    bills = county.truth.bills
    heavy = (bills.month == t) & (bills.total >= county.laws["shocks"]["illness"]["serious_from"] * 100)
    return np.isin(np.arange(len(county.people.persons)), bills.person[heavy])


def _first_of(county: County, those: Bools) -> Bools:
    """Of the persons in question the first of each household."""
    at = np.flatnonzero(those)
    first = np.zeros(len(those), dtype=bool)
    first[at[np.unique(county.people.persons.household[at], return_index=True)[1]]] = True
    return first


def _breadwinner(county: County, t: int) -> Any:
    persons = county.people.persons
    age = persons.age(county.laws.last_days[t])
    grown = _first_of(county, persons.here(t) & (age >= 18) & (age < 62))
    alone = ~np.isin(persons.household, persons.household[grown])
    return grown | (alone & (persons.relation == HEAD))


def _transferred(county: County, t: int) -> Any:
    entries = county.entries
    moved = np.flatnonzero(~np.isnat(entries.transferred) & (entries.month <= t))
    found = np.full(len(county.people.persons), np.datetime64("NaT"), dtype="datetime64[D]")
    found[entries.person[moved]] = entries.transferred[moved]
    return found


def _term_cost(county: County, t: int) -> Any:
    persons = county.people.persons
    costly = _first_of(county, persons.here(t) & (school_stage(persons, county.laws.last_days[t]) >= 4))
    cost = county.truth.loss["schooling"][max(t - TERM + 1, 0) : t + 1].sum(axis=0)
    return np.where(costly, cost[persons.household], 0).round(2)


def _lost(kind: str, year: bool = False) -> Ask:
    return lambda county, t: _summed(county.truth.loss[kind], t, YEAR if year else 1)


def _earned(source: str, year: bool = False) -> Ask:
    return lambda county, t: _summed(county.truth.income[source], t, YEAR if year else 1)


def _summed(monthly: Floats, t: int, months: int) -> Any:
    return monthly[max(t - months + 1, 0) : t + 1].sum(axis=0).round(2)


# name → whose attribute it is, and what it is at the end of a month
ATTRIBUTES: dict[str, tuple[str, Ask]] = {
    "person_name": ("person", lambda c, t: c.names["person"]),
    "id_number": ("person", lambda c, t: c.names["person_id"]),
    "birth_date": ("person", lambda c, t: c.people.persons.birth),
    "male": ("person", lambda c, t: c.people.persons.male),
    "state": ("person", lambda c, t: coded(("normal", "dead"), (c.people.persons.gone <= t) * 1)),
    "age": ("person", lambda c, t: c.people.persons.age(c.laws.last_days[t])),
    "relation": ("person", lambda c, t: coded(RELATIONS, c.people.persons.relation)),
    "health": ("person", lambda c, t: coded(HEALTH, c.health(t))),
    "ability": ("person", lambda c, t: coded(ABILITIES, c.ability(t))),
    "stage": ("person", lambda c, t: coded(STAGES, school_stage(c.people.persons, c.laws.last_days[t]))),
    "job": ("person", _job),
    "post": ("person", _post),  # the public post held, null for none
    "bills_yuan": ("person", _bills),  # self-paid inpatient spending of the month
    "newly_ill": ("person", _newly_ill),  # a stay of this month makes them seriously ill
    "breadwinner": ("person", _breadwinner),  # one grown-up of each household, the head where there is no other
    "transferred": ("person", lambda c, t: ~np.isnat(_transferred(c, t))),  # to work, up to now
    "transfer_date": ("person", lambda c, t: _transferred(c, t)),  # the last one
    "term_cost_yuan": ("person", _term_cost),  # what schooling cost the family in these six months, at one student
    "household_no": ("household", lambda c, t: c.names["household"]),
    "head_name": ("household", lambda c, t: c.names["head"]),
    "head_id": ("household", lambda c, t: c.names["head_id"]),
    "hh_size": ("household", lambda c, t: c.people.sizes[t]),
    "hh_type": ("household", lambda c, t: coded(("registered", "marginal"), c.people.households.marginal * 1)),
    "category": ("household", _category),  # finer: the exited and the unstable ones apart
    "poverty_status": ("household", _poverty),
    "poor": ("household", lambda c, t: np.isin(c.poverty_status(t), (1, 2))),
    "cause": ("household", lambda c, t: coded(list(c.laws.home.codes["cause"]), c.people.households.cause)),
    "identify_date": ("household", lambda c, t: c.people.households.identified),
    "exit_year": ("household", lambda c, t: c.people.households.exit_year),
    "site": ("household", lambda c, t: coded(list(c.laws.pack.codes["relocation_site"]), c.people.households.site)),
    "moved_in": ("household", lambda c, t: c.people.households.moved <= c.laws.last_days[t]),
    "moved_date": ("household", lambda c, t: c.people.households.moved),
    "water_secured": ("household", lambda c, t: c.people.households.water_from <= t),
    "key_group": ("household", lambda c, t: coded(list(c.laws.home.codes["key_group"]), c.key_groups)),
    "house_grade": ("household", _grade),
    "damaged": ("household", lambda c, t: c.truth.damaged[t]),  # a disaster damaged the dwelling in the month
    "jobless": ("household", lambda c, t: c.truth.jobless[t]),  # without the work they had
    "fallen": ("household", lambda c, t: c.truth.fallen[t]),  # really fallen back
    **{f"{kind}_yuan": ("household", _lost(kind)) for kind in SHOCKS},  # lost in the month
    **{f"{source}_yuan": ("household", _earned(source)) for source in SOURCES},  # income of the month
    **{f"{kind}_year_yuan": ("household", _lost(kind, year=True)) for kind in SHOCKS},  # of the last twelve months
    **{f"{source}_year_yuan": ("household", _earned(source, year=True)) for source in SOURCES},
    "disposable_pc_yuan": ("household", lambda c, t: c.truth.disposable[t].round(2)),  # of the last twelve months
    "net_income_pc_yuan": ("household", _year_income(0)),  # of the last calendar year
    "transfer_income_pc_yuan": ("household", _year_income(1)),
    "village": ("village", lambda c, t: c.names["village"]),
    "village_code": ("village", lambda c, t: [v.code for v in c.people.villages]),
    "village_short": ("village", lambda c, t: c.names["village"].str.replace("(村民|社区居民)委员会$", "")),
    "community": ("village", lambda c, t: [v.community for v in c.people.villages]),
    "rural_hh_n": ("village", lambda c, t: c.sanitation[0][t]),
    "sanitary_toilet_hh_n": ("village", lambda c, t: c.sanitation[1][t]),
    "public_toilet_n": ("village", lambda c, t: c.sanitation[2][t]),
    "dry_public_toilet_n": ("village", lambda c, t: c.sanitation[3][t]),
    "township": ("township", lambda c, t: None),
    "township_code": ("township", lambda c, t: None),
    "seat": ("county", lambda c, t: [min((v.township, v.township_name) for v in c.people.villages)[1]]),  # the first by its code
    "county": ("county", lambda c, t: [c.laws.pack.title.zh]),
    "county_code": ("county", lambda c, t: [c.laws.pack.area]),
    "year": ("county", lambda c, t: [int(c.laws.years[t])]),
    "month": ("county", lambda c, t: [int(c.laws.calendar_months[t]) + 1]),
    "period": ("county", lambda c, t: c.laws.first_days[t : t + 1]),
    "month_end": ("county", lambda c, t: c.laws.last_days[t : t + 1]),
}  # fmt: skip
# attribute → the code map that its codes are of
CODE_MAPS = {
    "relation": "relation", "health": "health_status", "ability": "labour_ability", "stage": "school_stage",
    "job": "employment_status", "state": "person_status", "post": "post_type", "hh_type": "hh_type", "category": "hh_type",
    "poverty_status": "poverty_status",
    "cause": "cause", "site": "relocation_site", "key_group": "key_group", "house_grade": "house_grade",
}  # fmt: skip
