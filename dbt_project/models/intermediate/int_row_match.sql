with person as (
    select *
    from ({{ in_effect('person_register') }})
    qualify row_number() over (partition by period, person_id order by _source) = 1
),

household as (
    select *
    from ({{ in_effect('hh_register') }})
    qualify row_number() over (partition by period, hh_id order by _source) = 1
),

refused_person as (
    select distinct e.period, q.person_id
    from {{ source('build', 'quarantine') }} as q
    inner join {{ source('build', 'in_effect') }} as e
        on e.extract = q.extract and e.submission = q.submission and e.area is not distinct from q.area
    where q.extract = 'person_register'
),

refused_household as (
    select distinct e.period, q.hh_id
    from {{ source('build', 'quarantine') }} as q
    inner join {{ source('build', 'in_effect') }} as e
        on e.extract = q.extract and e.submission = q.submission and e.area is not distinct from q.area
    where q.extract = 'hh_register'
),

looked_up as (
    select
        n.period,
        n.extract,
        n.submission,
        n.source,
        case when n.person_id is not null then 'person' when n.hh_id is not null then 'household' else 'nobody' end as names,
        case when n.person_id is not null then p._source else h._source end as register_source,
        n.person_id is not null and rp.person_id is not null or n.person_id is null and rh.hh_id is not null as register_refused,
        p.person_name <> n.person_name as name_differs,
        p.hh_id <> n.hh_id as household_differs,
        n.person_id,
        n.hh_id,
        n.of_registered
    from {{ source('build', 'named_row') }} as n
    left join person as p on p.period = n.period and p.person_id = n.person_id
    left join household as h on h.period = n.period and h.hh_id = n.hh_id
    left join refused_person as rp
        on rp.period = n.period and rp.person_id = n.person_id
    left join refused_household as rh
        on rh.period = n.period and rh.hh_id = n.hh_id
),

judged as (
    select
        *,
        -- a person whose row in the register was refused is neither known nor unknown to it
        case when register_source is not null then true when not register_refused then false end as found
    from looked_up
)

select
    period,
    extract,
    submission,
    source,
    names,
    register_source,
    found,
    name_differs,
    household_differs,
    -- whom a row names is kept where there is something to say about it: most rows agree, and there are many
    case when not found or name_differs or household_differs then person_id end as person_id,
    case when not found or name_differs or household_differs then hh_id end as hh_id,
    of_registered
from judged
