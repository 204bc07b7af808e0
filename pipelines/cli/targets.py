"""The command about targets: targets."""

from __future__ import annotations

from typing import Any

import click

from pipelines.cli.shared import (
    Look,
    area_or_all,
    as_json,
    chosen_area,
    month,
    open_month,
    print_json,
    print_table,
    release_option,
)
from pipelines.settings import Settings
from pipelines.targets import LEVEL, STATUS, chance_words


@click.command(cls=Look)
@month
@area_or_all
@release_option
@as_json
def targets(month: str, area: str | None, revision: str | None, as_json: bool) -> None:
    """Targets of a sealed release: value, goal, pace, status, and what is likely to come (a forecast, not a figure)."""
    release = open_month(Settings.load(), month, revision)
    found = release.targets(chosen_area(release, area))
    if as_json:
        print_json(found)
        return
    waiting = [t for t in found if not t["indicator"]]
    rows = [
        (
            "\n".join(filter(None, [t["title"], _part(release, t), t["area_name"] if area == "all" else ""])),
            f"{t['comparator']} {_shown(t['goal'])} {t['unit']}",
            t["due"],
            t["owner_name"],
            f"{_shown(t['value'])}（{t['judged']}）",
            STATUS[t["status"]][0] + (f"\n{t['why']}" if t["why"] else ""),
            f"{_shown(t['needed_pace'])} / {_shown(t['actual_pace'])}" if t["needed_pace"] is not None else "—",
            *_ahead(t["forecast"]),
        )
        for t in found
        if t["indicator"]
    ]
    head = ["指标", "目标", "期限", "负责部门", "现状", "状态", "每月需要 / 实际"]
    ahead = ["预测到期值（区间）", "达标可能", "照此达到"]
    level = f"预测不是统计数；区间应包含 {LEVEL:.0%} 的实际值"
    print_table([*head, *ahead], rows, title=f"{release.name} 目标进度（{level}）")
    if waiting:
        print_table(
            ["目标编号", "条款", "还缺什么"], [(t["target"], t["clause"], f"{t['why']} {t['detail']}") for t in waiting]
        )


def _part(release: Any, target: dict[str, Any]) -> str:
    part: str = release.breakdown_title(target["indicator"], target["breakdown"])
    return part


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _ahead(forecast: dict[str, Any]) -> tuple[str, str, str]:
    """Value and interval at the due date, the chance, the month in which the present pace would reach the goal."""
    if forecast["chance"] is None:
        return forecast["why_not"], "—", forecast["likely"] or "—"
    interval = f"{_shown(forecast['projected'])}（{_shown(forecast['lower'])}–{_shown(forecast['upper'])}）"
    return interval, chance_words(forecast["chance"]), forecast["likely"] or "十年内达不到"
