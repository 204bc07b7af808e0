with township as (
    select b.period, a.parent as township_code, count(*) as villages_n
    from {{ source('policy', 'area') }} as a
    cross join {{ source('build', 'period') }} as b
    where a.is_lowest
    group by b.period, a.parent
),

-- an extract is known of a township when it has come for all its villages
known as (
    select c.extract, c.period, a.parent as township_code, count(*) as villages_n
    from {{ source('build', 'coverage') }} as c
    inner join {{ source('policy', 'area') }} as a on a.code = c.village_code
    where c.extract in ('health_facility', 'fin_station', 'case_event', 'warning', 'application', 'media_signal')
    group by c.extract, c.period, a.parent
),

hospitals as (
    select
        f.period,
        f.township_code,
        {{ any_of('f.is_standard') }} as has_standard,
        {{ any_of('f.gp_n > 0') }} as has_gp,
        {{ evidence_agg(['f._source']) }} as evidence
    from ({{ in_effect('health_facility') }}) as f
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'health_facility_kind' and g.member_of = 'township_hospital' and g.code = f.facility_type
    group by f.period, f.township_code
),

stations as (
    select period, township_code, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('fin_station') }})
    group by period, township_code
),

screened as (
    select period, township_code, count(*) as leads_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('case_event') }})
    where source_channel = 'screening'
    group by period, township_code
),

warned as (
    select period, township_code, count(*) as leads_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('warning') }})
    group by period, township_code
),

applied as (
    select period, township_code, count(*) as leads_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('application') }})
    group by period, township_code
),

called as (
    select period, township_code, count(*) as leads_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('media_signal') }})
    where source = 'hotline'
    group by period, township_code
)

select
    t.period,
    t.township_code as subject,
    t.township_code as area_code,
    kh.period is not null as hospital__known,
    case when hospitals.township_code is not null then hospitals.has_standard when kh.period is not null then false end
        as hospital__has_standard,
    case when hospitals.township_code is not null then hospitals.has_gp when kh.period is not null then false end as hospital__has_gp,
    {{ evidence_or_none('hospitals.evidence') }} as hospital__evidence,
    ks.period is not null as station__known,
    case when ks.period is not null then stations.township_code is not null end as station__has_one,
    {{ evidence_or_none('stations.evidence') }} as station__evidence,
    -- leads by the way on which they came
    k_screened.period is not null as screened__known,
    {{ zero_if_silent('k_screened.period is not null', 'screened.leads_n') }} as screened__leads_n,
    {{ evidence_or_none('screened.evidence') }} as screened__evidence,
    k_warned.period is not null as warned__known,
    {{ zero_if_silent('k_warned.period is not null', 'warned.leads_n') }} as warned__leads_n,
    {{ evidence_or_none('warned.evidence') }} as warned__evidence,
    k_applied.period is not null as applied__known,
    {{ zero_if_silent('k_applied.period is not null', 'applied.leads_n') }} as applied__leads_n,
    {{ evidence_or_none('applied.evidence') }} as applied__evidence,
    k_called.period is not null as called__known,
    {{ zero_if_silent('k_called.period is not null', 'called.leads_n') }} as called__leads_n,
    {{ evidence_or_none('called.evidence') }} as called__evidence
from township as t
left join known as kh
    on kh.extract = 'health_facility' and kh.period = t.period and kh.township_code = t.township_code and kh.villages_n = t.villages_n
left join known as ks
    on ks.extract = 'fin_station' and ks.period = t.period and ks.township_code = t.township_code and ks.villages_n = t.villages_n
left join hospitals on hospitals.period = t.period and hospitals.township_code = t.township_code
left join stations on stations.period = t.period and stations.township_code = t.township_code
left join known as k_screened
    on k_screened.extract = 'case_event' and k_screened.period = t.period and k_screened.township_code = t.township_code
    and k_screened.villages_n = t.villages_n
left join screened on screened.period = t.period and screened.township_code = t.township_code
left join known as k_warned
    on k_warned.extract = 'warning' and k_warned.period = t.period and k_warned.township_code = t.township_code
    and k_warned.villages_n = t.villages_n
left join warned on warned.period = t.period and warned.township_code = t.township_code
left join known as k_applied
    on k_applied.extract = 'application' and k_applied.period = t.period and k_applied.township_code = t.township_code
    and k_applied.villages_n = t.villages_n
left join applied on applied.period = t.period and applied.township_code = t.township_code
left join known as k_called
    on k_called.extract = 'media_signal' and k_called.period = t.period and k_called.township_code = t.township_code
    and k_called.villages_n = t.villages_n
left join called on called.period = t.period and called.township_code = t.township_code
