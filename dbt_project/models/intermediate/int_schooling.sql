-- Whether a person is at school: on the school roll, or in the ledger of those out of school; also who must be and, by the register, is
-- not. Of a child whom neither names it is not known, unless the roll came without it and the register says that it does not study.
with person as (
    select
        p.*,
        {{ years_between('p.birth_date', last_day_of('p.period')) }} as age,
        case when p.school_stage is not null then g.code is not null end as studies
    from ({{ living_person(month_before=true) }}) as p
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'school_stage' and g.member_of = 'studying' and g.code = p.school_stage
),

household as (
    {{ in_effect('hh_register', month_before=true) }}
),

joined as (
    select
        p.period,
        p.person_id,
        p.hh_id,
        {{ of_compulsory_age('p.age') }} as is_of_age,
        {{ misses_compulsory('case when dropout.school_stage is not null then compulsory.code is not null end', 'p.age') }} as misses_compulsory,
        dropout.is_out_of_school,
        student.person_id is not null as on_roll,
        c.period is not null and refused.hh_id is null and not p.studies as is_on_no_roll,
        student._source as student_source,
        dropout._source as dropout_source,
        p._source as person_source
    from person as p
    left join household on household.period = p.period and household.hh_id = p.hh_id
    left join ({{ in_effect('edu_student', month_before=true) }}) as student on student.period = p.period and student.person_id = p.person_id
    left join ({{ in_effect('school_dropout', month_before=true) }}) as dropout on dropout.period = p.period and dropout.person_id = p.person_id
    left join {{ source('policy', 'code_group') }} as compulsory
        on compulsory.map = 'edu_stage' and compulsory.member_of = 'compulsory' and compulsory.code = dropout.school_stage
    left join ({{ covered('edu_student') }}) as c on c.period = p.period and c.village_code = household.village_code
    left join {{ ref('int_refused_household') }} as refused
        on refused.extract = 'edu_student' and refused.period = p.period and refused.hh_id = p.hh_id
    left join {{ source('build', 'setting') }} as setting on setting.period = p.period
),

placed as (
    select
        *,
        case
            when is_out_of_school then false
            when on_roll or not is_out_of_school then true
            when is_of_age and is_on_no_roll then false
        end as in_school
    from joined
    where on_roll or is_out_of_school is not null or is_of_age is not false
)

select
    period,
    person_id,
    hh_id,
    in_school,
    case
        when is_out_of_school then misses_compulsory
        when in_school or not is_of_age then false
        when is_of_age and not in_school then true
    end as is_missing,
    {{ evidence_union([evidence_none_or_one('student_source'), evidence_none_or_one('dropout_source')]) }} as evidence,
    person_source
from placed
