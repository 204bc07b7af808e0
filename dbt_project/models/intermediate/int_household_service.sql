with household as (
    select * from {{ ref('int_household_month') }}
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

credit as (
    select
        f.period,
        f.hh_id,
        {{ any_of('f.file_date is not null') }} as has_file,
        {{ any_of('g.code is not null') }} as is_credit_household,
        {{ evidence_agg(['f._source']) }} as evidence
    from ({{ in_effect('credit_file') }}) as f
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'credit_rating' and g.member_of = 'credit_household' and g.code = f.rating
    group by f.period, f.hh_id
),

industry as (
    select
        period,
        hh_id,
        count(distinct project_id) as projects_n,
        {{ any_of('lead_entity_id is not null') }} as is_led,
        {{ any_of('linkage_type is not null') }} as is_linked,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    group by period, hh_id
)

select
    h.period,
    h.subject,
    h.area_code,
    h.hh_register__known,
    h.hh_register__is_registered,
    h.hh_register__hh_size,
    h.hh_register__evidence,
    {{ fact_columns('water', 'hh_id') }},
    -- a file of its credit
    cc.period is not null and rc.hh_id is null as credit__known,
    case when cc.period is not null and rc.hh_id is null then credit.hh_id is not null and credit.has_file end as credit__has_file,
    case when cc.period is not null and rc.hh_id is null then credit.hh_id is not null and credit.is_credit_household end
        as credit__is_credit_household,
    {{ evidence_or_none('credit.evidence') }} as credit__evidence,
    -- industry projects that it takes part in
    ci.period is not null and ri.hh_id is null as industry__known,
    {{ zero_if_silent('ci.period is not null and ri.hh_id is null', 'industry.projects_n') }} as industry__projects_n,
    case when ci.period is not null and ri.hh_id is null then industry.hh_id is not null and industry.is_led end as industry__is_led,
    case when ci.period is not null and ri.hh_id is null then industry.hh_id is not null and industry.is_linked end
        as industry__is_linked,
    {{ evidence_or_none('industry.evidence') }} as industry__evidence
from household as h
{{ joined_fact('water', 'hh_id', 'h.subject', 'h.period') }}
left join credit on credit.period = h.period and credit.hh_id = h.subject
left join ({{ covered('credit_file') }}) as cc on cc.period = h.period and cc.village_code = h.area_code
left join refused as rc on rc.extract = 'credit_file' and rc.period = h.period and rc.hh_id = h.subject
left join industry on industry.period = h.period and industry.hh_id = h.subject
left join ({{ covered('agri_industry') }}) as ci on ci.period = h.period and ci.village_code = h.area_code
left join refused as ri on ri.extract = 'agri_industry' and ri.period = h.period and ri.hh_id = h.subject
