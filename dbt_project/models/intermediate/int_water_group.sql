-- Groups of households that share their water.
select
    period,
    village_code || '/' || group_name as subject,
    village_code as area_code,
    true as water__known,
    {{ any_of('dry_season or not secured') }} as water__is_short,
    {{ evidence_agg(['_source']) }} as water__evidence
from ({{ in_effect('water') }})
where village_code is not null and group_name is not null
group by period, village_code, group_name
