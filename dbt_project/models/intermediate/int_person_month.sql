with person as (
    {{ living_person() }}
),

band as (
    {{ age_bands() }}
),

-- public health services since January
health_month as (
    select b.period, c.village_code, count(distinct c.period) as months_n
    from ({{ covered('health_service') }}) as c
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'year' and c.period between b.since and b.until
    group by b.period, c.village_code
),

served as (
    select
        b.period,
        r.person_id,
        {{ any_of("r.service = 'two_cancers'") }} as has_two_cancers,
        {{ any_of("r.service = 'child_nutrition'") }} as has_nutrition,
        {{ any_of("r.service = 'newborn'") }} as has_newborn,
        {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('health_service', only_built=false) }}) as r
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'year' and r.period between b.since and b.until
    group by b.period, r.person_id
),

unserved as (
    select distinct b.period, q.person_id
    from ({{ refused('health_service', only_built=false) }}) as q
    inner join {{ source('build', 'window_start') }} as b on b.time_window = 'year' and q.period between b.since and b.until
    where q.person_id is not null
),

household as (
    select * from {{ ref('int_household_month') }}
),

refused as (
    select * from {{ ref('int_refused_household') }}
),

paid as (
    select
        period,
        person_id,
        {{ any_of("aid_type = 'tekun'") }} as is_tekun,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('civil_aid') }})
    group by period, person_id
),

visited as (
    select
        period,
        hh_id,
        count(*) as visits_n,
        {{ any_of("visit_type = 'screening'") }} as is_screened,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('visit_log') }})
    group by period, hh_id
),

course as (
    select
        p.period,
        p.person_id,
        {{ any_of('e.training_record__finished_course') }} as has_trained,
        {{ evidence_agg(['e.entry_source']) }} as evidence
    from person as p
    inner join {{ ref('int_labour_event') }} as e on e.person_id = p.person_id and e.period <= p.period
    group by p.period, p.person_id
),

help as (
    select period, subject, aid__known, aid__backstop, aid__evidence
    from {{ ref('int_household_reach') }}
)

select
    p.period,
    p.person_id as subject,
    {{ area_or_root('h.area_code') }} as area_code,
    p.hh_id,
    true as person_register__known,
    p.relation as person_register__relation,
    p.health_status as person_register__health_status,
    p.labour_ability as person_register__labour_ability,
    p.left_behind_type as person_register__left_behind_type,
    p.employment_status as person_register__employment_status,
    p.residence_status as person_register__residence_status,
    case when p.employment_status is not null then working.code is not null end as person_register__has_work,
    p.person_status as person_register__person_status,
    p.shares_budget as person_register__shares_budget,
    case
        when p.hukou_change_type is not null or not {{ cell_refused('p', 'hukou_change_type') }}
            then p.hukou_change_type is not null and p.hukou_change_type in ('split', 'merged')
    end as person_register__is_split,
    {{ months_between('p.change_date', last_day_of('p.period')) }} as person_register__months_since_change,
    {{ years_between('p.birth_date', last_day_of('p.period')) }} as person_register__age,
    p.sex as person_register__sex,
    band.code as person_register__age_band,
    band.is_screened as person_register__is_of_screened_age,
    band.is_infant as person_register__is_infant,
    substr(cast(p.birth_date as varchar), 1, 4) = substr(p.period, 1, 4) as person_register__is_born_this_year,
    {{ evidence_one('p._source') }} as person_register__evidence,
    -- the kind of its village
    place.village_code is not null as place__known,
    case
        when place.is_zhiguo then 'zhiguo'
        when place.is_small_ethnic then 'small_ethnic'
        when not place.is_zhiguo and not place.is_small_ethnic then 'other'
    end as place__focus_area,
    {{ evidence_none_or_one('place._source') }} as place__evidence,
    h.subject is not null as hh_register__known,
    h.hh_register__is_registered,
    h.hh_register__is_poor,
    h.hh_register__is_monitored,
    {{ evidence_or_none('h.hh_register__evidence') }} as hh_register__evidence,
    -- on the school roll, or in the ledger of those out of school
    schooling.in_school is not null as schooling__known,
    schooling.in_school as schooling__in_school,
    {{ evidence_or_none('schooling.evidence') }} as schooling__evidence,
    -- at a vocational school: unknown of whom no roll names, unless the register says that the person does not study
    student.person_id is not null or p.school_stage is not null and studying.code is null as vocational__known,
    case
        when student.person_id is not null then student.school_stage = 'vocational'
        when p.school_stage is not null and studying.code is null then false
    end as vocational__is_at_school,
    {{ evidence_none_or_one('student._source') }} as vocational__evidence,
    -- courses since the plan began
    c.period is not null as course__known,
    case when course.person_id is not null then course.has_trained when c.period is not null then false end as course__has_trained,
    {{ evidence_or_none('course.evidence') }} as course__evidence,
    -- public health services since January
    {%- set all_come = 'health_month.months_n = cast(substr(p.period, 6) as integer) and unserved.person_id is null' %}
    ({{ all_come }}) is true as screening__known,
    {%- for kind in ['two_cancers', 'nutrition', 'newborn'] %}
        case when {{ all_come }} then served.person_id is not null and served.has_{{ kind }} end as screening__has_{{ kind }},
    {%- endfor %}
    {{ evidence_or_none('served.evidence') }} as screening__evidence,
    help.aid__known as backstop__known,
    help.aid__backstop as backstop__paid,
    {{ evidence_or_none('help.aid__evidence') }} as backstop__evidence,
    {{ fact_columns('insurance_enrol', 'person_id') }},
    aid_area.period is not null and aid_refused.hh_id is null as paid__known,
    case when aid_area.period is not null and aid_refused.hh_id is null then paid.person_id is not null and paid.is_tekun end
        as paid__is_tekun,
    {{ evidence_or_none('paid.evidence') }} as paid__evidence,
    {{ household_fact('visited', ['visit_log'], zero=['visits_n'], flags=['is_screened']) | indent(4) }},
    {{ fact_columns('pension_enrol', 'person_id') }}
from person as p
left join household as h on h.period = p.period and h.subject = p.hh_id
left join {{ source('policy', 'code_group') }} as working
    on working.map = 'employment_status' and working.member_of = 'working' and working.code = p.employment_status
left join {{ source('policy', 'code_group') }} as studying
    on studying.map = 'school_stage' and studying.member_of = 'studying' and studying.code = p.school_stage
left join band on {{ in_band('p', 'band') }}
left join ({{ in_effect('village_register') }}) as place on place.period = p.period and place.village_code = h.area_code
left join health_month on health_month.period = p.period and health_month.village_code = h.area_code
left join served on served.period = p.period and served.person_id = p.person_id
left join unserved on unserved.period = p.period and unserved.person_id = p.person_id
left join help on help.period = p.period and help.subject = p.hh_id
{{ joined_fact('insurance_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
{{ joined_fact('pension_enrol', 'person_id', 'p.person_id', 'p.period', latest='year') }}
left join paid on paid.period = p.period and paid.person_id = p.person_id
left join ({{ covered('civil_aid') }}) as aid_area on aid_area.period = p.period and aid_area.village_code = h.area_code
left join refused as aid_refused on aid_refused.extract = 'civil_aid' and aid_refused.period = p.period and aid_refused.hh_id = p.hh_id
{{ household_fact_join('visited', ['visit_log'], 'h') }}
left join ({{ in_effect('edu_student') }}) as student on student.period = p.period and student.person_id = p.person_id
left join {{ ref('int_schooling') }} as schooling on schooling.period = p.period and schooling.person_id = p.person_id
left join course on course.period = p.period and course.person_id = p.person_id
left join {{ source('build', 'plan_coverage') }} as c
    on c.extract = 'training_record' and c.period = p.period and c.village_code = h.area_code
