"""How many meet each guarantee, and whose status changed, over a few sealed rows."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipelines.release import Release, ReleaseError
from pipelines.trace.guarantees import changes, guarantees

ITEMS = {"food": "不愁吃", "water": "饮水安全", "whole": "任一项"}
# village, household, item, gap before, gap now
ROWS = [
    ("11", "h1", "food", False, False),
    ("11", "h1", "water", False, True),
    ("11", "h1", "whole", False, True),
    ("11", "h2", "food", None, True),
    ("11", "h2", "water", True, True),
    ("12", "h3", "food", None, False),
    ("12", "h3", "water", True, False),
    ("12", "h4", "food", True, None),
    ("12", "h4", "water", False, None),
]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    for folder in ("tables", "views"):
        (tmp_path / folder).mkdir()
    with duckdb.connect() as con:
        con.execute(
            "create table t (period varchar, area_code varchar, hh_id varchar, guarantee__item varchar, before__is_gap boolean,"
            " guarantee__is_gap boolean)"
        )
        con.executemany("insert into t values ('2020-12', ?, ?, ?, ?, ?)", ROWS)
        con.execute(f"copy t to '{tmp_path / 'tables' / 'main.int_guarantee.parquet'}'")
        closure = "(values ('1', '11'), ('1', '12'), ('11', '11'), ('12', '12')) t (ancestor, descendant)"
        con.execute(
            f"copy (from {closure}) to '{tmp_path / 'tables' / 'policy.area_closure.parquet'}' (format parquet)"
        )
    (tmp_path / "views" / "guarantees.sql").write_text(
        'select * from "warehouse"."main"."int_guarantee"', encoding="utf-8"
    )
    definitions = {
        "areas": [{"code": code, "name": f"{code}村", "parent": "1"} for code in ("1", "11", "12")],
        "pack": {"area": "1"},
        "views": {"guarantees": {"needs": [], "tables": ["main.int_guarantee"]}},
        "codes": {"guarantee_item": {code: {"zh": zh} for code, zh in ITEMS.items()}},
    }
    (tmp_path / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    return Release("2020-12", 1, tmp_path)


def test_households_are_counted_by_item(release: Release) -> None:
    found = {row["item"]: row for row in guarantees(release, "1")["items"]}
    assert list(found) == list(ITEMS)
    assert found["food"] == {
        "item": "food",
        "title": "不愁吃",
        "met": 2,
        "gap": 1,
        "unknown": 1,
        "new": 0,  # of h2 nobody knows how it was
        "closed": 0,
    }
    assert [found["water"][c] for c in ("met", "gap", "unknown", "new", "closed")] == [1, 2, 1, 1, 1]
    assert [r["gap"] for r in guarantees(release, "12")["items"]] == [0, 0]
    with pytest.raises(ReleaseError, match="99"):
        guarantees(release, "99")


def test_who_changed_is_listed_with_both_ends_and_what_became_unknown_is_no_change(release: Release) -> None:
    listed = [(c["household"], c["item"], c["from"], c["to"]) for c in changes(release, "1")]
    assert listed == [
        ("h2", "food", "unknown", "gap"),
        ("h1", "water", "met", "gap"),
        ("h3", "water", "gap", "met"),
    ]
    assert [c["household"] for c in changes(release, "12")] == ["h3"]
    assert changes(release, "12")[0]["village_name"] == "12村"


def test_a_release_sealed_before_these_were_says_so(release: Release) -> None:
    release.definitions["views"].clear()
    with pytest.raises(ReleaseError, match="封存时还没有"):
        changes(release, "1")
