with farmed as (
    select period, commodity, count(distinct hh_id) as households_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    where commodity is not null
    group by period, commodity
),

assessed as (
    select period, industry, count(distinct aspect) as aspects_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('risk_list') }})
    group by period, industry
),

received as (
    select distinct period from ({{ covered('risk_list') }})
),

aspect as (
    select count(*) as n
    from {{ source('policy', 'code') }}
    where map = 'risk_aspect'
)

select
    f.period,
    f.commodity as subject,
    {{ area_or_root('null') }} as area_code,
    true as agri_industry__known,
    f.commodity as agri_industry__commodity,
    f.households_n as agri_industry__households_n,
    f.evidence as agri_industry__evidence,
    received.period is not null as assessment__known,
    case when received.period is not null then aspect.n - {{ zero_if_silent('true', 'a.aspects_n') }} end as assessment__lacking_n,
    {{ evidence_or_none('a.evidence') }} as assessment__evidence
from farmed as f
cross join aspect
left join assessed as a on a.period = f.period and a.industry = f.commodity
left join received on received.period = f.period
