"""Row-level checks, each on both sides of its boundary, and what their findings say."""

from __future__ import annotations

from typing import Any

import pytest

from expectations import SUITES, checks_of
from expectations.validate import LISTED, validate
from pipelines.intake.contract import load_contracts

SETTLED = {
    "person_id": "P1", "admit_date": "2020-03-01", "settle_date": "2020-03-09",
    "total_cost_yuan": 1000, "reimbursed_basic_yuan": 600, "self_paid_yuan": 400,
}  # fmt: skip
COURSE = {
    "ledger_no": "1",
    "person_id": "P1",
    "course_type": "电工",
    "start_date": "2020-03-02",
    "end_date": "2020-03-10",
    "transferred": False,
}
HOUSEHOLD = {
    "hh_id": "H1", "village_code": "532822100201", "poverty_status": "not_exited", "cause_main": "illness", "hh_size": 3,
}  # fmt: skip
VILLAGE = {
    "village_code": "532822100201",
    "rural_hh_n": 100,
    "sanitary_toilet_hh_n": 50,
    "public_toilet_n": 2,
    "dry_public_toilet_n": 1,
}
PRINTED = {"households_n": 157, "persons_n": 542, "household_share_pct": 19.72, "person_share_pct": 21.64}
REST = {"households_n": 639, "persons_n": 1963, "household_share_pct": 80.28, "person_share_pct": 78.36}

COOP = {"coop_id": "1", "member_n": 40, "poor_member_n": 12, "founded_date": "2018-03-01"}
FUND = {"account_id": "1", "budget": 300, "allocated": 200, "spent": 100}
LOAN = {"loan_id": "1", "loan_date": "2019-03-01", "due_date": "2021-03-01", "amount": 50000, "balance": 50000}
PROJECT = {"project_id": "1", "done_date": "2020-03-31", "progress_pct": 100}
ROAD = {
    "village_code": "532822100201",
    "group_n": 8,
    "group_hard_road_n": 8,
    "road_hazard_n": 2,
    "road_hazard_fixed_n": 2,
}
LEFT = {"village_code": "532822100201", "is_poor_village": True, "exit_year": 2018, "exit_date": "2018-12-31"}

BOUNDARIES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("med_settlement", "self_paid_is_not_more_than_total_cost",
     SETTLED | {"self_paid_yuan": 1000}, SETTLED | {"self_paid_yuan": 1000.01}),
    ("med_settlement", "settled_on_or_after_admission",
     SETTLED | {"admit_date": "2020-03-09"}, SETTLED | {"admit_date": "2020-03-10"}),
    ("med_settlement", "self_paid_is_total_cost_less_what_others_paid",
     SETTLED | {"self_paid_yuan": 396}, SETTLED | {"self_paid_yuan": 395.99}),
    ("med_settlement", "a_settlement_has_a_cost",
     SETTLED | {"total_cost_yuan": 0.01}, SETTLED | {"total_cost_yuan": 0}),
    ("med_settlement", "settled_in_the_month_of_the_file",
     SETTLED | {"settle_date": "2020-03-31"}, SETTLED | {"settle_date": "2020-04-01"}),
    ("training_record", "a_course_ends_on_or_after_it_begins",
     COURSE | {"start_date": "2020-03-10"}, COURSE | {"start_date": "2020-03-11"}),
    ("training_record", "a_course_has_ended_by_the_month_end",
     COURSE | {"end_date": "2020-03-31"}, COURSE | {"end_date": "2020-04-01"}),
    ("training_record", "a_transfer_has_happened_by_the_month_end",
     COURSE | {"transferred": True, "transfer_date": "2020-03-31"}, COURSE | {"transferred": True, "transfer_date": "2020-04-01"}),
    ("training_record", "an_entry_has_a_finished_course_or_a_transfer",
     COURSE | {"end_date": None, "transferred": True}, COURSE | {"end_date": None, "transferred": False}),
    ("training_record", "only_a_transfer_has_a_transfer_date",
     COURSE | {"transferred": True, "transfer_date": "2020-03-20"}, COURSE | {"transfer_date": "2020-03-20"}),
    ("public_post", "a_post_began_by_the_month_end",
     {"person_id": "P1", "start_date": "2020-03-31"}, {"person_id": "P1", "start_date": "2020-04-01"}),
    ("public_post", "a_post_ended_on_or_after_it_began",
     {"person_id": "P1", "start_date": "2020-03-02", "end_date": "2020-03-02"},
     {"person_id": "P1", "start_date": "2020-03-02", "end_date": "2020-03-01"}),
    ("public_post", "who_left_a_post_has_a_day_of_leaving",
     {"person_id": "P1", "end_date": "2020-03-20", "end_reason": "resigned"}, {"person_id": "P1", "end_reason": "resigned"}),
    ("public_post", "monthly_pay_is_between_50_and_10000_yuan",
     {"person_id": "P1", "monthly_pay_yuan": 50}, {"person_id": "P1", "monthly_pay_yuan": 49.99}),
    ("hh_register", "a_household_not_out_of_poverty_has_no_year_of_exit",
     HOUSEHOLD | {"poverty_status": "exited", "exit_year": 2019}, HOUSEHOLD | {"exit_year": 2019}),
    ("hh_register", "a_household_did_not_exit_after_the_month",
     HOUSEHOLD | {"poverty_status": "exited", "exit_year": 2020}, HOUSEHOLD | {"poverty_status": "exited", "exit_year": 2021}),
    ("hh_register", "a_poor_household_has_a_cause",
     HOUSEHOLD, HOUSEHOLD | {"cause_main": None}),
    ("hh_register", "transfer_income_is_not_more_than_net_income",
     HOUSEHOLD | {"net_income_pc_yuan": 5000, "transfer_income_pc_yuan": 5000},
     HOUSEHOLD | {"net_income_pc_yuan": 5000, "transfer_income_pc_yuan": 5000.01}),
    ("hh_register", "a_household_was_identified_by_the_month_end",
     HOUSEHOLD | {"identify_date": "2020-03-31"}, HOUSEHOLD | {"identify_date": "2020-04-01"}),
    ("housing", "a_house_is_renovated_on_or_after_it_is_graded",
     {"hh_id": "H1", "identified_date": "2020-03-01", "done_date": "2020-03-01"},
     {"hh_id": "H1", "identified_date": "2020-03-02", "done_date": "2020-03-01"}),
    ("housing", "a_house_was_renovated_by_the_month_end",
     {"hh_id": "H1", "done_date": "2020-03-31"}, {"hh_id": "H1", "done_date": "2020-04-01"}),
    ("housing", "a_ledger_is_closed_when_the_house_is_done",
     {"hh_id": "H1", "done_date": "2020-03-01", "closed_date": "2020-03-02"}, {"hh_id": "H1", "closed_date": "2020-03-02"}),
    ("relocation", "a_relocated_household_moved_in_by_the_month_end",
     {"hh_id": "H1", "moved_date": "2020-03-31"}, {"hh_id": "H1", "moved_date": "2020-04-01"}),
    ("village_sanitation", "households_with_a_sanitary_toilet_are_not_more_than_farm_households",
     VILLAGE | {"sanitary_toilet_hh_n": 100}, VILLAGE | {"sanitary_toilet_hh_n": 101}),
    ("village_sanitation", "dry_public_toilets_are_not_more_than_public_toilets",
     VILLAGE | {"dry_public_toilet_n": 2}, VILLAGE | {"dry_public_toilet_n": 3}),
    ("coop_register", "poor_members_are_not_more_than_members", COOP | {"poor_member_n": 40}, COOP | {"poor_member_n": 41}),
    ("coop_register", "a_cooperative_is_upgraded_on_or_after_it_is_founded",
     COOP | {"upgraded_date": "2018-03-01"}, COOP | {"upgraded_date": "2018-02-28"}),
    ("credit_file", "a_credit_file_is_made_on_or_after_its_facts_are_collected",
     {"collected_date": "2020-03-02", "file_date": "2020-03-02"}, {"collected_date": "2020-03-02", "file_date": "2020-03-01"}),
    ("demo_register", "poor_persons_are_not_more_than_persons_who_take_part",
     {"poor_n": 30, "total_n": 30}, {"poor_n": 31, "total_n": 30}),
    ("donation_ledger", "a_donation_is_published_on_or_after_it_is_made",
     {"date": "2020-03-02", "published_at": "2020-03-02"}, {"date": "2020-03-02", "published_at": "2020-03-01"}),
    ("enterprise_lead", "subsidised_interest_is_not_more_than_interest",
     {"loan_interest": 100, "subsidy_amount": 100}, {"loan_interest": 100, "subsidy_amount": 100.01}),
    ("fund_budget", "what_is_brought_together_is_not_more_than_what_may_be",
     {"integrable_amount": 100, "integrated_amount": 100}, {"integrable_amount": 100, "integrated_amount": 100.01}),
    ("fund_budget", "what_is_set_aside_for_relief_is_not_more_than_the_budget",
     {"budget": 100, "poverty_alloc": 100}, {"budget": 100, "poverty_alloc": 100.01}),
    ("fund_progress", "funds_passed_on_are_not_more_than_the_budget", FUND | {"allocated": 300}, FUND | {"allocated": 300.01}),
    ("fund_progress", "funds_spent_are_not_more_than_funds_passed_on", FUND | {"spent": 200}, FUND | {"spent": 200.01}),
    ("fund_voucher", "a_payment_was_made_by_the_month_end", {"spend_date": "2020-03-31"}, {"spend_date": "2020-04-01"}),
    ("micro_loan", "a_loan_is_not_due_before_it_is_lent", LOAN | {"due_date": "2019-03-01"}, LOAN | {"due_date": "2019-02-28"}),
    ("micro_loan", "a_balance_is_not_more_than_its_loan", LOAN, LOAN | {"balance": 50000.01}),
    ("price_monitor", "a_price_is_of_the_month_of_the_file", {"price_month": "2020-03"}, {"price_month": "2020-02"}),
    ("project_library", "a_project_was_done_by_the_month_end", PROJECT, PROJECT | {"done_date": "2020-04-01"}),
    ("project_library", "a_project_that_is_done_has_all_its_progress", PROJECT, PROJECT | {"progress_pct": 99.99}),
    ("stat_base_town", "farm_population_is_not_more_than_rural_population",
     {"rural_pop": 900, "agri_pop": 900}, {"rural_pop": 900, "agri_pop": 901}),
    ("village_finance", "income_from_business_is_not_more_than_income",
     {"collective_income": 50000, "operating_income": 50000}, {"collective_income": 50000, "operating_income": 50000.01}),
    ("village_road", "groups_with_a_hard_road_are_not_more_than_groups", ROAD, ROAD | {"group_hard_road_n": 9}),
    ("village_road", "hazards_mended_are_not_more_than_hazards_found", ROAD, ROAD | {"road_hazard_fixed_n": 3}),
    ("village_register", "only_a_poor_village_leaves_poverty", LEFT, LEFT | {"is_poor_village": False}),
    ("village_register", "the_year_of_exit_is_that_of_its_date", LEFT, LEFT | {"exit_date": "2019-01-01"}),
    ("cause_table", "persons_are_not_fewer_than_households", REST | {"households_n": 639}, REST | {"persons_n": 638}),
    ("employment", "who_is_at_work_is_not_idle",
     {"person_id": "P1", "status": "migrant", "idle_days": 40, "resumed": True}, {"person_id": "P1", "status": "migrant", "idle_days": 40}),
    ("employment", "work_was_done_by_the_month_end",
     {"person_id": "P1", "last_work_date": "2020-03-31"}, {"person_id": "P1", "last_work_date": "2020-04-01"}),
    ("edu_student", "aid_that_was_paid_has_a_kind",
     {"person_id": "P1", "aid_amount": 0}, {"person_id": "P1", "aid_amount": 500}),
    ("school_facility", "multimedia_classrooms_are_not_more_than_classrooms",
     {"classroom_n": 9, "multimedia_n": 9}, {"classroom_n": 9, "multimedia_n": 10}),
    ("school_facility", "subsidised_teachers_are_not_more_than_teachers",
     {"teacher_n": 9, "subsidised_teacher_n": 9}, {"teacher_n": 9, "subsidised_teacher_n": 10}),
    ("civil_aid", "the_top_up_per_head_is_not_more_than_what_was_paid",
     {"amount": 300, "topup_amount": 300}, {"amount": 300, "topup_amount": 300.01}),
    ("insurance_policy", "a_policy_ends_on_or_after_it_begins",
     {"start_date": "2020-03-01", "end_date": "2020-03-01"}, {"start_date": "2020-03-02", "end_date": "2020-03-01"}),
    ("insurance_policy", "a_payout_is_not_more_than_the_sum_insured",
     {"sum_insured": 3000, "payout": 3000}, {"sum_insured": 3000, "payout": 3000.01}),
    ("hh_income", "transfer_income_is_not_more_than_income",
     {"total_income": 9000, "transfer_income": 9000}, {"total_income": 9000, "transfer_income": 9000.01}),
    ("hh_income", "net_income_of_all_members_is_not_more_than_income",
     {"hh_size": 3, "total_income": 9000, "net_income_pc": 3000.33}, {"hh_size": 3, "total_income": 9000, "net_income_pc": 3000.34}),
    ("disaster_village", "persons_hit_are_not_fewer_than_households_hit", {"hh_n": 2, "persons_n": 2}, {"hh_n": 2, "persons_n": 1}),
    ("temp_relief", "temp_relief_has_happened_by_the_month_end", {"grant_date": "2020-03-31"}, {"grant_date": "2020-04-01"}),
    ("audit_finding", "a_closed_finding_says_when_it_was_closed",
     {"case_closed": True, "closed_date": "2020-03-02"}, {"case_closed": True}),
    ("audit_finding", "a_finding_is_closed_on_or_after_it_is_found",
     {"found_date": "2020-03-02", "closed_date": "2020-03-02"}, {"found_date": "2020-03-02", "closed_date": "2020-03-01"}),
    ("health_service", "health_service_has_happened_by_the_month_end", {"date": "2020-03-31"}, {"date": "2020-04-01"}),
]  # fmt: skip


def broken(report: Any) -> set[str]:
    return {outcome.check for outcome in report.outcomes if outcome.broken}


@pytest.mark.parametrize(("extract", "check", "inside", "outside"), BOUNDARIES, ids=[b[1] for b in BOUNDARIES])
def test_a_check_holds_on_its_boundary_and_breaks_one_step_beyond(accepted, extract, check, inside, outside):
    assert check not in broken(validate([accepted(extract, "2020-03", [inside])]))
    assert check in broken(validate([accepted(extract, "2020-03", [outside])]))


def test_an_extract_that_is_checked_has_a_row_check_that_blocks():
    assert SUITES.keys() - {"figures"} <= load_contracts().keys()
    for extract in SUITES.keys() - {"figures"}:
        assert any(c.severity == "error" for s in SUITES[extract] if "_source" in s.frame for c in s.checks), extract


def test_check_names_are_one_of_a_kind():
    names = [c.name for extract in SUITES for c in checks_of(extract)]
    assert len(names) == len(set(names))


def test_unknown_cells_break_nothing(accepted):
    report = validate(
        [accepted("med_settlement", "2020-03", [SETTLED | {"self_paid_yuan": None, "settle_date": None}])]
    )
    assert broken(report) == set()


def test_an_amount_that_intake_refused_leaves_the_sum_of_the_parts_unjudged(accepted):
    row = SETTLED | {"reimbursed_basic_yuan": None, "_quarantined": ["reimbursed_basic_yuan"]}
    assert broken(validate([accepted("med_settlement", "2020-03", [row])])) == set()


def test_two_heads_are_found_and_two_households_with_one_are_not(accepted):
    head = {"hh_id": "H1", "person_id": "P1", "relation": "head"}
    one_each = accepted("person_register", "2020-03", [head, head | {"hh_id": "H2", "person_id": "P2"}])
    both = accepted("person_register", "2020-03", [head, head | {"person_id": "P2"}])
    assert broken(validate([one_each])) == set()
    assert broken(validate([both])) == {"a_household_has_not_more_than_one_head"}


def test_a_household_with_an_only_dwelling_has_no_second_one(accepted):
    dwelling = {"hh_id": "H1", "only_dwelling": True}
    apart = accepted("housing", "2020-03", [dwelling, dwelling | {"hh_id": "H2"}])
    second = accepted("housing", "2020-03", [dwelling, dwelling | {"only_dwelling": False}])
    assert broken(validate([apart])) == set()
    assert broken(validate([second])) == {"a_household_with_an_only_dwelling_has_one_dwelling"}


def test_nobody_has_the_minimum_allowance_and_hardship_support_at_once(accepted):
    paid = {"person_id": "P1", "aid_type": "dibao", "amount": 300}
    fine = [paid, paid | {"aid_type": "aged"}, paid | {"person_id": "P2", "aid_type": "tekun"}]
    assert broken(validate([accepted("civil_aid", "2020-03", fine)])) == set()
    assert broken(validate([accepted("civil_aid", "2020-03", [paid, paid | {"aid_type": "tekun"}])])) == {
        "nobody_has_the_minimum_allowance_and_hardship_support"
    }


def test_what_any_line_paid_is_part_of_the_cost(accepted):
    lines = {"gov_backstop_yuan": 100, "temp_aid_yuan": 50, "rerelief_yuan": 50, "self_paid_yuan": 200}
    assert broken(validate([accepted("med_settlement", "2020-03", [SETTLED | lines])])) == set()


def test_the_printed_shares_of_2018_hold_and_a_hundredth_more_does_not(accepted):
    assert broken(validate([accepted("cause_table", "2017-12", [PRINTED, REST])])) == set()
    assert broken(validate([accepted("cause_table", "2017-12", [PRINTED | {"household_share_pct": 19.73}, REST])])) == {
        "a_printed_household_share_is_its_count_over_the_total"
    }


def test_a_finding_names_the_cell_and_the_village_of_the_person(accepted):
    households = accepted("hh_register", "2020-03", [HOUSEHOLD])
    persons = accepted("person_register", "2020-03", [{"hh_id": "H1", "person_id": "P1", "relation": "head"}])
    settled = accepted("med_settlement", "2020-03", [SETTLED, SETTLED | {"self_paid_yuan": 1200}])
    (finding,) = [f for f in validate([households, persons, settled]).findings if f.severity == "error"]
    assert (finding.rule, finding.extract, finding.department) == (
        "self_paid_is_not_more_than_total_cost", "med_settlement", "medical_insurance",
    )  # fmt: skip
    assert (finding.submission, finding.sheet, finding.row, finding.column) == (
        settled.submission,
        "表一",
        5,
        "个人自费",
    )
    assert (finding.period, finding.area, finding.found) == ("2020-03", "532822100201", "1200")


def test_a_personal_cell_is_never_shown(accepted):
    rows = [{"hh_id": "H1", "person_id": f"P{n}", "relation": "head"} for n in range(2)]
    findings = validate([accepted("person_register", "2020-03", rows)]).findings
    assert {f.found for f in findings} == {"head"}


def test_many_broken_rows_are_listed_up_to_a_limit_and_then_counted(accepted):
    rows = [SETTLED | {"self_paid_yuan": 2000, "person_id": f"P{n}"} for n in range(LISTED + 5)]
    findings = [f for f in validate([accepted("med_settlement", "2020-03", rows)]).findings if f.severity == "error"]
    assert len([f for f in findings if f.row]) == LISTED
    (rest,) = [f for f in findings if f.row is None]
    assert "5" in rest.message
    assert rest.area is None
