"""The two worries, the three guarantees, drinking water and the eight haves: how many meet each, whose status changed, what one household's
stands on. Read from a sealed release.

A change is between two months of which both are known. What became unknown, or was so and is met, is no change; a gap that is first
seen after a month that is not known is told, because somebody must act on it.
"""

from __future__ import annotations

from typing import Any

from pipelines.release import Release, ReleaseError
from pipelines.settings import Settings
from pipelines.sql import literal
from pipelines.trace.cells import Cells

TOPIC = "guarantees"
WHOLE = "whole"  # the row of all items together, which has no change of its own
STATUS = {True: "gap", False: "met", None: "unknown"}


def guarantees(release: Release, area: str) -> dict[str, Any]:
    """How many households of an area meet each item: ``{release, area, area_name, items: [{item, title, met, gap, unknown, new,
    closed}]}``.

    ``new`` and ``closed``: gaps of this month that were met the month before, and the other way about. Raises ReleaseError for an
    area that the release does not have, or a release that was sealed before these were.
    """
    rows = _rows(
        release,
        area,
        "guarantee__item, count(*) filter (where not guarantee__is_gap), count(*) filter (where guarantee__is_gap),"
        " count(*) filter (where guarantee__is_gap is null), count(*) filter (where guarantee__is_gap and not before__is_gap),"
        " count(*) filter (where before__is_gap and not guarantee__is_gap)",
        "true group by guarantee__item",
    )
    counts = ("met", "gap", "unknown", "new", "closed")
    found = {item: dict(zip(counts, numbers, strict=True)) for item, *numbers in rows}
    return {
        "release": release.name,
        "area": area,
        "area_name": release.area_name(area),
        "items": [{"item": i, "title": title} | found[i] for i, title in _titles(release).items() if i in found],
    }


def changes(release: Release, area: str) -> list[dict[str, Any]]:
    """Whose status changed in the release's month: ``[{household, village, village_name, item, title, from, to}]``, gaps first."""
    order = list(_titles(release))
    rows = _rows(
        release,
        area,
        "hh_id, f.area_code, guarantee__item, before__is_gap, guarantee__is_gap",
        f"guarantee__item <> {literal(WHOLE)} and (before__is_gap <> guarantee__is_gap or (guarantee__is_gap and before__is_gap is null))",
    )
    return [
        {
            "household": household,
            "village": village,
            "village_name": release.area_names.get(village, village),
            "item": item,
            "title": _titles(release)[item],
            "from": STATUS[before],
            "to": STATUS[now],
        }
        for household, village, item, before, now in sorted(
            rows, key=lambda r: (not r[4], order.index(r[2]), r[1], r[0])
        )
    ]


def of_household(settings: Settings, release: Release, household: str) -> list[dict[str, Any]]:
    """Each item of one household: ``[{item, title, status, before, evidence}]``; ``evidence`` as ``Cells.rows`` gives it.

    ``household`` is its pseudonym (``H…``). Raises ReleaseError when the release does not have it.
    """
    rows = _rows(
        release,
        release.definitions["pack"]["area"],
        "guarantee__item, guarantee__is_gap, before__is_gap, guarantee__evidence",
        f"hh_id = {literal(household)}",
    )
    if not rows:
        raise ReleaseError(f"发布版 {release.name} 中没有户 {household}；户的代号（H 开头）见 fangpin trace")
    cells = Cells(settings, release)
    found = {row[0]: row[1:] for row in rows}
    return [
        {
            "item": item,
            "title": title,
            "status": STATUS[found[item][0]],
            "before": STATUS[found[item][1]],
            "evidence": cells.rows(found[item][2]),
        }
        for item, title in _titles(release).items()
        if item in found
    ]


def _titles(release: Release) -> dict[str, str]:
    return {code: words["zh"] for code, words in release.definitions["codes"]["guarantee_item"].items()}


def _rows(release: Release, area: str, columns: str, which: str) -> list[tuple[Any, ...]]:
    release.area_name(area)
    if TOPIC not in release.definitions["views"]:
        raise ReleaseError(f"发布版 {release.name} 封存时还没有保障项目的记录")
    with release.tables(TOPIC) as con:
        return con.execute(
            f"""
            select {columns} from main.int_guarantee as f
            join policy.area_closure as a on a.descendant = f.area_code and a.ancestor = {literal(area)}
            where f.period = {literal(release.period)} and {which}
            """
        ).fetchall()
