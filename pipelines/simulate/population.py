"""Who lives in the sample county: households in their villages, their members, when they come and go.

Totals that a document gives are met here by how the households are made. What happens to them is in ``shocks``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.laws import NEVER, Any1d, Bools, Days, Floats, Ints, Laws, pick

RELATIONS = ("head", "spouse", "child", "parent", "grandchild", "other")
HEALTH = ("healthy", "chronic", "serious", "disabled")
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, OTHER = range(6)
HEALTHY, CHRONIC, SERIOUS, DISABLED = range(4)
YEAR = 365.25


@dataclass(frozen=True)
class Village:
    """A lowest-level area: its codes and names, and whether it is a town's community."""

    code: str
    name: str
    township: str
    township_name: str
    community: bool


@dataclass(frozen=True)
class Households:
    """One entry per household. ``cause`` and ``site`` are positions in the pack's code maps, -1 for none.

    ``exit_month`` is the month index from which it counts as out of poverty, ``joined`` the one from which the registers
    list it.
    """

    number: Any1d
    village: Ints
    marginal: Bools
    joined: Ints
    cause: Ints
    poor_at_start: Bools
    exit_month: Ints
    exit_year: Ints
    identified: Days
    site: Ints
    moved: Days
    water_from: Ints
    productivity: Floats

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Persons:
    """One entry per person, ordered by household, head first. Lives in the household in months born <= t < gone."""

    household: Ints
    relation: Ints
    male: Bools
    birth: Days
    born: Ints
    gone: Ints
    health: Ints
    name: Any1d
    number: Any1d
    senior: Bools
    college: Bools
    skilled: Bools
    job: Ints

    def __len__(self) -> int:
        return len(self.household)

    def here(self, t: int) -> Bools:
        return (self.born <= t) & (t < self.gone)

    def age(self, day: np.datetime64) -> Floats:
        """Years of age on a day (negative before birth)."""
        return (day - self.birth).astype(np.float64) / YEAR


@dataclass(frozen=True)
class Population:
    """Everybody, and ``sizes`` (months × households)."""

    villages: list[Village]
    households: Households
    persons: Persons
    sizes: Ints


def settle(laws: Laws) -> Population:
    """The county's people for its whole calendar.

    At full size: the persons not yet out of poverty in the first month by cause, their exits by year, and the registered
    persons of the reference month are exactly the numbers of the clauses named in laws.yml.
    """
    villages = _villages(laws)
    households, sizes = _households(laws, villages)
    persons = _persons(laws, households, sizes)
    counted = np.zeros((len(laws.periods), len(households)), dtype=np.int64)
    for t in range(len(laws.periods)):
        counted[t] = np.bincount(persons.household[persons.here(t)], minlength=len(households))
    return Population(villages, households, persons, counted)


def _villages(laws: Laws) -> list[Village]:
    areas = {a.code: a for a in laws.pack.areas}
    parents = {a.parent for a in laws.pack.areas}
    return [
        Village(a.code, a.name, a.parent, areas[a.parent].name, "社区" in a.name)
        for a in laws.pack.areas
        if a.code not in parents
    ]


def adding_up_to(rng: np.random.Generator, total: int, parts: int) -> Ints:
    """``parts`` whole numbers, each at least 1, that add up to ``total``."""
    return 1 + rng.multinomial(total - parts, np.full(parts, 1 / parts))


def choose_exactly(rng: np.random.Generator, sizes: Ints, n: int, total: int) -> Bools:
    """A random choice of ``n`` of ``sizes`` that adds up to ``total`` (as near to it as swaps of one come)."""
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[rng.permutation(len(sizes))[:n]] = True
    while lacking := total - int(sizes[chosen].sum()):
        step = 1 if lacking > 0 else -1
        inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        larger, smaller = np.isin(sizes[inside] + step, sizes[outside]), np.isin(sizes[outside] - step, sizes[inside])
        if not larger.any():
            break
        leaves = rng.choice(inside[larger])
        enters = rng.choice(outside[smaller & (sizes[outside] == sizes[leaves] + step)])
        chosen[leaves], chosen[enters] = False, True
    return chosen


def _poor(laws: Laws) -> tuple[Ints, Ints, Ints, Ints]:
    """Of the households poor at the start: cause, size, year and month index of their exit."""
    rng, totals = laws.rng("poor"), laws["totals"]
    codes = list(laws.home.codes["cause"])
    causes, sizes = [], []
    for code, (hh_clause, person_clause) in totals["causes"].items():
        n = laws.scaled(laws.clause(hh_clause))
        persons = max(n, laws.scaled(laws.clause(person_clause)))
        causes.append(np.full(n, codes.index(code)))
        sizes.append(adding_up_to(rng, persons, n))
    cause, size = np.concatenate(causes), np.concatenate(sizes)
    *earlier, last = totals["exits"]
    year = np.full(len(size), last)
    for exit_year in earlier:
        left = np.flatnonzero(year == last)
        n, persons = (laws.scaled(laws.clause(c)) for c in totals["exits"][exit_year])
        year[left[choose_exactly(rng, size[left], min(n, len(left)), persons)]] = exit_year
    law = laws["settling"]["exit_months"]
    month = np.array(list(law))[pick(rng, law, len(size))]
    return cause, size, year, np.array([laws.index(f"{y}-{m:02d}") for y, m in zip(year, month, strict=True)])


def _weights(laws: Laws, villages: list[Village]) -> Floats:
    law = laws["settling"]
    weights = laws.rng("villages").lognormal(0, law["village_sigma"], len(villages))
    weights *= [law["community_weight"] if v.community else 1 for v in villages]
    weights *= [law["townships"].get(v.township[-3:], 1) for v in villages]
    return np.asarray(weights / weights.sum())


def _households(laws: Laws, villages: list[Village]) -> tuple[Households, Ints]:
    """Households in the order of their numbers, and their sizes in the reference month."""
    rng, law = laws.rng("households"), laws["settling"]
    cause, poor_size, poor_year, poor_month = _poor(laws)
    n_poor, n_registered = len(cause), laws.households
    n_marginal = laws.scaled(laws["households"] * law["marginal"]["share"])
    n_others, n = n_registered - n_poor, n_registered + n_marginal

    registered = laws.clause(laws["totals"]["registered"]["persons"])
    sizes = np.concatenate(
        [
            poor_size,
            adding_up_to(rng, laws.scaled(registered) - int(poor_size.sum()), n_others),
            1 + rng.poisson(law["marginal"]["size"] - 1, n_marginal),
        ]
    )
    marginal = np.arange(n) >= n_registered
    poor_at_start = np.arange(n) < n_poor
    years = law["earlier_exits"]
    exit_year = np.where(marginal, 0, np.array(list(years))[pick(rng, years, n)])
    exit_year[:n_poor] = poor_year
    exit_month = np.where(marginal, NEVER, -NEVER)
    exit_month[:n_poor] = poor_month
    shares = {c: laws.clause(hh) for c, (hh, _) in laws["totals"]["causes"].items()}
    positions = np.array([list(laws.home.codes["cause"]).index(c) for c in shares])
    causes = np.where(marginal, -1, positions[pick(rng, {c: s / sum(shares.values()) for c, s in shares.items()}, n)])
    causes[:n_poor] = cause

    since = laws.index(law["marginal"]["from"])
    later = since + 1 + rng.integers(0, len(laws.periods) - since - 1, n)
    joined = np.where(marginal, np.where(rng.random(n) < law["marginal"]["at_once"], since, later), laws.start)
    identified = np.array(list(law["identified"]), dtype="datetime64[M]")[pick(rng, law["identified"], n)]
    identified = np.minimum(identified, np.maximum(exit_year - 1970, 0).astype("datetime64[Y]").astype("datetime64[M]"))
    day = rng.integers(4, 26, n)
    on: Days = np.where(marginal, laws.first_days[joined], identified.astype("datetime64[D]")) + day.astype(
        "timedelta64[D]"
    )

    village = rng.choice(len(villages), n, p=_weights(laws, villages))
    everywhere = rng.permutation(n_registered)[: len(villages)]
    village[everywhere] = np.arange(len(everywhere))
    site, moved = _relocated(laws, villages, village, ~marginal & ~poor_at_start)
    waits = rng.geometric(law["water_monthly"], n)
    order = np.lexsort((rng.random(n), village))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n) - np.searchsorted(village[order], village[order])
    numbers = np.array([f"{villages[v].code}{r + 1:04d}" for v, r in zip(village, rank, strict=True)], dtype=object)
    found = Households(
        number=numbers[order],
        village=village[order],
        marginal=marginal[order],
        joined=joined[order],
        cause=causes[order],
        poor_at_start=poor_at_start[order],
        exit_month=exit_month[order],
        exit_year=exit_year[order],
        identified=on[order],
        site=site[order],
        moved=moved[order],
        water_from=np.where(rng.random(n) < law["water_secured"], -NEVER, laws.start + waits)[order],
        productivity=rng.lognormal(0, laws["income"]["sigma"], n)[order],
    )
    return found, sizes[order]


def _relocated(laws: Laws, villages: list[Village], village: Ints, may_move: Bools) -> tuple[Ints, Days]:
    """Site and moving day of each household (-1, NaT for those who stay); ``village`` becomes the site's for movers."""
    rng = laws.rng("relocation")
    site, moved = np.full(len(village), -1), np.full(len(village), np.datetime64("NaT"), dtype="datetime64[D]")
    codes = list(laws.pack.codes["relocation_site"])
    where = {v.code: i for i, v in enumerate(villages)}
    for code, law in zip(codes, laws["relocation"]["sites"].values(), strict=False):  # a county may have fewer
        free = np.flatnonzero(may_move & (site < 0))
        movers = rng.choice(free, min(laws.scaled(law["households"], 2), len(free)), replace=False)
        first, last = laws.index(law["from"]), laws.index(law["to"])
        months = np.sort(rng.integers(first, last + 1, len(movers)))
        months[0] = first
        site[movers], village[movers] = codes.index(code), where.get(law["village"], codes.index(code) % len(villages))
        moved[movers] = laws.first_days[months] + rng.integers(2, 26, len(movers))
    return site, moved


def _persons(laws: Laws, households: Households, sizes: Ints) -> Persons:
    """Members of every household: those of the reference month, who died before it, who was born after it."""
    rng, law = laws.rng("persons"), laws["members"]
    household = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    relation, age, head_male = _compose(laws, households, household, position)
    gone = np.full(len(household), NEVER)

    dead_household, dead_gone = _dead(laws, households)
    child_household, child_birth = _newborn(laws, households, household, relation, age)
    n_dead, n_child = len(dead_household), len(child_household)
    birth = laws.last_days[laws.reference] - np.rint((age + rng.random(len(age))) * YEAR).astype("timedelta64[D]")
    frozen = households.poor_at_start[household] & (birth > laws.last_days[laws.start])
    birth[frozen] -= np.timedelta64(1200, "D")
    dead_birth = laws.last_days[laws.start] - np.rint(rng.uniform(63, 91, n_dead) * YEAR).astype("timedelta64[D]")

    household = np.concatenate([household, dead_household, child_household])
    relation = np.concatenate([relation, np.full(n_dead, PARENT), np.full(n_child, CHILD)])
    birth = np.concatenate([birth, dead_birth, child_birth])
    gone = np.concatenate([gone, dead_gone, np.full(n_child, NEVER)])
    order = np.argsort(household, kind="stable")
    household, relation, birth, gone = household[order], relation[order], birth[order], gone[order]
    n = len(household)

    male = rng.random(n) < 0.5
    male = np.where(relation == HEAD, head_male[household], np.where(relation == SPOUSE, ~head_male[household], male))
    since = np.datetime64(laws.periods[0], "M")
    born = (birth.astype("datetime64[M]") - since).astype(np.int64)
    final_age = (laws.last_days[laws.reference] - birth).astype(np.float64) / YEAR
    gone = np.where(gone == NEVER, _ends(laws, relation, final_age), gone)
    work = laws["work"]
    return Persons(
        household=household,
        relation=relation,
        male=male,
        birth=birth,
        born=born,
        gone=gone,
        health=_health(laws, households, household, relation, final_age),
        name=_names(laws, household, relation, law),
        number=id_numbers(laws.issuer, birth, male, law["id_sequence_from"]),
        senior=rng.random(n) < work["stays_in_senior"],
        college=rng.random(n) < work["goes_to_college"],
        skilled=rng.random(n) < work["skilled"],
        job=pick(rng, work["jobs"], n),
    )


def _compose(laws: Laws, households: Households, household: Ints, position: Ints) -> tuple[Ints, Floats, Bools]:
    """Relation and age (whole years in the reference month) of each member, and whether each household's head is a man."""
    rng, law = laws.rng("composition"), laws["members"]
    n, heads = len(household), law["head_age"]
    head_age = np.clip(rng.normal(heads["mean"], heads["sd"], len(households)), heads["least"], heads["most"])
    causes = list(laws.home.codes["cause"])
    weak = households.cause == causes.index("labour_shortage")
    least, most = law["weak_head_age"]
    head_age = np.where(weak, rng.uniform(least, most, len(households)), head_age)
    of_head = head_age[household]

    relation = np.where(position == 0, HEAD, np.where(rng.random(n) < law["spouse"], SPOUSE, CHILD))
    for i, shares in enumerate(law["positions"]):
        here = position == i + 2 if i + 1 < len(law["positions"]) else position >= i + 2
        relation[here] = np.array([RELATIONS.index(r) for r in shares])[pick(rng, shares, int(here.sum()))]
    relation[(relation == PARENT) & (of_head > 62)] = CHILD
    relation[(relation == GRANDCHILD) & (of_head < 46)] = CHILD

    age = of_head.copy()
    age[relation == SPOUSE] = np.maximum(of_head + rng.normal(-1, 3, n), 20)[relation == SPOUSE]
    child = of_head - rng.uniform(20, 34, n)
    age[relation == CHILD] = np.where(child < 0, rng.uniform(0, 6, n), child)[relation == CHILD]
    age[relation == PARENT] = np.minimum(of_head + rng.uniform(20, 32, n), 94)[relation == PARENT]
    grandchild = of_head - rng.uniform(42, 58, n)
    age[relation == GRANDCHILD] = np.where(grandchild < 0, rng.uniform(0, 8, n), grandchild)[relation == GRANDCHILD]
    age[relation == OTHER] = rng.uniform(16, 70, n)[relation == OTHER]
    student = (households.cause[household] == causes.index("schooling")) & (position == 2)
    relation[student], age[student] = CHILD, rng.uniform(16, 20, n)[student]
    return relation, np.floor(age), rng.random(len(households)) < law["head_male"]


def _dead(laws: Laws, households: Households) -> tuple[Ints, Ints]:
    """Households that lose an old member between the first month and the reference month, and the month when."""
    rng = laws.rng("deaths")
    free = np.flatnonzero(~households.marginal & ~households.poor_at_start)
    span = laws.reference - laws.start
    persons = laws.scaled(laws.clause(laws["totals"]["registered"]["persons"]))
    n = min(rng.poisson(laws["members"]["deaths_yearly"] * persons * span / 12), len(free))
    return rng.choice(free, n, replace=False), rng.integers(laws.start + 1, laws.reference + 1, n)


def _ends(laws: Laws, relation: Ints, age: Floats) -> Ints:
    """The month in which each old member dies after the reference month (heads live, so that every household has one)."""
    rng, law = laws.rng("ends"), laws["members"]["elders"]
    end = laws.reference + rng.geometric(law["deaths_monthly"], len(age))
    old = (age >= law["from"]) & (relation != HEAD)
    return np.where(old & (end < len(laws.periods)), end, NEVER)


def _newborn(laws: Laws, households: Households, household: Ints, relation: Ints, age: Floats) -> tuple[Ints, Days]:
    """Household and birthday of the children born after the reference month."""
    rng = laws.rng("births")
    couples = np.intersect1d(household[relation == SPOUSE], household[(relation == HEAD) & (age < 42)])
    parents, births = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype="datetime64[D]")]
    for t in range(laws.reference + 1, len(laws.periods)):
        n = min(rng.poisson(laws["members"]["births_monthly"] * len(households)), len(couples))
        parents.append(rng.choice(couples, n, replace=False))
        births.append(laws.first_days[t] + rng.integers(0, 28, n))
    return np.concatenate(parents), np.concatenate(births)


def _health(laws: Laws, households: Households, household: Ints, relation: Ints, age: Floats) -> Ints:
    rng, law = laws.rng("health"), laws["members"]["health"]
    limits = np.array(list(law))
    odds = np.cumsum(np.array(list(law.values())), axis=1)[np.minimum(np.searchsorted(limits, age), len(limits) - 1)]
    draw = rng.random(len(age))
    health = np.select([draw < odds[:, 0], draw < odds[:, 1], draw < odds[:, 2]], [CHRONIC, SERIOUS, DISABLED], HEALTHY)
    causes, cause = list(laws.home.codes["cause"]), households.cause[household]
    first = np.flatnonzero(relation == HEAD)
    has_second = np.append(household[1:] == household[:-1], False)
    struck = first + has_second[first]
    health[struck[cause[struck] == causes.index("illness")]] = CHRONIC
    health[struck[cause[struck] == causes.index("disability")]] = DISABLED
    return health


def _names(laws: Laws, household: Ints, relation: Ints, law: dict[str, list[str]]) -> Any1d:
    """Names that nobody could take for a person's: a surname of the region and 'test', 'sample', 'example'."""
    rng = laws.rng("names")
    n, surnames = len(household), np.array(law["surnames"], dtype=object)
    family = rng.integers(0, len(surnames), household.max() + 1)[household]
    own = rng.integers(0, len(surnames), n)
    given = [a + b for a in law["given"] for b in law["given"] if a != b]
    return np.asarray(
        surnames[np.where(relation == SPOUSE, own, family)]
        + np.array(given, dtype=object)[rng.integers(0, len(given), n)]
    )


def id_numbers(area: str, birth: Days, male: Bools, sequence_from: int) -> Any1d:
    """Citizen numbers by GB 11643-1999: area, birthday, sequence (odd for men), check digit; unique.

    Sequence codes count up from ``sequence_from`` within a birthday and sex.
    """
    day = birth.astype(np.int64)
    order = np.lexsort((np.arange(len(day)), male, day))
    fresh = np.append(True, (np.diff(day[order]) != 0) | (np.diff(male[order].astype(int)) != 0))
    index = np.arange(len(day))
    rank = np.empty(len(day), dtype=np.int64)
    rank[order] = index - np.maximum.accumulate(np.where(fresh, index, 0))
    sequence = (sequence_from + 2 * rank + male) % 1000
    weights = [2**power % 11 for power in range(17, 0, -1)]
    stems = [f"{area}{str(b).replace('-', '')}{s:03d}" for b, s in zip(birth, sequence, strict=True)]
    digits = np.array([list(s) for s in stems], dtype=np.int64).reshape(len(stems), 17)
    checks = np.array(list("10X98765432"))[digits @ np.array(weights) % 11]
    return np.array([stem + check for stem, check in zip(stems, checks, strict=True)], dtype=object)
