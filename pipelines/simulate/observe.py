"""What departments know of the truth at the end of a month, and the rows of those extracts that are the truth's own.

One function per such extract gives whose the rows are and the columns that the truth settles, in codes; further columns,
and all other extracts, have their laws in ``extracts/``. How rows look on a sheet is ``write``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from pipelines.simulate import casework, ledgers
from pipelines.simulate.laws import Any1d, Bools, Floats, Ints, Laws
from pipelines.simulate.population import DISABLED, SERIOUS, Population, settle
from pipelines.simulate.shocks import LEVELS, SOURCES, YEAR, Truth, befall, school_stage

POVERTY = ("never", "not_exited", "relapsed", "exited")
STAGES = ("not_student", "preschool", "primary", "junior", "senior", "college")
ABILITIES = ("full", "skilled", "weak", "none", "lost")
FULL, SKILLED, WEAK, NO_LABOUR, LOST = range(5)


@dataclass(frozen=True)
class Rows:
    """Rows of one file: the kind of subject, each row's subject, which entry of how many (``universe``) it is.

    ``known`` columns are settled already; ``since`` and ``until`` are the months in which entries of a ledger stand.
    """

    of: str
    subject: Ints
    entry: Ints
    universe: int
    known: dict[str, pl.Series] = field(default_factory=dict)
    since: Ints | None = None
    until: Ints | None = None


def coded(codes: tuple[str, ...] | list[str], index: Ints) -> pl.Series:
    """The codes at positions in ``codes``; null where the position is negative."""
    series = pl.Series(codes, dtype=pl.String)
    return series.gather(pl.Series(np.maximum(index, 0))).set(pl.Series(index < 0), None)


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
    def cases(self) -> casework.Cases:
        return casework.cases(self.laws, self.people, self.truth)

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
            "head_id": pl.Series(people.persons.number[heads], dtype=pl.String),
            "township": pl.Series([v.township_name for v in people.villages]),
            "village": pl.Series([v.name for v in people.villages]),
        }

    def take(self, name: str, index: Ints) -> pl.Series:
        return self.names[name].gather(pl.Series(index))

    def poverty_status(self, t: int) -> Ints:
        """Of all households, a position in POVERTY."""
        households = self.people.households
        return np.select([households.marginal, t < households.exit_month, self.relapsed[t]], [0, 1, 2], 3)

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
        codes = list(self.laws.home.codes["employment_status"])
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


def _rows(of: str, subject: Ints, entry: Ints, universe: int, **known: Any) -> Rows:
    return Rows(of, subject, entry, universe, {name: pl.Series(values) for name, values in known.items()})


def housing(county: County, t: int) -> Rows:
    """农村住房安全情况台账: every dwelling of the registered households."""
    laws, households, all_ = county.laws, county.people.households, county.dwellings
    now = np.flatnonzero(households.joined[all_.household] <= t)
    now = now[np.argsort(all_.number[now])]
    again, done = all_.graded_again[now] <= t, all_.done[now] <= t
    codes = laws.home.codes
    return _rows(
        "household",
        all_.household[now],
        now,
        len(all_.number),
        dwelling_id=pl.Series(all_.number[now], dtype=pl.String),
        structure=coded(list(laws["housing"]["structures"]), all_.structure[now]),
        house_grade=coded(list(codes["house_grade"]), np.where(again, all_.later[now], all_.grade[now])),
        occupied=all_.occupied[now],
        only_dwelling=all_.only[now],
        identified_date=np.where(again, all_.again_day[now], all_.graded[now]),
        done_date=np.where(done, all_.done_day[now], np.datetime64("NaT")),
    )


def med_settlement(county: County, t: int) -> Rows:
    """住院医疗费用结算明细表: what was settled in the month for members of those households."""
    bills = county.truth.bills
    now = np.flatnonzero(bills.month == t)
    now = now[np.argsort(bills.settled[now], kind="stable")]
    return _rows(
        "person",
        bills.person[now],
        now,
        len(bills.month),
        hospital_level=coded(LEVELS, bills.level[now]),
        admit_date=bills.admitted[now],
        settle_date=bills.settled[now],
        total_cost_yuan=bills.total[now] / 100,
        reimbursed_basic_yuan=bills.basic[now] / 100,
        reimbursed_major_yuan=bills.major[now] / 100,
        medical_aid_yuan=bills.aid[now] / 100,
        self_paid_yuan=bills.own[now] / 100,
    )


def training_record(county: County, t: int) -> Rows:
    """农村劳动力培训转移就业台账: courses finished and transfers to work in the month."""
    entries, law = county.entries, county.laws["training"]
    now = np.flatnonzero(entries.month == t)
    trained, moved = ~np.isnat(entries.ended[now]), ~np.isnat(entries.transferred[now])
    return _rows(
        "person",
        entries.person[now],
        now,
        len(entries.month),
        ledger_no=pl.Series(entries.number[now], dtype=pl.String),
        course_type=coded(law["courses"], np.where(trained, entries.course[now], -1)),
        start_date=entries.began[now],
        end_date=entries.ended[now],
        certificate=pl.Series(entries.certified[now]).set(pl.Series(~trained), None),
        transferred=moved,
        transfer_date=entries.transferred[now],
        transfer_place=coded(law["places"], np.where(moved, entries.place[now], -1)),
    )


def public_post(county: County, t: int) -> Rows:
    """公益性岗位在岗人员名册: posts held at the month's end and, with the day, those left in the month, village by village."""
    laws, tenures, people = county.laws, county.tenures, county.people
    held = np.flatnonzero((tenures.since <= t) & (t <= tenures.until))
    left = tenures.until[held] == t
    village = people.households.village[people.persons.household[tenures.person[held]]]
    order = np.lexsort((tenures.person[held], tenures.kind[held], village))
    held, left = held[order], left[order]
    kinds = list(laws["posts"])
    pay = np.array([laws["posts"][kind]["pay"] for kind in kinds])
    return _rows(
        "person",
        tenures.person[held],
        held,
        len(tenures.person),
        post_type=coded(kinds, tenures.kind[held]),
        start_date=tenures.day[held],
        monthly_pay_yuan=pay[tenures.kind[held]],
        end_date=np.where(left, tenures.ended[held], np.datetime64("NaT")),
    )


def relocation(county: County, t: int) -> Rows:
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
    status = np.select([has & (settled[now] > law["stable_after"]), has], [0, 1], 2)
    return _rows(
        "household",
        now,
        now,
        n,
        industry_project=coded(law["projects"], np.where(has, project[now], -1)),
        followup_status=coded(("stable", "helping", "help_needed"), status),
    )


# extract → its rows, for those whose rows the truth settles
ROWS: Mapping[str, Callable[[County, int], Rows]] = {
    f.__name__: f for f in (housing, med_settlement, training_record, public_post, relocation)
}
