"""What offices do after a blow: cases, each with its steps and their days, by the laws ``casework``.

Each case follows a loss that really happened (``shocks``). Made once for the whole calendar; what is written of them month by
month is in ``papers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.simulate.laws import NEVER, Bools, Days, Floats, Ints, Laws
from pipelines.simulate.population import Population
from pipelines.simulate.shocks import Truth

NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Step:
    """One step of all cases (NaT in a case that does not come to it): when it began and ended, and days after it was due."""

    name: str
    level: str
    began: Days
    ended: Days
    overdue: Ints


@dataclass(frozen=True)
class Cases:
    """One entry per case. ``month`` is the one in which it was opened, after the blow; ``risk`` a position in the laws' risks.

    ``founded``: what was warned of was found true. ``yuan`` is what the blow cost, ``struck`` its day, ``reported`` the
    day on which the village told. ``closed`` is the month in which the risk
    is taken off the ledger (NEVER for cases that go on).
    """

    household: Ints
    month: Ints
    risk: Ints
    yuan: Floats
    struck: Days
    reported: Days
    founded: Bools
    effective: Bools
    closed: Ints
    steps: Mapping[str, Step]

    def __len__(self) -> int:
        return len(self.household)


def cases(laws: Laws, people: Population, truth: Truth) -> Cases:
    """The cases of the whole calendar. A household has one at a time; what strikes it meanwhile belongs to the one that it has."""
    law, rng = laws["casework"], laws.rng("casework")
    open_until = np.zeros(len(people.households), dtype=np.int64)
    found: list[tuple[Ints, Ints, Ints, Floats, Bools, Ints]] = []
    for t in range(laws.start, len(laws.periods) - 1):
        for number, (risk, how) in enumerate(law["risks"].items()):
            loss = truth.loss[risk][t]
            line = how["from"] if "from" in how else laws.clause(law["line"])
            hit = (loss > line) & (rng.random(len(loss)) < how["noticed"]) & (people.households.joined <= t)
            household = np.flatnonzero(hit & (open_until <= t))
            n = len(household)
            founded = rng.random(n) < law["founded"]
            lasts = np.where(founded, _whole(rng, law["helped_months"], n), 1)
            open_until[household] = t + 1 + lasts
            found.append((household, np.full(n, t + 1), np.full(n, number), loss[household], founded, t + 1 + lasts))
    household, month, risk, yuan, founded, closed = (np.concatenate(part) for part in zip(*found, strict=True))
    effective = rng.random(len(household)) < law["effective"]
    struck = first_day(laws, month - 1) + _whole(rng, [0, 26], len(month))
    reported = np.minimum(struck + _whole(rng, law["report_days"], len(month)), first_day(laws, month) + 2)
    steps = _steps(laws, month, founded, closed)
    return Cases(household, month, risk, yuan.round(2), struck, reported, founded, effective, closed, steps)


def _steps(laws: Laws, month: Ints, founded: Bools, closed: Ints) -> dict[str, Step]:
    """Every step after the one before it; those with ``by`` end by the day that a clause names, most of the time."""
    law, n = laws["casework"], len(month)
    steps: dict[str, Step] = {}
    past = first_day(laws, month)
    for name, how in law["steps"].items():
        rng = laws.rng("casework", name)
        there = founded | (not how.get("founded", True))
        first = first_day(laws, closed if how.get("at") == "close" else month + how.get("months", 0))
        began = np.maximum(past, first) + _whole(rng, how.get("after", [0, 1]), n)
        ended = began + _whole(rng, how["takes"], n)
        overdue = np.zeros(n, dtype=np.int64)
        if "by" in how:
            due = np.minimum(first + laws.clause(how["by"]) - 1, (first.astype("M8[M]") + 1).astype("M8[D]") - 1)
            late = rng.random(n) < law["late"]
            ended = np.where(
                late,
                np.maximum(due, began) + _whole(rng, law["late_days"], n),
                np.clip(ended, began, np.maximum(due, began)),
            )
            overdue = np.maximum((ended - due).astype(np.int64), 0)
        past = np.where(there, ended, past)
        steps[name] = Step(
            name, how["level"], np.where(there, began, NAT), np.where(there, ended, NAT), np.where(there, overdue, 0)
        )
    return steps


def _whole(rng: np.random.Generator, span: list[int], n: int) -> Ints:
    least, most = span
    return rng.integers(least, most + 1, n)


def first_day(laws: Laws, month: Ints) -> Days:
    """The first day of each month index."""
    return (np.datetime64(laws.periods[0], "M") + month).astype("M8[D]")


def month_of(laws: Laws, days: Days) -> Ints:
    """The month index of each day; -NEVER where there is none."""
    passed = (days.astype("M8[M]") - np.datetime64(laws.periods[0], "M")).astype(np.int64)
    return np.asarray(np.where(np.isnat(days), -NEVER, passed))
