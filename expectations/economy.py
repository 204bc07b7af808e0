"""Checks of industry, finance and infrastructure: a part is not more than its whole, a later day not before an earlier one."""

from __future__ import annotations

from expectations.check import Check, Suite, between, not_more, ordered

# extract, what must be true, the smaller (or earlier) column, the larger, what is said when it is not, what to do
_ORDERED = (
    ("coop_register", "poor_members_are_not_more_than_members", "poor_member_n", "member_n",
     "入股贫困户数大于成员户数", "请核对该合作社的成员户数和入股贫困户数"),
    ("coop_register", "a_cooperative_is_upgraded_on_or_after_it_is_founded", "founded_date", "upgraded_date",
     "规范提升日期早于成立日期", "请核对该合作社的成立日期和规范提升日期"),
    ("credit_file", "a_credit_file_is_made_on_or_after_its_facts_are_collected", "collected_date", "file_date",
     "信用档案建立日期早于采集日期", "请核对该户的采集日期和建档日期"),
    ("demo_register", "poor_persons_are_not_more_than_persons_who_take_part", "poor_n", "total_n",
     "参与贫困人口数大于参与总人数", "请核对该对象的参与人数"),
    ("donation_ledger", "a_donation_is_published_on_or_after_it_is_made", "date", "published_at",
     "公示日期早于捐赠日期", "请核对该笔捐赠的捐赠日期和公示日期"),
    ("enterprise_lead", "subsidised_interest_is_not_more_than_interest", "subsidy_amount", "loan_interest",
     "贴息金额大于贷款利息", "请核对该企业的贷款利息、贴息金额及其单位（元、万元）"),
    ("fund_budget", "what_is_brought_together_is_not_more_than_what_may_be", "integrated_amount", "integrable_amount",
     "已整合规模大于可整合规模", "请核对该项资金的整合规模"),
    ("fund_budget", "what_is_set_aside_for_relief_is_not_more_than_the_budget", "poverty_alloc", "budget",
     "统筹用于脱贫攻坚的资金大于预算安排", "请核对该项资金的预算数"),
    ("fund_progress", "funds_passed_on_are_not_more_than_the_budget", "allocated", "budget",
     "已下达资金大于预算安排", "请核对该项资金的预算数和下达数及其单位（元、万元）"),
    ("fund_progress", "funds_spent_are_not_more_than_funds_passed_on", "spent", "allocated",
     "累计支出大于已下达资金", "请核对该项资金的下达数和支出数及其单位（元、万元）"),
    ("fund_voucher", "a_payment_was_made_by_the_month_end", "spend_date", "month_end",
     "支付日期晚于上报月份的月末", "请核对该凭证的支付日期；下月的支付下月再报"),
    ("micro_loan", "a_loan_is_not_due_before_it_is_lent", "loan_date", "due_date",
     "到期日期早于放款日期", "请核对该笔贷款的放款日期和到期日期"),
    ("micro_loan", "a_balance_is_not_more_than_its_loan", "balance", "amount",
     "贷款余额大于贷款金额", "请核对该笔贷款的金额和余额及其单位（元、万元）"),
    ("stat_base_town", "farm_population_is_not_more_than_rural_population", "agri_pop", "rural_pop",
     "农业人口大于乡村人口", "请核对该乡镇的人口数"),
    ("village_finance", "income_from_business_is_not_more_than_income", "operating_income", "collective_income",
     "经营性收入大于村集体经济收入", "请核对该村的收入数及其单位（元、万元）"),
    ("village_road", "groups_with_a_hard_road_are_not_more_than_groups", "group_hard_road_n", "group_n",
     "通硬化路小组数大于村民小组数", "请核对该村的小组数"),
    ("village_road", "hazards_mended_are_not_more_than_hazards_found", "road_hazard_fixed_n", "road_hazard_n",
     "已治理隐患处数大于安全隐患处数", "请核对该村的隐患排查数和治理数"),
)  # fmt: skip


PRICE_MONITOR = (
    Suite(
        frame="select _source, _period, (price_month = _period)::integer as of_this_month from price_monitor",
        checks=(
            Check(
                name="a_price_is_of_the_month_of_the_file",
                severity="error",
                message="监测月份与上报月份不符",
                remedy="请核对监测月份，不同月份的价格分别上报",
                column="price_month",
                **between("of_this_month", 1, 1),
            ),
        ),
    ),
    Suite(
        frame="""
            select this._period, this._source, this.commodity, this.price, before.price as price_before,
                this.price / nullif(before.price, 0) as times_last_month
            from price_monitor as this
            join price_monitor as before
                on before._period = last_month(this._period) and before.commodity = this.commodity
        """,
        checks=(
            Check(
                name="a_price_stays_between_a_third_and_three_times_last_month",
                severity="warning",
                message="{commodity} 上月 {price_before:.2f} 元，本月 {price:.2f} 元，变化过大",
                remedy="请核对价格及其单位（元/公斤、元/斤、元/吨）；确有变化的请书面说明",
                column="price",
                **between("times_last_month", 1 / 3, 3),
            ),
        ),
    ),
)

PROJECT_LIBRARY = (
    Suite(
        frame="""
            select _source, _period, done_date, month_end(_period) as month_end,
                case when done_date is not null then progress_pct end as progress_when_done
            from project_library
        """,
        checks=(
            Check(
                name="a_project_was_done_by_the_month_end",
                severity="error",
                message="竣工日期晚于上报月份的月末，尚未竣工",
                remedy="请核对该项目的竣工日期；未竣工的留空",
                column="done_date",
                **not_more("done_date", "month_end"),
            ),
            Check(
                name="a_project_that_is_done_has_all_its_progress",
                severity="warning",
                message="已填竣工日期，形象进度为 {progress_when_done:.2f}%",
                remedy="请核对该项目的形象进度和竣工日期",
                column="progress_pct",
                **between("progress_when_done", 100, 100),
            ),
        ),
    ),
)

VILLAGE_FINANCE = (
    ordered("village_finance", _ORDERED),
    Suite(
        needs=("village_finance_use",),
        frame="""
            with used as (
                select _period, village_code as area, sum(amount) as used_yuan from village_finance_use group by all
            )
            select used._period, used.area, used.used_yuan, income.collective_income
            from used
            join village_finance as income on income._period = used._period and income.village_code = used.area
        """,
        checks=(
            Check(
                name="a_village_spends_no_more_than_its_income_of_the_year",
                severity="warning",
                message="收益使用合计 {used_yuan:.2f} 元，大于村集体经济收入 {collective_income:.2f} 元",
                remedy="请核对两张表的金额单位；动用往年结余的请书面说明",
                column="collective_income",
                **not_more("used_yuan", "collective_income"),
            ),
        ),
    ),
)

VILLAGE_REGISTER = (
    Suite(
        frame="""
            select _source, _period,
                case when exit_date is not null then is_poor_village::integer end as a_poor_village_left,
                exit_year - year(exit_date) as years_off
            from village_register
        """,
        checks=(
            Check(
                name="only_a_poor_village_leaves_poverty",
                severity="error",
                message="不是贫困村而填有出列日期",
                remedy="请核对是否贫困村和出列日期；已出列的村“是否贫困村”仍填“是”，改正后重报",
                column="exit_date",
                **between("a_poor_village_left", 1, 1),
            ),
            Check(
                name="the_year_of_exit_is_that_of_its_date",
                severity="error",
                message="出列年度与出列日期不符",
                remedy="请核对出列年度和出列日期，改正后重报",
                column="exit_year",
                **between("years_off", 0, 0),
            ),
        ),
    ),
)

SUITES: dict[str, tuple[Suite, ...]] = {extract: (ordered(extract, _ORDERED),) for extract, *_ in _ORDERED} | {
    "price_monitor": PRICE_MONITOR,
    "project_library": PROJECT_LIBRARY,
    "village_finance": VILLAGE_FINANCE,
    "village_register": VILLAGE_REGISTER,
}
