select
    period,
    dept_name as subject,
    {{ area_or_root('null') }} as area_code,
    true as platform_user__known,
    count(trained_date) > 0 as platform_user__has_trained,
    {{ evidence_agg(['_source']) }} as platform_user__evidence
from ({{ in_effect('platform_user') }})
group by period, dept_name
