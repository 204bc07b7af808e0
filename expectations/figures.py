"""Checks of the figures themselves, before the gate. What must hold exactly (sums, grain, relations) is tested by dbt."""

from __future__ import annotations

from expectations.check import Check, Suite, between

FIGURES = (
    Suite(
        frame="select period as _period, area, indicator, breakdown, value, is_percent from figures where is_percent",
        checks=(
            Check(
                name="a_share_is_between_0_and_100",
                severity="error",
                message="占比为 {value:.2f}%，不在0至100之间",
                remedy="请核对该地区分子、分母的上报数据",
                **between("value", 0, 100),
            ),
        ),
    ),
    Suite(
        # the least figure of each indicator stands for those that are not negative: there are half a million
        frame="""
            select period as _period, area, indicator, breakdown, value
            from figures
            where value is not null
            qualify value < 0 or row_number() over (partition by period, indicator, breakdown order by value, area) = 1
        """,
        checks=(
            Check(
                name="a_figure_is_not_negative",
                severity="error",
                message="统计数为负：{value:.2f}",
                remedy="请核对该地区的上报数据",
                **between("value", 0, None),
            ),
        ),
    ),
    Suite(
        frame="""
            select
                this.period as _period, this.area, this.indicator, this.breakdown,
                this.value, before.value as before_value, this.value / before.value as times_last_month
            from figures as this
            join figures as before
                on before.period = last_month(this.period)
                and before.indicator = this.indicator and before.breakdown = this.breakdown and before.area = this.area
            where this.is_root and this.breakdown = '' and this.time_window = 'month' and before.value >= 100
                and substr(this.period, 1, 4) = substr(before.period, 1, 4)
        """,
        checks=(
            Check(
                name="a_county_figure_of_100_or_more_stays_within_three_times_of_last_month_of_the_year",
                severity="warning",
                message="本月 {value:.2f}，上月 {before_value:.2f}，变化过大",
                remedy="请有关部门说明变化原因",
                **between("times_last_month", 1 / 3, 3),
            ),
        ),
    ),
    Suite(
        frame="""
            select
                this.period as _period, this.area, this.indicator, this.breakdown,
                this.value, before.value as before_value, this.value - before.value as grown
            from figures as this
            join figures as before
                on before.period = last_month(this.period)
                and before.indicator = this.indicator and before.breakdown = this.breakdown and before.area = this.area
            where this.is_root and this.time_window = 'plan'
        """,
        checks=(
            Check(
                name="a_cumulative_county_figure_does_not_fall",
                severity="warning",
                message="累计数由上月 {before_value:.2f} 降为 {value:.2f}",
                remedy="请有关部门核对是否删除了以前月份的记录",
                **between("grown", 0, None),
            ),
        ),
    ),
)

SUITES: dict[str, tuple[Suite, ...]] = {"figures": FIGURES}
