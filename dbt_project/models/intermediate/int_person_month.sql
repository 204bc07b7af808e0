with person as (
    {{ living_person() }}
),

household as (
    select * from {{ ref('int_household_month') }}
),

course as (
    select
        p.period,
        p.person_id,
        {{ any_of('e.training_record__finished_course') }} as has_trained,
        {{ evidence_agg(['e.entry_source']) }} as evidence
    from person as p
    inner join {{ ref('int_labour_event') }} as e on e.person_id = p.person_id and e.period <= p.period
    group by p.period, p.person_id
),

help as (
    select period, subject, aid__known, aid__backstop, aid__evidence
    from {{ ref('int_household_reach') }}
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
    p.left_behind_type as person_register__left_behind_type,
    p.employment_status as person_register__employment_status,
    p.shares_budget as person_register__shares_budget,
    -- full years at the month's end
    cast(substr(p.period, 1, 4) as integer) - extract(year from p.birth_date)
    - case when extract(month from p.birth_date) > cast(substr(p.period, 6, 2) as integer) then 1 else 0 end  -- known: NULL less it is NULL
        as person_register__age,
    {{ evidence_one('p._source') }} as person_register__evidence,
    h.subject is not null as hh_register__known,
    h.hh_register__is_registered,
    h.hh_register__is_poor,
    {{ evidence_or_none('h.hh_register__evidence') }} as hh_register__evidence,
    -- on the school roll, or in the ledger of those out of school; unknown of whom neither names
    student.person_id is not null or dropout.is_out_of_school is not null as schooling__known,
    case when dropout.is_out_of_school then false when student.person_id is not null or not dropout.is_out_of_school then true end
        as schooling__in_school,
    {{ evidence_or_none('case when student.person_id is not null or dropout.person_id is not null then '
        ~ evidence_union([evidence_or_none("case when student.person_id is not null then " ~ evidence_one('student._source') ~ " end"),
                          evidence_or_none("case when dropout.person_id is not null then " ~ evidence_one('dropout._source') ~ " end")])
        ~ ' end') }} as schooling__evidence,
    -- courses since the plan began
    c.period is not null as course__known,
    case when course.person_id is not null then course.has_trained when c.period is not null then false end as course__has_trained,
    {{ evidence_or_none('course.evidence') }} as course__evidence,
    help.aid__known as backstop__known,
    help.aid__backstop as backstop__paid,
    {{ evidence_or_none('help.aid__evidence') }} as backstop__evidence,
    {{ fact_columns('insurance_enrol', 'person_id') }},
    {{ fact_columns('pension_enrol', 'person_id') }}
from person as p
left join household as h on h.period = p.period and h.subject = p.hh_id
left join help on help.period = p.period and help.subject = p.hh_id
{{ joined_fact('insurance_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
{{ joined_fact('pension_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
left join ({{ in_effect('edu_student') }}) as student on student.period = p.period and student.person_id = p.person_id
left join ({{ in_effect('school_dropout') }}) as dropout on dropout.period = p.period and dropout.person_id = p.person_id
left join course on course.period = p.period and course.person_id = p.person_id
left join {{ source('build', 'plan_coverage') }} as c
    on c.extract = 'training_record' and c.period = p.period and c.village_code = h.area_code
