"""Moving an income line over a few sealed households: exactly those between the two lines enter or leave."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.release import Release, ReleaseError
from pipelines.release.lines import line_value, move

INCOMES = [
    ("11", "5999.99", 1),
    ("11", "6000.00", 2),
    ("11", "6499.99", 4),
    ("12", "6500.00", 8),
    ("12", "9000.00", 16),
    ("12", None, None),
]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    for folder in ("tables", "views"):
        (tmp_path / folder).mkdir()
    with duckdb.connect() as con:
        con.execute(
            "create table t (period varchar, area_code varchar, hh_income__net_income_pc decimal(18, 2), hh_income__hh_size bigint)"
        )
        for area, income, size in INCOMES:
            con.execute("insert into t values ('2020-12', ?, ?, ?)", [area, income, size])
        con.execute(f"copy t to '{tmp_path / 'tables' / 'main.int_household_income.parquet'}'")
        closure = "(values ('1', '11'), ('1', '12'), ('11', '11'), ('12', '12')) t (ancestor, descendant)"
        con.execute(
            f"copy (from {closure}) to '{tmp_path / 'tables' / 'policy.area_closure.parquet'}' (format parquet)"
        )
    (tmp_path / "views" / "income.sql").write_text(
        'select * from "warehouse"."main"."int_household_income"', encoding="utf-8"
    )
    areas = [{"code": "1", "name": "县", "parent": ""}] + [
        {"code": f"1{n}", "name": f"{n}镇", "parent": "1"} for n in (1, 2)
    ]
    lines = [{"setting": "monitor_line", "value": 6000.0}, {"setting": "poverty_line", "value": None}]
    definitions = {
        "areas": areas,
        "pack": {"area": "1"},
        "views": {"income": {"needs": [], "tables": ["main.int_household_income"]}},
        "indicators": {"x": {"settings": lines}},
    }
    (tmp_path / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    return Release("2020-12", 1, tmp_path)


def test_those_between_the_lines_enter_and_no_one_else(release: Release) -> None:
    found = move(release, line_value(release, "monitor_line"), Decimal(6500))
    by_area = {row["area"]: row for row in (*found["areas"], found["whole"])}
    assert by_area["11"]["households"] == {"below_old": 1, "below_new": 3, "enter": 2, "leave": 0, "unknown": 0}
    assert by_area["11"]["persons"] == {"below_old": 1, "below_new": 7, "enter": 6, "leave": 0}
    assert by_area["12"]["households"] == {"below_old": 0, "below_new": 0, "enter": 0, "leave": 0, "unknown": 1}
    assert by_area["1"]["persons"] == by_area["11"]["persons"]
    moved_back = move(release, Decimal(6500), Decimal(6000), "11")
    assert moved_back["areas"] == [moved_back["whole"]]
    assert moved_back["whole"]["households"] == {"below_old": 3, "below_new": 1, "enter": 0, "leave": 2, "unknown": 0}


def test_a_line_that_the_year_does_not_have_is_not_borrowed_from_another(release: Release) -> None:
    with pytest.raises(ReleaseError, match=r"poverty_line.*不沿用"):
        line_value(release, "poverty_line")
    with pytest.raises(ReleaseError, match="monitor_line、poverty_line"):
        line_value(release, "happiness_line")
    with pytest.raises(ReleaseError, match="99"):
        move(release, Decimal(1), Decimal(2), "99")
