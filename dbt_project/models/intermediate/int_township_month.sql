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
    where c.extract in ('health_facility', 'fin_station')
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
    {{ evidence_or_none('stations.evidence') }} as station__evidence
from township as t
left join known as kh
    on kh.extract = 'health_facility' and kh.period = t.period and kh.township_code = t.township_code and kh.villages_n = t.villages_n
left join known as ks
    on ks.extract = 'fin_station' and ks.period = t.period and ks.township_code = t.township_code and ks.villages_n = t.villages_n
left join hospitals on hospitals.period = t.period and hospitals.township_code = t.township_code
left join stations on stations.period = t.period and stations.township_code = t.township_code
