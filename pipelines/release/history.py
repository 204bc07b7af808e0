"""Who stood where in the registers: on a day, and household by household over time. Read from the sealed flows of the months.

Each release holds what stood at the beginning and the end of its month, so the state on any day of a month is in its release alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from pipelines.periods import last_day
from pipelines.release.read import Release, ReleaseError, list_releases
from pipelines.settings import Settings
from pipelines.sql import literal, literals

FLOWS = {"households": ("flows", "int_household_flow"), "persons": ("person_flows", "int_person_flow")}
# Whether a status held on a day of the month: yes, no, or unknown (a refused row; a first register that gives no date).
HOLDS = """
    case
        when closing__there and (opening__there or valid_from <= {day} or {day} >= {end}) then true
        when closing__there and opening__there is false then false
        when opening__there and closing__there is false then valid_to > {day}
    end
"""


def standing(settings: Settings, day: date, area: str | None = None, revision: int | None = None) -> dict[str, Any]:
    """What the registers say of a day: ``{on, as_at, release, area, area_name, states: [{status, title, households, persons,
    unknown_households, unknown_persons}], kinds: [{hh_type, title, …}]}``.

    The release is that of the day's month, its latest revision unless another is given. Where that month has none, it is the last one
    before, and ``as_at`` is its month end rather than the day. ``unknown``: of whom it is not known whether they stood so on that day.
    Raises ReleaseError when no release reaches back to the day, or when it does not know the area.
    """
    release = _release_of(settings, day, revision)
    as_at = min(day, last_day(release.period))
    area = area or release.definitions["pack"]["area"]
    area_name = release.area_name(area)
    found: dict[str, dict[str, Any]] = {"status": {}, "hh_type": {}}
    for kind, (view, table) in FLOWS.items():
        with release.tables(view) as con:
            for column, states in found.items():
                for value, holds, unknown in con.execute(_counts(table, column, as_at, release, area)).fetchall():
                    states.setdefault(value, {})[kind] = (holds, unknown)
    codes = release.definitions["codes"]

    def rows(column: str, code_map: str) -> list[dict[str, Any]]:
        order = list(codes[code_map])
        return [
            {column: value, "title": codes[code_map][value]["zh"] if value in codes[code_map] else value}
            | {
                f"{prefix}{kind}": counts.get(kind, (0, 0))[at]
                for at, prefix in enumerate(("", "unknown_"))
                for kind in FLOWS
            }
            for value, counts in sorted(found[column].items(), key=lambda item: order.index(item[0]))
        ]

    return {
        "on": day.isoformat(),
        "as_at": as_at.isoformat(),
        "release": release.name,
        "area": area,
        "area_name": area_name,
        "states": rows("status", "poverty_status"),
        "kinds": rows("hh_type", "hh_type"),
    }


def _counts(table: str, column: str, day: date, release: Release, area: str) -> str:
    end = last_day(release.period)
    holds = HOLDS.format(day=f"date {literal(day.isoformat())}", end=f"date {literal(end.isoformat())}")
    return f"""
        select {column}, count(*) filter (where holds), count(*) filter (where holds is null)
        from (select f.*, {holds} as holds from main.{table} as f) as f
        join policy.area_closure as a on a.descendant = f.area_code and a.ancestor = {literal(area)}
        where f.period = {literal(release.period)} and holds is not false
        group by {column}
    """


def _release_of(settings: Settings, day: date, revision: int | None) -> Release:
    period = day.isoformat()[:7]
    there = [r for r in list_releases(settings) if r.period <= period and _has_flows(r)]
    fit = [r for r in there if revision is None or (r.period, r.revision) == (period, revision)]
    if not fit:
        raise ReleaseError(
            f"{day.isoformat()} 及以前没有封存过有进出记录的发布版；先运行 fangpin refresh --month {period}"
        )
    return fit[-1]


def _has_flows(release: Release) -> bool:
    return (release.path / "tables" / "main.int_household_flow.parquet").exists()


def history(settings: Settings, subject: str) -> list[dict[str, Any]]:
    """Every status that a household or person had, oldest first: ``{status, title, village, village_name, valid_from, valid_to,
    came_by, left_by, release}``.

    ``subject`` is a pseudonym (``H…`` or ``P…``). Days are ISO dates: ``valid_from`` is None where the status is older than the first
    register and gives no date, ``valid_to`` (the first day on which it held no more) None where it holds still. ``left_by`` is
    ``unknown`` where the row was refused or the month after has no release. ``release``: where it is first sealed. Raises ReleaseError
    when no release knows the subject.
    """
    latest = {r.period: r for r in list_releases(settings) if _has_flows(r)}
    table = FLOWS["persons" if subject.startswith("P") else "households"][1]
    files = {str(r.path / "tables" / f"main.{table}.parquet"): r for r in latest.values()}
    rows = []
    if files:
        with duckdb.connect() as con:
            rows = con.execute(
                f"""
                select period, status, area_code, opening__there, closing__there, valid_from, valid_to, change__by
                from read_parquet([{literals(files)}]) where id = {literal(subject)} order by period, closing__there, status
                """
            ).fetchall()
    if not rows:
        raise ReleaseError(f"没有发布版有户或人 {subject}；代号（H 或 P 开头）见 fangpin trace")
    seen: list[dict[str, Any]] = []
    standing_now: dict[tuple[str, str], dict[str, Any]] = {}
    for period, release in latest.items():
        told: set[tuple[str, str]] = set()
        for _, status, area, was, stands, since, until, by in (row for row in rows if row[0] == period):
            key = (status, area)
            told.add(key)
            if key not in standing_now:
                standing_now[key] = _named(release, status, area) | {
                    "valid_from": since.isoformat() if since else None,
                    "valid_to": None,
                    "came_by": by if stands and not was else None,
                    "left_by": None,
                    "release": release.name,
                }
                seen.append(standing_now[key])
            if not stands:
                ended = standing_now.pop(key)
                ended |= {"valid_to": until.isoformat() if until else None, "left_by": by or "unknown"}
        for key in set(standing_now) - told:
            standing_now.pop(key)["left_by"] = "unknown"
    return seen


def held(state: Mapping[str, Any], day: date) -> bool:
    """Whether a status of ``history`` held on a day; one that may have held does."""
    return (state["valid_from"] or "") <= day.isoformat() < (state["valid_to"] or "9999")


def _named(release: Release, status: str, area: str) -> dict[str, Any]:
    titles = release.definitions["codes"]["poverty_status"]
    title = titles[status]["zh"] if status in titles else status
    return {"status": status, "title": title, "village": area, "village_name": release.area_names.get(area, area)}
