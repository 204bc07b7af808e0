with illness as (
    {{ row_subject(
        'health_case',
        key=['person_id', 'disease_code'],
        names='person',
        asked=['checkup_date'],
        groups={
            'in_care': ['treatment_status', 'treatment_status', 'in_care'],
            'is_managed_kind': ['disease_code', 'disease', 'managed'],
        },
        year_ago=true
    ) | indent(4) }}
),

stay as (
    select
        period,
        person_id,
        {{ any_of('total_cost_yuan > 0 and reimbursed_basic_yuan = 0') }} as has_unreimbursed,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('med_settlement') }})
    group by period, person_id
)

select
    illness.*,
    -- a stay in hospital settled in the month
    c.period is not null as stay__known,
    case when stay.person_id is not null then true when c.period is not null then false end as stay__has_one,
    case when stay.person_id is not null then stay.has_unreimbursed when c.period is not null then false end as stay__has_unreimbursed,
    {{ evidence_or_none('stay.evidence') }} as stay__evidence
from illness
left join stay on stay.period = illness.period and stay.person_id = illness.health_case__person_id
left join ({{ covered('med_settlement') }}) as c on c.period = illness.period and c.village_code = illness.area_code
