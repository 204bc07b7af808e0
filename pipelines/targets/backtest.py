"""How often the intervals held: what was forecast against what then came. Reads only what was sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipelines.targets.forecast import LEAST_ERRORS, forecast
from pipelines.targets.standing import HORIZON, meets
from pipelines.targets.table import FIGURE_COLUMNS, History, Row

if TYPE_CHECKING:
    from pipelines.release import Release


class Check(NamedTuple):
    """One interval: of which figure, made when, how many months ahead, the chance it gave, whether it held and the goal was met."""

    indicator: str
    area: str
    level: str
    origin: str
    months: int
    chance: float
    inside: bool
    met: bool


def sealed_history(releases: Iterable[Release]) -> History:
    """The figures behind the targets of the last of these releases, from all of them, a later revision in place of an earlier."""
    releases = list(releases)
    history = History(releases[-1].definitions)
    wanted = set(history.indicators)
    for release in releases:
        rows = map(Row.of, release.frame.select(FIGURE_COLUMNS).iter_rows())
        history.put(release.period, (row for row in rows if row.indicator in wanted))
    return history


def at_due(releases: Iterable[Release]) -> Iterator[Check]:
    """The intervals that releases sealed for the due month, against the figure that was sealed of that month, where it is exact."""
    releases = list(releases)
    history = sealed_history(releases)
    levels = {area["code"]: area["level"] for area in releases[-1].definitions["areas"]}
    for release in releases:
        for row in release.targets_frame.iter_rows(named=True):
            came = history.reading(row["due"], (row["indicator"], row["area"], row["breakdown"]))
            if row["lower"] is not None and came and came.exact and came.unrounded is not None:
                inside = row["lower"] <= came.unrounded <= row["upper"]
                met = meets(came.unrounded, row["comparator"], Fraction(row["goal"]))
                key = (row["indicator"], row["area"], levels[row["area"]], release.period, row["months_left"])
                yield Check(*key, float(row["chance"]), inside, met)


def at_every_month(history: History) -> Iterator[Check]:
    """Intervals made at every month for every month up to HORIZON later, whatever the due date, from what was known when made."""
    panel, span = history.panel(max(history.months))
    for origin in range(LEAST_ERRORS // 2, len(span) - 1):
        seen = replace(panel, known=panel.known[:, : origin + 1])
        for months in range(1, min(HORIZON, len(span) - 1 - origin) + 1):
            found, came = forecast(seen, origin, months), panel.known[:, origin + months]
            asked = ~(np.isnan(found.lower) | np.isnan(came) | panel.met(panel.known[:, origin]))
            inside, met = (found.lower <= came) & (came <= found.upper), panel.met(came)
            for index, ((indicator, area, _), level) in enumerate(history.series):
                if asked[index]:
                    chance, key = float(found.chance[index]), (indicator, area, level, span[origin], months)
                    yield Check(*key, chance, bool(inside[index]), bool(met[index]))
