"""Checks of what departments know of people: work, schooling, aid, insurance, income, and what befell them."""

from __future__ import annotations

from expectations.check import Check, Suite, between, not_more, volume

EMPLOYMENT = (
    Suite(
        frame="""
            select
                _source, _period, last_work_date, month_end(_period) as month_end,
                case when status in ('migrant', 'local_work') and not coalesce(resumed, false) then idle_days end as idle_at_work
            from employment
        """,
        checks=(
            Check(
                name="who_is_at_work_is_not_idle",
                severity="warning",
                message="填为务工，却已 {idle_at_work:.0f} 天未复工",
                remedy="请核对就业状态；已返岗的填写是否复工",
                column="idle_days",
                **between("idle_at_work", None, 0),
            ),
            Check(
                name="work_was_done_by_the_month_end",
                severity="error",
                message="最近务工日期晚于上报月份的月末",
                remedy="请核对最近务工日期",
                column="last_work_date",
                **not_more("last_work_date", "month_end"),
            ),
        ),
    ),
    volume("employment", 0.8, 1.25),
)

EDU_STUDENT = (
    Suite(
        frame="""
            select _source, _period, case when aid_amount > 0 and len(_quarantined) = 0 then (aid_type is not null)::integer end as told
            from edu_student
        """,
        checks=(
            Check(
                name="aid_that_was_paid_has_a_kind",
                severity="error",
                message="有资助金额，没有资助项目",
                remedy="请补填资助项目",
                column="aid_type",
                **between("told", 1, 1),
            ),
        ),
    ),
)

SCHOOL_FACILITY = (
    Suite(
        frame="select _source, _period, teacher_n, subsidised_teacher_n, classroom_n, multimedia_n from school_facility",
        checks=(
            Check(
                name="multimedia_classrooms_are_not_more_than_classrooms",
                severity="error",
                message="多媒体教室数大于教室数",
                remedy="请核对该校教室数和多媒体教室数",
                column="multimedia_n",
                **not_more("multimedia_n", "classroom_n"),
            ),
            Check(
                name="subsidised_teachers_are_not_more_than_teachers",
                severity="error",
                message="享受生活补助教师数大于专任教师数",
                remedy="请核对该校教师数",
                column="subsidised_teacher_n",
                **not_more("subsidised_teacher_n", "teacher_n"),
            ),
        ),
    ),
)

CIVIL_AID = (
    Suite(
        frame="""
            select
                _source, _period, amount, topup_amount,
                case when aid_type in ('dibao', 'tekun') then count(distinct aid_type) filter (where aid_type in ('dibao', 'tekun')) over (
                    partition by _submission, person_id
                ) end as supports_n
            from civil_aid
        """,
        checks=(
            Check(
                name="the_top_up_per_head_is_not_more_than_what_was_paid",
                severity="error",
                message="月人均补差大于本月发放金额",
                remedy="请核对两项金额是否填反，或单位是否有误",
                column="topup_amount",
                **not_more("topup_amount", "amount"),
            ),
            Check(
                name="nobody_has_the_minimum_allowance_and_hardship_support",
                severity="warning",
                message="同一人同时享受低保和特困供养",
                remedy="低保与特困供养不能同时享受，请核对其中一项",
                column="aid_type",
                **between("supports_n", None, 1),
            ),
        ),
    ),
    volume("civil_aid", 0.8, 1.25),
)

INSURANCE_POLICY = (
    Suite(
        frame="select _source, _period, start_date, end_date, sum_insured, payout from insurance_policy",
        checks=(
            Check(
                name="a_policy_ends_on_or_after_it_begins",
                severity="error",
                message="终保日期早于起保日期",
                remedy="请核对保险期间",
                column="end_date",
                **not_more("start_date", "end_date"),
            ),
            Check(
                name="a_payout_is_not_more_than_the_sum_insured",
                severity="warning",
                message="赔付金额大于保险金额",
                remedy="请核对两项金额及其单位",
                column="payout",
                **not_more("payout", "sum_insured"),
            ),
        ),
    ),
)

HH_INCOME = (
    Suite(
        frame="""
            select _source, _period, total_income, transfer_income, net_income_pc * hh_size - total_income as over_total from hh_income
        """,
        checks=(
            Check(
                name="transfer_income_is_not_more_than_income",
                severity="error",
                message="转移性收入大于家庭总收入",
                remedy="请核对两项收入，改正后重报",
                column="transfer_income",
                **not_more("transfer_income", "total_income"),
            ),
            Check(
                name="net_income_of_all_members_is_not_more_than_income",
                severity="warning",
                message="人均纯收入乘以家庭人口，比家庭总收入多 {over_total:.2f} 元",
                remedy="请核对家庭人口、人均纯收入和家庭总收入",
                column="net_income_pc",
                # income per head is printed to the cent, so a household of twenty may be over by a dime
                **between("over_total", None, 1),
            ),
        ),
    ),
)

DISASTER_VILLAGE = (
    Suite(
        frame="select _source, _period, hh_n, persons_n from disaster_village",
        checks=(
            Check(
                name="persons_hit_are_not_fewer_than_households_hit",
                severity="warning",
                message="受灾人口少于受灾户数",
                remedy="请核对受灾户数和受灾人口是否填反",
                column="persons_n",
                **not_more("hh_n", "persons_n"),
            ),
        ),
    ),
)


def _has_happened(extract: str, column: str, title: str) -> Suite:
    """What the rows of an extract tell of has happened by the end of their month; it may have happened long before."""
    return Suite(
        frame=f"select _source, _period, {column}, month_end(_period) as month_end from {extract}",
        checks=(
            Check(
                name=f"{extract}_has_happened_by_the_month_end",
                severity="error",
                message=f"{title}晚于上报月份的月末",
                remedy=f"请核对{title}；下月发生的下月再报",
                column=column,
                **not_more(column, "month_end"),
            ),
        ),
    )


SUITES: dict[str, tuple[Suite, ...]] = {
    "employment": EMPLOYMENT,
    "edu_student": EDU_STUDENT,
    "school_facility": SCHOOL_FACILITY,
    "civil_aid": CIVIL_AID,
    "insurance_policy": INSURANCE_POLICY,
    "hh_income": HH_INCOME,
    "disability": (_has_happened("disability", "service_date", "康复服务日期"), volume("disability", 0.8, 1.25)),
    "health_case": (_has_happened("health_case", "checkup_date", "最近体检日期"), volume("health_case", 0.8, 1.25)),
    "water": (_has_happened("water", "date", "核实日期"), volume("water", 0.8, 1.25)),
    "health_service": (_has_happened("health_service", "date", "服务日期"),),
    "temp_relief": (_has_happened("temp_relief", "grant_date", "救助日期"),),
    "child_protection": (_has_happened("child_protection", "step_date", "环节日期"),),
    "accident_case": (_has_happened("accident_case", "date", "发生日期"),),
    "disaster_event": (_has_happened("disaster_event", "date", "受灾日期"),),
    "disaster_village": (*DISASTER_VILLAGE, _has_happened("disaster_village", "date", "发生日期")),
    "disaster_farm": (_has_happened("disaster_farm", "date", "受灾日期"),),
    "disaster_forest": (_has_happened("disaster_forest", "date", "发生日期"),),
}
