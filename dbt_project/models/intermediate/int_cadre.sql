with post as (
    {{ row_subject(
        'cadre_post',
        key=['person_id', 'role', 'start_date'],
        asked=['end_date', 'talent_plan_type', 'end_reason', 'appraisal_result', 'from_org', 'replaced_at'],
        made={'replace_days': days_between('r.end_date', 'r.replaced_at')}
    ) | indent(4) }}
),

trained as (
    select
        b.period,
        t.person_id,
        {{ evidence_agg(['t._source']) }} as evidence
    from ({{ in_effect('cadre_training', only_built=false) }}) as t
    inner join {{ source('build', 'window_start') }} as b
        on b.time_window = 'plan' and t.period between b.since and b.period
    group by b.period, t.person_id
),

reported as (
    select distinct period
    from {{ source('build', 'plan_coverage') }}
    where extract = 'cadre_training'
)

select
    p.*,
    {{ years_between('p.cadre_post__birth_date', last_day_of('p.period')) }} as cadre_post__age,
    reported.period is not null as training__known,
    case when reported.period is not null then trained.person_id is not null end as training__since_plan,
    {{ evidence_or_none('trained.evidence') }} as training__evidence
from post as p
left join trained on trained.period = p.period and trained.person_id = p.cadre_post__person_id
left join reported on reported.period = p.period
