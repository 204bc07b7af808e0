{#- What stood in a register at the end of a month, and at the end of the last one before of which there is a register.

    `standing`: SQL of one row per `period` and `id` (the pseudonym of a household or person) with hh_id, village_code, status, is_poor,
    hh_type, exit_year, `dated_on` (the latest date that the register gives for it) and `source_rows`. `extracts`: where it is from; a
    refused row of them leaves its subject unknown at that end.
    One row per period, id, village and status that stood at either end: `opening__there` before, `closing__there` now. `change__by`
    says how it came or left: its status changed, it moved to another village, or it is new to the register or gone from it.
    A status holds from the date that the register gives where that lies between the two month ends, else from the later one, when
    it was found; `valid_to` is the first day on which it holds no more. Both are empty where nothing changed. -#}
{% macro register_flow(standing, extracts) -%}
with standing as (
    {{ standing }}
),

-- each village and month to build of which there is a register, with the last month before
pair as (
    select c.period, c.village_code, c.before_period
    from (
        select period, village_code, lag(period) over (partition by village_code order by period) as before_period
        from ({{ covered(extracts[0]) }})
    ) as c
    inner join {{ source('build', 'period') }} as b on b.period = c.period
),

refused as (
    select distinct period, coalesce(person_id, hh_id) as id  -- known: who cannot be read at all is noted on the area
    from ({{ refused(only_built=false) }})
    where extract in ({% for extract in extracts %}'{{ extract }}'{{ ', ' if not loop.last }}{% endfor %})
),

now_there as (
    select pair.period as built, pair.before_period, s.*, {{ holds_from('s.dated_on', 'pair') }} as since
    from pair
    inner join standing as s on s.period = pair.period and s.village_code = pair.village_code
    qualify row_number() over (partition by pair.period, s.id order by s.source_rows) = 1
),

before as (
    select pair.period as built, pair.before_period, s.*
    from pair
    inner join standing as s on s.period = pair.before_period and s.village_code = pair.village_code
    qualify row_number() over (partition by pair.period, s.id order by s.source_rows) = 1
),

either as (
    select
        coalesce(n.built, b.built) as period,  -- known: a full join on it
        coalesce(n.before_period, b.before_period) as before_period,  -- known: one side is there
        coalesce(n.id, b.id) as id,  -- known: a full join on it
        coalesce(n.hh_id, b.hh_id) as hh_id,  -- known: one side is there
        coalesce(n.village_code, b.village_code) as village_code,  -- known: a full join on it
        coalesce(n.status, b.status) as status,  -- known: a full join on it
        coalesce(n.is_poor, b.is_poor) as is_poor,  -- known: the status says it
        coalesce(n.hh_type, b.hh_type) as hh_type,  -- known: one side is there
        coalesce(n.exit_year, b.exit_year) as exit_year,  -- known: as it is now, else as it was
        n.id is not null as stands,
        b.id is not null as stood,
        -- by whom the other end is looked for: a condition beside the keys of a left join would make it row by row
        case when b.id is null then n.id end as came_id,
        case when n.id is null then b.id end as gone_id,
        n.since,
        n.source_rows as now_rows,
        b.source_rows as before_rows
    from now_there as n
    full join before as b
        on b.built = n.built and b.id = n.id and b.village_code = n.village_code and b.status = n.status
),

placed as (
    select
        e.*,
        case when e.stood then true when e.before_period is not null and rb.id is null and rbh.id is null then false end as was_there,
        case when e.stands then true when rn.id is null and rnh.id is null then false end as is_there,
        came_from.id is not null as from_elsewhere,
        came_from.status as from_status,
        came_from.is_poor as from_poor,
        went_to.id is not null as to_elsewhere,
        went_to.status as to_status,
        went_to.since as to_since,
        case when not e.stood then came_from.source_rows when not e.stands then went_to.source_rows end as other_rows
    from either as e
    left join before as came_from on came_from.built = e.period and came_from.id = e.came_id
    left join now_there as went_to on went_to.built = e.period and went_to.id = e.gone_id
    left join refused as rb on rb.period = e.before_period and rb.id = e.id
    left join refused as rbh on rbh.period = e.before_period and rbh.id = e.hh_id
    left join refused as rn on rn.period = e.period and rn.id = e.id
    left join refused as rnh on rnh.period = e.period and rnh.id = e.hh_id
)

select
    period,
    id || '/' || village_code || '/' || status as subject,
    village_code as area_code,
    id,
    hh_id,
    before_period,
    status,
    hh_type,
    exit_year,
    is_poor,
    case when not stood then since end as valid_from,
    case when not stands and is_there is not null then case when to_elsewhere then to_since else {{ last_day_of('period') }} end end as valid_to,
    before_period is not null as opening__known,
    was_there as opening__there,
    {{ evidence_or_none('before_rows') }} as opening__evidence,
    true as closing__known,
    is_there as closing__there,
    {{ evidence_or_none('now_rows') }} as closing__evidence,
    was_there is not null and is_there is not null as change__known,
    case
        when from_elsewhere then case when from_status <> status then 'status' else 'village' end
        when to_elsewhere then case when to_status <> status then 'status' else 'village' end
        when was_there <> is_there then 'register'
    end as change__by,
    case when from_elsewhere then from_poor else was_there and is_poor end as change__was_poor,
    {{ evidence_or_none('other_rows') }} as change__evidence
from placed
{%- endmacro %}

{#- From when a status in the register of `pair.period` holds that the register of `pair.before_period` did not have. -#}
{% macro holds_from(dated_on, pair) -%}
case
    when {{ dated_on }} <= {{ last_day_of(pair ~ '.period') }}
        and ({{ pair }}.before_period is null or {{ dated_on }} > {{ last_day_of(pair ~ '.before_period') }}) then {{ dated_on }}
    when {{ pair }}.before_period is not null then {{ last_day_of(pair ~ '.period') }}
end
{%- endmacro %}
