with contribution as (
    {% for topic in [
        'poverty', 'measures', 'upkeep', 'persons', 'living', 'services', 'printed', 'care', 'patients', 'aid', 'labour',
        'posts', 'pupils', 'dropouts', 'schools', 'villages', 'sanitation', 'townships', 'projects', 'funds', 'budgets',
        'debts', 'loans', 'inspections', 'tourism', 'work', 'firms', 'leaders', 'coops', 'demonstrations', 'duties', 'warnings',
        'linkage', 'flows', 'person_flows', 'causes', 'income', 'dwellings', 'land', 'vouchers', 'meetings', 'documents',
        'tasks', 'cadres', 'league', 'signals', 'prices', 'industry_risks', 'industries', 'donations', 'purchases', 'policies',
        'pairings', 'appraisals', 'reports', 'honours', 'sites', 'disabled', 'children', 'relief', 'notices', 'assets',
        'asset_shares', 'counties', 'economy', 'health_services', 'lessons', 'village_economy', 'livelihoods',
        'town_populations', 'income_uses', 'focus_villages', 'facilities', 'exit_checks', 'supports', 'risks',
        'department_warnings', 'case_steps', 'visits', 'helped', 'applications', 'case_files', 'consents', 'surveys',
        'platform', 'platform_departments', 'organisations', 'resettled', 'disasters', 'monitored', 'exclusions', 'procedures',
        'sales', 'hazards', 'water_groups', 'water_supply', 'water_tests', 'credit_demand', 'income_growth', 'lines',
        'public_services', 'people', 'accesses', 'access_departments', 'fund_stages', 'cases', 'struck_households',
        'weak_points', 'fund_balances', 'guarantees'
    ] %}
        select
            indicator,
            breakdown,
            period,
            area_code,
            numerator
        from {{ ref(topic) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

lowest as (
    select
        indicator,
        breakdown,
        period,
        area_code,
        sum(numerator) as numerator,
        count(numerator) as contributions,
        count(*) - count(numerator) as unknown
    from contribution
    group by indicator, breakdown, period, area_code
),

windowed as (
    select l.*, l.period as built
    from lowest as l
    inner join {{ source('build', 'indicator') }} as i on i.indicator = l.indicator and i.time_window = 'month'
    union all
    select l.*, b.period as built
    from lowest as l
    inner join {{ source('build', 'indicator') }} as i on i.indicator = l.indicator and i.time_window <> 'month'
    inner join {{ source('build', 'window_start') }} as b on b.time_window = i.time_window and l.period between b.since and b.until
),

rolled as (
    select
        w.indicator,
        w.breakdown,
        w.built as period,
        c.ancestor as area,
        sum(w.numerator) as numerator,
        sum(w.contributions) as contributions,
        sum(w.unknown) as unknown
    from windowed as w
    inner join {{ source('policy', 'area_closure') }} as c on c.descendant = w.area_code
    group by w.indicator, w.breakdown, w.built, c.ancestor
),

frame as (
    select f.period, f.indicator, f.breakdown, a.code as area
    from {{ source('build', 'frame') }} as f
    inner join {{ source('policy', 'area') }} as a on not f.root_only or a.parent is null
),

additive as (
    select
        frame.period,
        frame.indicator,
        frame.area,
        frame.breakdown,
        -- the frame lists every figure there must be: no contribution adds up to zero
        cast(coalesce(rolled.numerator, 0) as decimal(38, 4)) as numerator,
        cast(coalesce(rolled.unknown, 0) as bigint) as unknown,
        cast(coalesce(rolled.contributions, 0) as bigint) as contributions
    from frame
    left join rolled
        on rolled.period = frame.period
        and rolled.indicator = frame.indicator
        and rolled.area = frame.area
        and rolled.breakdown = frame.breakdown
),

derived as (
    select
        n.period,
        d.indicator,
        n.area,
        d.breakdown,
        n.numerator,
        m.numerator as denominator,
        -- growth, (n - m) / m, is n / m less one whole: what falls is rounded as what rises
        {{ exact_ratio('n.numerator', 'm.numerator', 'd.scale_units', 'd.rest_units') }}
        - case
            when not d.is_growth then 0
            when n.unknown + m.unknown = 0 then d.scale_units * d.rest_units * cast(0.0001 as decimal(5, 4))
        end
        -- what is taken off has the same places; like growth it needs all four sides whole
        - case
            when d.less_numerator_indicator = '' then 0
            when n.unknown + m.unknown + ln.unknown + lm.unknown = 0
                then {{ exact_ratio('ln.numerator', 'lm.numerator', 'd.scale_units', 'd.rest_units') }}
        end as value,
        greatest(
            n.unknown,
            m.unknown,
            case when d.less_numerator_indicator = '' then 0 else ln.unknown end,
            case when d.less_numerator_indicator = '' then 0 else lm.unknown end
        ) as unknown,
        m.contributions
    from {{ source('build', 'derived') }} as d
    inner join additive as n on n.indicator = d.numerator_indicator and n.breakdown = d.numerator_breakdown
    inner join additive as m
        on m.indicator = d.denominator_indicator
        and m.breakdown = d.denominator_breakdown
        and m.period = n.period
        and m.area = n.area
    left join additive as ln
        on ln.indicator = d.less_numerator_indicator
        and ln.breakdown = d.less_numerator_breakdown
        and ln.period = n.period
        and ln.area = n.area
    left join additive as lm
        on lm.indicator = d.less_denominator_indicator
        and lm.breakdown = d.less_denominator_breakdown
        and lm.period = n.period
        and lm.area = n.area
    where d.less_numerator_indicator = '' or (ln.area is not null and lm.area is not null)
)

select period, indicator, area, breakdown, numerator, cast(null as decimal(38, 4)) as denominator, numerator as value, unknown, contributions
from additive
union all
select period, indicator, area, breakdown, numerator, denominator, cast(value as decimal(38, 4)) as value, unknown, contributions
from derived
order by period, indicator, area, breakdown
