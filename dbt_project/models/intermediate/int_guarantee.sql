-- One row per household, item and month, and a row `whole` for the two worries and three guarantees with water together. What an item
-- stands on is what the other models say of it; where its tables have not come, it is unknown and never met. `before` is the same of
-- the month before: a change is between two months of which both are known.
{%- set visited = {'food': 'v.food_ok', 'clothing': 'v.clothing_ok', 'eight_haves': 'v.eight_have_items >= setting.eight_haves_n'} %}
{%- set cells = {'food': 'food_ok', 'clothing': 'clothing_ok', 'eight_haves': 'eight_have_items'} %}
{%- set missing = 's.person_id is not null and s.is_missing' %}
{#- item: [the relation that states it, the extracts that it is known by] -#}
{%- set items = {
    'food': ['food', ['visit_log']],
    'clothing': ['clothing', ['visit_log']],
    'education': ['schooled', ['edu_student', 'school_dropout', 'person_register']],
    'medical': ['medical', ['insurance_enrol', 'health_case', 'person_register']],
    'housing': ['housing', ['housing']],
    'water': ['water', ['water']],
    'eight_haves': ['eight_haves', ['visit_log']],
} %}
with register as (
    select *, hh_id as subject, village_code as area_code
    from ({{ in_effect('hh_register', month_before=true) }})
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

person as (
    {{ living_person(month_before=true) }}
),

-- a visit that did not ask says nothing
{% for item, met in visited.items() %}
    {{ item }} as (
        select
            v.period,
            v.hh_id,
            {{ any_of('not ' ~ met) }} as is_gap,
            case
                when {{ any_of('not ' ~ met) }} then {{ evidence_agg(['case when not ' ~ met ~ ' then v._source end']) }}
                else {{ evidence_agg(['v._source']) }}
            end as evidence
        from ({{ in_effect('visit_log', month_before=true) }}) as v
        left join {{ source('build', 'setting') }} as setting on setting.period = v.period
        where v.{{ cells[item] }} is not null or {{ cell_refused('v', cells[item]) }}
        group by v.period, v.hh_id
    ),
{% endfor %}
-- a household without children of the age needs no school
education as (
    select
        p.period,
        p.hh_id,
        {{ any_of(missing) }} as is_gap,
        case
            when {{ any_of(missing) }}
                then {{ evidence_of_all(evidence_or_none('case when s.is_missing then s.evidence end')) }}
            else {{ evidence_of_all(evidence_or_none('s.evidence')) }}
        end as school_rows,
        case
            when {{ any_of(missing) }} then {{ evidence_agg(['case when s.is_missing then p._source end']) }}
            else {{ evidence_agg(['p._source']) }}
        end as person_rows
    from person as p
    left join {{ ref('int_schooling') }} as s on s.period = p.period and s.person_id = p.person_id
    group by p.period, p.hh_id
),

schooled as (
    select period, hh_id, is_gap, {{ evidence_union(['school_rows', 'person_rows']) }} as evidence
    from education
),

insured as (
    select
        p.period,
        p.hh_id,
        {{ any_of('not i.medical_enrolled') }} as is_gap,
        {{ evidence_agg(['p._source', 'i._source']) }} as all_rows,
        {{ evidence_agg(['case when not i.medical_enrolled then p._source end', 'case when not i.medical_enrolled then i._source end']) }}
            as gap_rows
    from person as p
    left join ({{ in_effect('insurance_enrol', month_before=true) }}) as i on i.period = p.period and i.person_id = p.person_id
    group by p.period, p.hh_id
),

case_of_illness as (
    select
        h.period,
        p.hh_id,
        case when h.treatment_status is not null then g.code is null end as is_untreated,
        h._source,
        p._source as person_source
    from ({{ in_effect('health_case', month_before=true) }}) as h
    inner join person as p on p.period = h.period and p.person_id = h.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'treatment_status' and g.member_of = 'in_care' and g.code = h.treatment_status
),

ill as (
    select
        period,
        hh_id,
        {{ any_of('is_untreated') }} as is_gap,
        {{ evidence_agg(['_source']) }} as all_rows,
        {{ evidence_agg(['case when is_untreated then _source end', 'case when is_untreated then person_source end']) }} as gap_rows
    from case_of_illness
    group by period, hh_id
),

-- everybody insured, and every illness treated
medical as (
    select
        insured.period,
        insured.hh_id,
        insured.is_gap or (ill.hh_id is not null and ill.is_gap) as is_gap,
        case
            when insured.is_gap or (ill.hh_id is not null and ill.is_gap)
                then {{ evidence_union(['insured.gap_rows', evidence_or_none('ill.gap_rows')]) }}
            else {{ evidence_union(['insured.all_rows', evidence_or_none('ill.all_rows')]) }}
        end as evidence
    from insured
    left join ill on ill.period = insured.period and ill.hh_id = insured.hh_id
),

housing as (
    select period, hh_id, lacks_safe as is_gap, evidence
    from {{ ref('int_household_dwelling') }}
),

water as (
    select period, hh_id, not secured as is_gap, {{ evidence_one('_source') }} as evidence
    from ({{ in_effect('water', month_before=true) }})
),

known as (
    select
        r.period,
        r.subject,
        r.area_code,
        r.hh_type,
        {%- for fact, extracts in items.values() %}
            {{ household_fact(fact, extracts, values=['is_gap']) | indent(12) }},
        {%- endfor %}
        {{ evidence_one('r._source') }} as register_evidence
    from register as r
    {%- for fact, extracts in items.values() %}
    {{ household_fact_join(fact, extracts, 'r') | indent(4) }}
    {%- endfor %}
),

item as (
    {% for item, about in items.items() %}
        select
            period,
            subject,
            area_code,
            hh_type,
            '{{ item }}' as item,
            {{ about[0] }}__is_gap as is_gap,
            {{ about[0] }}__evidence as evidence,
            register_evidence
        from known
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

together as (
    select
        i.period,
        i.subject,
        {{ any_of('i.is_gap') }} as is_gap,
        case
            when {{ any_of('i.is_gap') }} then {{ evidence_of_all(evidence_or_none('case when i.is_gap then i.evidence end')) }}
            else {{ evidence_of_all('i.evidence') }}
        end as evidence
    from item as i
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'guarantee_item' and g.member_of = 'guaranteed' and g.code = i.item
    group by i.period, i.subject
),

stated as (
    select * from item
    union all
    select
        known.period,
        known.subject,
        known.area_code,
        known.hh_type,
        'whole' as item,
        together.is_gap,
        together.evidence,
        known.register_evidence
    from known
    inner join together on together.period = known.period and together.subject = known.subject
)

select
    s.period,
    s.subject || '/' || s.item as subject,
    {{ area_or_root('s.area_code') }} as area_code,
    s.subject as hh_id,
    true as hh_register__known,
    s.hh_type as hh_register__hh_type,
    s.register_evidence as hh_register__evidence,
    s.is_gap is not null as guarantee__known,
    s.item as guarantee__item,
    s.is_gap as guarantee__is_gap,
    s.evidence as guarantee__evidence,
    b.is_gap is not null as before__known,
    b.is_gap as before__is_gap,
    {{ evidence_or_none('case when b.is_gap is not null then ' ~ evidence_union(['b.evidence', 'b.register_evidence']) ~ ' end') }}
        as before__evidence
from stated as s
inner join {{ source('build', 'month_before') }} as m on m.period = s.period
left join stated as b on b.period = m.before_period and b.subject = s.subject and b.item = s.item
