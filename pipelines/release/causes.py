"""Causes of poverty from sealed releases: of an area at a month's end, under another document's list, and what changed between two.

Counts by cause are figures of the release; who changed between two releases is read from their sealed households.
"""

from __future__ import annotations

from typing import Any

from pipelines.release.read import Release, ReleaseError
from pipelines.sql import literal

UNKNOWN = "unknown"
COUNTS = {
    "households": "poor_households",
    "household_share": "poor_household_share",
    "persons": "poor_persons",
    "person_share": "poor_person_share",
    "any": "poor_households_any_cause",
}
WAYS = ("stayed", "changed", "came", "left")


def causes(release: Release, area: str) -> dict[str, Any]:
    """The causes of an area: ``{release, area, area_name, rows: [{cause, title, common, <count>: figure}]}``, ``unknown`` last.

    The counts are figures as ``Release.figures`` gives them (None where the release has none): households and persons by main cause
    with their shares (each household once), and households that have it as main or further cause. Raises ReleaseError for an area
    that the release does not have.
    """
    name = release.area_name(area)
    found = {
        (f["indicator"], f["breakdown"].get("cause", "")): f
        for indicator in COUNTS.values()
        for f in release.figures(indicator, area)
    }
    codes = release.definitions["codes"]["cause"]
    return {
        "release": release.name,
        "area": area,
        "area_name": name,
        "rows": [
            {"cause": cause, "title": _title(release, cause), "common": codes.get(cause, {}).get("common", "")}
            | {count: found.get((indicator, cause)) for count, indicator in COUNTS.items()}
            for cause in [*codes, UNKNOWN]
        ],
    }


def mapped(rows: list[dict[str, Any]], other: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The counts of ``causes`` under another document's list: ``[{cause, title, from: [cause], households, persons}]``.

    ``other`` is that list, code → ``{zh, common}``. A cause of it that this county's list does not have has no counts (None: nobody
    was asked); what this county's list has and the other does not comes last, without a ``cause``. A withheld count makes None.
    """
    ways = {about.get("common") or cause: cause for cause, about in other.items()}
    groups: dict[str | None, list[dict[str, Any]]] = {cause: [] for cause in other}
    for row in rows:
        cause = ways.get(row["common"] or row["cause"]) if row["cause"] != UNKNOWN else UNKNOWN
        groups.setdefault(cause, []).append(row)

    def total(group: list[dict[str, Any]], count: str) -> int | float | None:
        values = [row[count]["value"] for row in group if row[count] and row[count]["value"] is not None]
        return sum(values) if values and len(values) == len(group) else None

    def line(cause: str | None, members: list[dict[str, Any]]) -> dict[str, Any]:
        title = members[0]["title"] if cause not in other else other[cause]["zh"]
        counts = {count: total(members, count) for count in ("households", "persons")}
        return {"cause": cause, "title": title, "from": [m["cause"] for m in members]} | counts

    listed = [line(cause, members) for cause, members in groups.items() if cause is not None]
    return listed + [line(None, [row]) for row in groups.get(None, [])]


def changed(old: Release, new: Release, area: str) -> dict[str, Any]:
    """What became of the households not out of poverty between two releases: ``{old, new, area, area_name, stayed, changed, came,
    left, unknown, moves: [{way, from, from_title, to, to_title, households}]}``.

    ``stayed``: there at both ends with the same main cause; ``changed``: with another; ``came`` and ``left``: there at one end only,
    in this area. ``from`` and ``to`` are causes, ``unknown`` where none was given; empty where the household was not there. A household
    of which one end gives no cause has neither stayed nor changed: it is ``unknown``. Raises ReleaseError for an area that either
    release does not have, and where either withholds the area's households.
    """
    name = new.area_name(area)
    old.area_name(area)
    before, after = _poor(old, area), _poor(new, area)
    counts: dict[tuple[str, str, str], int] = {}
    for household in before.keys() | after.keys():
        was, now = before.get(household, ""), after.get(household, "")
        if not was or not now:
            way = "left" if was else "came"
        elif UNKNOWN in (was, now):
            way = UNKNOWN
        else:
            way = "stayed" if was == now else "changed"
        counts[way, was, now] = counts.get((way, was, now), 0) + 1
    order = [*new.definitions["codes"]["cause"], UNKNOWN, ""]

    def place(key: tuple[str, str, str]) -> list[int]:
        way, *ends = key
        return [[*WAYS, UNKNOWN].index(way), *(order.index(c) if c in order else len(order) for c in ends)]

    return {
        "old": old.name,
        "new": new.name,
        "area": area,
        "area_name": name,
        **{way: sum(n for key, n in counts.items() if key[0] == way) for way in (*WAYS, UNKNOWN)},
        "moves": [
            {
                "way": way,
                "from": was,
                "from_title": _title(old, was),
                "to": now,
                "to_title": _title(new, now),
                "households": counts[way, was, now],
            }
            for way, was, now in sorted(counts, key=place)
        ],
    }


def _poor(release: Release, area: str) -> dict[str, str]:
    """The households not out of poverty in an area at the month's end → main cause."""
    figure = release.figure("poor_households", area)
    if figure["status"] != "published":
        raise ReleaseError(f"{release.name} {figure['area_name']} {figure['title']}暂缓：{figure['reason']}")
    with release.tables("poverty") as con:
        rows = con.execute(
            f"""
            select c.subject, max(substr(c.breakdown, length('cause=') + 1))
            from main.poverty as c join policy.area_closure as a on a.descendant = c.area_code and a.ancestor = {literal(area)}
            where c.indicator = 'poor_households' and c.period = {literal(release.period)} and c.breakdown like 'cause=%'
                and c.numerator > 0
            group by c.subject
            """
        ).fetchall()
    return dict(rows)


def _title(release: Release, cause: str) -> str:
    titles = release.definitions["codes"]["cause"]
    return titles[cause]["zh"] if cause in titles else "不详" if cause == UNKNOWN else cause
