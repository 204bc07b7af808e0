"""What departments write down as it happens: courses and transfers, posts, dwellings, village sanitation.

Each is made once for the whole calendar; the rows of one month's file are taken from it in ``observe``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.simulate.laws import NEVER, Any1d, Bools, Days, Floats, Ints, Laws, pick
from pipelines.simulate.population import DISABLED, HEALTHY, Population
from pipelines.simulate.shocks import Truth, school_stage


@dataclass(frozen=True)
class Entries:
    """The training and transfer ledger, one element per entry, ordered by month. NaT and -1 where an entry has none."""

    month: Ints
    number: Any1d
    person: Ints
    course: Ints
    began: Days
    ended: Days
    certified: Bools
    transferred: Days
    place: Ints


@dataclass(frozen=True)
class Tenures:
    """Public posts: who holds which (position in laws ``posts``) at the ends of the months since <= t < until, and since which day.

    ``ended`` is the day in month ``until`` on which its holder left, NaT where nobody has.
    """

    person: Ints
    kind: Ints
    since: Ints
    until: Ints
    day: Days
    ended: Days


@dataclass(frozen=True)
class Dwellings:
    """Dwellings. ``grade`` is the first grading, ``later`` what it is from month ``graded_again`` on; ``done`` is the
    month in which works ended, ``done_day`` the day. A renovated dwelling keeps the grade it was renovated for.
    """

    household: Ints
    number: Any1d
    structure: Ints
    grade: Ints
    later: Ints
    graded: Days
    graded_again: Ints
    again_day: Days
    occupied: Bools
    only: Bools
    done: Ints
    done_day: Days


def _paced(total: int, weights: Floats) -> Ints:
    """``total`` spread over months by ``weights``; the running sums are the rounded shares, so they add up exactly."""
    reached = np.rint(np.cumsum(weights) / weights.sum() * total).astype(np.int64)
    return np.asarray(np.diff(reached, prepend=0))


def _monthly(laws: Laws, law: Mapping[str, Any]) -> Ints:
    """How many entries each month from the first brings: those after it add up to what its clause asks and a little."""
    first, last = laws.start + 1, len(laws.periods) - 1
    total = laws.scaled(laws.clause(law["clause"]) * law["reached"])
    counts = np.zeros(len(laws.periods), dtype=np.int64)
    counts[first : last + 1] = _paced(total, laws.season(laws["training"])[first : last + 1])
    return counts


def entries(laws: Laws, people: Population) -> Entries:
    """The ledger of the whole calendar; with the plan's months it reaches what laws.yml names."""
    law = laws["training"]
    persons, totals = people.persons, laws["totals"]
    courses, transfers = _monthly(laws, totals["trained"]), _monthly(laws, totals["transferred"])
    courses[laws.start], transfers[laws.start] = laws.scaled(law["before"]), laws.scaled(law["before"] / 4)
    keen = laws.rng("training").lognormal(0, law["keen_sigma"], len(persons))
    able = ~people.households.marginal[persons.household] & ((persons.health != DISABLED) | persons.senior)
    least, most = law["ages"]
    shortest, longest = law["days"]
    months: list[dict[str, Any]] = []
    for t in range(laws.start, len(laws.periods)):
        rng, day = laws.rng("training", t), laws.last_days[t]
        age = persons.age(day)
        free = able & persons.here(t) & (age >= least) & (age < most + 1) & (school_stage(persons, day) == 0)
        both = round(transfers[t] * law["with_course"])
        n = int(courses[t] + transfers[t] - both)
        eager = np.where(free, rng.random(len(persons)) ** (1 / keen), -1)
        person = np.argsort(-eager, kind="stable")[: min(n, int(free.sum()))]
        n, row = len(person), np.arange(len(person))
        trained, moved = row < courses[t], (row >= courses[t] - both)
        ended = laws.first_days[t] + rng.integers(4, 25, n)
        began = ended - rng.integers(shortest, longest, n)
        left = np.minimum(ended + rng.integers(1, 12, n), day)
        nat = np.datetime64("NaT")
        order = rng.permutation(n)
        month = {
            "month": np.full(n, t),
            "person": person,
            "course": rng.integers(0, len(law["courses"]), n),
            "began": np.where(trained, began, nat),
            "ended": np.where(trained, ended, nat),
            "certified": trained & (rng.random(n) < law["certificate"]),
            "transferred": np.where(moved, left, nat),
            "place": rng.integers(0, len(law["places"]), n),
        }
        numbers = np.array([f"PX{laws.periods[t].replace('-', '')}{i + 1:04d}" for i in row], dtype=object)
        months.append({"number": numbers} | {name: values[order] for name, values in month.items()})
    return Entries(**{name: np.concatenate([month[name] for month in months]) for name in months[0]})


def tenures(laws: Laws, people: Population) -> Tenures:
    """Posts are handed on: whoever leaves never comes back, so nobody holds two in a month."""
    persons, rng = people.persons, laws.rng("posts")
    age = persons.age(laws.last_days[laws.start])
    least, most = laws["posts_ages"]
    fit = (age >= least) & (age < most) & (persons.health == HEALTHY) & (persons.gone == NEVER)
    fit &= ~people.households.marginal[persons.household]
    queue = iter(rng.permutation(np.flatnonzero(fit)))
    found: dict[str, list[Any]] = {name: [] for name in ("person", "kind", "since", "until", "day")}
    for kind, (name, law) in enumerate(laws["posts"].items()):
        posts = laws.clause(laws["totals"]["posts"][name]) if name in laws["totals"]["posts"] else law["posts"]
        held: list[int] = []
        for t in range(laws.start, len(laws.periods)):
            more = max((extra for period, extra in law["more"].items() if period <= laws.periods[t]), default=0)
            draws = laws.rng("posts", name, t).random(len(held)) if t > laws.start else np.empty(0)
            for i in np.flatnonzero(draws < laws["posts_turnover"]):
                found["until"][held[i]] = t
            held = [i for i in held if found["until"][i] == NEVER]
            for _ in range(laws.scaled(posts + more) - len(held)):
                held.append(len(found["person"]))
                begun = rng.integers(30, 500) if t == laws.start else rng.integers(-20, 0)
                day = laws.first_days[t] - begun if t == laws.start else laws.first_days[t] - begun - 1
                for column, value in zip(found, (next(queue), kind, t, NEVER, day), strict=True):
                    found[column].append(value)
    until = np.array(found["until"])
    left, ended = until < NEVER, np.full(len(until), np.datetime64("NaT"), dtype="datetime64[D]")
    month = until[left]
    days = (laws.last_days[month] - laws.first_days[month]).astype(np.int64) + 1
    ended[left] = laws.first_days[month] + laws.rng("posts ended").integers(0, days)
    return Tenures(**{name: np.array(values) for name, values in found.items()}, ended=ended)


def key_groups(laws: Laws, people: Population) -> Ints:
    """Which of the key groups each household belongs to, -1 for none (marginal households, mostly)."""
    households, law = people.households, laws["housing"]
    rng, codes = laws.rng("key groups"), list(laws.home.codes["key_group"])
    group = np.array([codes.index(c) for c in law["key_groups"]])[pick(rng, law["key_groups"], len(households))]
    dibao = np.where(rng.random(len(households)) < law["marginal_dibao"], codes.index("dibao"), -1)
    return np.where(households.marginal, dibao, group)


def dwellings(laws: Laws, people: Population, truth: Truth) -> Dwellings:
    """Dwellings of all households; those a disaster damaged are graded again the month after."""
    households, law = people.households, laws["housing"]
    rng, n, codes = laws.rng("housing"), len(households), list(laws.home.codes["house_grade"])

    def grades(shares: Mapping[str, float], size: int) -> Ints:
        return np.array([codes.index(g) for g in shares])[pick(rng, shares, size)]

    stays = households.site < 0
    second = np.flatnonzero(stays & (rng.random(n) < law["second"]))
    bad = stays & (rng.random(n) < law["dangerous"]) & ~households.marginal
    grade = np.where(bad, grades(law["dangerous_grades"], n), grades(law["grades"], n))
    damaged = truth.damaged & (np.arange(len(laws.periods)) > laws.start)[:, None] & stays & ~bad
    when = np.where(damaged.any(axis=0), damaged.argmax(axis=0) + 1, NEVER)
    when = np.where(when < len(laws.periods), when, NEVER)
    again_day = laws.first_days[np.minimum(when, len(laws.periods) - 1)] + rng.integers(2, 25, n)

    found = np.where(bad, laws.start - 1, when)
    done = _renovated(laws, found, households.joined, rng.random(n))
    done_day = laws.first_days[np.minimum(done, len(laws.periods) - 1)] + rng.integers(5, 27, n)
    old = len(second)
    never = np.full(old, NEVER)
    household = np.concatenate([np.arange(n), second])
    graded = laws.first_days[laws.start - 9] + rng.integers(0, 240, n + old)
    structures = law["structures"]
    return Dwellings(
        household=household,
        number=np.array([f"FW{i + 1:06d}" for i in rng.permutation(n + old)], dtype=object),
        structure=np.where(np.arange(n + old) < n, pick(rng, structures, n + old), len(structures) - 1),
        grade=np.concatenate([grade, grades(law["dangerous_grades"], old)]),
        later=np.concatenate([grades(law["dangerous_grades"], n), never]),
        graded=graded,
        graded_again=np.concatenate([when, never]),
        again_day=np.concatenate([again_day, again_day[second]]),
        occupied=np.arange(n + old) < n,
        only=~np.isin(household, second),
        done=np.concatenate([done, never]),
        done_day=np.concatenate([done_day, done_day[second]]),
    )


def _renovated(laws: Laws, found: Ints, joined: Ints, draw: Floats) -> Ints:
    """The month in which each dangerous dwelling is done: oldest finding first, as many a month as the year's plan has."""
    law, clauses = laws["housing"], laws["totals"]["renovated"]
    plan = law["renovated"] | {year: laws.clause(clause) for year, clause in clauses.items()}
    done = np.full(len(found), NEVER)
    for year in sorted(plan):
        months = np.flatnonzero(laws.years == year)
        for t, n in zip(
            months, _paced(laws.scaled(plan[year]), np.array(law["renovation_season"], float)), strict=True
        ):
            waiting = np.flatnonzero((done == NEVER) & (np.maximum(found, joined) + law["waits"] <= t))
            done[waiting[np.lexsort((draw[waiting], found[waiting]))][:n]] = t
    return done


def sanitation(laws: Laws, people: Population) -> tuple[Ints, Ints, Ints, Ints]:
    """Months × villages: farm households, those with a sanitary toilet, public toilets, dry ones of them."""
    law = laws["sanitation"]
    rng, n = laws.rng("sanitation"), len(people.villages)
    size, months = law["households"], len(laws.periods)
    median = np.array([size["community" if v.community else "village"] for v in people.villages])
    registered = np.bincount(people.households.village, minlength=n)
    first = np.maximum(rng.lognormal(np.log(median), size["sigma"]), 1.5 * registered)
    since = np.arange(months) - laws.start
    farms = np.rint(first * (1 + size["monthly_growth"] * np.maximum(since, 0)[:, None])).astype(np.int64)

    large = (np.log(first) - np.log(first).mean()) / np.log(first).std()
    lean = law["large_villages"] * large + rng.normal(0, law["sigma"], n)
    share = law["county_share"]
    progress = np.clip(since / since[-1], 0, None)
    toilets = np.zeros_like(farms)
    for t in range(laws.start, months):
        goal = share["from"] + (share["to"] - share["from"]) * progress[t]
        toilets[t] = np.floor(farms[t] * _shares_reaching(goal, lean, farms[t]))
    toilets = np.minimum(np.maximum.accumulate(toilets), farms)
    fewest, most = law["public_toilets"]
    public = np.tile(rng.integers(fewest, most, n), (months, 1))
    dry_from, dry_to = law["dry_share"]
    dry = np.floor(public * (dry_from + (dry_to - dry_from) * progress)[:, None] * rng.uniform(0.6, 1, n))
    return farms, toilets, public, dry.astype(np.int64)


def _shares_reaching(goal: float, lean: Floats, weights: Ints) -> Floats:
    """Logistic shares by ``lean`` whose weighted mean is ``goal``: the level is found by halving."""
    low, high = -10.0, 10.0
    for _ in range(40):
        level = (low + high) / 2
        shares = 1 / (1 + np.exp(-(level + lean)))
        low, high = (level, high) if (shares * weights).sum() < goal * weights.sum() else (low, level)
    return np.asarray(shares)
