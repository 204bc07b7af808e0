with person as (
    {{ row_subject(
        'disability',
        key=['cert_no'],
        names='person',
        groups={'is_severe': ['grade', 'disability_grade', 'severe']},
        asked=['service']
    ) | indent(4) }}
),

paid as (
    select a.period, a.person_id, {{ evidence_agg(['a._source']) }} as evidence
    from ({{ in_effect('civil_aid') }}) as a
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'aid_type' and g.member_of = 'two_subsidies' and g.code = a.aid_type
    group by a.period, a.person_id
),

received as (
    select distinct period from ({{ covered('civil_aid') }})
)

select
    p.*,
    received.period is not null as subsidy__known,
    case when received.period is not null then paid.person_id is not null end as subsidy__paid,
    {{ evidence_or_none('paid.evidence') }} as subsidy__evidence
from person as p
left join paid on paid.period = p.period and paid.person_id = p.disability__person_id
left join received on received.period = p.period
