"""What each department knows at the end of a month: the rows that it would write, typed, without its habits.

One function per extract gives a frame with the contract's columns by name; how they look on a sheet is ``write``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import polars as pl

from pipelines.simulate import ledgers
from pipelines.simulate.laws import Any1d, Bools, Floats, Ints, Laws
from pipelines.simulate.population import DISABLED, HEALTH, RELATIONS, SERIOUS, Population, settle
from pipelines.simulate.shocks import LEVELS, SOURCES, YEAR, Truth, befall, school_stage

STAGES = ("not_student", "preschool", "primary", "junior", "senior", "college")
ABILITIES = ("full", "skilled", "weak", "none", "lost")
FULL, SKILLED, WEAK, NO_LABOUR, LOST = range(5)


class County:
    """The whole sample county over its calendar: people, truth, and what the departments' ledgers hold."""

    def __init__(self, laws: Laws) -> None:
        self.laws = laws
        self.people: Population = settle(laws)
        self.truth: Truth = befall(laws, self.people)

    @cached_property
    def relapsed(self) -> Bools:
        """Months × households: the register says that the household fell back."""
        law = self.laws["relapse"]
        n_months, n = self.truth.fallen.shape
        seen = (self.laws.rng("relapse").random(n) < law["seen"]) & ~self.people.households.marginal
        entered = np.zeros((n_months, n), dtype=bool)
        for t in range(self.laws.start + 1 + law["after"], n_months):
            since = self.truth.since[t]
            onset = np.maximum(since, self.laws.start + 1)
            entered[t] = seen & (since >= 0) & (t - onset >= law["after"]) & (t - onset < law["after"] + law["lasts"])
        return entered

    @cached_property
    def entries(self) -> ledgers.Entries:
        return ledgers.entries(self.laws, self.people)

    @cached_property
    def tenures(self) -> ledgers.Tenures:
        return ledgers.tenures(self.laws, self.people)

    @cached_property
    def dwellings(self) -> ledgers.Dwellings:
        return ledgers.dwellings(self.laws, self.people, self.truth)

    @cached_property
    def sanitation(self) -> tuple[Ints, Ints, Ints, Ints]:
        return ledgers.sanitation(self.laws, self.people)

    @cached_property
    def key_groups(self) -> Ints:
        return ledgers.key_groups(self.laws, self.people)

    @cached_property
    def income_pc(self) -> tuple[Floats, Floats]:
        """Years × households: net and transfer income a head of a calendar year (by the members of its December)."""
        years = (-1, YEAR, len(self.people.households))
        heads = np.maximum(self.people.sizes.reshape(years)[:, -1], 1)
        by_source = {s: self.truth.income[s].reshape(years).sum(axis=1) / heads for s in SOURCES}
        return np.asarray(sum(by_source.values())), by_source["transfer"]

    @cached_property
    def names(self) -> dict[str, pl.Series]:
        """Texts that never change, made once: of persons, households, villages."""
        people = self.people
        heads = np.flatnonzero(people.persons.relation == 0)
        return {
            "person": pl.Series(people.persons.name, dtype=pl.String),
            "person_id": pl.Series(people.persons.number, dtype=pl.String),
            "household": pl.Series(people.households.number, dtype=pl.String),
            "head": pl.Series(people.persons.name[heads], dtype=pl.String),
            "township": pl.Series([v.township_name for v in people.villages]),
            "village": pl.Series([v.name for v in people.villages]),
        }

    def words(self, code_map: str, codes: tuple[str, ...] | list[str], index: Ints) -> pl.Series:
        """The departments' words for positions in ``codes``; null where the position is negative."""
        series = pl.Series(self.laws.words(code_map, codes), dtype=pl.String)
        return series.gather(pl.Series(np.where(index < 0, 0, index))).set(pl.Series(index < 0), None)

    def take(self, name: str, index: Ints) -> pl.Series:
        return self.names[name].gather(pl.Series(index))

    def health(self, t: int) -> Ints:
        """Health of all persons: a costly stay makes one seriously ill for a year."""
        bills = self.truth.bills
        heavy = bills.total >= self.laws["shocks"]["illness"]["serious_from"] * 100
        recent = heavy & (bills.month > t - YEAR) & (bills.month <= t)
        health = self.people.persons.health.copy()
        struck = bills.person[recent]
        health[struck[health[struck] != DISABLED]] = SERIOUS
        return health

    def ability(self, t: int) -> Ints:
        """Labour ability of all persons."""
        persons, entries = self.people.persons, self.entries
        age, health = persons.age(self.laws.last_days[t]), self.health(t)
        skilled = persons.skilled.copy()
        skilled[entries.person[entries.certified & (entries.month <= t)]] = True
        student = school_stage(persons, self.laws.last_days[t]) > 0
        return np.select(
            [
                (age < 16) | student,
                (health == DISABLED) & ~persons.senior,
                age >= 75,
                (health == DISABLED) | (health == SERIOUS) | (age >= 60),
                skilled,
            ],
            [NO_LABOUR, LOST, NO_LABOUR, WEAK, SKILLED],
            FULL,
        )

    def employment(self, t: int, ability: Ints) -> Any1d:
        """Position in the pack's employment codes of all persons."""
        persons, entries, tenures = self.people.persons, self.entries, self.tenures
        codes = list(self.laws.pack.codes["employment_status"])
        jobs = np.array([codes.index(job) for job in self.laws["work"]["jobs"]])[persons.job]
        age = persons.age(self.laws.last_days[t])
        none, farming = codes.index("none"), codes.index("farming")
        moved = entries.person[~np.isnat(entries.transferred) & (entries.month <= t)]
        jobs[moved] = codes.index("migrant")
        jobs[self.truth.jobless[t][persons.household] & (jobs != farming)] = none
        jobs[(ability == WEAK) & (jobs != none)] = farming
        jobs[(ability == NO_LABOUR) | (ability == LOST)] = none
        jobs[(age >= 60) & (age < 75) & (ability == WEAK)] = farming
        jobs[tenures.person[(tenures.since <= t) & (t < tenures.until)]] = codes.index("public_post")
        return jobs


def hh_register(county: County, t: int) -> pl.DataFrame:
    """建档立卡户信息表: every household of the registers at the month's end."""
    laws, households = county.laws, county.people.households
    now = np.flatnonzero(households.joined <= t)
    statuses = ("never", "not_exited", "relapsed", "exited")
    status = np.select([households.marginal, t < households.exit_month, county.relapsed[t]], [0, 1, 2], 3)[now]
    last_year = laws.years[t] - 1 - laws.years[0]
    net, transfer = (yearly[last_year, now].round(2) for yearly in county.income_pc)
    village, cause = households.village[now], households.cause[now]
    exited = (status >= 2) & (households.exit_year[now] > 0)
    return pl.DataFrame(
        {
            "hh_id": county.take("household", now),
            "head_name": county.take("head", now),
            "township_code": county.take("township", village),
            "village_code": _written(county.take("village", village), "村委会", "社区"),
            "hh_type": county.words("hh_type", ("registered", "marginal"), households.marginal[now].astype(np.int64)),
            "poverty_status": county.words("poverty_status", statuses, status),
            "cause_main": county.words("cause", list(laws.pack.codes["cause"]), cause),
            "hh_size": county.people.sizes[t, now],
            "identify_date": households.identified[now],
            "exit_year": pl.Series(households.exit_year[now]).set(pl.Series(~exited), None),
            "net_income_pc_yuan": net,
            "transfer_income_pc_yuan": transfer,
        }
    )


def person_register(county: County, t: int) -> pl.DataFrame:
    """建档立卡人员信息表: every member of those households."""
    persons, households, laws = county.people.persons, county.people.households, county.laws
    now = np.flatnonzero(persons.here(t) & (households.joined[persons.household] <= t))
    ability = county.ability(t)
    stage = school_stage(persons, laws.last_days[t])
    employment = list(laws.pack.codes["employment_status"])
    return pl.DataFrame(
        {
            "hh_id": county.take("household", persons.household[now]),
            "person_name": county.take("person", now),
            "person_id": county.take("person_id", now),
            "relation": county.words("relation", RELATIONS, persons.relation[now]),
            "health_status": county.words("health_status", HEALTH, county.health(t)[now]),
            "labour_ability": county.words("labour_ability", ABILITIES, ability[now]),
            "school_stage": county.words("school_stage", STAGES, stage[now]),
            "employment_status": county.words("employment_status", employment, county.employment(t, ability)[now]),
        }
    )


def housing(county: County, t: int) -> pl.DataFrame:
    """农村住房安全情况台账: every dwelling of those households."""
    laws, households, all_ = county.laws, county.people.households, county.dwellings
    now = np.flatnonzero(households.joined[all_.household] <= t)
    again, done = all_.graded_again[now] <= t, all_.done[now] <= t
    grades = list(laws.pack.codes["house_grade"])
    groups = list(laws.pack.codes["key_group"])
    frame = pl.DataFrame(
        {
            "dwelling_id": pl.Series(all_.number[now], dtype=pl.String),
            "hh_id": county.take("household", all_.household[now]),
            "structure": county.words("structure", list(laws["housing"]["structures"]), all_.structure[now]),
            "house_grade": county.words("house_grade", grades, np.where(again, all_.later[now], all_.grade[now])),
            "occupied": all_.occupied[now],
            "only_dwelling": all_.only[now],
            "key_group": county.words("key_group", groups, county.key_groups[all_.household[now]]),
            "identified_date": np.where(again, all_.again_day[now], all_.graded[now]),
            "done_date": np.where(done, all_.done_day[now], np.datetime64("NaT")),
        }
    )
    return frame.sort("dwelling_id")


def med_settlement(county: County, t: int) -> pl.DataFrame:
    """住院医疗费用结算明细表: what was settled in the month for members of those households."""
    bills = county.truth.bills
    now = np.flatnonzero(bills.month == t)
    now = now[np.argsort(bills.settled[now], kind="stable")]
    amounts = {
        "total_cost_yuan": bills.total,
        "reimbursed_basic_yuan": bills.basic,
        "reimbursed_major_yuan": bills.major,
        "medical_aid_yuan": bills.aid,
        "self_paid_yuan": bills.own,
    }
    return pl.DataFrame(
        {
            "person_name": county.take("person", bills.person[now]),
            "person_id": county.take("person_id", bills.person[now]),
            "hospital_level": county.words("hospital_level", LEVELS, bills.level[now]),
            "admit_date": bills.admitted[now],
            "settle_date": bills.settled[now],
            **{name: values[now] / 100 for name, values in amounts.items()},
        }
    )


def training_record(county: County, t: int) -> pl.DataFrame:
    """农村劳动力培训转移就业台账: courses finished and transfers to work in the month."""
    entries, law = county.entries, county.laws["training"]
    now = np.flatnonzero(entries.month == t)
    trained, moved = ~np.isnat(entries.ended[now]), ~np.isnat(entries.transferred[now])
    courses, places = (pl.Series(law[name], dtype=pl.String) for name in ("courses", "places"))
    return pl.DataFrame(
        {
            "ledger_no": pl.Series(entries.number[now], dtype=pl.String),
            "person_name": county.take("person", entries.person[now]),
            "person_id": county.take("person_id", entries.person[now]),
            "course_type": courses.gather(pl.Series(entries.course[now])).set(pl.Series(~trained), None),
            "start_date": entries.began[now],
            "end_date": entries.ended[now],
            "certificate": pl.Series(entries.certified[now]).set(pl.Series(~trained), None),
            "transferred": moved,
            "transfer_date": entries.transferred[now],
            "transfer_place": places.gather(pl.Series(entries.place[now])).set(pl.Series(~moved), None),
        }
    )


def public_post(county: County, t: int) -> pl.DataFrame:
    """公益性岗位在岗人员名册: posts held at the month's end."""
    laws, tenures, people = county.laws, county.tenures, county.people
    held = np.flatnonzero((tenures.since <= t) & (t < tenures.until))
    village = people.households.village[people.persons.household[tenures.person[held]]]
    held = held[np.lexsort((tenures.person[held], tenures.kind[held], village))]
    village = people.households.village[people.persons.household[tenures.person[held]]]
    kinds = list(laws["posts"])
    pay = np.array([laws["posts"][kind]["pay"] for kind in kinds])
    return pl.DataFrame(
        {
            "township_code": county.take("township", village),
            "village_code": _written(county.take("village", village), "", ""),
            "person_name": county.take("person", tenures.person[held]),
            "person_id": county.take("person_id", tenures.person[held]),
            "post_type": county.words("post_type", kinds, tenures.kind[held]),
            "start_date": tenures.day[held],
            "monthly_pay_yuan": pay[tenures.kind[held]],
        }
    )


def relocation(county: County, t: int) -> pl.DataFrame:
    """易地扶贫搬迁后续帮扶台账: households that have moved in."""
    laws, households = county.laws, county.people.households
    law = laws["relocation"]
    moved = ~np.isnat(households.moved) & (households.moved <= laws.last_days[t])
    now = np.flatnonzero(moved)
    now = now[np.lexsort((now, households.moved[now], households.site[now]))]
    rng = laws.rng("projects")
    n = len(households)
    project, first = rng.integers(0, len(law["projects"]), n), rng.random(n) < law["with_project"]
    waits = rng.geometric(law["project_monthly"], n)
    settled = (laws.first_days[t] - households.moved).astype("timedelta64[D]").astype(np.float64) / 30.4
    has = (first | (settled > waits))[now]
    followup = ("stable", "helping", "help_needed")
    status = np.select([has & (settled[now] > law["stable_after"]), has], [0, 1], 2)
    return pl.DataFrame(
        {
            "site": county.words("relocation_site", list(laws.pack.codes["relocation_site"]), households.site[now]),
            "hh_id": county.take("household", now),
            "head_name": county.take("head", now),
            "moved_date": households.moved[now],
            "industry_project": pl.Series(law["projects"]).gather(pl.Series(project[now])).set(pl.Series(~has), None),
            "followup_status": county.words("followup_status", followup, status),
        }
    )


def village_sanitation(county: County, t: int) -> pl.DataFrame:
    """农村人居环境情况统计表: every village."""
    everywhere = np.arange(len(county.people.villages))
    farms, toilets, public, dry = (matrix[t] for matrix in county.sanitation)
    return pl.DataFrame(
        {
            "township_code": county.take("township", everywhere),
            "village_code": county.take("village", everywhere),
            "rural_hh_n": farms,
            "sanitary_toilet_hh_n": toilets,
            "public_toilet_n": public,
            "dry_public_toilet_n": dry,
        }
    )


EXTRACTS: Mapping[str, Callable[[County, int], pl.DataFrame]] = {
    f.__name__: f
    for f in (
        hh_register,
        person_register,
        housing,
        med_settlement,
        training_record,
        public_post,
        relocation,
        village_sanitation,
    )
}


def _written(village: pl.Series, committee: str, community: str) -> pl.Series:
    """Villages the way a department shortens them."""
    return village.str.replace("村民委员会$", committee).str.replace("社区居民委员会$", community)
