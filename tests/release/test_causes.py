"""Causes of poverty from sealed releases: mapped to another document's list, and what changed between two months."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.release import Release, ReleaseError
from pipelines.release.causes import changed, mapped

CAUSES = {
    "illness": {"zh": "因病", "common": "illness"},
    "schooling": {"zh": "因学", "common": "schooling"},
    "labour": {"zh": "缺劳力", "common": "labour_shortage"},
    "land": {"zh": "缺土地", "common": "land_shortage"},
}
BEFORE = {"h1": "illness", "h2": "illness", "h3": "schooling", "h4": "unknown", "h5": "labour"}
AFTER = {"h1": "illness", "h2": "schooling", "h4": "illness", "h6": "labour", "h7": "unknown"}


def sealed(home: Path, period: str, households: dict[str, str], status: str = "published") -> Release:
    path = home / period / "r1"
    (path / "tables").mkdir(parents=True)
    (path / "views").mkdir()
    with duckdb.connect() as con:
        con.execute(
            "create table poor (indicator varchar, breakdown varchar, period varchar, area_code varchar, subject varchar, numerator int)"
        )
        for subject, cause in households.items():
            for breakdown in ("", f"cause={cause}"):
                con.execute(
                    "insert into poor values ('poor_households', ?, ?, '11', ?, 1)", [breakdown, period, subject]
                )
        con.execute(f"copy poor to '{path / 'tables' / 'main.poor.parquet'}'")
        con.execute(
            f"copy (select '1' as ancestor, '11' as descendant) to '{path / 'tables' / 'policy.area_closure.parquet'}' (format parquet)"
        )
    (path / "views" / "poverty.sql").write_text('select * from "warehouse"."main"."poor"', encoding="utf-8")
    figure = dict.fromkeys(("numerator", "denominator", "note")) | {
        "id": "x",
        "indicator": "poor_households",
        "area": "1",
        "area_name": "县",
        "period": period,
        "breakdown": "",
        "value": len(households),
        "unknown": 0,
        "status": status,
        "reason": None if status == "published" else "没有收到",
        "waits_for": "[]",
    }
    pl.DataFrame([figure]).with_columns(
        pl.col("value", "numerator", "denominator").cast(pl.Decimal(38, 4))
    ).write_parquet(path / "figures.parquet")
    indicator = {"title": {"zh": "未脱贫户"}, "unit": {"zh": "户"}, "decimals": 0, "clauses": [], "clauses_of": {}}
    definitions: dict[str, Any] = {
        "areas": [{"code": "1", "name": "县", "parent": ""}],
        "codes": {"cause": CAUSES},
        "views": {"poverty": {"needs": [], "tables": ["main.poor"]}},
        "indicators": {"poor_households": indicator | {"breakdowns": {}, "derived": None}},
    }
    (path / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    return Release(period, 1, path)


def test_every_household_of_either_end_is_told_once(tmp_path: Path) -> None:
    found = changed(sealed(tmp_path, "2019-12", BEFORE), sealed(tmp_path, "2020-12", AFTER), "1")
    assert {way: found[way] for way in ("stayed", "changed", "came", "left", "unknown")} == {
        "stayed": 1,
        "changed": 1,
        "came": 2,
        "left": 2,
        "unknown": 1,
    }
    assert [(m["way"], m["from"], m["to"], m["households"]) for m in found["moves"]] == [
        ("stayed", "illness", "illness", 1),
        ("changed", "illness", "schooling", 1),
        ("came", "", "labour", 1),
        ("came", "", "unknown", 1),
        ("left", "schooling", "", 1),
        ("left", "labour", "", 1),
        ("unknown", "unknown", "illness", 1),
    ]
    assert found["stayed"] + found["changed"] + found["unknown"] + found["left"] == len(BEFORE)
    assert found["stayed"] + found["changed"] + found["unknown"] + found["came"] == len(AFTER)


def test_a_withheld_month_is_not_read_as_nobody(tmp_path: Path) -> None:
    old, new = sealed(tmp_path, "2019-12", BEFORE), sealed(tmp_path, "2020-12", {}, "withheld")
    with pytest.raises(ReleaseError, match="没有收到"):
        changed(old, new, "1")
    with pytest.raises(ReleaseError, match="99"):
        changed(old, old, "99")


def rows(**households: int | None) -> list[dict[str, Any]]:
    titles = CAUSES | {"unknown": {"zh": "不详"}}
    return [
        {"cause": cause, "title": about["zh"], "common": about.get("common", "")}
        | {count: {"value": households.get(cause, 0)} for count in ("households", "persons")}
        for cause, about in titles.items()
    ]


def test_counts_stand_under_another_list_with_what_it_does_not_have_apart() -> None:
    other = {
        "sickness": {"zh": "因病", "common": "illness"},
        "weak": {"zh": "缺劳力", "common": "labour_shortage"},
        "disaster": {"zh": "因灾", "common": "disaster"},
    }
    found = mapped(rows(illness=157, schooling=40, labour=3, land=0, unknown=2), other)
    assert [(m["cause"], m["title"], m["from"], m["households"]) for m in found] == [
        ("sickness", "因病", ["illness"], 157),
        ("weak", "缺劳力", ["labour"], 3),
        ("disaster", "因灾", [], None),
        ("unknown", "不详", ["unknown"], 2),
        (None, "因学", ["schooling"], 40),
        (None, "缺土地", ["land"], 0),
    ]


def test_a_withheld_count_is_none_under_another_list_too() -> None:
    [sick, *_] = mapped(rows(illness=None), {"sickness": {"zh": "因病", "common": "illness"}})
    assert sick["households"] is None
