with measure as (
    select * from {{ ref('household_measures') }}
    union all
    select * from {{ ref('risk_measures') }}
),

rule as (
    select * from {{ source('policy', 'rule') }}
)

select
    measure.period,
    measure.subject || '/' || rule.rule as subject,
    measure.subject as hh_id,
    measure.area_code,
    rule.rule as rule__rule,
    measure.value as rule__value,
    rule.threshold as rule__threshold,
    measure.value is not null as rule__known,
    {{ compare('measure.value', 'rule.comparator', 'rule.threshold') }} as rule__met,
    measure.evidence as rule__evidence
from measure
inner join rule
    on rule.measure = measure.measure
    and rule.measure_window = measure.measure_window
    and measure.period between rule.first_period and rule.last_period
inner join {{ source('policy', 'rule_hh_type') }} as t on t.rule = rule.rule and t.hh_type = measure.hh_type
