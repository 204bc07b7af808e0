"""Checks of what departments did for people: settlements, training and transfers, public posts."""

from __future__ import annotations

from expectations.check import Check, Suite, between, not_more, steady_shares, volume

MED_SETTLEMENT = (
    Suite(
        frame="""
            select
                _source, _period, admit_date, settle_date, total_cost_yuan, self_paid_yuan,
                case when len(_quarantined) = 0 then
                    total_cost_yuan - coalesce(reimbursed_basic_yuan, 0) - coalesce(reimbursed_major_yuan, 0)
                    - coalesce(medical_aid_yuan, 0) - coalesce(gov_backstop_yuan, 0) - coalesce(temp_aid_yuan, 0)
                    - coalesce(rerelief_yuan, 0) - self_paid_yuan
                end as unexplained_yuan,
                date_diff('month', month_end(_period), settle_date) as months_off
            from med_settlement
        """,
        checks=(
            Check(
                name="self_paid_is_not_more_than_total_cost",
                severity="error",
                message="个人自费大于总费用",
                remedy="请核对该笔结算的总费用和个人自费，改正后重报",
                column="self_paid_yuan",
                **not_more("self_paid_yuan", "total_cost_yuan"),
            ),
            Check(
                name="settled_on_or_after_admission",
                severity="error",
                message="结算日期早于入院日期",
                remedy="请核对该笔结算的入院日期和结算日期，改正后重报",
                column="settle_date",
                **not_more("admit_date", "settle_date"),
            ),
            Check(
                name="self_paid_is_total_cost_less_what_others_paid",
                severity="warning",
                message="总费用减去各项报销与个人自费相差 {unexplained_yuan:.2f} 元",
                remedy="请核对该笔结算的各项金额",
                column="self_paid_yuan",
                # 万元 with four decimals rounds each of eight amounts by up to half a yuan.
                **between("unexplained_yuan", -4, 4),
            ),
            Check(
                name="a_settlement_has_a_cost",
                severity="warning",
                message="总费用为零",
                remedy="请核对该笔结算；作废的结算请从表中删除，改正后重报",
                column="total_cost_yuan",
                **between("total_cost_yuan", 0.01, None),
            ),
            Check(
                name="settled_in_the_month_of_the_file",
                severity="warning",
                message="结算日期不在上报月份内",
                remedy="请核对该笔结算是否属于本月",
                column="settle_date",
                **between("months_off", 0, 0),
            ),
        ),
    ),
    Suite(
        frame="""
            with months as (
                select _period, avg(total_cost_yuan) as mean_yuan from med_settlement group by _period having count(*) >= 20
            )
            select this._period, this.mean_yuan, before.mean_yuan as before_yuan, this.mean_yuan / before.mean_yuan as times_last_month
            from months as this join months as before on before._period = last_month(this._period)
        """,
        checks=(
            Check(
                name="mean_total_cost_is_within_twenty_times_of_last_month",
                severity="error",
                message="本月次均总费用 {mean_yuan:.2f} 元，上月 {before_yuan:.2f} 元，疑似金额单位有误",
                remedy="请核对表中金额单位（元、万元），改正后重报",
                column="total_cost_yuan",
                **between("times_last_month", 0.05, 20),
            ),
            Check(
                name="mean_total_cost_is_within_three_times_of_last_month",
                severity="warning",
                message="本月次均总费用 {mean_yuan:.2f} 元，上月 {before_yuan:.2f} 元，变化过大",
                remedy="请核对本月结算数据；确有变化的请书面说明",
                column="total_cost_yuan",
                **between("times_last_month", 1 / 3, 3),
            ),
        ),
    ),
    volume("med_settlement", 0.25, 4),
)

TRAINING_RECORD = (
    Suite(
        frame="""
            select
                _source, _period, start_date, end_date, month_end(_period) as month_end, transfer_date,
                case when len(_quarantined) = 0 then (transferred or end_date is not null)::integer end as counts_for_something,
                case when len(_quarantined) = 0 and not transferred then (transfer_date is not null)::integer end as dated_for_nothing
            from training_record
        """,
        checks=(
            Check(
                name="a_course_ends_on_or_after_it_begins",
                severity="error",
                message="结业日期早于开班日期",
                remedy="请核对该条台账的开班日期和结业日期，改正后重报",
                column="end_date",
                **not_more("start_date", "end_date"),
            ),
            Check(
                name="a_course_has_ended_by_the_month_end",
                severity="error",
                message="结业日期晚于上报月份的月末，培训尚未结束",
                remedy="请核对该条台账的结业日期；未结业的待结业后再报",
                column="end_date",
                **not_more("end_date", "month_end"),
            ),
            Check(
                name="a_transfer_has_happened_by_the_month_end",
                severity="error",
                message="转移就业日期晚于上报月份的月末",
                remedy="请核对该条台账的转移就业日期",
                column="transfer_date",
                **not_more("transfer_date", "month_end"),
            ),
            Check(
                name="an_entry_has_a_finished_course_or_a_transfer",
                severity="warning",
                message="该条台账既无结业日期，也未转移就业",
                remedy="请补填结业日期或转移就业情况",
                column="end_date",
                **between("counts_for_something", 1, 1),
            ),
            Check(
                name="only_a_transfer_has_a_transfer_date",
                severity="warning",
                message="未转移就业，却填了转移就业日期",
                remedy="请核对该条台账的转移就业情况",
                column="transferred",
                **between("dated_for_nothing", 0, 0),
            ),
        ),
    ),
    Suite(
        frame="""
            select _source, _period, count(*) over same as times_n
            from training_record
            where person_id is not null and end_date is not null
            window same as (partition by person_id, course_type, end_date)
        """,
        checks=(
            Check(
                name="a_person_finishes_a_course_once",
                severity="warning",
                message="同一人同一工种同一结业日期登记了 {times_n:.0f} 次",
                remedy="请核对是否重复登记",
                column="end_date",
                **between("times_n", None, 1),
            ),
        ),
    ),
    volume("training_record", 0.1, 10),
)

PUBLIC_POST = (
    Suite(
        frame="""
            select
                _source, _period, start_date, end_date, month_end(_period) as month_end, monthly_pay_yuan,
                case when len(_quarantined) = 0 and end_date is null then (end_reason is not null)::integer end as reason_alone,
                count(*) filter (where end_date is null or end_date > month_end(_period)) over holder as posts_n
            from public_post
            window holder as (partition by _submission, person_id)
        """,
        checks=(
            Check(
                name="a_post_began_by_the_month_end",
                severity="error",
                message="上岗时间晚于上报月份的月末，尚未在岗",
                remedy="请核对上岗时间；未上岗的待上岗后再报",
                column="start_date",
                **not_more("start_date", "month_end"),
            ),
            Check(
                name="a_post_ended_on_or_after_it_began",
                severity="error",
                message="离岗时间早于上岗时间",
                remedy="请核对上岗时间和离岗时间，改正后重报",
                column="end_date",
                **not_more("start_date", "end_date"),
            ),
            Check(
                name="who_left_a_post_has_a_day_of_leaving",
                severity="warning",
                message="填了离岗原因，没有填离岗时间，仍按在岗统计",
                remedy="请补填离岗时间；仍在岗的请删去离岗原因",
                column="end_reason",
                **between("reason_alone", 0, 0),
            ),
            Check(
                name="a_person_holds_one_post",
                severity="warning",
                message="同一人在 {posts_n:.0f} 个岗位上",
                remedy="请核对是否重复安排",
                column="post_type",
                **between("posts_n", None, 1),
            ),
            Check(
                name="monthly_pay_is_between_50_and_10000_yuan",
                severity="warning",
                message="月补贴 {monthly_pay_yuan:.2f} 元，不合常理",
                remedy="请核对月补贴金额及单位",
                column="monthly_pay_yuan",
                **between("monthly_pay_yuan", 50, 10000),
            ),
        ),
    ),
    volume("public_post", 0.5, 2),
    steady_shares("public_post", "post_type", 20, "岗位类别"),
)

SUITES: dict[str, tuple[Suite, ...]] = {
    "med_settlement": MED_SETTLEMENT,
    "training_record": TRAINING_RECORD,
    "public_post": PUBLIC_POST,
}
