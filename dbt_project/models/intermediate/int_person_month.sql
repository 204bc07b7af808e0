with person as (
    {{ living_person() }}
),

household as (
    select * from {{ ref('int_household_month') }}
)

select
    p.period,
    p.person_id as subject,
    {{ area_or_root('h.area_code') }} as area_code,
    p.hh_id,
    true as person_register__known,
    p.relation as person_register__relation,
    p.health_status as person_register__health_status,
    p.labour_ability as person_register__labour_ability,
    p.employment_status as person_register__employment_status,
    p.shares_budget as person_register__shares_budget,
    {{ evidence_one('p._source') }} as person_register__evidence,
    h.subject is not null as hh_register__known,
    h.hh_register__is_registered,
    h.hh_register__is_poor,
    {{ evidence_or_none('h.hh_register__evidence') }} as hh_register__evidence,
    {{ fact_columns('insurance_enrol', 'person_id') }},
    {{ fact_columns('pension_enrol', 'person_id') }}
from person as p
left join household as h on h.period = p.period and h.subject = p.hh_id
{{ joined_fact('insurance_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
{{ joined_fact('pension_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
