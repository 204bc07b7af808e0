"""Looking ahead: what the pace of the last year brings by the due date, how sure that is, the chance that the goal is then met.

The central value is the drift method (Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., 5.2):
``y(t) + h × pace``, with the pace over a year, held within what the figure can be. The interval is conformal, from past
errors and no assumed distribution (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, *Distribution-Free Predictive Inference for
Regression*, JASA 2018, sections 2.2 and 5.2: errors divided by a local measure of spread): every series is forecast ``h`` months
ahead from every earlier month by the same rule, from what was known then; each error is divided by how much its series moved from
month to month in the year before; errors of areas of the same level, of figures of the same kind, and of forecasts that say the
same of the goal (reached or not) form a pool, and the interval lies between the pool's two outer ranks. Only origins at which the
goal was still open count, because only such targets are forecast. A library of models was weighed and left: a county has three
years of months, most series are short steps between surveys, and what is wanted is a rule that a leader can follow.

Values are ten-thousandths of the figure's unit in floats, whole numbers of which are exact; ``nan`` is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipelines.targets.standing import KNOWN, LEVEL, PACE_MONTHS

ONE = 10_000.0  # one unit of a figure: the least that a series is taken to move
LEAST_ERRORS = 19  # from which on the pool has two ranks outside of an interval of LEVEL

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """Series by month. ``known`` is series × months; all else has one entry a series.

    ``pool`` numbers the pool, ``low`` and ``high`` are what its values can be, ``grows`` says that they never fall, ``step`` is the
    last decimal of the figure, ``leeway`` how far off the goal a value may be to be taken for it: half a step of what is counted in
    whole steps, next to nothing of a quotient, which is judged before it is rounded.
    """

    known: Floats
    pool: NDArray[np.int64]
    goal: Floats
    comparator: NDArray[np.str_]
    low: Floats
    high: Floats
    grows: Bools
    step: Floats
    leeway: Floats

    def met(self, values: Floats) -> Bools:
        """Which series meet their goals at these values (series, or series × anything); unknown does not."""
        goal, comparator = self.goal, self.comparator
        if values.ndim > 1:
            goal, comparator = goal[:, None], comparator[:, None]
        found: Bools = (
            ((comparator == ">=") & (values >= goal))
            | ((comparator == ">") & (values > goal))
            | ((comparator == "<=") & (values <= goal))
            | ((comparator == "<") & (values < goal))
            | ((comparator == "=") & (values == goal))
        )
        return found

    def reaches(self, central: Floats) -> Bools:
        """Which series are brought to their goals by these values; to an exact number also those that pass it from below."""
        found: Bools = self.met(central) | ((self.comparator == "=") & (central >= self.goal))
        return found

    def bounds(self, now: Floats) -> tuple[Floats, Floats]:
        """The least and the greatest that each series can be later, given its present value."""
        return np.where(self.grows, np.fmax(self.low, now), self.low), self.high

    def held(self, values: Floats, now: Floats) -> Floats:
        """Values (series, or series × anything) within what each series can be, given its present value."""
        shape = (slice(None), None) if values.ndim > 1 else slice(None)
        low, high = self.bounds(now)
        found: Floats = np.clip(values, low[shape], high[shape])
        return found

    def accepted(self, now: Floats) -> Floats:
        """From where to where a later value, before it is held, meets the goal: series × 2, twice the same for nowhere."""
        near, infinite = self.leeway, np.full(len(self.goal), np.inf)
        least = {">=": self.goal - near, ">": self.goal + near, "=": self.goal - near}
        most = {"<=": self.goal + near, "<": self.goal - near, "=": self.goal + near}
        from_, to = -infinite, infinite
        for sign, values in least.items():
            from_ = np.where(self.comparator == sign, values, from_)
        for sign, values in most.items():
            to = np.where(self.comparator == sign, values, to)
        low, high = self.bounds(now)
        nowhere = (low >= to) | (high < from_)
        from_, to = np.where(from_ <= low, -np.inf, from_), np.where(to > high, np.inf, to)
        return np.stack([np.where(nowhere, 0.0, from_), np.where(nowhere, 0.0, to)], axis=1)


@dataclass(frozen=True)
class Forecast:
    """By series: the central value, the interval that holds LEVEL of what comes, the chance of meeting the goal; ``nan`` for none.

    ``errors`` is how many past errors the pool of each has.
    """

    central: Floats
    lower: Floats
    upper: Floats
    chance: Floats
    errors: NDArray[np.int64]


def drift(known: Floats, at: int) -> tuple[Floats, Floats]:
    """The pace a month at column ``at`` and the spread (root mean square of the monthly changes, at least ONE) of each series.

    The pace is ``nan`` where the column is unknown or fewer than KNOWN of the last year's months are known.
    """
    window = known[:, max(0, at - PACE_MONTHS) : at + 1]
    seen = ~np.isnan(window)
    first = seen.argmax(axis=1)
    span = np.maximum(window.shape[1] - 1 - first, 1)
    oldest = window[np.arange(len(window)), first]
    pace = np.where(seen[:, -1] & (seen.sum(axis=1) >= KNOWN), (window[:, -1] - oldest) / span, np.nan)
    changes = np.diff(window, axis=1)
    moved = ~np.isnan(changes)
    squares = np.where(moved, changes, 0.0) ** 2
    spread = np.sqrt(squares.sum(axis=1) / np.maximum(moved.sum(axis=1), 1))
    return pace, np.maximum(spread, ONE)


def ahead(panel: Panel, at: int, months: int) -> tuple[Floats, Floats]:
    """The central value ``months`` after column ``at``, and the spread by which errors are divided."""
    pace, spread = drift(panel.known, at)
    now = panel.known[:, at]
    return panel.held(now + months * pace, now), spread


def errors(panel: Panel, at: int, months: int) -> tuple[Floats, Bools]:
    """Divided errors of all forecasts ``months`` ahead that column ``at`` could check, and which of them would have brought it to its goal.

    Both are series × origins; the errors are ``nan`` where there was none to make.
    """
    found, reaching = [], []
    for origin in range(at - months + 1):
        central, spread = ahead(panel, origin, months)
        error = (panel.known[:, origin + months] - central) / spread
        found.append(np.where(panel.met(panel.known[:, origin]), np.nan, error))
        reaching.append(panel.reaches(central))
    if not found:
        return np.empty((len(panel.known), 0)), np.empty((len(panel.known), 0), dtype=bool)
    return np.stack(found, axis=1), np.stack(reaching, axis=1)


def forecast(panel: Panel, at: int, months: int) -> Forecast:
    """What comes ``months`` after column ``at`` of each series, by what was known at that column."""
    central, spread = ahead(panel, at, months)
    past, past_reaching = errors(panel, at, months)
    reaching = panel.reaches(central)
    now = panel.known[:, at]
    accepted = panel.accepted(now)
    lower, upper, chance = (np.full(len(central), np.nan) for _ in range(3))
    count = np.zeros(len(central), dtype=np.int64)
    for pool, reaches in product(np.unique(panel.pool), (False, True)):
        alike = panel.pool == pool
        scores = past[alike][past_reaching[alike] == reaches]
        scores = np.sort(scores[~np.isnan(scores)])
        rows = alike & (reaching == reaches)
        count[rows] = size = len(scores)
        if size < LEAST_ERRORS:
            continue
        tail, step = (1 - LEVEL) / 2, panel.step[rows]
        outer = scores[[int((size + 1) * tail) - 1, int(np.ceil((size + 1) * (1 - tail))) - 1]]
        ends = panel.held(central[:, None] + spread[:, None] * outer, now)[rows]
        lower[rows], upper[rows] = np.floor(ends[:, 0] / step) * step, np.ceil(ends[:, 1] / step) * step
        limits = (accepted[rows] - central[rows, None]) / spread[rows, None]
        hits = np.diff(np.searchsorted(scores, limits), axis=1)[:, 0]
        chance[rows] = np.where(np.isnan(central[rows]), np.nan, (hits + 0.5) / (size + 1))
    return Forecast(central, lower, upper, chance, count)
