with refused as (
    select q.extract, e.period, q.hh_id, q.person_id
    from {{ source('build', 'quarantine') }} as q
    inner join {{ source('build', 'in_effect') }} as e
        on e.extract = q.extract and e.submission = q.submission and e.area is not distinct from q.area
    inner join {{ source('build', 'period') }} as b on b.period = e.period
),

person as (
    {{ in_effect('person_register') }}
)

select distinct
    refused.extract,
    refused.period,
    coalesce(refused.hh_id, person.hh_id) as hh_id  -- known: the household of the row, else of its person
from refused
left join person on person.period = refused.period and person.person_id = refused.person_id
where coalesce(refused.hh_id, person.hh_id) is not null  -- known: a row of nobody knows which household is noted on the area
