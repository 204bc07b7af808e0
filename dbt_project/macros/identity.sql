{#- The columns of int_identity, from a row `t` of what the entry is made of. -#}
{% macro identity_entry(
    list, extract="'person_register'", submission='null', source='t.source', other_source='null', person_id='t.person_id', hh_id='t.hh_id',
    other_hh_id='null'
) %}
select
        {{ list }} as list,
        t.period,
        {{ extract }} as extract,
        {{ submission }} as submission,
        {{ source }} as source,
        {{ other_source }} as other_source,
        {{ person_id }} as person_id,
        {{ hh_id }} as hh_id,
        {{ other_hh_id }} as other_hh_id
{%- endmacro %}
