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

{#- How many months there are from one to another, both counted; months are text, YYYY-MM. -#}
{% macro months_counted(first, last) -%}
(cast(substr({{ last }}, 1, 4) as integer) - cast(substr({{ first }}, 1, 4) as integer)) * 12
+ cast(substr({{ last }}, 6) as integer) - cast(substr({{ first }}, 6) as integer) + 1
{%- endmacro %}

{% macro months_between(first, last) -%}{{ return(adapter.dispatch('months_between')(first, last)) }}{%- endmacro %}
{% macro duckdb__months_between(first, last) -%}date_sub('month', {{ first }}, {{ last }}){%- endmacro %}
{% macro spark__months_between(first, last) -%}cast(floor(months_between({{ last }}, {{ first }})) as bigint){%- endmacro %}

{% macro years_between(first, last) -%}{{ return(adapter.dispatch('years_between')(first, last)) }}{%- endmacro %}
{% macro duckdb__years_between(first, last) -%}date_sub('year', {{ first }}, {{ last }}){%- endmacro %}
{% macro spark__years_between(first, last) -%}cast(floor(months_between({{ last }}, {{ first }}) / 12) as bigint){%- endmacro %}

{#- How many working days there are from one day to another, the last one counted and the first one too unless `after`; NULL where
    the calendar does not know the year of one of them. -#}
{% macro working_days_between(first, last, after=false) -%}
(select max(d.working_days) from {{ source('policy', 'day') }} as d where d.day = {{ last }})
- (select max(d.working_days{{ '' if after else ' - cast(d.is_working as integer)' }}) from {{ source('policy', 'day') }} as d where d.day = {{ first }})
{%- endmacro %}

{#- The last day of a period, and whether a date is in it. -#}
{% macro last_day_of(period) -%}last_day(cast({{ period }} || '-01' as date)){%- endmacro %}
{% macro in_month(date, period) -%}
date_trunc('month', {{ date }}) = date_trunc('month', cast({{ period }} || '-01' as date))
{%- endmacro %}

{#- Places on earth. Degrees east ('E') or north ('N') from text as departments write it: E100°12′30″ N21°40′05″, E100.2083 N21.6681 or
    100.2083,21.6681. NULL where it is none of these. -#}
{% macro degrees_of(text, letter) -%}
{%- set whole = "regexp_extract(" ~ text ~ ", '" ~ letter ~ " *([0-9]+)°', 1)" %}
{%- set minutes = "regexp_extract(" ~ text ~ ", '" ~ letter ~ " *[0-9]+°([0-9]+)[′]', 1)" %}
{%- set seconds = "regexp_extract(" ~ text ~ ", '" ~ letter ~ " *[0-9]+°[0-9]+[′]([0-9.]+)[″]', 1)" %}
{%- set decimal = "regexp_extract(" ~ text ~ ", '" ~ letter ~ " *([0-9]+[.][0-9]+)', 1)" %}
{%- set plain = "regexp_extract(" ~ text ~ ", '^ *([0-9]+[.][0-9]+)[,，] *([0-9]+[.][0-9]+) *$', " ~ (1 if letter == 'E' else 2) ~ ")" -%}
case
    when {{ seconds }} <> ''
        then cast({{ whole }} as double) + cast({{ minutes }} as double) / 60 + cast({{ seconds }} as double) / 3600
    when {{ decimal }} <> '' then cast({{ decimal }} as double)
    when {{ plain }} <> '' then cast({{ plain }} as double)
end
{%- endmacro %}

{#- Metres between two places in one county, on a sphere with the earth's mean radius, taken as flat there; whole ones. -#}
{% macro metres_between(east, north, other_east, other_north) -%}
cast(
    round(
        radians(1) * 6371008.8 * sqrt(
            ({{ north }} - {{ other_north }}) * ({{ north }} - {{ other_north }})
            + cos(radians({{ north }})) * cos(radians({{ other_north }})) * ({{ east }} - {{ other_east }}) * ({{ east }} - {{ other_east }})
        )
    ) as decimal(18, 0)
)
{%- endmacro %}
