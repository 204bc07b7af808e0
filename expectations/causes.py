"""Checks of a printed table of causes: its shares are those of its own counts."""

from __future__ import annotations

from expectations.check import Check, Suite, between, not_more

CAUSE_TABLE = (
    Suite(
        frame="""
            select
                _source, _period, households_n, persons_n,
                abs(household_share_pct - 100.0 * households_n / sum(households_n) over printed) as household_share_off,
                abs(person_share_pct - 100.0 * persons_n / sum(persons_n) over printed) as person_share_off
            from cause_table
            window printed as (partition by _submission)
        """,
        checks=(
            Check(
                name="persons_are_not_fewer_than_households",
                severity="error",
                message="人数少于户数",
                remedy="请对照原文件核对户数和人数",
                column="persons_n",
                **not_more("households_n", "persons_n"),
            ),
            Check(
                name="a_printed_household_share_is_its_count_over_the_total",
                severity="error",
                message="户占比与户数除以合计不符",
                remedy="请对照原文件核对各原因的户数和占比",
                column="household_share_pct",
                # two printed decimals round by at most 0.005; the rest is binary rounding
                **between("household_share_off", 0, 0.005001),
            ),
            Check(
                name="a_printed_person_share_is_its_count_over_the_total",
                severity="error",
                message="人占比与人数除以合计不符",
                remedy="请对照原文件核对各原因的人数和占比",
                column="person_share_pct",
                **between("person_share_off", 0, 0.005001),
            ),
        ),
    ),
    Suite(
        frame="""
            select _period, sum(household_share_pct) as household_pct, sum(person_share_pct) as person_pct, count(*) as causes_n
            from cause_table group by _period, _submission
        """,
        checks=(
            Check(
                name="printed_household_shares_add_up_to_100",
                severity="warning",
                message="户占比合计 {household_pct:.2f}%，不等于100%",
                remedy="请对照原文件核对是否缺少某一致贫原因",
                column="household_share_pct",
                **between("household_pct", 99.9, 100.1),
            ),
            Check(
                name="printed_person_shares_add_up_to_100",
                severity="warning",
                message="人占比合计 {person_pct:.2f}%，不等于100%",
                remedy="请对照原文件核对是否缺少某一致贫原因",
                column="person_share_pct",
                **between("person_pct", 99.9, 100.1),
            ),
        ),
    ),
)

SUITES: dict[str, tuple[Suite, ...]] = {"cause_table": CAUSE_TABLE}
