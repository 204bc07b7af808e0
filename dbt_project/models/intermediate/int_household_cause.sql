-- A household whose main cause nobody gave has one row without a cause; a further cause that is the main one too counts as that.
with household as (
    {{ registered_household() }}
),

given as (
    select period, hh_id, cause_main as cause, true as is_main
    from household
    union all
    select period, hh_id, cause_other as cause, false as is_main
    from household
    where cause_other is not null
    union all
    select period, hh_id, cause_other_2 as cause, false as is_main
    from household
    where cause_other_2 is not null
),

once as (
    select period, hh_id, cause, max(is_main) as is_main
    from given
    group by period, hh_id, cause
)

select
    h.period,
    h.hh_id || '/' || coalesce(once.cause, 'unknown') as subject,  -- known: the key says that nobody gave one
    {{ area_or_root('h.village_code') }} as area_code,
    h.hh_id,
    true as hh_register__known,
    h.is_poor as hh_register__is_poor,
    once.cause as hh_register__cause,
    once.is_main as hh_register__is_main,
    {{ evidence_one('h._source') }} as hh_register__evidence
from household as h
inner join once on once.period = h.period and once.hh_id = h.hh_id
