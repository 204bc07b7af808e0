"""What is known with a release, and how far its figures can be trusted."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from dashboards.data import Figure, Release, Sealed, Store
from tests.dashboards.conftest import AWAITED, ROOT, TOWNS, FakeRelease


def figure(status: str = "published", note: str | None = None) -> Figure:
    return Figure("id", "x", "1", "甲", "2020-01", "", Decimal(1), 0, status, note, None, "[]")


@pytest.mark.parametrize(
    ("status", "note", "mark"),
    [
        ("published", None, "published"),
        ("published", "至少：另有2个统计对象情况不明", "at_least"),
        ("published", "按已知的计算：另有2个统计对象情况不明", "noted"),
        ("withheld", None, "withheld"),
    ],
)
def test_the_mark_follows_the_gate(status: str, note: str | None, mark: str) -> None:
    assert figure(status, note).mark == mark


def test_a_release_knows_what_was_sealed_when_it_was(store: Store) -> None:
    first, second = store.open("2019-12", 1), store.open("2019-12", 2)
    assert store.known_with(first)["2019-12"] is first
    assert store.known_with(second)["2019-12"] is second
    assert "2019-12" not in store.known_with(store.open("2019-11", 1))


def test_a_trend_has_a_gap_where_nothing_was_published(store: Store) -> None:
    points = store.series(store.open("2019-12", 2), [("dangerous_houses_occupied", "")], "532822")
    values = [point.value for point in points[("dangerous_houses_occupied", "")]]
    assert values[-1] is None
    assert set(values[:-1]) == {Decimal(0)}


def test_a_withheld_figure_names_what_it_waits_for(store: Store) -> None:
    sealed = store.open("2019-12", 2)
    held = sealed.figure("dangerous_houses_occupied", "532822")
    assert held is not None
    assert [wait["extract"] for wait in held.waits] == ["housing"]
    assert sealed.waits == held.waits


def test_what_several_figures_wait_for_is_named_once_with_all_its_areas() -> None:
    town, other = ({"area": code, "name": name} for code, name in list(TOWNS.items())[:2])
    held = [[AWAITED | {"areas": [town]}], [AWAITED | {"areas": [town, other]}, AWAITED | {"why": "已退回、尚未重报"}]]
    rows = [(code, ROOT, "", None, 0, None, "等") for code in ("poor_households", "poor_persons")]
    frame = FakeRelease("2019-12", 1, "2020-01-20", rows).frame
    frame = frame.with_columns(pl.Series("waits_for", [json.dumps(waits) for waits in held]))
    found = Sealed(cast(Release, SimpleNamespace(frame=frame))).waits
    assert [(wait["why"], wait["areas"]) for wait in found] == [("没有收到", [town, other]), ("已退回、尚未重报", [])]
