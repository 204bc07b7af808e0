{%- set of_members = ['schooling.members_n', 'schooling.members_evidence'] -%}
-- Schooling is paid for a term, in the month whose table reports it; in the months that the table speaks for after that, nothing
-- more is. A member in school whom the table does not list, or whose cell is blank, leaves the family's spending of that month unknown.
with register as (
    select *, hh_id as subject, village_code as area_code
    from ({{ in_effect('hh_register') }})
),

person as (
    select p.*, case when p.school_stage is not null then g.code is not null end as studies
    from ({{ living_person() }}) as p
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'school_stage' and g.member_of = 'studying' and g.code = p.school_stage
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

schooling as (
    select
        person.period,
        person.hh_id,
        sum(e.self_cost) as self_paid_yuan,  -- known: not used where a member's is unclear
        {{ any_of('case when e.person_id is null then person.studies else e.self_cost is null end') }} as is_unclear,
        count(distinct person.person_id) as members_n,
        {{ evidence_agg(['person._source']) }} as members_evidence,
        {{ evidence_agg(['e._source', 'case when e.person_id is not null or person.studies is not false then person._source end']) }} as evidence
    from person
    left join ({{ in_effect('edu_student') }}) as e
        on e.period = person.period and e._period = person.period and e.person_id = person.person_id
    group by person.period, person.hh_id
),

disaster as (
    select
        period,
        hh_id,
        sum(loss) as loss_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('disaster_event') }})
    group by period, hh_id
),

disability as (
    select
        d.period,
        person.hh_id,
        sum(d.self_cost) as self_paid_yuan,  -- known: not used where a cell is blank
        {{ any_of('d.self_cost is null') }} as is_unclear,
        {{ evidence_agg(['d._source', 'person._source']) }} as evidence
    from ({{ in_effect('disability') }}) as d
    inner join person on person.period = d.period and person.person_id = d.person_id
    group by d.period, person.hh_id
)

select
    r.period,
    r.hh_id,
    {{ household_fact('schooling', [], zero=['self_paid_yuan'],
        known='schooling.hh_id is not null and rp.hh_id is null and cs.period is not null'
        ' and (cs.source_period < cs.period or (rs.hh_id is null and schooling.is_unclear is false))', members=of_members) | indent(4) }},
    {{ household_fact('disaster', ['disaster_event'], zero=['loss_yuan']) | indent(4) }},
    {{ household_fact('disability', ['disability'], zero=['self_paid_yuan'],
        known='schooling.hh_id is not null and rp.hh_id is null and (disability.hh_id is null or disability.is_unclear is false)', members=of_members) | indent(4) }}
from register as r
{{ household_fact_join('schooling', [], 'r') }}
left join {{ source('build', 'coverage') }} as cs
    on cs.extract = 'edu_student' and cs.period = r.period and cs.village_code = r.village_code
left join refused as rp on rp.extract = 'person_register' and rp.period = r.period and rp.hh_id = r.hh_id
left join refused as rs on rs.extract = 'edu_student' and rs.period = r.period and rs.hh_id = r.hh_id
{{ household_fact_join('disaster', ['disaster_event'], 'r') }}
{{ household_fact_join('disability', ['disability'], 'r') }}
