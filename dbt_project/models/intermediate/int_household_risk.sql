{%- set of_members = ['h.members__members_n', 'h.members__evidence'] -%}
-- What may drive a household into poverty, as each department knows of it. A fact of the members' rows is known where the members are.
with household as (
    select * from {{ ref('int_household_month') }}
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

person as (
    {{ living_person() }}
),

-- with those whom the register lists as dead
everybody as (
    {{ in_effect('person_register') }}
),

struck as (
    select
        d.period,
        d.hh_id,
        count(*) filter (where g.member_of = 'weather') as weather_n,
        count(*) filter (where g.member_of = 'earthquake') as earthquake_n,
        count(*) filter (where g.member_of = 'geological') as geological_n,
        count(*) filter (where g.member_of = 'wildfire') as wildfire_n,
        count(*) filter (where g.member_of = 'epidemic') as epidemic_n,
        count(*) filter (where g.member_of = 'house_fire') as house_fire_n,
        sum(d.loss) as loss_yuan,  -- known: only rows that came are added; the fact itself is unknown where none did
        {{ evidence_agg(['d._source']) }} as evidence
    from ({{ in_effect('disaster_event') }}) as d
    left join {{ source('policy', 'code_group') }} as g on g.map = 'disaster_type' and g.code = d.type
    group by d.period, d.hh_id
),

farm as (
    select
        d.period,
        d.hh_id,
        count(*) filter (where g.member_of = 'weather') as weather_n,
        count(*) filter (where g.member_of = 'biological') as biological_n,
        sum(d.loss) as loss_yuan,  -- known: as above
        {{ evidence_agg(['d._source']) }} as evidence
    from ({{ in_effect('disaster_farm') }}) as d
    left join {{ source('policy', 'code_group') }} as g on g.map = 'disaster_type' and g.code = d.type
    group by d.period, d.hh_id
),

forest as (
    select
        d.period,
        d.hh_id,
        count(*) filter (where g.member_of = 'wildfire') as wildfire_n,
        count(*) filter (where g.member_of = 'biological') as biological_n,
        sum(d.loss) as loss_yuan,  -- known: as above
        {{ evidence_agg(['d._source']) }} as evidence
    from ({{ in_effect('disaster_forest') }}) as d
    left join {{ source('policy', 'code_group') }} as g on g.map = 'disaster_type' and g.code = d.type
    group by d.period, d.hh_id
),

accidents as (
    select
        a.period,
        p.hh_id,
        count(distinct a.person_id) as harmed_n,
        count(distinct a.person_id) filter (where a.type = 'traffic') as traffic_n,
        {{ any_of("a.type = 'criminal' and a.main_worker") }} as crime_on_worker,
        {{ evidence_agg(['a._source', 'p._source']) }} as evidence
    from ({{ in_effect('accident_case') }}) as a
    inner join everybody as p on p.period = a.period and p.person_id = a.person_id
    group by a.period, p.hh_id
),

severely_disabled as (
    select
        d.period,
        p.hh_id,
        count(distinct d.person_id) as persons_n,
        {{ evidence_agg(['d._source', 'p._source']) }} as evidence
    from ({{ in_effect('disability') }}) as d
    inner join person as p on p.period = d.period and p.person_id = d.person_id
    left join {{ source('policy', 'code_group') }} as severe
        on severe.map = 'disability_grade' and severe.member_of = 'severe' and severe.code = d.grade
    left join {{ source('policy', 'code_group') }} as lesser
        on lesser.map = 'disability_grade' and lesser.member_of = 'third_or_fourth' and lesser.code = d.grade
    left join {{ source('policy', 'code_group') }} as of_mind
        on of_mind.map = 'disability_type' and of_mind.member_of = 'intellectual_or_mental' and of_mind.code = d.disability_type
    where severe.code is not null or (lesser.code is not null and of_mind.code is not null)
    group by d.period, p.hh_id
),

-- the age of the oldest member whom civil affairs pay as not able to care for himself
frail as (
    select
        a.period,
        p.hh_id,
        case
            when count(*) filter (where p.birth_date is null) = 0
                then max({{ years_between('p.birth_date', last_day_of('a.period')) }})
        end as oldest_age,
        {{ evidence_agg(['a._source', 'p._source']) }} as evidence
    from ({{ in_effect('civil_aid') }}) as a
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'care_level' and g.member_of = 'needs_care' and g.code = a.care_level
    inner join person as p on p.period = a.period and p.person_id = a.person_id
    group by a.period, p.hh_id
),

ill as (
    select
        h.period,
        p.hh_id,
        count(distinct case when h.disease_class in ('major', 'severe') then h.person_id end) as major_n,
        {{ evidence_agg(['h._source', 'p._source']) }} as evidence
    from ({{ in_effect('health_case') }}) as h
    inner join person as p on p.period = h.period and p.person_id = h.person_id
    group by h.period, p.hh_id
),

-- what members with a chronic illness paid themselves
chronic as (
    select
        m.period,
        p.hh_id,
        sum(m.self_paid_yuan) as self_paid_yuan,  -- known: as above
        {{ evidence_agg(['m._source', 'p._source', 'h.source']) }} as evidence
    from ({{ in_effect('med_settlement') }}) as m
    inner join person as p on p.period = m.period and p.person_id = m.person_id
    inner join (
        select period, person_id, min(_source) as source
        from ({{ in_effect('health_case') }})
        where disease_class = 'chronic'
        group by period, person_id
    ) as h on h.period = m.period and h.person_id = m.person_id
    group by m.period, p.hh_id
),

stays as (
    select
        m.period,
        p.hh_id,
        max(m.self_paid_yuan) as largest_yuan,
        {{ evidence_agg(['m._source', 'p._source']) }} as evidence
    from ({{ in_effect('med_settlement') }}) as m
    inner join person as p on p.period = m.period and p.person_id = m.person_id
    group by m.period, p.hh_id
),

dropouts as (
    select
        d.period,
        p.hh_id,
        case when not {{ any_of('d.school_dropout__is_compulsory is null') }} then count(*) end as out_of_school_n,
        {{ evidence_of_all(evidence_union(['d.school_dropout__evidence', evidence_one('p._source')])) }} as evidence
    from {{ ref('int_dropout') }} as d
    inner join person as p on p.period = d.period and p.person_id = d.subject
    where d.school_dropout__is_out_of_school and d.school_dropout__is_compulsory is not false
    group by d.period, p.hh_id
),

-- a household of which nobody is in the ledger of workers is known there only where nobody can work
labour as (
    select
        p.period,
        p.hh_id,
        count(e.person_id) = 0 and {{ any_of("p.labour_ability in ('full', 'skilled', 'weak')") }} as is_unlisted,
        {{ any_of('g.code is not null') }} as has_worker,
        {{ any_of('e.person_id is not null and e.stable_flag = false') }} as has_unstable_job,
        {{ any_of('e.return_date is not null and e.previous_job is not null and g.code is null') }} as has_returned_jobless,
        min({{ months_between('e.start_date', last_day_of('p.period')) }})
        filter (where e.return_date is not null and g.code is not null) as returned_job_months,
        {{ any_of('e.return_date is not null and g.code is not null') }} as has_returned_to_job,
        max({{ months_between('e.last_work_date', last_day_of('p.period')) }}) filter (where g.code is null) as idle_months,
        max(e.idle_days) filter (where g.code is null) as idle_days,
        -- who can work and does not, known where everybody's strength is and everybody who can work is in the ledger
        case
            when not {{ any_of("p.labour_ability is null or (p.labour_ability in ('full', 'skilled', 'weak') and e.person_id is null)") }}
                then count(*) filter (where p.labour_ability in ('full', 'skilled', 'weak') and g.code is null)
        end as idle_n,
        {{ evidence_agg(['e._source', 'case when e.person_id is not null then p._source end']) }} as evidence
    from person as p
    left join ({{ in_effect('employment') }}) as e on e.period = p.period and e.person_id = p.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'employment_status' and g.member_of = 'working' and g.code = e.status
    group by p.period, p.hh_id
),

industry as (
    select
        period,
        hh_id,
        true as has_one,
        {{ any_of('income_loss > 0') }} as has_loss,
        {{ any_of('unsold_qty > 0') }} as has_unsold,
        {{ any_of("unsold_qty > 0 and sales_channel <> 'none'") }} as has_unsold_with_channel,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('agri_industry') }})
    group by period, hh_id
),

-- a member who studies by the register and is on no school roll leaves it open
pupils as (
    select
        p.period,
        p.hh_id,
        count(distinct e.person_id) as students_n,
        {{ any_of('e.person_id is null and case when p.school_stage is not null then g.code is not null end') }} as is_unclear,
        {{ evidence_agg(['e._source', 'case when e.person_id is not null then p._source end']) }} as evidence
    from person as p
    left join ({{ in_effect('edu_student') }}) as e on e.period = p.period and e.person_id = p.person_id
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'school_stage' and g.member_of = 'studying' and g.code = p.school_stage
    group by p.period, p.hh_id
),

-- an allowance, or relief granted in the month
aid as (
    select
        period,
        person_id,
        _source
    from ({{ in_effect('civil_aid') }})
    union all
    select
        period,
        person_id,
        _source
    from ({{ in_effect('temp_relief') }})
),

aided as (
    select a.period, p.hh_id, {{ evidence_agg(['a._source', 'p._source']) }} as evidence, true as has_one
    from aid as a
    inner join person as p on p.period = a.period and p.person_id = a.person_id
    group by a.period, p.hh_id
),

-- how far the price of a commodity has fallen over the months that are lasting
fall as (
    select
        now.period,
        now.commodity,
        (before.price - now.price) * 100 / before.price as fall_pct,
        now._source as now_source,
        before._source as before_source
    from ({{ in_effect('price_monitor') }}) as now
    inner join {{ source('build', 'setting') }} as setting on setting.period = now.period
    inner join ({{ in_effect('price_monitor', only_built=false) }}) as before
        on before.commodity = now.commodity
        and before.grade is not distinct from now.grade
        and {{ months_between("cast(before.period || '-01' as date)", "cast(now.period || '-01' as date)") }} = setting.price_fall_months
    where before.price > 0
),

priced as (
    select
        a.period,
        a.hh_id,
        max(fall.fall_pct) as fall_pct,
        {{ any_of('a.commodity is not null and fall.fall_pct is null') }} as is_unclear,
        {{ evidence_agg(['a._source', 'fall.now_source', 'fall.before_source']) }} as evidence
    from ({{ in_effect('agri_industry') }}) as a
    left join fall on fall.period = a.period and fall.commodity = a.commodity
    group by a.period, a.hh_id
),

band as (
    {{ age_bands() }}
),

-- children whose guardians are their grandparents; grandchildren of the head in whose household nobody is the head's child
raised as (
    select
        p.period,
        p.hh_id,
        case
            when not {{ any_of('p.birth_date is null or (band.is_minor and p.guardian_type is null)') }}
                then count(*) filter (where band.is_minor and p.guardian_type = 'grandparents')
        end as by_guardian_n,
        case
            when count(*) filter (where p.relation = 'child') > 0 then 0
            when not {{ any_of("p.relation = 'grandchild' and p.birth_date is null") }}
                then count(*) filter (where band.is_minor and p.relation = 'grandchild')
        end as by_relation_n,
        {{ evidence_agg(['p._source']) }} as evidence
    from person as p
    left join band on {{ in_band('p', 'band') }}
    group by p.period, p.hh_id
),

home as (
    select
        period,
        hh_id,
        {{ degrees_of('geo', 'E') }} as east,
        {{ degrees_of('geo', 'N') }} as north
    from ({{ in_effect('hh_register') }})
),

danger as (
    select
        period,
        radius_m,
        _source,
        {{ degrees_of('geom', 'E') }} as east,
        {{ degrees_of('geom', 'N') }} as north
    from ({{ in_effect('hazard_point') }})
),

-- a point of which nobody can read the place may be the nearest one
unplaced as (
    select period, {{ any_of('east is null or north is null') }} as has_one
    from danger
    group by period
),

-- from the edge of what the nearest point threatens
near as (
    select
        home.period,
        home.hh_id,
        greatest({{ metres_between('home.east', 'home.north', 'danger.east', 'danger.north') }} - danger.radius_m, 0) as metres,
        {{ evidence_one('danger._source') }} as evidence
    from home
    inner join danger on danger.period = home.period
    where home.east is not null and home.north is not null and danger.east is not null and danger.north is not null
    qualify row_number() over (partition by home.period, home.hh_id order by metres, danger._source) = 1
),

measures as (
    select
        m.period,
        m.hh_id,
        count(*) filter (where m.due_date <= {{ last_day_of('m.period') }} and m.done_date is null) as overdue_n,
        {{ evidence_agg(['m._source']) }} as evidence
    from ({{ in_effect('support_measure') }}) as m
    group by m.period, m.hh_id
),

cases as (
    select
        period,
        hh_id,
        sum(overdue_days) as overdue_days,  -- known: a step without days is not overdue
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('case_event') }})
    group by period, hh_id
),

village_epidemic as (
    select d.period, d.village_code, {{ evidence_agg(['d._source']) }} as evidence
    from ({{ in_effect('disaster_village') }}) as d
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'disaster_type' and g.member_of = 'epidemic' and g.code = d.type
    group by d.period, d.village_code
)

select
    h.period,
    h.subject,
    h.area_code,
    h.hh_register__known,
    h.hh_register__hh_type,
    h.hh_register__is_registered,
    h.hh_register__is_monitored,
    h.hh_register__cause_main,
    h.hh_register__hh_size,
    h.hh_register__net_income_pc_yuan,
    h.hh_register__relapse_date,
    h.hh_register__evidence,
    h.relocation__known,
    h.relocation__is_relocated,
    h.relocation__evidence,
    h.customs__known,
    h.customs__issues_n,
    h.customs__evidence,
    {{ fact_columns('hh_income', 'hh_id') }},
    {{ household_fact('struck', ['disaster_event'],
        zero=['weather_n', 'earthquake_n', 'geological_n', 'wildfire_n', 'epidemic_n', 'house_fire_n', 'loss_yuan']) | indent(4) }},
    {{ household_fact('farm', ['disaster_farm'], zero=['weather_n', 'biological_n', 'loss_yuan']) | indent(4) }},
    {{ household_fact('forest', ['disaster_forest'], zero=['wildfire_n', 'biological_n', 'loss_yuan']) | indent(4) }},
    {{ household_fact('accidents', ['accident_case'], zero=['harmed_n', 'traffic_n'], flags=['crime_on_worker'],
        known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('severely_disabled', ['disability'], zero=['persons_n'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('frail', ['civil_aid'], zero=['oldest_age'],
        known='h.members__known and (frail.hh_id is null or frail.oldest_age is not null)', members=of_members)
        | indent(4) }},
    {{ household_fact('ill', ['health_case'], zero=['major_n'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('chronic', ['med_settlement', 'health_case'], zero=['self_paid_yuan'],
        known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('stays', ['med_settlement'], zero=['largest_yuan'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('dropouts', ['school_dropout'], zero=['out_of_school_n'],
        known='h.members__known and (dropouts.hh_id is null or dropouts.out_of_school_n is not null)', members=of_members) | indent(4) }},
    {{ household_fact('labour', ['employment'], zero=['idle_months', 'idle_days'],
        flags=['has_worker', 'has_unstable_job', 'has_returned_jobless', 'has_returned_to_job'], values=['returned_job_months', 'idle_n'],
        known='h.members__known and not labour.is_unlisted', members=of_members) | indent(4) }},
    {{ household_fact('industry', ['agri_industry'], flags=['has_one', 'has_loss', 'has_unsold', 'has_unsold_with_channel']) | indent(4) }},
    {{ household_fact('pupils', ['edu_student'], zero=['students_n'],
        known='h.members__known and pupils.is_unclear is false', members=of_members) | indent(4) }},
    {{ household_fact('aided', ['civil_aid', 'temp_relief'], flags=['has_one'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('priced', ['agri_industry'], zero=['fall_pct'], known='priced.hh_id is null or not priced.is_unclear') | indent(4) }},
    {{ household_fact('raised', [], values=['by_guardian_n', 'by_relation_n'], known='h.members__known', members=of_members) | indent(4) }},
    {{ household_fact('near', ['hazard_point'], values=['metres'], known='near.hh_id is not null and not unplaced.has_one') | indent(4) }},
    -- the county's average
    economy.period is not null as county__known,
    economy.stat_base_county__county_rural_income_pc as county__rural_income_pc,
    {{ evidence_or_none('economy.stat_base_county__evidence') }} as county__evidence,
    {{ household_fact('measures', ['support_measure'], zero=['overdue_n']) | indent(4) }},
    {{ household_fact('cases', ['case_event'], zero=['overdue_days']) | indent(4) }},
    -- an epidemic that its village reports
    ve.period is not null as village_epidemic__known,
    case when ve.period is not null then village_epidemic.village_code is not null end as village_epidemic__is_there,
    {{ evidence_or_none('village_epidemic.evidence') }} as village_epidemic__evidence
from household as h
{{ joined_fact('hh_income', 'hh_id', 'h.subject', 'h.period') }}
{{ household_fact_join('struck', ['disaster_event'], 'h') }}
{{ household_fact_join('farm', ['disaster_farm'], 'h') }}
{{ household_fact_join('forest', ['disaster_forest'], 'h') }}
{{ household_fact_join('accidents', ['accident_case'], 'h') }}
{{ household_fact_join('severely_disabled', ['disability'], 'h') }}
{{ household_fact_join('frail', ['civil_aid'], 'h') }}
{{ household_fact_join('ill', ['health_case'], 'h') }}
{{ household_fact_join('chronic', ['med_settlement', 'health_case'], 'h') }}
{{ household_fact_join('stays', ['med_settlement'], 'h') }}
{{ household_fact_join('dropouts', ['school_dropout'], 'h') }}
{{ household_fact_join('labour', ['employment'], 'h') }}
{{ household_fact_join('industry', ['agri_industry'], 'h') }}
{{ household_fact_join('pupils', ['edu_student'], 'h') }}
{{ household_fact_join('aided', ['civil_aid', 'temp_relief'], 'h') }}
{{ household_fact_join('priced', ['agri_industry'], 'h') }}
{{ household_fact_join('raised', [], 'h') }}
{{ household_fact_join('near', ['hazard_point'], 'h') }}
left join unplaced on unplaced.period = h.period
left join {{ ref('int_economy') }} as economy on economy.period = h.period
{{ household_fact_join('measures', ['support_measure'], 'h') }}
{{ household_fact_join('cases', ['case_event'], 'h') }}
left join ({{ covered('disaster_village') }}) as ve on ve.period = h.period and ve.village_code = h.area_code
left join village_epidemic on village_epidemic.period = h.period and village_epidemic.village_code = h.area_code
