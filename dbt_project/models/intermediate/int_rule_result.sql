with measure as (
    select * from {{ ref('household_measures') }}
    union all
    select * from {{ ref('risk_measures') }}
),

rule as (
    select * from {{ source('policy', 'rule') }}
),

asked as (
    select
        measure.period,
        measure.subject,
        measure.area_code,
        measure.hh_type,
        rule.rule,
        rule.comparator,
        rule.threshold,
        measure.value,
        measure.evidence
    from measure
    inner join rule
        on rule.measure = measure.measure
        and rule.measure_window = measure.measure_window
        and measure.period between rule.first_period and rule.last_period
    union all
    -- months added up over the wider window of a rule; a month that is missing or unknown leaves the sum unknown
    select
        added.period,
        measure.subject,
        max_by(measure.area_code, measure.period) as area_code,
        max_by(measure.hh_type, measure.period) as hh_type,
        rule.rule,
        rule.comparator,
        rule.threshold,
        case
            when count(measure.value) = {{ months_counted('min(added.since)', 'min(added.until)') }}
                then sum(measure.value)  -- known: every month is
        end as value,
        {{ evidence_of_all('measure.evidence') }} as evidence
    from measure
    inner join rule on rule.measure = measure.measure and rule.measure_window <> measure.measure_window
    inner join {{ source('build', 'window_start') }} as added
        on added.time_window = rule.measure_window
        and measure.period between added.since and added.until
        and added.period between rule.first_period and rule.last_period
    group by added.period, measure.subject, rule.rule, rule.comparator, rule.threshold
    having max(measure.period) = added.period   -- of households of the month itself
)

select
    asked.period,
    asked.subject || '/' || asked.rule as subject,
    asked.subject as hh_id,
    asked.area_code,
    asked.rule as rule__rule,
    asked.value as rule__value,
    asked.threshold as rule__threshold,
    asked.value is not null as rule__known,
    {{ compare('asked.value', 'asked.comparator', 'asked.threshold') }} as rule__met,
    asked.evidence as rule__evidence
from asked
inner join {{ source('policy', 'rule_hh_type') }} as t on t.rule = asked.rule and t.hh_type = asked.hh_type
