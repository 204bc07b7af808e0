with village as (
    select b.period, a.code as village_code
    from {{ source('policy', 'area') }} as a
    cross join {{ source('build', 'period') }} as b
    where a.is_lowest
),

sanitation as (
    {{ in_effect('village_sanitation') }}
)

select
    v.period,
    v.village_code as subject,
    v.village_code as area_code,
    s.village_code is not null as sanitation__known,
    s.rural_hh_n as sanitation__rural_hh_n,
    s.sanitary_toilet_hh_n as sanitation__sanitary_toilet_hh_n,
    s.public_toilet_n as sanitation__public_toilet_n,
    s.dry_public_toilet_n as sanitation__dry_public_toilet_n,
    {{ evidence_or_none('case when s.village_code is not null then ' ~ evidence_one('s._source') ~ ' end') }} as sanitation__evidence
from village as v
left join sanitation as s on s.period = v.period and s.village_code = v.village_code
