with refused as (
    {{ refused(month_before=true) }}
),

person as (
    {{ in_effect('person_register', month_before=true) }}
)

select distinct
    refused.extract,
    refused.period,
    coalesce(refused.hh_id, person.hh_id) as hh_id  -- known: the household of the row, else of its person
from refused
left join person on person.period = refused.period and person.person_id = refused.person_id
where coalesce(refused.hh_id, person.hh_id) is not null  -- known: a row of nobody knows which household is noted on the area
