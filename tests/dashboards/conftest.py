"""A county of three townships as sealed releases in memory, in the shape of ``pipelines.release.Release``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from dashboards.data import Store
from dashboards.view import View
from pipelines.periods import months
from pipelines.release import ReleaseError
from pipelines.targets import FIGURE_COLUMNS, History, Row

ROOT = "532822"
TOWNS = {"532822101": "甲镇", "532822102": "乙镇", "532822103": "丙乡"}
CAUSES = {
    "illness": {"zh": ["因病"], "en": "Illness"},
    "skill_shortage": {"zh": ["缺技术"], "en": "Lack of skill"},
    "schooling": {"zh": ["因学"], "en": "Schooling"},
}
HOUSEHOLDS, PERSONS = ({"zh": "户", "en": "households"}, {"zh": "人", "en": "persons"})
PERCENT, TIMES = ({"zh": "%", "en": "%"}, {"zh": "人次", "en": "person-times"})


def _indicator(
    zh: str, en: str, unit: dict[str, str], decimals: int = 0, breakdowns: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "title": {"zh": zh, "en": en},
        "unit": unit,
        "kind": "derived" if decimals else "additive",
        "decimals": decimals,
        "clauses": ["MH18-137"],
        "breakdowns": breakdowns or {},
    }


BY_CAUSE = {"cause": "cause"}
TARGETS: list[dict[str, Any]] = [  # 6,900 person-times in 23 months; poverty falls by 18 households a month from 720
    {},
    {"target": "modest", "value": 7500},
    {"target": "early", "due": "2018-06", "value": 2000},
    {
        "target": "none_poor",
        "indicator": "poor_households",
        "comparator": "=",
        "value": 0,
        "from": None,
        "due": "2020-03",
    },
    {"target": "housed", "indicator": "dangerous_houses_occupied", "comparator": "=", "value": 0, "from": None},
]
DEFINITIONS: dict[str, Any] = {
    "pack": {"title": {"zh": "样本县", "en": "Sample County"}},
    "indicators": {
        "poor_households": _indicator("未脱贫户", "Households in poverty", HOUSEHOLDS, breakdowns=BY_CAUSE),
        "poor_persons": _indicator("未脱贫人口", "Persons in poverty", PERSONS, breakdowns=BY_CAUSE),
        "poor_household_share": _indicator("未脱贫户占比", "Share of households", PERCENT, 2, BY_CAUSE),
        "poor_person_share": _indicator("未脱贫人口占比", "Share of persons", PERCENT, 2, BY_CAUSE),
        "poor_households_printed": _indicator(
            "未脱贫户（文件所载）", "Households (as printed)", HOUSEHOLDS, breakdowns=BY_CAUSE
        ),
        "trained_person_times": _indicator("累计培训人次", "Training person-times", TIMES),
        "sanitary_toilet_share": _indicator("无害化卫生户厕覆盖率", "Sanitary-toilet coverage", PERCENT, 2),
        "dangerous_houses_occupied": _indicator("仍住危房的户", "Households in a dangerous house", HOUSEHOLDS),
        "warned_households": _indicator("预警户", "Warned households", HOUSEHOLDS, breakdowns={"rule": "rule"}),
    },
    "clauses": {"MH18-137": {"doc_no": "海发〔2018〕18号", "section": "三（三）", "quote": "累计培训1万人次"}},
    "codes": {"cause": CAUSES, "rule": {"self_paid": {"zh": "自费超过规定", "en": "Self-paid spending"}}},
    "areas": [{"code": ROOT, "name": "样本县", "level": "county", "parent": None}]
    + [{"code": code, "name": name, "level": "township", "parent": ROOT} for code, name in TOWNS.items()],
    "targets": [
        {
            "target": "trained",
            "indicator": "trained_person_times",
            "area": ROOT,
            "clause": "MH18-137",
            "comparator": ">=",
            "value": 10000,
            "due": "2020-12",
            "from": "2018-01",
            "breakdown": "",
            "owner": "housing_construction",
        }
        | more
        for more in TARGETS
    ],
    "waiting_targets": [
        {
            "target": "later",
            "indicator": "",
            "area": ROOT,
            "clause": "MH18-137",
            "comparator": ">=",
            "value": 5,
            "due": "2020-12",
            "from": None,
            "breakdown": "",
            "why": "no_indicator",
            "detail": "happiness",
        }
    ],
    "extracts": {"housing": {"zh": "住房安全排查表", "en": "Housing"}},
    "departments": {"housing_construction": {"zh": "县住建局", "en": "Housing Bureau"}},
}
AWAITED = {
    "extract": "housing",
    "department": "housing_construction",
    "period": "2019-12",
    "why": "没有收到",
    "areas": [],
}
SCHEMA = {
    "id": pl.String,
    "indicator": pl.String,
    "area": pl.String,
    "area_name": pl.String,
    "period": pl.String,
    "breakdown": pl.String,
    "value": pl.Decimal(38, 4),
    "numerator": pl.Decimal(38, 4),
    "denominator": pl.Decimal(38, 4),
    "unknown": pl.Int64,
    "status": pl.String,
    "note": pl.String,
    "reason": pl.String,
    "waits_for": pl.String,
}


@dataclass
class FakeRelease:
    period: str
    revision: int
    as_of: str
    rows: list[tuple[str, str, str, Decimal | None, int, str | None, str | None]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    targets_frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    definitions: dict[str, Any] = field(default_factory=lambda: DEFINITIONS)

    @property
    def manifest(self) -> dict[str, Any]:
        return {"period": self.period, "as_of": self.as_of, "inputs": self.inputs}

    @property
    def frame(self) -> pl.DataFrame:
        names = {ROOT: "样本县"} | TOWNS
        return pl.DataFrame(
            [
                (
                    "/".join(filter(None, [self.period, f"r{self.revision}", indicator, area, breakdown])),
                    indicator,
                    area,
                    names[area],
                    self.period,
                    breakdown,
                    value,
                    value,
                    None,
                    unknown,
                    "withheld" if reason else "published",
                    note,
                    reason,
                    json.dumps([AWAITED]) if reason else "[]",
                )
                for indicator, area, breakdown, value, unknown, note, reason in self.rows
            ],
            schema=SCHEMA,
            orient="row",
        )

    def findings(self) -> list[dict[str, Any]]:
        return self.found

    def changes(self) -> list[dict[str, Any]]:
        return self.corrected


def figures_of(index: int, housing_came: bool, shift: int = 0) -> list[tuple[Any, ...]]:
    """Rows of one month: poverty falls, training rises, housing withheld when it did not come."""
    rows: list[tuple[Any, ...]] = []
    for number, area in enumerate([ROOT, *TOWNS]):
        part = Decimal(6 if area == ROOT else number)
        total = part * (120 - 3 * index) + shift
        rows.append(("poor_households", area, "", total, 0, None, None))
        rows.append(("poor_persons", area, "", total * 3, 0, None, None))
        for share, cause in zip((3, 2, 1), CAUSES, strict=True):
            rows.append(("poor_households", area, f"cause={cause}", total * share / 6, 0, None, None))
            rows.append(("poor_persons", area, f"cause={cause}", total * share / 2, 0, None, None))
            rows.append(("poor_household_share", area, f"cause={cause}", Decimal(100 * share) / 6, 0, None, None))
            rows.append(("poor_person_share", area, f"cause={cause}", Decimal(100 * share) / 6, 0, None, None))
            if index == 0 and area == ROOT:
                rows.append(("poor_households_printed", area, f"cause={cause}", total * share / 6, 0, None, None))
        rows.append(("trained_person_times", area, "", part * 50 * index, 0, None, None))
        rows.append(("sanitary_toilet_share", area, "", Decimal(20 + index), 2, "至少：2 个村未知", None))
        reason = None if housing_came else "县住建局没有上报住房安全排查表"
        rows.append(("dangerous_houses_occupied", area, "", Decimal(0) if housing_came else None, 0, None, reason))
        rows.append(("warned_households", area, "rule=self_paid", part * 2, 0, None, None))
    return rows


def fake_trace(figure_id: str, limit: int, offset: int) -> dict[str, Any]:
    """The answer of ``pipelines.trace.trace``: 45 contributions of one row each; a share has two operands."""
    period, revision, indicator, area, *breakdown = figure_id.split("/")
    evidence = {
        "submission": 7,
        "file": "户籍.csv",
        "sha256": "ab" * 32,
        "sheet": "户籍",
        "row": 12,
        "cells": {"户编号": "●●●", "致贫原因": "因病", "备注": None},
    }
    head = f"{period}/{revision}/poor_households/{area}"
    derived = indicator == "poor_household_share"
    return {
        "figure": {"id": figure_id},
        "definition": {
            "numerator": "1",
            "population": "hh_register__is_poor",
            "subject": {"zh": "户", "en": "household"},
            "window": "month",
            "derived": {"numerator": "poor_households", "denominator": "poor_households", "scale": 100}
            if derived
            else None,
        },
        "ground": "indicator",
        "clauses": [
            {"id": "MH18-137", "doc_no": "海发〔2018〕18号", "section": "三（三）", "quote": "累计培训1万人次"}
        ],
        "operands": [f"{head}/{breakdown[0]}", head] if derived else [],
        "totals": {
            "contributions": 45,
            "unknown": 0,
            "numerator": 45,
            "denominator": 90 if derived else None,
            "source_rows": 45,
        },
        "contributions": [
            {"subject": f"H{number:016x}", "numerator": 1, "denominator": None, "evidence": [evidence]}
            for number in range(offset, min(offset + limit, 45))
        ],
    }


def judged(releases: Iterable[FakeRelease]) -> None:
    """Give releases, oldest first, their tables of targets, as sealing does."""
    history = History(DEFINITIONS)
    for release in releases:
        history.put(release.period, map(Row.of, release.frame.select(FIGURE_COLUMNS).iter_rows()))
        release.targets_frame = history.frame(release.period)


def fake_moves(old: FakeRelease, new: FakeRelease, area: str) -> dict[str, Any]:
    """The answer of ``pipelines.release.causes.changed``: 9 households before, 8 now; one has no cause at either end."""
    if area == "532822103":
        raise ReleaseError(f"{old.period} 丙乡暂缓：没有收到")
    moves = [
        ("stayed", "illness", "illness", 3),
        ("changed", "illness", "schooling", 2),
        ("came", "", "schooling", 1),
        ("left", "skill_shortage", "", 2),
        ("unknown", "unknown", "illness", 1),
        ("unknown", "unknown", "unknown", 1),
    ]
    return {"moves": [dict(zip(("way", "from", "to", "households"), move, strict=True)) for move in moves]}


@pytest.fixture(scope="session")
def store() -> Store:
    """24 months, 2018-01 to 2019-12; the last without housing data and with a second release after a correction."""
    spans = months("2018-01:2019-12")
    releases = {
        (period, 1): FakeRelease(period, 1, "2020-01-20", figures_of(index, period != spans[-1]))
        for index, period in enumerate(spans)
    }
    changed = {
        "old_id": "2019-12/r1/poor_households/532822",
        "new_id": "2019-12/r2/poor_households/532822",
        "indicator": "poor_households",
        "area": ROOT,
        "breakdown": "",
        "old_value": 306,
        "old_status": "published",
        "new_value": 304,
        "new_status": "published",
        "submissions": [{"submission": 41, "extract": "housing", "file": "住房.csv"}],
    }
    finding = {
        "id": "F0001",
        "rule": "missing",
        "severity": "error",
        "message": "住房安全排查表没有收到",
        "remedy": "请补报",
        "department": "housing_construction",
        "extract": "housing",
        "period": "2019-12",
    }
    releases[("2019-12", 2)] = FakeRelease("2019-12", 2, "2020-02-20", figures_of(23, False, -2), [changed], [finding])
    judged(releases.values())
    return Store(lambda: list(releases), lambda period, revision: releases[(period, revision)], fake_trace, fake_moves)


@pytest.fixture
def view(store: Store) -> View:
    """The newest release as a reader of Chinese opens it."""
    return View(store, store.open("2019-12", 2), "zh", ROOT, "/")
