"""Moving an income line: who would come under it and who would no longer be, by township. Read from a sealed release, publishes nothing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from pipelines.release.read import Release, ReleaseError, number
from pipelines.sql import literal

COUNTS = ("below_old", "below_new", "enter", "leave", "unknown")


def line_value(release: Release, line: str) -> Decimal:
    """A line in yuan per head and year: written as a number, or by the name of a setting of the release (``monitor_line``).

    Raises ReleaseError when the setting is not known, or had no value in the release's month: the line of another year is not taken.
    """
    try:
        return Decimal(line)
    except InvalidOperation:
        pass
    known = {s["setting"]: s for i in release.definitions["indicators"].values() for s in i["settings"]}
    if line not in known:
        raise ReleaseError(
            f"{line!r} 不是金额，也不是发布版 {release.name} 的待定参数；现有：{'、'.join(sorted(known))}"
        )
    value = known[line]["value"]
    if value is None:
        raise ReleaseError(
            f"{release.period} 没有设定待定参数 {line}；不沿用其他年度的数，请写明金额或在 settings.yml 设定"
        )
    return Decimal(str(value))


def move(release: Release, old: Decimal, new: Decimal, area: str | None = None) -> dict[str, Any]:
    """Who is below either line: ``{release, area, old, new, areas: [{area, area_name, households: {…}, persons: {…}}], whole: {…}}``.

    Counts are ``below_old``, ``below_new``, ``enter`` (below the new line only), ``leave`` (below the old one only) and ``unknown``
    (no income is known; not told of persons). An income is below a line when it is less. ``areas`` are those right under ``area`` (the
    root by default), the area itself where there are none. Raises ReleaseError for an area or income table that the release lacks.
    """
    area = area or release.definitions["pack"]["area"]
    release.area_name(area)
    if "income" not in release.definitions["views"]:
        raise ReleaseError(f"发布版 {release.name} 封存时还没有农户收入")
    parts = [a["code"] for a in release.definitions["areas"] if a["parent"] == area] or [area]
    with release.tables("income") as con:
        rows = con.execute(_query(release, old, new)).fetchall()
    found = {row[0]: row[1:] for row in rows}
    return {
        "release": release.name,
        "area": area,
        "old": number(old),
        "new": number(new),
        "areas": [_named(release, code, found.get(code)) for code in parts],
        "whole": _named(release, area, found.get(area)),
    }


def _query(release: Release, old: Decimal, new: Decimal) -> str:
    was, now = (f"hh_income__net_income_pc < {literal(line)}" for line in (old, new))
    tests = {"below_old": was, "below_new": now, "enter": f"{now} and not {was}", "leave": f"{was} and not {now}"}
    counts = [f"count(*) filter (where {test})" for test in tests.values()]
    counts.append("count(*) filter (where hh_income__net_income_pc is null)")
    counts += [f"cast(coalesce(sum(hh_income__hh_size) filter (where {test}), 0) as bigint)" for test in tests.values()]
    return f"""
        select a.ancestor, {", ".join(counts)}
        from main.int_household_income as h join policy.area_closure as a on a.descendant = h.area_code
        where h.period = {literal(release.period)} group by a.ancestor
    """


def _named(release: Release, code: str, counts: tuple[int, ...] | None) -> dict[str, Any]:
    counted = counts or (0,) * (2 * len(COUNTS) - 1)
    return {
        "area": code,
        "area_name": release.area_name(code),
        "households": dict(zip(COUNTS, counted[: len(COUNTS)], strict=True)),
        "persons": dict(zip(COUNTS[:-1], counted[len(COUNTS) :], strict=True)),
    }
