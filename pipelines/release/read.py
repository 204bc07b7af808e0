"""Reading a sealed release. Every page, notebook and command goes through here; nobody opens its files by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.periods import span
from pipelines.settings import Settings
from pipelines.sql import literal, literals
from pipelines.targets import LEVEL, NO_FORECAST, WHY

if TYPE_CHECKING:
    import polars as pl

FIGURE_ID = re.compile(
    r"(?P<period>\d{4}-\d{2})/r(?P<revision>\d+)/(?P<indicator>\w+)/(?P<area>\w+)(?:/(?P<breakdown>\w+=[^/]+))?"
)


class ReleaseError(LookupError):
    """There is no such release or figure; the message says which there are."""


@dataclass(frozen=True)
class FigureKey:
    """The parts of a figure id."""

    period: str
    revision: int
    indicator: str
    area: str
    breakdown: str


def figure_key(figure_id: str) -> FigureKey:
    """Take ``period/rN/indicator/area[/dim=value]`` apart. Raises ReleaseError when it is not of that form."""
    match = FIGURE_ID.fullmatch(figure_id)
    if not match:
        raise ReleaseError(
            f"{figure_id!r} 不是统计数编号；应形如 2020-03/r1/poor_households/532822/cause=illness"
            "（period/rN/indicator/area[/dim=value]）"
        )
    return FigureKey(
        match["period"], int(match["revision"]), match["indicator"], match["area"], match["breakdown"] or ""
    )


@dataclass(frozen=True)
class Release:
    """One sealed set of figures: ``period`` at revision ``revision``, in the folder ``path``."""

    period: str
    revision: int
    path: Path

    @property
    def name(self) -> str:
        """``2020-03/r1``."""
        return f"{self.period}/r{self.revision}"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Inputs with their hashes, ``as_of``, policy pack, file hashes, counts."""
        return _json(self.path / "manifest.json")

    @cached_property
    def definitions(self) -> dict[str, Any]:
        """Indicators, clauses with quotations, code titles, areas, targets, views: as they were when sealed."""
        return _json(self.path / "definitions.json")

    @cached_property
    def topics(self) -> list[str]:
        """The views that hold the contributions of its figures, each once."""
        indicators = self.definitions["indicators"].values()
        return list(dict.fromkeys(i["topic"] for i in indicators if i["topic"]))

    @cached_property
    def counted(self) -> str:
        """SQL over a contribution ``c``: its month is one of those that the figures of its indicator add up."""
        windows: dict[tuple[str, str], list[str]] = {}
        for code, about in self.definitions["indicators"].items():
            if about["window"] not in (None, "month"):
                windows.setdefault(self.span(code), []).append(code)
        other = [
            f"c.period between {literal(start)} and {literal(end)} and list_contains([{literals(codes)}], c.indicator)"
            for (start, end), codes in sorted(windows.items())
        ]
        listed = literals(code for codes in windows.values() for code in codes)
        own = f"c.period = {literal(self.period)} and not list_contains([{listed}]::varchar[], c.indicator)"
        return f"({' or '.join([own, *other])})"

    def span(self, indicator: str) -> tuple[str, str]:
        """The first and last month whose contributions the figures of an additive indicator add up."""
        about = self.definitions
        return span(about["indicators"][indicator]["window"], self.period, about["pack"]["plan"]["from"])

    @cached_property
    def area_names(self) -> dict[str, str]:
        """The name of every area by its code."""
        return {area["code"]: area["name"] for area in self.definitions["areas"]}

    def area_name(self, area: str) -> str:
        """The name of an area. Raises ReleaseError for one that the release does not have."""
        if area not in self.area_names:
            raise ReleaseError(f"发布版 {self.name} 中没有区域 {area}")
        return self.area_names[area]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All figures as a polars frame, one row per indicator, area and breakdown; columns as in figures.parquet."""
        import polars as pl

        return pl.read_parquet(self.path / "figures.parquet")

    def figures(
        self, indicator: str | None = None, area: str | None = None, breakdown: str | None = None
    ) -> list[dict[str, Any]]:
        """Figures as records in the shape that ``fangpin figures --json`` prints, filtered by what is given."""
        import polars as pl

        given = (("indicator", indicator), ("area", area), ("breakdown", breakdown))
        return self.records(*(pl.col(column) == value for column, value in given if value is not None))

    def records(self, *wanted: pl.Expr) -> list[dict[str, Any]]:
        """Those figures of the frame for which all the expressions hold, as ``figures`` gives them."""
        order = self._order
        found = self.frame.filter(*wanted) if wanted else self.frame
        rows = sorted(found.iter_rows(named=True), key=lambda r: (order[r["indicator"]], r["area"], *self._place(r)))
        return [self._record(row) for row in rows]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {code: index for index, code in enumerate(self.definitions["indicators"])}

    def _place(self, row: dict[str, Any]) -> tuple[str, int]:
        """Where a figure stands among those of its indicator: the total first, then values as their code map lists them."""
        dim, _, value = row["breakdown"].partition("=")
        codes = list(self.definitions["codes"].get(self._codes(row["indicator"], dim), ()))
        return dim, codes.index(value) if value in codes else len(codes)

    def _codes(self, indicator: str, dim: str) -> str:
        """The code map of a breakdown; a derived indicator has that of its numerator."""
        about = self.definitions["indicators"][indicator]
        source = about["derived"]["numerator"] if about["derived"] else indicator
        codes: str = self.definitions["indicators"][source]["breakdowns"].get(dim, "")
        return codes

    def breakdown_title(self, indicator: str, breakdown: str, lang: str = "zh") -> str:
        """What a breakdown value (``cause=illness``) is called; empty for a total."""
        dim, _, value = breakdown.partition("=")
        unknown = {"zh": "不详", "en": "Unknown"}
        title: str = (
            self.definitions["codes"].get(self._codes(indicator, dim), {}).get(value, unknown)[lang] if dim else ""
        )
        return title

    def figure(self, indicator: str, area: str, breakdown: str = "") -> dict[str, Any]:
        """One figure. Raises ReleaseError when the release does not have it."""
        found = self.figures(indicator, area, breakdown)
        if not found:
            raise ReleaseError(f"发布版 {self.name} 没有统计数 {indicator}/{area}{'/' if breakdown else ''}{breakdown}")
        return found[0]

    @cached_property
    def targets_frame(self) -> pl.DataFrame:
        """How each target stands and what is likely to come of it, a row per target and area; columns as in targets.parquet.

        No rows in a release that was sealed before targets were.
        """
        import polars as pl

        path = self.path / "targets.parquet"
        return pl.read_parquet(path) if path.exists() else pl.DataFrame()

    def targets(self, area: str | None = None) -> list[dict[str, Any]]:
        """Targets as records in the shape that ``fangpin targets --json`` prints, of all areas or of one, in the pack's order.

        What is a forecast stands under ``forecast``, apart from what is known.
        """
        rows = self.targets_frame.iter_rows(named=True)
        return [self._target(row) for row in rows if area in (None, row["area"])]

    def changes(self) -> list[dict[str, Any]]:
        """What changed against the release before: old and new value and status, and the submissions that changed it."""
        path = self.path / "changes.parquet"
        if not path.exists():
            return []
        import polars as pl

        return [
            row
            | {
                "submissions": json.loads(row["submissions"]),
                "old_value": number(row["old_value"]),
                "new_value": number(row["new_value"]),
            }
            for row in pl.read_parquet(path).iter_rows(named=True)
        ]

    def findings(self) -> list[dict[str, Any]]:
        """What the checks found for this period, worst first."""
        import polars as pl

        return pl.read_parquet(self.path / "findings.parquet").to_dicts()

    def sources(self) -> list[dict[str, Any]]:
        """The submissions that resolve source rows: archive hash, file, sheet names, headers by sheet."""
        import polars as pl

        return [
            row | {"sheets": json.loads(row["sheets"]), "headers": json.loads(row["headers"])}
            for row in pl.read_parquet(self.path / "sources.parquet").iter_rows(named=True)
        ]

    def table(self, name: str) -> Path:
        """The file of a sealed table, named as ``schema.table``."""
        return self.path / "tables" / f"{name}.parquet"

    @contextmanager
    def tables(self, *views: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in which these of the release's views stand, over its own sealed tables and nothing else."""
        sealed = self.definitions["views"]
        with duckdb.connect() as con:
            con.execute("attach ':memory:' as warehouse; use warehouse; create schema policy; create schema build")
            wanted = list(dict.fromkeys(name for view in views for name in _with_needs(view, sealed)))
            for table in sorted({t for name in wanted for t in sealed[name]["tables"]} | {"policy.area_closure"}):
                schema, name = table.split(".")
                path = literal(self.table(table))
                con.execute(f'create view warehouse."{schema}"."{name}" as select * from read_parquet({path})')
            for name in wanted:
                sql = (self.path / "views" / f"{name}.sql").read_text(encoding="utf-8")
                con.execute(f'create view warehouse.main."{name}" as {sql}')
            yield con

    @staticmethod
    def _clauses(indicator: dict[str, Any], breakdown: str) -> list[str]:
        each: dict[str, list[str]] = indicator["clauses_of"]
        return each.get(breakdown, each.get("", [])) if each else indicator["clauses"]

    def _target(self, row: dict[str, Any]) -> dict[str, Any]:
        about = self.definitions
        indicator = about["indicators"].get(row["indicator"])
        decimals = indicator["decimals"] if indicator else 0
        owner = about["departments"].get(row["owner"])
        whole = ("goal", "value", "projected", "lower", "upper")
        values = {name: number(row[name], decimals if name != "goal" else 0) for name in whole}
        values |= {name: number(row[name]) for name in ("needed_pace", "actual_pace", "chance")}
        copied = (
            "target",
            "indicator",
            "area",
            "area_name",
            "breakdown",
            "owner",
            "clause",
            "comparator",
            "start",
            "due",
        )
        return {
            **{name: row[name] for name in copied},
            "title": indicator["title"]["zh"] if indicator else about["clauses"][row["clause"]]["quote"],
            "owner_name": owner["zh"] if owner else "",
            "goal": values["goal"],
            "unit": indicator["unit"]["zh"] if indicator else row["unit"],
            "once": (indicator.get("once") or {}).get("zh", "") if indicator else "",
            "beside": self._beside(row, indicator.get("beside") or "") if indicator else None,
            "judged": row["judged"],
            "figure": row["figure"],
            "value": values["value"],
            "status": row["status"],
            "why": WHY[row["why"]][0],
            "detail": row["detail"],
            "months_left": row["months_left"],
            "needed_pace": values["needed_pace"],
            "actual_pace": values["actual_pace"],
            "pace_since": row["pace_since"],
            "reached": row["reached"],
            "forecast": {
                "likely": row["likely"],
                "projected": values["projected"],
                "lower": values["lower"],
                "upper": values["upper"],
                "level": LEVEL,
                "chance": values["chance"],
                "errors": row["errors"],
                "why_not": NO_FORECAST[row["no_forecast"]][0],
            },
            "release": self.name,
        }

    def _beside(self, row: dict[str, Any], indicator: str) -> dict[str, Any] | None:
        """The figure of this release that counts the same as a target's, but by persons; None where there is none."""
        found = self.figures(indicator, row["area"], row["breakdown"]) if indicator else []
        return {name: found[0][name] for name in ("id", "title", "value", "unit")} if found else None

    def _record(self, row: dict[str, Any]) -> dict[str, Any]:
        indicator = self.definitions["indicators"][row["indicator"]]
        decimals = indicator["decimals"]
        return {
            "id": row["id"],
            "indicator": row["indicator"],
            "title": indicator["title"]["zh"],
            "area": row["area"],
            "area_name": row["area_name"],
            "period": row["period"],
            "breakdown": dict([row["breakdown"].split("=", 1)]) if row["breakdown"] else {},
            "value": number(row["value"], decimals),
            "unit": indicator["unit"]["zh"],
            "numerator": number(row["numerator"]),
            "denominator": number(row["denominator"]),
            "unknown": row["unknown"],
            "status": row["status"],
            "note": row["note"],
            "reason": row["reason"],
            "waits_for": json.loads(row["waits_for"] or "[]"),
            "clauses": self._clauses(indicator, row["breakdown"]),
            "release": self.name,
        }


def number(value: Decimal | None, decimals: int = 0) -> int | float | None:
    """A decimal as a plain number: whole when it is whole and no decimals are asked for."""
    if value is None:
        return None
    return int(value) if decimals == 0 and value == value.to_integral_value() else float(value)


def operands(derived: dict[str, Any], breakdown: str) -> list[tuple[str, str]]:
    """Numerator and denominator of a derived figure, then those of what is taken off, each as indicator and breakdown.

    From its sealed definition: releases sealed before there was a choice have no ``share_of``, nor ``less``.
    """
    same = derived.get("share_of") == "value"
    return [
        (part[side], breakdown if same or side == "numerator" else "")
        for part in (derived, derived.get("less"))
        if part
        for side in ("numerator", "denominator")
    ]


def list_releases(settings: Settings) -> list[Release]:
    """Every sealed release, by period and revision."""
    found = [
        Release(path.parent.name, int(path.name[1:]), path)
        for path in settings.releases.glob("????-??/r*")
        if (path / "manifest.json").exists()
    ]
    return sorted(found, key=lambda r: (r.period, r.revision))


def open_release(settings: Settings, period: str | None = None, revision: int | None = None) -> Release:
    """A release: by default the latest revision of the latest period. Raises ReleaseError naming what there is."""
    there = list_releases(settings)
    fit = [r for r in there if period in (None, r.period) and revision in (None, r.revision)]
    if not fit:
        names = ", ".join(r.name for r in there[-12:]) or "none"
        wanted = f"{period or ''}{f'/r{revision}' if revision else ''}"
        raise ReleaseError(f"没有发布版 {wanted}；现有：{names}。先运行 fangpin refresh --month {period or 'YYYY-MM'}")
    return fit[-1]


def _with_needs(view: str, views: dict[str, Any]) -> Iterable[str]:
    seen: dict[str, None] = {}
    for need in views[view]["needs"]:
        seen |= dict.fromkeys(_with_needs(need, views))
    return [*seen, view]


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
