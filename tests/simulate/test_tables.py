"""The kinds of laws, each on a small extract of its own over the full county."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.intake.contract import Column, Contract
from pipelines.simulate.observe import County
from pipelines.simulate.tables import Tables

TYPES = {"hh_id": "household_no", "person_id": "id_number", "person_name": "person_name", "village_code": "village"}
Frames = Callable[..., Callable[[str], pl.DataFrame]]


def contract(extract: str, columns: dict[str, Any], **changed: Any) -> Contract:
    """A contract whose columns are typed by their names: *_n whole numbers, *_date days, *_yuan amounts, is_* yes or no."""

    def typed(name: str) -> Column:
        kind = TYPES.get(name) or next(
            (t for end, t in {"_n": "integer", "_date": "date", "_yuan": "amount"}.items() if name.endswith(end)),
            "text",
        )
        kind = "yes_no" if name.startswith("is_") else kind
        unit = {"integer": "piece", "amount": "yuan"}.get(kind)
        personal = kind in ("household_no", "id_number", "person_name")
        title = {"zh": name, "en": name}
        return Column(name=name, title=title, headers=(name,), type=kind, unit=unit, personal=personal)

    names = [name for name in columns if not name.startswith("_")]
    return Contract(
        **{
            "extract": extract, "title": {"zh": extract, "en": extract}, "department": "finance", "grain": "x",
            "key": (names[0],), "kind": "snapshot", "covers": "county", "silence": "zero", "stays_known_months": 1,
            "corrected_by": "whole", "recognise": (extract,),
            "columns": [typed(n).model_copy(update={"required": i == 0}) for i, n in enumerate(names)],
        } | changed
    )  # fmt: skip


@pytest.fixture(scope="session")
def frames(county: County) -> Frames:
    """Makes the frames of law files: extract → spec; the first one's frame of a month is given."""

    def made(*specs: dict[str, Any], **changed: Any) -> Callable[[str], pl.DataFrame]:
        named = {f"x{i}": spec for i, spec in enumerate(specs)}
        contracts = {name: contract(name, spec["columns"], **changed) for name, spec in named.items()}
        tables = Tables(county, contracts, named)
        return lambda period: tables["x0"].frame(tables.laws.index(period))

    return made


def test_who_qualifies_has_a_row(frames: Frames, tables: Tables) -> None:
    rows = {"of": "person", "where": {"age": [0, 5.99], "poor": True}}
    got = frames({"rows": rows, "columns": {"person_id": "id_number", "age_n": "age"}})("2018-05")
    register = tables["hh_register"].frame(tables.laws.index("2018-05"))
    poor = register.filter(pl.col("poverty_status").is_in(["未脱贫", "返贫"]))
    assert 0 < got.height < poor["hh_size"].sum()
    assert got["age_n"].max() <= 6


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"size_n": {"above": 4}}, lambda f: (f["size_n"] > 4).all()),
        ({"size_n": {"below": 2}}, lambda f: (f["size_n"] == 1).all()),
        ({"size_n": [2, 3]}, lambda f: set(f["size_n"]) == {2, 3}),
        ({"kind": "marginal"}, lambda f: set(f["kind"]) == {"marginal"}),
        ({"kind": {"not": "marginal"}}, lambda f: set(f["kind"]) == {"registered"}),
        ({"site": {"some": True}}, lambda f: f["site"].null_count() == 0),
        ({"site": None}, lambda f: f["site"].null_count() == f.height),
    ],
)
def test_conditions(frames: Frames, where: dict[str, Any], holds: Callable[[pl.DataFrame], bool]) -> None:
    columns = {"hh_id": "household_no", "size_n": "hh_size", "kind": "hh_type", "site": "site"}
    got = frames({"rows": {"of": "household", "where": where}, "columns": columns})("2020-06")
    assert 0 < got.height < 7000 or "kind" in where or where == {"site": None}
    assert holds(got)


def test_an_entry_is_the_same_next_month_until_it_ends(frames: Frames) -> None:
    spec = {
        "rows": {"of": "household", "begins": {"before": 0.1, "monthly": 0.01}, "lasts": [3, 8]},
        "columns": {
            "loan_id": {"text": "L{n:06d}"}, "hh_id": "household_no", "sum_yuan": {"lognormal": [30000, 0.3]},
            "begun_date": {"day": "begin"}, "late_n": {"whole": [0, 90], "anew": "month"},
        },
    }  # fmt: skip
    months = frames(spec)
    before, after = months("2019-04"), months("2019-05")
    assert before["loan_id"].is_unique().all()
    assert before["hh_id"].is_unique().all()  # one at a time
    both = before.join(after, on="loan_id")
    assert 0 < both.height < before.height
    assert both["sum_yuan"].equals(both["sum_yuan_right"], check_names=False)
    assert both["begun_date"].equals(both["begun_date_right"], check_names=False)
    assert not both["late_n"].equals(both["late_n_right"], check_names=False)
    new = after.join(before, on="loan_id", how="anti")
    assert (new["begun_date"].dt.strftime("%Y-%m") == "2019-05").all()
    assert not months("2020-05")["loan_id"].is_in(before["loan_id"].to_list()).any()


def test_new_entries_are_those_since_the_last_table(frames: Frames) -> None:
    rows = {"of": "village", "n": {2019: 60}, "written": "new"}
    columns = {"id": {"text": "P{n:03d}"}, "begun_date": {"day": "begin"}}
    monthly = frames({"rows": rows, "columns": columns})
    quarterly = frames({"rows": rows, "columns": columns}, months=(3, 6, 9, 12))
    assert monthly("2019-06")["begun_date"].dt.month().unique().to_list() == [6]
    assert sum(monthly(f"2019-{m:02d}").height for m in range(1, 13)) == 60
    assert sum(quarterly(f"2019-{m:02d}").height for m in (3, 6, 9, 12)) == 60


def test_each_item_is_a_row_and_refs_name_one_entry(frames: Frames) -> None:
    checks = {
        "rows": {"of": "village", "each": {"item_n": [1, 2, 3]}},
        "columns": {
            "village_code": "village", "item_n": "item_n",
            "coop_id": {"ref": "x1.coop_id", "near": ["village", "township"]}, "coop_name": {"ref": "x1.coop_name"},
            "is_passed": {"chance": 0.5},
        },
    }  # fmt: skip
    coops = {
        "rows": {"of": "village", "n": {2016: 80}},
        "columns": {"coop_id": {"text": "H{n:03d}"}, "coop_name": {"text": "{village_short}{n:03d}社"}},
    }
    frame = frames(checks, coops)
    got = frame("2018-01")
    assert got.height == 3 * got.select("village_code", "_township").n_unique() == 315
    assert (got["coop_name"].str.slice(-4, 3) == got["coop_id"].str.slice(1)).all()  # both of one co-operative
    assert got.equals(frame("2018-02"))


def test_rows_from_another_extract_carry_its_values(frames: Frames) -> None:
    reviews = {
        "rows": {"from": "x1", "lag": [1, 2], "written": "all"},
        "columns": {
            "app_id": {"parent": "app_id"},
            "asked_date": {"parent": "asked_date"},
            "done_date": {"day": "begin"},
        },
    }
    asked = {
        "rows": {"of": "household", "begins": {"monthly": 0.003}, "written": "all"},
        "columns": {"app_id": {"text": "A{n:05d}"}, "asked_date": {"day": "begin"}},
    }
    got = frames(reviews, asked)("2018-12")
    assert got.height > 20
    assert got["app_id"].is_unique().all()
    assert (got["done_date"] > got["asked_date"]).all()


def test_sums_shares_counts_and_clauses(frames: Frames, tables: Tables) -> None:
    spec = {
        "rows": {"of": "township"},
        "columns": {
            "name": "township", "hh_n": {"count": "household", "of_those": {"hh_type": "registered"}},
            "people_n": {"count": "household", "total": "hh_size", "within": "county"}, "all_yuan": {"uniform": [100, 900]},
            "part_yuan": {"share_of": "all_yuan", "between": [0.2, 0.4]}, "rest_yuan": {"less": ["all_yuan", "part_yuan"]},
            "posts_n": {"uniform": [1, 9], "adds_up_to": {"clause": "MH18-180"}}, "one_n": {"value": {"clause": "MH18-180"}},
        },
    }  # fmt: skip
    got = frames(spec)("2019-10")
    register = tables["hh_register"].frame(tables.laws.index("2019-10"))
    assert got["hh_n"].sum() == register.height
    assert set(got["people_n"]) == {register["hh_size"].sum()}
    assert (got["part_yuan"] + got["rest_yuan"] - got["all_yuan"]).abs().max() < 0.011
    assert got["posts_n"].sum() == got["one_n"][0] == tables.laws.clause("MH18-180")


def test_days_that_have_not_come_are_unknown_unless_planned(frames: Frames) -> None:
    spec = {
        "rows": {"of": "village", "n": {2019: 50}},
        "columns": {
            "begun_date": {"day": "begin"}, "done_date": {"after": "begun_date", "days": [200, 200]},
            "due_date": {"after": "begun_date", "days": [200, 200], "planned": True},
        },
    }  # fmt: skip
    got = frames(spec)("2019-12")
    assert got["due_date"].null_count() == 0
    done = got["done_date"].drop_nulls()
    assert 0 < done.len() < got.height
    assert done.max() <= date(2019, 12, 31) < got["due_date"].max()


def test_alike_in_a_township(frames: Frames) -> None:
    spec = {
        "rows": {"of": "village"},
        "columns": {"kind": {"pick": list("abcdefgh"), "alike": "township"}, "village_code": "village"},
    }
    got = frames(spec)("2019-12")
    assert got.select("kind", "_township").n_unique() == 11


def test_parts_have_laws_of_their_own(frames: Frames) -> None:
    spec = {
        "rows": [
            {"of": "household", "where": {"hh_type": "marginal"}, "columns": {"kind": {"value": "h"}}},
            {
                "of": "person",
                "where": {"stage": "college"},
                "columns": {"kind": {"value": "p"}, "person_id": "id_number"},
            },
        ],
        "columns": {"kind": {"value": ""}, "person_id": {"value": None}},
    }
    got = frames(spec)("2020-12")
    assert set(got["kind"]) == {"h", "p"}
    assert got.filter(pl.col("kind") == "p")["person_id"].null_count() == 0


def test_a_required_column_without_a_law_is_said(county: County) -> None:
    tables = Tables(
        county, {"x": contract("x", {"name": 1, "more": 2})}, {"x": {"rows": {"of": "village"}, "columns": {}}}
    )
    with pytest.raises(KeyError, match="name has no law"):
        tables["x"].frame(30)


def test_what_nobody_knows_is_said(frames: Frames) -> None:
    with pytest.raises(KeyError, match="no attribute shoe_size"):
        frames({"rows": {"of": "village"}, "columns": {"name": "shoe_size"}})("2019-01")
    with pytest.raises(KeyError, match="no law among shrinks"):
        frames({"rows": {"of": "village"}, "columns": {"name": {"shrinks": 3}}})("2019-01")
