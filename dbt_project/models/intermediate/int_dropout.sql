with child as (
    {{ row_subject(
        'school_dropout',
        key=['person_id'],
        names='person',
        groups={'is_compulsory_stage': ['school_stage', 'edu_stage', 'compulsory']},
        made={'age': years_between('person.birth_date', last_day_of('r.period'))}
    ) | indent(4) }}
)

select
    child.*,
    {{ misses_compulsory('child.school_dropout__is_compulsory_stage', 'child.school_dropout__age') }} as school_dropout__is_compulsory
from child
left join {{ source('build', 'setting') }} as setting on setting.period = child.period
