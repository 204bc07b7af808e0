-- A list entry is about a row (`source`) and, where it takes two to see it, another one (`other_source`).
with person as (
    select * from ({{ in_effect('person_register') }})
),

household as (
    select * from ({{ in_effect('hh_register') }})
),

register as (
    select * from person qualify row_number() over (partition by period, person_id order by _source) = 1
),

home as (
    select period, hh_id, min(village_code) as village_code, min(_source) as _source
    from household
    group by period, hh_id
),

-- further rows of the person register about somebody whom it already has: accepted from another file, or refused as duplicates
again as (
    select p.period, p.person_id, p.hh_id, p.person_name, p._source
    from person as p
    inner join register as r on r.period = p.period and r.person_id = p.person_id and r._source <> p._source
    union all
    select period, person_id, hh_id, person_name, source
    from ({{ refused('person_register') }})
),

twice as (
    select
        a.period,
        a.person_id,
        a.hh_id,
        r.hh_id as other_hh_id,
        a._source as source,
        r._source as other_source,
        a.hh_id <> r.hh_id as other_household,
        a.person_name <> r.person_name as other_name
    from again as a
    inner join register as r on r.period = a.period and r.person_id = a.person_id
),

register_month as (
    select distinct period
    from {{ source('build', 'in_effect') }}
    where extract = 'person_register'
),

renamed as (
    select n.period, n.person_id, n.hh_id, n._source as source, b._source as other_source
    from register as n
    inner join (
        select period, lag(period) over (order by period) as before_period
        from register_month
    ) as pair on pair.period = n.period
    inner join ({{ in_effect('person_register', only_built=false) }}) as b
        on b.period = pair.before_period and b.person_id = n.person_id and b.person_name <> n.person_name
),

-- whom a department's row names and the registers do not, or otherwise; most rows have nothing to say here
doubtful as (
    select *
    from {{ ref('int_row_match') }}
    where not found or name_differs or household_differs
),

villages as (
    select count(*) as villages_n
    from {{ source('policy', 'area') }}
    where is_lowest
),

known as (
    select
        period,
        count(*) filter (where extract = 'hh_register') as household_villages,
        count(*) filter (where extract = 'person_register') as person_villages
    from {{ source('build', 'coverage') }}
    where extract in ('hh_register', 'person_register')
    group by period
),

-- both registers are whole: only then does nobody in the one mean nobody
whole as (
    select k.period
    from known as k
    inner join {{ source('build', 'period') }} as b on b.period = k.period
    cross join villages as v
    where k.household_villages = k.person_villages
        and k.person_villages = v.villages_n
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

entry as (
    {{ identity_entry("'same_person'", other_source='t.other_source', other_hh_id='t.other_hh_id') }}
    from twice as t
    where t.other_household
    union all
    {{ identity_entry("'twins'", other_source='t.other_source', other_hh_id='t.other_hh_id') }}
    from twice as t
    where t.other_name
    union all
    {{ identity_entry("'twins'", other_source='t.other_source') }}
    from renamed as t
    union all
    {{ identity_entry("'twins'", extract='t.extract', submission='t.submission', other_source='t.register_source') }}
    from doubtful as t
    where t.name_differs
    union all
    {{ identity_entry(
        "'other_household'", extract='t.extract', submission='t.submission', other_source='t.register_source', other_hh_id='r.hh_id'
    ) }}
    from doubtful as t
    inner join register as r on r.period = t.period and r.person_id = t.person_id
    where t.household_differs
    union all
    {{ identity_entry(
        "case when t.names = 'nobody' then 'no_id' when t.of_registered then 'unknown' else 'not_registered' end",
        extract='t.extract',
        submission='t.submission'
    ) }}
    from doubtful as t
    where not t.found
    union all
    {{ identity_entry("'no_members'", extract="'hh_register'", source='t._source', person_id='null') }}
    from home as t
    inner join whole on whole.period = t.period
    left join (select distinct period, hh_id from person) as p on p.period = t.period and p.hh_id = t.hh_id
    left join refused as r on r.extract = 'person_register' and r.period = t.period and r.hh_id = t.hh_id
    where p.hh_id is null and r.hh_id is null
    union all
    {{ identity_entry("'no_household'", source='t._source') }}
    from person as t
    inner join whole on whole.period = t.period
    left join home as h on h.period = t.period and h.hh_id = t.hh_id
    left join refused as r on r.extract = 'hh_register' and r.period = t.period and r.hh_id = t.hh_id
    where h.hh_id is null and r.hh_id is null
    union all
    {{ identity_entry("'linked'", extract='t.extract', other_source='p._source') }}
    from {{ source('build', 'link') }} as t
    inner join {{ source('build', 'period') }} as b on b.period = t.period
    left join register as p on p.period = t.period and p.person_id = t.person_id
    union all
    {{ identity_entry(
        't.event',
        source='case when t.to_source is not null then t.to_source else t.from_source end',
        other_source='case when t.to_source is not null then t.from_source end',
        hh_id='case when t.to_hh_id is not null then t.to_hh_id else t.from_hh_id end',
        other_hh_id='case when t.to_hh_id is not null then t.from_hh_id end'
    ) }}
    from {{ ref('int_membership_event') }} as t
)

select
    entry.period,
    entry.list,
    entry.extract,
    entry.submission,
    entry.source,
    entry.other_source,
    entry.person_id,
    entry.hh_id,
    entry.other_hh_id,
    h.village_code
from entry
left join home as h on h.period = entry.period and h.hh_id = entry.hh_id
