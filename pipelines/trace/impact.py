"""From a source row forward to every published figure that it feeds, in every release. Reads sealed releases only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.intake.address import pack
from pipelines.release import Release, ReleaseError, list_releases
from pipelines.release.read import operands
from pipelines.settings import Settings
from pipelines.sql import literal


def impact(settings: Settings, submission: int, sheet: int, row: int) -> dict[str, Any]:
    """Every figure of every release whose evidence holds the row.

    Returns ``{submission, sheet, row, file, sha256, releases: [{release, figures: [{id, title, breakdown, area, area_name, value,
    unit, status}]}]}``, releases in order, figures in the order of their definitions. A derived figure is fed when an operand is.
    Raises ReleaseError when no release was made with the submission.
    """
    source = pack(submission, sheet, row)
    about: dict[str, Any] = {}
    fed = []
    for release in list_releases(settings):
        given = next((i for i in release.manifest["inputs"] if i["submission"] == submission), None)
        if given is None:
            continue
        about = about or {
            "file": given["file"],
            "sha256": given["sha256"],
            "extract": given["extract"],
            "period": given["period"],
        }
        figures = _fed(release, source)
        if figures:
            fed.append({"release": release.name, "figures": figures})
    if not about:
        raise ReleaseError(f"没有用到上报件 {submission} 的发布版；上报件编号见 fangpin status")
    return {"submission": submission, "sheet": sheet, "row": row} | about | {"releases": fed}


def _fed(release: Release, source: int) -> list[dict[str, Any]]:
    import polars as pl

    additive: set[tuple[str, str, str]] = set()
    topics = _holding(release, source)
    with release.tables(*topics) as con:
        for topic in topics:
            additive |= set(
                con.execute(
                    f"""
                    select distinct c.indicator, a.ancestor, c.breakdown
                    from main."{topic}" as c join policy.area_closure as a on a.descendant = c.area_code
                    where list_contains(c.evidence, {literal(source)}) and c.numerator is not null
                        and {release.counted}
                    """
                ).fetchall()
            )
    fed_codes = {indicator for indicator, _, _ in additive}
    derived = {
        code: about["derived"]
        for code, about in release.definitions["indicators"].items()
        if about["derived"] and fed_codes & {operand for operand, _ in operands(about["derived"], "")}
    }
    possible = release.frame.filter(
        pl.col("indicator").is_in([*fed_codes, *derived]), pl.col("area").is_in({area for _, area, _ in additive})
    )
    keys = possible.select("id", "indicator", "area", "breakdown").iter_rows()
    ids = [
        figure_id
        for figure_id, code, area, cut in keys
        if any(
            (indicator, area, breakdown) in additive
            for indicator, breakdown in (operands(derived[code], cut) if code in derived else [(code, cut)])
        )
    ]
    shown = ("id", "title", "breakdown", "area", "area_name", "value", "unit", "status")
    return [{name: figure[name] for name in shown} for figure in release.records(pl.col("id").is_in(ids))]


def _holding(release: Release, source: int) -> list[str]:
    """The topics over a sealed table that has the row's address in some cell: only their evidence can hold it."""
    views = release.definitions["views"]

    def under(view: str) -> set[str]:
        return set(views[view]["tables"]).union(*(under(need) for need in views[view]["needs"]))

    tables = {topic: under(topic) for topic in release.topics}
    with duckdb.connect() as con:
        holding = {table for table in set().union(*tables.values()) if _is_in(con, release.table(table), source)}
    return [topic for topic in release.topics if tables[topic] & holding]


def _is_in(con: duckdb.DuckDBPyConnection, path: Path, source: int) -> bool:
    columns = con.execute(f"describe from read_parquet({literal(path)})").fetchall()
    held = [f'list_contains("{name}", {source})' for name, kind, *_ in columns if kind == "BIGINT[]"]
    held += [f'"{name}" = {source}' for name, kind, *_ in columns if kind == "BIGINT"]
    if not held:
        return False
    return bool(
        con.execute(f"select 1 from read_parquet({literal(path)}) where {' or '.join(held)} limit 1").fetchall()
    )
