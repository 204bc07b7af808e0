-- A household's way into the list of those who are watched, as far as it has come, in the months in which it is opened or filed.
{%- set finished = "case when step.finished_at is not null then true when not " ~ cell_refused('step', 'finished_at') ~ " then false end" %}
{%- set event = "case when step.event_type is not null then step.event_type <> 'none' when not " ~ cell_refused('step', 'event_type')
    ~ " then false end" %}
{%- set checks = ['survey', 'department_check', 'notice'] %}
with step as (
    select b.period as built, r.*
    from ({{ in_effect('case_event', only_built=false) }}) as r
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'plan' and r.period between b.since and b.until
    where r.case_type = 'entry'
),

opened as (
    select
        step.built as period,
        step.case_id,
        min(step.hh_id) as hh_id,
        min(step.village_code) as village_code,
        min(step.opened_at) as opened_at,
        max(step.source_channel) as source_channel,
        max(step.event_type) as event_type,
        {{ any_of(event) }} as has_event,
        max(step.occurred_at) as occurred_at,
        max(step.reported_at) as reported_at,
        max(case when step.step in ('filing', 'approval') then step.finished_at end) as filed_at,
        {%- for check in checks %}
            {{ any_of("step.step = '" ~ check ~ "' and " ~ finished) }} as has_{{ check }},
        {%- endfor %}
        {{ evidence_agg(['step._source']) }} as evidence
    from step
    group by step.built, step.case_id
),

current_case as (
    select *
    from opened
    where {{ in_month('opened_at', 'period') }} or {{ in_month('filed_at', 'period') }}
),

notices as (
    select c.period, c.case_id, {{ evidence_agg(['n._source']) }} as evidence
    from current_case as c
    inner join ({{ in_effect('public_notice', only_built=false) }}) as n
        on n.village_code = c.village_code and n.object_type = 'case_list' and n.start_date >= c.opened_at and n.period <= c.period
    group by c.period, c.case_id
),

warned as (
    select c.period, c.case_id, {{ evidence_agg(['w._source']) }} as evidence
    from current_case as c
    inner join ({{ in_effect('warning', only_built=false) }}) as w on w.hh_id = c.hh_id and w.period <= c.period
    group by c.period, c.case_id
),

applied as (
    select c.period, c.case_id, {{ evidence_agg(['a._source']) }} as evidence
    from current_case as c
    inner join ({{ in_effect('application', only_built=false) }}) as a on a.hh_id = c.hh_id and a.period <= c.period
    group by c.period, c.case_id
),

refused as (
    select distinct b.period, q.extract, q.hh_id
    from ({{ refused(only_built=false) }}) as q
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'plan' and q.period between b.since and b.until
    where q.extract in ('warning', 'application') and q.hh_id is not null
),

known as (
    select period, subject, hh_register__evidence, assets__known, assets__evidence, hh_income__known, hh_income__evidence
    from {{ ref('int_household_reach') }}
)

select
    c.period,
    c.case_id as subject,
    {{ area_or_root('c.village_code') }} as area_code,
    -- the case and its steps
    true as case_event__known,
    c.source_channel as case_event__source_channel,
    c.event_type as case_event__event_type,
    c.has_event as case_event__has_event,
    {{ days_between('c.occurred_at', 'c.reported_at') }} as case_event__report_days,
    {{ in_month('c.opened_at', 'c.period') }} as case_event__is_new,
    c.filed_at is not null and {{ in_month('c.filed_at', 'c.period') }} as case_event__is_filed_now,
    {%- for check in checks %}
        c.has_{{ check }} as case_event__has_{{ check }},
    {%- endfor %}
    c.evidence as case_event__evidence,
    -- whether its village was shown a list of households to take in since it was opened
    notices.case_id is not null or pn.period is not null as notice__known,
    case when notices.case_id is not null then true when pn.period is not null then false end as notice__has_one,
    {{ evidence_or_none('notices.evidence') }} as notice__evidence,
    -- a department's warning about the household, its own application
    {%- for fact, extract in {'warned': 'warning', 'applied': 'application'}.items() %}
        {{ fact }}.case_id is not null or {{ fact }}_area.period is not null and {{ fact }}_refused.hh_id is null as {{ fact }}__known,
        case
            when {{ fact }}.case_id is not null then true
            when {{ fact }}_area.period is not null and {{ fact }}_refused.hh_id is null then false
        end as {{ fact }}__has_one,
        {{ evidence_or_none(fact ~ '.evidence') }} as {{ fact }}__evidence,
    {%- endfor %}
    -- its accounts, and what departments' registers say of its assets
    known.subject is not null and known.hh_income__known as hh_income__known,
    {{ evidence_or_none(evidence_union(['known.hh_register__evidence', 'known.hh_income__evidence'])) }} as hh_income__evidence,
    known.subject is not null and known.assets__known as assets__known,
    {{ evidence_or_none(evidence_union(['known.hh_register__evidence', 'known.assets__evidence'])) }} as assets__evidence
from current_case as c
left join notices on notices.period = c.period and notices.case_id = c.case_id
left join warned on warned.period = c.period and warned.case_id = c.case_id
left join applied on applied.period = c.period and applied.case_id = c.case_id
left join {{ source('build', 'plan_coverage') }} as pn
    on pn.extract = 'public_notice' and pn.period = c.period and pn.village_code = c.village_code
{%- for fact, extract in {'warned': 'warning', 'applied': 'application'}.items() %}
    left join {{ source('build', 'plan_coverage') }} as {{ fact }}_area
        on {{ fact }}_area.extract = '{{ extract }}' and {{ fact }}_area.period = c.period and {{ fact }}_area.village_code = c.village_code
    left join refused as {{ fact }}_refused
        on {{ fact }}_refused.extract = '{{ extract }}' and {{ fact }}_refused.period = c.period and {{ fact }}_refused.hh_id = c.hh_id
{%- endfor %}
left join known on known.period = c.period and known.subject = c.hh_id
