{%- set checks = [
    'asset_check_credit', 'asset_check_enterprise', 'asset_check_property', 'asset_check_public_employee', 'asset_check_vehicle'
] -%}
with register as (
    {{ registered_household() }}
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

visits as (
    select
        b.period,
        v.hh_id,
        count(*) as visits_n,
        {{ any_of("v.visitor_role in ('township_secretary', 'village_secretary')") }} as by_secretary,
        {{ any_of("v.visitor_role in ('first_secretary', 'village_cadre', 'group_cadre')") }} as by_cadre,
        {{ evidence_agg(['v._source']) }} as evidence
    from ({{ in_effect('visit_log', only_built=false) }}) as v
    inner join {{ source('build', 'window_start') }} as b
        on b.time_window = 'year' and v.period between b.since and b.period
    group by b.period, v.hh_id
),

support as (
    select
        period,
        hh_id,
        count(*) as measures_n,
        {{ any_of('amount is not null') }} as has_amount,
        {{ any_of('result is not null') }} as has_result,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('support_measure') }})
    group by period, hh_id
),

industry as (
    select
        period,
        hh_id,
        count(distinct project_id) as projects_n,
        count(distinct case when lead_entity_id is not null then project_id end) as led_n,
        sum(dividend) as dividend_yuan,  -- known: a household without a dividend has no row or a zero
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    group by period, hh_id
),

person as (
    {{ living_person() }}
),

aid as (
    select
        a.period,
        p.hh_id,
        {{ any_of('g.code is not null') }} as backstop,
        {{ evidence_agg(['a._source', 'p._source']) }} as evidence
    from ({{ in_effect('civil_aid') }}) as a
    inner join person as p on p.period = a.period and p.person_id = a.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'aid_type' and g.member_of = 'backstop' and g.code = a.aid_type
    group by a.period, p.hh_id
),

medical_aid as (
    select
        m.period,
        p.hh_id,
        {{ any_of('m.medical_aid_yuan > 0') }} as is_paid,
        {{ evidence_agg(['m._source', 'p._source']) }} as evidence
    from ({{ in_effect('med_settlement') }}) as m
    inner join person as p on p.period = m.period and p.person_id = m.person_id
    group by m.period, p.hh_id
),

jobs as (
    select
        e.period,
        p.hh_id,
        {{ any_of('g.code is not null') }} as has_worker,
        {{ any_of('e.aid_date is not null') }} as is_aided,
        {{ evidence_agg(['e._source', 'p._source']) }} as evidence
    from ({{ in_effect('employment') }}) as e
    inner join person as p on p.period = e.period and p.person_id = e.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'employment_status' and g.member_of = 'working' and g.code = e.status
    group by e.period, p.hh_id
),

cases as (
    select
        b.period,
        c.hh_id,
        max(c.closed_at) as closed_at,
        {{ any_of("c.case_type = 'correction'") }} as is_corrected,
        {{ evidence_agg(['c._source']) }} as evidence
    from ({{ in_effect('case_event', only_built=false) }}) as c
    inner join {{ source('build', 'window_start') }} as b
        on b.time_window = 'plan' and c.period between b.since and b.period
    where c.closed_at is not null
    group by b.period, c.hh_id
),

worksheets as (
    select
        b.period,
        f.hh_id,
        {{ any_of('f.filled_date is not null') }} as is_filled,
        {{ evidence_agg(['f._source']) }} as evidence
    from ({{ in_effect('case_file', only_built=false) }}) as f
    inner join {{ source('build', 'window_start') }} as b
        on b.time_window = 'plan' and f.period between b.since and b.period
    where f.doc_type = 'worksheet'
    group by b.period, f.hh_id
),

matched as (
    {% for extract in checks %}
        select
            period,
            hh_id,
            result,
            _source
        from ({{ in_effect(extract) }})
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

assets as (
    select period, hh_id, {{ any_of("result = 'confirmed'") }} as is_confirmed, {{ evidence_agg(['_source']) }} as evidence
    from matched
    group by period, hh_id
),

checked as (
    select period, village_code
    from {{ source('build', 'coverage') }}
    where substr(extract, 1, 12) = 'asset_check_'
    group by period, village_code
    having count(distinct extract) = {{ checks | length }}
),

unchecked as (
    select distinct period, hh_id
    from refused
    where substr(extract, 1, 12) = 'asset_check_'
),

projects as (
    select period, village_code, count(*) as projects_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('project_library') }})
    where village_code is not null
    group by period, village_code
)

select
    g.period,
    g.hh_id as subject,
    {{ area_or_root('g.village_code') }} as area_code,
    -- the register, with what only some counties' have
    true as hh_register__known,
    g.hh_type as hh_register__hh_type,
    g.is_registered as hh_register__is_registered,
    g.poverty_status as hh_register__poverty_status,
    g.is_poor as hh_register__is_poor,
    g.cause_main as hh_register__cause_main,
    g.hh_size as hh_register__hh_size,
    g.relapse_date as hh_register__relapse_date,
    h.hh_register__has_helper,
    case when g.planned_exit_year is not null or not {{ cell_refused('g', 'planned_exit_year') }} then g.planned_exit_year is not null end
        as hh_register__has_planned_exit,
    case g.poverty_status
        when 'relapsed' then date_trunc('month', g.status_changed_at) = date_trunc('month', g.relapse_date)
        when 'exited' then date_trunc('month', g.status_changed_at) = date_trunc('month', g.exit_date)
    end as hh_register__changed_at_once,
    {{ evidence_one('g._source') }} as hh_register__evidence,
    -- where it moved, what it learnt, which posts it holds
    h.relocation__known,
    h.relocation__is_relocated,
    {{ evidence_or_none('h.relocation__evidence') }} as relocation__evidence,
    -- what is known of its house, water, schooling and health, and the projects of its village
    h.housing__known,
    {{ evidence_or_none('h.housing__evidence') }} as housing__evidence,
    h.schooling__known,
    {{ evidence_or_none('h.schooling__evidence') }} as schooling__evidence,
    h.medical__known,
    {{ evidence_or_none('h.medical__evidence') }} as medical__evidence,
    {{ fact_columns('water', 'hh_id') }},
    cp.period is not null as projects__known,
    {{ zero_if_silent('cp.period is not null', 'projects.projects_n') }} as projects__projects_n,
    {{ evidence_or_none('projects.evidence') }} as projects__evidence,
    -- assets that other departments' registers have of its members
    checked.period is not null and unchecked.hh_id is null as assets__known,
    case when checked.period is not null and unchecked.hh_id is null then assets.hh_id is not null and assets.is_confirmed end
        as assets__confirmed,
    {{ evidence_or_none('assets.evidence') }} as assets__evidence,
    -- its yearly accounts
    {{ fact_columns('hh_income', 'hh_id') }},
    -- visits since January
    cv.period is not null and rv.hh_id is null as visits__known,
    {{ zero_if_silent('cv.period is not null and rv.hh_id is null', 'visits.visits_n') }} as visits__visits_n,
    case when cv.period is not null and rv.hh_id is null then visits.hh_id is not null and visits.by_secretary end as visits__by_secretary,
    case when cv.period is not null and rv.hh_id is null then visits.hh_id is not null and visits.by_cadre end as visits__by_cadre,
    {{ evidence_or_none('visits.evidence') }} as visits__evidence,
    -- measures of help that it has
    cs.period is not null and rs.hh_id is null as support__known,
    {{ zero_if_silent('cs.period is not null and rs.hh_id is null', 'support.measures_n') }} as support__measures_n,
    case when cs.period is not null and rs.hh_id is null then support.hh_id is not null and support.has_amount end as support__has_amount,
    case when cs.period is not null and rs.hh_id is null then support.hh_id is not null and support.has_result end as support__has_result,
    {{ evidence_or_none('support.evidence') }} as support__evidence,
    -- industry projects that it takes part in
    ci.period is not null and ri.hh_id is null as industry__known,
    {{ zero_if_silent('ci.period is not null and ri.hh_id is null', 'industry.projects_n') }} as industry__projects_n,
    {{ zero_if_silent('ci.period is not null and ri.hh_id is null', 'industry.led_n') }} as industry__led_n,
    {{ zero_if_silent('ci.period is not null and ri.hh_id is null', 'industry.dividend_yuan') }} as industry__dividend_yuan,
    {{ evidence_or_none('industry.evidence') }} as industry__evidence,
    -- aid that a member is paid
    ca.period is not null and ra.hh_id is null and rp.hh_id is null as aid__known,
    case when ca.period is not null and ra.hh_id is null and rp.hh_id is null then aid.hh_id is not null end as aid__paid,
    case when ca.period is not null and ra.hh_id is null and rp.hh_id is null then aid.hh_id is not null and aid.backstop end
        as aid__backstop,
    {{ evidence_or_none('aid.evidence') }} as aid__evidence,
    cm.period is not null and rm.hh_id is null and rp.hh_id is null as medical_aid__known,
    case when cm.period is not null and rm.hh_id is null and rp.hh_id is null then medical_aid.hh_id is not null and medical_aid.is_paid end
        as medical_aid__paid,
    {{ evidence_or_none('medical_aid.evidence') }} as medical_aid__evidence,
    -- its members at work
    jobs.hh_id is not null and re.hh_id is null and rp.hh_id is null as jobs__known,
    case when re.hh_id is null and rp.hh_id is null then jobs.has_worker end as jobs__has_worker,
    case when re.hh_id is null and rp.hh_id is null then jobs.is_aided end as jobs__is_aided,
    {{ evidence_or_none('jobs.evidence') }} as jobs__evidence,
    -- cases of it that were closed since the plan began
    cc.period is not null and rc.hh_id is null as cases__known,
    case when cc.period is not null and rc.hh_id is null then cases.hh_id is not null end as cases__closed,
    case when cc.period is not null and rc.hh_id is null then cases.closed_at end as cases__closed_at,  -- a later one may not have come
    case when cc.period is not null and rc.hh_id is null then cases.hh_id is not null and cases.is_corrected end as cases__corrected,
    {{ evidence_or_none('cases.evidence') }} as cases__evidence,
    -- whether a worksheet of it, filled in, was filed since the plan began
    cf.period is not null and rf.hh_id is null as worksheet__known,
    case when cf.period is not null and rf.hh_id is null then worksheets.hh_id is not null and worksheets.is_filled end
        as worksheet__is_filled,
    {{ evidence_or_none('worksheets.evidence') }} as worksheet__evidence
from register as g
left join {{ ref('int_household_month') }} as h on h.period = g.period and h.subject = g.hh_id
{{ joined_fact('hh_income', 'hh_id', 'g.hh_id', 'g.period') }}
{{ joined_fact('water', 'hh_id', 'g.hh_id', 'g.period') }}
left join projects on projects.period = g.period and projects.village_code = g.village_code
left join ({{ covered('project_library') }}) as cp on cp.period = g.period and cp.village_code = g.village_code
left join assets on assets.period = g.period and assets.hh_id = g.hh_id
left join checked on checked.period = g.period and checked.village_code = g.village_code
left join unchecked on unchecked.period = g.period and unchecked.hh_id = g.hh_id
left join visits on visits.period = g.period and visits.hh_id = g.hh_id
left join support on support.period = g.period and support.hh_id = g.hh_id
left join industry on industry.period = g.period and industry.hh_id = g.hh_id
left join aid on aid.period = g.period and aid.hh_id = g.hh_id
left join medical_aid on medical_aid.period = g.period and medical_aid.hh_id = g.hh_id
left join jobs on jobs.period = g.period and jobs.hh_id = g.hh_id
left join cases on cases.period = g.period and cases.hh_id = g.hh_id
left join worksheets on worksheets.period = g.period and worksheets.hh_id = g.hh_id
left join ({{ covered('visit_log') }}) as cv on cv.period = g.period and cv.village_code = g.village_code
left join ({{ covered('support_measure') }}) as cs on cs.period = g.period and cs.village_code = g.village_code
left join ({{ covered('agri_industry') }}) as ci on ci.period = g.period and ci.village_code = g.village_code
left join ({{ covered('civil_aid') }}) as ca on ca.period = g.period and ca.village_code = g.village_code
left join ({{ covered('med_settlement') }}) as cm on cm.period = g.period and cm.village_code = g.village_code
left join {{ source('build', 'plan_coverage') }} as cc
    on cc.extract = 'case_event' and cc.period = g.period and cc.village_code = g.village_code
left join {{ source('build', 'plan_coverage') }} as cf
    on cf.extract = 'case_file' and cf.period = g.period and cf.village_code = g.village_code
left join refused as rp on rp.extract = 'person_register' and rp.period = g.period and rp.hh_id = g.hh_id
left join refused as rv on rv.extract = 'visit_log' and rv.period = g.period and rv.hh_id = g.hh_id
left join refused as rs on rs.extract = 'support_measure' and rs.period = g.period and rs.hh_id = g.hh_id
left join refused as ri on ri.extract = 'agri_industry' and ri.period = g.period and ri.hh_id = g.hh_id
left join refused as ra on ra.extract = 'civil_aid' and ra.period = g.period and ra.hh_id = g.hh_id
left join refused as rm on rm.extract = 'med_settlement' and rm.period = g.period and rm.hh_id = g.hh_id
left join refused as re on re.extract = 'employment' and re.period = g.period and re.hh_id = g.hh_id
left join refused as rc on rc.extract = 'case_event' and rc.period = g.period and rc.hh_id = g.hh_id
left join refused as rf on rf.extract = 'case_file' and rf.period = g.period and rf.hh_id = g.hh_id
