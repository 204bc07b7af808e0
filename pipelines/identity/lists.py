"""The lists of a sealed release about who is who. Reads the release, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines.intake.address import unpack
from pipelines.release import Release
from pipelines.sql import literal

LISTS = {
    "same_person": "同一人在两户",
    "twins": "同一身份证号两个姓名",
    "other_household": "部门所报的户与人员信息表不同",
    "no_id": "没有身份证号和户编号的行",
    "unknown": "登记表中没有的人或户",
    "not_registered": "登记户以外的人（本表也报这些人）",
    "no_members": "没有成员的户",
    "no_household": "户信息表中没有其户的人",
    "linked": "经人确认对应的行",
    "joined": "新增人员",
    "died": "死亡人员",
    "left": "减少人员",
    "moved": "转到另一户的人员",
    "split": "分户的人员",
    "merged": "并户的人员",
    "renumbered": "户编号变更的人员",
}


def overview(release: Release) -> dict[str, Any]:
    """``{release, period, lists: [{list, title, entries}], match_rates: [figures]}``: every list, empty ones with 0."""
    counts: dict[str, int] = {}
    for name, n in _rows(release, "select list, count(*) from entry group by list"):
        counts[name] = n
    return {
        "release": release.name,
        "period": release.period,
        "lists": [{"list": name, "title": title, "entries": counts.get(name, 0)} for name, title in LISTS.items()],
        "match_rates": release.figures("match_rate"),
    }


def entries(release: Release, name: str) -> list[dict[str, Any]]:
    """The entries of a list: ``{list, extract, department, submission, file, sheet, row, person, household, other_household,
    village, other}``, where ``other`` is the place of the row to compare with, or None. Persons and households are pseudonyms.
    """
    sources = {s["submission"]: s for s in release.sources()}

    def place(source: int) -> dict[str, Any]:
        submission, sheet, row = unpack(source)
        about = sources[submission]
        at = {"extract": about["extract"], "department": about["department"], "period": about["period"]}
        return at | {"submission": submission, "file": about["file"], "sheet": about["sheets"][sheet - 1], "row": row}

    columns = "source, other_source, person_id, hh_id, other_hh_id, village_code"
    found = _rows(release, f"select {columns} from entry where list = {literal(name)} order by all")
    return [
        {"list": name}
        | place(source)
        | {"person": person, "household": household, "other_household": other_household, "village": village}
        | {"other": place(other) if other is not None else None}
        for source, other, person, household, other_household, village in found
    ]


def unplaced(release: Release) -> dict[str, list[int]]:
    """Extract → the addresses of its rows that name nobody whom the registers have."""
    found: dict[str, list[int]] = {}
    wanted = "('no_id', 'unknown', 'not_registered')"
    for extract, source in _rows(release, f"select extract, source from entry where list in {wanted} order by all"):
        found.setdefault(extract, []).append(source)
    return found


def _rows(release: Release, query: str) -> Iterator[tuple[Any, ...]]:
    path = release.path / "tables" / "main.int_identity.parquet"
    if not path.exists():  # sealed before there were lists
        return
    with duckdb.connect() as con:
        con.execute(f"create view entry as select * from read_parquet({literal(path)})")
        yield from con.execute(query).fetchall()
