"""What happens to the county's households, month by month, and who of them really falls back: the truth.

Nothing here is seen by a department before ``observe`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.simulate.laws import Bools, Days, Floats, Ints, Laws, cents, pick
from pipelines.simulate.population import HEAD, HEALTH, Persons, Population

SOURCES = ("wage", "farm", "property", "transfer")
SHOCKS = ("illness", "disaster", "accident", "job_loss", "schooling", "crop_loss")
LEVELS = ("township", "county", "prefecture", "province")
YEAR = 12  # months that an income is counted over


@dataclass(frozen=True)
class Bills:
    """Inpatient settlements, one entry each, ordered by month; amounts in cents. total = basic + major + aid + self."""

    month: Ints
    person: Ints
    level: Ints
    admitted: Days
    settled: Days
    total: Ints
    basic: Ints
    major: Ints
    aid: Ints
    own: Ints


@dataclass(frozen=True)
class Truth:
    """What really happened; every matrix is months × households.

    ``income`` (yuan, by source, after the shocks that take income), ``loss`` (yuan by kind of shock, in its month),
    ``damaged`` (a dwelling was damaged), ``jobless``, ``disposable`` (yuan a head over the last twelve months),
    ``fallen`` (under subsistence because of shocks), ``since`` (month index in which that began, -1), ``why`` (position
    in SHOCKS, -1).
    """

    bills: Bills
    income: dict[str, Floats]
    loss: dict[str, Floats]
    damaged: Bools
    jobless: Bools
    disposable: Floats
    fallen: Bools
    since: Ints
    why: Ints


def befall(laws: Laws, people: Population) -> Truth:
    """All months of the calendar, by the laws of ``shocks`` and ``income``."""
    base = _base_income(laws, people)
    bills = _bills(laws, people)
    n_months, n = people.sizes.shape
    illness = np.zeros((n_months, n))
    np.add.at(illness, (bills.month, people.persons.household[bills.person]), bills.own / 100)
    jobless, job_loss = _job_loss(laws, base["wage"])
    disaster, damaged = _disaster(laws, people)
    loss = {
        "illness": illness,
        "disaster": disaster,
        "accident": _struck(laws, "accident", n),
        "job_loss": job_loss,
        "schooling": _struck(laws, "schooling", n) * _has_student(laws, people),
        "crop_loss": _crop_loss(laws, people, base["farm"]),
    }
    income = base | {"wage": base["wage"] - loss["job_loss"], "farm": base["farm"] - loss["crop_loss"]}
    spent = sum(loss[kind] for kind in ("illness", "disaster", "accident", "schooling"))
    total = sum(income[source] for source in SOURCES)
    heads = np.maximum(people.sizes, 1)
    disposable = last_twelve(np.asarray(total - spent)) / heads
    without = last_twelve(np.asarray(sum(base[source] for source in SOURCES))) / heads
    line = _line(laws)[:, None]
    out = np.arange(n_months)[:, None] >= people.households.exit_month
    fallen = (disposable < line) & (without >= line) & (out | people.households.marginal)
    fallen[: YEAR - 1] = False
    year_loss = np.stack([last_twelve(loss[kind]) for kind in SHOCKS])
    return Truth(
        bills=bills,
        income=income,
        loss=loss,
        damaged=damaged,
        jobless=jobless,
        disposable=disposable,
        fallen=fallen,
        since=_since(fallen),
        why=np.where(fallen, year_loss.argmax(axis=0), -1),
    )


def last_twelve(monthly: Floats) -> Floats:
    """Sums over each month and the eleven before it (fewer at the beginning)."""
    summed = np.cumsum(monthly, axis=0)
    summed[YEAR:] = summed[YEAR:] - summed[:-YEAR].copy()
    return summed


def _since(spells: Bools) -> Ints:
    since = np.full(spells.shape, -1)
    for t in range(len(spells)):
        before = since[t - 1] if t else since[0]
        since[t] = np.where(spells[t], np.where(before >= 0, before, t), -1)
    return since


def _line(laws: Laws) -> Floats:
    law = laws["income"]["subsistence_yuan"]
    return np.asarray(law["value"] * (1 + law["yearly_growth"]) ** (laws.years - law["year"]))


def _base_income(laws: Laws, people: Population) -> dict[str, Floats]:
    """Income by source as it would be without shocks, months × households."""
    law, households, persons = laws["income"], people.households, people.persons
    rng = laws.rng("income")
    n = len(households)
    day = laws.last_days[laws.reference]
    age = persons.age(day)
    here = persons.here(laws.reference)
    jobs = list(laws["work"]["jobs"])
    works = here & (age >= 18) & (age < 62)

    def count(those: Bools) -> Ints:
        return np.bincount(persons.household[those], minlength=n)

    wage = sum(pay * count(works & (persons.job == jobs.index(job))) for job, pay in law["wage"].items())
    farm = law["farm_per_hand"] * count(here & (age >= 18) & (age < 68) & (persons.job == jobs.index("farming")))
    property_ = rng.lognormal(np.log(law["property"]["mean"]), law["property"]["sigma"], n)
    transfer = law["transfer"]["elder"] * count(here & (age >= 60)) + law["transfer"]["person"] * count(here)

    growth = ((1 + law["yearly_growth"]) ** (laws.years - law["base_year"]))[:, None]
    season = np.array(law["farm_season"])[laws.calendar_months][:, None]
    poor = np.arange(len(laws.periods))[:, None] < households.exit_month
    poor &= ~households.marginal
    effort = households.productivity * np.where(poor, law["poor_factor"], 1.0)
    income = {
        "wage": np.asarray(wage * effort * growth),
        "farm": farm * effort * growth * season,
        "property": property_ * growth,
        "transfer": transfer * growth,
    }
    floor = _line(laws)[:, None] / YEAR * np.where(poor, law["floor"]["poor"], law["floor"]["others"])
    smooth = income["wage"] + income["farm"] / season + income["property"] + income["transfer"]
    income["transfer"] = income["transfer"] + np.maximum(0, floor * np.maximum(people.sizes, 1) - smooth)
    return income


def _struck(laws: Laws, kind: str, n: int) -> Floats:
    """Losses of a shock that strikes each household by itself."""
    law, rng = laws["shocks"][kind], laws.rng(kind)
    months = len(laws.periods)
    hit = rng.random((months, n)) < (law["monthly"] * laws.season(law))[:, None]
    median, sigma = law["loss"]
    return np.where(hit, laws.rng(kind, "loss").lognormal(np.log(median), sigma, (months, n)), 0.0)


def _township_events(laws: Laws, people: Population, kind: str) -> Bools:
    """Months × households: an event came over the township and hit this household."""
    law, rng = laws["shocks"][kind], laws.rng(kind)
    townships = sorted({v.township for v in people.villages})
    of_village = np.array([townships.index(v.township) for v in people.villages])
    months = len(laws.periods)
    came = rng.random((months, len(townships))) < (law["monthly"] * laws.season(law))[:, None]
    hit = laws.rng(kind, "hit").random((months, len(people.households))) < law["hit"]
    return np.asarray(came[:, of_village[people.households.village]] & hit)


def _disaster(laws: Laws, people: Population) -> tuple[Floats, Bools]:
    law, hit = laws["shocks"]["disaster"], _township_events(laws, people, "disaster")
    median, sigma = law["loss"]
    loss = hit * laws.rng("disaster", "loss").lognormal(np.log(median), sigma, hit.shape)
    return loss, hit & (laws.rng("disaster", "damage").random(hit.shape) < law["damages"])


def _crop_loss(laws: Laws, people: Population, farm: Floats) -> Floats:
    law, hit = laws["shocks"]["crop_loss"], _township_events(laws, people, "crop_loss")
    least, most = law["takes"]
    taken = hit * laws.rng("crop_loss", "share").uniform(least, most, hit.shape)
    return _lasting(taken, np.full(hit.shape, law["lasts"]), law["lasts"]) * farm


def _job_loss(laws: Laws, wage: Floats) -> tuple[Bools, Floats]:
    """Who is without the work they had, and the wages lost."""
    law = laws["shocks"]["job_loss"]
    hit = laws.rng("job_loss").random(wage.shape) < (law["monthly"] * laws.season(law))[:, None]
    hit &= wage > 0
    spells = laws.rng("job_loss", "lasts").integers(1, law["lasts"] + 1, wage.shape)
    taken = _lasting(hit * law["takes"], spells, law["lasts"])
    return taken > 0, taken * wage


def _lasting(taken: Floats, spells: Ints, longest: int) -> Floats:
    """The share taken in each month when it goes on for as many months as ``spells`` says (the largest where two meet)."""
    result = taken.copy()
    for later in range(1, longest):
        going_on = taken[:-later] * (spells[:-later] > later)
        result[later:] = np.maximum(result[later:], going_on)
    return result


def school_stage(persons: Persons, day: np.datetime64) -> Ints:
    """Position in the stages (not a student, preschool, primary, junior, senior, college) on a day, by the age in September."""
    month = day.astype("datetime64[M]").astype(int)
    year = month // YEAR - (month % YEAR < 8)
    age = persons.age(np.datetime64(f"{1970 + year}-09-01"))
    stage = np.digitize(age, [3, 6, 12, 15, 18, 22])
    stage[stage == 6] = 0
    stage[(stage == 4) & ~persons.senior] = 0
    stage[(stage == 5) & ~(persons.senior & persons.college)] = 0
    stage[persons.relation == HEAD] = 0
    return stage


def _has_student(laws: Laws, people: Population) -> Bools:
    """Months × households: a member is in senior school or college."""
    students = np.zeros(people.sizes.shape, dtype=bool)
    for t, day in enumerate(laws.last_days):
        costly = people.persons.here(t) & (school_stage(people.persons, day) >= 4)
        students[t, people.persons.household[costly]] = True
    return students


def _bills(laws: Laws, people: Population) -> Bills:
    """Settlements of all months: who was ill by the law of illness, what it cost, who paid what."""
    law, persons = laws["shocks"]["illness"], people.persons
    limits = np.array(list(law["ages"]))
    by_age, by_health = np.array(list(law["ages"].values())), np.array([law["health"][h] for h in HEALTH])
    season = laws.season(law)
    months = []
    for t, day in enumerate(laws.last_days):
        rng = laws.rng("illness", t)
        here = persons.here(t) & (people.households.joined[persons.household] <= max(t, laws.start))
        group = np.minimum(np.searchsorted(limits, persons.age(day)), len(limits) - 1)
        odds = law["monthly"] * season[t] * by_age[group] * by_health[persons.health] * here
        ill = np.flatnonzero(rng.random(len(persons)) < odds)
        months.append(_settle(laws, law, rng, t, ill, persons))
    joined = {name: np.concatenate([month[name] for month in months]) for name in months[0]}
    return Bills(**joined)


def _settle(
    laws: Laws, law: dict[str, Any], rng: np.random.Generator, t: int, ill: Ints, persons: Persons
) -> dict[str, Any]:
    """One month's bills. A few families have two bills, a few one, of exactly the amounts that the law names."""
    levels = law["levels"]
    level = pick(rng, {name: levels[name][0] for name in LEVELS}, len(ill))
    median, sigma, pays = (np.array([levels[name][i] for name in LEVELS])[level] for i in (1, 2, 3))
    person, settled = ill, laws.first_days[t] + rng.integers(0, 28, len(ill))
    total = cents(rng.lognormal(np.log(median), sigma))
    basic = cents(total * pays / 100)
    left = total - basic
    major = cents(np.maximum(0, left / 100 - law["major"]["above"]) * law["major"]["pays"])
    aided = rng.random(len(ill)) < law["aid"]["chance"]
    aid = cents((left - major) / 100 * law["aid"]["pays"] * aided)
    own = left - major - aid

    two, line = law["two_bills"], law["at_the_line"]
    small = own < two["yuan"] * 100
    alone = np.flatnonzero(np.isin(persons.household[person], _single(persons.household[person])) & small)
    rng.shuffle(alone)
    twice = alone[: laws.scaled(two["families"])]
    exact = alone[len(twice) :][: laws.scaled(line["families"])]
    own[twice], own[exact] = two["yuan"] * 100, laws.clause(line["clause"]) * 100
    again = np.concatenate([np.arange(len(ill)), twice])
    person, level, basic, major, aid, own, settled = (
        values[again] for values in (person, level, basic, major, aid, own, settled)
    )
    second = slice(len(ill), None)
    person[second] = _relatives(persons, t, person[second], rng)
    settled[second] = laws.first_days[t] + (settled[second] - laws.first_days[t] + 9).astype(np.int64) % 28
    return {
        "month": np.full(len(again), t),
        "person": person,
        "level": level,
        "admitted": settled - rng.integers(2, 19, len(again)),
        "settled": settled,
        "total": basic + major + aid + own,
        "basic": basic,
        "major": major,
        "aid": aid,
        "own": own,
    }


def _single(households: Ints) -> Ints:
    found, times = np.unique(households, return_counts=True)
    return np.asarray(found[times == 1])


def _relatives(persons: Persons, t: int, of: Ints, rng: np.random.Generator) -> Ints:
    """Another member of each one's household, or the same person where there is no other."""
    here = persons.here(t)
    found = of.copy()
    for i, person in enumerate(of):
        others = np.flatnonzero(here & (persons.household == persons.household[person]))
        others = others[others != person]
        if len(others):
            found[i] = rng.choice(others)
    return found
