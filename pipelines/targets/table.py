"""The table of targets of a release: a row for every target and every area that it holds for, from the sealed figures up to its month.

Plain values in and out: the definitions as a release seals them, figures as rows. Nothing is read from or written to disk here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.periods import WINDOWS, Window, shift
from pipelines.periods import months as month_span
from pipelines.targets.standing import HORIZON, Goal, Standing, between, judge, meets

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from pipelines.targets.forecast import Forecast, Panel

AT_LEAST, AMONG_KNOWN = "至少", "按已知的计算"  # how the gate begins the note of a figure that leaves something out
LEFT_OUT = "没有计入"  # and how it ends one about rows whose number of subjects nobody knows
PLACES = Decimal("0.0001")
SCALE = 10_000  # a panel's values are ten-thousandths
HAIR = 1e-6  # far less than any two quotients of counts lie apart
WHOLE = 100  # percent

TEXTS = ("target", "indicator", "area", "area_name", "breakdown", "owner", "clause", "comparator", "unit", "start", "due",
         "judged", "figure", "status", "why", "detail", "pace_since", "reached", "likely", "no_forecast")  # fmt: skip
COUNTS = ("months_left", "errors")
COLUMNS = ("target", "indicator", "area", "area_name", "breakdown", "owner", "clause", "comparator", "goal", "unit", "start",
           "due", "judged", "figure", "value", "status", "why", "detail", "months_left", "needed_pace", "actual_pace", "pace_since",
           "reached", "likely", "projected", "lower", "upper", "chance", "errors", "no_forecast")  # fmt: skip

Key = tuple[str, str, str]  # indicator, area, breakdown


class Reading(NamedTuple):
    """One figure as the gate decided: ``value`` None where it is withheld or has nothing to count.

    ``unrounded`` is what it was before it was rounded to be shown; ``History.put`` works it out.
    """

    id: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    unknown: int
    status: str
    note: str | None
    reason: str | None
    unrounded: Fraction | None = None

    @property
    def exact(self) -> bool:
        """Whether the value leaves nothing out."""
        return self.value is not None and not self.unknown and not (self.note or "").startswith((AT_LEAST, AMONG_KNOWN))

    @property
    def ends(self) -> tuple[Fraction, Fraction | None] | None:
        """The least and the greatest that the value can be once what is unknown is known; no greatest where nobody can tell."""
        value, unknown, note = self.unrounded, self.unknown, self.note or ""
        if value is None:
            return None
        if self.exact:
            return value, value
        bounded = unknown and LEFT_OUT not in note
        if self.denominator is None:
            return value, value + unknown if bounded else None
        if not bounded or not self.denominator:
            return Fraction(0), None
        part, whole = value * Fraction(self.denominator), Fraction(self.denominator) + unknown
        return part / whole, (part + WHOLE * unknown) / whole


class Row(NamedTuple):
    """A figure with its key, as ``History.put`` takes it."""

    indicator: str
    area: str
    breakdown: str
    reading: Reading

    @classmethod
    def of(cls, cells: tuple[Any, ...]) -> Row:
        """From the cells of ``FIGURE_COLUMNS``."""
        indicator, area, breakdown, *reading = cells
        return cls(indicator, area, breakdown, Reading(*reading))


FIGURE_COLUMNS = (*Row._fields[:-1], *Reading._fields[:-1])


@dataclass(frozen=True)
class _Place:
    """A target at an area. ``goal.start`` is the month it is counted from; ``zero`` says that it then begins at nothing.

    ``yearly`` says that the figure begins anew every January, ``part`` that the area is under the target's own.
    """

    target: Mapping[str, Any]
    area: str
    key: Key
    goal: Goal
    share: bool
    zero: bool
    yearly: bool
    part: bool


@dataclass
class History:
    """What was sealed of the figures behind targets, month by month; ``definitions`` are those of the release to judge for.

    A target whose goal lies at the end of what its figure can be (all of them, none) holds for every area under its own, because
    the whole cannot reach it otherwise; any other goal is its own area's alone. The lowest areas are left out: in a village a share of
    three households is all or nothing, and neither a pace nor an interval means anything.
    """

    definitions: Mapping[str, Any]
    _months: dict[str, dict[Key, Reading]] = field(default_factory=dict)
    _known: dict[str, list[Fraction | None]] = field(default_factory=dict)
    _columns: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def indicators(self) -> list[str]:
        """The indicators whose figures are needed: those of targets, and those of which quotients are made that they take off."""
        codes = {target["indicator"] for target in self.definitions["targets"]}
        less = (_taken_off(self.definitions["indicators"][code]) for code in codes)
        return sorted(codes.union(*(part.values() for part in less)))

    @property
    def months(self) -> list[str]:
        """The months that were handed in."""
        return sorted(self._months)

    def reading(self, period: str, key: Key) -> Reading | None:
        """The figure of a month; None where there is none, or nothing of the month."""
        return self._months.get(period, {}).get(key)

    def put(self, period: str, rows: Iterable[Row]) -> None:
        """Hand in the figures of a month; those of a month that is there already give way."""
        import numpy as np

        found = {(row.indicator, row.area, row.breakdown): row.reading for row in rows}
        for key in {place.key for place in self._places} & found.keys():
            found[key] = found[key]._replace(unrounded=self._unrounded(key, found))
        readings = (found.get(place.key) for place in self._places)
        exact = [reading.unrounded if reading and reading.exact else None for reading in readings]
        self._months[period], self._known[period] = found, exact
        self._columns[period] = np.array([np.nan if v is None else float(v * SCALE) for v in exact])

    def _unrounded(self, key: Key, found: Mapping[Key, Reading]) -> Fraction | None:
        """A figure before it was rounded: the quotients of counts that it is made of, where those were published."""
        indicator, area, breakdown = key
        about, reading = self.definitions["indicators"][indicator], found[key]
        derived, less = about.get("derived"), _taken_off(about)
        if reading.value is None:
            return None
        quotients = [(reading.numerator, reading.denominator)]
        if less:
            whole = breakdown if derived.get("share_of") == "value" else ""
            part, of = found.get((less["numerator"], area, breakdown)), found.get((less["denominator"], area, whole))
            quotients.append((part.value if part else None, of.value if of else None))
        counted = [Fraction(n) / Fraction(m) for n, m in quotients if n is not None and m]
        if not derived or len(counted) < len(quotients):
            return Fraction(reading.value)
        return int(derived["scale"]) * (counted[0] - bool(derived.get("growth")) - sum(counted[1:]))

    def __contains__(self, period: str) -> bool:
        return period in self._months

    def table(self, period: str) -> list[dict[str, Any]]:
        """The rows of a release of ``period``, from the months up to it: targets in the pack's order, areas in the area table's.

        Keys are the columns of ``targets.parquet``; ``why`` and ``no_forecast`` are keys of WHY and NO_FORECAST. A target that
        waits for its indicator or setting has a row of its own, unknown.
        """
        from pipelines.targets.forecast import forecast

        panel, span = self.panel(period)
        found: list[tuple[Standing, Reading | None, str]] = []
        for index, place in enumerate(self._places):
            points = list(self._points(index, place, period))
            judged = min(period, place.goal.due)
            reading = self.reading(judged, place.key)
            standing = judge(place.goal, period, reading.ends if reading else None, _why_none(reading), points)
            found.append((standing, reading, _no_forecast(standing, reading)))
        ahead = {
            months: forecast(panel, len(span) - 1, months)
            for months in sorted({s.months_left for s, _, why_not in found if not why_not})
        }
        over = self._over_whole(panel.known)
        rows = [
            self._row(index, place, *one, ahead)
            for index, (place, one) in enumerate(zip(self._places, found, strict=True))
            if not place.part or (one[1] is not None and one[0].why != "no_subject" and place.key[0] not in over)
        ]
        return rows + [self._waiting(target, period) for target in self.definitions.get("waiting_targets", [])]

    @property
    def series(self) -> list[tuple[Key, str]]:
        """(key of the figure, level of its area) of each series of a panel, years before a figure began anew left out."""
        return [(place.key, self._areas[place.area]["level"]) for place in self._places]

    def panel(self, period: str) -> tuple[Panel, list[str]]:
        """The series up to a month, and the months of their columns: one more before the first that is known, then every month."""
        import numpy as np

        span = month_span(f"{shift(min([*self._months, period]), -1)}:{period}")
        blank = np.full(len(self._places), np.nan)
        return self._panel(np.stack([self._columns.get(month, blank) for month in span], axis=1), span), span

    def frame(self, period: str) -> pl.DataFrame:
        """``table`` as a frame, the columns of ``targets.parquet``: words, whole numbers, decimals of four places."""
        import polars as pl

        rows = self.table(period)
        return pl.DataFrame(
            rows,
            schema={
                column: pl.String if column in TEXTS else pl.Int32 if column in COUNTS else pl.Decimal(38, 4)
                for column in COLUMNS
            },
        )

    def _points(self, index: int, place: _Place, period: str) -> Iterator[tuple[str, Fraction]]:
        """The exactly known months of a place up to ``period``, as ``_counted`` cuts its series."""
        start = place.goal.start
        if place.zero and start and shift(start, -1) <= period:
            yield shift(start, -1), Fraction(0)
        for month in sorted(self._known):
            value = self._known[month][index]
            if value is not None and (start or month) <= month <= period:
                yield month, value

    @cached_property
    def _areas(self) -> dict[str, Mapping[str, Any]]:
        return {area["code"]: area for area in self.definitions["areas"]}

    @cached_property
    def _places(self) -> list[_Place]:
        return list(self._all_places())

    def _all_places(self) -> Iterator[_Place]:
        for target in self.definitions["targets"]:
            about = self.definitions["indicators"][target["indicator"]]
            window, value, due = self._windows[target["indicator"]], Fraction(str(target["value"])), str(target["due"])
            derived = about.get("derived") or {}
            grows = bool(derived.get("growth") or derived.get("less"))
            share, additive = about["unit"]["en"] == "%" and not grows, about["kind"] == "additive"
            start = target.get("from") or (f"{due[:4]}-01" if window == "year" else None)
            end = (share and target["comparator"] == ">=" and value == WHOLE) or (
                (share or additive) and target["comparator"] in ("=", "<=") and not value
            )
            goal = Goal(target["comparator"], value, due, start)
            for area in self._under(target["area"]) if end else [target["area"]]:
                key = (target["indicator"], area, target.get("breakdown") or "")
                part, zero = area != target["area"], bool(start) and additive
                yield _Place(target, area, key, goal, share, zero, window == "year", part)

    @cached_property
    def _windows(self) -> dict[str, Window]:
        """The months that the figures of each indicator add up; a derived one's are the longer of its operands'."""
        known, found = self.definitions["indicators"], dict[str, Window]()
        for code, about in known.items():
            derived = about.get("derived") or {}
            parts = [known[derived[side]] for side in ("numerator", "denominator") if side in derived] or [about]
            found[code] = max((part.get("window") or "month" for part in parts), key=WINDOWS.index)
        return found

    def _under(self, area: str) -> list[str]:
        """An area and those under it that are not the lowest, the area first, the others in the order of the area table."""
        below: dict[str, list[str]] = {}
        for code, about in self._areas.items():
            below.setdefault(about["parent"] or "", []).append(code)
        found = [area]
        for above in found:
            found += [code for code in below.get(above, []) if code in below]
        return found

    def _panel(self, known: NDArray[np.float64], span: list[str]) -> Panel:
        """A series for every place, cut to what counts towards its goal; after them the years before of figures that begin anew."""
        import numpy as np

        from pipelines.targets.forecast import Panel

        places, cut = list(self._places), []
        for place, series in zip(places, known, strict=True):
            cut.append(_counted(series, span, place.goal.start, None, place.zero))
        for place, series in zip(self._places, known, strict=True):
            for year in sorted({month[:4] for month in span}) if place.yearly else ():
                if not (place.goal.start or "").startswith(year):
                    cut.append(_counted(series, span, f"{year}-01", f"{year}-12", place.zero))
                    places.append(place)
        table = np.array(cut).reshape(len(places), len(span))
        shares, about = np.array([p.share for p in places], dtype=bool), self.definitions["indicators"]
        additive = np.array([about[p.key[0]]["kind"] == "additive" for p in places], dtype=bool)
        step = np.array([SCALE / 10 ** about[p.key[0]]["decimals"] for p in places])
        lowest, highest = self._extremes(table, places)
        pools = {pool: n for n, pool in enumerate(dict.fromkeys(map(self._pool, places)))}
        changes = np.diff(table, axis=1)
        counting = np.array([p.zero or self._windows[p.key[0]] == "plan" for p in places], dtype=bool)
        return Panel(
            known=table,
            pool=np.array([pools[self._pool(p)] for p in places], dtype=np.int64),
            goal=np.array([float(p.goal.value * SCALE) for p in places]),
            comparator=np.array([p.goal.comparator for p in places], dtype=np.str_),
            low=np.where((shares | additive) & (lowest >= 0), 0.0, -np.inf),
            high=np.where(shares & (highest <= WHOLE * SCALE), float(WHOLE * SCALE), np.inf),
            grows=counting & ~shares & ~(changes < 0).any(axis=1),
            step=step,
            leeway=np.where(additive, step / 2, HAIR),
        )

    def _pool(self, place: _Place) -> tuple[str, bool]:
        return self._areas[place.area]["level"], place.share

    @staticmethod
    def _extremes(table: NDArray[np.float64], places: list[_Place]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and greatest value that was ever known of each series' indicator, anywhere."""
        import numpy as np

        codes = [place.key[0] for place in places]
        least, most = dict.fromkeys(codes, np.inf), dict.fromkeys(codes, -np.inf)
        lows = np.where(np.isnan(table), np.inf, table).min(axis=1)
        highs = np.where(np.isnan(table), -np.inf, table).max(axis=1)
        for code, low, high in zip(codes, lows, highs, strict=True):
            least[code], most[code] = min(least[code], low), max(most[code], high)
        return np.array([least[c] for c in codes]), np.array([most[c] for c in codes])

    def _over_whole(self, table: NDArray[np.float64]) -> set[str]:
        """The indicators in percent of which more than the whole was known somewhere: their whole does not follow from the parts."""
        import numpy as np

        over = np.flatnonzero((np.nan_to_num(table) > WHOLE * SCALE).any(axis=1))
        places = [self._places[index] for index in over if index < len(self._places)]
        return {place.key[0] for place in places if place.share}

    def _row(
        self,
        index: int,
        place: _Place,
        standing: Standing,
        reading: Reading | None,
        no_forecast: str,
        ahead: Mapping[int, Forecast],
    ) -> dict[str, Any]:
        numbers: dict[str, Any] = dict.fromkeys(("projected", "lower", "upper", "chance"))
        numbers["errors"] = None
        if not no_forecast:
            found = ahead[standing.months_left]
            numbers["projected"] = _number(found.central[index])
            numbers["errors"] = int(found.errors[index])
            numbers |= {name: _number(getattr(found, name)[index]) for name in ("lower", "upper")}
            numbers["chance"] = _number(found.chance[index] * SCALE)
            no_forecast = "" if numbers["lower"] is not None else "few_errors"
        shown, rounded = reading.value if reading else None, False
        if reading and reading.exact and shown is not None and standing.status != "unknown":
            rounded = meets(Fraction(shown), place.goal.comparator, place.goal.value) != (standing.status == "met")
        return self._head(place.target, place.area, place.goal.start) | {
            "judged": standing.judged,
            "figure": reading.id if reading else None,
            "value": shown,
            "status": standing.status,
            "why": "rounded" if rounded else standing.why,
            "detail": (reading.reason or reading.note or "") if reading and standing.status == "unknown" else "",
            "months_left": standing.months_left,
            "needed_pace": _rounded(standing.needed),
            "actual_pace": _rounded(standing.pace.per_month if standing.pace else None),
            "pace_since": standing.pace.since if standing.pace else None,
            "reached": standing.reached,
            "likely": standing.likely,
            **numbers,
            "no_forecast": no_forecast,
        }

    def _waiting(self, target: Mapping[str, Any], period: str) -> dict[str, Any]:
        """The row of a target that nothing can be said of: it waits for its indicator, or its value is not set."""
        nothing = dict.fromkeys(
            ("figure", "value", "needed_pace", "actual_pace", "pace_since", "reached", "likely", "projected", "lower")
        )
        return self._head(target, target["area"], target.get("from")) | {
            "judged": min(period, str(target["due"])),
            "status": "unknown",
            "why": target["why"],
            "detail": target["detail"],
            "months_left": max(0, between(period, str(target["due"]))),
            **nothing,
            "upper": None,
            "chance": None,
            "errors": None,
            "no_forecast": "unknown",
        }

    def _head(self, target: Mapping[str, Any], area: str, start: str | None) -> dict[str, Any]:
        value = target["value"]
        return {
            "target": target["target"],
            "indicator": target["indicator"],
            "area": area,
            "area_name": self._areas[area]["name"],
            "breakdown": target.get("breakdown") or "",
            "owner": target.get("owner") or "",
            "clause": target["clause"],
            "comparator": target["comparator"],
            "goal": None if value is None else Decimal(str(value)),
            "unit": target.get("unit") or "",
            "start": start,
            "due": str(target["due"]),
        }


def _counted(
    series: NDArray[np.float64], span: list[str], first: str | None, last: str | None, zero: bool
) -> NDArray[np.float64]:
    """A series from ``first`` to ``last``, unknown elsewhere; with ``zero`` it stands at nothing in the month before ``first``."""
    import numpy as np

    inside = np.array([(first or month) <= month <= (last or month) for month in span])
    found: NDArray[np.float64] = np.where(inside, series, np.nan)
    if zero and first and shift(first, -1) in span:
        found[span.index(shift(first, -1))] = 0.0
    return found


def _taken_off(about: Mapping[str, Any]) -> Mapping[str, str]:
    """The quotient that an indicator takes off another, by its sides; nothing where it takes none off."""
    return (about.get("derived") or {}).get("less") or {}


def _why_none(reading: Reading | None) -> str:
    if reading is None:
        return "no_figure"
    return "no_subject" if reading.status == "published" else "withheld"


def _no_forecast(standing: Standing, reading: Reading | None) -> str:
    """Why a target is not forecast, a key of NO_FORECAST; empty where it is."""
    if standing.status == "met":
        return "met"
    if standing.status == "behind" and not standing.months_left:
        return "due_passed"
    if standing.why in ("few_months", "partial"):
        return standing.why
    if standing.status == "unknown":
        return "unknown"
    if reading is None or not reading.exact:
        return "partial"
    return "far" if standing.months_left > HORIZON else ""


def _rounded(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(PLACES, ROUND_HALF_UP)


def _number(scaled: float) -> Decimal | None:
    """A panel's value as a decimal of four places; None for an unknown."""
    return None if scaled != scaled else (Decimal(round(scaled)) / SCALE).quantize(PLACES)
