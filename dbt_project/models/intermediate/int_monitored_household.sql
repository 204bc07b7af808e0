{%- set of_members = ['h.members__members_n', 'h.members__evidence'] -%}
-- Households that are watched, or that a case of the month is about: few, so that here everything known of them comes together.
{%- set steps = {
    'survey_step': "case_type = 'entry' and step = 'survey'",
    'committee_step': "case_type = 'entry' and step = 'committee'",
    'township_step': "case_type = 'entry' and step = 'township_review'",
    'county_step': "case_type = 'entry' and step in ('county_review', 'approval')",
    'leading_group_step': "case_type = 'entry' and step = 'to_leading_group'",
    'system_step': "step = 'system_entry' and finished_at is not null",
    'removal_step': "case_type = 'removal'",
    'entry_step': "case_type = 'entry'",
    'exclusion_step': "excluded_code is not null",
} %}
with cased as (
    select distinct period, hh_id
    from ({{ in_effect('case_event') }})
),

spine as (
    select h.*
    from {{ ref('int_household_month') }} as h
    left join cased on cased.period = h.period and cased.hh_id = h.subject
    where h.hh_register__is_monitored or h.hh_register__is_risk_removed_now is not false or cased.hh_id is not null
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

person as (
    select p.*
    from ({{ living_person() }}) as p
    inner join spine on spine.period = p.period and spine.subject = p.hh_id
),

people as (
    select
        period,
        hh_id,
        {{ any_of("labour_ability in ('full', 'skilled', 'weak')") }} as has_able,
        {{ any_of("labour_ability in ('none', 'lost')") }} as has_unable,
        {{ evidence_agg(['_source']) }} as evidence
    from person
    group by period, hh_id
),

aid as (
    select
        a.period,
        p.hh_id,
        {{ any_of("a.aid_type in ('dibao', 'tekun')") }} as has_backstop,
        {{ any_of("a.aid_type = 'dibao'") }} as has_dibao,
        {{ evidence_agg(['a._source', 'p._source']) }} as evidence
    from ({{ in_effect('civil_aid') }}) as a
    inner join person as p on p.period = a.period and p.person_id = a.person_id
    group by a.period, p.hh_id
),

disabled as (
    select
        d.period,
        p.hh_id,
        {{ any_of("g.code is not null") }} as has_severe,
        {{ evidence_agg(['d._source', 'p._source']) }} as evidence
    from ({{ in_effect('disability') }}) as d
    inner join person as p on p.period = d.period and p.person_id = d.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'disability_grade' and g.member_of = 'severe' and g.code = d.grade
    group by d.period, p.hh_id
),

-- each kind of risk and each kind of help
risk as (
    select
        r.period,
        r.hh_id,
        count(*) filter (where g.code is not null) as open_n,
        count(*) filter (where g.code is not null and r.risk_code = 'low_motivation') as motivation_n,
        count(*) filter (where r.status = 'resolved') as resolved_n,
        min(r.found_at) filter (where g.code is not null) as found_at,
        {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('risk_record') }}) as r
    left join {{ source('policy', 'code_group') }} as g on g.map = 'risk_status' and g.member_of = 'open' and g.code = r.status
    group by r.period, r.hh_id
),

help as (
    select
        m.period,
        m.hh_id,
        count(*) as measures_n,
        count(distinct m.measure_type) as kinds_n,
        count(*) filter (where g.code is not null) as development_n,
        count(*) filter (where m.priority) as priority_n,
        count(*) filter (where m.proposed_at is not null) as proposed_n,
        count(*) filter (where m.confirmed_at is not null) as confirmed_n,
        count(*) filter (where m.lead_dept is not null) as led_n,
        count(*) filter (where m.result is not null and m.result <> 'too_early') as judged_n,
        min(m.started_at) as started_at,
        {{ evidence_agg(['m._source']) }} as evidence
    from ({{ in_effect('support_measure') }}) as m
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'measure_type' and g.member_of = 'development' and g.code = m.measure_type
    group by m.period, m.hh_id
),

{% for fact, which in steps.items() %}
    {{ fact }} as (
        select
            period,
            hh_id,
            count(*) as steps_n,
            count(*) filter (where overdue_days > 0) as overdue_n,
            {{ evidence_agg(['_source']) }} as evidence
        from ({{ in_effect('case_event') }})
        where {{ which }}
        group by period, hh_id
    ),
{% endfor %}
visit as (
    select
        v.period,
        v.hh_id,
        count(*) as visits_n,
        count(*) filter (where v.visit_type = 'survey') as surveys_n,
        count(*) filter (where v.guarantee_items is not null and v.eight_have_items is not null) as assessed_n,
        min(v.guarantee_items) as guarantees_met_n,
        min(v.eight_have_items) as haves_met_n,
        {{ evidence_agg(['v._source']) }} as evidence
    from ({{ in_effect('visit_log') }}) as v
    group by v.period, v.hh_id
),

-- what departments matched: rows found wrong, or disposed of since, are none
payroll as (
    select
        period,
        hh_id,
        {{ any_of("public_employee <> 'temporary' and result in ('confirmed', 'exception')") }} as has_one,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('asset_check_public_employee') }})
    group by period, hh_id
),

vehicles as (
    select
        period,
        hh_id,
        {{ any_of("vehicle_use = 'consumer' and result in ('confirmed', 'exception')") }} as has_one,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('asset_check_vehicle') }})
    group by period, hh_id
),

property as (
    select
        period,
        hh_id,
        {{ any_of("result in ('confirmed', 'exception')") }} as has_one,
        {{ any_of("location = 'town' and property_use <> 'resettlement' and result in ('confirmed', 'exception')") }} as has_town,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('asset_check_property') }})
    group by period, hh_id
),

firm as (
    select
        period,
        hh_id,
        {{ any_of("result in ('confirmed', 'exception')") }} as has_one,
        {{ any_of("business_status = 'trading' and result in ('confirmed', 'exception')") }} as has_trading,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('asset_check_enterprise') }})
    group by period, hh_id
),

punished as (
    select
        period,
        hh_id,
        {{ any_of("result in ('confirmed', 'exception')") }} as has_one,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('asset_check_credit') }})
    group by period, hh_id
),

cadre as (
    select
        c.period,
        p.hh_id,
        {{ any_of("c.role in ('village_secretary', 'village_cadre') and c.end_date is null and c.pay_flag") }} as has_paid,
        {{ evidence_agg(['c._source', 'p._source']) }} as evidence
    from ({{ in_effect('cadre_post') }}) as c
    inner join person as p on p.period = c.period and p.person_id = c.person_id
    group by c.period, p.hh_id
),

industry as (
    select
        period,
        hh_id,
        count(*) as projects_n,
        max(scale) as largest_scale,  -- shares and solar power have no scale
        sum(hired_n) as hired_n,  -- known: an empty cell hires nobody
        {{ any_of('coop_id is not null and lead_entity_id is not null') }} as is_bound_twice,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    group by period, hh_id
),

trained as (
    select
        t.period,
        p.hh_id,
        count(*) as courses_n,
        {{ evidence_agg(['t._source', 'p._source']) }} as evidence
    from ({{ in_effect('training_record') }}) as t
    inner join person as p on p.period = t.period and p.person_id = t.person_id
    where t.course_type is not null
    group by t.period, p.hh_id
),

loan as (
    select period, hh_id, count(*) as loans_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('micro_loan') }})
    group by period, hh_id
),

pupil as (
    select
        e.period,
        p.hh_id,
        {{ any_of('e.aid_eligible and e.aid_type is null') }} as has_unaided,
        {{ evidence_agg(['e._source', 'p._source']) }} as evidence
    from ({{ in_effect('edu_student') }}) as e
    inner join person as p on p.period = e.period and p.person_id = e.person_id
    group by e.period, p.hh_id
)

select
    h.period,
    h.subject,
    h.area_code,
    h.hh_register__known,
    h.hh_register__hh_type,
    h.hh_register__is_monitored,
    h.hh_register__cause_main,
    h.hh_register__has_helper,
    h.hh_register__is_risk_removed_now,
    h.hh_register__has_national_id,
    h.hh_register__evidence,
    h.housing__known,
    h.housing__lacks_safe,
    h.housing__evidence,
    known.hh_income__known,
    known.hh_income__total_income,
    known.hh_income__rigid_expense,
    known.hh_income__evidence,
    known.dropouts__known,
    known.dropouts__out_of_school_n,
    known.dropouts__evidence,
    known.labour__known,
    known.labour__has_worker,
    known.labour__evidence,
    -- whether what each of several departments says has come: where that is shown by a row, the row is its evidence
    known.hh_income__known and h.housing__known and water_row.hh_id is not null and known.dropouts__known and h.medical__known
        as watched__is_whole,
    {{ evidence_or_none(evidence_union(['known.hh_income__evidence', 'h.housing__evidence', evidence_none_or_one('water_row._source')])) }}
        as watched__evidence,
    aid_civil_aid.period is not null and known.labour__known and h.schooling__known and known.ill__known and h.medical__known
    and h.housing__known and water_row.hh_id is not null as seven__is_whole,
    {{ evidence_or_none(evidence_union(['known.labour__evidence', 'h.housing__evidence', evidence_none_or_one('water_row._source')])) }}
        as seven__evidence,
    payroll_asset_check_public_employee.period is not null and vehicles_asset_check_vehicle.period is not null
    and property_asset_check_property.period is not null and firm_asset_check_enterprise.period is not null
    and punished_asset_check_credit.period is not null as assets_told__is_whole,
    {{ evidence_or_none('null') }} as assets_told__evidence,
    h.members__known and payroll_asset_check_public_employee.period is not null
    and vehicles_asset_check_vehicle.period is not null and property_asset_check_property.period is not null
    and firm_asset_check_enterprise.period is not null and known.ill__known and h.schooling__known and known.labour__known
        as key_facts_told__is_whole,
    known.labour__evidence as key_facts_told__evidence,
    {{ fact_columns('water', 'hh_id') }},
    {{ fact_columns('micro_loan_demand', 'hh_id') }},
    {{ household_fact('people', [], flags=['has_able', 'has_unable'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('aid', ['civil_aid'], flags=['has_backstop', 'has_dibao'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('disabled', ['disability'], flags=['has_severe'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('risk', ['risk_record'], zero=['open_n', 'motivation_n', 'resolved_n']) | indent(4) }},
    {{ household_fact('help', ['support_measure'],
        zero=['measures_n', 'kinds_n', 'development_n', 'priority_n', 'proposed_n', 'confirmed_n', 'led_n', 'judged_n']) | indent(4) }},
    {{ days_between('risk.found_at', 'help.started_at') }} as help__start_days,
    {%- for fact in steps %}
        {{ household_fact(fact, ['case_event'], zero=['steps_n', 'overdue_n']) | indent(8) }},
    {%- endfor %}
    {{ household_fact('visit', ['visit_log'], zero=['visits_n', 'surveys_n', 'assessed_n'],
        values=['guarantees_met_n', 'haves_met_n']) | indent(4) }},
    {{ household_fact('payroll', ['asset_check_public_employee'], flags=['has_one']) | indent(4) }},
    {{ household_fact('vehicles', ['asset_check_vehicle'], flags=['has_one']) | indent(4) }},
    {{ household_fact('property', ['asset_check_property'], flags=['has_one', 'has_town']) | indent(4) }},
    {{ household_fact('firm', ['asset_check_enterprise'], flags=['has_one', 'has_trading']) | indent(4) }},
    {{ household_fact('punished', ['asset_check_credit'], flags=['has_one']) | indent(4) }},
    {{ household_fact('cadre', ['cadre_post'], flags=['has_paid'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('industry', ['agri_industry'], zero=['projects_n', 'largest_scale', 'hired_n'],
        flags=['is_bound_twice']) | indent(4) }},
    {{ household_fact('trained', ['training_record'], zero=['courses_n'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('loan', ['micro_loan'], zero=['loans_n']) | indent(4) }},
    {{ household_fact('pupil', ['edu_student'], flags=['has_unaided'], known='h.members__known', members=of_members) | indent(4) }}
from spine as h
inner join {{ ref('int_household_risk') }} as known on known.period = h.period and known.subject = h.subject
{{ joined_fact('water', 'hh_id', 'h.subject', 'h.period') }}
{{ joined_fact('micro_loan_demand', 'hh_id', 'h.subject', 'h.period') }}
{{ household_fact_join('people', [], 'h') }}
{{ household_fact_join('aid', ['civil_aid'], 'h') }}
{{ household_fact_join('disabled', ['disability'], 'h') }}
{{ household_fact_join('risk', ['risk_record'], 'h') }}
{{ household_fact_join('help', ['support_measure'], 'h') }}
{%- for fact in steps %}
    {{ household_fact_join(fact, ['case_event'], 'h') }}
{%- endfor %}
{{ household_fact_join('visit', ['visit_log'], 'h') }}
{{ household_fact_join('payroll', ['asset_check_public_employee'], 'h') }}
{{ household_fact_join('vehicles', ['asset_check_vehicle'], 'h') }}
{{ household_fact_join('property', ['asset_check_property'], 'h') }}
{{ household_fact_join('firm', ['asset_check_enterprise'], 'h') }}
{{ household_fact_join('punished', ['asset_check_credit'], 'h') }}
{{ household_fact_join('cadre', ['cadre_post'], 'h') }}
{{ household_fact_join('industry', ['agri_industry'], 'h') }}
{{ household_fact_join('trained', ['training_record'], 'h') }}
{{ household_fact_join('loan', ['micro_loan'], 'h') }}
{{ household_fact_join('pupil', ['edu_student'], 'h') }}
