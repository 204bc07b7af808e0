"""Who stood where on a day, and one household over time, from releases that hold a few rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.release import ReleaseError
from pipelines.release.history import history, standing
from pipelines.settings import Settings

COLUMNS = "period, id, area_code, status, hh_type, valid_from, valid_to, opening__there, closing__there, change__by"
FLOW = [*["varchar"] * 5, "date", "date", "boolean", "boolean", "varchar"]
# h1 stays out of poverty; h2 falls back on the 12th of May and is gone in July; h3 is new on the 20th; h4's row is refused in May
MONTHS = {
    "2020-04": [
        ("h1", "exited", "2016-12-01", None, None, True, None),
        ("h2", "exited", None, None, None, True, None),
        ("h4", "exited", "2016-12-01", None, None, True, None),
    ],
    "2020-05": [
        ("h1", "exited", None, None, True, True, None),
        ("h2", "exited", None, "2020-05-12", True, False, "status"),
        ("h2", "relapsed", "2020-05-12", None, False, True, "status"),
        ("h3", "new", "2020-05-20", None, False, True, "register"),
        ("h4", "exited", None, None, True, None, None),
    ],
    "2020-07": [
        ("h1", "exited", None, None, True, True, None),
        ("h2", "relapsed", None, "2020-07-31", True, False, "register"),
        ("h3", "new", None, None, True, True, None),
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    areas = [{"code": "1", "name": "县", "parent": ""}, {"code": "11", "name": "村", "parent": "1"}]
    codes = {
        "poverty_status": {c: {"zh": z} for c, z in (("exited", "已脱贫"), ("relapsed", "返贫"), ("new", "新识别"))},
        "hh_type": {"registered": {"zh": "建档立卡户"}},
    }
    for period, rows in MONTHS.items():
        path = settings.releases / period / "r1"
        (path / "tables").mkdir(parents=True)
        (path / "views").mkdir()
        views = {}
        with duckdb.connect() as con:
            for view, table in (("flows", "int_household_flow"), ("person_flows", "int_person_flow")):
                columns = ", ".join(f"{c} {t}" for c, t in zip(COLUMNS.split(", "), FLOW, strict=True))
                con.execute(f"create table {table} ({columns})")
                for name, status, since, until, was, stands, by in rows:
                    given = [period, name, "11", status, "registered", since, until, was, stands, by]
                    con.execute(f"insert into {table} values ({', '.join('?' * len(given))})", given)
                con.execute(f"copy {table} to '{path / 'tables' / f'main.{table}.parquet'}'")
                (path / "views" / f"{view}.sql").write_text(
                    f'select * from "warehouse"."main"."{table}"', encoding="utf-8"
                )
                views[view] = {"needs": [], "tables": [f"main.{table}"]}
            con.execute(
                "copy (from (values ('1', '1'), ('1', '11'), ('11', '11')) t (ancestor, descendant))"
                f" to '{path / 'tables' / 'policy.area_closure.parquet'}' (format parquet)"
            )
        definitions = {"areas": areas, "codes": codes, "views": views, "pack": {"area": "1"}}
        (path / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
        (path / "manifest.json").write_text("{}", encoding="utf-8")
    return settings


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2020-05-11", {"exited": (2, 1)}),
        ("2020-05-12", {"exited": (1, 1), "relapsed": (1, 0)}),
        ("2020-05-19", {"exited": (1, 1), "relapsed": (1, 0)}),
        ("2020-05-20", {"exited": (1, 1), "relapsed": (1, 0), "new": (1, 0)}),
        ("2020-05-31", {"exited": (1, 1), "relapsed": (1, 0), "new": (1, 0)}),
        ("2020-04-29", {"exited": (2, 1)}),  # the first register says since when of two; h2 is known from the month end
        ("2020-04-30", {"exited": (3, 0)}),
    ],
)
def test_a_status_counts_from_the_day_on_which_it_holds(
    home: Settings, day: str, expected: dict[str, tuple[int, int]]
) -> None:
    found = standing(home, date.fromisoformat(day))
    assert {s["status"]: (s["households"], s["unknown_households"]) for s in found["states"]} == expected
    assert {s["status"]: (s["persons"], s["unknown_persons"]) for s in found["states"]} == expected


def test_a_day_of_a_month_without_a_release_is_told_as_at_the_month_end_before(home: Settings) -> None:
    found = standing(home, date(2020, 6, 10), area="11")
    assert (found["as_at"], found["release"], found["area_name"]) == ("2020-05-31", "2020-05/r1", "村")


def test_what_no_release_knows_is_refused_with_words(home: Settings) -> None:
    with pytest.raises(ReleaseError, match="2020-03-31"):
        standing(home, date(2020, 3, 31))
    with pytest.raises(ReleaseError, match="99"):
        standing(home, date(2020, 5, 31), area="99")
    with pytest.raises(ReleaseError, match="h9"):
        history(home, "h9")


def test_an_old_status_stays_in_the_history(home: Settings) -> None:
    def spans(subject: str) -> list[tuple[str, str | None, str | None, str | None]]:
        return [(s["status"], s["valid_from"], s["valid_to"], s["left_by"]) for s in history(home, subject)]

    assert spans("h1") == [("exited", "2016-12-01", None, None)]
    assert spans("h2") == [
        ("exited", None, "2020-05-12", "status"),
        ("relapsed", "2020-05-12", "2020-07-31", "register"),
    ]
    assert spans("h4") == [("exited", "2016-12-01", None, "unknown")]
