"""Checks of casework and governance: a later day does not stand before an earlier one, what is closed says when."""

from __future__ import annotations

from expectations.check import Check, Suite, between, ordered

# extract, what must be true, the earlier column, the later, what is said when it is not, what to do
_ORDERED = (
    ("application", "an_application_is_accepted_on_or_after_it_is_made", "submitted_at", "accepted_at",
     "受理日期早于申报日期", "请核对该件的申报日期和受理日期"),
    ("application", "an_application_is_closed_on_or_after_it_is_made", "submitted_at", "closed_at",
     "办结日期早于申报日期", "请核对该件的申报日期和办结日期"),
    ("audit_finding", "a_finding_is_closed_on_or_after_it_is_found", "found_date", "closed_date",
     "销号日期早于问题反馈日期", "请核对该问题的反馈日期和销号日期"),
    ("cadre_post", "a_post_ends_on_or_after_it_begins", "start_date", "end_date",
     "离任日期早于任职日期", "请核对该干部的任职日期和离任日期"),
    ("case_event", "a_step_ends_on_or_after_it_begins", "started_at", "finished_at",
     "完成日期早于开始日期", "请核对该环节的开始日期和完成日期"),
    ("public_notice", "a_notice_ends_on_or_after_it_begins", "start_date", "end_date",
     "公示结束日期早于开始日期", "请核对该公示的起止日期"),
    ("risk_record", "a_risk_is_decided_on_or_after_it_is_found", "found_at", "decided_at",
     "审核确定日期早于发现日期", "请核对该户的发现日期和审核确定日期"),
    ("support_measure", "a_measure_is_done_on_or_after_it_begins", "started_at", "done_date",
     "实际完成日期早于开始实施日期", "请核对该项措施的开始日期和完成日期"),
    ("visit_log", "a_visit_was_made_by_the_month_end", "visit_date", "month_end",
     "走访日期晚于上报月份的月末", "请核对该次走访的日期；下月的走访下月再报"),
    ("warning", "a_warning_is_verified_on_or_after_it_is_issued", "issued_at", "verified_at",
     "核实日期早于预警发布日期", "请核对该条预警的发布日期和核实日期"),
)  # fmt: skip

CLOSED_FINDINGS = Suite(
    frame="""
        select _source, _period, case when len(_quarantined) = 0 and case_closed then (closed_date is not null)::integer end as dated
        from audit_finding
    """,
    checks=(
        Check(
            name="a_closed_finding_says_when_it_was_closed",
            severity="error",
            message="已办结的问题没有销号日期",
            remedy="请补填销号日期；尚未办结的请将“是否办结”改为否，改正后重报",
            column="closed_date",
            **between("dated", 1, 1),
        ),
    ),
)
EXCEPTIONS = Suite(
    frame="""
        select
            _source, _period,
            case when len(_quarantined) = 0 and override_reason is not null then (explained_at is not null)::integer end as explained
        from case_event
    """,
    checks=(
        Check(
            name="an_exception_is_explained_to_the_public",
            severity="warning",
            message="特殊情况纳入，没有填向群众说明的日期",
            remedy="请补填向群众说明的日期；尚未说明的请先说明",
            column="explained_at",
            **between("explained", 1, 1),
        ),
    ),
)

SUITES: dict[str, tuple[Suite, ...]] = {
    extract: (ordered(extract, _ORDERED),) for extract in dict.fromkeys(row[0] for row in _ORDERED)
}
SUITES["audit_finding"] += (CLOSED_FINDINGS,)
SUITES["case_event"] += (EXCEPTIONS,)
