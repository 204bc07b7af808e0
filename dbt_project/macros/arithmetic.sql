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
