"""The demonstration: three years of the sample county through the whole way, and a correction after the first sealing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pipelines.periods import months, shift
from pipelines.release import Release, list_releases, open_release
from pipelines.settings import Settings

SPAN = "2017-12:2020-12"
MARK = ".demo"
# (indicator, breakdown, month): what a newcomer is shown; the last month where none is named
HEADLINE = [
    ("poor_households", "", "2017-12"),
    ("poor_persons", "", "2017-12"),
    ("poor_household_share", "cause=illness", "2017-12"),
    ("poor_household_share_printed", "cause=illness", "2017-12"),
    ("registered_persons", "", "2020-03"),
    ("forest_guards", "", "2018-12"),
    ("houses_renovated_this_year", "", "2019-12"),
    ("trained_person_times", "", None),
    ("trained_persons", "", None),
    ("transferred_person_times", "", None),
    ("sanitary_toilet_share", "", None),
    ("relocated_households", "", None),
    ("relocated_all_three", "", None),
    ("warned_households", "rule=mh20_self_paid", None),
]


class DemoError(Exception):
    """The data folder holds something else than a demonstration; the message says what to do."""


@dataclass(frozen=True)
class Demo:
    """What to show at the end: headline rows, the corrected release, how many releases, how long, where to look next."""

    headline: list[tuple[Any, ...]]
    corrected: Release | None
    releases: int
    seconds: float
    next_steps: list[str]


def run_demo(
    settings: Settings,
    households: int | None,
    progress: Callable[[str, float], None],
    extracts: Collection[str] | None = None,
) -> Demo:
    """Simulate, refresh all months in one pass, let the correction land, refresh again.

    ``extracts`` are the tables that departments send (None: all). An earlier demonstration in the data folder is replaced.
    Raises DemoError when the folder holds anything else.
    """
    from pipelines.defs.refresh import refresh
    from pipelines.intake.contract import load_contracts
    from pipelines.policy import load_pack
    from pipelines.simulate import simulate

    began = time.monotonic()
    _clear(settings)
    progress("模拟样本县上报件", 0.0)
    span = months(SPAN)
    pack, cores = load_pack(settings.policy_dir), len(os.sched_getaffinity(0))
    made = simulate(settings.landing, pack, load_contracts(), span, households, extracts=extracts, processes=cores)
    for apart in ("truth", "corrections"):
        (settings.landing / apart).rename(settings.home / apart)
    after = shift(span[-1], 1)
    refresh(settings, span, f"{after}-20T00:00:00Z", lambda what, share: progress(what, 0.15 + 0.7 * share))
    for path in (settings.home / "corrections").glob("*/*"):
        shutil.copy2(path, settings.landing / path.parent.name / path.name)
    corrected_months = sorted({path.parent.name for path in made.corrections})
    refresh(
        settings, corrected_months, f"{after}-26T00:00:00Z", lambda what, share: progress(what, 0.85 + 0.15 * share)
    )
    progress("完成", 1.0)
    corrected = open_release(settings, corrected_months[-1]) if corrected_months else None
    return Demo(
        headline=_headline(settings, span[-1]),
        corrected=corrected,
        releases=len(list_releases(settings)),
        seconds=time.monotonic() - began,
        next_steps=[
            "fangpin serve                                   看板（浏览器打开 http://127.0.0.1:8050）",
            "fangpin figures --month 2017-12                 2017年底的统计数，与海发〔2018〕18号所载一致",
            "fangpin trace 2017-12/r1/poor_households/532822/cause=illness",
            f"fangpin targets --month {shift(span[-1], -6)}                 目标进度、需要的进度与预测",
            f"fangpin status --month {span[-1]}                谁报了、谁没报、每一行的去向",
            f"fangpin gate --month {span[-1]}                  质量问题与发布决定",
            f"fangpin release show {corrected.name if corrected else span[-1]}                 更正前后",
        ],
    )


def _clear(settings: Settings) -> None:
    mark = settings.home / MARK
    if settings.home.exists() and any(settings.home.iterdir()) and not mark.exists():
        raise DemoError(
            f"{settings.home} holds data that are not a demonstration; name another folder: FANGPIN_HOME=demo-data fangpin demo"
        )
    shutil.rmtree(settings.home, ignore_errors=True)
    settings.home.mkdir(parents=True)
    mark.write_text("made by fangpin demo; the next one replaces it\n", encoding="utf-8")


def _headline(settings: Settings, last: str) -> list[tuple[Any, ...]]:
    rows = []
    for indicator, breakdown, month in HEADLINE:
        release = open_release(settings, month or last)
        definitions = release.definitions
        found = release.figures(indicator, definitions["pack"]["area"], breakdown)
        for figure in found:
            target = [t for t in definitions["targets"] if t["indicator"] == indicator and t["breakdown"] == breakdown]
            goal = f"{target[0]['comparator']} {target[0]['value']:,.0f}（{target[0]['due']} 前）" if target else ""
            value = figure["value"] if figure["status"] == "published" else figure["reason"]
            rows.append(
                (figure["title"], figure["area_name"], figure["period"], value, figure["unit"], goal, figure["id"])
            )
    return rows
