with aid as (
    {{ row_subject(
        'civil_aid',
        key=['person_id', 'aid_type'],
        names='person',
        groups={
            'is_two_subsidies': ['aid_type', 'aid_type', 'two_subsidies'],
            'is_highest_grade': ['grade', 'aid_grade', 'highest']
        },
        asked=['ledger_date'],
        year_ago=true
    ) | indent(4) }}
),

person as (
    {{ living_person() }}
)

select
    a.*,
    p.person_id is not null as person_register__known,
    p.labour_ability as person_register__labour_ability,
    {{ evidence_or_none('case when p.person_id is not null then ' ~ evidence_one('p._source') ~ ' end') }} as person_register__evidence
from aid as a
left join person as p on p.period = a.period and p.person_id = a.civil_aid__person_id
