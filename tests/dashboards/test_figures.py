"""Charts from points and words alone."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import unquote

import pytest

from dashboards import figures
from dashboards.data import Point
from pipelines.periods import shift

FORMATS = ("%Y年%-m月", "%Y年")


def points(*values: int | None) -> list[Point]:
    return [Point(shift("2020-01", n), None if v is None else Decimal(v)) for n, v in enumerate(values)]


def test_a_sparkline_breaks_where_a_month_is_missing() -> None:
    assert unquote(figures.sparkline(points(1, 2, None, 3, 4))).count("<polyline") == 2


def test_a_sparkline_marks_the_last_month_only_when_it_is_known() -> None:
    assert "<path" in unquote(figures.sparkline(points(1, 2)))
    assert "<path" not in unquote(figures.sparkline(points(1, None)))
    assert "<polyline" not in unquote(figures.sparkline(points(None, None)))


def test_bars_keep_order_and_leave_out_what_is_withheld() -> None:
    chart = figures.bars(["甲", "乙"], [Decimal(3), None], ["3", "暂不发布"], "户")
    assert chart.data[0].x == (3.0, None)
    assert chart.data[0].text == ("3", "暂不发布")
    assert chart.layout.xaxis.title.text == "户"


def test_lines_do_not_bridge_gaps_nor_take_the_finger() -> None:
    chart = figures.lines([("因病", points(1, None, 3))], FORMATS, "月份", "户")
    assert chart.data[0].connectgaps is False
    assert chart.data[0].y == (1.0, None, 3.0)
    assert chart.layout.xaxis.fixedrange
    assert chart.layout.dragmode is False


def test_the_legend_has_every_line_as_it_is_drawn() -> None:
    chart = figures.lines([(str(n), points(n)) for n in range(9)], FORMATS, "月份", "户")
    assert [name for name, _, _ in figures.key(chart)] == [str(n) for n in range(9)]
    assert len({(colour, dash) for _, colour, dash in figures.key(chart)}) == 9


@pytest.mark.parametrize(("months", "step"), [(1, "M1"), (3, "M1"), (4, "M3"), (8, "M6"), (14, "M6")])
def test_ticks_are_as_far_apart_as_a_phone_can_bear(months: int, step: str) -> None:
    chart = figures.lines([("因病", points(*range(months)))], FORMATS, "月份", "户")
    assert chart.layout.xaxis.dtick == step


def test_a_target_is_level_the_pace_runs_to_it_and_a_forecast_has_its_interval() -> None:
    chart = figures.against_target(
        points(1, 2),
        Decimal(12),
        [("2020-02", Decimal(2)), ("2020-12", Decimal(12))],
        ("统计数", "目标", "需要的进度", "预测"),
        FORMATS,
        "月份",
        "户",
        (("2020-02", Decimal(2)), ("2020-12", Decimal(9)), (Decimal(7), Decimal(13))),
    )
    level, pace, ahead = chart.data[1:]
    assert level.y == (12.0, 12.0)
    assert level.x[1] == "2020-12-01"
    assert pace.y == (2.0, 12.0)
    assert ahead.y == (2.0, 9.0)
    assert (ahead.error_y.array[1], ahead.error_y.arrayminus[1]) == (4.0, 2.0)
    assert chart.layout.xaxis.dtick == "M6"  # two months are known, but a year is drawn
