"""Checks of where people live: dwellings, relocation, village sanitation."""

from __future__ import annotations

from expectations.check import Check, Suite, between, no_village_falls_silent, not_more, steady_shares, volume

HOUSING = (
    Suite(
        frame="""
            select
                _source, _period, identified_date, done_date, month_end(_period) as month_end,
                case when len(_quarantined) = 0 and closed_date is not null then (done_date is not null)::integer end as closed_when_done,
                case when only_dwelling then count(*) over owner end as dwellings_n
            from housing
            window owner as (partition by _submission, hh_id)
        """,
        checks=(
            Check(
                name="a_house_is_renovated_on_or_after_it_is_graded",
                severity="error",
                message="改造竣工日期早于鉴定日期",
                remedy="请核对该房屋的鉴定日期和竣工日期，改正后重报",
                column="done_date",
                **not_more("identified_date", "done_date"),
            ),
            Check(
                name="a_house_was_renovated_by_the_month_end",
                severity="error",
                message="改造竣工日期晚于上报月份的月末，尚未竣工",
                remedy="请核对该房屋的竣工日期；未竣工的留空",
                column="done_date",
                **not_more("done_date", "month_end"),
            ),
            Check(
                name="a_ledger_is_closed_when_the_house_is_done",
                severity="error",
                message="台账已销号，但没有改造竣工日期",
                remedy="请补填改造竣工日期；尚未竣工的请清空销号日期，改正后重报",
                column="closed_date",
                **between("closed_when_done", 1, 1),
            ),
            Check(
                name="a_household_with_an_only_dwelling_has_one_dwelling",
                severity="warning",
                message="填为唯一住房，但该户有 {dwellings_n:.0f} 处房屋",
                remedy="请核对该户住房情况",
                column="only_dwelling",
                **between("dwellings_n", None, 1),
            ),
        ),
    ),
    volume("housing", 0.9, 1.1),
    steady_shares("housing", "house_grade", 5, "危房等级"),
)

RELOCATION = (
    Suite(
        frame="select _source, _period, moved_date, month_end(_period) as month_end from relocation",
        checks=(
            Check(
                name="a_relocated_household_moved_in_by_the_month_end",
                severity="error",
                message="入住日期晚于上报月份的月末，尚未入住",
                remedy="请核对该户入住日期；未入住的待入住后再报",
                column="moved_date",
                **not_more("moved_date", "month_end"),
            ),
        ),
    ),
    volume("relocation", 0.8, 1.5),
    steady_shares("relocation", "site", 10, "安置点"),
)

VILLAGE_SANITATION = (
    Suite(
        frame="""
            select
                this._source, this._period,
                this.rural_hh_n, this.sanitary_toilet_hh_n, this.public_toilet_n, this.dry_public_toilet_n,
                this.rural_hh_n / nullif(before.rural_hh_n, 0) as households_times_last_month,
                this.sanitary_toilet_hh_n / nullif(before.sanitary_toilet_hh_n, 0) as toilets_times_last_month
            from village_sanitation as this
            left join village_sanitation as before
                on before._period = last_month(this._period) and before.village_code = this.village_code
        """,
        checks=(
            Check(
                name="households_with_a_sanitary_toilet_are_not_more_than_farm_households",
                severity="error",
                message="无害化卫生户厕户数大于农户总数",
                remedy="请核对该村农户总数和卫生户厕户数，改正后重报",
                column="sanitary_toilet_hh_n",
                **not_more("sanitary_toilet_hh_n", "rural_hh_n"),
            ),
            Check(
                name="dry_public_toilets_are_not_more_than_public_toilets",
                severity="warning",
                message="旱厕座数大于公厕总数",
                remedy="请核对该村公厕数",
                column="dry_public_toilet_n",
                **not_more("dry_public_toilet_n", "public_toilet_n"),
            ),
            Check(
                name="farm_households_of_a_village_stay_within_a_fifth_of_last_month",
                severity="warning",
                message="该村农户总数比上月变化超过五分之一",
                remedy="请核对该村农户总数；确有变化的请书面说明",
                column="rural_hh_n",
                **between("households_times_last_month", 0.8, 1.2),
            ),
            Check(
                name="sanitary_toilets_of_a_village_do_not_fall_by_more_than_a_tenth",
                severity="warning",
                message="该村卫生户厕户数比上月减少超过十分之一",
                remedy="请核对该村卫生户厕户数；确有减少的请书面说明",
                column="sanitary_toilet_hh_n",
                **between("toilets_times_last_month", 0.9, None),
            ),
        ),
    ),
    no_village_falls_silent("village_sanitation"),
)

SUITES: dict[str, tuple[Suite, ...]] = {
    "housing": HOUSING,
    "relocation": RELOCATION,
    "village_sanitation": VILLAGE_SANITATION,
}
