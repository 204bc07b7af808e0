with project as (
    {{ row_subject(
        'project_library',
        key=['project_id'],
        groups={'is_done': ['status', 'project_status', 'finished']},
        asked=['resumed_date', 'sponsor_org']
    ) | indent(4) }}
),

published as (
    select b.period, n.object_id, {{ evidence_agg(['n._source']) }} as evidence
    from ({{ in_effect('public_notice', only_built=false) }}) as n
    inner join {{ source('build', 'window_start') }} as b
        on b.time_window = 'plan' and n.period between b.since and b.period
    where n.object_type = 'project' and n.object_id is not null
    group by b.period, n.object_id
),

reported as (
    select distinct period
    from {{ source('build', 'plan_coverage') }}
    where extract = 'public_notice'
)

select
    p.*,
    reported.period is not null as notice__known,
    case when reported.period is not null then published.object_id is not null end as notice__published,
    {{ evidence_or_none('published.evidence') }} as notice__evidence
from project as p
left join published on published.period = p.period and published.object_id = p.project_library__project_id
left join reported on reported.period = p.period
