-- Departments that used the platform in the month.
select
    period,
    dept_name as subject,
    {{ area_or_root('cast(null as varchar)') }} as area_code,
    true as access_log__known,
    count(*) as access_log__accesses_n,
    {{ evidence_agg(['_source']) }} as access_log__evidence
from ({{ in_effect('access_log') }})
group by period, dept_name
