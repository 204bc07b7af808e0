{#- numerator / denominator × scale, rounded half up once, exactly: integers in, a decimal of four places out.
    `scale_units` = scale × 10^decimals, `rest_units` = 10^(4 − decimals). NULL when the denominator is zero. -#}
{% macro exact_ratio(numerator, denominator, scale_units, rest_units) -%}
{{ return(adapter.dispatch('exact_ratio')(numerator, denominator, scale_units, rest_units)) }}
{%- endmacro %}
{% macro duckdb__exact_ratio(numerator, denominator, scale_units, rest_units) -%}
case when {{ denominator }} > 0 then
    cast(
        (2 * cast({{ numerator }} * 10000 as hugeint) * {{ scale_units }} + cast({{ denominator }} * 10000 as hugeint))
        // (2 * cast({{ denominator }} * 10000 as hugeint))
        * {{ rest_units }} as decimal(18, 0)
    ) * cast(0.0001 as decimal(5, 4))
end
{%- endmacro %}
{% macro spark__exact_ratio(numerator, denominator, scale_units, rest_units) -%}
case when {{ denominator }} > 0 then
    cast(
        floor(
            (2 * cast({{ numerator }} * 10000 as decimal(38, 0)) * {{ scale_units }} + cast({{ denominator }} * 10000 as decimal(38, 0)))
            / (2 * cast({{ denominator }} * 10000 as decimal(38, 0)))
        ) * {{ rest_units }} as decimal(18, 0)
    ) * cast(0.0001 as decimal(5, 4))
end
{%- endmacro %}

{#- value <comparator> threshold where the comparator is data. NULL when the value is unknown. -#}
{% macro compare(value, comparator, threshold) -%}
case {{ comparator }}
    when '>' then {{ value }} > {{ threshold }}
    when '>=' then {{ value }} >= {{ threshold }}
    when '<' then {{ value }} < {{ threshold }}
    when '<=' then {{ value }} <= {{ threshold }}
    when '=' then {{ value }} = {{ threshold }}
end
{%- endmacro %}

{#- Days and dates. Whole days, months and years from one date to another; NULL where one is not known. -#}
{% macro days_between(first, last) -%}{{ return(adapter.dispatch('days_between')(first, last)) }}{%- endmacro %}
{% macro duckdb__days_between(first, last) -%}date_diff('day', {{ first }}, {{ last }}){%- endmacro %}
{% macro spark__days_between(first, last) -%}datediff({{ last }}, {{ first }}){%- endmacro %}

{% macro months_between(first, last) -%}{{ return(adapter.dispatch('months_between')(first, last)) }}{%- endmacro %}
{% macro duckdb__months_between(first, last) -%}date_sub('month', {{ first }}, {{ last }}){%- endmacro %}
{% macro spark__months_between(first, last) -%}cast(floor(months_between({{ last }}, {{ first }})) as bigint){%- endmacro %}

{% macro years_between(first, last) -%}{{ return(adapter.dispatch('years_between')(first, last)) }}{%- endmacro %}
{% macro duckdb__years_between(first, last) -%}date_sub('year', {{ first }}, {{ last }}){%- endmacro %}
{% macro spark__years_between(first, last) -%}cast(floor(months_between({{ last }}, {{ first }}) / 12) as bigint){%- endmacro %}

{#- Mondays to Fridays from one day to another, both counted; public holidays are not known here. -#}
{% macro weekdays_between(first, last) -%}
{%- set first_monday = "date_trunc('week', " ~ first ~ ")" %}
{%- set last_monday = "date_trunc('week', " ~ last ~ ")" -%}
cast(
    {{ days_between(first_monday, last_monday) }} / 7 * 5
    + least({{ days_between(last_monday, last) }}, 4) - least({{ days_between(first_monday, first) }}, 5) + 1 as integer
)
{%- endmacro %}

{#- The last day of a period, and whether a date is in it. -#}
{% macro last_day_of(period) -%}last_day(cast({{ period }} || '-01' as date)){%- endmacro %}
{% macro in_month(date, period) -%}
date_trunc('month', {{ date }}) = date_trunc('month', cast({{ period }} || '-01' as date))
{%- endmacro %}
