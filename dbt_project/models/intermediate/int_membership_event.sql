-- each month to build and the last month before it of which there is a register
with pair as (
    select b.period, max(k.period) as before_period
    from {{ source('build', 'period') }} as b
    inner join {{ source('build', 'in_effect') }} as n on n.extract = 'person_register' and n.period = b.period
    inner join {{ source('build', 'in_effect') }} as k on k.extract = 'person_register' and k.period < b.period
    group by b.period
),

listed as (
    select p.period, p.person_id, p.hh_id, p._source, p._submission, p.is_dead
    from ({{ listed_person(only_built=false) }}) as p
    where p.period in (
            select pair.period from pair
            union
            select pair.before_period from pair
        )
    qualify row_number() over (partition by p.period, p.person_id order by p._source) = 1
),

member as (
    select * from listed
    where is_dead is not true
),

-- what the one register speaks for and the other does not: nothing is known of who came or went there
one_sided as (
    select distinct p.period, c.submission
    from pair as p
    inner join {{ source('build', 'coverage') }} as c on c.extract = 'person_register' and c.period in (p.period, p.before_period)
    left join {{ source('build', 'coverage') }} as o
        on o.extract = 'person_register'
        and o.village_code = c.village_code
        and o.period = case when c.period = p.period then p.before_period else p.period end
    where o.village_code is null
),

-- persons, and households of persons whom nobody can read, that a register refused: they may well be there
refused as (
    select distinct p.period, q.person_id, q.hh_id
    from pair as p
    inner join {{ source('build', 'in_effect') }} as e on e.extract = 'person_register' and e.period in (p.period, p.before_period)
    inner join {{ source('build', 'quarantine') }} as q on q.extract = 'person_register' and q.submission = e.submission
),

refused_person as (
    select distinct period, person_id
    from refused
    where person_id is not null
),

refused_household as (
    select distinct period, hh_id
    from refused
    where person_id is null and hh_id is not null
),

before as (
    select p.period, p.before_period, m.person_id, m.hh_id, m._source, m._submission
    from pair as p
    inner join member as m on m.period = p.before_period
),

now_there as (
    select p.period, p.before_period, m.person_id, m.hh_id, m._source, m._submission
    from pair as p
    inner join member as m on m.period = p.period
),

changed as (
    select
        coalesce(n.period, b.period) as period,  -- known: a full join on it
        coalesce(n.before_period, b.before_period) as before_period,  -- known: a full join on it
        coalesce(n.person_id, b.person_id) as person_id,  -- known: a full join on it
        b.hh_id as from_hh_id,
        n.hh_id as to_hh_id,
        b._source as from_source,
        n._source as to_source,
        coalesce(n._submission, b._submission) as submission  -- known: one side is there
    from now_there as n
    full join before as b on b.period = n.period and b.person_id = n.person_id
    where n.hh_id is distinct from b.hh_id
),

placed as (
    select
        c.*,
        death._source as death_source,
        left_behind.hh_id is not null as from_stays,
        already.hh_id is null as to_is_new,
        count(distinct c.to_hh_id) over (partition by c.period, c.from_hh_id) as ways_out,
        count(distinct c.from_hh_id) over (partition by c.period, c.to_hh_id) as ways_in
    from changed as c
    left join listed as death
        on death.is_dead and death.period = c.period and death.person_id = c.person_id
    left join (select distinct period, hh_id from now_there) as left_behind
        on left_behind.period = c.period and left_behind.hh_id = c.from_hh_id
    left join (select distinct period, hh_id from before) as already
        on already.period = c.period and already.hh_id = c.to_hh_id
    left join one_sided as o on o.period = c.period and o.submission = c.submission
    left join refused_person as rp
        on rp.period = c.period and rp.person_id = c.person_id
    left join refused_household as rh
        on rh.period = c.period and rh.hh_id in (c.from_hh_id, c.to_hh_id)
    where c.from_hh_id is not null and c.to_hh_id is not null
        or death._source is not null
        or o.submission is null and rp.person_id is null and rh.hh_id is null
)

select
    period,
    before_period,
    person_id,
    case
        when death_source is not null then 'died'
        when from_hh_id is null then 'joined'
        when to_hh_id is null then 'left'
        when from_stays and to_is_new then 'split'
        when from_stays then 'moved'
        when not to_is_new or ways_in > 1 then 'merged'
        when ways_out > 1 then 'split'
        else 'renumbered'
    end as event,
    from_hh_id,
    to_hh_id,
    from_source,
    coalesce(death_source, to_source) as to_source  -- known: the row that says what became of the person
from placed
