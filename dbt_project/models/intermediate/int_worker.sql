with worker as (
    {{ row_subject(
        'employment',
        key=['person_id'],
        names='person',
        groups={'is_working': ['status', 'employment_status', 'working']},
        asked=['support_date', 'recommended_at', 'ledger_date', 'project_id', 'start_date', 'end_date', 'employer_id', 'service_date'],
        year_ago=true
    ) | indent(4) }}
),

course as (
    select w.period, w.subject, {{ any_of('e.training_record__finished_course') }} as has_trained, {{ evidence_agg(['e.entry_source']) }} as evidence
    from worker as w
    inner join {{ ref('int_labour_event') }} as e on e.person_id = w.subject and e.period <= w.period
    group by w.period, w.subject
)

select
    worker.*,
    -- courses since the plan began
    c.period is not null as course__known,
    case
        when course.has_trained then true
        when c.period is not null and (course.subject is null or not course.has_trained) then false
    end as course__has_trained,
    {{ evidence_or_none('course.evidence') }} as course__evidence
from worker
left join course on course.period = worker.period and course.subject = worker.subject
left join {{ source('build', 'plan_coverage') }} as c
    on c.extract = 'training_record' and c.period = worker.period and c.village_code = worker.area_code
