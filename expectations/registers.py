"""Checks of the household and person registers as sets of accepted rows. What one cell or key must be is in the contracts."""

from __future__ import annotations

from expectations.check import Check, Suite, between, no_village_falls_silent, not_more, steady_shares, volume

HH_REGISTER = (
    Suite(
        frame="""
            select
                _source, _period, transfer_income_pc_yuan, net_income_pc_yuan,
                case when poverty_status = 'exited' then exit_year end as exited_in,
                case when poverty_status = 'not_exited' then exit_year is not null end::integer as exit_of_the_poor,
                case when poverty_status = 'not_exited' and len(_quarantined) = 0 then (cause_main is not null)::integer end as causes_n,
                year(month_end(_period)) as this_year,
                identify_date, month_end(_period) as month_end
            from hh_register
        """,
        checks=(
            Check(
                name="a_household_not_out_of_poverty_has_no_year_of_exit",
                severity="error",
                message="该户脱贫状态为未脱贫，却填了脱贫年度",
                remedy="请核对该户脱贫状态和脱贫年度，改正后重报",
                column="exit_year",
                **between("exit_of_the_poor", 0, 0),
            ),
            Check(
                name="a_household_did_not_exit_after_the_month",
                severity="error",
                message="该户脱贫年度晚于上报月份",
                remedy="请核对该户脱贫状态和脱贫年度，改正后重报",
                column="exit_year",
                **not_more("exited_in", "this_year"),
            ),
            Check(
                name="a_poor_household_has_a_cause",
                severity="warning",
                message="未脱贫户没有主要致贫原因，按原因不明统计",
                remedy="请补填该户主要致贫原因",
                column="cause_main",
                **between("causes_n", 1, 1),
            ),
            Check(
                name="transfer_income_is_not_more_than_net_income",
                severity="warning",
                message="该户人均转移性收入大于人均纯收入",
                remedy="请核对该户收入测算表",
                column="transfer_income_pc_yuan",
                **not_more("transfer_income_pc_yuan", "net_income_pc_yuan"),
            ),
            Check(
                name="a_household_was_identified_by_the_month_end",
                severity="warning",
                message="该户识别时间晚于上报月份的月末",
                remedy="请核对该户识别时间",
                column="identify_date",
                **not_more("identify_date", "month_end"),
            ),
        ),
    ),
    Suite(
        frame="""
            with registered as (
                select _period, sum(case when poverty_status in ('not_exited', 'relapsed', 'new') then hh_size else 0 end) as poor_n
                from hh_register group by _period
            ),
            counted as (select _period, max_by(poor_n, year) as said_n from stat_base_county group by _period),
            living as (select _period, sum(rural_pop) as rural_n from stat_base_town group by _period)
            select registered._period, registered.poor_n, counted.said_n, living.rural_n, registered.poor_n - counted.said_n as apart
            from registered join counted using (_period) join living using (_period)
        """,
        needs=("stat_base_county", "stat_base_town"),
        checks=(
            Check(
                name="the_register_and_the_statistics_count_the_same_poor",
                severity="warning",
                message="户信息表的贫困人口合计 {poor_n:.0f} 人，主要经济社会指标表为 {said_n:.0f} 人",
                remedy="请与统计部门核对贫困人口数",
                clauses=("MH18-248",),
                **between("apart", 0, 0),
            ),
            Check(
                name="the_poor_are_not_more_than_the_rural_population",
                severity="error",
                message="户信息表的贫困人口合计 {poor_n:.0f} 人，大于乡村人口 {rural_n:.0f} 人",
                remedy="请核对户信息表的家庭人口和乡镇基本情况表的乡村人口",
                clauses=("MH18-248",),
                **not_more("poor_n", "rural_n"),
            ),
        ),
    ),
    volume("hh_register", 0.9, 1.1, clauses=("MH18-246",)),
    steady_shares("hh_register", "cause_main", 5, "主要致贫原因"),
    no_village_falls_silent("hh_register"),
)

PERSON_REGISTER = (
    Suite(
        frame="""
            select _source, _period, count(*) over household as heads_n
            from person_register where relation = 'head'
            window household as (partition by _submission, hh_id)
        """,
        checks=(
            Check(
                name="a_household_has_not_more_than_one_head",
                severity="error",
                message="同一户有 {heads_n:.0f} 名户主",
                remedy="请核对该户成员与户主关系，一户只填一名户主",
                column="relation",
                **between("heads_n", None, 1),
            ),
        ),
    ),
    Suite(
        frame="""
            with said as (select _period, sum(hh_size) as persons_n from hh_register group by _period),
            listed as (select _period, count(*) as persons_n from person_register group by _period)
            select _period, said.persons_n as said_n, listed.persons_n as listed_n, listed.persons_n / said.persons_n as ratio
            from said join listed using (_period)
        """,
        checks=(
            Check(
                name="persons_listed_are_within_two_percent_of_the_household_sizes",
                severity="warning",
                message="人员信息表 {listed_n:.0f} 人，户信息表家庭人口合计 {said_n:.0f} 人，相差超过2%",
                remedy="请与县扶贫办核对两表的户数、人数",
                **between("ratio", 0.98, 1.02),
            ),
        ),
        needs=("hh_register",),
    ),
    volume("person_register", 0.9, 1.1),
    steady_shares("person_register", "health_status", 5, "健康状况"),
    steady_shares("person_register", "labour_ability", 5, "劳动能力"),
)

SUITES: dict[str, tuple[Suite, ...]] = {"hh_register": HH_REGISTER, "person_register": PERSON_REGISTER}
