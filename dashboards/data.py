"""Sealed releases, opened once and kept in memory for the pages. Reads nothing but releases; adds up nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Protocol

import polars as pl

from pipelines.targets import AT_LEAST

Mark = Literal["published", "at_least", "noted", "withheld", "suppressed"]


class Release(Protocol):
    """What the pages need of a sealed release; ``pipelines.release.Release`` is one."""

    @property
    def period(self) -> str: ...

    @property
    def revision(self) -> int: ...

    @property
    def manifest(self) -> dict[str, Any]: ...

    @property
    def definitions(self) -> dict[str, Any]: ...

    @property
    def frame(self) -> pl.DataFrame: ...

    @property
    def targets_frame(self) -> pl.DataFrame: ...

    def findings(self) -> list[dict[str, Any]]: ...

    def changes(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a release's figures. ``value`` is None when withheld, and when a ratio has nothing to divide by."""

    id: str
    indicator: str
    area: str
    area_name: str
    period: str
    breakdown: str
    value: Decimal | None
    unknown: int | None
    status: str
    note: str | None
    reason: str | None
    waits_for: str | None

    @property
    def mark(self) -> Mark:
        """How far the value can be trusted, as the gate decided."""
        if self.status == "withheld":
            return "withheld"
        if self.status == "suppressed":
            return "suppressed"
        if not self.note:
            return "published"
        return "at_least" if self.note.startswith(AT_LEAST) else "noted"

    @property
    def waits(self) -> list[dict[str, Any]]:
        """What a withheld figure waits for: ``{extract, department, period, why, areas: [{area, name}]}`` each.

        No areas where the whole jurisdiction owes it, or where it was sealed before they were told.
        """
        found: list[dict[str, Any]] = json.loads(self.waits_for or "[]")
        return found


_COLUMNS = list(Figure.__slots__)
_SERIES = ["period", "indicator", "area", "breakdown", "value", "status"]


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend; ``value`` None where nothing was published."""

    period: str
    value: Decimal | None


@dataclass(frozen=True)
class Sealed:
    """One release with its figures by key."""

    release: Release

    @property
    def period(self) -> str:
        return self.release.period

    @property
    def name(self) -> str:
        return f"{self.period}/r{self.revision}"

    @property
    def definitions(self) -> dict[str, Any]:
        return self.release.definitions

    @property
    def revision(self) -> int:
        return self.release.revision

    @property
    def table(self) -> pl.DataFrame:
        return self.release.frame

    @cached_property
    def _by_key(self) -> dict[tuple[str, str, str], Figure]:
        rows = self.table.select(_COLUMNS).iter_rows()
        return {(figure.indicator, figure.area, figure.breakdown): figure for figure in (Figure(*row) for row in rows)}

    @cached_property
    def withheld(self) -> int:
        """How many figures of this release are not published."""
        return self.table.filter(pl.col("status") != "published").height

    @cached_property
    def waits(self) -> list[dict[str, Any]]:
        """Everything that this release's withheld figures wait for, each once, with all areas that owe it."""
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for text in self.table.filter(pl.col("status") == "withheld")["waits_for"].unique().drop_nulls().sort():
            for wait in json.loads(text):
                known = found.setdefault((wait["period"], wait["extract"], wait.get("why", "")), wait | {"areas": []})
                known["areas"] += [area for area in wait.get("areas") or [] if area not in known["areas"]]
        return [found[key] for key in sorted(found, reverse=True)]

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        return self.release.findings()

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        """The rows of the release's table of targets: facts and forecasts as they were sealed."""
        return self.release.targets_frame.to_dicts()

    @cached_property
    def changes(self) -> list[dict[str, Any]]:
        return self.release.changes()

    def figure(self, indicator: str, area: str, breakdown: str = "") -> Figure | None:
        """The figure of this key, withheld or not; None when the release has no such figure."""
        return self._by_key.get((indicator, area, breakdown))

    def within(self, area: str) -> list[Figure]:
        """All figures of one area, withheld or not."""
        return [figure for figure in self._by_key.values() if figure.area == area]

    def breakdowns(self, indicator: str) -> list[str]:
        """The breakdowns under which this release has figures of an indicator at its root, the total left out."""
        return sorted(part for code, area, part in self._by_key if code == indicator and area == self.root and part)

    @cached_property
    def areas(self) -> dict[str, Mapping[str, Any]]:
        return {area["code"]: area for area in self.definitions["areas"]}

    @cached_property
    def root(self) -> str:
        """The code of the area that lies under no other."""
        return next(str(area["code"]) for area in self.definitions["areas"] if not area["parent"])

    def children(self, area: str) -> list[str]:
        """Codes of the areas right under this one, in the order of the area table."""
        return [other["code"] for other in self.definitions["areas"] if other["parent"] == area]

    def lineage(self, area: str) -> list[str]:
        """The area and those above it, from the root down."""
        above: list[str] = []
        code: str | None = area
        while code:
            above.insert(0, code)
            code = self.areas[code]["parent"]
        return above


@dataclass
class Store:
    """All releases of an installation.

    ``names`` lists (period, revision) of what is sealed; ``opener`` opens one of them; ``trace`` follows a figure id to
    ``limit`` contributions from ``offset`` on; ``moves`` says what became of an area's poor households between two releases.
    """

    names: Callable[[], Sequence[tuple[str, int]]]
    opener: Callable[[str, int], Release]
    trace: Callable[[str, int, int], dict[str, Any]]
    moves: Callable[[Any, Any, str], dict[str, Any]]
    _opened: dict[tuple[str, int], Sealed] = field(default_factory=dict)

    def revisions(self) -> dict[str, list[int]]:
        """Every month that has a release → its revisions, oldest first."""
        found: dict[str, list[int]] = {}
        for period, revision in sorted(self.names()):
            found.setdefault(period, []).append(revision)
        return found

    def open(self, period: str, revision: int) -> Sealed:
        """One release, kept once opened: sealed files never change."""
        key = (period, revision)
        if key not in self._opened:
            self._opened[key] = Sealed(self.opener(*key))
        return self._opened[key]

    def known_with(self, sealed: Sealed) -> dict[str, Sealed]:
        """For each month up to this release's own, the newest revision that had been sealed when this one was.

        A past release opens as it was: a correction sealed after it does not bend its trends.
        """
        moment = sealed.release.manifest["as_of"]
        known: dict[str, Sealed] = {}
        for period, revisions in self.revisions().items():
            if period > sealed.period:
                continue
            for revision in reversed(revisions):
                other = self.open(period, revision)
                if other.release.manifest["as_of"] <= moment:
                    known[period] = other
                    break
        known[sealed.period] = sealed
        return dict(sorted(known.items()))

    def series(self, sealed: Sealed, keys: Iterable[tuple[str, str]], area: str) -> dict[tuple[str, str], list[Point]]:
        """The published values of (indicator, breakdown) keys in one area over the months, gaps where withheld."""
        wanted = list(keys)
        indicators = sorted({indicator for indicator, _ in wanted})
        found: dict[tuple[str, str], list[Point]] = {key: [] for key in wanted}
        for period, month in self.known_with(sealed).items():
            rows = (
                month.table.select(_SERIES)
                .filter(pl.col("indicator").is_in(indicators) & (pl.col("area") == area))
                .iter_rows()
            )
            values = {(row[1], row[3]): row[4] if row[5] == "published" else None for row in rows}
            for key in wanted:
                found[key].append(Point(period, values.get(key)))
        return found
