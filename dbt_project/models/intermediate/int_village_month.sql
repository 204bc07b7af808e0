with village as (
    select b.period, a.code as village_code
    from {{ source('policy', 'area') }} as a
    cross join {{ source('build', 'period') }} as b
    where a.is_lowest
),

kindergartens as (
    select s.period, s.village_code, {{ evidence_agg(['s._source']) }} as evidence
    from ({{ in_effect('school_facility') }}) as s
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'school_kind' and g.member_of = 'kindergarten' and g.code = s.school_type
    where s.village_code is not null
    group by s.period, s.village_code
),

clinics as (
    select
        f.period,
        f.village_code,
        {{ any_of('f.is_standard_clinic') }} as has_standard,
        {{ evidence_agg(['f._source']) }} as evidence
    from ({{ in_effect('health_facility') }}) as f
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'health_facility_kind' and g.member_of = 'clinic' and g.code = f.facility_type
    where f.village_code is not null
    group by f.period, f.village_code
),

secretaries as (
    select s.period, s.village_code, {{ evidence_agg(['s._source']) }} as evidence
    from ({{ in_effect('cadre_post') }}) as s
    inner join {{ source('policy', 'code_group') }} as g
        on g.map = 'cadre_role' and g.member_of = 'first_secretary' and g.code = s.role
    where s.village_code is not null and s.end_date is null
    group by s.period, s.village_code
),

leaders as (
    select
        l.period,
        l.village_code,
        case when not {{ any_of(cell_refused('l', 'trained_date')) }} then count(l.trained_date) end as trained_n,
        {{ evidence_agg(['l._source']) }} as evidence
    from ({{ in_effect('leader_register') }}) as l
    group by l.period, l.village_code
),

poor as (
    select period, village_code, count(*) as households_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ registered_household() }})
    where is_registered and is_poor
    group by period, village_code
),

projects as (
    select period, village_code, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('project_library') }})
    where village_code is not null
    group by period, village_code
),

-- since January
payments as (
    select b.period, r.village_code, {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('fund_voucher', only_built=false) }}) as r
    inner join {{ source('build', 'period') }} as b on r.period between substr(b.period, 1, 4) || '-01' and b.period
    where r.village_code is not null
    group by b.period, r.village_code
),

payment_months as (
    select b.period, c.village_code, count(distinct c.period) as months_n
    from ({{ covered('fund_voucher') }}) as c
    inner join {{ source('build', 'period') }} as b on c.period between substr(b.period, 1, 4) || '-01' and b.period
    group by b.period, c.village_code
),

reserves as (
    select
        s.period,
        s.village_code,
        count(*) filter (where {{ years_between('s.birth_date', last_day_of('s.period')) }} <= setting.reserve_talent_age) as young_n,
        {{ evidence_agg(['s._source']) }} as evidence
    from ({{ in_effect('cadre_post') }}) as s
    inner join {{ source('build', 'setting') }} as setting on setting.period = s.period
    where s.role = 'reserve' and s.village_code is not null and s.end_date is null
    group by s.period, s.village_code
),

at_risk as (
    select
        r.period,
        r.village_code,
        count(distinct r.hh_id) as households_n,
        {{ evidence_agg(['r._source']) }} as evidence
    from ({{ in_effect('risk_record') }}) as r
    inner join {{ source('policy', 'code_group') }} as g on g.map = 'risk_status' and g.member_of = 'open' and g.code = r.status
    group by r.period, r.village_code
),

struck as (
    select period, village_code, count(distinct hh_id) as households_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('disaster_event') }})
    where village_code is not null
    group by period, village_code
),

households as (
    select period, village_code, count(*) as households_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('hh_register') }})
    group by period, village_code
),

criteria as (
    select
        period,
        village_code,
        count(distinct criterion_no) filter (where passed) as passed_n,
        {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('village_exit_check') }})
    group by period, village_code
),

screened as (
    select period, village_code, count(*) as visits_n, {{ evidence_agg(['_source']) }} as evidence
    from ({{ in_effect('visit_log') }})
    where visit_type = 'screening'
    group by period, village_code
)

select
    v.period,
    v.village_code as subject,
    v.village_code as area_code,
    -- the villages' own register
    {{ fact_columns('village_register', 'village_code', asked=['village_rules_date', 'paired_org', 'distribution_rule_date']) }},
    case
        when village_register_row.exit_date is not null
            then village_register_row.exit_date < cast(v.period || '-01' as date) + interval 1 month
        when village_register_row.village_code is not null and not {{ cell_refused('village_register_row', 'exit_date') }} then false
    end as village_register__is_exited,
    -- what each department says of it
    {{ fact_columns('village_road', 'village_code') }},
    {{ fact_columns('village_power', 'village_code') }},
    {{ fact_columns('village_network', 'village_code') }},
    {{ fact_columns('village_service', 'village_code') }},
    {{ fact_columns('village_sanitation', 'village_code') }},
    {{ fact_columns('village_industry', 'village_code', asked=['leading_product']) }},
    {{ fact_columns('village_finance', 'village_code') }},
    finance_before.village_code is not null as finance_before__known,
    finance_before.operating_income as finance_before__operating_income,
    {{ evidence_none_or_one('finance_before._source') }} as finance_before__evidence,
    -- the criteria of exit that it was found to meet; unknown where nobody held it against them
    criteria.village_code is not null as exit_check__known,
    criteria.passed_n as exit_check__passed_n,
    {{ evidence_or_none('criteria.evidence') }} as exit_check__evidence,
    -- how many of these services it has
    village_road_row.hard_road is not null
    and village_road_row.bus_service is not null
    and village_power_row.power_3phase is not null
    and village_network_row.broadband is not null
    and village_service_row.culture_centre is not null
    and village_service_row.ecommerce_station is not null as services__known,
    cast(village_road_row.hard_road as integer)
    + cast(village_road_row.bus_service as integer)
    + cast(village_power_row.power_3phase as integer)
    + cast(village_network_row.broadband as integer)
    + cast(village_service_row.culture_centre as integer)
    + cast(village_service_row.ecommerce_station as integer) as services__had_n,
    6 as services__asked_n,
    {{ evidence_union([
        evidence_none_or_one('village_road_row._source'), evidence_none_or_one('village_power_row._source'),
        evidence_none_or_one('village_network_row._source'), evidence_none_or_one('village_service_row._source')
    ]) }} as services__evidence,
    -- its schools and clinics: lists of all there are
    kindergarten_area.period is not null as kindergarten__known,
    case when kindergarten_area.period is not null then kindergartens.village_code is not null end as kindergarten__has_one,
    {{ evidence_or_none('kindergartens.evidence') }} as kindergarten__evidence,
    clinic_area.period is not null as clinic__known,
    case when clinics.village_code is not null then clinics.has_standard when clinic_area.period is not null then false end
        as clinic__has_standard,
    {{ evidence_or_none('clinics.evidence') }} as clinic__evidence,
    -- who is posted to it
    secretary_area.period is not null as secretary__known,
    case when secretary_area.period is not null then secretaries.village_code is not null end as secretary__has_one,
    {{ evidence_or_none('secretaries.evidence') }} as secretary__evidence,
    -- leaders in getting rich: a list of all there are
    leaders_area.period is not null as leaders__known,
    case when leaders.village_code is not null then leaders.trained_n when leaders_area.period is not null then 0 end as leaders__trained_n,
    {{ evidence_or_none('leaders.evidence') }} as leaders__evidence,
    -- its households not yet out of poverty
    register_area.period is not null as poor__known,
    {{ zero_if_silent('register_area.period is not null', 'poor.households_n') }} as poor__households_n,
    {{ evidence_or_none('poor.evidence') }} as poor__evidence,
    -- projects in it, and payments for it since January
    projects.village_code is not null as project__known,
    case when projects.village_code is not null then true end as project__has_one,
    {{ evidence_or_none('projects.evidence') }} as project__evidence,
    payments.village_code is not null or payment_months.months_n = cast(substr(v.period, 6, 2) as integer) as payment__known,
    case
        when payments.village_code is not null then true
        when payment_months.months_n = cast(substr(v.period, 6, 2) as integer) then false
    end as payment__has_one,
    {{ evidence_or_none('payments.evidence') }} as payment__evidence,
    secretary_area.period is not null as reserve__known,
    {{ zero_if_silent('secretary_area.period is not null', 'reserves.young_n') }} as reserve__young_n,
    {{ evidence_or_none('reserves.evidence') }} as reserve__evidence,
    -- households at risk, struck by disasters, and all of them; visits to screen them
    at_risk_area.period is not null as at_risk__known,
    {{ zero_if_silent('at_risk_area.period is not null', 'at_risk.households_n') }} as at_risk__households_n,
    {{ evidence_or_none('at_risk.evidence') }} as at_risk__evidence,
    struck_area.period is not null as struck__known,
    {{ zero_if_silent('struck_area.period is not null', 'struck.households_n') }} as struck__households_n,
    {{ evidence_or_none('struck.evidence') }} as struck__evidence,
    register_area.period is not null as households__known,
    {{ zero_if_silent('register_area.period is not null', 'households.households_n') }} as households__households_n,
    {{ evidence_or_none('households.evidence') }} as households__evidence,
    screened_area.period is not null as screened__known,
    {{ zero_if_silent('screened_area.period is not null', 'screened.visits_n') }} as screened__visits_n,
    {{ evidence_or_none('screened.evidence') }} as screened__evidence
from village as v
{{ joined_fact('village_register', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_road', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_power', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_network', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_service', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_sanitation', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_industry', 'village_code', 'v.village_code', 'v.period') }}
{{ joined_fact('village_finance', 'village_code', 'v.village_code', 'v.period', latest='year') }}
left join {{ source('build', 'window_start') }} as ago on ago.time_window = 'year_ago' and ago.period = v.period
left join (
    {{ in_effect('village_finance', year_ago=true) }}
    qualify row_number() over (partition by e.period, r.village_code order by r.year desc, r._source asc) = 1
) as finance_before on finance_before.period = ago.since and finance_before.village_code = v.village_code
left join criteria on criteria.period = v.period and criteria.village_code = v.village_code
left join ({{ covered('school_facility') }}) as kindergarten_area
    on kindergarten_area.period = v.period and kindergarten_area.village_code = v.village_code
left join kindergartens on kindergartens.period = v.period and kindergartens.village_code = v.village_code
left join ({{ covered('health_facility') }}) as clinic_area
    on clinic_area.period = v.period and clinic_area.village_code = v.village_code
left join clinics on clinics.period = v.period and clinics.village_code = v.village_code
left join ({{ covered('cadre_post') }}) as secretary_area
    on secretary_area.period = v.period and secretary_area.village_code = v.village_code
left join secretaries on secretaries.period = v.period and secretaries.village_code = v.village_code
left join ({{ covered('leader_register') }}) as leaders_area
    on leaders_area.period = v.period and leaders_area.village_code = v.village_code
left join leaders on leaders.period = v.period and leaders.village_code = v.village_code
left join ({{ covered('hh_register') }}) as register_area on register_area.period = v.period and register_area.village_code = v.village_code
left join poor on poor.period = v.period and poor.village_code = v.village_code
left join projects on projects.period = v.period and projects.village_code = v.village_code
left join payments on payments.period = v.period and payments.village_code = v.village_code
left join payment_months on payment_months.period = v.period and payment_months.village_code = v.village_code
left join reserves on reserves.period = v.period and reserves.village_code = v.village_code
left join ({{ covered('risk_record') }}) as at_risk_area on at_risk_area.period = v.period and at_risk_area.village_code = v.village_code
left join at_risk on at_risk.period = v.period and at_risk.village_code = v.village_code
left join ({{ covered('disaster_event') }}) as struck_area on struck_area.period = v.period and struck_area.village_code = v.village_code
left join struck on struck.period = v.period and struck.village_code = v.village_code
left join households on households.period = v.period and households.village_code = v.village_code
left join ({{ covered('visit_log') }}) as screened_area on screened_area.period = v.period and screened_area.village_code = v.village_code
left join screened on screened.period = v.period and screened.village_code = v.village_code
